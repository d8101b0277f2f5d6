package ontology

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// RuleError says which rule of the ontology a schema breaks, and where.
type RuleError struct {
	Line    int
	Rule    string
	Message string
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("schema line %d: %s (rule: %s)", e.Line, e.Message, e.Rule)
}

// The names that the lens and the record fields rely on.
const (
	nodeInterface      = "Node"
	entityInterface    = "Entity"
	statementInterface = "Statement"
)

var (
	kindName     = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	propertyName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	relationName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
)

// Load reads a schema and checks it against the rules of an ontology. Errors are *RuleError, joined: all that were found.
func Load(text string) (*Model, error) {
	source := &ast.Source{Name: "schema.graphqls", Input: text}
	schema, err := gqlparser.LoadSchema(source, scaffold)
	if err != nil {
		return nil, syntaxError(err)
	}
	if schema.Query == nil {
		return nil, &RuleError{Rule: "a schema is valid GraphQL", Message: "there is no type Query"}
	}
	document, err := parser.ParseSchema(source)
	if err != nil {
		return nil, syntaxError(err)
	}
	l := &loading{
		schema: schema,
		model: &Model{
			document:  document,
			kinds:     map[string]*Kind{},
			relations: map[string]*Relation{},
			prefixes:  map[string]*Kind{},
		},
		enums: map[string]*Enum{},
	}
	for _, step := range []func(){l.declare, l.properties, l.out, l.in, l.declares, l.storage, l.interfaces, l.documented} {
		step()
	}
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	for _, k := range l.model.Kinds {
		l.model.prefixes[k.IDPrefix()] = k
	}
	return l.model, nil
}

// scaffold declares what is derived from kinds and relations and the operations may name.
var scaffold = &ast.Source{Name: "derived", Input: "enum NodeKind { DERIVED } enum EntityKind { DERIVED } enum RelationKind { DERIVED } input NodeSelection { derived: ID }"}

func syntaxError(err error) error {
	var list gqlerror.List
	var one *gqlerror.Error
	switch {
	case errors.As(err, &list) && len(list) > 0:
		one = list[0]
	case !errors.As(err, &one):
		return err
	}
	line := 0
	if len(one.Locations) > 0 {
		line = one.Locations[0].Line
	}
	return &RuleError{Line: line, Rule: "a schema is valid GraphQL", Message: one.Message}
}

type loading struct {
	schema *ast.Schema
	model  *Model
	enums  map[string]*Enum
	errs   []error
}

