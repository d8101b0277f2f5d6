package loader_test

import (
	"strings"
	"testing"

	crimegraph "github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
)

// A kind that only the schema knows loads like any other.
func TestNewKindNeedsOnlyTheSchema(t *testing.T) {
	text := crimegraph.Schema + `
"A court."
type Court implements Entity & Node @node(plural: "courts") {
  id: ID! @key
  name: String! @index(text: true)
  aliases: [String!]! @index(text: true)
  description: String
  "How many judges."
  judges: Int @index
  source: Source
  tlp: Tlp!
  compartments: [String!]!
  recordedAt: Date!
  retractedAt: Date
  estimates: [Estimate!]! @relation(name: "ABOUT", direction: IN, structural: true)
  "Where it sits."
  seat: Place @relation(name: "SEATED_IN", structural: true)
  "What it tried."
  tried: [Event!]! @relation(name: "TRIED")
}
`
	model, err := ontology.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	s := loadertest.New(model)
	mustLoad(t, s, model,
		"Source.csv", "id,name,reliability\nsource/a,A,B\n",
		"Place.csv", "id,name,kind\nplace/it,Italy,COUNTRY\n",
		"Court.csv", "id,name,judges,seat\ncourt/c,C,12,place/it\n",
		"Event.csv", "id,name,kind,source\nevent/e,E,CONVICTION,source/a\n",
		"TRIED.csv", "from,to,source\ncourt/c,event/e,source/a\n")
	if got := loadertest.Value(s.Nodes["court/c"], "judges"); got != int64(12) || len(s.Claims) != 1 {
		t.Errorf("judges %v, %d claims", got, len(s.Claims))
	}
	report, err := load(t, s, model, loader.Options{}, "Court.csv", "id,name,judges\ncourt/d,D,many\n")
	if err != nil || len(report.Rejects) != 1 || !strings.HasPrefix(report.Rejects[0].String(), `Court.csv:2:11: judges "many": `) {
		t.Errorf("%v, %v", err, report.Rejects)
	}
}
