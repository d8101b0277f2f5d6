package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
)

// Selections of every shape, on the small graph.
func TestSelections(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	for _, c := range []struct{ name, query, variables, want string }{
		{"aliases", `{g:group(id:"group/a"){n:name m:name id}}`, ``, `{"g":{"n":"Alpha & <Sons>","m":"Alpha & <Sons>","id":"group/a"}}`},
		{"nothing there", `{group(id:"group/nobody"){id} node(id:"place/none"){id} event(id:"event/none"){id}}`, ``, `{"group":null,"node":null,"event":null}`},
		{"nodes in the order asked", `{nodes(ids:["event/e","group/nobody","group/a","event/e"]){id __typename}}`, ``,
			`{"nodes":[{"id":"event/e","__typename":"Event"},null,{"id":"group/a","__typename":"Group"},{"id":"event/e","__typename":"Event"}]}`},
		{"no nodes", `{nodes(ids:[]){id}}`, ``, `{"nodes":[]}`},
		{"an integer as an id", `query($i:ID!){groups(where:{id:{in:[$i 7]}}){totalCount}}`, `{"i":5}`, `{"groups":{"totalCount":0}}`},

		{"a named fragment", `{group(id:"group/a"){...F}} fragment F on Group{id ...G} fragment G on Entity{name}`, ``, `{"group":{"id":"group/a","name":"Alpha & <Sons>"}}`},
		{"the same fragment twice", `{group(id:"group/a"){...F id ...F}} fragment F on Group{name}`, ``, `{"group":{"name":"Alpha & <Sons>","id":"group/a"}}`},
		{"fragments without a type", `{...{group(id:"group/a"){...{...@include(if:true){id}}}}}`, ``, `{"group":{"id":"group/a"}}`},
		{"fragments on interfaces", `{node(id:"group/a"){... on Entity{name} ... on Actor{aliases} ... on Group{founded} ... on Event{kind} ... on Statement{low} ... on Node{id}}}`, ``,
			`{"node":{"name":"Alpha & <Sons>","aliases":["Ål","Alf"],"founded":"1969-05","id":"group/a"}}`},
		{"a fragment on Statement", `{node(id:"event/e"){... on Statement{low validFrom ... on Event{kind}}}}`, ``, `{"node":{"low":40,"validFrom":"2023-11","kind":"HANDOVER"}}`},
		{"a fragment on Statement in a claim", `{group(id:"group/a"){participatedIn{edges{claims{... on Statement{credibility} ... on Claim{role}}}}}}`, ``,
			`{"group":{"participatedIn":{"edges":[{"claims":[{"credibility":2,"role":"suspect"}]}]}}}`},
		{"one key, two kinds, two properties", `{nodes(ids:["group/a","event/e"]){... on Group{x:founded} ... on Event{x:validFrom}}}`, ``, `{"nodes":[{"x":"1969-05"},{"x":"2023-11"}]}`},
		{"one name, two vocabularies", `{nodes(ids:["place/kh","event/e","commodity/arms"]){... on Place{a:kind} ... on Event{b:kind} ... on Commodity{c:kind}}}`, ``,
			`{"nodes":[{"a":"COUNTRY"},{"b":"HANDOVER"},{"c":"MARKET"}]}`},
		{"links behind an interface", `{nodes(ids:["group/a","person/p","event/e"]){... on Actor{participatedIn{nodes{id}}} ... on Event{participants{nodes{__typename ... on Group{founded} ... on Person{status}}}}}}`, ``,
			`{"nodes":[{"participatedIn":{"nodes":[{"id":"event/e"}]}},{"participatedIn":{"nodes":[{"id":"event/e"}]}},{"participants":{"nodes":[{"__typename":"Group","founded":"1969-05"},{"__typename":"Person","status":null}]}}]}`},
		{"one kind's part of a shared link", `{event(id:"event/e"){participants{nodes{...F}} again:participants{edges{node{...F}}}}} fragment F on Actor{... on Group{operates{totalCount}} estimates{nodes{low}}}`, ``,
			`{"event":{"participants":{"nodes":[{"operates":{"totalCount":1},"estimates":{"nodes":[{"low":25000}]}},{"estimates":{"nodes":[]}}]},"again":{"edges":[{"node":{"operates":{"totalCount":1},"estimates":{"nodes":[{"low":25000}]}}},{"node":{"estimates":{"nodes":[]}}}]}}}`},

		{"skip and include", `query($y:Boolean!,$n:Boolean=false){group(id:"group/a"){id @skip(if:$y) name @include(if:$y) aliases @include(if:$n) founded @skip(if:$n) @include(if:$y) dissolved @skip(if:$y) @include(if:$y) ...F @skip(if:$y)}} fragment F on Group{tlp}`,
			`{"y":true}`, `{"group":{"name":"Alpha & <Sons>","founded":"1969-05"}}`},
		{"skipped roots", `query($y:Boolean!){a:groups @skip(if:$y){totalCount} ...F @include(if:$y) b:group(id:"group/a") @include(if:$y){id}} fragment F on Query{c:groups{totalCount}}`, `{"y":true}`, `{"c":{"totalCount":3},"b":{"id":"group/a"}}`},
		{"everything skipped", `{group(id:"group/a"){id @skip(if:true)} groups{nodes @include(if:false){id}} events{nodes{id @skip(if:true) participants{edges{cursor @skip(if:true) claims{id @skip(if:true)}}}}} search(text:"beta"){totalCount @skip(if:true)} neighbourhood(of:"group/c"){kinds{kind @skip(if:true)}} node(id:"group/a"){... on Group @skip(if:true){id}}}`, ``,
			`{"group":{},"groups":{},"events":{"nodes":[{"participants":{"edges":[{"claims":[{}]},{"claims":[{}]}]}}]},"search":{},"neighbourhood":{"kinds":[{}]},"node":{}}`},
		{"every root skipped", `{groups @skip(if:true){totalCount}}`, ``, `{}`},
		{"what is deferred comes at once", `{... @defer{groups{totalCount}} group(id:"group/a"){... @defer(label:"x"){id}}}`, ``, `{"groups":{"totalCount":3},"group":{"id":"group/a"}}`},

		{"__typename everywhere", `{__typename groups(first:1){__typename edges{__typename node{__typename operates{__typename edges{__typename claims(first:1){__typename source{__typename}}} pageInfo{__typename}}}} pageInfo{__typename}} search(text:"arms"){__typename nodes{__typename}} neighbourhood(of:"commodity/arms"){__typename kinds{__typename nodes{__typename}}}}`, ``,
			`{"__typename":"Query","groups":{"__typename":"GroupConnection","edges":[{"__typename":"GroupEdge","node":{"__typename":"Group","operates":{"__typename":"RelatedRouteConnection","edges":[{"__typename":"RelatedRouteEdge","claims":[{"__typename":"Claim","source":{"__typename":"Source"}}]}],"pageInfo":{"__typename":"PageInfo"}}}}],"pageInfo":{"__typename":"PageInfo"}},"search":{"__typename":"EntitySearch","nodes":[{"__typename":"Commodity"}]},"neighbourhood":{"__typename":"Neighbourhood","kinds":[{"__typename":"KindCount","nodes":[{"__typename":"Route"}]}]}}`},
		{"__typename alone", `{groups{__typename} a:search(text:"x"){__typename} b:neighbourhood(of:"group/a"){__typename} c:group(id:"group/a"){__typename} d:neighbourhood(of:"group/nobody"){__typename}}`, ``,
			`{"groups":{"__typename":"GroupConnection"},"a":{"__typename":"EntitySearch"},"b":{"__typename":"Neighbourhood"},"c":{"__typename":"Group"},"d":null}`},
		{"introspection beside data", `{group(id:"group/a"){id} __type(name:"Group"){name}}`, ``, `{"group":{"id":"group/a"},"__type":{"name":"Group"}}`},

		{"one key at the root, several times", `{groups(first:1){totalCount} ...F groups(first:1){nodes{name}}} fragment F on Query{groups(first:1){nodes{id}}}`, ``,
			`{"groups":{"totalCount":3,"nodes":[{"id":"group/a","name":"Alpha & <Sons>"}]}}`},
		{"one key below, several times", `{group(id:"group/a"){operates{edges{node{id}}} ...F operates{edges{node{name}}}}} fragment F on Group{operates{totalCount edges{claimCount}}}`, ``,
			`{"group":{"operates":{"edges":[{"node":{"id":"route/r","name":"Road"},"claimCount":2}],"totalCount":1}}}`},
		{"nodes and edges side by side", `{group(id:"group/a"){alliedWith{nodes{id} edges{node{name} disputed} n:nodes{name} e:edges{cursor @skip(if:true) node{id}}}}}`, ``,
			`{"group":{"alliedWith":{"nodes":[{"id":"group/b"},{"id":"group/c"}],"edges":[{"node":{"name":"Beta"},"disputed":false},{"node":{"name":"Gamma"},"disputed":false}],"n":[{"name":"Beta"},{"name":"Gamma"}],"e":[{"node":{"id":"group/b"}},{"node":{"id":"group/c"}}]}}}`},
		{"several aliases of one connection", `{group(id:"group/a"){a:alliedWith(first:1){nodes{id}} b:alliedWith(where:{name:{eq:"Gamma"}}){nodes{id}} c:alliedWith(claim:{credibility:{lte:2}}){totalCount}}}`, ``,
			`{"group":{"a":{"nodes":[{"id":"group/b"}]},"b":{"nodes":[{"id":"group/c"}]},"c":{"totalCount":1}}}`},
		{"claims with several first", `{group(id:"group/a"){operates{edges{claimCount one:claims(first:1){stance} all:claims{stance} none:claims(first:5){id @skip(if:true)}}}}}`, ``,
			`{"group":{"operates":{"edges":[{"claimCount":2,"one":[{"stance":"ASSERTS"}],"all":[{"stance":"ASSERTS"},{"stance":"DENIES"}],"none":[{},{}]}]}}}`},
		{"what an edge tells", `{route(id:"route/r"){operatedBy{edges{node{id} disputed firstSeen lastSeen claimCount}}}}`, ``,
			`{"route":{"operatedBy":{"edges":[{"node":{"id":"group/a"},"disputed":true,"firstSeen":"2019-03","lastSeen":"2019-03","claimCount":2},{"node":{"id":"group/b"},"disputed":false,"firstSeen":"2015","lastSeen":"2018","claimCount":1}]}}}`},

		{"one order for a list of one", `{groups(orderBy:{field:NAME,direction:DESC}){nodes{id}} search(text:"alph",kinds:Person){nodes{id}}}`, ``,
			`{"groups":{"nodes":[{"id":"group/c"},{"id":"group/b"},{"id":"group/a"}]},"search":{"nodes":[{"id":"person/p"}]}}`},
		{"the same from variables", `query($o:[GroupOrder!],$k:[EntityKind!],$d:SortDirection!,$ids:[ID!]!){groups(orderBy:$o){nodes{id}} a:groups(orderBy:{field:NAME,direction:$d}){nodes{id}} search(text:"alph",kinds:$k){nodes{id}} nodes(ids:$ids){id}}`,
			`{"o":{"field":"NAME","direction":"DESC"},"k":"Person","d":"DESC","ids":"group/a"}`,
			`{"groups":{"nodes":[{"id":"group/c"},{"id":"group/b"},{"id":"group/a"}]},"a":{"nodes":[{"id":"group/c"},{"id":"group/b"},{"id":"group/a"}]},"search":{"nodes":[{"id":"person/p"}]},"nodes":[{"id":"group/a"}]}`},
		{"an order by id ends it", `{groups(orderBy:[{field:ID,direction:DESC},{field:NAME}]){nodes{id}}}`, ``, `{"groups":{"nodes":[{"id":"group/c"},{"id":"group/b"},{"id":"group/a"}]}}`},
		{"null arguments", `{groups(where:null,orderBy:null,after:null,lens:null){totalCount} a:groups(where:{and:null,not:null,name:null,operates:{some:null},basedIn:null},lens:{asOf:null,during:{from:null},sources:null}){totalCount}}`, ``,
			`{"groups":{"totalCount":3},"a":{"totalCount":3}}`},
		{"null and absent variables", `query($w:GroupWhere,$o:[GroupOrder!],$a:String,$l:Lens,$f:Int!=2,$k:[EntityKind!],$n:String,$d:Date){groups(where:$w,orderBy:$o,after:$a,lens:$l,first:$f){totalCount nodes{id}} search(text:"beta",kinds:$k,lens:{asOf:$d}){totalCount} x:groups(where:{name:{startsWith:"B",eq:$n}}){totalCount}}`,
			`{"w":null,"l":null}`, `{"groups":{"totalCount":3,"nodes":[{"id":"group/a"},{"id":"group/b"}]},"search":{"totalCount":1},"x":{"totalCount":1}}`},
		{"variables of every type", `query($id:ID!,$f:Int!,$w:GroupWhere!,$c:ClaimWhere,$o:[RelatedGroupOrder!],$l:Lens,$y:Boolean!,$low:Float,$tlp:Tlp,$d:Date){group(id:$id,lens:$l){alliedWith(first:$f,where:$w,claim:$c,orderBy:$o){nodes{id}} x:alliedWith(claim:{low:{gte:$low}}){nodes{id}} name @include(if:$y)} b:groups(lens:{maxTlp:$tlp,asOf:$d}){totalCount}}`,
			`{"id":"group/a","f":5,"w":{"or":[{"name":{"eq":"Beta"}},{"name":{"eq":"Gamma"}}]},"c":{"credibility":{"in":[1,3]}},"o":[{"field":"LAST_SEEN"},{"field":"NAME","direction":"DESC"}],"l":{"minCredibility":4,"sources":["source/s"]},"y":true,"low":0.1,"tlp":"GREEN","d":"2020"}`,
			`{"group":{"alliedWith":{"nodes":[{"id":"group/c"},{"id":"group/b"}]},"x":{"nodes":[{"id":"group/c"}]},"name":"Alpha & <Sons>"},"b":{"totalCount":3}}`},
		{"a whole number for a float", `query($l:Float){group(id:"group/a"){estimates(where:{low:{eq:$l},high:{eq:50000}}){totalCount}}}`, `{"l":25000}`, `{"group":{"estimates":{"totalCount":1}}}`},
		{"a variable nobody asked for", `query($f:Int=1){groups(first:$f){nodes{id}}}`, `{"g":7,"w":{"a":1}}`, `{"groups":{"nodes":[{"id":"group/a"}]}}`},

		{"and, or, not", `{groups(where:{and:[{or:[{name:{eq:"Beta"}},{not:{name:{gt:"B"}}}]},{not:{and:[{name:{eq:"Beta"}},{founded:{isNull:false}}]}}]}){nodes{id}}}`, ``, `{"groups":{"nodes":[{"id":"group/a"}]}}`},
		{"empty conditions", `{a:groups(where:{}){totalCount} b:groups(where:{and:[]}){totalCount} c:groups(where:{or:[]}){totalCount} d:groups(where:{not:{}}){totalCount} e:groups(where:{name:{}}){totalCount} f:groups(where:{name:{in:[]}}){totalCount}}`, ``,
			`{"a":{"totalCount":3},"b":{"totalCount":3},"c":{"totalCount":0},"d":{"totalCount":0},"e":{"totalCount":3},"f":{"totalCount":0}}`},
		{"some and none", `{a:groups(where:{operates:{some:{claim:{stance:{eq:DENIES}}}}}){nodes{id}} b:groups(where:{operates:{none:{}}}){nodes{id}} c:groups(where:{alliedWith:{some:{node:{operates:{some:{claim:{validTo:{lte:"2018"}}}}}}}}){nodes{id}} d:groups(where:{operates:{some:{claim:{stance:{eq:DENIES},validFrom:{isNull:false}}}}}){totalCount}}`, ``,
			`{"a":{"nodes":[{"id":"group/a"}]},"b":{"nodes":[{"id":"group/c"}]},"c":{"nodes":[{"id":"group/a"}]},"d":{"totalCount":0}}`},
		{"lists without claims, single links", `{groups(where:{estimates:{some:{metric:{eq:MEMBERS}}},basedIn:{countryCode:{eq:"KH"}}}){nodes{id}} a:groups(where:{estimates:{none:{}},not:{basedIn:{}}}){nodes{id}}}`, ``,
			`{"groups":{"nodes":[{"id":"group/a"}]},"a":{"nodes":[{"id":"group/b"},{"id":"group/c"}]}}`},
		{"folded text", `{a:groups(where:{aliases:{includes:"al"}}){totalCount} b:groups(where:{name:{contains:"SONS"}}){totalCount} c:groups(where:{name:{eq:"beta"}}){totalCount}}`, ``, `{"a":{"totalCount":1},"b":{"totalCount":1},"c":{"totalCount":0}}`},
		{"search", `{search(text:"ALPH",first:1){totalCount truncated nodes{id name}} none:search(text:"…"){totalCount truncated nodes{id}}}`, ``,
			`{"search":{"totalCount":2,"truncated":true,"nodes":[{"id":"group/a","name":"Alpha & <Sons>"}]},"none":{"totalCount":0,"truncated":false,"nodes":[]}}`},
		{"neighbourhood", `{neighbourhood(of:"group/a"){totalCount kinds{kind count nodes(first:1){id} more:nodes{... on Group{name}}}}}`, ``,
			`{"neighbourhood":{"totalCount":6,"kinds":[{"kind":"Group","count":2,"nodes":[{"id":"group/b"}],"more":[{"name":"Beta"},{"name":"Gamma"}]},{"kind":"Estimate","count":1,"nodes":[{"id":"estimate/m"}],"more":[{}]},{"kind":"Event","count":1,"nodes":[{"id":"event/e"}],"more":[{}]},{"kind":"Place","count":1,"nodes":[{"id":"place/kh"}],"more":[{}]},{"kind":"Route","count":1,"nodes":[{"id":"route/r"}],"more":[{}]}]}}`},

		{"lens: stance", `{group(id:"group/a",lens:{stances:[ASSERTS]}){operates{edges{claimCount disputed}}}}`, ``, `{"group":{"operates":{"edges":[{"claimCount":1,"disputed":false}]}}}`},
		{"lens: reliability", `{group(id:"group/a",lens:{minReliability:E}){operates{edges{claimCount}}}}`, ``, `{"group":{"operates":{"edges":[{"claimCount":1}]}}}`},
		{"lens: credibility", `{group(id:"group/a",lens:{minCredibility:5}){operates{edges{claimCount}}}}`, ``, `{"group":{"operates":{"edges":[{"claimCount":1}]}}}`},
		{"lens: sources", `{a:group(id:"group/a",lens:{sources:"source/u"}){operates{edges{claimCount}}} b:group(id:"group/a",lens:{excludeSources:["source/u"]}){operates{edges{claimCount}}} c:group(id:"group/a",lens:{sources:[]}){operates{totalCount}} d:group(id:"group/a",lens:{excludeSources:[]}){operates{edges{claimCount}}}}`, ``,
			`{"a":{"operates":{"edges":[{"claimCount":1}]}},"b":{"operates":{"edges":[{"claimCount":1}]}},"c":{"operates":{"totalCount":0}},"d":{"operates":{"edges":[{"claimCount":2}]}}}`},
		{"lens: days", `{a:group(id:"group/b",lens:{asOf:"2018-12-31"}){operates{totalCount}} b:group(id:"group/b",lens:{asOf:"2019-01-01"}){operates{totalCount}} c:group(id:"group/b",lens:{during:{to:"2014"}}){operates{totalCount}} d:group(id:"group/b",lens:{during:{from:"2018-12",to:"2018-12"}}){operates{totalCount}}}`, ``,
			`{"a":{"operates":{"totalCount":1}},"b":{"operates":{"totalCount":0}},"c":{"operates":{"totalCount":0}},"d":{"operates":{"totalCount":1}}}`},
		{"lens: dated, confidence", `{a:group(id:"group/a",lens:{dated:ONLY}){operates{edges{claimCount}} alliedWith{totalCount}} b:group(id:"group/a",lens:{minConfidence:80}){operates{edges{claimCount}}} c:group(id:"group/a",lens:{minConfidence:81}){operates{totalCount}}}`, ``,
			`{"a":{"operates":{"edges":[{"claimCount":1}]},"alliedWith":{"totalCount":0}},"b":{"operates":{"edges":[{"claimCount":1}]}},"c":{"operates":{"totalCount":0}}}`},
		{"lens: known at", `{a:groups(lens:{knownAt:"2019"}){totalCount} b:groups(lens:{knownAt:"2020-01-01"}){totalCount}}`, ``, `{"a":{"totalCount":0},"b":{"totalCount":3}}`},
	} {
		if got := unescaped(data(t, api, c.query, c.variables)); got != c.want {
			t.Errorf("%s: %s\nis answered with %s\nnot with         %s", c.name, c.query, got, c.want)
		}
	}
}

