package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// Indexed are the properties of a kind that a backend keeps an index on, each together with the id: those that pages are ordered by and
// filters ask for. Properties of statements other than their start are read in the course of other questions and cost more to
// index than to test.
func Indexed(m *ontology.Model, k *ontology.Kind) []*ontology.Property {
	statement := m.Kind("Statement")
	var out []*ontology.Property
	for _, p := range k.Properties[1:] {
		if p.Index && !p.List && (statement == nil || statement.Property(p.Name) == nil || p.Name == "validFrom") {
			out = append(out, p)
		}
	}
	return out
}

// Fingerprint tells ontologies apart by what the layout of a backend depends on: 16 hexadecimal digits.
func Fingerprint(m *ontology.Model) string {
	h := sha256.New()
	for _, k := range append([]*ontology.Kind{m.Claim}, m.Kinds...) {
		fmt.Fprintf(h, "%s %v\n", k.Name, k.Statement)
		for _, p := range k.Properties {
			fmt.Fprintf(h, " %s %s %v %v %v %v %v\n", p.Name, p.Type, p.List, p.Required, p.Index, p.Text, p.Upper)
		}
	}
	for _, r := range m.Relations {
		fmt.Fprintf(h, "%s %v %v\n", r.Name, r.Structural, r.Symmetric)
	}
	for _, e := range m.Enums {
		fmt.Fprintf(h, "%s %s\n", e.Name, strings.Join(e.Values, " "))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
