package loader_test

import (
	"testing"

	"github.com/crimegraph/crimegraph/loader/loadertest"
)

// The example of docs/data-sets.md.
func TestDocumentedExample(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	report := mustLoad(t, s, model,
		"Source.csv", "id,name,kind,published,reliability\nsource/gazette,The Gazette,NEWS,2024-03,C\n",
		"Place.csv", "id,name,kind,within\nplace/nl-rotterdam,Rotterdam,PORT,place/nl\nplace/nl,Netherlands,COUNTRY,\n",
		"Group.csv", "id,name,aliases,basedIn,source\ngroup/dockers,The Dockers,Dockside crew|Quay men,place/nl,source/gazette\n",
		"ACTIVE_IN.csv", "from,to,source,credibility,validFrom,note\ngroup/dockers,place/nl-rotterdam,source/gazette,3,2023,\"Two terminals, says the paper.\"\n")
	if len(s.Nodes) != 4 || len(s.Claims) != 1 || report.Accepted != 5 {
		t.Errorf("%d nodes, %d claims, %d rows accepted", len(s.Nodes), len(s.Claims), report.Accepted)
	}
	if got := text(t, model.Kind("Group"), s.Nodes["group/dockers"].Values, "aliases"); got != "[Dockside crew Quay men]" {
		t.Errorf("aliases %s", got)
	}
}