// unescaped makes answers readable: the encoder writes these three so that JSON is safe within HTML.
func unescaped(s string) string {
	return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(s)
}

// Dates are intervals, in the record and in the operand.
func TestDatesInWhere(t *testing.T) {
	r := &records{TB: t, model: load(t)}
	dates := []string{"2022", "2022-12", "2022-12-31", "2023", "2023-01", "2023-01-01", "2023-01-02", "2023-02", "2023-05-15", "2023-12", "2023-12-31", "2024", "2024-01-01", "2024-02-29", "1969", "1969-12-31", "1970-01-01", ""}
	r.node("Source", "source/s", values{"reliability": "A"})
	for i, d := range dates {
		r.node("Event", fmt.Sprintf("event/%02d", i), values{"validFrom": d, "validTo": d})
	}
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	holds := map[string]func(d, operand ontology.Date) bool{
		"eq":  func(d, o ontology.Date) bool { return d.First >= o.First && d.Last <= o.Last },
		"gt":  func(d, o ontology.Date) bool { return d.First > o.Last },
		"gte": func(d, o ontology.Date) bool { return d.First >= o.First },
		"lt":  func(d, o ontology.Date) bool { return d.Last < o.First },
		"lte": func(d, o ontology.Date) bool { return d.Last <= o.Last },
	}
	for _, operand := range dates[:len(dates)-1] {
		o, err := ontology.ParseDate(operand)
		if err != nil {
			t.Fatal(err)
		}
		for operator, hold := range holds {
			var want []string
			for i, text := range dates {
				if d, err := ontology.ParseDate(text); err == nil && hold(d, o) {
					want = append(want, fmt.Sprintf(`{"id":"event/%02d"}`, i))
				}
			}
			for _, property := range []string{"validFrom", "validTo"} {
				query := fmt.Sprintf(`{events(first:100,orderBy:{field:ID},where:{%s:{%s:%q}}){nodes{id}}}`, property, operator, operand)
				if got := data(t, api, query, ""); got != `{"events":{"nodes":[`+strings.Join(want, ",")+`]}}` {
					t.Errorf("%s %s %s: %s, not %v", property, operator, operand, got, want)
				}
				query = fmt.Sprintf(`{events(where:{not:{%s:{%s:%q}}}){totalCount}}`, property, operator, operand)
				if got := data(t, api, query, ""); got != fmt.Sprintf(`{"events":{"totalCount":%d}}`, len(dates)-len(want)) {
					t.Errorf("not %s %s %s: %s", property, operator, operand, got)
				}
			}
		}
	}
}

