package graph_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/plan"
)

// asked sends any request through all that reads it. It must not take long, what is accepted must lie within the limits, and a
// real store must be able to answer it.
func asked(t *testing.T, api *graph.API, r graph.Request) {
	start := time.Now()
	questions, errs := api.Questions(r, lookahead.Access{})
	if (errs == nil) != (questions != nil) {
		t.Errorf("%d questions and %v", len(questions), errs)
	}
	for _, e := range errs {
		if code, _ := e.Extensions["code"].(string); code == "" || code == "INTERNAL_SERVER_ERROR" {
			t.Errorf("refused with %+v", e)
		}
	}
	for _, q := range questions {
		if err := plan.DefaultLimits.Check(q.Plan.Cost()); err != nil {
			t.Errorf("accepted: %v", err)
		}
		if q.Plan.String() == "" {
			t.Error("the plan cannot be printed")
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("read in %v", d)
	}
	response := api.Execute(t.Context(), r, lookahead.Access{})
	b, err := response.Append(nil)
	if err != nil || !json.Valid(b) {
		t.Errorf("%v: %s", err, b)
	}
	if bytes.Contains(b, []byte(`"INTERNAL_SERVER_ERROR"`)) || (errs == nil) == response.Refused() {
		t.Errorf("answered with %s", b)
	}
}

func variables(text string) (map[string]any, bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v map[string]any
	return v, decoder.Decode(&v) == nil
}

func FuzzQuery(f *testing.F) {
	r := small(f)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	for _, query := range []string{
		`{groups{totalCount nodes{id name aliases founded operates{edges{cursor claims{id low} firstSeen node{id}}}}}}`,
		`query A($n:Int=1,$w:GroupWhere){groups(first:$n,where:$w,orderBy:[{field:NAME,direction:DESC}],after:null){pageInfo{endCursor hasNextPage}}}`,
		`{node(id:"event/e"){__typename ...F ... on Statement{low}}} fragment F on Entity{name @skip(if:false) ... @include(if:true){id}}`,
		`{nodes(ids:["group/a",5]){id} search(text:"alph",kinds:[Group],first:2){totalCount truncated nodes{name}} neighbourhood(of:"group/a",depth:2){totalCount kinds{kind count nodes(first:1){id}}}}`,
		`{groups(lens:{asOf:"2020",during:{from:"2019",to:"2021-05-05"},knownAt:"2024",minReliability:C,stances:ASSERTS,sources:["source/s"],maxTlp:RED,compartments:[]}){totalCount}}`,
		`{groups(where:{and:[{or:[{name:{in:["Beta"]}},{not:{founded:{lte:"1999"}}}]},{operates:{none:{claim:{low:{gt:1.5e3}}}}}]}){nodes{alliedWith(claim:{credibility:{lt:3}},orderBy:{field:LAST_SEEN}){totalCount}}}}`,
		`{__schema{types{name}} __type(name:"Group"){fields{name}}}`, `mutation{a}`, `{`, `{...F} fragment F on Query{...F}`, "{groups{nodes{id\n#", `query($a:[[Int!]!]=[[1]]){__typename}`,
		`{groups(first:99999999999){totalCount}}`, `{search(text:"""block "quoted" \""" """){totalCount}}`, `{search(text:"\u0000\uD83D\uDE00"){totalCount}}`,
	} {
		f.Add(query, `{"n":2,"w":{"name":{"eq":"Beta"}}}`)
	}
	f.Fuzz(func(t *testing.T, query, vars string) {
		v, _ := variables(vars)
		asked(t, api, graph.Request{Query: query, Variables: v})
	})
}

func FuzzVariables(f *testing.F) {
	r := small(f)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	for _, v := range []string{
		`{"where":{"or":[{"name":{"contains":"a","in":["x"]}},{"not":{"founded":{"eq":"2001"}}}]},"lens":{"during":{"from":"2001-02"}},"order":[{"field":"NAME"}],"first":5}`,
		`{"where":{"operates":{"some":{"node":{"id":{"startsWith":"r"}},"claim":{"validFrom":{"isNull":true}}}},"basedIn":{"latitude":{"gte":-1.5}}},"lens":{"minConfidence":5,"sources":"a"}}`,
		`{"where":{"and":[],"id":{"in":[1,"b"]}},"after":"AAAA","text":"x\u0000y","ids":[7]}`, `{"lens":{"compartments":["a",""],"maxTlp":"RED","dated":"ONLY"},"text":"Ж"}`,
		`{"where":null,"order":null,"lens":null,"after":null}`, `{"order":{"field":"ID","direction":"DESC"},"ids":"group/a"}`,
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, vars string) {
		v, ok := variables(vars)
		if !ok {
			return
		}
		asked(t, api, graph.Request{Variables: v, Query: `query($where:GroupWhere,$lens:Lens,$order:[GroupOrder!],$first:Int!=3,$after:String,$text:String!="a",$ids:[ID!]!=["group/a"]){
			groups(where:$where,lens:$lens,orderBy:$order,first:$first,after:$after){totalCount nodes{id} pageInfo{endCursor}} search(text:$text,lens:$lens){totalCount} nodes(ids:$ids,lens:$lens){id}}`})
	})
}
