// Package examples holds the questions that the bundled example answers. Each is a query NAME.graphql, whose first line is the
// question as a comment, with its answer NAME.json, and NAME.vars.json where the query has variables.
package examples

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.graphql *.json
var files embed.FS

// Example is a question with its query.
type Example struct {
	Name      string `json:"name"`
	Question  string `json:"question"`
	Query     string `json:"query"`
	Variables string `json:"variables,omitempty"`
	// Answer is the expected response on the bundled example.
	Answer []byte `json:"-"`
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
		e := Example{Name: strings.TrimSuffix(name, ".graphql")}
		question, rest, _ := strings.Cut(string(text), "\n\n")
		for _, line := range strings.Split(question, "\n") {
			e.Question += " " + strings.TrimSpace(strings.TrimPrefix(line, "#"))
		}
		e.Question, e.Query = strings.TrimSpace(e.Question), rest
		if vars, err := files.ReadFile(e.Name + ".vars.json"); err == nil {
			e.Variables = string(vars)
		}
		if e.Answer, err = files.ReadFile(e.Name + ".json"); err != nil {
			return nil, fmt.Errorf("examples: %s has no answer: %w", e.Name, err)
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
