package loader

import (
	"context"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// pass walks over records of a store and hands on those that are picked, in batches, to a function that may write. It says how many were
// not picked. It holds one batch, however many records there are.
func pass(ctx context.Context, over Store, wanted plan.Walk, picks func(store.Record) bool, write func([]store.Record) error) (others int, err error) {
	var batch []store.Record
	for r, err := range over.Walk(ctx, wanted) {
		if err != nil {
			return others, err
		}
		if !picks(r) {
			others++
			continue
		}
		if batch = append(batch, r); len(batch) < batchSize {
			continue
		}
		if err := write(batch); err != nil {
			return others, err
		}
		batch = nil
	}
	if len(batch) == 0 {
		return others, nil
	}
	return others, write(batch)
}

// release passes over nodes and lets go those that are picked and that nothing names, until all are gone or none of those that are left can
// go: with each that goes, those that it named may be free. Where current is set, what retracted records name counts as free.
//
// Nodes that name each other in a circle, which no data set may state by itself, go where one batch holds them.
func release(ctx context.Context, over Store, wanted plan.Walk, current bool, picks func(store.Record) bool, let func([]store.Record) error) (gone, kept, others int, err error) {
	for {
		before := gone
		kept = 0
		others, err = pass(ctx, over, wanted, picks, func(nodes []store.Record) error {
			free, err := unnamed(ctx, over, current, nodes)
			if err != nil {
				return err
			}
			gone, kept = gone+len(free), kept+len(nodes)-len(free)
			if len(free) == 0 {
				return nil
			}
			return let(free)
		})
		if err != nil || kept == 0 || gone == before {
			return gone, kept, others, err
		}
	}
}

// unnamed are those of some nodes that no other record names.
func unnamed(ctx context.Context, over Store, current bool, nodes []store.Record) ([]store.Record, error) {
	ids := make([]string, len(nodes))
	for i, r := range nodes {
		ids[i] = r.Node.ID()
	}
	named, err := over.Named(ctx, plan.Naming{IDs: ids, Current: current})
	if err != nil {
		return nil, err
	}
	among := make(map[string]bool, len(named))
	for _, id := range named {
		among[id] = true
	}
	var out []store.Record
	for _, r := range nodes {
		if !among[r.Node.ID()] {
			out = append(out, r)
		}
	}
	return out, nil
}
