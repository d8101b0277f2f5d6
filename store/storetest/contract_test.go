package storetest_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// TestContractCanBeMet runs the contract on the simplest store there can be: records in maps, read by the naive evaluator.
func TestContractCanBeMet(t *testing.T) {
	m := load(t)
	storetest.Run(t, m, func(testing.TB) store.Store {
		return &memory{model: m, nodes: map[string]store.Node{}, claims: map[string]store.Claim{}}
	})
}

type memory struct {
	model *ontology.Model

	mu       sync.RWMutex
	nodes    map[string]store.Node
	claims   map[string]store.Claim
	revision int64
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
	return storetest.Answer(s.model, slices.Collect(maps.Values(s.nodes)), slices.Collect(maps.Values(s.claims)), p)
}

func (s *memory) Apply(ctx context.Context, b store.Batch) (store.Changes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuse(ctx); err != nil {
		return store.Changes{}, err
	}
	nodes, claims := maps.Clone(s.nodes), maps.Clone(s.claims)
	var changes store.Changes
	count := func(there bool, before, after store.Record) {
		switch {
		case !there:
			changes.Added++
		case storetest.Describe(before) == storetest.Describe(after):
			changes.Unchanged++
		default:
			changes.Updated++
		}
	}
	for _, n := range b.Nodes {
		before, there := nodes[n.ID()]
		if there && before.Kind != n.Kind {
			return store.Changes{}, store.Errorf(store.CodeConflict, n.ID(), "", "it is a %s already", before.Kind.Name)
		}
		count(there, store.Record{Node: &before}, store.Record{Node: &n})
		nodes[n.ID()] = n
	}
	for _, c := range b.Claims {
		before, there := claims[c.ID()]
		count(there, store.Record{Claim: &before}, store.Record{Claim: &c})
		claims[c.ID()] = c
	}
	var missing []error
	name := func(id string) {
		if _, there := nodes[id]; !there {
			missing = append(missing, errors.New(id))
		}
	}
	references := func(k *ontology.Kind, values []any) {
		for i, p := range k.Properties {
			if id, is := values[i].(string); is && p.Type == ontology.Reference {
				name(id)
			}
		}
	}
	for _, n := range b.Nodes {
		references(n.Kind, n.Values)
		for _, l := range n.Links {
			name(l.ID)
		}
	}
	for _, c := range b.Claims {
		references(s.model.Claim, c.Values)
		name(c.From)
		name(c.To)
	}
	if len(missing) > 0 {
		return store.Changes{}, store.Errorf(store.CodeDangling, "batch", "", "missing: %w", errors.Join(missing...))
	}
	if changes.Added+changes.Updated > 0 {
		s.revision++
	}
	s.nodes, s.claims = nodes, claims
	return changes, nil
}

func (s *memory) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		s.mu.RLock()
		err := s.refuse(ctx)
		records := storetest.Streamed(s.model, slices.Collect(maps.Values(s.nodes)), slices.Collect(maps.Values(s.claims)), wanted)
		s.mu.RUnlock()
		if err != nil {
			yield(store.Record{}, err)
			return
		}
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
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
