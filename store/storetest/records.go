package storetest

import (
	"errors"
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Records is what a store holds, in maps: batches are applied to it as naively as can be.
type Records struct {
	Model  *ontology.Model
	Nodes  map[string]store.Node
	Claims map[string]store.Claim
	Ledger Ledger
}

// NewRecords holds nothing.
func NewRecords(model *ontology.Model) *Records {
	return &Records{Model: model, Nodes: map[string]store.Node{}, Claims: map[string]store.Claim{}, Ledger: NewLedger()}
}

// Stream lists what the lens lets through, with the loads that state it where they are wanted.
func (r *Records) Stream(wanted plan.Records) []store.Record {
	out := Streamed(r.Model, slices.Collect(maps.Values(r.Nodes)), slices.Collect(maps.Values(r.Claims)), wanted)
	for i := range out {
		if wanted.Loads {
			out[i].Loads = slices.Clone(r.Ledger.Stated[idOf(out[i])])
		}
	}
	return out
}

// byID holds all records by id.
func (r *Records) byID() map[string]store.Record {
	out := map[string]store.Record{}
	for id, n := range r.Nodes {
		out[id] = store.Record{Node: &n}
	}
	for id, c := range r.Claims {
		out[id] = store.Record{Claim: &c}
	}
	return out
}

// Walk lists nodes or claims, with the loads that state them.
func (r *Records) Walk(wanted plan.Walk) []store.Record {
	out := r.Stream(plan.Records{Lens: everything, Only: wanted.Only, Loads: true})
	return slices.DeleteFunc(out, func(record store.Record) bool {
		if (record.Claim != nil) != (wanted.Of == plan.AllClaims) {
			return true
		}
		among := slices.ContainsFunc(record.Loads, func(name string) bool { return slices.Contains(wanted.Stated, name) })
		return wanted.Stated != nil && !among && (record.Loads == nil || len(record.Loads) > 0)
	})
}

func retractedAt(model *ontology.Model, r store.Record) any {
	if r.Claim != nil {
		return r.Claim.Values[model.Claim.Property("retractedAt").Position]
	}
	return r.Node.Values[r.Node.Kind.Property("retractedAt").Position]
}

// Apply writes a batch whole, or refuses it.
func (r *Records) Apply(b store.Batch) (store.Changes, error) {
	if err := r.Ledger.Admits(b); err != nil {
		return store.Changes{}, err
	}
	after := &Records{Model: r.Model, Nodes: maps.Clone(r.Nodes), Claims: maps.Clone(r.Claims)}
	var changes store.Changes
	for _, n := range b.Nodes {
		before, there := r.Nodes[n.ID()]
		if there && before.Kind != n.Kind {
			return store.Changes{}, store.Errorf(store.CodeConflict, n.ID(), "", "it is a %s already", before.Kind.Name)
		}
		if there {
			n.Values = r.Ledger.Settled(b, n.Kind, n.Values, before.Values)
		}
		count(&changes, there, store.Record{Node: &before}, store.Record{Node: &n})
		after.Nodes[n.ID()] = n
	}
	for _, c := range b.Claims {
		before, there := r.Claims[c.ID()]
		if there {
			c.Values = r.Ledger.Settled(b, r.Model.Claim, c.Values, before.Values)
		}
		count(&changes, there, store.Record{Claim: &before}, store.Record{Claim: &c})
		after.Claims[c.ID()] = c
	}
	for _, n := range b.Held {
		if _, there := r.Nodes[n.ID()]; !there {
			return store.Changes{}, store.Errorf(store.CodeDangling, n.ID(), "", "it is not held")
		}
		changes.Unchanged++
	}
	for _, removed := range b.Removed {
		before := len(after.Nodes) + len(after.Claims)
		if removed.Node != nil {
			delete(after.Nodes, removed.Node.ID())
		} else {
			delete(after.Claims, removed.Claim.ID())
		}
		gone := before - len(after.Nodes) - len(after.Claims)
		changes.Removed += gone
		changes.Unchanged += 1 - gone
	}
	if err := after.whole(); err != nil {
		return store.Changes{}, err
	}
	r.Nodes, r.Claims = after.Nodes, after.Claims
	r.Ledger.Keep(b)
	for _, n := range slices.Concat(b.Nodes, b.Held) {
		r.Ledger.State(b, n.ID())
	}
	for _, c := range b.Claims {
		r.Ledger.State(b, c.ID())
	}
	for _, removed := range b.Removed {
		delete(r.Ledger.Stated, idOf(removed))
	}
	return changes, nil
}

func count(changes *store.Changes, there bool, before, after store.Record) {
	switch {
	case !there:
		changes.Added++
	case Describe(before) == Describe(after):
		changes.Unchanged++
	default:
		changes.Updated++
	}
}

// whole says whether all that records name is there.
func (r *Records) whole() error {
	var missing []error
	check := func(record store.Record) {
		for _, id := range named(r.Model, record) {
			if _, there := r.Nodes[id]; !there {
				missing = append(missing, errors.New(id))
			}
		}
	}
	for _, n := range r.Nodes {
		check(store.Record{Node: &n})
	}
	for _, c := range r.Claims {
		check(store.Record{Claim: &c})
	}
	if len(missing) > 0 {
		return store.Errorf(store.CodeDangling, "batch", "", "missing: %w", errors.Join(missing...))
	}
	return nil
}

// named lists the nodes that a record names.
func named(model *ontology.Model, r store.Record) []string {
	if r.Claim != nil {
		return append(references(model.Claim, r.Claim.Values), r.Claim.From, r.Claim.To)
	}
	out := references(r.Node.Kind, r.Node.Values)
	for _, l := range r.Node.Links {
		out = append(out, l.ID)
	}
	return out
}

func references(k *ontology.Kind, values []any) []string {
	var out []string
	for i, p := range k.Properties {
		if id, is := values[i].(string); is && p.Type == ontology.Reference {
			out = append(out, id)
		}
	}
	return out
}

func idOf(r store.Record) string {
	if r.Node != nil {
		return r.Node.ID()
	}
	return r.Claim.ID()
}
