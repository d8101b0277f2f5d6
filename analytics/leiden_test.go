package analytics

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// louvain is the method that Leiden mends, to compare with: nodes move, communities are merged, and so on; then all again from what was found.
func louvain(g Graph, rounds int, random *rand.Rand) Partition {
	base := g.weighted()
	found := make([]int, base.size())
	for i := range found {
		found[i] = i
	}
	for range rounds {
		w, community, where := base, slices.Clone(found), slices.Clone(found)
		for i := range where {
			where[i] = i
		}
		for {
			w.move(community, random)
			count := numbered(community)
			for i, at := range where {
				where[i] = community[at]
			}
			if count == w.size() {
				break
			}
			w = w.merged(community, count)
			community = make([]int, count)
			for i := range community {
				community[i] = i
			}
		}
		found = where
	}
	return found
}

// apart counts the communities that do not hang together.
func apart(g Graph, p Partition) int {
	parts := map[int]bool{}
	for _, part := range split(g, p) {
		parts[part] = true
	}
	return len(parts) - numbered(slices.Clone(p))
}

// drawn is a graph with sets of nodes that are tied more among themselves, more or less, some ties heavier than others.
func drawn(seed uint64) Graph {
	r := rand.New(rand.NewPCG(seed, 15))
	n := 20 + r.IntN(180)
	sets, within, between := 1+r.IntN(10), 0.05+r.Float64()/3, r.Float64()/20
	var ties []Tie
	for i := range n {
		for j := range i {
			if p := r.Float64(); i%sets == j%sets && p < within || p < between {
				weight := 1.0
				if seed%2 == 1 {
					weight = 0.1 + r.Float64()
				}
				ties = append(ties, Tie{A: j, B: i, Weight: weight})
			}
		}
	}
	return NewGraph(make([]string, n), ties)
}

// thin is a large graph with few ties, on which Louvain at times leaves communities in parts.
func thin(seed uint64) Graph {
	r := rand.New(rand.NewPCG(seed, 77))
	const n = 2000
	var ties []Tie
	for i := 1; i < n; i++ {
		for range 1 + r.IntN(2) {
			j := r.IntN(n)
			ties = append(ties, Tie{A: min(i, j), B: max(i, j), Weight: 1})
		}
	}
	return NewGraph(make([]string, n), ties)
}

// TestLeiden: on random graphs every community is connected, where Louvain leaves some in parts; none gains by being merged with another, and once stable no node by
// going elsewhere; modularity is at least that of Louvain from the same seeds, in the mean and nearly always.
func TestLeiden(t *testing.T) {
	const graphs, seeds = 200, 3
	ours, theirs, below, runs, fellApart := 0.0, 0.0, 0, 0, 0
	for at := range uint64(graphs + 20) {
		g := drawn(at)
		if at >= graphs {
			g = thin(at - graphs)
		}
		for seed := range uint64(seeds) {
			p := leiden(t.Context(), g, rand.New(rand.NewPCG(seed, 1)))
			l := louvain(g, 1+4*int(at%2), rand.New(rand.NewPCG(seed, 1)))
			q, of := Modularity(g, p), Modularity(g, l)
			ours, theirs, runs = ours+q, theirs+of, runs+1
			if q < of-1e-3 {
				below++
			}
			fellApart += apart(g, l)
			if apart(g, p) > 0 {
				t.Fatalf("graph %d, seed %d: a community falls apart", at, seed)
			}
			if gain := bestMerger(g, p); gain > 1e-9 {
				t.Errorf("graph %d, seed %d: two communities gain %v by being merged", at, seed, gain)
			}
			if gain := bestMove(g, p); gain > 1e-9 {
				t.Errorf("graph %d, seed %d: a node gains %v by going elsewhere", at, seed, gain)
			}
		}
	}
	t.Logf("mean modularity %.5f, of Louvain %.5f; %d of %d runs below; of Louvain %d communities fell apart", ours/float64(runs), theirs/float64(runs), below, runs, fellApart)
	if ours < theirs || below > runs/20 {
		t.Errorf("mean modularity %v, of Louvain %v, %d of %d runs below", ours/float64(runs), theirs/float64(runs), below, runs)
	}
	if fellApart < 3 {
		t.Errorf("Louvain left %d communities in parts: too few to compare with", fellApart)
	}
}

// bestMerger is how much modularity gains at most where two communities are made one.
func bestMerger(g Graph, p Partition) float64 {
	total, best := 0.0, 0.0
	of, between := map[int]float64{}, map[[2]int]float64{}
	for _, t := range g.Ties {
		total += 2 * t.Weight
		of[p[t.A]] += t.Weight
		of[p[t.B]] += t.Weight
		between[[2]int{min(p[t.A], p[t.B]), max(p[t.A], p[t.B])}] += t.Weight
	}
	for ends, weight := range between {
		if ends[0] != ends[1] {
			best = max(best, 2/total*(weight-of[ends[0]]*of[ends[1]]/total))
		}
	}
	return best
}

// bestMove is how much modularity gains at most where one node goes to another community.
func bestMove(g Graph, p Partition) float64 {
	total := 0.0
	strength, of := make([]float64, len(p)), make([]float64, len(p)+1)
	to := make([]map[int]float64, len(p))
	for i := range to {
		to[i] = map[int]float64{}
	}
	for _, t := range g.Ties {
		total += 2 * t.Weight
		strength[t.A] += t.Weight
		strength[t.B] += t.Weight
		to[t.A][p[t.B]] += t.Weight
		to[t.B][p[t.A]] += t.Weight
	}
	for i, c := range p {
		of[c] += strength[i]
	}
	best := 0.0
	for i, own := range p {
		stays := to[i][own] - strength[i]*(of[own]-strength[i])/total
		for c, weight := range to[i] {
			if c != own {
				best = max(best, 2/total*(weight-strength[i]*of[c]/total-stays))
			}
		}
		best = max(best, -2/total*stays)
	}
	return best
}
