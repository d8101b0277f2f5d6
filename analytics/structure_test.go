package analytics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// TestSampledBetweennessIsBounded: of samples the bound holds for all nodes in 95 % of cases and more, and the interval of a node about as often as it
// says.
func TestSampledBetweennessIsBounded(t *testing.T) {
	within, cases, held, intervals := 0, 0, 0, 0
	for seed := range uint64(40) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 11)), 800)
		exact := analytics.Between(t.Context(), g, 0, 1)
		if len(g.Nodes) < 100 || !exact.Exact || exact.Bound != 0 {
			continue
		}
		sample := analytics.Between(t.Context(), g, len(g.Nodes)/2, seed)
		if sample.Exact || sample.Bound <= 0 {
			t.Fatalf("%+v", sample)
		}
		cases++
		worst := 0.0
		for v := range g.Nodes {
			off := math.Abs(sample.Nodes[v] - exact.Nodes[v])
			worst = max(worst, off)
			if exact.Nodes[v] > 0.01 {
				intervals++
				if off <= 1.96*sample.Deviation[v] {
					held++
				}
			}
		}
		if worst <= sample.Bound {
			within++
		}
	}
	t.Logf("%d of %d samples are within their bound; %d of %d intervals of nodes hold", within, cases, held, intervals)
	if cases < 30 || float64(within) < 0.95*float64(cases) || float64(held) < 0.93*float64(intervals) {
		t.Errorf("%d of %d samples are within their bound; %d of %d intervals hold", within, cases, held, intervals)
	}
}

// TestSmallSamplesOfBetweenness: of few starts the interval is as wide as the bound, which is no more than there can be, and what was not met is not
// said to be nothing.
func TestSmallSamplesOfBetweenness(t *testing.T) {
	for seed := range uint64(50) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 16)), 300)
		exact := analytics.Between(t.Context(), g, 0, 1)
		for _, starts := range []int{1, 2, 10, 40} {
			c := analytics.Between(t.Context(), g, starts, seed)
			if c.Exact {
				continue
			}
			if c.Bound <= 0 || c.Bound > 1 {
				t.Errorf("%d starts are bound by %v", starts, c.Bound)
			}
			for v, want := range exact.Nodes {
				e := c.Within(v)
				if e.Low < 0 || e.High > 1 || e.Low >= e.High {
					t.Fatalf("of %d starts the interval is %+v", starts, e)
				}
				if starts < 30 && (want < e.Low-1e-12 || want > e.High+1e-12) {
					t.Fatalf("%v is not in %+v of %d starts", want, e, starts)
				}
			}
		}
	}
}

// TestCommunitiesArePlanted: three sets of nodes with many ties within and few between come out, the same from every seed; each community hangs
// together.
func TestCommunitiesArePlanted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 12))
	nodes := make([]string, 60)
	var ties []analytics.Tie
	for i := range nodes {
		nodes[i] = fmt.Sprintf("group/%02d", i)
		for j := range i {
			if p := r.Float64(); i/20 == j/20 && p < 0.5 || p < 0.02 {
				ties = append(ties, analytics.Tie{A: j, B: i, Weight: 1, Layers: 1})
			}
		}
	}
	found := analytics.Communities(t.Context(), analytics.NewGraph(nodes, ties), 10, 1)
	for i := range nodes {
		if found.Partition[i] != found.Partition[i/20*20] {
			t.Errorf("%s is not with the others", nodes[i])
		}
	}
	if len(found.Stability) != 3 || found.Agreement != 1 || found.Stability[0] != 1 {
		t.Errorf("%+v", found)
	}
	for seed := range uint64(200) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 13)), 50)
		found := analytics.Communities(t.Context(), g, 3, seed)
		for c := range found.Stability {
			var members []int
			for i, of := range found.Partition {
				if of == c {
					members = append(members, i)
				}
			}
			reached := members[:1:1]
			for at := 0; at < len(reached); at++ {
				for _, x := range g.Ties {
					for _, ends := range [][2]int{{x.A, x.B}, {x.B, x.A}} {
						if ends[0] == reached[at] && slices.Contains(members, ends[1]) && !slices.Contains(reached, ends[1]) {
							reached = append(reached, ends[1])
						}
					}
				}
			}
			if len(reached) != len(members) {
				t.Fatalf("seed %d: community %d falls apart", seed, c)
			}
		}
		if single := make(analytics.Partition, len(g.Nodes)); found.Modularity < analytics.Modularity(g, single)-1e-9 {
			t.Errorf("seed %d: one community for all is better than %v", seed, found.Modularity)
		}
	}
}

