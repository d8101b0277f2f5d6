package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Run holds a backend to the contract of package store. open gives a store without records, set up for the model; Run closes it,
// and has one open at a time. The flag -rapid.checks says how many random graphs are tried, 100 if it is not given.
func Run(t *testing.T, model *ontology.Model, open func(testing.TB) store.Store) {
	c := contract{model: model, open: open}
	for _, part := range []struct {
		name  string
		check func(*testing.T)
	}{
		{"random graphs and plans", c.random},
		{"random loads", c.loads},
		{"what is remembered of batches", c.remembered},
		{"one load at a time", c.oneLoad},
		{"changed records", c.changed},
		{"one changed claim among many", c.changedAmongMany},
		{"dangling records are refused", c.dangling},
		{"a node keeps its kind", c.conflict},
		{"a stream can be left", c.left},
		{"cancelled calls", c.cancelled},
		{"calls after Close", c.closed},
		{"batches are whole to concurrent readers", c.concurrent},
		{"revision", c.revision},
		{"migrating again", c.migrated},
	} {
		t.Run(part.name, part.check)
	}
}

type contract struct {
	model *ontology.Model
	open  func(testing.TB) store.Store
}

// patience bounds one call to a store, so that a deadlock fails a test instead of hanging it.
const patience = time.Minute

// reporter is what *testing.T and *rapid.T have in common.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// trial is a store under test whose errors end the test.
type trial struct {
	t     reporter
	model *ontology.Model
	store store.Store
}

func (c contract) begin(outer testing.TB, t reporter) (s trial, end func()) {
	s = trial{t, c.model, c.open(outer)}
	return s, func() {
		if err := s.store.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
}

func limited() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

func (s trial) apply(b store.Batch) store.Changes {
	s.t.Helper()
	ctx, cancel := limited()
	defer cancel()
	changes, err := s.store.Apply(ctx, b)
	if err != nil {
		s.t.Fatalf("Apply: %v", err)
	}
	return changes
}

// applies checks what a batch does.
func (s trial) applies(b store.Batch, want store.Changes) {
	s.t.Helper()
	if got := s.apply(b); got != want {
		s.t.Fatalf("Apply: got %+v, want %+v", got, want)
	}
}

func (s trial) revision() int64 {
	s.t.Helper()
	ctx, cancel := limited()
	defer cancel()
	n, err := s.store.Revision(ctx)
	if err != nil {
		s.t.Fatalf("Revision: %v", err)
	}
	return n
}

// answers checks that the store answers a plan as the naive evaluator does.
func (s trial) answers(g Graph, p plan.Plan) {
	s.t.Helper()
	if d := s.difference(g, p); d != "" {
		s.t.Fatalf("%s", d)
	}
}

// difference says how the store's answer differs from the naive evaluator's; nothing if it does not.
func (s trial) difference(g Graph, p plan.Plan) string {
	want, err := Answer(s.model, g.Nodes, g.Claims, p)
	if err != nil {
		return fmt.Sprintf("the naive evaluator: %v", err)
	}
	ctx, cancel := limited()
	defer cancel()
	got, err := s.store.Query(ctx, p)
	if err != nil {
		return fmt.Sprintf("Query: %v\nplan %s", err, p)
	}
	if diff := Difference(want, got); diff != "" {
		return fmt.Sprintf("plan %s\nwant %s\ngot  %s\nanswer%s", p, want, got, diff)
	}
	return ""
}

// streams checks that the store streams what the lens lets through, in order.
func (s trial) streams(g Graph, wanted plan.Records) {
	s.t.Helper()
	var want, got []string
	for _, r := range Streamed(s.model, g.Nodes, g.Claims, wanted) {
		want = append(want, Describe(r))
	}
	ctx, cancel := limited()
	defer cancel()
	for r, err := range s.store.Stream(ctx, wanted) {
		if err != nil {
			s.t.Fatalf("Stream: %v", err)
		}
		got = append(got, Describe(r))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Fatalf("Stream of %+v, part %+v (-want +got)\n%s", wanted, wanted.Part, diff)
	}
}

// everything lets all pass.
var everything = plan.Lens{Record: plan.Record{All: true}}

// holds checks that the store holds exactly these records.
func (s trial) holds(g Graph) {
	s.t.Helper()
	s.streams(g, plan.Records{Lens: everything})
}

// refused checks the code of an error.
func (s trial) refused(what string, err error, code store.Code) {
	s.t.Helper()
	if e, is := errors.AsType[*store.Error](err); !is || e.Code != code {
		s.t.Fatalf("%s: got %v, want an error with code %s", what, err, code)
	}
}

// ---- random graphs

func (c contract) random(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := Graphs(c.model).Draw(rt, "graph")
		s, end := c.begin(t, rt)
		defer end()
		for _, b := range g.Split(c.model).Draw(rt, "batches") {
			s.applies(b, store.Changes{Added: size(b)})
		}
		s.compare(rt, g)
		revision := s.revision()
		s.applies(g.Batch(), store.Changes{Unchanged: size(g.Batch())})
		if again := s.revision(); again != revision {
			rt.Fatalf("revision %d became %d though nothing changed", revision, again)
		}
		later := g.Changed(c.model).Draw(rt, "changed")
		s.applies(later.Batch(), changes(g, later))
		s.compare(rt, later)
	})
}

