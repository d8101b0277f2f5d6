package graph_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/graph"
)

const mediaGraphQL = "application/graphql-response+json"

func quiet(t testing.TB) *graph.Server {
	t.Helper()
	return graph.NewServer(graph.NewAPI(load(t), nothing, graph.Options{}), nothing, graph.ServerOptions{})
}

// closed is a server whose store must not be asked.
func closed(t testing.TB) *graph.Server {
	t.Helper()
	return graph.NewServer(graph.NewAPI(load(t), untouchable{t}, graph.Options{}), untouchable{t}, graph.ServerOptions{})
}

func TestPostAndGet(t *testing.T) {
	s := quiet(t)
	const want = `{"data":{"groups":{"totalCount":0}}}`
	q := url.Values{
		"query":         {`query A($n:Int!){groups(first:$n){nodes{id}}} query B($n:Int!){groups(first:$n){totalCount}}`},
		"operationName": {"B"}, "variables": {`{"n":5}`}, "extensions": {`{}`},
	}
	for name, w := range map[string]interface{ Result() *http.Response }{
		"GET":  call(s, "GET", "/graphql?"+q.Encode(), ""),
		"POST": call(s, "POST", "/graphql", `{"query":"query A{groups{nodes{id}}} query B($n:Int!){groups(first:$n){totalCount}}","operationName":"B","variables":{"n":5},"extensions":{}}`, "Content-Type", "application/json; charset=UTF-8"),
		"POST with nulls": call(s, "POST", "/graphql", `{"query":"{groups{totalCount}}","operationName":null,"variables":null,"extensions":null}`,
			"Content-Type", "Application/JSON"),
	} {
		response := w.Result()
		var b strings.Builder
		if _, err := b.WriteString(read(t, response)); err != nil || response.StatusCode != http.StatusOK || b.String() != want {
			t.Errorf("%s: %d %s", name, response.StatusCode, b.String())
		}
		if got := response.Header.Get("Content-Type"); got != mediaGraphQL+"; charset=utf-8" {
			t.Errorf("%s: Content-Type %s", name, got)
		}
	}
}

func read(t testing.TB, r *http.Response) string {
	t.Helper()
	b := new(strings.Builder)
	if err := r.Write(b); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "\r\n\r\n")
	return text
}

