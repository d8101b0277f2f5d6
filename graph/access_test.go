package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/export"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// What a caller may not see is not there for him: of every shape of query, the answer over a store with hidden records is to the
// byte the answer over a store without them. Counts, totals, search, filters, orders and cursors are all within that.
func exportedWhole(t *testing.T, api *graph.API, access lookahead.Access) string {
	t.Helper()
	g, errs := api.Export(t.Context(), nil, access)
	if errs != nil {
		t.Fatal(errs)
	}
	var b strings.Builder
	if err := export.Formats()[0].Write(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHiddenRecordsLeaveNoTrace(t *testing.T) {
	model := load(t)
	options := graph.Options{
		Limits:     graph.QueryLimits{Tokens: 1 << 20, Fields: 1 << 20, Roots: 1 << 20, Depth: 100, Aliases: 1 << 20, Directives: 100, Introspection: 1},
		PlanLimits: plan.Limits{Depth: 20, Rows: 1 << 30, Columns: 1 << 20, Conditions: 1 << 20},
	}
	hidden, answered, ofNetworks, graphs := 0, 0, 0, 16
	if underRace {
		graphs = 3
	}
	for seed := range graphs {
		access := lookahead.Access{MaxTlp: int64(1 + seed%4), Compartments: [][]string{nil, {"alfa"}, {"bravo", "alfa"}}[seed%3]}
		whole := marked(model, storetest.Graphs(model).Example(seed))
		part := visible(model, whole, access)
		hidden += len(whole.Nodes) + len(whole.Claims) - len(part.Nodes) - len(part.Claims)
		with := graph.NewAPI(model, stored(t, model, whole.Batch()), options)
		without := graph.NewAPI(model, stored(t, model, part.Batch()), options)
		if got, want := exportedWhole(t, with, access), exportedWhole(t, without, access); got != want {
			t.Errorf("seed %d, exported for %+v:\n%.1000s\nnot\n%.1000s", seed, access, got, want)
		}
		for name, query := range shapes(model, whole) {
			lens := lenses(whole)[(len(name)+seed)%3]
			r := graph.Request{Query: strings.ReplaceAll(query, "LENS", "lens:{"+lens+"}")}
			want, err := without.Execute(t.Context(), r, access).Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := with.Execute(t.Context(), r, access).Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("seed %d, %s through {%s} for %+v:\n%.1000s\nis answered with %.1000s\nnot with %.1000s", seed, name, lens, access, r.Query, got, want)
			}
			if ofNetwork := strings.HasPrefix(name, "network"); ofNetwork && strings.Contains(string(want), `"code":"BAD_USER_INPUT"`) {
				continue // a node that is not there
			} else if ofNetwork {
				ofNetworks++
			}
			if strings.Contains(string(want), `"errors"`) {
				t.Fatalf("%s: %.1000s\n%.1000s", name, r.Query, want)
			}
			answered++
		}
	}
	if hidden < 12*graphs || answered < 9*graphs || ofNetworks < 9*graphs {
		t.Errorf("%d answers, %d of them of networks, %d hidden records", answered, ofNetworks, hidden)
	}
}

// marked raises the marks of statements to those of their sources, as every data set must have them.
func marked(model *ontology.Model, g storetest.Graph) storetest.Graph {
	byID := map[string]store.Node{}
	for _, n := range g.Nodes {
		byID[n.ID()] = n
	}
	raise := func(kind *ontology.Kind, values []any) {
		id, named := values[kind.Property("source").Position].(string)
		if !named {
			return
		}
		source := byID[id]
		tlp, marks := source.Kind.Property("tlp").Position, source.Kind.Property("compartments").Position
		values[kind.Property("tlp").Position] = max(values[kind.Property("tlp").Position].(int64), source.Values[tlp].(int64))
		own, _ := values[kind.Property("compartments").Position].([]string)
		of, _ := source.Values[marks].([]string)
		values[kind.Property("compartments").Position] = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(own), of...))))
	}
	for _, n := range g.Nodes {
		if n.Kind.Statement {
			raise(n.Kind, n.Values)
		}
	}
	for _, c := range g.Claims {
		raise(model.Claim, c.Values)
	}
	return g
}

