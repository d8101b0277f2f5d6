package neo4j

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"go.uber.org/goleak"

	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/internal/bundled"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/neo4j/neo4jtest"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// runsVariable says how often a fault is tried in tests that take a number of runs; without it they are few.
const runsVariable = "FAULT_RUNS"

func runs(t *testing.T, few int) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv(runsVariable))
	if err != nil {
		return few
	}
	return n
}

// dump lists all records of a store, a line each.
func dump(t testing.TB, s store.Store) []string {
	t.Helper()
	var out []string
	for r, err := range s.Stream(t.Context(), plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, storetest.Describe(r))
	}
	return out
}

func loadExample(ctx context.Context, s loader.Store, t testing.TB) (loader.Report, error) {
	return loader.Load(ctx, model(t), s, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{})
}

// uninterrupted is the example in a store that nothing happens to.
func uninterrupted(t testing.TB) store.Store {
	t.Helper()
	_, s := bundled.Store(t)
	return s
}

// countOfGroups asks how many groups there are.
func countOfGroups(m *ontology.Model) plan.Plan {
	kind := m.Kind("Group")
	return plan.Plan{Page: &plan.Page{Total: true, First: 1, Order: []plan.Order{{Property: kind.Properties[0]}}, Node: plan.Node{Kind: kind}}}
}

// batches cuts the example into batches as small as n records.
func batches(t testing.TB, n int) (out []store.Batch) {
	t.Helper()
	s := uninterrupted(t)
	var nodes []store.Node
	var claims []store.Claim
	for r, err := range s.Stream(t.Context(), plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}}) {
		switch {
		case err != nil:
			t.Fatal(err)
		case r.Node != nil:
			nodes = append(nodes, *r.Node)
		default:
			claims = append(claims, *r.Claim)
		}
	}
	// Nodes name each other in any order, so they come together.
	out = append(out, store.Batch{Nodes: nodes})
	for part := range slices.Chunk(claims, n) {
		out = append(out, store.Batch{Claims: part})
	}
	return out
}

// TestCutCommits loads through a network that delays, slices, resets, and cuts around commits: every batch is written once, and the store
// says so.
func TestCutCommits(t *testing.T) {
	empty(t).Close()
	want := dump(t, uninterrupted(t))
	all := batches(t, 60)
	for run := range runs(t, 3) {
		seed := uint64(run + 1)
		s := empty(t)
		proxy, err := neo4jtest.NewProxy(t.Context(), server.Address(), seed)
		if err != nil {
			t.Fatal(err)
		}
		o := options()
		o.RetryTime = 30 * time.Second
		through, err := Open(t.Context(), s.model, "bolt://"+proxy.Addr(), o)
		if err != nil {
			t.Fatal(err)
		}
		proxy.Set(neo4jtest.Faults{Delay: time.Millisecond, Slice: 200, CutCommits: 0.4})
		revision := int64(0)
		for i, b := range all {
			if i%5 == 4 {
				proxy.Reset()
			}
			changes, err := through.Apply(t.Context(), b)
			if want := (store.Changes{Added: len(b.Nodes) + len(b.Claims)}); err != nil || changes != want {
				t.Fatalf("seed %d, batch %d: %+v, %v, want %+v", seed, i, changes, err, want)
			}
			now, err := through.Revision(t.Context())
			if err != nil || now <= revision {
				t.Fatalf("seed %d, batch %d: revision %d after %d, %v", seed, i, now, revision, err)
			}
			revision = now
		}
		proxy.Set(neo4jtest.Faults{})
		closing(t, through)
		if cuts := proxy.Cuts(); cuts.Before+cuts.After == 0 {
			t.Errorf("seed %d: no commit was cut", seed)
		}
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, dump(t, s)); diff != "" {
			t.Fatalf("seed %d (-want +got)\n%s", seed, diff)
		}
		closing(t, s)
	}
}

