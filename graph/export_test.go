package graph_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/export"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store/storetest"
)

// exported is the format json.
type exported struct {
	About struct{ Status, Tlp string }
	Nodes []struct {
		ID, Kind string
		Degree   int
		X        *float64
	}
	Edges []struct {
		ID, From, To string
		ClaimCount   int
	}
}

// joined is a random graph with some claims.
func joined(model *ontology.Model) storetest.Graph {
	for seed := 0; ; seed++ {
		if g := storetest.Graphs(model).Example(seed); len(g.Claims) > 20 {
			return g
		}
	}
}

// TestExportIsTheSubgraph: an export holds the nodes and edges that the field gives for the same arguments.
func TestExportIsTheSubgraph(t *testing.T) {
	model := load(t)
	g := joined(model)
	s := stored(t, model, g.Batch())
	api := graph.NewAPI(model, s, graph.Options{})
	server := graph.NewServer(api, s, graph.ServerOptions{Access: everything})
	var asked struct {
		Subgraph struct {
			Status string
			Nodes  []struct {
				Node   struct{ ID string }
				Degree int
			}
			Edges []struct {
				ID         string
				ClaimCount int
			}
		}
	}
	of := g.Claims[0].From
	answer := data(t, api, `query($of: [ID!]!) { subgraph(of: $of, depth: 2, layout: true) { status nodes { node { id } degree } edges { id claimCount } } }`,
		`{"of": ["`+of+`"]}`)
	if err := json.Unmarshal([]byte(answer), &asked); err != nil {
		t.Fatal(err)
	}
	if len(asked.Subgraph.Edges) == 0 {
		t.Fatal("this graph has nothing to compare")
	}
	w := call(server, http.MethodGet, "/export/subgraph.json?depth=2&layout=true&of="+url.QueryEscape(of), "")
	var got exported
	if err := json.Unmarshal(w.Body.Bytes(), &got); w.Code != http.StatusOK || err != nil {
		t.Fatalf("%d %v: %s", w.Code, err, w.Body)
	}
	if got.About.Status != asked.Subgraph.Status || len(got.Nodes) != len(asked.Subgraph.Nodes) || len(got.Edges) != len(asked.Subgraph.Edges) {
		t.Fatalf("exported %s, %d nodes, %d edges; asked %+v", got.About.Status, len(got.Nodes), len(got.Edges), asked.Subgraph)
	}
	for i, n := range asked.Subgraph.Nodes {
		if is := got.Nodes[i]; is.ID != n.Node.ID || is.Degree != n.Degree || is.X == nil {
			t.Errorf("node %d is %+v, asked %+v", i, is, n)
		}
	}
	for i, e := range asked.Subgraph.Edges {
		if is := got.Edges[i]; is.ID != e.ID || is.ClaimCount != e.ClaimCount {
			t.Errorf("edge %d is %+v, asked %+v", i, is, e)
		}
	}
	for _, format := range export.Formats() {
		w := call(server, http.MethodGet, "/export/graph."+format.Name, "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != format.Media || !strings.Contains(w.Header().Get("Content-Disposition"), `"graph.`+format.Name+`"`) || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v, %d bytes", format.Name, w.Code, w.Header(), w.Body.Len())
		}
	}
	// The whole is all that can be seen.
	nodes, claims := 0, 0
	for _, r := range storetest.Streamed(model, g.Nodes, g.Claims, plan.Records{Lens: plan.Lens{Record: plan.Record{Compartments: everything.Compartments}}}) {
		if r.Node != nil {
			nodes++
		} else {
			claims++
		}
	}
	if err := json.Unmarshal(call(server, http.MethodGet, "/export/graph.json", "").Body.Bytes(), &got); err != nil || len(got.Nodes) != nodes {
		t.Errorf("%v: the whole has %d nodes, the store %d", err, len(got.Nodes), nodes)
	}
	for _, e := range got.Edges {
		claims -= e.ClaimCount
	}
	if claims != 0 {
		t.Errorf("the whole has %d claims too few", claims)
	}
}

