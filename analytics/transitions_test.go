package analytics_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// seenOn is a dated statement.
func seenOn(unit, commodity string, first, last int64) analytics.Observation {
	span := analytics.Span{First: first, Last: last}
	id := fmt.Sprintf("%s %s %d %d", unit, commodity, first, last)
	return analytics.Observation{
		Unit: unit, Commodity: commodity, Begin: span, End: span, Dated: true, Start: first * 3, Stop: analytics.Undated, Source: "source/" + id,
		Claim: analytics.Claim{ID: id, Relation: "CARRIES", From: unit, To: commodity},
	}
}

// TestTransitionsAreTheNearest compares with the definition, written out: one follows another, and none lies between.
func TestTransitionsAreTheNearest(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		var h analytics.Histories
		want, unordered := map[[2]string]int{}, 0
		for u := range 1 + r.IntN(6) {
			spans := map[string][2]int64{}
			for c := range r.IntN(6) {
				first := int64(r.IntN(40))
				spans[fmt.Sprint("c", c)] = [2]int64{first, first + int64(r.IntN(8))}
			}
			for c, s := range spans {
				h.Observations = append(h.Observations, seenOn(fmt.Sprint("route/", u), c, s[0], s[1]))
			}
			for a, x := range spans {
				for b, y := range spans {
					if a < b && x[1] >= y[0] && y[1] >= x[0] {
						unordered++
					}
					next := x[1] < y[0]
					for _, z := range spans {
						next = next && !(x[1] < z[0] && z[1] < y[0])
					}
					if next {
						want[[2]string{a, b}]++
					}
				}
			}
		}
		h.Sort()
		answer := analytics.Follow(t.Context(), h, 0)
		got := map[[2]string]int{}
		for _, x := range answer.Matrix {
			got[[2]string{x.From, x.To}] = x.Count
			if len(x.Units) != x.Count || len(x.Evidence) == 0 || x.LagLow < 1 || x.LagLow > x.Lag || x.Lag > x.LagHigh || (x.Share == nil) != (x.TooFew != "") {
				t.Errorf("seed %d: %+v", seed, x)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || answer.Unordered != unordered {
			t.Fatalf("seed %d: %v and %d without order, want %v and %d", seed, got, answer.Unordered, want, unordered)
		}
		flows := 0
		for _, l := range answer.Flow.Links {
			flows += l.Value
			for _, end := range []string{l.Source, l.Target} {
				if !slices.ContainsFunc(answer.Flow.Nodes, func(n analytics.FlowNode) bool { return n.ID == end }) {
					t.Errorf("seed %d: no node %s", seed, end)
				}
			}
			if l.Source[0] >= l.Target[0] {
				t.Errorf("seed %d: %s leads back to %s", seed, l.Source, l.Target)
			}
		}
		for _, n := range want {
			flows -= n
		}
		if flows != 0 {
			t.Errorf("seed %d: the flow and the matrix differ by %d", seed, flows)
		}
	}
}
