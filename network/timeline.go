package network

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
)

// TimelineQuestion asks what is dated about some nodes.
type TimelineQuestion struct {
	Of    []string
	Via   []string
	First int
}

// MaxTimeline is how many entries a timeline holds at most.
const MaxTimeline = 500

// Timeline holds dated statements in order: by first day, last day, then by id.
type Timeline struct {
	Status     Completeness
	TotalCount int
	Entries    []TimelineEntry
	// Undated is how many statements about the nodes have no date.
	Undated int
}

// TimelineEntry is a dated claim on a relation of one of the nodes, or a dated statement that one of them is or is joined with: an event,
// an estimate.
type TimelineEntry struct {
	// Start and End are as the source gives them; Precision is that of the coarser one.
	Start, End Day
	Precision  string
	// Subject is the node asked for.
	Subject string
	// Statement is the node that is dated itself; empty for a claim.
	Statement string
	// Edge is what the claim speaks of, with that claim alone; nil for a statement.
	Edge *Edge
}

// dated is an entry with what it is ordered by: its first and last day, then the id of the claim or statement.
type dated struct {
	TimelineEntry
	first, last int64
	id          string
	// edge and claim say which claim it is, where it is one.
	edge  edgeNumber
	claim int
}

// Timeline answers the question. The error is an *ArgumentError.
func (n *Network) Timeline(_ context.Context, q TimelineQuestion) (Timeline, error) {
	if err := within("first", q.First, 1, MaxTimeline); err != nil {
		return Timeline{}, err
	}
	of, err := n.given("of", q.Of)
	if err != nil {
		return Timeline{}, err
	}
	if len(of) == 0 {
		return Timeline{}, refuse("of", "an empty list has no timeline; name at least one node")
	}
	sc, err := Scope{Via: q.Via}.on(n)
	if err != nil {
		return Timeline{}, err
	}
	t := Timeline{Status: Complete, Entries: []TimelineEntry{}}
	var all []dated
	add := func(d dated, from, to int32) {
		if d.date(from, to) {
			all = append(all, d)
		} else {
			t.Undated++
		}
	}
	told := map[node]bool{}
	tell := func(subject, at node) {
		s, is := n.statement(at)
		if !is || told[at] {
			return
		}
		told[at] = true
		add(dated{TimelineEntry: TimelineEntry{Subject: n.id(subject), Statement: n.id(at)}, id: n.id(at)}, s.validFrom, s.validTo)
	}
	edges := map[edgeNumber]bool{}
	for _, at := range of {
		tell(at, at)
		for e, other := range n.incident(at) {
			if q.Via != nil && !sc.follows[n.edges[e].relation] {
				continue
			}
			tell(at, other)
			if edges[e] {
				continue
			}
			edges[e] = true
			for i, c := range n.claimsOf(e) {
				add(dated{TimelineEntry: TimelineEntry{Subject: n.id(at)}, id: hex.EncodeToString(c.id[:]), edge: e, claim: i}, c.validFrom, c.validTo)
			}
		}
	}
	slices.SortFunc(all, func(a, b dated) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last), cmp.Compare(a.id, b.id))
	})
	t.TotalCount = len(all)
	if t.TotalCount > q.First {
		t.Status, all = Truncated, all[:q.First]
	}
	for _, d := range all {
		if d.Statement == "" {
			edge := n.only(d.edge, d.claim)
			d.Edge = &edge
		}
		t.Entries = append(t.Entries, d.TimelineEntry)
	}
	return t, nil
}

// date gives an entry its dates; it is false where there are none.
func (d *dated) date(from, to int32) bool {
	if from == undated && to == undated {
		return false
	}
	d.Start, d.End = Day(from), Day(to)
	precision := ontology.Day
	for i, key := range []int32{from, to} {
		if key == undated {
			continue
		}
		date := ontology.DateOf(int64(key))
		precision = max(precision, date.Precision)
		if i == 0 || from == undated {
			d.first = date.First
		}
		d.last = date.Last
	}
	d.Precision = [...]string{"DAY", "MONTH", "YEAR"}[precision]
	return true
}
