package loader

import (
	"context"
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// namesOf lists the nodes that a record names: ends, references, structural relations.
func namesOf(model *ontology.Model, r store.Record) []string {
	var out []string
	kind, values := model.Claim, []any(nil)
	if r.Claim != nil {
		out, values = append(out, r.Claim.From, r.Claim.To), r.Claim.Values
	} else {
		kind, values = r.Node.Kind, r.Node.Values
		for _, l := range r.Node.Links {
			out = append(out, l.ID)
		}
	}
	for i, p := range kind.Properties {
		if id, is := values[i].(string); is && p.Reference != nil {
			out = append(out, id)
		}
	}
	return out
}

// keptBy finds which of some nodes are named by records that are not among them, at first or at second hand. counts says which of
// those records count.
func keptBy(ctx context.Context, model *ontology.Model, from Store, among map[string]store.Record, counts func(store.Record) bool) (map[string]bool, error) {
	kept := map[string]bool{}
	var found []string
	keep := func(r store.Record) {
		for _, id := range namesOf(model, r) {
			if _, is := among[id]; is && !kept[id] {
				kept[id] = true
				found = append(found, id)
			}
		}
	}
	wanted := plan.Records{Lens: everything, Only: append(references(model), "retractedAt"), Loads: true}
	for r, err := range from.Stream(ctx, wanted) {
		if err != nil {
			return nil, err
		}
		if r.Node != nil {
			if _, is := among[r.Node.ID()]; is {
				continue
			}
		}
		if counts(r) {
			keep(r)
		}
	}
	for len(found) > 0 {
		next := among[found[0]]
		found = found[1:]
		keep(next)
	}
	return kept, nil
}

// references are the names of the properties that name other nodes.
func references(model *ontology.Model) []string {
	var out []string
	for _, k := range append(slices.Clone(model.Kinds), model.Claim) {
		for _, p := range k.Properties {
			if p.Reference != nil && !slices.Contains(out, p.Name) {
				out = append(out, p.Name)
			}
		}
	}
	return out
}

// namersFirst orders nodes so that each comes before those that it names, as far as they name each other in no circle; otherwise by id.
func namersFirst(model *ontology.Model, nodes map[string]store.Record) []store.Record {
	out := make([]store.Record, 0, len(nodes))
	done := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		r, is := nodes[id]
		if !is || done[id] {
			return
		}
		done[id] = true
		for _, other := range namesOf(model, r) {
			visit(other)
		}
		out = append(out, r)
	}
	for _, id := range slices.Sorted(maps.Keys(nodes)) {
		visit(id)
	}
	slices.Reverse(out)
	return out
}
