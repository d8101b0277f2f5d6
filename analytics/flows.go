package analytics

import "slices"

// Flows are routes over places, as what closing some of it is measured on. All are in order of id; legs, routes and groups are named by number.
type Flows struct {
	Places []string
	Legs   []FlowLeg
	Routes []FlowRoute
	Groups []string
}

// FlowLeg leads from one place to another. Route is -1 where it is of none.
type FlowLeg struct {
	ID              string
	Route, From, To int
	// Kilometres is 0 where it is not known.
	Kilometres float64
}

// FlowRoute is a route with its legs. Value is how much there is to lose: the commodities that it is said to carry, at least 1. Groups are its
// operators.
type FlowRoute struct {
	ID     string
	Legs   []int
	Value  float64
	Groups []int
}

// closing is what is closed, and what that leaves.
type closing struct {
	f     *Flows
	place []bool
	leg   []bool
	group []bool
	ways  []way
	// of lists what hangs on each place and group.
	routesOfPlace, routesOfGroup, legsOfPlace [][]int
}

// way is a route as pairs of a beginning and an end: places at which no leg of it ends, or starts.
type way struct{ pairs [][2]int }

func newClosing(f *Flows) *closing {
	c := &closing{
		f: f, place: make([]bool, len(f.Places)), leg: make([]bool, len(f.Legs)), group: make([]bool, len(f.Groups)), ways: make([]way, len(f.Routes)),
		routesOfPlace: make([][]int, len(f.Places)), routesOfGroup: make([][]int, len(f.Groups)), legsOfPlace: make([][]int, len(f.Places)),
	}
	for i, l := range f.Legs {
		c.legsOfPlace[l.From] = append(c.legsOfPlace[l.From], i)
		if l.To != l.From {
			c.legsOfPlace[l.To] = append(c.legsOfPlace[l.To], i)
		}
	}
	for r, route := range f.Routes {
		starts, ends := map[int]bool{}, map[int]bool{}
		var places []int
		for _, l := range route.Legs {
			starts[f.Legs[l].From], ends[f.Legs[l].To] = true, true
			places = append(places, f.Legs[l].From, f.Legs[l].To)
		}
		slices.Sort(places)
		places = slices.Compact(places)
		for _, p := range places {
			c.routesOfPlace[p] = append(c.routesOfPlace[p], r)
		}
		for _, g := range route.Groups {
			c.routesOfGroup[g] = append(c.routesOfGroup[g], r)
		}
		for _, a := range places {
			for _, b := range c.reached(r, a) {
				if a != b && starts[a] && !ends[a] && ends[b] && !starts[b] {
					c.ways[r].pairs = append(c.ways[r].pairs, [2]int{a, b})
				}
			}
		}
		if len(c.ways[r].pairs) == 0 { // round in circles: each leg for itself
			for _, l := range route.Legs {
				if f.Legs[l].From != f.Legs[l].To {
					c.ways[r].pairs = append(c.ways[r].pairs, [2]int{f.Legs[l].From, f.Legs[l].To})
				}
			}
		}
	}
	return c
}

// run says whether somebody is left to run a route: one whose operators are not known is run by somebody.
func (c *closing) run(r int) bool {
	groups := c.f.Routes[r].Groups
	return len(groups) == 0 || slices.ContainsFunc(groups, func(g int) bool { return !c.group[g] })
}

// open says whether a leg can be used.
func (c *closing) open(l int) bool {
	x := &c.f.Legs[l]
	return !c.leg[l] && !c.place[x.From] && !c.place[x.To] && (x.Route < 0 || c.run(x.Route))
}

// reached are the places that a route leads to from one of its own, over legs that are open.
func (c *closing) reached(r, from int) []int {
	if c.place[from] || !c.run(r) {
		return nil
	}
	reached := []int{from}
	for at := 0; at < len(reached); at++ {
		for _, l := range c.f.Routes[r].Legs {
			if x := &c.f.Legs[l]; x.From == reached[at] && c.open(l) && !slices.Contains(reached, x.To) {
				reached = append(reached, x.To)
			}
		}
	}
	return reached
}

