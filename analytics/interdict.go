package analytics

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// InterdictQuestion says what is closed, and what for.
type InterdictQuestion struct {
	Remove Target
	// Candidates, by id, are what may be closed; nil means all.
	Candidates []string
	K          int
	// Objective is FLOW, what routes carry, or CONNECTIVITY, the pairs of places that legs join.
	Objective string
	// Exact tries all sets; the caller makes sure that there are no more than MostSets.
	Exact bool
	// Randoms is how often as many are closed by lot.
	Randoms   int
	Receivers int
	Seed      uint64
}

// MostSets is how many sets an exact search tries at most.
const MostSets = 50_000

// candidatesTried is how many groups are tried for each step where connectivity counts: those with the most routes.
const candidatesTried = 200

// Interdiction is what closing some does.
type Interdiction struct {
	Status Completeness
	Method string
	// Candidates is how many may be closed, Before how much there is: see Objective.
	Candidates int
	Before     float64
	Steps      []InterdictionStep
	// Displacement is what becomes of the flow of the routes that are broken.
	Displacement Displacement
}

// InterdictionStep is one more closed.
type InterdictionStep struct {
	Number int
	Closed string
	// Left is how much is left, Lost how much this step takes; Random is how much is left where as many are closed by lot: mean, and from the
	// lowest 2.5 % to the highest.
	Left, Lost float64
	Random     *Effect
	Grounds
}

// Displacement is where the flow of broken routes goes: over the fewest legs of any route that are open, of equally many the shortest.
type Displacement struct {
	// Routes is how many are broken, wholly or in part; Broken how much value that is. Ended begins or ends at a place that is closed; of the rest
	// Displaced finds another way and Stopped none.
	Routes                            int
	Broken, Ended, Displaced, Stopped float64
	// ExtraLegs and ExtraKilometres are the mean of how much longer the other way is, by value; nil where nothing is displaced, or no length known.
	ExtraLegs, ExtraKilometres *float64
	// Receivers are the places that get the most of it.
	Receivers []Receiver
}

// Receiver is a place over which flow is displaced that did not pass there.
type Receiver struct {
	Place string
	Value float64
	// Routes are those whose flow it gets, by id.
	Routes   []string
	Evidence []Evidence
}

// Interdict closes what takes the most, one after another (greedy), or the best set of all (exact), and compares with closing by lot (R. Albert, H.
// Jeong, A.-L. Barabási, Error and Attack Tolerance, 2000). A group closed ends the routes that nobody else is said to run.
func Interdict(ctx context.Context, f Flows, q InterdictQuestion) Interdiction {
	c := newClosing(&f)
	answer := Interdiction{Status: Complete, Method: "GREEDY", Steps: []InterdictionStep{}}
	answer.Displacement.Receivers = []Receiver{}
	ids := map[Target][]string{TargetPlaces: f.Places, TargetGroups: f.Groups}[q.Remove]
	if q.Remove == TargetLegs {
		for _, l := range f.Legs {
			ids = append(ids, l.ID)
		}
	}
	var candidates []int
	for i, id := range ids {
		if q.Candidates == nil || slices.Contains(q.Candidates, id) {
			candidates = append(candidates, i)
		}
	}
	answer.Candidates = len(candidates)
	s := &interdicting{closing: c, q: q, left: make([]float64, len(f.Routes))}
	s.measure()
	answer.Before = s.value
	k := min(q.K, len(candidates))
	var chosen []int
	if q.Exact {
		answer.Method = "EXACT"
		chosen = s.best(ctx, candidates, k)
	} else {
		chosen = s.greedy(ctx, candidates, k)
	}
	if ctx.Err() != nil {
		answer.Status = BudgetExhausted
	}
	lots := s.byLot(ctx, candidates, len(chosen))
	s.reset(chosen)
	for i, x := range chosen {
		before := s.value
		s.close(x)
		step := InterdictionStep{Number: i + 1, Closed: ids[x], Left: s.value, Lost: before - s.value}
		if len(lots[i]) > 0 {
			mean, low, high := interval(lots[i])
			step.Random = &Effect{mean, low, high}
		}
		answer.Steps = append(answer.Steps, step)
	}
	answer.Displacement = s.displaced(ctx, q.Receivers)
	if ctx.Err() != nil {
		answer.Status = BudgetExhausted
	}
	return answer
}

