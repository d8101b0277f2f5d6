// Package analytics holds the analytics of the graph: pure functions over histories and small graphs, given as values, one a file. Nothing
// here reads a store, a clock or a random source of its own. No figure is NaN or infinite; where there is too little to say anything, the
// answer says so in place of a figure. Every figure comes with the claims behind it.
package analytics

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// Observation is one statement that a unit (a route, a leg, a corridor, a group) carried or traded in a commodity.
type Observation struct {
	// Unit and Commodity are keys: ids, two ids for a corridor (see Corridor), the name of a market.
	Unit, Commodity string
	// Begin and End are the days between which it was first and last seen, by this statement. Only where Dated.
	Begin, End Span
	Dated      bool
	// Start and Stop are the dates as the source gives them, as keys; Undated where it gives none.
	Start, Stop int64
	// Source is who says so; empty where the reader may not know.
	Source string
	Amount Amount
	Claim  Claim
}

// Amount is a quantity between two bounds, in the source's own unit. One that lacks a bound is not known.
type Amount struct {
	Known     bool
	Unit      string
	Low, High float64
}

// Undated is the date key that is missing.
const Undated = -1 << 31

// Span is a day of which is known only that it is one of these, both ends included, counted from 1970-01-01.
type Span struct{ First, Last int64 }

// Claim names a claim: its id, and the relation that it speaks of.
type Claim struct{ ID, Relation, From, To string }

// Histories are what units carried, in order of unit, commodity, begin and claim.
type Histories struct {
	Observations []Observation
	// Commodities is how many there are at the level asked, carried or not.
	Commodities int
	Left        Left
}

// Left counts the claims that are not counted, by the reason. One that is left out for each of several units counts once.
type Left struct {
	// AboveLevel: about a commodity above the level asked, or outside all markets where markets are asked.
	AboveLevel int
	// Denied: the source says that it is not so.
	Denied int
	// Possible: the source says that it can be, not that it is.
	Possible int
	// Unplaced: about a leg or route that has no unit of the kind asked, as a leg whose route is hidden or whose places have no such level.
	Unplaced int
	// Reversed: the dates end before they begin; the statement counts as undated.
	Reversed int
	// Undated: no date; the statement counts where no dates are asked for, and in no window.
	Undated int
}

// Sort puts the observations in their order.
func (h *Histories) Sort() {
	slices.SortFunc(h.Observations, func(a, b Observation) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Commodity, b.Commodity), cmp.Compare(a.Begin.First, b.Begin.First), cmp.Compare(a.Claim.ID, b.Claim.ID))
	})
}

// units gives the observations of each unit in turn, in order of the units.
func (h Histories) units(yield func(unit string, observations []Observation) bool) {
	for first := 0; first < len(h.Observations); {
		last := first + 1
		for last < len(h.Observations) && h.Observations[last].Unit == h.Observations[first].Unit {
			last++
		}
		if !yield(h.Observations[first].Unit, h.Observations[first:last]) {
			return
		}
		first = last
	}
}

// Unit names a unit in an answer: its node, or the places that a corridor leads from and to. ID is for showing; what tells units apart is Key.
type Unit struct{ ID, Node, From, To string }

// Key is the key of the unit in the histories.
func (u Unit) Key() string {
	if u.Node == "" {
		return Corridor(u.From, u.To)
	}
	return u.Node
}

// Corridor is the key of a corridor.
func Corridor(from, to string) string { return from + corridorMark + to }

// corridorMark stands between the two places of a corridor's key: no id has a blank.
const corridorMark = " "

// Ends are the places of a corridor's key; is says whether it is one.
func Ends(key string) (from, to string, is bool) { return strings.Cut(key, corridorMark) }

func unitOf(key string) Unit {
	if from, to, is := Ends(key); is {
		return Unit{ID: from + ">" + to, From: from, To: to}
	}
	return Unit{ID: key, Node: key}
}

// commodityNode is the node of a commodity's key; empty for a market, which is a word of the vocabulary.
func commodityNode(key string) string {
	if slices.Contains([]byte(key), '/') {
		return key
	}
	return ""
}

// Evidence is the claims of one relation from one node to another, by id.
type Evidence struct {
	Relation, From, To string
	Claims             []string
	ClaimCount         int
	ClaimIds           []string
}

// Grounds are what figures rest on: claims, and records that say something and are no claims, by id.
type Grounds struct {
	Evidence []Evidence
	Records  []string
}

// GroundsOf puts claims and records in order.
func GroundsOf(claims []Claim, records []string) Grounds {
	records = slices.Sorted(slices.Values(records))
	if records == nil {
		records = []string{}
	}
	return Grounds{EvidenceOf(claims), slices.Compact(records)}
}

// EvidenceOf gathers claims by what they speak of, in order.
func EvidenceOf(claims []Claim) []Evidence {
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.ID, b.ID))
	})
	out := []Evidence{}
	for _, c := range slices.Compact(claims) {
		if last := len(out) - 1; last < 0 || out[last].Relation != c.Relation || out[last].From != c.From || out[last].To != c.To {
			out = append(out, Evidence{Relation: c.Relation, From: c.From, To: c.To})
		}
		e := &out[len(out)-1]
		e.Claims = append(e.Claims, c.ID)
		e.ClaimIds, e.ClaimCount = e.Claims, len(e.Claims)
	}
	return out
}

func claimsOf(observations []Observation) []Claim {
	out := make([]Claim, len(observations))
	for i, o := range observations {
		out[i] = o.Claim
	}
	return out
}

// sourcesOf counts distinct sources; a hidden one is a source of its own.
func sourcesOf(observations []Observation) int {
	seen := map[string]bool{}
	for _, o := range observations {
		seen[o.witness()] = true
	}
	return len(seen)
}

// witness tells sources apart.
func (o Observation) witness() string {
	if o.Source == "" {
		return o.Claim.ID
	}
	return o.Source
}

// dateText is a date key as people write it, empty where it is missing.
func dateText(key int64) string {
	if key == Undated {
		return ""
	}
	return string(ontology.AppendDate(nil, key))
}

// dayText is a day as people write it.
func dayText(day int64) string { return dateText(day * 3) }

// Completeness says how far an answer goes, as everywhere in the program.
type Completeness string

// The degrees of completeness.
const (
	Complete        Completeness = "COMPLETE"
	Truncated       Completeness = "TRUNCATED"
	BudgetExhausted Completeness = "BUDGET_EXHAUSTED"
)

// Operator is a group behind a unit.
type Operator struct {
	Group    string
	Evidence []Evidence
}

// OperatorsOf puts groups with their claims in order.
func OperatorsOf(claims map[string][]Claim) []Operator {
	out := []Operator{}
	for group, said := range claims {
		out = append(out, Operator{group, EvidenceOf(said)})
	}
	sorted(out, func(a, b Operator) int { return cmp.Compare(a.Group, b.Group) })
	return out
}
