package lookahead

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// order reads orderBy; the id comes last, so that every order is total.
func order(field *ast.Field, argument any, kind *ontology.Kind) ([]plan.Order, error) {
	var out []plan.Order
	id := kind.Property("id")
	seen := map[string]bool{}
	for _, element := range elements(argument) {
		entry, _ := element.(map[string]any)
		name, _ := entry["field"].(string)
		if seen[name] {
			return nil, refusal(field, "orderBy", BadUserInput, "orderBy: %s is named twice", name)
		}
		seen[name] = true
		o := plan.Order{Descending: entry["direction"] == "DESC"}
		switch name {
		case "FIRST_SEEN":
			o.Seen = plan.FirstSeen
		case "LAST_SEEN":
			o.Seen = plan.LastSeen
		default:
			for _, p := range kind.Properties {
				if ontology.OrderField(p.Name) == name {
					o.Property = p
				}
			}
		}
		if o.Property == nil && o.Seen == "" {
			return nil, refusal(field, "orderBy", BadUserInput, "orderBy: %s has no order by %s", kind.Name, name)
		}
		out = append(out, o)
		if o.Property == id {
			return out, nil
		}
	}
	if len(out) == 0 {
		if p := kind.DefaultOrder(); p != id {
			out = append(out, plan.Order{Property: p})
		}
	}
	return append(out, plan.Order{Property: id}), nil
}

// where reads a filter on a kind; an absent or empty one is nil.
func (b *building) where(field *ast.Field, argument string, value any, kind *ontology.Kind) (*plan.Filter, error) {
	input, _ := value.(map[string]any)
	if len(input) == 0 {
		return nil, nil //nolint:nilnil // no filter is a filter that lets all pass
	}
	f, err := b.filter(field, argument, input, kind)
	return &f, err
}

func (b *building) filter(field *ast.Field, at string, input map[string]any, kind *ontology.Kind) (plan.Filter, error) {
	parts := []plan.Filter{}
	for _, name := range sortedKeys(input) {
		value := input[name]
		if value == nil {
			continue
		}
		place := at + "." + name
		p, link := kind.Property(name), kind.Link(name)
		var part plan.Filter
		var err error
		switch {
		case name == "and", name == "or":
			part, err = b.combined(field, place, name, value, kind)
		case name == "not":
			var inner plan.Filter
			inner, err = b.filter(field, place, value.(map[string]any), kind)
			part.Not = &inner
		case p != nil:
			part, err = b.tests(field, place, value.(map[string]any), p)
		case link != nil:
			part, err = b.related(field, place, value.(map[string]any), link)
		default:
			err = refusal(field, at, BadUserInput, "%s: %s has no filter of this name", place, kind.Name)
		}
		if err != nil {
			return plan.Filter{}, err
		}
		parts = append(parts, part)
	}
	return all(parts), nil
}

func all(parts []plan.Filter) plan.Filter {
	if len(parts) == 1 {
		return parts[0]
	}
	return plan.Filter{All: &parts}
}

func (b *building) combined(field *ast.Field, place, name string, value any, kind *ontology.Kind) (plan.Filter, error) {
	parts := []plan.Filter{}
	for _, element := range elements(value) {
		part, err := b.filter(field, place, element.(map[string]any), kind)
		if err != nil {
			return plan.Filter{}, err
		}
		parts = append(parts, part)
	}
	if name == "or" {
		return plan.Filter{Any: &parts}, nil
	}
	return plan.Filter{All: &parts}, nil
}

// tests reads the operators on one property; all of them must hold.
func (b *building) tests(field *ast.Field, place string, input map[string]any, p *ontology.Property) (plan.Filter, error) {
	parts := []plan.Filter{}
	for _, operator := range sortedKeys(input) {
		value := input[operator]
		at := place + "." + operator
		if value == nil {
			return plan.Filter{}, refusal(field, place, BadUserInput, "%s: null cannot be compared; use isNull", at)
		}
		part, err := test(operator, value, p)
		if err != nil {
			return plan.Filter{}, refusal(field, place, BadUserInput, "%s: %v", at, err)
		}
		parts = append(parts, part)
	}
	return all(parts), nil
}

func test(operator string, value any, p *ontology.Property) (plan.Filter, error) {
	t := plan.Test{Property: p, Operator: plan.Operator(operator)}
	switch operator {
	case "isNull":
		t.Operator = plan.IsNull
		f := plan.Filter{Test: &t}
		if value == false {
			return plan.Filter{Not: &f}, nil
		}
		return f, nil
	case "isEmpty":
		t.Operator = plan.IsEmpty
		f := plan.Filter{Test: &t}
		if value == false {
			return plan.Filter{Not: &f}, nil
		}
		return f, nil
	case "in":
		list := elements(value)
		if len(list) > MaxInValues {
			return plan.Filter{}, fmt.Errorf("at most %d values are compared with, %d are given", MaxInValues, len(list))
		}
		t.Values = []any{}
		for _, element := range list {
			v, err := p.Coerce(element)
			if err != nil {
				return plan.Filter{}, err
			}
			if v != nil {
				t.Values = append(t.Values, v)
			}
		}
		return plan.Filter{Test: &t}, nil
	}
	if p.Type == ontology.PartialDate {
		return dateTest(t, value)
	}
	if text, isText := value.(string); isText && p.Text && text != "" && ontology.Fold(text) == "" {
		switch t.Operator {
		case plan.Contains, plan.StartsWith, plan.Includes:
			return plan.Filter{}, fmt.Errorf("%.40q has no letter or digit to compare; use eq", text)
		}
	}
	v, err := p.Coerce(value)
	t.Values = []any{v}
	return plan.Filter{Test: &t}, err
}

// related reads a filter on what a link leads to.
func (b *building) related(field *ast.Field, place string, input map[string]any, link *ontology.Link) (plan.Filter, error) {
	if !link.Many {
		node, err := b.filter(field, place, input, link.Target)
		return plan.Filter{Some: &plan.Some{Via: link, Node: &node}}, err
	}
	parts := []plan.Filter{}
	for _, quantifier := range sortedKeys(input) {
		match, given := input[quantifier].(map[string]any)
		if !given {
			continue
		}
		some := plan.Some{Via: link}
		var err error
		at := place + "." + quantifier
		if link.Relation.Structural {
			some.Node, err = b.where(field, at, match, link.Target)
		} else {
			if some.Node, err = b.where(field, at+".node", match["node"], link.Target); err == nil {
				some.Claim, err = b.where(field, at+".claim", match["claim"], b.reader.Model.Claim)
			}
		}
		if err != nil {
			return plan.Filter{}, err
		}
		part := plan.Filter{Some: &some}
		if quantifier == "none" {
			part = plan.Filter{Not: &plan.Filter{Some: &some}}
		}
		parts = append(parts, part)
	}
	return all(parts), nil
}

// elements gives the elements of a list argument, none where it is absent.
func elements(v any) []any {
	list, _ := v.([]any)
	return list
}
