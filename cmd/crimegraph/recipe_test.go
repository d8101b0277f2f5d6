package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/internal/networkx"
)

// TestTablesOfPandas runs the recipe on docs/analytics/python.md against a server: each analytic comes as a table that has rows.
func TestTablesOfPandas(t *testing.T) {
	page, err := os.ReadFile("../../docs/analytics/python.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for _, block := range regexp.MustCompile("(?s)```python\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		script.WriteString(block[1])
	}
	tables := regexp.MustCompile(`(?m)^(\w+) = pandas`).FindAllStringSubmatch(script.String(), -1)
	if len(tables) < 10 {
		t.Fatalf("the page has %d tables", len(tables))
	}
	for _, table := range tables {
		script.WriteString("print('" + table[1] + "', " + table[1] + ".shape[0] > 0 and " + table[1] + ".shape[1] > 1)\n")
	}
	address, end := serving(t, nil)
	defer func() {
		if code := end(); code != exitOK && code != exitInterrupted {
			t.Errorf("the server ended with %d", code)
		}
	}()
	path := filepath.Join(t.TempDir(), "recipe.py")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(script.String(), "http://127.0.0.1:8080", address)), 0o600); err != nil {
		t.Fatal(err)
	}
	out := string(networkx.Run(t, path, nil))
	for _, table := range tables {
		if !strings.Contains(out, table[1]+" True\n") {
			t.Errorf("%s is no table with rows:\n%s", table[1], out)
		}
	}
}
