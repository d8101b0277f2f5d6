package lookahead_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/graph/generated"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

func reader(t *testing.T) *lookahead.Reader {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return &lookahead.Reader{Model: m, Schema: generated.NewExecutableSchema(generated.Config{}).Schema(), Limits: plan.DefaultLimits}
}

func operation(t *testing.T, r *lookahead.Reader, query string) *ast.OperationDefinition {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(r.Schema, query, rules.NewDefaultRules())
	if errs != nil {
		t.Fatalf("%s: %v", query, errs)
	}
	return doc.Operations[0]
}

// planned gives the plan of the only root field of a query.
func planned(t *testing.T, r *lookahead.Reader, query string, access lookahead.Access) plan.Plan {
	t.Helper()
	op := operation(t, r, query)
	vars, err := r.Variables(op, nil)
	if err != nil {
		t.Fatal(err)
	}
	q, err := r.Question(lookahead.RootFields(op, vars)[0], vars, access)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return q.Plan
}

// A plan reads what is selected once, however often and in however many ways it is selected.
func TestPlans(t *testing.T) {
	r := reader(t)
	const lens = "lens: any tlp, compartments [], evidence all\n"
	for _, c := range []struct{ query, want string }{
		{`{groups{totalCount}}`, "page Group total order name id\n" + lens},
		{`{groups{pageInfo{hasNextPage}}}`, "page Group first 25 order name id\n" + lens},
		{`{groups{__typename pageInfo{__typename}}}`, "page Group order name id\n" + lens},
		{`{groups(first:3,orderBy:[{field:FOUNDED,direction:DESC}]){nodes{id n:name name ...F} edges{cursor node{id ...F}}}} fragment F on Entity{name description}`,
			"page Group first 3 order founded desc id\n  id, name, description\n" + lens},
		{`{group(id:"group/a"){operates{edges{disputed d:disputed firstSeen claims{id} c:claims(first:2){id role} node{id}} nodes{id} again:edges{claimCount}}}}`,
			"lookup Group group/a\n  -OPERATES-> Route first 10 order name id\n    disputed\n    firstSeen\n    claims first 10\n      id\n    claims first 2\n      id, role\n    claimCount\n    id\n" + lens},
		{`{event(id:"event/e"){participants{nodes{id ...A ... on Group{operates{totalCount}}} edges{node{...A}} x:nodes{...A}}}} fragment A on Actor{name participatedIn{totalCount} ... on Person{memberOf{totalCount}}}`,
			"lookup Event event/e\n  <-PARTICIPATED_IN- Actor first 10 order name id\n    kind, id, name\n    -PARTICIPATED_IN-> Event total order name id\n    -OPERATES-> of Group Route total order name id\n    -MEMBER_OF-> of Person Group total order name id\n" + lens},
		{`{group(id:"group/a"){a:operates{totalCount} b:operates{totalCount}}}`,
			"lookup Group group/a\n  -OPERATES-> Route total order name id\n  -OPERATES-> Route total order name id\n" + lens},
		{`{groups(where:{name:{eq:"x"},or:[{founded:{gt:"2001-05"}},{operates:{none:{claim:{low:{isNull:true}}}}}]},lens:{maxTlp:GREEN,asOf:"2020",stances:[DENIES]}){totalCount}}`,
			"page Group total order name id\n  where (name eq [x] and (founded gt [34421] or not some -OPERATES-> (true claim low isNull [])))\nlens: max tlp 2, compartments [], evidence as of 2020, stances [2]\n"},
	} {
		if got := planned(t, r, c.query, lookahead.Access{}).String(); got != c.want {
			t.Errorf("%s\nis planned as\n%snot as\n%s", c.query, got, c.want)
		}
	}
}

