package network

import "slices"

// Scope says where paths and neighbourhoods go.
type Scope struct {
	// Via are the relations that they follow, by name; nil means those that are passages (see ontology.Relation).
	Via []string
	// Avoid are nodes that they do not touch, by id.
	Avoid []string
	// AvoidHubsOver keeps them from passing through nodes with more edges than this; 0 means through all.
	AvoidHubsOver int
	// Carrying keeps routes and legs off them that carry none of these commodities, by id; nil means all.
	Carrying []string
}

// scope is a Scope on a network. An edge that is only denied is never followed.
type scope struct {
	n       *Network
	follows []bool // by relation
	closed  map[node]bool
	hub     int
	carrier func(node) bool // nil: all
}

func (s Scope) on(n *Network) (*scope, error) {
	out := &scope{n: n, follows: make([]bool, len(n.relations)), closed: map[node]bool{}, hub: s.AvoidHubsOver}
	if s.Via != nil && len(s.Via) == 0 {
		return nil, refuse("via", "an empty list leads nowhere; leave it out to follow all that paths go along")
	}
	if s.AvoidHubsOver < 0 {
		return nil, refuse("avoidHubsOver", "1 or more; leave it out to pass through any node")
	}
	for i, r := range n.relations {
		out.follows[i] = s.Via == nil && r.Passage || slices.Contains(s.Via, r.Name)
	}
	for _, name := range s.Via {
		if n.Model.Relation(name) == nil {
			return nil, refuse("via", "there is no relation %.40q", name)
		}
	}
	avoided, err := n.given("avoid", s.Avoid)
	if err != nil {
		return nil, err
	}
	for _, at := range avoided {
		out.closed[at] = true
	}
	if s.Carrying != nil {
		err = out.carrying(s.Carrying)
	}
	return out, err
}

// carrying lets through only those routes and legs that are said to carry one of the commodities: legs whose own claims or whose route's
// say so, routes whose claims or one of whose legs' say so.
func (s *scope) carrying(ids []string) error {
	goods, err := s.n.givenOf("carrying", ids, commodity)
	if err != nil {
		return err
	}
	if len(goods) == 0 {
		return refuse("carrying", "an empty list lets no route pass; leave it out for all")
	}
	carriers := map[node]bool{}
	for _, good := range goods {
		for e, other := range s.n.incident(good) {
			if s.n.relation(&s.n.edges[e]).Name == carries && s.n.edges[e].flags&edgeAsserted != 0 {
				carriers[other] = true
				// In a route all legs pass, whichever of them is said to carry; a leg opens its route and no other leg.
				for e, further := range s.n.incident(other) {
					if s.n.relation(&s.n.edges[e]).Name == hasLeg {
						carriers[further] = true
					}
				}
			}
		}
	}
	s.carrier = func(at node) bool {
		name := s.n.kind(at).Name
		return name != route && name != leg || carriers[at]
	}
	return nil
}

// The parts of the ontology that routes are made of.
const (
	route, leg, commodity   = "Route", "Leg", "Commodity"
	carries, operates, lies = "CARRIES", "OPERATES", "WITHIN"
	hasLeg, legFrom, legTo  = "HAS_LEG", "FROM", "TO"
)

// leads says whether an edge is followed.
func (s *scope) leads(e edgeNumber) bool {
	x := &s.n.edges[e]
	return s.follows[x.relation] && x.flags&(edgeStructural|edgeAsserted) != 0
}

// touches says whether a path may have the node on it; passes, whether within.
func (s *scope) touches(at node) bool {
	return !s.closed[at] && (s.carrier == nil || s.carrier(at))
}

func (s *scope) passes(at node) bool {
	return (s.hub == 0 || s.n.degree(at) <= s.hub) && s.touches(at)
}

// steps gives what lies one step from a node, in order of number, each neighbour once for every edge that joins them.
func (s *scope) steps(at node) func(yield func(edgeNumber, node) bool) {
	n := s.n
	return func(yield func(edgeNumber, node) bool) {
		out, outEnd := n.out[at], n.out[at+1]
		in, inEnd := n.inFirst[at], n.inFirst[at+1]
		for out < outEnd || in < inEnd {
			var e edgeNumber
			var other node
			if in == inEnd || out < outEnd && n.edges[out].to <= n.edges[n.in[in]].from {
				e, other = out, n.edges[out].to
				out++
			} else {
				e = n.in[in]
				other = n.edges[e].from
				in++
			}
			if s.leads(e) && !yield(e, other) {
				return
			}
		}
	}
}
