package ontology_test

import (
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/ontology"
)

func TestSchemaLoads(t *testing.T) {
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(m.Kinds), len(m.Relations))
}
