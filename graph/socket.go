package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// subprotocol is the only one that is spoken: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const subprotocol = "graphql-transport-ws"

// The codes with which a socket is closed, after the protocol.
const (
	closeInvalid      websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeProtocol     websocket.StatusCode = 4406
	closeNoInit       websocket.StatusCode = 4408
	closeSameID       websocket.StatusCode = 4409
	closeTwoInits     websocket.StatusCode = 4429
)

// maxOperations is how many operations run on one socket at once.
const maxOperations = 20

// message is what is sent over a socket, either way.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// opensSocket says whether a request asks for a websocket.
func opensSocket(r *http.Request) bool {
	return r.URL.Path == "/graphql" && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// serveSocket speaks graphql-transport-ws until the caller or the server ends it.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	streamed := s.streamed(w, r)
	if streamed == nil {
		return
	}
	defer streamed()
	s.sockets.Add(1)
	defer s.sockets.Done()
	// Which origins may call was decided for all requests, before this one came here.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, InsecureSkipVerify: true})
	if err != nil {
		return // the caller has been told
	}
	ctx, cancel := context.WithCancel(r.Context())
	k := &socket{
		server: s, conn: conn, ctx: ctx, operations: map[string]context.CancelFunc{}, initialised: make(chan struct{}),
		authorized: s.authorized(r.Header.Get("Authorization")),
	}
	defer k.running.Wait()
	defer cancel()
	defer func() { _ = conn.CloseNow() }() // where it was not closed before
	if conn.Subprotocol() != subprotocol {
		_ = conn.Close(closeProtocol, "Subprotocol not acceptable")
		return
	}
	conn.SetReadLimit(s.opts.MaxBody)
	k.running.Go(k.keep)
	for {
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if code, reason := k.take(kind, text); code != 0 {
			_ = conn.Close(code, reason)
			return
		}
	}
}

// socket is a connection that speaks graphql-transport-ws.
type socket struct {
	server *Server
	conn   *websocket.Conn
	ctx    context.Context
	// authorized says that the caller has shown the token, if there is one to show.
	authorized  bool
	begun       bool
	initialised chan struct{}
	running     sync.WaitGroup

	mu         sync.Mutex
	operations map[string]context.CancelFunc
}

// keep closes a socket on which nobody speaks in time, whose caller does not answer any more, or that the server ends.
func (k *socket) keep() {
	beat := k.server.opts.Heartbeat
	late := time.NewTimer(beat)
	defer late.Stop()
	select {
	case <-k.initialised:
	case <-late.C:
		_ = k.conn.Close(closeNoInit, "Connection initialisation timeout")
		return
	case <-k.server.ending:
		_ = k.conn.Close(websocket.StatusGoingAway, "the server ends")
		return
	case <-k.ctx.Done():
		return
	}
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(k.ctx, beat)
			err := k.conn.Ping(ctx)
			cancel()
			if err != nil {
				_ = k.conn.CloseNow()
				return
			}
		case <-k.server.ending:
			_ = k.conn.Close(websocket.StatusGoingAway, "the server ends")
			return
		case <-k.ctx.Done():
			return
		}
	}
}

// take handles a message of the caller. A code other than 0 closes the socket.
func (k *socket) take(kind websocket.MessageType, text []byte) (websocket.StatusCode, string) {
	var m message
	if kind != websocket.MessageText || json.Unmarshal(text, &m) != nil {
		return closeInvalid, "Invalid message received"
	}
	switch m.Type {
	case "connection_init":
		return k.initialise(m.Payload)
	case "ping":
		k.send(message{Type: "pong"})
	case "pong":
	case "subscribe":
		return k.subscribe(m)
	case "complete":
		k.mu.Lock()
		defer k.mu.Unlock()
		if end := k.operations[m.ID]; end != nil {
			end()
		}
	default:
		return closeInvalid, "Invalid message received"
	}
	return 0, ""
}