// compare checks the store's records, and its answers to some plans.
func (s trial) compare(t *rapid.T, g Graph) {
	s.holds(g)
	plans := make([]plan.Plan, 6)
	for i := range plans {
		plans[i] = rapid.Map(Plans(s.model, g), func(p plan.Plan) drawn { return drawn{p} }).Draw(t, "plan").Plan
	}
	// At once, as callers ask, and because a server takes longer to think of a new question than to answer it.
	differences := make([]string, len(plans))
	var asking sync.WaitGroup
	for i, p := range plans {
		asking.Go(func() { differences[i] = s.difference(g, p) })
	}
	asking.Wait()
	if i := slices.IndexFunc(differences, func(d string) bool { return d != "" }); i >= 0 {
		t.Fatalf("%s", differences[i])
	}
	var wanted plan.Records
	for range 2 {
		wanted = plan.Records{Lens: Lenses(s.model, g).Draw(t, "lens")}
		if rapid.Bool().Draw(t, "some properties") {
			wanted.Only = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"name", "aliases", "source", "validFrom", "tlp", "compartments", "latitude", "value"}), rapid.ID).Draw(t, "only")
		}
		s.streams(g, wanted)
	}
	wanted.Part = Parts(g).Draw(t, "part")
	s.streams(g, wanted)
}

// drawn is a plan that reports of failures show as people read it.
type drawn struct{ plan.Plan }

func (d drawn) GoString() string { return "\n" + d.String() }

func size(b store.Batch) int { return len(b.Nodes) + len(b.Claims) }

// changes counts the records that differ between two states of a graph.
func changes(before, after Graph) store.Changes {
	var out store.Changes
	count := func(a, b store.Record) {
		if Describe(a) == Describe(b) {
			out.Unchanged++
		} else {
			out.Updated++
		}
	}
	for i := range before.Nodes {
		count(store.Record{Node: &before.Nodes[i]}, store.Record{Node: &after.Nodes[i]})
	}
	for i := range before.Claims {
		count(store.Record{Claim: &before.Claims[i]}, store.Record{Claim: &after.Claims[i]})
	}
	return out
}

// ---- samples

// node makes the least record of a kind: what is required, and no links. It names a record of seeds.
func (c contract) node(k *ontology.Kind, slug string) store.Node {
	n := store.Node{Kind: k, Values: least(k)}
	n.Values[0] = k.IDPrefix() + slug
	return n
}

// seeds are the records that others must refer to.
func (c contract) seeds() []store.Node {
	var out []store.Node
	for _, k := range required(append(slices.Clone(c.model.Kinds), c.model.Claim)) {
		out = append(out, c.node(k, "seed"))
	}
	return out
}

func (c contract) claim(r *ontology.Relation, from, to store.Node) store.Claim {
	claim := store.Claim{Relation: r, From: from.ID(), To: to.ID(), Values: least(c.model.Claim)}
	return c.identified(claim)
}

