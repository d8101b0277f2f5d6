package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// served is a server on a file that another store writes, as `crimegraph load` does beside `crimegraph serve`.
type served struct {
	testing.TB
	records *records
	loader  *sqlite.Store
	address string
	stop    func() error
}

// swift looks at the store often.
var swift = network.Pace{Look: 5 * time.Millisecond, Quiet: 50 * time.Millisecond}

func serve(t testing.TB, r *records, opts graph.ServerOptions) *served {
	t.Helper()
	file := filepath.Join(t.TempDir(), "crime.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), r.model, file, sqlite.Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	loader := open()
	if err := loader.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := &served{TB: t, records: r, loader: loader}
	x.load(r.nodes, r.claims)
	reading := open()
	api := graph.NewAPI(r.model, reading, graph.Options{Pace: swift})
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- graph.NewServer(api, reading, opts).Serve(ctx, listener) }()
	x.stop = func() error { cancel(); err := <-ended; ended <- err; return err }
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		for _, err := range []error{x.stop(), reading.Close(), loader.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return x
}

func (x *served) load(nodes []store.Node, claims []store.Claim) {
	x.Helper()
	if _, err := x.loader.Apply(x.Context(), store.Batch{Nodes: nodes, Claims: claims}); err != nil {
		x.Fatal(err)
	}
}

// loadMore writes what a function adds to the records.
func (x *served) loadMore(add func(r *records)) {
	x.Helper()
	r := &records{TB: x.TB, model: x.records.model}
	add(r)
	x.load(r.nodes, r.claims)
}

// events is a stream of server-sent events.
type events struct {
	testing.TB
	lines *bufio.Scanner
	body  io.Closer
}

func (x *served) events(query string, header ...string) *events {
	x.Helper()
	request, err := http.NewRequestWithContext(x.Context(), http.MethodPost, "http://"+x.address+"/graphql", strings.NewReader(body(x, query)))
	if err != nil {
		x.Fatal(err)
	}
	request.Header.Set("Content-Type", contentJSON)
	request.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		x.Fatal(err)
	}
	x.Cleanup(func() { _ = response.Body.Close() })
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || !strings.HasPrefix(got, "text/event-stream") {
		x.Fatalf("%d %s", response.StatusCode, got)
	}
	return &events{x.TB, bufio.NewScanner(response.Body), response.Body}
}

// next reads an event; comments are passed over.
func (e *events) next() (name, data string) {
	e.Helper()
	for e.lines.Scan() {
		line := e.lines.Text()
		switch {
		case line == "" && name != "":
			return name, data
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data:"):
			data += strings.TrimPrefix(line[len("data:"):], " ")
		case line != "" && line != ":":
			e.Fatalf("no event: %q", line)
		}
	}
	return "", ""
}

// is reads an event and compares it.
func (e *events) is(want string) {
	e.Helper()
	if name, data := e.next(); name != "next" || data != want {
		e.Errorf("%s %s\nwant %s", name, data, want)
	}
}

const changesQuery = `subscription { changes(%s) { added { nodeCount relationCount nodes { id kind name } edges { id claimCount } truncated } retracted { nodeCount relationCount nodes { id } edges { id claims } } } }`

const noChanges = `{"data":{"changes":{"added":{"nodeCount":0,"relationCount":0,"nodes":[],"edges":[],"truncated":false},"retracted":{"nodeCount":0,"relationCount":0,"nodes":[],"edges":[]}}}}`

