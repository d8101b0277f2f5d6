package network_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// kept is a store in maps that remembers what batches touched.
type kept struct {
	mu       sync.Mutex
	records  *storetest.Records
	revision int64
	touched  []store.TouchedBatch
	// whole and parts count the readings; between, where it is set, runs before each of them.
	whole, parts atomic.Int32
	between      func()
}

func newKept(t testing.TB) *kept { return &kept{records: storetest.NewRecords(newRecords(t).model)} }

// held are all records by id.
func (k *kept) held() iter.Seq2[string, store.Record] {
	return func(yield func(string, store.Record) bool) {
		for id, n := range k.records.Nodes {
			if !yield(id, store.Record{Node: &n}) {
				return
			}
		}
		for id, c := range k.records.Claims {
			if !yield(id, store.Record{Claim: &c}) {
				return
			}
		}
	}
}

// apply writes a batch and says whether it is one that a store takes.
func (k *kept) apply(b store.Batch) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := maps.Collect(k.held())
	changes, err := k.records.Apply(b)
	if err != nil {
		return false
	}
	if changes.Added+changes.Updated+changes.Removed == 0 {
		return true
	}
	k.revision++
	var touching store.Touching
	after := maps.Collect(k.held())
	for _, states := range [][2]map[string]store.Record{{before, after}, {after, before}} {
		for id, r := range states[0] {
			switch other, there := states[1][id]; {
			case there && storetest.Describe(r) == storetest.Describe(other):
			case r.Node != nil:
				touching.Node(id)
			default:
				touching.Claim(r.Claim.Relation.Name, r.Claim.From, r.Claim.To)
			}
		}
	}
	text, err := touching.Text()
	if err != nil {
		panic(err)
	}
	if text != "" {
		k.touched = append(k.touched, store.TouchedBatch{Revision: k.revision, Text: text})
	}
	return true
}

func (k *kept) Revision(context.Context) (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.revision, nil
}

func (k *kept) Touched(_ context.Context, since int64) (store.Touched, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return store.Tell(since, k.revision, slices.DeleteFunc(slices.Clone(k.touched), func(b store.TouchedBatch) bool { return b.Revision <= since }))
}

func (k *kept) Stream(_ context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if wanted.Part == nil {
			k.whole.Add(1)
		} else {
			k.parts.Add(1)
		}
		if k.between != nil {
			k.between()
		}
		k.mu.Lock()
		all := k.records.Stream(wanted)
		k.mu.Unlock()
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// same fails where two networks differ in anything.
func same(t interface{ Fatalf(string, ...any) }, what string, want, got *network.Network) {
	if reflect.DeepEqual(want, got) {
		return
	}
	diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true }), cmp.Comparer(func(a, b *ontology.Model) bool { return a == b }),
		cmp.Comparer(func(a, b *ontology.Relation) bool { return a == b }))
	t.Fatalf("%s (-whole +in part)\n%s", what, diff)
}

