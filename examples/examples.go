// Package examples holds the questions that the bundled example answers. Each is a query NAME.graphql, whose first comment, up to the
// first blank line, is the question; NAME.vars.json holds its variables, where it has any, and NAME.json its answer.
package examples

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.graphql *.vars.json
var files embed.FS

// Example is a question with its query.
type Example struct {
	Name     string `json:"name"`
	Question string `json:"question"`
	Query    string `json:"query"`
	// Variables is the text of a JSON object, empty where the query has none.
	Variables string `json:"variables,omitempty"`
}

// All gives the examples by name.
func All() ([]Example, error) {
	names, err := fs.Glob(files, "*.graphql")
	if err != nil {
		return nil, fmt.Errorf("examples: %w", err)
	}
	var out []Example
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("examples: %w", err)
		}
		question, query, _ := strings.Cut(string(text), "\n\n")
		var words []string
		for line := range strings.Lines(question) {
			words = append(words, strings.Fields(strings.TrimPrefix(line, "#"))...)
		}
		e := Example{Name: strings.TrimSuffix(name, ".graphql"), Question: strings.Join(words, " "), Query: query}
		if variables, err := files.ReadFile(e.Name + ".vars.json"); err == nil {
			e.Variables = string(variables)
		}
		out = append(out, e)
	}
	return out, nil
}

// JSON is the list that GraphiQL opens with.
func JSON() ([]byte, error) {
	list, err := All()
	if err != nil {
		return nil, err
	}
	return json.Marshal(list)
}
