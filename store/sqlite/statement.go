package sqlite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// Statement is one SQL statement that answers a plan with one row, and the values of its parameters. Of a page and a search the
// row holds total and rows, of the others the whole answer, rows and answer as JSON.
type Statement struct {
	SQL  string
	Args []any
}

// Compile turns a plan into one statement: a nest of correlated subqueries, each of which writes one level as JSON text. The text
// is put together by concat: SQLite forgets that the result of a subquery is JSON, and its json functions would quote or parse
// every level again.
// Identifiers come from the ontology, values are parameters; two plans that differ in values only have the same text.
func (s *Store) Compile(p plan.Plan) Statement {
	c := &compiler{codes: s.codes, model: s.model, lens: p.Lens}
	c.stanceAsserts = s.model.Claim.Property("stance").Enum.Rank("ASSERTS")
	c.text("SELECT ")
	switch {
	case p.Page != nil:
		c.total(p.Page, "")
		c.text(", ")
		c.rows(p.Page, "")
	case p.Lookup != nil:
		c.lookup(p.Lookup)
	}
	return Statement{SQL: c.b.String(), Args: c.args}
}

type compiler struct {
	b     strings.Builder
	args  []any
	codes codes
	model *ontology.Model
	lens  plan.Lens
	last  int

	stanceAsserts int64
}

func (c *compiler) text(parts ...string) {
	for _, p := range parts {
		c.b.WriteString(p)
	}
}

// value writes a parameter.
func (c *compiler) value(v any) {
	c.b.WriteByte('?')
	c.args = append(c.args, v)
}

// list writes a parameter that holds a JSON array, to be read by json_each.
func (c *compiler) list(values any) {
	c.text("(SELECT value FROM json_each(")
	encoded, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("sqlite: plan value %v: %v", values, err)) // a plan holds nothing but nil, text and finite numbers
	}
	c.value(string(encoded))
	c.text("))")
}

// alias makes a name that is new in the statement.
func (c *compiler) alias(prefix string) string {
	c.last++
	return prefix + strconv.Itoa(c.last)
}

func (c *compiler) numbers(kinds []*ontology.Kind) string {
	parts := make([]string, len(kinds))
	for i, k := range kinds {
		parts[i] = strconv.FormatInt(c.codes.kinds[k.Name], 10)
	}
	return strings.Join(parts, ", ")
}

// ---- levels

// total writes the number of nodes of a page. from is the alias of the node around, empty at the root.
func (c *compiler) total(p *plan.Page, from string) {
	if !p.Total {
		c.text("'null'")
		return
	}
	c.text("(SELECT count(*) FROM (")
	c.source(p, from, c.alias("e"), c.alias("n"), func(string, string) { c.text("1") }, true)
	c.text("))")
}

// rows writes the JSON of the rows of a page.
func (c *compiler) rows(p *plan.Page, from string) {
	if p.Rows {
		edge, node, row := c.alias("e"), c.alias("n"), c.alias("p")
		c.text("(SELECT ", listStart, "'[', ")
		c.row(row, p.Node)
		if p.Edge != nil || p.Keys {
			c.text(", ',', ")
			c.edge(p, from, row)
		}
		if p.Keys {
			c.text(", ',', ")
			c.keys(p, row)
		}
		c.text(", ']'", listEnd, " FROM (")
		c.source(p, from, edge, node, func(edge, node string) { c.carried(p, edge, node) }, false)
		c.text(" ORDER BY ")
		c.order(p.Order, node)
		c.text(" LIMIT ")
		c.value(int64(p.First + 1))
		c.text(") ", row, ")")
	} else {
		c.text("'null'")
	}
}

// listStart and listEnd write a JSON list of all rows around the arguments of concat that write one element.
const (
	listStart = "concat('[', group_concat(concat("
	listEnd   = "), ','), ']')"
)

