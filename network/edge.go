package network

import (
	"encoding/hex"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
)

// Edge is all that is said of one relation from one node to another, or one structural relation.
type Edge struct {
	// ID is stable: the relation and both ends.
	ID         string
	Relation   string
	From, To   string
	Structural bool
	// Claims by id.
	Claims     []string
	ClaimCount int
	// Disputed: some claims assert it, others deny it. Denied: none asserts it.
	Disputed, Denied bool
	// FirstSeen and LastSeen are of the claims that assert it: the earliest start, the latest end or start where that is open.
	FirstSeen, LastSeen Day
	// Reliability is that of the most reliable source that asserts it, empty where there is none.
	Reliability string
	// Tlp is the highest mark among the claims, empty where there is none.
	Tlp string
}

// Day is a date by key; Undated where there is none.
type Day int64

// Undated is the Day that is missing.
const Undated Day = undated

// String is the date as people write it, empty where it is missing.
func (d Day) String() string {
	if d == Undated {
		return ""
	}
	return string(ontology.AppendDate(nil, int64(d)))
}

// edge describes an edge.
func (n *Network) edge(number edgeNumber) Edge { return n.edgeOf(number, n.claimsOf(number)) }

// only describes an edge as if one of its claims were all.
func (n *Network) only(number edgeNumber, claim int) Edge {
	return n.edgeOf(number, n.claimsOf(number)[claim:claim+1])
}

func (n *Network) edgeOf(number edgeNumber, claims []claim) Edge {
	x := &n.edges[number]
	r := n.relation(x)
	out := Edge{
		Relation: r.Name, From: n.id(x.from), To: n.id(x.to), Structural: r.Structural, Claims: []string{}, FirstSeen: Undated, LastSeen: Undated,
	}
	out.ID = edgeID(out.Relation, out.From, out.To)
	best, mark := uint8(0), uint8(0)
	asserted, denied := 0, 0
	for _, c := range claims {
		out.Claims = append(out.Claims, hex.EncodeToString(c.id[:]))
		mark = max(mark, c.tlp)
		if n.denied(c.grade) {
			denied++
			continue
		}
		asserted++
		if best == 0 || c.reliability < best {
			best = c.reliability
		}
		if c.validFrom != undated && (out.FirstSeen == Undated || Day(c.validFrom) < out.FirstSeen) {
			out.FirstSeen = Day(c.validFrom)
		}
		last := c.validTo
		if last == undated {
			last = c.validFrom
		}
		if last != undated && (out.LastSeen == Undated || Day(last) > out.LastSeen) {
			out.LastSeen = Day(last)
		}
	}
	out.Disputed, out.Denied = asserted > 0 && denied > 0, asserted == 0 && denied > 0
	slices.Sort(out.Claims)
	out.ClaimCount = len(out.Claims)
	out.Reliability = n.Model.Claim.Property("reliability").Enum.Value(int64(best))
	out.Tlp = n.Model.Claim.Property("tlp").Enum.Value(int64(mark))
	return out
}

// edgeID is the id of an edge: its relation and both ends.
func edgeID(relation, from, to string) string { return relation + "|" + from + "|" + to }