// The same question always gives the same plan.
func TestPlansAreDeterministic(t *testing.T) {
	r := reader(t)
	const query = `{groups(where:{name:{gt:"a",lt:"z",eq:"m"},founded:{isNull:false},operates:{some:{node:{name:{eq:"x"}},claim:{low:{gt:1}}},none:{}},not:{id:{in:["a","b"]}}},lens:{sources:["b","a"],minReliability:B,asOf:"2020",dated:ONLY}){nodes{id}}}`
	want := planned(t, r, query, lookahead.Access{}).String()
	for range 20 {
		if got := planned(t, r, query, lookahead.Access{}).String(); got != want {
			t.Fatalf("%s\nand\n%s", got, want)
		}
	}
}

func TestAccessNarrowsTheLens(t *testing.T) {
	r := reader(t)
	p := planned(t, r, `{groups(lens:{maxTlp:RED,compartments:["b","c"]}){totalCount}}`, lookahead.Access{MaxTlp: 2, Compartments: []string{"a", "b"}})
	if p.Lens.Record.MaxTlp != 2 || !reflect.DeepEqual(p.Lens.Record.Compartments, []string{"b"}) || p.Lens.Record.All {
		t.Errorf("%+v", p.Lens.Record)
	}
}

// Variables become what the schema says, with nothing guessed: the same values that literals become.
func TestVariables(t *testing.T) {
	r := reader(t)
	op := operation(t, r, `query($i:Int=7,$f:Float,$s:String,$b:Boolean,$id:ID,$ids:[ID!],$d:Date,$t:Tlp=GREEN,$o:[GroupOrder!],$w:GroupWhere,$absent:Int,$null:String) {
		groups(first:1,where:$w,orderBy:$o,after:$s,lens:{asOf:$d,maxTlp:$t,minConfidence:$i,sources:$ids,minCredibility:$absent}){nodes{name @include(if:true)}}
		b:group(id:"x"){name @skip(if:false) estimates(where:{low:{eq:$f},id:{eq:$id},metric:{isNull:$b},unit:{eq:$null}}){totalCount}}
	}`)
	decoder := json.NewDecoder(strings.NewReader(`{"f":5,"s":"a","b":true,"id":12,"ids":"a","d":"2020","o":{"field":"NAME"},"w":{"and":{"name":{"in":"x"}},"founded":null,"operates":{"some":{"claim":{"low":{"gt":1}}}}},"null":null}`))
	decoder.UseNumber()
	var given map[string]any
	if err := decoder.Decode(&given); err != nil {
		t.Fatal(err)
	}
	got, err := r.Variables(op, given)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"i": int64(7), "f": 5.0, "s": "a", "b": true, "id": "12", "ids": []any{"a"}, "d": "2020", "t": "GREEN", "null": nil,
		"o": []any{map[string]any{"field": "NAME", "direction": "ASC"}},
		"w": map[string]any{"and": []any{map[string]any{"name": map[string]any{"in": []any{"x"}}}}, "founded": nil,
			"operates": map[string]any{"some": map[string]any{"claim": map[string]any{"low": map[string]any{"gt": 1.0}}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%#v\nnot\n%#v", got, want)
	}
	if again, err := r.Variables(op, got); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("a second time: %#v, %v", again, err)
	}
}

func TestRefusalsHaveACode(t *testing.T) {
	r := reader(t)
	r.Limits.Rows = 10
	for query, want := range map[string]string{
		`{groups(first:0){totalCount}}`:        lookahead.BadUserInput,
		`{groups(lens:{asOf:"x"}){nodes{id}}}`: lookahead.BadUserInput,
		`{groups(first:11){nodes{id}}}`:        lookahead.ComplexityLimitExceeded,
	} {
		op := operation(t, r, query)
		_, err := r.Question(lookahead.RootFields(op, nil)[0], nil, lookahead.Access{})
		var refused *gqlerror.Error
		if !errors.As(err, &refused) || refused.Extensions["code"] != want {
			t.Errorf("%s: %v", query, err)
		}
	}
}
