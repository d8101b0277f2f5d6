package graph_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

func TestHost(t *testing.T) {
	api := graph.NewAPI(load(t), nothing, graph.Options{})
	s := graph.NewServer(api, nothing, graph.ServerOptions{Hosts: []string{"Graph.Example.org"}})
	for _, c := range []struct {
		listen, host string
		served       bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "127.0.0.1", true},
		{"127.0.0.1:8080", "localhost:8080", true},
		{"127.0.0.1:8080", "LOCALHOST:9999", true},
		{"127.0.0.1:8080", "[::1]:8080", true},
		{"127.0.0.1:8080", "[::1]", true},
		{"127.0.0.1:8080", "graph.example.org", true},
		{"127.0.0.1:8080", "GRAPH.example.ORG:443", true},
		{"127.0.0.1:8080", "evil.example.org", false},
		{"127.0.0.1:8080", "evil.example.org:8080", false},
		{"127.0.0.1:8080", "localhost.evil.example.org", false},
		{"127.0.0.1:8080", "localhost.", false},
		{"127.0.0.1:8080", "127.0.0.1.nip.io:8080", false},
		{"127.0.0.1:8080", "10.0.0.7:8080", false},
		{"127.0.0.1:8080", "[::ffff:127.0.0.1]:8080", false},
		{"127.0.0.1:8080", "localhost:80:80", false},
		{"127.0.0.1:8080", "", false},
		{"10.0.0.7:8080", "10.0.0.7:8080", true},
		{"10.0.0.7:8080", "localhost:8080", true},
		{"[fd00::A]:8080", "[FD00::a]:8080", true},
		{"MyHost:8080", "myhost:8080", true},
		{"0.0.0.0:8080", "0.0.0.0:8080", false},
		{"0.0.0.0:8080", "10.0.0.7:8080", false},
		{"[::]:8080", "[::]:8080", false},
		{":8080", "", false},
	} {
		w := callAt(s.Handler(c.listen), "POST", "/graphql", body(t, `{groups{totalCount}}`), "Content-Type", contentJSON, "Host", c.host)
		want := http.StatusMisdirectedRequest
		if c.served {
			want = http.StatusOK
		}
		if w.Code != want || (!c.served && !strings.Contains(w.Body.String(), `"this server does not answer under that name; allow it with --host"`)) {
			t.Errorf("listening at %s, asked as %q: %d %s", c.listen, c.host, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/schema.graphql", "/examples.json"} {
		if w := call(s, "GET", path, "", "Host", "evil.example.org"); w.Code != http.StatusMisdirectedRequest {
			t.Errorf("%s under another name: %d", path, w.Code)
		}
	}
}

func TestOrigin(t *testing.T) {
	api := graph.NewAPI(load(t), nothing, graph.Options{})
	const allowed = "https://map.example.org"
	s := graph.NewServer(api, nothing, graph.ServerOptions{Origins: []string{allowed}, Token: "0123456789abcdef"})
	ask := func(s *graph.Server, header ...string) int {
		return call(s, "POST", "/graphql", body(t, `{groups{totalCount}}`),
			append(header, "Content-Type", contentJSON, "Authorization", "Bearer 0123456789abcdef")...).Code
	}
	for origin, want := range map[string]int{
		"http://127.0.0.1:8080":           http.StatusOK,
		allowed:                           http.StatusOK,
		"https://evil.example.org":        http.StatusForbidden,
		"https://map.example.org.evil.eu": http.StatusForbidden,
		"https://map.example.org:444":     http.StatusForbidden,
		"http://map.example.org":          http.StatusForbidden,
		"http://127.0.0.1:8081":           http.StatusForbidden,
		"http://localhost:8080":           http.StatusForbidden,
		"null":                            http.StatusForbidden,
		"file://":                         http.StatusForbidden,
		"%":                               http.StatusForbidden,
	} {
		if got := ask(s, "Origin", origin); got != want {
			t.Errorf("origin %s: %d", origin, got)
		}
	}
	bare := graph.NewServer(api, nothing, graph.ServerOptions{})
	for site, want := range map[string]int{"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, "same-origin": http.StatusOK, "none": http.StatusOK} {
		if got := call(bare, "GET", "/graphql?query=%7Bgroups%7BtotalCount%7D%7D", "", "Sec-Fetch-Site", site).Code; got != want {
			t.Errorf("an image of a %s page: %d, want %d", site, got, want)
		}
	}
	for site, want := range map[string]int{"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, "same-origin": http.StatusNotFound, "none": http.StatusNotFound} {
		if got := call(bare, "GET", "/export/none", "", "Sec-Fetch-Site", site).Code; got != want {
			t.Errorf("an export for a %s page: %d, want %d", site, got, want)
		}
	}
	if got := ask(bare, "Origin", allowed); got != http.StatusForbidden {
		t.Errorf("an origin that nobody allowed: %d", got)
	}
	// The browser's question before a call carries no token.
	preflight := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type"}
	w := call(s, "OPTIONS", "/graphql", "", append(preflight, "Origin", allowed)...)
	h := w.Header()
	if w.Code != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != allowed || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("Access-Control-Allow-Headers") != "authorization,content-type" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d %v", w.Code, h)
	}
	for name, w := range map[string]http.Header{
		"of a foreign origin": call(s, "OPTIONS", "/graphql", "", append(preflight, "Origin", "https://evil.example.org")...).Header(),
		"without --origin":    call(bare, "OPTIONS", "/graphql", "", append(preflight, "Origin", allowed)...).Header(),
	} {
		if got := w.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("preflight %s allows %q", name, got)
		}
	}
	w = call(s, "POST", "/graphql", body(t, `{groups{totalCount}}`), "Origin", allowed, "Content-Type", contentJSON, "Authorization", "Bearer 0123456789abcdef")
	if w.Header().Get("Access-Control-Allow-Origin") != allowed || w.Header().Get("Vary") == "" {
		t.Errorf("the call: %v", w.Header())
	}
}

