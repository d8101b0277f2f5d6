// Package storetest holds every backend to the contract of package store: with a naive evaluator of plans, generators of random
// graphs and plans, and a set of tests that a backend runs on itself.
package storetest

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Answer evaluates a plan over plain slices of records: what every store must answer that holds these and no others.
func Answer(model *ontology.Model, nodes []store.Node, claims []store.Claim, p plan.Plan) (store.Value, error) {
	v := look(model, nodes, claims, p.Lens)
	switch {
	case p.Page != nil:
		return v.page(p.Page, nil), nil
	case p.Lookup != nil:
		return v.lookup(p.Lookup), nil
	default:
		return store.Value{}, errors.New("the plan asks nothing")
	}
}

// Streamed lists what Stream must yield, in its order.
func Streamed(model *ontology.Model, nodes []store.Node, claims []store.Claim, wanted plan.Records) []store.Record {
	v := look(model, nodes, claims, wanted.Lens)
	without := func(k *ontology.Kind, values []any) []any {
		out := make([]any, len(values))
		for _, p := range wanted.Of(k) {
			out[p.Position] = values[p.Position]
		}
		return out
	}
	var out []store.Record
	for _, n := range v.nodes {
		n.Links = slices.DeleteFunc(slices.Clone(n.Links), func(l store.NodeLink) bool { return v.find(l.ID) == nil })
		n.Values = without(n.Kind, n.Values)
		if hasNode(wanted.Part, n) {
			out = append(out, store.Record{Node: &n})
		}
	}
	var seen []store.Claim
	for _, e := range v.edges {
		if e.claim != nil && hasClaim(wanted.Part, e) {
			seen = append(seen, store.Claim{Relation: e.relation, From: e.from, To: e.to, Values: without(model.Claim, e.claim.Values)})
		}
	}
	slices.SortFunc(seen, func(a, b store.Claim) int {
		return cmp.Or(cmp.Compare(a.Relation.Name, b.Relation.Name), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.ID(), b.ID()))
	})
	for _, c := range seen {
		out = append(out, store.Record{Claim: &c})
	}
	return out
}

// hasNode says whether a node that is seen belongs to a part; nil is everything.
func hasNode(p *plan.Part, n store.Node) bool {
	return p == nil || slices.Contains(p.Nodes, n.ID()) || slices.ContainsFunc(n.Links, func(l store.NodeLink) bool { return slices.Contains(p.Nodes, l.ID) })
}

func hasClaim(p *plan.Part, e edge) bool {
	return p == nil || slices.Contains(p.Nodes, e.from) || slices.Contains(p.Nodes, e.to) ||
		slices.Contains(p.Bundles, plan.Bundle{Relation: e.relation.Name, From: e.from, To: e.to})
}

// asNode gives a claim the form of a node, so that filters, columns and lenses read both alike.
func asNode(model *ontology.Model, c store.Claim) store.Node {
	return store.Node{Kind: model.Claim, Values: c.Values}
}

// value reads a property of a record by name; nil where its kind has none of that name.
func value(n store.Node, name string) any {
	if p := n.Kind.Property(name); p != nil {
		return n.Values[p.Position]
	}
	return nil
}

// ---- the lens

func passes(lens plan.Lens, n store.Node) bool {
	return passesRecord(lens.Record, n) && (!n.Kind.Statement || passesEvidence(lens.Evidence, n))
}

func passesRecord(l plan.Record, n store.Node) bool {
	if l.All {
		return true
	}
	retracted := value(n, "retractedAt")
	if l.KnownAt == nil {
		if retracted != nil {
			return false
		}
	} else if !atMost(value(n, "recordedAt"), *l.KnownAt) || atMost(retracted, *l.KnownAt) {
		return false
	}
	if l.MaxTlp != 0 && !atMost(value(n, "tlp"), l.MaxTlp) {
		return false
	}
	compartments, _ := value(n, "compartments").([]string)
	for _, c := range compartments {
		if !slices.Contains(l.Compartments, c) {
			return false
		}
	}
	return true
}

