package analytics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// ForecastQuestion says from when, and how far, is looked ahead.
type ForecastQuestion struct {
	// At is the day from which is looked ahead: nothing later is known. Horizon is how many days.
	At, Horizon int64
	// Candidates is how many commodities are given for each unit, First how many units; 0 for all.
	Candidates, First int
}

// panel is who was seen with what when: statements by number of unit and commodity, on the middle day of the dates of their beginning.
type panel struct {
	units, commodities []string
	statements         [][]sightingOn // by unit, in order of days
	left               Left
}

type sightingOn struct {
	day       int64
	commodity int
	claim     Claim
}

func newPanel(h Histories) *panel {
	p := &panel{left: h.Left}
	number := map[string]int{}
	for _, o := range h.Observations {
		if _, known := number[o.Commodity]; !known && o.Dated {
			number[o.Commodity] = 0
			p.commodities = append(p.commodities, o.Commodity)
		}
	}
	slices.Sort(p.commodities)
	for i, c := range p.commodities {
		number[c] = i
	}
	for unit, observations := range h.units {
		var said []sightingOn
		for _, o := range observations {
			if o.Dated {
				said = append(said, sightingOn{o.Begin.First + (o.Begin.Last-o.Begin.First)/2, number[o.Commodity], o.Claim})
			}
		}
		if len(said) > 0 {
			slices.SortFunc(said, func(a, b sightingOn) int {
				return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.commodity, b.commodity), cmp.Compare(a.claim.ID, b.claim.ID))
			})
			p.units, p.statements = append(p.units, unit), append(p.statements, said)
		}
	}
	return p
}

// moment is what is known on a day.
type moment struct {
	at int64
	// units are those seen by then, by number, with what they were seen with, in order of number.
	units   []int
	carried [][]int
	// commodities are those seen by then with any unit, in order of number: of others nobody could have known.
	commodities []int
	recent      []int  // how many statements there were in the time before, as long as the horizon
	space       *space // nil until it is measured
}

func (p *panel) moment(at, horizon int64) *moment {
	m := &moment{at: at}
	seen, known := make([]bool, len(p.commodities)), make([]bool, len(p.commodities))
	for u, said := range p.statements {
		var carried []int
		recent := 0
		for _, s := range said {
			if s.day > at {
				break
			}
			if !seen[s.commodity] {
				seen[s.commodity] = true
				carried = append(carried, s.commodity)
			}
			recent += either(s.day > at-horizon)
		}
		if carried == nil {
			continue
		}
		for _, c := range carried {
			seen[c], known[c] = false, true
		}
		slices.Sort(carried)
		m.units, m.carried, m.recent = append(m.units, u), append(m.carried, carried), append(m.recent, recent)
	}
	for c, is := range known {
		if is {
			m.commodities = append(m.commodities, c)
		}
	}
	return m
}

// tooMany says why a panel is too large for a product space, which takes memory with the square of the commodities; empty where it is not.
func (p *panel) tooMany() string {
	if len(p.commodities) > mostCommodities {
		return fmt.Sprintf("%d commodities are more than %d; ask at a higher level", len(p.commodities), mostCommodities)
	}
	return ""
}

func (m *moment) pairs() int { return len(m.units) * len(m.commodities) }

// tooMany says why a moment has more pairs than are asked about; empty where it has not.
func (m *moment) tooMany() string {
	if m.pairs() > mostCases {
		return fmt.Sprintf("%d units with %d commodities are too many pairs; ask at a higher level, or for fewer units", len(m.units), len(m.commodities))
	}
	return ""
}

// featureCount is how many features a pair of unit and commodity has.
const featureCount = 5

// features of a pair on a day: the density of the commodity around the unit, how frequent it is, how much the unit carries, whether that is
// among it, how much was said of it of late.
func (m *moment) features(i, commodity int, has bool, into []float64) {
	into[0] = math.Sqrt(m.space.density(commodity, m.carried[i]))
	into[1] = math.Log((float64(m.space.carriers[commodity]) + 0.5) / (float64(m.space.units) + 1))
	into[2] = math.Log(float64(len(m.carried[i])))
	into[3] = float64(either(has))
	into[4] = math.Log1p(float64(m.recent[i]))
}

// cases are pairs of units and commodities with whether it came about.
type cases struct {
	rows     []float64 // features of one after another
	happened []bool
	has      []bool
	pairs    []pairNumber
}