// source writes SELECT … FROM … WHERE … of a level: its nodes, each once. Keyset conditions are left out of a count.
func (c *compiler) source(p *plan.Page, from, edge, node string, selected func(edge, node string), count bool) {
	c.text("SELECT ")
	selected(edge, node)
	far := c.join(p.Via, from, edge, node)
	c.visible(node, p.Node.Kind)
	if p.Via != nil && !p.Via.Relation.Structural {
		c.visibleClaim(edge)
		if p.Claim != nil {
			c.text(" AND ")
			c.filter(*p.Claim, edge)
		}
	}
	if p.Where != nil {
		c.text(" AND ")
		c.filter(*p.Where, node)
	}
	seen := false
	for _, o := range p.Order {
		seen = seen || o.Seen != ""
	}
	after := !count && p.After != nil
	if after && !seen {
		c.text(" AND ")
		c.after(p, node)
	}
	if p.Via != nil {
		// The index delivers edges in the order of their far end, so grouping costs no sort.
		c.text(" GROUP BY ", edge, ".", far)
	}
	if after && seen {
		c.text(" HAVING ")
		c.after(p, node)
	}
}

// join writes FROM and the start of WHERE of a level, and returns the edge column of the far end.
func (c *compiler) join(via *ontology.Link, from, edge, node string) (far string) {
	if via == nil {
		c.text(" FROM node ", node, " WHERE 1")
		return ""
	}
	near, far := ends(via)
	c.text(" FROM edge ", edge, " CROSS JOIN node ", node, " ON ", node, ".key_ = ", edge, ".", far,
		" WHERE ", edge, ".", near, " = ", from, ".key_ AND ", edge, ".relation_ = ", strconv.FormatInt(c.codes.relations[via.Relation.Name], 10))
	return far
}

func ends(via *ontology.Link) (near, far string) {
	if via.Direction == ontology.In {
		return "dst_", "src_"
	}
	return "src_", "dst_" // a symmetric claim stands in the table from both ends
}

// carried writes the columns that a level hands to what stands around it.
func (c *compiler) carried(p *plan.Page, edge, node string) {
	c.text(node, ".key_")
	need := map[string]bool{}
	add := func(name string) {
		if !need[name] {
			need[name] = true
			c.text(", ", node, ".", quote(name))
		}
	}
	c.needs(p.Node, add)
	if p.Keys {
		for _, o := range p.Order {
			if o.Property != nil {
				add(o.Property.Name)
			}
		}
	}
	for _, v := range derivedFrom(p) {
		c.text(", ")
		c.derived(v, edge)
		c.text(" AS ", string(v), "_")
	}
}

func (c *compiler) needs(n plan.Node, add func(name string)) {
	for _, col := range n.Columns {
		switch {
		case col.Property != nil:
			add(col.Property.Name)
		case col.Reference != nil:
			add(col.Reference.Property.Name)
		case col.Name, len(col.Only) > 0:
			add("kind_")
		}
	}
}

// derivedFrom lists the values of a bundle that a page reads or orders by.
func derivedFrom(p *plan.Page) []plan.EdgeValue {
	var out []plan.EdgeValue
	add := func(v plan.EdgeValue) {
		for _, known := range out {
			if known == v {
				return
			}
		}
		out = append(out, v)
	}
	if p.Edge != nil {
		for _, col := range p.Edge.Columns {
			if col.Claims == nil {
				add(col.Value)
			}
		}
	}
	for _, o := range p.Order {
		if o.Seen != "" {
			add(o.Seen)
		}
	}
	return out
}

// derived writes the aggregate over the claims of a bundle.
func (c *compiler) derived(v plan.EdgeValue, edge string) {
	asserts := edge + ".stance = " + strconv.FormatInt(c.stanceAsserts, 10)
	switch v {
	case plan.Disputed:
		c.text("min(", edge, ".stance) <> max(", edge, ".stance)")
	case plan.Denied:
		c.text("max(", asserts, ") = 0")
	case plan.FirstSeen:
		c.text("min(CASE WHEN ", asserts, " THEN ", edge, ".validFrom END)")
	case plan.LastSeen:
		c.text("max(CASE WHEN ", asserts, " THEN ifnull(", edge, ".validTo, ", edge, ".validFrom) END)")
	case plan.ClaimCount:
		c.text("count(*)")
	}
}