func TestExportRefusals(t *testing.T) {
	model := load(t)
	g := storetest.Graphs(model).Example(3)
	s := stored(t, model, g.Batch())
	server := graph.NewServer(graph.NewAPI(model, s, graph.Options{}), s, graph.ServerOptions{Access: everything})
	of := "of=" + url.QueryEscape(g.Nodes[0].ID())
	for _, c := range []struct {
		target string
		status int
		says   string
	}{
		{"/export/subgraph.gefx?" + of, 404, "did you mean subgraph.gexf"},
		{"/export/whole.json", 404, "there is no such export"},
		{"/export/subgraph.json", 400, "name the nodes to start from"},
		{"/export/graph.json?" + of, 400, "/export/graph.json is all"},
		{"/export/graph.json?depth=1", 400, "only a lens can narrow it"},
		{"/export/subgraph.json?" + of + "&deepth=1", 400, "did you mean depth"},
		{"/export/subgraph.json?" + of + "&depth=deep", 400, "depth"},
		{"/export/subgraph.json?" + of + "&depth=1.5", 400, "depth"},
		{"/export/subgraph.json?" + of + "&depth=9", 400, "depth"},
		{"/export/subgraph.json?" + of + "&depth=1&depth=2", 400, "give it once"},
		{"/export/subgraph.json?" + of + "&layout=maybe", 400, "neither true nor false"},
		{"/export/subgraph.json?" + of + "&via=OPERATE", 400, "OPERATES"},
		{"/export/subgraph.json?" + of + "&lens=2023", 400, "write a JSON object"},
		{"/export/graph.json?lens=%7B%22asOff%22%3A%222023%22%7D", 400, "asOf"},
		{"/export/graph.json?lens=%7B%22asOf%22%3A%22soon%22%7D", 400, "asOf"},
		{"/export/subgraph.json?of=group/nobody-at-all", 400, "nobody-at-all"},
		{"/export/subgraph.json?of=%zz", 400, "cannot be read"},
	} {
		w := call(server, http.MethodGet, c.target, "")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", c.target, w.Code, w.Body)
		}
	}
	if w := call(server, http.MethodPut, "/export/graph.json", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", w.Code)
	}
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		target, body, media string
		status              int
		says                string
	}{
		{"/export/subgraph.json", of, contentJSON, 415, form},
		{"/export/subgraph.json", "", form, 400, "name the nodes to start from"},
		{"/export/subgraph.json", "of=%zz", form, 400, "cannot be read"},
		{"/export/subgraph.json?depth=1", of, form, 400, "not in both"},
		{"/export/subgraph.json", of + strings.Repeat("&of=group/x", 1<<20), form, 413, "longer than"},
	} {
		w := call(server, http.MethodPost, c.target, c.body, "Content-Type", c.media)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("POST %s %.40s: %d %s", c.target, c.body, w.Code, w.Body)
		}
	}
}

// TestExportByForm: a form names more nodes than an address can, and gives the same file.
func TestExportByForm(t *testing.T) {
	model := load(t)
	g := joined(model)
	s := stored(t, model, g.Batch())
	server := graph.NewServer(graph.NewAPI(model, s, graph.Options{}), s, graph.ServerOptions{Access: everything})
	parameters := "depth=1&of=" + url.QueryEscape(g.Claims[0].From)
	byAddress := call(server, http.MethodGet, "/export/subgraph.json?"+parameters, "")
	byForm := call(server, http.MethodPost, "/export/subgraph.json", parameters, "Content-Type", "application/x-www-form-urlencoded")
	if byAddress.Code != http.StatusOK || byForm.Code != http.StatusOK || byForm.Body.String() != byAddress.Body.String() {
		t.Errorf("%d %.200s\n%d %.200s", byAddress.Code, byAddress.Body, byForm.Code, byForm.Body)
	}
}
