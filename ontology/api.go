package ontology

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// API derives the schema of the API, in GraphQL's schema language: the types and operations of the ontology, with
// connections for links to many and for the root fields of every node kind, and with the filters and orders they take.
// The same model always gives the same text.
func (m *Model) API() string {
	a := derivation{model: m, document: &ast.SchemaDocument{}}
	a.declared()
	a.uses()
	a.vocabularies()
	for _, k := range slices.Concat(m.Kinds, m.Interfaces) {
		a.pages(k)
		a.where(k)
		a.linkFilters(k)
		a.orders(k)
	}
	a.where(m.Claim)
	a.valueFilters()
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchemaDocument(a.document)
	return b.String()
}

// OrderField is the name by which orders know a property: its name in upper snake case, one to one.
func OrderField(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// What every argument, filter and page of its kind means.
const (
	lensDoc    = "Through whose eyes the graph is read. Left out: all that the caller may see."
	claimDoc   = "Only claims that pass; a neighbour whose claims all fail is left out."
	firstDoc   = "How many at most, 1 to 100."
	afterDoc   = "A cursor of this very list: what comes after it."
	existsDoc  = "Holds where there is one, and it passes. "
	linkDoc    = "What the nodes at the other end must be. "
	missingDoc = "A comparison with a missing value is false, and its negation by `not` true."
	emptyDoc   = "Whether there is no value."
	allDoc     = "Parts that are left out let everything pass; all parts given must hold."
)

type derivation struct {
	model    *Model
	document *ast.SchemaDocument

	// connection, related, listed and filtered are the kinds that need pages without and with claims, filters on
	// structural lists, and a filter of their own.
	connection, related, listed, filtered map[*Kind]bool
	// operands are the names of the filters on values that are used.
	operands map[string]bool
}

// declared takes over what the schema writes, without the directives of the ontology, and adds to Query the roots of every kind.
func (a *derivation) declared() {
	ours := map[string]bool{}
	for _, d := range a.model.document.Directives {
		ours[d.Name] = true
	}
	kept := func(list ast.DirectiveList) ast.DirectiveList {
		var out ast.DirectiveList
		for _, d := range list {
			if !ours[d.Name] {
				out = append(out, d)
			}
		}
		return out
	}
	for _, def := range a.model.document.Definitions {
		if def.Name == "Direction" {
			continue
		}
		out := *def
		out.Directives = kept(def.Directives)
		out.Fields = nil
		k := a.model.kinds[def.Name]
		for _, f := range def.Fields {
			field := *f
			field.Directives = kept(f.Directives)
			field.Arguments = nil
			for _, arg := range f.Arguments {
				copied := *arg
				if copied.Description == "" && arg.Type.Name() == "Lens" {
					copied.Description = lensDoc
				}
				field.Arguments = append(field.Arguments, &copied)
			}
			if k != nil && k.links[f.Name] != nil && k.links[f.Name].Many {
				connect(&field, k.links[f.Name])
			}
			out.Fields = append(out.Fields, &field)
		}
		if out.Name == "Query" {
			for _, kind := range a.model.Kinds {
				out.Fields = append(out.Fields, roots(kind)...)
			}
		}
		a.document.Definitions = append(a.document.Definitions, &out)
	}
}

// connect turns the field of a link to many into a connection.
func connect(field *ast.FieldDefinition, link *Link) {
	target, prefix := link.Target.Name, ""
	field.Arguments = ast.ArgumentDefinitionList{arg("where", target+"Where", "Only nodes that pass.")}
	if !link.Relation.Structural {
		prefix = "Related"
		field.Arguments = append(field.Arguments, arg("claim", "ClaimWhere", claimDoc))
	}
	field.Arguments = append(field.Arguments, paging(link.Target, prefix, "10")...)
	field.Type = typeOf(prefix + target + "Connection!")
}

// roots are the fields that list a kind and read one record of it.
func roots(k *Kind) ast.FieldList {
	list := field(k.Plural, k.Name+"Connection!", "Records of the kind `"+k.Name+"`. "+k.Description)
	list.Arguments = append(list.Arguments, arg("where", k.Name+"Where", "Only records that pass."))
	list.Arguments = append(list.Arguments, paging(k, "", "25")...)
	list.Arguments = append(list.Arguments, arg("lens", "Lens", lensDoc))
	one := field(k.Singular, k.Name, "The `"+k.Name+"` with this id; null where there is none, or none that the lens lets through.")
	one.Arguments = ast.ArgumentDefinitionList{
		arg("id", "ID!", "Its id, which begins with `"+k.IDPrefix()+"`."),
		arg("lens", "Lens", lensDoc),
	}
	return ast.FieldList{list, one}
}

func paging(k *Kind, prefix, first string) ast.ArgumentDefinitionList {
	count := arg("first", "Int!", firstDoc)
	count.DefaultValue = &ast.Value{Kind: ast.IntValue, Raw: first}
	order := "Keys of the order, the first of them counts most; ties are broken by id, missing values come last. Left out: by `" +
		k.DefaultOrder().Name + "`."
	return ast.ArgumentDefinitionList{
		arg("orderBy", "["+prefix+k.Name+"Order!]", order), count, arg("after", "String", afterDoc),
	}
}

// uses finds which kinds are listed, filtered and ordered in which way.
func (a *derivation) uses() {
	a.connection, a.related, a.listed, a.filtered = map[*Kind]bool{}, map[*Kind]bool{}, map[*Kind]bool{}, map[*Kind]bool{}
	a.operands = map[string]bool{}
	for _, k := range a.model.Kinds {
		a.connection[k], a.filtered[k] = true, true
	}
	for _, k := range slices.Concat(a.model.Kinds, a.model.Interfaces) {
		for _, link := range k.Links {
			a.filtered[link.Target] = true
			switch {
			case link.Many && link.Relation.Structural:
				a.connection[link.Target], a.listed[link.Target] = true, true
			case link.Many:
				a.related[link.Target] = true
			}
		}
	}
}

// vocabularies adds what is derived from the kinds as a whole.
func (a *derivation) vocabularies() {
	a.enum("NodeKind", "The kinds of node.", func(yield func(name, doc string)) {
		for _, k := range a.model.Kinds {
			yield(k.Name, k.Description)
		}
	})
	a.enum("EntityKind", "The kinds of node that have a name and are found by `search`.", func(yield func(name, doc string)) {
		for _, k := range a.model.Kinds {
			if k.Entity {
				yield(k.Name, k.Description)
			}
		}
	})
	a.enum("RelationKind", "The relations.", func(yield func(name, doc string)) {
		for _, r := range a.model.Relations {
			yield(r.Name, a.meaning(r))
		}
	})
	var selected ast.FieldList
	for _, k := range a.model.Kinds {
		selected = append(selected, field(k.Singular, k.Name+"Where", "Records of the kind `"+k.Name+"` that pass; all of them where it is empty."))
	}
	a.add(ast.InputObject, "NodeSelection", "Which nodes are meant: of each kind that is named those that pass.", selected...)
	a.enum("SortDirection", "Which way an order runs. Missing values come last both ways.", func(yield func(name, doc string)) {
		yield("ASC", "The smallest first.")
		yield("DESC", "The largest first.")
	})
	a.add(ast.Object, "PageInfo", "Where a page lies in its list.",
		field("hasNextPage", "Boolean!", "Whether there is more after this page."),
		field("hasPreviousPage", "Boolean!", "Whether there is something before this page: true where `after` was given."),
		field("startCursor", "String", "The cursor of the first node; null on an empty page."),
		field("endCursor", "String", "The cursor of the last node, to ask for what comes after it; null on an empty page."),
	)
}

// meaning joins the descriptions of the fields that declare a relation, each once.
func (a *derivation) meaning(r *Relation) string {
	var out []string
	for _, k := range a.model.Kinds {
		for _, l := range k.Links {
			if l.Relation == r && l.Direction != In && !slices.Contains(out, l.Description) {
				out = append(out, l.Description)
			}
		}
	}
	return strings.Join(out, " ")
}

// pages adds the connections to a kind and their edges.
func (a *derivation) pages(k *Kind) {
	if a.connection[k] {
		a.page(k, "", "A page of `"+k.Name+"` records.", "One record of a page.")
	}
	if a.related[k] {
		a.page(k, "Related", "A page of `"+k.Name+"` records that claims lead to; several claims on one of them make one edge.",
			"One neighbour, with the claims that lead to it.",
			&ast.FieldDefinition{
				Name: "claims", Type: typeOf("[Claim!]!"), Description: "What the sources say, by id.",
				Arguments: ast.ArgumentDefinitionList{{
					Name: "first", Type: typeOf("Int!"), Description: firstDoc + " `claimCount` says how many there are.",
					DefaultValue: &ast.Value{Kind: ast.IntValue, Raw: "10"},
				}},
			},
			field("claimCount", "Int!", "How many claims lead to it."),
			field("disputed", "Boolean!", "Whether some claims assert it and others deny it, of those that the lens and `claim` let through."),
			field("denied", "Boolean!", "Whether no claim asserts it: all that is said of it is that it is not so."),
			field("firstSeen", "Date", "The earliest `validFrom` of the claims that assert it; null where none has one."),
			field("lastSeen", "Date", "The latest `validTo`, or `validFrom` where that is open, of the claims that assert it; null where none has one."),
		)
	}
}

func (a *derivation) page(k *Kind, prefix, doc, edgeDoc string, claims ...*ast.FieldDefinition) {
	a.add(ast.Object, prefix+k.Name+"Connection", doc,
		field("edges", "["+prefix+k.Name+"Edge!]!", "The page, with a cursor each."),
		field("nodes", "["+k.Name+"!]!", "The page without its edges."),
		field("pageInfo", "PageInfo!", "Where the page lies in the list."),
		field("totalCount", "Int!", "How many there are over all pages."),
	)
	a.add(ast.Object, prefix+k.Name+"Edge", edgeDoc, append(ast.FieldList{
		field("cursor", "String!", "Its place in the list, for `after`; opaque."),
		field("node", k.Name+"!", "The record."),
	}, claims...)...)
}

// where adds the filter of a kind.
func (a *derivation) where(k *Kind) {
	if !a.filtered[k] && k != a.model.Claim {
		return
	}
	name := k.Name + "Where"
	fields := ast.FieldList{
		field("and", "["+name+"!]", "All of these must hold."),
		field("or", "["+name+"!]", "At least one of these must hold; none does where the list is empty."),
		field("not", name, "This must not hold."),
		field("id", a.operand("IDFilter"), "Its id."),
	}
	for _, p := range k.Properties {
		if p.Index && p.Name != "id" {
			fields = append(fields, field(p.Name, a.operand(p.operand()), p.Description))
		}
	}
	for _, link := range k.Links {
		target := link.Target.Name
		switch {
		case link.Many && link.Relation.Structural:
			fields = append(fields, field(link.Name, target+"ListFilter", linkDoc+link.Description))
		case link.Many:
			fields = append(fields, field(link.Name, "Related"+target+"Filter", linkDoc+link.Description))
		default:
			fields = append(fields, field(link.Name, target+"Where", existsDoc+link.Description))
		}
	}
	a.add(ast.InputObject, name, "Which `"+k.Name+"` records are meant. "+allDoc, fields...)
}

// linkFilters adds the conditions on links that lead to many nodes of a kind.
func (a *derivation) linkFilters(k *Kind) {
	if a.listed[k] {
		a.add(ast.InputObject, k.Name+"ListFilter", "A condition on a list of `"+k.Name+"` records. "+allDoc,
			field("some", k.Name+"Where", "At least one of them passes."),
			field("none", k.Name+"Where", "None of them passes."),
		)
	}
	if a.related[k] {
		match := "Related" + k.Name + "Match"
		a.add(ast.InputObject, "Related"+k.Name+"Filter", "A condition on the `"+k.Name+"` records that claims lead to. "+allDoc,
			field("some", match, "At least one of them passes."),
			field("none", match, "None of them passes."),
		)
		a.add(ast.InputObject, match, "A neighbour and a claim that leads to it. "+allDoc,
			field("node", k.Name+"Where", "The neighbour passes."),
			field("claim", "ClaimWhere", "At least one claim that leads to it passes."),
		)
	}
}

// orders adds the keys by which lists of a kind can be ordered.
func (a *derivation) orders(k *Kind) {
	if a.connection[k] {
		a.order(k, "", func(func(name, doc string)) {})
	}
	if a.related[k] {
		a.order(k, "Related", func(yield func(name, doc string)) {
			yield("FIRST_SEEN", "By `firstSeen` of the edge.")
			yield("LAST_SEEN", "By `lastSeen` of the edge.")
		})
	}
}

func (a *derivation) order(k *Kind, prefix string, more func(func(name, doc string))) {
	name := prefix + k.Name + "Order"
	direction := field("direction", "SortDirection!", "Which way.")
	direction.DefaultValue = &ast.Value{Kind: ast.EnumValue, Raw: "ASC"}
	a.add(ast.InputObject, name, "One key of an order of `"+k.Name+"` records.",
		field("field", name+"Field!", "By what."), direction)
	a.enum(name+"Field", "By what `"+k.Name+"` records can be ordered: text by code point, vocabularies by their own order.",
		func(yield func(name, doc string)) {
			yield("ID", "By `id`.")
			for _, p := range k.Properties {
				if p.Index && !p.List && p.Name != "id" {
					yield(OrderField(p.Name), "By `"+p.Name+"`.")
				}
			}
			more(yield)
		})
}

// operand names the filter on values of the property's type.
func (p *Property) operand() string {
	switch {
	case p.List && p.Text:
		return "TextListFilter"
	case p.List:
		return "StringListFilter"
	case p.Text:
		return "TextFilter"
	case p.Type == Enumeration:
		return p.Enum.Name + "Filter"
	default:
		return string(p.Type) + "Filter"
	}
}

func (a *derivation) operand(name string) string {
	a.operands[name] = true
	return name
}

// valueFilters adds the filters on values that some kind uses.
func (a *derivation) valueFilters() {
	const (
		foldedDoc    = " `contains` and `startsWith` compare folded: case, diacritics and script do not matter. The others compare as it is written, by code point."
		codePointDoc = " Compared as it is written, by code point."
		dateDoc      = " A month or a year is the interval of its days, in the operand and in the record."
	)
	text := []string{"eq", "in", "contains", "startsWith", "gt", "gte", "lt", "lte", "isNull"}
	number := []string{"eq", "in", "gt", "gte", "lt", "lte", "isNull"}
	a.valueFilter("IDFilter", "ID", "A condition on an id.", "eq", "in", "startsWith")
	a.valueFilter("TextFilter", "String", "A condition on a text whose words are searched."+foldedDoc, text...)
	a.valueFilter("StringFilter", "String", "A condition on a text."+codePointDoc, text...)
	a.valueFilter("TextListFilter", "String", "A condition on a list of texts whose words are searched; they compare folded: case, diacritics and script do not matter.",
		"includes", "isEmpty")
	a.valueFilter("StringListFilter", "String", "A condition on a list of texts."+codePointDoc, "includes", "isEmpty")
	a.valueFilter("IntFilter", "Int", "A condition on a whole number.", number...)
	a.valueFilter("FloatFilter", "Float", "A condition on a number.", number...)
	a.valueFilter("BooleanFilter", "Boolean", "A condition on a truth value.", "eq", "isNull")
	a.valueFilter("DateFilter", "Date", "A condition on a date."+dateDoc, "eq", "gt", "gte", "lt", "lte", "isNull")
	a.valueFilter("CountryCodeFilter", "CountryCode", "A condition on a country code.", "eq", "in", "isNull")
	for _, e := range a.model.Enums {
		a.valueFilter(e.Name+"Filter", e.Name, "A condition on a value of `"+e.Name+"`.", "eq", "in", "isNull")
	}
}

// operatorDocs says what an operator means; dateOperatorDocs what it means for dates.
var (
	operatorDocs = map[string]string{
		"eq":         "Is the operand.",
		"in":         "Is one of these; an empty list lets nothing pass.",
		"contains":   "Has the operand within it.",
		"startsWith": "Begins with the operand.",
		"gt":         "Is greater than the operand.",
		"gte":        "Is the operand or greater.",
		"lt":         "Is less than the operand.",
		"lte":        "Is the operand or less.",
		"isNull":     emptyDoc,
		"includes":   "Holds the operand.",
		"isEmpty":    "Whether the list is empty.",
	}
	dateOperatorDocs = map[string]string{
		"eq":     "Lies within the operand: `2023` holds for 2023-11-05.",
		"gt":     "Begins after the operand's last day.",
		"gte":    "Does not begin before the operand's first day.",
		"lt":     "Ends before the operand's first day.",
		"lte":    "Does not end after the operand's last day.",
		"isNull": emptyDoc,
	}
)

func (a *derivation) valueFilter(name, operand, doc string, operators ...string) {
	if !a.operands[name] {
		return
	}
	docs := operatorDocs
	if name == "DateFilter" {
		docs = dateOperatorDocs
	}
	var fields ast.FieldList
	for _, op := range operators {
		t := operand
		switch op {
		case "in":
			t = "[" + operand + "!]"
		case "isNull", "isEmpty":
			t = "Boolean"
		}
		fields = append(fields, field(op, t, docs[op]))
	}
	a.add(ast.InputObject, name, doc+" "+allDoc+" "+missingDoc, fields...)
}

func (a *derivation) enum(name, doc string, values func(yield func(name, doc string))) {
	def := &ast.Definition{Kind: ast.Enum, Name: name, Description: doc}
	values(func(name, doc string) {
		def.EnumValues = append(def.EnumValues, &ast.EnumValueDefinition{Name: name, Description: doc})
	})
	a.document.Definitions = append(a.document.Definitions, def)
}

func (a *derivation) add(kind ast.DefinitionKind, name, doc string, fields ...*ast.FieldDefinition) {
	a.document.Definitions = append(a.document.Definitions,
		&ast.Definition{Kind: kind, Name: name, Description: doc, Fields: fields})
}

func field(name, t, doc string) *ast.FieldDefinition {
	return &ast.FieldDefinition{Name: name, Type: typeOf(t), Description: doc}
}

func arg(name, t, doc string) *ast.ArgumentDefinition {
	return &ast.ArgumentDefinition{Name: name, Type: typeOf(t), Description: doc}
}

// typeOf reads a type as GraphQL writes it: `[Claim!]!`.
func typeOf(text string) *ast.Type {
	inner, required := strings.CutSuffix(text, "!")
	if elem, list := strings.CutPrefix(inner, "["); list {
		return &ast.Type{Elem: typeOf(strings.TrimSuffix(elem, "]")), NonNull: required}
	}
	return &ast.Type{NamedType: inner, NonNull: required}
}
