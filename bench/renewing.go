package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// renewing measures how long it takes until a network in memory holds what a batch changed, beside reading it whole.
func (b *bench) renewing(ctx context.Context, s *site) (err error) {
	sizes := [3]int{1, 100, store.MaxTouched}
	all, err := b.sample(ctx, s, sizes[0]+sizes[1]+sizes[2])
	if err != nil {
		return err
	}
	var some [3][]store.Node
	left := slices.Concat(all[len(all)/2:], all[:len(all)/2]) // the first of all are hubs
	for i, size := range sizes {
		size = min(size, len(left))
		some[i], left = left[:size], left[size:]
	}
	day := func(nodes []store.Node, later int64) store.Batch {
		out := store.Batch{Nodes: slices.Clone(nodes)}
		for i, n := range out.Nodes {
			at := n.Kind.Property("recordedAt").Position
			out.Nodes[i].Values = slices.Clone(n.Values)
			recorded, _ := n.Values[at].(int64)
			out.Nodes[i].Values[at] = recorded + later
		}
		return out
	}
	defer func() { // the store is left as it was
		_, failed := s.store.Apply(ctx, day(all, 0))
		err = errors.Join(err, failed)
	}()
	older, err := network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
	if err != nil {
		return err
	}
	var renewed, whole [3][]time.Duration
	for round := range b.repetitions(6) {
		for i, nodes := range some {
			if _, err := s.store.Apply(ctx, day(nodes, 3*int64(1-round%2))); err != nil {
				return err
			}
			took, err := timed(func() error {
				n, known, err := network.Renew(ctx, s.store, plan.Lens{}, older, 1<<40)
				if err == nil && !known {
					err = errors.New("the store does not know what was touched")
				}
				older = n
				return err
			})
			if err != nil {
				return err
			}
			renewed[i] = append(renewed[i], took)
			if took, err = timed(func() error {
				_, err := network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
				return err
			}); err != nil {
				return err
			}
			whole[i] = append(whole[i], took)
		}
	}
	for i, nodes := range some {
		target := 0.0
		if i == 0 {
			target = 0.1
		}
		b.compare(fmt.Sprintf("a network after a batch that touched %d of %d nodes", len(nodes), older.Size().Nodes), durations("in part", renewed[i]), durations("whole", whole[i]), target)
	}
	return nil
}

// sample are nodes of the store, so many from all over it.
func (b *bench) sample(ctx context.Context, s *site, count int) ([]store.Node, error) {
	var nodes []store.Node
	for r, err := range s.store.Stream(ctx, plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}}) {
		if err != nil {
			return nil, err
		}
		if r.Node == nil {
			break
		}
		nodes = append(nodes, *r.Node)
	}
	step := max(len(nodes)/count, 1)
	var out []store.Node
	for i := 0; i < len(nodes) && len(out) < count; i += step {
		out = append(out, nodes[i])
	}
	return out, nil
}