func (c contract) identified(claim store.Claim) store.Claim {
	claim.Values[0] = store.ClaimID(c.model.Claim, claim.Relation, claim.From, claim.To, claim.Values)
	return claim
}

func least(k *ontology.Kind) []any {
	values := make([]any, len(k.Properties))
	for i, p := range k.Properties {
		switch {
		case p.List:
			values[i] = []string{}
		case p.Required && p.Type == ontology.Reference:
			values[i] = p.Reference.IDPrefix() + "seed"
		case p.Required && p.Type != ontology.ID:
			values[i] = candidates(p)[0]
		}
	}
	return values
}

// with sets one value of a copy.
func with(k *ontology.Kind, values []any, name string, v any) []any {
	values = slices.Clone(values)
	values[k.Property(name).Position] = v
	return values
}

// link finds a link of a kind that is no interface's end and leads to another kind.
func (c contract) link(t *testing.T, fits func(*ontology.Link) bool) (*ontology.Kind, *ontology.Link) {
	for _, k := range c.model.Kinds {
		for _, l := range k.Links {
			if !l.Target.Abstract() && l.Target != k && fits(l) {
				return k, l
			}
		}
	}
	t.Fatal("the model has no link of the kind that this test needs")
	return nil, nil
}

// claimed finds a relation with claims between two kinds.
func (c contract) claimed(t *testing.T) (*ontology.Kind, *ontology.Link) {
	return c.link(t, func(l *ontology.Link) bool { return !l.Relation.Structural && l.Direction == ontology.Out })
}

// ---- the contract, sentence by sentence

// changedAmongMany loads more claims than a store may compare at a time, again with one of them changed, and then with one more.
func (c contract) changedAmongMany(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	const n = 350
	claiming, joined := c.claimed(t)
	from := c.node(claiming, "from")
	g := Graph{Nodes: append(c.seeds(), from)}
	for i := range n + 1 {
		to := c.node(joined.Target, "to"+strconv.Itoa(i))
		g.Nodes = append(g.Nodes, to)
		g.Claims = append(g.Claims, c.claim(joined.Relation, from, to))
	}
	all := g.Claims
	g.Claims = all[:n]
	s.applies(g.Batch(), store.Changes{Added: size(g.Batch())})
	s.applies(g.Batch(), store.Changes{Unchanged: size(g.Batch())})
	for _, at := range []int{0, 149, n - 1} {
		g.Claims = slices.Clone(g.Claims)
		g.Claims[at].Values = with(c.model.Claim, g.Claims[at].Values, "tlp", candidates(c.model.Claim.Property("tlp"))[1])
		s.applies(g.Batch(), store.Changes{Updated: 1, Unchanged: size(g.Batch()) - 1})
		s.holds(g)
	}
	g.Claims = slices.Insert(slices.Clone(g.Claims), 170, all[n])
	s.applies(g.Batch(), store.Changes{Added: 1, Unchanged: size(g.Batch()) - 1})
	s.holds(g)
}

