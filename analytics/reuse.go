package analytics

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// The sets of commodities in the histories that Reuse reads.
const (
	ReuseFrom = "FROM"
	ReuseTo   = "TO"
)

// NullModel says what chance would do.
type NullModel string

// The null models.
const (
	// ShuffleTimes gives the first sightings of the later commodities to other units that carry them: the times are kept, and who carries what.
	ShuffleTimes NullModel = "TIME"
	// ShuffleCommodities gives every statement's commodity, with its date, to another statement: units keep how many statements there are about
	// them, commodities how many and when.
	ShuffleCommodities NullModel = "DEGREE"
)

// ReuseQuestion says what chance is, and how often it is tried.
type ReuseQuestion struct {
	Null     NullModel
	Shuffles int
	First    int
	Seed     uint64
}

// ReuseAnswer lists units first seen with the one and later with the other: the likeliest first, then the earliest.
type ReuseAnswer struct {
	Status Completeness
	// TotalCount is how many there are; WithFrom, WithTo and WithBoth how many units are seen, with a date, with the one, the other, both.
	TotalCount, WithFrom, WithTo, WithBoth int
	Units                                  []Reuse
	Chance                                 Chance
	Left                                   Left
}

// Reuse is a unit first seen with the one and later with the other.
type Reuse struct {
	Unit Unit
	// Probability that the order is so: 1 where the dates leave no doubt.
	Probability float64
	// FirstFrom and FirstTo are when each was first seen.
	FirstFrom, FirstTo string
	// Lag in days between the middles, and as short and as long as the dates allow.
	Lag, LagLow, LagHigh int
	// Groups said to operate it; filled in by whoever knows them.
	Groups                     []Operator
	FromEvidence, ToEvidence   []Evidence
	FromSources, ToSources     int
	fromSpan, toSpan           Span
	fromStatement, toStatement []Observation
}

// Chance is how often reuse would be seen if chance alone were at work.
type Chance struct {
	// Observed is how many units there are, Expected how many on average of all shuffles, of which there were Shuffles.
	Observed int
	Expected *float64
	Shuffles int
	// TooFew says why there is no effect.
	TooFew string
	// Ratio is observed / expected, Excess observed - expected, each with an interval of 95 % from units drawn anew with putting back.
	// Nil where nothing is expected.
	Ratio, Excess *Effect
	// PValue is the share of shuffles, this arrangement among them, with at least as many; it says nothing of how large the effect is.
	PValue *float64
}

// Effect is a size with its interval.
type Effect struct{ Value, Low, High float64 }

// fewestPairs is how many units must be seen with both before chance is compared with.
const fewestPairs = 5

// resamples is how often units are drawn anew.
const resamples = 1000

// history of one unit, as far as reuse goes.
type crossing struct {
	from, to       Span
	hasFrom, hasTo bool
}

// Find finds reuse, and compares how often it happens with chance: a permutation test (R. A. Fisher, 1935) with a bootstrap interval over units
// (B. Efron, 1979). Undated statements say nothing of order and are left out.
func Find(ctx context.Context, h Histories, q ReuseQuestion) ReuseAnswer {
	answer := ReuseAnswer{Status: Complete, Units: []Reuse{}, Left: h.Left}
	var all []crossing
	var slots []slot
	for unit, observations := range h.units {
		var x crossing
		var from, to []Observation
		for _, o := range observations {
			if !o.Dated {
				continue
			}
			slots = append(slots, slot{len(all), o.Commodity, o.Begin})
			switch o.Commodity {
			case ReuseFrom:
				from = append(from, o)
			case ReuseTo:
				to = append(to, o)
			}
		}
		x.from, x.hasFrom = firstSpan(from)
		x.to, x.hasTo = firstSpan(to)
		all = append(all, x)
		answer.WithFrom += either(x.hasFrom)
		answer.WithTo += either(x.hasTo)
		answer.WithBoth += either(x.hasFrom && x.hasTo)
		if x.reused() {
			r := Reuse{Unit: unitOf(unit), Probability: before(x.from, x.to), fromSpan: x.from, toSpan: x.to, fromStatement: from, toStatement: to, Groups: []Operator{}}
			r.LagLow, r.LagHigh = int(max(x.to.First-x.from.Last, 1)), int(x.to.Last-x.from.First)
			r.Lag = min(max(int((x.to.First+x.to.Last-x.from.First-x.from.Last)/2), r.LagLow), r.LagHigh)
			answer.Units = append(answer.Units, r)
		}
	}
	answer.TotalCount = len(answer.Units)
	answer.Units, answer.Status = listed(answer.Units, q.First, func(a, b Reuse) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.toSpan.First, b.toSpan.First), cmp.Compare(a.Unit.Key(), b.Unit.Key()))
	})
	for i := range answer.Units {
		r := &answer.Units[i]
		r.FirstFrom, _ = seen(r.fromStatement)
		r.FirstTo, _ = seen(r.toStatement)
		r.FromEvidence, r.ToEvidence = EvidenceOf(claimsOf(r.fromStatement)), EvidenceOf(claimsOf(r.toStatement))
		r.FromSources, r.ToSources = sourcesOf(r.fromStatement), sourcesOf(r.toStatement)
	}
	answer.Chance.Observed = answer.TotalCount
	if answer.WithBoth < fewestPairs {
		answer.Chance.TooFew = fmt.Sprintf("%d units are seen with both; to compare with chance takes %d", answer.WithBoth, fewestPairs)
	} else if !answer.Chance.compare(ctx, all, slots, q) {
		answer.Status = BudgetExhausted
	}
	return answer
}

