// Package lookahead reads the whole selection below a root field and turns it into one plan for a store, and one shape for the
// encoder. Whatever cannot be planned is refused here, before any store is asked.
package lookahead

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// Codes of refusals, after Apollo's.
const (
	BadUserInput            = "BAD_USER_INPUT"
	ComplexityLimitExceeded = "COMPLEXITY_LIMIT_EXCEEDED"
)

// The largest sizes that an argument may ask for.
const (
	MaxFirst    = 100
	MaxIDs      = 100
	MaxInValues = 1000
)

// Access is what the caller may see. Every lens is narrowed to it.
type Access struct {
	// MaxTlp is the highest handling mark, by rank.
	MaxTlp int64
	// Compartments that the caller holds.
	Compartments []string
}

// Reader turns root fields into questions.
type Reader struct {
	Model *ontology.Model
	// Schema is that of the API derived from the model.
	Schema *ast.Schema
	Limits plan.Limits
}

// roots are the types at the top of operations.
var roots = map[ast.Operation]string{ast.Query: "Query", ast.Subscription: "Subscription"}

// RootFields lists the fields at the top of an operation, each response key once with all that is selected below it.
func RootFields(op *ast.OperationDefinition, vars map[string]any) []*ast.Field {
	var out []*ast.Field
	for _, c := range collect(vars, []ast.SelectionSet{op.SelectionSet}, named(roots[op.Operation])) {
		merged := *c.field()
		for _, further := range c.fields[1:] {
			merged.SelectionSet = append(merged.SelectionSet[:len(merged.SelectionSet):len(merged.SelectionSet)], further.SelectionSet...)
		}
		out = append(out, &merged)
	}
	return out
}

// Question is a root field ready to be asked: a plan, and the shape in which its answer is written.
type Question struct {
	Plan plan.Plan
	// Shape is an answer without its value.
	Shape encoder.Answer
	// Analytic is set for root fields that are computed on the network.
	Analytic *Analytic
}

// Question reads a validated root field. vars are coerced variables. The error is a *gqlerror.Error with a code.
func (r *Reader) Question(field *ast.Field, vars map[string]any, access Access) (Question, error) {
	q, err := r.question(field, vars, access)
	if err != nil {
		return Question{}, err
	}
	if err := r.Limits.Check(q.Plan.Cost()); err != nil {
		return Question{}, refusal(field, "", ComplexityLimitExceeded, "%s: %v", field.Alias, err)
	}
	return q, nil
}

func (r *Reader) question(field *ast.Field, vars map[string]any, access Access) (Question, error) {
	args, err := r.arguments(field, vars)
	if err != nil {
		return Question{}, err
	}
	lens, err := r.lens(field, args["lens"], access)
	if err != nil {
		return Question{}, err
	}
	b := &building{reader: r, vars: vars, lens: canonical(args["lens"])}
	q := Question{Plan: plan.Plan{Lens: lens}}
	switch field.Name {
	case "node":
		err = b.lookup(&q, field, r.Model.Kind("Node"), []any{args["id"]})
	case "nodes":
		ids := elements(args["ids"])
		if len(ids) > MaxIDs {
			return q, refusal(field, "ids", BadUserInput, "ids: at most %d ids are read at once, %d are given", MaxIDs, len(ids))
		}
		err = b.lookup(&q, field, r.Model.Kind("Node"), ids)
	default:
		if slices.Contains(r.Model.Analytics, field.Name) {
			err = b.analytic(&q, field, args)
		} else {
			err = b.kindRoot(&q, field, args)
		}
	}
	return q, err
}

func (b *building) kindRoot(q *Question, field *ast.Field, args map[string]any) error {
	for _, k := range b.reader.Model.Kinds {
		switch field.Name {
		case k.Singular:
			return b.lookup(q, field, k, []any{args["id"]})
		case k.Plural:
			page, shape, err := b.page(field, args, nil, k)
			q.Plan.Page, q.Shape.Connection = page, shape
			return err
		}
	}
	return refusal(field, "", BadUserInput, "%s is no root field", field.Name)
}

func (b *building) lookup(q *Question, field *ast.Field, kind *ontology.Kind, ids []any) error {
	n := newNode(b, kind)
	object, err := n.object(field, field.SelectionSet)
	if err != nil {
		return err
	}
	l := &plan.Lookup{IDs: []string{}, Node: n.plan()}
	for _, given := range ids {
		id := given.(string)
		if err := wellFormed(field, "id", id, kind); err != nil {
			return err
		}
		l.IDs = append(l.IDs, id)
	}
	q.Plan.Lookup, q.Shape.Object = l, object
	return nil
}