func passesEvidence(l plan.Evidence, n store.Node) bool {
	if l.AsOf != nil {
		floor, ceiling := l.AsOf.Floor(), l.AsOf.Ceiling()
		if !mayHold(n, &floor, &ceiling) {
			return false
		}
	}
	if !mayHold(n, l.DuringFrom, l.DuringTo) {
		return false
	}
	if l.Dated && value(n, "validFrom") == nil && value(n, "validTo") == nil {
		return false
	}
	if l.MinReliability != 0 && !atMost(value(n, "reliability"), l.MinReliability) {
		return false
	}
	if l.MinCredibility != 0 && !atMost(value(n, "credibility"), l.MinCredibility) {
		return false
	}
	if l.MinConfidence != nil && !atLeast(value(n, "confidence"), *l.MinConfidence) {
		return false
	}
	if stance, _ := value(n, "stance").(int64); len(l.Stances) > 0 && !slices.Contains(l.Stances, stance) {
		return false
	}
	if modality, _ := value(n, "modality").(int64); len(l.Modalities) > 0 && !slices.Contains(l.Modalities, modality) {
		return false
	}
	source, _ := value(n, "source").(string)
	return (l.Sources == nil || slices.Contains(l.Sources, source)) && !slices.Contains(l.ExcludeSources, source)
}

// mayHold says whether a statement may hold at some time in an interval of date keys; open ends are nil.
func mayHold(n store.Node, from, to *int64) bool {
	validFrom, validTo := value(n, "validFrom"), value(n, "validTo")
	return (to == nil || validFrom == nil || atMost(validFrom, *to)) && (from == nil || validTo == nil || atLeast(validTo, *from))
}

func atMost(v any, limit int64) bool  { n, present := v.(int64); return present && n <= limit }
func atLeast(v any, limit int64) bool { n, present := v.(int64); return present && n >= limit }

// ---- the graph through the lens

// view is the visible part of a graph: nodes by id, and edges with both their ends among them.
type view struct {
	model *ontology.Model
	nodes []store.Node
	edges []edge
}

// edge is a claim, or a structural relation if claim is nil.
type edge struct {
	relation *ontology.Relation
	from, to string
	claim    *store.Node
}

// neighbour is a node at the other end of a link with the claims that lead there, by id; none for structural links.
type neighbour struct {
	node   store.Node
	claims []store.Node
}

func look(model *ontology.Model, nodes []store.Node, claims []store.Claim, lens plan.Lens) *view {
	v := &view{model: model}
	for _, n := range nodes {
		if passes(lens, n) {
			v.nodes = append(v.nodes, n)
		}
	}
	slices.SortFunc(v.nodes, byID)
	for _, n := range v.nodes {
		for _, l := range n.Links {
			if v.find(l.ID) == nil {
				continue
			}
			e := edge{relation: l.Link.Relation, from: n.ID(), to: l.ID}
			if l.Link.Direction == ontology.In {
				e.from, e.to = e.to, e.from
			}
			v.edges = append(v.edges, e)
		}
	}
	for _, c := range claims {
		record := asNode(model, c)
		if passes(lens, record) && v.find(c.From) != nil && v.find(c.To) != nil {
			v.edges = append(v.edges, edge{relation: c.Relation, from: c.From, to: c.To, claim: &record})
		}
	}
	return v
}

func byID(a, b store.Node) int { return cmp.Compare(a.ID(), b.ID()) }

func (v *view) find(id string) *store.Node {
	for i := range v.nodes {
		if v.nodes[i].ID() == id {
			return &v.nodes[i]
		}
	}
	return nil
}

// neighbours lists the nodes at the other end of a link, by id, over the claims that pass the filter.
func (v *view) neighbours(of store.Node, link *ontology.Link, filter *plan.Filter) []neighbour {
	joined := map[string]bool{}
	bundles := map[string][]store.Node{}
	for _, e := range v.edges {
		other, follows := e.follow(of.ID(), link)
		if !follows || (e.claim != nil && !v.holds(filter, *e.claim)) {
			continue
		}
		joined[other] = true
		if e.claim != nil {
			bundles[other] = append(bundles[other], *e.claim)
		}
	}
	var out []neighbour
	for _, n := range v.nodes {
		if joined[n.ID()] && link.Target.Has(n.Kind) {
			slices.SortFunc(bundles[n.ID()], byID)
			out = append(out, neighbour{n, bundles[n.ID()]})
		}
	}
	return out
}

