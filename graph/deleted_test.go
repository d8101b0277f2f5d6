package graph_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// questionsOfAnalytics are parameters with which each analytic is asked of random graphs.
var questionsOfAnalytics = map[string][]string{
	"histories":       {"", "unit=LEG&level=ITEM", "unit=CORRIDOR&level=CLASS", "unit=GROUP"},
	"diversification": {"window=5", "unit=CORRIDOR&places=REGION&level=ITEM", "unit=GROUP&level=CLASS&window=1", "unit=GROUP&quantity=kg&window=10"},
	"transitions":     {"", "unit=CORRIDOR&level=ITEM", "unit=GROUP&level=CLASS"},
	"conflicts":       {"", "metric=MEMBERS"},
	"relatedness":     {"", "unit=GROUP&level=ITEM"},
	"nextCommodity":   {"at=2012&horizon=4", "unit=CORRIDOR&horizon=3", "unit=GROUP&at=2010"},
	"backtest":        {"at=2010&horizon=5", "at=2012&unit=GROUP&horizon=4&level=CLASS"},
	"structure":       {"", "of=PLACES&places=COUNTRY&rank=CORE", "layers=ROUTE&layers=RIVALRY&starts=2&rank=TIES&avoidHubsOver=2"},
	"brokers":         {"", "layers=ALLIANCE"},
	"multiplex":       {"", "layers=ALLIANCE&layers=RIVALRY"},
	"interdict":       {"", "remove=LEGS&objective=CONNECTIVITY&randoms=5", "remove=GROUPS&k=3", "method=EXACT&k=2&places=COUNTRY&objective=CONNECTIVITY"},
	"reuse": {
		"from=commodity/00&from=commodity/01&to=commodity/02&to=commodity/03&shuffles=20", "from=commodity/03&to=commodity/04&unit=CORRIDOR&null=DEGREE&shuffles=10",
		"from=commodity/02&to=commodity/01&unit=GROUP&null=DEGREE&shuffles=10",
	},
	"sensitivity": {"", "unit=GROUP&level=ITEM", "unit=CORRIDOR"},
}

// lensesOfAnalytics are what the graphs are read through; a part of every graph is hidden from each.
var lensesOfAnalytics = []string{
	`{"minReliability":"C"}`, `{"excludeSources":["source/0","source/3"]}`, `{"sources":["source/1","source/2","source/4"]}`, `{"maxTlp":"CLEAR"}`,
	`{"during":{"from":"2005","to":"2012"}}`, `{"asOf":"2010-06"}`, `{"dated":"ONLY","stances":["ASSERTS"]}`, `{"knownAt":"2015","minCredibility":3}`,
}

// TestALensIsADeletion: every analytic over a graph through a lens is, to the byte, that over the graph from which all that the lens hides was
// deleted. As many graphs as -rapid.checks says, at least 15: 300 take a minute.
func TestALensIsADeletion(t *testing.T) {
	model := load(t)
	graphs := 15
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() != f.DefValue {
		if _, err := fmt.Sscan(f.Value.String(), &graphs); err != nil {
			t.Fatal(err)
		}
	}
	compared, told, hidden := 0, 0, 0
	for seed := range graphs {
		whole := trafficking(t, model, uint64(seed))
		full := whole.store()
		lens := lensesOfAnalytics[seed%len(lensesOfAnalytics)]
		with := graph.NewAPI(model, full, graph.Options{})
		part := deleted(t, model, full, lensOf(t, with, lens))
		hidden += len(whole.nodes) + len(whole.claims) - len(part.Nodes) - len(part.Claims)
		without := graph.NewAPI(model, stored(t, model, part), graph.Options{})
		for name, questions := range questionsOfAnalytics {
			for _, question := range questions {
				parameters, err := url.ParseQuery(question)
				if err != nil {
					t.Fatal(err)
				}
				want := answerOf(t, without, name, parameters)
				parameters.Set("lens", lens)
				got := answerOf(t, with, name, parameters)
				if got != want {
					t.Fatalf("seed %d, %s?%s through %s:\n%.3000s\nnot\n%.3000s", seed, name, question, lens, got, want)
				}
				if strings.Contains(got, `"errors"`) {
					t.Fatalf("%s?%s: %.500s", name, question, got)
				}
				for _, no := range []string{"NaN", "Inf"} {
					if strings.Contains(got, no) {
						t.Fatalf("%s?%s: %s in %.3000s", name, question, no, got)
					}
				}
				compared++
				if strings.Contains(got, `"claimCount"`) {
					told++
				}
			}
		}
	}
	t.Logf("%d answers compared, %d with claims; %d records were hidden", compared, told, hidden)
	if told < compared/3 || hidden < 20*graphs {
		t.Errorf("of %d answers %d have claims, %d records were hidden: too little to compare", compared, told, hidden)
	}
}

