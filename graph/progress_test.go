package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
)

const (
	requestName = "6f1d0a0e-3a52-4b0e-9c61-2b1f0f9b7a11"
	followQuery = `subscription ($name: String!) { analysisProgress(request: $name) { state fields { key stage step share } } }`
)

// wide is a graph of groups, routes and places on which analytics take some time.
func wide(t testing.TB, groups int) *records {
	t.Helper()
	r := &records{TB: t, model: load(t)}
	d := rand.New(rand.NewPCG(1, 1))
	r.node("Source", "source/s", nil)
	group := func(i int) string { return fmt.Sprintf("group/%05d", i) }
	for i := range 12 {
		market := []string{"COCAINE_TRADE", "HEROIN_TRADE", "ARMS_TRAFFICKING", "HUMAN_SMUGGLING", "COUNTERFEIT_GOODS", "CANNABIS_TRADE", "FAUNA_CRIMES", "FLORA_CRIMES", "FINANCIAL_CRIMES", "SYNTHETIC_DRUGS", "HUMAN_TRAFFICKING", "CYBER_DEPENDENT_CRIMES"}[i]
		r.node("Commodity", fmt.Sprintf("commodity/%02d", i), values{"kind": "MARKET", "market": market})
	}
	for i := range groups {
		r.node("Group", group(i), nil)
		r.node("Place", fmt.Sprintf("place/%05d", i), values{"kind": "PORT"})
		r.node("Route", fmt.Sprintf("route/%05d", i), nil)
	}
	date := func() values { return values{"validFrom": fmt.Sprintf("%d-%02d", 1990+d.IntN(30), 1+d.IntN(12))} }
	for i := range groups {
		for range 3 {
			if j := d.IntN(groups); j > i {
				r.claim("ALLIED_WITH", group(i), group(j), nil)
			}
			r.claim("CARRIES", fmt.Sprintf("route/%05d", i), fmt.Sprintf("commodity/%02d", d.IntN(12)), date())
		}
		r.claim("OPERATES", group(d.IntN(groups)), fmt.Sprintf("route/%05d", i), nil)
		r.claim("TRADES", group(i), fmt.Sprintf("commodity/%02d", d.IntN(12)), nil)
		for j := range 2 {
			r.node("Leg", fmt.Sprintf("leg/%05d-%d", i, j), values{"order": fmt.Sprint(j + 1)}, "route", fmt.Sprintf("route/%05d", i),
				"from", fmt.Sprintf("place/%05d", d.IntN(groups)), "to", fmt.Sprintf("place/%05d", d.IntN(groups)))
		}
	}
	return r
}

type progress struct {
	State  string
	Fields []struct {
		Key, Stage string
		Step       *string
		Share      *float64
	}
}

// follow subscribes and gives what is told, as it comes, to the end.
func follow(t *testing.T, api *graph.API, name string, access lookahead.Access) <-chan progress {
	t.Helper()
	s, only := api.Subscribe(t.Context(), graph.Request{Query: followQuery, Variables: map[string]any{"name": name}}, access)
	if s == nil {
		t.Fatal(only.Errors)
	}
	t.Cleanup(s.Close)
	out := make(chan progress, 1000)
	go func() {
		defer close(out)
		for {
			r, more := s.Next()
			if !more {
				return
			}
			var m struct{ AnalysisProgress progress }
			if json.Unmarshal(r.Data, &m) != nil || len(r.Errors) > 0 {
				t.Errorf("%s %v", r.Data, r.Errors)
			}
			out <- m.AnalysisProgress
		}
	}()
	return out
}

