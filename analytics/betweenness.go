package analytics

import (
	"context"
	"math"
	"math/rand/v2"
)

// Centrality is how often nodes and ties lie between others.
type Centrality struct {
	// Nodes and Ties hold the share of all pairs of other nodes, or of all pairs, whose shortest paths lead over each: 0 to 1.
	Nodes, Ties []float64
	// Deviation is the standard error of Nodes, 0 where it is exact.
	Deviation []float64
	// Starts is from how many nodes paths were followed; all of them make it exact.
	Starts int
	Exact  bool
	// Bound is by how much a figure of Nodes is wrong at most, for all nodes at once, with 95 %; 0 where it is exact.
	Bound float64
}

// Between computes betweenness: U. Brandes, A Faster Algorithm for Betweenness Centrality, 2001, of nodes and ties, over paths with the fewest
// steps. starts is from how many nodes, drawn with the seed, paths are followed; 0, or as many as there are, for all. The bound of a sample is
// Hoeffding's with Serfling's correction for draws without putting back (1974), and the standard error that of such a sample.
func Between(ctx context.Context, g Graph, starts int, seed uint64) Centrality {
	n := len(g.Nodes)
	c := Centrality{Nodes: make([]float64, n), Ties: make([]float64, len(g.Ties)), Deviation: make([]float64, n)}
	if starts <= 0 || starts > n {
		starts = n
	}
	order := rand.New(rand.NewPCG(seed, 5)).Perm(n)
	b := newBrandes(g)
	squares := make([]float64, n)
	most := float64(max(n-2, 1))
	tell := step(ctx, "betweenness", starts)
	for _, s := range order[:starts] {
		tell(c.Starts)
		if c.Starts%16 == 0 && ctx.Err() != nil {
			break
		}
		b.from(s, c.Ties)
		for _, v := range b.order[:b.reached] {
			if int(v) != s {
				d := b.dependency[v]
				c.Nodes[v] += d
				squares[v] += (d / most) * (d / most)
			}
		}
		c.Starts++
	}
	c.Exact = c.Starts == n
	k := float64(max(c.Starts, 1))
	for v := range c.Nodes {
		mean := c.Nodes[v] / most / k
		if !c.Exact && c.Starts > 1 {
			variance := max(squares[v]/k-mean*mean, 0) * k / (k - 1)
			c.Deviation[v] = math.Sqrt(variance/k*(1-k/float64(n))) * float64(n) / float64(max(n-1, 1))
		}
		c.Nodes[v] = mean * float64(n) / float64(max(n-1, 1))
	}
	for t := range c.Ties { // each pair counts from both its ends
		c.Ties[t] *= float64(n) / k / float64(max(n*(n-1), 1))
	}
	if !c.Exact {
		c.Bound = min(math.Sqrt((1-(k-1)/float64(n))*math.Log(2*float64(n)/0.05)/(2*k))*float64(n)/float64(max(n-1, 1)), 1)
	}
	return c
}

// fewestStarts is from how many nodes paths must be followed before their spread says how far a mean is off.
const fewestStarts = 30

// Within is the betweenness of a node with its interval of 95 %: from the spread of a sample, or from the bound where that is small. Where all starts agree,
// as over a node that no path of theirs leads over, 3 of as many may differ from them.
func (c Centrality) Within(v int) Effect {
	half := 1.959963984540054 * c.Deviation[v]
	switch {
	case c.Exact:
	case c.Starts < fewestStarts:
		half = c.Bound
	case c.Deviation[v] == 0:
		half = 3 / float64(c.Starts)
	}
	return Effect{c.Nodes[v], max(c.Nodes[v]-half, 0), min(c.Nodes[v]+half, 1)}
}

// brandes is one breadth-first search after another.
type brandes struct {
	adjacency
	distance []int32
	// paths counts the shortest paths to each node, in units of manyPaths to the power of scale: there are more than a float64 holds where many
	// stages have parallel ways.
	paths      []float64
	scale      []int32
	dependency []float64
	order      []int32
	reached    int
}

// manyPaths is the count from which one is written in larger units.
const manyPaths = 0x1p512

func newBrandes(g Graph) *brandes {
	n := len(g.Nodes)
	b := &brandes{adjacency: g.adjacency(), distance: make([]int32, n), paths: make([]float64, n), scale: make([]int32, n), dependency: make([]float64, n), order: make([]int32, n)}
	for i := range b.distance {
		b.distance[i] = -1
	}
	return b
}

// from gathers what hangs on each node for paths from s, and adds what hangs on each tie.
func (b *brandes) from(s int, ties []float64) {
	for _, v := range b.order[:b.reached] {
		b.distance[v], b.paths[v], b.scale[v], b.dependency[v] = -1, 0, 0, 0
	}
	b.distance[s], b.paths[s], b.order[0], b.reached = 0, 1, int32(s), 1
	for at := 0; at < b.reached; at++ {
		v := b.order[at]
		next := b.distance[v] + 1
		if b.paths[v] > manyPaths {
			b.paths[v] /= manyPaths
			b.scale[v]++
		}
		for _, w := range b.of(int(v)) {
			if b.distance[w] < 0 {
				b.distance[w] = next
				b.order[b.reached] = w
				b.reached++
			}
			if b.distance[w] == next {
				b.arrive(w, v)
			}
		}
	}
	for at := b.reached - 1; at > 0; at-- {
		w := b.order[at]
		share := (1 + b.dependency[w]) / b.paths[w]
		before := b.distance[w] - 1
		numbers := b.tiesOf(int(w))
		for i, v := range b.of(int(w)) {
			if b.distance[v] == before {
				d := b.paths[v] * share
				if b.scale[v] != b.scale[w] {
					d = math.Ldexp(d, 512*int(b.scale[v]-b.scale[w]))
				}
				b.dependency[v] += d
				ties[numbers[i]] += d
			}
		}
	}
}

// arrive adds the paths to a node to those to the next.
func (b *brandes) arrive(at, from int32) {
	paths := b.paths[from]
	switch more := b.scale[from] - b.scale[at]; {
	case more > 0:
		b.paths[at] = math.Ldexp(b.paths[at], -512*int(more))
		b.scale[at] = b.scale[from]
	case more < 0:
		paths = math.Ldexp(paths, 512*int(more))
	}
	b.paths[at] += paths
}