func TestToken(t *testing.T) {
	const token = "0123456789abcdef"
	pages := fstest.MapFS{"index.html": {Data: []byte("<html>")}, "app.js": {Data: []byte("//")}}
	s := graph.NewServer(graph.NewAPI(load(t), nothing, graph.Options{}), nothing,
		graph.ServerOptions{Token: token, GraphiQL: pages, Explorer: pages, Examples: []byte(`[]`)})
	text := body(t, `{groups{totalCount}}`)
	for header, want := range map[string]int{
		"Bearer " + token: http.StatusOK, "bearer " + token: http.StatusOK, "BEARER  " + token + " ": http.StatusOK,
		"": http.StatusUnauthorized, "Bearer": http.StatusUnauthorized, "Bearer ": http.StatusUnauthorized, token: http.StatusUnauthorized,
		"Basic " + token: http.StatusUnauthorized, "Bearer " + token + "0": http.StatusUnauthorized, "Bearer " + token[1:]: http.StatusUnauthorized,
		"Bearer " + strings.ToUpper(token): http.StatusUnauthorized, "Bearer " + token + "," + token: http.StatusUnauthorized,
	} {
		for _, path := range []string{"/graphql", "/graphql?token=" + token} {
			w := call(s, "POST", path, text, "Content-Type", contentJSON, "Authorization", header)
			if w.Code != want {
				t.Errorf("%q: %d %s", header, w.Code, w.Body)
			}
			if want == http.StatusUnauthorized && (w.Header().Get("WWW-Authenticate") == "" || !strings.Contains(w.Body.String(), "UNAUTHENTICATED") || strings.Contains(w.Body.String(), token[1:])) {
				t.Errorf("%q: %v %s", header, w.Header(), w.Body)
			}
		}
	}
	for path, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/": 200, "/explorer/app.js": 200, "/explorer/nothing": 404, "/explorer/": 404, "/explorerx": 401, "/graphiql": 200, "/graphiql/app.js": 200, "/graphiql/nothing": 404,
		"/schema.graphql": 401, "/examples.json": 401, "/graphql?query={groups{totalCount}}": 401, "/nothing": 401,
		"/graphiql/../graphql?query={groups{totalCount}}": 307, "/graphiql/..%2fgraphql?query={groups{totalCount}}": 404, "/graphiqlx": 401, "//graphql": 401,
	} {
		if w := call(s, "GET", path, ""); w.Code != want || strings.Contains(w.Body.String(), `"data"`) {
			t.Errorf("%s without a token: %d %s", path, w.Code, w.Body)
		}
	}
	for path, want := range map[string]string{"/schema.graphql": graph.SDL, "/examples.json": `[]`} {
		if w := call(s, "GET", path, "", "Authorization", "Bearer "+token); w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %.100s", path, w.Code, w.Body)
		}
	}
}

