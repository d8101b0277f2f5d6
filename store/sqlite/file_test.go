package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// example makes a file that holds the bundled example.
func example(t testing.TB) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "example.db")
	s := open(t, path, sqlite.Options{Create: true})
	if _, err := loader.Load(t.Context(), model(t), s, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// edit runs SQL on a file, as another program would.
func edit(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range statements {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
}

func refused(t testing.TB, path string, m *ontology.Model, code store.Code, message string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), m, path, sqlite.Options{Create: true})
	if err == nil {
		t.Fatal("opened", s.Close())
	}
	var failed *store.Error
	if !errors.As(err, &failed) || failed.Code != code || !strings.Contains(err.Error(), message) {
		t.Errorf("got %v, want %s: %s", err, code, message)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(before) != string(after) {
		t.Error("the file was changed", err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	path := example(t)
	edit(t, path, "PRAGMA journal_mode = WAL", "PRAGMA user_version = 5")
	refused(t, path, model(t), store.CodeIncompatible, "the store has format 5, this program knows 4; use a newer crimegraph")
}

func TestFilesOfOtherProgramsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	edit(t, path, "CREATE TABLE theirs (x)", "INSERT INTO theirs VALUES (1)", "PRAGMA journal_mode = WAL")
	refused(t, path, model(t), store.CodeIncompatible, "this SQLite file belongs to another program")
}

func TestDamageIsFound(t *testing.T) {
	path := example(t)
	edit(t, path,
		"UPDATE edge SET role = 'forged' WHERE role = 'start_stated'",
		"UPDATE node SET low = high + 1 WHERE id = 'estimate/briefing-drug-share-income'",
		"UPDATE node SET latitude = NULL, tlp = 9 WHERE id = 'place/kh'",
		"DELETE FROM node WHERE id = 'commodity/captagon'")
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	found, err := store.Check(t.Context(), model(t), s)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(found.Faults, "\n")
	for _, want := range []string{
		"its content has the id", "estimate/briefing-drug-share-income: low lies above high", "place/kh: tlp 9 is no Tlp",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among the faults:\n%.2000s", want, all)
		}
	}
	// What names a node that is gone cannot be streamed; the file itself tells of it.
	faults, err := s.Integrity(t.Context())
	if err != nil || !strings.Contains(strings.Join(faults, "\n"), "edge to a missing node from route/") {
		t.Errorf("a missing end is not found: %v %v", faults, err)
	}
}

// TestViewsShowTheFile opens the file as a user of SQLite does.
func TestViewsShowTheFile(t *testing.T) {
	path := example(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct{ query, want string }{
		{`SELECT name || ' ' || actorType || ' ' || source FROM view_Group WHERE id = 'group/sinaloa-cartel'`, "Sinaloa Cartel CRIMINAL_NETWORK source/kiwix-sinaloa"},
		{`SELECT validFrom || ' to ' || validTo || ', ' || kind FROM view_Event WHERE id = 'event/handover-myanmar-china-2023-11'`, "2023-11 to 2023-11, HANDOVER"},
		{`SELECT count(*) FROM view_OPERATES`, "32"},
		{`SELECT count(*) FROM view_ALLIED_WITH`, "10"},
		{`SELECT group_concat(stance) FROM (SELECT stance FROM view_TRADES WHERE "from" = 'group/hezbollah' AND "to" = 'commodity/captagon' ORDER BY stance)`, "ASSERTS,DENIES"},
		{`SELECT "to" FROM view_WITHIN WHERE "from" = 'place/kh'`, "place/region-asia"},
	} {
		var got string
		if err := db.QueryRow(c.query).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.query, got, err, c.want)
		}
	}
}

