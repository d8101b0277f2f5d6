package network_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crimegraph/crimegraph/internal/networkx"
	"github.com/crimegraph/crimegraph/network"
)

// compared is a random graph with what the network answers about it.
type compared struct {
	Nodes   int      `json:"nodes"`
	Edges   [][2]int `json:"edges"`
	From    []int    `json:"from"`
	To      []int    `json:"to"`
	MaxHops int      `json:"maxHops"`
	K       int      `json:"k"`
	// Paths are the best by hops, Evidence those by evidence; every claim has a weight of its own.
	Paths    [][]int   `json:"paths"`
	Status   string    `json:"status"`
	Costs    []float64 `json:"costs"`
	Evidence [][]int   `json:"evidence"`
	Weights  []float64 `json:"weights"`
	// Spans are the first and the last day of the claims that assert an edge, null where that is open; Timed are the best paths whose steps can have
	// happened one after the other.
	Spans [][][2]*int `json:"spans"`
	Timed [][]int     `json:"timed"`
	World world       `json:"world"`
	// Reached is what lies within MaxHops of From[0], by distance.
	Reached map[int]int `json:"reached"`
	// Apart are the pairs of nodes that no path joins, Joined those that one does, with its length; of small graphs.
	Apart  [][2]int `json:"apart"`
	Joined [][3]int `json:"joined"`
}

// world is a graph of places on the equator and legs between them: nodes are places by their longitude, and then legs.
type world struct {
	Longitudes []float64 `json:"longitudes"`
	Legs       [][2]int  `json:"legs"`
	From       int       `json:"from"`
	To         int       `json:"to"`
	MaxHops    int       `json:"maxHops"`
	K          int       `json:"k"`
	Paths      [][]int   `json:"paths"`
	Costs      []float64 `json:"costs"`
	Status     string    `json:"status"`
}

// connected is how many nodes a graph has at most whose pairs are compared: no shortest path in it is longer than network.MaxHops.
const connected = network.MaxHops + 1

// Beliefs of grades as the schema states them, from A or 1.
var beliefs = []float64{0.95, 0.8, 0.6, 0.4, 0.2, 0.5}

// TestAgainstNetworkX compares paths, their order, distances and what is connected at all with those of NetworkX on random graphs.
// CRIMEGRAPH_GRAPHS=500 makes as many; 60 by default.
func TestAgainstNetworkX(t *testing.T) {
	networkx.Agree(t, "testdata/compare.py", "graphs", 60, compare)
}

func group(i int) string { return fmt.Sprintf("group/%03d", i) }

