package neo4j

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crimegraph/crimegraph/examples"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// questions are all example queries, and some that page, order and search.
func questions(t testing.TB) []examples.Example {
	t.Helper()
	list, err := examples.All()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 10 {
		t.Fatalf("only %d examples", len(list))
	}
	return append(list,
		examples.Example{Name: "pages", Query: `{groups(first:7,orderBy:[{field:NAME,direction:DESC}]){totalCount pageInfo{hasNextPage endCursor} edges{cursor node{id name founded aliases}}}}`},
		examples.Example{Name: "nulls", Query: `{groups(first:100,orderBy:[{field:FOUNDED,direction:DESC}]){edges{cursor node{founded dissolved structure description}}}}`},
		examples.Example{Name: "search", Query: `{search(text:"cartel",first:20){totalCount nodes{id name ... on Group{aliases}}} b:search(text:"кар",first:5){totalCount nodes{id}}}`},
	)
}

// served serves the example from a store.
func served(t testing.TB, s store.Store) *httptest.Server {
	t.Helper()
	if _, err := loadExample(t.Context(), s, t); err != nil {
		t.Fatal(err)
	}
	m := model(t)
	may := lookahead.Access{MaxTlp: m.Claim.Property("tlp").Enum.Rank("RED")}
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = graph.NewServer(graph.NewAPI(m, s, graph.Options{}), s, graph.ServerOptions{Access: may}).Handler(server.Listener.Addr().String())
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func post(t testing.TB, s *httptest.Server, q examples.Example) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": q.Query, "variables": variables(t, q)})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(s.URL+"/graphql", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func variables(t testing.TB, q examples.Example) (out map[string]any) {
	t.Helper()
	if q.Variables == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(q.Variables), &out); err != nil {
		t.Fatal(q.Name, err)
	}
	return out
}

// TestAnswersAreTheSame asks both stores over HTTP: every byte must be the same, and each root field take one round trip to the server.
func TestAnswersAreTheSame(t *testing.T) {
	empty(t).Close()
	counter := &trips{target: server.Address()}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { counter.serve(listener) })
	defer serving.Wait()
	defer listener.Close()
	s, err := Open(t.Context(), model(t), "bolt://"+listener.Addr().String(), options())
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, s)
	file, err := sqlite.Open(t.Context(), model(t), sqlite.Memory, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	here, there := served(t, file), served(t, s)
	api := graph.NewAPI(s.model, s, graph.Options{})
	counted := 0
	for _, q := range questions(t) {
		title := q.Name
		want := post(t, here, q)
		if strings.HasPrefix(want, `{"errors"`) {
			t.Errorf("%s: %.300s", title, want)
		}
		// The first time a connection may have to be made.
		if got := post(t, there, q); got != want {
			t.Errorf("%s\nwant %.1000s\ngot  %.1000s", title, want, got)
		}
		planned, errs := api.Questions(graph.Request{Query: q.Query, Variables: variables(t, q)}, lookahead.Access{MaxTlp: 5})
		if errs != nil {
			t.Fatal(title, errs)
		}
		counter.count.Store(0)
		post(t, there, q)
		if slices.ContainsFunc(slices.Collect(maps.Values(planned)), func(q lookahead.Question) bool { return q.Analytic != nil }) {
			continue // it looks at the revision, and reads the network where that moved
		}
		counted++
		if n := counter.count.Load(); int(n) != len(planned) {
			t.Errorf("%s: %d round trips for %d root fields", title, n, len(planned))
		}
	}
	if counted < 10 {
		t.Errorf("round trips were counted for %d questions only", counted)
	}
}

// trips is a proxy that counts round trips: how often a client speaks again after the server has spoken.
type trips struct {
	target string
	count  atomic.Int64
}

func (p *trips) serve(listener net.Listener) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		var asked atomic.Bool
		forward := func(from, to net.Conn, spoke func()) {
			defer from.Close()
			defer to.Close()
			buffer := make([]byte, 1<<16)
			for {
				n, err := from.Read(buffer)
				if n > 0 {
					spoke()
					if _, err := to.Write(buffer[:n]); err != nil {
						return
					}
				}
				if err != nil {
					return
				}
			}
		}
		all.Go(func() {
			forward(client, server, func() {
				if !asked.Swap(true) {
					p.count.Add(1)
				}
			})
		})
		all.Go(func() { forward(server, client, func() { asked.Store(false) }) })
	}
}
