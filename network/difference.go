package network

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"slices"
)

// difference is what one network holds and another one does not: nodes, and edges with the claims that only it has.
type difference struct {
	n     *Network
	nodes []node
	edges []lackedEdge
}

// lackedEdge is an edge that the other network lacks, or that has claims there which it lacks: those numbered, in all of the network.
type lackedEdge struct {
	number edgeNumber
	claims []uint32
}

// differences compares two networks of one model: what is only in the old one, and what only in the new one. Records are compared by id, not by
// value; an edge is the same where relation and ends are.
func differences(older, newer *Network) (gone, come *difference) {
	gone, come = &difference{n: older}, &difference{n: newer}
	// Nodes are in order of id in both, so that the numbers which both have keep their order.
	counterpart := make([]node, len(older.kinds))
	at := node(0)
	for i := range older.kinds {
		id := older.ids.at(i)
		for int(at) < len(newer.kinds) && newer.ids.at(int(at)) < id {
			come.nodes = append(come.nodes, at)
			at++
		}
		counterpart[i] = none
		if int(at) < len(newer.kinds) && newer.ids.at(int(at)) == id {
			if older.kinds[i] == newer.kinds[at] {
				counterpart[i] = at
			} else {
				gone.nodes, come.nodes = append(gone.nodes, node(i)), append(come.nodes, at)
			}
			at++
		} else {
			gone.nodes = append(gone.nodes, node(i))
		}
	}
	for ; int(at) < len(newer.kinds); at++ {
		come.nodes = append(come.nodes, at)
	}
	next := edgeNumber(0)
	for e := range edgeNumber(len(older.edges)) {
		x := older.edges[e]
		from, to := counterpart[x.from], counterpart[x.to]
		if from == none || to == none {
			gone.all(e)
			continue
		}
		for ; int(next) < len(newer.edges) && newer.edges[next].compare(from, to, x.relation) < 0; next++ {
			come.all(next)
		}
		if int(next) == len(newer.edges) || newer.edges[next].compare(from, to, x.relation) > 0 {
			gone.all(e)
			continue
		}
		gone.some(e, older.claimsOf(e), newer.claimsOf(next))
		come.some(next, newer.claimsOf(next), older.claimsOf(e))
		next++
	}
	for ; int(next) < len(newer.edges); next++ {
		come.all(next)
	}
	return gone, come
}

func (e *edge) compare(from, to node, relation uint8) int {
	return cmp.Or(cmp.Compare(e.from, from), cmp.Compare(e.to, to), cmp.Compare(e.relation, relation))
}

// all notes that the other network lacks an edge.
func (d *difference) all(e edgeNumber) {
	x := lackedEdge{number: e}
	for i := range d.n.claimsOf(e) {
		x.claims = append(x.claims, d.n.edges[e].first+uint32(i))
	}
	d.edges = append(d.edges, x)
}

// some notes those claims of an edge that the other network lacks. In both they are in order of id.
func (d *difference) some(e edgeNumber, own, other []claim) {
	x := lackedEdge{number: e}
	for i := range own {
		for len(other) > 0 && bytes.Compare(other[0].id[:], own[i].id[:]) < 0 {
			other = other[1:]
		}
		if len(other) == 0 || other[0].id != own[i].id {
			x.claims = append(x.claims, d.n.edges[e].first+uint32(i))
		}
	}
	if len(x.claims) > 0 {
		d.edges = append(d.edges, x)
	}
}

// Difference lists what came, or what went.
type Difference struct {
	// NodeCount and RelationCount are how many there are in all; a relation is a claim or a structural relation.
	NodeCount, RelationCount int
	// Nodes in order of id and Edges in order of their ends, the first of them; Truncated says that there are more, or more claims of an edge.
	Nodes     []ChangedNode
	Edges     []ChangedEdge
	Truncated bool
}

// ChangedNode is a node that came or went.
type ChangedNode struct{ ID, Kind, Name string }

// ChangedEdge is an edge that came or went, or claims of it that did.
type ChangedEdge struct {
	ID, Relation, From, To string
	Structural             bool
	// Claims are those that came or went, by id, at most MaxListed; ClaimCount is how many.
	Claims     []string
	ClaimCount int
}

// list gives what touches the nodes and kinds that a question names.
func (d *difference) list(q *changesListener) Difference {
	out := Difference{Nodes: []ChangedNode{}, Edges: []ChangedEdge{}}
	for _, at := range d.nodes {
		if !q.concerns(d.n, at) {
			continue
		}
		out.NodeCount++
		if len(out.Nodes) < q.first {
			out.Nodes = append(out.Nodes, ChangedNode{d.n.id(at), d.n.kind(at).Name, d.n.names.at(int(at))})
		}
	}
	edges := 0
	for _, e := range d.edges {
		x := &d.n.edges[e.number]
		if !q.concerns(d.n, x.from) && !q.concerns(d.n, x.to) {
			continue
		}
		edges++
		out.RelationCount += max(len(e.claims), 1)
		if len(out.Edges) == q.first {
			continue
		}
		r := d.n.relation(x)
		c := ChangedEdge{Relation: r.Name, From: d.n.id(x.from), To: d.n.id(x.to), Structural: r.Structural, Claims: []string{}, ClaimCount: len(e.claims)}
		c.ID = edgeID(c.Relation, c.From, c.To)
		for _, number := range e.claims[:min(len(e.claims), MaxListed)] {
			c.Claims = append(c.Claims, hex.EncodeToString(d.n.claims[number].id[:]))
		}
		slices.Sort(c.Claims)
		out.Truncated = out.Truncated || len(e.claims) > MaxListed
		out.Edges = append(out.Edges, c)
	}
	out.Truncated = out.Truncated || out.NodeCount > len(out.Nodes) || edges > len(out.Edges)
	return out
}
