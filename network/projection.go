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
			s, _ := n.statement(at)
			from, to := n.along(at, payer), n.along(at, payeeOf)
			a, paid := number[from]
			b, got := number[to]
			if paid && got && n.factual(s.grade) && slices.Contains(chosen, layerMoney) {
				ties = append(ties, analytics.Tie{A: a, B: b, Weight: 1, Layers: 1 << layerMoney})
			}
		}
	}
	g := analytics.NewGraph(nodes, ties)
	g.LeftOut = left
	return g
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

// TiesOf are the claims behind the ties of a node in a projection, or of those alone that join it with another.
func (n *Network) TiesOf(q ProjectionQuestion, id, other string) []analytics.Evidence {
	at, with := n.find(id), none
	if other != "" {
		with = n.find(other)
	}
	var claims []analytics.Claim
	take := func(e edgeNumber) {
		for _, c := range n.claimsOf(e) {
			if n.factual(c.grade) {
				claims = append(claims, n.claimKey(e, &c))
			}
		}
	}
	if q.Places {
		n.carriedAlong(q, at, with, take)
		return analytics.EvidenceOf(claims)
	}
	chosen := q.Chosen()
	for e, end := range n.incident(at) {
		x := &n.edges[e]
		if layer, is := layerRelations[n.relation(x).Name]; is && slices.Contains(chosen, layer) && n.kind(end).Name == group && (with == none || end == with) {
			take(e)
		}
		if n.relation(x).Name != operates || x.flags&edgeFactual == 0 || !slices.Contains(chosen, layerRoute) {
			continue
		}
		operators := n.operatorsOf(end)
		if len(operators) < 2 || len(operators) > q.HubsOver || with != none && !slices.Contains(operators, with) {
			continue
		}
		take(e)
		for also, operator := range n.incident(end) {
			if with != none && operator == with && n.relation(&n.edges[also]).Name == operates {
				take(also)
			}
		}
	}
	return analytics.EvidenceOf(claims)
}

// carriedAlong takes what is said to be carried by the legs that start or end at a place, or by those alone that join it with another.
func (n *Network) carriedAlong(q ProjectionQuestion, at, with node, take func(edgeNumber)) {
	inside := map[node]bool{}
	n.inside([]node{at}, inside)
	routes := map[node]bool{}
	for _, within := range slices.Sorted(maps.Keys(inside)) {
		for e, l := range n.incident(within) {
			if r := n.relation(&n.edges[e]).Name; r != legFrom && r != legTo {
				continue
			}
			start, end := n.ends(l)
			a, b := n.placeOf(start, q.Level), n.placeOf(end, q.Level)
			if a == none || b == none || a == b || a != at && b != at || with != none && a != with && b != with {
				continue
			}
			for _, carrier := range []node{l, n.routeOf(l)} {
				if carrier == none || routes[carrier] {
					continue
				}
				routes[carrier] = true
				for e := n.out[carrier]; e < n.out[carrier+1]; e++ {
					if n.relation(&n.edges[e]).Name == carries {
						take(e)
					}
				}
			}
		}
	}
}
