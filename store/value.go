package store

import (
	"fmt"
	"strconv"
	"strings"
)

// Value is one element of an answer: null, an integer, a float, text or a list of values.
type Value struct {
	Type  ValueType
	Int   int64
	Float float64
	Text  string
	List  []Value
}

// ValueType says which field of a Value is meant.
type ValueType uint8

// The types of a Value. The zero Value is null.
const (
	Null ValueType = iota
	Integer
	Floating
	Text
	List
)

// Of makes a Value of what a plan.Key or a record's values hold: nil, int64, float64, string or []string.
func Of(v any) Value {
	switch v := v.(type) {
	case nil:
		return Value{}
	case int64:
		return Value{Type: Integer, Int: v}
	case float64:
		return Value{Type: Floating, Float: v}
	case string:
		return Value{Type: Text, Text: v}
	case []string:
		list := make([]Value, len(v))
		for i, s := range v {
			list[i] = Value{Type: Text, Text: s}
		}
		return Value{Type: List, List: list}
	case []Value:
		return Value{Type: List, List: v}
	default:
		panic(fmt.Sprintf("store: a value of type %T has no place in an answer", v))
	}
}

// Scalar gives back what Of took, for all but lists.
func (v Value) Scalar() any {
	switch v.Type {
	case Integer:
		return v.Int
	case Floating:
		return v.Float
	case Text:
		return v.Text
	default:
		return nil
	}
}

// String prints the value for people, as JSON does with unescaped text.
func (v Value) String() string {
	var b strings.Builder
	v.print(&b)
	return b.String()
}

func (v Value) print(b *strings.Builder) {
	switch v.Type {
	case Null:
		b.WriteString("null")
	case Integer:
		b.WriteString(strconv.FormatInt(v.Int, 10))
	case Floating:
		b.WriteString(strconv.FormatFloat(v.Float, 'g', -1, 64))
	case Text:
		b.WriteString(strconv.Quote(v.Text))
	case List:
		b.WriteByte('[')
		for i, e := range v.List {
			if i > 0 {
				b.WriteString(", ")
			}
			e.print(b)
		}
		b.WriteByte(']')
	}
}
