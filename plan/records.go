package plan

import (
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
)

// Records reads every record that a lens lets through.
type Records struct {
	Lens Lens
	// Only names the properties whose values are wanted; others come as missing, but for ids. Nil wants all.
	Only []string
	// Part, where it is set, keeps to what it names: its nodes, the nodes that declare a link to one of them which the lens lets through, the
	// claims at its nodes, and those of its bundles.
	Part *Part
	// Loads asks for the names of the loads that state each record.
	Loads bool
}

// Of lists the properties of a kind that are wanted, in order.
func (r Records) Of(k *ontology.Kind) []*ontology.Property { return among(r.Only, k) }

// Read lists the properties of a kind that are wanted, in order.
func (w Walk) Read(k *ontology.Kind) []*ontology.Property { return among(w.Only, k) }

func among(only []string, k *ontology.Kind) []*ontology.Property {
	return slices.DeleteFunc(slices.Clone(k.Properties), func(p *ontology.Property) bool {
		return only != nil && p.Type != ontology.ID && !slices.Contains(only, p.Name)
	})
}
