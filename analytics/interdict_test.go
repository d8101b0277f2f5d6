package analytics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// randomFlows are a few routes over a few places, some with parallel branches, with operators.
func randomFlows(r *rand.Rand) analytics.Flows {
	var f analytics.Flows
	for i := range 4 + r.IntN(5) {
		f.Places = append(f.Places, fmt.Sprintf("place/%02d", i))
	}
	for i := range 1 + r.IntN(3) {
		f.Groups = append(f.Groups, fmt.Sprintf("group/%02d", i))
	}
	for i := range 1 + r.IntN(5) {
		route := analytics.FlowRoute{ID: fmt.Sprintf("route/%02d", i), Value: float64(1 + r.IntN(3))}
		at := r.IntN(len(f.Places))
		for range 1 + r.IntN(5) {
			to := r.IntN(len(f.Places))
			if to == at {
				continue
			}
			route.Legs = append(route.Legs, len(f.Legs))
			f.Legs = append(f.Legs, analytics.FlowLeg{ID: fmt.Sprintf("leg/%03d", len(f.Legs)), Route: i, From: at, To: to, Kilometres: float64(1 + r.IntN(900))})
			if r.IntN(3) > 0 {
				at = to
			}
		}
		for g := range f.Groups {
			if r.IntN(3) == 0 {
				route.Groups = append(route.Groups, g)
			}
		}
		f.Routes = append(f.Routes, route)
	}
	return f
}

// plainly computes how much is left the long way: by the transitive closure of what is open.
func plainly(f analytics.Flows, objective string, target analytics.Target, closed []string) float64 {
	is := func(t analytics.Target, id string) bool { return t == target && slices.Contains(closed, id) }
	open := func(l analytics.FlowLeg) bool {
		if is(analytics.TargetLegs, l.ID) || is(analytics.TargetPlaces, f.Places[l.From]) || is(analytics.TargetPlaces, f.Places[l.To]) {
			return false
		}
		groups := f.Routes[l.Route].Groups
		return len(groups) == 0 || slices.ContainsFunc(groups, func(g int) bool { return !is(analytics.TargetGroups, f.Groups[g]) })
	}
	closure := func(legs []analytics.FlowLeg, both bool, open func(analytics.FlowLeg) bool) [][]bool {
		n := len(f.Places)
		reach := make([][]bool, n)
		for i := range reach {
			reach[i] = make([]bool, n)
		}
		for _, l := range legs {
			if open(l) {
				reach[l.From][l.To] = true
				reach[l.To][l.From] = reach[l.To][l.From] || both
			}
		}
		for k := range n {
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		return reach
	}
	left := 0.0
	if objective == "CONNECTIVITY" {
		reach := closure(f.Legs, true, open)
		for i := range reach {
			for j := range i {
				if reach[i][j] {
					left++
				}
			}
		}
		return left
	}
	for _, route := range f.Routes {
		var legs []analytics.FlowLeg
		starts, ends := map[int]bool{}, map[int]bool{}
		for _, l := range route.Legs {
			legs = append(legs, f.Legs[l])
			starts[f.Legs[l].From], ends[f.Legs[l].To] = true, true
		}
		before := closure(legs, false, func(analytics.FlowLeg) bool { return true })
		after := closure(legs, false, open)
		all, kept := 0, 0
		for a := range starts {
			for b := range ends {
				if !ends[a] && !starts[b] && before[a][b] {
					all++
					if after[a][b] {
						kept++
					}
				}
			}
		}
		if all == 0 {
			for _, l := range legs {
				all++
				if after[l.From][l.To] {
					kept++
				}
			}
		}
		if all > 0 {
			left += route.Value * float64(kept) / float64(all)
		}
	}
	return left
}

// TestInterdictionCountsRightly: what is said to be left after each step is what a plain count gives; the greedy step takes the most that one more can
// take; the exact set is the best of all; what is broken adds up.
func TestInterdictionCountsRightly(t *testing.T) {
	displaced := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 10))
		f := randomFlows(r)
		for _, objective := range []string{"FLOW", "CONNECTIVITY"} {
			for target, ids := range map[analytics.Target][]string{analytics.TargetPlaces: f.Places, analytics.TargetGroups: f.Groups, analytics.TargetLegs: legIDs(f)} {
				k := 1 + r.IntN(3)
				q := analytics.InterdictQuestion{Remove: target, K: k, Objective: objective, Randoms: 5, Receivers: 10, Seed: seed}
				greedy := analytics.Interdict(t.Context(), f, q)
				if math.Abs(greedy.Before-plainly(f, objective, target, nil)) > 1e-9 {
					t.Fatalf("seed %d, %s: %v before, want %v", seed, objective, greedy.Before, plainly(f, objective, target, nil))
				}
				var closed []string
				last := greedy.Before
				for _, s := range greedy.Steps {
					most := -1.0
					for _, id := range ids {
						if !slices.Contains(closed, id) {
							most = max(most, last-plainly(f, objective, target, append(slices.Clone(closed), id)))
						}
					}
					closed = append(closed, s.Closed)
					left := plainly(f, objective, target, closed)
					if math.Abs(s.Left-left) > 1e-9 || math.Abs(s.Lost-most) > 1e-9 || s.Random.Low > s.Random.Value || s.Random.High > greedy.Before+1e-9 {
						t.Fatalf("seed %d, %s of %s, %v: %+v, want %v left, and %v lost", seed, objective, target, closed, s, left, most)
					}
					last = left
				}
				d := greedy.Displacement
				if math.Abs(d.Broken-d.Ended-d.Displaced-d.Stopped) > 1e-9 || objective == "FLOW" && math.Abs(d.Broken-(greedy.Before-last)) > 1e-9 {
					t.Fatalf("seed %d, %s of %s: %+v of %v", seed, objective, target, d, greedy.Before-last)
				}
				if d.Displaced > 0 {
					displaced++
				}
				q.Exact = true
				exact := analytics.Interdict(t.Context(), f, q)
				best := math.Inf(1)
				for _, set := range setsOf(ids, min(k, len(ids))) {
					best = min(best, plainly(f, objective, target, set))
				}
				if len(ids) > 0 && math.Abs(exact.Steps[len(exact.Steps)-1].Left-best) > 1e-9 {
					t.Fatalf("seed %d, %s of %s: exact leaves %v, the best set %v", seed, objective, target, exact.Steps[len(exact.Steps)-1].Left, best)
				}
			}
		}
	}
	if displaced < 25 {
		t.Errorf("something was displaced in %d cases only", displaced)
	}
}

func legIDs(f analytics.Flows) []string {
	out := []string{}
	for _, l := range f.Legs {
		out = append(out, l.ID)
	}
	return out
}

func setsOf(ids []string, k int) [][]string {
	if k == 0 {
		return [][]string{nil}
	}
	var out [][]string
	for i := range ids {
		for _, rest := range setsOf(ids[i+1:], k-1) {
			out = append(out, append([]string{ids[i]}, rest...))
		}
	}
	return out
}

// TestSetsAreFewWhereAlmostAllAreClosed: to close all but two there are as many sets as of two.
func TestSetsAreFewWhereAlmostAllAreClosed(t *testing.T) {
	for _, c := range [][3]int{{50, 48, 1225}, {50, 2, 1225}, {50, 50, 1}, {3, 9, 1}, {50, 25, analytics.MostSets + 1}} {
		if got := analytics.Sets(c[0], c[1]); got != c[2] {
			t.Errorf("%d of %d: %d sets, not %d", c[1], c[0], got, c[2])
		}
	}
}
