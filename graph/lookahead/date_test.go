package lookahead

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// partial draws dates that often touch each other: days around the ends of months and years.
func partial(t *rapid.T, label string) ontology.Date {
	day := time.Date(rapid.IntRange(1968, 1972).Draw(t, label+" year"), 1, 1, 0, 0, 0, 0, time.UTC).
		AddDate(0, rapid.IntRange(0, 12).Draw(t, label+" month"), rapid.IntRange(-2, 2).Draw(t, label+" day"))
	text := day.Format([]string{"2006-01-02", "2006-01", "2006"}[rapid.IntRange(0, 2).Draw(t, label+" precision")])
	d, err := ontology.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func text(d ontology.Date) string { return string(ontology.AppendDate(nil, d.LowerKey())) }

// holdsFor evaluates a filter of dates for a key, as stores do.
func holdsFor(t *rapid.T, f plan.Filter, key int64) bool {
	switch {
	case f.All != nil:
		for _, part := range *f.All {
			if !holdsFor(t, part, key) {
				return false
			}
		}
		return true
	case f.Not != nil:
		return !holdsFor(t, *f.Not, key)
	case f.Test.Operator == plan.In:
		for _, v := range f.Test.Values {
			if v == key {
				return true
			}
		}
		return false
	default:
		return passes(*f.Test, key)
	}
}

// A comparison of dates is one of intervals, whichever end of the record's interval a store keeps.
func TestDatesAreIntervals(t *testing.T) {
	meaning := map[plan.Operator]func(d, o ontology.Date) bool{
		plan.Equal:          func(d, o ontology.Date) bool { return d.First >= o.First && d.Last <= o.Last },
		plan.Less:           func(d, o ontology.Date) bool { return d.Last < o.First },
		plan.LessOrEqual:    func(d, o ontology.Date) bool { return d.Last <= o.Last },
		plan.Greater:        func(d, o ontology.Date) bool { return d.First > o.Last },
		plan.GreaterOrEqual: func(d, o ontology.Date) bool { return d.First >= o.First },
	}
	rapid.Check(t, func(t *rapid.T) {
		record, operand := partial(t, "record"), partial(t, "operand")
		for operator, want := range meaning {
			for _, upper := range []bool{false, true} {
				f, err := dateTest(plan.Test{Property: &ontology.Property{Name: "day", Type: ontology.PartialDate, Upper: upper}, Operator: operator}, text(operand))
				if err != nil {
					t.Fatal(err)
				}
				key := record.LowerKey()
				if upper {
					key = record.UpperKey()
				}
				if got := holdsFor(t, f, key); got != want(record, operand) {
					t.Fatalf("%s %s %s (upper %v) is %v: %s", text(record), operator, text(operand), upper, got, &f)
				}
			}
		}
	})
}

func TestDateTestsStaySmall(t *testing.T) {
	p := &ontology.Property{Name: "day", Type: ontology.PartialDate}
	for _, c := range []struct {
		operator plan.Operator
		operand  string
		want     string
	}{
		{plan.Equal, "2023", "day between [%d %d]"},
		{plan.GreaterOrEqual, "2023-06-15", "day gte [%d]"},
	} {
		f, err := dateTest(plan.Test{Property: p, Operator: c.operator}, c.operand)
		if err != nil {
			t.Fatal(err)
		}
		var values []any
		values = append(values, f.Test.Values...)
		if got := f.String(); got != fmt.Sprintf(c.want, values...) {
			t.Errorf("%s %s: %s", c.operator, c.operand, got)
		}
	}
}
