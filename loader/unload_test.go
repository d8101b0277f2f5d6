package loader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/loader"
)

// Two data sets that together make a circle leave none behind, however many nodes lie between, and whether those go or stay. What is
// counted before is what goes.
func TestUnloadOfACircle(t *testing.T) {
	for _, kept := range []bool{false, true} {
		t.Run(fmt.Sprintf("others kept %v", kept), func(t *testing.T) {
			const between = 6000
			g := beginGrading(t)
			var places, inside strings.Builder
			places.WriteString("id,name,kind,within\nplace/a,A,REGION,\nplace/z,Z,REGION,place/a\nplace/in,I,REGION,place/z\n")
			inside.WriteString("id,name,kind,within\n")
			for n := range between {
				fmt.Fprintf(&places, "place/m%d,M,REGION,\n", n)
				fmt.Fprintf(&inside, "place/q%d,Q,REGION,place/m%d\n", n, n)
			}
			g.load("one", "Place.csv", places.String())
			g.load("two", "Place.csv", "id,name,kind,within\nplace/a,A,REGION,place/z\n")
			want := loader.Removal{Nodes: between + 3}
			if kept {
				g.load("three", "Place.csv", inside.String())
				want = loader.Removal{Nodes: 3, Kept: between}
			}
			unload := func(id string, dry bool) loader.Removal {
				t.Helper()
				removal, err := loader.Unload(t.Context(), g.model, g.store, "dataset/"+id+"@2026-01-31", loader.UnloadOptions{DryRun: dry})
				if err != nil {
					t.Fatal(err)
				}
				removal.Load, removal.DryRun = "", false
				return removal
			}
			unload("two", false)
			for _, dry := range []bool{true, false} {
				if got := unload("one", dry); got != want {
					t.Errorf("dry run %v: %+v, want %+v", dry, got, want)
				}
			}
			if kept {
				unload("three", false)
			}
			if len(g.store.Nodes) > 0 {
				t.Errorf("%d nodes are left, of no load", len(g.store.Nodes))
			}
		})
	}
}
