package analytics

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// weightedGraph is a graph whose nodes may stand for many of another.
type weightedGraph struct {
	first     []int // the neighbours of node n lie from first[n] to first[n+1]
	neighbour []int
	weight    []float64
	self      []float64 // weight within a node, counted twice
	strength  []float64 // weight of all that a node has, counted at both its ends
	total     float64   // twice the weight of all ties
	mean      float64   // of the ties
}

type weightedTie struct {
	a, b   int
	weight float64
}

func newWeightedGraph(size int, ties []weightedTie, self []float64) *weightedGraph {
	w := &weightedGraph{
		first: make([]int, size+1), neighbour: make([]int, 2*len(ties)), weight: make([]float64, 2*len(ties)), self: self, strength: slices.Clone(self),
	}
	sum := 0.0
	for _, t := range ties {
		w.first[t.a+1]++
		w.first[t.b+1]++
		w.strength[t.a] += t.weight
		w.strength[t.b] += t.weight
		sum += t.weight
	}
	for i := range size {
		w.first[i+1] += w.first[i]
		w.total += w.strength[i]
	}
	w.mean = sum / float64(max(len(ties), 1))
	next := slices.Clone(w.first)
	put := func(from, to int, weight float64) {
		w.neighbour[next[from]], w.weight[next[from]] = to, weight
		next[from]++
	}
	for _, t := range ties {
		put(t.a, t.b, t.weight)
		put(t.b, t.a, t.weight)
	}
	return w
}

func (w *weightedGraph) size() int { return len(w.strength) }

func (g Graph) weighted() *weightedGraph {
	ties := make([]weightedTie, len(g.Ties))
	for i, t := range g.Ties {
		ties[i] = weightedTie{t.A, t.B, t.Weight}
	}
	return newWeightedGraph(len(g.Nodes), ties, make([]float64, len(g.Nodes)))
}

// merged makes one node of each part; parts are numbered from 0 to count.
func (w *weightedGraph) merged(part []int, count int) *weightedGraph {
	self := make([]float64, count)
	from := make([]int, count+1) // the members of part p lie in members from from[p] to from[p+1]
	for _, p := range part {
		from[p+1]++
	}
	for p := range count {
		from[p+1] += from[p]
	}
	members, next := make([]int, len(part)), slices.Clone(from)
	for i, p := range part {
		members[next[p]] = i
		next[p]++
	}
	to := make([]float64, count) // weight from the part to each other
	var near []int
	var ties []weightedTie
	for p := range count {
		near = near[:0]
		for _, i := range members[from[p]:from[p+1]] {
			self[p] += w.self[i]
			near = w.reached(i, part, nil, to, near)
		}
		for _, q := range near {
			switch {
			case q == p:
				self[p] += to[q] // a tie within is met from both its ends
			case q > p:
				ties = append(ties, weightedTie{p, q, to[q]})
			}
			to[q] = 0
		}
	}
	return newWeightedGraph(count, ties, self)
}

// numbered numbers parts from 0, by where they are met first, and says how many there are. There are no more parts than members, and none has a number
// beyond them.
func numbered(part []int) int {
	number := make([]int, len(part))
	count := 0
	for i, p := range part {
		if number[p] == 0 {
			count++
			number[p] = count
		}
		part[i] = number[p] - 1
	}
	return count
}

// Communities are improved until nothing changes, or until mostTies ties were looked at, but fewestRounds times in any case: of large graphs the last rounds
// gain little.
const (
	mostTies     = 750_000
	fewestRounds = 5
)

// leiden finds communities by the method of V. A. Traag, L. Waltman, N. J. van Eck, From Louvain to Leiden: Guaranteeing Well-Connected Communities,
// 2019: nodes move as long as modularity grows, communities are refined, what is refined is merged, and so on, until nothing changes; then all
// again from what was found. Every community is connected. Where the context ends, it is what was found by then.
func leiden(ctx context.Context, g Graph, random *rand.Rand) Partition {
	base := g.weighted()
	found := make([]int, base.size())
	for i := range found {
		found[i] = i
	}
	if base.total == 0 {
		return split(g, found)
	}
	for range max(fewestRounds, mostTies/len(g.Ties)) {
		before := slices.Clone(found)
		w, community := base, slices.Clone(found)
		where := make([]int, base.size()) // of each node of the base, its node in w
		for i := range where {
			where[i] = i
		}
		for {
			w.move(community, random)
			communities := numbered(community)
			refined := w.refine(community, communities, random)
			count := numbered(refined)
			if communities == w.size() || count == w.size() || ctx.Err() != nil {
				break
			}
			above := make([]int, count)
			for i, r := range refined {
				above[r] = community[i]
			}
			w = w.merged(refined, count)
			for i, at := range where {
				where[i] = refined[at]
			}
			community = above
		}
		for i, at := range where {
			found[i] = community[at]
		}
		found = split(g, found)
		if slices.Equal(found, before) || ctx.Err() != nil {
			break
		}
	}
	return found
}