// TestBrokersAndLayers compares brokers and participation with their definitions, written out.
func TestBrokersAndLayers(t *testing.T) {
	brokers := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 14))
		g := randomGraph(r, 25)
		tied := map[[2]int]uint8{}
		for _, x := range g.Ties {
			tied[[2]int{x.A, x.B}], tied[[2]int{x.B, x.A}] = x.Layers, x.Layers
		}
		markets := map[string][]string{}
		for _, id := range g.Nodes {
			for _, m := range []string{"ARMS", "COCAINE", "PEOPLE"} {
				if r.IntN(3) == 0 {
					markets[id] = append(markets[id], m)
				}
			}
		}
		got := map[string]analytics.Broker{}
		for _, b := range analytics.Broke(t.Context(), g, markets, 0).Brokers {
			got[b.Node] = b
		}
		layered := analytics.Layered(g, []string{"A", "B", "C"}, []int{0, 1, 2}, g.Nodes, 0)
		for v, id := range g.Nodes {
			pairs, all := 0, 0
			degrees := [3]float64{}
			for x := range g.Nodes {
				for layer := range degrees {
					degrees[layer] += float64(tied[[2]int{v, x}] >> layer & 1)
				}
				for y := range x {
					if tied[[2]int{v, x}] == 0 || tied[[2]int{v, y}] == 0 || markets[g.Nodes[x]] == nil || markets[g.Nodes[y]] == nil {
						continue
					}
					all++
					shares := slices.ContainsFunc(markets[g.Nodes[x]], func(m string) bool { return slices.Contains(markets[g.Nodes[y]], m) })
					if !shares && tied[[2]int{x, y}] == 0 {
						pairs++
					}
				}
			}
			b := got[id]
			if b.Pairs != pairs || pairs > 0 && (all < analytics.Fewest) != (b.Share == nil) || b.Share != nil && math.Abs(*b.Share-float64(pairs)/float64(all)) > 1e-12 {
				t.Fatalf("seed %d: %+v, want %d of %d", seed, b, pairs, all)
			}
			brokers += pairs
			sum := degrees[0] + degrees[1] + degrees[2]
			want := 0.0
			if sum > 0 {
				want = 1.5 * (1 - (degrees[0]*degrees[0]+degrees[1]*degrees[1]+degrees[2]*degrees[2])/(sum*sum))
			}
			i := slices.IndexFunc(layered.Nodes, func(n analytics.MultiplexNode) bool { return n.Node == id })
			if n := layered.Nodes[i]; math.Abs(n.Participation-want) > 1e-12 || n.Ties != int(sum) {
				t.Fatalf("seed %d: %+v, want %v of %v", seed, n, want, sum)
			}
		}
	}
	if brokers < 1000 {
		t.Errorf("only %d pairs", brokers)
	}
}

// TestPathsBeyondNumbers: in stages of four parallel nodes the number of paths multiplies by four with each, beyond what a float64 holds; the shares of
// them that lead over a node do not, and neither do those of a lone chain beside.
func TestPathsBeyondNumbers(t *testing.T) {
	const stages, wide = 600, 4
	var nodes []string
	var ties []analytics.Tie
	add := func() int {
		nodes = append(nodes, fmt.Sprintf("group/%05d", len(nodes)))
		return len(nodes) - 1
	}
	tie := func(a, b int) { ties = append(ties, analytics.Tie{A: a, B: b, Weight: 1, Layers: 1}) }
	// staged adds the stages one after the other, and gives the last hub.
	staged := func(hub int) int {
		for range stages {
			next := add()
			for range wide {
				middle := add()
				tie(hub, middle)
				tie(middle, next)
			}
			hub = next
		}
		return hub
	}
	chain := add()
	hub := staged(chain)
	for range 2 * stages {
		next := add()
		tie(chain, next)
		chain = next
	}
	tie(chain, add()) // one step farther, so that both ways meet behind the last hub
	tie(hub, len(nodes)-1)
	c := analytics.Between(t.Context(), analytics.NewGraph(nodes, ties), 0, 1)
	for i, x := range append(slices.Clone(c.Nodes), c.Ties...) {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 || x > float64(len(nodes)) {
			t.Fatalf("figure %d is %v", i, x)
		}
	}
	// Exact: all four middles of a stage are alike, and stages mirror each other from end to end of a graph without the chain.
	nodes, ties = nil, nil
	staged(add())
	c = analytics.Between(t.Context(), analytics.NewGraph(nodes, ties), 0, 1)
	n := len(nodes)
	for s := range stages {
		at := s*(wide+1) + 2
		before, after := float64(s*(wide+1)+1), float64((stages-s-1)*(wide+1)+1)
		// A middle is on a quarter of the paths between both sides, between the hubs alone of the ways that the other middles take none; two middles
		// of its stage meet over either hub.
		want := before * after / wide * 2 / float64((n-1)*(n-2))
		for m := range wide {
			if got := c.Nodes[at+m]; math.IsNaN(got) || math.Abs(got-want) > 1e-9 {
				t.Fatalf("middle %d of stage %d has %v, not %v", m, s, got, want)
			}
		}
	}
}

// TestOneRunAgreesWithNothing: with one run of the communities there is nothing that agreement could be measured by.
func TestOneRunAgreesWithNothing(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(3, 11)), 100)
	one := analytics.Describe(t.Context(), g, analytics.StructureQuestion{Rank: "TIES", Runs: 1, Seed: 1})
	two := analytics.Describe(t.Context(), g, analytics.StructureQuestion{Rank: "TIES", Runs: 2, Seed: 1})
	if len(one.Communities) == 0 || one.Agreement != nil || one.Communities[0].Stability != nil || two.Agreement == nil || two.Communities[0].Stability == nil {
		t.Errorf("%v %v", one.Agreement, two.Agreement)
	}
}
