package graph

import (
	"context"
	"slices"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

func interdict(a arguments) (analysis, error) {
	q := analytics.InterdictQuestion{
		Remove: analytics.Target(a.text("remove")), Candidates: a.list("candidates"), K: a.number("k"), Objective: a.text("objective"), Exact: a.text("method") == "EXACT",
		Randoms: a.number("randoms"), Receivers: a.number("first"), Seed: a.seed(),
	}
	level := a.text("places")
	if q.Candidates != nil && len(q.Candidates) == 0 {
		return nil, refused("candidates", "an empty list closes nothing; leave it out for all")
	}
	if err := bounded(a, "k", 1, 50); err != nil {
		return nil, err
	}
	if err := bounded(a, "randoms", 0, 1000); err != nil {
		return nil, err
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		f := n.Flows(level)
		may, err := closable(f, q)
		if err != nil {
			return nil, err
		}
		if q.Exact && analytics.Sets(may, q.K) > analytics.MostSets {
			return nil, refused("method", "%s", analytics.TooManySets(may, q.K))
		}
		answer := analytics.Interdict(ctx, f, q)
		for i := range answer.Steps {
			answer.Steps[i].Grounds = n.Behind(q.Remove, level, answer.Steps[i].Closed)
		}
		for i := range answer.Displacement.Receivers {
			r := &answer.Displacement.Receivers[i]
			r.Evidence = n.Cargo(r.Routes)
		}
		return answer, nil
	}, bounded(a, "first", 1, network.MaxListed)
}

// closable is how many may be closed. What is named must be among them.
func closable(f analytics.Flows, q analytics.InterdictQuestion) (int, error) {
	var ids []string
	switch q.Remove {
	case analytics.TargetPlaces:
		ids = f.Places
	case analytics.TargetGroups:
		ids = f.Groups
	case analytics.TargetLegs:
		for _, l := range f.Legs {
			ids = append(ids, l.ID)
		}
	}
	for _, id := range q.Candidates {
		if !slices.Contains(ids, id) {
			return 0, refused("candidates", "%.80q is on no route through this lens, or no place, leg or group as asked", id)
		}
	}
	if q.Candidates != nil {
		return len(slices.Compact(slices.Sorted(slices.Values(q.Candidates)))), nil
	}
	return len(ids), nil
}
