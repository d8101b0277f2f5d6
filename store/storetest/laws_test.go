package storetest_test

import (
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
	"pgregory.net/rapid"
)

func TestGeneratedGraphsSatisfyTheContract(t *testing.T) {
	m := load(t)
	rapid.Check(t, func(rt *rapid.T) {
		g := storetest.Graphs(m).Draw(rt, "graph")
		legal(rt, m, g)
		changed := g.Changed(m).Draw(rt, "changed")
		legal(rt, m, changed)
		for i, c := range g.Claims {
			if changed.Claims[i].ID() != c.ID() {
				rt.Fatalf("claim %s became %s", c.ID(), changed.Claims[i].ID())
			}
		}
		var split storetest.Graph
		for _, b := range g.Split(m).Draw(rt, "batches") {
			split.Nodes, split.Claims = append(split.Nodes, b.Nodes...), append(split.Claims, b.Claims...)
			whole(rt, m, split)
		}
		if len(split.Nodes) != len(g.Nodes) || len(split.Claims) != len(g.Claims) {
			rt.Fatalf("the batches hold %d nodes and %d claims of %d and %d", len(split.Nodes), len(split.Claims), len(g.Nodes), len(g.Claims))
		}
	})
}

// whole checks that all that is named is there, in the right kind.
func whole(t *rapid.T, m *ontology.Model, g storetest.Graph) map[string]*ontology.Kind {
	kinds := map[string]*ontology.Kind{}
	for _, n := range g.Nodes {
		if kinds[n.ID()] != nil {
			t.Fatalf("node %q occurs twice", n.ID())
		}
		kinds[n.ID()] = n.Kind
	}
	references := func(k *ontology.Kind, values []any) {
		for i, p := range k.Properties {
			if id, is := values[i].(string); is && p.Type == ontology.Reference && kinds[id] != p.Reference {
				t.Fatalf("%v refers to %q, which is no %s", values[0], id, p.Reference.Name)
			}
		}
	}
	for _, n := range g.Nodes {
		references(n.Kind, n.Values)
		for _, l := range n.Links {
			from, to := n.Kind, kinds[l.ID]
			if to == nil || !l.Link.Target.Has(to) || l.ID == n.ID() {
				t.Fatalf("link %s of %q leads to %q", l.Link.Name, n.ID(), l.ID)
			}
			if l.Link.Direction == ontology.In {
				from, to = to, from
			}
			if !l.Link.Declares || n.Kind.Link(l.Link.Name) != l.Link || !l.Link.Relation.Joins(from, to) {
				t.Fatalf("link %s of %q to %q does not fit", l.Link.Name, n.ID(), l.ID)
			}
		}
	}
	for _, c := range g.Claims {
		references(m.Claim, c.Values)
		if !c.Relation.Joins(kinds[c.From], kinds[c.To]) || c.Relation.Structural || c.From == c.To || (c.Relation.Symmetric && c.From > c.To) {
			t.Fatalf("%s does not join %q and %q", c.Relation.Name, c.From, c.To)
		}
	}
	return kinds
}

func legal(t *rapid.T, m *ontology.Model, g storetest.Graph) {
	whole(t, m, g)
	if len(g.Nodes) > 40+2 || len(g.Claims) > 120 {
		t.Fatalf("%d nodes and %d claims", len(g.Nodes), len(g.Claims))
	}
	for _, n := range g.Nodes {
		stored(t, n.Kind, n.Values)
		if !ontology.ValidID(n.ID()) {
			t.Fatalf("%q is no id", n.ID())
		}
		seen := map[store.NodeLink]bool{}
		count := map[*ontology.Link]int{}
		for _, l := range n.Links {
			if count[l.Link]++; seen[l] || (!l.Link.Many && count[l.Link] > 1) {
				t.Fatalf("%q declares %s to %q twice", n.ID(), l.Link.Name, l.ID)
			}
			seen[l] = true
		}
	}
	ids := map[string]bool{}
	for _, c := range g.Claims {
		stored(t, m.Claim, c.Values)
		if c.ID() != store.ClaimID(m.Claim, c.Relation, c.From, c.To, c.Values) || ids[c.ID()] {
			t.Fatalf("claim id %s is wrong or occurs twice", c.ID())
		}
		ids[c.ID()] = true
	}
}

// stored checks that values are what Property.Parse gives; only text that may be missing may be empty besides.
func stored(t *rapid.T, k *ontology.Kind, values []any) {
	if len(values) != len(k.Properties) {
		t.Fatalf("%s has %d values", k.Name, len(values))
	}
	for i, p := range k.Properties {
		fits := false
		switch v := values[i].(type) {
		case nil:
			fits = !p.Required
		case []string:
			fits = p.List
		case string:
			fits = !p.List && slices.Contains([]ontology.Type{ontology.ID, ontology.String, ontology.CountryCode, ontology.Reference}, p.Type)
			if parsed, err := p.Parse(v); fits && v != "" {
				fits = err == nil && parsed == v
			} else {
				fits = fits && !p.Required
			}
		case int64:
			fits = slices.Contains([]ontology.Type{ontology.Int, ontology.Boolean, ontology.PartialDate, ontology.Enumeration}, p.Type)
			if p.Enum != nil {
				fits = fits && p.Enum.Value(v) != ""
			}
		case float64:
			fits = p.Type == ontology.Float
		}
		if !fits {
			t.Fatalf("%s.%s of %v holds %#v", k.Name, p.Name, values[0], values[i])
		}
	}
}

