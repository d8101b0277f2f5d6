package graph_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// limits are built so that size n is allowed and n+1 is not.
var limits = []struct {
	name    string
	largest int
	query   func(n int) string
	code    string
	message string
}{
	{"tokens", 10_000, func(n int) string {
		const rest = 15 // { search ( text : "a" kinds : [ ] ) { totalCount } }
		return `{search(text:"a",kinds:[` + strings.Repeat("Group ", n-rest) + `]){totalCount}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "exceeded token limit of 10000"},
	{"fields", 1000, func(n int) string { return `{groups{nodes{` + strings.Repeat("id ", n-2) + `}}}` },
		"COMPLEXITY_LIMIT_EXCEEDED", "the query has 1001 fields, at most 1000 are allowed"},
	{"fields of fragments", 1000, func(n int) string {
		return `{groups{nodes{...F ...F ` + strings.Repeat("id ", n-998) + `}}} fragment F on Group{...G ...G} fragment G on Group{` + strings.Repeat("name ", 249) + `}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 1001 fields, at most 1000 are allowed"},
	{"fields of a fragment that is not spread", 1000, func(n int) string {
		return `{groups{totalCount}} fragment F on Group{` + strings.Repeat("name ", n) + `}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 1001 fields, at most 1000 are allowed"},
	{"root fields", 20, func(n int) string { return `{` + numbered(n, "a%d:groups{totalCount}") + `}` },
		"COMPLEXITY_LIMIT_EXCEEDED", "the query has 21 root fields, at most 20 are allowed"},
	{"root fields of fragments", 20, func(n int) string {
		return `{...F ... on Query{` + numbered(n-10, "b%d:groups{totalCount}") + `}} fragment F on Query{` + numbered(10, "a%d:groups{totalCount}") + `}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 21 root fields, at most 20 are allowed"},
	{"depth", 24, func(n int) string {
		return `{__type(name:"Group"){` + strings.Repeat("ofType{", n-2) + "name" + strings.Repeat("}", n)
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 25 levels of selections, at most 24 are allowed"},
	{"depth of fragments", 24, func(n int) string {
		return `{__type(name:"Group"){...F}} fragment F on __Type{` + strings.Repeat("ofType{", n-2) + "name" + strings.Repeat("}", n-1)
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 25 levels of selections, at most 24 are allowed"},
	{"aliases", 100, func(n int) string { return `{groups{nodes{` + numbered(n, "a%d:id ") + `}}}` },
		"COMPLEXITY_LIMIT_EXCEEDED", "the query has 101 aliases, at most 100 are allowed"},
	{"aliases of fragments", 100, func(n int) string {
		return `{groups{nodes{...F ...F ` + numbered(n-50, "a%d:id ") + `}}} fragment F on Group{` + numbered(50, "b%d:id ") + `}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 101 aliases, at most 100 are allowed"},
	{"directives", 100, func(n int) string {
		return `{groups{nodes{` + strings.Repeat("id @skip(if:false) ", n-2) + `... @include(if:true){...F @include(if:true)}}}} fragment F on Group{id}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "the query has 101 directives, at most 100 are allowed"},
	{"levels of nodes", 8, func(n int) string {
		return `{` + strings.Repeat("groups(first:1){nodes{", 1) + strings.Repeat("subgroups(first:1){nodes{", n-1) + "id" + strings.Repeat("}}", n) + `}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 9 levels of nodes, at most 8 are allowed: ask for fewer levels"},
	{"rows", 100_000, func(n int) string {
		sizes := []any{100, 27, 36} // 100 × (1 + 27 × (1 + 36))
		if n > 100_000 {
			sizes = []any{11, 90, 100} // 11 × (1 + 90 × (1 + 100))
		}
		return fmt.Sprintf(`{groups(first:%d){nodes{alliedWith(first:%d){nodes{operates(first:%d){nodes{id}}}}}}}`, sizes...)
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 100001 rows, at most 100000 are allowed: ask for fewer with `first`, or leave out a level"},
	{"columns", 500, func(n int) string { return `{groups(first:1){nodes{` + columns(n, 4) + `}}}` },
		"COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 501 columns, at most 500 are allowed: select fewer fields"},
	{"conditions", 100, func(n int) string {
		return `{groups(where:{and:[` + strings.Repeat(`{name:{startsWith:"A"}}`, n-1) + `]}){totalCount}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 101 conditions, at most 100 are allowed: filter by less"},
	{"empty conditions", 100, func(n int) string {
		return `{groups(where:{or:[` + strings.Repeat(`{}`, n-1) + `]}){totalCount}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 101 conditions, at most 100 are allowed: filter by less"},
	{"nested conditions", 100, func(n int) string {
		return `{groups(where:` + strings.Repeat(`{not:`, n-1) + `{name:{eq:"Beta"}}` + strings.Repeat(`}`, n-1) + `){totalCount}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 101 conditions, at most 100 are allowed: filter by less"},
	{"conditions on relations", 100, func(n int) string {
		return `{groups(where:{and:[` + strings.Repeat(`{alliedWith:{none:{node:{name:{eq:"Beta"}}}}}`, n/3) + strings.Repeat(`{}`, n%3-1) + `]}){totalCount}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 101 conditions, at most 100 are allowed: filter by less"},
	{"levels of conditions", 8, func(n int) string {
		return `{groups(where:` + strings.Repeat(`{alliedWith:{some:{node:`, n-1) + `{name:{eq:"Beta"}}` + strings.Repeat(`}}}`, n-1) + `){totalCount}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 9 levels of nodes, at most 8 are allowed: ask for fewer levels"},
	{"conditions on claims", 100, func(n int) string {
		return `{groups{nodes{alliedWith(claim:{or:[` + strings.Repeat(`{role:{contains:"x"}}`, n-1) + `]}){totalCount edges{claims{id}}}}}}`
	}, "COMPLEXITY_LIMIT_EXCEEDED", "groups: the answer could take 101 conditions, at most 100 are allowed: filter by less"},
	{"first of a root", 100, func(n int) string { return fmt.Sprintf(`{groups(first:%d){nodes{id}}}`, n) },
		"BAD_USER_INPUT", "first: 1 to 100, not 101"},
	{"first of a relation", 100, func(n int) string { return fmt.Sprintf(`{groups{nodes{operates(first:%d){nodes{id}}}}}`, n) },
		"BAD_USER_INPUT", "first: 1 to 100, not 101"},
	{"first of claims", 100, func(n int) string {
		return fmt.Sprintf(`{groups(first:1){nodes{operates(first:1){edges{claims(first:%d){id}}}}}}`, n)
	}, "BAD_USER_INPUT", "first: 1 to 100, not 101"},
	{"first of a search", 100, func(n int) string { return fmt.Sprintf(`{search(text:"alpha",first:%d){nodes{id}}}`, n) },
		"BAD_USER_INPUT", "first: 1 to 100, not 101"},
	{"first of a neighbourhood", 100, func(n int) string {
		return fmt.Sprintf(`{neighbourhood(of:"group/a"){kinds{nodes(first:%d){id}}}}`, n)
	}, "BAD_USER_INPUT", "first: 1 to 100, not 101"},
	{"depth of a neighbourhood", 2, func(n int) string { return fmt.Sprintf(`{neighbourhood(of:"group/a",depth:%d){totalCount}}`, n) },
		"BAD_USER_INPUT", "depth: 1 or 2, not 3"},
	{"ids", 100, func(n int) string { return `{nodes(ids:[` + strings.Repeat(`"group/a" `, n) + `]){id}}` },
		"BAD_USER_INPUT", "ids: at most 100 ids are read at once, 101 are given"},
	{"values of in", 1000, func(n int) string {
		return `{groups(where:{name:{in:[` + strings.Repeat(`"Beta" `, n) + `]}}){nodes{id}}}`
	},
		"BAD_USER_INPUT", "where.name.in: at most 1000 values are compared with, 1001 are given"},
	{"sources of a lens", 1000, func(n int) string {
		return `{groups(lens:{sources:[` + strings.Repeat(`"source/s" `, n) + `]}){nodes{id}}}`
	},
		"BAD_USER_INPUT", "lens.sources: at most 1000 ids, 1001 are given"},
	{"characters of a search", 200, func(n int) string { return `{search(text:"` + strings.Repeat("é", n) + `"){totalCount}}` },
		"BAD_USER_INPUT", "text: at most 200 characters are searched for, 201 are given"},
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// columns selects n columns of a group, up to some levels below it.
func columns(n, levels int) string {
	names := []string{"id", "name", "aliases", "description", "actorType", "structure", "founded", "dissolved", "tlp", "compartments", "recordedAt", "retractedAt"}
	own := names[:min(n, len(names))]
	text := strings.Join(own, " ")
	n -= len(own)
	for _, link := range []string{"alliedWith", "rivalOf", "subgroupOf", "subgroups", "splinteredFrom", "splinters"} {
		if n == 0 {
			return text
		}
		below := min(n-1, 100)
		if levels == 1 {
			below = min(below, len(names))
		}
		n -= 1 + below
		if below == 0 {
			text += " " + link + "{totalCount}"
		} else {
			text += " " + link + "(first:1){nodes{" + columns(below, levels-1) + "}}"
		}
	}
	if n > 0 {
		panic("too many columns for these levels")
	}
	return text
}

// Every query at a limit is answered by a real store without an error, the largest ones included; beyond it, it is refused
// before a store is asked.
func TestLimits(t *testing.T) {
	r := small(t)
	served := graph.NewAPI(r.model, r.store(), graph.Options{})
	untouched := graph.NewAPI(r.model, untouchable{t}, graph.Options{})
	for _, l := range limits {
		t.Run(l.name, func(t *testing.T) {
			if l.name != "fields of a fragment that is not spread" {
				data(t, served, l.query(l.largest), "")
			} else if p := refused(t, untouched, graph.Request{Query: l.query(l.largest)}); p.Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("refused with %+v", p)
			}
			p := refused(t, untouched, graph.Request{Query: l.query(l.largest + 1)})
			if p.Extensions.Code != l.code || p.Message != l.message {
				t.Errorf("refused with %+v", p)
			}
		})
	}
}

func TestTokensAreCounted(t *testing.T) {
	tokens := lexer.New(&ast.Source{Input: limits[0].query(10_000)})
	n := 0
	for {
		token, err := tokens.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		if token.Kind == lexer.EOF {
			break
		}
		n++
	}
	if n != 10_000 {
		t.Errorf("the query has %d tokens", n)
	}
}

func TestFirstBelowOne(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, untouchable{t}, graph.Options{})
	for _, query := range []string{
		`{groups(first:%d){totalCount}}`, `{groups{nodes{operates(first:%d){totalCount}}}}`, `{search(text:"a",first:%d){totalCount}}`,
		`{group(id:"group/a"){operates{edges{claims(first:%d){id}}}}}`, `{neighbourhood(of:"group/a"){kinds{nodes(first:%d){id}}}}`,
	} {
		for _, n := range []int{0, -1, -2147483648} {
			p := refused(t, api, graph.Request{Query: fmt.Sprintf(query, n)})
			if p.Message != fmt.Sprintf("first: 1 to 100, not %d", n) || p.Extensions.Argument != "first" || p.Extensions.Code != "BAD_USER_INPUT" {
				t.Errorf("%s with %d: %+v", query, n, p)
			}
		}
	}
	served := graph.NewAPI(r.model, r.store(), graph.Options{})
	if got := data(t, served, `{groups(first:1){nodes{id}}}`, ""); got != `{"groups":{"nodes":[{"id":"group/a"}]}}` {
		t.Error(got)
	}
}

// What would take exponential or quadratic time is refused in the time that its text takes to read.
func TestRefusalTakesLinearTime(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, untouchable{t}, graph.Options{})
	doubling := `{groups{nodes{...F0}}}`
	for i := range 400 {
		doubling += fmt.Sprintf(" fragment F%d on Group{...F%d ...F%d id}", i, i+1, i+1)
	}
	unspread := `{groups{totalCount}}`
	for i := range 400 {
		unspread += fmt.Sprintf(" fragment F%d on Group{...F%d ...F%d source{...F%d} id}", i, i+1, i+1, i+1)
	}
	for name, query := range map[string]string{
		"doubling fragments":            doubling + " fragment F400 on Group{id}",
		"doubling fragments, unspread":  unspread + " fragment F400 on Group{id}",
		"a cycle":                       `{groups{nodes{...A}}} fragment A on Group{...B ...B} fragment B on Group{...A ...A}`,
		"a cycle of itself":             `{groups{nodes{...A}}} fragment A on Group{alliedWith{nodes{...A}}}`,
		"one fragment with all tokens":  `{groups{totalCount}} fragment F on Group{` + strings.Repeat("id ", 9900) + `}`,
		"introspection that multiplies": `{__schema{types{` + numbered(45, "a%d:fields{type{b:ofType{fields{name}} ofType{ofType{fields{name}}}}}") + `}}}`,
		"introspection by many roots":   `{` + numbered(20, "a%d:__schema{types{fields{type{fields{name} ofType{fields{name}}}}}}") + `}`,
		"introspection by fragments": `{__schema{types{...F0 ...F0}}}` + func() (s string) {
			for i := range 20 {
				s += fmt.Sprintf(" fragment F%d on __Type{...F%d ofType{...F%d}}", i, i+1, i+1)
			}
			return s + " fragment F20 on __Type{name}"
		}(),
	} {
		start := time.Now()
		refused(t, api, graph.Request{Query: query})
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

// GraphiQL and every other client ask this when they start.
func TestTheUsualIntrospectionIsServed(t *testing.T) {
	r := small(t)
	got := data(t, graph.NewAPI(r.model, untouchable{t}, graph.Options{}), `{ __schema { queryType { name } mutationType { name } subscriptionType { name }
		types { ...FullType } directives { name description locations args { ...InputValue } } } }
	fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
		inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
	fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
	fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`, "")
	if !strings.Contains(got, `"mutationType":null`) || !strings.Contains(got, `"RelatedGroupConnection"`) {
		t.Errorf("%.500s", got)
	}
}

// The widest row that the limits let through: one column for every field of every kind, and a hundred aliased connections.
func TestWidestRows(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	aliased := numbered(100, `a%d:operates(first:1,where:{name:{contains:"o"}}){totalCount edges{cursor firstSeen node{id}}}`)
	got := data(t, api, `{group(id:"group/a"){`+aliased+`}}`, "")
	if n := strings.Count(got, `"totalCount":1,"edges":[{"cursor":"`); n != 100 {
		t.Errorf("%d of 100 connections are answered: %.300s", n, got)
	}
	data(t, api, `{groups(first:5){nodes{`+aliased+`}}}`, "")
	query := `{nodes(ids:["group/a","event/e","place/kh"]){__typename`
	for _, k := range r.model.Kinds {
		query += " ... on " + k.Name + "{"
		for _, p := range k.Properties {
			if p.Reference == nil {
				query += k.Name + "_" + p.Name + ":" + p.Name + " "
			}
		}
		query += "}"
	}
	if p := refused(t, api, graph.Request{Query: query + "}}"}); p.Extensions.Code != "COMPLEXITY_LIMIT_EXCEEDED" {
		t.Errorf("aliases: %+v", p)
	}
	query = `{nodes(ids:["group/a","event/e","place/kh"]){__typename`
	for _, k := range r.model.Kinds {
		query += " ... on " + k.Name + "{"
		for _, l := range k.Links {
			if l.Many {
				query += l.Name + "(first:1){totalCount} "
			} else {
				query += l.Name + "{id} "
			}
		}
		query += "}"
	}
	got = data(t, api, strings.ReplaceAll(query, "totalCount", "totalCount pageInfo{endCursor}")+"}}", "")
	if !strings.Contains(got, `"operates":{"totalCount":1`) || !strings.Contains(got, `"participants":{"totalCount":2`) {
		t.Errorf("%.600s", got)
	}
}

// The limits of plans, all reached at once.
func TestLargestPlans(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	values := `["` + strings.Repeat(`Beta","`, 999) + `Beta"]`
	const lens = `lens:{asOf:"2020",during:{from:"2019",to:"2021"},knownAt:"2024",dated:ONLY,minReliability:C,minCredibility:4,minConfidence:1,stances:ASSERTS,modalities:[STATES,CAN],sources:"source/s",excludeSources:"source/u",maxTlp:RED,compartments:"x"},`
	for name, query := range map[string]string{
		"columns and conditions": `query($in:[String!]){groups(first:1,where:{or:[` + strings.Repeat(`{name:{in:$in}}`, 99) + `]}){totalCount nodes{` + columns(500, 4) + `}}}`,
		"relations of relations": `query($in:[String!]){groups(` + lens + `where:` + strings.Repeat(`{not:{alliedWith:{none:{claim:{or:[{credibility:{gt:1}},{role:{isNull:false}}]},node:`, 7) + `{name:{in:$in}}` + strings.Repeat(`}}}}`, 7) + `){totalCount nodes{id}}}`,
		"and in or in and":       `query($in:[String!]){groups(where:` + strings.Repeat(`{or:[{and:[`, 48) + `{name:{in:$in}}` + strings.Repeat(`]}]}`, 48) + `){totalCount nodes{id}}}`,
		"eight levels of edges": `query($in:[String!]){groups(` + lens + `first:1,where:{name:{in:$in}}){edges{node{` + strings.Repeat(`alliedWith(first:1,orderBy:{field:LAST_SEEN,direction:DESC}){pageInfo{endCursor} totalCount edges{cursor disputed firstSeen lastSeen claimCount claims(first:2){id source{id name}} node{`, 6) +
			`alliedWith(first:1){nodes{id}}` + strings.Repeat(`}}}`, 6) + `}}}}`,
	} {
		if got := execute(t, api, request(t, query, `{"in":`+values+`}`)); !strings.HasPrefix(got, `{"data":`) {
			t.Errorf("%s: %.400s", name, got)
		}
	}
	var questions map[string]lookahead.Question
	questions, errs := api.Questions(graph.Request{Query: `{groups(first:1){nodes{` + columns(500, 4) + `}}}`}, everything)
	if errs != nil || questions["groups"].Plan.Cost().Columns != 500 {
		t.Errorf("%v, %+v", errs, questions["groups"].Plan.Cost())
	}
}

func TestBodySize(t *testing.T) {
	r := small(t)
	s := graph.NewServer(graph.NewAPI(r.model, nothing, graph.Options{}), nothing, graph.ServerOptions{MaxBody: 200})
	text := body(t, `{groups{totalCount}}`)
	if w := call(s, "POST", "/graphql", text+strings.Repeat(" ", 200-len(text)), "Content-Type", contentJSON); w.Code != http.StatusOK {
		t.Errorf("200 bytes: %d %s", w.Code, w.Body)
	}
	w := call(s, "POST", "/graphql", text+strings.Repeat(" ", 201-len(text)), "Content-Type", contentJSON)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), `"the request is longer than 200 bytes"`) || !strings.Contains(w.Body.String(), `"BAD_USER_INPUT"`) {
		t.Errorf("201 bytes: %d %s", w.Code, w.Body)
	}
	s = graph.NewServer(graph.NewAPI(r.model, nothing, graph.Options{}), nothing, graph.ServerOptions{})
	for size, want := range map[int]int{1 << 20: http.StatusOK, 1<<20 + 1: http.StatusRequestEntityTooLarge} {
		if w := call(s, "POST", "/graphql", text+strings.Repeat(" ", size-len(text)), "Content-Type", contentJSON); w.Code != want {
			t.Errorf("%d bytes: %d %s", size, w.Code, w.Body)
		}
	}
}

// gate is a store that answers when it is opened, and says how many wait.
type gate struct {
	waiting chan struct{}
	open    chan struct{}
}

func (g gate) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	g.waiting <- struct{}{}
	select {
	case <-g.open:
		return nothing(ctx, p)
	case <-ctx.Done():
		return store.Value{}, store.Errorf(store.CodeDeadline, "query", "", "waiting at secret/path: %w", ctx.Err())
	}
}

func (gate) Revision(context.Context) (int64, error) { return 1, nil }

func (gate) Touched(context.Context, int64) (store.Touched, error) {
	return store.Touched{Revision: 1}, nil
}

func (gate) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	return func(func(store.Record, error) bool) {}
}

func TestConcurrency(t *testing.T) {
	r := small(t)
	g := gate{make(chan struct{}, 8), make(chan struct{})}
	s := graph.NewServer(graph.NewAPI(r.model, g, graph.Options{}), g, graph.ServerOptions{Concurrency: 2, Patience: 30 * time.Millisecond})
	text := body(t, `{groups{totalCount}}`)
	var under sync.WaitGroup
	for range 2 {
		under.Go(func() {
			if w := call(s, "POST", "/graphql", text, "Content-Type", contentJSON); w.Code != http.StatusOK {
				t.Errorf("within the limit: %d %s", w.Code, w.Body)
			}
		})
		<-g.waiting
	}
	start := time.Now()
	w := call(s, "POST", "/graphql", text, "Content-Type", contentJSON)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "SERVICE_UNAVAILABLE") {
		t.Errorf("beyond it: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if d := time.Since(start); d < 30*time.Millisecond {
		t.Errorf("refused after %v, without patience", d)
	}
	if w := call(s, "GET", "/healthz", ""); w.Code != http.StatusOK {
		t.Errorf("health of a busy server: %d", w.Code)
	}
	close(g.open)
	under.Wait()
	if w := call(s, "POST", "/graphql", text, "Content-Type", contentJSON); w.Code != http.StatusOK {
		t.Errorf("after the others: %d %s", w.Code, w.Body)
	}
}

func TestDeadline(t *testing.T) {
	r := small(t)
	g := gate{make(chan struct{}, 8), make(chan struct{})}
	api := graph.NewAPI(r.model, g, graph.Options{Timeout: 20 * time.Millisecond})
	start := time.Now()
	got := execute(t, api, graph.Request{Query: `{groups{totalCount} group(id:"group/a"){id}}`})
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("stopped after %v", d)
	}
	if strings.Contains(got, "secret") || !strings.Contains(got, `"data":null`) {
		t.Error(got)
	}
	if n := strings.Count(got, `"extensions":{"code":"DEADLINE_EXCEEDED"}`); n != 2 {
		t.Errorf("%d of 2 fields report the deadline: %s", n, got)
	}
}