// visible takes out what the caller may not see, and every mention of it.
func visible(model *ontology.Model, g storetest.Graph, access lookahead.Access) storetest.Graph {
	may := func(kind *ontology.Kind, values []any) bool {
		marks, _ := values[kind.Property("compartments").Position].([]string)
		for _, m := range marks {
			if !slices.Contains(access.Compartments, m) {
				return false
			}
		}
		return values[kind.Property("tlp").Position].(int64) <= access.MaxTlp
	}
	shown := map[string]bool{}
	for _, n := range g.Nodes {
		shown[n.ID()] = may(n.Kind, n.Values)
	}
	var out storetest.Graph
	for _, n := range g.Nodes {
		if !shown[n.ID()] {
			continue
		}
		n.Values = slices.Clone(n.Values)
		for i, p := range n.Kind.Properties {
			if id, named := n.Values[i].(string); named && p.Type == ontology.Reference && !shown[id] {
				n.Values[i] = nil
			}
		}
		n.Links = slices.DeleteFunc(slices.Clone(n.Links), func(l store.NodeLink) bool { return !shown[l.ID] })
		out.Nodes = append(out.Nodes, n)
	}
	for _, c := range g.Claims {
		if shown[c.From] && shown[c.To] && may(model.Claim, c.Values) {
			out.Claims = append(out.Claims, c)
		}
	}
	return out
}

// lenses try to see more than the caller may, and less.
func lenses(g storetest.Graph) []string {
	var sources []string
	for _, n := range g.Nodes {
		if n.Kind.Name == "Source" {
			sources = append(sources, strconv.Quote(n.ID()))
		}
	}
	list := "[" + strings.Join(sources[:min(len(sources), 3)], ",") + "]"
	return []string{
		`maxTlp:RED,compartments:["alfa","bravo","ürsa'"]`,
		`knownAt:"2023",sources:` + list,
		`excludeSources:` + list + `,stances:[ASSERTS],minReliability:E`,
	}
}

// shapes are queries over the kinds of a graph, with LENS in the place of the lens.
func shapes(model *ontology.Model, g storetest.Graph) map[string]string {
	var ids []string
	kinds := map[*ontology.Kind]bool{}
	for _, n := range g.Nodes {
		ids = append(ids, strconv.Quote(n.ID()))
		kinds[n.Kind] = true
	}
	all := "[" + strings.Join(ids, ",") + "]"
	used := usedLinks(g)
	out := map[string]string{
		"nodes":  `{nodes(ids:` + all + `,LENS){__typename id source{id} ... on Entity{name estimates{totalCount nodes{id}}} ... on Statement{low source{id name}}}}`,
		"search": `{` + numbered(3, `s%d:search(text:"TEXT%d",LENS,first:2){totalCount truncated nodes{id}}`) + `}`,
	}
	for i, text := range []string{"a", "alfa", "10"} {
		out["search"] = strings.Replace(out["search"], "TEXT"+strconv.Itoa(i), text, 1)
	}
	around := "{"
	for i, id := range ids[:min(len(ids), 12)] {
		around += fmt.Sprintf(`n%d:neighbourhood(of:%s,depth:%d,LENS){totalCount kinds{kind count nodes(first:3){id}}}`, i, id, 1+i%2)
	}
	if len(ids) > 0 {
		out["neighbourhoods"] = around + "}"
	}
	maps.Copy(out, networked(ids))
	for k := range kinds {
		out[k.Name+", all"] = `{` + k.Plural + `(first:10,LENS){totalCount pageInfo{hasNextPage startCursor endCursor} edges{cursor node{` + selection(k, used) + `}}}}`
		out[k.Name+", filtered"] = filtered(k, all, used)
		out[k.Name+", ordered"] = sorted(k, used)
	}
	return out
}

// networked are questions that a network answers, by names that begin with "network". What is hidden is refused as what is not there.
func networked(ids []string) map[string]string {
	const edge = `{id from{id} to{id} structural claimCount disputed denied firstSeen lastSeen reliability tlp claims{id source{id}}}`
	const path = `{hops cost nodes{id} steps{edges` + edge + `}}`
	out := map[string]string{
		"network: stats": `{stats(LENS,first:50){nodes edges claims undated byKind{key count} byRelation{key count} bySource{source{id} count} byYear{key count} byReliability{key count} byCredibility{key count}}}`,
	}
	questions := map[string]string{
		"subgraph": `subgraph(of:[A],depth:2,layout:true,LENS){status nodes{node{id} depth degree x y} edges` + edge + ` omitted{kind count} omittedEdges}`,
		"timeline": `timeline(of:[A],LENS){status totalCount undated entries{start end precision subject{id} statement{id} edge` + edge + `}}`,
		"geo":      `geo(of:[A],depth:2,LENS){status features unlocated}`,
		"paths":    `paths(from:[A],to:[B],k:5,LENS){status paths` + path + `}`,
		"evidence": `paths(from:[A],to:[B],k:5,weight:EVIDENCE,LENS){status paths` + path + `}`,
		"common":   `commonNeighbours(of:[A,B],LENS){status totalCount neighbours{node{id} of{id} edges` + edge + `}}`,
		"together": `connections(among:[A,B],LENS){status paths` + path + ` apart{from{id} to{id}}}`,
		"near":     `search(text:"a",near:A,first:5,LENS){totalCount truncated nodes{id}}`,
	}
	for name, question := range questions {
		for i, a := range ids[:min(len(ids), 8)] {
			b := ids[(i+3)%len(ids)]
			asked := strings.ReplaceAll(strings.ReplaceAll(question, "[A]", "["+a+"]"), "[B]", "["+b+"]")
			asked = strings.ReplaceAll(strings.ReplaceAll(asked, "[A,B]", "["+a+","+b+"]"), "near:A", "near:"+a)
			out[fmt.Sprintf("network: %s %d", name, i)] = "{" + asked + "}"
		}
	}
	return out
}

