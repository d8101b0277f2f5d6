package network

import (
	"container/heap"
	"math"
	"slices"
)

// Costs are whole numbers, so that sums do not depend on their order: the weight in millionths, and below it one for each step, so that of two
// paths of one weight the shorter is better.
const (
	costUnit = 1 << 8
	perUnit  = 1_000_000
)

// shown is the weight of a cost.
func (s *pathSearch) shown(cost int64) float64 {
	if s.q.Weight == Hops || s.q.Weight == Time {
		return float64(cost / costUnit)
	}
	return float64(cost/costUnit) / perUnit
}

// cost of a step from one node to another over an edge.
func (s *pathSearch) cost(e edgeNumber) int64 {
	if s.q.Weight == Evidence {
		return int64(s.n.doubts()[e])*costUnit + 1
	}
	return int64(math.Round(s.n.length(e)*perUnit))*costUnit + 1
}

// How far a grade is believed, by its rank: 1 for A or 1. The last one cannot be judged, and counts as even.
var belief = [...]float64{0.5, 0.95, 0.8, 0.6, 0.4, 0.2, 0.5}

// doubts gives the negative logarithm of each edge's likelihood, in millionths.
func (n *Network) doubts() []uint32 {
	n.doubt.once.Do(func() {
		n.doubt.edges = make([]uint32, len(n.edges))
		for e := range n.edges {
			n.doubt.edges[e] = uint32(math.Round(-math.Log(n.likelihood(edgeNumber(e))) * perUnit))
		}
	})
	return n.doubt.edges
}

// likelihood that an edge holds, if claims are independent of each other: that not all who assert it are wrong. The likelihood that a
// claim holds is the belief in its source times that in the statement. Structural relations are taken as given.
func (n *Network) likelihood(e edgeNumber) float64 {
	if n.edges[e].flags&edgeStructural != 0 {
		return 1
	}
	wrong := 1.0
	for _, c := range n.claimsOf(e) {
		if !n.denied(c.grade) && int(c.reliability) < len(belief) && int(c.credibility) < len(belief) {
			wrong *= 1 - belief[c.reliability]*belief[c.credibility]
		}
	}
	return max(1-wrong, 1e-9)
}

// byWeight finds paths in order of their cost, and among those of one cost in order of their nodes: the beginning of a path that can become
// the cheapest is extended first. What a beginning costs to its end is known exactly, but for walks that touch a node twice.
func (s *pathSearch) byWeight() {
	rest := s.costsToTargets()
	if s.work.exhausted() {
		return
	}
	var throughDistances [][]int8
	for _, at := range s.through {
		throughDistances = append(throughDistances, s.distances(at, s.q.MaxHops))
	}
	w := &walk{pathSearch: s, through: throughDistances}
	queue := &beginnings{}
	for _, at := range s.sources {
		if least := rest[s.q.MaxHops][at]; least >= 0 {
			heap.Push(queue, &beginning{at: at, least: least})
		}
	}
	for queue.Len() > 0 && len(s.found) < s.wanted {
		b := heap.Pop(queue).(*beginning)
		if b.hops > 0 && s.isTarget[b.at] {
			if nodes := b.nodes(); s.touchesAll(nodes) {
				s.found = append(s.found, foundPath{nodes, b.cost})
			}
			continue
		}
		if b.hops > 0 && !s.inner(b.at) {
			continue
		}
		if w.on = b.nodes(); !w.canTouchAll(b.at, s.q.MaxHops-b.hops) {
			continue
		}
		if !s.work.spend(s.n.degree(b.at)) {
			return
		}
		left := s.q.MaxHops - b.hops - 1
		last, least := none, int64(0)
		extend := func() {
			if last != none {
				heap.Push(queue, &beginning{before: b, at: last, hops: b.hops + 1, cost: b.cost + least, least: b.cost + least + rest[left][last]})
			}
		}
		for e, other := range s.steps(b.at) {
			if other != last {
				extend()
				last = none
				if left < 0 || rest[left][other] < 0 || slices.Contains(w.on, other) || s.cutsShort(b, other) {
					continue
				}
				last, least = other, math.MaxInt64
			}
			least = min(least, s.cost(e))
		}
		extend()
	}
}

// cutsShort says that a step leads from leg to leg over the route of both, past the places between them: that is no way to go.
func (s *pathSearch) cutsShort(b *beginning, other node) bool {
	return s.q.Weight == Distance && b.before != nil && s.n.kind(b.at).Name == route && s.n.kind(b.before.at).Name == leg && s.n.kind(other).Name == leg
}

// beginning is the beginning of a path; least is what the whole path costs at least.
type beginning struct {
	before      *beginning
	at          node
	hops        int
	cost, least int64
}

func (b *beginning) nodes() []node {
	out := make([]node, b.hops+1)
	for i := b.hops; b != nil; i, b = i-1, b.before {
		out[i] = b.at
	}
	return out
}

// beginnings is a heap: the cheapest first, then by nodes.
type beginnings []*beginning

func (h beginnings) Len() int { return len(h) }
func (h beginnings) Less(i, j int) bool {
	if h[i].least != h[j].least {
		return h[i].least < h[j].least
	}
	return slices.Compare(h[i].nodes(), h[j].nodes()) < 0
}
func (h beginnings) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *beginnings) Push(x any)   { *h = append(*h, x.(*beginning)) }
func (h *beginnings) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// costsToTargets gives, by how many steps are left and by node, what the cheapest walk to a target costs that takes no more of them; -1 where
// there is none. Nodes that no path can reach in the steps before are left out.
func (s *pathSearch) costsToTargets() [][]int64 {
	forward := s.ball(s.sources)
	for forward.radius < s.q.MaxHops && len(forward.frontier) > 0 && forward.grow() {
	}
	rest := [][]int64{slices.Repeat([]int64{-1}, len(s.n.kinds))}
	for _, at := range s.targets {
		rest[0][at] = 0
	}
	frontier := s.targets
	for left := 1; left <= s.q.MaxHops; left++ {
		before, now := rest[left-1], slices.Clone(rest[left-1])
		var next []node
		for _, at := range frontier {
			if left > 1 && !s.inner(at) {
				continue
			}
			if !s.work.spend(s.n.degree(at)) {
				return append(rest, now)
			}
			for e, other := range s.n.incident(at) {
				g := forward.at[other]
				if g < 0 || int(g)+left > s.q.MaxHops || !s.leads(e) {
					continue
				}
				cost := before[at] + s.cost(e)
				if now[other] < 0 || cost < now[other] {
					if now[other] == before[other] {
						next = append(next, other)
					}
					now[other] = cost
				}
			}
		}
		rest, frontier = append(rest, now), next
	}
	return rest
}