// change draws a batch: records of a graph that are written anew or taken away.
func change(t *rapid.T, m *ontology.Model, g storetest.Graph) store.Batch {
	var b store.Batch
	changed := g.Changed(m).Draw(t, "changed")
	nodes, claims := rapid.IntRange(0, 3).Draw(t, "nodes"), rapid.IntRange(0, 4).Draw(t, "claims")
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, max(len(g.Nodes)-1, 0)), 0, nodes, rapid.ID).Draw(t, "of nodes") {
		if i < len(g.Nodes) {
			b.Nodes = append(b.Nodes, changed.Nodes[i])
		}
	}
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, max(len(g.Claims)-1, 0)), 0, claims, rapid.ID).Draw(t, "of claims") {
		if i < len(g.Claims) {
			b.Claims = append(b.Claims, changed.Claims[i])
		}
	}
	// Some are marked so that lenses hide them, or show them again.
	mark := func(k *ontology.Kind, values []any) []any {
		if rapid.IntRange(0, 1).Draw(t, "marked") == 0 {
			return values
		}
		values = slices.Clone(values)
		values[k.Property("tlp").Position] = rapid.Int64Range(1, 5).Draw(t, "mark")
		values[k.Property("compartments").Position] = []string{}
		values[k.Property("retractedAt").Position] = nil
		return values
	}
	for i := range b.Nodes {
		b.Nodes[i].Values = mark(b.Nodes[i].Kind, b.Nodes[i].Values)
	}
	for i := range b.Claims {
		b.Claims[i].Values = mark(m.Claim, b.Claims[i].Values)
	}
	for _, n := range g.Nodes {
		written := slices.ContainsFunc(b.Nodes, func(x store.Node) bool { return x.ID() == n.ID() })
		if n.Kind.Name == "Source" && !written && rapid.Bool().Draw(t, "a source") {
			n.Values = mark(n.Kind, n.Values)
			b.Nodes = append(b.Nodes, n)
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "takes away") == 0 {
		written := map[string]bool{}
		for _, n := range b.Nodes {
			written[n.ID()] = true
		}
		for _, c := range b.Claims {
			written[c.ID()] = true
		}
		for i := range g.Claims {
			if c := g.Claims[i]; !written[c.ID()] && rapid.IntRange(0, 2).Draw(t, "this claim") == 0 {
				b.Removed = append(b.Removed, store.Record{Claim: &c})
			}
		}
		for i := range g.Nodes {
			if n := g.Nodes[i]; !written[n.ID()] && rapid.IntRange(0, 5).Draw(t, "this node") == 0 {
				b.Removed = append(b.Removed, store.Record{Node: &n})
			}
		}
	}
	return b
}

// filled is a graph whose first records are in a store.
func filled(t *rapid.T, k *kept) storetest.Graph {
	g := storetest.Graphs(k.records.Model).Draw(t, "graph")
	for _, b := range g.Split(k.records.Model).Draw(t, "batches") {
		if rapid.IntRange(0, 3).Draw(t, "written") > 0 {
			k.apply(b)
		}
	}
	return g
}

// hiding draws a lens through which some records are hidden, by marks more often than by evidence.
func hiding(t *rapid.T, m *ontology.Model, g storetest.Graph) plan.Lens {
	l := storetest.Lenses(m, g).Draw(t, "lens")
	if rapid.Bool().Draw(t, "marks alone") {
		l = plan.Lens{Record: plan.Record{MaxTlp: rapid.Int64Range(1, 4).Draw(t, "mark")}}
	}
	return l
}

// highest is the highest handling mark of some records.
func highest(all []store.Record, m *ontology.Model) string {
	rank := int64(0)
	for _, r := range all {
		k, values := m.Claim, []any(nil)
		if r.Node != nil {
			k, values = r.Node.Kind, r.Node.Values
		} else {
			values = r.Claim.Values
		}
		mark, _ := values[k.Property("tlp").Position].(int64)
		rank = max(rank, mark)
	}
	if rank == 0 {
		return ""
	}
	return m.Claim.Property("tlp").Enum.Value(rank)
}

// TestARenewedNetworkIsTheWholeOne: whatever batches change, and whatever the lens hides, a network that is read in part is the one that is read whole, to
// the last field.
func TestARenewedNetworkIsTheWholeOne(t *testing.T) {
	model := newRecords(t).model
	renewed, moved := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		k := &kept{records: storetest.NewRecords(model)}
		g := filled(rt, k)
		lens := hiding(rt, model, g)
		read := func() *network.Network {
			n, err := network.Read(t.Context(), model, k, lens, network.DefaultMemory)
			if err != nil {
				rt.Fatalf("%v", err)
			}
			return n
		}
		older := read()
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			for range rapid.IntRange(1, 3).Draw(rt, "batches") {
				k.apply(change(rt, model, g))
			}
			n, done, err := network.Renew(t.Context(), k, lens, older, network.DefaultMemory)
			if err != nil || !done {
				rt.Fatalf("%v %v", n, err)
			}
			whole := read()
			same(rt, "renewed", whole, n)
			if mark := highest(k.records.Stream(plan.Records{Lens: lens}), model); n.Tlp() != mark {
				rt.Fatalf("the highest mark is %s, not %s", mark, n.Tlp())
			}
			if older.Revision = n.Revision; !reflect.DeepEqual(older, n) {
				moved++
			}
			renewed++
			older = n
		}
	})
	if moved*5 < renewed {
		t.Errorf("of %d renewals %d changed the network", renewed, moved)
	}
}