// broken are the pairs of a route that it no longer joins.
func (c *closing) broken(r int) (pairs [][2]int) {
	last := -1
	var reached []int
	for _, p := range c.ways[r].pairs {
		if p[0] != last {
			last, reached = p[0], c.reached(r, p[0])
		}
		if !slices.Contains(reached, p[1]) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// left is how much of the value of a route is left.
func (c *closing) left(r int) float64 {
	all := len(c.ways[r].pairs)
	if all == 0 {
		return 0
	}
	return c.f.Routes[r].Value * (1 - float64(len(c.broken(r)))/float64(all))
}

// Target is what is closed.
type Target string

// The targets.
const (
	TargetPlaces Target = "PLACES"
	TargetLegs   Target = "LEGS"
	TargetGroups Target = "GROUPS"
)

// set closes one, or opens it again.
func (c *closing) set(t Target, i int, closed bool) {
	switch t {
	case TargetPlaces:
		c.place[i] = closed
	case TargetLegs:
		c.leg[i] = closed
	case TargetGroups:
		c.group[i] = closed
	}
}

// routesOf are the routes that one closed may break.
func (c *closing) routesOf(t Target, i int) []int {
	switch t {
	case TargetPlaces:
		return c.routesOfPlace[i]
	case TargetGroups:
		return c.routesOfGroup[i]
	default:
		if r := c.f.Legs[i].Route; r >= 0 {
			return []int{r}
		}
		return nil
	}
}

// connected is how many pairs of places legs that are open join, either way.
func (c *closing) connected() float64 {
	parent := make([]int, len(c.f.Places))
	size := make([]int, len(c.f.Places))
	for i := range parent {
		parent[i], size[i] = i, 1
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	pairs := 0.0
	for l := range c.f.Legs {
		if !c.open(l) {
			continue
		}
		a, b := root(c.f.Legs[l].From), root(c.f.Legs[l].To)
		if a == b {
			continue
		}
		if size[a] < size[b] {
			a, b = b, a
		}
		pairs += float64(size[a]) * float64(size[b])
		parent[b] = a
		size[a] += size[b]
	}
	return pairs
}

// cuts gives, for each place and each leg, how many pairs of places are no longer joined once it alone is closed as well: from one depth-first search of
// each part (R. Tarjan, 1972).
func (c *closing) cuts() (places, legs []float64) {
	n := len(c.f.Places)
	places, legs = make([]float64, n), make([]float64, len(c.f.Legs))
	seen, low, size, by := make([]int, n), make([]int, n), make([]int, n), make([]int, n)
	next := make([]int, n)
	clock := 0
	pairs := func(k int) float64 { return float64(k) * float64(k-1) / 2 }
	for root := range n {
		if seen[root] > 0 || c.place[root] {
			continue
		}
		clock++
		seen[root], low[root], size[root], by[root] = clock, clock, 1, -1
		stack, order := []int{root}, []int{root}
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			if next[v] < len(c.legsOfPlace[v]) {
				l := c.legsOfPlace[v][next[v]]
				next[v]++
				x := &c.f.Legs[l]
				w := x.From + x.To - v
				if l == by[v] || w == v || !c.open(l) {
					continue
				}
				if seen[w] > 0 {
					low[v] = min(low[v], seen[w])
					continue
				}
				clock++
				seen[w], low[w], size[w], by[w] = clock, clock, 1, l
				stack, order = append(stack, w), append(order, w)
				continue
			}
			stack = stack[:len(stack)-1]
			if len(stack) > 0 {
				above := stack[len(stack)-1]
				low[above] = min(low[above], low[v])
				size[above] += size[v]
			}
		}
		whole := size[root]
		// What is cut off by a place is in parts; the rest stays together.
		rest, left := map[int]int{}, map[int]float64{}
		for _, v := range order {
			rest[v] = whole - 1
		}
		for _, v := range order {
			if by[v] < 0 {
				continue
			}
			x := &c.f.Legs[by[v]]
			above := x.From + x.To - v
			if low[v] >= seen[above] {
				left[above] += pairs(size[v])
				rest[above] -= size[v]
			}
			if low[v] > seen[above] {
				legs[by[v]] = float64(size[v]) * float64(whole-size[v])
			}
		}
		for _, v := range order {
			places[v] = pairs(whole) - left[v] - pairs(rest[v])
		}
	}
	return places, legs
}