// TestChangesOfALoadElsewhere: what another process writes is told, through the lens.
func TestChangesOfALoadElsewhere(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: lookahead.Access{MaxTlp: load(t).Claim.Property("tlp").Enum.Rank("GREEN")}})
	all := x.events(fmt.Sprintf(changesQuery, "first: 2"))
	ofB := x.events(fmt.Sprintf(changesQuery, `of: ["group/b"]`))
	persons := x.events(fmt.Sprintf(changesQuery, `kinds: [Person]`))
	narrow := x.events(fmt.Sprintf(changesQuery, `lens: {minReliability: A}`))
	for _, e := range []*events{all, ofB, persons, narrow} {
		e.is(noChanges)
	}
	// Red records come alone, and nobody hears of them.
	x.loadMore(func(r *records) {
		r.node("Group", "group/secret", values{"tlp": "RED"})
		r.claim("ALLIED_WITH", "group/b", "group/c", values{"tlp": "RED", "note": "secret"})
	})
	time.Sleep(20 * swift.Look)
	x.loadMore(func(r *records) {
		r.node("Group", "group/d", values{"name": "Delta"})
		r.node("Person", "person/q", values{"name": "Quinn"})
		r.node("Person", "person/z", values{"name": "Zoe"})
		r.claim("ALLIED_WITH", "group/b", "group/d", nil)
		r.claim("ALLIED_WITH", "group/b", "group/d", values{"note": "again"})
		r.claim("MEMBER_OF", "person/q", "group/d", nil)
		r.claim("ALLIED_WITH", "group/d", "group/secret", nil) // its other end is hidden
	})
	all.is(`{"data":{"changes":{"added":{"nodeCount":3,"relationCount":3,"nodes":[{"id":"group/d","kind":"Group","name":"Delta"},{"id":"person/q","kind":"Person","name":"Quinn"}],` +
		`"edges":[{"id":"ALLIED_WITH|group/b|group/d","claimCount":2},{"id":"MEMBER_OF|person/q|group/d","claimCount":1}],"truncated":true},"retracted":{"nodeCount":0,"relationCount":0,"nodes":[],"edges":[]}}}}`)
	ofB.is(`{"data":{"changes":{"added":{"nodeCount":0,"relationCount":2,"nodes":[],"edges":[{"id":"ALLIED_WITH|group/b|group/d","claimCount":2}],"truncated":false},"retracted":{"nodeCount":0,"relationCount":0,"nodes":[],"edges":[]}}}}`)
	persons.is(`{"data":{"changes":{"added":{"nodeCount":2,"relationCount":1,"nodes":[{"id":"person/q","kind":"Person","name":"Quinn"},{"id":"person/z","kind":"Person","name":"Zoe"}],"edges":[{"id":"MEMBER_OF|person/q|group/d","claimCount":1}],"truncated":false},"retracted":{"nodeCount":0,"relationCount":0,"nodes":[],"edges":[]}}}}`)
	// Nothing of the claims passed the narrow lens, but the nodes did.
	if _, data := narrow.next(); !strings.HasPrefix(data, `{"data":{"changes":{"added":{"nodeCount":3,"relationCount":0,`) {
		t.Errorf("narrow: %s", data)
	}
	// One of two claims is retracted, and a node with what joins it is.
	var kept string
	x.loadMore(func(r *records) {
		r.claim("ALLIED_WITH", "group/b", "group/d", values{"note": "again", "retractedAt": "2024-01-01"})
		kept = r.claims[0].ID()
		r.node("Person", "person/q", values{"name": "Quinn", "retractedAt": "2024-01-01"})
	})
	const nothing = `{"data":{"changes":{"added":{"nodeCount":0,"relationCount":0,"nodes":[],"edges":[],"truncated":false},`
	ofB.is(nothing + `"retracted":{"nodeCount":0,"relationCount":1,"nodes":[],"edges":[{"id":"ALLIED_WITH|group/b|group/d","claims":["` + kept + `"]}]}}}}`)
	if _, data := persons.next(); !strings.HasPrefix(data, nothing+`"retracted":{"nodeCount":1,"relationCount":1,"nodes":[{"id":"person/q"}],"edges":[{"id":"MEMBER_OF|person/q|group/d","claims":["`) {
		t.Errorf("persons: %s", data)
	}
}

// TestLoadProgress counts what comes while it comes, and says when nothing comes any more.
func TestLoadProgress(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: everything})
	e := x.events(`subscription { loadProgress { running addedNodes addedRelations retractedNodes retractedRelations nodes relations byKind { key count } byRelation { key count } } }`)
	type progress struct {
		Running                                                                          bool
		AddedNodes, AddedRelations, RetractedNodes, RetractedRelations, Nodes, Relations int
		ByKind, ByRelation                                                               []network.Count
	}
	next := func() progress {
		var m struct {
			Data struct{ LoadProgress progress }
		}
		if name, data := e.next(); name != "next" || json.Unmarshal([]byte(data), &m) != nil {
			t.Fatalf("%s %s", name, data)
		}
		return m.Data.LoadProgress
	}
	first := next()
	if first.Running || first.AddedNodes+first.AddedRelations != 0 || first.Nodes != 11 || first.Relations != 10 || len(first.ByRelation) != 6 {
		t.Errorf("at first: %+v", first)
	}
	for i := range 3 {
		x.loadMore(func(r *records) {
			r.node("Group", fmt.Sprintf("group/n%d", i), nil)
			r.claim("ALLIED_WITH", "group/b", fmt.Sprintf("group/n%d", i), nil)
		})
	}
	last := first
	for {
		p := next()
		if !p.Running {
			if p.AddedNodes != 3 || p.AddedRelations != 3 || p.Nodes != first.Nodes+3 || p.Relations != first.Relations+3 || p.ByKind[0] != (network.Count{Key: "Group", Count: 6}) {
				t.Errorf("at last: %+v", p)
			}
			break
		}
		if p.AddedNodes <= last.AddedNodes {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	}
	// The next load counts anew.
	x.loadMore(func(r *records) { r.node("Group", "group/n1", values{"retractedAt": "2024"}) })
	if p := next(); !p.Running || p.AddedNodes != 0 || p.RetractedNodes != 1 || p.RetractedRelations != 1 || p.Nodes != first.Nodes+2 {
		t.Errorf("a retraction: %+v", p)
	}
}

