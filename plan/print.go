package plan

import (
	"fmt"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// String prints the plan for people, one line a level or condition, each level indented below what it belongs to.
func (p Plan) String() string {
	w := &printing{}
	switch {
	case p.Page != nil:
		w.page("page", p.Page)
	case p.Lookup != nil:
		w.line("lookup %s %s", p.Lookup.Node.Kind.Name, strings.Join(p.Lookup.IDs, " "))
		w.node(p.Lookup.Node)
	}
	w.lens(p.Lens)
	return w.b.String()
}

type printing struct {
	b     strings.Builder
	level int
}

func (w *printing) line(format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", w.level))
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

func (w *printing) page(what string, p *Page) {
	line := what + " " + p.Node.Kind.Name
	if p.Rows {
		line += fmt.Sprintf(" first %d", p.First)
	}
	if p.Total {
		line += " total"
	}
	line += " order"
	for _, o := range p.Order {
		name := string(o.Seen)
		if o.Property != nil {
			name = o.Property.Name
		}
		if o.Descending {
			name += " desc"
		}
		line += " " + name
	}
	if p.After != nil {
		line += fmt.Sprintf(" after %v", p.After)
	}
	w.line("%s", line)
	w.level++
	if p.Where != nil {
		w.line("where %s", p.Where)
	}
	if p.Claim != nil {
		w.line("claim %s", p.Claim)
	}
	if p.Edge != nil {
		for _, col := range p.Edge.Columns {
			if col.Claims == nil {
				w.line("%s", col.Value)
				continue
			}
			w.line("claims first %d", col.Claims.First)
			w.node(col.Claims.Node)
		}
	}
	w.level--
	w.node(p.Node)
}

func (w *printing) node(n Node) {
	w.level++
	defer func() { w.level-- }()
	var values []string
	for _, col := range n.Columns {
		switch {
		case col.Name:
			values = append(values, "kind")
		case col.Property != nil:
			values = append(values, col.Property.Name)
		}
	}
	if len(values) > 0 {
		w.line("%s", strings.Join(values, ", "))
	}
	for _, col := range n.Columns {
		only := ""
		if len(col.Only) > 0 {
			names := make([]string, len(col.Only))
			for i, k := range col.Only {
				names[i] = k.Name
			}
			only = " of " + strings.Join(names, ", ")
		}
		switch {
		case col.Page != nil:
			w.page(via(col.Page.Via)+only, col.Page)
		case col.One != nil:
			w.line("%s%s %s", via(col.One.Via), only, col.One.Node.Kind.Name)
			w.node(col.One.Node)
		case col.Reference != nil:
			w.line("%s %s", col.Reference.Property.Name, col.Reference.Node.Kind.Name)
			w.node(col.Reference.Node)
		}
	}
}

func via(l *ontology.Link) string {
	switch l.Direction {
	case ontology.In:
		return "<-" + l.Relation.Name + "-"
	case ontology.Both:
		return "-" + l.Relation.Name + "-"
	default:
		return "-" + l.Relation.Name + "->"
	}
}

func (w *printing) lens(l Lens) {
	record := "any tlp"
	if l.Record.MaxTlp != 0 {
		record = fmt.Sprintf("max tlp %d", l.Record.MaxTlp)
	}
	if l.Record.KnownAt != nil {
		record += " known at " + string(ontology.AppendDate(nil, *l.Record.KnownAt))
	}
	w.line("lens: %s, compartments %v, evidence %s", record, l.Record.Compartments, l.Evidence)
}

// String lists the parts of the lens that are set.
func (e Evidence) String() string {
	var parts []string
	add := func(set bool, format string, args ...any) {
		if set {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	if e.AsOf != nil {
		add(true, "as of %s", ontology.AppendDate(nil, e.AsOf.LowerKey()))
	}
	if e.DuringFrom != nil {
		add(true, "from %s", ontology.AppendDate(nil, *e.DuringFrom))
	}
	if e.DuringTo != nil {
		add(true, "to %s", ontology.AppendDate(nil, *e.DuringTo))
	}
	add(e.Dated, "dated")
	add(e.MinReliability != 0, "reliability <= %d", e.MinReliability)
	add(e.MinCredibility != 0, "credibility <= %d", e.MinCredibility)
	if e.MinConfidence != nil {
		add(true, "confidence >= %d", *e.MinConfidence)
	}
	add(len(e.Stances) > 0, "stances %v", e.Stances)
	add(len(e.Modalities) > 0, "modalities %v", e.Modalities)
	add(e.Sources != nil, "sources %v", e.Sources)
	add(len(e.ExcludeSources) > 0, "without %v", e.ExcludeSources)
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, ", ")
}

// String prints the filter as an expression.
func (f *Filter) String() string {
	switch {
	case f == nil:
		return "true"
	case f.All != nil:
		return joined(*f.All, " and ", "true")
	case f.Any != nil:
		return joined(*f.Any, " or ", "false")
	case f.Not != nil:
		return "not " + f.Not.String()
	case f.Test != nil:
		return fmt.Sprintf("%s %s %v", f.Test.Property.Name, f.Test.Operator, f.Test.Values)
	default:
		return fmt.Sprintf("some %s (%s claim %s)", via(f.Some.Via), f.Some.Node, f.Some.Claim)
	}
}

func joined(parts []Filter, glue, empty string) string {
	if len(parts) == 0 {
		return empty
	}
	texts := make([]string, len(parts))
	for i := range parts {
		texts[i] = parts[i].String()
	}
	return "(" + strings.Join(texts, glue) + ")"
}
