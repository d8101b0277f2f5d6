package analytics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/internal/networkx"
)

// figures of a random graph and of random counts, beside what they were computed from.
type figures struct {
	Nodes    int            `json:"nodes"`
	Ties     [][2]int       `json:"ties"`
	Weights  []float64      `json:"weights"`
	Counts   []int          `json:"counts"`
	Sample   int            `json:"sample"`
	Scores   []float64      `json:"scores"`
	Happened []bool         `json:"happened"`
	P        []int          `json:"partition"`
	O        []int          `json:"other"`
	Answers  map[string]any `json:"answers"`
}

// TestAgainstPython compares betweenness of nodes and ties, cores, modularity, the adjusted Rand index, entropy, concentration, rarefaction, the area
// under the ROC curve, Brier's score and Wilson's interval with NetworkX, SciPy and scikit-learn to 1e-9. CRIMEGRAPH_GRAPHS=200 compares on as
// many random graphs; 40 by default.
func TestAgainstPython(t *testing.T) {
	networkx.Agree(t, "testdata/compare.py", "cases", 40, figuresOf)
}

// randomGraph has parts that hang together and parts that do not, and the ids of its nodes are in order.
func randomGraph(r *rand.Rand, most int) analytics.Graph {
	nodes := make([]string, 3+r.IntN(most))
	for i := range nodes {
		nodes[i] = fmt.Sprintf("group/%04d", i)
	}
	var ties []analytics.Tie
	for range r.IntN(3 * len(nodes)) {
		a := r.IntN(len(nodes))
		b := min(len(nodes)-1, max(0, a+r.IntN(11)-5))
		ties = append(ties, analytics.Tie{A: a, B: b, Weight: float64(1+r.IntN(4)) / 2, Layers: 1 << r.IntN(3)})
	}
	return analytics.NewGraph(nodes, ties)
}

func figuresOf(t *testing.T, seed uint64) figures {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 8))
	g := randomGraph(r, 60)
	f := figures{Nodes: len(g.Nodes), Answers: map[string]any{}}
	for _, x := range g.Ties {
		f.Ties, f.Weights = append(f.Ties, [2]int{x.A, x.B}), append(f.Weights, x.Weight)
	}
	c := analytics.Between(t.Context(), g, 0, 1)
	found := analytics.Communities(t.Context(), g, 2, seed)
	f.P, f.O = found.Partition, make([]int, len(g.Nodes))
	for i := range f.O {
		f.O[i] = r.IntN(4)
	}
	f.Answers["betweenness"], f.Answers["ties"], f.Answers["cores"] = c.Nodes, c.Ties, analytics.Cores(g)
	f.Answers["modularity of partition"], f.Answers["modularity of other"] = analytics.Modularity(g, f.P), analytics.Modularity(g, f.O)
	f.Answers["rand"] = analytics.AdjustedRand(f.P, f.O)
	for range 1 + r.IntN(9) {
		f.Counts = append(f.Counts, 1+r.IntN(12))
	}
	total := 0
	for _, n := range f.Counts {
		total += n
	}
	f.Sample = 1 + r.IntN(total)
	rarefied, _ := analytics.Rarefied(f.Counts, f.Sample)
	f.Answers["entropy"], f.Answers["hhi"], f.Answers["rarefied"] = analytics.Entropy(f.Counts), analytics.HHI(f.Counts), rarefied
	positives := 0
	for range 2 + r.IntN(80) {
		f.Scores = append(f.Scores, float64(r.IntN(20))/20) // with equal ones
		f.Happened = append(f.Happened, r.IntN(3) == 0)
		if f.Happened[len(f.Happened)-1] {
			positives++
		}
	}
	area, _ := analytics.AUC(f.Scores, f.Happened)
	low, high := analytics.Wilson(positives, len(f.Happened))
	f.Answers["auc"], f.Answers["brier"], f.Answers["wilson"] = area, analytics.Brier(f.Scores, f.Happened), []float64{low, high}
	return f
}