// Sets is how many sets of k there are among n, or a number above MostSets.
func Sets(n, k int) int {
	k = min(k, n)
	k = min(k, n-k) // as many as of those left out
	sets := 1
	for i := range k {
		if sets = sets * (n - i) / (i + 1); sets > MostSets {
			return MostSets + 1
		}
	}
	return sets
}

// interdicting keeps how much is left while things are closed and opened.
type interdicting struct {
	*closing
	q     InterdictQuestion
	left  []float64 // of each route
	value float64
}

func (s *interdicting) flow() bool { return s.q.Objective != "CONNECTIVITY" }

// measure computes how much is left from scratch.
func (s *interdicting) measure() {
	if !s.flow() {
		s.value = s.connected()
		return
	}
	s.value = 0
	for r := range s.left {
		s.left[r] = s.closing.left(r)
		s.value += s.left[r]
	}
}

// close closes one more.
func (s *interdicting) close(x int) {
	s.set(s.q.Remove, x, true)
	s.measure()
}

// reset opens all of some.
func (s *interdicting) reset(chosen []int) {
	for _, x := range chosen {
		s.set(s.q.Remove, x, false)
	}
	s.measure()
}

// gain is how much closing one more takes.
func (s *interdicting) gain(x int) float64 {
	s.set(s.q.Remove, x, true)
	defer s.set(s.q.Remove, x, false)
	if !s.flow() {
		return s.value - s.connected()
	}
	gain := 0.0
	for _, r := range s.routesOf(s.q.Remove, x) {
		gain += s.left[r] - s.closing.left(r)
	}
	return gain
}