// TestMigration opens a file with a later ontology: records stay, new kinds and properties are there; a vocabulary that changed its
// order is refused, for the file holds ranks.
func TestMigration(t *testing.T) {
	path := example(t)
	later, err := ontology.Load(strings.Replace(strings.Replace(crimegraph.Schema,
		`"A way along which commodities move: an ordered set of legs."`, `"A warehouse."
type Warehouse implements Entity & Node @node(plural: "warehouses") {
  id: ID! @key
  name: String! @index(text: true)
  aliases: [String!]! @index(text: true)
  description: String
  "Area in square metres."
  area: Float @index
  source: Source
  tlp: Tlp!
  compartments: [String!]!
  recordedAt: Date!
  retractedAt: Date
  estimates: [Estimate!]! @relation(name: "ABOUT", direction: IN, structural: true)
}

"A way along which commodities move: an ordered set of legs."`, 1),
		`"When it was founded."`, `"Colours that members wear."
  colours: String @index
  "When it was founded."`, 1))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), later, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	count := func(kind string) int64 {
		t.Helper()
		k := later.Kind(kind)
		v, err := s.Query(t.Context(), plan.Plan{Page: &plan.Page{Total: true, First: 1, Order: []plan.Order{{Property: k.Properties[0]}}, Node: plan.Node{Kind: k}}})
		if err != nil {
			t.Fatal(err)
		}
		return v.List[0].Int
	}
	if groups, warehouses := count("Group"), count("Warehouse"); groups != 83 || warehouses != 0 {
		t.Errorf("%d groups, %d warehouses", groups, warehouses)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// The older program still reads the file.
	older := open(t, path, sqlite.Options{})
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	reordered, err := ontology.Load(strings.Replace(crimegraph.Schema, `  "The source says that it is so."
  ASSERTS
  "The source says that it is not so."
  DENIES`, `  "The source says that it is not so."
  DENIES
  "The source says that it is so."
  ASSERTS`, 1))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, path, reordered, store.CodeIncompatible, "the ontology changed the order of this vocabulary")
}

// TestFirstFormat opens a file of the format before loads were kept: its records are on no load's account until they are loaded again.
func TestFirstFormat(t *testing.T) {
	path := example(t)
	edit(t, path, "DROP TABLE touched", "DROP TABLE load", "DROP TABLE load_set", "DELETE FROM meta WHERE name IN ('loading', 'load_sets', 'removals')",
		"ALTER TABLE node DROP COLUMN loads_", "ALTER TABLE edge DROP COLUMN loads_", "UPDATE meta SET value = '1:' WHERE name = 'ontology'", "PRAGMA user_version = 1")
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	all := plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}, Loads: true}
	stated := func() (loads int) {
		for r, err := range s.Stream(t.Context(), all) {
			if err != nil {
				t.Fatal(err)
			}
			loads += len(r.Loads)
		}
		return loads
	}
	if n := stated(); n != 0 {
		t.Errorf("%d records of a file without loads are stated by some", n)
	}
	report, err := loader.Load(t.Context(), model(t), s, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{})
	if err != nil || report.Changes.Added+report.Changes.Updated > 0 {
		t.Errorf("%v, %+v", err, report.Changes)
	}
	if n := stated(); n != report.Accepted {
		t.Errorf("%d records are stated by the load, want %d", n, report.Accepted)
	}
}

