// Package loadertest holds a store for tests of loading: it keeps what it is given, and refuses what every store must refuse.
package loadertest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// Memory keeps records by id. Make it with New.
type Memory struct {
	*storetest.Records
	// Applied counts batches that were applied and held records.
	Applied int
	// Before, if set, is called before each batch that holds records; its error refuses the batch.
	Before func(store.Batch) error
	// using guards the records: a load asks while it writes. Tests look at them between loads.
	using sync.Mutex
}

// New makes an empty store.
func New(model *ontology.Model) *Memory {
	return &Memory{Records: storetest.NewRecords(model)}
}

// Query answers lookups of properties.
func (m *Memory) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	if err := ctx.Err(); err != nil {
		return store.Value{}, store.Errorf(store.CodeDeadline, "lookup", "", "%w", err)
	}
	if p.Lookup == nil {
		return store.Value{}, store.Errorf(store.CodeInternal, "query", "", "only lookups are answered here")
	}
	m.using.Lock()
	defer m.using.Unlock()
	answer := make([]store.Value, len(p.Lookup.IDs))
	for i, id := range p.Lookup.IDs {
		n, found := m.Nodes[id]
		if !found || !p.Lookup.Node.Kind.Has(n.Kind) || !p.Lens.Record.All {
			continue
		}
		row := []store.Value{}
		for _, c := range p.Lookup.Node.Columns {
			row = append(row, store.Of(Value(n, c.Property.Name)))
		}
		answer[i] = store.Of(row)
	}
	return store.Of(answer), nil
}

// Stream yields everything, nodes and claims by id. Records and their values are the reader's own.
func (m *Memory) Stream(_ context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	loads := func(id string) []string {
		if !wanted.Loads {
			return nil
		}
		return slices.Clone(m.Ledger.Stated[id])
	}
	return func(yield func(store.Record, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(m.Nodes)) {
			n := m.Nodes[id]
			n.Values = slices.Clone(n.Values)
			if !yield(store.Record{Node: &n, Loads: loads(id)}, nil) {
				return
			}
		}
		for _, id := range slices.Sorted(maps.Keys(m.Claims)) {
			c := m.Claims[id]
			c.Values = slices.Clone(c.Values)
			if !yield(store.Record{Claim: &c, Loads: loads(id)}, nil) {
				return
			}
		}
	}
}

// Walk lists nodes or claims by id. Records and their values are the reader's own.
func (m *Memory) Walk(_ context.Context, wanted plan.Walk) iter.Seq2[store.Record, error] {
	m.using.Lock()
	defer m.using.Unlock()
	records := m.Records.Walk(wanted)
	return func(yield func(store.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Loads lists the loads by name.
func (m *Memory) Loads(context.Context) ([]store.Load, error) {
	m.using.Lock()
	defer m.using.Unlock()
	return m.Ledger.List(), nil
}

// Value is a node's value of a property, or nil.
func Value(n store.Node, property string) any {
	if p := n.Kind.Property(property); p != nil {
		return n.Values[p.Position]
	}
	return nil
}

// Apply writes a batch whole, or refuses it.
func (m *Memory) Apply(ctx context.Context, b store.Batch) (store.Changes, error) {
	if err := ctx.Err(); err != nil {
		return store.Changes{}, store.Errorf(store.CodeDeadline, "batch", "", "%w", err)
	}
	records := len(b.Nodes)+len(b.Claims)+len(b.Removed) > 0
	if m.Before != nil && records {
		if err := m.Before(b); err != nil {
			return store.Changes{}, err
		}
	}
	m.using.Lock()
	defer m.using.Unlock()
	if err := m.check(b); err != nil {
		return store.Changes{}, err
	}
	changes, err := m.Records.Apply(b)
	if err == nil && records {
		m.Applied++
	}
	return changes, err
}

// check holds the batch to what the store of records does not: ids once, whole records, references and ends of the right kind.
func (m *Memory) check(b store.Batch) error {
	kinds := map[string]*ontology.Kind{}
	for _, n := range b.Nodes {
		if _, twice := kinds[n.ID()]; twice {
			return store.Errorf(store.CodeInternal, n.ID(), "", "twice in one batch")
		}
		kinds[n.ID()] = n.Kind
	}
	find := func(id string) *ontology.Kind {
		if k := kinds[id]; k != nil {
			return k
		}
		return m.Nodes[id].Kind
	}
	values := func(id string, k *ontology.Kind, values []any) error {
		for i, p := range k.Properties {
			if p.Required && values[i] == nil {
				return store.Errorf(store.CodeInternal, id, "", "%s is missing", p.Name)
			}
			if ref, ok := values[i].(string); ok && p.Reference != nil && find(ref) != p.Reference {
				return store.Errorf(store.CodeDangling, ref, "", "%s of %s", p.Name, id)
			}
		}
		return nil
	}
	for _, n := range b.Nodes {
		if err := values(n.ID(), n.Kind, n.Values); err != nil {
			return err
		}
		for _, l := range n.Links {
			if k := find(l.ID); k == nil || !l.Link.Target.Has(k) {
				return store.Errorf(store.CodeDangling, l.ID, "", "%s of %s", l.Link.Name, n.ID())
			}
		}
	}
	for _, c := range b.Claims {
		k, t := find(c.From), find(c.To)
		if k == nil || t == nil || !c.Relation.Joins(k, t) {
			return store.Errorf(store.CodeDangling, c.From+" "+c.To, "", "claim %s", c.ID())
		}
		if err := values(c.ID(), m.Model.Claim, c.Values); err != nil {
			return err
		}
	}
	return nil
}
