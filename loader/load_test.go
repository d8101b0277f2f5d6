package loader_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	crimegraph "github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

var update = flag.Bool("update", false, "write the reports of testdata anew")

const manifest = "id: dataset/test\ntitle: Test\nretrieved: \"2026-01-31\"\n"

func schema(t testing.TB) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dataSet makes a data set of an archive. Files whose names end in .quoted hold one Go string a line; a manifest is added where the
// archive neither holds one nor says "no manifest".
func dataSet(t testing.TB, a *txtar.Archive) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	if !strings.Contains(string(a.Comment), "no manifest") {
		files[loader.ManifestFile] = &fstest.MapFile{Data: []byte(manifest)}
	}
	for _, f := range a.Files {
		if f.Name == "report" {
			continue
		}
		name, quoted := strings.CutSuffix(f.Name, ".quoted")
		text := f.Data
		if quoted {
			var b strings.Builder
			for _, line := range strings.Split(strings.TrimSpace(string(f.Data)), "\n") {
				part, err := strconv.Unquote(line)
				if err != nil {
					t.Fatalf("%s: %s: %v", f.Name, line, err)
				}
				b.WriteString(part)
			}
			text = []byte(b.String())
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return files
}

// outcome prints a load as the testdata state it.
func outcome(report loader.Report, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "%v\n", err)
		return b.String()
	}
	for _, f := range report.Files {
		fmt.Fprintf(&b, "%s: %d rows, %d accepted, %d rejected", f.File, f.Rows, f.Accepted, f.Rejected)
		if f.Filtered > 0 {
			fmt.Fprintf(&b, ", %d filtered", f.Filtered)
		}
		if f.StoppedAt > 0 {
			fmt.Fprintf(&b, ", stopped at line %d", f.StoppedAt)
		}
		b.WriteByte('\n')
	}
	for _, r := range report.Rejects {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

func archives(t testing.TB, folder string) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", folder, err)
	}
	found := map[string]*txtar.Archive{}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[path] = a
	}
	return found
}

// Every case states the whole report: what is rejected, where and why, or that nothing is.
func TestReports(t *testing.T) {
	model := schema(t)
	for _, folder := range []string{"bad", "good"} {
		for path, a := range archives(t, folder) {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
				s := loadertest.New(model)
				set, check := loader.Dataset{Name: "case", Files: dataSet(t, a)}, consistent
				if slices.ContainsFunc(a.Files, func(f txtar.File) bool { return f.Name == "load" }) {
					set, check = mappedSet(t, a), consistentMapped
				}
				report, err := loader.Load(context.Background(), model, s, set, loader.Options{})
				got := outcome(report, err)
				at, want := -1, ""
				for i, f := range a.Files {
					if f.Name == "report" {
						at, want = i, string(f.Data)
					}
				}
				if *update {
					f := txtar.File{Name: "report", Data: []byte(got)}
					if at < 0 {
						a.Files = append(a.Files, f)
					} else {
						a.Files[at] = f
					}
					if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
						t.Fatal(err)
					}
				} else if got != want {
					t.Errorf("report:\n%s\nwant:\n%s", got, want)
				}
				var refusal *loader.Refusal
				switch {
				case err != nil && (!errors.As(err, &refusal) || s.Applied > 0):
					t.Errorf("%v: no refusal, or %d batches were written", err, s.Applied)
				case folder == "bad" && err == nil && report.Rejected == 0, folder == "good" && (err != nil || report.Rejected > 0):
					t.Errorf("a %s data set gives %d rejects and error %v", folder, report.Rejected, err)
				}
				check(t, model, s, set, report, err)
			})
		}
	}
}