// greedy chooses what takes the most, again and again; of equals the first.
func (s *interdicting) greedy(ctx context.Context, candidates []int, k int) []int {
	if !s.flow() && s.q.Remove == TargetGroups {
		candidates = slices.Clone(candidates)
		slices.SortStableFunc(candidates, func(a, b int) int { return cmp.Compare(len(s.routesOfGroup[b]), len(s.routesOfGroup[a])) })
		candidates = candidates[:min(len(candidates), candidatesTried)]
		slices.Sort(candidates)
	}
	gains := map[int]float64{}
	stale := map[int]bool{}
	for _, x := range candidates {
		stale[x] = true
	}
	var chosen []int
	tell := step(ctx, "closing", k*len(candidates))
	for len(chosen) < k && len(chosen) < len(candidates) {
		if !s.flow() && s.q.Remove != TargetGroups {
			places, legs := s.cuts()
			for _, x := range candidates {
				gains[x] = map[Target][]float64{TargetPlaces: places, TargetLegs: legs}[s.q.Remove][x]
			}
		} else {
			for i, x := range candidates {
				tell(len(chosen)*len(candidates) + i)
				if !slices.Contains(chosen, x) && (!s.flow() || stale[x]) {
					gains[x] = s.gain(x)
					if ctx.Err() != nil {
						return chosen
					}
				}
			}
			clear(stale)
		}
		best, most := -1, -1.0
		for _, x := range candidates {
			if !slices.Contains(chosen, x) && gains[x] > most+1e-9 {
				best, most = x, gains[x]
			}
		}
		chosen = append(chosen, best)
		s.set(s.q.Remove, best, true)
		if !s.flow() {
			s.measure()
		}
		// What it takes to close others has changed for those alone that share a route with it.
		for _, r := range s.routesOf(s.q.Remove, best) {
			s.left[r] = s.closing.left(r)
			for _, l := range s.f.Routes[r].Legs {
				switch s.q.Remove {
				case TargetPlaces:
					stale[s.f.Legs[l].From], stale[s.f.Legs[l].To] = true, true
				case TargetLegs:
					stale[l] = true
				}
			}
			if s.q.Remove == TargetGroups {
				for _, g := range s.f.Routes[r].Groups {
					stale[g] = true
				}
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return chosen
}

// best tries all sets of k; of equals the first. In the set, what takes the most alone comes first.
func (s *interdicting) best(ctx context.Context, candidates []int, k int) []int {
	var best []int
	least := 0.0
	at := make([]int, k)
	tell, tried := step(ctx, "sets", Sets(len(candidates), k)), 0
	var try func(i, from int)
	try = func(i, from int) {
		if ctx.Err() != nil {
			return
		}
		if i == k {
			tried++
			tell(tried)
			if s.measure(); best == nil || s.value < least-1e-9 {
				best, least = slices.Clone(at), s.value
			}
			return
		}
		for j := from; j <= len(candidates)-(k-i); j++ {
			at[i] = candidates[j]
			s.set(s.q.Remove, candidates[j], true)
			try(i+1, j+1)
			s.set(s.q.Remove, candidates[j], false)
		}
	}
	try(0, 0)
	s.measure()
	return s.greedy(ctx, best, len(best))
}

// byLot closes as many by lot, again and again, and gives for each number of them how much was left.
func (s *interdicting) byLot(ctx context.Context, candidates []int, k int) [][]float64 {
	out := make([][]float64, k)
	random := rand.New(rand.NewPCG(s.q.Seed, 9))
	clear(s.place)
	clear(s.leg)
	clear(s.group)
	s.measure()
	before, all := s.value, slices.Clone(s.left)
	tell := step(ctx, "lots", s.q.Randoms)
	for i := range s.q.Randoms {
		tell(i)
		if ctx.Err() != nil {
			break
		}
		order := random.Perm(len(candidates))[:k]
		s.value = before
		copy(s.left, all)
		for i, at := range order {
			x := candidates[at]
			s.set(s.q.Remove, x, true)
			if s.flow() {
				for _, r := range s.routesOf(s.q.Remove, x) {
					now := s.closing.left(r)
					s.value -= s.left[r] - now
					s.left[r] = now
				}
			} else {
				if ctx.Err() != nil {
					break
				}
				s.value = s.connected()
			}
			out[i] = append(out[i], s.value)
		}
		for _, at := range order {
			s.set(s.q.Remove, candidates[at], false)
		}
	}
	return out
}

// displaced finds other ways for what is broken.
func (s *interdicting) displaced(ctx context.Context, receivers int) Displacement {
	d := Displacement{Receivers: []Receiver{}}
	type lost struct {
		route, to int
		value     float64
	}
	from := map[int][]lost{}
	var starts []int
	for r := range s.f.Routes {
		broken := s.broken(r)
		if len(broken) == 0 {
			continue
		}
		d.Routes++
		for _, p := range broken {
			if from[p[0]] == nil {
				starts = append(starts, p[0])
			}
			from[p[0]] = append(from[p[0]], lost{r, p[1], s.f.Routes[r].Value / float64(len(s.ways[r].pairs))})
		}
	}
	slices.Sort(starts)
	got := map[int]*Receiver{}
	legs, kilometres, known := 0.0, 0.0, 0.0
	w := s.newWays()
	tell := step(ctx, "displacement", len(starts))
	for i, start := range starts {
		tell(i)
		if ctx.Err() != nil {
			break
		}
		w.search(start)
		for _, x := range from[start] {
			d.Broken += x.value
			if s.place[start] || s.place[x.to] {
				d.Ended += x.value
				continue
			}
			path, reached := w.to(x.to)
			if !reached {
				d.Stopped += x.value
				continue
			}
			d.Displaced += x.value
			was, wasKilometres, wasKnown := s.former(x.route, start, x.to)
			length, measured := s.length(path)
			legs += x.value * float64(len(path)-was)
			if wasKnown && measured {
				kilometres += x.value * (length - wasKilometres)
				known += x.value
			}
			own := s.placesOf(x.route)
			for _, l := range path[:max(len(path)-1, 0)] {
				p := s.f.Legs[l].To
				if slices.Contains(own, p) {
					continue
				}
				r := got[p]
				if r == nil {
					r = &Receiver{Place: s.f.Places[p]}
					got[p] = r
				}
				r.Value += x.value
				if id := s.f.Routes[x.route].ID; !slices.Contains(r.Routes, id) {
					r.Routes = append(r.Routes, id)
				}
			}
		}
	}
	if d.Displaced > 0 {
		mean := legs / d.Displaced
		d.ExtraLegs = &mean
	}
	if known > 0 {
		mean := kilometres / known
		d.ExtraKilometres = &mean
	}
	for _, r := range got {
		slices.Sort(r.Routes)
		d.Receivers = append(d.Receivers, *r)
	}
	d.Receivers, _ = listed(d.Receivers, receivers, func(a, b Receiver) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Place, b.Place)) })
	return d
}