// TestFullDisk loads onto a disk that is too small, and again once there is room.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount := func(options string) {
		t.Helper()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
			t.Skipf("LEFT OUT: a disk that is full, as none can be mounted here (that needs root): %s", out)
		}
	}
	mount("size=6m")
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	list := loadertest.Listing{ID: "list", Version: "1", Retrieved: "2024-01-01"}
	for i := range 6000 {
		list.Groups = append(list.Groups, i)
	}
	path := filepath.Join(dir, "store.db")
	s := open(t, path, sqlite.Options{Create: true})
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	report, err := loader.Load(t.Context(), model(t), s, list.Set(), loader.Options{})
	if failed, is := errors.AsType[*store.Error](err); !is || failed.Code != store.CodeUnreachable || !strings.Contains(err.Error(), "make room on the disk") {
		t.Fatalf("%v, %+v", err, report.Changes)
	}
	if held := len(loadertest.Dump(t, s, loadertest.Everything)); held != report.Changes.Added || held == 0 {
		t.Errorf("the store holds %d records, the report tells of %d", held, report.Changes.Added)
	}
	mount("remount,size=256m")
	again, err := loader.Load(t.Context(), model(t), s, list.Set(), loader.Options{})
	if err != nil || again.Changes.Unchanged != report.Changes.Added {
		t.Fatalf("%v, %+v", err, again.Changes)
	}
	m := model(t)
	alone := loadertest.New(m)
	if _, err := loader.Load(t.Context(), m, alone, list.Set(), loader.Options{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(loadertest.Dump(t, alone, loadertest.Everything), loadertest.Dump(t, s, loadertest.Everything)) {
		t.Error("the store does not hold what it does after a load that nothing happened to")
	}
	if faults, err := s.Integrity(t.Context()); err != nil || len(faults) > 0 {
		t.Error(err, faults)
	}
}

// TestSecondFormat opens a file of the format in which the words of names had an index: it is gone, and the file is as good as a new one.
func TestSecondFormat(t *testing.T) {
	path := example(t)
	edit(t, path, "DROP TABLE touched", "CREATE TABLE name (key_ INTEGER PRIMARY KEY, node_ INTEGER NOT NULL, alias_ INTEGER NOT NULL, text TEXT NOT NULL) STRICT",
		"CREATE INDEX name_node ON name (node_)", "CREATE VIRTUAL TABLE name_words USING fts5 (text, content='name', content_rowid='key_', prefix='1 2 3', tokenize='ascii')",
		"INSERT INTO name VALUES (1, 1, 0, 'word')", "INSERT INTO name_words (rowid, text) VALUES (1, 'word')",
		"UPDATE meta SET value = '2:' WHERE name = 'ontology'", "PRAGMA user_version = 2")
	s := open(t, path, sqlite.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left := 0
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'name%'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d tables and indexes of names are left: %v", left, err)
	}
	again := open(t, path, sqlite.Options{})
	defer again.Close()
	report, err := loader.Load(t.Context(), model(t), again, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{})
	if err != nil || report.Changes.Added+report.Changes.Updated > 0 {
		t.Errorf("%v, %+v", err, report.Changes)
	}
}

// TestThirdFormat opens a file of the format in which nothing was remembered of batches: what they touched is not known, and what comes after is.
func TestThirdFormat(t *testing.T) {
	path := example(t)
	edit(t, path, "DROP TABLE touched", "UPDATE meta SET value = '3:' WHERE name = 'ontology'", "PRAGMA user_version = 3")
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	revision, err := s.Revision(t.Context())
	if err != nil || revision == 0 {
		t.Fatal(revision, err)
	}
	if told, err := s.Touched(t.Context(), revision-1); err != nil || told.Part != nil || told.Revision != revision {
		t.Errorf("%+v, %v", told, err)
	}
	k := model(t).Kind("Group")
	n := store.Node{Kind: k, Values: make([]any, len(k.Properties))}
	for name, v := range map[string]any{"id": "group/late", "name": "Late", "tlp": int64(1), "recordedAt": int64(60_000)} {
		n.Values[k.Property(name).Position] = v
	}
	if _, err := s.Apply(t.Context(), store.Batch{Nodes: []store.Node{n}}); err != nil {
		t.Fatal(err)
	}
	told, err := s.Touched(t.Context(), revision)
	if want := (store.Touched{Revision: revision + 1, Part: &plan.Part{Nodes: []string{"group/late"}}}); err != nil || !reflect.DeepEqual(told, want) {
		t.Errorf("%+v, %v, want %+v", told, err, want)
	}
}

// TestProcessesOpenTheSameFile makes one file from several sides at once: one sets it up, the others find it so.
func TestProcessesOpenTheSameFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shared.db")
	errs := make(chan error)
	const n = 6
	for range n {
		go func() {
			s, err := sqlite.Open(context.Background(), model(t), path, sqlite.Options{Create: true})
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestReadOnlyBesideWriter reads a file that may not be written while somebody who had it open before still writes.
func TestReadOnlyBesideWriter(t *testing.T) {
	path := example(t)
	writer := open(t, path, sqlite.Options{})
	defer writer.Close()
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	m := model(t)
	reader := open(t, path, sqlite.Options{})
	defer reader.Close()
	place := store.Node{Kind: m.Kind("Place"), Values: make([]any, len(m.Kind("Place").Properties))}
	for name, v := range map[string]any{"id": "place/new", "name": "New", "kind": int64(1), "tlp": int64(1), "recordedAt": int64(0), "aliases": []string{}, "compartments": []string{}} {
		place.Values[place.Kind.Property(name).Position] = v
	}
	if _, err := writer.Apply(t.Context(), store.Batch{Nodes: []store.Node{place}}); err != nil {
		t.Fatal(err)
	}
	v, err := reader.Query(t.Context(), plan.Plan{Lookup: &plan.Lookup{IDs: []string{"place/new"}, Node: plan.Node{Kind: place.Kind, Columns: []plan.Column{{Property: place.Kind.Properties[0]}}}}})
	if err != nil || v.String() != `[["place/new"]]` {
		t.Errorf("the reader sees %v, %v", v, err)
	}
	var refusal *store.Error
	if _, err := reader.Apply(t.Context(), store.Batch{Nodes: []store.Node{place}}); !errors.As(err, &refusal) || refusal.Code != store.CodeReadOnly {
		t.Errorf("the reader writes: %v", err)
	}
}