// first reads the only argument of a field.
func (b *building) first(field *ast.Field) (int, error) {
	args, err := b.reader.arguments(field, b.vars)
	if err != nil {
		return 0, err
	}
	return first(field, args)
}

// wellFormed refuses an id that no record of the kind can have, so that a slip does not read like an absence.
func wellFormed(field *ast.Field, argument, id string, kind *ontology.Kind) error {
	prefix := "kind/"
	if !kind.Abstract() {
		prefix = kind.IDPrefix()
	}
	if !ontology.ValidID(id) || (!kind.Abstract() && !strings.HasPrefix(id, prefix)) {
		return refusal(field, argument, BadUserInput, "%s: %.80q is no id of kind %s; write %s…", argument, id, kind.Name, prefix)
	}
	return nil
}

// first reads the argument of that name: 1 to MaxFirst.
func first(field *ast.Field, args map[string]any) (int, error) {
	n, _ := args["first"].(int64)
	if n < 1 || n > MaxFirst {
		return 0, refusal(field, "first", BadUserInput, "first: 1 to %d, not %v", MaxFirst, args["first"])
	}
	return int(n), nil
}

// badInput refuses the value at a place.
func badInput(at *ast.Position, place string, problem error) *gqlerror.Error {
	return refusedAt(at, place, BadUserInput, "%s: %v", place, problem)
}

func refusal(field *ast.Field, argument, code, format string, args ...any) *gqlerror.Error {
	return refusedAt(field.Position, argument, code, format, args...)
}

func refusedAt(at *ast.Position, argument, code, format string, args ...any) *gqlerror.Error {
	err := gqlerror.ErrorPosf(at, format, args...)
	err.Extensions = map[string]any{"code": code}
	if argument != "" {
		err.Extensions["argument"] = argument
	}
	return err
}

// canonical is the text of an argument's value, the same for values that mean the same.
func canonical(v any) string {
	b, err := json.Marshal(v) // maps come out in the order of their keys
	if err != nil {
		return fmt.Sprintf("%v", v)
	}
	return string(b)
}

// collected is a response key of a selection with all fields that ask for it.
type collected struct {
	key    string // as JSON, with the colon
	fields []*ast.Field
}

func (c collected) field() *ast.Field { return c.fields[0] }

func (c collected) selections() []ast.SelectionSet {
	sets := make([]ast.SelectionSet, len(c.fields))
	for i, f := range c.fields {
		sets[i] = f.SelectionSet
	}
	return sets
}

// identity tells whether two keys were asked for by the same fields of the query.
func (c collected) identity() string {
	var b strings.Builder
	for _, f := range c.fields {
		fmt.Fprintf(&b, "%p ", f)
	}
	return b.String()
}

// collect merges selection sets for an object, as GraphQL's CollectFields does; applies tells which fragments apply to it.
func collect(vars map[string]any, sets []ast.SelectionSet, applies func(typeCondition string) bool) []collected {
	var out []collected
	at := map[string]int{}
	spread := map[string]bool{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if !included(s.Directives, vars) {
					continue
				}
				i, known := at[s.Alias]
				if !known {
					i = len(out)
					at[s.Alias] = i
					out = append(out, collected{key: strconv.Quote(s.Alias) + ":"})
				}
				out[i].fields = append(out[i].fields, s)
			case *ast.InlineFragment:
				if included(s.Directives, vars) && (s.TypeCondition == "" || applies(s.TypeCondition)) {
					walk(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if !included(s.Directives, vars) || spread[s.Name] {
					continue
				}
				spread[s.Name] = true
				if applies(s.Definition.TypeCondition) {
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return out
}

func included(directives ast.DirectiveList, vars map[string]any) bool {
	if d := directives.ForName("skip"); d != nil && d.ArgumentMap(vars)["if"] == true {
		return false
	}
	if d := directives.ForName("include"); d != nil && d.ArgumentMap(vars)["if"] == false {
		return false
	}
	return true
}

// named accepts fragments on the one type of that name.
func named(name string) func(string) bool {
	return func(condition string) bool { return condition == name }
}

// ofKind accepts fragments on a kind and its interfaces.
func (b *building) ofKind(k *ontology.Kind) func(string) bool {
	return func(condition string) bool {
		t := b.reader.Model.Kind(condition)
		return t != nil && (t == k || t.Has(k) || (condition == "Statement" && k.Statement))
	}
}

// sortedKeys gives the keys of an input object in one order.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
