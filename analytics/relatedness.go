package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// RelatednessAnswer is how close commodities are by the units that carry both.
type RelatednessAnswer struct {
	Status Completeness
	// Units is how many carry something, TotalCount how many pairs of commodities some unit carries.
	Units, TotalCount int
	Pairs             []Related
	Left              Left
}

// Related is a pair of commodities.
type Related struct {
	A, B, ANode, BNode string
	// Both is how many units carry both, OfA and OfB how many carry each.
	Both, OfA, OfB int
	// Proximity is the smaller of the two shares of units with the one that carry the other as well, with Wilson's interval; nil where too few
	// carry them, as TooFew says.
	Proximity *Effect
	// Lift is how often they come together over how often they would if they had nothing to do with each other: 1 is chance.
	Lift     float64
	TooFew   string
	In       []Unit
	Evidence []Evidence
}

// Relate measures the proximity of commodities: C. A. Hidalgo, B. Klinger, A.-L. Barabási, R. Hausmann, The Product Space Conditions the
// Development of Nations, 2007, with units in the place of countries and carrying in the place of comparative advantage.
func Relate(ctx context.Context, h Histories, first int) RelatednessAnswer {
	answer := RelatednessAnswer{Status: Complete, Pairs: []Related{}, Left: h.Left}
	carriers := map[string]int{}
	together := map[[2]string][]string{}
	of := map[string][]Observation{}
	tell, seen := step(ctx, "units", len(h.Observations)), 0
	for unit, observations := range h.units {
		seen += len(observations)
		tell(seen)
		if ctx.Err() != nil {
			// Of some units alone counts and shares would be those of an order of ids.
			return RelatednessAnswer{Status: BudgetExhausted, Pairs: answer.Pairs, Left: h.Left}
		}
		answer.Units++
		of[unit] = observations
		carried := distinctCommodities(observations)
		for i, b := range carried {
			carriers[b]++
			for _, a := range carried[:i] {
				together[[2]string{a, b}] = append(together[[2]string{a, b}], unit)
			}
		}
	}
	for pair, units := range together {
		r := Related{
			A: pair[0], B: pair[1], ANode: commodityNode(pair[0]), BNode: commodityNode(pair[1]), Both: len(units), OfA: carriers[pair[0]], OfB: carriers[pair[1]], In: []Unit{},
		}
		r.Lift = float64(r.Both) * float64(answer.Units) / (float64(r.OfA) * float64(r.OfB))
		if of := max(r.OfA, r.OfB); of < Fewest {
			r.TooFew = fmt.Sprintf("%d units carry the more frequent; a share takes %d", of, Fewest)
		} else {
			low, high := Wilson(r.Both, of)
			r.Proximity = &Effect{float64(r.Both) / float64(of), low, high}
		}
		answer.Pairs = append(answer.Pairs, r)
	}
	answer.TotalCount = len(answer.Pairs)
	answer.Pairs, answer.Status = listed(answer.Pairs, first, func(a, b Related) int {
		return cmp.Or(cmp.Compare(b.proximity(), a.proximity()), cmp.Compare(b.Both, a.Both), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	for i := range answer.Pairs {
		r := &answer.Pairs[i]
		var claims []Claim
		for _, unit := range together[[2]string{r.A, r.B}] {
			r.In = append(r.In, unitOf(unit))
			for _, o := range of[unit] {
				if o.Commodity == r.A || o.Commodity == r.B {
					claims = append(claims, o.Claim)
				}
			}
		}
		r.Evidence = EvidenceOf(claims)
	}
	return answer
}

func (r Related) proximity() float64 {
	if r.Proximity == nil {
		return -1
	}
	return r.Proximity.Value
}

// space is the product space of numbered commodities: their proximities, and how many units carry each.
type space struct {
	proximity [][]float64
	sums      []float64
	carriers  []int
	units     int
}

// newSpace measures the space of units that carry commodities, each a set by number. It is worth nothing where the context ends before.
func newSpace(ctx context.Context, commodities int, units [][]int) *space {
	s := &space{proximity: make([][]float64, commodities), sums: make([]float64, commodities), carriers: make([]int, commodities), units: len(units)}
	for i := range s.proximity {
		s.proximity[i] = make([]float64, commodities)
	}
	for _, carried := range units {
		if ctx.Err() != nil {
			return s
		}
		for i, b := range carried {
			s.carriers[b]++
			for _, a := range carried[:i] {
				s.proximity[a][b]++
				s.proximity[b][a]++
			}
		}
	}
	for a := range s.proximity {
		for b := range s.proximity {
			if most := max(s.carriers[a], s.carriers[b]); a != b && most > 0 {
				s.proximity[a][b] /= float64(most)
				s.sums[a] += s.proximity[a][b]
			}
		}
	}
	return s
}

// density is how much of what is close to a commodity is carried: 0 to 1. What is close to nothing has none.
func (s *space) density(commodity int, carried []int) float64 {
	if s.sums[commodity] == 0 {
		return 0
	}
	near := 0.0
	for _, c := range carried {
		near += s.proximity[commodity][c]
	}
	return min(near/s.sums[commodity], 1)
}

// nearest are the carried commodities that are close to one, the closest first, at most three.
func (s *space) nearest(commodity int, carried []int) []int {
	near := slices.DeleteFunc(slices.Clone(carried), func(c int) bool { return s.proximity[commodity][c] == 0 })
	slices.SortFunc(near, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.proximity[commodity][b], s.proximity[commodity][a]), cmp.Compare(a, b))
	})
	return near[:min(len(near), 3)]
}
