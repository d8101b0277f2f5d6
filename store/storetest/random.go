package storetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"pgregory.net/rapid"
)

// Graph is a set of records that satisfies the contract of a batch.
type Graph struct {
	Nodes  []store.Node
	Claims []store.Claim
}

// Batch is the whole graph as one batch.
func (g Graph) Batch() store.Batch { return store.Batch{Nodes: g.Nodes, Claims: g.Claims} }

// Values that backends are prone to confuse with each other, to fold, to round or to read as syntax. Few, so that they meet again.
var (
	texts = []string{
		"Alfa", "alfa", "Älfa Straße", "Алфа картель", "Alfa Cartel", "the alfa", "Alfa!", "O'Brien \"the\" \\boss", "100%", "100_", "10",
		"\uff21lfa", "\U0001d49clfa 😀", "ALFA", "cartel-alfa's; --", "Straße\n\tdrei \u0001", "null", "[*?]", "{\"a\": 1}", "żółw", "...",
	}
	dates = []string{
		"2021-06", "2021-06-15", "2021", "2020-02-29", "2021-06-30", "2022", "2023-11", "2023-11-05", "1969-12-31", "1970-01-01", "1815-06", "0001", "9999-12-31",
	}
	numbers = []string{
		"0", "1", "2", "5", "6", "50", "90", "-1", "100", "0.5", "0.1", "0.30000000000000004", "0.3", "-0.25", "12.5", "2147483647", "-2147483648",
		"9007199254740992", "1e21", "-1.5e300", "123456789.12345679", "2.5e-7", "-98765432109876.55",
	}
	countries    = []string{"IT", "CO", "DE"}
	slugs        = []string{"a", "b", "z", "é", "я", "'", "%", "_", "A", "\uff21", "😀"}
	compartments = []string{"alfa", "bravo", "ürsa'"}
)

// candidates lists values of a property in stored form; none for lists, ids and references, which depend on the graph.
func candidates(p *ontology.Property) []any {
	var from []string
	switch p.Type {
	case ontology.String:
		from = texts
	case ontology.Int, ontology.Float:
		from = numbers
	case ontology.PartialDate:
		from = dates
	case ontology.CountryCode:
		from = countries
	case ontology.Boolean:
		from = []string{"false", "true"}
	case ontology.Enumeration:
		from = p.Enum.Values
	}
	var out []any
	for _, text := range from {
		scalar := *p
		scalar.List = false
		if v, err := scalar.Parse(text); err == nil && v != nil {
			out = append(out, v)
		}
	}
	return out
}

// pick draws one of several; earlier ones are likelier, and what a failing example is reduced to.
func pick[E any](t *rapid.T, from []E) E { return rapid.SampledFrom(from).Draw(t, "") }

// upTo draws a number from 0; smaller ones are likelier.
func upTo(t *rapid.T, n int) int { return rapid.IntRange(0, n).Draw(t, "") }

// roll draws a number below n, each about as likely as the others. rapid's own ranges favour small numbers.
func roll(t *rapid.T, n int) int {
	drawn := 0
	for range 6 {
		drawn *= 2
		if rapid.Bool().Draw(t, "") {
			drawn++
		}
	}
	return drawn * n / 64
}

// oneIn draws true about once in n times.
func oneIn(t *rapid.T, n int) bool { return roll(t, n) == n-1 }

