package analytics

import (
	"cmp"
	"context"
)

// StructureQuestion says how the structure of a graph is measured.
type StructureQuestion struct {
	// Rank is by what nodes come first: BETWEENNESS, CORE or TIES.
	Rank string
	// Starts is from how many nodes paths are followed at most, Runs how often communities are sought.
	Starts, Runs int
	First        int
	Seed         uint64
}

// Structure is how a graph is built.
type Structure struct {
	Status Completeness
	// Size is how many nodes there are, TieCount how many ties; Components how many parts hang together, Largest how many nodes the largest has.
	Size, TieCount, Components, Largest int
	// LeftOut is what was too large to make ties of.
	LeftOut int
	Exact   bool
	Starts  int
	Bound   float64
	Nodes   []StructureNode
	Bridges []StructureTie
	// Modularity of the communities, Agreement between the runs; nil where there was one alone, which agrees with nothing.
	Modularity  float64
	Agreement   *float64
	Runs        int
	Communities []Community
}

// StructureNode is a node of a graph.
type StructureNode struct {
	Node         string
	Degree, Core int
	Community    int
	Betweenness  Effect
	Grounds
	betweenness float64
}

// StructureTie is a tie that many shortest paths lead over.
type StructureTie struct {
	From, To    string
	Betweenness float64
	Weight      float64
	Grounds
}

// Community is a set of nodes with more ties among them than chance would give.
type Community struct {
	Number, Size int
	// Stability: see CommunitiesFound; nil where there was one run alone.
	Stability *float64
	// Members with the most betweenness first.
	Members []string
}

// Describe measures the structure of a graph.
func Describe(ctx context.Context, g Graph, q StructureQuestion) Structure {
	s := Structure{Status: Complete, Size: len(g.Nodes), TieCount: len(g.Ties), LeftOut: g.LeftOut, Nodes: []StructureNode{}, Bridges: []StructureTie{}, Communities: []Community{}}
	if s.Size == 0 {
		s.Exact = true
		return s
	}
	a := g.adjacency()
	whole := split(g, make([]int, s.Size)) // one community: its parts are what hangs together
	for _, part := range whole {
		s.Components = max(s.Components, part+1)
		s.Largest += either(part == 0)
	}
	cores := Cores(g)
	c := Between(ctx, g, q.Starts, q.Seed)
	s.Exact, s.Starts, s.Bound = c.Exact, c.Starts, c.Bound
	found := Communities(ctx, g, q.Runs, q.Seed)
	s.Modularity, s.Runs = found.Modularity, found.Runs
	if found.Runs > 1 {
		s.Agreement = &found.Agreement
	}
	for i, id := range g.Nodes {
		x := StructureNode{Node: id, Degree: a.degree(i), Core: cores[i], Community: found.Partition[i], betweenness: c.Nodes[i]}
		x.Betweenness = c.Within(i)
		s.Nodes = append(s.Nodes, x)
	}
	sorted(s.Nodes, func(a, b StructureNode) int {
		by := cmp.Compare(b.betweenness, a.betweenness)
		switch q.Rank {
		case "CORE":
			by = cmp.Or(cmp.Compare(b.Core, a.Core), by)
		case "TIES":
			by = cmp.Or(cmp.Compare(b.Degree, a.Degree), by)
		}
		return cmp.Or(by, cmp.Compare(a.Node, b.Node))
	})
	sizes := make([]int, len(found.Stability))
	members := make([][]string, len(found.Stability))
	for _, x := range s.Nodes {
		sizes[x.Community]++
		if len(members[x.Community]) < membersShown {
			members[x.Community] = append(members[x.Community], x.Node)
		}
	}
	for i, size := range sizes {
		if size > 1 {
			c := Community{Number: i, Size: size, Members: members[i]}
			if found.Runs > 1 {
				c.Stability = &found.Stability[i]
			}
			s.Communities = append(s.Communities, c)
		}
	}
	for i, t := range g.Ties {
		s.Bridges = append(s.Bridges, StructureTie{From: g.Nodes[t.A], To: g.Nodes[t.B], Betweenness: c.Ties[i], Weight: t.Weight})
	}
	sorted(s.Bridges, func(a, b StructureTie) int {
		return cmp.Or(cmp.Compare(b.Betweenness, a.Betweenness), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	if q.First > 0 && (len(s.Nodes) > q.First || len(s.Bridges) > q.First || len(s.Communities) > q.First) {
		s.Status = Truncated
		s.Nodes, s.Bridges = s.Nodes[:min(len(s.Nodes), q.First)], s.Bridges[:min(len(s.Bridges), q.First)]
		s.Communities = s.Communities[:min(len(s.Communities), q.First)]
	}
	if ctx.Err() != nil {
		s.Status = BudgetExhausted
	}
	return s
}

// membersShown is how many members of a community are named.
const membersShown = 20
