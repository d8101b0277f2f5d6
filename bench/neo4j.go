package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/neo4j"
	"github.com/crimegraph/crimegraph/store/neo4j/neo4jtest"
)

// pageCypher is the page as somebody writes it by hand who knows the database.
//
//go:embed page.cypher
var pageCypher string

// serverOptions are enough memory for all networks.
var serverOptions = neo4jtest.Options{HeapMiB: 2048, PageCacheMiB: 4096}

// neo4j measures the store on Neo4j, each promise beside the driver alone on the same server and data.
func (b *bench) neo4j(ctx context.Context) (err error) {
	fmt.Fprintln(b.log, "bench: starting Neo4j")
	server, err := neo4jtest.ForTests(ctx, serverOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	s, c, err := b.onServer(ctx, server, b.size)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(), c.driver.Close(ctx)) }()
	return b.measure([]part{
		{"seizures", func() error { return b.seizuresNeo4j(ctx, s, c, server.URI()) }},
		{"loading", func() error { return b.loadingNeo4j(ctx, s, c) }},
		{"page", b.filled(ctx, s, c, func() error { return b.pageNeo4j(ctx, s, c) })},
		{"entity", b.filled(ctx, s, c, func() error { return b.entity(ctx, s) })},
		{"keyset", b.filled(ctx, s, c, func() error { return b.keyset(ctx, s) })},
		{"lens", b.filled(ctx, s, c, func() error { return b.lens(ctx, s) })},
		{"network", b.filled(ctx, s, c, func() error { return b.building(ctx, s, 3*time.Second) })},
		{"renewing", b.filled(ctx, s, c, func() error { return b.renewing(ctx, s) })},
		{"paths", b.filled(ctx, s, c, func() error { return b.pathsNeo4j(ctx, s, c) })},
		{"peer", b.filled(ctx, s, c, func() error { return b.peer(ctx, s, server.URI()) })},
		{"scales", b.filled(ctx, s, c, func() error { return b.scalesNeo4j(ctx, s) })},
	})
}

// onServer opens the store of a server and serves it, whatever it holds; and the server by the driver alone.
func (b *bench) onServer(ctx context.Context, server *neo4jtest.Server, size synthetic.Size) (*site, *cypher, error) {
	d, err := driver.NewDriverWithContext(server.URI(), driver.NoAuth())
	if err != nil {
		return nil, nil, err
	}
	s := &site{network: synthetic.New(b.model, size, seed), stop: func() error { return nil }}
	if s.store, err = neo4j.Open(ctx, b.model, server.URI(), neo4j.Options{}); err != nil {
		return nil, nil, errors.Join(err, d.Close(ctx))
	}
	if err := b.serve(ctx, s); err != nil {
		return nil, nil, errors.Join(err, s.store.Close(), d.Close(ctx))
	}
	return s, &cypher{d}, nil
}

// scalesNeo4j compares the page in a network of another size, on a server of its own.
func (b *bench) scalesNeo4j(ctx context.Context, s *site) (err error) {
	if b.larger == nil {
		return nil
	}
	fmt.Fprintln(b.log, "bench: starting another Neo4j and filling it")
	server, err := neo4jtest.Start(ctx, serverOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	other, c, err := b.onServer(ctx, server, *b.larger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, other.close(), c.driver.Close(ctx)) }()
	took, err := timed(func() error { return fill(ctx, other.network, other.store) })
	if err != nil {
		return err
	}
	records, err := c.count(ctx)
	if err != nil {
		return err
	}
	b.report.Networks = append(b.report.Networks, fmt.Sprintf("%d records in another Neo4j, written in %v", records, took.Round(time.Second)))
	r := pageRequest()
	works := []func() error{
		func() error { _, err := other.client.ask(ctx, r); return err },
		func() error { _, err := s.client.ask(ctx, r); return err },
	}
	times, err := warmed(b.repetitions(3000), b.repetitions(400), works...)
	if err != nil {
		return err
	}
	b.compare("the page in the larger network", durations("larger", times[0]), durations("smaller", times[1]), 2)
	return b.inLarger(func() error { return b.pageNeo4j(ctx, other, c) }, func() error { return b.entity(ctx, other) },
		func() error { return b.keyset(ctx, other) })
}

// warmed is rounds, after more rounds that nobody counts: servers get faster over their first thousands of questions.
func warmed(before, repetitions int, works ...func() error) ([][]time.Duration, error) {
	if _, err := rounds(before, works...); err != nil {
		return nil, err
	}
	return rounds(repetitions, works...)
}