func (l *loading) refuse(at *ast.Position, rule, format string, args ...any) {
	line := 0
	if at != nil {
		line = at.Line
	}
	l.errs = append(l.errs, &RuleError{Line: line, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

// declare finds the enums, kinds, interfaces and the claim type.
func (l *loading) declare() {
	for _, extension := range l.model.document.Extensions {
		l.refuse(extension.Position, "a type is written in one place", "extension of %s", extension.Name)
	}
	for _, root := range []*ast.Definition{l.schema.Query, l.schema.Subscription} {
		if root == nil {
			continue
		}
		for _, f := range root.Fields {
			if f.Directives.ForName("analytic") != nil {
				l.model.Analytics = append(l.model.Analytics, f.Name)
			}
		}
	}
	plurals := map[string]string{}
	for _, def := range l.model.document.Definitions {
		switch def.Kind {
		case ast.Enum:
			e := &Enum{Name: def.Name, Description: def.Description, ranks: map[string]int64{}}
			for i, v := range def.EnumValues {
				e.Values = append(e.Values, v.Name)
				e.Docs = append(e.Docs, v.Description)
				e.ranks[v.Name] = int64(i + 1)
			}
			l.enums[e.Name] = e
			l.model.Enums = append(l.model.Enums, e)
		case ast.Interface:
			k := l.newKind(def)
			l.model.Interfaces = append(l.model.Interfaces, k)
		case ast.Object:
			node, edge := def.Directives.ForName("node"), def.Directives.ForName("edge")
			if node == nil && edge == nil {
				continue
			}
			k := l.newKind(def)
			k.Members = []*Kind{k}
			if !kindName.MatchString(def.Name) {
				l.refuse(def.Position, "kinds are named in upper camel case", "type %s", def.Name)
			}
			if edge != nil {
				if l.model.Claim != nil || node != nil {
					l.refuse(def.Position, "exactly one type is marked @edge, and it is no node", "type %s", def.Name)
				}
				if !k.Statement {
					l.refuse(def.Position, "the @edge type implements Statement", "type %s", def.Name)
				}
				l.model.Claim = k
				continue
			}
			if !implements(def, nodeInterface) {
				l.refuse(def.Position, "every @node type implements Node", "type %s", def.Name)
			}
			k.Plural = argument(node, "plural", "")
			k.Singular = strings.ToLower(def.Name[:1]) + def.Name[1:]
			for _, root := range []string{k.Plural, k.Singular} {
				if !propertyName.MatchString(root) {
					l.refuse(node.Position, "root fields are named in lower camel case", "%q of type %s", root, def.Name)
				}
				if other, taken := plurals[root]; taken || l.schema.Query.Fields.ForName(root) != nil {
					l.refuse(node.Position, "every kind has root fields of its own", "%q of type %s is already a root field %s", root, def.Name, other)
				}
				plurals[root] = "of type " + def.Name
			}
			l.model.Kinds = append(l.model.Kinds, k)
		}
	}
	if l.model.Claim == nil {
		l.refuse(nil, "exactly one type is marked @edge, and it is no node", "none found")
	}
	for _, name := range []string{nodeInterface, entityInterface, statementInterface} {
		if k := l.model.kinds[name]; k == nil || l.schema.Types[name].Kind != ast.Interface {
			l.refuse(nil, "the interfaces Node, Entity and Statement exist", "%s is missing", name)
		}
	}
	for _, iface := range l.model.Interfaces {
		for _, k := range l.model.Kinds {
			if implements(l.schema.Types[k.Name], iface.Name) {
				iface.Members = append(iface.Members, k)
			}
		}
	}
}

func (l *loading) newKind(def *ast.Definition) *Kind {
	k := &Kind{
		Name:        def.Name,
		Description: def.Description,
		Entity:      implements(def, entityInterface) || def.Name == entityInterface,
		Statement:   implements(def, statementInterface),
		properties:  map[string]*Property{},
		links:       map[string]*Link{},
	}
	l.model.kinds[k.Name] = k
	return k
}

func implements(def *ast.Definition, iface string) bool {
	for _, i := range def.Interfaces {
		if i == iface {
			return true
		}
	}
	return false
}

// each calls f for every field of every kind, interface and the claim type.
func (l *loading) each(f func(k *Kind, field *ast.FieldDefinition)) {
	for _, def := range l.model.document.Definitions {
		k := l.model.kinds[def.Name]
		if k == nil || def.Kind == ast.Enum {
			continue
		}
		for _, field := range def.Fields {
			f(k, field)
		}
	}
}

// filterWords are taken in every filter.
var filterWords = map[string]bool{"and": true, "or": true, "not": true}

// upperDates are the date properties that stand for their last day where they are partial.
var upperDates = map[string]bool{"validTo": true, "recordedAt": true, "retractedAt": true}

// properties reads the fields that hold values.
func (l *loading) properties() {
	l.each(func(k *Kind, f *ast.FieldDefinition) {
		if f.Directives.ForName("relation") != nil {
			return
		}
		if !propertyName.MatchString(f.Name) {
			l.refuse(f.Position, "properties are named in lower camel case", "%s.%s", k.Name, f.Name)
		}
		if filterWords[f.Name] {
			l.refuse(f.Position, "and, or and not join filters and name nothing else", "%s.%s", k.Name, f.Name)
		}
		p := &Property{
			Name:        f.Name,
			Description: f.Description,
			List:        f.Type.Elem != nil,
			Required:    f.Type.NonNull,
			Upper:       upperDates[f.Name],
			Position:    len(k.Properties),
		}
		if p.List && (!f.Type.NonNull || !f.Type.Elem.NonNull) {
			l.refuse(f.Position, "lists are written [T!]!", "%s.%s: %s", k.Name, f.Name, f.Type)
		}
		if len(f.Arguments) > 0 {
			l.refuse(f.Position, "properties take no arguments", "%s.%s", k.Name, f.Name)
		}
		l.setType(k, f, p)
		if index := f.Directives.ForName("index"); index != nil {
			p.Index = true
			p.Text = argument(index, "text", "false") == "true"
			if p.Type == Reference {
				l.refuse(index.Position, "@index stands on values, not on references", "%s.%s", k.Name, f.Name)
			}
			if p.Text && k == l.model.Claim {
				l.refuse(index.Position, "the words of claims are not searched", "%s.%s", k.Name, f.Name)
			}
			if p.Text && p.Type != String {
				l.refuse(index.Position, "@index(text: true) stands on String properties", "%s.%s: %s", k.Name, f.Name, f.Type)
			}
		}
		if f.Directives.ForName("key") != nil {
			if f.Name != "id" || f.Type.String() != "ID!" {
				l.refuse(f.Position, "the @key is id: ID!", "%s.%s: %s", k.Name, f.Name, f.Type)
			}
			if len(k.Properties) != 0 {
				l.refuse(f.Position, "the @key is the first field", "%s.%s", k.Name, f.Name)
			}
		}
		k.Properties = append(k.Properties, p)
		k.properties[p.Name] = p
	})
	for _, def := range l.model.document.Definitions {
		k := l.model.kinds[def.Name]
		if k == nil || def.Kind != ast.Object {
			continue
		}
		if f := def.Fields.ForName("id"); f == nil || f.Directives.ForName("key") == nil {
			l.refuse(def.Position, "every kind has a @key", "type %s", k.Name)
		}
	}
}

func (l *loading) setType(k *Kind, f *ast.FieldDefinition, p *Property) {
	name := f.Type.Name()
	switch {
	case l.enums[name] != nil:
		p.Type, p.Enum = Enumeration, l.enums[name]
	case l.model.kinds[name] != nil:
		p.Type, p.Reference = Reference, l.model.kinds[name]
		if p.Reference.Abstract() || p.Reference == l.model.Claim || p.List {
			l.refuse(f.Position, "a field of node type has @relation, or is a reference to one record of a kind",
				"%s.%s: %s", k.Name, f.Name, f.Type)
		}
	default:
		switch t := Type(name); t {
		case ID, String, Int, Float, Boolean, PartialDate, CountryCode:
			p.Type = t
			if p.List && t != String {
				l.refuse(f.Position, "lists hold strings", "%s.%s: %s", k.Name, f.Name, f.Type)
			}
		default:
			l.refuse(f.Position, "properties are scalars, enums or references", "%s.%s: %s", k.Name, f.Name, f.Type)
		}
	}
	if p.Enum != nil && p.List {
		l.refuse(f.Position, "lists hold strings", "%s.%s: %s", k.Name, f.Name, f.Type)
	}
}

// relationOf reads @relation from a field, or nil.
func (l *loading) relationOf(k *Kind, f *ast.FieldDefinition) *Link {
	d := f.Directives.ForName("relation")
	if d == nil {
		return nil
	}
	name := argument(d, "name", "")
	direction := argument(d, "direction", string(Out))
	structural := argument(d, "structural", "false") == "true"
	if !relationName.MatchString(name) {
		l.refuse(d.Position, "relations are named in upper snake case", "%q of %s.%s", name, k.Name, f.Name)
	}
	target := l.model.kinds[f.Type.Name()]
	if target == nil || target == l.model.Claim || target.Name == statementInterface || k == l.model.Claim {
		l.refuse(f.Position, "a relation joins node kinds or interfaces over them", "%s.%s: %s", k.Name, f.Name, f.Type)
		return nil
	}
	link := &Link{
		Name: f.Name, Description: f.Description, Direction: Direction(direction), Target: target, Many: f.Type.Elem != nil,
	}
	if link.Many && f.Type.String() != "["+target.Name+"!]!" {
		l.refuse(f.Position, "lists are written [T!]!", "%s.%s: %s", k.Name, f.Name, f.Type)
	}
	if !link.Many && (f.Type.NonNull || !structural) {
		l.refuse(f.Position, "a relation to one node is structural and may be null", "%s.%s: %s", k.Name, f.Name, f.Type)
	}
	link.Relation = l.model.relations[name]
	if link.Relation == nil {
		link.Relation = &Relation{Name: name, Structural: structural, Symmetric: link.Direction == Both, Passage: !structural}
		l.model.relations[name] = link.Relation
		l.model.Relations = append(l.model.Relations, link.Relation)
	}
	if argument(d, "passage", "false") == "true" {
		if !structural || link.Direction != Out {
			l.refuse(d.Position, "passage is said of a structural relation where it leads OUT", "%s of %s.%s", name, k.Name, f.Name)
		}
		link.Relation.Passage = true
	}
	if link.Relation.Structural != structural {
		l.refuse(d.Position, "all fields of a relation agree on structural", "%s of %s.%s", name, k.Name, f.Name)
	}
	if link.Relation.Symmetric != (link.Direction == Both) {
		l.refuse(d.Position, "a symmetric relation is BOTH wherever it occurs", "%s of %s.%s", name, k.Name, f.Name)
	}
	if link.Relation.Symmetric && (target != k || structural) {
		l.refuse(d.Position, "a symmetric relation joins a kind with itself and has claims", "%s of %s.%s", name, k.Name, f.Name)
	}
	return link
}

func argument(d *ast.Directive, name, otherwise string) string {
	if a := d.Arguments.ForName(name); a != nil {
		return a.Value.Raw
	}
	return otherwise
}

// out reads the links that declare the ends of relations.
func (l *loading) out() {
	l.each(func(k *Kind, f *ast.FieldDefinition) {
		link := l.relationOf(k, f)
		if link == nil {
			return
		}
		k.Links = append(k.Links, link)
		k.links[link.Name] = link
		if link.Direction == In || k.Abstract() {
			return
		}
		for _, to := range link.Target.Members {
			if !link.Relation.Joins(k, to) {
				link.Relation.Ends = append(link.Relation.Ends, Ends{From: k, To: to})
			}
		}
		link.Relation.Descriptions = append(link.Relation.Descriptions, f.Description)
	})
}

// in checks that links which read a relation backwards meet a declaration.
func (l *loading) in() {
	l.each(func(k *Kind, f *ast.FieldDefinition) {
		link := k.links[f.Name]
		if link == nil || link.Direction != In {
			return
		}
		for _, to := range k.Members {
			met := false
			for _, from := range link.Target.Members {
				met = met || link.Relation.Joins(from, to)
			}
			if !met {
				l.refuse(f.Position, "an IN field reads a relation that some OUT field declares between the same kinds",
					"%s.%s: no %s leads from %s to %s", k.Name, f.Name, link.Relation.Name, link.Target.Name, to.Name)
			}
		}
	})
}

// declares settles which end of a structural relation states it.
func (l *loading) declares() {
	one := map[*Relation]bool{}
	for _, k := range l.model.Kinds {
		for _, link := range k.Links {
			if !link.Many {
				one[link.Relation] = true
			}
		}
	}
	for _, k := range l.model.Kinds {
		for _, link := range k.Links {
			if link.Relation.Structural {
				link.Declares = !link.Many || (link.Direction == Out && !one[link.Relation])
			}
		}
	}
}

// storage checks that a property name means one type of value wherever it occurs, since stores keep it under that name.
func (l *loading) storage() {
	types, folded := map[string]Type{}, map[string]string{}
	for _, name := range l.names() {
		if other := folded[strings.ToLower(name)]; other != "" {
			l.refuse(nil, "names differ by more than case", "%s and %s", other, name)
		}
		folded[strings.ToLower(name)] = name
	}
	clear(folded)
	l.each(func(k *Kind, f *ast.FieldDefinition) {
		p := k.properties[f.Name]
		if p == nil {
			return
		}
		t := p.Type
		if p.List {
			t = "list of " + t
		}
		if known, seen := types[p.Name]; seen && known != t {
			l.refuse(f.Position, "a property name has one type in all kinds", "%s.%s is %s, elsewhere %s", k.Name, p.Name, t, known)
		}
		types[p.Name] = t
		if other := folded[strings.ToLower(p.Name)]; other != "" && other != p.Name {
			l.refuse(f.Position, "names differ by more than case", "%s.%s, elsewhere %s", k.Name, p.Name, other)
		}
		folded[strings.ToLower(p.Name)] = p.Name
	})
}

// names are those of kinds and relations, under which stores show them side by side.
func (l *loading) names() []string {
	var out []string
	for _, k := range l.model.Kinds {
		out = append(out, k.Name)
	}
	for _, r := range l.model.Relations {
		out = append(out, r.Name)
	}
	return out
}

// interfaces checks that members repeat the meaning of their interface's fields, not only their type.
func (l *loading) interfaces() {
	for _, iface := range l.model.Interfaces {
		members := iface.Members
		if iface.Name == statementInterface && l.model.Claim != nil {
			members = append([]*Kind{l.model.Claim}, members...)
		}
		for _, k := range members {
			def := l.schema.Types[k.Name]
			for _, p := range iface.Properties {
				mine := k.properties[p.Name]
				if mine == nil || mine.Index != p.Index || mine.Text != p.Text {
					l.refuse(def.Position, "a kind repeats the directives of its interfaces", "%s.%s as in %s", k.Name, p.Name, iface.Name)
				}
			}
			for _, link := range iface.Links {
				mine := k.links[link.Name]
				if mine == nil || mine.Relation != link.Relation || mine.Direction != link.Direction || mine.Target != link.Target {
					l.refuse(def.Position, "a kind repeats the directives of its interfaces", "%s.%s as in %s", k.Name, link.Name, iface.Name)
				}
			}
		}
	}
}

// documented checks that everything a user meets is explained, once: a member's field may rely on its interface's.
func (l *loading) documented() {
	for _, def := range l.model.document.Definitions {
		if def.Description == "" {
			l.refuse(def.Position, "everything is documented", "%s has no description", def.Name)
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				l.refuse(v.Position, "everything is documented", "%s.%s has no description", def.Name, v.Name)
			}
		}
		k := l.model.kinds[def.Name]
		for _, f := range def.Fields {
			if f.Description == "" {
				f.Description = l.inherited(def, f.Name)
			}
			if f.Description == "" && f.Name != "id" {
				l.refuse(f.Position, "everything is documented", "%s.%s has no description", def.Name, f.Name)
			}
			if k == nil {
				continue
			}
			if p := k.properties[f.Name]; p != nil {
				p.Description = f.Description
			}
			if link := k.links[f.Name]; link != nil {
				link.Description = f.Description
			}
		}
	}
}

func (l *loading) inherited(def *ast.Definition, field string) string {
	for _, name := range def.Interfaces {
		if iface := l.schema.Types[name]; iface != nil {
			if f := iface.Fields.ForName(field); f != nil && f.Description != "" {
				return f.Description
			}
		}
	}
	return ""
}
