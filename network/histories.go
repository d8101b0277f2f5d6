package network

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/ontology"
)

// UnitKind is what the histories of commodities are told of.
type UnitKind string

// The kinds of units.
const (
	// UnitRoute: what a route or one of its legs is said to carry.
	UnitRoute UnitKind = "ROUTE"
	// UnitLeg: what a leg itself is said to carry.
	UnitLeg UnitKind = "LEG"
	// UnitCorridor: what a leg from the one place to the other, or its route as a whole, is said to carry; places are taken at a level.
	UnitCorridor UnitKind = "CORRIDOR"
	// UnitGroup: what a group is said to trade in.
	UnitGroup UnitKind = "GROUP"
)

// HistoriesQuestion asks for the histories of units.
type HistoriesQuestion struct {
	Unit UnitKind
	// Of are units by id, for corridors the places at either end; nil means all.
	Of []string
	// Level is the level of commodities, Places that of the ends of corridors.
	Level, Places string
	// Sets take the place of levels where there are some: each commodity counts as the set in which it, or one above it, is, and those in none as
	// Rest. A commodity that lies in several is refused.
	Sets []CommoditySet
}

// CommoditySet are commodities, by id, with all below them. Argument is what they were asked by.
type CommoditySet struct {
	Name, Argument string
	Of             []string
}

// Rest is what lies in no set.
const Rest = "REST"

// trades is the relation of groups with commodities.
const trades, group = "TRADES", "Group"

// Histories tells what units are said to have carried. The error is an *ArgumentError.
func (n *Network) Histories(q HistoriesQuestion) (analytics.Histories, error) {
	if q.Of != nil && len(q.Of) == 0 {
		return analytics.Histories{}, refuse("of", "an empty list has no history; leave it out for all")
	}
	kind := map[UnitKind]string{UnitRoute: route, UnitLeg: leg, UnitCorridor: place, UnitGroup: group}[q.Unit]
	of, err := n.givenOf("of", q.Of, kind)
	if err != nil {
		return analytics.Histories{}, err
	}
	r := historyReading{n: n, q: q, commodities: map[node]string{}}
	if q.Of != nil {
		r.of = map[node]bool{}
		for _, at := range of {
			r.of[at] = true
		}
	}
	if q.Unit == UnitCorridor {
		kinds := n.Model.Kind(place).Property("kind").Enum
		r.places = uint8(kinds.Rank(q.Places))
		for _, at := range of {
			if is := n.levels[at].kind; is != r.places {
				return analytics.Histories{}, refuse("of", "%s is a %s, and no corridor of %s begins or ends there; ask with that level of places", n.id(at), kinds.Value(int64(is)), q.Places)
			}
		}
	}
	if err := r.sets(); err != nil {
		return analytics.Histories{}, err
	}
	relation := carries
	if q.Unit == UnitGroup {
		relation = trades
	}
	for i := range n.edges {
		if n.relation(&n.edges[i]).Name == relation {
			r.read(edgeNumber(i))
		}
	}
	known := map[string]bool{}
	for at := range n.levels {
		if n.kind(at).Name == commodity {
			known[r.commodity(at)] = true
		}
	}
	delete(known, "")
	r.h.Commodities = len(known)
	r.h.Sort()
	return r.h, nil
}

type historyReading struct {
	n           *Network
	q           HistoriesQuestion
	of          map[node]bool // nil: all
	places      uint8
	commodities map[node]string
	h           analytics.Histories
}

// sets finds the set of every commodity.
func (r *historyReading) sets() error {
	for _, set := range r.q.Sets {
		given, err := r.n.givenOf(set.Argument, set.Of, commodity)
		if err != nil {
			return err
		}
		if len(given) == 0 {
			return refuse(set.Argument, "an empty list is carried by nothing; name at least one commodity")
		}
		for len(given) > 0 {
			at := given[len(given)-1]
			given = given[:len(given)-1]
			switch r.commodities[at] {
			case set.Name:
				continue
			case "":
				r.commodities[at] = set.Name
			default:
				return refuse(set.Argument, "%s lies in %s as well", r.n.id(at), strings.ToLower(r.commodities[at]))
			}
			for e, other := range r.n.incident(at) {
				if x := &r.n.edges[e]; x.to == at && r.n.relation(x).Name == partOf {
					given = append(given, other)
				}
			}
		}
	}
	return nil
}

func (r *historyReading) commodity(at node) string {
	key, known := r.commodities[at]
	if !known && r.q.Sets != nil {
		return Rest
	}
	if !known {
		key = r.n.commodityAt(at, r.q.Level)
		r.commodities[at] = key
	}
	return key
}

// read takes over the claims of one edge.
func (r *historyReading) read(e edgeNumber) {
	x := &r.n.edges[e]
	units, asked := r.units(x.from)
	if !asked {
		return
	}
	claims := r.n.claimsOf(e)
	key := r.commodity(x.to)
	for i := range claims {
		c := &claims[i]
		switch {
		case len(units) == 0:
			r.h.Left.Unplaced++
			continue
		case key == "":
			r.h.Left.AboveLevel++
			continue
		case r.n.denied(c.grade):
			r.h.Left.Denied++
			continue
		case c.possible():
			r.h.Left.Possible++
			continue
		}
		o := observation(c.validFrom, c.validTo)
		if !o.Dated && c.validFrom == undated && c.validTo == undated {
			r.h.Left.Undated++
		} else if !o.Dated {
			r.h.Left.Reversed++
		}
		o.Commodity, o.Source = key, r.n.id(c.source)
		o.Claim, o.Amount = r.n.claimKey(e, c), r.n.amountOf(x.first+uint32(i))
		for _, unit := range units {
			o.Unit = unit
			r.h.Observations = append(r.h.Observations, o)
		}
	}
}