func number(t *testing.T, id string) int {
	t.Helper()
	n, err := strconv.Atoi(id[len("group/"):])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func compare(t *testing.T, seed uint64) compared {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 6))
	c := compared{Nodes: 4 + random.IntN(22), MaxHops: 1 + random.IntN(6), K: 1 + random.IntN(40), Reached: map[int]int{}}
	r := newRecords(t)
	for i := range c.Nodes {
		r.node(group(i))
	}
	relations := []string{"SUPPLIES", "LAUNDERS_FOR", "SUBGROUP_OF", "ALLIED_WITH"}
	known := map[[2]int]bool{}
	for range random.IntN(c.Nodes * 3) {
		a, b := random.IntN(c.Nodes), random.IntN(c.Nodes)
		if a == b || known[[2]int{min(a, b), max(a, b)}] {
			continue
		}
		known[[2]int{min(a, b), max(a, b)}] = true
		relation := relations[random.IntN(len(relations))]
		if relation == "ALLIED_WITH" {
			a, b = min(a, b), max(a, b)
		}
		wrong := 1.0
		var spans [][2]*int
		for range 1 + random.IntN(3) {
			grade, credibility := random.IntN(6), random.IntN(6)
			wrong *= 1 - beliefs[grade]*beliefs[credibility]
			given := []string{"reliability", string("ABCDEF"[grade]), "credibility", strconv.Itoa(credibility + 1), "note", strconv.FormatFloat(random.Float64(), 'f', 9, 64)}
			var span [2]*int
			first := random.IntN(20)
			last := first + random.IntN(6)
			if random.IntN(5) > 0 {
				span[0], given = &first, append(given, "validFrom", dayOf(first))
			}
			if random.IntN(5) > 0 {
				span[1], given = &last, append(given, "validTo", dayOf(last))
			}
			spans = append(spans, span)
			r.claim(relation, group(a), group(b), given...)
		}
		c.Spans = append(c.Spans, spans)
		if random.IntN(4) == 0 { // says nothing for it
			r.claim(relation, group(a), group(b), "stance", "DENIES")
		}
		c.Edges, c.Weights = append(c.Edges, [2]int{a, b}), append(c.Weights, 1-wrong)
	}
	ends := random.Perm(c.Nodes)
	c.From, c.To = ends[:1+random.IntN(2)], ends[2:3+random.IntN(2)]
	ids := func(numbers []int) (out []string) {
		for _, i := range numbers {
			out = append(out, group(i))
		}
		return out
	}
	n := r.network()
	q := network.PathQuestion{From: ids(c.From), To: ids(c.To), K: c.K, MaxHops: c.MaxHops, Weight: network.Hops}
	for _, w := range []network.Weight{network.Hops, network.Evidence, network.Time} {
		q.Weight = w
		answer, err := n.Paths(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		paths := [][]int{}
		for _, p := range answer.Paths {
			var path []int
			for _, id := range p.Nodes {
				path = append(path, number(t, id))
			}
			paths = append(paths, path)
			if w == network.Evidence {
				c.Costs = append(c.Costs, p.Cost)
			}
		}
		switch w {
		case network.Hops:
			c.Paths, c.Status = paths, string(answer.Status)
		case network.Evidence:
			c.Evidence = paths
		default:
			c.Timed = paths
		}
	}
	around, err := n.Subgraph(t.Context(), network.SubgraphQuestion{Of: ids(c.From[:1]), Depth: min(c.MaxHops, network.MaxDepth), MaxNodes: 1000, MaxEdges: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if c.Nodes <= connected {
		all := make([]int, c.Nodes)
		for i := range all {
			all[i] = i
		}
		hang, err := n.Connections(t.Context(), network.ConnectionsQuestion{Among: ids(all), MaxHops: network.MaxHops})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range hang.Paths {
			c.Joined = append(c.Joined, [3]int{number(t, p.Nodes[0]), number(t, p.Nodes[p.Hops]), p.Hops})
		}
		for _, p := range hang.Apart {
			c.Apart = append(c.Apart, [2]int{number(t, p.From), number(t, p.To)})
		}
	}
	for _, x := range around.Nodes {
		c.Reached[number(t, x.Node)] = x.Depth
	}
	c.World = randomWorld(t, random)
	return c
}

func dayOf(n int) string { return time.Date(2001, 5, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }

// randomWorld asks for the shortest ways between two places.
func randomWorld(t *testing.T, random *rand.Rand) world {
	t.Helper()
	w := world{MaxHops: 1 + random.IntN(8), K: 1 + random.IntN(20), Paths: [][]int{}}
	r := newRecords(t)
	for i := range 2 + random.IntN(8) {
		w.Longitudes = append(w.Longitudes, random.Float64()*170)
		r.at(fmt.Sprintf("place/%03d", i), 0, w.Longitudes[i])
	}
	for i := range random.IntN(3 * len(w.Longitudes)) {
		l := [2]int{random.IntN(len(w.Longitudes)), random.IntN(len(w.Longitudes))}
		w.Legs = append(w.Legs, l)
		r.node(fmt.Sprintf("leg/%03d", i), "from", fmt.Sprintf("place/%03d", l[0]), "to", fmt.Sprintf("place/%03d", l[1]))
	}
	ends := random.Perm(len(w.Longitudes))
	w.From, w.To = ends[0], ends[1]
	answer, err := r.network().Paths(t.Context(), network.PathQuestion{
		From: []string{fmt.Sprintf("place/%03d", w.From)}, To: []string{fmt.Sprintf("place/%03d", w.To)}, K: w.K, MaxHops: w.MaxHops, Weight: network.Distance,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range answer.Paths {
		var path []int
		for _, id := range p.Nodes {
			kind, slug, _ := strings.Cut(id, "/")
			n, err := strconv.Atoi(slug)
			if err != nil {
				t.Fatal(err)
			}
			if kind == "leg" {
				n += len(w.Longitudes)
			}
			path = append(path, n)
		}
		w.Paths, w.Costs = append(w.Paths, path), append(w.Costs, p.Cost)
	}
	w.Status = string(answer.Status)
	return w
}
