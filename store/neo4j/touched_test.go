package neo4j

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// groupCalled is the least record of a group.
func groupCalled(m *ontology.Model, slug string) store.Node {
	k := m.Kind("Group")
	n := store.Node{Kind: k, Values: make([]any, len(k.Properties))}
	for i, p := range k.Properties {
		if p.List {
			n.Values[i] = []string{}
		}
	}
	for name, v := range map[string]any{"id": "group/" + slug, "name": slug, "tlp": int64(1), "recordedAt": int64(0)} {
		n.Values[k.Property(name).Position] = v
	}
	return n
}

func revision(t testing.TB, s *Store) int64 {
	t.Helper()
	n, err := s.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func touched(t testing.TB, s *Store, since int64) *plan.Part {
	t.Helper()
	told, err := s.Touched(t.Context(), since)
	if err != nil || told.Revision != revision(t, s) {
		t.Fatalf("%+v, %v", told, err)
	}
	return told.Part
}

func apply(t testing.TB, s *Store, n store.Node) {
	t.Helper()
	if _, err := s.Apply(t.Context(), store.Batch{Nodes: []store.Node{n}}); err != nil {
		t.Error(err)
	}
}

// TestWritersAtOnceAreToldOf: each of their batches is told of with the revision that it made.
func TestWritersAtOnceAreToldOf(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	const writers, batches = 3, 15
	var all sync.WaitGroup
	var want []string
	for i := range writers {
		other := open(t)
		defer closing(t, other)
		for j := range batches {
			want = append(want, "group/w"+strconv.Itoa(i*batches+j))
		}
		all.Go(func() {
			for j := range batches {
				apply(t, other, groupCalled(s.model, "w"+strconv.Itoa(i*batches+j)))
			}
		})
	}
	all.Wait()
	slices.Sort(want)
	if p := touched(t, s, 0); p == nil || !slices.Equal(p.Nodes, want) || revision(t, s) != writers*batches {
		t.Errorf("%d revisions: %+v", revision(t, s), p)
	}
	for since := range int64(writers * batches) {
		if p := touched(t, s, since); p == nil || len(p.Nodes) != writers*batches-int(since) {
			t.Errorf("since %d: %+v", since, p)
		}
	}
}

// TestADeadWriterIsNotToldOf: a revision that nothing is known of makes what lies before it unknown, and no other batch is taken for its.
func TestADeadWriterIsNotToldOf(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	apply(t, s, groupCalled(s.model, "a"))
	before := revision(t, s)
	write(t, s, beginCommit)
	apply(t, s, groupCalled(s.model, "b"))
	if p := touched(t, s, before); p != nil {
		t.Errorf("%+v", p)
	}
	if p := touched(t, s, revision(t, s)-1); p == nil || !slices.Equal(p.Nodes, []string{"group/b"}) {
		t.Errorf("%+v", p)
	}
}

// TestThirdFormat opens a database of the format in which nothing was remembered of batches: what they touched is not known, and what comes after is.
func TestThirdFormat(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	apply(t, s, groupCalled(s.model, "a"))
	write(t, s, "MATCH (t:"+touchedLabel+") DELETE t WITH count(*) AS gone MATCH (s:"+storeLabel+") SET s.format = 3")
	again := open(t)
	defer closing(t, again)
	if p := touched(t, again, 0); p != nil {
		t.Errorf("%+v", p)
	}
	apply(t, again, groupCalled(s.model, "b"))
	if p := touched(t, again, 1); p == nil || !slices.Equal(p.Nodes, []string{"group/b"}) {
		t.Errorf("%+v", p)
	}
	had, err := again.state(t.Context())
	if err != nil || had.format != formatVersion {
		t.Errorf("format %d, %v", had.format, err)
	}
}
