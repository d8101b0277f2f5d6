package network

import (
	"math"
	"slices"
)

// byHops finds paths in order of their length, and among those of one length in order of their nodes.
//
// Two balls grow from both sets, the smaller one first, until together they reach as far as the length in question. Within them the exact
// distance to the targets is computed for all nodes that lie on a walk of that length, and only those are then walked: the work goes with
// the paths that there are, not with the size of the network.
func (s *pathSearch) byHops() {
	forward, backward := s.ball(s.sources), s.ball(s.targets)
	var throughDistances [][]int8
	for _, at := range s.through {
		throughDistances = append(throughDistances, s.distances(at, s.q.MaxHops))
	}
	for length := 1; length <= s.q.MaxHops && len(s.found) < s.wanted; length++ {
		for forward.radius+backward.radius < length {
			grow := forward
			if backward.cost <= forward.cost {
				grow = backward
			}
			if !grow.grow() {
				return
			}
		}
		rest := s.restTo(forward, backward, length)
		if s.work.exhausted() {
			return
		}
		w := &walk{pathSearch: s, rest: rest, length: length, through: throughDistances, on: make([]node, 0, length+1)}
		for _, at := range s.sources {
			if !w.from(at, undated) {
				return
			}
		}
	}
}

// ball holds the nodes within some steps of a set.
type ball struct {
	s        *pathSearch
	at       []int8 // by node; -1 outside
	frontier []node
	nodes    []node
	radius   int
	cost     int // edges of the frontier
}

func (s *pathSearch) ball(center []node) *ball {
	b := &ball{s: s, at: slices.Repeat([]int8{-1}, len(s.n.kinds)), frontier: center, nodes: slices.Clone(center)}
	for _, at := range center {
		b.at[at] = 0
		b.cost += s.n.degree(at)
	}
	return b
}

// grow adds one step. It is false where the budget ran out.
func (b *ball) grow() bool {
	s := b.s
	var next []node
	b.radius++
	b.cost = 0
	for _, at := range b.frontier {
		if b.radius > 1 && !s.inner(at) {
			continue
		}
		if !s.work.spend(s.n.degree(at)) {
			return false
		}
		for e, other := range s.n.incident(at) {
			if b.at[other] < 0 && s.leads(e) && s.touches(other) {
				b.at[other] = int8(b.radius)
				next = append(next, other)
				b.cost += s.n.degree(other)
			}
		}
	}
	b.frontier = next
	b.nodes = append(b.nodes, next...)
	return true
}

// restTo gives the steps from a node to the nearest target, for nodes that lie on a walk of at most that length; -1 for others.
func (s *pathSearch) restTo(forward, backward *ball, length int) []int8 {
	rest := slices.Repeat([]int8{-1}, len(s.n.kinds))
	reach := min(backward.radius, length)
	var frontier []node
	for _, at := range backward.nodes {
		if int(backward.at[at]) > reach {
			break // nodes are in order of distance
		}
		rest[at] = backward.at[at]
		if int(backward.at[at]) == reach {
			frontier = append(frontier, at)
		}
	}
	for hops := reach + 1; hops <= length && len(frontier) > 0; hops++ {
		var next []node
		for _, at := range frontier {
			if hops > 1 && !s.inner(at) {
				continue
			}
			if !s.work.spend(s.n.degree(at)) {
				return rest
			}
			for e, other := range s.n.incident(at) {
				if g := forward.at[other]; g >= 0 && int(g)+hops <= length && rest[other] < 0 && s.leads(e) {
					rest[other] = int8(hops)
					next = append(next, other)
				}
			}
		}
		frontier = next
	}
	return rest
}

// walk walks all simple paths of one length.
type walk struct {
	*pathSearch
	rest    []int8
	length  int
	through [][]int8
	on      []node
}

// from goes on from a node that is reached on a day; it is false where nothing more is wanted or may be done.
func (w *walk) from(at node, arrived int32) bool {
	w.on = append(w.on, at)
	defer func() { w.on = w.on[:len(w.on)-1] }()
	done := len(w.on) - 1
	if done > 0 && w.isTarget[at] {
		if done == w.length && w.touchesAll(w.on) {
			w.found = append(w.found, foundPath{nodes: slices.Clone(w.on), cost: int64(w.length) * costUnit})
		}
		return len(w.found) < w.wanted
	}
	if done > 0 && !w.inner(at) || !w.canTouchAll(at, w.length-done) {
		return true
	}
	if !w.work.spend(w.n.degree(at)) {
		return false
	}
	left := w.length - done - 1
	last, lastDay := none, int32(math.MaxInt32)
	enter := func() bool {
		if last == none || lastDay == math.MaxInt32 {
			return true
		}
		return w.from(last, lastDay)
	}
	for e, other := range w.steps(at) {
		if other != last {
			if !enter() {
				return false
			}
			last, lastDay = none, math.MaxInt32
			if r := w.rest[other]; r < 0 || int(r) > left || slices.Contains(w.on, other) {
				continue
			}
			last = other
		}
		if w.q.Weight != Time {
			lastDay = undated
		} else if day, ok := w.n.earliest(e, arrived); ok {
			lastDay = min(lastDay, day)
		}
	}
	return enter()
}

// canTouchAll says whether the nodes that are still to be touched can be, in the steps that are left.
func (w *walk) canTouchAll(at node, left int) bool {
	for i, t := range w.through {
		if slices.Contains(w.on, w.pathSearch.through[i]) {
			continue
		}
		nearest := math.MaxInt
		for _, target := range w.targets {
			if d := t[target]; d >= 0 {
				nearest = min(nearest, int(d))
			}
		}
		if t[at] < 0 || nearest == math.MaxInt || int(t[at])+nearest > left {
			return false
		}
	}
	return true
}

// touchesAll says whether a path touches the nodes that it has to.
func (s *pathSearch) touchesAll(path []node) bool {
	for _, at := range s.through {
		if !slices.Contains(path, at) {
			return false
		}
	}
	return true
}
