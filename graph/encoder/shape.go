package encoder

import "github.com/crimegraph/crimegraph/ontology"

// Object says how the value of a node, a claim, or a bundle's row becomes a JSON object.
type Object struct {
	// Fields of a kind that is known, in the order of the selection.
	Fields []Field
	// Kinds holds, for nodes read through an interface, the fields by name of the kind; KindAt is the column that names it.
	Kinds  map[string][]Field
	KindAt int
}

// Field is one member of an object.
type Field struct {
	// Key is the member's name as JSON, with the colon.
	Key string
	// Exactly one of the following says what follows the colon.
	Constant   string
	Property   *ontology.Property
	Object     *Object
	Connection *Connection
	// At is the column that Property, Object or Connection reads.
	At int
}

// Connection says how the answer of a plan.Page becomes a Relay connection.
type Connection struct {
	// Parts in the order of the selection.
	Parts []Part
	// First is the size of the page, After whether it does not begin at the start.
	First int
	After bool
	// Seal binds cursors to the question that they continue (see Seal).
	Seal Seal
}

// Part is one member of a connection.
type Part struct {
	Key string
	// Exactly one of the following says what follows the colon.
	Constant string
	Nodes    *Object
	Edges    *EdgeShape
	PageInfo []InfoPart
	Total    bool
}

// InfoPart is one member of pageInfo.
type InfoPart struct {
	Key string
	// Name is the field's: hasNextPage, hasPreviousPage, startCursor, endCursor or __typename.
	Name string
}

// EdgeShape says how a row of a page becomes a Relay edge.
type EdgeShape struct{ Parts []EdgePart }

// EdgePart is one member of an edge.
type EdgePart struct {
	Key string
	// Exactly one of the following says what follows the colon.
	Constant string
	Cursor   bool
	Node     *Object
	// Claims lists the claims in column At, at most First of them.
	Claims *Object
	First  int
	// Value reads column At: Truth as a boolean, Day as a date, else a number.
	Value bool
	Truth bool
	Day   *ontology.Property
	At    int
}
