package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// TestQuestionsThatMakeNoSense are refused by the fields that a network answers, each with its argument, what is wrong and what to do.
func TestQuestionsThatMakeNoSense(t *testing.T) {
	r := &records{TB: t, model: load(t)}
	r.node("Source", "source/s", nil)
	r.node("Group", "group/alfa", nil)
	r.node("Group", "group/bravo", nil)
	r.node("Route", "route/r", nil)
	r.node("Place", "place/a", nil)
	r.node("Place", "place/b", nil)
	r.node("Commodity", "commodity/c", nil)
	r.node("Commodity", "commodity/d", nil)
	r.claim("OPERATES", "group/alfa", "route/r", nil)
	r.claim("OPERATES", "group/bravo", "route/r", nil)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	two := `from: ["group/alfa"], to: ["group/bravo"]`
	for _, c := range []struct{ field, argument, says string }{
		{`paths(from: ["group/alf"], to: ["group/bravo"]) { status }`, "from", `there is no "group/alf", or the lens hides it; did you mean group/alfa?`},
		{`paths(from: ["group/alfa"], to: ["group/alfa"]) { status }`, "to", "is also in from"},
		{`paths(from: [], to: ["group/alfa"]) { status }`, "from", "an empty list"},
		{`paths(` + two + `, k: 0) { status }`, "k", "1 to 100, not 0"},
		{`paths(` + two + `, k: 10000) { status }`, "k", "1 to 100, not 10000"},
		{`paths(` + two + `, maxHops: 0) { status }`, "maxHops", "1 to 12, not 0"},
		{`paths(` + two + `, maxHops: 100) { status }`, "maxHops", "1 to 12, not 100"},
		{`paths(` + two + `, via: []) { status }`, "via", "an empty list"},
		{`paths(` + two + `, avoid: ["group/alfa"]) { status }`, "avoid", "is also in from"},
		{`paths(` + two + `, through: ["route/r"], avoid: ["route/r"]) { status }`, "avoid", "is also in through"},
		{`paths(` + two + `, avoidHubsOver: 0) { status }`, "avoidHubsOver", "1 or more"},
		{`paths(` + two + `, avoidHubsOver: -1) { status }`, "avoidHubsOver", "1 or more"},
		{`paths(` + two + `, carrying: []) { status }`, "carrying", "an empty list"},
		{`paths(` + two + `, carrying: ["group/alfa"]) { status }`, "carrying", "group/alfa is a Group, no Commodity"},
		{`routesBetween(from: ["group/alfa"], to: ["place/b"]) { status }`, "from", "group/alfa is a Group, no Place"},
		{`routesBetween(from: ["place/b"], to: ["place/b"]) { status }`, "to", "place/b lies in from as well"},
		{`routesBetween(from: ["place/a"], to: ["place/b"], modes: []) { status }`, "modes", "an empty list"},
		{`routesBetween(from: ["place/a"], to: ["place/b"], maxLegs: 0) { status }`, "maxLegs", "1 to 12"},
		{`subgraph(of: []) { status }`, "of", "an empty list"},
		{`subgraph { status }`, "of", "or select them with where"},
		{`subgraph(where: {}) { status }`, "where", "name a kind"},
		{`subgraph(where: {group: null}) { status }`, "where", "name a kind"},
		{`subgraph(where: {group: {founded: {eq: "soon"}}}) { status }`, "where.group.founded", "soon"},
		{`subgraph(of: [], where: {group: {}}) { status }`, "of", "an empty list"},
		{`subgraph(of: ["group/nobody"]) { status }`, "of", "there is no"},
		{`subgraph(of: ["group/alfa"], depth: 5) { status }`, "depth", "0 to 4"},
		{`subgraph(of: ["group/alfa"], maxNodes: 0) { status }`, "maxNodes", "1 to 5000"},
		{`subgraph(of: ["group/alfa"], avoidHubsOver: 0) { status }`, "avoidHubsOver", "1 or more"},
		{`commonNeighbours(of: ["group/alfa", "group/alfa"]) { status }`, "of", "2 to 20 different nodes, not 1"},
		{`connections(among: ["group/alfa"]) { status }`, "among", "2 to 20 different nodes, not 1"},
		{`timeline(of: []) { status }`, "of", "an empty list"},
		{`geo(of: ["group/alfa"], depth: -1) { status }`, "depth", "0 to 4"},
		{`search(text: "a", kinds: []) { totalCount }`, "kinds", "an empty list"},
		{`search(text: "` + strings.Repeat("a", 201) + `") { totalCount }`, "text", "at most 200 characters"},
		{`search(text: "a", near: "group/nobody") { totalCount }`, "near", "there is no"},
		{`neighbourhood(of: "group/alfa", depth: 3) { totalCount }`, "depth", "1 or 2, not 3"},
		{`neighbourhood(of: "alfa") { totalCount }`, "of", "is no id"},
		{`histories(of: []) { status }`, "of", "an empty list"},
		{`histories(of: ["group/alfa"]) { status }`, "of", "group/alfa is a Group, no Route"},
		{`histories(unit: CORRIDOR, of: ["route/r"]) { status }`, "of", "route/r is a Route, no Place"},
		{`histories(first: 0) { status }`, "first", "1 to 100"},
		{`diversification(window: 0) { status }`, "window", "1 to 100, not 0"},
		{`diversification(sample: 0) { status }`, "sample", "1 to 1000"},
		{`diversification(quantity: "") { status }`, "quantity", "an empty unit"},
		{`sensitivity(first: 101) { status }`, "first", "1 to 100"},
		{`reuse(from: [], to: ["commodity/c"]) { status }`, "from", "an empty list"},
		{`reuse(from: ["commodity/c"], to: ["commodity/c"]) { status }`, "to", "commodity/c lies in from as well"},
		{`reuse(from: ["commodity/c"], to: ["group/alfa"]) { status }`, "to", "group/alfa is a Group, no Commodity"},
		{`reuse(from: ["commodity/c"], to: ["commodity/d"], shuffles: 1) { status }`, "shuffles", "10 to 10000"},
		{`transitions(first: 0) { status }`, "first", "1 to 1000"},
		{`conflicts(about: []) { status }`, "about", "an empty list"},
		{`conflicts(metric: []) { status }`, "metric", "an empty list"},
		{`nextCommodity(at: "2010-13") { status }`, "at", "is no date"},
		{`nextCommodity(horizon: 0) { status }`, "horizon", "1 to 20"},
		{`backtest(at: "soon") { status }`, "at", "is no date"},
		{`backtest(at: "2010", k: 0) { status }`, "k", "1 to 10000"},
		{`structure(layers: []) { status }`, "layers", "an empty list"},
		{`structure(avoidHubsOver: 1) { status }`, "avoidHubsOver", "2 to 1000"},
		{`structure(starts: 0) { status }`, "starts", "1 to 100000"},
		{`structure(runs: 0) { status }`, "runs", "1 to 100"},
		{`multiplex(of: ["route/r"]) { status }`, "of", "route/r is a Route, no Group"},
		{`interdict(k: 0) { status }`, "k", "1 to 50"},
		{`interdict(candidates: []) { status }`, "candidates", "an empty list"},
		{`interdict(candidates: ["place/a"]) { status }`, "candidates", "is on no route through this lens"},
	} {
		response := api.Execute(t.Context(), graph.Request{Query: "{" + c.field + "}"}, everything)
		if len(response.Errors) != 1 {
			t.Errorf("%s: %v %s", c.field, response.Errors, response.Data)
			continue
		}
		e := response.Errors[0]
		if e.Extensions["code"] != lookahead.BadUserInput || e.Extensions["argument"] != c.argument || !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: %v %v, want %s: %s", c.field, e.Message, e.Extensions, c.argument, c.says)
		}
	}
}

