package neo4j

import (
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// Statement is one Cypher statement that answers a plan with one record, and the values of its parameters. The record holds the sequence of
// batches before and after the answer was gathered, and the answer between them as nested lists.
type Statement struct {
	Cypher     string
	Parameters map[string]any
}

// The columns of the record.
const (
	columnBefore = iota
	columnAnswer
	columnAfter
)

// Compile turns a plan into one statement: a nest of correlated subqueries, each of which gathers one level as lists. Identifiers come from
// the ontology, values are parameters; two plans that differ in values only have the same text, so that the server plans it once.
func Compile(model *ontology.Model, p plan.Plan) Statement {
	c := newCompiler(model, p.Lens)
	var body strings.Builder
	var answer string
	switch {
	case p.Page != nil:
		answer = c.page(&body, p.Page, "before")
	case p.Lookup != nil:
		answer = c.lookup(&body, p.Lookup)
	}
	// The subqueries take the variable before them, so that the server cannot move one in front of another.
	text := "MATCH (s:" + storeLabel + ") WITH s.sequence AS before\n" + body.String() +
		"WITH before, " + answer + " AS answer\nCALL (answer) { MATCH (s:" + storeLabel + ") RETURN s.sequence AS after }\nRETURN before, answer, after"
	return Statement{Cypher: text, Parameters: c.parameters}
}

func newCompiler(model *ontology.Model, lens plan.Lens) *compiler {
	return &compiler{
		model: model, lens: lens, parameters: map[string]any{}, shared: map[string]string{},
		stanceAsserts: model.Claim.Property("stance").Enum.Rank("ASSERTS"),
	}
}

type compiler struct {
	model      *ontology.Model
	lens       plan.Lens
	parameters map[string]any
	// shared are the parameters of the lens, which every level asks for, by what they mean.
	shared map[string]string
	last   int

	stanceAsserts int64
}

// value makes a parameter.
func (c *compiler) value(v any) string {
	name := "v" + strconv.Itoa(len(c.parameters)+1)
	c.parameters[name] = v
	return "$" + name
}

// once makes a parameter that the whole statement shares.
func (c *compiler) once(meaning string, v any) string {
	if c.shared[meaning] == "" {
		c.shared[meaning] = c.value(v)
	}
	return c.shared[meaning]
}

// name makes a variable that is new in the statement.
func (c *compiler) name(prefix string) string {
	c.last++
	return prefix + strconv.Itoa(c.last)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func property(alias string, p *ontology.Property) string { return alias + "." + quote(p.Name) }

// labelled writes that a node is of one of some kinds; in a pattern it is the node.
func labelled(alias string, kinds []*ontology.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = quote(k.Name)
	}
	return "(" + alias + ":" + strings.Join(names, "|") + ")"
}

// ---- levels

// page writes the subqueries of a page around the node from, at the root around nothing, and returns the expression of its answer.
func (c *compiler) page(b *strings.Builder, p *plan.Page, from string) string {
	total, rows := "null", "null"
	if p.Total {
		total = c.name("t")
		n := c.name("n")
		b.WriteString("CALL (" + from + ") { ")
		c.level(b, p, from, c.name("e"), n, false)
		if p.Via == nil {
			b.WriteString(" RETURN count(" + n + ") AS " + total + " }\n")
		} else {
			b.WriteString(" RETURN count(DISTINCT " + n + ") AS " + total + " }\n")
		}
	}
	if p.Rows {
		rows = c.rows(b, p, from)
	}
	return "[" + total + ", " + rows + "]"
}

// rows writes the subquery of a page's rows.
func (c *compiler) rows(b *strings.Builder, p *plan.Page, from string) string {
	edge, node, rows := c.name("e"), c.name("n"), c.name("r")
	var seen []plan.EdgeValue
	for _, o := range p.Order {
		if o.Seen != "" {
			seen = append(seen, o.Seen)
		}
	}
	b.WriteString("CALL (" + from + ") { ")
	c.level(b, p, from, edge, node, p.After != nil && len(seen) == 0)
	carried, gathered := c.gathered(p, edge, node)
	if p.After != nil && len(seen) > 0 {
		b.WriteString("\nWITH " + carried + " WHERE " + c.after(p, node, edge))
		carried = gathered
	}
	b.WriteString("\nWITH " + carried + " ORDER BY " + c.order(p.Order, node, edge) + " LIMIT " + c.value(int64(p.First+1)) + "\n")
	values := c.node(b, p.Node, node)
	if p.Edge != nil || p.Keys {
		values += ", " + c.edge(b, p, edge)
	}
	if p.Keys {
		parts := make([]string, len(p.Order))
		for i, o := range p.Order {
			parts[i] = term(o, node, edge)
		}
		values += ", [" + strings.Join(parts, ", ") + "]"
	}
	b.WriteString("RETURN collect([" + values + "]) AS " + rows + " }\n")
	return rows
}

// level writes MATCH … WHERE … of a level: its nodes, as often as there are relations to them.
func (c *compiler) level(b *strings.Builder, p *plan.Page, from, edge, node string, after bool) {
	b.WriteString(c.match(p.Via, from, edge, node, p.Node.Kind))
	conditions := c.visible(node, p.Node.Kind)
	if p.Via != nil && !p.Via.Relation.Structural {
		conditions = append(conditions, c.visibleClaim(edge)...)
		if p.Claim != nil {
			conditions = append(conditions, c.filter(*p.Claim, edge))
		}
	}
	if p.Via == nil {
		// What is known to be there lets the server take the order from an index.
		// The index is of the id too.
		if first := p.Order[0].Property; first != nil && first.Required && first.Type != ontology.ID {
			conditions = append(conditions, property(node, first)+" IS NOT NULL", node+".id IS NOT NULL")
		}
	}
	if p.Where != nil {
		conditions = append(conditions, c.filter(*p.Where, node))
	}
	if after {
		conditions = append(conditions, c.after(p, node, edge))
	}
	where(b, conditions)
}

func where(b *strings.Builder, conditions []string) {
	if len(conditions) > 0 {
		b.WriteString(" WHERE " + strings.Join(conditions, " AND "))
	}
}

// match writes the pattern that leads from a node to those of a kind, at the root to all of them.
func (c *compiler) match(via *ontology.Link, from, edge, node string, kind *ontology.Kind) string {
	far := "(" + node + ":" + nodeLabel + ")"
	if len(kind.Members) < len(c.model.Kinds) {
		far = labelled(node, kind.Members)
	}
	if via == nil {
		return "MATCH " + far
	}
	left, right := arrow(via)
	return "MATCH (" + from + ")" + left + "[" + edge + ":" + quote(via.Relation.Name) + "]" + right + far
}

// gathered lists what a level hands on: the node once, with what is read of the bundle of claims that leads to it. passed are the same
// things by name alone.
func (c *compiler) gathered(p *plan.Page, edge, node string) (made, passed string) {
	made, passed = node, node
	if p.Via == nil {
		return made, passed
	}
	add := func(expression, name string) {
		made += ", " + expression + " AS " + name
		passed += ", " + name
	}
	bundled := false
	known := map[plan.EdgeValue]bool{}
	derive := func(v plan.EdgeValue) {
		if !known[v] {
			known[v] = true
			add(c.derived(v, edge), derivedName(v, edge))
		}
	}
	if p.Edge != nil {
		for _, col := range p.Edge.Columns {
			if col.Claims == nil {
				derive(col.Value)
			} else if !bundled {
				bundled = true
				add("collect("+edge+")", bundleName(edge))
			}
		}
	}
	for _, o := range p.Order {
		if o.Seen != "" {
			derive(o.Seen)
		}
	}
	if made == node && !p.Via.Relation.Structural {
		made = "DISTINCT " + node
	}
	return made, passed
}

func bundleName(edge string) string                    { return edge + "_all" }
func derivedName(v plan.EdgeValue, edge string) string { return edge + "_" + string(v) }

// derived writes the aggregate over the claims of a bundle.
func (c *compiler) derived(v plan.EdgeValue, edge string) string {
	asserts := edge + ".stance = " + number(c.stanceAsserts)
	switch v {
	case plan.Disputed:
		return "CASE WHEN min(" + edge + ".stance) <> max(" + edge + ".stance) THEN 1 ELSE 0 END"
	case plan.Denied:
		return "1 - max(CASE WHEN " + asserts + " THEN 1 ELSE 0 END)"
	case plan.FirstSeen:
		return "min(CASE WHEN " + asserts + " THEN " + edge + ".validFrom END)"
	case plan.LastSeen:
		return "max(CASE WHEN " + asserts + " THEN coalesce(" + edge + ".validTo, " + edge + ".validFrom) END)"
	default:
		return "count(" + edge + ")"
	}
}

// edge writes the subqueries of a bundle of claims and returns its expression.
func (c *compiler) edge(b *strings.Builder, p *plan.Page, edge string) string {
	if p.Edge == nil {
		return "null"
	}
	columns := make([]string, len(p.Edge.Columns))
	for i, col := range p.Edge.Columns {
		if col.Claims == nil {
			columns[i] = derivedName(col.Value, edge)
			continue
		}
		claim, claims := c.name("e"), c.name("c")
		b.WriteString("CALL (" + bundleName(edge) + ") { UNWIND " + bundleName(edge) + " AS " + claim + " WITH " + claim +
			" ORDER BY " + claim + ".id LIMIT " + c.value(int64(col.Claims.First+1)) + "\n")
		values := c.node(b, col.Claims.Node, claim)
		b.WriteString("RETURN collect(" + values + ") AS " + claims + " }\n")
		columns[i] = claims
	}
	return "[" + strings.Join(columns, ", ") + "]"
}

// node writes the subqueries of a node or claim and returns the expression of its values.
func (c *compiler) node(b *strings.Builder, n plan.Node, alias string) string {
	columns := make([]string, len(n.Columns))
	for i, col := range n.Columns {
		columns[i] = c.column(b, n.Kind, col, alias)
		if len(col.Only) > 0 {
			columns[i] = "CASE WHEN " + labelled(alias, col.Only) + " THEN " + columns[i] + " END"
		}
	}
	return "[" + strings.Join(columns, ", ") + "]"
}

func (c *compiler) column(b *strings.Builder, kind *ontology.Kind, col plan.Column, alias string) string {
	switch {
	case col.Name:
		if !kind.Abstract() {
			return "'" + kind.Name + "'"
		}
		name := "CASE"
		for _, k := range kind.Members {
			name += " WHEN " + labelled(alias, []*ontology.Kind{k}) + " THEN '" + k.Name + "'"
		}
		return name + " END"
	case col.Property != nil:
		return scalar(kind, col.Property, alias)
	case col.Reference != nil:
		node, one := c.name("n"), c.name("o")
		b.WriteString("CALL (" + alias + ") { MATCH (" + node + ":" + nodeLabel + " {id: " + property(alias, col.Reference.Property) + "})")
		where(b, append(c.ofKind(node, col.Reference.Node.Kind), c.visible(node, col.Reference.Node.Kind)...))
		b.WriteString("\n")
		c.single(b, col.Reference.Node, node, one)
		return one
	case col.One != nil:
		edge, node, one := c.name("e"), c.name("n"), c.name("o")
		b.WriteString("CALL (" + alias + ") { " + c.match(col.One.Via, alias, edge, node, col.One.Node.Kind))
		where(b, c.visible(node, col.One.Node.Kind))
		b.WriteString("\n")
		if !col.One.Via.Declares { // the record that declares it has one
			b.WriteString("WITH " + node + " ORDER BY " + node + ".id LIMIT 1\n")
		}
		c.single(b, col.One.Node, node, one)
		return one
	default:
		return c.page(b, col.Page, alias)
	}
}

// single ends a subquery that finds at most one node.
func (c *compiler) single(b *strings.Builder, n plan.Node, node, one string) {
	values := c.node(b, n, node)
	b.WriteString("RETURN head(collect(" + values + ")) AS " + one + " }\n")
}

// scalar reads a value of the record. Empty lists are not kept: where a kind has the property, none is empty.
func scalar(kind *ontology.Kind, p *ontology.Property, alias string) string {
	if !p.List {
		return property(alias, p)
	}
	var having []*ontology.Kind
	for _, k := range kind.Members {
		if k.Property(p.Name) != nil {
			having = append(having, k)
		}
	}
	list := "coalesce(" + property(alias, p) + ", [])"
	if len(having) == len(kind.Members) {
		return list
	}
	return "CASE WHEN " + labelled(alias, having) + " THEN " + list + " END"
}

// ---- order

func term(o plan.Order, node, edge string) string {
	if o.Seen != "" {
		return derivedName(o.Seen, edge)
	}
	return property(node, o.Property)
}

// nullable says whether a key can be missing.
func nullable(o plan.Order) bool { return o.Seen != "" || !o.Property.Required }

func (c *compiler) order(order []plan.Order, node, edge string) string {
	var parts []string
	for _, o := range order {
		key := term(o, node, edge)
		if o.Descending {
			// Cypher puts what is missing last upwards, and first downwards.
			if nullable(o) {
				parts = append(parts, key+" IS NULL")
			}
			key += " DESC"
		}
		parts = append(parts, key)
	}
	return strings.Join(parts, ", ")
}

// after writes the condition that a row comes behind the last one seen.
func (c *compiler) after(p *plan.Page, node, edge string) string {
	var any []string
	for i, o := range p.Order {
		if p.After[i] == nil {
			continue // nothing comes behind a missing key but a later one in the order
		}
		var all []string
		for j, equal := range p.Order[:i] {
			if p.After[j] == nil {
				all = append(all, term(equal, node, edge)+" IS NULL")
			} else {
				all = append(all, term(equal, node, edge)+" = "+c.value(p.After[j]))
			}
		}
		key, sign := term(o, node, edge), ">"
		if o.Descending {
			sign = "<"
		}
		beyond := c.compared(key, sign, p.After[i])
		if nullable(o) {
			beyond = either([]string{beyond, key + " IS NULL"})
		}
		any = append(any, strings.Join(append(all, beyond), " AND "))
	}
	if len(any) == 0 {
		return "false"
	}
	condition := either(any)
	if first := p.Order[0]; !nullable(first) && len(any) > 1 {
		// Implied by the rest; it lets the server enter an index at the place itself.
		sign := ">="
		if first.Descending {
			sign = "<="
		}
		condition = c.compared(term(first, node, edge), sign, p.After[0]) + " AND " + condition
	}
	return condition
}

// ---- visibility

// ofKind writes that a node is of a kind, where that is not said by the pattern.
func (c *compiler) ofKind(node string, kind *ontology.Kind) []string {
	if len(kind.Members) == len(c.model.Kinds) {
		return nil
	}
	return []string{labelled(node, kind.Members)}
}

// visible lists the conditions that a node of the kind passes the lens.
func (c *compiler) visible(node string, kind *ontology.Kind) []string {
	out := c.record(node)
	var statements []*ontology.Kind
	for _, k := range kind.Members {
		if k.Statement {
			statements = append(statements, k)
		}
	}
	if len(statements) == 0 {
		return out
	}
	evidence := c.evidence(node)
	if len(statements) == len(kind.Members) || len(evidence) == 0 {
		return append(out, evidence...)
	}
	return append(out, "CASE WHEN "+labelled(node, statements)+" THEN "+strings.Join(evidence, " AND ")+" ELSE true END")
}

// visibleClaim lists the conditions that a claim passes the lens.
func (c *compiler) visibleClaim(edge string) []string {
	return append(c.record(edge), c.evidence(edge)...)
}

// record lists the part of the lens that applies to every record.
func (c *compiler) record(alias string) []string {
	l := c.lens.Record
	if l.All {
		return nil
	}
	var out []string
	if l.KnownAt == nil {
		out = append(out, alias+".retractedAt IS NULL")
	} else {
		at := c.once("known at", *l.KnownAt)
		out = append(out, alias+".recordedAt <= "+at, "("+alias+".retractedAt IS NULL OR "+alias+".retractedAt > "+at+")")
	}
	if l.MaxTlp != 0 {
		out = append(out, alias+".tlp <= "+c.once("max tlp", l.MaxTlp))
	}
	if len(l.Compartments) == 0 {
		return append(out, alias+".compartments IS NULL")
	}
	held := c.name("h")
	return append(out, "all("+held+" IN coalesce("+alias+".compartments, []) WHERE "+held+" IN "+c.once("compartments", l.Compartments)+")")
}

// Bounds that stand for a missing date of validity.
const openStart, openEnd = "-1000000000", "1000000000"

// evidence lists the part of the lens that applies to statements.
func (c *compiler) evidence(a string) []string {
	l := c.lens.Evidence
	var out []string
	compare := func(meaning, expression, sign string, v any) {
		out = append(out, expression+sign+c.once(meaning, v))
	}
	starts, ends := "coalesce("+a+".validFrom, "+openStart+")", "coalesce("+a+".validTo, "+openEnd+")"
	if l.AsOf != nil {
		compare("as of, last", starts, " <= ", l.AsOf.Ceiling())
		compare("as of, first", ends, " >= ", l.AsOf.Floor())
	}
	if l.DuringFrom != nil {
		compare("during, first", ends, " >= ", *l.DuringFrom)
	}
	if l.DuringTo != nil {
		compare("during, last", starts, " <= ", *l.DuringTo)
	}
	if l.Dated {
		out = append(out, "("+a+".validFrom IS NOT NULL OR "+a+".validTo IS NOT NULL)")
	}
	if l.MinReliability != 0 {
		compare("reliability", a+".reliability", " <= ", l.MinReliability)
	}
	if l.MinCredibility != 0 {
		compare("credibility", a+".credibility", " <= ", l.MinCredibility)
	}
	if l.MinConfidence != nil {
		compare("confidence", "coalesce("+a+".confidence, -1)", " >= ", *l.MinConfidence)
	}
	if len(l.Stances) > 0 {
		compare("stances", a+".stance", " IN ", l.Stances)
	}
	if len(l.Modalities) > 0 {
		compare("modalities", a+".modality", " IN ", l.Modalities)
	}
	if l.Sources != nil {
		compare("sources", a+".source", " IN ", l.Sources)
	}
	if len(l.ExcludeSources) > 0 {
		out = append(out, "NOT coalesce("+a+".source, '') IN "+c.once("excluded", l.ExcludeSources))
	}
	return out
}

// ---- filters

// filter writes a condition on the record behind the alias; it may come out as null, which counts as false.
func (c *compiler) filter(f plan.Filter, alias string) string {
	switch {
	case f.All != nil:
		return both(c.parts(*f.All, alias))
	case f.Any != nil:
		return either(c.parts(*f.Any, alias))
	case f.Not != nil:
		return "NOT coalesce(" + c.filter(*f.Not, alias) + ", false)"
	case f.Test != nil:
		return c.test(*f.Test, alias)
	default:
		return c.some(*f.Some, alias)
	}
}

func (c *compiler) parts(parts []plan.Filter, alias string) []string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = c.filter(p, alias)
	}
	return texts
}

