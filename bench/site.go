package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// site is a store that holds a network, served over HTTP on loopback, and read beside by SQL.
type site struct {
	description string
	network     *synthetic.Network
	store       store.Store
	api         *graph.API
	client      *client
	// sql reads the same file as the store does, with the same settings, on one connection.
	sql  *sql.DB
	stop func() error
}

// access is what `serve` grants by default.
func access(model *ontology.Model) lookahead.Access {
	tlp := model.Claim.Property("tlp").Enum
	return lookahead.Access{MaxTlp: tlp.Rank("RED")}
}

// fillBatch is the size of the batches in which a store is filled.
const fillBatch = 20_000

// open makes the store of a size, unless the folder holds it already, and serves it.
func (b *bench) open(ctx context.Context, size synthetic.Size) (_ *site, err error) {
	network := synthetic.New(b.model, size, seed)
	mark := synthetic.New(b.model, synthetic.Size{Nodes: 300, Relations: 1500}, seed).Fingerprint()
	path := filepath.Join(b.dir, fmt.Sprintf("synthetic-%d-%d-%s.db", size.Nodes, size.Relations, mark))
	if _, err := os.Stat(path); err != nil {
		fmt.Fprintf(b.log, "bench: making %s\n", path)
		if err := b.make(ctx, network, path); err != nil {
			return nil, err
		}
	}
	s := &site{network: network, stop: func() error { return nil }}
	if s.store, err = sqlite.Open(ctx, b.model, path, sqlite.Options{}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.sql, err = database(path, true); err != nil {
		return nil, err
	}
	var nodes, edges, bytes int64
	var version string
	err = s.sql.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM node), (SELECT count(*) FROM edge),
		(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size), sqlite_version()`).Scan(&nodes, &edges, &bytes, &version)
	if err != nil {
		return nil, err
	}
	s.description = fmt.Sprintf("%d nodes, %d rows of relations, a file of %d MB, SQLite %s", nodes, edges, bytes>>20, version)
	if err := b.serve(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}

// serve serves the store of a site over HTTP.
func (b *bench) serve(ctx context.Context, s *site) error {
	s.api = graph.NewAPI(b.model, s.store, graph.Options{})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	server := graph.NewServer(s.api, s.store, graph.ServerOptions{Access: access(b.model)})
	go func() { ended <- server.Serve(serving, listener) }()
	s.stop = func() error { cancel(); return <-ended }
	s.client = &client{url: "http://" + listener.Addr().String() + "/graphql"}
	return nil
}

func (s *site) close() error {
	if s.client != nil {
		s.client.http.CloseIdleConnections()
	}
	errs := []error{s.stop(), s.store.Close()}
	if s.sql != nil {
		errs = append(errs, s.sql.Close())
	}
	return errors.Join(errs...)
}

// make makes the store under another name first, so that one that is there is whole.
func (b *bench) make(ctx context.Context, n *synthetic.Network, path string) (err error) {
	s, err := sqlite.Open(ctx, b.model, path+".part", sqlite.Options{Create: true})
	if err != nil {
		return err
	}
	if err := fill(ctx, n, s); err != nil {
		return errors.Join(err, s.Close())
	}
	if err := s.Close(); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// fill writes a network to a store.
func fill(ctx context.Context, n *synthetic.Network, to store.Store) error {
	for batch := range n.Batches(fillBatch) {
		if _, err := to.Apply(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// database opens a file with SQL alone, with the settings that the store has.
func database(path string, reading bool) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	uri := "file:" + (&url.URL{Path: absolute}).EscapedPath() +
		"?mode=rw&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=cache_size(-65536)&_pragma=temp_store(2)"
	if reading {
		uri += "&_pragma=query_only(1)"
	} else {
		uri += "&_txlock=immediate"
	}
	db, err := sql.Open("sqlite", uri)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// request is a GraphQL request, ready to be sent and to be executed.
type request struct {
	graph graph.Request
	body  []byte
}

func newRequest(query string, variables map[string]any) request {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err) // variables are text and numbers
	}
	return request{graph.Request{Query: query, Variables: variables}, body}
}

// client asks a server over one connection that it keeps.
type client struct {
	http http.Client
	url  string
	body bytes.Buffer
}

// ask sends a request and reads the whole answer, which is valid until the next call.
func (c *client) ask(ctx context.Context, r request) ([]byte, error) {
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	post.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(post)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	c.body.Reset()
	if _, err := c.body.ReadFrom(response.Body); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK || bytes.HasPrefix(c.body.Bytes(), []byte(`{"errors"`)) {
		return nil, fmt.Errorf("%s: %.300s", response.Status, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}

// execute answers a request without HTTP and gives its data.
func (s *site) execute(ctx context.Context, model *ontology.Model, r request) ([]byte, error) {
	response := s.api.Execute(ctx, r.graph, access(model))
	if len(response.Errors) > 0 {
		return nil, response.Errors
	}
	return response.Data, nil
}