// The log says who asked for what kind of thing and how it went. It must hold nothing of what was asked or proved.
func TestLogHoldsNoSecrets(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	failing := answering(func(context.Context, plan.Plan) (store.Value, error) {
		return store.Value{}, store.Errorf(store.CodeInternal, "query", "", "disk I/O error")
	})
	s := graph.NewServer(graph.NewAPI(load(t), failing, graph.Options{Log: logger}), failing, graph.ServerOptions{Token: "token-secret-0123", Log: logger})
	right := []string{"Content-Type", contentJSON, "Authorization", "Bearer token-secret-0123"}
	const query = `query($v:String!){alias_secret:search(text:$v){totalCount}}`
	asked := `{"query":"` + query + `","variables":{"v":"variable-secret"}}`
	call(s, "POST", "/graphql", asked, right...)
	call(s, "POST", "/graphql", asked, "Content-Type", contentJSON, "Authorization", "Bearer wrong-secret")
	call(s, "GET", "/graphql?query=%7Bquery_secret%7D&variables=%7B%22v%22:%22variable-secret%22%7D&token=token-secret", "", right...)
	call(s, "POST", "/graphql", `{"query":"{query_secret}"}`, right...)
	call(s, "POST", "/graphql", `body-secret`, right...)
	call(s, "GET", "/healthz", "", "Host", "host-secret.example.org", "Cookie", "cookie-secret")
	text := log.String()
	if strings.Contains(strings.ReplaceAll(text, "alias_secret", ""), "secret") {
		t.Errorf("the log holds a secret:\n%s", text)
	}
	for _, want := range []string{`"msg":"request"`, `"path":"/graphql"`, `"status":401`, `"status":421`, `"status":400`, "disk I/O error", `"method":"GET"`, `"ms":`} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%s", want, text)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	pages := fstest.MapFS{"index.html": {Data: []byte("<html>")}}
	s := graph.NewServer(graph.NewAPI(load(t), nothing, graph.Options{}), nothing,
		graph.ServerOptions{Token: "0123456789abcdef", GraphiQL: pages, Explorer: pages, Origins: []string{"https://map.example.org"}})
	for _, c := range [][]string{
		{"POST", "/graphql"}, {"GET", "/graphql?query={groups{totalCount}}"}, {"PUT", "/graphql"}, {"GET", "/healthz"}, {"GET", "/readyz"}, {"GET", "/nothing"},
		{"GET", "/graphiql"}, {"GET", "/schema.graphql"}, {"GET", "/examples.json"}, {"GET", "/"}, {"OPTIONS", "/graphql"},
	} {
		for _, header := range [][]string{
			{}, {"Authorization", "Bearer 0123456789abcdef"}, {"Host", "evil.example.org"}, {"Origin", "null"},
			{"Origin", "https://map.example.org", "Access-Control-Request-Method", "POST"},
		} {
			h := call(s, c[0], c[1], "", header...).Header()
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if h.Get(name) != want {
					t.Errorf("%v with %v: %s is %q", c, header, name, h.Get(name))
				}
			}
			if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%v with %v: Content-Security-Policy %q", c, header, csp)
			}
		}
	}
}

// Whatever goes wrong inside, the caller learns that it did and the log learns what.
func TestFailuresAreAnsweredWithoutDetail(t *testing.T) {
	const detail = "secret detail"
	for name, c := range map[string]struct {
		store  answering
		code   string
		logged string
	}{
		"a store that panics": {func(context.Context, plan.Plan) (store.Value, error) { panic(detail) }, "INTERNAL_SERVER_ERROR", detail},
		"a store that answers in another shape": {func(context.Context, plan.Plan) (store.Value, error) {
			return store.Of([]store.Value{store.Of(int64(7))}), nil
		},
			"INTERNAL_SERVER_ERROR", "index out of range"},
		"a store that fails": {func(context.Context, plan.Plan) (store.Value, error) {
			return store.Value{}, store.Errorf(store.CodeDamaged, "/secret/path", detail, detail)
		}, "INTERNAL_SERVER_ERROR", detail},
		"an error of no known type": {func(context.Context, plan.Plan) (store.Value, error) { return store.Value{}, errors.New(detail) }, "INTERNAL_SERVER_ERROR", detail},
		"a store that is gone": {func(context.Context, plan.Plan) (store.Value, error) {
			return store.Value{}, fmt.Errorf("wrapped: %w", store.Errorf(store.CodeUnreachable, "bolt://secret", "", detail))
		}, "SERVICE_UNAVAILABLE", detail},
		"a store that is busy": {func(context.Context, plan.Plan) (store.Value, error) {
			return store.Value{}, store.Errorf(store.CodeBusy, "bolt://secret", "", detail)
		}, "SERVICE_UNAVAILABLE", detail},
		"a store that was closed": {func(context.Context, plan.Plan) (store.Value, error) {
			return store.Value{}, store.Errorf(store.CodeClosed, "", "", detail)
		}, "SERVICE_UNAVAILABLE", detail},
	} {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		api := graph.NewAPI(load(t), c.store, graph.Options{Log: logger})
		s := graph.NewServer(api, c.store, graph.ServerOptions{Log: logger, Concurrency: 1, Patience: time.Millisecond})
		for range 2 { // the second finds the one place free again
			for _, query := range []string{`{groups{totalCount nodes{id}}}`, `{group(id:"group/a"){id}}`, `{nodes(ids:"group/a"){id}}`, `{search(text:"a"){totalCount}}`} {
				if strings.Contains(query, "search") && strings.Contains(name, "shape") {
					continue // a search streams records, which have one shape
				}
				w := call(s, "POST", "/graphql", body(t, query), "Content-Type", contentJSON)
				text := w.Body.String()
				if w.Code != http.StatusOK || !strings.Contains(text, `"code":"`+c.code+`"`) || strings.Contains(text, "secret") || !strings.Contains(text, `"data":`) {
					t.Errorf("%s, %s: %d %s", name, query, w.Code, text)
				}
			}
		}
		if !strings.Contains(log.String(), c.logged) {
			t.Errorf("%s: the log holds %s", name, log.String())
		}
	}
}