func answerOf(t *testing.T, api *graph.API, name string, parameters url.Values) string {
	t.Helper()
	b, err := api.Analyse(t.Context(), name, parameters, everything, "").Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// lensOf is a lens as the API understands it.
func lensOf(t *testing.T, api *graph.API, lens string) plan.Lens {
	t.Helper()
	r := request(t, "query ($lens: Lens) { stats(lens: $lens) { nodes } }", `{"lens":`+lens+`}`)
	questions, errs := api.Questions(r, lookahead.Access{})
	if errs != nil {
		t.Fatal(errs)
	}
	return questions["stats"].Plan.Lens
}

// deleted is what a lens lets through of a store, with no mention of what it hides.
func deleted(t *testing.T, model *ontology.Model, s *sqlite.Store, lens plan.Lens) store.Batch {
	t.Helper()
	var b store.Batch
	there := map[string]bool{}
	for r, err := range s.Stream(t.Context(), plan.Records{Lens: lens}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Node != nil {
			b.Nodes = append(b.Nodes, *r.Node)
			there[r.Node.ID()] = true
		} else {
			b.Claims = append(b.Claims, *r.Claim)
		}
	}
	forget := func(kind *ontology.Kind, values []any) {
		for i, p := range kind.Properties {
			if id, is := values[i].(string); is && p.Type == ontology.Reference && !there[id] {
				values[i] = nil
			}
		}
	}
	for _, n := range b.Nodes {
		forget(n.Kind, n.Values)
	}
	for _, c := range b.Claims {
		forget(model.Claim, c.Values)
	}
	return b
}

// trafficking is a random graph of all that analytics look at: a tree of places and one of commodities, routes with legs, groups with ties,
// claims by several sources, of which some deny, with dates of every kind, and estimates.
func trafficking(t *testing.T, model *ontology.Model, seed uint64) *records {
	t.Helper()
	r := &records{TB: t, model: model}
	d := rand.New(rand.NewPCG(seed, 77))
	pick := func(list ...string) string { return list[d.IntN(len(list))] }
	date := func() string {
		return fmt.Sprintf("%04d-%02d-%02d", 1998+d.IntN(20), 1+d.IntN(12), 1+d.IntN(28))[:[]int{4, 7, 10}[d.IntN(3)]]
	}
	marked := func(v values) values {
		v["tlp"] = pick("CLEAR", "CLEAR", "CLEAR", "AMBER")
		v["recordedAt"] = fmt.Sprint(2010 + d.IntN(10))
		return v
	}
	stated := func(v values) values {
		v = marked(v)
		v["source"] = fmt.Sprintf("source/%d", d.IntN(5))
		v["reliability"], v["credibility"] = pick("A", "B", "C", "D", "F"), pick("1", "2", "3", "4", "6")
		v["stance"] = pick("ASSERTS", "ASSERTS", "ASSERTS", "ASSERTS", "DENIES")
		v["modality"] = pick("STATES", "STATES", "STATES", "ESTIMATES", "CAN")
		if d.IntN(4) > 0 {
			v["validFrom"] = date()
		}
		if d.IntN(3) == 0 {
			v["validTo"] = date()
		}
		v["locator"] = fmt.Sprint(d.Uint64())
		return v
	}
	for i := range 5 {
		r.node("Source", fmt.Sprintf("source/%d", i), values{"reliability": "B", "recordedAt": fmt.Sprint(2000 + 5*i)})
	}
	some := func(n int) int { return 1 + d.IntN(n) }
	regions, countries, ports := some(2), 1+some(4), some(8)
	place := func(i int) string { return fmt.Sprintf("place/%02d", i) }
	for i := range regions + countries + ports {
		switch {
		case i < regions:
			r.node("Place", place(i), values{"kind": "REGION"})
		case i < regions+countries:
			r.node("Place", place(i), marked(values{"kind": "COUNTRY", "latitude": fmt.Sprint(d.IntN(60)), "longitude": fmt.Sprint(d.IntN(120))}), "within", place(d.IntN(regions)))
		default:
			r.node("Place", place(i), marked(values{"kind": "PORT"}), "within", place(regions+d.IntN(countries)))
		}
	}
	places := regions + countries + ports
	markets := []string{"COCAINE_TRADE", "HEROIN_TRADE", "ARMS_TRAFFICKING", "HUMAN_SMUGGLING", "COUNTERFEIT_GOODS"}
	good := func(i int) string { return fmt.Sprintf("commodity/%02d", i) }
	goods := 14
	for i := range goods {
		switch {
		case i < 5:
			r.node("Commodity", good(i), values{"kind": "MARKET", "market": markets[i], "recordedAt": "2000"})
		case i < 8:
			r.node("Commodity", good(i), marked(values{"kind": "CLASS"}), "partOf", good(d.IntN(5)))
		case i == goods-1:
			r.node("Commodity", good(i), values{"kind": "CLASS"}) // outside all markets
		default:
			r.node("Commodity", good(i), marked(values{"kind": "ITEM"}), "partOf", good(d.IntN(i)))
		}
	}
	groups, routes := 2+d.IntN(8), 1+d.IntN(8)
	group := func(i int) string { return fmt.Sprintf("group/%02d", i) }
	for i := range groups {
		r.node("Group", group(i), marked(values{}))
	}
	for i := range routes {
		route := fmt.Sprintf("route/%02d", i)
		r.node("Route", route, marked(values{}))
		for range d.IntN(7) {
			r.claim("CARRIES", route, good(d.IntN(goods)), stated(values{}))
		}
		for j := range d.IntN(4) {
			leg := fmt.Sprintf("leg/%02d-%d", i, j)
			r.node("Leg", leg, marked(values{"order": fmt.Sprint(j + 1)}), "route", route, "from", place(d.IntN(places)), "to", place(d.IntN(places)))
			for range d.IntN(3) {
				r.claim("CARRIES", leg, good(d.IntN(goods)), stated(values{}))
			}
		}
		for range d.IntN(3) {
			r.claim("OPERATES", group(d.IntN(groups)), route, stated(values{}))
		}
	}
	for i := range groups {
		for range d.IntN(6) {
			low := d.IntN(50)
			r.claim("TRADES", group(i), good(d.IntN(goods)), stated(values{"low": fmt.Sprint(low), "high": fmt.Sprint(low + d.IntN(20)), "unit": pick("kg", "kg", "people")}))
		}
		r.claim("ACTIVE_IN", group(i), place(d.IntN(places)), stated(values{}))
		for range d.IntN(3) {
			if j := d.IntN(groups); j != i {
				relation := pick("ALLIED_WITH", "SUPPLIES", "LAUNDERS_FOR", "RIVAL_OF")
				a, b := group(i), group(j)
				if model.Relation(relation).Symmetric && a > b {
					a, b = b, a
				}
				r.claim(relation, a, b, stated(values{}))
			}
		}
	}
	for i := range d.IntN(6) {
		v := stated(values{})
		delete(v, "locator")
		r.node("MoneyFlow", fmt.Sprintf("money-flow/%02d", i), v, "payer", group(d.IntN(groups)), "payee", group(d.IntN(groups)))
	}
	for i := range d.IntN(10) {
		v := stated(values{"metric": pick("REVENUE", "MEMBERS"), "unit": pick("people", "per year")})
		delete(v, "locator")
		low := d.IntN(50)
		if d.IntN(4) > 0 {
			v["low"] = fmt.Sprint(low)
		}
		if d.IntN(4) > 0 {
			v["high"] = fmt.Sprint(low + d.IntN(20))
		}
		r.node("Estimate", fmt.Sprintf("estimate/%02d", i), v, "about", group(d.IntN(min(groups, 2))))
	}
	return r
}
