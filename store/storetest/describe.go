package storetest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/store"
)

// GoString lists the records of a graph, a line each, for the report of a failing example.
func (g Graph) GoString() string {
	var b strings.Builder
	for _, n := range g.Nodes {
		b.WriteString("\n" + Describe(store.Record{Node: &n}))
	}
	for _, c := range g.Claims {
		b.WriteString("\n" + Describe(store.Record{Claim: &c}))
	}
	return b.String()
}

// Describe puts a whole record into a line, by position in its kind's properties: records are equal if their lines are.
func Describe(r store.Record) string {
	var b strings.Builder
	var values []any
	switch {
	case r.Node != nil:
		b.WriteString(r.Node.Kind.Name)
		values = r.Node.Values
	case r.Claim != nil:
		fmt.Fprintf(&b, "%s %q %q", r.Claim.Relation.Name, r.Claim.From, r.Claim.To)
		values = r.Claim.Values
	}
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			continue
		case float64:
			fmt.Fprintf(&b, " %d:%sf", i, strconv.FormatFloat(v, 'g', -1, 64))
		case int64:
			fmt.Fprintf(&b, " %d:%d", i, v)
		case string, []string:
			fmt.Fprintf(&b, " %d:%q", i, v)
		default:
			fmt.Fprintf(&b, " %d:%T(%v)", i, v, v)
		}
	}
	if r.Node != nil {
		for _, l := range r.Node.Links {
			fmt.Fprintf(&b, " %s->%q", l.Link.Name, l.ID)
		}
	}
	return b.String()
}

// Difference says where two answers first differ, or nothing where they are equal. An empty list is equal to one that is nil.
// cmp.Diff would show more, but takes time exponential in the depth of lists that differ: minutes for a nested answer.
func Difference(want, got store.Value) string {
	if want.Type != store.List || got.Type != store.List || len(want.List) != len(got.List) {
		if want.Type == got.Type && want.Type != store.List && want.Scalar() == got.Scalar() {
			return ""
		}
		return fmt.Sprintf(": want %s of type %d, got %s of type %d", want, want.Type, got, got.Type)
	}
	for i := range want.List {
		if diff := Difference(want.List[i], got.List[i]); diff != "" {
			return fmt.Sprintf("[%d]%s", i, diff)
		}
	}
	return ""
}
