package network_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/internal/bundled"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
)

//go:embed testdata/aliases.txt
var aliases string

// TestAliases searches the bundled example for what people type: the entity that they mean is among the first three in 95 of 100 cases.
func TestAliases(t *testing.T) {
	model, s := bundled.Store(t)
	n, err := network.Read(t.Context(), model, s, plan.Lens{}, network.DefaultMemory)
	if err != nil {
		t.Fatal(err)
	}
	cases, found := 0, 0
	for line := range strings.Lines(aliases) {
		text, want, is := strings.Cut(strings.TrimSpace(line), " = ")
		if !is || strings.HasPrefix(line, "#") {
			continue
		}
		if n.Kind(want) == nil {
			t.Errorf("%s is not in the example", want)
		}
		cases++
		answer, err := n.Search(t.Context(), network.SearchQuestion{Text: text, First: 3})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(answer.Nodes, want) {
			found++
		} else {
			t.Logf("%q finds %v, not %s", text, answer.Nodes, want)
		}
	}
	if t.Logf("%d of %d", found, cases); cases < 200 || 100*found < 95*cases {
		t.Errorf("%d of %d cases find what is meant, want 95 of 100 of at least 200", found, cases)
	}
}
