package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/crimegraph/crimegraph/examples"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/internal/bundled"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// update writes the answers anew: go test ./examples -update. Read the difference before committing it; the facts below must hold
// all the same.
var update = flag.Bool("update", false, "write the committed answers anew")

// counting counts the plans that a store is asked; each is one statement, by the contract of store.Store.
type counting struct {
	store.Store
	plans atomic.Int64
}

func (c *counting) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	c.plans.Add(1)
	return c.Store.Query(ctx, p)
}

// example opens a store in memory that holds the bundled example.
func example(t *testing.T) (*ontology.Model, *counting) {
	t.Helper()
	model, s := bundled.Store(t)
	return model, &counting{Store: s}
}

func all(t *testing.T) []examples.Example {
	t.Helper()
	list, err := examples.All()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnswers(t *testing.T) {
	model, s := example(t)
	api := graph.NewAPI(model, s, graph.Options{})
	access := lookahead.Access{MaxTlp: model.Claim.Property("tlp").Enum.Rank("RED")}
	for _, e := range all(t) {
		t.Run(e.Name, func(t *testing.T) {
			request := graph.Request{Query: e.Query}
			if e.Variables != "" {
				decoder := json.NewDecoder(strings.NewReader(e.Variables))
				decoder.UseNumber()
				if err := decoder.Decode(&request.Variables); err != nil {
					t.Fatalf("%s.vars.json: %v", e.Name, err)
				}
			}
			questions, errs := api.Questions(request, access)
			if errs != nil {
				t.Fatal(errs)
			}
			before := s.plans.Load()
			response := api.Execute(t.Context(), request, access)
			if len(response.Errors) > 0 {
				t.Fatal(response.Errors)
			}
			// One a root field; analytics need none where they read nothing but names.
			least := 0
			for _, q := range questions {
				if q.Analytic == nil {
					least++
				}
			}
			if got := int(s.plans.Load() - before); got < least || got > len(questions) {
				t.Errorf("%d statements for %d root fields, %d of which are no analytics", got, len(questions), least)
			}
			text, err := response.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			// As `crimegraph query` prints it.
			var got bytes.Buffer
			if err := json.Indent(&got, text, "", "  "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			if *update {
				if err := os.WriteFile(e.Name+".json", got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(e.Name + ".json")
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("the answer differs from %s.json (rewrite with -update): %s", e.Name, firstDifference(got.String(), string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is\n%s\nnot\n%s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, not %d", len(g), len(w))
}

// Eighteen questions, the eighth through three lenses.
func TestQuestions(t *testing.T) {
	var names []string
	for _, e := range all(t) {
		names = append(names, e.Name[:strings.IndexByte(e.Name, '-')])
		if len(e.Question) < 20 || !strings.HasSuffix(e.Question, "?") {
			t.Errorf("%s asks no question: %q", e.Name, e.Question)
		}
		if strings.Contains(e.Query, e.Question) || strings.TrimSpace(e.Query) == "" {
			t.Errorf("%s: the query is %q", e.Name, e.Query)
		}
	}
	if got, want := strings.Join(names, " "), "01 02 03 04 05 06 07 08a 08b 08c 09 10 11 12 13 14 15 16 17 18"; got != want {
		t.Errorf("examples %s, want %s", got, want)
	}
}

// A file that belongs to no query would look like an answer that is checked.
func TestEveryFileBelongsToAQuery(t *testing.T) {
	known := map[string]bool{}
	for _, e := range all(t) {
		known[e.Name+".graphql"], known[e.Name+".json"] = true, true
		if e.Variables != "" {
			known[e.Name+".vars.json"] = true
		}
	}
	found, err := fs.Glob(os.DirFS("."), "[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	if want := slices.Sorted(maps.Keys(known)); !slices.Equal(found, want) {
		t.Errorf("files %q, want %q", found, want)
	}
}

// GraphiQL takes texts only: a variable object in place of its text would be left out there.
func TestJSONIsWhatGraphiQLReads(t *testing.T) {
	text, err := examples.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	list := all(t)
	if len(got) != len(list) {
		t.Fatalf("%d examples, want %d", len(got), len(list))
	}
	for i, e := range list {
		want := map[string]string{"name": e.Name, "question": e.Question, "query": e.Query}
		if e.Variables != "" {
			want["variables"] = e.Variables
		}
		if !maps.Equal(got[i], want) {
			t.Errorf("%s: %v", e.Name, got[i])
		}
	}
}

// The lenses can only be compared where nothing but the lens differs.
func TestLensesShareOneQuery(t *testing.T) {
	queries := map[string]bool{}
	for _, e := range all(t) {
		if strings.HasPrefix(e.Name, "08") {
			queries[e.Query[strings.Index(e.Query, "query "):]] = true
		}
	}
	if len(queries) != 1 {
		t.Errorf("%d different queries under 08", len(queries))
	}
}