// observation reads the dates of a claim: what has one date alone was seen then.
func observation(from, to int32) analytics.Observation {
	o := analytics.Observation{Start: analytics.Undated, Stop: analytics.Undated}
	if from == undated && to == undated {
		return o
	}
	first, last := from, to
	if first == undated {
		first = to
	}
	if last == undated {
		last = from
	}
	a, b := ontology.DateOf(int64(first)), ontology.DateOf(int64(last))
	if a.First > b.Last {
		return o
	}
	// A day that is only known by its month or year may lie anywhere in it; the end is not before the beginning.
	o.Begin = analytics.Span{First: a.First, Last: min(a.Last, b.Last)}
	o.End = analytics.Span{First: max(a.First, b.First), Last: b.Last}
	o.Dated = true
	if from != undated {
		o.Start = int64(from)
	}
	if to != undated {
		o.Stop = int64(to)
	}
	return o
}

// units are those that what is said of a node speaks of. asked is false where the question is about others.
func (r *historyReading) units(of node) (keys []string, asked bool) {
	n := r.n
	is := n.kind(of).Name
	switch r.q.Unit {
	case UnitCorridor:
		legs := []node{of}
		if is == route {
			legs = n.legsOf(of)
		}
		asked = r.of == nil
		for _, at := range legs {
			start, end := n.ends(at)
			if start == none || end == none {
				continue
			}
			start, end = n.placeAt(start, r.places), n.placeAt(end, r.places)
			if start == none || end == none || start == end {
				continue
			}
			if r.of != nil && !r.of[start] && !r.of[end] {
				continue
			}
			asked = true
			keys = append(keys, analytics.Corridor(n.id(start), n.id(end)))
		}
		return distinct(keys), asked
	case UnitRoute:
		if is == leg {
			if of = n.routeOf(of); of == none {
				return nil, r.of == nil
			}
		}
	case UnitLeg:
		if is != leg {
			return nil, false
		}
	case UnitGroup:
		if is != group {
			return nil, false
		}
	}
	if r.of != nil && !r.of[of] {
		return nil, false
	}
	return []string{n.id(of)}, true
}

// routeOf is the route of a leg; none where the lens hides it.
func (n *Network) routeOf(at node) node {
	for e, other := range n.incident(at) {
		if n.relation(&n.edges[e]).Name == hasLeg {
			return other
		}
	}
	return none
}

// legsOf are the legs of a route, in order of number.
func (n *Network) legsOf(at node) []node {
	var legs []node
	for e, other := range n.incident(at) {
		if n.relation(&n.edges[e]).Name == hasLeg {
			legs = append(legs, other)
		}
	}
	slices.Sort(legs)
	return legs
}

// Operators are the groups said to operate the routes of a unit, in order, each with the claims that say so. The unit is a key of Histories; a
// group operates itself.
func (n *Network) Operators(q HistoriesQuestion, unit string) []analytics.Operator {
	var routes []node
	switch q.Unit {
	case UnitRoute:
		routes = append(routes, n.find(unit))
	case UnitLeg:
		routes = append(routes, n.routeOf(n.find(unit)))
	case UnitCorridor:
		routes = n.routesAlong(unit, q.Places)
	case UnitGroup:
	}
	claims := map[string][]analytics.Claim{}
	for _, at := range distinct(routes) {
		if at == none {
			continue
		}
		for e, other := range n.incident(at) {
			x := &n.edges[e]
			if n.relation(x).Name != operates || x.flags&edgeFactual == 0 {
				continue
			}
			for _, c := range n.claimsOf(e) {
				if n.factual(c.grade) {
					claims[n.id(other)] = append(claims[n.id(other)], n.claimKey(e, &c))
				}
			}
		}
	}
	return analytics.OperatorsOf(claims)
}

// routesAlong are the routes with a leg in a corridor.
func (n *Network) routesAlong(corridor, level string) []node {
	kind := uint8(n.Model.Kind(place).Property("kind").Enum.Rank(level))
	from, to, _ := analytics.Ends(corridor)
	inside := map[node]bool{}
	n.inside([]node{n.find(from)}, inside)
	var routes []node
	for at := range inside {
		for e, other := range n.incident(at) {
			if n.relation(&n.edges[e]).Name != legFrom {
				continue
			}
			start, end := n.ends(other)
			if start == none || end == none || n.placeAt(start, kind) != n.find(from) || n.placeAt(end, kind) != n.find(to) {
				continue
			}
			routes = append(routes, n.routeOf(other))
		}
	}
	return routes
}

// claimKey names a claim of an edge.
func (n *Network) claimKey(e edgeNumber, c *claim) analytics.Claim {
	x := &n.edges[e]
	return analytics.Claim{ID: hex.EncodeToString(c.id[:]), Relation: n.relation(x).Name, From: n.id(x.from), To: n.id(x.to)}
}