func answer(t *rapid.T, m *ontology.Model, g storetest.Graph, p plan.Plan) store.Value {
	t.Helper()
	v, err := storetest.Answer(m, g.Nodes, g.Claims, p)
	if err != nil {
		t.Fatalf("%v\nplan %s", err, p)
	}
	return v
}

func TestLawOfPages(t *testing.T) {
	m := load(t)
	rapid.Check(t, func(rt *rapid.T) {
		g := storetest.Graphs(m).Draw(rt, "graph")
		for range 4 {
			p := storetest.Plans(m, g).Draw(rt, "plan")
			first := answer(rt, m, g, p)
			if p.Page == nil {
				continue
			}
			page := *p.Page
			page.Rows, page.Keys, page.Total, page.After, page.First = true, true, true, nil, 1000
			p.Page = &page
			all := answer(rt, m, g, p)
			rows := all.List[1].List
			if total := all.List[0].Int; total != int64(len(rows)) {
				rt.Fatalf("total %d of %d rows", total, len(rows))
			}
			if first.List[0].Type != store.Null && first.List[0].Int != int64(len(rows)) {
				rt.Fatalf("a page's total %s, the whole has %d", first.List[0], len(rows))
			}
			page.First = rapid.IntRange(1, 5).Draw(rt, "first")
			var paged []store.Value
			for {
				v := answer(rt, m, g, p).List[1].List
				paged = append(paged, v[:min(len(v), page.First)]...)
				if len(v) <= page.First {
					break
				}
				page.After = nil
				for _, k := range v[page.First-1].List[2].List {
					page.After = append(page.After, k.Scalar())
				}
			}
			if diff := storetest.Difference(store.Of(rows), store.Of(paged)); diff != "" {
				rt.Fatalf("pages of %s whole and paged%s", p, diff)
			}
		}
	})
}

// TestLawOfTheLens: a lens that hides records answers as if they were not there, and none of the rest of it matters then.
func TestLawOfTheLens(t *testing.T) {
	m := load(t)
	rapid.Check(t, func(rt *rapid.T) {
		g := storetest.Graphs(m).Draw(rt, "graph")
		for range 4 {
			p := storetest.Plans(m, g).Draw(rt, "plan")
			var left storetest.Graph
			for _, r := range storetest.Streamed(m, g.Nodes, g.Claims, plan.Records{Lens: p.Lens}) {
				if r.Node != nil {
					left.Nodes = append(left.Nodes, *r.Node)
				} else {
					left.Claims = append(left.Claims, *r.Claim)
				}
			}
			wide := p
			wide.Lens = plan.Lens{Record: plan.Record{All: true}}
			if diff := storetest.Difference(answer(rt, m, g, p), answer(rt, m, left, wide)); diff != "" {
				rt.Fatalf("plan %s hidden and deleted%s", p, diff)
			}
		}
	})
}

// TestPlansFindSomething keeps the generators from drifting into plans that all answer nothing.
func TestPlansFindSomething(t *testing.T) {
	m := load(t)
	found := map[string]int{}
	for seed := range 400 {
		g := storetest.Graphs(m).Example(seed)
		p := storetest.Plans(m, g).Example(seed)
		v, err := storetest.Answer(m, g.Nodes, g.Claims, p)
		if err != nil {
			t.Fatal(err)
		}
		has := func(name string, holds bool) {
			if holds {
				found[name]++
			}
		}
		has("claims", len(g.Claims) > 10)
		switch {
		case p.Page != nil:
			has("page", true)
			has("after", p.Page.After != nil)
			has("rows", len(v.List[1].List) > 0)
			has("two rows", len(v.List[1].List) > 1)
			for _, row := range v.List[1].List {
				has("nested", depth(row.List[0]) > 3)
				has("deep", depth(row.List[0]) > 6)
			}
		case p.Lookup != nil:
			has("lookup", slices.ContainsFunc(v.List, func(v store.Value) bool { return v.Type == store.List }))
		}
	}
	t.Log(found)
	for name, least := range map[string]int{
		"claims": 40, "page": 100, "after": 10, "rows": 60, "two rows": 30, "nested": 20, "deep": 4, "lookup": 10,
	} {
		if found[name] < least {
			t.Errorf("%s: %d of 400, want %d", name, found[name], least)
		}
	}
}

func depth(v store.Value) int {
	deepest := 0
	for _, e := range v.List {
		deepest = max(deepest, depth(e))
	}
	return deepest + 1
}