func (e edge) follow(id string, link *ontology.Link) (other string, follows bool) {
	switch {
	case e.relation != link.Relation:
		return "", false
	case e.from == id && link.Direction != ontology.In:
		return e.to, true
	case e.to == id && link.Direction != ontology.Out:
		return e.from, true
	default:
		return "", false
	}
}

// ---- the roots

func (v *view) page(p *plan.Page, around *store.Node) store.Value {
	var candidates []neighbour
	if around != nil {
		candidates = v.neighbours(*around, p.Via, p.Claim)
	} else {
		for _, n := range v.nodes {
			if p.Node.Kind.Has(n.Kind) {
				candidates = append(candidates, neighbour{node: n})
			}
		}
	}
	type row struct {
		neighbour
		keys []plan.Key
	}
	var found []row
	for _, c := range candidates {
		if v.holds(p.Where, c.node) {
			found = append(found, row{c, v.keys(p.Order, c)})
		}
	}
	slices.SortFunc(found, func(a, b row) int { return compareKeys(p.Order, a.keys, b.keys) })

	var total, rows store.Value
	if p.Total {
		total = store.Of(int64(len(found)))
	}
	if p.Rows {
		rows = list()
		for _, f := range found {
			if p.After != nil && compareKeys(p.Order, f.keys, p.After) <= 0 {
				continue
			}
			if len(rows.List) > p.First {
				break
			}
			row := list(v.node(p.Node, f.node))
			if p.Edge != nil {
				row.List = append(row.List, v.edge(p.Edge, f.claims))
			} else if p.Keys {
				row.List = append(row.List, store.Value{})
			}
			if p.Keys {
				keys := list()
				for _, k := range f.keys {
					keys.List = append(keys.List, store.Of(k))
				}
				row.List = append(row.List, keys)
			}
			rows.List = append(rows.List, row)
		}
	}
	return list(total, rows)
}

func (v *view) lookup(l *plan.Lookup) store.Value {
	out := list()
	for _, id := range l.IDs {
		out.List = append(out.List, v.named(l.Node, id))
	}
	return out
}

// named reads the node of that id, or null where none of the kind is visible.
func (v *view) named(p plan.Node, id string) store.Value {
	if n := v.find(id); n != nil && p.Kind.Has(n.Kind) {
		return v.node(p, *n)
	}
	return store.Value{}
}

// ---- records and bundles

func list(values ...store.Value) store.Value {
	return store.Value{Type: store.List, List: append([]store.Value{}, values...)}
}

func (v *view) node(p plan.Node, n store.Node) store.Value {
	out := list()
	for _, c := range p.Columns {
		out.List = append(out.List, v.column(c, n))
	}
	return out
}

func (v *view) column(c plan.Column, n store.Node) store.Value {
	excluded := len(c.Only) > 0 && !slices.Contains(c.Only, n.Kind)
	switch {
	case c.Property != nil:
		return store.Of(value(n, c.Property.Name))
	case c.Name:
		return store.Of(n.Kind.Name)
	case c.Reference != nil:
		id, _ := value(n, c.Reference.Property.Name).(string)
		return v.named(c.Reference.Node, id)
	case c.Page != nil && !excluded:
		return v.page(c.Page, &n)
	case c.One != nil && !excluded:
		for _, first := range v.neighbours(n, c.One.Via, nil) {
			return v.node(c.One.Node, first.node)
		}
	}
	return store.Value{}
}

func (v *view) edge(p *plan.Edge, claims []store.Node) store.Value {
	out := list()
	for _, c := range p.Columns {
		if c.Claims == nil {
			out.List = append(out.List, store.Of(v.bundled(c.Value, claims)))
			continue
		}
		read := list()
		for i, claim := range claims {
			if i <= c.Claims.First {
				read.List = append(read.List, v.node(c.Claims.Node, claim))
			}
		}
		out.List = append(out.List, read)
	}
	return out
}

