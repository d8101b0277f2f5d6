package graph

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rs/cors"

	"github.com/crimegraph/crimegraph/graph/lookahead"
)

// SDL is the text of the API schema, as served at /schema.graphql.
//
//go:embed generated/api.graphqls
var SDL string

// ServerOptions of NewServer. Zero values mean the defaults.
type ServerOptions struct {
	// Access is what every caller may see.
	Access lookahead.Access
	// Token is the bearer token that callers must send; empty for none.
	Token string
	// Hosts are further names under which callers may address the server, beside loopback and the address it listens on.
	Hosts []string
	// Origins are further web origins whose pages may call it, as in https://graph.example.org.
	Origins []string
	// MaxBody is the largest request body in bytes: 1 MiB.
	MaxBody int64
	// Concurrency is how many requests run at once: 32. Patience is how long one more waits: 1 second.
	Concurrency int
	Patience    time.Duration
	// Heartbeat is how often a stream on which nothing happens shows that it is alive, and how long its caller may take to begin, to answer and to
	// take a message: 15 seconds.
	Heartbeat time.Duration
	Log       *slog.Logger
	// Examples is the JSON of the example questions that GraphiQL opens with.
	Examples []byte
	// GraphiQL holds the files of the GraphiQL page, Explorer those of the explorer.
	GraphiQL, Explorer fs.FS
}

// Server serves the API and its pages.
type Server struct {
	api   *API
	store Store
	opts  ServerOptions
	log   *slog.Logger
	slots chan struct{}
	// sending holds one element for each export that is being sent, at the pace of whoever takes it.
	sending chan struct{}
	// streams holds one element for each caller that is streamed to; ending is closed when streams are to end, sockets waits until they have.
	streams chan struct{}
	ending  chan struct{}
	end     sync.Once
	sockets sync.WaitGroup
}

// NewServer makes a server. listen is the address that it will be reached at, for the check of Host.
func NewServer(api *API, s Store, opts ServerOptions) *Server {
	if opts.MaxBody == 0 {
		opts.MaxBody = 1 << 20
	}
	if opts.Concurrency == 0 {
		opts.Concurrency = 32
	}
	if opts.Patience == 0 {
		opts.Patience = time.Second
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Heartbeat == 0 {
		opts.Heartbeat = 15 * time.Second
	}
	return &Server{
		api: api, store: s, opts: opts, log: opts.Log, slots: make(chan struct{}, opts.Concurrency), sending: make(chan struct{}, exportsAtOnce),
		streams: make(chan struct{}, maxStreams), ending: make(chan struct{}),
	}
}

// The times that a connection may take.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeaderBytes    = 32 << 10
	shutdownPatience  = 10 * time.Second
)

// Serve serves until the context ends, then ends streams and finishes the other requests under way, for at most ten seconds.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler(listener.Addr().String()),
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	following, stop := context.WithCancel(ctx)
	var followed sync.WaitGroup
	followed.Go(func() { s.api.Follow(following) })
	defer followed.Wait()
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.end.Do(func() { close(s.ending) })
	// The caller's context has ended already; the last requests get one of their own.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer cancel()
	err := server.Shutdown(last)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	s.sockets.Wait() // server.Shutdown does not know of them
	if closed := <-ended; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	return err
}

// Handler serves the API at an address, with all its defences.
func (s *Server) Handler(address string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/graphql", s.serveGraphQL)
	mux.HandleFunc("GET /export/{file}", s.serveExport)
	mux.HandleFunc("POST /export/{file}", s.serveExport)
	mux.HandleFunc("GET /schema.graphql", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, "application/graphql", http.StatusOK, []byte(SDL))
	})
	mux.HandleFunc("GET /examples.json", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, mediaJSON, http.StatusOK, s.opts.Examples)
	})
	if s.opts.GraphiQL != nil {
		files := http.StripPrefix("/graphiql/", http.FileServerFS(s.opts.GraphiQL))
		mux.Handle("GET /graphiql/", files)
		mux.HandleFunc("GET /graphiql", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, s.opts.GraphiQL, "index.html")
		})
	}
	if s.opts.Explorer != nil {
		page := pagesOf(s.opts.Explorer)
		mux.Handle("GET /explorer/{file}", page)
		mux.Handle("GET /{$}", page)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, mediaJSON, http.StatusOK, []byte(`{"status":"ok"}`))
	})
	mux.HandleFunc("GET /readyz", s.serveReady)
	handler := s.authenticated(mux)
	if len(s.opts.Origins) > 0 {
		handler = cors.New(cors.Options{
			AllowedOrigins: s.opts.Origins,
			AllowedMethods: []string{http.MethodGet, http.MethodPost},
			AllowedHeaders: []string{"Authorization", "Content-Type", "Accept"},
			MaxAge:         600,
		}).Handler(handler)
	}
	return s.logged(s.addressed(address, handler))
}

