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