// TestNoNetworkIsBetweenRevisions: where batches come while a network is renewed, it is still that of one revision, or not renewed at all.
func TestNoNetworkIsBetweenRevisions(t *testing.T) {
	model := newRecords(t).model
	rapid.Check(t, func(rt *rapid.T) {
		k := &kept{records: storetest.NewRecords(model)}
		g := filled(rt, k)
		lens := hiding(rt, model, g)
		older, err := network.Read(t.Context(), model, k, lens, network.DefaultMemory)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		k.apply(change(rt, model, g))
		meanwhile := rapid.IntRange(0, 4).Draw(rt, "meanwhile")
		k.between = func() {
			if meanwhile > 0 {
				meanwhile--
				k.apply(change(rt, model, g))
			}
		}
		n, renewed, err := network.Renew(t.Context(), k, lens, older, network.DefaultMemory)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		k.between = nil
		if !renewed {
			return
		}
		whole, err := network.Read(t.Context(), model, k, lens, network.DefaultMemory)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		same(rt, "renewed meanwhile", whole, n)
	})
}

// TestWhatALensHidesOfSources: a claim whose source is hidden is told of with its source when that is not hidden any longer, and without it before.
func TestWhatALensHidesOfSources(t *testing.T) {
	k := newKept(t)
	marked := func(tlp string) *records {
		r := newRecords(t)
		r.model = k.records.Model
		r.node("source/s", "tlp", tlp, "reliability", "B")
		r.node("group/a", "tlp", "CLEAR")
		r.node("group/b", "tlp", "CLEAR")
		r.claim("ALLIED_WITH", "group/a", "group/b", "source", "source/s")
		return r
	}
	lens := plan.Lens{Record: plan.Record{MaxTlp: k.records.Model.Claim.Property("tlp").Enum.Rank("AMBER")}}
	sources := func(n *network.Network) map[string]int {
		s, err := n.Stats(t.Context(), 10)
		if err != nil || s.Claims != 1 {
			t.Fatal(s, err)
		}
		out := map[string]int{}
		for _, c := range s.BySource {
			out[c.Source] = c.Count
		}
		return out
	}
	var n *network.Network
	for _, step := range []struct {
		tlp  string
		want map[string]int
	}{{"RED", map[string]int{}}, {"AMBER", map[string]int{"source/s": 1}}, {"RED", map[string]int{}}} {
		r := marked(step.tlp)
		if !k.apply(store.Batch{Nodes: r.nodes, Claims: r.claims}) {
			t.Fatal("the batch is refused")
		}
		if n == nil {
			var err error
			if n, err = network.Read(t.Context(), k.records.Model, k, lens, network.DefaultMemory); err != nil {
				t.Fatal(err)
			}
		} else {
			var err error
			if n, _, err = network.Renew(t.Context(), k, lens, n, network.DefaultMemory); err != nil {
				t.Fatal(err)
			}
		}
		if got := sources(n); !maps.Equal(got, step.want) {
			t.Errorf("%s: got %v, want %v", step.tlp, got, step.want)
		}
	}
}

// allies writes so many groups, each of which is allied with the one before, from a number on.
func (k *kept) allies(t testing.TB, from, to int) {
	t.Helper()
	r := newRecords(t)
	r.model = k.records.Model
	r.node("source/s", "tlp", "CLEAR", "reliability", "B")
	for i := from; i < to; i++ {
		r.node(group(i), "tlp", "CLEAR")
		if i > 0 {
			r.claim("ALLIED_WITH", group(i-1), group(i), "source", "source/s")
		}
	}
	if !k.apply(store.Batch{Nodes: r.nodes, Claims: r.claims}) {
		t.Fatal("the batch is refused")
	}
}

