// Package store states what a backend does: answer a plan with one statement, apply a batch whole or not at all, stream the
// records, walk over them, list its loads, tell its revision and what changed since another, set itself up, close. Backends are in the packages below; store/storetest holds them to it.
package store

import (
	"context"
	"iter"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// Store is the contract of a backend. All methods are safe for concurrent use, honour their context's deadline and
// cancellation, and return errors of type *Error.
type Store interface {
	// Query answers a plan with one statement. The answer's shape is the plan's (see package plan).
	Query(ctx context.Context, p plan.Plan) (Value, error)
	// Apply writes a batch whole or not at all. Writing a record that is there already, unchanged, changes nothing.
	// A record that names a node which is neither in the store nor in the batch must be refused with CodeDangling: an end of a
	// claim, a link, a reference. The order of records within a batch does not matter; it holds each id once.
	// A node that is there already with another kind must be refused with CodeConflict, and taking away one that a record still names with
	// CodeDangling. A batch of a load must be refused with CodeBusy where the lease of the load under way does not admit it (see Lease).
	Apply(ctx context.Context, b Batch) (Changes, error)
	// Stream yields every record that is visible through the lens: nodes by id, then claims by relation, ends and id, all compared by
	// code point. Claims whose ends are not both visible are left out. Structural relations come with the node that declares them,
	// but for those that lead to a hidden one. Values that are not wanted are nil.
	Stream(ctx context.Context, wanted plan.Records) iter.Seq2[Record, error]
	// Walk yields records with their loads, each once, in an order of the store's own; nodes come with their links, as in Stream. Batches may be
	// applied meanwhile: what they change comes as it was or as it is, what they add comes or does not. It takes no more memory for more records.
	Walk(ctx context.Context, wanted plan.Walk) iter.Seq2[Record, error]
	// Loads lists the loads that the store holds records of, by name.
	Loads(ctx context.Context) ([]Load, error)
	// Revision grows with every batch that changed something; 0 for an empty store.
	Revision(ctx context.Context) (int64, error)
	// Touched tells what the batches after a revision of this store's own history touched: every node that one of them added, updated or took
	// away, and the bundle of every such claim. It may name more, also what later batches touched.
	Touched(ctx context.Context, since int64) (Touched, error)
	// Migrate sets the store up for the ontology, or brings an older one up to it. Running it again changes nothing.
	Migrate(ctx context.Context) error
	// Close releases the store. Calls after it must fail with CodeClosed.
	Close() error
}

// Batch is a set of records written together.
type Batch struct {
	Nodes  []Node
	Claims []Claim
	// Removed are records to take away, in any order; one that is not there counts as unchanged. Of a node only kind and id are read, of
	// a claim relation, ends and id.
	Removed []Record
	// Load, if set, is the load that writes the batch, as the store is to keep it from now on. An ended one lets others write.
	Load *Load
	// Others are loads that the store holds too, as it is to keep them from now on. Only with Load; they do not touch the lease.
	Others []Load
	// Stated says that the load states Nodes and Claims: they are settled (see Load.Settle) and counted among its own. Otherwise they
	// are written as they are.
	Stated bool
	// Held are nodes that the load states as the store holds them; they count as unchanged. Of them only kind and id are read.
	Held []Node
}

// Node is a record of a kind. Values stand in the order of Kind.Properties, in stored form: nil, string (text, ids, references),
// int64 (integers, booleans, ranks, date keys), float64, []string. Values[0] is the id.
type Node struct {
	Kind   *ontology.Kind
	Values []any
	// Links are the structural relations that the record declares, each once, to other nodes, ordered as given; a store keeps the order.
	Links []NodeLink
}

// ID is the node's id.
func (n Node) ID() string { id, _ := n.Values[0].(string); return id }

// NodeLink is a structural relation of a record: Link is one that declares (ontology.Link.Declares), ID the node at its other end.
type NodeLink struct {
	Link *ontology.Link
	ID   string
}

// Claim is one source's statement of a relation. Values stand in the order of the claim type's properties; Values[0] is the
// id, as ClaimID gives it. A claim joins two different nodes, of kinds that the relation joins; on a symmetric relation its ends are
// ordered by id.
type Claim struct {
	Relation *ontology.Relation
	From, To string
	Values   []any
}

// ID is the claim's id.
func (c Claim) ID() string { id, _ := c.Values[0].(string); return id }

// Record is a node or a claim; the other is nil.
type Record struct {
	Node  *Node
	Claim *Claim
	// Loads are the names of the loads that state it, in order, where they are wanted. Nil where none ever did, empty where none does any longer.
	Loads []string
}

// Changes counts what a batch did.
type Changes struct {
	Added     int `json:"added"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed,omitempty"`
}

// Add sums up counts.
func (c *Changes) Add(d Changes) {
	c.Added += d.Added
	c.Updated += d.Updated
	c.Unchanged += d.Unchanged
	c.Removed += d.Removed
}
