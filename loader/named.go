package loader

import (
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
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
