// Package plan holds the question below one root field as plain values: what to read, through which lens, in which order,
// how much of it. A plan is complete: a store compiles it to one statement, and nothing below it asks the store again.
//
// The answer is a nested list whose shape the plan alone decides; see Page, Lookup and Node.
package plan

import "github.com/crimegraph/crimegraph/ontology"

// Plan is one question. Exactly one of Page and Lookup is set.
type Plan struct {
	Lens Lens

	Page   *Page
	Lookup *Lookup
}

// Page reads an ordered, bounded list of nodes: at the root all records of a node kind, below a node those at the other end of
// a link, each once. Node.Kind is then the link's Target.
//
// Answer: [total, rows]. total is null unless Total, rows is null unless Rows. rows has one element more than First where
// there are further nodes. A row is [node], [node, edge] with Edge, or [node, edge, keys] with Keys; then edge is null unless Edge. total counts
// all nodes that pass, wherever After and First cut; keys is a list with one value an element of Order.
type Page struct {
	// Via is the link followed from the node around; nil at the root.
	Via   *ontology.Link
	Where *Filter
	// Claims that fail this filter are not read, as if the lens hid them from this page, though not from what Where or the pages
	// below it ask; nil lets all pass. Only below links with claims.
	Claim *Filter
	// Order is total: the last element is always the id.
	Order []Order
	// After holds the keys of the last node already seen, as Keys gives them; nil starts at the beginning.
	After []Key
	// First is at least 1.
	First int
	Rows  bool
	Total bool
	Keys  bool
	Node  Node
	// Edge only below links with claims.
	Edge *Edge
}

// One reads the node at the other end of a link to at most one node: the first by id of those that are visible. Node.Kind is
// the link's Target.
//
// Answer: the node, or null.
type One struct {
	Via  *ontology.Link
	Node Node
}

// Lookup reads nodes of Node.Kind by id. A node of another kind counts as missing; so it does for a Reference.
//
// Answer: a list as long as IDs, in their order: the node, or null where there is none that is visible.
type Lookup struct {
	IDs  []string
	Node Node
}

// Node says what to read of a node of Kind, which may be an interface.
//
// Answer: a list with one value a column.
type Node struct {
	Kind    *ontology.Kind
	Columns []Column
}

// Column is one value of a node or of a claim. Exactly one of Property, Page, One, Reference and Name is set.
type Column struct {
	// Property reads a value of the record, as stored: ranks of enumerations, keys of dates, null where there is none. It is meant by
	// name: nodes read through an interface give what their own kind keeps under that name, null where it keeps nothing.
	Property *ontology.Property
	// Page follows a link to many nodes.
	Page *Page
	// One follows a link to one node.
	One *One
	// Reference reads the record that a reference names: a node, or null where it is missing or hidden.
	Reference *Reference
	// Name reads the name of the node's own kind, for nodes read through an interface.
	Name bool
	// Only limits a Page or One to nodes of these kinds, for nodes read through an interface; null for others. Empty: no limit.
	// It speaks of the node that the column belongs to, not of what the link leads to.
	Only []*ontology.Kind
}

// Reference reads the record that a property of type Reference names.
type Reference struct {
	Property *ontology.Property
	Node     Node
}

// Edge says what to read of the bundle of claims that joins two nodes.
//
// Answer: a list with one value a column.
type Edge struct{ Columns []EdgeColumn }

// EdgeColumn is one value of a bundle of visible claims. Exactly one of Value and Claims is set.
type EdgeColumn struct {
	Value  EdgeValue
	Claims *Claims
}

// Claims reads the claims of a bundle, ordered by id. The answer has one element more than First where there are more; First is at
// least 1. Columns are properties and references.
type Claims struct {
	First int
	Node  Node
}

// EdgeValue is a value derived from a bundle of claims.
type EdgeValue string

// The values of a bundle.
const (
	// Disputed is 1 where some claims assert and others deny, else 0.
	Disputed EdgeValue = "disputed"
	// Denied is 1 where no claim asserts, else 0.
	Denied EdgeValue = "denied"
	// FirstSeen is the smallest date key among the validFrom of asserting claims; null where none has one.
	FirstSeen EdgeValue = "firstSeen"
	// LastSeen is the largest date key among asserting claims' validTo, or validFrom where validTo is open; null where none has one.
	LastSeen EdgeValue = "lastSeen"
	// ClaimCount is the number of claims.
	ClaimCount EdgeValue = "claimCount"
)

// Order is one key of an order: a property of the node (one marked Index that holds one value, or the id), or FirstSeen or LastSeen
// of the bundle of claims that joins it, below links with claims. Nulls come last both ways.
// Text is compared by code point, enumerations by rank, dates by key.
type Order struct {
	Property   *ontology.Property
	Seen       EdgeValue
	Descending bool
}

// Key is the value of one element of an order, as the store gave it: nil, int64, float64 or string.
type Key any

// Filter is a condition on a node or a claim. Exactly one field is set. A comparison with a missing value is false, and its
// negation true: there are two truth values.
type Filter struct {
	// All and Any hold where every, or some, of their parts does; an empty All holds, an empty Any does not.
	All *[]Filter
	Any *[]Filter
	Not *Filter
	// Test compares a value of the record.
	Test *Test
	// Some holds where a link leads to some visible node, over some visible claim, that passes. A filter on claims has none.
	Some *Some
}

// Test compares a property, one marked Index or the id, with values in stored form (see ontology.Property.Coerce), none of them nil.
// Values are compared as in Order. A list is tested by Includes alone; it is never missing.
type Test struct {
	Property *ontology.Property
	Operator Operator
	// Values: one, two for Between, any number for In, none for IsNull and IsEmpty.
	Values []any
}

// Operator is a comparison.
type Operator string

// The operators.
const (
	Equal          Operator = "eq"
	In             Operator = "in"
	Less           Operator = "lt"
	LessOrEqual    Operator = "lte"
	Greater        Operator = "gt"
	GreaterOrEqual Operator = "gte"
	// Between holds from the first to the second value, both included.
	Between Operator = "between"
	// Contains and StartsWith compare folded text for text properties (ontology.Fold), text as it is otherwise.
	Contains   Operator = "contains"
	StartsWith Operator = "startsWith"
	// Includes holds where a list holds the value; folded for text properties.
	Includes Operator = "includes"
	// IsNull holds where there is no value, IsEmpty where a list has no element or there is none.
	IsNull  Operator = "isNull"
	IsEmpty Operator = "isEmpty"
)

// Some is a condition on what a link leads to.
type Some struct {
	Via   *ontology.Link
	Node  *Filter
	Claim *Filter
}
