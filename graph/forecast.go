package graph

import (
	"context"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
)

func relatedness(a arguments) (analysis, error) {
	first := a.number("first")
	return overHistories(a, func(ctx context.Context, h analytics.Histories) any { return analytics.Relate(ctx, h, first) }), bounded(a, "first", 1, maxCells)
}

// daysPerYear is the mean length of a year of the Gregorian calendar, rounded to days.
const daysPerYear = 365

func nextCommodity(a arguments) (analysis, error) {
	q := analytics.ForecastQuestion{Horizon: int64(a.number("horizon")) * daysPerYear, Candidates: a.number("candidates")}
	first, units := a.number("first"), unitsQuestion(a)
	of := units.Of
	if of == nil {
		q.First = first
	}
	if a["at"] != nil {
		at, err := a.lastDay("at")
		if err != nil {
			return nil, err
		}
		q.At = at
	}
	for _, err := range []error{bounded(a, "horizon", 1, 20), bounded(a, "candidates", 1, 20), bounded(a, "first", 1, network.MaxListed)} {
		if err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		if _, err := n.Histories(units); err != nil { // what is asked for must be there
			return nil, err
		}
		all := units
		all.Of = nil
		h, err := n.Histories(all)
		if err != nil {
			return nil, err
		}
		if a["at"] == nil {
			q.At, _ = analytics.LastDay(h)
		}
		answer := analytics.Foresee(ctx, h, q)
		if of != nil {
			answer = answer.Of(of)
		}
		return answer.Cut(first), nil
	}, nil
}

func backtest(a arguments) (analysis, error) {
	at, err := a.lastDay("at")
	if err != nil {
		return nil, err
	}
	horizon, k := int64(a.number("horizon"))*daysPerYear, a.number("k")
	if err := bounded(a, "horizon", 1, 20); err != nil {
		return nil, err
	}
	return overHistories(a, func(ctx context.Context, h analytics.Histories) any {
		return analytics.Backtest(ctx, h, at, horizon, k)
	}), bounded(a, "k", 1, 10_000)
}

// lastDay is the last day of a date.
func (a arguments) lastDay(name string) (int64, error) {
	d, err := ontology.ParseDate(a.text(name))
	if err != nil {
		return 0, refused(name, "%v", err)
	}
	return d.Last, nil
}
