package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

var tiny = synthetic.Size{Nodes: 300, Relations: 1500}

func newBench(t testing.TB, size synthetic.Size) *bench {
	t.Helper()
	model, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{size: size, dir: t.TempDir(), log: io.Discard, model: model}
}

func opened(t testing.TB, b *bench) *site {
	t.Helper()
	s, err := b.open(t.Context(), b.size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// What is compared must be the same work: the page over HTTP, without HTTP, by hand and by the stock executor.
func TestThePageIsTheSame(t *testing.T) {
	// Large enough that the page holds claims that are retracted and routes that are.
	b := newBench(t, synthetic.Size{Nodes: 1500, Relations: 8800})
	s := opened(t, b)
	response, err := s.client.ask(t.Context(), pageRequest())
	if err != nil {
		t.Fatal(err)
	}
	response = bytes.Clone(response)
	if n, err := count(response); err != nil || n < 1000 {
		t.Errorf("the page holds %d objects (%v), a thousand are wanted", n, err)
	}
	data, err := s.execute(t.Context(), b.model, pageRequest())
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"data":` + string(data) + "}"; want != string(response) {
		t.Errorf("HTTP  %.300s\nAPI  %.300s", response, want)
	}
	statement, err := s.byHand(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	var text string
	// Without the one group more that tells whether there is a next page.
	if err := statement.QueryRowContext(t.Context(), pageSize).Scan(&text); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, b.model, data); got != text {
		t.Errorf("API      %.600s\nby hand  %.600s", got, text)
	}
	e, err := b.encoders(t.Context(), s, pageRequest())
	if err != nil {
		t.Fatal(err)
	}
	stock, err := e.stock.Execute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if string(stock) != string(data) {
		t.Errorf("stock  %.300s\nAPI    %.300s", stock, data)
	}
	if ours := e.shape.Append([]byte(`{"groups":`)); string(ours)+"}" != string(data) {
		t.Errorf("encoder  %.300s\nAPI      %.300s", ours, data)
	}
	again := e.api.Execute(t.Context(), pageRequest().graph, access(b.model))
	if string(again.Data) != string(data) {
		t.Errorf("API over a store in memory  %.300s\nAPI  %.300s", again.Data, data)
	}
}

// listed turns the page into the nested lists that the hand-written statement gives, as text.
func listed(t *testing.T, model *ontology.Model, data []byte) string {
	t.Helper()
	type named struct{ ID, Name string }
	var page struct {
		Groups struct {
			Nodes []struct {
				named
				Operates struct {
					Nodes []struct {
						named
						Carries struct{ Nodes []named }
						Legs    struct {
							Nodes []struct {
								ID       string
								Order    int
								Mode     string
								From, To *named
							}
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	place := func(p *named) any {
		if p == nil {
			return nil
		}
		return []any{p.ID, p.Name}
	}
	groups := []any{}
	for _, g := range page.Groups.Nodes {
		routes := []any{}
		for _, r := range g.Operates.Nodes {
			carries, legs := []any{}, []any{}
			for _, c := range r.Carries.Nodes {
				carries = append(carries, []any{c.ID, c.Name})
			}
			for _, l := range r.Legs.Nodes {
				mode := model.Kind("Leg").Property("mode").Enum.Rank(l.Mode)
				legs = append(legs, []any{l.ID, l.Order, mode, place(l.From), place(l.To)})
			}
			routes = append(routes, []any{r.ID, r.Name, carries, legs})
		}
		groups = append(groups, []any{g.ID, g.Name, routes})
	}
	text, err := json.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The full lens must compare everything and hide nothing.
func TestTheFullLensHidesNothing(t *testing.T) {
	b := newBench(t, tiny)
	s := opened(t, b)
	plain, err := s.execute(t.Context(), b.model, pageRequest())
	if err != nil {
		t.Fatal(err)
	}
	through, err := s.execute(t.Context(), b.model, newRequest(lensQuery, map[string]any{"first": pageSize, "lens": fullLens}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := listed(t, b.model, through), listed(t, b.model, plain); got != want {
		t.Errorf("through the lens %.400s\nwithout          %.400s", got, want)
	}
}

func TestLatePages(t *testing.T) {
	b := newBench(t, tiny)
	s := opened(t, b)
	first, late, page, err := b.furtherPage(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range []struct {
		request request
		group   int
	}{{first, 0}, {late, page - 1}} {
		data, err := s.execute(t.Context(), b.model, asked.request)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"id":"` + s.network.ID("Group", asked.group) + `"`; !strings.Contains(string(data), want) {
			t.Errorf("the page does not begin with group %d, %s: %.200s", asked.group, want, data)
		}
	}
}

// Loading and bare inserts must make the same file, and the second load must change nothing.
func TestLoadingIsTheSame(t *testing.T) {
	b := newBench(t, tiny)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "network"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := synthetic.New(b.model, tiny, seed).Write(filepath.Join(dir, "network")); err != nil {
		t.Fatal(err)
	}
	l, err := b.load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if c := l.report.Changes; l.report.Rejected != 0 || c.Added != l.report.Rows || c.Updated+c.Unchanged != 0 {
		t.Errorf("of %d rows %d are rejected; changes %+v", l.report.Rows, l.report.Rejected, c)
	}
	if c := l.second.Changes; c != (store.Changes{Unchanged: l.second.Rows}) {
		t.Errorf("the second load of %d rows makes the changes %+v", l.second.Rows, c)
	}

	loaded, inserted := filepath.Join(dir, "loaded.db"), filepath.Join(dir, "inserted.db")
	s, err := sqlite.Open(t.Context(), b.model, loaded, sqlite.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.loadOnce(t.Context(), s, dir)
	if closed := s.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	if _, _, err := b.insert(t.Context(), loaded, inserted); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"node", "edge"} {
		if want, got := content(t, loaded, table), content(t, inserted, table); len(want) == 0 || !slices.Equal(want, got) {
			t.Errorf("%s: the loader makes %d rows, bare inserts %d, or they differ", table, len(want), len(got))
		}
	}
	other, err := sqlite.Open(t.Context(), b.model, inserted, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if found, err := store.Check(t.Context(), b.model, other); err != nil || len(found.Faults) > 0 {
		t.Errorf("%v, faults %.3v", err, found.Faults)
	}
}

// content gives the rows of a table in the order of its key.
func content(t *testing.T, path, table string) []string {
	t.Helper()
	db, err := database(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2, 3, 4")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(line))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// A whole run at a small scale must measure every line, and compare two scales.
func TestRun(t *testing.T) {
	b := newBench(t, tiny)
	larger := synthetic.Size{Nodes: 600, Relations: 3000}
	b.larger, b.effort = &larger, 0.005
	report, err := b.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	targets := 0
	for _, l := range report.Lines {
		if l.Subject.Median <= 0 || l.Subject.P95 < l.Subject.Median || l.Reference != nil && l.Reference.Median <= 0 {
			t.Errorf("%s: %+v %+v", l.Name, l.Subject, l.Reference)
		}
		if l.Met != nil {
			targets++
		}
	}
	if targets < 8 {
		t.Errorf("%d lines have a target: %+v", targets, report.Lines)
	}
	var out bytes.Buffer
	if err := report.markdown(&out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n| "); lines != len(report.Lines)+1 {
		t.Errorf("%d lines of the table for %d:\n%s", lines, len(report.Lines), out.String())
	}
}

func TestFigures(t *testing.T) {
	values := make([]float64, 100)
	for i := range values {
		values[i] = float64(100 - i)
	}
	if f := figure("x", "ms", values); f.Median != 51 || f.P95 != 95 || f.Repetitions != 100 {
		t.Errorf("%+v", f)
	}
	b := &bench{}
	b.compare("slow", Figure{Median: 3}, Figure{Median: 2}, 1.4)
	b.compare("fast", Figure{Median: 3}, Figure{Median: 2}, 1.5)
	b.note("small", Figure{Median: 3}, 3)
	if got := []bool{*b.report.Lines[0].Met, *b.report.Lines[1].Met, *b.report.Lines[2].Met}; !slices.Equal(got, []bool{false, true, true}) {
		t.Errorf("met %v", got)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--scale", "7k"}, {"extra"}, {"--nothing"}} {
		if code := run(t.Context(), args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%q: exit code %d, want 2", args, code)
		}
	}
}

// BenchmarkPage is for profiles: go run ./bench measures.
func BenchmarkPage(b *testing.B) {
	run := newBench(b, small)
	s := opened(b, run)
	r := pageRequest()
	value, err := s.plans(b.Context(), run, r)
	if err != nil {
		b.Fatal(err)
	}
	statement, err := s.byHand(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer statement.Close()
	var text string
	for _, way := range []struct {
		name string
		do   func() error
	}{
		{"http", func() error { _, err := s.client.ask(b.Context(), r); return err }},
		{"api", s.executing(b.Context(), run, r)},
		{"store", func() error { _, err := value(); return err }},
		{"hand", func() error { return statement.QueryRowContext(b.Context(), pageSize+1).Scan(&text) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := way.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad is for profiles: go run ./bench measures.
func BenchmarkLoad(b *testing.B) {
	run := newBench(b, synthetic.Size{Nodes: 16_000, Relations: 95_000})
	dir := b.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "network"), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := synthetic.New(run.model, run.size, seed).Write(filepath.Join(dir, "network")); err != nil {
		b.Fatal(err)
	}
	for _, again := range []bool{false, true} {
		b.Run(map[bool]string{false: "first", true: "again"}[again], func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s, err := sqlite.Open(b.Context(), run.model, filepath.Join(b.TempDir(), "loaded.db"), sqlite.Options{Create: true})
				if err != nil {
					b.Fatal(err)
				}
				if again {
					if _, err := run.loadOnce(b.Context(), s, dir); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				if _, err := run.loadOnce(b.Context(), s, dir); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