// edge writes the JSON of a bundle of claims.
func (c *compiler) edge(p *plan.Page, from, row string) {
	if p.Edge == nil {
		c.text("'null'")
		return
	}
	c.text("concat('['")
	defer c.text(", ']')")
	for i, col := range p.Edge.Columns {
		c.separate(i)
		if col.Claims == nil {
			c.text("ifnull(", row, ".", string(col.Value), "_, 'null')")
			continue
		}
		near, far := ends(p.Via)
		claim, one := c.alias("e"), c.alias("q")
		c.text("(SELECT ", listStart)
		c.row(one, col.Claims.Node)
		c.text(listEnd, " FROM (SELECT ", claim, ".* FROM edge ", claim, " WHERE ", claim, ".", near, " = ", from, ".key_ AND ",
			claim, ".relation_ = ", strconv.FormatInt(c.codes.relations[p.Via.Relation.Name], 10), " AND ", claim, ".", far, " = ", row, ".key_")
		c.visibleClaim(claim)
		if p.Claim != nil {
			c.text(" AND ")
			c.filter(*p.Claim, claim)
		}
		c.text(" ORDER BY ", claim, ".id LIMIT ")
		c.value(int64(col.Claims.First + 1))
		c.text(") ", one, ")")
	}
}

// separate writes what parts the arguments of concat for the elements of a JSON array.
func (c *compiler) separate(i int) {
	if i > 0 {
		c.text(", ','")
	}
	c.text(", ")
}

func (c *compiler) keys(p *plan.Page, row string) {
	c.text("concat('['")
	for i, o := range p.Order {
		c.separate(i)
		if o.Seen != "" {
			c.text("ifnull(", row, ".", string(o.Seen), "_, 'null')")
		} else {
			c.text("json_quote(", row, ".", column(o.Property), ")")
		}
	}
	c.text(", ']')")
}

// row writes the JSON of a node or claim.
func (c *compiler) row(alias string, n plan.Node) {
	c.text("concat('['")
	for i, col := range n.Columns {
		c.separate(i)
		c.column(alias, n.Kind, col)
	}
	c.text(", ']')")
}

func (c *compiler) column(alias string, kind *ontology.Kind, col plan.Column) {
	if len(col.Only) > 0 {
		c.text("CASE WHEN ", alias, ".kind_ IN (", c.numbers(col.Only), ") THEN ")
		defer c.text(" ELSE 'null' END")
	}
	switch {
	case col.Name:
		c.text("CASE ", alias, ".kind_")
		for _, k := range kind.Members {
			c.text(" WHEN ", strconv.FormatInt(c.codes.kinds[k.Name], 10), " THEN ", literal(strconv.Quote(k.Name)))
		}
		c.text(" END")
	case col.Property != nil:
		c.scalar(alias, kind, col.Property)
	case col.Reference != nil:
		node := c.alias("n")
		c.text("ifnull((SELECT ")
		c.row(node, col.Reference.Node)
		c.text(" FROM node ", node, " WHERE ", node, ".key_ = ", alias, ".", column(col.Reference.Property))
		c.visible(node, col.Reference.Node.Kind)
		c.text("), 'null')")
	case col.One != nil:
		edge, node := c.alias("e"), c.alias("n")
		c.text("ifnull((SELECT ")
		c.row(node, col.One.Node)
		c.join(col.One.Via, alias, edge, node)
		c.visible(node, col.One.Node.Kind)
		c.text(" ORDER BY ", node, ".id LIMIT 1), 'null')")
	case col.Page != nil:
		c.text("concat('[', ")
		c.total(col.Page, alias)
		c.text(", ',', ")
		c.rows(col.Page, alias)
		c.text(", ']')")
	}
}

