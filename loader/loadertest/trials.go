package loadertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// Handle is one program's way to a store.
type Handle interface {
	loader.Store
	Close() error
}

// Trials holds loads on a store to what they promise. fresh empties the store, or makes one, and gives a way to open it, which several
// programs may use at once. seed draws the cases.
func Trials(t *testing.T, model *ontology.Model, rounds int, seed uint64, fresh func(testing.TB) (open func() Handle)) {
	t.Logf("seed %d", seed)
	r := &trials{model: model, rounds: rounds, dice: rand.New(rand.NewPCG(seed, 1)), fresh: fresh}
	for _, part := range []struct {
		name  string
		check func(*testing.T)
	}{
		{"unloading leaves the others", r.unload},
		{"unloading a circle", r.circle},
		{"versions of a list", r.versions},
		{"rows that ensure nodes", r.ensured},
		{"rejected rows keep what they may state", r.rejects},
		{"loads at once", r.concurrent},
		{"stopped loads are completed", r.stopped},
		{"a stopped change of a source's grade", r.regraded},
		{"counting an unload beside a load", r.counted},
		{"a list of several pages", r.long},
	} {
		t.Run(part.name, part.check)
	}
}

type trials struct {
	model  *ontology.Model
	rounds int
	dice   *rand.Rand
	fresh  func(testing.TB) func() Handle
}

// some draws numbers below n, in order, each with probability of two in three.
func (r *trials) some(n int) []int {
	var out []int
	for i := range n {
		if r.dice.IntN(3) > 0 {
			out = append(out, i)
		}
	}
	return out
}

func (r *trials) open(t *testing.T, open func() Handle) Handle {
	s := open()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (r *trials) load(t *testing.T, s loader.Store, l Listing, options loader.Options) loader.Report {
	t.Helper()
	report, err := loader.Load(t.Context(), r.model, s, l.Set(), options)
	if err != nil || report.Rejected > 0 {
		t.Fatalf("%v, %v", err, report.Rejects)
	}
	return report
}

// Dump lists what a store holds through a lens, a line each, in order, with the loads that state it where all is seen.
func Dump(t testing.TB, s loader.Store, lens plan.Lens) []string {
	t.Helper()
	var out []string
	for r, err := range s.Stream(t.Context(), plan.Records{Lens: lens, Loads: lens.Record.All}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(storetest.Describe(r), r.Loads))
	}
	slices.Sort(out)
	return out
}

// Everything lets all pass.
var Everything = plan.Lens{Record: plan.Record{All: true}}

func (r *trials) same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got)\n%s", what, diff)
	}
}

// alone is what a store holds of some listings, one after the other.
func (r *trials) alone(t *testing.T, all ...Listing) []string {
	t.Helper()
	s := New(r.model)
	for _, l := range all {
		r.load(t, s, l, loader.Options{})
	}
	return Dump(t, s, Everything)
}

