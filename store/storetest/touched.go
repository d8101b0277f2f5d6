package storetest

import (
	"slices"
	"strconv"
	"testing"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// touched asks what the batches after a revision touched.
func (s trial) touched(since int64) store.Touched {
	s.t.Helper()
	ctx, cancel := limited()
	defer cancel()
	t, err := s.store.Touched(ctx, since)
	if err != nil {
		s.t.Fatalf("Touched: %v", err)
	}
	if now := s.revision(); t.Revision != now {
		s.t.Fatalf("Touched tells up to revision %d, which is %d", t.Revision, now)
	}
	return t
}

// tells checks that every record which differs between two states is told of.
func (s trial) tells(since int64, before, after map[string]store.Record) {
	s.t.Helper()
	t := s.touched(since)
	if t.Part == nil {
		s.t.Fatalf("what few batches touched since %d is not known", since)
	}
	for _, states := range [][2]map[string]store.Record{{before, after}, {after, before}} {
		for id, r := range states[0] {
			if other, there := states[1][id]; there && Describe(r) == Describe(other) {
				continue
			}
			if r.Node != nil && !slices.Contains(t.Part.Nodes, id) {
				s.t.Fatalf("%s changed since %d, and is not among %v", id, since, t.Part.Nodes)
			}
			if c := r.Claim; c != nil && !slices.Contains(t.Part.Bundles, plan.Bundle{Relation: c.Relation.Name, From: c.From, To: c.To}) {
				s.t.Fatalf("%s changed since %d, and its bundle is not among %v", Describe(r), since, t.Part.Bundles)
			}
		}
	}
}

// remembered checks that small batches are told of, and for how long.
func (c contract) remembered(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	k := c.model.Kinds[0]
	node := func(i int) store.Node { return c.node(k, "n"+strconv.Itoa(i)) }
	names := func(since int64, want ...int) {
		t.Helper()
		told := s.touched(since)
		if told.Part == nil {
			t.Fatalf("nothing is known since %d", since)
		}
		ids := []string{}
		for _, i := range want {
			ids = append(ids, node(i).ID())
		}
		slices.Sort(ids)
		if !slices.Equal(ids, told.Part.Nodes) || len(told.Part.Bundles) > 0 {
			t.Fatalf("since %d: got %+v, want %v", since, told.Part, ids)
		}
	}
	unknown := func(since int64) {
		t.Helper()
		if told := s.touched(since); told.Part != nil {
			t.Fatalf("since %d: got %+v, want nothing", since, told.Part)
		}
	}
	names(0)
	unknown(1)
	s.apply(store.Batch{Nodes: c.seeds()})
	start := s.revision()
	for i := range 3 {
		s.apply(store.Batch{Nodes: []store.Node{node(i)}})
	}
	names(start, 0, 1, 2)
	names(start+1, 1, 2)
	names(start + 3)
	s.apply(store.Batch{Nodes: []store.Node{node(0), node(1)}})
	names(start + 3)
	unknown(start + 4)
	changed := node(1)
	changed.Values = with(k, changed.Values, "recordedAt", candidates(k.Property("recordedAt"))[1])
	s.apply(store.Batch{Nodes: []store.Node{node(0), changed}})
	if told := s.touched(start + 3); !slices.Contains(told.Part.Nodes, changed.ID()) {
		t.Fatalf("%s is changed, and not among %v", changed.ID(), told.Part.Nodes)
	}
	s.apply(store.Batch{Removed: []store.Record{{Node: &changed}, {Node: new(node(7))}}})
	if told := s.touched(start + 4); !slices.Contains(told.Part.Nodes, changed.ID()) {
		t.Fatalf("%s is gone, and not among %v", changed.ID(), told.Part.Nodes)
	}

	// Each half of what may be told of at once is; together they are too much.
	at := s.revision()
	half := store.MaxTouched/2 + 1
	for part := range 2 {
		var b store.Batch
		for i := range half {
			b.Nodes = append(b.Nodes, node(100+part*half+i))
		}
		s.apply(b)
	}
	unknown(at)
	if told := s.touched(at + 1); told.Part == nil || told.Part.Size() != half {
		t.Fatalf("%d nodes are told of, want %d", told.Part.Size(), half)
	}
	var large store.Batch
	for i := range store.MaxTouched + 1 {
		large.Nodes = append(large.Nodes, node(10_000+i))
	}
	at = s.revision()
	s.apply(large)
	unknown(at)
	names(at + 1)
	for i := range store.KeptBatches + 1 {
		s.apply(store.Batch{Nodes: []store.Node{node(100_000 + i)}})
	}
	at = s.revision()
	unknown(at - store.KeptBatches - 1)
	if told := s.touched(at - store.KeptBatches); told.Part == nil || told.Part.Size() != store.KeptBatches {
		t.Fatalf("not all batches that are kept are told of: %+v", told)
	}
}