// scalar writes the JSON of a value of the record.
func (c *compiler) scalar(alias string, kind *ontology.Kind, p *ontology.Property) {
	col := alias + "." + column(p)
	switch {
	case p.Type == ontology.ID && kind.Name == c.model.Claim.Name:
		c.text("concat('\"', lower(hex(", alias, ".id)), '\"')")
	case p.Type == ontology.Reference:
		c.text("ifnull((SELECT json_quote(r.id) FROM node r WHERE r.key_ = ", col, "), 'null')")
	case p.List || columnType(p) == "INTEGER":
		c.text("ifnull(", col, ", 'null')") // lists are kept as JSON
	default:
		c.text("json_quote(", col, ")")
	}
}

// ---- order

func (c *compiler) term(o plan.Order, node string) string {
	if o.Seen != "" {
		return string(o.Seen) + "_"
	}
	return node + "." + column(o.Property)
}

// nullable says whether a key can be missing.
func nullable(o plan.Order) bool { return o.Seen != "" || !o.Property.Required }

func (c *compiler) order(order []plan.Order, node string) {
	for i, o := range order {
		if i > 0 {
			c.text(", ")
		}
		term := c.term(o, node)
		if nullable(o) {
			c.text(term, " IS NULL, ")
		}
		c.text(term)
		if o.Descending {
			c.text(" DESC")
		}
	}
}

// after writes the condition that a row comes behind the last one seen.
func (c *compiler) after(p *plan.Page, node string) {
	if len(p.Order) == 2 && p.Order[0].Property != nil && p.Order[0].Property.Required && !p.Order[0].Descending && !p.Order[1].Descending {
		// A row value is what lets SQLite enter the index at the place itself.
		c.text("(", c.term(p.Order[0], node), ", ", c.term(p.Order[1], node), ") > (")
		c.value(p.After[0])
		c.text(", ")
		c.value(p.After[1])
		c.text(")")
		return
	}
	c.text("(0")
	for i, o := range p.Order {
		if p.After[i] == nil {
			continue // nothing comes behind a missing key but a later one in the order
		}
		c.text(" OR (")
		for j, equal := range p.Order[:i] {
			if p.After[j] == nil {
				c.text(c.term(equal, node), " IS NULL")
			} else {
				c.text(c.term(equal, node), " = ")
				c.value(p.After[j])
			}
			c.text(" AND ")
		}
		term, sign := c.term(o, node), " > "
		if o.Descending {
			sign = " < "
		}
		c.text("(", term, sign)
		c.value(p.After[i])
		if nullable(o) {
			c.text(" OR ", term, " IS NULL")
		}
		c.text("))")
	}
	c.text(")")
}

// ---- visibility

// visible writes that the node is of the kind and passes the lens.
func (c *compiler) visible(node string, kind *ontology.Kind) {
	if kind.Abstract() {
		c.text(" AND ", node, ".kind_ IN (", c.numbers(kind.Members), ")")
	} else {
		c.text(" AND ", node, ".kind_ = ", c.numbers(kind.Members))
	}
	c.record(node)
	var statements []*ontology.Kind
	for _, k := range kind.Members {
		if k.Statement {
			statements = append(statements, k)
		}
	}
	switch {
	case len(statements) == len(kind.Members):
		c.evidence(node, " AND ")
	case len(statements) > 0 && c.hasEvidence():
		c.text(" AND (", node, ".kind_ NOT IN (", c.numbers(statements), ") OR (1")
		c.evidence(node, " AND ")
		c.text("))")
	}
}

// visibleClaim writes that the claim passes the lens.
func (c *compiler) visibleClaim(edge string) {
	c.record(edge)
	c.evidence(edge, " AND ")
}