func (c contract) changed(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	kind, link := c.link(t, func(l *ontology.Link) bool { return l.Declares && !l.Many && l.Direction == ontology.Out })
	claiming, joined := c.claimed(t)

	a, b := c.node(link.Target, "a"), c.node(link.Target, "b")
	n := c.node(kind, "n")
	n.Links = []store.NodeLink{{Link: link, ID: a.ID()}}
	from, to := c.node(claiming, "from"), c.node(joined.Target, "to")
	claim := c.claim(joined.Relation, from, to)
	g := Graph{Nodes: append(c.seeds(), a, b, n, from, to), Claims: []store.Claim{claim}}
	s.applies(g.Batch(), store.Changes{Added: size(g.Batch())})

	last := len(g.Nodes) - 3
	update := func(what string, n store.Node) {
		before := s.revision()
		g.Nodes[last] = n
		s.applies(g.Batch(), store.Changes{Updated: 1, Unchanged: size(g.Batch()) - 1})
		if after := s.revision(); after <= before {
			t.Fatalf("%s: revision %d became %d", what, before, after)
		}
		s.holds(g)
		s.answers(g, plan.Plan{Lens: everything, Page: &plan.Page{
			Order: []plan.Order{{Property: kind.Properties[0]}}, First: 5, Rows: true,
			Node: plan.Node{Kind: kind, Columns: []plan.Column{{One: &plan.One{Via: link, Node: c.ids(link.Target)}}}},
		}})
	}
	n.Values = with(kind, n.Values, "recordedAt", candidates(kind.Property("recordedAt"))[1])
	update("another value", n)
	n.Links = []store.NodeLink{{Link: link, ID: b.ID()}}
	update("another link", n)
	n.Links = nil
	update("no link", n)
	n.Values = with(kind, n.Values, "compartments", compartments[:2])
	update("compartments", n)

	for _, name := range []string{"recordedAt", "tlp", "retractedAt"} {
		values := candidates(c.model.Claim.Property(name))
		claim.Values = with(c.model.Claim, claim.Values, name, values[1])
		if c.identified(store.Claim{Relation: claim.Relation, From: claim.From, To: claim.To, Values: slices.Clone(claim.Values)}).ID() != claim.ID() {
			t.Fatalf("%s is part of a claim's id", name)
		}
		g.Claims = []store.Claim{claim}
		s.applies(store.Batch{Claims: g.Claims}, store.Changes{Updated: 1})
		s.applies(store.Batch{Claims: g.Claims}, store.Changes{Unchanged: 1})
		s.holds(g)
	}
}

// ids reads nothing but the id.
func (c contract) ids(k *ontology.Kind) plan.Node {
	return plan.Node{Kind: k, Columns: []plan.Column{{Property: k.Property("id")}}}
}

func (c contract) dangling(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	kind, link := c.claimed(t)
	linking, declared := c.link(t, func(l *ontology.Link) bool { return l.Declares })
	source := c.model.Claim.Property("source")
	from, to, missing := c.node(kind, "from"), c.node(link.Target, "to"), c.node(link.Target, "missing")
	g := Graph{Nodes: append(c.seeds(), from, to)}
	s.apply(g.Batch())
	revision := s.revision()

	fresh := c.node(kind, "fresh")
	linked, referring := c.node(linking, "linked"), c.node(kind, "referring")
	linked.Links = []store.NodeLink{{Link: declared, ID: c.node(declared.Target, "missing").ID()}}
	referring.Values = with(kind, referring.Values, source.Name, source.Reference.IDPrefix()+"missing")
	good := c.claim(link.Relation, from, to)
	unsourced := good
	unsourced.Values = with(c.model.Claim, good.Values, source.Name, source.Reference.IDPrefix()+"missing")
	unsourced = c.identified(unsourced)

	for what, b := range map[string]store.Batch{
		"the end of a claim":       {Nodes: []store.Node{fresh}, Claims: []store.Claim{good, c.claim(link.Relation, from, missing)}},
		"the start of a claim":     {Nodes: []store.Node{fresh}, Claims: []store.Claim{good, c.claim(link.Relation, c.node(kind, "missing"), to)}},
		"the reference of a claim": {Nodes: []store.Node{fresh}, Claims: []store.Claim{good, unsourced}},
		"a link":                   {Nodes: []store.Node{fresh, linked}, Claims: []store.Claim{good}},
		"the reference of a node":  {Nodes: []store.Node{fresh, referring}, Claims: []store.Claim{good}},
	} {
		ctx, cancel := limited()
		_, err := s.store.Apply(ctx, b)
		cancel()
		s.refused(what, err, store.CodeDangling)
		if now := s.revision(); now != revision {
			t.Fatalf("%s: revision %d became %d", what, revision, now)
		}
		s.holds(g)
	}
	// What a batch brings itself is there, in whatever order it stands.
	target := c.node(declared.Target, "missing")
	b := store.Batch{Nodes: []store.Node{linked, target}}
	s.applies(b, store.Changes{Added: 2})
	s.holds(Graph{Nodes: append(g.Nodes, b.Nodes...)})
}

