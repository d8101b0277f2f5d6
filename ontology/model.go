// Package ontology turns schema.graphqls into a model of kinds, relations and properties, and says how values of each
// property are read, compared and written. Everything else in the program asks the model; nothing else names a kind.
package ontology

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Model is a checked ontology. It is immutable after Load and safe for concurrent use.
type Model struct {
	// Kinds are the node kinds in the order of declaration.
	Kinds []*Kind
	// Interfaces are the interfaces over node kinds in the order of declaration.
	Interfaces []*Kind
	// Claim is the type whose properties every claim carries.
	Claim *Kind
	// Relations in the order of their first declaration.
	Relations []*Relation
	// Enums in the order of declaration.
	Enums []*Enum
	// Analytics are the root operations that derive their answer from the graph, in the order of declaration.
	Analytics []string

	document  *ast.SchemaDocument
	kinds     map[string]*Kind
	relations map[string]*Relation
	// prefixes are the node kinds by what their ids begin with.
	prefixes map[string]*Kind
}

// Kind is a node kind, an interface over node kinds, or the claim type.
type Kind struct {
	Name        string
	Description string
	// Plural is the root field that lists the kind, Singular the one that reads one record; empty for interfaces.
	Plural, Singular string
	// Members are the node kinds behind an interface, in declaration order; a node kind has itself as its only member.
	Members []*Kind
	// Properties in declaration order; the first is the id.
	Properties []*Property
	// Links are the fields that follow a relation, in declaration order.
	Links []*Link
	// Entity says that the kind implements Entity: it has a name and can be searched.
	Entity bool
	// Statement says that the kind implements Statement: the whole lens applies to its records.
	Statement bool

	properties map[string]*Property
	links      map[string]*Link
}

// Property is a field that holds a value of the record itself.
type Property struct {
	Name        string
	Description string
	Type        Type
	// Enum is set for properties of type Enumeration.
	Enum *Enum
	// Reference is the kind whose id a property of type Reference holds.
	Reference *Kind
	// List says that the property holds several values in order.
	List bool
	// Required says that the API never answers null.
	Required bool
	// Index says that the property can be filtered and ordered by; Text that its words are searched.
	Index, Text bool
	// Upper says that a partial date stands for its last day where one day is needed: ends, records and retractions.
	Upper bool
	// Position is the property's place in its kind's Properties.
	Position int
}

// Link is a field that follows a relation from a kind.
type Link struct {
	Name        string
	Description string
	Relation    *Relation
	Direction   Direction
	// Target is the kind or interface at the other end.
	Target *Kind
	// Many says that the field is a connection; otherwise it is one node or null.
	Many bool
	// Declares says that a record states this structural link itself: the end that has one, or the OUT end where both have many.
	Declares bool
}

// Relation is an edge type of the stores.
type Relation struct {
	Name string
	// Structural relations belong to the record of the node that declares them and carry no claims.
	Structural bool
	// Symmetric relations have no direction.
	Symmetric bool
	// Passage says that paths go along the relation although it is structural. Those with claims are passages all.
	Passage bool
	// Ends are the pairs of kinds that the relation may join, in declaration order.
	Ends []Ends
	// Descriptions of the fields that declare it, in declaration order.
	Descriptions []string
}

// Ends is a pair of kinds that a relation may join.
type Ends struct{ From, To *Kind }

// Enum is a vocabulary. Values are stored by rank, which is their place in the declaration, from 1.
type Enum struct {
	Name        string
	Description string
	Values      []string
	Docs        []string
	ranks       map[string]int64
}

// Direction says from which end a link follows its relation.
type Direction string

// The directions.
const (
	Out  Direction = "OUT"
	In   Direction = "IN"
	Both Direction = "BOTH"
)

// Type is the type of a property's value.
type Type string

// The types of property values, and how a store holds them: text as it is, dates as date keys (see Date), enumerations by rank.
const (
	ID          Type = "ID"
	String      Type = "String"
	Int         Type = "Int"
	Float       Type = "Float"
	Boolean     Type = "Boolean"
	PartialDate Type = "Date"
	CountryCode Type = "CountryCode"
	Enumeration Type = "Enum"
	Reference   Type = "Reference"
)

// Kind returns the node kind, interface or claim type of that name, or nil.
func (m *Model) Kind(name string) *Kind { return m.kinds[name] }

// Relation returns the relation of that name, or nil.
func (m *Model) Relation(name string) *Relation { return m.relations[name] }

// Property returns the property of that name, or nil.
func (k *Kind) Property(name string) *Property { return k.properties[name] }

// Link returns the link of that name, or nil.
func (k *Kind) Link(name string) *Link { return k.links[name] }

// Abstract says that the kind is an interface over several node kinds.
func (k *Kind) Abstract() bool { return len(k.Members) != 1 || k.Members[0] != k }

// Has says whether member is one of the kind's members.
func (k *Kind) Has(member *Kind) bool {
	for _, m := range k.Members {
		if m == member {
			return true
		}
	}
	return false
}

// DefaultOrder is the property by which records of the kind are ordered when nothing else is asked: the first that
// is indexed and holds one value, or the id.
func (k *Kind) DefaultOrder() *Property {
	for _, p := range k.Properties {
		if p.Index && !p.List {
			return p
		}
	}
	return k.Properties[0]
}

// KindOf is the node kind that an id's prefix tells, or nil.
func (m *Model) KindOf(id string) *Kind {
	slash := strings.IndexByte(id, '/')
	return m.prefixes[id[:slash+1]]
}

// Referenced says whether some property holds ids of the kind, which is one of the model's own.
func (m *Model) Referenced(kind *Kind) bool {
	for _, k := range append(m.Kinds[:len(m.Kinds):len(m.Kinds)], m.Claim) {
		for _, p := range k.Properties {
			if p.Reference != nil && p.Reference.Has(kind) {
				return true
			}
		}
	}
	return false
}

// Declared is the link by which records of the kind declare a structural relation in a direction, or nil.
func (k *Kind) Declared(r *Relation, d Direction) *Link {
	for _, l := range k.Links {
		if l.Declares && l.Relation == r && l.Direction == d {
			return l
		}
	}
	return nil
}

// Joins says whether the relation may join these kinds in this order.
func (r *Relation) Joins(from, to *Kind) bool {
	for _, e := range r.Ends {
		if e.From == from && e.To == to {
			return true
		}
	}
	return false
}

// Rank returns the place of a value in the vocabulary, from 1, or 0 for a value that is not in it.
func (e *Enum) Rank(value string) int64 { return e.ranks[value] }

// Value returns the value at a rank, or "" outside the vocabulary.
func (e *Enum) Value(rank int64) string {
	if rank < 1 || rank > int64(len(e.Values)) {
		return ""
	}
	return e.Values[rank-1]
}