// record writes the part of the lens that applies to every record.
func (c *compiler) record(alias string) {
	l := c.lens.Record
	if l.All {
		return
	}
	if l.KnownAt == nil {
		c.text(" AND ", alias, ".retractedAt IS NULL")
	} else {
		c.text(" AND ", alias, ".recordedAt <= ")
		c.value(*l.KnownAt)
		c.text(" AND (", alias, ".retractedAt IS NULL OR ", alias, ".retractedAt > ")
		c.value(*l.KnownAt)
		c.text(")")
	}
	if l.MaxTlp != 0 {
		c.text(" AND ", alias, ".tlp <= ")
		c.value(l.MaxTlp)
	}
	if len(l.Compartments) == 0 {
		c.text(" AND ifnull(", alias, ".compartments, '[]') = '[]'")
	} else {
		held := c.alias("h")
		c.text(" AND NOT EXISTS (SELECT 1 FROM json_each(", alias, ".compartments) ", held, " WHERE ", held, ".value NOT IN ")
		c.list(l.Compartments)
		c.text(")")
	}
}

func (c *compiler) hasEvidence() bool {
	probe := &compiler{codes: c.codes, model: c.model, lens: c.lens}
	probe.evidence("x", "")
	return probe.b.Len() > 0
}

// evidence writes the part of the lens that applies to statements; the bounds stand for a missing date of validity.
func (c *compiler) evidence(a, and string) {
	const open, end = "-1000000000", "1000000000"
	l := c.lens.Evidence
	compare := func(expression, sign string, v any) {
		c.text(and, expression, sign)
		c.value(v)
	}
	starts, ends := "ifnull("+a+".validFrom, "+open+")", "ifnull("+a+".validTo, "+end+")"
	if l.AsOf != nil {
		compare(starts, " <= ", l.AsOf.Ceiling())
		compare(ends, " >= ", l.AsOf.Floor())
	}
	if l.DuringFrom != nil {
		compare(ends, " >= ", *l.DuringFrom)
	}
	if l.DuringTo != nil {
		compare(starts, " <= ", *l.DuringTo)
	}
	if l.Dated {
		c.text(and, "(", a, ".validFrom IS NOT NULL OR ", a, ".validTo IS NOT NULL)")
	}
	if l.MinReliability != 0 {
		compare(a+".reliability", " <= ", l.MinReliability)
	}
	if l.MinCredibility != 0 {
		compare(a+".credibility", " <= ", l.MinCredibility)
	}
	if l.MinConfidence != nil {
		compare("ifnull("+a+".confidence, -1)", " >= ", *l.MinConfidence)
	}
	within := func(expression, in string, values any) {
		c.text(and, expression, in)
		c.list(values)
	}
	if len(l.Stances) > 0 {
		within(a+".stance", " IN ", l.Stances)
	}
	if len(l.Modalities) > 0 {
		within(a+".modality", " IN ", l.Modalities)
	}
	if l.Sources != nil {
		c.text(and, a, ".source IN (SELECT key_ FROM node WHERE id IN ")
		c.list(l.Sources)
		c.text(")")
	}
	if len(l.ExcludeSources) > 0 {
		c.text(and, "ifnull(", a, ".source, 0) NOT IN (SELECT key_ FROM node WHERE id IN ")
		c.list(l.ExcludeSources)
		c.text(")")
	}
}

// ---- filters

// filter writes a condition on the record behind the alias; it may come out as null, which counts as false.
func (c *compiler) filter(f plan.Filter, alias string) {
	switch {
	case f.All != nil:
		c.parts(*f.All, alias, " AND ", "1")
	case f.Any != nil:
		c.parts(*f.Any, alias, " OR ", "0")
	case f.Not != nil:
		c.text("NOT ifnull(")
		c.filter(*f.Not, alias)
		c.text(", 0)")
	case f.Test != nil:
		c.test(*f.Test, alias)
	case f.Some != nil:
		c.some(*f.Some, alias)
	}
}

func (c *compiler) parts(parts []plan.Filter, alias, glue, empty string) {
	c.text("(", empty)
	for _, p := range parts {
		c.text(glue)
		c.filter(p, alias)
	}
	c.text(")")
}