func both(parts []string) string {
	if len(parts) == 0 {
		return "true"
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// either writes that one of some conditions holds. The server turns what is written with OR into a conjunction before it plans, and takes
// seconds for one over longer conditions; a CASE it leaves alone.
func either(parts []string) string {
	switch len(parts) {
	case 0:
		return "false"
	case 1:
		return parts[0]
	}
	return "CASE WHEN " + strings.Join(parts, " THEN true WHEN ") + " THEN true ELSE false END"
}

func (c *compiler) test(t plan.Test, alias string) string {
	held := property(alias, t.Property)
	match := held
	argument := func() string {
		if s, text := t.Values[0].(string); text && t.Property.Text {
			return c.value(ontology.Fold(s))
		}
		return c.value(t.Values[0])
	}
	if t.Property.Text {
		match = alias + "." + quote(t.Property.Name+foldedSuffix)
	}
	switch t.Operator {
	case plan.IsNull:
		return held + " IS NULL"
	case plan.IsEmpty:
		return held + " IS NULL" // empty lists are not kept
	case plan.In:
		return held + " IN " + c.value(t.Values)
	case plan.Between:
		return "(" + c.compared(held, ">=", t.Values[0]) + " AND " + c.compared(held, "<=", t.Values[1]) + ")"
	case plan.Contains:
		return match + " CONTAINS " + argument()
	case plan.StartsWith:
		return match + " STARTS WITH " + argument()
	case plan.Includes:
		return argument() + " IN " + match
	case plan.Equal:
		return held + " = " + c.value(t.Values[0])
	default:
		return c.compared(held, map[plan.Operator]string{
			plan.Less: "<", plan.LessOrEqual: "<=", plan.Greater: ">", plan.GreaterOrEqual: ">=",
		}[t.Operator], t.Values[0])
	}
}

func (c *compiler) some(s plan.Some, alias string) string {
	edge, node := c.name("e"), c.name("n")
	var b strings.Builder
	b.WriteString("EXISTS { " + c.match(s.Via, alias, edge, node, s.Via.Target))
	conditions := c.visible(node, s.Via.Target)
	if !s.Via.Relation.Structural {
		conditions = append(conditions, c.visibleClaim(edge)...)
		if s.Claim != nil {
			conditions = append(conditions, c.filter(*s.Claim, edge))
		}
	}
	if s.Node != nil {
		conditions = append(conditions, c.filter(*s.Node, node))
	}
	where(&b, conditions)
	b.WriteString(" }")
	return b.String()
}

// ---- the other roots

func (c *compiler) lookup(b *strings.Builder, l *plan.Lookup) string {
	asked, node, one, all := c.name("i"), c.name("n"), c.name("o"), c.name("r")
	b.WriteString("CALL (before) { UNWIND " + c.value(l.IDs) + " AS " + asked + "\nCALL (" + asked + ") { " + byID(node, asked))
	where(b, append(c.ofKind(node, l.Node.Kind), c.visible(node, l.Node.Kind)...))
	b.WriteString("\n")
	c.single(b, l.Node, node, one)
	// A list around each, because collect leaves out what is null.
	b.WriteString("RETURN collect([" + one + "]) AS " + all + " }\n")
	return "[o IN " + all + " | o[0]]"
}
