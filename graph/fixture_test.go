package graph_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// Goroutines that a request leaves behind fail the whole package.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var everything = lookahead.Access{}

func load(t testing.TB) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// records are what a test puts into a store. Values are given as files give them; the required ones that are left out have defaults.
type records struct {
	testing.TB
	model  *ontology.Model
	nodes  []store.Node
	claims []store.Claim
}

type values map[string]string

var defaults = values{
	"tlp": "CLEAR", "recordedAt": "2020-01-01", "reliability": "B", "credibility": "2", "stance": "ASSERTS", "modality": "STATES",
	"source": "source/s", "metric": "REVENUE", "victimRole": "FRAUD_TARGET", "mode": "SEA", "order": "1",
}

func (r *records) parsed(kind *ontology.Kind, given values) []any {
	r.Helper()
	for name := range given {
		if kind.Property(name) == nil {
			r.Fatalf("%s has no property %s", kind.Name, name)
		}
	}
	out := make([]any, len(kind.Properties))
	for i, p := range kind.Properties {
		text, stated := given[p.Name]
		switch {
		case !stated && p.Name == "kind" && p.Required:
			text = p.Enum.Values[0]
		case !stated && (p.Required || p.Name == "source" && kind.Statement):
			text = defaults[p.Name]
		}
		v, err := p.Parse(text)
		if err != nil {
			r.Fatalf("%s %s: %v", kind.Name, p.Name, err)
		}
		out[i] = v
	}
	return out
}

// node adds a record; links are a structural field and the id it leads to, in turn.
func (r *records) node(kind, id string, given values, links ...string) {
	r.Helper()
	k := r.model.Kind(kind)
	if given == nil {
		given = values{}
	}
	given["id"] = id
	if k.Property("name") != nil && given["name"] == "" {
		given["name"] = id
	}
	n := store.Node{Kind: k, Values: r.parsed(k, given)}
	for i := 0; i < len(links); i += 2 {
		n.Links = append(n.Links, store.NodeLink{Link: k.Link(links[i]), ID: links[i+1]})
	}
	r.nodes = append(r.nodes, n)
}

func (r *records) claim(relation, from, to string, given values) {
	r.Helper()
	c := store.Claim{Relation: r.model.Relation(relation), From: from, To: to, Values: r.parsed(r.model.Claim, given)}
	c.Values[0] = store.ClaimID(r.model.Claim, c.Relation, from, to, c.Values)
	r.claims = append(r.claims, c)
}

// stored puts records into an embedded store in memory.
func stored(t testing.TB, model *ontology.Model, batch store.Batch) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), model, sqlite.Memory, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Apply(context.Background(), batch); err != nil {
		t.Fatal(err)
	}
	return s
}

func (r *records) store() *sqlite.Store {
	r.Helper()
	return stored(r, r.model, store.Batch{Nodes: r.nodes, Claims: r.claims})
}

// small is a graph of a few records that most tests ask.
func small(t testing.TB) *records {
	t.Helper()
	r := &records{TB: t, model: load(t)}
	r.node("Source", "source/s", values{"name": "Report", "reliability": "B"})
	r.node("Source", "source/u", values{"name": "Unjudged", "reliability": "F"})
	r.node("Place", "place/kh", values{"name": "Cambodia", "kind": "COUNTRY", "countryCode": "KH", "latitude": "12.5"})
	r.node("Commodity", "commodity/arms", values{"name": "Arms", "kind": "MARKET", "market": "ARMS_TRAFFICKING"})
	r.node("Group", "group/a", values{"name": "Alpha & <Sons>", "aliases": "Ål|Alf", "actorType": "MAFIA_STYLE", "founded": "1969-05", "source": "source/s"}, "basedIn", "place/kh")
	r.node("Group", "group/b", values{"name": "Beta", "founded": "2001"})
	r.node("Group", "group/c", values{"name": "Gamma"})
	r.node("Person", "person/p", values{"name": "Alphonse"})
	r.node("Route", "route/r", values{"name": "Road"})
	r.node("Event", "event/e", values{"name": "Handover", "kind": "HANDOVER", "validFrom": "2023-11", "validTo": "2023-11", "low": "40"})
	r.node("Estimate", "estimate/m", values{"metric": "MEMBERS", "low": "25000", "high": "5e4"}, "about", "group/a")
	r.claim("OPERATES", "group/a", "route/r", values{"validFrom": "2019-03", "confidence": "80"})
	r.claim("OPERATES", "group/a", "route/r", values{"stance": "DENIES", "source": "source/u", "reliability": "F", "credibility": "6"})
	r.claim("OPERATES", "group/b", "route/r", values{"validFrom": "2015", "validTo": "2018"})
	r.claim("ALLIED_WITH", "group/a", "group/b", values{"credibility": "1"})
	r.claim("ALLIED_WITH", "group/a", "group/c", values{"credibility": "3", "low": "0.1"})
	r.claim("PARTICIPATED_IN", "group/a", "event/e", values{"role": "suspect"})
	r.claim("PARTICIPATED_IN", "person/p", "event/e", nil)
	r.claim("CARRIES", "route/r", "commodity/arms", nil)
	return r
}

