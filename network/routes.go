package network

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
)

// RoutesQuestion asks for chains of legs between places.
type RoutesQuestion struct {
	// From and To are places, by id; places within them count as well.
	From, To []string
	// Carrying keeps to routes and legs that carry one of these commodities, by id; nil means all. Modes keeps to these means of transport.
	Carrying []string
	Modes    []string
	// K is how many chains are wanted, MaxLegs how long they may be.
	K, MaxLegs int
	Work       int
}

// RoutesAnswer holds chains, those with the fewest legs first, then the shortest, then by ids.
type RoutesAnswer struct {
	Status Completeness
	Chains []Chain
}

// Chain is a chain of legs, each from where the last one ends, over one route or several.
type Chain struct {
	Legs []ChainLeg
	// Handovers is how often the route changes.
	Handovers int
	// Kilometres along great circles, as far as coordinates are known.
	Kilometres float64
}

// ChainLeg is one leg of a chain.
type ChainLeg struct {
	Leg, Route, From, To string
	Mode                 string
	Kilometres           float64
	// Handover says that the route is another than the last leg's.
	Handover bool
	// OperatedBy are groups said to operate its route.
	OperatedBy []string
}

// RoutesBetween answers the question. The error is an *ArgumentError.
func (n *Network) RoutesBetween(ctx context.Context, q RoutesQuestion) (RoutesAnswer, error) {
	if err := within("k", q.K, 1, MaxPaths); err != nil {
		return RoutesAnswer{}, err
	}
	if err := within("maxLegs", q.MaxLegs, 1, MaxHops); err != nil {
		return RoutesAnswer{}, err
	}
	sc, err := Scope{Carrying: q.Carrying}.on(n)
	if err != nil {
		return RoutesAnswer{}, err
	}
	s := &chainSearch{scope: sc, work: newWork(ctx, q.Work), q: q, from: map[node]bool{}, to: map[node]bool{}, rest: map[node]int{}}
	for _, set := range []struct {
		argument string
		ids      []string
		into     map[node]bool
	}{{"from", q.From, s.from}, {"to", q.To, s.to}} {
		places, err := n.givenOf(set.argument, set.ids, place)
		if err != nil {
			return RoutesAnswer{}, err
		}
		if len(places) == 0 {
			return RoutesAnswer{}, refuse(set.argument, "an empty list has no routes; name at least one place")
		}
		n.inside(places, set.into)
	}
	for _, at := range slices.Sorted(maps.Keys(s.from)) {
		if s.to[at] {
			return RoutesAnswer{}, refuse("to", "%s lies in from as well", n.id(at))
		}
	}
	if q.Modes != nil && len(q.Modes) == 0 {
		return RoutesAnswer{}, refuse("modes", "an empty list lets no leg pass; leave it out for all")
	}
	if legKind := n.Model.Kind(leg); q.Modes != nil && legKind != nil {
		for _, name := range q.Modes {
			rank := legKind.Property("mode").Enum.Rank(name)
			if rank == 0 {
				return RoutesAnswer{}, refuse("modes", "there is no mode %.40q", name)
			}
			s.modes = append(s.modes, uint8(rank))
		}
	}
	s.search()
	answer := RoutesAnswer{Status: Complete, Chains: []Chain{}}
	if s.work.exhausted() {
		answer.Status = BudgetExhausted
	} else if len(s.found) > q.K {
		answer.Status = Truncated
	}
	for _, legs := range s.found[:min(len(s.found), q.K)] {
		answer.Chains = append(answer.Chains, n.chain(legs))
	}
	return answer, nil
}

// inside adds places and all that lies within them to a set.
func (n *Network) inside(places []node, into map[node]bool) {
	for len(places) > 0 {
		at := places[len(places)-1]
		places = places[:len(places)-1]
		if into[at] {
			continue
		}
		into[at] = true
		for e, other := range n.incident(at) {
			if x := &n.edges[e]; x.to == at && n.relation(x).Name == lies {
				places = append(places, other)
			}
		}
	}
}

type chainSearch struct {
	*scope
	work     *work
	q        RoutesQuestion
	modes    []uint8
	from, to map[node]bool
	// rest is how many legs a place is from the nearest target.
	rest  map[node]int
	found [][]node
	on    []node
	at    []node
}

