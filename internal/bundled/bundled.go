// Package bundled gives tests the bundled example in a store.
package bundled

import (
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// Store gives the example in a store in memory, which is closed at the end of the test. No row of it may be rejected.
func Store(t testing.TB) (*ontology.Model, *sqlite.Store) {
	t.Helper()
	model, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), model, sqlite.Memory, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	report, err := loader.Load(t.Context(), model, s, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rejected != 0 {
		t.Fatalf("%d rows of the example rejected", report.Rejected)
	}
	return model, s
}