// bundled derives a value of a bundle of claims.
func (v *view) bundled(which plan.EdgeValue, claims []store.Node) any {
	stances := v.model.Claim.Property("stance").Enum
	var asserts, denies int
	var first, last any
	for _, c := range claims {
		switch value(c, "stance") {
		case stances.Rank("DENIES"):
			denies++
		case stances.Rank("ASSERTS"):
			asserts++
			from, to := value(c, "validFrom"), value(c, "validTo")
			if to == nil {
				to = from
			}
			if from != nil && (first == nil || compare(from, first) < 0) {
				first = from
			}
			if to != nil && (last == nil || compare(to, last) > 0) {
				last = to
			}
		}
	}
	switch which {
	case plan.FirstSeen:
		return first
	case plan.LastSeen:
		return last
	case plan.ClaimCount:
		return int64(len(claims))
	case plan.Denied:
		if asserts == 0 {
			return int64(1)
		}
		return int64(0)
	default:
		if asserts > 0 && denies > 0 {
			return int64(1)
		}
		return int64(0)
	}
}

// ---- order and filters

func (v *view) keys(order []plan.Order, n neighbour) []plan.Key {
	keys := make([]plan.Key, len(order))
	for i, o := range order {
		if o.Property != nil {
			keys[i] = value(n.node, o.Property.Name)
		} else {
			keys[i] = v.bundled(o.Seen, n.claims)
		}
	}
	return keys
}

func compareKeys(order []plan.Order, a, b []plan.Key) int {
	for i, o := range order {
		switch {
		case a[i] == nil && b[i] == nil:
		case a[i] == nil:
			return 1
		case b[i] == nil:
			return -1
		default:
			if c := compare(a[i], b[i]); c != 0 && o.Descending {
				return -c
			} else if c != 0 {
				return c
			}
		}
	}
	return 0
}

// compare orders two values of one property. Go compares text by bytes, which for UTF-8 is by code point.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	default:
		return cmp.Compare(a.(string), b.(string))
	}
}

// holds says whether a record passes a filter; nil lets all pass.
func (v *view) holds(f *plan.Filter, n store.Node) bool {
	part := func(f plan.Filter) bool { return v.holds(&f, n) }
	switch {
	case f == nil:
		return true
	case f.All != nil:
		return !slices.ContainsFunc(*f.All, func(f plan.Filter) bool { return !part(f) })
	case f.Any != nil:
		return slices.ContainsFunc(*f.Any, part)
	case f.Not != nil:
		return !part(*f.Not)
	case f.Some != nil:
		return slices.ContainsFunc(v.neighbours(n, f.Some.Via, f.Some.Claim), func(other neighbour) bool {
			return v.holds(f.Some.Node, other.node)
		})
	default:
		return compares(*f.Test, value(n, f.Test.Property.Name))
	}
}

func compares(t plan.Test, held any) bool {
	if t.Operator == plan.IsNull {
		return held == nil
	}
	if held == nil {
		return false
	}
	form := func(v any) string {
		if t.Property.Text {
			return ontology.Fold(v.(string))
		}
		return v.(string)
	}
	switch t.Operator {
	case plan.In:
		return slices.ContainsFunc(t.Values, func(v any) bool { return compare(held, v) == 0 })
	case plan.Between:
		return compare(held, t.Values[0]) >= 0 && compare(held, t.Values[1]) <= 0
	case plan.Contains:
		return strings.Contains(form(held), form(t.Values[0]))
	case plan.StartsWith:
		return strings.HasPrefix(form(held), form(t.Values[0]))
	case plan.Includes:
		return slices.ContainsFunc(held.([]string), func(s string) bool { return form(s) == form(t.Values[0]) })
	}
	c := compare(held, t.Values[0])
	switch t.Operator {
	case plan.Equal:
		return c == 0
	case plan.Less:
		return c < 0
	case plan.LessOrEqual:
		return c <= 0
	case plan.Greater:
		return c > 0
	default:
		return c >= 0
	}
}
