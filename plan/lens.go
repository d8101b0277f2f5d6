package plan

import "github.com/crimegraph/crimegraph/ontology"

// Lens says through whose eyes the graph is read, in stored form. The zero value hides what was retracted and what lies in
// any compartment, and nothing else.
//
// A node, and a claim, is visible if its record passes Record; a claim, and a node that is itself a statement, must pass
// Evidence as well. An edge is visible only if it and both its ends are. A structural relation is visible if both its ends are.
type Lens struct {
	Record   Record
	Evidence Evidence
}

// Record is the part of a lens that applies to every record.
type Record struct {
	// All shows every record, retracted and compartmented ones too; the other fields are then without effect. For checks, dumps and the
	// loader: no lens of a caller has it.
	All bool
	// KnownAt is a date key: what was recorded later, or retracted by then, is hidden. Nil: what was retracted is hidden.
	KnownAt *int64
	// MaxTlp is the highest rank of the handling mark that is visible; 0 for no limit.
	MaxTlp int64
	// Compartments that the reader holds. A record in others is hidden.
	Compartments []string
}

// Evidence is the part of a lens that applies to statements.
type Evidence struct {
	// AsOf is an interval of days; a statement passes if it may hold on one of them. Nil: no limit.
	AsOf *ontology.Date
	// During is a further interval, in date keys; nil ends are open.
	DuringFrom, DuringTo *int64
	// Dated hides statements without any date of validity.
	Dated bool
	// MinReliability and MinCredibility are the largest ranks that pass; 0 for no limit. MinConfidence is the least value; nil for no limit.
	MinReliability int64
	MinCredibility int64
	MinConfidence  *int64
	// Stances and Modalities that pass, by rank; empty for all.
	Stances    []int64
	Modalities []int64
	// Sources that pass, by id; nil for all, empty for none. ExcludeSources do not.
	Sources        []string
	ExcludeSources []string
}