// TestSmallChangesAreReadInPart, and large ones whole.
func TestSmallChangesAreReadInPart(t *testing.T) {
	k := newKept(t)
	k.allies(t, 0, 50)
	c := network.NewCache(k.records.Model, k, 0)
	for _, step := range []struct {
		groups       int
		whole, parts int32
	}{{50, 1, 0}, {51, 1, 1}, {51, 1, 1}, {60, 1, 2}, {60 + store.MaxTouched, 2, 2}, {61 + store.MaxTouched, 2, 3}} {
		if at := len(k.records.Nodes) - 1; at < step.groups {
			k.allies(t, at, step.groups)
		}
		n := get(t, c, plan.Lens{})
		if n.Size().Nodes != step.groups+1 || k.whole.Load() != step.whole || k.parts.Load() != step.parts {
			t.Errorf("%d groups: %d nodes after %d whole readings and %d in part", step.groups, n.Size().Nodes, k.whole.Load(), k.parts.Load())
		}
		whole, err := network.Read(t.Context(), k.records.Model, k, plan.Lens{}, network.DefaultMemory)
		if err != nil {
			t.Fatal(err)
		}
		k.whole.Add(-1)
		same(t, "from the cache", whole, n)
	}
}

// TestARenewedNetworkMayBeTooLarge: what a cache keeps stays below what it may take.
func TestARenewedNetworkMayBeTooLarge(t *testing.T) {
	k := newKept(t)
	k.allies(t, 0, 100)
	n, err := network.Read(t.Context(), k.records.Model, k, plan.Lens{}, network.DefaultMemory)
	if err != nil {
		t.Fatal(err)
	}
	limit := n.Size().Bytes + 500
	c := network.NewCache(k.records.Model, k, limit)
	get(t, c, plan.Lens{})
	k.allies(t, 100, 130)
	var tooLarge *network.TooLargeError
	if _, err := c.Network(t.Context(), plan.Lens{}); !errors.As(err, &tooLarge) || tooLarge.Limit != limit {
		t.Errorf("%v", err)
	}
	if k.parts.Load() != 1 {
		t.Errorf("%d readings in part", k.parts.Load())
	}
}

// TestNobodyGetsAnOldNetworkInPart: while batches come all the time, everybody gets what was there when he asked, and in the end what is there.
func TestNobodyGetsAnOldNetworkInPart(t *testing.T) {
	k := newKept(t)
	k.allies(t, 0, 20)
	c := network.NewCache(k.records.Model, k, 0)
	var all sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				k.mu.Lock()
				asked := len(k.records.Nodes)
				k.mu.Unlock()
				n, err := c.Network(t.Context(), plan.Lens{})
				if err != nil {
					t.Errorf("%v", err)
					return
				}
				if is := n.Size().Nodes; is < asked {
					t.Errorf("who asked when there were %d nodes got %d", asked, is)
					return
				}
			}
		})
	}
	for i := 20; i < 200; i++ {
		k.allies(t, i, i+1)
	}
	close(done)
	all.Wait()
	whole, err := network.Read(t.Context(), k.records.Model, k, plan.Lens{}, network.DefaultMemory)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "in the end", whole, get(t, c, plan.Lens{}))
	if k.parts.Load() == 0 || k.whole.Load() != 2 {
		t.Errorf("%d readings in part, %d whole", k.parts.Load(), k.whole.Load())
	}
}

// TestChangesAreToldOfWhatIsReadInPart: a subscriber hears of batches that are read in part.
func TestChangesAreToldOfWhatIsReadInPart(t *testing.T) {
	k := newKept(t)
	k.allies(t, 0, 20)
	s := subscribe(t, following(t, network.NewCache(k.records.Model, k, 0)), network.ChangesQuestion{First: 10})
	defer s.Close()
	heard(t, s)
	for i := 20; i < 30; i++ {
		k.allies(t, i, i+1)
		m, more := heard(t, s)
		if !more {
			t.Fatal(s.Err())
		}
		c := m.(network.Changes)
		if len(c.Added.Nodes) != 1 || c.Added.Nodes[0].ID != group(i) || c.Added.RelationCount != 1 || c.Retracted.NodeCount+c.Retracted.RelationCount > 0 {
			t.Errorf("%d: %+v", i, c)
		}
	}
	if k.whole.Load() != 1 || k.parts.Load() != 10 {
		t.Errorf("%d readings in part, %d whole", k.parts.Load(), k.whole.Load())
	}
}
