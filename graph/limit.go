package graph

import (
	"strconv"

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
	// Introspection is about how many values the schema may be asked for.
	Introspection int
}

// DefaultQueryLimits let the longest example through several times over.
var DefaultQueryLimits = QueryLimits{Tokens: 10_000, Fields: 1_000, Roots: 20, Depth: 24, Aliases: 100, Directives: 100, Introspection: 1_500_000}

// check refuses a document that exceeds a limit. Each fragment is measured once, however often it is spread, so the check
// takes time in proportion to the text, whatever its fragments would grow to.
func (l QueryLimits) check(doc *ast.QueryDocument) *gqlerror.Error {
	m := measuring{fragments: map[string]*extent{}, definitions: map[string]*ast.FragmentDefinition{}}
	for _, f := range doc.Fragments {
		m.definitions[f.Name] = f
	}
	for _, f := range doc.Fragments {
		m.directives += len(f.Directives)
		e := m.selections(f.SelectionSet)
		// One that is never spread is measured as well: validation compares its fields with each other before it is refused.
		if err := atMost(f.Position, size{"fields", e.fields, l.Fields}, size{"levels of selections", e.depth, l.Depth}); err != nil {
			return err
		}
	}
	for _, op := range doc.Operations {
		m.directives += len(op.Directives)
		e := m.selections(op.SelectionSet)
		if err := atMost(op.Position,
			size{"fields", e.fields, l.Fields}, size{"root fields", e.top, l.Roots}, size{"levels of selections", e.depth, l.Depth},
			size{"aliases", m.aliases, l.Aliases}, size{"directives", m.directives, l.Directives},
			size{"values of the schema", e.introspected, l.Introspection},
		); err != nil {
			return err
		}
	}
	return nil
}

type size struct {
	what    string
	is, may int
}

// atMost refuses the first size that is larger than it may be.
func atMost(at *ast.Position, sizes ...size) *gqlerror.Error {
	for _, s := range sizes {
		if s.is > s.may {
			is := strconv.Itoa(s.is)
			if s.is >= extentCeiling {
				is = "over a billion"
			}
			err := gqlerror.ErrorPosf(at, "the query has %s %s, at most %d are allowed", is, s.what, s.may)
			err.Extensions = map[string]any{"code": lookahead.ComplexityLimitExceeded}
			return err
		}
	}
	return nil
}

// extentCeiling keeps sums over fragments that multiply from overflowing.
const extentCeiling = 1_000_000_000

// extent is the size of a selection. listed is how many values it takes where the schema is introspected, introspected how many
// of those it does take.
type extent struct{ fields, top, depth, listed, introspected int }

// listLengths are how many elements the lists of introspection have, about: `types` as many as there are, the others on average.
var listLengths = map[string]int{
	"types": 250, "fields": 10, "inputFields": 10, "enumValues": 5, "possibleTypes": 5, "interfaces": 3, "args": 4, "directives": 6,
}

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
		sum.introspected = min(sum.introspected+e.introspected, extentCeiling)
	}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				m.aliases++
			}
			m.directives += len(s.Directives)
			e := m.selections(s.SelectionSet)
			listed := min(max(listLengths[s.Name], 1)*(1+e.listed), extentCeiling)
			if s.Name == "__schema" || s.Name == "__type" {
				e.introspected = min(e.introspected+listed, extentCeiling)
			}
			add(e, 1)
			sum.listed = min(sum.listed+listed, extentCeiling)
			sum.fields = min(sum.fields+1, extentCeiling)
			sum.top = min(sum.top+1, extentCeiling)
			sum.depth = max(sum.depth, 1)
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			e := m.selections(s.SelectionSet)
			add(e, 0)
			sum.listed = min(sum.listed+e.listed, extentCeiling)
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			e := m.fragment(s.Name)
			add(e, 0)
			sum.listed = min(sum.listed+e.listed, extentCeiling)
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
