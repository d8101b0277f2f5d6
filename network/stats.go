package network

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/crimegraph/crimegraph/ontology"
)

// Stats counts what a network holds.
type Stats struct {
	Nodes, Edges, Claims int
	// Each list has an entry for what occurs; kinds, relations and sources by number, the others in their own order.
	ByKind, ByRelation, ByReliability, ByCredibility, ByYear []Count
	BySource                                                 []SourceCount
	// Undated is how many claims have no date of validity.
	Undated int
}

// Count is how often something occurs.
type Count struct {
	Key   string
	Count int
}

// SourceCount is how many claims a source makes.
type SourceCount struct {
	Source string
	Count  int
}

// Stats counts the network. first bounds the sources that are listed.
func (n *Network) Stats(_ context.Context, first int) (Stats, error) {
	if err := within("first", first, 1, MaxListed); err != nil {
		return Stats{}, err
	}
	s := Stats{Nodes: len(n.kinds), Edges: len(n.edges), Claims: len(n.claims), BySource: []SourceCount{}}
	var reliability, credibility [256]int
	years, sources := map[string]int{}, map[node]int{}
	for i := range n.claims {
		c := &n.claims[i]
		reliability[c.reliability]++
		credibility[c.credibility]++
		if c.source >= 0 {
			sources[c.source]++
		}
		switch {
		case c.validFrom != undated:
			years[year(c.validFrom)]++
		case c.validTo != undated:
			years[year(c.validTo)]++
		default:
			s.Undated++
		}
	}
	grades := n.Model.Claim.Property("reliability").Enum
	for rank := int64(1); rank < 256; rank++ {
		if c := reliability[rank]; c > 0 {
			s.ByReliability = append(s.ByReliability, Count{grades.Value(rank), c})
		}
		if c := credibility[rank]; c > 0 {
			s.ByCredibility = append(s.ByCredibility, Count{strconv.FormatInt(rank, 10), c})
		}
	}
	s.ByKind, s.ByRelation, s.ByYear = n.byKind(), n.byRelation(), byNumber(years)
	slices.SortFunc(s.ByYear, func(a, b Count) int { return cmp.Compare(a.Key, b.Key) })
	for at, count := range sources {
		s.BySource = append(s.BySource, SourceCount{n.id(at), count})
	}
	slices.SortFunc(s.BySource, func(a, b SourceCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Source, b.Source))
	})
	s.BySource = s.BySource[:min(len(s.BySource), first)]
	return s, nil
}

func year(key int32) string { return string(ontology.AppendDate(nil, int64(key))[:4]) }

func byNumber(counts map[string]int) []Count {
	out := []Count{}
	for key, count := range counts {
		out = append(out, Count{key, count})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Key, b.Key)) })
	return out
}

// byKind counts nodes, byRelation claims and structural relations, the most frequent first.
func (n *Network) byKind() []Count {
	counts := make([]int, len(n.Model.Kinds))
	for _, k := range n.kinds {
		counts[k]++
	}
	named := map[string]int{}
	for k, count := range counts {
		if count > 0 {
			named[n.Model.Kinds[k].Name] = count
		}
	}
	return byNumber(named)
}

func (n *Network) byRelation() []Count {
	counts := make([]int, len(n.relations))
	for i := range n.edges {
		counts[n.edges[i].relation] += max(len(n.claimsOf(edgeNumber(i))), 1)
	}
	named := map[string]int{}
	for r, count := range counts {
		if count > 0 {
			named[n.relations[r].Name] = count
		}
	}
	return byNumber(named)
}
