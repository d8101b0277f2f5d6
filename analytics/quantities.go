package analytics

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// measured keeps the statements that have a quantity in a unit, with both bounds and not below 0, and counts the others.
func (h Histories) measured(unit string) (of Histories, others int) {
	of = Histories{Commodities: h.Commodities, Left: h.Left}
	for _, o := range h.Observations {
		if o.Amount.Known && o.Amount.Low >= 0 && o.Amount.Low <= o.Amount.High && strings.EqualFold(strings.TrimSpace(o.Amount.Unit), strings.TrimSpace(unit)) {
			of.Observations = append(of.Observations, o)
		} else {
			others++
		}
	}
	return of, others
}

// byCommodity gives the statements of each commodity in turn.
func byCommodity(observations []Observation) [][]Observation {
	var out [][]Observation
	for i, o := range observations {
		if i == 0 || o.Commodity != observations[i-1].Commodity {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], o)
	}
	return out
}

// typical is the quantity of each commodity: of several statements the median of their middles, since they are rivals and no sum.
func typical(observations []Observation) []float64 {
	var out []float64
	for _, said := range byCommodity(observations) {
		middles := make([]float64, len(said))
		for i, o := range said {
			middles[i] = o.Amount.Low + (o.Amount.High-o.Amount.Low)/2
		}
		slices.Sort(middles)
		out = append(out, quantile(middles, 0.5))
	}
	return out
}

// drawnQuantity is a quantity for each commodity: one of its statements by lot, and a value between its bounds.
func drawnQuantity(observations []Observation, random *rand.Rand) []float64 {
	var out []float64
	for _, said := range byCommodity(observations) {
		a := said[random.IntN(len(said))].Amount
		out = append(out, a.Low+random.Float64()*(a.High-a.Low))
	}
	return out
}

// diversityOf is entropy and index of the shares of quantities; without any quantity they are those of a single commodity.
func diversityOf(quantities []float64) (entropy, hhi float64) {
	largest, total := 0.0, 0.0
	for _, x := range quantities {
		largest = max(largest, x)
	}
	if largest == 0 {
		return 0, 1
	}
	for _, x := range quantities {
		total += x / largest // the largest quantities have a sum that is none
	}
	for _, x := range quantities {
		if p := x / largest / total; p > 0 {
			entropy -= p * math.Log(p)
			hhi += p * p
		}
	}
	return max(entropy, 0), min(hhi, 1)
}

// ofQuantities measures the diversity of quantities. It says whether it came to an end.
func (p *posterior) ofQuantities(ctx context.Context, observations []Observation) (Diversity, bool) {
	counts := countsOf(observations)
	d := Diversity{Statements: sum(counts), Sources: sourcesOf(observations), Richness: len(counts)}
	if few(&d) {
		return d, true
	}
	random := rand.New(rand.NewPCG(p.seed, uint64(len(observations))))
	return d, d.drawQuantities(ctx, observations, func() []Observation { return observations }, random)
}

// within measures the diversity of quantities in a window, of whose statements each has its days drawn. The observations are those that may lie
// in it. It says whether it came to an end.
func (p *posterior) within(ctx context.Context, d *Diversity, observations []Observation, window, years int) bool {
	random := rand.New(rand.NewPCG(p.seed, uint64(window+1<<20)))
	in := func(choose func(Span) int64) []Observation {
		var out []Observation
		for _, o := range observations {
			begin := choose(o.Begin)
			end := begin
			if o.End != o.Begin {
				end = choose(Span{max(o.End.First, begin), o.End.Last})
			}
			if windowOf(begin, years) <= window && window <= windowOf(end, years) {
				out = append(out, o)
			}
		}
		return out
	}
	return d.drawQuantities(ctx, in(func(s Span) int64 { return s.First + (s.Last-s.First)/2 }), func() []Observation {
		return in(func(s Span) int64 { return s.First + random.Int64N(s.Last-s.First+1) })
	}, random)
}

// drawQuantities fills in the figures: observed are those of the typical quantities, the rest is drawn. A draw without statements is left out.
// It says whether it came to an end.
func (d *Diversity) drawQuantities(ctx context.Context, observed []Observation, again func() []Observation, random *rand.Rand) bool {
	var entropies, indices, numbers []float64
	for i := range draw {
		if i%drawsBetweenLooks == 0 && ctx.Err() != nil {
			return false
		}
		said := again()
		if len(said) == 0 {
			continue
		}
		h, c := diversityOf(drawnQuantity(said, random))
		entropies, indices, numbers = append(entropies, h), append(indices, c), append(numbers, math.Exp(h))
	}
	h, c := diversityOf(typical(observed))
	if len(entropies) == 0 {
		entropies, indices, numbers = []float64{h}, []float64{c}, []float64{math.Exp(h)}
	}
	d.Entropy, d.Hhi, d.Effective = figureOf(h, entropies), figureOf(c, indices), figureOf(math.Exp(h), numbers)
	return true
}

// drawsBetweenLooks is how many draws are made before it is asked whether there is time for more.
const drawsBetweenLooks = 16
