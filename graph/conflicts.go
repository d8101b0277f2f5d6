package graph

import (
	"context"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

func conflicts(a arguments) (analysis, error) {
	about, metrics, first := a.list("about"), a.list("metric"), a.number("first")
	if metrics != nil && len(metrics) == 0 {
		return nil, refused("metric", "an empty list measures nothing; leave it out for all")
	}
	return func(_ context.Context, n *network.Network, _ []string) (any, error) {
		s, err := n.Statements(about, metrics)
		if err != nil {
			return nil, err
		}
		return analytics.Contradict(s, first), nil
	}, bounded(a, "first", 1, network.MaxListed)
}
