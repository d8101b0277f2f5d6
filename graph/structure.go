package graph

import (
	"context"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

// Betweenness is exact up to exactNodes, unless asked otherwise; of more nodes sampledStarts are drawn.
const (
	exactNodes    = 5000
	sampledStarts = 1000
)

func projection(a arguments) (network.ProjectionQuestion, error) {
	q := network.ProjectionQuestion{Layers: a.list("layers"), HubsOver: a.number("avoidHubsOver")}
	if q.Layers == nil {
		q.Layers = []string{"ALLIANCE", "ROUTE", "MONEY"}
	} else if len(q.Layers) == 0 {
		return q, refused("layers", "an empty list ties nobody; leave it out for ALLIANCE, ROUTE and MONEY")
	}
	return q, bounded(a, "avoidHubsOver", 2, 1000)
}

func structure(a arguments) (analysis, error) {
	p, err := projection(a)
	if err != nil {
		return nil, err
	}
	p.Places, p.Level = a.text("of") == "PLACES", a.text("places")
	q := analytics.StructureQuestion{Rank: a.text("rank"), Starts: a.number("starts"), Runs: a.number("runs"), First: a.number("first"), Seed: a.seed()}
	if a["starts"] != nil {
		if err := bounded(a, "starts", 1, 100_000); err != nil {
			return nil, err
		}
	}
	if err := bounded(a, "runs", 1, 100); err != nil {
		return nil, err
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		g := n.Projection(p)
		q := q
		if q.Starts == 0 && len(g.Nodes) > exactNodes {
			q.Starts = sampledStarts
		}
		s := analytics.Describe(ctx, g, q)
		for i := range s.Nodes {
			s.Nodes[i].Grounds = n.TiesOf(p, s.Nodes[i].Node, "")
		}
		for i := range s.Bridges {
			s.Bridges[i].Grounds = n.TiesOf(p, s.Bridges[i].From, s.Bridges[i].To)
		}
		return s, nil
	}, bounded(a, "first", 1, network.MaxListed)
}

func brokers(a arguments) (analysis, error) {
	p, err := projection(a)
	if err != nil {
		return nil, err
	}
	first := a.number("first")
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		h, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitGroup, Level: "MARKET"})
		if err != nil {
			return nil, err
		}
		answer := analytics.Broke(ctx, n.Projection(p), analytics.MarketsOf(h), first)
		for i := range answer.Brokers {
			b := &answer.Brokers[i]
			b.Grounds = n.Brokering(p, b.Node, b.Partners)
		}
		return answer, nil
	}, bounded(a, "first", 1, network.MaxListed)
}

func multiplex(a arguments) (analysis, error) {
	p, err := projection(a)
	if err != nil {
		return nil, err
	}
	first, of := a.number("first"), a.list("of")
	return func(_ context.Context, n *network.Network, _ []string) (any, error) {
		if of != nil {
			if _, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitGroup, Level: "MARKET", Of: of}); err != nil {
				return nil, err
			}
		}
		answer := analytics.Layered(n.Projection(p), network.Layers, p.Chosen(), of, first)
		for i := range answer.Nodes {
			answer.Nodes[i].Grounds = n.TiesOf(p, answer.Nodes[i].Node, "")
		}
		return answer, nil
	}, bounded(a, "first", 1, network.MaxListed)
}
