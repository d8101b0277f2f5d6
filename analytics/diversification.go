package analytics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// DiversificationQuestion says how diversity is measured.
type DiversificationQuestion struct {
	// Window is the length of windows in years, which begin with years that it divides; 0 for none.
	Window int
	// Sample is the number of statements that units are compared at (see Rarefied).
	Sample int
	// Quantity is the unit in which quantities are shared out, as kg; empty shares out statements.
	Quantity string
	// First bounds the list; 0 lists all.
	First int
	Seed  uint64
}

// Fewest is how many statements by different sources, counted for each commodity, a figure rests on at least.
const Fewest = 3

// MaxWindows is how many windows a unit shows at most, the last ones.
const MaxWindows = 200

// DiversificationAnswer lists units, the most diverse first.
type DiversificationAnswer struct {
	Status     Completeness
	TotalCount int
	// Commodities is how many there are at the level, carried or not.
	Commodities int
	// Unmeasured is how many statements have no quantity in the unit asked with both bounds; 0 where none is asked.
	Unmeasured int
	Units      []Diversification
	Left       Left
}

// Diversification is how diverse a unit is. A unit with too little evidence has no figures.
type Diversification struct {
	Unit Unit
	Diversity
	Commodities []Carried
	Windows     []WindowDiversity
}

// Diversity holds the figures of a unit or of one of its windows.
type Diversity struct {
	// Statements is how many there are, those of one source about one commodity counted once; Sources how many make them.
	Statements, Sources, Richness int
	// TooFew says why there are no figures.
	TooFew                  string
	Entropy, Hhi, Effective *Figure
	// Rarefied is how many commodities are expected among as many statements as asked; nil where there are fewer.
	Rarefied *float64
}

// WindowDiversity is a window of time.
type WindowDiversity struct {
	From, To string
	Diversity
	// Turnover is which share of the commodities of this window and the one before is in one of them alone (Jaccard's distance), by the middles of
	// the dates; nil where one of the two has fewer than Fewest statements, or is not shown. It has no interval: statements
	// drawn anew lose commodities, which makes every turnover larger.
	Turnover *float64
	// later says that windows before it are not shown.
	later bool
}

// Diversify measures how diverse what units carry is: Shannon's entropy, the Herfindahl-Hirschman index and the effective number of
// commodities, which is e to the entropy, over shares of statements; as a whole and in windows of time.
//
// A statement counts in every window in which its source saw the thing: from its first day to its last, or on its one day where the other is
// open. Of a month or a year it may be any day. Intervals are drawn: each time every date is drawn from its days, and the shares from what
// they may be given the counts (see posterior). Exact bounds over all dates would grow with every date and cover no given share of cases.
func Diversify(ctx context.Context, h Histories, q DiversificationQuestion) DiversificationAnswer {
	answer := DiversificationAnswer{Status: Complete, Units: []Diversification{}, Left: h.Left, Commodities: h.Commodities}
	type unit struct {
		key          string
		observations []Observation
		counts       []int
		rank         float64
	}
	if q.Quantity != "" {
		h, answer.Unmeasured = h.measured(q.Quantity)
	}
	var units []unit
	for key, observations := range h.units {
		counts := countsOf(observations)
		rank := -1.0
		if sum(counts) >= Fewest {
			rank = Entropy(counts)
			if q.Quantity != "" {
				rank, _ = diversityOf(typical(observations))
			}
		}
		units = append(units, unit{key, observations, counts, rank})
	}
	answer.TotalCount = len(units)
	units, answer.Status = listed(units, q.First, func(a, b unit) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(len(b.counts), len(a.counts)), cmp.Compare(a.key, b.key))
	})
	p := newPosterior(h.Commodities, q.Seed)
	tell := step(ctx, "units", len(units))
	for i, u := range units {
		tell(i)
		x := Diversification{Unit: unitOf(u.key), Commodities: carriedBy(u.observations)}
		finished := ctx.Err() == nil
		switch {
		case !finished:
		case q.Quantity != "":
			x.Diversity, finished = p.ofQuantities(ctx, u.observations)
		default:
			x.Diversity = p.diversity(u.counts, sourcesOf(u.observations), q.Sample)
		}
		x.Windows = []WindowDiversity{}
		if finished && q.Window > 0 {
			x.Windows, finished = p.windows(ctx, u.observations, q)
		}
		if !finished {
			answer.Status = BudgetExhausted
			break
		}
		if answer.Status == Complete && len(x.Windows) > 0 && x.Windows[0].later {
			answer.Status = Truncated
		}
		answer.Units = append(answer.Units, x)
	}
	return answer
}