func (r *trials) unload(t *testing.T) {
	for range r.rounds {
		s := r.open(t, r.fresh(t))
		a := Listing{ID: "a", Version: "1", Retrieved: "2024-01-01", Groups: r.some(12)}
		b := Listing{ID: "b", Version: "1", Retrieved: "2024-01-01", Groups: r.some(12)}
		r.load(t, s, a, loader.Options{})
		r.load(t, s, b, loader.Options{})
		dry, err := loader.Unload(t.Context(), r.model, s, "dataset/a@1", loader.UnloadOptions{DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		removal, err := loader.Unload(t.Context(), r.model, s, "dataset/a@1", loader.UnloadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if dry.DryRun = false; dry != removal || removal.Claims == 0 {
			t.Fatalf("dry run %+v, then %+v", dry, removal)
		}
		r.same(t, "after the first was unloaded", r.alone(t, b), Dump(t, s, Everything))
		// Groups that only b has named a's; a comes back as it was.
		r.load(t, s, a, loader.Options{})
		r.same(t, "after the first came back", r.alone(t, b, a), Dump(t, s, Everything))
		for _, name := range []string{"dataset/b@1", "dataset/a@1"} {
			if _, err := loader.Unload(t.Context(), r.model, s, name, loader.UnloadOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		r.same(t, "after all was unloaded", nil, Dump(t, s, Everything))
		_, err = loader.Unload(t.Context(), r.model, s, "dataset/a@1", loader.UnloadOptions{})
		if _, is := errors.AsType[*loader.NoLoad](err); !is {
			t.Fatalf("unloading what is gone: %v", err)
		}
	}
}

// circle unloads places that lie within each other, as two data sets say, beside one that is kept.
func (r *trials) circle(t *testing.T) {
	s := r.open(t, r.fresh(t))
	places := func(id, rows string) {
		t.Helper()
		set := fstest.MapFS{
			loader.ManifestFile: {Data: []byte("id: dataset/" + id + "\ntitle: Places\nversion: \"1\"\nretrieved: \"2024-01-01\"\n")},
			"Place.csv":         {Data: []byte("id,name,kind,within\n" + rows)},
		}
		report, err := loader.Load(t.Context(), r.model, s, loader.Dataset{Name: id, Files: set}, loader.Options{})
		if err != nil || report.Rejected > 0 {
			t.Fatalf("%v, %v", err, report.Rejects)
		}
	}
	unload := func(name string, want loader.Removal) {
		t.Helper()
		for _, want.DryRun = range []bool{true, false} {
			got, err := loader.Unload(t.Context(), r.model, s, name, loader.UnloadOptions{DryRun: want.DryRun})
			if want.Load = name; err != nil || got != want {
				t.Fatalf("%v, %+v, want %+v", err, got, want)
			}
		}
	}
	places("one", "place/a,A,REGION,\nplace/b,B,REGION,place/a\nplace/c,C,REGION,place/b\nplace/d,D,REGION,\nplace/e,E,REGION,place/c\n")
	places("two", "place/a,A,REGION,place/c\n")
	places("three", "place/f,F,REGION,place/d\n")
	unload("dataset/two@1", loader.Removal{Shared: 1})
	unload("dataset/one@1", loader.Removal{Nodes: 4, Kept: 1})
	unload("dataset/three@1", loader.Removal{Nodes: 2})
	r.same(t, "after all was unloaded", nil, Dump(t, s, Everything))
}

// versions loads three versions of a list, each since the one before: on each day the list is known as it was.
func (r *trials) versions(t *testing.T) {
	known := func(s loader.Store, day string) []string {
		v, err := r.model.Claim.Property("recordedAt").Parse(day)
		if err != nil {
			t.Fatal(err)
		}
		at := v.(int64)
		var out []string
		for record, err := range s.Stream(t.Context(), plan.Records{Lens: plan.Lens{Record: plan.Record{KnownAt: &at}}, Only: []string{}}) {
			if err != nil {
				t.Fatal(err)
			}
			if record.Claim != nil {
				out = append(out, fmt.Sprint(record.Claim.Relation.Name, record.Claim.From, record.Claim.To))
			} else if record.Node.Kind.Name != "Source" {
				out = append(out, record.Node.ID())
			}
		}
		slices.Sort(out)
		return out
	}
	for range r.rounds {
		s := r.open(t, r.fresh(t))
		other := Listing{ID: "other", Version: "1", Retrieved: "2023-01-01", Groups: r.some(6)}
		r.load(t, s, other, loader.Options{})
		days := []string{"2024-01-15", "2024-02-15", "2024-03-15"}
		var versions []Listing
		var want [][]string
		// A group that leaves the list does not come back.
		left := r.some(20)
		for i, day := range days {
			groups := slices.DeleteFunc(slices.Clone(left), func(int) bool { return r.dice.IntN(4) == 0 })
			l := Listing{ID: "list", Version: fmt.Sprint(i + 1), Retrieved: day, Groups: groups}
			options := loader.Options{}
			if i > 0 {
				options.Since = []string{"", "dataset/list", "dataset/list@2"}[i]
			}
			report := r.load(t, s, l, options)
			if again := r.load(t, s, l, options); again.Changes.Added+again.Changes.Updated+again.Retracted > 0 {
				t.Fatalf("version %d again: %+v", i+1, again.Changes)
			}
			if i > 0 && len(groups) < len(versions[i-1].Groups) && report.Retracted == 0 {
				t.Fatalf("version %d retracted nothing", i+1)
			}
			versions, left = append(versions, l), groups
			alone := New(r.model)
			r.load(t, alone, Listing{ID: "other", Version: "1", Retrieved: "2023-01-01", Groups: other.Groups}, loader.Options{})
			r.load(t, alone, l, loader.Options{})
			want = append(want, known(alone, day))
		}
		for i, day := range days {
			r.same(t, "known on "+day, want[i], known(s, day))
		}
		// An old version that is loaded again does not bring back what was retracted since.
		if again := r.load(t, s, versions[0], loader.Options{}); again.Changes.Added+again.Changes.Updated > 0 {
			t.Fatalf("version 1 again: %+v", again.Changes)
		}
		r.same(t, "known today", want[2], known(s, days[2]))
		_, err := loader.Load(t.Context(), r.model, s, versions[0].Set(), loader.Options{Since: "dataset/list@3"})
		if _, is := errors.AsType[*loader.Refusal](err); !is {
			t.Fatalf("an old version since a new one: %v", err)
		}
	}
}

// ensured loads versions of a list of foreign rows, which ensure the places that they name: a place is stated as long as some row names it.
func (r *trials) ensured(t *testing.T) {
	text, found := mapping.Bundled("network-csv")
	if !found {
		t.Fatal("no bundled mapping")
	}
	text = []byte(strings.Replace(string(text), "      - kind: Group\n", "      - kind: Group\n        ensure: true\n", 1))
	set := func(day string, nodes ...string) loader.Dataset {
		rows := "id,label\n"
		for _, n := range nodes {
			rows += n + ",Node " + n + "\n"
		}
		files := fstest.MapFS{"nodes.csv": {Data: []byte(rows)}, "edges.csv": {Data: []byte("source,target\n")}}
		return loader.Dataset{Name: "network", Files: files, Mapping: &loader.MappingText{Name: "network.yaml", Text: text, Retrieved: day, Files: []string{"nodes.csv", "edges.csv"}}}
	}
	s := r.open(t, r.fresh(t))
	load := func(set loader.Dataset, since string) {
		t.Helper()
		report, err := loader.Load(t.Context(), r.model, s, set, loader.Options{Since: since})
		if err != nil || report.Rejected > 0 {
			t.Fatalf("%v, %v", err, report.Rejects)
		}
	}
	current := func() (ids []string) {
		for record, err := range s.Stream(t.Context(), plan.Records{Only: []string{}}) {
			if err != nil {
				t.Fatal(err)
			}
			if record.Node != nil && record.Node.Kind.Name == "Group" {
				ids = append(ids, strings.TrimPrefix(record.Node.ID(), "group/net-"))
			}
		}
		return ids
	}
	load(set("2024-01-01", "a", "b", "c"), "")
	load(set("2024-02-01", "a", "b", "c"), "dataset/network")
	r.same(t, "the same again, since the first", []string{"a", "b", "c"}, current())
	load(set("2024-03-01", "a"), "dataset/network")
	r.same(t, "a shorter version", []string{"a"}, current())
	load(set("2024-04-01", "a", "c"), "dataset/network")
	r.same(t, "a version in which one came back", []string{"a", "c"}, current())
	loads, err := s.Loads(t.Context())
	if err != nil || len(loads) != 4 {
		t.Fatalf("%v, %+v", err, loads)
	}
	if _, err := loader.Unload(t.Context(), r.model, s, loads[0].Name, loader.UnloadOptions{}); err != nil {
		t.Fatal(err)
	}
	r.same(t, "the first version unloaded", []string{"a", "c"}, current())
}

// rejects loads a version of which a row is wrong: what it may state is not retracted before it is corrected.
func (r *trials) rejects(t *testing.T) {
	s := r.open(t, r.fresh(t))
	first := Listing{ID: "list", Version: "1", Retrieved: "2024-01-01", Groups: []int{1, 2, 3}}
	r.load(t, s, first, loader.Options{})
	second := Listing{ID: "list", Version: "2", Retrieved: "2024-02-01", Groups: []int{1, 2}}
	broken := Listing{ID: "list", Version: "2", Retrieved: "2024-02-01", Groups: []int{1, 2}, Note: "\xff"}
	report, err := loader.Load(t.Context(), r.model, s, broken.Set(), loader.Options{Since: "dataset/list"})
	if err != nil || report.Rejected == 0 || report.Retracted != 0 {
		t.Fatalf("%v, %d rejected, %d retracted", err, report.Rejected, report.Retracted)
	}
	report = r.load(t, s, second, loader.Options{Since: "dataset/list"})
	if report.Retracted == 0 {
		t.Fatal("nothing is retracted after the rows are corrected")
	}
	if _, err := loader.Load(t.Context(), r.model, s, second.Set(), loader.Options{Since: "dataset/lost"}); err == nil {
		t.Fatal("a load continues one that there is not")
	}
}

// concurrent loads two listings that overlap, and differ in what they say of the same groups, by two programs at once.
func (r *trials) concurrent(t *testing.T) {
	for range r.rounds {
		open := r.fresh(t)
		a := Listing{ID: "a", Version: "1", Retrieved: "2024-01-01", Groups: r.some(40), Note: "as a says"}
		b := Listing{ID: "b", Version: "1", Retrieved: "2024-02-01", Groups: r.some(40), Note: "as b says"}
		var loading sync.WaitGroup
		for _, l := range []Listing{a, b} {
			s := r.open(t, open)
			loading.Go(func() {
				report, err := loader.Load(t.Context(), r.model, s, l.Set(), loader.Options{})
				if err != nil || report.Rejected > 0 {
					t.Errorf("%s: %v, %v", l.ID, err, report.Rejects)
				}
			})
		}
		loading.Wait()
		got := Dump(t, r.open(t, open), Everything)
		if ab, ba := r.alone(t, a, b), r.alone(t, b, a); !slices.Equal(got, ab) && !slices.Equal(got, ba) {
			t.Fatalf("loads at once end as neither order does\n%s\n%s", cmp.Diff(ab, got), cmp.Diff(ba, got))
		}
	}
}

// breaking is a store that gives up at one of its batches.
type breaking struct {
	loader.Store
	left   int
	cancel func()
}

func (b *breaking) Apply(ctx context.Context, batch store.Batch) (store.Changes, error) {
	if b.left--; b.left == 0 {
		b.cancel()
		return store.Changes{}, store.Errorf(store.CodeUnreachable, "store", "", "gone")
	}
	return b.Store.Apply(ctx, batch)
}

// stopped gives up a load, and an unload, at each of their batches, and does them again.
func (r *trials) stopped(t *testing.T) {
	a := Listing{ID: "a", Version: "1", Retrieved: "2024-01-01", Groups: r.some(9)}
	b := Listing{ID: "b", Version: "2", Retrieved: "2024-01-01", Groups: r.some(9)}
	loaded, left := r.alone(t, a, b), r.alone(t, b)
	finished := false
	for at := 1; !finished; at++ {
		s := r.open(t, r.fresh(t))
		r.load(t, s, a, loader.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		_, err := loader.Load(ctx, r.model, &breaking{s, at, cancel}, b.Set(), loader.Options{})
		cancel()
		finished = err == nil
		report := r.load(t, s, b, loader.Options{})
		if finished && report.Changes.Added+report.Changes.Updated > 0 {
			t.Fatalf("a load that ended is not complete: %+v", report.Changes)
		}
		r.same(t, fmt.Sprintf("resumed after batch %d", at), loaded, Dump(t, s, Everything))
		loads, err := s.Loads(t.Context())
		if err != nil || len(loads) != 2 || loads[1].State != store.LoadComplete {
			t.Fatalf("%v, %+v", err, loads)
		}
	}
	for at, finished := 1, false; !finished; at++ {
		s := r.open(t, r.fresh(t))
		r.load(t, s, a, loader.Options{})
		r.load(t, s, b, loader.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		_, err := loader.Unload(ctx, r.model, &breaking{s, at, cancel}, "dataset/a@1", loader.UnloadOptions{})
		cancel()
		if finished = err == nil; !finished {
			if _, err := loader.Unload(t.Context(), r.model, s, "dataset/a@1", loader.UnloadOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		r.same(t, fmt.Sprintf("unloaded after batch %d", at), left, Dump(t, s, Everything))
	}
}

// regraded gives up a load that brings another grade of a source, at each of its batches but the one that ends it, and brings a third one, or
// the first.
func (r *trials) regraded(t *testing.T) {
	first := Listing{ID: "a", Version: "1", Retrieved: "2024-01-01", Groups: r.some(9)}
	other := Listing{ID: "b", Version: "1", Retrieved: "2024-01-01", Groups: r.some(9), Grade: "D"}
	second := Listing{ID: "a", Version: "2", Retrieved: "2024-01-02", Grade: "C"}
	values := func(s loader.Store) (lines []string) {
		for record, err := range s.Stream(t.Context(), plan.Records{Lens: Everything}) {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, storetest.Describe(record))
		}
		slices.Sort(lines)
		return lines
	}
	for _, grade := range []string{"E", "B", "C"} {
		third := Listing{ID: "a", Version: "3", Retrieved: "2024-01-03", Grade: grade}
		direct := New(r.model)
		for _, l := range []Listing{first, other, third} {
			r.load(t, direct, l, loader.Options{})
		}
		batches := 2
		for at := 0; at < batches; at++ {
			s := r.open(t, r.fresh(t))
			r.load(t, s, first, loader.Options{})
			r.load(t, s, other, loader.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			broken := &breaking{s, at, cancel}
			_, err := loader.Load(ctx, r.model, broken, second.Set(), loader.Options{})
			cancel()
			if finished := at == 0; finished != (err == nil) {
				t.Fatalf("batch %d: %v", at, err)
			} else if finished {
				batches = -broken.left
			}
			r.load(t, s, third, loader.Options{})
			r.same(t, fmt.Sprintf("grade %s after C stopped at batch %d", grade, at), values(direct), values(s))
		}
	}
}

// long loads two versions of a list that is longer than what a store reads or writes at once, brings another grade of their source, and unloads them.
func (r *trials) long(t *testing.T) {
	var groups []int
	for n := range 1000 {
		groups = append(groups, n)
	}
	first := Listing{ID: "list", Version: "1", Retrieved: "2024-01-01", Groups: groups}
	second := Listing{ID: "list", Version: "2", Retrieved: "2024-02-01", Groups: groups[:300]}
	graded := Listing{ID: "list", Version: "3", Retrieved: "2024-03-01", Grade: "E"}
	s, want := r.open(t, r.fresh(t)), New(r.model)
	for _, to := range []loader.Store{s, want} {
		r.load(t, to, first, loader.Options{})
		if report := r.load(t, to, second, loader.Options{Since: "dataset/list"}); report.Retracted < 4000 {
			t.Fatalf("%+v", report)
		}
		r.load(t, to, graded, loader.Options{})
	}
	r.same(t, "after three versions", Dump(t, want, Everything), Dump(t, s, Everything))
	for _, version := range []string{"1", "2", "3"} {
		name := "dataset/list@" + version
		dry, err := loader.Unload(t.Context(), r.model, s, name, loader.UnloadOptions{DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		removal, err := loader.Unload(t.Context(), r.model, s, name, loader.UnloadOptions{})
		if dry.DryRun = false; err != nil || dry != removal {
			t.Fatalf("%v, counted %+v, then %+v", err, dry, removal)
		}
		if _, err := loader.Unload(t.Context(), r.model, want, name, loader.UnloadOptions{}); err != nil {
			t.Fatal(err)
		}
		r.same(t, "after "+name+" was unloaded", Dump(t, want, Everything), Dump(t, s, Everything))
	}
}

// counted counts what an unload would take away, while another load that shares its records goes on: the count is of before or of after.
func (r *trials) counted(t *testing.T) {
	a := Listing{ID: "a", Version: "1", Retrieved: "2024-01-01", Groups: []int{1, 2, 3, 4}}
	b := Listing{ID: "b", Version: "1", Retrieved: "2024-01-01", Groups: []int{3, 4, 5, 6}}
	count := func(s loader.Store, options loader.UnloadOptions) loader.Removal {
		t.Helper()
		options.DryRun = true
		dry, err := loader.Unload(t.Context(), r.model, s, "dataset/a@1", options)
		if err != nil {
			t.Fatal(err)
		}
		return dry
	}
	open := r.fresh(t)
	s := r.open(t, open)
	r.load(t, s, a, loader.Options{})
	alone := count(s, loader.UnloadOptions{})
	// Each batch of b waits until a count has begun, and has seen that b is under way.
	loading, waits, done := make(chan struct{}), make(chan struct{}, 100), make(chan loader.Report)
	beside := r.open(t, open)
	go func() {
		begun := sync.OnceFunc(func() { close(loading) })
		report, err := loader.Load(t.Context(), r.model, &hesitant{beside, func() { begun(); <-waits }}, b.Set(), loader.Options{})
		if err != nil {
			t.Error(err)
		}
		done <- report
	}()
	<-loading
	var busy []string
	dry := count(s, loader.UnloadOptions{OnWait: func(e *store.Error) {
		if busy == nil {
			close(waits)
		}
		busy = append(busy, e.Subject)
	}})
	<-done
	if len(busy) == 0 || busy[0] != "dataset/b@1" {
		t.Fatalf("the count waited for %v", busy)
	}
	if dry == alone || dry.Shared == 0 {
		t.Fatalf("counted beside a load: %+v, alone %+v", dry, alone)
	}
	removal, err := loader.Unload(t.Context(), r.model, s, "dataset/a@1", loader.UnloadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if dry.DryRun = false; dry != removal {
		t.Fatalf("counted %+v, then %+v", dry, removal)
	}
	r.same(t, "after the first was unloaded", r.alone(t, b), Dump(t, s, Everything))
}

// hesitant is a store that does something before each batch of records.
type hesitant struct {
	loader.Store
	before func()
}

func (h *hesitant) Apply(ctx context.Context, batch store.Batch) (store.Changes, error) {
	if len(batch.Nodes)+len(batch.Claims) > 0 {
		h.before()
	}
	return h.Store.Apply(ctx, batch)
}

// Seed is TRIALS_SEED, or drawn.
func Seed(t testing.TB) uint64 {
	t.Helper()
	given := os.Getenv("TRIALS_SEED")
	if given == "" {
		return rand.Uint64()
	}
	seed, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		t.Fatalf("TRIALS_SEED: %v", err)
	}
	return seed
}
