package network

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// NeighbourhoodQuestion asks what lies around a node.
type NeighbourhoodQuestion struct {
	Of string
	// Depth is how many relations away, 1 or 2.
	Depth int
	// Via are the relations to follow; nil means all, whether they are passages or not, and whether they are only denied or not.
	Via []string
	// First is how many of the best are given, Rank by what.
	First int
	Rank  Rank
}

// Rank says which neighbours come first. Ties go to the nearer, then by id.
type Rank string

// The ranks.
const (
	// ByTies counts the edges that lead to a node from the start or from what lies between.
	ByTies Rank = "TIES"
	// ByEvidence is how likely the best way to a node is to hold (see Evidence).
	ByEvidence Rank = "EVIDENCE"
	// BySpecificity counts ties in inverse proportion to how many edges a node has, so that hubs come last.
	BySpecificity Rank = "SPECIFICITY"
)

// Neighbourhood is what lies around a node, which is not counted itself.
type Neighbourhood struct {
	TotalCount int
	// Top are the best, in order.
	Top []Neighbour
	// Kinds has an entry a kind that occurs, the most frequent first.
	Kinds []KindCount
}

// Neighbour is a node around another.
type Neighbour struct {
	Node  string
	Depth int
	// Ties is how many edges lead to it from nearer nodes, Score what it is ranked by.
	Ties  int
	Score float64
}

// KindCount is how many nodes of a kind there are.
type KindCount struct {
	Kind  string
	Count int
	// Nodes are the first of them by id, at most MaxListed.
	Nodes []string
}

// MaxListed is how many nodes a count lists at most.
const MaxListed = 100

// Neighbourhood answers the question; nil where there is no such node. The error is an *ArgumentError.
func (n *Network) Neighbourhood(_ context.Context, q NeighbourhoodQuestion) (*Neighbourhood, error) {
	if err := within("depth", q.Depth, 1, 2); err != nil {
		return nil, err
	}
	if err := within("first", q.First, 1, MaxListed); err != nil {
		return nil, err
	}
	sc, err := Scope{Via: q.Via}.on(n)
	if err != nil {
		return nil, err
	}
	start := n.find(q.Of)
	if start == none {
		return nil, nil //nolint:nilnil // the API answers null
	}
	type about struct {
		depth, ties int
		likelihood  float64
	}
	found := map[node]*about{start: {likelihood: 1}}
	frontier := []node{start}
	for depth := 1; depth <= q.Depth; depth++ {
		var next []node
		for _, at := range frontier {
			for e, other := range n.incident(at) {
				if q.Via != nil && !sc.follows[n.edges[e].relation] || n.kind(other).Name == source {
					continue
				}
				a := found[other]
				if a == nil {
					a = &about{depth: depth}
					found[other] = a
					next = append(next, other)
				}
				if a.depth == depth {
					a.ties++
					a.likelihood = max(a.likelihood, found[at].likelihood*n.likelihood(e))
				}
			}
		}
		frontier = next
	}
	delete(found, start)
	answer := &Neighbourhood{TotalCount: len(found), Top: []Neighbour{}}
	nodes := make([]node, 0, len(found))
	for at := range found {
		nodes = append(nodes, at)
	}
	answer.Kinds = n.counts(nodes)
	for _, at := range nodes {
		a := found[at]
		x := Neighbour{Node: n.id(at), Depth: a.depth, Ties: a.ties}
		switch q.Rank {
		case ByTies:
			x.Score = float64(a.ties)
		case ByEvidence:
			x.Score = a.likelihood
		case BySpecificity:
			x.Score = float64(a.ties) / float64(max(n.degree(at), 1))
		default:
			return nil, refuse("rank", "there is no rank %q", q.Rank)
		}
		x.Score = math.Round(x.Score*1e6) / 1e6
		answer.Top = append(answer.Top, x)
	}
	slices.SortFunc(answer.Top, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Depth, b.Depth), cmp.Compare(a.Node, b.Node))
	})
	answer.Top = answer.Top[:min(len(answer.Top), q.First)]
	return answer, nil
}

// source is the kind that neighbourhoods do not go to: everything would be a neighbour of everything.
const source = "Source"

// counts sums nodes up by kind.
func (n *Network) counts(nodes []node) []KindCount {
	slices.Sort(nodes)
	at := map[string]int{}
	out := []KindCount{}
	for _, x := range nodes {
		kind := n.kind(x).Name
		i, known := at[kind]
		if !known {
			i = len(out)
			at[kind] = i
			out = append(out, KindCount{Kind: kind})
		}
		out[i].Count++
		if len(out[i].Nodes) < MaxListed {
			out[i].Nodes = append(out[i].Nodes, n.id(x))
		}
	}
	slices.SortFunc(out, func(a, b KindCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind)) })
	return out
}
