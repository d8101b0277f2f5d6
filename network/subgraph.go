package network

import (
	"cmp"
	"context"
	"slices"
)

// The largest sizes of a subgraph.
const (
	MaxDepth         = 4
	MaxSubgraphNodes = 5000
	MaxSubgraphEdges = 20000
)

// SubgraphQuestion asks for nodes and what joins them.
type SubgraphQuestion struct {
	// Of are the nodes to start from, by id; Depth is how many steps away others may be.
	Of []string
	// Selected are further nodes to start from, of which there may be none; nil where nothing was selected.
	Selected []string
	Depth    int
	Scope
	// Kinds are the kinds of node to take besides Of; nil means all. Steps lead over the others all the same.
	Kinds []string
	// MaxNodes and MaxEdges bound it: the nearest nodes with the most ties are kept, and the edges between the nearest.
	MaxNodes, MaxEdges int
	// Layout asks for positions.
	Layout bool
	Work   int
}

// Subgraph holds nodes and edges, each once, in order of id. Edges that are only denied are there, and say so.
type Subgraph struct {
	Status Completeness
	Nodes  []SubgraphNode
	Edges  []Edge
	// Omitted counts by kind the nodes that were within reach and left out, OmittedEdges the edges between nodes that are there.
	Omitted      []KindCount
	OmittedEdges int
}

// SubgraphNode is a node of a subgraph.
type SubgraphNode struct {
	Node string
	Kind string
	Name string
	// Depth is how many steps it is from the start, Degree how many edges it has in the subgraph.
	Depth, Degree int
	// X and Y are its position, between 0 and 1000; both nil where no layout was asked for.
	X, Y *float64
	// Latitude and Longitude, for places; both nil for others.
	Latitude, Longitude *float64
}

// Subgraph answers the question. The error is an *ArgumentError.
func (n *Network) Subgraph(ctx context.Context, q SubgraphQuestion) (Subgraph, error) {
	if err := within("depth", q.Depth, 0, MaxDepth); err != nil {
		return Subgraph{}, err
	}
	if err := within("maxNodes", q.MaxNodes, 1, MaxSubgraphNodes); err != nil {
		return Subgraph{}, err
	}
	if err := within("maxEdges", q.MaxEdges, 0, MaxSubgraphEdges); err != nil {
		return Subgraph{}, err
	}
	start, err := n.given("of", q.Of)
	if err != nil {
		return Subgraph{}, err
	}
	if len(q.Of) == 0 && (q.Of != nil || q.Selected == nil) {
		return Subgraph{}, refuse("of", "an empty list has nothing around it; name at least one node")
	}
	selected, err := n.given("where", q.Selected)
	if err != nil {
		return Subgraph{}, err
	}
	start = distinct(append(start, selected...))
	sc, err := q.on(n)
	if err != nil {
		return Subgraph{}, err
	}
	for _, name := range q.Kinds {
		if k := n.Model.Kind(name); k == nil || k.Abstract() {
			return Subgraph{}, refuse("kinds", "there is no kind %.40q", name)
		}
	}
	w := newWork(ctx, q.Work)
	depths, order := sc.reach(start, q.Depth, w)
	chosen := map[node]bool{}
	var left []node
	for _, at := range order {
		switch {
		case depths[at] > 0 && q.Kinds != nil && !slices.Contains(q.Kinds, n.kind(at).Name):
		case len(chosen) < q.MaxNodes:
			chosen[at] = true
		default:
			left = append(left, at)
		}
	}
	answer := Subgraph{Status: Complete, Nodes: []SubgraphNode{}, Edges: []Edge{}, Omitted: n.counts(left)}
	edges := sc.among(chosen)
	if len(edges) > q.MaxEdges {
		answer.OmittedEdges = len(edges) - q.MaxEdges
		slices.SortStableFunc(edges, func(a, b edgeNumber) int {
			nearness := func(e edgeNumber) int { return depths[n.edges[e].from] + depths[n.edges[e].to] }
			return cmp.Compare(nearness(a), nearness(b))
		})
		edges = edges[:q.MaxEdges]
		slices.Sort(edges)
	}
	if len(left) > 0 || answer.OmittedEdges > 0 {
		answer.Status = Truncated
	}
	if w.exhausted() {
		answer.Status = BudgetExhausted
	}
	nodes := make([]node, 0, len(chosen))
	for at := range chosen {
		nodes = append(nodes, at)
	}
	slices.Sort(nodes)
	numbers := make(map[node]int, len(nodes))
	for i, at := range nodes {
		numbers[at] = i
		x := n.describe(at)
		x.Depth = depths[at]
		answer.Nodes = append(answer.Nodes, x)
	}
	links := make([][2]int, 0, len(edges))
	for _, e := range edges {
		a, b := numbers[n.edges[e].from], numbers[n.edges[e].to]
		answer.Nodes[a].Degree++
		answer.Nodes[b].Degree++
		links = append(links, [2]int{a, b})
		answer.Edges = append(answer.Edges, n.edge(e))
	}
	if q.Layout {
		for i, p := range layout(len(nodes), links) {
			answer.Nodes[i].X, answer.Nodes[i].Y = &p[0], &p[1]
		}
	}
	return answer, nil
}

// reach finds what lies within some steps, the nearest first, of one depth those with the most edges to what is nearer, then by number.
func (s *scope) reach(start []node, depth int, w *work) (depths map[node]int, order []node) {
	depths = map[node]int{}
	for _, at := range start {
		depths[at] = 0
	}
	order = slices.Clone(start)
	frontier := start
	for d := 1; d <= depth && len(frontier) > 0; d++ {
		ties := map[node]int{}
		var next []node
		for _, at := range frontier {
			if d > 1 && !s.passes(at) {
				continue
			}
			if !w.spend(s.n.degree(at)) {
				return depths, order
			}
			for e, other := range s.n.incident(at) {
				if !s.leads(e) || !s.touches(other) {
					continue
				}
				if _, known := depths[other]; !known {
					depths[other] = d
					next = append(next, other)
				}
				ties[other]++
			}
		}
		slices.SortFunc(next, func(a, b node) int { return cmp.Or(cmp.Compare(ties[b], ties[a]), cmp.Compare(a, b)) })
		order = append(order, next...)
		frontier = next
	}
	return depths, order
}

// among gives the edges between nodes of a set, those that are only denied as well.
func (s *scope) among(nodes map[node]bool) []edgeNumber {
	var edges []edgeNumber
	for at := range nodes {
		for e := s.n.out[at]; e < s.n.out[at+1]; e++ {
			if s.follows[s.n.edges[e].relation] && nodes[s.n.edges[e].to] {
				edges = append(edges, e)
			}
		}
	}
	slices.Sort(edges)
	return edges
}
