package network_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// dense is a graph of 10,000 groups in which everybody has eight allies by chance and all have one in common.
func dense(t *testing.T) *network.Network {
	t.Helper()
	r := newRecords(t)
	r.node("source/s")
	const size = 10_000
	id := func(i int) string { return fmt.Sprintf("group/%05d", i) }
	for i := range size {
		r.node(id(i))
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i := 1; i < size; i++ {
		r.claim("ALLIED_WITH", id(0), id(i), "source", "source/s")
		for range 4 {
			a, b := min(i, 1+random.IntN(size-1)), 0
			if b = max(i, 1+random.IntN(size-1)); a != b {
				r.claim("ALLIED_WITH", id(a), id(b), "source", "source/s", "validFrom", fmt.Sprint(1990+random.IntN(30)))
			}
		}
	}
	return r.network()
}

// TestDenseGraphs asks a dense graph with a hub for as much as can be asked: answers keep to their limits and to the work allowed, and say
// that there is more.
func TestDenseGraphs(t *testing.T) {
	n := dense(t)
	ends := network.PathQuestion{From: []string{"group/00001"}, To: []string{"group/09999"}, K: network.MaxPaths, MaxHops: network.MaxHops, Work: 500_000}
	for _, weight := range []network.Weight{network.Hops, network.Evidence, network.Distance, network.Time} {
		q := ends
		q.Weight = weight
		answer, err := n.Paths(t.Context(), q)
		if err != nil || answer.Status == network.Complete || len(answer.Paths) > q.K {
			t.Errorf("%s: %v, %s, %d paths", weight, err, answer.Status, len(answer.Paths))
		}
		// The last node that is looked at may have edges beyond the limit: the hub has as many as there are nodes.
		if answer.Explored > q.Work+20_000 {
			t.Errorf("%s looked at %d edges, %d were allowed", weight, answer.Explored, q.Work)
		}
		for _, p := range answer.Paths {
			if p.Hops > q.MaxHops || p.Nodes[0] != q.From[0] || p.Nodes[p.Hops] != q.To[0] {
				t.Fatalf("%s: %v", weight, p.Nodes)
			}
		}
	}
	around := network.SubgraphQuestion{Of: []string{"group/00001"}, Depth: network.MaxDepth, MaxNodes: network.MaxSubgraphNodes, MaxEdges: 100, Work: 500_000}
	subgraph, err := n.Subgraph(t.Context(), around)
	omitted := 0
	for _, o := range subgraph.Omitted {
		omitted += o.Count
	}
	if err != nil || subgraph.Status == network.Complete || len(subgraph.Nodes) != network.MaxSubgraphNodes || len(subgraph.Edges) != 100 || omitted == 0 || subgraph.OmittedEdges == 0 {
		t.Errorf("subgraph: %v, %s, %d nodes, %d edges, %d and %d left out", err, subgraph.Status, len(subgraph.Nodes), len(subgraph.Edges), omitted, subgraph.OmittedEdges)
	}
	// Without the hub there is less, and no path over it.
	narrow := ends
	narrow.AvoidHubsOver, narrow.K, narrow.Weight = 100, 5, network.Hops
	answer, err := n.Paths(t.Context(), narrow)
	if err != nil || len(answer.Paths) != 5 {
		t.Fatalf("around the hub: %v, %d paths", err, len(answer.Paths))
	}
	for _, p := range answer.Paths {
		for _, id := range p.Nodes {
			if id == "group/00000" {
				t.Errorf("%v leads over the hub", p.Nodes)
			}
		}
	}
}

// TestEndedContexts: whoever gives up gets what was found so far, and no more is looked for.
func TestEndedContexts(t *testing.T) {
	n := dense(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := network.PathQuestion{From: []string{"group/00001"}, To: []string{"group/09999"}, K: network.MaxPaths, MaxHops: network.MaxHops}
	for _, q.Weight = range []network.Weight{network.Hops, network.Evidence, network.Distance, network.Time} {
		answer, err := n.Paths(ctx, q)
		if err != nil || answer.Status != network.BudgetExhausted || answer.Explored > 50_000 {
			t.Errorf("%s: %v, %s after %d edges", q.Weight, err, answer.Status, answer.Explored)
		}
	}
}