// usable says whether a leg may be part of a chain, and where it leads.
func (s *chainSearch) usable(at node) (start, end node, ok bool) {
	if !s.touches(at) || s.modes != nil && !slices.Contains(s.modes, s.n.modes[at]) {
		return none, none, false
	}
	start, end = s.n.ends(at)
	return start, end, start != none && end != none && start != end
}

// search finds how far all places are from the targets, and walks the chains of each length in turn.
func (s *chainSearch) search() {
	frontier := make([]node, 0, len(s.to))
	for at := range s.to {
		s.rest[at] = 0
		frontier = append(frontier, at)
	}
	for legs := 1; legs <= s.q.MaxLegs && len(frontier) > 0; legs++ {
		var next []node
		for _, at := range frontier {
			if !s.work.spend(s.n.degree(at)) {
				return
			}
			for e, other := range s.n.incident(at) {
				if x := &s.n.edges[e]; x.to != at || s.n.relation(x).Name != legTo {
					continue
				}
				start, _, ok := s.usable(other)
				if _, known := s.rest[start]; !ok || known {
					continue
				}
				s.rest[start] = legs
				next = append(next, start)
			}
		}
		frontier = next
	}
	starts := make([]node, 0, len(s.from))
	for at := range s.from {
		starts = append(starts, at)
	}
	slices.Sort(starts)
	for length := 1; length <= s.q.MaxLegs && len(s.found) <= s.q.K; length++ {
		before := len(s.found)
		for _, at := range starts {
			if !s.walk(at, length) {
				return
			}
		}
		slices.SortStableFunc(s.found[before:], func(a, b []node) int { return cmp.Compare(s.kilometres(a), s.kilometres(b)) })
	}
}

// maxChains bounds the chains of one length that are compared by distance.
const maxChains = 10_000

// walk goes on from a place for exactly so many legs; no place comes twice, and none within from or to comes in between.
func (s *chainSearch) walk(at node, left int) bool {
	if s.to[at] {
		if left == 0 {
			s.found = append(s.found, slices.Clone(s.on))
		}
		return true
	}
	rest, known := s.rest[at]
	if !known || rest > left || len(s.on) > 0 && s.from[at] || len(s.found) >= maxChains {
		return true
	}
	if !s.work.spend(s.n.degree(at)) {
		return false
	}
	s.at = append(s.at, at)
	defer func() { s.at = s.at[:len(s.at)-1] }()
	for e, other := range s.n.incident(at) {
		if x := &s.n.edges[e]; x.to != at || s.n.relation(x).Name != legFrom {
			continue
		}
		_, end, ok := s.usable(other)
		if !ok || slices.Contains(s.at, end) {
			continue
		}
		s.on = append(s.on, other)
		more := s.walk(end, left-1)
		s.on = s.on[:len(s.on)-1]
		if !more {
			return false
		}
	}
	return true
}

func (s *chainSearch) kilometres(legs []node) float64 {
	sum := 0.0
	for _, at := range legs {
		sum += s.n.legLength(at)
	}
	return sum
}

// legLength in kilometres; 0 where an end has no coordinates.
func (n *Network) legLength(at node) float64 {
	start, end := n.ends(at)
	a, known := n.position(start)
	b, too := n.position(end)
	if !known || !too {
		return 0
	}
	return kilometres(a, b)
}

// chain describes a chain.
func (n *Network) chain(legs []node) Chain {
	c := Chain{Legs: []ChainLeg{}}
	last := none
	for i, at := range legs {
		start, end := n.ends(at)
		l := ChainLeg{Leg: n.id(at), From: n.id(start), To: n.id(end), Kilometres: math.Round(n.legLength(at)*10) / 10, OperatedBy: []string{}}
		if k := n.Model.Kind(leg); k != nil {
			l.Mode = k.Property("mode").Enum.Value(int64(n.modes[at]))
		}
		of := none
		for e, other := range n.incident(at) {
			if n.relation(&n.edges[e]).Name == hasLeg {
				of = other
			}
		}
		if of != none {
			l.Route = n.id(of)
			for e, other := range n.incident(of) {
				if x := &n.edges[e]; n.relation(x).Name == operates && x.flags&edgeAsserted != 0 {
					l.OperatedBy = append(l.OperatedBy, n.id(other))
				}
			}
			slices.Sort(l.OperatedBy)
		}
		if l.Handover = i > 0 && of != last; l.Handover {
			c.Handovers++
		}
		last = of
		c.Kilometres += l.Kilometres
		c.Legs = append(c.Legs, l)
	}
	c.Kilometres = math.Round(c.Kilometres*10) / 10
	return c
}
