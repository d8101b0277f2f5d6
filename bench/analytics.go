package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
)

// analytics measures the analytics on a network in memory: what is promised of them, and how the others compare.
func (b *bench) analytics(ctx context.Context, s *site) error {
	n, err := network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
	if err != nil {
		return err
	}
	told := ""
	measure := func(name string, target time.Duration, work func() error) error {
		told = ""
		took, err := rounds(b.repetitions(5), work)
		if err == nil {
			b.note(name+told, durations("analytics", took[0]), float64(target.Milliseconds()))
		}
		return err
	}
	routes := network.HistoriesQuestion{Unit: network.UnitRoute, Level: "MARKET"}
	diversify := func(window int) func() error {
		return func() error {
			h, err := n.Histories(routes)
			if err != nil {
				return err
			}
			answer := analytics.Diversify(ctx, h, analytics.DiversificationQuestion{Seed: 1, Window: window})
			told = fmt.Sprintf(", %d routes", len(answer.Units))
			return nil
		}
	}
	places, groups := network.ProjectionQuestion{Places: true}, network.ProjectionQuestion{Layers: []string{"ALLIANCE", "ROUTE", "MONEY"}, HubsOver: 50}
	between := func(q network.ProjectionQuestion, nodes, starts int) func() error {
		return func() error {
			g := n.Projection(q)
			if nodes > 0 && len(g.Nodes) > nodes {
				g = first(g, nodes)
			}
			c := analytics.Between(ctx, g, starts, 1)
			told = fmt.Sprintf(", %d nodes and %d ties", len(g.Nodes), len(g.Ties))
			if !c.Exact {
				told += fmt.Sprintf(", from %d nodes, wrong by %.3f at most", c.Starts, c.Bound)
			}
			return nil
		}
	}
	interdict := func(target analytics.Target, objective string) func() error {
		return func() error {
			answer := analytics.Interdict(ctx, n.Flows(""), analytics.InterdictQuestion{Remove: target, K: 10, Objective: objective, Randoms: 20, Receivers: 10, Seed: 1})
			told = fmt.Sprintf(" out of %d", answer.Candidates)
			return nil
		}
	}
	for _, m := range []struct {
		name   string
		target time.Duration
		work   func() error
	}{
		{"diversification of every route with intervals", time.Second, diversify(0)},
		{"the same in windows of five years", 0, diversify(5)},
		{"exact betweenness of places", 5 * time.Second, between(places, 5000, 0)},
		{"exact betweenness of groups", 5 * time.Second, between(groups, 5000, 0)},
		{"sampled betweenness of groups", 0, between(groups, 0, 1000)},
		{"closing 10 places, greedy, FLOW", 5 * time.Second, interdict(analytics.TargetPlaces, "FLOW")},
		{"closing 10 places, greedy, CONNECTIVITY", 5 * time.Second, interdict(analytics.TargetPlaces, "CONNECTIVITY")},
		{"closing 10 groups, greedy, FLOW", 0, interdict(analytics.TargetGroups, "FLOW")},
	} {
		if err := measure(m.name, m.target, m.work); err != nil {
			return err
		}
	}
	for _, q := range []struct{ name, query string }{
		{"diversification, 25 routes", `{ diversification { units { unit { id } effective { observed low high } } } }`},
		{"reuse, 500 shuffles", `{ reuse(from: "` + s.network.ID("Commodity", 1) + `", to: "` + s.network.ID("Commodity", 2) + `") { totalCount chance { ratio { value } } } }`},
		{"transitions", `{ transitions { totalCount } }`},
		{"relatedness", `{ relatedness { totalCount } }`},
		{"nextCommodity", `{ nextCommodity(at: "2015") { status tooFew totalCount } }`},
		{"backtest", `{ backtest(at: "2015") { status tasks { positives } } }`},
		{"conflicts", `{ conflicts { totalCount } }`},
		{"brokers", `{ brokers { status totalCount } }`},
		{"multiplex", `{ multiplex { totalCount } }`},
		{"structure of groups", `{ structure { status modularity } }`},
	} {
		err := measure("API: "+q.name, 0, func() error {
			response := s.api.Execute(ctx, graph.Request{Query: q.query}, access(b.model))
			if len(response.Errors) > 0 {
				return response.Errors
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return nil
}

// first is the graph of the first nodes alone.
func first(g analytics.Graph, nodes int) analytics.Graph {
	out := analytics.Graph{Nodes: g.Nodes[:nodes]}
	for _, t := range g.Ties {
		if t.A < nodes && t.B < nodes {
			out.Ties = append(out.Ties, t)
		}
	}
	return out
}