// consistent checks what holds for every load: the counts add up, a dry run says the same, and a second load changes nothing.
func consistent(t testing.TB, model *ontology.Model, s *loadertest.Memory, set loader.Dataset, report loader.Report, err error) {
	t.Helper()
	if err != nil {
		return
	}
	rows, accepted, rejected := 0, 0, 0
	for _, f := range report.Files {
		if f.Accepted+f.Rejected != f.Rows {
			t.Errorf("%s: %d accepted and %d rejected of %d rows", f.File, f.Accepted, f.Rejected, f.Rows)
		}
		rows, accepted, rejected = rows+f.Rows, accepted+f.Accepted, rejected+f.Rejected
	}
	if rows != report.Rows || accepted != report.Accepted || rejected != report.Rejected || accepted+rejected != rows {
		t.Errorf("%d rows, %d accepted, %d rejected; files sum up to %d, %d, %d", report.Rows, report.Accepted, report.Rejected, rows, accepted, rejected)
	}
	if c := report.Changes; c.Added+c.Updated+c.Unchanged != accepted {
		t.Errorf("%+v of %d accepted rows", c, accepted)
	}
	for _, r := range report.Rejects {
		if r.Line == 0 || r.Reason == "" || len([]rune(r.Value)) > 81 {
			t.Errorf("reject %+v lacks a place or a reason, or is too long", r)
		}
	}
	again, err := loader.Load(context.Background(), model, s, set, loader.Options{})
	if err != nil || again.Changes != (store.Changes{Unchanged: accepted}) || outcome(again, nil) != outcome(report, nil) {
		t.Errorf("second load: %v, %+v, report\n%s", err, again.Changes, outcome(again, nil))
	}
	dryRuns(t, model, set, report, loadertest.New(model), s)
}

// dryRuns checks that a dry run says the same and writes nothing, whatever the store holds.
func dryRuns(t testing.TB, model *ontology.Model, set loader.Dataset, report loader.Report, stores ...*loadertest.Memory) {
	t.Helper()
	for _, s := range stores {
		before := s.Applied
		dry, err := loader.Load(context.Background(), model, s, set, loader.Options{DryRun: true})
		if err != nil || dry.Changes != (store.Changes{}) || s.Applied != before || outcome(dry, nil) != outcome(report, nil) {
			t.Errorf("dry run: %v, %+v, %d batches, report\n%s", err, dry.Changes, s.Applied-before, outcome(dry, nil))
		}
	}
}