// untouchable is a store that fails the test when it is asked.
type untouchable struct{ testing.TB }

func (u untouchable) Query(_ context.Context, p plan.Plan) (store.Value, error) {
	u.Errorf("the store was asked:\n%s", p)
	return store.Value{}, store.Errorf(store.CodeInternal, "query", "", "asked")
}

func (u untouchable) Revision(context.Context) (int64, error) { return 1, nil }

func (u untouchable) Touched(context.Context, int64) (store.Touched, error) {
	return store.Touched{Revision: 1}, nil
}

func (u untouchable) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	u.Error("the store was streamed")
	return func(func(store.Record, error) bool) {}
}

// answering is a store that answers by a function.
type answering func(ctx context.Context, p plan.Plan) (store.Value, error)

func (a answering) Query(ctx context.Context, p plan.Plan) (store.Value, error) { return a(ctx, p) }
func (answering) Revision(context.Context) (int64, error)                       { return 1, nil }
func (answering) Touched(context.Context, int64) (store.Touched, error) {
	return store.Touched{Revision: 1}, nil
}

// Stream holds no record; it fails where the function fails.
func (a answering) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if _, err := a(ctx, plan.Plan{Lens: wanted.Lens}); err != nil {
			yield(store.Record{}, err)
		}
	}
}

// nothing answers every page as an empty one.
var nothing = answering(func(_ context.Context, p plan.Plan) (store.Value, error) {
	if p.Lookup != nil {
		return store.Of(make([]store.Value, len(p.Lookup.IDs))), nil
	}
	return store.Of([]store.Value{store.Of(int64(0)), store.Of([]store.Value{})}), nil
})

// execute gives the whole response as text.
func execute(t testing.TB, api *graph.API, request graph.Request) string {
	t.Helper()
	response := api.Execute(context.Background(), request, everything)
	b, err := response.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b) {
		t.Fatalf("no JSON: %s", b)
	}
	return string(b)
}

// data gives the data of a query that must succeed.
func data(t testing.TB, api *graph.API, query, variables string) string {
	t.Helper()
	return answered(t, execute(t, api, request(t, query, variables)), query)
}

func answered(t testing.TB, response, query string) string {
	t.Helper()
	d, found := strings.CutPrefix(response, `{"data":`)
	if !found {
		t.Fatalf("%s\nwas answered with\n%s", query, response)
	}
	return strings.TrimSuffix(d, "}")
}

func request(t testing.TB, query, variables string) graph.Request {
	t.Helper()
	r := graph.Request{Query: query}
	if variables != "" {
		decoder := json.NewDecoder(strings.NewReader(variables))
		decoder.UseNumber()
		if err := decoder.Decode(&r.Variables); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// problem is the first error of a response.
type problem struct {
	Message    string
	Path       []any
	Locations  []struct{ Line, Column int }
	Extensions struct{ Code, Argument string }
}

// refused gives the first error of a request that must be refused before it is executed.
func refused(t testing.TB, api *graph.API, r graph.Request) problem {
	t.Helper()
	text := execute(t, api, r)
	var response struct {
		Errors []problem
		Data   json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &response); err != nil {
		t.Fatal(err)
	}
	if len(response.Errors) == 0 || response.Data != nil {
		t.Fatalf("%.300s was not refused: %.500s", r.Query, text)
	}
	return response.Errors[0]
}

// call sends a request to a server's handler at 127.0.0.1:8080.
func call(s *graph.Server, method, target, body string, header ...string) *httptest.ResponseRecorder {
	return callAt(s.Handler("127.0.0.1:8080"), method, target, body, header...)
}

func callAt(handler http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

const contentJSON = "application/json"

// body is a request as JSON.
func body(t testing.TB, query string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