// TestProgressOfARequest: who knows its name, and has its rights, follows a request from before it begins to its end; nobody else learns that there is one.
func TestProgressOfARequest(t *testing.T) {
	r := wide(t, 1500)
	api := graph.NewAPI(r.model, r.store(), graph.Options{})
	lesser := lookahead.Access{MaxTlp: r.model.Claim.Property("tlp").Enum.Rank("GREEN")}
	told, others, lessers := follow(t, api, requestName, everything), follow(t, api, "another-name-of-16", everything), follow(t, api, requestName, lesser)
	for _, waiting := range []<-chan progress{told, others, lessers} {
		if p := <-waiting; p.State != "WAITING" || len(p.Fields) != 0 {
			t.Errorf("before it begins: %+v", p)
		}
	}
	request := graph.Request{Progress: requestName, Query: `{ a: structure(runs: 20) { status } b: reuse(from: ["commodity/00"], to: ["commodity/01"], shuffles: 2000) { status } groups(first: 1) { totalCount } }`}
	answered := make(chan graph.Response, 1)
	go func() { answered <- api.Execute(t.Context(), request, everything) }()
	steps := map[string]float64{}
	last := progress{}
	for p := range told {
		last = p
		for _, f := range p.Fields {
			if f.Stage == "COMPUTING" && f.Step != nil && f.Share != nil {
				if *f.Share < steps[f.Key+" "+*f.Step] || *f.Share > 1 {
					t.Errorf("%s goes from %v to %v", *f.Step, steps[f.Key+" "+*f.Step], *f.Share)
				}
				steps[f.Key+" "+*f.Step] = *f.Share
			}
		}
		if p.State == "RUNNING" {
			if again := api.Execute(t.Context(), request, everything); len(again.Errors) != 1 || !strings.Contains(again.Errors[0].Message, "under way") || again.Errors[0].Extensions["code"] != lookahead.BadUserInput {
				t.Errorf("a second of that name: %v", again.Errors)
			}
		}
	}
	if a := <-answered; len(a.Errors) > 0 || !strings.Contains(string(a.Data), `"a":{"status":"TRUNCATED"}`) {
		t.Errorf("%s %v", a.Data, a.Errors)
	}
	if last.State != "ENDED" || len(last.Fields) != 2 || last.Fields[0].Key != "a" || last.Fields[0].Stage != "DONE" || last.Fields[1].Stage != "DONE" {
		t.Errorf("at the end: %+v", last)
	}
	if len(steps) == 0 {
		t.Error("no share was told")
	}
	for name, waiting := range map[string]<-chan progress{"of another name": others, "of lesser rights": lessers} {
		select {
		case p := <-waiting:
			t.Errorf("a follower %s heard %+v", name, p)
		default:
		}
	}
	if p := <-follow(t, api, requestName, everything); p.State != "WAITING" {
		t.Errorf("after the end: %+v", p)
	}
}

// TestNamesOfRequests that can be guessed, or are none, are refused, by whoever asks and whoever follows.
func TestNamesOfRequests(t *testing.T) {
	r := small(t)
	s := r.store()
	api := graph.NewAPI(r.model, s, graph.Options{})
	for _, name := range []string{"short", strings.Repeat("a", 65), "with blanks in it", "seventeen-letters\n"} {
		if a := api.Execute(t.Context(), graph.Request{Query: `{ stats { nodes } }`, Progress: name}, everything); len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != lookahead.BadUserInput || !a.Refused() {
			t.Errorf("%q names a request: %v", name, a.Errors)
		}
		if stream, a := api.Subscribe(t.Context(), graph.Request{Query: followQuery, Variables: map[string]any{"name": name}}, everything); stream != nil || a.Errors[0].Extensions["argument"] != "request" {
			t.Errorf("%q is followed: %v", name, a.Errors)
		}
	}
	server := graph.NewServer(api, s, graph.ServerOptions{Access: everything})
	for sent, status := range map[string]int{
		`{"query":"{ stats { nodes } }","extensions":{"progress":"` + requestName + `"}}`: 200, `{"query":"{ stats { nodes } }","extensions":{"progress":5}}`: 422,
		`{"query":"{ stats { nodes } }","extensions":{"progress":""}}`: 422, `{"query":"{ stats { nodes } }","extensions":{"other":5}}`: 200,
		`{"query":"{ stats { nodes } }","extensions":{"progress":"short"}}`: 400,
	} {
		if w := call(server, "POST", "/graphql", sent, "Content-Type", contentJSON); w.Code != status {
			t.Errorf("%s: %d %s", sent, w.Code, w.Body)
		}
	}
	if w := call(server, "GET", "/graphql?query=%7Bstats%7Bnodes%7D%7D&extensions=%7B%22progress%22%3A5%7D", ""); w.Code != 422 {
		t.Errorf("in the address: %d %s", w.Code, w.Body)
	}
}