func TestReadiness(t *testing.T) {
	r := small(t)
	s := r.store()
	server := graph.NewServer(graph.NewAPI(r.model, s, graph.Options{}), s, graph.ServerOptions{})
	if w := call(server, "GET", "/readyz", ""); w.Code != http.StatusOK || w.Body.String() != `{"status":"ready"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	broken := unready{}
	server = graph.NewServer(graph.NewAPI(r.model, broken, graph.Options{}), broken, graph.ServerOptions{})
	if w := call(server, "GET", "/readyz", ""); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := call(server, "GET", "/healthz", ""); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type unready struct{}

func (unready) Query(context.Context, plan.Plan) (store.Value, error) { panic("not asked") }
func (unready) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	panic("not streamed")
}
func (unready) Touched(context.Context, int64) (store.Touched, error) { panic("not asked") }
func (unready) Revision(context.Context) (int64, error) {
	return 0, store.Errorf(store.CodeUnreachable, "secret", "", "gone")
}

// serving runs a server on loopback until end is called, which returns what Serve did.
func serving(t *testing.T, s *graph.Server) (address string, end context.CancelFunc, ended chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	ended = make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	return listener.Addr().String(), end, ended
}

func TestShutdownFinishesWhatIsUnderWay(t *testing.T) {
	g := gate{make(chan struct{}, 8), make(chan struct{})}
	s := graph.NewServer(graph.NewAPI(load(t), g, graph.Options{}), g, graph.ServerOptions{})
	address, end, ended := serving(t, s)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var under sync.WaitGroup
	under.Go(func() {
		response, err := client.Post("http://"+address+"/graphql", contentJSON, strings.NewReader(body(t, `{groups{totalCount}}`)))
		if err != nil {
			t.Errorf("the request under way: %v", err)
			return
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || string(text) != `{"data":{"groups":{"totalCount":0}}}` {
			t.Errorf("the request under way: %v, %s", err, text)
		}
	})
	<-g.waiting
	end()
	refusedNow := false
	for range 200 {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			refusedNow = true
			break
		}
		connection.Close()
		time.Sleep(10 * time.Millisecond)
	}
	if !refusedNow {
		t.Error("new connections are still taken")
	}
	select {
	case err := <-ended:
		t.Errorf("ended before the request under way: %v", err)
	default:
	}
	close(g.open)
	under.Wait()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("does not end")
	}
}

// One who sends nothing, or a header without an end, is cut off.
func TestSlowSendersAreCutOff(t *testing.T) {
	t.Parallel()
	s := graph.NewServer(graph.NewAPI(load(t), nothing, graph.Options{}), nothing, graph.ServerOptions{})
	address, end, ended := serving(t, s)
	var senders sync.WaitGroup
	for _, begun := range []string{"", "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "} {
		senders.Go(func() {
			connection, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer connection.Close()
			if _, err := io.WriteString(connection, begun); err != nil {
				t.Error(err)
			}
			if err := connection.SetReadDeadline(time.Now().Add(9 * time.Second)); err != nil {
				t.Error(err)
			}
			start := time.Now()
			if _, err := io.Copy(io.Discard, connection); err != nil {
				t.Errorf("after %v the connection is still open: %v", time.Since(start), err)
			}
		})
	}
	senders.Wait()
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestLargeHeadersAreRefused(t *testing.T) {
	s := graph.NewServer(graph.NewAPI(load(t), nothing, graph.Options{}), nothing, graph.ServerOptions{})
	address, end, ended := serving(t, s)
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: %s\r\n\r\n", strings.Repeat("a", 64<<10))
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Error(response.Status)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
