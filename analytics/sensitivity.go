package analytics

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// SensitivityAnswer lists units: first those of which too little is left without some source, then the one whose effective number of commodities moves
// most.
type SensitivityAnswer struct {
	Status     Completeness
	TotalCount int
	Units      []Sensitivity
	Left       Left
}

// Sensitivity is how the diversity of a unit changes when each of its sources is left out.
type Sensitivity struct {
	Unit Unit
	// With all sources.
	Diversity
	// Largest is the largest change of the effective number, either way; 0 where no figure is left to compare.
	Largest float64
	Without []WithoutSource
}

// WithoutSource is the diversity of a unit without one source.
type WithoutSource struct {
	Source string
	Diversity
	// Change of the observed effective number of commodities; nil where too little is left.
	Change *float64
	// Lost are the commodities that no other source speaks of.
	Lost []string
	// Evidence is what that source says.
	Evidence []Evidence
}

// Sense measures the diversity of units again without each of their sources: a leave-one-out jackknife over sources (B. Efron, 1979). Sources
// that the reader may not know are left out together, under an empty name. Units with too little evidence to begin with are not listed.
func Sense(ctx context.Context, h Histories, q DiversificationQuestion) SensitivityAnswer {
	answer := SensitivityAnswer{Status: Complete, Units: []Sensitivity{}, Left: h.Left}
	p := newPosterior(h.Commodities, q.Seed)
	tell, seen := step(ctx, "units", len(h.Observations)), 0
units:
	for key, observations := range h.units {
		seen += len(observations)
		tell(seen)
		counts := countsOf(observations)
		if sum(counts) < Fewest {
			continue
		}
		if ctx.Err() != nil {
			answer.Status = BudgetExhausted
			break
		}
		x := Sensitivity{Unit: unitOf(key), Without: []WithoutSource{}}
		effective := math.Exp(Entropy(counts))
		bySource := map[string][]Observation{}
		for _, o := range observations {
			bySource[o.Source] = append(bySource[o.Source], o)
		}
		for source, said := range bySource {
			if ctx.Err() != nil {
				answer.Status = BudgetExhausted
				break units
			}
			var left []Observation
			for _, o := range observations {
				if o.Source != source {
					left = append(left, o)
				}
			}
			w := WithoutSource{Source: source, Evidence: EvidenceOf(claimsOf(said)), Lost: []string{}}
			w.Statements, w.Sources = sum(countsOf(left)), sourcesOf(left)
			for _, c := range distinctCommodities(said) {
				if !carries(left, c) {
					w.Lost = append(w.Lost, c)
				}
			}
			if w.Statements >= Fewest {
				change := math.Exp(Entropy(countsOf(left))) - effective
				w.Change = &change
				x.Largest = max(x.Largest, math.Abs(change))
			}
			x.Without = append(x.Without, w)
		}
		sorted(x.Without, func(a, b WithoutSource) int {
			return cmp.Or(cmp.Compare(moved(b.Change), moved(a.Change)), cmp.Compare(a.Source, b.Source))
		})
		answer.Units = append(answer.Units, x)
	}
	answer.TotalCount = len(answer.Units)
	cut := Complete
	answer.Units, cut = listed(answer.Units, q.First, func(a, b Sensitivity) int {
		return cmp.Or(cmp.Compare(either(b.hangs()), either(a.hangs())), cmp.Compare(b.Largest, a.Largest), cmp.Compare(a.Unit.Key(), b.Unit.Key()))
	})
	if answer.Status == Complete {
		answer.Status = cut
	}
	// Intervals are drawn for what is listed alone.
	of := map[string][]Observation{}
	for key, observations := range h.units {
		of[key] = observations
	}
	tell = step(ctx, "intervals", len(answer.Units))
listed:
	for i := range answer.Units {
		tell(i)
		if ctx.Err() != nil {
			answer.Status, answer.Units = BudgetExhausted, answer.Units[:i]
			break
		}
		x := &answer.Units[i]
		all := of[x.Unit.Key()]
		x.Diversity = p.diversity(countsOf(all), sourcesOf(all), q.Sample)
		for j := range x.Without {
			if ctx.Err() != nil {
				answer.Status, answer.Units = BudgetExhausted, answer.Units[:i]
				break listed
			}
			w := &x.Without[j]
			var left []Observation
			for _, o := range all {
				if o.Source != w.Source {
					left = append(left, o)
				}
			}
			w.Diversity = p.diversity(countsOf(left), sourcesOf(left), q.Sample)
		}
	}
	return answer
}

// hangs says whether too little is left without some source.
func (x Sensitivity) hangs() bool {
	return slices.ContainsFunc(x.Without, func(w WithoutSource) bool { return w.Change == nil })
}

// moved is how far a figure moved; one that is gone comes first.
func moved(change *float64) float64 {
	if change == nil {
		return math.MaxFloat64
	}
	return math.Abs(*change)
}

func distinctCommodities(observations []Observation) []string {
	var out []string
	for i, o := range observations {
		if i == 0 || o.Commodity != observations[i-1].Commodity {
			out = append(out, o.Commodity)
		}
	}
	return out
}

func carries(observations []Observation, commodity string) bool {
	for _, o := range observations {
		if o.Commodity == commodity {
			return true
		}
	}
	return false
}