func (c *compiler) test(t plan.Test, alias string) {
	p := t.Property
	col := alias + "." + column(p)
	if p.Type == ontology.ID && alias[0] == 'e' {
		col = "lower(hex(" + alias + ".id))"
	}
	match := col
	if p.Text {
		match = alias + "." + folded(p)
	}
	argument := func(i int) any {
		if s, text := t.Values[i].(string); text && p.Text {
			return ontology.Fold(s)
		}
		return t.Values[i]
	}
	switch t.Operator {
	case plan.IsNull:
		c.text(col, " IS NULL")
	case plan.IsEmpty:
		c.text("ifnull(", col, ", '[]') = '[]'")
	case plan.In:
		c.text(col, " IN ")
		c.list(t.Values)
	case plan.Between:
		c.text(col, " BETWEEN ")
		c.value(t.Values[0])
		c.text(" AND ")
		c.value(t.Values[1])
	case plan.Contains:
		c.text("instr(", match, ", ")
		c.value(argument(0))
		c.text(") > 0")
	case plan.StartsWith:
		c.text("substr(", match, ", 1, length(")
		c.value(argument(0))
		c.text(")) = ")
		c.value(argument(0))
	case plan.Includes:
		each := c.alias("h")
		c.text("EXISTS (SELECT 1 FROM json_each(", match, ") ", each, " WHERE ", each, ".value = ")
		c.value(argument(0))
		c.text(")")
	default:
		c.text(col, map[plan.Operator]string{
			plan.Equal: " = ", plan.Less: " < ", plan.LessOrEqual: " <= ", plan.Greater: " > ", plan.GreaterOrEqual: " >= ",
		}[t.Operator])
		c.value(t.Values[0])
	}
}

func (c *compiler) some(s plan.Some, alias string) {
	edge, node := c.alias("e"), c.alias("n")
	c.text("EXISTS (SELECT 1")
	c.join(s.Via, alias, edge, node)
	c.visible(node, s.Via.Target)
	if !s.Via.Relation.Structural {
		c.visibleClaim(edge)
		if s.Claim != nil {
			c.text(" AND ")
			c.filter(*s.Claim, edge)
		}
	}
	if s.Node != nil {
		c.text(" AND ")
		c.filter(*s.Node, node)
	}
	c.text(")")
}

// ---- the other roots

func (c *compiler) lookup(l *plan.Lookup) {
	node, row, asked := c.alias("n"), c.alias("p"), c.alias("q")
	c.text("(SELECT ", listStart, "ifnull((SELECT ")
	c.row(row, l.Node)
	c.text(" FROM (SELECT ", node, ".* FROM node ", node, " WHERE ", node, ".id = ", asked, ".value")
	c.visible(node, l.Node.Kind)
	c.text(") ", row, "), 'null')", listEnd, " FROM (SELECT value FROM json_each(")
	encoded, err := json.Marshal(l.IDs)
	if err != nil {
		panic(fmt.Sprintf("sqlite: ids %v: %v", l.IDs, err)) // text always encodes
	}
	c.value(string(encoded))
	c.text(") ORDER BY key) ", asked, ")")
}

func (c *compiler) structural() string {
	return c.relations(func(r *ontology.Relation) bool { return r.Structural })
}

// declared are the relations that records of some kind declare in a direction.
func (c *compiler) declared(d ontology.Direction) string {
	return c.relations(func(r *ontology.Relation) bool {
		return slices.ContainsFunc(c.model.Kinds, func(k *ontology.Kind) bool { return k.Declared(r, d) != nil })
	})
}

// relations lists the codes of some relations; where there are none, one that no relation has.
func (c *compiler) relations(some func(*ontology.Relation) bool) string {
	var parts []string
	for _, r := range c.model.Relations {
		if some(r) {
			parts = append(parts, strconv.FormatInt(c.codes.relations[r.Name], 10))
		}
	}
	if len(parts) == 0 {
		return "-1"
	}
	return strings.Join(parts, ", ")
}