// TestRefusedSubscriptions: what refuses a query refuses a subscription, before anything is subscribed to.
func TestRefusedSubscriptions(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: everything})
	for _, c := range []struct{ query, code, says string }{
		{`subscription { changes(of: ["group/z"]) { added { nodeCount } } }`, lookahead.BadUserInput, `there is no "group/z", or the lens hides it; did you mean group/`},
		{`subscription { changes(of: []) { added { nodeCount } } }`, lookahead.BadUserInput, "of: an empty list"},
		{`subscription { changes(kinds: []) { added { nodeCount } } }`, lookahead.BadUserInput, "kinds: an empty list"},
		{`subscription { changes(first: 0) { added { nodeCount } } }`, lookahead.BadUserInput, "first: 1 to 100, not 0"},
		{`subscription { changes(first: 101) { added { nodeCount } } }`, lookahead.BadUserInput, "first: 1 to 100, not 101"},
		{`subscription { changes(lens: {asOf: "soon"}) { added { nodeCount } } }`, lookahead.BadUserInput, "asOf"},
		{`subscription { changes { added { nodeCount } } loadProgress { running } }`, "GRAPHQL_VALIDATION_FAILED", "only one"},
		{`subscription { changes { ` + strings.Repeat("added { nodeCount } ", 1000) + `} }`, lookahead.ComplexityLimitExceeded, "fields"},
		{`subscription { changed { added { nodeCount } } }`, "GRAPHQL_VALIDATION_FAILED", "changes"},
	} {
		e := x.events(c.query)
		name, data := e.next()
		var response struct{ Errors []problem }
		if err := json.Unmarshal([]byte(data), &response); name != "next" || err != nil || len(response.Errors) == 0 || response.Errors[0].Extensions.Code != c.code || !strings.Contains(response.Errors[0].Message, c.says) {
			t.Errorf("%.80s: %s %s", c.query, name, data)
		}
		if name, _ := e.next(); name != "complete" {
			t.Errorf("%.80s: the stream does not end: %s", c.query, name)
		}
	}
	// A query may be streamed too, and a subscription not be asked as a query.
	e := x.events(`{ group(id: "group/b") { name } }`)
	e.is(`{"data":{"group":{"name":"Beta"}}}`)
	if name, _ := e.next(); name != "complete" {
		t.Errorf("after the answer: %s", name)
	}
	api := graph.NewAPI(x.records.model, untouchable{t}, graph.Options{})
	if p := refused(t, api, graph.Request{Query: `subscription { loadProgress { running } }`}); p.Extensions.Code != lookahead.BadUserInput || !strings.Contains(p.Message, "text/event-stream") {
		t.Errorf("as a query: %+v", p)
	}
}

// TestStreamsEnd with the caller and with the server.
func TestStreamsEnd(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: everything, Heartbeat: 20 * time.Millisecond})
	gone := x.events(`subscription { loadProgress { running } }`)
	gone.next()
	_ = gone.body.Close() // goleak sees whether the server noticed
	e := x.events(`subscription { loadProgress { running } }`)
	e.next()
	if !e.lines.Scan() || e.lines.Text() != ":" {
		t.Errorf("no sign of life: %q", e.lines.Text())
	}
	socket := x.socket("graphql-transport-ws")
	socket.say(`{"type":"connection_init"}`)
	socket.hears(`{"type":"connection_ack"}`)
	socket.say(`{"id":"1","type":"subscribe","payload":{"query":"subscription { loadProgress { running } }"}}`)
	socket.hears(`{"id":"1","type":"next","payload":{"data":{"loadProgress":{"running":false}}}}`)
	heard := make(chan struct{})
	go func() { defer close(heard); socket.closed(websocket.StatusGoingAway) }()
	begun := time.Now()
	if err := x.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the server took %v to end", took)
	}
	<-heard
	for {
		if name, _ := e.next(); name == "complete" || name == "" {
			if name == "" {
				t.Error("the stream broke off")
			}
			break
		}
	}
}

// socket is a caller's end of a websocket.
type socket struct {
	testing.TB
	conn *websocket.Conn
}

