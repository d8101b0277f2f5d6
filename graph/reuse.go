package graph

import (
	"context"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

func reuse(a arguments) (analysis, error) {
	units := unitsQuestion(a)
	units.Sets = []network.CommoditySet{
		{Name: analytics.ReuseFrom, Argument: "from", Of: a.list("from")}, {Name: analytics.ReuseTo, Argument: "to", Of: a.list("to")},
	}
	q := analytics.ReuseQuestion{Null: analytics.NullModel(a.text("null")), Shuffles: a.number("shuffles"), First: a.number("first"), Seed: a.seed()}
	if err := bounded(a, "shuffles", 10, 10_000); err != nil {
		return nil, err
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		h, err := n.Histories(units)
		if err != nil {
			return nil, err
		}
		answer := analytics.Find(ctx, h, q)
		for i := range answer.Units {
			answer.Units[i].Groups = n.Operators(units, answer.Units[i].Unit.Key())
		}
		return answer, nil
	}, bounded(a, "first", 1, network.MaxListed)
}
