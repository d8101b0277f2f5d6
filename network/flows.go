package network

import (
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/analytics"
)

// Flows are routes over places, taken at a level, or as legs have them where it is empty. Legs that lack an end, or whose ends are at no such level,
// are left out, and so are routes without any leg.
func (n *Network) Flows(level string) analytics.Flows {
	var f analytics.Flows
	type ends struct{ leg, from, to node }
	var joined []ends
	inside, routes, groups := map[node]int{}, map[node]int{}, map[node]int{}
	for i := range n.kinds {
		at := node(i)
		if n.kind(at).Name != leg {
			continue
		}
		start, end := n.ends(at)
		a, b := n.placeOf(start, level), n.placeOf(end, level)
		if a == none || b == none || a == b {
			continue
		}
		joined = append(joined, ends{at, a, b})
		inside[a], inside[b] = 0, 0
		if r := n.routeOf(at); r != none {
			routes[r] = 0
			for _, g := range n.operatorsOf(r) {
				groups[g] = 0
			}
		}
	}
	number := func(of map[node]int, each func(at node)) {
		for i, at := range slices.Sorted(maps.Keys(of)) {
			of[at] = i
			each(at)
		}
	}
	number(inside, func(at node) { f.Places = append(f.Places, n.id(at)) })
	number(groups, func(at node) { f.Groups = append(f.Groups, n.id(at)) })
	number(routes, func(at node) {
		r := analytics.FlowRoute{ID: n.id(at), Value: float64(max(1, n.cargo(at)))}
		for _, g := range n.operatorsOf(at) {
			r.Groups = append(r.Groups, groups[g])
		}
		f.Routes = append(f.Routes, r)
	})
	for _, j := range joined {
		l := analytics.FlowLeg{ID: n.id(j.leg), Route: -1, From: inside[j.from], To: inside[j.to], Kilometres: n.legLength(j.leg)}
		if r := n.routeOf(j.leg); r != none {
			l.Route = routes[r]
			f.Routes[l.Route].Legs = append(f.Routes[l.Route].Legs, len(f.Legs))
		}
		f.Legs = append(f.Legs, l)
	}
	return f
}

// cargo is how many commodities a route, or one of its legs, is said to carry. What one of them is part of is the same cargo, said less exactly.
func (n *Network) cargo(at node) int {
	carried := map[node]bool{}
	for _, carrier := range append(n.legsOf(at), at) {
		for e := n.out[carrier]; e < n.out[carrier+1]; e++ {
			if x := &n.edges[e]; n.relation(x).Name == carries && x.flags&edgeFactual != 0 {
				carried[x.to] = true
			}
		}
	}
	more := map[node]bool{}
	for c := range carried {
		for up := range n.upwards(c, partOf) {
			if up != c {
				more[up] = true
			}
		}
	}
	count := 0
	for c := range carried {
		if !more[c] {
			count++
		}
	}
	return count
}