// What cannot be read is refused with its status, in JSON, and no part of it comes back.
func TestRequestsThatCannotBeRead(t *testing.T) {
	s := closed(t)
	const secret = "zebra"
	query := func(values ...string) string {
		v := url.Values{}
		for i := 0; i < len(values); i += 2 {
			v.Add(values[i], values[i+1])
		}
		return "/graphql?" + v.Encode()
	}
	for _, c := range []struct {
		name, method, target, body, contentType string
		status                                  int
		message                                 string
	}{
		{"no JSON", "POST", "/graphql", `{"query": zebra`, contentJSON, 400, "the body is no JSON"},
		{"empty", "POST", "/graphql", ``, contentJSON, 400, "the body is no JSON"},
		{"text behind", "POST", "/graphql", `{"query":"{groups{totalCount}}"} zebra`, contentJSON, 400, "the body is no JSON"},
		{"a mark of byte order", "POST", "/graphql", "\ufeff" + `{"query":"{groups{totalCount}}"}`, contentJSON, 400, "the body is no JSON"},
		{"bad UTF-8", "POST", "/graphql", `{"query":"{search(text:\"zebra` + "\xff" + `\"){totalCount}}"}`, contentJSON, 400, "the body is no JSON in UTF-8"},
		{"10,001 levels", "POST", "/graphql", `{"query":"{groups{totalCount}}","variables":{"a":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}}`, contentJSON, 400, "the body is no JSON"},
		{"a batch", "POST", "/graphql", `[{"query":"{zebra}"}]`, contentJSON, 422, "the body is no JSON object with a query; batches are not taken"},
		{"a text", "POST", "/graphql", `"zebra"`, contentJSON, 422, "the body is no JSON object with a query; batches are not taken"},
		{"null", "POST", "/graphql", `null`, contentJSON, 422, "the body has no query"},
		{"no query", "POST", "/graphql", `{"zebra":"{groups{totalCount}}"}`, contentJSON, 422, "the body has no query"},
		{"a null query", "POST", "/graphql", `{"query":null}`, contentJSON, 422, "the body has no query"},
		{"an empty query", "POST", "/graphql", `{"query":""}`, contentJSON, 422, "the body has no query"},
		{"a wrong query", "POST", "/graphql", `{"query":{"zebra":1},"variables":"zebra"}`, contentJSON, 422, "query has the wrong type"},
		{"a wrong name", "POST", "/graphql", `{"query":"{groups{totalCount}}","operationName":7,"variables":"zebra"}`, contentJSON, 422, "operationName has the wrong type"},
		{"wrong variables", "POST", "/graphql", `{"query":"{groups{totalCount}}","variables":["zebra"],"extensions":7}`, contentJSON, 422, "variables has the wrong type"},
		{"wrong extensions", "POST", "/graphql", `{"query":"{groups{totalCount}}","extensions":"zebra"}`, contentJSON, 422, "extensions has the wrong type"},
		{"a form", "POST", "/graphql", `query=%7Bzebra%7D`, "application/x-www-form-urlencoded", 415, "send the request as application/json"},
		{"an upload", "POST", "/graphql", `--zebra--`, "multipart/form-data; boundary=zebra", 415, "send the request as application/json"},
		{"plain text", "POST", "/graphql", `{"query":"{zebra}"}`, "text/plain", 415, "send the request as application/json"},
		{"a query as such", "POST", "/graphql", `{zebra}`, "application/graphql", 415, "send the request as application/json"},
		{"no type", "POST", "/graphql", `{"query":"{zebra}"}`, "", 415, "send the request as application/json"},
		{"a broken type", "POST", "/graphql", `{"query":"{zebra}"}`, "application/json; charset", 415, "send the request as application/json"},
		{"another character set", "POST", "/graphql", `{"query":"{zebra}"}`, "application/json; charset=utf-16", 415, "send the request in UTF-8"},
		{"the address for a POST", "POST", query("query", "{zebra}"), ``, contentJSON, 400, "the body is no JSON"},
		{"GET without a query", "GET", "/graphql", ``, "", 422, "the address has no parameter query"},
		{"GET with a broken escape", "GET", "/graphql?query=%zz", ``, "", 422, "the address has no parameter query"},
		{"two queries", "GET", query("query", "{zebra}", "query", "{groups{totalCount}}"), ``, "", 422, "query is given twice"},
		{"two lots of variables", "GET", query("query", "{zebra}", "variables", "{}", "variables", "{}", "extensions", "", "extensions", ""), ``, "", 422, "variables is given twice"},
		{"GET with wrong variables", "GET", query("query", "{zebra}", "variables", `["zebra"]`), ``, "", 422, "variables is no JSON object"},
		{"GET with empty variables", "GET", query("query", "{zebra}", "variables", ``), ``, "", 422, "variables is no JSON object"},
		{"GET with text behind", "GET", query("query", "{zebra}", "variables", `{} zebra`), ``, "", 422, "variables is no JSON object"},
	} {
		w := call(s, c.method, c.target, c.body, "Content-Type", c.contentType)
		var got struct{ Errors []problem }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Errors) != 1 || got.Errors[0].Message != c.message || w.Code != c.status {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		} else if got.Errors[0].Extensions.Code != "BAD_USER_INPUT" || strings.Contains(w.Body.String(), secret) || strings.Contains(w.Body.String(), "data") {
			t.Errorf("%s: %s", c.name, w.Body)
		}
	}
	w := call(s, "POST", "/graphql", `{"query":"{groups{totalCount}}"}`, "Content-Type", contentJSON, "Content-Encoding", "gzip")
	if w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a packed body: %d %s", w.Code, w.Body)
	}
}

