package synthetic

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

func model(t *testing.T) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var tiny = Size{Nodes: 300, Relations: 1500}

func fill(t *testing.T, m *ontology.Model, n *Network, batch int) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), m, sqlite.Memory, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for b := range n.Batches(batch) {
		if len(b.Nodes)+len(b.Claims) > batch {
			t.Fatalf("a batch of %d and %d records, at most %d are wanted", len(b.Nodes), len(b.Claims), batch)
		}
		if _, err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// printed gives the records of a store one a line.
func printed(t *testing.T, s *sqlite.Store) []string {
	t.Helper()
	var lines []string
	for r, err := range s.Stream(context.Background(), plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Node != nil {
			line := fmt.Sprintf("%s %#v", r.Node.Kind.Name, r.Node.Values)
			for _, l := range r.Node.Links {
				line += " " + l.Link.Name + " " + l.ID
			}
			lines = append(lines, line)
		} else {
			lines = append(lines, fmt.Sprintf("%s %s %s %#v", r.Claim.From, r.Claim.Relation.Name, r.Claim.To, r.Claim.Values))
		}
	}
	return lines
}

// The records must not depend on the run, the machine or the size of batches.
func TestTheSameSeedGivesTheSameNetwork(t *testing.T) {
	m := model(t)
	const want = "2cf8e2639e120155"
	if got := New(m, tiny, 1).Fingerprint(); got != want {
		t.Errorf("the network has the fingerprint %s, not %s: if the generator was meant to change, so do the measurements", got, want)
	}
	if small, large := ids(New(m, tiny, 1), 7), ids(New(m, tiny, 1), 1000); !slices.Equal(small, large) {
		t.Errorf("batches of 7 hold %d records, batches of 1000 hold %d, or they differ", len(small), len(large))
	}
	if New(m, tiny, 1).Fingerprint() == New(m, tiny, 2).Fingerprint() {
		t.Error("another seed gives the same network")
	}
}

func ids(n *Network, batch int) (all []string) {
	for b := range n.Batches(batch) {
		for _, node := range b.Nodes {
			all = append(all, node.ID())
		}
		for _, c := range b.Claims {
			all = append(all, c.ID())
		}
	}
	return all
}

func TestEveryRecordIsValid(t *testing.T) {
	m := model(t)
	n := New(m, tiny, 1)
	s := fill(t, m, n, 100)
	found, err := store.Check(t.Context(), m, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Faults) > 0 {
		t.Errorf("%d faults, the first: %s", len(found.Faults), found.Faults[0])
	}
	if found.Nodes < tiny.Nodes*8/10 || found.Nodes > tiny.Nodes*12/10 {
		t.Errorf("%d nodes, about %d are wanted", found.Nodes, tiny.Nodes)
	}
	structural, parallel, denials, retracted := 0, map[string]int{}, 0, 0
	for b := range n.Batches(100) {
		for _, node := range b.Nodes {
			structural += len(node.Links)
		}
		for _, c := range b.Claims {
			parallel[c.From+c.Relation.Name+c.To]++
			if c.Values[m.Claim.Property("stance").Position] == denies {
				denials++
			}
			if c.Values[m.Claim.Property("retractedAt").Position] != nil {
				retracted++
			}
		}
	}
	if got := structural + found.Claims; got < tiny.Relations*8/10 || got > tiny.Relations*12/10 {
		t.Errorf("%d relations, about %d are wanted", got, tiny.Relations)
	}
	most := 0
	for _, times := range parallel {
		most = max(most, times)
	}
	if most < 3 || denials == 0 || retracted == 0 {
		t.Errorf("at most %d claims a pair, %d denials, %d retracted: three, some and some are wanted", most, denials, retracted)
	}
}

// Hubs must grow with the network, and the nodes of the first page must not.
func TestDegrees(t *testing.T) {
	m := model(t)
	largest := map[int]int{}
	var first []string
	for _, size := range []Size{{1000, 5800}, {10_000, 58_000}} {
		n := New(m, size, 1)
		degrees := map[string]int{}
		var page []string
		for at, r := range relations {
			for i := range n.Count(r.from) {
				for c := range n.claims(at, i) {
					degrees[c.To]++
					if r.name == "OPERATES" && i < 50 {
						page = append(page, c.From)
					}
				}
			}
		}
		for _, d := range degrees {
			largest[size.Nodes] = max(largest[size.Nodes], d)
		}
		if first == nil {
			first = page
		} else if !slices.Equal(first, page) {
			t.Error("the first 50 groups do not operate as many routes at every size")
		}
	}
	if largest[10_000] < 3*largest[1000] {
		t.Errorf("the largest degree grows from %d to %d in ten times the network", largest[1000], largest[10_000])
	}
}

// The data set holds what the batches hold: the loader adds what is left to it.
func TestTheDataSetHoldsTheSame(t *testing.T) {
	m := model(t)
	n := New(m, tiny, 1)
	dir := t.TempDir()
	if err := n.Write(dir); err != nil {
		t.Fatal(err)
	}
	set, closeSet, err := loader.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closeSet()
	s, err := sqlite.Open(t.Context(), m, filepath.Join(t.TempDir(), "loaded.db"), sqlite.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	report, err := loader.Load(t.Context(), m, s, set, loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rejected > 0 {
		t.Fatalf("%d of %d rows are rejected, the first: %s", report.Rejected, report.Rows, report.Rejects[0])
	}
	want, got := printed(t, fill(t, m, n, 100)), printed(t, s)
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("record %d\nloaded  %s\napplied %s", i, got[i], want[i])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d records are loaded, %d applied", len(got), len(want))
	}
}
