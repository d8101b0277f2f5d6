package crimegraph_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/crimegraph/crimegraph"

// rules say what a folder may not import, and why. A folder's rule holds for the folders below it.
var rules = []struct {
	folder    string
	forbidden []string
	why       string
}{
	{"ontology", []string{module + "/"}, "the ontology knows nothing of what is built on it"},
	{"network", []string{module + "/graph", module + "/export", module + "/loader", module + "/cmd", module + "/store/sqlite", module + "/store/neo4j"}, "a network is read from any store, and knows nothing of who asks"},
	{"analytics", []string{module + "/graph", module + "/network", module + "/export", module + "/loader", module + "/cmd", module + "/store", module + "/plan"}, "an analytic is a function of values, wherever they come from"},
	{"export", []string{module + "/graph", module + "/loader", module + "/cmd", module + "/store/sqlite", module + "/store/neo4j"}, "an export writes what a network answers, whoever asks"},
	{"plan", []string{module + "/network", module + "/export", module + "/store", module + "/graph", module + "/loader", module + "/cmd"}, "a plan is a value over the ontology; it fetches nothing"},
	{"store", []string{module + "/network", module + "/export", module + "/graph", module + "/loader", module + "/cmd"}, "a store answers plans, whoever asks"},
	{"loader", []string{module + "/graph", module + "/cmd", module + "/store/sqlite", module + "/store/neo4j"}, "loading works on every store and without the API"},
	{"graph", []string{module + "/loader", module + "/cmd", module + "/store/sqlite", module + "/store/neo4j"}, "the API works on every store and reads no files"},
	{"data", []string{module + "/"}, "data is data"},
	{"examples", []string{module + "/"}, "questions are data"},
	{"explorer", []string{module + "/"}, "pages talk to the API over HTTP alone"},
}

// owners are the only folders that may import a library, so that it can be replaced in one place.
var owners = map[string][]string{
	"github.com/99designs/gqlgen":      {"graph", "cmd/generate", "bench"},
	"modernc.org/sqlite":               {"store/sqlite", "bench"},
	"github.com/neo4j/neo4j-go-driver": {"store/neo4j", "bench"},
	"github.com/spf13/cobra":           {"cmd/crimegraph"},
	"github.com/tidwall/geodesic":      {"network"},
	"gonum.org/v1/gonum":               {"analytics"},
}

// TestDependencies holds the program to the one dependency rule: cmd -> graph, loader, stores; graph -> export -> network; network -> analytics; those -> store -> plan ->
// ontology.
func TestDependencies(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != "." || entry.Name() == "node_modules" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		// Tests may put parts together as they like, and storetest is a test of stores.
		folder := path.Dir(filepath.ToSlash(name))
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || folder == "store/storetest" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		checked++
		for _, i := range file.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			for _, rule := range rules {
				for _, forbidden := range rule.forbidden {
					if within(folder, rule.folder) && (imported+"/" == forbidden || within(imported, strings.TrimSuffix(forbidden, "/"))) && !within(imported, module+"/"+rule.folder) {
						t.Errorf("%s imports %s, but %s", name, imported, rule.why)
					}
				}
			}
			for library, folders := range owners {
				if !within(imported, library) {
					continue
				}
				allowed := false
				for _, owner := range folders {
					allowed = allowed || within(folder, owner)
				}
				if !allowed {
					t.Errorf("%s imports %s, which belongs to %s", name, imported, strings.Join(folders, " and "))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 50 {
		t.Errorf("only %d files were found", checked)
	}
}

func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }
