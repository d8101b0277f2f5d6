package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewKindIsOneEdit makes a new node kind in a copy of the sources, by an edit of schema.graphqls and nothing else, and then
// generates, builds, loads, queries, filters and pages.
func TestNewKindIsOneEdit(t *testing.T) {
	copied := t.TempDir()
	root := filepath.Join("..", "..")
	for _, part := range []string{
		"schema.graphqls", "schema.go", "go.mod", "go.sum", "gqlgen.yml", "cmd", "graph", "network", "analytics", "export", "ontology", "plan", "store", "loader", "data",
		"examples", "explorer/explorer.go", "explorer/dist",
	} {
		copyInto(t, filepath.Join(root, part), filepath.Join(copied, part))
	}
	schema := filepath.Join(copied, "schema.graphqls")
	text, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "\"A place, in the tree", `"A warehouse or stash."
type Warehouse implements Entity & Node @node(plural: "warehouses") {
  id: ID! @key
  name: String! @index(text: true)
  aliases: [String!]! @index(text: true)
  description: String
  "Floor area in square metres."
  area: Float @index
  "When it was found."
  found: Date @index
  source: Source
  tlp: Tlp!
  compartments: [String!]!
  recordedAt: Date!
  retractedAt: Date
  estimates: [Estimate!]! @relation(name: "ABOUT", direction: IN, structural: true)
  "Commodities kept there."
  stores: [Commodity!]! @relation(name: "STORES")
}

"A place, in the tree`, 1)
	if edited == string(text) {
		t.Fatal("the edit found no place")
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(copied, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir = copied
		var errors bytes.Buffer
		c.Stderr = &errors
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, errors.String())
		}
		return string(out)
	}
	write("schema.graphqls", edited)
	write("set/dataset.yaml", "id: dataset/set\ntitle: Set\nversion: \"1\"\nretrieved: \"2026-01-01\"\n")
	write("set/Warehouse.csv", "id,name,area,found,source\n"+
		"warehouse/a,Alpha,120.5,2021-03,source/ofac-sdn-2024\nwarehouse/b,Bravo,80,2022,source/ofac-sdn-2024\nwarehouse/c,Charlie,,,source/ofac-sdn-2024\n")
	write("set/STORES.csv", "from,to,source,validFrom\nwarehouse/a,commodity/cocaine,source/ofac-sdn-2024,2021\nwarehouse/c,commodity/heroin,source/ofac-sdn-2024,\n")
	run("go", "run", "./cmd/generate")
	run("go", "build", "-o", "crimegraph", "./cmd/crimegraph")
	run("./crimegraph", "load", "--store", "sqlite:x.db", "--example")
	run("./crimegraph", "load", "--store", "sqlite:x.db", "set")
	query := func(text string) string {
		t.Helper()
		return strings.Join(strings.Fields(run("./crimegraph", "query", "--store", "sqlite:x.db", text)), "")
	}
	for _, c := range []struct{ query, want string }{
		{`{ warehouse(id: "warehouse/a") { name area found stores { edges { firstSeen node { name } } } } }`,
			`{"data":{"warehouse":{"name":"Alpha","area":120.5,"found":"2021-03","stores":{"edges":[{"firstSeen":"2021","node":{"name":"Cocaine"}}]}}}}`},
		{`{ warehouses(where: {area: {gt: 100}}) { nodes { id } } }`, `{"data":{"warehouses":{"nodes":[{"id":"warehouse/a"}]}}}`},
		{`{ warehouses(where: {stores: {some: {node: {market: {eq: HEROIN_TRADE}}}}}) { nodes { id } } }`, `{"data":{"warehouses":{"nodes":[{"id":"warehouse/c"}]}}}`},
		{`{ warehouses(orderBy: {field: FOUND, direction: DESC}) { nodes { id } } }`,
			`{"data":{"warehouses":{"nodes":[{"id":"warehouse/b"},{"id":"warehouse/a"},{"id":"warehouse/c"}]}}}`},
		{`{ search(text: "charl") { nodes { __typename id } } }`, `{"data":{"search":{"nodes":[{"__typename":"Warehouse","id":"warehouse/c"}]}}}`},
	} {
		if got := query(c.query); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
		}
	}
	first := query(`{ warehouses(first: 2) { pageInfo { endCursor } } }`)
	cursor := strings.TrimSuffix(strings.TrimPrefix(first, `{"data":{"warehouses":{"pageInfo":{"endCursor":"`), `"}}}}`)
	if got := query(`{ warehouses(first: 2, after: "` + cursor + `") { nodes { id } } }`); got != `{"data":{"warehouses":{"nodes":[{"id":"warehouse/c"}]}}}` {
		t.Errorf("the second page is %s", got)
	}
	if found := run("./crimegraph", "check", "--store", "sqlite:x.db"); !strings.Contains(found, " 0 faults") {
		t.Error(found)
	}
	reference, err := os.ReadFile(filepath.Join(copied, "docs", "reference", "kinds.md"))
	if err != nil || !strings.Contains(string(reference), "Floor area in square metres.") {
		t.Error("the reference pages do not name the new property", err)
	}
}

// copyInto copies a file or folder.
func copyInto(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	if info.IsDir() {
		err = os.CopyFS(to, os.DirFS(from))
	} else {
		var text []byte
		if text, err = os.ReadFile(from); err == nil {
			if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
				err = os.WriteFile(to, text, 0o644)
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
