package loader_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// grading loads data sets by name that grade source/a, and events of it.
type grading struct {
	*testing.T
	model *ontology.Model
	store *loadertest.Memory
}

func beginGrading(t *testing.T) grading {
	model := schema(t)
	return grading{t, model, loadertest.New(model)}
}

func (g grading) try(id string, files ...string) error {
	set := fstest.MapFS{loader.ManifestFile: {Data: []byte("id: dataset/" + id + "\ntitle: T\nretrieved: \"2026-01-31\"\n")}}
	for i := 0; i < len(files); i += 2 {
		set[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	report, err := loader.Load(g.Context(), g.model, g.store, loader.Dataset{Name: id, Files: set}, loader.Options{})
	if err == nil && report.Rejected > 0 {
		g.Fatal(report.Rejects)
	}
	return err
}

func (g grading) load(id string, files ...string) {
	g.Helper()
	if err := g.try(id, files...); err != nil {
		g.Fatal(err)
	}
}

// stop gives a load up after some batches.
func (g grading) stop(batches int, id string, files ...string) {
	g.Helper()
	g.store.Before = func(store.Batch) error {
		if batches--; batches < 0 {
			return errors.New("the disk is full")
		}
		return nil
	}
	if g.try(id, files...) == nil {
		g.Fatal("the load was not stopped")
	}
	g.store.Before = nil
}

func (g grading) grades(id, want string) {
	g.Helper()
	if n := g.store.Nodes[id]; text(g, n.Kind, n.Values, "reliability") != want {
		g.Errorf("%s is %s, want %s", id, text(g, n.Kind, n.Values, "reliability"), want)
	}
}

func graded(grade string) []string {
	return []string{"Source.csv", "id,name,reliability\nsource/a,A," + grade + "\n"}
}

func (g grading) begin() {
	g.load("base", append(graded("B"), "Event.csv", "id,name,kind,source,reliability\nevent/e,E,RAID,source/a,\n")...)
}

var own = []string{"Event.csv", "id,name,kind,source,reliability\nevent/own,O,RAID,source/a,D\n"}

// A load that comes to its end settles what stopped ones left: afterwards a grade that a row gives itself is its own.
func TestStoppedRegradeIsSettled(t *testing.T) {
	for name, repair := range map[string]func(grading){
		"by the old grade":         func(g grading) { g.load("base", graded("B")...) },
		"by the old grade at last": func(g grading) { g.stop(1, "y", graded("C")...); g.load("base", graded("B")...) },
		"by the same grade, the stopped one again": func(g grading) {
			g.load("y", graded("D")...)
			g.load("x", graded("D")...)
			g.load("base", graded("B")...)
		},
		"by the same grade": func(g grading) { g.load("y", graded("D")...); g.load("base", graded("B")...) },
	} {
		t.Run(name, func(t *testing.T) {
			g := beginGrading(t)
			g.T = t
			g.begin()
			g.stop(1, "x", graded("D")...)
			g.grades("event/e", "D")
			repair(g)
			g.grades("event/e", "B")
			g.load("own", own...)
			for _, grade := range []string{"B", "C", "B"} {
				g.load("base", graded(grade)...)
				g.grades("event/own", "D")
				g.grades("event/e", grade)
			}
			loads, err := g.store.Loads(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range loads {
				if len(l.Regrades) > 0 {
					t.Errorf("%s keeps %v", l.Name, l.Regrades)
				}
			}
		})
	}
}

// A load that was stopped once its source was written completes without a memory of it.
func TestStoppedAfterTheSource(t *testing.T) {
	g := beginGrading(t)
	g.begin()
	x := append(graded("D"), "Place.csv", "id,name,kind\nplace/it,Italy,COUNTRY\n",
		"Group.csv", "id,name,source\ngroup/g,G,source/a\n", "ACTIVE_IN.csv", "from,to,source\ngroup/g,place/it,source/a\n")
	g.stop(2, "x", x...)
	g.grades("source/a", "D")
	g.load("x", x...)
	g.load("base", graded("B")...)
	g.load("own", own...)
	g.load("base", graded("B")...)
	g.grades("event/own", "D")
}

// A load is not forgotten while the store needs its account of what it was changing.
func TestUnloadOfAStoppedRegrade(t *testing.T) {
	g := beginGrading(t)
	g.begin()
	g.stop(1, "x", graded("D")...)
	unload := func(dry bool) error {
		_, err := loader.Unload(t.Context(), g.model, g.store, "dataset/x@2026-01-31", loader.UnloadOptions{DryRun: dry})
		return err
	}
	for _, dry := range []bool{true, false} {
		refused, is := errors.AsType[*loader.Refusal](unload(dry))
		if !is || refused.Fix == "" {
			t.Fatalf("dry run %v: %v", dry, refused)
		}
	}
	g.load("base", graded("B")...)
	g.grades("event/e", "B")
	if err := unload(false); err != nil {
		t.Fatal(err)
	}
	g.load("base", graded("C")...)
	g.grades("event/e", "C")
}