// some draws distinct elements, in the order drawn.
func some[E any](t *rapid.T, from []E, limit int) []E {
	var out []E
	rest := slices.Clone(from)
	for n := upTo(t, min(limit, len(from))); len(out) < n; {
		i := upTo(t, len(rest)-1)
		out = append(out, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return out
}

// ---- graphs

// Graphs generates graphs of up to 40 nodes and 120 claims over a few kinds and relations of a model.
func Graphs(model *ontology.Model) *rapid.Generator[Graph] {
	return rapid.Custom(func(t *rapid.T) Graph {
		count := max(upTo(t, 40), upTo(t, 40))
		if count == 0 {
			return Graph{}
		}
		kinds := some(t, model.Kinds, 2)
		for range 1 + upTo(t, 3) {
			ends := pick(t, pick(t, model.Relations).Ends)
			kinds = append(kinds, ends.From, ends.To)
		}
		var g Graph
		add := func(k *ontology.Kind) {
			id := k.IDPrefix() + pick(t, slugs) + strconv.Itoa(len(g.Nodes))
			values := make([]any, len(k.Properties))
			values[0] = id
			g.Nodes = append(g.Nodes, store.Node{Kind: k, Values: values})
		}
		for _, k := range required(append(slices.Clone(kinds), model.Claim)) {
			add(k)
		}
		for len(g.Nodes) < count {
			add(pick(t, kinds))
		}
		for i, n := range g.Nodes {
			g.fill(t, n.Kind, n.Values)
			g.Nodes[i].Links = g.links(t, n)
		}
		g.Claims = g.claims(t, model)
		return g
	})
}

// required lists the kinds that records of these kinds must refer to, and those that these must refer to.
func required(kinds []*ontology.Kind) []*ontology.Kind {
	var out []*ontology.Kind
	for i := 0; i < len(kinds); i++ {
		for _, p := range kinds[i].Properties {
			if p.Type == ontology.Reference && p.Required && !slices.Contains(out, p.Reference) {
				out = append(out, p.Reference)
				kinds = append(kinds, p.Reference)
			}
		}
	}
	return out
}

// fill draws all values but the id.
func (g Graph) fill(t *rapid.T, k *ontology.Kind, values []any) {
	for i, p := range k.Properties[1:] {
		values[i+1] = g.value(t, p)
	}
}

func (g Graph) value(t *rapid.T, p *ontology.Property) any {
	if p.List {
		from := texts
		if p.Name == "compartments" {
			if !oneIn(t, 5) {
				return []string{}
			}
			from = compartments
		}
		return append([]string{}, some(t, from, 3)...)
	}
	if !p.Required && (rapid.Bool().Draw(t, "") || (p.Name == "retractedAt" && !oneIn(t, 5))) {
		return nil
	}
	switch {
	case p.Type == ontology.Reference:
		if ids := g.ids(p.Reference); len(ids) > 0 {
			return pick(t, ids)
		}
		return nil
	case p.Type == ontology.String && oneIn(t, 8):
		if !p.Required && oneIn(t, 2) {
			return ""
		}
		return "x" + strings.TrimSpace(rapid.StringOfN(rapid.RuneFrom([]rune("aAäßя'\"%_\\ \uff21😀")), 0, 5, -1).Draw(t, ""))
	default:
		return pick(t, candidates(p))
	}
}

// ids lists the ids of a kind or of an interface's members.
func (g Graph) ids(k *ontology.Kind) []string {
	var out []string
	for _, n := range g.Nodes {
		if k.Has(n.Kind) {
			out = append(out, n.ID())
		}
	}
	return out
}

func (g Graph) links(t *rapid.T, n store.Node) []store.NodeLink {
	var out []store.NodeLink
	for _, l := range n.Kind.Links {
		if !l.Declares {
			continue
		}
		var targets []string
		for _, other := range g.Nodes {
			from, to := n.Kind, other.Kind
			if l.Direction == ontology.In {
				from, to = to, from
			}
			if other.ID() != n.ID() && l.Target.Has(other.Kind) && l.Relation.Joins(from, to) {
				targets = append(targets, other.ID())
			}
		}
		limit := 1
		if l.Many {
			limit = 3
		}
		for _, id := range some(t, targets, limit) {
			out = append(out, store.NodeLink{Link: l, ID: id})
		}
	}
	if len(out) < 2 {
		return out
	}
	return rapid.Permutation(out).Draw(t, "")
}

func (g Graph) claims(t *rapid.T, model *ontology.Model) []store.Claim {
	var pairs []store.Claim
	for _, r := range model.Relations {
		for _, from := range g.Nodes {
			for _, to := range g.Nodes {
				if r.Structural || !r.Joins(from.Kind, to.Kind) || from.ID() == to.ID() || (r.Symmetric && from.ID() > to.ID()) {
					continue
				}
				pairs = append(pairs, store.Claim{Relation: r, From: from.ID(), To: to.ID()})
			}
		}
	}
	pairs = some(t, pairs, 25)
	if len(pairs) == 0 {
		return nil
	}
	var out []store.Claim
	known := map[string]bool{}
	for range max(upTo(t, 120), upTo(t, 120)) {
		c := pick(t, pairs)
		c.Values = make([]any, len(model.Claim.Properties))
		g.fill(t, model.Claim, c.Values)
		id := store.ClaimID(model.Claim, c.Relation, c.From, c.To, c.Values)
		if !known[id] {
			known[id] = true
			c.Values[0] = id
			out = append(out, c)
		}
	}
	return out
}

// Batches are applied one after the other.
type Batches []store.Batch

// GoString says what comes in which batch.
func (b Batches) GoString() string {
	var out strings.Builder
	for i, batch := range b {
		fmt.Fprintf(&out, "\nbatch %d:", i+1)
		for _, n := range batch.Nodes {
			out.WriteString(" " + n.ID())
		}
		fmt.Fprintf(&out, " and %d claims", len(batch.Claims))
	}
	return out.String()
}

// Split generates batches that bring a graph one after the other, up to four.
func (g Graph) Split(model *ontology.Model) *rapid.Generator[Batches] {
	return rapid.Custom(func(t *rapid.T) Batches { return g.split(t, model) })
}

func (g Graph) split(t *rapid.T, model *ontology.Model) Batches {
	var out Batches
	applied := map[string]bool{}
	nodes := rapid.Permutation(slices.Clone(g.Nodes)).Draw(t, "")
	claims := slices.Clone(g.Claims)
	for last := false; !last; {
		last = len(out) == 3 || oneIn(t, 2)
		wanted := map[string]bool{}
		for _, n := range nodes {
			if last || oneIn(t, 3) {
				g.closure(n.ID(), wanted)
			}
		}
		var b store.Batch
		for _, n := range nodes {
			if wanted[n.ID()] && !applied[n.ID()] {
				applied[n.ID()] = true
				b.Nodes = append(b.Nodes, n)
			}
		}
		claims = slices.DeleteFunc(claims, func(c store.Claim) bool {
			ready := applied[c.From] && applied[c.To] && (last || rapid.Bool().Draw(t, ""))
			for i, p := range model.Claim.Properties {
				if id, named := c.Values[i].(string); named && p.Type == ontology.Reference {
					ready = ready && applied[id]
				}
			}
			if ready {
				b.Claims = append(b.Claims, c)
			}
			return ready
		})
		out = append(out, b)
	}
	return out
}

// closure adds a node and all that it names to a set.
func (g Graph) closure(id string, into map[string]bool) {
	i := slices.IndexFunc(g.Nodes, func(n store.Node) bool { return n.ID() == id })
	if i < 0 || into[id] {
		return
	}
	into[id] = true
	for j, p := range g.Nodes[i].Kind.Properties {
		if named, present := g.Nodes[i].Values[j].(string); present && p.Type == ontology.Reference {
			g.closure(named, into)
		}
	}
	for _, l := range g.Nodes[i].Links {
		g.closure(l.ID, into)
	}
}

// Changed generates another state of a graph: the same records by id, some with other values or links.
func (g Graph) Changed(model *ontology.Model) *rapid.Generator[Graph] {
	if len(g.Nodes) == 0 {
		return rapid.Just(g)
	}
	return rapid.Custom(func(t *rapid.T) Graph { return g.changed(t, model) })
}

func (g Graph) changed(t *rapid.T, model *ontology.Model) Graph {
	out := Graph{Nodes: slices.Clone(g.Nodes), Claims: slices.Clone(g.Claims)}
	for i := range out.Nodes {
		n := &out.Nodes[i]
		switch roll(t, 6) {
		case 1:
			n.Values = slices.Clone(n.Values)
			at := upTo(t, len(n.Values)-1)
			if p := n.Kind.Properties[at]; at > 0 {
				n.Values[at] = g.value(t, p)
			}
		case 2:
			n.Links = g.links(t, *n)
		case 3:
			n.Values = slices.Clone(n.Values)
			g.fill(t, n.Kind, n.Values)
		}
	}
	for i := range out.Claims {
		if c := &out.Claims[i]; oneIn(t, 4) {
			c.Values = slices.Clone(c.Values)
			for at, p := range model.Claim.Properties[1:] {
				before := c.Values[at+1]
				c.Values[at+1] = g.value(t, p)
				if store.ClaimID(model.Claim, c.Relation, c.From, c.To, c.Values) != c.ID() {
					c.Values[at+1] = before
				}
			}
		}
	}
	return out
}

// ---- lenses

// Lenses generates lenses that hide some of a graph.
func Lenses(model *ontology.Model, g Graph) *rapid.Generator[plan.Lens] {
	return rapid.Custom(func(t *rapid.T) plan.Lens {
		sources := append(g.ids(model.Claim.Property("source").Reference), "source/missing")
		var l plan.Lens
		l.Record.All = oneIn(t, 20)
		if oneIn(t, 6) {
			l.Record.KnownAt = new(date(t).Ceiling())
		}
		if oneIn(t, 6) {
			l.Record.MaxTlp = int64(1 + upTo(t, len(model.Claim.Property("tlp").Enum.Values)-1))
		}
		l.Record.Compartments = some(t, compartments, len(compartments))
		e := &l.Evidence
		if oneIn(t, 10) {
			e.AsOf = new(date(t))
		}
		if oneIn(t, 10) {
			e.DuringFrom = new(date(t).Floor())
		}
		if oneIn(t, 10) {
			e.DuringTo = new(date(t).Ceiling())
		}
		e.Dated = oneIn(t, 12)
		if oneIn(t, 10) {
			e.MinReliability = int64(1 + upTo(t, len(model.Claim.Property("reliability").Enum.Values)-2))
		}
		if oneIn(t, 10) {
			e.MinCredibility = int64(1 + upTo(t, 4))
		}
		if oneIn(t, 12) {
			e.MinConfidence = new(pick(t, []int64{0, 1, 50, 100}))
		}
		if oneIn(t, 10) {
			e.Stances = some(t, []int64{1, 2}, 2)
		}
		if oneIn(t, 10) {
			e.Modalities = some(t, []int64{1, 2, 3}, 3)
		}
		if oneIn(t, 12) {
			e.Sources = append([]string{}, some(t, sources, len(sources))...)
		}
		if oneIn(t, 12) {
			e.ExcludeSources = some(t, sources, 2)
		}
		return l
	})
}

// Parts generates parts of a graph, which may name what it does not hold.
func Parts(g Graph) *rapid.Generator[*plan.Part] {
	return rapid.Custom(func(t *rapid.T) *plan.Part {
		p := &plan.Part{}
		if oneIn(t, 8) {
			p.Nodes = append(p.Nodes, "group/missing")
		}
		for _, n := range some(t, g.Nodes, 5) {
			p.Nodes = append(p.Nodes, n.ID())
		}
		for _, c := range some(t, g.Claims, 5) {
			b := plan.Bundle{Relation: c.Relation.Name, From: c.From, To: c.To}
			if oneIn(t, 8) {
				b.To = "group/missing"
			}
			p.Bundles = append(p.Bundles, b)
		}
		return p
	})
}

func date(t *rapid.T) ontology.Date {
	d, err := ontology.ParseDate(pick(t, dates))
	if err != nil {
		panic(err) // the list above holds dates alone
	}
	return d
}

// ---- plans

// Plans generates plans of every shape over a model, whose values, ids and cursors come from a graph.
func Plans(model *ontology.Model, g Graph) *rapid.Generator[plan.Plan] {
	return rapid.Custom(func(t *rapid.T) plan.Plan {
		a := &asking{T: t, model: model, graph: g}
		p := plan.Plan{Lens: Lenses(model, g).Draw(t, "")}
		switch roll(t, 6) {
		case 5:
			p.Lookup = &plan.Lookup{IDs: a.lookedUp(), Node: a.node(a.anyKind(true), 2)}
		default:
			p.Page = a.page(nil, a.anyKind(false), 3)
		}
		if len(a.pages) > 0 && rapid.Bool().Draw(t, "") {
			a.continued(p)
		}
		return p
	})
}

// asking draws the parts of one plan.
type asking struct {
	*rapid.T
	model *ontology.Model
	graph Graph
	// pages are all pages of the plan.
	pages []*plan.Page
}

// continued sets After of one of the pages to the keys of a row that it answered.
func (a *asking) continued(p plan.Plan) {
	chosen := pick(a.T, a.pages)
	chosen.Rows, chosen.Keys = true, true
	answer, err := Answer(a.model, a.graph.Nodes, a.graph.Claims, p)
	if err != nil {
		panic(err)
	}
	var seen [][]plan.Key
	walk(p, answer, func(page *plan.Page, answer store.Value) {
		if page != chosen {
			return
		}
		for _, row := range answer.List[1].List {
			seen = append(seen, keysOf(row))
		}
	})
	if len(seen) > 0 {
		chosen.After = pick(a.T, seen)
	}
}

// keysOf gives back the keys of a row of a page.
func keysOf(row store.Value) []plan.Key {
	keys := make([]plan.Key, len(row.List[2].List))
	for i, k := range row.List[2].List {
		keys[i] = k.Scalar()
	}
	return keys
}

// walk visits every page of a plan with each answer that it gave.
func walk(p plan.Plan, answer store.Value, visit func(*plan.Page, store.Value)) {
	w := walking(visit)
	switch {
	case p.Page != nil:
		w.page(p.Page, answer)
	case p.Lookup != nil:
		for _, n := range answer.List {
			w.node(p.Lookup.Node, n)
		}
	}
}

type walking func(*plan.Page, store.Value)

func (w walking) page(p *plan.Page, answer store.Value) {
	if answer.Type == store.Null {
		return
	}
	w(p, answer)
	for _, row := range answer.List[1].List {
		w.node(p.Node, row.List[0])
		if p.Edge == nil {
			continue
		}
		for i, edge := range row.List[1].List {
			if claims := p.Edge.Columns[i].Claims; claims != nil {
				for _, c := range edge.List {
					w.node(claims.Node, c)
				}
			}
		}
	}
}

func (w walking) node(p plan.Node, answer store.Value) {
	for i, v := range answer.List {
		switch c := p.Columns[i]; {
		case c.Page != nil:
			w.page(c.Page, v)
		case c.One != nil:
			w.node(c.One.Node, v)
		case c.Reference != nil:
			w.node(c.Reference.Node, v)
		}
	}
}

// anyKind draws a kind, mostly one that occurs in the graph, or an interface.
func (a *asking) anyKind(interfaces bool) *ontology.Kind {
	if interfaces && oneIn(a.T, 3) {
		return pick(a.T, slices.DeleteFunc(slices.Clone(a.model.Interfaces), func(k *ontology.Kind) bool { return k.Property("id") == nil }))
	}
	if len(a.graph.Nodes) == 0 || oneIn(a.T, 8) {
		return pick(a.T, a.model.Kinds)
	}
	return pick(a.T, a.graph.Nodes).Kind
}

// id draws an id, mostly one that exists.
func (a *asking) id() string {
	if len(a.graph.Nodes) == 0 || oneIn(a.T, 8) {
		return pick(a.T, a.model.Kinds).IDPrefix() + "missing"
	}
	return pick(a.T, a.graph.Nodes).ID()
}

func (a *asking) lookedUp() []string {
	ids := []string{}
	for range upTo(a.T, 6) {
		ids = append(ids, a.id())
	}
	return ids
}

func (a *asking) page(via *ontology.Link, kind *ontology.Kind, depth int) *plan.Page {
	p := &plan.Page{
		Via: via, First: 1 + upTo(a.T, 4), Rows: !oneIn(a.T, 6), Total: rapid.Bool().Draw(a.T, ""), Keys: oneIn(a.T, 3),
	}
	claims := via != nil && !via.Relation.Structural
	if oneIn(a.T, 4) {
		p.Where = a.filter(kind, 2)
	}
	if claims && oneIn(a.T, 4) {
		p.Claim = a.filter(a.model.Claim, 1)
	}
	p.Order = a.order(kind, claims)
	if claims && !oneIn(a.T, 4) {
		p.Edge = a.edge(depth)
	}
	p.Node = a.node(kind, depth-1)
	a.pages = append(a.pages, p)
	return p
}

func (a *asking) order(kind *ontology.Kind, claims bool) []plan.Order {
	var from []plan.Order
	for _, p := range kind.Properties {
		if p.Index && !p.List {
			from = append(from, plan.Order{Property: p})
		}
	}
	if claims {
		from = append([]plan.Order{{Seen: plan.FirstSeen}, {Seen: plan.LastSeen}}, from...)
	}
	order := append(some(a.T, from, 2), plan.Order{Property: kind.Properties[0]})
	for i := range order {
		order[i].Descending = oneIn(a.T, 3)
	}
	return order
}

func (a *asking) edge(depth int) *plan.Edge {
	e := &plan.Edge{}
	for range roll(a.T, 5) {
		switch roll(a.T, 6) {
		case 0:
			e.Columns = append(e.Columns, plan.EdgeColumn{Value: plan.ClaimCount})
		case 5:
			e.Columns = append(e.Columns, plan.EdgeColumn{Value: plan.Denied})
		case 1:
			e.Columns = append(e.Columns, plan.EdgeColumn{Claims: &plan.Claims{First: 1 + upTo(a.T, 4), Node: a.node(a.model.Claim, depth-2)}})
		case 2:
			e.Columns = append(e.Columns, plan.EdgeColumn{Value: plan.Disputed})
		case 3:
			e.Columns = append(e.Columns, plan.EdgeColumn{Value: plan.FirstSeen})
		default:
			e.Columns = append(e.Columns, plan.EdgeColumn{Value: plan.LastSeen})
		}
	}
	return e
}

// node draws columns of a kind, with links as long as depth is positive.
func (a *asking) node(kind *ontology.Kind, depth int) plan.Node {
	n := plan.Node{Kind: kind}
	properties, links := readable(kind)
	for range roll(a.T, 5) {
		property := pick(a.T, properties)
		switch way := roll(a.T, 6); {
		case way >= 3 && depth > 0 && len(links) > 0:
			c := prefer(a, links, func(f followed) bool { return a.occurs(f.via) })
			if via := c.via; via.Many {
				n.Columns = append(n.Columns, plan.Column{Page: a.page(via, via.Target, depth), Only: a.only(kind, c)})
			} else {
				n.Columns = append(n.Columns, plan.Column{One: &plan.One{Via: via, Node: a.node(via.Target, depth-1)}, Only: a.only(kind, c)})
			}
		case way == 1 && kind != a.model.Claim:
			n.Columns = append(n.Columns, plan.Column{Name: true})
		case property.Type == ontology.Reference && way != 2:
			n.Columns = append(n.Columns, plan.Column{Reference: &plan.Reference{Property: property, Node: a.node(property.Reference, depth-1)}})
		default:
			n.Columns = append(n.Columns, plan.Column{Property: property})
		}
	}
	return n
}

// occurs says whether some record of the graph states a link's relation.
func (a *asking) occurs(l *ontology.Link) bool {
	return slices.ContainsFunc(a.graph.Claims, func(c store.Claim) bool { return c.Relation == l.Relation }) ||
		slices.ContainsFunc(a.graph.Nodes, func(n store.Node) bool {
			return slices.ContainsFunc(n.Links, func(d store.NodeLink) bool { return d.Link.Relation == l.Relation })
		})
}

// prefer draws one of several, mostly one that is good.
func prefer[E any](a *asking, from []E, good func(E) bool) E {
	if best := slices.DeleteFunc(slices.Clone(from), func(e E) bool { return !good(e) }); len(best) > 0 && !oneIn(a.T, 5) {
		return pick(a.T, best)
	}
	return pick(a.T, from)
}

// followed is a link that can be read from a kind, and those of the kind's members that have it.
type followed struct {
	via     *ontology.Link
	members []*ontology.Kind
}

// readable lists the properties and links that can be read from nodes of a kind; from an interface also those of its members.
func readable(kind *ontology.Kind) (properties []*ontology.Property, links []followed) {
	kinds := []*ontology.Kind{kind}
	if kind.Abstract() {
		kinds = append(kinds, kind.Members...)
	}
	for _, k := range kinds {
		for _, p := range k.Properties {
			if k == kind || kind.Property(p.Name) == nil {
				properties = append(properties, p)
			}
		}
		for _, l := range k.Links {
			switch i := slices.IndexFunc(links, func(f followed) bool { return same(f.via, l) }); {
			case k == kind:
				links = append(links, followed{l, kind.Members})
			case i < 0:
				links = append(links, followed{l, []*ontology.Kind{k}})
			case kind.Link(l.Name) == nil:
				links[i].members = append(links[i].members, k)
			}
		}
	}
	return properties, links
}

// same says whether two kinds' links mean the same.
func same(a, b *ontology.Link) bool {
	return a.Name == b.Name && a.Relation == b.Relation && a.Direction == b.Direction && a.Target == b.Target && a.Many == b.Many
}

// only draws the kinds for which a link is followed: some of those that have it, or no limit where all have it.
func (a *asking) only(kind *ontology.Kind, f followed) []*ontology.Kind {
	if !kind.Abstract() {
		return nil
	}
	if drawn := some(a.T, f.members, len(f.members)); len(drawn) > 0 {
		return drawn
	}
	if len(f.members) == len(kind.Members) {
		return nil
	}
	return f.members
}

// ---- filters

// filter draws a condition on records of a kind.
func (a *asking) filter(kind *ontology.Kind, depth int) *plan.Filter {
	parts := func() *[]plan.Filter {
		out := []plan.Filter{}
		for range upTo(a.T, 3) {
			out = append(out, *a.filter(kind, depth-1))
		}
		return &out
	}
	way := roll(a.T, 7)
	if depth <= 0 {
		way = 0
	}
	switch {
	case way == 1:
		return &plan.Filter{Not: a.filter(kind, depth-1)}
	case way == 2:
		return &plan.Filter{All: parts()}
	case way == 3:
		return &plan.Filter{Any: parts()}
	case way >= 4 && len(kind.Links) > 0:
		return &plan.Filter{Some: a.some(kind, depth)}
	default:
		return &plan.Filter{Test: a.test(kind)}
	}
}

func (a *asking) some(kind *ontology.Kind, depth int) *plan.Some {
	s := &plan.Some{Via: prefer(a, kind.Links, a.occurs)}
	if rapid.Bool().Draw(a.T, "") {
		s.Node = a.filter(s.Via.Target, depth-1)
	}
	if !s.Via.Relation.Structural && rapid.Bool().Draw(a.T, "") {
		s.Claim = a.filter(a.model.Claim, 1)
	}
	return s
}

var (
	comparisons = []plan.Operator{
		plan.Equal, plan.In, plan.Less, plan.LessOrEqual, plan.Greater, plan.GreaterOrEqual, plan.Between, plan.IsNull,
	}
	textual = append(slices.Clone(comparisons), plan.Contains, plan.StartsWith)
)

func (a *asking) test(kind *ontology.Kind) *plan.Test {
	var tested []*ontology.Property
	for _, p := range kind.Properties {
		if p.Index {
			tested = append(tested, p)
		}
	}
	p := pick(a.T, append(tested, kind.Properties[0]))
	t := &plan.Test{Property: p}
	switch {
	case p.List:
		t.Operator = plan.Includes
	case p.Type == ontology.Boolean:
		t.Operator = pick(a.T, []plan.Operator{plan.Equal, plan.In, plan.IsNull})
	case p.Type == ontology.String, p.Type == ontology.ID, p.Type == ontology.CountryCode:
		t.Operator = pick(a.T, textual)
	default:
		t.Operator = pick(a.T, comparisons)
	}
	count := 1
	switch t.Operator {
	case plan.IsNull:
		count = 0
	case plan.Between:
		count = 2
	case plan.In:
		count = upTo(a.T, 3)
	}
	for range count {
		t.Values = append(t.Values, a.compared(kind, p, t.Operator))
	}
	return t
}

// compared draws a value to compare a property with: mostly one that the graph may hold, for text also a part of one.
func (a *asking) compared(kind *ontology.Kind, p *ontology.Property, o plan.Operator) any {
	var text string
	switch {
	case p.Type == ontology.ID && kind == a.model.Claim:
		if len(a.graph.Claims) == 0 {
			return "none"
		}
		text = pick(a.T, a.graph.Claims).ID()
	case p.Type == ontology.ID:
		text = a.id()
	case p.Type == ontology.String:
		text = pick(a.T, append(slices.Clone(texts), ""))
	case p.Type == ontology.CountryCode:
		text = pick(a.T, countries)
	default:
		return pick(a.T, candidates(p))
	}
	if runes := []rune(text); o == plan.Contains || o == plan.StartsWith {
		from := 0
		if o == plan.Contains && len(runes) > 0 {
			from = upTo(a.T, len(runes)-1)
		}
		text = string(runes[from : from+upTo(a.T, min(4, len(runes)-from))])
	}
	return text
}
