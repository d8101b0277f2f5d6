package analytics

import (
	"cmp"
	"math/bits"
	"slices"
)

// MultiplexAnswer is the place of nodes in the layers of a graph, those with the most ties first.
type MultiplexAnswer struct {
	Status     Completeness
	TotalCount int
	// Layers are what ties there are in each, Overlaps how far two have the same.
	Layers   []LayerSize
	Overlaps []LayerOverlap
	Nodes    []MultiplexNode
	LeftOut  int
}

// LayerSize is how many nodes have ties in a layer, and how many ties there are.
type LayerSize struct {
	Layer       string
	Nodes, Ties int
}

// LayerOverlap is how many ties two layers share, and which share that is of the ties in either (Jaccard).
type LayerOverlap struct {
	A, B   string
	Shared int
	Share  float64
}

// MultiplexNode is a node with its place in each layer.
type MultiplexNode struct {
	Node string
	// Ties in all layers together; Participation is 0 where all are in one layer, 1 where they are spread evenly over all.
	Ties          int
	Participation float64
	Layers        []LayerPlace
	Grounds
}

// LayerPlace is the place of a node in a layer: its ties, its rank by them from 1, and its core.
type LayerPlace struct {
	Layer              string
	Degree, Rank, Core int
}

// Layered measures the place of nodes in layers: degree, core and the participation coefficient of F. Battiston, V. Nicosia, V. Latora, Structural
// Measures for Multiplex Networks, 2014. names are those of the layers, by number; layers that are not asked for are missing from chosen. of keeps
// to some nodes; nil means all.
func Layered(g Graph, names []string, chosen []int, of []string, first int) MultiplexAnswer {
	answer := MultiplexAnswer{Layers: []LayerSize{}, Overlaps: []LayerOverlap{}, Nodes: []MultiplexNode{}, LeftOut: g.LeftOut}
	places := make([][]LayerPlace, len(g.Nodes))
	for _, layer := range chosen {
		part := g.Within(layer)
		a, cores := part.adjacency(), Cores(part)
		order := make([]int, len(g.Nodes))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(x, y int) int { return cmp.Or(cmp.Compare(a.degree(y), a.degree(x)), cmp.Compare(x, y)) })
		size := LayerSize{Layer: names[layer], Ties: len(part.Ties)}
		rank := 0
		for at, v := range order {
			if at == 0 || a.degree(v) < a.degree(order[at-1]) {
				rank = at + 1
			}
			size.Nodes += either(a.degree(v) > 0)
			places[v] = append(places[v], LayerPlace{names[layer], a.degree(v), rank, cores[v]})
		}
		answer.Layers = append(answer.Layers, size)
	}
	for i, a := range chosen {
		for _, b := range chosen[i+1:] {
			o := LayerOverlap{A: names[a], B: names[b]}
			any := 0
			for _, t := range g.Ties {
				in := bits.OnesCount8(t.Layers & (1<<a | 1<<b))
				any += either(in > 0)
				o.Shared += either(in == 2)
			}
			if any > 0 {
				o.Share = float64(o.Shared) / float64(any)
			}
			answer.Overlaps = append(answer.Overlaps, o)
		}
	}
	for v, id := range g.Nodes {
		if of != nil && !slices.Contains(of, id) {
			continue
		}
		x := MultiplexNode{Node: id, Layers: places[v]}
		squares := 0
		for _, p := range x.Layers {
			x.Ties += p.Degree
			squares += p.Degree * p.Degree
		}
		if l := float64(len(chosen)); x.Ties > 0 && l > 1 {
			x.Participation = l / (l - 1) * (1 - float64(squares)/float64(x.Ties*x.Ties))
		}
		if x.Ties > 0 || of != nil {
			answer.Nodes = append(answer.Nodes, x)
		}
	}
	answer.TotalCount = len(answer.Nodes)
	answer.Nodes, answer.Status = listed(answer.Nodes, first, func(a, b MultiplexNode) int {
		return cmp.Or(cmp.Compare(b.Ties, a.Ties), cmp.Compare(b.Participation, a.Participation), cmp.Compare(a.Node, b.Node))
	})
	return answer
}