func TestMethods(t *testing.T) {
	s := closed(t)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY"} {
		w := call(s, method, "/graphql", body(t, `{groups{totalCount}}`), "Content-Type", contentJSON)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
	for _, path := range []string{"/schema.graphql", "/examples.json", "/healthz", "/readyz"} {
		w := call(s, "POST", path, "")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: %d, Allow %q", path, w.Code, w.Header().Get("Allow"))
		}
		if w := call(s, "HEAD", path, ""); w.Code != http.StatusOK {
			t.Errorf("HEAD %s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/", "/graphql/", "/graphiql", "/nothing", "/..%2fetc"} {
		if w := call(s, "GET", path, ""); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}

// There is nothing that a request could change, and a subscription needs a stream.
func TestOnlyQueriesAreServed(t *testing.T) {
	s := closed(t)
	for query, says := range map[string]string{`mutation{deleteGroup(id:"group/a"){id}}`: "Schema does not support operation type", `subscription{loadProgress{running}}`: "accept text/event-stream"} {
		for _, w := range []interface{ Result() *http.Response }{
			call(s, "POST", "/graphql", body(t, query), "Content-Type", contentJSON),
			call(s, "GET", "/graphql?"+url.Values{"query": {query}}.Encode(), ""),
		} {
			text := read(t, w.Result())
			if w.Result().StatusCode != http.StatusBadRequest || !strings.Contains(text, says) {
				t.Errorf("%s: %d %s", query, w.Result().StatusCode, text)
			}
		}
	}
}

func TestAccept(t *testing.T) {
	s := quiet(t)
	for accept, want := range map[string]string{
		"":                       mediaGraphQL,
		"*/*":                    mediaGraphQL,
		"application/*":          mediaGraphQL,
		mediaGraphQL:             mediaGraphQL,
		"application/json":       "application/json",
		"Application/JSON;q=0.3": "application/json",
		"text/html, */*;q=0.1":   mediaGraphQL,
		"application/json, */*":  "application/json",
		mediaGraphQL + ";q=0.5, application/json;q=0.9":    "application/json",
		"application/json;q=0.5, " + mediaGraphQL:          mediaGraphQL,
		"application/json;q=0, */*;q=0.001":                mediaGraphQL,
		"application/json;q=x, " + mediaGraphQL + ";q=0.1": mediaGraphQL,
		"application/json;charset=utf-8":                   "application/json",
		"text/html":                                        "",
		"multipart/mixed;deferSpec=20220824":               "",
		"application/json;q=0":                             "",
		"application/json;q=0.000":                         "",
		",;,":                                              "",
	} {
		for status, query := range map[int]string{http.StatusOK: `{groups{totalCount}}`, http.StatusBadRequest: `{group}`} {
			w := call(s, "POST", "/graphql", body(t, query), "Content-Type", contentJSON, "Accept", accept)
			if want == "" {
				if w.Code != http.StatusNotAcceptable {
					t.Errorf("Accept %q: %d %s", accept, w.Code, w.Body)
				}
				continue
			}
			if want == "application/json" {
				status = http.StatusOK
			}
			if w.Code != status || w.Header().Get("Content-Type") != want+"; charset=utf-8" {
				t.Errorf("Accept %q, %s: %d %s", accept, query, w.Code, w.Header().Get("Content-Type"))
			}
		}
	}
	w := call(s, "POST", "/graphql", body(t, `{groups{totalCount}}`), "Content-Type", contentJSON, "Accept", "text/html", "Accept", "application/json")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("two headers: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestOperationName(t *testing.T) {
	api := graph.NewAPI(load(t), nothing, graph.Options{})
	const two = `query A{groups{totalCount}} query B{persons{totalCount}}`
	for name, want := range map[string]string{"A": `{"data":{"groups":{"totalCount":0}}}`, "B": `{"data":{"persons":{"totalCount":0}}}`} {
		if got := execute(t, api, graph.Request{Query: two, OperationName: name}); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, query := range map[string]string{
		"": two, "C": two, "a": two, "D": `{groups{totalCount}}`,
	} {
		p := refused(t, api, graph.Request{Query: query, OperationName: name})
		if p.Extensions.Code != "BAD_USER_INPUT" || !strings.Contains(p.Message, "operation") {
			t.Errorf("%q of %s: %+v", name, query, p)
		}
	}
	for _, query := range []string{`fragment F on Group{id}`, ``, ` `, `#`} {
		if p := refused(t, api, graph.Request{Query: query}); p.Message == "" {
			t.Errorf("%q: %+v", query, p)
		}
	}
	if p := refused(t, api, graph.Request{Query: `query A{groups{totalCount}} query A{groups{totalCount}}`, OperationName: "A"}); !strings.Contains(p.Message, `"A"`) {
		t.Errorf("two of one name: %+v", p)
	}
}
