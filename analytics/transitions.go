package analytics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// TransitionsAnswer is which commodity follows which.
type TransitionsAnswer struct {
	Status Completeness
	// Units is how many units have at least one transition; Unordered how many pairs of commodities of a unit have dates that claim no order.
	Units, Unordered int
	// TotalCount is how many cells of the matrix are not empty; Matrix lists those with the most units first.
	TotalCount int
	Matrix     []Transition
	Flow       Flow
	Left       Left
}

// Transition is a cell of the matrix: units that were seen with From, and then next with To.
type Transition struct {
	From, To, FromNode, ToNode string
	// Count is how many units, OfFrom how many transitions from From there are in all.
	Count, OfFrom int
	// Share is Count / OfFrom with Wilson's interval; nil where OfFrom is too small, as TooFew says.
	Share  *Effect
	TooFew string
	// Lag in days from the first sighting of the one to that of the other: median of the middles, and the least and the most that dates allow.
	Lag, LagLow, LagHigh int
	Units                []Unit
	Evidence             []Evidence
}

// Flow is for drawing: the transitions by how many commodities came before. It has no circles.
type Flow struct {
	Nodes []FlowNode
	Links []FlowLink
}

// FlowNode is a commodity at a step: 1 for what units are first seen with.
type FlowNode struct {
	ID, Commodity string
	Step, Units   int
}

// FlowLink says how many units pass from one node to another.
type FlowLink struct {
	Source, Target string
	Value          int
}

// Follow counts transitions. Of the commodities of a unit, one follows another where all days of its first sighting come after all those of the
// other's, and no third lies between: the steps of the order of intervals (P. C. Fishburn, 1970). Dates that overlap claim no order.
func Follow(ctx context.Context, h Histories, first int) TransitionsAnswer {
	answer := TransitionsAnswer{Status: Complete, Matrix: []Transition{}, Left: h.Left, Flow: Flow{Nodes: []FlowNode{}, Links: []FlowLink{}}}
	cells := map[[2]string]*cell{}
	outOf := map[string]int{}
	nodes, links := map[stepped]int{}, map[[2]stepped]int{}
	tell, seen := step(ctx, "units", len(h.Observations)), 0
	for unit, observations := range h.units {
		seen += len(observations)
		tell(seen)
		if ctx.Err() != nil {
			// Of some units alone counts and shares would be those of an order of ids.
			return TransitionsAnswer{Status: BudgetExhausted, Matrix: answer.Matrix, Left: h.Left, Flow: answer.Flow}
		}
		carried := sightings(observations)
		steps, pairs, unordered := successions(carried)
		answer.Unordered += unordered
		answer.Units += either(len(pairs) > 0)
		if len(pairs) == 0 {
			continue
		}
		for i, c := range carried {
			nodes[stepped{steps[i], c.commodity}]++
		}
		for _, p := range pairs {
			a, b := carried[p[0]], carried[p[1]]
			key := [2]string{a.commodity, b.commodity}
			x := cells[key]
			if x == nil {
				x = &cell{}
				cells[key] = x
			}
			x.units = append(x.units, unit)
			x.claims = append(append(x.claims, a.claims...), b.claims...)
			x.lags = append(x.lags, (b.first.First+b.first.Last-a.first.First-a.first.Last)/2)
			x.low = append(x.low, b.first.First-a.first.Last)
			x.high = append(x.high, b.first.Last-a.first.First)
			outOf[a.commodity]++
			links[[2]stepped{{steps[p[0]], a.commodity}, {steps[p[1]], b.commodity}}]++
		}
	}
	for key, x := range cells {
		slices.Sort(x.lags)
		t := Transition{
			From: key[0], To: key[1], FromNode: commodityNode(key[0]), ToNode: commodityNode(key[1]), Count: len(x.units), OfFrom: outOf[key[0]],
			Lag: int(x.lags[(len(x.lags)-1)/2]), LagLow: int(slices.Min(x.low)), LagHigh: int(slices.Max(x.high)), Units: []Unit{},
			Evidence: EvidenceOf(x.claims),
		}
		for _, u := range x.units {
			t.Units = append(t.Units, unitOf(u))
		}
		if t.OfFrom < Fewest {
			t.TooFew = fmt.Sprintf("%d transitions from it; a share takes %d", t.OfFrom, Fewest)
		} else {
			low, high := Wilson(t.Count, t.OfFrom)
			t.Share = &Effect{float64(t.Count) / float64(t.OfFrom), low, high}
		}
		answer.Matrix = append(answer.Matrix, t)
	}
	answer.TotalCount = len(answer.Matrix)
	answer.Matrix, answer.Status = listed(answer.Matrix, first, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	answer.Flow.fill(nodes, links)
	return answer
}

type cell struct {
	units           []string
	claims          []Claim
	lags, low, high []int64
}

type stepped struct {
	step      int
	commodity string
}

func (s stepped) id() string { return fmt.Sprintf("%d:%s", s.step, s.commodity) }

func (f *Flow) fill(nodes map[stepped]int, links map[[2]stepped]int) {
	for at, units := range nodes {
		f.Nodes = append(f.Nodes, FlowNode{at.id(), at.commodity, at.step, units})
	}
	sorted(f.Nodes, func(a, b FlowNode) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(b.Units, a.Units), cmp.Compare(a.Commodity, b.Commodity))
	})
	for ends, value := range links {
		f.Links = append(f.Links, FlowLink{ends[0].id(), ends[1].id(), value})
	}
	sorted(f.Links, func(a, b FlowLink) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
}

// sighting is when a unit was first seen with a commodity, and the claims that say so.
type sighting struct {
	commodity string
	first     Span
	claims    []Claim
}

// sightings are those of the dated commodities of one unit, in order of the commodities. Their claims are those which may be the first.
func sightings(observations []Observation) []sighting {
	var out []sighting
	for first := 0; first < len(observations); {
		last := first + 1
		for last < len(observations) && observations[last].Commodity == observations[first].Commodity {
			last++
		}
		if span, dated := firstSpan(observations[first:last]); dated {
			s := sighting{commodity: observations[first].Commodity, first: span}
			for _, o := range observations[first:last] {
				if o.Dated && o.Begin.First <= span.Last {
					s.claims = append(s.claims, o.Claim)
				}
			}
			out = append(out, s)
		}
		first = last
	}
	return out
}

// successions gives for each sighting its step, the longest chain that leads to it, and which follows which next.
func successions(all []sighting) (steps []int, pairs [][2]int, unordered int) {
	before := func(a, b int) bool { return all[a].first.Last < all[b].first.First }
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(all[a].first.First, all[b].first.First), cmp.Compare(a, b))
	})
	steps = make([]int, len(all))
	for at, b := range order {
		steps[b] = 1
		// What ends before the last beginning of all that comes before it is not next to it.
		latest := int64(math.MinInt64)
		for _, a := range order[:at] {
			if before(a, b) {
				latest = max(latest, all[a].first.First)
				steps[b] = max(steps[b], steps[a]+1)
			} else {
				unordered++
			}
		}
		for _, a := range order[:at] {
			if before(a, b) && all[a].first.Last >= latest {
				pairs = append(pairs, [2]int{a, b})
			}
		}
	}
	return steps, pairs, unordered
}

// Wilson is the interval of 95 % for a share of k in n, which stays within 0 and 1. E. B. Wilson, Probable Inference, 1927.
func Wilson(k, n int) (low, high float64) {
	const z = 1.959963984540054
	if n == 0 {
		return 0, 1
	}
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(middle-half, 0), min(middle+half, 1)
}