// usedLinks tells which links lead anywhere in the graph; statements that follow all others as well take long to prepare.
func usedLinks(g storetest.Graph) func(k *ontology.Kind) []*ontology.Link {
	relations := map[*ontology.Relation]bool{}
	for _, c := range g.Claims {
		relations[c.Relation] = true
	}
	for _, n := range g.Nodes {
		for _, l := range n.Links {
			relations[l.Link.Relation] = true
		}
	}
	return func(k *ontology.Kind) []*ontology.Link {
		return slices.DeleteFunc(slices.Clone(k.Links), func(l *ontology.Link) bool { return !relations[l.Relation] })
	}
}

// selection reads everything of a kind: values, sources, and what its links lead to.
func selection(k *ontology.Kind, links func(*ontology.Kind) []*ontology.Link) string {
	var b strings.Builder
	b.WriteString("__typename")
	for _, p := range k.Properties {
		if p.Type == ontology.Reference {
			b.WriteString(" " + p.Name + "{id name tlp}")
		} else if !k.Abstract() || p.Name == "id" {
			b.WriteString(" " + p.Name)
		}
	}
	for _, l := range links(k) {
		below := selection(l.Target, func(*ontology.Kind) []*ontology.Link { return nil })
		switch {
		case !l.Many:
			fmt.Fprintf(&b, " %s{%s}", l.Name, below)
		case l.Relation.Structural:
			fmt.Fprintf(&b, " %s(first:3){totalCount pageInfo{hasNextPage endCursor} nodes{%s}}", l.Name, below)
		default:
			fmt.Fprintf(&b, ` %s(first:3){totalCount pageInfo{hasNextPage endCursor} edges{cursor disputed firstSeen lastSeen claimCount claims(first:3){id tlp source{id}} node{%s}}}`, l.Name, below)
		}
	}
	return b.String()
}

// filtered asks in every way whether links lead to something: a filter must not find what is hidden.
func filtered(k *ontology.Kind, ids string, links func(*ontology.Kind) []*ontology.Link) string {
	var b strings.Builder
	ask := func(where string) {
		fmt.Fprintf(&b, " f%d:%s(first:5,LENS,where:%s){totalCount nodes{id}}", b.Len(), k.Plural, where)
	}
	b.WriteString("{")
	ask(`{id:{in:` + ids + `}}`)
	for _, l := range links(k) {
		switch {
		case !l.Many:
			ask(`{` + l.Name + `:{}}`)
			ask(`{not:{` + l.Name + `:{id:{in:` + ids + `}}}}`)
		case l.Relation.Structural:
			ask(`{` + l.Name + `:{some:{id:{in:` + ids + `}}}}`)
			ask(`{` + l.Name + `:{none:{}}}`)
		default:
			ask(`{` + l.Name + `:{some:{node:{id:{in:` + ids + `}}}}}`)
			ask(`{` + l.Name + `:{some:{claim:{stance:{eq:DENIES}}}}}`)
			ask(`{` + l.Name + `:{none:{claim:{role:{isNull:false}}}}}`)
		}
	}
	return b.String() + "}"
}

// sorted orders by what is derived from claims, and continues after pages.
func sorted(k *ontology.Kind, links func(*ontology.Kind) []*ontology.Link) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{%s(first:8,LENS,orderBy:{field:ID,direction:DESC}){nodes{id`, k.Plural)
	for _, l := range links(k) {
		if l.Many && !l.Relation.Structural {
			for _, order := range []string{`{field:FIRST_SEEN}`, `[{field:LAST_SEEN,direction:DESC}]`} {
				fmt.Fprintf(&b, ` l%d:%s(first:2,orderBy:%s,claim:{stance:{eq:ASSERTS}}){totalCount nodes{id} edges{cursor claimCount}}`, b.Len(), l.Name, order)
			}
		}
	}
	return b.String() + "}}}"
}
