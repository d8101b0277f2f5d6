package network

import (
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/analytics"
)

// Layers are the kinds of ties between groups, by number: working together, running the same routes, moving money, fighting.
var Layers = []string{"ALLIANCE", "ROUTE", "MONEY", "RIVALRY"}

// layerRelations are the relations between groups that make a layer's ties; those of ROUTE are made of routes.
var layerRelations = map[string]int{"ALLIED_WITH": 0, "SUBGROUP_OF": 0, "SUPPLIES": 0, "LAUNDERS_FOR": 2, "RIVAL_OF": 3}

const (
	layerRoute, layerMoney    = 1, 2
	moneyFlow, payer, payeeOf = "MoneyFlow", "PAID_BY", "PAID_TO"
)

// ProjectionQuestion asks for a graph of groups or of places.
type ProjectionQuestion struct {
	// Places asks for places joined by legs, at Level, or as the legs have them where Level is empty; otherwise groups, in these Layers by name.
	Places bool
	Level  string
	Layers []string
	// HubsOver leaves out routes with more operators than this: what all run joins nobody.
	HubsOver int
}

// Chosen are the numbers of the layers asked for, in order.
func (q ProjectionQuestion) Chosen() []int {
	var out []int
	for i, name := range Layers {
		if slices.Contains(q.Layers, name) {
			out = append(out, i)
		}
	}
	return out
}

// Projection is a graph of groups or of places. What is only denied, or only said to be possible, makes no tie. Groups and places without ties are in it, but for places at
// which no leg starts or ends.
func (n *Network) Projection(q ProjectionQuestion) analytics.Graph {
	if q.Places {
		return n.placesGraph(q)
	}
	chosen := q.Chosen()
	number := map[node]int{}
	var nodes []string
	for i := range n.kinds {
		if n.kind(node(i)).Name == group {
			number[node(i)] = len(nodes)
			nodes = append(nodes, n.id(node(i)))
		}
	}
	var ties []analytics.Tie
	for i := range n.edges {
		x := &n.edges[i]
		layer, is := layerRelations[n.relation(x).Name]
		a, from := number[x.from]
		b, to := number[x.to]
		if is && from && to && x.flags&edgeFactual != 0 && slices.Contains(chosen, layer) {
			ties = append(ties, analytics.Tie{A: a, B: b, Weight: 1, Layers: 1 << layer})
		}
	}
	left := 0
	for i := range n.kinds {
		at := node(i)
		switch n.kind(at).Name {
		case route:
			if !slices.Contains(chosen, layerRoute) {
				continue
			}
			operators := n.operatorsOf(at)
			if len(operators) > q.HubsOver {
				left++
				continue
			}
			// Of a route with many each pair shares less: M. E. J. Newman, Scientific Collaboration Networks II, 2001.
			for j, a := range operators {
				for _, b := range operators[:j] {
					ties = append(ties, analytics.Tie{A: number[a], B: number[b], Weight: 1 / float64(len(operators)-1), Layers: 1 << layerRoute})
				}
			}
		case moneyFlow:
			if from, to, paid := n.payment(at); paid && slices.Contains(chosen, layerMoney) {
				ties = append(ties, analytics.Tie{A: number[from], B: number[to], Weight: 1, Layers: 1 << layerMoney})
			}
		}
	}
	g := analytics.NewGraph(nodes, ties)
	g.LeftOut = left
	return g
}

// payment are the groups between which a flow of money is said to have been; paid is false where it lacks one of two, or is none.
func (n *Network) payment(at node) (from, to node, paid bool) {
	s, _ := n.statement(at)
	from, to = n.along(at, payer), n.along(at, payeeOf)
	paid = n.factual(s.grade) && from != to && from != none && to != none && n.kind(from).Name == group && n.kind(to).Name == group
	return from, to, paid
}

// operatorsOf are the groups said to operate a route, in order.
func (n *Network) operatorsOf(at node) []node {
	var out []node
	for e, other := range n.incident(at) {
		if x := &n.edges[e]; n.relation(x).Name == operates && x.flags&edgeFactual != 0 && n.kind(other).Name == group {
			out = append(out, other)
		}
	}
	return distinct(out)
}

// placeOf is the place that stands for one in a projection; none where there is none at its level.
func (n *Network) placeOf(at node, level string) node {
	if level == "" || at == none {
		return at
	}
	return n.placeAt(at, uint8(n.Model.Kind(place).Property("kind").Enum.Rank(level)))
}

func (n *Network) placesGraph(q ProjectionQuestion) analytics.Graph {
	type ends struct{ a, b node }
	var joined []ends
	inside := map[node]bool{}
	for i := range n.kinds {
		if n.kind(node(i)).Name != leg {
			continue
		}
		start, end := n.ends(node(i))
		a, b := n.placeOf(start, q.Level), n.placeOf(end, q.Level)
		if a == none || b == none {
			continue
		}
		inside[a], inside[b] = true, true
		joined = append(joined, ends{a, b})
	}
	number := map[node]int{}
	var nodes []string
	for _, at := range slices.Sorted(maps.Keys(inside)) {
		number[at] = len(nodes)
		nodes = append(nodes, n.id(at))
	}
	var ties []analytics.Tie
	for _, j := range joined {
		ties = append(ties, analytics.Tie{A: number[j.a], B: number[j.b], Weight: 1, Layers: 1})
	}
	return analytics.NewGraph(nodes, ties)
}
