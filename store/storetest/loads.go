package storetest

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// loads lets some loads state, restate, rewrite and remove random records, and compares every step with the naive account of it.
func (c contract) loads(t *testing.T) {
	fewer(t, 4)
	rapid.Check(t, func(rt *rapid.T) {
		g := Graphs(c.model).Draw(rt, "graph")
		s, end := c.begin(t, rt)
		defer end()
		want := NewRecords(c.model)
		some := func() *store.Load {
			at := rapid.IntRange(0, 2).Draw(rt, "load")
			return &store.Load{Name: fmt.Sprintf("dataset/l@%d", at), Run: "r", Begins: true, State: store.LoadRunning,
				Retrieved: c.date(rt, []string{"2020-05-01", "2021-06-15", "2023-11-06"}[at]), Rows: len(g.Nodes)}
		}
		for _, b := range g.Split(c.model).Draw(rt, "batches") {
			b.Load, b.Stated = some(), rapid.IntRange(0, 4).Draw(rt, "stated") > 0
			s.does(want, b)
		}
		for range 5 {
			var b store.Batch
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0:
				b = store.Batch{Load: some(), Stated: true}
				changed := g.Changed(c.model).Draw(rt, "changed")
				b.Nodes, b.Claims = part(rt, changed.Nodes), part(rt, changed.Claims)
				for _, n := range part(rt, g.Nodes) {
					if !slices.ContainsFunc(b.Nodes, func(other store.Node) bool { return other.ID() == n.ID() }) {
						b.Held = append(b.Held, store.Node{Kind: n.Kind, Values: n.Values[:1]})
					}
				}
			case 1:
				changed := g.Changed(c.model).Draw(rt, "changed")
				b.Nodes, b.Claims = part(rt, changed.Nodes), part(rt, changed.Claims)
				if held := want.Ledger.List(); len(held) > 1 {
					b.Load, b.Others = &held[0], held[1:]
					b.Load.Run, b.Load.Begins = "r", true
					for i := range b.Others {
						b.Others[i].Regrades = map[string]store.Regrade{"a/b": {From: int64(i), To: []int64{2}}}
					}
				}
			case 2:
				b.Load = some()
				b.Load.State = store.LoadRemoving
				for _, claim := range part(rt, g.Claims) {
					b.Removed = append(b.Removed, store.Record{Claim: &claim})
				}
				for _, n := range part(rt, g.Nodes) {
					b.Removed = append(b.Removed, store.Record{Node: &n})
				}
			case 3:
				b.Load = some()
				b.Load.State = store.LoadGone
			}
			s.does(want, b)
			s.walks(want, rapid.SampledFrom([]plan.Walk{{Of: plan.AllNodes}, {Of: plan.AllClaims}, {Of: plan.AllNodes, Stated: []string{"dataset/l@0"}},
				{Of: plan.AllClaims, Stated: []string{"dataset/l@1", "dataset/l@2"}}, {Of: plan.AllClaims, Only: []string{"source"}}, {Of: plan.AllNodes, Only: []string{}}}).Draw(rt, "walk"))
		}
		s.tells(0, map[string]store.Record{}, want.byID())
	})
}

// walks checks what the store yields in an order of its own.
func (s trial) walks(want *Records, wanted plan.Walk) {
	s.t.Helper()
	ctx, cancel := limited()
	defer cancel()
	line := func(r store.Record) string { return fmt.Sprintf("%s %#v", Describe(r), r.Loads) }
	var expected, got []string
	for _, r := range want.Walk(wanted) {
		expected = append(expected, line(r))
	}
	for r, err := range s.store.Walk(ctx, wanted) {
		if err != nil {
			s.t.Fatalf("Walk: %v", err)
		}
		got = append(got, line(r))
	}
	slices.Sort(expected)
	slices.Sort(got)
	if diff := cmp.Diff(expected, got); diff != "" {
		s.t.Fatalf("Walk of %+v (-want +got)\n%s", wanted, diff)
	}
}

// fewer makes a test try a part of the cases that -rapid.checks says: each of its cases takes many steps.
func fewer(t *testing.T, part int) {
	const name = "rapid.checks"
	all := flag.Lookup(name).Value.String()
	n, err := strconv.Atoi(all)
	if err == nil {
		err = flag.Set(name, strconv.Itoa(max(n/part, 1)))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set(name, all); err != nil {
			t.Error(err)
		}
	})
}

func (c contract) date(t reporter, text string) int64 {
	v, err := c.model.Claim.Property("recordedAt").Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.(int64)
}

// part draws some of the elements, mostly few.
func part[E any](t *rapid.T, all []E) []E { return some(t, all, 8) }

