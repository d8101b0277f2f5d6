package graph

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/graph/lookahead"
)

// QueryLimits bound the text of a query, before it is validated.
type QueryLimits struct {
	// Tokens of the whole document.
	Tokens int
	// Fields of an operation with all its fragments spread; Roots of them at its top.
	Fields, Roots int
	// Depth of nested selections with all fragments spread.
	Depth int
	// Aliases and Directives in the document.
	Aliases, Directives int
}

// DefaultQueryLimits let the longest example through several times over.
var DefaultQueryLimits = QueryLimits{Tokens: 10_000, Fields: 1_000, Roots: 20, Depth: 24, Aliases: 100, Directives: 100}

// check refuses a document that exceeds a limit. Each fragment is measured once, however often it is spread, so the check
// takes time in proportion to the text, whatever its fragments would grow to.
func (l QueryLimits) check(doc *ast.QueryDocument) *gqlerror.Error {
	m := measuring{fragments: map[string]*extent{}, definitions: map[string]*ast.FragmentDefinition{}}
	for _, f := range doc.Fragments {
		m.definitions[f.Name] = f
	}
	for _, f := range doc.Fragments {
		m.selections(f.SelectionSet)
		m.directives += len(f.Directives)
	}
	for _, op := range doc.Operations {
		m.directives += len(op.Directives)
		e := m.selections(op.SelectionSet)
		for _, c := range []struct {
			what    string
			is, may int
		}{
			{"fields", e.fields, l.Fields}, {"root fields", e.top, l.Roots}, {"levels of selections", e.depth, l.Depth},
			{"aliases", m.aliases, l.Aliases}, {"directives", m.directives, l.Directives},
		} {
			if c.is > c.may {
				err := gqlerror.ErrorPosf(op.Position, "the query has %s %s, at most %d are allowed", atMost(c.is), c.what, c.may)
				err.Extensions = map[string]any{"code": lookahead.ComplexityLimitExceeded}
				return err
			}
		}
	}
	return nil
}

func atMost(n int) string {
	if n >= extentCeiling {
		return "over a million"
	}
	return fmt.Sprint(n)
}

// extentCeiling keeps sums over fragments that multiply from overflowing.
const extentCeiling = 1_000_000

type extent struct{ fields, top, depth int }

type measuring struct {
	definitions         map[string]*ast.FragmentDefinition
	fragments           map[string]*extent
	aliases, directives int
}

func (m *measuring) selections(set ast.SelectionSet) extent {
	var sum extent
	add := func(e extent, level int) {
		sum.fields = min(sum.fields+e.fields, extentCeiling)
		if level == 0 {
			sum.top = min(sum.top+e.top, extentCeiling)
		}
		sum.depth = max(sum.depth, e.depth+level)
	}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				m.aliases++
			}
			m.directives += len(s.Directives)
			add(m.selections(s.SelectionSet), 1)
			sum.fields = min(sum.fields+1, extentCeiling)
			sum.top = min(sum.top+1, extentCeiling)
			sum.depth = max(sum.depth, 1)
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			add(m.selections(s.SelectionSet), 0)
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			add(m.fragment(s.Name), 0)
		}
	}
	return sum
}

// fragment measures a fragment once. One that spreads itself counts as empty there; validation refuses it later.
func (m *measuring) fragment(name string) extent {
	if known := m.fragments[name]; known != nil {
		return *known
	}
	definition := m.definitions[name]
	if definition == nil {
		return extent{}
	}
	m.fragments[name] = &extent{}
	aliases, directives := m.aliases, m.directives
	e := m.selections(definition.SelectionSet)
	m.aliases, m.directives = aliases, directives // the document's are counted where the fragment is defined
	m.fragments[name] = &e
	return e
}