// countsOf counts the sources of each commodity.
func countsOf(observations []Observation) []int {
	var counts []int
	seen := map[string]bool{}
	last := ""
	for _, o := range observations { // those of a commodity lie together
		if o.Commodity != last {
			counts = append(counts, 0)
			clear(seen)
			last = o.Commodity
		}
		if w := o.witness(); !seen[w] {
			seen[w] = true
			counts[len(counts)-1]++
		}
	}
	return counts
}

// diversity of counts that are certain.
func (p *posterior) diversity(counts []int, sources, sample int) Diversity {
	d := Diversity{Statements: sum(counts), Sources: sources, Richness: len(counts) - zeros(counts)}
	if few(&d) {
		return d
	}
	drawn := p.of(counts)
	d.figures(counts, slices.Clone(drawn.entropy), slices.Clone(drawn.hhi), sample)
	return d
}

func few(d *Diversity) bool {
	if d.Statements < Fewest {
		d.TooFew = fmt.Sprintf("%d statements; a figure takes %d", d.Statements, Fewest)
	}
	return d.TooFew != ""
}

// figures fills in the figures from the counts and from draws of entropy and index.
func (d *Diversity) figures(counts []int, entropies, indices []float64, sample int) {
	h, c := Entropy(counts), HHI(counts)
	numbers := make([]float64, len(entropies))
	for i, e := range entropies {
		numbers[i] = math.Exp(e)
	}
	d.Entropy, d.Hhi, d.Effective = figureOf(h, entropies), figureOf(c, indices), figureOf(math.Exp(h), numbers)
	if d.Richness == 1 { // that it carries nothing else is then possible, and no draw says just that
		d.Entropy.Low, d.Hhi.High, d.Effective.Low = 0, 1, 1
	}
	if r, known := Rarefied(counts, sample); known {
		d.Rarefied = &r
	}
}

func figureOf(observed float64, drawn []float64) *Figure {
	f := Figure{Observed: observed}
	f.Estimate, f.Low, f.High = interval(drawn)
	return &f
}

func zeros(counts []int) int {
	n := 0
	for _, c := range counts {
		n += either(c == 0)
	}
	return n
}

// windows measures each window from the first to the last that may hold a statement. It says whether it came to an end.
func (p *posterior) windows(ctx context.Context, observations []Observation, q DiversificationQuestion) ([]WindowDiversity, bool) {
	var dated []Observation
	low, high := 0, -1
	for _, o := range observations {
		if !o.Dated {
			continue
		}
		from, to := windowOf(o.Begin.First, q.Window), windowOf(o.End.Last, q.Window)
		if high < low {
			low, high = from, to
		}
		low, high = min(low, from), max(high, to)
		dated = append(dated, o)
	}
	earliest := low
	low = max(low, high-MaxWindows+1)
	windows := []WindowDiversity{}
	if len(dated) == 0 {
		return windows, true
	}
	middle := newTally(dated, low, high, q.Window)
	middle.count(func(s Span) int64 { return s.First + (s.Last-s.First)/2 })
	drawn := make([]*tally, 1)
	if middle.unclear {
		random := rand.New(rand.NewPCG(p.seed, uint64(len(dated))))
		drawn = make([]*tally, redraws)
		for i := range drawn {
			if ctx.Err() != nil {
				return nil, false
			}
			drawn[i] = newTally(dated, low, high, q.Window)
			drawn[i].count(func(s Span) int64 { return s.First + random.Int64N(s.Last-s.First+1) })
		}
	} else {
		drawn[0] = middle
	}
	var in [][]Observation // those that may lie in each window
	if q.Quantity != "" {
		in = make([][]Observation, high-low+1)
		for _, o := range dated {
			for w := max(windowOf(o.Begin.First, q.Window), low); w <= windowOf(o.End.Last, q.Window); w++ {
				in[w-low] = append(in[w-low], o)
			}
		}
	}
	for w := low; w <= high; w++ {
		if ctx.Err() != nil {
			return nil, false
		}
		at := w - low
		x := WindowDiversity{From: dayText(firstDay(w * q.Window)), To: dayText(firstDay((w+1)*q.Window) - 1)}
		counts := middle.counts[at]
		x.Statements, x.Sources, x.Richness = sum(counts), len(middle.sources[at]), len(counts)-zeros(counts)
		if !few(&x.Diversity) && q.Quantity != "" {
			if !p.within(ctx, &x.Diversity, in[at], w, q.Window) {
				return nil, false
			}
		} else if x.TooFew == "" {
			entropies, indices := make([]float64, 0, draw), make([]float64, 0, draw)
			for i := range draw {
				if i < len(drawn) && i%drawsBetweenLooks == 0 && ctx.Err() != nil { // later ones are kept
					return nil, false
				}
				d := p.of(drawn[i%len(drawn)].counts[at])
				entropies, indices = append(entropies, d.entropy[i]), append(indices, d.hhi[i])
			}
			x.figures(counts, entropies, indices, q.Sample)
		}
		x.later = w == low && low > earliest
		if w > low {
			x.Turnover = turnover(middle.counts[at-1], middle.counts[at])
		}
		windows = append(windows, x)
	}
	return windows, true
}