// TestEveryEntryOfATimelineHasItsClaim: one claim of many between the same two nodes, whichever it is.
func TestEveryEntryOfATimelineHasItsClaim(t *testing.T) {
	r := &records{TB: t, model: load(t)}
	r.node("Source", "source/s", nil)
	r.node("Group", "group/a", nil)
	r.node("Group", "group/b", nil)
	for year := 2001; year <= 2012; year++ {
		r.claim("ALLIED_WITH", "group/a", "group/b", values{"validFrom": strconv.Itoa(year)})
	}
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	var answer struct {
		Timeline struct {
			Entries []struct {
				Start string
				Edge  struct {
					ClaimCount int
					Claims     []struct{ ID, ValidFrom string }
				}
			}
		}
	}
	text := data(t, api, `{ timeline(of: ["group/a"], first: 20) { entries { start edge { claimCount claims { id validFrom } } } } }`, "")
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Timeline.Entries) != 12 {
		t.Errorf("%d entries, want 12", len(answer.Timeline.Entries))
	}
	for i, e := range answer.Timeline.Entries {
		if want := strconv.Itoa(2001 + i); e.Start != want || e.Edge.ClaimCount != 1 || len(e.Edge.Claims) != 1 || e.Edge.Claims[0].ValidFrom != want {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
}

// TestSelectedNodesAreTheStart of a subgraph: those of each kind that pass, as far as the caller may see them, beside those that are named.
func TestSelectedNodesAreTheStart(t *testing.T) {
	r := small(t)
	r.node("Group", "group/red", values{"name": "Alpha Red", "tlp": "RED"})
	for i := range 1001 {
		r.node("Asset", fmt.Sprintf("asset/%04d", i), nil)
	}
	s := r.store()
	api := graph.NewAPI(r.model, s, graph.Options{})
	for arguments, want := range map[string]string{
		`where: {group: {name: {startsWith: "alpha"}}}`:                               "group/a 0, group/red 0",
		`where: {group: {name: {startsWith: "alpha"}}}, lens: {maxTlp: GREEN}`:        "group/a 0",
		`where: {group: {name: {eq: "Beta"}}, person: {}}, of: ["event/e"]`:           "event/e 0, group/b 0, person/p 0",
		`where: {group: {operates: {some: {node: {name: {eq: "Road"}}}}}}, depth: 1`:  "event/e 1, group/a 0, group/b 0, group/c 1, route/r 1",
		`where: {group: {name: {eq: "Nobody"}}}`:                                      "",
		`where: {group: {name: {eq: "Nobody"}}}, of: ["group/b"], via: [ALLIED_WITH]`: "group/b 0",
	} {
		if !strings.Contains(arguments, "depth") {
			arguments += ", depth: 0"
		}
		var answer struct {
			Subgraph struct {
				Status string
				Nodes  []struct {
					Node  struct{ ID string }
					Depth int
				}
			}
		}
		if err := json.Unmarshal([]byte(data(t, api, `{ subgraph(`+arguments+`) { status nodes { node { id } depth } } }`, "")), &answer); err != nil {
			t.Fatal(err)
		}
		depths := map[string]int{}
		for _, n := range answer.Subgraph.Nodes {
			depths[n.Node.ID] = n.Depth
		}
		wanted := 0
		for entry := range strings.SplitSeq(want, ", ") {
			id, depth, given := strings.Cut(entry, " ")
			if !given {
				continue
			}
			wanted++
			if is, there := depths[id]; !there || strconv.Itoa(is) != depth {
				t.Errorf("%s: %v, want %s", arguments, depths, want)
			}
		}
		if len(depths) != wanted || answer.Subgraph.Status != "COMPLETE" {
			t.Errorf("%s: %s %v, want %s", arguments, answer.Subgraph.Status, depths, want)
		}
	}
	response := api.Execute(t.Context(), graph.Request{Query: `{ subgraph(where: {asset: {}}) { status } }`}, everything)
	if len(response.Errors) != 1 || !strings.Contains(response.Errors[0].Message, "where: more than 1000 nodes pass") || response.Errors[0].Extensions["argument"] != "where" {
		t.Errorf("too many: %v", response.Errors)
	}
	server := graph.NewServer(api, s, graph.ServerOptions{Access: everything})
	where := url.QueryEscape(`{"group":{"name":{"startsWith":"alpha"}}}`)
	var got exported
	if w := call(server, "GET", "/export/subgraph.json?depth=0&where="+where, ""); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &got) != nil || len(got.Nodes) != 2 {
		t.Errorf("exported: %d %s", w.Code, w.Body)
	}
	for target, says := range map[string]string{
		"/export/subgraph.json?where=group":                               `where: write a JSON object`,
		"/export/subgraph.json?where=" + url.QueryEscape(`{"groups":{}}`): "groups",
		"/export/graph.json?where=" + where:                               "/export/graph.json is all",
	} {
		if w := call(server, "GET", target, ""); w.Code != 400 || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// TestSelectedNodesThatANetworkLacks: a store that always has newer records than could be read is named as the cause.
func TestSelectedNodesThatANetworkLacks(t *testing.T) {
	asked := 0
	ahead := answering(func(_ context.Context, p plan.Plan) (store.Value, error) {
		if p.Page != nil {
			asked++
		}
		row := store.Of([]store.Value{store.Of([]store.Value{store.Of("group/new")})})
		return store.Of([]store.Value{{}, store.Of([]store.Value{row})}), nil
	})
	api := graph.NewAPI(load(t), ahead, graph.Options{})
	response := api.Execute(t.Context(), graph.Request{Query: `{ subgraph(where: {group: {}}) { status } }`}, everything)
	if len(response.Errors) != 1 || response.Errors[0].Extensions["code"] != graph.CodeUnavailable || asked != 3 {
		t.Errorf("asked %d times: %v", asked, response.Errors)
	}
}

// TestIdsWithMarks: an id may hold any sign but blanks, also what stands between the places of a corridor where it is shown.
func TestIdsWithMarks(t *testing.T) {
	r := &records{TB: t, model: load(t)}
	r.node("Source", "source/s", nil)
	r.node("Route", "route/a>b", nil)
	r.node("Place", "place/x>y", values{"kind": "COUNTRY"})
	r.node("Place", "place/z", values{"kind": "COUNTRY"})
	r.node("Commodity", "commodity/c", values{"kind": "ITEM"})
	r.node("Leg", "leg/1>2", nil, "route", "route/a>b", "from", "place/x>y", "to", "place/z")
	r.claim("CARRIES", "route/a>b", "commodity/c", nil)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	for question, want := range map[string]string{
		`{ histories(unit: ROUTE, level: ITEM) { units { unit { id node { id } from { id } } } } }`:                               `{"histories":{"units":[{"unit":{"id":"route/a>b","node":{"id":"route/a>b"},"from":null}}]}}`,
		`{ histories(unit: CORRIDOR, level: ITEM, places: COUNTRY) { units { unit { id node { id } from { id } to { id } } } } }`: `{"histories":{"units":[{"unit":{"id":"place/x>y>place/z","node":null,"from":{"id":"place/x>y"},"to":{"id":"place/z"}}}]}}`,
	} {
		response := api.Execute(t.Context(), graph.Request{Query: question}, everything)
		if got := unescaped(string(response.Data)); got != want || len(response.Errors) > 0 {
			t.Errorf("%s answers\n%s %v, not\n%s", question, got, response.Errors, want)
		}
	}
}
