package network_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// TestLayouts places graphs of several shapes: the same graph always the same, within the square, no two nodes at one point.
func TestLayouts(t *testing.T) {
	type pair = [2]int
	dice := rand.New(rand.NewPCG(6, 6))
	star, chain, apart, clique, random := []pair{}, []pair{}, []pair{}, []pair{}, []pair{}
	for i := range 300 {
		star, chain = append(star, pair{0, i + 1}), append(chain, pair{i, i + 1})
		if i%2 == 0 {
			apart = append(apart, pair{i, i + 1})
		}
	}
	for i := range 40 {
		for j := range i {
			clique = append(clique, pair{j, i})
		}
	}
	for range 6000 {
		if a, b := dice.IntN(2000), dice.IntN(2000); a < b {
			random = append(random, pair{a, b})
		}
	}
	for name, c := range map[string]struct {
		nodes int
		pairs []pair
	}{
		"one": {1, nil}, "two": {2, []pair{{0, 1}}}, "two that nothing joins": {2, nil}, "none joined": {700, nil}, "star": {301, star}, "chain": {301, chain},
		"pairs": {300, apart}, "clique": {40, clique}, "random": {2000, random},
	} {
		t.Run(name, func(t *testing.T) {
			lay := func(reversed bool) []network.SubgraphNode {
				r := newRecords(t)
				var of []string
				for i := range c.nodes {
					r.node(fmt.Sprintf("group/%04d", i))
					of = append(of, fmt.Sprintf("group/%04d", i))
				}
				for _, p := range c.pairs {
					r.claim("ALLIED_WITH", fmt.Sprintf("group/%04d", p[0]), fmt.Sprintf("group/%04d", p[1]))
				}
				if reversed {
					slices.Reverse(r.nodes)
					slices.Reverse(r.claims)
				}
				q := network.SubgraphQuestion{Of: of[:min(len(of), network.MaxIDs)], Selected: of[min(len(of), network.MaxIDs):], MaxNodes: 5000, MaxEdges: 20000, Layout: true}
				s, err := r.network().Subgraph(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				return s.Nodes
			}
			first, second := lay(false), lay(true)
			points := map[[2]float64]string{}
			for i, n := range first {
				x, y := *n.X, *n.Y
				if *second[i].X != x || *second[i].Y != y {
					t.Fatalf("%s lies at %v, %v and at %v, %v", n.Node, x, y, *second[i].X, *second[i].Y)
				}
				if math.IsNaN(x) || math.IsNaN(y) || x < 0 || x > 1000 || y < 0 || y > 1000 {
					t.Errorf("%s lies at %v, %v", n.Node, x, y)
				}
				if other, taken := points[[2]float64{x, y}]; taken {
					t.Errorf("%s and %s lie at %v, %v", other, n.Node, x, y)
				}
				points[[2]float64{x, y}] = n.Node
			}
			if len(first) != c.nodes {
				t.Errorf("%d nodes", len(first))
			}
		})
	}
}

// TestLayoutsPutTogetherWhatIsJoined: two cliques with one edge between them lie apart.
func TestLayoutsPutTogetherWhatIsJoined(t *testing.T) {
	r := newRecords(t)
	var of []string
	for i := range 20 {
		r.node(group(i))
		of = append(of, group(i))
		for j := range i {
			if i%2 == j%2 || i == 1 && j == 0 {
				r.claim("ALLIED_WITH", group(j), group(i))
			}
		}
	}
	s, err := r.network().Subgraph(t.Context(), network.SubgraphQuestion{Of: of, MaxNodes: 100, MaxEdges: 1000, Layout: true})
	if err != nil {
		t.Fatal(err)
	}
	var within, between []float64
	for i, a := range s.Nodes {
		for j, b := range s.Nodes[:i] {
			d := math.Hypot(*a.X-*b.X, *a.Y-*b.Y)
			if i%2 == j%2 {
				within = append(within, d)
			} else {
				between = append(between, d)
			}
		}
	}
	mean := func(all []float64) (sum float64) {
		for _, d := range all {
			sum += d / float64(len(all))
		}
		return sum
	}
	if mean(within)*1.5 > mean(between) {
		t.Errorf("%.0f within, %.0f between", mean(within), mean(between))
	}
}
