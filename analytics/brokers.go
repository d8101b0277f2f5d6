package analytics

import (
	"cmp"
	"context"
)

// BrokersAnswer lists nodes that lie between nodes of different markets, those with the most such pairs first.
type BrokersAnswer struct {
	Status Completeness
	// Size is how many nodes there are, WithMarkets how many of them are known to trade in something, TotalCount how many brokers there are.
	Size, WithMarkets, TotalCount int
	Brokers                       []Broker
}

// Broker is a node between others.
type Broker struct {
	Node   string
	Degree int
	// Pairs is how many pairs of its neighbours are not tied to each other and share no market, Share which share that is of all pairs of
	// neighbours whose markets are known; TooFew says why there is none.
	Pairs  int
	Share  *float64
	TooFew string
	// Between are the markets that it lies between, the pairs with the most first, at most ten.
	Between []BrokeredMarkets
	// Partners are the neighbours whose markets are known, by id.
	Partners []string
	Grounds
}

// BrokeredMarkets counts the pairs of neighbours of which one trades in the first and the other in the second.
type BrokeredMarkets struct {
	A, B  string
	Pairs int
}

// Broke finds brokers between markets: the liaisons of R. V. Gould, R. M. Fernandez, Structures of Mediation, 1989, with markets in the place of
// groups; a node that trades in several markets is of all of them. Of each node the markets are given, by its id.
func Broke(ctx context.Context, g Graph, markets map[string][]string, first int) BrokersAnswer {
	answer := BrokersAnswer{Status: Complete, Size: len(g.Nodes), Brokers: []Broker{}}
	a := g.adjacency()
	of := make([][]string, len(g.Nodes))
	for i, id := range g.Nodes {
		of[i] = markets[id]
		answer.WithMarkets += either(len(of[i]) > 0)
	}
	tied, mark := make([]int, len(g.Nodes)), 0 // with which mark a node was last marked
	tell := step(ctx, "groups", len(g.Nodes))
	for v, id := range g.Nodes {
		tell(v)
		if v%64 == 0 && ctx.Err() != nil {
			answer.Status = BudgetExhausted
			break
		}
		b := Broker{Node: id, Degree: a.degree(v), Between: []BrokeredMarkets{}}
		all := 0
		between := map[[2]string]int{}
		for i, x := range a.of(v) {
			if len(of[x]) == 0 {
				continue
			}
			b.Partners = append(b.Partners, g.Nodes[x])
			mark++
			for _, y := range a.of(int(x)) {
				tied[y] = mark
			}
			for _, y := range a.of(v)[:i] {
				if len(of[y]) == 0 {
					continue
				}
				all++
				if tied[y] == mark || common(of[x], of[y]) {
					continue
				}
				b.Pairs++
				for _, m := range of[x] {
					for _, n := range of[y] {
						between[[2]string{min(m, n), max(m, n)}]++
					}
				}
			}
		}
		if b.Pairs == 0 {
			continue
		}
		if all < Fewest {
			b.TooFew = "fewer than 3 pairs of neighbours whose markets are known"
		} else {
			share := float64(b.Pairs) / float64(all)
			b.Share = &share
		}
		for pair, n := range between {
			b.Between = append(b.Between, BrokeredMarkets{pair[0], pair[1], n})
		}
		b.Between, _ = listed(b.Between, 10, func(x, y BrokeredMarkets) int {
			return cmp.Or(cmp.Compare(y.Pairs, x.Pairs), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
		})
		answer.Brokers = append(answer.Brokers, b)
	}
	answer.TotalCount = len(answer.Brokers)
	cut := Complete
	answer.Brokers, cut = listed(answer.Brokers, first, func(x, y Broker) int {
		return cmp.Or(cmp.Compare(y.Pairs, x.Pairs), cmp.Compare(x.Degree, y.Degree), cmp.Compare(x.Node, y.Node))
	})
	if answer.Status == Complete {
		answer.Status = cut
	}
	return answer
}

func common(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// MarketsOf gives each unit of histories what it carries, in order.
func MarketsOf(h Histories) map[string][]string {
	out := map[string][]string{}
	for unit, observations := range h.units {
		out[unit] = distinctCommodities(observations)
	}
	return out
}
