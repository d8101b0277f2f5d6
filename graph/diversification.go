package graph

import (
	"context"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

// unitsQuestion reads the arguments that the analytics over histories share.
func unitsQuestion(a arguments) network.HistoriesQuestion {
	return network.HistoriesQuestion{Unit: network.UnitKind(a.text("unit")), Of: a.list("of"), Level: a.text("level"), Places: a.text("places")}
}

// overHistories is an analysis of the histories that the arguments ask for.
func overHistories(a arguments, analyse func(ctx context.Context, h analytics.Histories) any) analysis {
	q := unitsQuestion(a)
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		h, err := n.Histories(q)
		if err != nil {
			return nil, err
		}
		return analyse(ctx, h), nil
	}
}

func histories(a arguments) (analysis, error) {
	first := a.number("first")
	return overHistories(a, func(_ context.Context, h analytics.Histories) any { return analytics.Tell(h, first) }), bounded(a, "first", 1, network.MaxListed)
}

func diversification(a arguments) (analysis, error) {
	q := analytics.DiversificationQuestion{Window: a.number("window"), Quantity: a.text("quantity"), Sample: a.number("sample"), First: a.number("first"), Seed: a.seed()}
	if a["window"] != nil {
		if err := bounded(a, "window", 1, 100); err != nil {
			return nil, err
		}
	}
	if a["quantity"] != nil && q.Quantity == "" {
		return nil, refused("quantity", "an empty unit measures nothing; leave it out to share out statements")
	}
	if err := bounded(a, "sample", 1, 1000); err != nil {
		return nil, err
	}
	return overHistories(a, func(ctx context.Context, h analytics.Histories) any { return analytics.Diversify(ctx, h, q) }), bounded(a, "first", 1, network.MaxListed)
}

func sensitivity(a arguments) (analysis, error) {
	q := analytics.DiversificationQuestion{First: a.number("first"), Seed: a.seed()}
	return overHistories(a, func(ctx context.Context, h analytics.Histories) any { return analytics.Sense(ctx, h, q) }), bounded(a, "first", 1, network.MaxListed)
}

// seed is what draws begin with.
func (a arguments) seed() uint64 { return uint64(a.number("seed")) }

// maxCells is how many cells of a matrix are listed.
const maxCells = 1000

func transitions(a arguments) (analysis, error) {
	first := a.number("first")
	return overHistories(a, func(ctx context.Context, h analytics.Histories) any { return analytics.Follow(ctx, h, first) }), bounded(a, "first", 1, maxCells)
}
