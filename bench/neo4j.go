package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/store/neo4j"
	"github.com/crimegraph/crimegraph/store/neo4j/neo4jtest"
)

// pageCypher is the page as somebody writes it by hand who knows the database.
//
//go:embed page.cypher
var pageCypher string

// neo4j measures the store on Neo4j, each promise beside the driver alone on the same server and data.
func (b *bench) neo4j(ctx context.Context) (err error) {
	fmt.Fprintln(b.log, "bench: starting Neo4j")
	server, err := neo4jtest.ForTests(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	d, err := driver.NewDriverWithContext(server.URI(), driver.NoAuth())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close(ctx)) }()
	c := &cypher{d}
	network := synthetic.New(b.model, b.size, seed)
	s := &site{network: network, stop: func() error { return nil }}
	if s.store, err = neo4j.Open(ctx, b.model, server.URI(), neo4j.Options{}); err != nil {
		return err
	}
	if err := b.serve(ctx, s); err != nil {
		return errors.Join(err, s.store.Close())
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := b.loadingNeo4j(ctx, s, c); err != nil {
		return fmt.Errorf("loading: %w", err)
	}
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"page", func() error { return b.pageNeo4j(ctx, s, c) }},
		{"entity", func() error { return b.entity(ctx, s) }},
		{"keyset", func() error { return b.keyset(ctx, s) }},
		{"lens", func() error { return b.lens(ctx, s) }},
	} {
		fmt.Fprintf(b.log, "bench: %s\n", part.name)
		if err := part.measure(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// cypher asks a server through the driver alone.
type cypher struct{ driver driver.DriverWithContext }

func (c *cypher) ask(ctx context.Context, mode driver.AccessMode, text string, parameters map[string]any) (out [][]any, err error) {
	session := c.driver.NewSession(ctx, driver.SessionConfig{AccessMode: mode})
	defer func() { err = errors.Join(err, session.Close(ctx)) }()
	result, err := session.Run(ctx, text, parameters)
	if err != nil {
		return nil, err
	}
	for result.Next(ctx) {
		out = append(out, result.Record().Values)
	}
	return out, result.Err()
}

func (b *bench) pageNeo4j(ctx context.Context, s *site, c *cypher) error {
	r := pageRequest()
	hand := func(first int64) ([][]any, error) {
		return c.ask(ctx, driver.AccessModeRead, pageCypher, map[string]any{"first": first})
	}
	answer, err := s.client.ask(ctx, r)
	if err != nil {
		return err
	}
	rows, err := hand(pageSize)
	if err != nil {
		return err
	}
	// What is compared is the same: the same records in the same order.
	var ids []string
	for _, found := range regexp.MustCompile(`"id":"([^"]+)"`).FindAllStringSubmatch(string(answer), -1) {
		ids = append(ids, found[1])
	}
	if byHand := identities(rows, nil); !slices.Equal(ids, byHand) {
		return fmt.Errorf("the page has %d records, by hand %d, or others", len(ids), len(byHand))
	}
	value, err := s.plans(ctx, b, r)
	if err != nil {
		return err
	}
	took, err := rounds(b.repetitions(400),
		func() error { _, err := s.client.ask(ctx, r); return err },
		func() error { _, err := value(); return err },
		func() error { _, err := hand(pageSize + 1); return err })
	if err != nil {
		return err
	}
	by := durations("hand-written Cypher", took[2])
	b.compare(fmt.Sprintf("page of %d groups, %d objects", pageSize, len(ids)), durations("HTTP", took[0]), by, 1.25)
	b.compare("its plan alone", durations("store", took[1]), by, 0)
	return nil
}

// identities gathers the ids in nested lists, in order.
func identities(v any, into []string) []string {
	switch v := v.(type) {
	case [][]any:
		for _, e := range v {
			into = identities(e, into)
		}
	case []any:
		for _, e := range v {
			into = identities(e, into)
		}
	case string:
		if kind, _, is := strings.Cut(v, "/"); is && kind == strings.ToLower(kind) {
			into = append(into, v)
		}
	}
	return into
}

// loadingNeo4j loads the network as a data set, twice, and then writes what came of it by bare UNWIND batches into the emptied database.
func (b *bench) loadingNeo4j(ctx context.Context, s *site, c *cypher) (err error) {
	dir := filepath.Join(b.dir, "loading-neo4j")
	if err := os.MkdirAll(filepath.Join(dir, "network"), 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := s.network.Write(filepath.Join(dir, "network")); err != nil {
		return err
	}
	fmt.Fprintln(b.log, "bench: loading")
	if err := c.clear(ctx); err != nil {
		return err
	}
	var first, second loader.Report
	firstTook, err := timed(func() (err error) { first, err = b.loadOnce(ctx, s.store, dir); return err })
	if err != nil {
		return err
	}
	againTook, err := timed(func() (err error) { second, err = b.loadOnce(ctx, s.store, dir); return err })
	if err != nil {
		return err
	}
	fmt.Fprintln(b.log, "bench: bare batches")
	bareTook, rows, err := c.bare(ctx)
	if err != nil {
		return err
	}
	b.report.Networks = append(b.report.Networks, fmt.Sprintf("%d records in Neo4j %s Community", rows, neo4jtest.Version))
	by := durations(fmt.Sprintf("bare UNWIND batches of the %d records that it made", rows), []time.Duration{bareTook})
	b.compare(fmt.Sprintf("loading %d rows of a data set", first.Rows), durations("loader", []time.Duration{firstTook}), by, 1/0.9)
	b.compare(fmt.Sprintf("loading them again, %d changes", second.Changes.Added+second.Changes.Updated),
		durations("second load", []time.Duration{againTook}), durations("first load", []time.Duration{firstTook}), 0.5)
	return nil
}

func (c *cypher) clear(ctx context.Context) error {
	for _, text := range []string{
		"MATCH ()-[e]->() CALL (e) { DELETE e } IN TRANSACTIONS OF 10000 ROWS",
		"MATCH (n:Node) CALL (n) { DELETE n } IN TRANSACTIONS OF 10000 ROWS",
	} {
		if _, err := c.ask(ctx, driver.AccessModeWrite, text, nil); err != nil {
			return err
		}
	}
	return nil
}

// bare reads all records, empties the database, and writes the records again in batches of one kind, as large as the loader's. Only writing
// is timed.
func (c *cypher) bare(ctx context.Context) (took time.Duration, count int, err error) {
	type part struct {
		text string
		rows []any
	}
	var parts []part
	kinds, err := c.ask(ctx, driver.AccessModeRead, "MATCH (n:Node) RETURN DISTINCT [l IN labels(n) WHERE l <> 'Node'][0] AS kind ORDER BY kind", nil)
	if err != nil {
		return 0, 0, err
	}
	types, err := c.ask(ctx, driver.AccessModeRead, "MATCH ()-[e]->() RETURN DISTINCT type(e) AS type ORDER BY type", nil)
	if err != nil {
		return 0, 0, err
	}
	read := func(query, write string) error {
		rows, err := c.ask(ctx, driver.AccessModeRead, query, nil)
		if err != nil {
			return err
		}
		all := make([]any, len(rows))
		for i, r := range rows {
			all[i] = r[0]
		}
		for rows := range slices.Chunk(all, insertChunk) {
			parts = append(parts, part{write, rows})
		}
		count += len(all)
		return nil
	}
	for _, k := range kinds {
		if err := read(fmt.Sprintf("MATCH (n:`%s`) RETURN properties(n)", k[0]), fmt.Sprintf("UNWIND $rows AS r CREATE (n:Node:`%s`) SET n = r", k[0])); err != nil {
			return 0, 0, err
		}
	}
	for _, t := range types {
		if err := read(fmt.Sprintf("MATCH (a)-[e:`%s`]->(b) RETURN [a.id, b.id, properties(e)]", t[0]),
			fmt.Sprintf("UNWIND $rows AS r MATCH (a:Node {id: r[0]}) MATCH (b:Node {id: r[1]}) CREATE (a)-[e:`%s`]->(b) SET e = r[2]", t[0])); err != nil {
			return 0, 0, err
		}
	}
	if err := c.clear(ctx); err != nil {
		return 0, 0, err
	}
	took, err = timed(func() error {
		for _, p := range parts {
			if _, err := c.ask(ctx, driver.AccessModeWrite, p.text, map[string]any{"rows": p.rows}); err != nil {
				return err
			}
		}
		return nil
	})
	return took, count, err
}