func (x *served) socket(protocol string, header ...string) *socket {
	x.Helper()
	conn, response, err := x.dial(protocol, header...)
	if err != nil {
		x.Fatalf("%v %v", err, response)
	}
	return &socket{x.TB, conn}
}

func (x *served) dial(protocol string, header ...string) (*websocket.Conn, *http.Response, error) {
	opts := &websocket.DialOptions{Subprotocols: []string{protocol}, HTTPHeader: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		opts.HTTPHeader.Set(header[i], header[i+1])
	}
	conn, response, err := websocket.Dial(x.Context(), "ws://"+x.address+"/graphql", opts)
	if err == nil {
		x.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, response, err
}

func (s *socket) say(text string) {
	s.Helper()
	if err := s.conn.Write(s.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.Fatal(err)
	}
}

func (s *socket) hear() string {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	_, text, err := s.conn.Read(ctx)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

func (s *socket) hears(want string) {
	s.Helper()
	if got := s.hear(); got != want {
		s.Errorf("heard %s\nwant %s", got, want)
	}
}

// closed reads until the socket is closed, with that code.
func (s *socket) closed(want websocket.StatusCode) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	for {
		if _, _, err := s.conn.Read(ctx); err != nil {
			if got := websocket.CloseStatus(err); got != want {
				s.Errorf("closed with %d (%v), want %d", got, err, want)
			}
			return
		}
	}
}

// TestSocket speaks the protocol as callers should.
func TestSocket(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: everything, Token: "0123456789abcdef"})
	s := x.socket("graphql-transport-ws")
	s.say(`{"type":"ping"}`)
	s.hears(`{"type":"pong"}`)
	s.say(`{"type":"connection_init","payload":{"authorization":"Bearer 0123456789abcdef"}}`)
	s.hears(`{"type":"connection_ack"}`)
	s.say(`{"id":"a","type":"subscribe","payload":{"query":"subscription($of: [ID!]) { c: changes(of: $of) { added { relationCount } } }","variables":{"of":["group/c"]}}}`)
	s.hears(`{"id":"a","type":"next","payload":{"data":{"c":{"added":{"relationCount":0}}}}}`)
	s.say(`{"id":"b","type":"subscribe","payload":{"query":"{ group(id: \"group/c\") { name } }"}}`)
	s.hears(`{"id":"b","type":"next","payload":{"data":{"group":{"name":"Gamma"}}}}`)
	s.hears(`{"id":"b","type":"complete"}`)
	s.say(`{"id":"b","type":"subscribe","payload":{"query":"subscription { changes(of: [\"group/x\"]) { added { nodeCount } } }"}}`)
	if got := s.hear(); !strings.HasPrefix(got, `{"id":"b","type":"error","payload":[{"message":"of: there is no \"group/x\"`) || !strings.Contains(got, `"code":"BAD_USER_INPUT"`) {
		t.Errorf("an unknown id: %s", got)
	}
	s.say(`{"id":"b","type":"subscribe","payload":{"query":"{ ` + strings.Repeat("node(id: \\\"group/c\\\") { id } ", 21) + `}"}}`)
	if got := s.hear(); !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, `"code":"COMPLEXITY_LIMIT_EXCEEDED"`) {
		t.Errorf("too many root fields: %s", got)
	}
	x.loadMore(func(r *records) { r.claim("ALLIED_WITH", "group/b", "group/c", nil) })
	s.hears(`{"id":"a","type":"next","payload":{"data":{"c":{"added":{"relationCount":1}}}}}`)
	s.say(`{"id":"a","type":"complete"}`)
	// Its id is free again, once the server has heard it.
	s.say(`{"id":"none","type":"complete"}`)
	for i := range 20 {
		s.say(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { changes { added { nodeCount } } }"}}`, i))
		s.hears(fmt.Sprintf(`{"id":"%d","type":"next","payload":{"data":{"changes":{"added":{"nodeCount":0}}}}}`, i))
	}
	s.say(`{"id":"one-more","type":"subscribe","payload":{"query":"subscription { changes { added { nodeCount } } }"}}`)
	if got := s.hear(); !strings.HasPrefix(got, `{"id":"one-more","type":"error","payload":[{"message":"this connection has as many operations as it may"`) {
		t.Errorf("one more: %s", got)
	}
	if err := s.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// TestSocketsThatAreClosed have callers that do not keep to the protocol, or may not call.
func TestSocketsThatAreClosed(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: everything, Token: "0123456789abcdef", Heartbeat: 200 * time.Millisecond, MaxBody: 1 << 10, Origins: []string{"https://map.example.org"}})
	const bearer = "Bearer 0123456789abcdef"
	initialised := func() *socket {
		s := x.socket("graphql-transport-ws", "Authorization", bearer)
		s.say(`{"type":"connection_init"}`)
		s.hears(`{"type":"connection_ack"}`)
		return s
	}
	for name, c := range map[string]struct {
		socket func() *socket
		says   []string
		code   websocket.StatusCode
	}{
		"no subprotocol":        {func() *socket { return x.socket("graphql-ws", "Authorization", bearer) }, nil, 4406},
		"nothing said":          {func() *socket { return x.socket("graphql-transport-ws") }, nil, 4408},
		"no token":              {func() *socket { return x.socket("graphql-transport-ws") }, []string{`{"type":"connection_init"}`}, 4403},
		"a wrong token":         {func() *socket { return x.socket("graphql-transport-ws") }, []string{`{"type":"connection_init","payload":{"Authorization":"Bearer 0123456789abcdee"}}`}, 4403},
		"no object":             {func() *socket { return x.socket("graphql-transport-ws") }, []string{`{"type":"connection_init","payload":["` + bearer + `"]}`}, 4403},
		"too early":             {func() *socket { return x.socket("graphql-transport-ws", "Authorization", bearer) }, []string{`{"id":"1","type":"subscribe","payload":{"query":"{ stats { nodes } }"}}`}, 4401},
		"two beginnings":        {initialised, []string{`{"type":"connection_init"}`}, 4429},
		"no JSON":               {initialised, []string{`hello`}, 4400},
		"an unknown type":       {initialised, []string{`{"type":"start"}`}, 4400},
		"no id":                 {initialised, []string{`{"type":"subscribe","payload":{"query":"{ stats { nodes } }"}}`}, 4400},
		"no query":              {initialised, []string{`{"id":"1","type":"subscribe","payload":{}}`}, 4400},
		"one id twice":          {initialised, []string{`{"id":"1","type":"subscribe","payload":{"query":"subscription { loadProgress { running } }"}}`, `{"id":"1","type":"subscribe","payload":{"query":"subscription { loadProgress { running } }"}}`}, 4409},
		"a frame that is large": {initialised, []string{`{"type":"ping","payload":"` + strings.Repeat("a", 2<<10) + `"}`}, websocket.StatusMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.socket()
			for _, text := range c.says {
				s.say(text)
			}
			s.closed(c.code)
		})
	}
	for _, c := range []struct {
		header []string
		status int
	}{
		{[]string{"Authorization", bearer, "Origin", "https://evil.example.org"}, http.StatusForbidden},
		{[]string{"Authorization", bearer, "Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{[]string{"Authorization", "Bearer 0123456789abcdee"}, http.StatusUnauthorized},
		{[]string{"Authorization", bearer, "Origin", "https://map.example.org"}, http.StatusSwitchingProtocols},
		{[]string{"Authorization", bearer, "Origin", "http://" + x.address}, http.StatusSwitchingProtocols},
	} {
		_, response, err := x.dial("graphql-transport-ws", c.header...)
		if response == nil || response.StatusCode != c.status || (err == nil) != (c.status == http.StatusSwitchingProtocols) {
			t.Errorf("%v: %v %v", c.header, response, err)
		}
	}
	// A server that streams to as many as it may refuses one more.
	for range 100 {
		if conn, _, err := x.dial("graphql-transport-ws", "Authorization", bearer); err != nil {
			break
		} else if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"connection_init"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if _, response, err := x.dial("graphql-transport-ws", "Authorization", bearer); err == nil || response == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more: %v %v", response, err)
	}
}

// TestRefusalsThatNobodyTakes do not gather: who asks for more than it may and does not listen is not read, and then loses the connection.
func TestRefusalsThatNobodyTakes(t *testing.T) {
	x := serve(t, small(t), graph.ServerOptions{Access: everything, Heartbeat: time.Second})
	s := x.socket("graphql-transport-ws")
	s.say(`{"type":"connection_init"}`)
	s.hears(`{"type":"connection_ack"}`)
	for i := range 20 {
		s.say(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { changes { added { nodeCount } } }"}}`, i))
		s.hear()
	}
	before, most := runtime.NumGoroutine(), 0
	id := strings.Repeat("x", 8<<10) // which comes back with each refusal
	for i := range 5000 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		err := s.conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"id":"%s%d","type":"subscribe","payload":{"query":"subscription { changes { added { nodeCount } } }"}}`, id, i))
		cancel()
		most = max(most, runtime.NumGoroutine())
		if err != nil {
			break
		}
	}
	if most > before+20 {
		t.Errorf("%d goroutines, %d before", most, before)
	}
}