type pairNumber struct{ unit, commodity int }

// add puts in every pair of a unit and a commodity of a moment, and what was seen in the time after it; fresh keeps to what the unit does not carry yet.
// The moment must not be too many.
func (c *cases) add(ctx context.Context, p *panel, m *moment, horizon int64, fresh bool) {
	m.space = newSpace(ctx, len(p.commodities), m.carried)
	has, comes := make([]bool, len(p.commodities)), make([]bool, len(p.commodities))
	for i, u := range m.units {
		if ctx.Err() != nil {
			return
		}
		clear(has)
		clear(comes)
		for _, k := range m.carried[i] {
			has[k] = true
		}
		for _, s := range p.statements[u] {
			if s.day > m.at && s.day <= m.at+horizon {
				comes[s.commodity] = true
			}
		}
		for _, k := range m.commodities {
			if fresh && has[k] {
				continue
			}
			at := len(c.rows)
			c.rows = append(c.rows, make([]float64, featureCount)...)
			m.features(i, k, has[k], c.rows[at:])
			c.happened = append(c.happened, comes[k])
			c.has = append(c.has, has[k])
			c.pairs = append(c.pairs, pairNumber{u, k})
		}
	}
}

func (c *cases) positives() int {
	n := 0
	for _, h := range c.happened {
		n += either(h)
	}
	return n
}

// mostCases bounds what a model learns from, and what it is asked: a second's work or so. mostMoments is how many times before it learns from,
// mostCommodities how many a space may have, which is then 32 MB large.
const (
	mostCases       = 1_000_000
	mostMoments     = 10
	mostCommodities = 2000
)

// fewestEvents is how many pairs must have come about, and must not have, before anything is learnt or measured.
const fewestEvents = 10

// learn gathers cases from the times before a day, each as long as the horizon and ended by that day, the latest first. tooFew says why there is
// too little to learn from.
func (p *panel) learn(ctx context.Context, at, horizon int64, fresh bool) (c *cases, tooFew string) {
	c = &cases{}
	if tooMany := p.tooMany(); tooMany != "" {
		return c, tooMany
	}
	tell := step(ctx, "learning", mostMoments)
	for k := int64(1); k <= mostMoments; k++ {
		tell(int(k) - 1)
		m := p.moment(at-k*horizon, horizon)
		if len(m.units) == 0 || ctx.Err() != nil || len(c.happened) > 0 && len(c.happened)+m.pairs() > mostCases {
			break
		}
		if tooMany := m.tooMany(); tooMany != "" {
			return c, tooMany
		}
		c.add(ctx, p, m, horizon, fresh)
	}
	if n := c.positives(); n < fewestEvents || len(c.happened)-n < fewestEvents {
		return c, fmt.Sprintf("%d of %d pairs came about before; to learn takes %d that did and %d that did not", n, len(c.happened), fewestEvents, fewestEvents)
	}
	return c, ""
}

// ForecastAnswer lists units with what they may be seen with next, the likeliest first.
type ForecastAnswer struct {
	Status Completeness
	// At is the last day that is known, Until the last day looked ahead to.
	At, Until string
	// LearntFrom is how many pairs of the past were learnt from, of which Came came about.
	LearntFrom, Came int
	// TooFew says why there is no forecast.
	TooFew     string
	TotalCount int
	Units      []Forecast
	Left       Left
}

// Forecast is what a unit may be seen with next.
type Forecast struct {
	Unit       Unit
	Carried    []string
	Candidates []Candidate
	// Evidence is what the unit is known to have carried.
	Evidence []Evidence
}

// Candidate is a commodity that a unit was not seen with.
type Candidate struct {
	Commodity, Node string
	// Probability that it is first seen within the horizon.
	Probability Effect
	// Density is how much of what is close to it the unit carries; Carriers how many units carry it.
	Density  float64
	Carriers int
	// Near are the carried commodities that are closest to it.
	Near []string
}

