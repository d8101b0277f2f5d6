package export_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crimegraph/crimegraph/export"
	"github.com/crimegraph/crimegraph/internal/networkx"
	"github.com/crimegraph/crimegraph/network"
)

// hostile are names that break what puts text together carelessly. XML cannot hold the last one's control character.
var hostile = []string{
	`<img src=x onerror=alert(1)>`, `"quoted", 'too' & more]]>`, "two\nlines\tand a tab", "\u202eright to left", "Ндрангета 三合会 Łódź 🚢", `=HYPERLINK("x")`, " spaces ", `back\slash`,
}

// fixture is a graph with missing values, parallel edges, a place, a leg that has no coordinates, and hostile names.
func fixture() export.Graph {
	at := func(f float64) *float64 { return &f }
	nodes := []network.SubgraphNode{
		{Node: "place/suva", Kind: "Place", Name: "Suva", Depth: 1, Degree: 1, Latitude: at(-18.1416), Longitude: at(178.4419), X: at(0), Y: at(1000)},
		{Node: "leg/1", Kind: "Leg", Depth: 2, Degree: 0},
	}
	for i, name := range hostile {
		nodes = append(nodes, network.SubgraphNode{Node: fmt.Sprintf("group/%d", i), Kind: "Group", Name: name, Degree: i, X: at(float64(i) / 3), Y: at(0.5)})
	}
	edge := network.Edge{
		ID: "ALLIED_WITH|group/0|group/1", Relation: "ALLIED_WITH", From: "group/0", To: "group/1", ClaimCount: 3, Disputed: true,
		FirstSeen: 54052, LastSeen: network.Undated, Reliability: "B", Tlp: "GREEN",
	}
	parallel := edge
	parallel.ID, parallel.Relation, parallel.Denied, parallel.Tlp = "RIVAL_OF|group/0|group/1", "RIVAL_OF", true, ""
	structural := network.Edge{ID: "FROM|leg/1|place/suva", Relation: "FROM", From: "leg/1", To: "place/suva", Structural: true, FirstSeen: network.Undated, LastSeen: network.Undated}
	edges := []network.Edge{edge, parallel, structural}
	return export.Graph{
		About: export.About{Status: network.Truncated, OmittedNodes: 7, OmittedEdges: 2, Tlp: "AMBER"},
		Nodes: slices.Values(nodes), Edges: slices.Values(edges),
		Feature: func(id string) (network.Feature, bool) {
			switch id {
			case "place/suva":
				return network.Feature{Geometry: &network.Geometry{Type: "Point", Coordinates: [2]float64{178.4419, -18.1416}}}, true
			case "leg/1":
				return network.Feature{Properties: map[string]any{"mode": "SEA", "sea": true}}, true
			}
			return network.Feature{}, false
		},
	}
}

// held is what a reader finds: attributes by id.
type held struct {
	About map[string]any
	Nodes map[string]map[string]any
	Edges map[string][]any
}

// TestReadBack has other programs' readers read every format, and compares nodes, edges and all their attributes.
func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, fixture())
	var got map[string]held
	if err := json.Unmarshal(networkx.Run(t, "testdata/read.py", nil, dir), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(export.Formats()) {
		t.Errorf("%d formats were read, there are %d", len(got), len(export.Formats()))
	}
	want := held{
		About: map[string]any{"status": "TRUNCATED", "omittedNodes": 7.0, "omittedEdges": 2.0, "tlp": "AMBER"},
		Nodes: map[string]map[string]any{
			"place/suva": {"kind": "Place", "name": "Suva", "depth": 1.0, "degree": 1.0, "latitude": -18.1416, "longitude": 178.4419, "x": 0.0, "y": 1000.0},
			"leg/1":      {"kind": "Leg", "depth": 2.0, "degree": 0.0},
		},
		Edges: map[string][]any{
			"ALLIED_WITH|group/0|group/1": {"group/0", "group/1", map[string]any{
				"relation": "ALLIED_WITH", "structural": false, "claimCount": 3.0, "disputed": true, "denied": false, "firstSeen": network.Day(54052).String(), "reliability": "B", "tlp": "GREEN",
			}},
			"RIVAL_OF|group/0|group/1": {"group/0", "group/1", map[string]any{
				"relation": "RIVAL_OF", "structural": false, "claimCount": 3.0, "disputed": true, "denied": true, "firstSeen": network.Day(54052).String(), "reliability": "B",
			}},
			"FROM|leg/1|place/suva": {"leg/1", "place/suva", map[string]any{
				"relation": "FROM", "structural": true, "claimCount": 0.0, "disputed": false, "denied": false,
			}},
		},
	}
	for i, name := range hostile {
		want.Nodes[fmt.Sprintf("group/%d", i)] = map[string]any{"kind": "Group", "name": name, "depth": 0.0, "degree": float64(i), "x": float64(i) / 3, "y": 0.5}
	}
	for format, is := range got {
		want := want
		switch format {
		case "gexf": // has a text about the graph, which NetworkX does not read
			want.About = nil
		case "graphml": // where everything about the graph is text
			want.About = map[string]any{"status": "TRUNCATED", "omittedNodes": "7", "omittedEdges": "2", "tlp": "AMBER"}
		}
		if diff := cmp.Diff(want, is); diff != "" {
			t.Errorf("%s (-want +got)\n%s", format, diff)
		}
	}
}

// TestCharactersThatXMLCannotHold: they are replaced, and the document stays whole.
func TestCharactersThatXMLCannotHold(t *testing.T) {
	dir := t.TempDir()
	g := fixture()
	g.Nodes = slices.Values([]network.SubgraphNode{{Node: "group/0", Kind: "Group", Name: "a\x01b"}, {Node: "group/1", Kind: "Group"}, {Node: "leg/1", Kind: "Leg"}, {Node: "place/suva", Kind: "Place"}})
	write(t, dir, g)
	var got map[string]held
	if err := json.Unmarshal(networkx.Run(t, "testdata/read.py", nil, dir), &got); err != nil {
		t.Fatal(err)
	}
	for format, name := range map[string]string{"graphml": "a\ufffdb", "gexf": "a\ufffdb", "json": "a\x01b", "csv": "a\x01b"} {
		if is := got[format].Nodes["group/0"]["name"]; is != name {
			t.Errorf("%s: %q, want %q", format, is, name)
		}
	}
}

func write(t *testing.T, dir string, g export.Graph) {
	t.Helper()
	for _, format := range export.Formats() {
		f, err := os.Create(filepath.Join(dir, "graph."+format.Name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(format.Write(f, g), f.Close()); err != nil {
			t.Fatalf("%s: %v", format.Name, err)
		}
	}
}

// failing is a disk that is full after some bytes.
type failing struct{ left int }

var errFull = errors.New("no space left")

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// TestFullDisk: every format reports an error of the writer, wherever it happens.
func TestFullDisk(t *testing.T) {
	large := fixture()
	large.Nodes = func(yield func(network.SubgraphNode) bool) {
		for i := range 20_000 {
			// Names that do not compress to nothing.
			if !yield(network.SubgraphNode{Node: fmt.Sprintf("group/%d", i), Kind: "Group", Name: fmt.Sprintf("%x", i*2654435761)}) {
				return
			}
		}
	}
	for _, format := range export.Formats() {
		for _, room := range []int{0, 100_000} {
			if err := format.Write(&failing{room}, large); !errors.Is(err, errFull) {
				t.Errorf("%s with room for %d bytes: %v", format.Name, room, err)
			}
		}
	}
}