// initialise takes the token from the payload, since browsers send no header of their own with a websocket.
func (k *socket) initialise(payload json.RawMessage) (websocket.StatusCode, string) {
	if k.begun {
		return closeTwoInits, "Too many initialisation requests"
	}
	if !k.authorized {
		var given map[string]any
		_ = json.Unmarshal(payload, &given) // what is no object holds no token
		for name, value := range given {
			if text, is := value.(string); is && strings.EqualFold(name, "Authorization") {
				k.authorized = k.server.authorized(text)
			}
		}
	}
	if !k.authorized {
		return closeForbidden, "Forbidden"
	}
	k.begun = true
	close(k.initialised)
	k.send(message{Type: "connection_ack"})
	return 0, ""
}

// subscribe begins an operation.
func (k *socket) subscribe(m message) (websocket.StatusCode, string) {
	if !k.begun {
		return closeUnauthorized, "Unauthorized"
	}
	if m.ID == "" {
		return closeInvalid, "Invalid message received"
	}
	request, _, problem := readBody(m.Payload)
	if problem != "" {
		return closeInvalid, "Invalid message received"
	}
	k.mu.Lock()
	known, full := k.operations[m.ID] != nil, len(k.operations) >= maxOperations
	k.mu.Unlock()
	switch {
	case known:
		return closeSameID, "Subscriber for this id already exists"
	case full: // who does not take the refusal is not read any further
		k.fail(m.ID, gqlerror.List{busy("this connection has as many operations as it may")})
		return 0, ""
	}
	ctx, cancel := context.WithCancel(k.ctx)
	k.mu.Lock()
	k.operations[m.ID] = cancel // none is added elsewhere
	k.mu.Unlock()
	k.running.Go(func() {
		end := k.operate(ctx, m.ID, request)
		k.mu.Lock()
		delete(k.operations, m.ID) // before the caller is told, who may use the id again then
		k.mu.Unlock()
		if ctx.Err() == nil {
			end()
		}
		cancel()
	})
	return 0, ""
}

// operate runs an operation, and gives what tells the caller of its end.
func (k *socket) operate(ctx context.Context, id string, request Request) (end func()) {
	s := k.server
	release, err := s.turn(ctx, s.slots)
	if err != nil {
		return func() { k.fail(id, gqlerror.List{busy(err.Error())}) }
	}
	stream, only := s.api.Subscribe(ctx, request, s.opts.Access)
	release()
	complete := func() { k.send(message{ID: id, Type: "complete"}) }
	switch {
	case stream == nil && only.Refused():
		return func() { k.fail(id, only.Errors) }
	case stream == nil:
		k.next(id, only)
		return complete
	}
	defer stream.Close()
	for {
		response, more := stream.Next()
		if !more {
			return complete
		}
		if len(response.Errors) > 0 {
			return func() { k.fail(id, response.Errors) }
		}
		k.next(id, response)
	}
}

func (k *socket) next(id string, response Response) {
	body, err := response.Append(nil)
	if err != nil {
		k.server.log.ErrorContext(k.ctx, "response cannot be written", "error", err.Error())
		return
	}
	k.send(message{ID: id, Type: "next", Payload: body})
}

func (k *socket) fail(id string, errs gqlerror.List) {
	body, err := json.Marshal(errs)
	if err != nil {
		body = []byte(`[{"message":"the server failed"}]`)
	}
	k.send(message{ID: id, Type: "error", Payload: body})
}

// send sends a message; a caller who does not take it in time loses the connection.
func (k *socket) send(m message) {
	text, err := json.Marshal(m)
	if err != nil {
		k.server.log.ErrorContext(k.ctx, "message cannot be written", "error", err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.server.opts.Heartbeat)
	defer cancel()
	if err := k.conn.Write(ctx, websocket.MessageText, text); err != nil && !errors.Is(err, context.Canceled) {
		_ = k.conn.CloseNow()
	}
}

func busy(message string) *gqlerror.Error {
	return coded(gqlerror.Errorf("%s", message), CodeUnavailable)
}
