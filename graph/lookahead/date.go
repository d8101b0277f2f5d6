package lookahead

import (
	"slices"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// dateTest compares intervals: a partial date stands for all its days, in the operand and in the record. A store compares keys,
// and a key holds one end of the record's interval alone. So the filter names the keys that pass although the other end does
// not: they belong to months and years that reach over a bound of the operand, of which there are four at most.
func dateTest(t plan.Test, value any) (plan.Filter, error) {
	text, _ := value.(string)
	operand, err := ontology.ParseDate(text)
	if err != nil {
		return plan.Filter{}, err
	}
	operator := t.Operator
	switch operator {
	case plan.Equal:
		t.Operator, t.Values = plan.Between, []any{operand.Floor(), operand.Ceiling()}
	case plan.Greater, plan.LessOrEqual:
		t.Values = []any{operand.Ceiling()}
	default:
		t.Values = []any{operand.Floor()}
	}
	var excluded []any
	for _, day := range []int64{operand.First, operand.Last} {
		for _, d := range around(day) {
			var key any = d.LowerKey()
			if t.Property.Upper {
				key = d.UpperKey()
			}
			if passes(t, key.(int64)) && !holds(operator, d, operand) && !slices.Contains(excluded, key) {
				excluded = append(excluded, key)
			}
		}
	}
	f := plan.Filter{Test: &t}
	if excluded == nil {
		return f, nil
	}
	reaching := plan.Filter{Test: &plan.Test{Property: t.Property, Operator: plan.In, Values: excluded}}
	return plan.Filter{All: &[]plan.Filter{f, {Not: &reaching}}}, nil
}

// holds is what the operators on dates mean.
func holds(operator plan.Operator, d, operand ontology.Date) bool {
	switch operator {
	case plan.Equal:
		return d.First >= operand.First && d.Last <= operand.Last
	case plan.Less:
		return d.Last < operand.First
	case plan.LessOrEqual:
		return d.Last <= operand.Last
	case plan.Greater:
		return d.First > operand.Last
	default:
		return d.First >= operand.First
	}
}

// passes says what a store will answer for a key.
func passes(t plan.Test, key int64) bool {
	bound := t.Values[0].(int64)
	switch t.Operator {
	case plan.Between:
		return key >= bound && key <= t.Values[1].(int64)
	case plan.Less:
		return key < bound
	case plan.LessOrEqual:
		return key <= bound
	case plan.Greater:
		return key > bound
	default:
		return key >= bound
	}
}

// around gives the month and the year of a day.
func around(day int64) []ontology.Date {
	first := time.Unix(day*24*60*60, 0).UTC()
	month := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	year := time.Date(first.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	number := func(t time.Time) int64 { return day + int64(t.Sub(first).Hours()/24) }
	return []ontology.Date{
		{First: number(month), Last: number(month.AddDate(0, 1, -1)), Precision: ontology.Month},
		{First: number(year), Last: number(year.AddDate(1, 0, -1)), Precision: ontology.Year},
	}
}