// load loads files given as name, text, name, text, with the manifest where none is given.
func load(t testing.TB, s *loadertest.Memory, model *ontology.Model, options loader.Options, files ...string) (loader.Report, error) {
	t.Helper()
	set := fstest.MapFS{loader.ManifestFile: &fstest.MapFile{Data: []byte(manifest)}}
	for i := 0; i < len(files); i += 2 {
		set[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return loader.Load(context.Background(), model, s, loader.Dataset{Name: "test", Files: set}, options)
}

func mustLoad(t testing.TB, s *loadertest.Memory, model *ontology.Model, files ...string) loader.Report {
	t.Helper()
	report, err := load(t, s, model, loader.Options{}, files...)
	if err != nil || report.Rejected > 0 {
		t.Fatalf("%v, %v", err, report.Rejects)
	}
	return report
}

func text(t testing.TB, k *ontology.Kind, values []any, property string) string {
	t.Helper()
	p := k.Property(property)
	switch v := values[p.Position].(type) {
	case int64:
		return strings.Trim(string(p.Append(nil, v)), `"`)
	default:
		return fmt.Sprint(v)
	}
}

func TestRecordsTakeOverFromTheirSource(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	mustLoad(t, s, model,
		"Source.csv", "id,name,reliability,tlp,compartments,published,source\n"+
			"source/a,A,B,AMBER,x|y,2020-02,\n"+
			"source/under-a,U,C,GREEN,z,,source/a\n",
		"Group.csv", "id,name,source,tlp,compartments\n"+
			"group/one,One,source/a,GREEN,w|x\n"+
			"group/two,Two,source/under-a,RED,\n"+
			"group/three,Three,,,\n",
		"ALLIED_WITH.csv", "from,to,source,recordedAt,reliability\ngroup/two,group/one,source/a,,\ngroup/two,group/three,source/under-a,2019,A\n")
	for _, c := range []struct{ id, property, want string }{
		{"source/a", "recordedAt", "2020-02"},
		{"source/under-a", "recordedAt", "2026-01-31"},
		{"source/under-a", "tlp", "AMBER"},
		{"source/under-a", "compartments", "[x y z]"},
		{"group/one", "tlp", "AMBER"},
		{"group/one", "compartments", "[w x y]"},
		{"group/one", "recordedAt", "2020-02"},
		{"group/two", "tlp", "RED"},
		{"group/two", "compartments", "[x y z]"},
		{"group/two", "recordedAt", "2026-01-31"},
		{"group/three", "tlp", "CLEAR"},
		{"group/three", "recordedAt", "2026-01-31"},
		{"group/three", "aliases", "[]"},
	} {
		n := s.Nodes[c.id]
		if got := text(t, n.Kind, n.Values, c.property); got != c.want {
			t.Errorf("%s.%s is %s, want %s", c.id, c.property, got, c.want)
		}
	}
	want := map[string]string{
		"group/one group/two":   "source/a B 6 ASSERTS STATES AMBER 2020-02",
		"group/three group/two": "source/under-a A 6 ASSERTS STATES AMBER 2019",
	}
	for _, c := range s.Claims {
		var got []string
		for _, p := range []string{"source", "reliability", "credibility", "stance", "modality", "tlp", "recordedAt"} {
			got = append(got, text(t, model.Claim, c.Values, p))
		}
		if ends := c.From + " " + c.To; strings.Join(got, " ") != want[ends] {
			t.Errorf("%s: %s, want %s", ends, strings.Join(got, " "), want[ends])
		}
		if c.ID() != store.ClaimID(model.Claim, c.Relation, c.From, c.To, c.Values) {
			t.Errorf("%s is not the claim's id", c.ID())
		}
	}
	// A partial date of publication stands for its last day.
	key := loadertest.Value(s.Nodes["group/one"], "recordedAt").(int64)
	if d, _ := ontology.ParseDate("2020-02-29"); ontology.KeyDay(key) != d.First {
		t.Errorf("2020-02 ends on day %d, want %d", ontology.KeyDay(key), d.First)
	}
}

func TestReferencesIntoTheStore(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	mustLoad(t, s, model,
		"Source.csv", "id,name,reliability,tlp,published,compartments\nsource/a,A,B,AMBER,2020,\nsource/secret,S,B,,,vault\n",
		"Place.csv", "id,name,kind\nplace/it,Italy,COUNTRY\n")
	files := []string{
		"Group.csv", "id,name,basedIn,source\ngroup/g,G,place/it,source/a\n",
		"ACTIVE_IN.csv", "from,to,source\ngroup/g,place/it,source/a\n",
		"Event.csv", "id,name,kind,source\nevent/e,E,RAID,source/secret\n",
	}
	report, err := load(t, s, model, loader.Options{}, files...)
	if err != nil || report.Rejected > 0 {
		t.Fatal(err, report.Rejects)
	}
	if got := text(t, model.Kind("Group"), s.Nodes["group/g"].Values, "tlp"); got != "AMBER" {
		t.Errorf("tlp %s, want that of the source in the store", got)
	}
	if got := text(t, model.Kind("Event"), s.Nodes["event/e"].Values, "compartments"); got != "[vault]" {
		t.Errorf("compartments %s, want those of the source in the store", got)
	}
}

// Rows are written after what they name, however they are ordered, and in whole batches.
func TestOrderAndBatches(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	var places, claims strings.Builder
	places.WriteString("id,name,kind,within\n")
	claims.WriteString("from,to,source\n")
	const n = 12_500
	for i := range n {
		// Ten in a chain, each before the one that it lies in.
		within := ""
		if i%10 != 9 {
			within = fmt.Sprintf("place/p%d", i+1)
		}
		fmt.Fprintf(&places, "place/p%d,P,CITY,%s\n", i, within)
		fmt.Fprintf(&claims, "group/g,place/p%d,source/a\n", i)
	}
	report := mustLoad(t, s, model, "Place.csv", places.String(), "ACTIVE_IN.csv", claims.String(),
		"Group.csv", "id,name,basedIn\ngroup/g,G,place/p0\n", "Source.csv", "id,name,reliability\nsource/a,A,C\n")
	if len(s.Nodes) != n+2 || len(s.Claims) != n || report.Accepted != 2*n+2 {
		t.Errorf("%d nodes, %d claims, %d accepted", len(s.Nodes), len(s.Claims), report.Accepted)
	}
	if s.Applied != 6 {
		t.Errorf("%d batches, want 6 of at most 5,000 rows", s.Applied)
	}
}

func TestDepthOfReferencesIsBounded(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	var b strings.Builder
	b.WriteString("id,name,kind,within\n")
	for i := range 70 {
		within := ""
		if i < 69 {
			within = fmt.Sprintf("place/p%d", i+1)
		}
		fmt.Fprintf(&b, "place/p%d,P,CITY,%s\n", i, within)
	}
	report, err := load(t, s, model, loader.Options{}, "Place.csv", b.String())
	if err != nil {
		t.Fatal(err)
	}
	if report.Accepted != 65 || report.Rejected != 5 {
		t.Errorf("%d accepted, %d rejected, want 65 and 5", report.Accepted, report.Rejected)
	}
	if got, want := report.Rejects[4].String(), `Place.csv:6:1: id "place/p4": its references lead on more than 64 times; see whether the chain is meant`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRejectsAreBoundedAndAllReported(t *testing.T) {
	model := schema(t)
	var b strings.Builder
	b.WriteString("id,name,kind\n")
	for i := range 30 {
		fmt.Fprintf(&b, "place/p%d,P,PLANET\n", i)
	}
	seen := 0
	report, err := load(t, loadertest.New(model), model, loader.Options{KeepRejects: 7, OnReject: func(loader.Reject) { seen++ }}, "Place.csv", b.String())
	if err != nil || len(report.Rejects) != 7 || report.Rejected != 30 || seen != 30 {
		t.Errorf("%v: %d kept, %d counted, %d reported", err, len(report.Rejects), report.Rejected, seen)
	}
}

func TestCancellationLeavesWholeBatches(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	var b strings.Builder
	b.WriteString("id,name,kind\n")
	for i := range 15_000 {
		fmt.Fprintf(&b, "place/p%d,P,CITY\n", i)
	}
	set := fstest.MapFS{loader.ManifestFile: {Data: []byte(manifest)}, "Place.csv": {Data: []byte(b.String())}}
	ctx, cancel := context.WithCancel(context.Background())
	s.Before = func(store.Batch) error {
		if s.Applied == 1 {
			cancel()
		}
		return ctx.Err()
	}
	report, err := loader.Load(ctx, model, s, loader.Dataset{Name: "test", Files: set}, loader.Options{})
	if !errors.Is(err, context.Canceled) || len(s.Nodes) != 5000 || report.Accepted != 5000 || report.Changes.Added != 5000 {
		t.Errorf("%v: %d nodes, %d accepted, %+v", err, len(s.Nodes), report.Accepted, report.Changes)
	}
	s.Before = nil
	report, err = loader.Load(context.Background(), model, s, loader.Dataset{Name: "test", Files: set}, loader.Options{})
	if err != nil || report.Changes != (store.Changes{Added: 10_000, Unchanged: 5000}) {
		t.Errorf("resumed: %v, %+v", err, report.Changes)
	}
}

func TestStoreErrorsEndTheLoad(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	s.Before = func(store.Batch) error { return store.Errorf(store.CodeReadOnly, "x.db", "", "read only") }
	_, err := load(t, s, model, loader.Options{}, "Place.csv", "id,name,kind\nplace/p,P,CITY\n")
	var fault *store.Error
	var refusal *loader.Refusal
	if !errors.As(err, &fault) || fault.Code != store.CodeReadOnly || errors.As(err, &refusal) {
		t.Errorf("%v is not the store's error", err)
	}
}

// changing gives another text each time a file is opened.
type changing struct {
	fs.FS
	texts []string
	opens int
}

func (c *changing) Open(name string) (fs.File, error) {
	if name != "Place.csv" {
		return c.FS.Open(name)
	}
	text := c.texts[min(c.opens, len(c.texts)-1)]
	c.opens++
	return fstest.MapFS{name: {Data: []byte(text)}}.Open(name)
}

func TestFilesThatChangeAreNoticed(t *testing.T) {
	model := schema(t)
	row := "id,name,kind\nplace/p,P,CITY\n"
	files := &changing{FS: fstest.MapFS{loader.ManifestFile: {Data: []byte(manifest)}, "Place.csv": {Data: []byte(row)}}}
	for _, other := range []string{"id,name,kind\nplace/q,P,CITY\n", "id,name,kind\nplace/p,P,TOWN\n", "id,name,kind\n"} {
		// The header is read first, then the hash, then all rows, then all rows to be written.
		files.texts, files.opens = []string{row, row, row, row, other}, 0
		s := loadertest.New(model)
		_, err := loader.Load(context.Background(), model, s, loader.Dataset{Name: "test", Files: files}, loader.Options{})
		if err == nil || !strings.Contains(err.Error(), "changed while it was loaded") || s.Applied > 0 {
			t.Errorf("%q: %v, %d batches", other, err, s.Applied)
		}
	}
}

func TestFolderIsNotLeft(t *testing.T) {
	model := schema(t)
	folder, outside := t.TempDir(), filepath.Join(t.TempDir(), "Place.csv")
	for path, text := range map[string]string{outside: "id,name,kind\nplace/secret,S,CITY\n", filepath.Join(folder, loader.ManifestFile): manifest} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(folder, "Place.csv")); err != nil {
		t.Fatal(err)
	}
	set, done, err := loader.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	s := loadertest.New(model)
	if _, err := loader.Load(context.Background(), model, s, set, loader.Options{}); err == nil || s.Applied > 0 {
		t.Errorf("a link out of the folder was followed: %v", err)
	}
	if _, _, err := loader.OpenFolder(filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestRowsOfAnyLengthAreRefusedNotRead(t *testing.T) {
	model := schema(t)
	long := strings.Repeat("x", 3<<20)
	report, err := load(t, loadertest.New(model), model, loader.Options{},
		"Place.csv", "id,name,kind\nplace/a,A,CITY\nplace/b,\""+long+"\",CITY\nplace/c,C,CITY\n",
		"Group.jsonl", `{"id":"group/a","name":"A"}`+"\n"+`{"id":"group/b","name":"`+long+"\"}\n"+`{"id":"group/c","name":"C"}`+"\n")
	want := `Place.csv: 2 rows, 1 accepted, 1 rejected, stopped at line 3
Group.jsonl: 3 rows, 2 accepted, 1 rejected
Place.csv:3:1: the row is longer than 1048576 bytes; reading stopped here; see whether a quote is left open
Group.jsonl:2:1: the line is longer than 1048576 bytes; shorten it
`
	if got := outcome(report, err); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A source that comes with another grade or mark changes the copies that statements of earlier data sets hold.
func TestChangedSources(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	mustLoad(t, s, model,
		"Source.csv", "id,name,reliability\nsource/a,A,B\nsource/b,B,B\n",
		"Place.csv", "id,name,kind\nplace/it,Italy,COUNTRY\n",
		"Group.csv", "id,name,source\ngroup/g,G,source/a\n",
		"Event.csv", "id,name,kind,source,tlp,reliability\nevent/e,E,RAID,source/a,RED,\nevent/f,F,RAID,source/b,,\nevent/own,O,RAID,source/a,,A\n",
		"ACTIVE_IN.csv", "from,to,source\ngroup/g,place/it,source/a\ngroup/g,place/it,source/b\n")
	report, err := load(t, s, model, loader.Options{}, "Source.csv", "id,name,reliability,tlp,compartments\nsource/a,A,D,AMBER,vault\nsource/b,B,B,,\n")
	if err != nil || report.Rejected > 0 {
		t.Fatal(err, report.Rejects)
	}
	// The source, its group, its events and its claim; nothing of the other source.
	if want := (store.Changes{Updated: 5, Unchanged: 1}); report.Changes != want {
		t.Errorf("changes %+v, want %+v", report.Changes, want)
	}
	for id, want := range map[string]string{"event/e": "D RED [vault]", "event/f": "B CLEAR []", "event/own": "A AMBER [vault]"} {
		n := s.Nodes[id]
		if got := text(t, n.Kind, n.Values, "reliability") + " " + text(t, n.Kind, n.Values, "tlp") + " " + text(t, n.Kind, n.Values, "compartments"); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	for _, c := range s.Claims {
		want := "B CLEAR"
		if c.Values[model.Claim.Property("source").Position] == "source/a" {
			want = "D AMBER"
		}
		if got := text(t, model.Claim, c.Values, "reliability") + " " + text(t, model.Claim, c.Values, "tlp"); got != want {
			t.Errorf("claim of %v is %s, want %s", c.Values[model.Claim.Property("source").Position], got, want)
		}
	}
}

// Whatever stops a load, the next one still raises all copies; and a mark passes on from a source to the sources that cite it.
func TestChangedSourcesAfterAStop(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	mustLoad(t, s, model,
		"Source.csv", "id,name,reliability,source\nsource/a,A,B,\nsource/b,B,B,source/a\n",
		"Place.csv", "id,name,kind\nplace/it,Italy,COUNTRY\n",
		"Group.csv", "id,name,source\ngroup/g,G,source/b\n",
		"ACTIVE_IN.csv", "from,to,source\ngroup/g,place/it,source/b\n")
	again := []string{"Source.csv", "id,name,reliability,tlp\nsource/a,A,D,RED\n"}
	for stop := range 5 {
		left := stop
		s.Before = func(store.Batch) error {
			if left--; left < 0 {
				return errors.New("the disk is full")
			}
			return nil
		}
		if _, err := load(t, s, model, loader.Options{}, again...); err == nil {
			break
		}
	}
	s.Before = nil
	if report, err := load(t, s, model, loader.Options{}, again...); err != nil || report.Rejected > 0 {
		t.Fatal(err, report.Rejects)
	}
	for id, n := range s.Nodes {
		want := "RED"
		if id == "place/it" {
			want = "CLEAR"
		}
		if got := text(t, n.Kind, n.Values, "tlp"); got != want {
			t.Errorf("%s is marked %s, want %s", id, got, want)
		}
	}
	for _, c := range s.Claims {
		if got := text(t, model.Claim, c.Values, "tlp") + " " + text(t, model.Claim, c.Values, "reliability"); got != "RED B" {
			t.Errorf("the claim is %s, want RED B", got)
		}
	}
}

// Ids that look alike are one, so what cannot be seen, or looks different to everyone, is in none. Letters and marks of all scripts are.
func TestIDsHoldNothingUnseen(t *testing.T) {
	model := schema(t)
	for _, r := range "\u00ad\u034f\u115f\u17b4\u180b\u200b\u200d\u2028\u2800\u3000\u3164\ue000\ufe00\ufe0f\ufeff\uffa0\ufffd\U000e0041\U000e0100\U000e01ef\U000f0000\U0010fffd" {
		report, err := load(t, loadertest.New(model), model, loader.Options{}, "Place.csv", "id,name,kind\nplace/x"+string(r)+"y,A,REGION\nplace/xy,B,REGION\n")
		if err != nil || report.Rejected != 1 {
			t.Errorf("%U: %d rejected, %v", r, report.Rejected, err)
		}
	}
	for _, r := range "é\u0301\u0e48\u094d한ж" {
		report, err := load(t, loadertest.New(model), model, loader.Options{}, "Place.csv", "id,name,kind\nplace/x"+string(r)+"y,A,REGION\n")
		if err != nil || report.Rejected != 0 {
			t.Errorf("%U: %v, %v", r, report.Rejects, err)
		}
	}
}