// Bad input is refused before the store is asked, with the place, the reason and the nearest valid choice.
func TestBadInput(t *testing.T) {
	api := graph.NewAPI(load(t), untouchable{t}, graph.Options{})
	const invalid, bad, unparsed = "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"
	for _, c := range []struct{ name, query, variables, code, argument, message string }{
		{"no query language", `groups`, ``, unparsed, "", `Unexpected Name "groups"`},
		{"an open brace", `{groups{`, ``, unparsed, "", `Expected Name, found <EOF>`},
		{"an empty selection", `{groups{}}`, ``, unparsed, "", `expected at least one definition, found }`},
		{"an unknown root", `{gruops{totalCount}}`, ``, invalid, "", `Cannot query field "gruops" on type "Query". Did you mean "groups" or "group"?`},
		{"an unknown field", `{groups{nodes{nmae}}}`, ``, invalid, "", `Cannot query field "nmae" on type "Group". Did you mean "name"?`},
		{"an unknown field of an edge", `{group(id:"a"){operates{edges{firstSeeen}}}}`, ``, invalid, "", `Did you mean "firstSeen" or "lastSeen"?`},
		{"a field of one kind on an interface", `{node(id:"a"){name}}`, ``, invalid, "", `Cannot query field "name" on type "Node". Did you mean to use an inline fragment on "Entity"`},
		{"an unknown argument", `{groups(frist:1){totalCount}}`, ``, invalid, "", `Unknown argument "frist" on field "Query.groups". Did you mean "first"?`},
		{"an unknown type", `{node(id:"a"){... on Gruop{id}}}`, ``, invalid, "", `Unknown type "Gruop".`},
		{"a fragment that can never apply", `{group(id:"a"){... on Person{id}}}`, ``, invalid, "", `can never be of type`},
		{"an unknown fragment", `{group(id:"a"){...F}}`, ``, invalid, "", `Unknown fragment "F".`},
		{"a fragment of itself", `{group(id:"a"){...F}} fragment F on Group{...F}`, ``, invalid, "", `Cannot spread fragment "F" within itself`},
		{"an empty fragment", `{group(id:"a"){...F}} fragment F on Group{}`, ``, unparsed, "", `expected at least one definition`},
		{"an unknown directive", `{groups @incldue(if:true){totalCount}}`, ``, invalid, "", `Unknown directive "@incldue"`},
		{"no selection", `{groups}`, ``, invalid, "", `must have a selection of subfields`},
		{"a selection of a value", `{groups{totalCount{id}}}`, ``, invalid, "", `Cannot query field "id" on type "Int".`},
		{"a missing argument", `{group{id}}`, ``, invalid, "", `argument "id" of type "ID!" is required`},
		{"a key for two things", `{groups{totalCount} groups(first:1){totalCount}}`, ``, invalid, "", `Fields "groups" conflict`},
		{"a key for two things below", `{group(id:"a"){x:name x:id}}`, ``, invalid, "", `Fields "x" conflict`},
		{"text that folds to nothing", `{groups(where:{name:{contains:"😀"}}){totalCount}}`, ``, bad, "where.name", `where.name.contains: "😀" has no letter or digit to compare`},
		{"an id of no form", `{node(id:"sinaloa"){id}}`, ``, bad, "id", `id: "sinaloa" is no id of kind Node; write kind/…`},
		{"an id of another kind", `{group(id:"place/mx"){id}}`, ``, bad, "id", `id: "place/mx" is no id of kind Group; write group/…`},
		{"an id of no form among others", `{nodes(ids:["group/a",""]){id}}`, ``, bad, "id", `id: "" is no id of kind Node`},
		{"a start of no form", `{neighbourhood(of:"mx"){totalCount}}`, ``, bad, "of", `of: "mx" is no id of kind Node`},
		{"an enum value far from all", `{groups(where:{actorType:{eq:MAFIA}}){totalCount}}`, ``, invalid, "", `"ActorType" enum; known are MAFIA_STYLE, CRIMINAL_NETWORK`},
		{"an unknown enum value", `{groups(orderBy:{field:NAM}){totalCount}}`, ``, invalid, "", `Did you mean the enum value "NAME"?`},
		{"an enum as text", `{groups(where:{actorType:{eq:"MAFIA_STYLE"}}){totalCount}}`, ``, invalid, "", `cannot represent non-enum value: "MAFIA_STYLE". Did you mean the enum value "MAFIA_STYLE"?`},
		{"an unknown field of a filter", `{groups(where:{nmae:{eq:"x"}}){totalCount}}`, ``, invalid, "", `Field "nmae" is not defined by type "GroupWhere". Did you mean "name"?`},
		{"text for a number", `{groups(first:"5"){totalCount}}`, ``, invalid, "", `Int cannot represent non-integer value: "5"`},
		{"a fraction for a number", `{groups(first:5.5){totalCount}}`, ``, invalid, "", `Int cannot represent non-integer value: 5.5`},
		{"a number that is too large", `{groups(first:99999999999999999999){totalCount}}`, ``, invalid, "", `Int cannot represent`},
		{"null for a number", `{groups(first:null){totalCount}}`, ``, invalid, "", `Expected value of type "Int!", found null.`},
		{"an object for an id", `{group(id:{}){id}}`, ``, invalid, "", `{} is no ID.`},
		{"an object for a text", `{search(text:{}){totalCount}}`, ``, invalid, "", `{} is no String.`},
		{"an object for a number", `{groups(first:{}){totalCount}}`, ``, invalid, "", `{} is no Int.`},
		{"an object for a mark", `{groups(lens:{maxTlp:{}}){totalCount}}`, ``, invalid, "", `{} is no Tlp.`},
		{"an object for a date", `{groups(lens:{asOf:{}}){totalCount}}`, ``, invalid, "", `{} is no Date.`},
		{"an object for a condition", `{groups @include(if:{}){totalCount}}`, ``, invalid, "", `{} is no Boolean.`},
		{"a variable that is not declared", `{groups(first:$n){totalCount}}`, ``, invalid, "", `Variable "$n" is not defined`},
		{"a variable that is not used", `query($n:Int){groups{totalCount}}`, ``, invalid, "", `Variable "$n" is never used`},
		{"a variable of another type", `query($n:String){groups(first:$n){totalCount}}`, ``, invalid, "", `Variable "$n" of type "String" used in position expecting type "Int!"`},
		{"a variable of an output type", `query($n:Group){groups(first:$n){totalCount}}`, ``, invalid, "", `"$n"`},

		{"a variable left out", `query($n:Int!){groups(first:$n){totalCount}}`, `{}`, bad, "$n", `$n: Int! is needed here, not null`},
		{"a variable that is null", `query($n:Int!){groups(first:$n){totalCount}}`, `{"n":null}`, bad, "$n", `$n: Int! is needed here, not null`},
		{"null where there is a default", `query($n:Int){groups(first:$n){totalCount}}`, `{"n":null}`, bad, "first", `first: Int! is needed here, not null`},
		{"text for an Int", `query($n:Int!){groups(first:$n){totalCount}}`, `{"n":"5"}`, bad, "$n", `$n: "5" is no Int`},
		{"a fraction for an Int", `query($n:Int!){groups(first:$n){totalCount}}`, `{"n":5.5}`, bad, "$n", `$n: 5.5 is no Int`},
		{"a float for an Int", `query($n:Int!){groups(first:$n){totalCount}}`, `{"n":5.0}`, bad, "$n", `$n: 5.0 is no Int`},
		{"a large Int", `query($n:Int!){groups(first:$n){totalCount}}`, `{"n":2147483648}`, bad, "$n", `$n: 2147483648 is no Int`},
		{"an object for an Int", `query($n:Int!){groups(first:$n){totalCount}}`, `{"n":{"a":1}}`, bad, "$n", `$n: {"a":1} is no Int`},
		{"text for an Int in a filter", `query($w:ClaimWhere){group(id:"a"){operates(claim:$w){totalCount}}}`, `{"w":{"credibility":{"eq":"1"}}}`, bad, "$w.credibility.eq", `$w.credibility.eq: "1" is no Int`},
		{"text for a Float", `query($n:Float){estimates(where:{low:{eq:$n}}){totalCount}}`, `{"n":"0.5"}`, bad, "$n", `$n: "0.5" is no Float`},
		{"a Float out of range", `query($n:Float){estimates(where:{low:{eq:$n}}){totalCount}}`, `{"n":1e999}`, bad, "$n", `is no Float`},
		{"a number for a text", `query($t:String!){search(text:$t){totalCount}}`, `{"t":5}`, bad, "$t", `$t: 5 is no String`},
		{"a number for a cursor", `query($a:String){groups(after:$a){totalCount}}`, `{"a":5}`, bad, "$a", `$a: 5 is no String`},
		{"text for a Boolean", `query($y:Boolean!){groups @include(if:$y){totalCount}}`, `{"y":"true"}`, bad, "$y", `$y: "true" is no Boolean`},
		{"a fraction for an ID", `query($i:ID!){group(id:$i){id}}`, `{"i":5.5}`, bad, "$i", `$i: 5.5 is no ID`},
		{"a Boolean for a country", `query($c:CountryCode){places(where:{countryCode:{eq:$c}}){totalCount}}`, `{"c":true}`, bad, "$c", `$c: true is no CountryCode`},
		{"a literal Boolean for a country", `{places(where:{countryCode:{eq:true}}){totalCount}}`, ``, bad, "where.countryCode.eq", `where.countryCode.eq: true is no CountryCode`},
		{"a country in lower case", `{places(where:{countryCode:{in:["IT","kh"]}}){totalCount}}`, ``, bad, "where.countryCode", `"kh" is no country code: write two upper-case letters, as IT`},
		{"an unknown value", `query($d:SortDirection!){groups(orderBy:{field:NAME,direction:$d}){totalCount}}`, `{"d":"DECS"}`, bad, "$d", `$d: "DECS" is no SortDirection; did you mean DESC?`},
		{"a value in other case", `query($o:[GroupOrder!]){groups(orderBy:$o){totalCount}}`, `{"o":[{"field":"NAME","direction":"desc"}]}`, bad, "$o[0].direction", `$o[0].direction: "desc" is no SortDirection; did you mean DESC?`},
		{"a mark in other case", `query($l:Lens){groups(lens:$l){totalCount}}`, `{"l":{"maxTlp":"clear"}}`, bad, "$l.maxTlp", `$l.maxTlp: "clear" is no Tlp; did you mean CLEAR?`},
		{"a number for a value", `query($l:Lens){groups(lens:$l){totalCount}}`, `{"l":{"minReliability":2}}`, bad, "$l.minReliability", `$l.minReliability: 2 is no Reliability; known are A, B, C, D, E, F`},
		{"an unknown field in a variable", `query($w:GroupWhere){groups(where:$w){totalCount}}`, `{"w":{"and":[{},{"nmae":{"eq":"x"}}]}}`, bad, "$w.and[1]", `$w.and[1]: GroupWhere has no field "nmae"; did you mean name?`},
		{"a missing field in a variable", `query($o:[GroupOrder!]){groups(orderBy:$o){totalCount}}`, `{"o":[{"direction":"ASC"}]}`, bad, "$o[0].field", `$o[0].field: GroupOrderField! is needed here, not null`},
		{"a text for an object", `query($w:GroupWhere){groups(where:$w){totalCount}}`, `{"w":"name"}`, bad, "$w", `$w: GroupWhere is an object, not "name"`},
		{"null in a list", `query($i:[ID!]!){nodes(ids:$i){id}}`, `{"i":["a",null]}`, bad, "$i[1]", `$i[1]: ID! is needed here, not null`},
		{"a nullable variable in a list", `query($i:ID){nodes(ids:["a",$i]){id}}`, `{}`, invalid, "", `Variable "$i" of type "ID" used in position expecting type "ID!"`},
		{"a long value", `query($d:Tlp){groups(lens:{maxTlp:$d}){totalCount}}`, `{"d":"` + strings.Repeat("x", 1<<20) + `"}`, bad, "$d", `$d: "` + strings.Repeat("x", 39) + `… is no Tlp; known are`},
		{"a deep value", `query($d:Date){groups(lens:{asOf:$d}){totalCount}}`, `{"d":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, bad, "$d", `$d: ` + strings.Repeat("[", 40) + `… is no Date`},
		{"a deep filter", `query($w:GroupWhere){groups(where:$w){totalCount}}`, `{"w":` + strings.Repeat(`{"not":`, 5000) + `{}` + strings.Repeat("}", 5000) + `}`, "COMPLEXITY_LIMIT_EXCEEDED", "", `at most 100 are allowed`},
		{"a wide filter", `query($w:GroupWhere){groups(where:$w){totalCount}}`, `{"w":{"or":[{}` + strings.Repeat(`,{}`, 200_000) + `]}}`, "COMPLEXITY_LIMIT_EXCEEDED", "", `200002 conditions, at most 100 are allowed`},
		{"a wide lens", `query($s:[ID!]){groups(lens:{sources:$s}){totalCount}}`, `{"s":["a"` + strings.Repeat(`,"a"`, 100_000) + `]}`, bad, "lens.sources", `lens.sources: at most 1000 ids, 100001 are given`},

		{"one field ordered by twice", `{groups(orderBy:[{field:NAME},{field:NAME,direction:DESC}]){totalCount}}`, ``, bad, "orderBy", `orderBy: NAME is named twice`},
		{"a comparison with null", `{groups(where:{name:{eq:null}}){totalCount}}`, ``, bad, "where.name", `where.name.eq: null cannot be compared; use isNull`},
		{"a bad date", `{groups(where:{founded:{gt:"2023-02-30"}}){totalCount}}`, ``, bad, "where.founded", `where.founded.gt: "2023-02-30" is no date: write YYYY-MM-DD, YYYY-MM or YYYY`},
		{"a date as a number", `{groups(where:{founded:{gt:2023}}){totalCount}}`, ``, bad, "where.founded.gt", `where.founded.gt: 2023 is no Date`},
		{"a bad date far below", `{groups{nodes{operates(where:{operatedBy:{some:{claim:{not:{validFrom:{lt:"soon"}}}}}}){totalCount}}}}`, ``, bad, "where.operatedBy.some.claim.not.validFrom", `where.operatedBy.some.claim.not.validFrom.lt: "soon" is no date`},
		{"a NUL", `query($t:String!){groups(where:{name:{eq:$t}}){totalCount}}`, `{"t":"a\u0000"}`, bad, "where.name", `holds a NUL character`},

		{"lens: a bad day", `{groups(lens:{asOf:"2023-13"}){totalCount}}`, ``, bad, "lens.asOf", `lens.asOf: "2023-13" is no date`},
		{"lens: another bad day", `{groups(lens:{knownAt:"yesterday"}){totalCount}}`, ``, bad, "lens.knownAt", `lens.knownAt: "yesterday" is no date`},
		{"lens: a bad bound", `{groups(lens:{during:{to:""}}){totalCount}}`, ``, bad, "lens.during", `lens.during: to: "" is no date`},
		{"lens: dates reversed", `{groups(lens:{during:{from:"2023-06-02",to:"2023-06-01"}}){totalCount}}`, ``, bad, "lens.during", `lens.during: from 2023-06-02 lies after to 2023-06-01; exchange them`},
		{"lens: months reversed", `{groups(lens:{during:{from:"2023-07",to:"2023-06"}}){totalCount}}`, ``, bad, "lens.during", `exchange them`},
		{"lens: F", `{groups(lens:{minReliability:F}){totalCount}}`, ``, bad, "lens.minReliability", `F means that the source cannot be judged and is no minimum`},
		{"lens: 6", `{groups(lens:{minCredibility:6}){totalCount}}`, ``, bad, "lens.minCredibility", `lens.minCredibility: 1 to 5, not 6: 6 means that the statement cannot be judged`},
		{"lens: 0", `{groups(lens:{minCredibility:0}){totalCount}}`, ``, bad, "lens.minCredibility", `1 to 5, not 0`},
		{"lens: confidence", `{groups(lens:{minConfidence:101}){totalCount}}`, ``, bad, "lens.minConfidence", `lens.minConfidence: 0 to 100, not 101`},
		{"lens: below no confidence", `{groups(lens:{minConfidence:-1}){totalCount}}`, ``, bad, "lens.minConfidence", `0 to 100, not -1`},
		{"lens: no stances", `{groups(lens:{stances:[]}){totalCount}}`, ``, bad, "lens.stances", `lens.stances: an empty list lets nothing pass; leave it out to read all`},
		{"lens: no modalities", `{groups(lens:{modalities:[]}){totalCount}}`, ``, bad, "lens.modalities", `an empty list lets nothing pass`},
		{"search for no kinds", `{search(text:"a",kinds:[]){totalCount}}`, ``, bad, "kinds", `kinds: an empty list matches nothing; leave it out to search all`},
		{"search for what is no entity", `{search(text:"a",kinds:[Leg]){totalCount}}`, ``, invalid, "", `Value "Leg" does not exist in "EntityKind!" enum`},
		{"depth 0", `{neighbourhood(of:"a",depth:0){totalCount}}`, ``, bad, "depth", `depth: 1 or 2, not 0`},
		{"one bad root among good ones", `{groups{totalCount} bad:groups(first:0){totalCount}}`, ``, bad, "first", `first: 1 to 100, not 0`},
	} {
		p := refused(t, api, request(t, c.query, c.variables))
		if p.Extensions.Code != c.code || p.Extensions.Argument != c.argument || !strings.Contains(p.Message, c.message) {
			t.Errorf("%s: %.300s\nis refused with %.600s\nnot with %s %s %s", c.name, c.query, fmt.Sprintf("%+v", p), c.code, c.argument, c.message)
		}
		if len(p.Locations) == 0 || p.Locations[0].Line != 1 {
			t.Errorf("%s: no place: %+v", c.name, p)
		}
		if len(p.Message) > 500 {
			t.Errorf("%s: the message has %d bytes", c.name, len(p.Message))
		}
	}
}

func TestRefusalNamesTheRoot(t *testing.T) {
	api := graph.NewAPI(load(t), untouchable{t}, graph.Options{})
	p := refused(t, api, graph.Request{Query: "{\n groups{totalCount}\n bad:groups(first:0){totalCount}}"})
	if len(p.Path) != 1 || p.Path[0] != "bad" || p.Locations[0].Line != 3 {
		t.Errorf("%+v", p)
	}
}

// A large text is a text like any other.
func TestLargeVariable(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	large := `{"t":"` + strings.Repeat("Ж", 1<<19) + `"}`
	if got := data(t, api, `query($t:String!){groups(where:{or:[{name:{eq:$t}},{name:{contains:$t}},{aliases:{includes:$t}},{name:{eq:"Beta"}}]}){totalCount}}`, large); got != `{"groups":{"totalCount":1}}` {
		t.Error(got)
	}
	if p := refused(t, api, request(t, `query($t:String){groups(after:$t){totalCount}}`, large)); p.Extensions.Argument != "after" {
		t.Errorf("%.300s", p.Message)
	}
}

// ---- cursors

// ordered is a graph whose records tie, miss values and differ in ways that orders must see.
func ordered(t *testing.T) *records {
	r := &records{TB: t, model: load(t)}
	r.node("Source", "source/s", nil)
	names := []string{"Beta", "beta", "Älfa", "Beta", "Zeta", "𝒜lfa", "Ａlfa", ""}
	dates := []string{"2023", "2023-01", "2023-01-01", "", "1969-12-31", "2023", ""}
	numbers := []string{"", "0", "0.1", "-5", "3e12", "0.1", "1e-7"}
	text := []string{"x", "", "it's", `"`}
	for i := range 24 {
		v := values{
			"name": names[i%len(names)], "validFrom": dates[i%len(dates)], "validTo": dates[(i/2)%len(dates)], "low": numbers[i%len(numbers)],
			"high": numbers[(i/3)%len(numbers)], "unit": text[i%len(text)], "currency": text[(i/2)%len(text)], "confidence": []string{"", "0", "100"}[i%3],
			"credibility": []string{"1", "6"}[i%2], "stance": []string{"ASSERTS", "DENIES"}[i%2], "modality": []string{"CAN", "STATES"}[i/12],
			"kind": []string{"RAID", "ARREST"}[i%2], "valueLow": numbers[i%5], "reliability": []string{"A", "F", "C"}[i%3],
		}
		if v["name"] == "" {
			v["name"] = "-"
		}
		r.node("Event", fmt.Sprintf("event/%c", 'a'+i), v)
	}
	r.node("Route", "route/r", nil)
	for i := range 24 {
		for j := range 1 + i%2 {
			r.claim("ALONG", fmt.Sprintf("event/%c", 'a'+i), "route/r", values{
				"validFrom": dates[(i+j)%len(dates)], "validTo": dates[(i/2)%len(dates)], "role": fmt.Sprint(j), "stance": []string{"ASSERTS", "DENIES"}[(i/3)%2],
			})
		}
	}
	return r
}

type page struct {
	Edges []struct {
		Cursor string
		Node   struct{ ID string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
	TotalCount int
}

// Pages that follow each other's cursors give every record once, in the order of the whole list, whatever the order; and the
// cursors of one server continue on another.
func TestPagesGiveEveryRecordOnce(t *testing.T) {
	r := ordered(t)
	s := r.store()
	apis := []*graph.API{graph.NewAPI(r.model, s, graph.Options{}), graph.NewAPI(load(t), s, graph.Options{})}
	ask := func(api *graph.API, query, after string) page {
		t.Helper()
		v := `{"after":null}`
		if after != "" {
			v = `{"after":"` + after + `"}`
		}
		var got struct {
			Events page
			Route  struct{ Events page }
		}
		if err := json.Unmarshal([]byte(data(t, api, query, v)), &got); err != nil {
			t.Fatal(err)
		}
		if got.Route.Events.TotalCount > 0 {
			return got.Route.Events
		}
		return got.Events
	}
	const selected = `{totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor} edges{cursor node{id}}}`
	event := r.model.Kind("Event")
	fields := []string{"ID"}
	for _, p := range event.Properties {
		if p.Index && !p.List {
			fields = append(fields, ontology.OrderField(p.Name))
		}
	}
	var orders []string
	for i, f := range fields {
		for _, direction := range []string{"ASC", "DESC"} {
			other := fields[(i+3)%len(fields)]
			orders = append(orders, fmt.Sprintf(`{field:%s,direction:%s}`, f, direction), fmt.Sprintf(`[{field:%s,direction:%s},{field:%s,direction:DESC}]`, f, direction, other))
		}
	}
	check := func(head, tail, order string) {
		t.Helper()
		whole := ask(apis[0], `query($after:String){`+head+`(first:100,after:$after,orderBy:`+order+`)`+selected+tail, "")
		if len(whole.Edges) != 24 || whole.TotalCount != 24 || whole.PageInfo.HasNextPage || whole.PageInfo.HasPreviousPage {
			t.Fatalf("%s: %d of 24 records, %+v", order, len(whole.Edges), whole.PageInfo)
		}
		for _, size := range []int{1, 5, 8} {
			query := fmt.Sprintf(`query($after:String){%s(first:%d,after:$after,orderBy:%s)%s%s`, head, size, order, selected, tail)
			after := ""
			var ids, want []string
			for n := 0; ; n++ {
				p := ask(apis[n%2], query, after)
				for _, e := range p.Edges {
					ids = append(ids, e.Node.ID)
				}
				last := p.Edges[len(p.Edges)-1].Cursor
				if p.TotalCount != 24 || p.PageInfo.HasPreviousPage != (n > 0) || *p.PageInfo.StartCursor != p.Edges[0].Cursor || *p.PageInfo.EndCursor != last {
					t.Fatalf("%s, page %d of %d: %+v", order, n, size, p)
				}
				if !p.PageInfo.HasNextPage || n > 24 {
					break
				}
				after = last
			}
			for _, e := range whole.Edges {
				want = append(want, e.Node.ID)
			}
			if !slices.Equal(ids, want) {
				t.Errorf("%s in pages of %d:\n%v, not\n%v", order, size, ids, want)
			}
		}
		end := ask(apis[1], `query($after:String){`+head+`(first:3,after:$after,orderBy:`+order+`)`+selected+tail, whole.Edges[23].Cursor)
		if len(end.Edges) != 0 || end.PageInfo.EndCursor != nil || end.PageInfo.StartCursor != nil || end.PageInfo.HasNextPage {
			t.Errorf("%s: after the last: %+v", order, end)
		}
	}
	for _, order := range orders {
		check("events", "}", order)
	}
	for _, order := range []string{"{field:FIRST_SEEN}", "{field:FIRST_SEEN,direction:DESC}", "{field:LAST_SEEN}", "{field:LAST_SEEN,direction:DESC}", "[{field:LAST_SEEN,direction:DESC},{field:FIRST_SEEN},{field:LOW,direction:DESC}]", "{field:VALID_TO}", "{field:NAME,direction:DESC}", "[]"} {
		check(`route(id:"route/r"){events`, "}}", order)
	}
}

// A cursor continues the list that gave it and no other.
func TestCursorsOfOtherLists(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	untouched := graph.NewAPI(r.model, untouchable{t}, graph.Options{})
	const list = `query($a:String){groups(first:1,after:$a,orderBy:{field:NAME},where:{name:{startsWith:""}},lens:{maxTlp:RED}){pageInfo{endCursor} nodes{id}}}`
	var got struct {
		Groups struct{ PageInfo struct{ EndCursor string } }
	}
	if err := json.Unmarshal([]byte(data(t, api, list, ``)), &got); err != nil {
		t.Fatal(err)
	}
	cursor := got.Groups.PageInfo.EndCursor
	variables := func(c string) string { return fmt.Sprintf(`{"a":%q}`, c) }
	// What says the same in other words is the same list, also with another size and another selection.
	for _, same := range []string{list,
		`query($a:String){groups(first:1,after:$a,orderBy:[{field:NAME,direction:ASC}],where:{name:{startsWith:""}},lens:{maxTlp:RED}){nodes{id}}}`,
		`query($a:String,$w:GroupWhere={name:{startsWith:""}}){groups(lens:{maxTlp:RED},first:1,where:$w,after:$a,orderBy:{direction:ASC,field:NAME}){nodes{id}}}`,
	} {
		if d := data(t, api, same, variables(cursor)); !strings.Contains(d, `"nodes":[{"id":"group/b"}]`) {
			t.Errorf("%s: %s", same, d)
		}
	}
	for name, query := range map[string]string{
		"order":           strings.Replace(list, "orderBy:{field:NAME}", "orderBy:{field:NAME,direction:DESC}", 1),
		"further order":   strings.Replace(list, "orderBy:{field:NAME}", "orderBy:[{field:NAME},{field:FOUNDED}]", 1),
		"other field":     strings.Replace(list, "orderBy:{field:NAME}", "orderBy:{field:FOUNDED}", 1),
		"filter":          strings.Replace(list, `startsWith:""`, `startsWith:"B"`, 1),
		"lens":            strings.Replace(list, "maxTlp:RED", "maxTlp:GREEN", 1),
		"no lens":         strings.Replace(list, ",lens:{maxTlp:RED}", "", 1),
		"kind":            strings.Replace(list, "{groups(", "{persons(", 1),
		"relation":        `query($a:String){group(id:"group/a",lens:{maxTlp:RED}){alliedWith(after:$a,orderBy:{field:NAME},where:{name:{startsWith:""}}){nodes{id}}}}`,
		"relation, twice": `query($a:String){group(id:"group/a"){rivalOf(after:$a){nodes{id}}}}`,
	} {
		p := refused(t, untouched, request(t, query, variables(cursor)))
		if p.Extensions.Code != "BAD_USER_INPUT" || p.Extensions.Argument != "after" || !strings.Contains(p.Message, "belongs to another query") {
			t.Errorf("%s: %+v", name, p)
		}
	}
	broken := []string{"", "a", "!!!", "null", cursor[1:], cursor[:len(cursor)-1], cursor + "A", cursor + "=", strings.ToUpper(cursor), " " + cursor}
	for i := range cursor {
		other := byte('A')
		if cursor[i] == 'A' {
			other = 'B'
		}
		broken = append(broken, cursor[:i]+string(other)+cursor[i+1:])
	}
	for _, c := range broken {
		if c == cursor {
			continue
		}
		if p := refused(t, untouched, request(t, list, variables(c))); p.Extensions.Argument != "after" {
			t.Errorf("%q: %+v", c, p)
		}
	}
}

// ---- the lens and the caller's access

func TestLensNeverWidensAccess(t *testing.T) {
	r := &records{TB: t, model: load(t)}
	for _, n := range []struct{ id, tlp, compartments string }{
		{"clear", "CLEAR", ""}, {"green", "GREEN", ""}, {"red", "RED", ""}, {"alfa", "CLEAR", "alfa"}, {"bravo", "CLEAR", "bravo"}, {"both", "GREEN", "alfa|bravo"},
	} {
		r.node("Group", "group/"+n.id, values{"tlp": n.tlp, "compartments": n.compartments})
	}
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	green := r.model.Claim.Property("tlp").Enum.Rank("GREEN")
	for _, c := range []struct {
		access lookahead.Access
		lens   string
		want   string
	}{
		{lookahead.Access{}, ``, "clear green red"},
		{lookahead.Access{}, `maxTlp:GREEN`, "clear green"},
		{lookahead.Access{MaxTlp: green}, ``, "clear green"},
		{lookahead.Access{MaxTlp: green}, `maxTlp:RED`, "clear green"},
		{lookahead.Access{MaxTlp: green}, `maxTlp:GREEN`, "clear green"},
		{lookahead.Access{MaxTlp: green}, `maxTlp:CLEAR`, "clear"},
		{lookahead.Access{MaxTlp: green}, `maxTlp:null`, "clear green"},
		{lookahead.Access{}, `compartments:["alfa","bravo"]`, "clear green red"},
		{lookahead.Access{Compartments: []string{"alfa"}}, ``, "alfa clear green red"},
		{lookahead.Access{Compartments: []string{"alfa"}}, `compartments:null`, "alfa clear green red"},
		{lookahead.Access{Compartments: []string{"alfa"}}, `compartments:[]`, "clear green red"},
		{lookahead.Access{Compartments: []string{"alfa"}}, `compartments:"bravo"`, "clear green red"},
		{lookahead.Access{Compartments: []string{"alfa"}}, `compartments:["bravo","alfa","ALFA"]`, "alfa clear green red"},
		{lookahead.Access{Compartments: []string{"alfa", "bravo"}}, ``, "alfa both bravo clear green red"},
		{lookahead.Access{Compartments: []string{"alfa", "bravo"}}, `compartments:"bravo"`, "bravo clear green red"},
		{lookahead.Access{MaxTlp: 1, Compartments: []string{"alfa", "bravo"}}, `maxTlp:RED`, "alfa bravo clear"},
	} {
		response := api.Execute(t.Context(), graph.Request{Query: `{groups(orderBy:{field:ID},lens:{` + c.lens + `}){nodes{id}}}`}, c.access)
		var got struct {
			Groups struct{ Nodes []struct{ ID string } }
		}
		if err := json.Unmarshal(response.Data, &got); err != nil {
			t.Fatalf("%v: %v", response.Errors, err)
		}
		var ids []string
		for _, n := range got.Groups.Nodes {
			ids = append(ids, strings.TrimPrefix(n.ID, "group/"))
		}
		if s := strings.Join(ids, " "); s != c.want {
			t.Errorf("%+v with {%s} sees %s, not %s", c.access, c.lens, s, c.want)
		}
	}
}

// Requests share parsed queries; none may change what another sees.
func TestConcurrentRequests(t *testing.T) {
	r := small(t)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	const query = `query($n:Int!,$y:Boolean!){a:groups(first:$n){nodes{id @include(if:$y) ...F}} a:groups(first:$n){totalCount} b:group(id:"group/a"){...F}} fragment F on Group{n:name operates(first:$n){nodes{id}}}`
	var want [4]string
	for i := range want {
		want[i] = data(t, api, query, fmt.Sprintf(`{"n":%d,"y":%v}`, 1+i/2, i%2 == 0))
	}
	done := make(chan struct{})
	for i := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 20 {
				if got := data(t, api, query, fmt.Sprintf(`{"n":%d,"y":%v}`, 1+i%4/2, i%2 == 0)); got != want[i%4] {
					t.Errorf("%s, not %s", got, want[i%4])
				}
			}
		}()
	}
	for range 8 {
		<-done
	}
}
