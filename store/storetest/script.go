package storetest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed testdata/*.txtar
var scripts embed.FS

// updateVariable names the environment variable that, set to the folder of this package, makes scripts rewrite their answers.
const updateVariable = "UPDATE_SCRIPTS"

// Scripts runs every script on a backend. A script is a txtar archive: the files of a data set, and questions: NAME.graphql, NAME.vars.json where it has variables, NAME.json, the answer, and
// NAME.plan where the plan matters. Each root field must take exactly one statement, an analytic at most one.
func Scripts(t *testing.T, model *ontology.Model, open func(testing.TB) store.Store) {
	names, err := fs.Glob(scripts, "testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { script(t, model, open(t), name) })
	}
}

// counting counts the statements that a store is asked for.
type counting struct {
	store.Store
	queries atomic.Int64
}

func (c *counting) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	c.queries.Add(1)
	return c.Store.Query(ctx, p)
}

func script(t *testing.T, model *ontology.Model, s store.Store, name string) {
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	text, err := scripts.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(text)
	set, questions := fstest.MapFS{}, map[string][]byte{}
	for _, f := range archive.Files {
		if ext := filepath.Ext(f.Name); ext == ".csv" || ext == ".jsonl" || ext == ".yaml" {
			set[f.Name] = &fstest.MapFile{Data: f.Data}
		} else {
			questions[f.Name] = f.Data
		}
	}
	report, err := loader.Load(t.Context(), model, s, loader.Dataset{Name: name, Files: set}, loader.Options{})
	if err != nil || report.Rejected > 0 {
		t.Fatal(err, report.Rejects)
	}
	counted := &counting{Store: s}
	api := graph.NewAPI(model, counted, graph.Options{})
	access := lookahead.Access{MaxTlp: model.Claim.Property("tlp").Enum.Rank("AMBER"), Compartments: []string{"red-team"}}
	asked := 0
	for i := range archive.Files {
		question, isQuery := strings.CutSuffix(archive.Files[i].Name, ".graphql")
		if !isQuery {
			continue
		}
		asked++
		request := graph.Request{Query: string(archive.Files[i].Data)}
		if vars := questions[question+".vars.json"]; vars != nil {
			decoder := json.NewDecoder(bytes.NewReader(vars))
			decoder.UseNumber()
			if err := decoder.Decode(&request.Variables); err != nil {
				t.Fatal(question, err)
			}
		}
		got := map[string]string{question + ".json": answered(t, api, counted, request, access)}
		if _, planned := questions[question+".plan"]; planned {
			got[question+".plan"] = plans(t, api, request, access)
		}
		for file, text := range got {
			if diff := cmp.Diff(string(questions[file]), text); diff != "" && os.Getenv(updateVariable) == "" {
				t.Errorf("%s (-want +got)\n%s", file, diff)
			}
			put(archive, file, text)
		}
	}
	if asked == 0 {
		t.Error("the script asks nothing")
	}
	found, err := store.Check(t.Context(), model, s)
	if err != nil || len(found.Faults) > 0 {
		t.Error("the store is damaged", err, found.Faults)
	}
	if folder := os.Getenv(updateVariable); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name), txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// answered is the response as people read it. It must have taken one statement a root field that is no analytic.
func answered(t *testing.T, api *graph.API, s *counting, request graph.Request, access lookahead.Access) string {
	t.Helper()
	s.queries.Store(0)
	response := api.Execute(t.Context(), request, access)
	if planned, errs := api.Questions(request, access); errs == nil {
		// Analytics read the network, and a statement only where they name records.
		least := 0
		for _, q := range planned {
			if q.Analytic == nil {
				least++
			}
		}
		if n := int(s.queries.Load()); n < least || n > len(planned) {
			t.Errorf("%d statements for %d root fields, %d of which are no analytics", n, len(planned), least)
		}
	}
	text, err := response.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return pretty.String() + "\n"
}

// plans prints the plans of a request, one after the other by response key.
func plans(t *testing.T, api *graph.API, request graph.Request, access lookahead.Access) string {
	t.Helper()
	planned, errs := api.Questions(request, access)
	if errs != nil {
		t.Fatal(errs)
	}
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(planned)) {
		out.WriteString(key + ": " + planned[key].Plan.String())
	}
	return out.String()
}

func put(archive *txtar.Archive, name, text string) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(text)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
}
