package network

import (
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/analytics"
)

// grounds gathers what a figure rests on.
type grounds struct {
	n       *Network
	claims  []analytics.Claim
	records []string
}

// claim takes the claims of an edge that say that something is so.
func (g *grounds) claim(e edgeNumber) {
	for _, c := range g.n.claimsOf(e) {
		if g.n.factual(c.grade) {
			g.claims = append(g.claims, g.n.claimKey(e, &c))
		}
	}
}

func (g *grounds) record(at node) { g.records = append(g.records, g.n.id(at)) }

// from takes the claims of a relation that start at a node.
func (g *grounds) from(at node, relation string) {
	for e := g.n.out[at]; e < g.n.out[at+1]; e++ {
		if g.n.relation(&g.n.edges[e]).Name == relation {
			g.claim(e)
		}
	}
}

// cargo takes what a route and its legs are said to carry.
func (g *grounds) cargo(of node) {
	for _, carrier := range append(g.n.legsOf(of), of) {
		g.from(carrier, carries)
	}
}

func (g *grounds) all() analytics.Grounds { return analytics.GroundsOf(g.claims, g.records) }

// TiesOf is what the ties of a node in a projection rest on, or those alone that join it with another. Between groups claims, and flows of money;
// between places legs, and what these and their routes are said to carry.
func (n *Network) TiesOf(q ProjectionQuestion, id, other string) analytics.Grounds {
	at, with := n.find(id), none
	if other != "" {
		with = n.find(other)
	}
	g := &grounds{n: n}
	if q.Places {
		for _, l := range n.legsAt(q.Level, at, with) {
			g.record(l)
			g.from(l, carries)
			if r := n.routeOf(l); r != none {
				g.from(r, carries)
			}
		}
		return g.all()
	}
	chosen := q.Chosen()
	for e, end := range n.incident(at) {
		x := &n.edges[e]
		if layer, is := layerRelations[n.relation(x).Name]; is && slices.Contains(chosen, layer) && n.kind(end).Name == group && (with == none || end == with) {
			g.claim(e)
		}
		if slices.Contains(chosen, layerMoney) && n.kind(end).Name == moneyFlow {
			if from, to, paid := n.payment(end); paid && (with == none || from == with || to == with) {
				g.record(end)
			}
		}
		if n.relation(x).Name != operates || x.flags&edgeFactual == 0 || !slices.Contains(chosen, layerRoute) {
			continue
		}
		operators := n.operatorsOf(end)
		if len(operators) < 2 || len(operators) > q.HubsOver || with != none && !slices.Contains(operators, with) {
			continue
		}
		g.claim(e)
		for also, operator := range n.incident(end) {
			if operator != at && (with == none || operator == with) && n.relation(&n.edges[also]).Name == operates {
				g.claim(also)
			}
		}
	}
	return g.all()
}

// Brokering is what a group's place between markets rests on: its ties, and what those that it is tied to are said to trade in.
func (n *Network) Brokering(q ProjectionQuestion, id string, partners []string) analytics.Grounds {
	g := &grounds{n: n}
	for _, partner := range partners {
		g.from(n.find(partner), trades)
	}
	traded, ties := g.all(), n.TiesOf(q, id, "")
	return analytics.Grounds{Evidence: append(ties.Evidence, traded.Evidence...), Records: ties.Records}
}

// legsAt are the legs that join a place with another at a level, or with one alone, in order.
func (n *Network) legsAt(level string, at, with node) []node {
	inside, legs := map[node]bool{}, map[node]bool{}
	n.inside([]node{at}, inside)
	for within := range inside {
		for e, l := range n.incident(within) {
			if r := n.relation(&n.edges[e]).Name; r != legFrom && r != legTo {
				continue
			}
			start, end := n.ends(l)
			a, b := n.placeOf(start, level), n.placeOf(end, level)
			if a != none && b != none && a != b && (a == at || b == at) && (with == none || a == with || b == with) {
				legs[l] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(legs))
}

// Behind is what the worth of something that may be closed rests on: its legs, what their routes are said to carry, and for a group who says that
// it runs these.
func (n *Network) Behind(target analytics.Target, level, id string) analytics.Grounds {
	at, g := n.find(id), &grounds{n: n}
	var legs []node
	switch target {
	case analytics.TargetPlaces:
		legs = n.legsAt(level, at, none)
	case analytics.TargetLegs:
		legs = []node{at}
	case analytics.TargetGroups:
		for e := n.out[at]; e < n.out[at+1]; e++ {
			if x := &n.edges[e]; n.relation(x).Name == operates && x.flags&edgeFactual != 0 {
				g.claim(e)
				legs = append(legs, n.legsOf(x.to)...)
			}
		}
	}
	var routes []node
	for _, l := range legs {
		g.record(l)
		if r := n.routeOf(l); r != none {
			routes = append(routes, r)
		} else {
			g.from(l, carries)
		}
	}
	for _, r := range distinct(routes) {
		g.cargo(r)
	}
	return g.all()
}

// Cargo is what the worth of routes rests on: what they and their legs are said to carry.
func (n *Network) Cargo(routes []string) []analytics.Evidence {
	g := &grounds{n: n}
	for _, r := range routes {
		g.cargo(n.find(r))
	}
	return g.all().Evidence
}