func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.store.Revision(ctx); err != nil {
		s.log.WarnContext(ctx, "store not ready", "error", err.Error())
		s.write(w, mediaJSON, http.StatusServiceUnavailable, []byte(`{"status":"store not ready"}`))
		return
	}
	s.write(w, mediaJSON, http.StatusOK, []byte(`{"status":"ready"}`))
}

// authenticated asks for the bearer token, compared in constant time over hashes of equal length.
func (s *Server) authenticated(next http.Handler) http.Handler {
	if s.opts.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if public(r) {
			next.ServeHTTP(w, r)
			return
		}
		// A socket may show the token in its first message.
		given := r.Header.Get("Authorization")
		if !s.authorized(given) && (given != "" || !opensSocket(r)) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="crimegraph"`)
			s.refuse(w, mediaJSON, http.StatusUnauthorized, "send the token as Authorization: Bearer …")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authorized says whether the value of an Authorization header shows the token; where there is none, any does.
func (s *Server) authorized(header string) bool {
	scheme, given, _ := strings.Cut(header, " ")
	want, got := sha256.Sum256([]byte(s.opts.Token)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	return s.opts.Token == "" || strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// public requests need no token: whether the server is up, and the pages' own files. They hold nothing to protect, and the browser
// that loads them has no token yet.
func public(r *http.Request) bool {
	switch r.URL.Path {
	case "/", "/graphiql", "/healthz", "/readyz":
		return true
	default:
		return strings.HasPrefix(r.URL.Path, "/graphiql/") || strings.HasPrefix(r.URL.Path, "/explorer/")
	}
}

// addressed refuses requests that name another host, as a page does that rebinds its own name to this address, and requests of
// pages of other origins.
func (s *Server) addressed(address string, next http.Handler) http.Handler {
	hosts := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}
	if host, _, err := net.SplitHostPort(address); err == nil {
		if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
			hosts[strings.ToLower(host)] = true
		}
	}
	for _, h := range s.opts.Hosts {
		hosts[strings.ToLower(h)] = true
	}
	origins := map[string]bool{}
	for _, o := range s.opts.Origins {
		origins[o] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		if !hosts[hostOf(r.Host)] {
			s.refuse(w, mediaJSON, http.StatusMisdirectedRequest, "this server does not answer under that name; allow it with --host")
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !origins[origin] {
			u, err := url.Parse(origin)
			if err != nil || u.Host != r.Host {
				s.refuse(w, mediaJSON, http.StatusForbidden, "pages of that origin may not call this server; allow it with --origin")
				return
			}
		}
		// An image or a link of a foreign page sends no Origin; a browser tells of it here.
		if site := r.Header.Get("Sec-Fetch-Site"); (r.URL.Path == "/graphql" || strings.HasPrefix(r.URL.Path, "/export/")) && r.Header.Get("Origin") == "" && (site == "cross-site" || site == "same-site") {
			s.refuse(w, mediaJSON, http.StatusForbidden, "pages of other origins may not call this server; allow theirs with --origin")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// contentSecurityPolicy lets pages load from this server alone. The hash is of the one style sheet that GraphiQL writes into its page.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// logged writes one line a request: what was asked for by path, never the query, its variables or the token.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		var id [6]byte
		_, _ = io.ReadFull(rand.Reader, id[:]) // an id of zeros would do as well
		recorded := &recordedWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			cause, begun := recover(), recorded.begun
			if cause != nil && cause != http.ErrAbortHandler {
				s.log.ErrorContext(r.Context(), "panic", "id", hex.EncodeToString(id[:]), "cause", cause)
			}
			if cause != nil && !begun {
				w.Header().Del("Content-Disposition")
				s.refuse(recorded, mediaJSON, http.StatusInternalServerError, "the server failed; its log says more")
			}
			s.log.InfoContext(r.Context(), "request", "id", hex.EncodeToString(id[:]), "method", r.Method, "path", r.URL.Path,
				"status", recorded.status, "bytes", recorded.bytes, "ms", float64(time.Since(start).Microseconds())/1000)
			if cause != nil && begun {
				panic(http.ErrAbortHandler) // so that nobody takes what was sent for the whole
			}
		}()
		next.ServeHTTP(recorded, r)
	})
}

// recordedWriter remembers what was answered.
type recordedWriter struct {
	http.ResponseWriter
	status int
	bytes  int
	begun  bool
}

func (w *recordedWriter) WriteHeader(status int) {
	w.status, w.begun = status, true
	w.ResponseWriter.WriteHeader(status)
}

func (w *recordedWriter) Write(b []byte) (int, error) {
	w.begun = true
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recordedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