// slowQuestions take longer than they may on a wide graph, or nearly.
var slowQuestions = map[string]string{
	"betweenness":          `structure(runs: 1)`,
	"betweenness (places)": `structure(of: PLACES, runs: 1)`,
	"communities":          `structure(runs: 100, starts: 1)`,
	"chance":               `reuse(from: ["commodity/00"], to: ["commodity/01"], shuffles: 10000, null: DEGREE)`,
	"windows":              `diversification(window: 1, first: 100)`,
	"sensitivity":          `sensitivity(first: 100)`,
	"lots":                 `interdict(k: 50, randoms: 1000, objective: CONNECTIVITY)`,
	"groups":               `interdict(k: 50, remove: GROUPS, objective: CONNECTIVITY)`,
	"backtest":             `backtest(at: "2010", horizon: 1)`,
}

// TestWhoHasGoneAwayIsNotComputedFor: a request that is closed stops its work at once, over HTTP as well, and frees its place.
func TestWhoHasGoneAwayIsNotComputedFor(t *testing.T) {
	x := serve(t, wide(t, 4000), graph.ServerOptions{Access: everything})
	ask := func(ctx context.Context, query, name string) error {
		text, _ := json.Marshal(map[string]any{"query": "{ " + query + " { status } }", "extensions": map[string]any{"progress": name}})
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+x.address+"/graphql", bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", contentJSON)
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	if err := ask(t.Context(), `stats`, requestName); err != nil { // reads the network
		t.Fatal(err)
	}
	given := 0
	for name, query := range slowQuestions {
		told := x.events(fmt.Sprintf(`subscription { analysisProgress(request: %q) { state fields { stage } } }`, requestName))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- ask(ctx, query, requestName) }()
		var closed time.Time
		for {
			event, data := told.next()
			if event != "next" {
				break
			}
			if closed.IsZero() && strings.Contains(data, "COMPUTING") {
				closed = time.Now()
				cancel()
			}
			if strings.Contains(data, "ENDED") {
				break
			}
		}
		took := time.Since(closed)
		cancel()
		if err := <-ended; closed.IsZero() || err == nil {
			continue // it was answered before
		}
		given++
		t.Logf("%s: %v", name, took)
		if took > time.Second {
			t.Errorf("%s went on for %v", name, took)
		}
	}
	if given < len(slowQuestions)/2 {
		t.Errorf("%d of %d were given up", given, len(slowQuestions))
	}
}

// TestDeadlinesEndComputations soon after, with what was found.
func TestDeadlinesEndComputations(t *testing.T) {
	const limit = 150 * time.Millisecond
	r := wide(t, 4000)
	s := r.store()
	api := graph.NewAPI(r.model, s, graph.Options{AnalysisTime: limit})
	data(t, api, `{ stats { nodes } }`, "")
	exhausted := 0
	for name, query := range slowQuestions {
		began := time.Now()
		answer := data(t, api, "{ "+query+" { status } }", "")
		took := time.Since(began)
		t.Logf("%s: %v %s", name, took, answer)
		if strings.Contains(answer, "BUDGET_EXHAUSTED") {
			exhausted++
		}
		if took > limit+time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	if exhausted < len(slowQuestions)/2 {
		t.Errorf("%d of %d ran out of time", exhausted, len(slowQuestions))
	}
}