// redraws is how often dates are drawn.
const redraws = 200

// turnover is Jaccard's distance between the commodities that two windows have; nil where one has too few statements.
func turnover(a, b []int) *float64 {
	if sum(a) < Fewest || sum(b) < Fewest {
		return nil
	}
	both, any := 0, 0
	for i := range a {
		both += either(a[i] > 0 && b[i] > 0)
		any += either(a[i] > 0 || b[i] > 0)
	}
	share := 1 - float64(both)/float64(any)
	return &share
}

// tally counts the sources of each commodity in each window.
type tally struct {
	observations []Observation
	low, window  int
	counts       [][]int
	sources      []map[string]bool
	seen         []map[string]bool
	// unclear says that some statement may lie in one window or another.
	unclear bool
}

func newTally(observations []Observation, low, high, window int) *tally {
	commodities := 0
	for i := range observations {
		if i == 0 || observations[i].Commodity != observations[i-1].Commodity {
			commodities++
		}
	}
	t := &tally{observations: observations, low: low, window: window}
	for range high - low + 1 {
		t.counts = append(t.counts, make([]int, commodities))
		t.sources = append(t.sources, map[string]bool{})
		t.seen = append(t.seen, map[string]bool{})
	}
	return t
}

// count counts with days chosen from those that are possible.
func (t *tally) count(choose func(Span) int64) {
	commodity := -1
	for i, o := range t.observations {
		if i == 0 || o.Commodity != t.observations[i-1].Commodity {
			commodity++
			for _, seen := range t.seen {
				clear(seen)
			}
		}
		t.unclear = t.unclear || windowOf(o.Begin.First, t.window) != windowOf(o.Begin.Last, t.window) || windowOf(o.End.First, t.window) != windowOf(o.End.Last, t.window)
		begin := choose(o.Begin)
		end := begin // one date, one day
		if o.End != o.Begin {
			end = choose(Span{max(o.End.First, begin), o.End.Last})
		}
		for w := max(windowOf(begin, t.window), t.low); w <= windowOf(end, t.window); w++ {
			at := w - t.low
			t.sources[at][o.witness()] = true
			if !t.seen[at][o.witness()] {
				t.seen[at][o.witness()] = true
				t.counts[at][commodity]++
			}
		}
	}
}

// windowOf numbers the windows of some years each, so that they begin with years that it divides.
func windowOf(day int64, years int) int {
	year := time.Unix(day*secondsPerDay, 0).UTC().Year()
	return (year - floorMod(year, years)) / years
}

func floorMod(a, b int) int { return ((a % b) + b) % b }

const secondsPerDay = 24 * 60 * 60

// firstDay of a year.
func firstDay(year int) int64 {
	return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
}