// Foresee gives the probability that a unit is first seen with a commodity within the horizon, by a logistic regression on density (see
// Relate), frequency, and how much is carried and said, which learnt from the times before.
func Foresee(ctx context.Context, h Histories, q ForecastQuestion) ForecastAnswer {
	p := newPanel(h)
	answer := ForecastAnswer{Status: Complete, At: dayText(q.At), Until: dayText(q.At + q.Horizon), Units: []Forecast{}, Left: p.left}
	learnt, tooFew := p.learn(ctx, q.At, q.Horizon, true)
	answer.LearntFrom, answer.Came, answer.TooFew = len(learnt.happened), learnt.positives(), tooFew
	if ctx.Err() != nil {
		answer.Status, answer.TooFew = BudgetExhausted, "the time was not enough to learn"
	}
	if answer.TooFew != "" {
		return answer
	}
	model, known := fit(ctx, featureCount, learnt.rows, learnt.happened)
	if ctx.Err() != nil {
		answer.Status, answer.TooFew = BudgetExhausted, "the time was not enough to learn"
		return answer
	}
	if !known {
		answer.TooFew = "the past gives no stable model"
		return answer
	}
	now := p.moment(q.At, q.Horizon)
	now.space = newSpace(ctx, len(p.commodities), now.carried)
	row := make([]float64, featureCount)
	x := make([]float64, featureCount+1)
	type ranked struct {
		at         int
		candidates []int
		best       float64
	}
	var units []ranked
	tell := step(ctx, "units", len(now.units))
	for i := range now.units {
		tell(i)
		if ctx.Err() != nil {
			answer.Status = BudgetExhausted
			break
		}
		type chance struct {
			commodity int
			p         float64
		}
		var all []chance
		for _, k := range now.commodities {
			if _, has := slices.BinarySearch(now.carried[i], k); !has {
				now.features(i, k, false, row)
				model.scaled(row, x)
				all = append(all, chance{k, model.at(x)})
			}
		}
		slices.SortFunc(all, func(a, b chance) int { return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.commodity, b.commodity)) })
		if len(all) == 0 {
			continue
		}
		r := ranked{at: i, best: all[0].p}
		for _, c := range all[:min(len(all), q.Candidates)] {
			r.candidates = append(r.candidates, c.commodity)
		}
		units = append(units, r)
	}
	answer.TotalCount = len(units)
	cut := Complete
	units, cut = listed(units, q.First, func(a, b ranked) int { return cmp.Or(cmp.Compare(b.best, a.best), cmp.Compare(a.at, b.at)) })
	if answer.Status == Complete {
		answer.Status = cut
	}
	for _, r := range units {
		u := now.units[r.at]
		f := Forecast{Unit: unitOf(p.units[u]), Carried: p.named(now.carried[r.at]), Candidates: []Candidate{}}
		var claims []Claim
		for _, s := range p.statements[u] {
			if s.day <= q.At {
				claims = append(claims, s.claim)
			}
		}
		f.Evidence = EvidenceOf(claims)
		for _, k := range r.candidates {
			now.features(r.at, k, false, row)
			f.Candidates = append(f.Candidates, Candidate{
				Commodity: p.commodities[k], Node: commodityNode(p.commodities[k]), Probability: model.probability(row),
				Density: now.space.density(k, now.carried[r.at]), Carriers: now.space.carriers[k], Near: p.named(now.space.nearest(k, now.carried[r.at])),
			})
		}
		answer.Units = append(answer.Units, f)
	}
	return answer
}

// Of keeps to some units, by id; to corridors by the places at either end.
func (a ForecastAnswer) Of(ids []string) ForecastAnswer {
	a.Units = slices.DeleteFunc(slices.Clone(a.Units), func(f Forecast) bool {
		return !slices.Contains(ids, f.Unit.Node) && !slices.Contains(ids, f.Unit.From) && !slices.Contains(ids, f.Unit.To)
	})
	a.TotalCount = len(a.Units)
	return a
}

// Cut keeps the first units. That the time was not enough says more than that there are others.
func (a ForecastAnswer) Cut(first int) ForecastAnswer {
	if len(a.Units) > first {
		a.Units = a.Units[:first]
		if a.Status == Complete {
			a.Status = Truncated
		}
	}
	return a
}

func (p *panel) named(commodities []int) []string {
	out := []string{}
	for _, c := range commodities {
		out = append(out, p.commodities[c])
	}
	return out
}

// LastDay is the last day on which something is known to begin; known is false where nothing is dated.
func LastDay(h Histories) (day int64, known bool) {
	for _, o := range h.Observations {
		if o.Dated {
			if middle := o.Begin.First + (o.Begin.Last-o.Begin.First)/2; !known || middle > day {
				day, known = middle, true
			}
		}
	}
	return day, known
}