// TestKilledServer kills the server under readers and in the middle of a load. Readers get the right answer or a typed error; the store works
// again soon after the server does; the same load, run again, ends as if nothing had happened.
func TestKilledServer(t *testing.T) {
	if os.Getenv(neo4jtest.Variable) != "" {
		t.Skip("LEFT OUT: killing a server that the tests did not start")
	}
	s := empty(t)
	defer closing(t, s)
	want := dump(t, uninterrupted(t))
	all := batches(t, 60)
	if _, err := s.Apply(t.Context(), all[0]); err != nil {
		t.Fatal(err)
	}
	groups := countOfGroups(s.model)
	answer, err := s.Query(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	var right, refused atomic.Int64
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				got, err := s.Query(ctx, groups)
				cancel()
				failed, typed := errors.AsType[*store.Error](err)
				switch {
				case err == nil && got.String() == answer.String():
					right.Add(1)
				case err == nil:
					t.Errorf("got %s, want %s", got, answer)
				case !typed || failed.Code != store.CodeUnreachable && failed.Code != store.CodeDeadline:
					t.Errorf("got the error %v", err)
				default:
					refused.Add(1)
				}
			}
		})
	}
	for _, at := range []int{3, 7} {
		killed := make(chan error, 1)
		for i, b := range all[1:] {
			if i == at {
				go func() { killed <- server.Kill() }()
			}
			if _, err := s.Apply(t.Context(), b); err != nil {
				if failed, typed := errors.AsType[*store.Error](err); !typed || failed.Code != store.CodeUnreachable {
					t.Errorf("Apply: %v", err)
				}
				break
			}
		}
		if err := <-killed; err != nil {
			t.Fatal(err)
		}
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		back := time.Now()
		for {
			_, err := s.Query(t.Context(), groups)
			if err == nil {
				break
			}
			if time.Since(back) > 5*time.Second {
				t.Fatalf("the store does not answer %v after the server is back: %v", time.Since(back), err)
			}
		}
	}
	close(stop)
	readers.Wait()
	for i, b := range all {
		if _, err := s.Apply(t.Context(), b); err != nil {
			t.Fatalf("batch %d: %v", i, err)
		}
	}
	if diff := cmp.Diff(want, dump(t, s)); diff != "" {
		t.Errorf("the resumed load (-want +got)\n%s", diff)
	}
	if right.Load() == 0 {
		t.Error("no reader was answered")
	}
	t.Logf("%d answers, %d typed refusals", right.Load(), refused.Load())
}

// TestDeadWriter leaves the sequence as a writer does that dies between its commit and the end of it: the next reader puts it right.
func TestDeadWriter(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	if _, err := loadExample(t.Context(), s, t); err != nil {
		t.Fatal(err)
	}
	want := dump(t, s)
	groups := countOfGroups(s.model)
	for _, read := range []func(){
		func() {
			if got, err := s.Query(t.Context(), groups); err != nil || got.List[0].Int != 83 {
				t.Errorf("%v, %v", got, err)
			}
		},
		func() {
			if diff := cmp.Diff(want, dump(t, s)); diff != "" {
				t.Error(diff)
			}
		},
	} {
		before, err := s.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, beginCommit)
		read()
		if sequence, err := s.sequence(t.Context()); err != nil || sequence%2 != 0 || sequence/2 < before {
			t.Errorf("the sequence is %d after %d batches, %v", sequence, before, err)
		}
	}
}