// nothing is what a gain must be above to be one.
const nothing = 1e-12

// move lets nodes go to the community of a neighbour, or to one of their own, as long as modularity grows: all in random order, then those whose
// neighbours have moved.
func (w *weightedGraph) move(community []int, random *rand.Rand) {
	n := w.size()
	all, members := make([]float64, n), make([]int, n) // of each community
	for i, c := range community {
		all[c] += w.strength[i]
		members[c]++
	}
	var free []int
	for c := n - 1; c >= 0; c-- {
		if members[c] == 0 {
			free = append(free, c)
		}
	}
	queue := random.Perm(n)
	waits := make([]bool, n)
	for i := range waits {
		waits[i] = true
	}
	to := make([]float64, n) // weight from the node to each community
	var near []int
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		waits[i] = false
		near = w.reached(i, community, nil, to, near[:0])
		own := community[i]
		share := w.strength[i] / w.total
		best, most := own, to[own]-(all[own]-w.strength[i])*share
		if most < -nothing && members[own] > 1 {
			best, most = free[len(free)-1], 0
		}
		for _, c := range near {
			if c != own {
				if gain := to[c] - all[c]*share; gain > most+nothing {
					best, most = c, gain
				}
			}
			to[c] = 0
		}
		if best == own {
			continue
		}
		if members[best] == 0 {
			free = free[:len(free)-1]
		}
		community[i] = best
		all[own] -= w.strength[i]
		all[best] += w.strength[i]
		members[own]--
		members[best]++
		if members[own] == 0 {
			free = append(free, own)
		}
		for at := w.first[i]; at < w.first[i+1]; at++ {
			if j := w.neighbour[at]; !waits[j] && community[j] != best {
				waits[j] = true
				queue = append(queue, j)
			}
		}
	}
}

// reached adds up the weight from a node to each part of its neighbours, those alone that are within its part of another partition where there is one,
// and lists these parts.
func (w *weightedGraph) reached(i int, part, within []int, to []float64, near []int) []int {
	for at := w.first[i]; at < w.first[i+1]; at++ {
		j := w.neighbour[at]
		if within != nil && within[j] != within[i] {
			continue
		}
		p := part[j]
		if to[p] == 0 {
			near = append(near, p)
		}
		to[p] += w.weight[at]
	}
	return near
}

// randomness is how far a node may go elsewhere than where modularity gains most, in the mean weight of a tie: as in the paper.
const randomness = 0.01

// refine finds parts of communities: nodes that are alone, and well connected to the rest of their community, join a part of it that is, by lot among those
// where modularity does not fall. So a part is connected, and what holds a community together by one node alone can come apart at the next level.
func (w *weightedGraph) refine(community []int, communities int, random *rand.Rand) []int {
	n := w.size()
	of := make([]float64, communities) // strength of each
	for i, c := range community {
		of[c] += w.strength[i]
	}
	part, strength, members := make([]int, n), slices.Clone(w.strength), make([]int, n)
	cut := make([]float64, n) // weight from each part to the rest of its community
	for i := range part {
		part[i], members[i] = i, 1
		for at := w.first[i]; at < w.first[i+1]; at++ {
			if community[w.neighbour[at]] == community[i] {
				cut[i] += w.weight[at]
			}
		}
	}
	connected := func(p, c int) bool { return cut[p] >= strength[p]*(of[c]-strength[p])/w.total-nothing }
	to := make([]float64, n)
	var near, may []int
	var gains []float64
	for _, i := range random.Perm(n) {
		c := community[i]
		if part[i] != i || members[i] > 1 || !connected(i, c) {
			continue
		}
		near = w.reached(i, part, community, to, near[:0])
		may, gains = append(may[:0], i), append(gains[:0], 0) // to stay
		for _, p := range near {
			if gain := to[p] - strength[i]*strength[p]/w.total; gain >= 0 && connected(p, c) {
				may, gains = append(may, p), append(gains, gain)
			}
		}
		if p := may[byGain(gains, randomness*w.mean, random)]; p != i {
			part[i] = p
			cut[p] += cut[i] - 2*to[p]
			strength[p] += strength[i]
			members[p]++
			members[i]--
		}
		for _, p := range near {
			to[p] = 0
		}
	}
	return part
}

// byGain draws one of some, the likelier the more it gains.
func byGain(gains []float64, unit float64, random *rand.Rand) int {
	most := slices.Max(gains)
	sum := 0.0
	for _, g := range gains {
		sum += math.Exp((g - most) / unit)
	}
	at := random.Float64() * sum
	for i, g := range gains {
		if at -= math.Exp((g - most) / unit); at < 0 {
			return i
		}
	}
	return slices.Index(gains, most)
}
