package analytics

import (
	"cmp"
	"slices"
)

// Graph is a small graph without directions, loops and parallel ties. Nodes are in order of id; a tie joins two of them by number, A before B, and
// ties are in order.
type Graph struct {
	Nodes []string
	Ties  []Tie
	// LeftOut counts what was too large to make ties of: see whoever made it.
	LeftOut int
}

// Tie joins two nodes, in one layer or several.
type Tie struct {
	A, B   int
	Weight float64
	// Layers is a bit for each layer that the tie is in, by number.
	Layers uint8
}

// adjacency is a graph in compressed form: the neighbours of node n, in order, with the number of the tie, from first[n] to first[n+1].
type adjacency struct {
	first     []int32
	neighbour []int32
	tie       []int32
}

func (g Graph) adjacency() adjacency {
	a := adjacency{first: make([]int32, len(g.Nodes)+1), neighbour: make([]int32, 2*len(g.Ties)), tie: make([]int32, 2*len(g.Ties))}
	for _, t := range g.Ties {
		a.first[t.A+1]++
		a.first[t.B+1]++
	}
	for i := range g.Nodes {
		a.first[i+1] += a.first[i]
	}
	next := slices.Clone(a.first)
	put := func(from, to, tie int) {
		a.neighbour[next[from]], a.tie[next[from]] = int32(to), int32(tie)
		next[from]++
	}
	// First what comes before a node, then what comes after it: in both, ties are in order.
	for i, t := range g.Ties {
		put(t.B, t.A, i)
	}
	for i, t := range g.Ties {
		put(t.A, t.B, i)
	}
	return a
}

func (a adjacency) of(n int) []int32     { return a.neighbour[a.first[n]:a.first[n+1]] }
func (a adjacency) tiesOf(n int) []int32 { return a.tie[a.first[n]:a.first[n+1]] }
func (a adjacency) degree(n int) int     { return int(a.first[n+1] - a.first[n]) }

// Within is the graph of those ties that are in a layer.
func (g Graph) Within(layer int) Graph {
	out := Graph{Nodes: g.Nodes}
	for _, t := range g.Ties {
		if t.Layers>>layer&1 == 1 {
			out.Ties = append(out.Ties, t)
		}
	}
	return out
}

// NewGraph makes a graph of nodes and ties in any order, with nodes by number; what joins the same two is one tie, with the sum of weights. Nodes
// must be in order.
func NewGraph(nodes []string, ties []Tie) Graph {
	ties = slices.DeleteFunc(ties, func(t Tie) bool { return t.A == t.B })
	for i := range ties {
		if t := &ties[i]; t.A > t.B {
			t.A, t.B = t.B, t.A
		}
	}
	slices.SortStableFunc(ties, func(a, b Tie) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
	g := Graph{Nodes: nodes}
	for _, t := range ties {
		if last := len(g.Ties) - 1; last >= 0 && g.Ties[last].A == t.A && g.Ties[last].B == t.B {
			x := &g.Ties[last]
			x.Weight += t.Weight
			x.Layers |= t.Layers
		} else {
			g.Ties = append(g.Ties, t)
		}
	}
	return g
}
