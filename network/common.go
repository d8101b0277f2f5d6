package network

import (
	"cmp"
	"context"
	"slices"
)

// CommonQuestion asks for what several nodes have as a neighbour.
type CommonQuestion struct {
	// Of are at least two nodes, by id.
	Of []string
	Scope
	First int
}

// CommonAnswer holds common neighbours: those of most of the nodes first, then those with the fewest edges, since to share a hub says little.
type CommonAnswer struct {
	Status     Completeness
	TotalCount int
	Neighbours []CommonNeighbour
}

// CommonNeighbour is a neighbour of two or more of the nodes.
type CommonNeighbour struct {
	Node string
	// Of are the nodes whose neighbour it is, Edges what joins it with them.
	Of    []string
	Edges []Edge
}

// CommonNeighbours answers the question. The error is an *ArgumentError.
func (n *Network) CommonNeighbours(_ context.Context, q CommonQuestion) (CommonAnswer, error) {
	if err := within("first", q.First, 1, MaxListed); err != nil {
		return CommonAnswer{}, err
	}
	of, err := n.given("of", q.Of)
	if err != nil {
		return CommonAnswer{}, err
	}
	if len(of) < 2 || len(of) > 20 {
		return CommonAnswer{}, refuse("of", "2 to 20 different nodes, not %d", len(of))
	}
	sc, err := q.on(n)
	if err != nil {
		return CommonAnswer{}, err
	}
	shared := map[node][]node{}
	for _, at := range of {
		last := none
		for _, other := range sc.steps(at) {
			if other != last && sc.passes(other) && !slices.Contains(of, other) {
				shared[other] = append(shared[other], at)
			}
			last = other
		}
	}
	var found []node
	for at, by := range shared {
		if len(by) > 1 {
			found = append(found, at)
		}
	}
	slices.SortFunc(found, func(a, b node) int {
		return cmp.Or(cmp.Compare(len(shared[b]), len(shared[a])), cmp.Compare(n.degree(a), n.degree(b)), cmp.Compare(a, b))
	})
	answer := CommonAnswer{Status: Complete, TotalCount: len(found), Neighbours: []CommonNeighbour{}}
	if len(found) > q.First {
		answer.Status = Truncated
	}
	for _, at := range found[:min(len(found), q.First)] {
		c := CommonNeighbour{Node: n.id(at), Of: []string{}, Edges: []Edge{}}
		for _, by := range shared[at] {
			c.Of = append(c.Of, n.id(by))
			for _, e := range n.between(by, at) {
				if sc.leads(e) {
					c.Edges = append(c.Edges, n.edge(e))
				}
			}
		}
		answer.Neighbours = append(answer.Neighbours, c)
	}
	return answer, nil
}