// TestManyCallers lets 300 callers share 10 connections: each is answered or refused, and nothing is left behind.
func TestManyCallers(t *testing.T) {
	empty(t).Close()
	leaks := goleak.IgnoreCurrent()
	o := options()
	o.PoolSize, o.AcquireTimeout = 10, 300*time.Millisecond
	s, err := Open(t.Context(), model(t), server.URI(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loadExample(t.Context(), s, t); err != nil {
		t.Fatal(err)
	}
	kind := s.model.Kind("Place")
	p := plan.Plan{Page: &plan.Page{
		Total: true, Rows: true, First: 100, Order: []plan.Order{{Property: kind.Properties[0]}},
		Node: plan.Node{Kind: kind, Columns: []plan.Column{{Property: kind.Properties[0]}}},
	}}
	want, err := s.Query(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	var answered, refused atomic.Int64
	for range 300 {
		callers.Go(func() {
			begin := time.Now()
			got, err := s.Query(t.Context(), p)
			failed, typed := errors.AsType[*store.Error](err)
			switch {
			case err == nil && storetest.Difference(want, got) == "":
				answered.Add(1)
			case typed && failed.Code == store.CodeBusy:
				refused.Add(1)
				if took := time.Since(begin); took > 3*time.Second {
					t.Errorf("refused after %v", took)
				}
			default:
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	callers.Wait()
	t.Logf("%d answered, %d refused", answered.Load(), refused.Load())
	if answered.Load() == 0 {
		t.Error("nobody was answered")
	}
	closing(t, s)
	goleak.VerifyNone(t, leaks)
}

// TestRunaway stops a statement that would run for hours, by its deadline and by its caller, on the server too.
func TestRunaway(t *testing.T) {
	s := open(t)
	defer closing(t, s)
	const endless = "UNWIND range(1, 1000000000000) AS runaway WITH runaway WHERE runaway < 0 RETURN count(runaway)"
	for what, limit := range map[string]func() (context.Context, context.CancelFunc){
		"deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), 500*time.Millisecond)
		},
		"cancel": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(500*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		ctx, cancel := limit()
		begin := time.Now()
		_, err := s.collect(ctx, driver.AccessModeRead, endless, nil)
		cancel()
		if failed, typed := errors.AsType[*store.Error](err); !typed || failed.Code != store.CodeDeadline || time.Since(begin) > 5*time.Second {
			t.Errorf("%s: %v after %v", what, err, time.Since(begin))
		}
		for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			rows, err := s.collect(t.Context(), driver.AccessModeRead, "SHOW TRANSACTIONS YIELD currentQuery, status", nil)
			if err != nil {
				t.Fatal(err)
			}
			running := slices.ContainsFunc(rows, func(r []any) bool {
				return strings.HasPrefix(fmt.Sprint(r[0]), "UNWIND range") && !strings.HasPrefix(fmt.Sprint(r[1]), "Terminated")
			})
			if !running {
				break
			}
			if time.Since(begin) > 10*time.Second {
				t.Fatalf("%s: the server still runs the statement: %v", what, rows)
			}
		}
	}
}

// TestRefusals holds the errors of opening to their codes and to what they tell the user to do.
func TestRefusals(t *testing.T) {
	open(t).Close()
	unknown := options()
	unknown.Database = "nothing"
	quick := options()
	quick.RetryTime = 100 * time.Millisecond
	for _, c := range []struct {
		what, address string
		options       Options
		code          store.Code
		message       string
	}{
		{"no server", "bolt://127.0.0.1:1", quick, store.CodeUnreachable, "check that the server runs"},
		{"no database", server.URI(), unknown, store.CodeNotFound, "--neo4j-database"},
		{"no address", "bolt://", Options{}, store.CodeIncompatible, "neo4j://localhost:7687"},
		{"no scheme of ours", "http://127.0.0.1:1", Options{}, store.CodeIncompatible, "write one of neo4j, neo4j+s"},
		{"credentials in the address", "bolt://neo4j:secret@127.0.0.1:1", Options{}, store.CodeIncompatible, "NEO4J_PASSWORD"},
		{"a pool of one", server.URI(), Options{PoolSize: 1}, store.CodeIncompatible, "allow 2 or more"},
		{"a time below 0", server.URI(), Options{RetryTime: -1}, store.CodeIncompatible, "0 or more"},
	} {
		_, err := Open(t.Context(), model(t), c.address, c.options)
		failed, typed := errors.AsType[*store.Error](err)
		if !typed || failed.Code != c.code || !strings.Contains(err.Error(), c.message) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s: %s", c.what, err, c.code, c.message)
		}
	}
	for version, old := range map[string]bool{"4.4.36": true, "5.22.0": true, "5.23.0": false, "5.26.31": false, "5.27-aura": false, "2026.01.0": false} {
		if (release{version: version}).tooOld() != old {
			t.Errorf("%s is taken wrongly", version)
		}
	}
}

// TestGuardedServer asks a server that wants a password and an encrypted connection, through routing as well.
func TestGuardedServer(t *testing.T) {
	open(t).Close()
	guarded, err := neo4jtest.Start(t.Context(), neo4jtest.Options{Password: "correct horse", HeapMiB: 512, Encrypted: true, Deadline: 3 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer guarded.Stop()
	right := Options{Username: "neo4j", Password: "correct horse", RetryTime: 100 * time.Millisecond}
	at := strings.TrimPrefix(guarded.URI(), "bolt+ssc://")
	for _, scheme := range []string{"bolt+ssc://", "neo4j+ssc://"} {
		s, err := Open(t.Context(), model(t), scheme+at, right)
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if report, err := loadExample(t.Context(), s, t); err != nil || report.Accepted != report.Rows {
			t.Errorf("%s: %+v, %v", scheme, report, err)
		}
		// What was written is read, through another connection.
		if got, err := s.Query(t.Context(), countOfGroups(s.model)); err != nil || got.List[0].Int < 80 {
			t.Errorf("%s: %v groups, %v", scheme, got, err)
		}
		closing(t, s)
	}
	for _, scheme := range []string{"bolt+s://", "neo4j+s://", "bolt://", "neo4j://"} { // nobody signed the certificate; no encryption
		_, err := Open(t.Context(), model(t), scheme+at, right)
		failed, typed := errors.AsType[*store.Error](err)
		if !typed || failed.Code != store.CodeUnreachable || strings.Contains(err.Error(), "horse") {
			t.Errorf("%s: %v", scheme, err)
		}
	}
	for _, o := range []Options{{Username: "neo4j", Password: "wrong horse"}, {}} {
		_, err := Open(t.Context(), model(t), guarded.URI(), o)
		failed, typed := errors.AsType[*store.Error](err)
		if !typed || failed.Code != store.CodeUnreachable || !strings.Contains(err.Error(), "set NEO4J_USERNAME") || strings.Contains(err.Error(), "horse") {
			t.Errorf("got %v", err)
		}
	}
}

// TestForeignDatabase leaves a database alone that holds something else.
func TestForeignDatabase(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	write(t, s, "MATCH (s:CrimeGraph) SET s:Hidden_ REMOVE s:CrimeGraph")
	defer write(t, s, "MATCH (s:Hidden_) SET s:CrimeGraph REMOVE s:Hidden_")
	_, err := Open(t.Context(), s.model, server.URI(), options())
	if failed, typed := errors.AsType[*store.Error](err); !typed || failed.Code != store.CodeIncompatible || !strings.Contains(err.Error(), "name an empty database") {
		t.Errorf("got %v", err)
	}
}

// TestWholeBatches reads a node over and over while batches tie as many routes as places to it: no answer may show one without the other.
func TestWholeBatches(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	if _, err := loadExample(t.Context(), s, t); err != nil {
		t.Fatal(err)
	}
	const each, batches = 150, 25
	group := s.model.Kind("Group")
	total := func(name string) plan.Column {
		via := group.Link(name)
		return plan.Column{Page: &plan.Page{Via: via, Total: true, First: 1, Order: []plan.Order{{Property: via.Target.Properties[0]}}, Node: plan.Node{Kind: via.Target}}}
	}
	p := plan.Plan{Lens: plan.Lens{Record: plan.Record{All: true}}, Lookup: &plan.Lookup{IDs: []string{"group/hub"}, Node: plan.Node{Kind: group, Columns: []plan.Column{total("operates"), total("activeIn")}}}}
	values := func(k string, set map[string]any) []any {
		kind := s.model.Kind(k)
		out := make([]any, len(kind.Properties))
		for i, p := range kind.Properties {
			if p.List {
				out[i] = []string{}
			}
		}
		for name, v := range set {
			out[kind.Property(name).Position] = v
		}
		return out
	}
	node := func(kind, id string) store.Node {
		set := map[string]any{"id": id, "name": id, "tlp": int64(1), "recordedAt": int64(0)}
		if kind == "Place" {
			set["kind"] = int64(1)
		}
		return store.Node{Kind: s.model.Kind(kind), Values: values(kind, set)}
	}
	claim := func(relation, to string) store.Claim {
		c := store.Claim{Relation: s.model.Relation(relation), From: "group/hub", To: to, Values: values("Claim", map[string]any{
			"source": "source/ofac-sdn-2024", "reliability": int64(1), "credibility": int64(1), "stance": int64(1), "modality": int64(1), "recordedAt": int64(0), "tlp": int64(1),
		})}
		c.Values[0] = store.ClaimID(s.model.Claim, c.Relation, c.From, c.To, c.Values)
		return c
	}
	if _, err := s.Apply(t.Context(), store.Batch{Nodes: []store.Node{node("Group", "group/hub")}}); err != nil {
		t.Fatal(err)
	}
	written := make(chan struct{})
	var readers sync.WaitGroup
	var reads atomic.Int64
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-written:
					return
				default:
				}
				got, err := s.Query(t.Context(), p)
				if err != nil {
					t.Errorf("Query: %v", err)
					return
				}
				reads.Add(1)
				routes, places := got.List[0].List[0].List[0].Int, got.List[0].List[1].List[0].Int
				if routes != places || routes%each != 0 {
					t.Errorf("%d routes and %d places, each batch brings %d of both", routes, places, each)
					return
				}
			}
		})
	}
	for i := range batches {
		var b store.Batch
		for j := range each {
			slug := strconv.Itoa(i*each + j)
			b.Nodes = append(b.Nodes, node("Route", "route/w"+slug), node("Place", "place/w"+slug))
			b.Claims = append(b.Claims, claim("OPERATES", "route/w"+slug), claim("ACTIVE_IN", "place/w"+slug))
		}
		if _, err := s.Apply(t.Context(), b); err != nil {
			t.Errorf("Apply: %v", err)
			break
		}
	}
	close(written)
	readers.Wait()
	if reads.Load() < batches {
		t.Errorf("only %d reads beside %d batches", reads.Load(), batches)
	}
}

// TestDoctorKnowsIndexes takes indexes away, and puts others in their place.
func TestDoctorKnowsIndexes(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	byName := slices.IndexFunc(schema(s.model), func(i index) bool { return i.name == "Group_name" })
	range_ := schema(s.model)[byName]
	looks := func(state store.State, detail string) {
		t.Helper()
		write(t, s, "CALL db.awaitIndexes(60)")
		for _, d := range Diagnose(t.Context(), s.model, server.URI(), options(), time.Now) {
			if d.Check == "indexes" {
				if d.State != state || !strings.Contains(d.Detail, detail) || (state == store.StateBad) != strings.Contains(d.Fix, "REMOVE s.ontology") {
					t.Errorf("got %+v, want %v, %q", d, state, detail)
				}
				return
			}
		}
		t.Error("indexes were not looked at")
	}
	looks(store.StateGood, "are online")
	write(t, s, "DROP INDEX "+quote(range_.name))
	looks(store.StateBad, "missing: "+range_.name)
	other := range_
	other.name = "other"
	write(t, s, other.statement())
	looks(store.StateGood, "are online")
	write(t, s, "DROP INDEX other")
	write(t, s, range_.statement())
	// What the doctor says to do mends it.
	write(t, s, "DROP INDEX "+quote(range_.name))
	write(t, s, "MATCH (s:"+storeLabel+") REMOVE s.ontology")
	again, err := Open(t.Context(), s.model, server.URI(), options())
	if err != nil {
		t.Fatal(err)
	}
	closing(t, again)
	looks(store.StateGood, "are online")
}

// TestSecondFormat opens a database of the format in which the words of names had an index: it is gone, with what it was made of.
func TestSecondFormat(t *testing.T) {
	s := empty(t)
	defer closing(t, s)
	write(t, s, "CREATE FULLTEXT INDEX names_ FOR (n:Node) ON EACH [n.names_] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}")
	write(t, s, "CREATE (:Node:Place {id: 'place/x', name: 'X', names_: ['x']})")
	write(t, s, "MATCH (s:"+storeLabel+") SET s.format = 2")
	again, err := Open(t.Context(), s.model, server.URI(), options())
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, again)
	if err := again.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for cypher, want := range map[string]int64{
		"MATCH (n:Node) RETURN count(n.names_)":                         0,
		"MATCH (n:Node) RETURN count(n.name)":                           1,
		"MATCH (s:" + storeLabel + ") RETURN s.format":                  formatVersion,
		"SHOW INDEXES YIELD name WHERE name = 'names_' RETURN count(*)": 0,
	} {
		rows, err := again.collect(t.Context(), driver.AccessModeWrite, cypher, nil)
		if err != nil || rows[0][0] != want {
			t.Errorf("%s: %v %v, want %d", cypher, rows, err, want)
		}
	}
}
