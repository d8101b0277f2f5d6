package loader

import (
	"context"
	"fmt"

	"github.com/crimegraph/crimegraph/store"
)

// underway is a batch that the store is given while the next one is read. There is one at a time, so that batches are written in order.
type underway struct {
	owners  []int
	changes store.Changes
	err     error
	done    chan struct{}
}

// flush hands the batch to the store, once that has written the one before.
func (l *load) flush(ctx context.Context) error {
	if err := l.await(); err != nil {
		return err
	}
	w := &underway{owners: l.owners, done: make(chan struct{})}
	l.countKept()
	batch := l.account.batch()
	batch.Nodes, batch.Claims, batch.Stated = l.batch.Nodes, l.batch.Claims, true
	l.writing, l.batch, l.owners = w, store.Batch{}, nil
	if len(batch.Nodes)+len(batch.Claims) == 0 || l.options.DryRun {
		close(w.done)
		return nil
	}
	go func() {
		defer close(w.done)
		w.changes, w.err = l.store.Apply(ctx, batch)
	}()
	return nil
}

// await waits until the batch that was handed over is written, and counts its rows as accepted.
func (l *load) await() error {
	w := l.writing
	if w == nil {
		return nil
	}
	l.writing = nil
	<-w.done
	if w.err != nil {
		return fmt.Errorf("write: %w", w.err)
	}
	l.report.Changes.Add(w.changes)
	for _, owner := range w.owners {
		if owner < 0 {
			continue
		}
		l.report.Accepted++
		l.report.Files[owner].Accepted++
	}
	return nil
}