func (c contract) conflict(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	n := c.node(c.model.Kinds[0], "same")
	g := Graph{Nodes: append(c.seeds(), n)}
	s.apply(g.Batch())
	revision := s.revision()

	fresh, other := c.node(c.model.Kinds[0], "fresh"), c.node(c.model.Kinds[1], "same")
	other.Values[0] = n.ID()
	ctx, cancel := limited()
	defer cancel()
	_, err := s.store.Apply(ctx, store.Batch{Nodes: []store.Node{fresh, other}})
	s.refused("another kind under the same id", err, store.CodeConflict)
	if now := s.revision(); now != revision {
		t.Fatalf("revision %d became %d", revision, now)
	}
	s.holds(g)
}

func (c contract) left(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	g := Graph{Nodes: c.seeds()}
	for i := range 50 {
		g.Nodes = append(g.Nodes, c.node(c.model.Kinds[0], strconv.Itoa(i)))
	}
	s.apply(g.Batch())
	ctx, cancel := limited()
	defer cancel()
	// More often than a pool has connections: what a stream holds must be given back.
	for range 20 {
		yielded := 0
		for _, err := range s.store.Stream(ctx, plan.Records{Lens: everything}) {
			if err != nil {
				t.Fatalf("Stream: %v", err)
			}
			if yielded++; yielded == 3 {
				break
			}
		}
		if yielded != 3 {
			t.Fatalf("the stream yielded %d records, want 3", yielded)
		}
	}
	late := c.node(c.model.Kinds[0], "late")
	g.Nodes = append(g.Nodes, late)
	s.applies(store.Batch{Nodes: []store.Node{late}}, store.Changes{Added: 1})
	s.holds(g)
}

// calls makes every call that takes a context, and gives the errors.
func (c contract) calls(ctx context.Context, s store.Store) map[string]error {
	out := map[string]error{}
	_, out["Query"] = s.Query(ctx, plan.Plan{Lens: everything, Lookup: &plan.Lookup{IDs: []string{"a/b"}, Node: c.ids(c.model.Kind("Node"))}})
	_, out["Apply"] = s.Apply(ctx, store.Batch{Nodes: append(c.seeds(), c.node(c.model.Kinds[0], "n"))})
	out["Stream"] = nil
	for _, err := range s.Stream(ctx, plan.Records{Lens: everything}) {
		out["Stream"] = err
	}
	out["Walk"] = nil
	for _, err := range s.Walk(ctx, plan.Walk{Of: plan.AllNodes}) {
		out["Walk"] = err
	}
	_, out["Loads"] = s.Loads(ctx)
	_, out["Revision"] = s.Revision(ctx)
	_, out["Touched"] = s.Touched(ctx, 0)
	out["Migrate"] = s.Migrate(ctx)
	return out
}

func (c contract) cancelled(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	g := Graph{Nodes: c.seeds()}
	s.apply(g.Batch())
	given, cancel := context.WithCancel(context.Background())
	cancel()
	passed, cancelPassed := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancelPassed()
	for _, ctx := range []context.Context{given, passed} {
		for what, err := range c.calls(ctx, s.store) {
			s.refused(what, err, store.CodeDeadline)
		}
	}
	s.holds(g)
}

func (c contract) closed(t *testing.T) {
	s, end := c.begin(t, t)
	s.apply(store.Batch{Nodes: c.seeds()})
	end()
	ctx, cancel := limited()
	defer cancel()
	for what, err := range c.calls(ctx, s.store) {
		s.refused(what, err, store.CodeClosed)
	}
	s.refused("Close", s.store.Close(), store.CodeClosed)
}

