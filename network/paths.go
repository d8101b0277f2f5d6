package network

import (
	"context"
	"math"
	"slices"
)

// The largest sizes of a question about paths.
const (
	MaxPaths = 100
	MaxHops  = 12
)

// PathQuestion asks for the best simple paths between two sets of nodes.
type PathQuestion struct {
	// From and To are the sets, by id. A path starts at a node of the one, ends at a node of the other, and touches no further node of either.
	From, To []string
	// K is how many paths are wanted, MaxHops how long they may be.
	K, MaxHops int
	Scope
	// Through are nodes that every path touches, in any order.
	Through []string
	Weight  Weight
	// Work is how many edges may be looked at; 0 means DefaultWork.
	Work int
}

// Weight says which of two paths is better; the shorter one where they weigh the same, then the first by ids.
type Weight string

// The weights.
const (
	// Hops counts steps.
	Hops Weight = "HOPS"
	// Evidence is how unlikely it is that all steps hold, from grades and numbers of the claims that assert them.
	Evidence Weight = "EVIDENCE"
	// Distance is the length of the legs on the path, in kilometres.
	Distance Weight = "DISTANCE"
	// Time counts steps, and asks that they can have happened one after the other.
	Time Weight = "TIME"
)

// PathAnswer holds paths, the best first.
type PathAnswer struct {
	Status Completeness
	Paths  []Path
	// Explored is how many edges were looked at.
	Explored int
}

// Path is a simple path.
type Path struct {
	Hops int
	// Cost is the path's weight: steps, the negative logarithm of its likelihood, or kilometres.
	Cost  float64
	Nodes []string
	Steps []Step
}

// Step is one step of a path. Edges are all that lead along it, whichever way they point.
type Step struct {
	From, To string
	Edges    []Edge
}

// Paths answers a question about paths. The error is an *ArgumentError.
func (n *Network) Paths(ctx context.Context, q PathQuestion) (PathAnswer, error) {
	s, err := n.pathSearch(ctx, q)
	if err != nil {
		return PathAnswer{}, err
	}
	switch q.Weight {
	case Hops, Time:
		s.byHops()
	case Evidence, Distance:
		s.byWeight()
	default:
		return PathAnswer{}, refuse("weight", "there is no weight %q", q.Weight)
	}
	answer := PathAnswer{Status: Complete, Paths: []Path{}, Explored: s.work.done}
	switch {
	case s.work.exhausted():
		answer.Status = BudgetExhausted
	case len(s.found) > q.K:
		answer.Status = Truncated
	}
	for _, f := range s.found[:min(len(s.found), q.K)] {
		answer.Paths = append(answer.Paths, s.path(f))
	}
	return answer, nil
}

// pathSearch is the state of a search.
type pathSearch struct {
	*scope
	q        PathQuestion
	work     *work
	sources  []node
	targets  []node
	ends     map[node]bool // nodes of either set
	isTarget map[node]bool
	through  []node
	// wanted is one more than asked for, to know whether there is more.
	wanted int
	found  []foundPath
}

type foundPath struct {
	nodes []node
	cost  int64
}

func (n *Network) pathSearch(ctx context.Context, q PathQuestion) (*pathSearch, error) {
	if err := within("k", q.K, 1, MaxPaths); err != nil {
		return nil, err
	}
	if err := within("maxHops", q.MaxHops, 1, MaxHops); err != nil {
		return nil, err
	}
	sc, err := q.on(n)
	if err != nil {
		return nil, err
	}
	w := newWork(ctx, q.Work)
	s := &pathSearch{scope: sc, q: q, work: w, ends: map[node]bool{}, isTarget: map[node]bool{}, wanted: q.K + 1}
	for _, set := range []struct {
		argument string
		ids      []string
		nodes    *[]node
	}{{"from", q.From, &s.sources}, {"to", q.To, &s.targets}, {"through", q.Through, &s.through}} {
		if *set.nodes, err = n.given(set.argument, set.ids); err != nil {
			return nil, err
		}
		if len(set.ids) == 0 && set.argument != "through" {
			return nil, refuse(set.argument, "an empty list has no paths; name at least one node")
		}
		for _, at := range *set.nodes {
			if sc.closed[at] {
				return nil, refuse("avoid", "%s is also in %s", n.id(at), set.argument)
			}
			if set.argument != "through" && s.ends[at] {
				return nil, refuse("to", "%s is also in from; a path leads from one node to another", n.id(at))
			}
			if set.argument == "through" && s.ends[at] {
				return nil, refuse("through", "%s is an end of the paths; all of them touch it", n.id(at))
			}
		}
		for _, at := range *set.nodes {
			if set.argument == "through" {
				continue
			}
			s.ends[at] = true
			s.isTarget[at] = set.argument == "to"
		}
	}
	if len(s.through) > 5 {
		return nil, refuse("through", "at most 5 nodes, %d are given", len(s.through))
	}
	return s, nil
}

// inner says whether a path may pass through the node between its ends.
func (s *pathSearch) inner(at node) bool { return !s.ends[at] && s.passes(at) }

func (s *pathSearch) path(f foundPath) Path {
	p := Path{Hops: len(f.nodes) - 1, Cost: s.shown(f.cost), Nodes: []string{}, Steps: []Step{}}
	for i, at := range f.nodes {
		p.Nodes = append(p.Nodes, s.n.id(at))
		if i == 0 {
			continue
		}
		step := Step{From: s.n.id(f.nodes[i-1]), To: s.n.id(at)}
		for _, e := range s.n.between(f.nodes[i-1], at) {
			if s.leads(e) {
				step.Edges = append(step.Edges, s.n.edge(e))
			}
		}
		p.Steps = append(p.Steps, step)
	}
	return p
}

// earliest is the first day on which a step can be taken along an edge by who has arrived on a day; ok is false where it is too late for
// all its claims. Structural edges, and claims without dates, hold at any time.
func (n *Network) earliest(e edgeNumber, arrived int32) (day int32, ok bool) {
	if n.edges[e].flags&edgeStructural != 0 {
		return arrived, true
	}
	day = math.MaxInt32
	for _, c := range n.claimsOf(e) {
		if n.denied(c.grade) || c.validTo != undated && latest(c.validTo) < arrived {
			continue
		}
		day, ok = min(day, max(arrived, soonest(c.validFrom))), true
	}
	return day, ok
}

// soonest and latest are the days of a bound of validity, as day numbers times three; what is missing is open.
func soonest(key int32) int32 {
	if key == undated {
		return undated
	}
	return key - mod3(key)
}

func latest(key int32) int32 { return key - mod3(key) }

func mod3(key int32) int32 { return (key%3 + 3) % 3 }

// distances gives how many steps every node is from a start, at most limit, along nodes that paths may pass; -1 where it is farther.
func (s *pathSearch) distances(start node, limit int) []int8 {
	d := slices.Repeat([]int8{-1}, len(s.n.kinds))
	d[start] = 0
	frontier := []node{start}
	for hops := int8(1); int(hops) <= limit && len(frontier) > 0; hops++ {
		var next []node
		for _, at := range frontier {
			if at != start && !s.inner(at) {
				continue
			}
			if !s.work.spend(s.n.degree(at)) {
				return d
			}
			for e, other := range s.n.incident(at) {
				if d[other] < 0 && s.leads(e) && s.touches(other) {
					d[other] = hops
					next = append(next, other)
				}
			}
		}
		frontier = next
	}
	return d
}