// filled fills the database before something is measured there, unless it holds the network. Loading leaves it there.
func (b *bench) filled(ctx context.Context, s *site, c *cypher, measure func() error) func() error {
	return func() error {
		groups := s.network.Count("Group")
		rows, err := c.ask(ctx, driver.AccessModeRead, "RETURN COUNT { (:Group) }, EXISTS { (:Group {id: $first}) }, EXISTS { (:Group {id: $last}) }",
			map[string]any{"first": s.network.ID("Group", 0), "last": s.network.ID("Group", groups-1)})
		if err != nil {
			return err
		}
		if !slices.Equal(rows[0], []any{int64(groups), true, true}) {
			if err := c.clear(ctx); err != nil {
				return err
			}
			if err := fill(ctx, s.network, s.store); err != nil {
				return err
			}
		}
		return measure()
	}
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
	works := []func() error{
		func() error { _, err := s.client.ask(ctx, r); return err },
		func() error { _, err := value(); return err },
		func() error { _, err := hand(pageSize + 1); return err },
	}
	took, err := warmed(b.repetitions(3000), b.repetitions(400), works...)
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

// loadingNeo4j loads the network as a data set, twice, and then writes the same batches by bare UNWIND statements into the emptied database;
// each in turn, after a round that nobody counts.
func (b *bench) loadingNeo4j(ctx context.Context, s *site, c *cypher) (err error) {
	dir := filepath.Join(b.dir, "loading-neo4j")
	if err := os.MkdirAll(filepath.Join(dir, "network"), 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := s.network.Write(filepath.Join(dir, "network")); err != nil {
		return err
	}
	var first, again, bare []time.Duration
	var report, second loader.Report
	var count int
	for round := range b.repetitions(3) + 1 {
		fmt.Fprintf(b.log, "bench: loading, round %d\n", round)
		if err := c.clear(ctx); err != nil {
			return err
		}
		batches := &recorder{Store: s.store}
		firstTook, err := timed(func() (err error) { report, err = b.loadOnce(ctx, batches, dir); return err })
		if err != nil {
			return err
		}
		againTook, err := timed(func() (err error) { second, err = b.loadOnce(ctx, s.store, dir); return err })
		if err != nil {
			return err
		}
		var parts [][]statement
		if parts, count, err = c.statements(ctx, batches.batches); err != nil {
			return err
		}
		if err := c.clear(ctx); err != nil {
			return err
		}
		bareTook, err := timed(func() error { return c.write(ctx, parts) })
		if err != nil {
			return err
		}
		if there, err := c.count(ctx); err != nil || there != count {
			return errors.Join(err, fmt.Errorf("%d records were written by hand, %d are there", count, there))
		}
		if round > 0 {
			first, again, bare = append(first, firstTook), append(again, againTook), append(bare, bareTook)
		}
	}
	b.report.Networks = append(b.report.Networks, fmt.Sprintf("%d records in Neo4j %s Community", count, neo4jtest.Version))
	b.compare(fmt.Sprintf("loading %d rows of a data set", report.Rows), durations("loader", first),
		durations(fmt.Sprintf("bare UNWIND batches of the %d records that it made", count), bare), 1/0.9)
	b.compare(fmt.Sprintf("loading them again, %d changes", second.Changes.Added+second.Changes.Updated),
		durations("second load", again), durations("first load", first), 0.5)
	return nil
}

// recorder keeps the batches that a store is given.
type recorder struct {
	store.Store
	batches []store.Batch
}

func (r *recorder) Apply(ctx context.Context, b store.Batch) (store.Changes, error) {
	r.batches = append(r.batches, b)
	return r.Store.Apply(ctx, b)
}

// count counts nodes and relations.
func (c *cypher) count(ctx context.Context) (int, error) {
	rows, err := c.ask(ctx, driver.AccessModeRead, "RETURN COUNT { (:Node) } + COUNT { ()-->() }", nil)
	if err != nil {
		return 0, err
	}
	n, _ := rows[0][0].(int64)
	return int(n), nil
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

// statement is one UNWIND with its rows.
type statement struct {
	text string
	rows []any
}

// tie is a structural relation.
type tie struct {
	relation string
	row      []any
}

// statements makes of each batch what writes the same by hand: the values are read back from the database that holds them.
func (c *cypher) statements(ctx context.Context, batches []store.Batch) (parts [][]statement, count int, err error) {
	held := map[string]any{}    // properties of nodes and claims, by id
	written := map[string]int{} // the batch of each node
	tied := map[int][]tie{}     // structural relations, by the batch that has the later end
	for i, b := range batches {
		for _, n := range b.Nodes {
			written[n.ID()] = i
		}
	}
	nodes, err := c.ask(ctx, driver.AccessModeRead, "MATCH (n:Node) RETURN n.id, properties(n)", nil)
	if err != nil {
		return nil, 0, err
	}
	edges, err := c.ask(ctx, driver.AccessModeRead, "MATCH (a)-[e]->(b) RETURN e.id, type(e), a.id, b.id, properties(e)", nil)
	if err != nil {
		return nil, 0, err
	}
	for _, n := range nodes {
		held[n[0].(string)] = n[1]
	}
	for _, e := range edges {
		from, to := e[2].(string), e[3].(string)
		if id, claim := e[0].(string); claim {
			held[id] = []any{from, to, e[4]}
		} else {
			at := max(written[from], written[to])
			tied[at] = append(tied[at], tie{e[1].(string), []any{from, to, e[4]}})
		}
	}
	for i, b := range batches {
		rows := map[string][]any{}
		add := func(text string, row any) { rows[text] = append(rows[text], row) }
		relation := func(t string) string {
			return fmt.Sprintf("UNWIND $rows AS r MATCH (a:Node {id: r[0]}) MATCH (b:Node {id: r[1]}) CREATE (a)-[e:`%s`]->(b) SET e = r[2]", t)
		}
		for _, n := range b.Nodes {
			add(fmt.Sprintf("UNWIND $rows AS r CREATE (n:Node:`%s`) SET n = r", n.Kind.Name), held[n.ID()])
		}
		for _, t := range tied[i] {
			add(relation(t.relation), t.row)
		}
		for _, e := range b.Claims {
			add(relation(e.Relation.Name), held[e.ID()])
		}
		var part []statement
		for _, text := range slices.Sorted(maps.Keys(rows)) { // CREATE before MATCH
			part = append(part, statement{text, rows[text]})
			count += len(rows[text])
		}
		parts = append(parts, part)
	}
	if count != len(nodes)+len(edges) {
		return nil, 0, fmt.Errorf("%d records are there, %d would be written by hand", len(nodes)+len(edges), count)
	}
	return parts, count, nil
}

// write runs statements, each part in one transaction.
func (c *cypher) write(ctx context.Context, parts [][]statement) (err error) {
	session := c.driver.NewSession(ctx, driver.SessionConfig{AccessMode: driver.AccessModeWrite})
	defer func() { err = errors.Join(err, session.Close(ctx)) }()
	for _, part := range parts {
		tx, err := session.BeginTransaction(ctx)
		if err != nil {
			return err
		}
		for _, s := range part {
			result, err := tx.Run(ctx, s.text, map[string]any{"rows": s.rows})
			if err == nil {
				_, err = result.Consume(ctx)
			}
			if err != nil {
				return errors.Join(err, tx.Rollback(ctx))
			}
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pathsNeo4j measures the ten best paths beside the server's own search for the shortest, of the same ends, over the same relations and grades.
func (b *bench) pathsNeo4j(ctx context.Context, s *site, c *cypher) error {
	n, err := network.Read(ctx, b.model, s.store, b.gradeC(), 1<<40)
	if err != nil {
		return err
	}
	var names []string
	for _, r := range b.model.Relations {
		if r.Passage {
			names = append(names, r.Name)
		}
	}
	text := "MATCH p = SHORTEST 10 (a:Node {id: $from})-[e:" + strings.Join(names, "|") + ` WHERE coalesce(e.reliability, 1) <= 3 AND coalesce(e.stance, 1) = 1
		AND e.retractedAt IS NULL AND e.compartments IS NULL]-{1,8}(z:Node {id: $to}) RETURN [x IN nodes(p) | x.id]`
	ends := pairs(n, s.network, 100)
	found, same := 0, 0
	next := 0
	took, err := rounds(b.repetitions(100), func() error {
		pair := ends[next%len(ends)]
		answer, err := n.Paths(ctx, network.PathQuestion{From: pair[:1], To: pair[1:], K: 10, MaxHops: 8, Weight: network.Hops})
		if len(answer.Paths) > 0 {
			found = answer.Paths[0].Hops
		} else {
			found = 0
		}
		return err
	}, func() error {
		pair := ends[next%len(ends)]
		_, err := s.client.ask(ctx, newRequest(pathsQuery, map[string]any{"from": pair[0], "to": pair[1]}))
		return err
	}, func() error {
		pair := ends[next%len(ends)]
		next++
		rows, err := c.ask(ctx, driver.AccessModeRead, text, map[string]any{"from": pair[0], "to": pair[1]})
		if err == nil && (len(rows) == 0) == (found == 0) && (found == 0 || len(rows[0][0].([]any)) == found+1) {
			same++
		}
		return err
	})
	if err != nil {
		return err
	}
	b.report.Networks = append(b.report.Networks, fmt.Sprintf("%d of %d times the shortest path is as long as the server's", same, next))
	b.compare("ten paths of up to 8 hops through grade C", durations("network", took[0]), durations("Cypher's SHORTEST 10", took[2]), 0.1)
	b.compare("the same with what is said of every step", durations("HTTP", took[1]), durations("Cypher's SHORTEST 10, ids alone", took[2]), 0)
	return nil
}