// reused says whether the one was seen before the other, more likely than not.
func (x crossing) reused() bool { return x.hasFrom && x.hasTo && before(x.from, x.to) >= 0.5 }

// before is the probability that a day of a comes before a day of b, each of their days being as likely as any other.
func before(a, b Span) float64 {
	if a.Last < b.First {
		return 1
	}
	if a.First >= b.Last {
		return 0
	}
	// Of each day of a, the days of b that come after it: all of them up to the day before b begins, then fewer by one a day.
	length := float64(b.Last - b.First + 1)
	certain := max(min(a.Last, b.First-1)-a.First+1, 0)
	pairs := float64(certain) * length
	if low, high := max(a.First, b.First), min(a.Last, b.Last-1); low <= high {
		pairs += float64(high-low+1) * (float64(b.Last-low) + float64(b.Last-high)) / 2
	}
	return pairs / (length * float64(a.Last-a.First+1))
}

// slot is a statement of a unit, by number.
type slot struct {
	unit      int
	commodity string
	begin     Span
}

// compare tries chance. It says whether it came to an end.
func (c *Chance) compare(ctx context.Context, all []crossing, slots []slot, q ReuseQuestion) bool {
	random := rand.New(rand.NewPCG(q.Seed, 1))
	expected := make([]float64, len(all)) // for each unit
	total, atLeast := 0, 0
	shuffle := shuffledTimes(all, random)
	if q.Null == ShuffleCommodities {
		shuffle = shuffledCommodities(all, slots, random)
	}
	tell := step(ctx, "chance", q.Shuffles)
	for c.Shuffles < q.Shuffles {
		if ctx.Err() != nil {
			break
		}
		many := 0
		for i, x := range shuffle() {
			if x.reused() {
				many++
				expected[i]++
			}
		}
		total += many
		atLeast += either(many >= c.Observed)
		c.Shuffles++
		tell(c.Shuffles)
	}
	if c.Shuffles == 0 {
		c.TooFew = "the time was not enough to compare with chance"
		return false
	}
	n := float64(c.Shuffles)
	mean, p := float64(total)/n, float64(1+atLeast)/(1+n)
	c.Expected, c.PValue = &mean, &p
	var ratios, excesses []float64
	observed := make([]float64, len(all))
	for i, x := range all {
		observed[i] = float64(either(x.reused()))
	}
	tell = step(ctx, "intervals", resamples)
	for i := range resamples {
		if ctx.Err() != nil {
			break
		}
		tell(i)
		had, chance := 0.0, 0.0
		for range all {
			i := random.IntN(len(all))
			had += observed[i]
			chance += expected[i] / n
		}
		excesses = append(excesses, had-chance)
		if chance > 0 {
			ratios = append(ratios, had/chance)
		}
	}
	if len(excesses) > 0 {
		c.Excess = effectOf(float64(c.Observed)-mean, excesses)
	}
	if mean > 0 && len(ratios) > 0 {
		c.Ratio = effectOf(float64(c.Observed)/mean, ratios)
	}
	return c.Shuffles == q.Shuffles && len(excesses) == resamples
}

func effectOf(value float64, drawn []float64) *Effect {
	_, low, high := interval(drawn)
	return &Effect{value, low, high}
}

// shuffledTimes gives the units with the first sightings of the later commodity exchanged among those that have both.
func shuffledTimes(all []crossing, random *rand.Rand) func() []crossing {
	now := slices.Clone(all)
	var with []int
	for i, x := range all {
		if x.hasFrom && x.hasTo {
			with = append(with, i)
		}
	}
	return func() []crossing {
		random.Shuffle(len(with), func(i, j int) {
			a, b := &now[with[i]], &now[with[j]]
			a.to, b.to = b.to, a.to
		})
		return now
	}
}

// shuffledCommodities gives the units with statements exchanged.
func shuffledCommodities(all []crossing, slots []slot, random *rand.Rand) func() []crossing {
	said := slices.Clone(slots)
	now := make([]crossing, len(all))
	return func() []crossing {
		clear(now)
		random.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
		for i, s := range said {
			x := &now[slots[i].unit]
			switch s.commodity {
			case ReuseFrom:
				x.from, x.hasFrom = earlier(x.from, x.hasFrom, s.begin), true
			case ReuseTo:
				x.to, x.hasTo = earlier(x.to, x.hasTo, s.begin), true
			}
		}
		return now
	}
}

func earlier(a Span, known bool, b Span) Span {
	if !known {
		return b
	}
	return Span{min(a.First, b.First), min(a.Last, b.Last)}
}
