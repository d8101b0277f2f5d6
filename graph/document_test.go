package graph

import (
	"context"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/ontology"
)

// Parsed queries are kept for the next time, but neither those that were refused nor long ones, which would fill the memory.
func TestWhatIsKept(t *testing.T) {
	model, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	api := NewAPI(model, nil, Options{})
	const short = `{groups{totalCount}}`
	for text, want := range map[string]bool{
		short: true,
		short + strings.Repeat(" ", keptQueryLength-len(short)):   true,
		short + strings.Repeat(" ", keptQueryLength-len(short)+1): false,
		`{groups{total}}`: false, `{groups{`: false, `{` + strings.Repeat("a:groups{totalCount}", 21) + `}`: false,
	} {
		_, errs := api.document(text)
		_, kept := api.accepted.Get(context.Background(), text)
		if kept != want {
			t.Errorf("%.40q (%d bytes) is kept: %v, %v", text, len(text), kept, errs)
		}
	}
}