// does checks that a batch does to the store what it does to the naive account: refused with the same code, or the same changes, records,
// loads and revision.
func (s trial) does(want *Records, b store.Batch) {
	s.t.Helper()
	before := s.revision()
	earlier := want.byID()
	changes, failed := want.Apply(b)
	ctx, cancel := limited()
	defer cancel()
	got, err := s.store.Apply(ctx, b)
	if failed != nil {
		s.refused(fmt.Sprintf("%v", failed), err, failed.(*store.Error).Code)
	} else if err != nil {
		s.t.Fatalf("Apply: %v", err)
	}
	if got != changes {
		s.t.Fatalf("Apply: got %+v, want %+v", got, changes)
	}
	if after, moved := s.revision(), changes.Added+changes.Updated+changes.Removed > 0; (after > before) != moved {
		s.t.Fatalf("revision %d became %d after %+v", before, after, changes)
	}
	s.tells(before, earlier, want.byID())
	s.lists(want)
	line := func(r store.Record) string { return fmt.Sprintf("%s %#v", Describe(r), r.Loads) }
	var wanted, held []string
	all := plan.Records{Lens: everything, Loads: true}
	for _, r := range want.Stream(all) {
		wanted = append(wanted, line(r))
	}
	for r, err := range s.store.Stream(ctx, all) {
		if err != nil {
			s.t.Fatalf("Stream: %v", err)
		}
		held = append(held, line(r))
	}
	if diff := cmp.Diff(wanted, held); diff != "" {
		s.t.Fatalf("records after the batch (-want +got)\n%s", diff)
	}
}

// lists checks which loads the store lists.
func (s trial) lists(want *Records) {
	s.t.Helper()
	ctx, cancel := limited()
	defer cancel()
	got, err := s.store.Loads(ctx)
	if err != nil {
		s.t.Fatalf("Loads: %v", err)
	}
	if diff := cmp.Diff(want.Ledger.List(), got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(store.Load{}, "Run", "Begins")); diff != "" {
		s.t.Fatalf("Loads (-want +got)\n%s", diff)
	}
}

// oneLoad checks that a load keeps others from writing until it ends or is not heard of any more, and cannot go on once it was given up.
func (c contract) oneLoad(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	apply := func(l store.Load) error {
		ctx, cancel := limited()
		defer cancel()
		_, err := s.store.Apply(ctx, store.Batch{Nodes: c.seeds(), Load: &l, Stated: true})
		return err
	}
	admitted := func(what string, l store.Load) {
		t.Helper()
		if err := apply(l); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	refused := func(what string, l store.Load, why error) {
		t.Helper()
		err := apply(l)
		s.refused(what, err, store.CodeBusy)
		if !errors.Is(err, why) {
			t.Fatalf("%s: %v, want %v", what, err, why)
		}
	}
	load := func(name, run, hash string, begins bool, state store.LoadState) store.Load {
		return store.Load{Name: name, Run: run, Hash: hash, Begins: begins, State: state}
	}
	const a, b = "dataset/a@1", "dataset/b@1"
	refused("a batch before the first", load(a, "1", "x", false, store.LoadRunning), store.ErrGivenUp)
	admitted("the first load", load(a, "1", "x", true, store.LoadRunning))
	admitted("its second batch", load(a, "1", "x", false, store.LoadRunning))
	refused("another load", load(b, "2", "x", true, store.LoadRunning), store.ErrUnderWay)
	refused("the same load with other data", load(a, "3", "y", true, store.LoadRunning), store.ErrUnderWay)
	refused("its removal", load(a, "4", "x", true, store.LoadRemoving), store.ErrUnderWay)
	admitted("another run of it", load(a, "5", "x", true, store.LoadRunning))
	refused("the run that it took over from", load(a, "1", "x", false, store.LoadRunning), store.ErrGivenUp)
	admitted("its end", load(a, "5", "x", false, store.LoadComplete))
	refused("a batch after its end", load(a, "5", "x", false, store.LoadRunning), store.ErrGivenUp)
	admitted("the other load", load(b, "2", "x", true, store.LoadRunning))
	admitted("which stops", load(b, "2", "x", false, store.LoadStopped))
	admitted("a removal", load(b, "6", "x", true, store.LoadRemoving))
	refused("the load that is being removed", load(b, "7", "x", true, store.LoadRunning), store.ErrUnderWay)
	admitted("its end", load(b, "6", "x", false, store.LoadGone))
	admitted("a load that dies", load(b, "8", "x", true, store.LoadRunning))
	begun := time.Now()
	for apply(load(a, "9", "x", true, store.LoadRunning)) != nil {
		if time.Since(begun) > store.LoadLease+patience/2 {
			t.Fatal("a load that is not heard of any more keeps others from writing")
		}
		time.Sleep(store.LoadLease / 20)
	}
	if waited := time.Since(begun); waited < store.LoadLease-store.LoadLease/4 {
		t.Fatalf("the lease ended after %s, want %s", waited, store.LoadLease)
	}
	refused("the load that died, awake again", load(b, "8", "x", false, store.LoadRunning), store.ErrGivenUp)
	// What is on no load's account is written whoever loads.
	s.apply(store.Batch{Nodes: []store.Node{c.node(c.model.Kinds[0], "beside")}})
}