// concurrent lets readers look while batches come in, each of which brings as many nodes as claims that join them.
func (c contract) concurrent(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	kind, link := c.claimed(t)
	seeds := c.seeds()
	s.apply(store.Batch{Nodes: seeds})
	const batches, each = 12, 10
	p := plan.Plan{Lens: everything, Page: &plan.Page{
		Where: &plan.Filter{Test: &plan.Test{Property: kind.Properties[0], Operator: plan.StartsWith, Values: []any{kind.IDPrefix() + "n"}}},
		Order: []plan.Order{{Property: kind.Properties[0]}}, First: batches * each, Rows: true, Total: true,
		Node: plan.Node{Kind: kind, Columns: []plan.Column{{Page: &plan.Page{
			Via: link, Order: []plan.Order{{Property: link.Target.Properties[0]}}, First: 1, Total: true, Node: plan.Node{Kind: link.Target},
		}}}},
	}}
	ctx, cancel := limited()
	defer cancel()
	written := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			var last, revision int64
			for done := false; !done; {
				select {
				case <-written:
					done = true
				default:
				}
				got, err := s.store.Query(ctx, p)
				if err != nil {
					t.Errorf("Query: %v", err)
					return
				}
				total, rows := got.List[0].Int, got.List[1].List
				if total%each != 0 || total < last || int64(len(rows)) != total {
					t.Errorf("%d nodes in %d rows after %d: no state between two batches of %d", total, len(rows), last, each)
					return
				}
				last = total
				for _, row := range rows {
					if joined := row.List[0].List[0].List[0].Int; joined != 1 {
						t.Errorf("a node has %d neighbours, its batch gave it 1", joined)
						return
					}
				}
				now, err := s.store.Revision(ctx)
				if err != nil || now < revision {
					t.Errorf("revision %d after %d: %v", now, revision, err)
					return
				}
				revision = now
			}
			if last != batches*each {
				t.Errorf("%d nodes in the end, want %d", last, batches*each)
			}
		})
	}
	g := Graph{Nodes: seeds}
	for i := range batches {
		var b store.Batch
		for j := range each {
			slug := "n" + strconv.Itoa(i*each+j)
			from, to := c.node(kind, slug), c.node(link.Target, slug)
			b.Nodes = append(b.Nodes, from, to)
			b.Claims = append(b.Claims, c.claim(link.Relation, from, to))
		}
		if _, err := s.store.Apply(ctx, b); err != nil {
			t.Errorf("Apply: %v", err)
			break
		}
		g.Nodes, g.Claims = append(g.Nodes, b.Nodes...), append(g.Claims, b.Claims...)
	}
	close(written)
	readers.Wait()
	s.holds(g)
}

func (c contract) revision(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	at := s.revision()
	if at != 0 {
		t.Fatalf("revision %d of an empty store", at)
	}
	s.holds(Graph{})
	n := c.node(c.model.Kinds[0], "n")
	changed := n
	changed.Values = with(n.Kind, n.Values, "recordedAt", candidates(n.Kind.Property("recordedAt"))[1])
	for _, step := range []struct {
		name  string
		batch store.Batch
		want  store.Changes
		grows bool
	}{
		{"nothing", store.Batch{}, store.Changes{}, false},
		{"new records", store.Batch{Nodes: append(c.seeds(), n)}, store.Changes{Added: len(c.seeds()) + 1}, true},
		{"the same record", store.Batch{Nodes: []store.Node{n}}, store.Changes{Unchanged: 1}, false},
		{"a changed record", store.Batch{Nodes: []store.Node{changed}}, store.Changes{Updated: 1}, true},
		{"the changed record", store.Batch{Nodes: []store.Node{changed}}, store.Changes{Unchanged: 1}, false},
		{"nothing again", store.Batch{}, store.Changes{}, false},
	} {
		s.applies(step.batch, step.want)
		now := s.revision()
		if now < at || (now > at) != step.grows {
			t.Fatalf("%s: revision %d became %d", step.name, at, now)
		}
		at = now
	}
}

func (c contract) migrated(t *testing.T) {
	s, end := c.begin(t, t)
	defer end()
	migrate := func() {
		ctx, cancel := limited()
		defer cancel()
		for range 2 {
			if err := s.store.Migrate(ctx); err != nil {
				t.Fatalf("Migrate: %v", err)
			}
		}
	}
	migrate()
	s.holds(Graph{})
	kind, link := c.claimed(t)
	from, to := c.node(kind, "from"), c.node(link.Target, "to")
	g := Graph{Nodes: append(c.seeds(), from, to), Claims: []store.Claim{c.claim(link.Relation, from, to)}}
	s.apply(g.Batch())
	revision := s.revision()
	migrate()
	if now := s.revision(); now != revision {
		t.Fatalf("revision %d became %d", revision, now)
	}
	s.holds(g)
	s.applies(g.Batch(), store.Changes{Unchanged: size(g.Batch())})
}
