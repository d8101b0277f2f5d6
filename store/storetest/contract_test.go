package storetest_test

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// TestContractCanBeMet runs the contract on the simplest store there can be: records in maps, read by the naive evaluator.
func TestContractCanBeMet(t *testing.T) {
	m := load(t)
	storetest.Run(t, m, func(testing.TB) store.Store {
		return &memory{records: storetest.NewRecords(m)}
	})
}

type memory struct {
	mu       sync.RWMutex
	records  *storetest.Records
	revision int64
	touched  []store.TouchedBatch
	closed   bool
}

func (s *memory) refuse(ctx context.Context) error {
	switch {
	case s.closed:
		return store.Errorf(store.CodeClosed, "maps", "", "the store is closed")
	case ctx.Err() != nil:
		return store.Errorf(store.CodeDeadline, "maps", "", "%w", ctx.Err())
	}
	return nil
}

func (s *memory) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.refuse(ctx); err != nil {
		return store.Value{}, err
	}
	return storetest.Answer(s.records.Model, slices.Collect(maps.Values(s.records.Nodes)), slices.Collect(maps.Values(s.records.Claims)), p)
}

func (s *memory) Apply(ctx context.Context, b store.Batch) (store.Changes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuse(ctx); err != nil {
		return store.Changes{}, err
	}
	changes, err := s.records.Apply(b)
	if err != nil || changes.Added+changes.Updated+changes.Removed == 0 {
		return changes, err
	}
	s.revision++
	var touched store.Touching
	for _, n := range b.Nodes {
		touched.Node(n.ID())
	}
	for _, c := range b.Claims {
		touched.Claim(c.Relation.Name, c.From, c.To)
	}
	for _, r := range b.Removed {
		if r.Node != nil {
			touched.Node(r.Node.ID())
		} else {
			touched.Claim(r.Claim.Relation.Name, r.Claim.From, r.Claim.To)
		}
	}
	text, err := touched.Text()
	if text != "" {
		s.touched = append(s.touched, store.TouchedBatch{Revision: s.revision, Text: text})
		s.touched = slices.DeleteFunc(s.touched, func(b store.TouchedBatch) bool { return b.Revision <= s.revision-store.KeptBatches })
	}
	return changes, err
}

func (s *memory) Touched(ctx context.Context, since int64) (store.Touched, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.refuse(ctx); err != nil {
		return store.Touched{}, err
	}
	later := slices.DeleteFunc(slices.Clone(s.touched), func(b store.TouchedBatch) bool { return b.Revision <= since })
	return store.Tell(since, s.revision, later)
}

func (s *memory) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return s.yields(ctx, func() []store.Record { return s.records.Stream(wanted) })
}

func (s *memory) Walk(ctx context.Context, wanted plan.Walk) iter.Seq2[store.Record, error] {
	return s.yields(ctx, func() []store.Record { return s.records.Walk(wanted) })
}

// yields yields records as they are when the first is asked for.
func (s *memory) yields(ctx context.Context, records func() []store.Record) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		s.mu.RLock()
		err := s.refuse(ctx)
		all := records()
		s.mu.RUnlock()
		if err != nil {
			yield(store.Record{}, err)
			return
		}
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *memory) Loads(ctx context.Context) ([]store.Load, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.records.Ledger.List(), s.refuse(ctx)
}

func (s *memory) Revision(ctx context.Context) (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.revision, s.refuse(ctx)
}

func (s *memory) Migrate(ctx context.Context) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.refuse(ctx)
}

func (s *memory) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.refuse(context.Background())
	}
	s.closed = true
	return nil
}