// placesOf are the places of a route.
func (s *interdicting) placesOf(r int) []int {
	var out []int
	for _, l := range s.f.Routes[r].Legs {
		out = append(out, s.f.Legs[l].From, s.f.Legs[l].To)
	}
	return out
}

// length of a path in kilometres; known is false where that of some leg is not.
func (s *interdicting) length(path []int) (kilometres float64, known bool) {
	for _, l := range path {
		if s.f.Legs[l].Kilometres == 0 && s.f.Legs[l].From != s.f.Legs[l].To {
			return 0, false
		}
		kilometres += s.f.Legs[l].Kilometres
	}
	return kilometres, true
}

// former is how a route led from one place to another before anything was closed: fewest legs, then the shortest.
func (s *interdicting) former(r, from, to int) (legs int, kilometres float64, known bool) {
	type arrival struct {
		path       []int
		kilometres float64
	}
	at := map[int]arrival{from: {}}
	frontier := []int{from}
	for len(frontier) > 0 {
		next := map[int]arrival{}
		var order []int
		for _, v := range frontier {
			for _, l := range s.f.Routes[r].Legs {
				x := &s.f.Legs[l]
				if _, seen := at[x.To]; x.From != v || seen {
					continue
				}
				k := at[v].kilometres + x.Kilometres
				if n, is := next[x.To]; !is || k < n.kilometres {
					if !is {
						order = append(order, x.To)
					}
					next[x.To] = arrival{append(slices.Clone(at[v].path), l), k}
				}
			}
		}
		for v, a := range next {
			at[v] = a
		}
		if a, is := next[to]; is {
			length, known := s.length(a.path)
			return len(a.path), length, known
		}
		frontier = order
	}
	return 0, 0, false
}

// ways are searches for the fewest legs, then the fewest kilometres, over all that is open.
type openWays struct {
	*interdicting
	outOf          [][]int
	steps, by      []int
	kilometres     []float64
	touched, queue []int
}

func (s *interdicting) newWays() *openWays {
	w := &openWays{
		interdicting: s, outOf: make([][]int, len(s.f.Places)), steps: make([]int, len(s.f.Places)), by: make([]int, len(s.f.Places)), kilometres: make([]float64, len(s.f.Places)),
	}
	for l := range s.f.Legs {
		if s.open(l) {
			w.outOf[s.f.Legs[l].From] = append(w.outOf[s.f.Legs[l].From], l)
		}
	}
	for i := range w.steps {
		w.steps[i] = -1
	}
	return w
}

func (w *openWays) search(from int) {
	for _, v := range w.touched {
		w.steps[v] = -1
	}
	w.touched, w.queue = w.touched[:0], w.queue[:0]
	if w.place[from] {
		return
	}
	w.steps[from], w.by[from], w.kilometres[from] = 0, -1, 0
	w.touched, w.queue = append(w.touched, from), append(w.queue, from)
	for at := 0; at < len(w.queue); at++ {
		v := w.queue[at]
		for _, l := range w.outOf[v] {
			to := w.f.Legs[l].To
			k := w.kilometres[v] + w.f.Legs[l].Kilometres
			switch {
			case w.steps[to] < 0:
				w.steps[to] = w.steps[v] + 1
				w.touched, w.queue = append(w.touched, to), append(w.queue, to)
			case w.steps[to] != w.steps[v]+1 || k >= w.kilometres[to]:
				continue
			}
			w.by[to], w.kilometres[to] = l, k
		}
	}
}

// to is the way to a place, as legs.
func (w *openWays) to(place int) (path []int, reached bool) {
	if w.steps[place] < 0 {
		return nil, false
	}
	for w.by[place] >= 0 && w.steps[place] > 0 {
		path = append(path, w.by[place])
		place = w.f.Legs[w.by[place]].From
	}
	slices.Reverse(path)
	return path, true
}

// TooManySets says why an exact search is refused.
func TooManySets(n, k int) string {
	return fmt.Sprintf("%d out of %d are more than %d sets; ask for fewer, name what may be closed with `candidates`, or use GREEDY", k, n, MostSets)
}
