// Package network holds what a lens lets through as one immutable graph in memory, and answers questions about paths, neighbourhoods and
// subgraphs on it. Every answer is a value, and the same for the same network, whatever store it was read from.
package network

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/crimegraph/crimegraph/ontology"
)

// Network is the graph that a lens lets through, in compressed form. It is immutable and safe for concurrent use.
//
// Nodes are numbered in order of their ids, edges in order of their ends. An edge is a bundle: all claims of one relation from one node to
// another, or one structural relation. Claims lie in the order of their edges.
type Network struct {
	Model *ontology.Model
	// Revision of the store that was read before the records were, so that the network is at least as new.
	Revision int64

	kinds      []uint8
	marks      []uint8 // handling marks, by rank
	ids, names texts
	aliases    aliases
	statements []statement // of nodes that are statements, in order of node
	places     map[node]Point
	modes      map[node]uint8  // means of transport of legs, by rank
	levels     map[node]level  // of places and commodities
	figures    map[node]figure // of estimates

	edges []edge
	// out[n] to out[n+1] are the edges that start from node n. in holds the numbers of the edges that lead to node n, in order of
	// their starts, from inFirst[n] to inFirst[n+1].
	out     []uint32
	in      []uint32
	inFirst []uint32
	claims  []claim
	amounts []amount // of those claims that state one, in their order
	units   []string // in which they are given

	// doubt is computed where it is first asked for.
	doubt struct {
		once  sync.Once
		edges []uint32
	}

	// search is made where it is first asked for.
	search struct {
		once  sync.Once
		index *index
	}

	// hidden are sources that the lens hides, by id in order: what names one is told of when it is not hidden any longer.
	hidden []string

	relations []*ontology.Relation
	maxTlp    uint8
	denies    uint8 // rank of a denial
}

// node and edgeNumber number the nodes and edges of one network.
type (
	node       int32
	edgeNumber = uint32
)

// none stands for a node that is not in the network.
const none node = -1

// edge is 16 bytes. Its claims are those from first up to the next edge's first.
type edge struct {
	from, to node
	first    uint32
	relation uint8
	flags    uint8
}

// The flags of an edge.
const (
	edgeStructural uint8 = 1 << iota
	edgeAsserted
	edgeDenied
	edgeFactual // asserted to be so, not only to be possible
)

// claim is what the questions ask of a claim.
type claim struct {
	id                 [16]byte
	source             node // negative where the lens hides it: see sources
	validFrom, validTo int32
	grade
}

// statement is what the questions ask of a node that is a statement.
type statement struct {
	node               node
	source             node // as a claim's
	validFrom, validTo int32
	grade
}

// grade holds ranks. That of the stance has a mark for what is said to be possible; see denied.
type grade struct{ reliability, credibility, stance, tlp uint8 }

// possibly marks a stance that is of what can be, not of what is.
const possibly = 1 << 7

func (g grade) possible() bool { return g.stance&possibly != 0 }

// denied says whether a statement is that something is not so.
func (n *Network) denied(g grade) bool { return g.stance&^possibly == n.denies }

// factual says whether a statement is that something is so.
func (n *Network) factual(g grade) bool { return !n.denied(g) && !g.possible() }

// undated stands for a missing date key.
const undated = -1 << 31

// Point is a place on the earth, in degrees, WGS 84.
type Point struct{ Latitude, Longitude float64 }

// Size says how large a network is.
type Size struct {
	Nodes, Edges, Claims int
	// Relations are claims and structural relations.
	Relations int
	// Bytes that it holds.
	Bytes int64
}

// Size of the network.
func (n *Network) Size() Size {
	bytes := 2*int64(len(n.kinds)) + n.ids.bytes() + n.names.bytes() + n.aliases.bytes() +
		20*int64(len(n.statements)) + 40*int64(len(n.places)) + 12*int64(len(n.modes)) + 12*int64(len(n.levels)) + 80*int64(len(n.figures)) +
		16*int64(len(n.edges)) + 4*int64(len(n.out)+len(n.in)+len(n.inFirst)) + 32*int64(len(n.claims)) + 24*int64(len(n.amounts))
	for _, id := range n.hidden {
		bytes += 16 + int64(len(id))
	}
	relations := len(n.claims)
	for i := range n.edges {
		if n.edges[i].flags&edgeStructural != 0 {
			relations++
		}
	}
	return Size{Nodes: len(n.kinds), Edges: len(n.edges), Claims: len(n.claims), Relations: relations, Bytes: bytes}
}

// Kind is the kind of the node with an id, nil where there is none.
func (n *Network) Kind(id string) *ontology.Kind {
	at := n.find(id)
	if at == none {
		return nil
	}
	return n.kind(at)
}

// Name is the name of the node with an id; empty where it has none.
func (n *Network) Name(id string) string {
	at := n.find(id)
	if at == none {
		return ""
	}
	return n.names.at(int(at))
}

func (n *Network) kind(at node) *ontology.Kind { return n.Model.Kinds[n.kinds[at]] }

func (n *Network) id(at node) string {
	if at < 0 {
		return ""
	}
	return n.ids.at(int(at))
}

// find gives the node with an id, or none.
func (n *Network) find(id string) node {
	at, found := sort.Find(len(n.kinds), func(i int) int { return strings.Compare(id, n.ids.at(i)) })
	if !found {
		return none
	}
	return node(at)
}

// relation is the relation of an edge.
func (n *Network) relation(e *edge) *ontology.Relation { return n.relations[e.relation] }

// claimsOf are the claims of an edge.
func (n *Network) claimsOf(e edgeNumber) []claim {
	last := uint32(len(n.claims))
	if int(e)+1 < len(n.edges) {
		last = n.edges[e+1].first
	}
	return n.claims[n.edges[e].first:last]
}

// degree is how many edges a node has.
func (n *Network) degree(at node) int {
	return int(n.out[at+1] - n.out[at] + n.inFirst[at+1] - n.inFirst[at])
}

// incident gives the edges of a node, with the node at their other end: first those that start from it, then those that lead to it.
func (n *Network) incident(at node) func(yield func(edgeNumber, node) bool) {
	return func(yield func(edgeNumber, node) bool) {
		for e := n.out[at]; e < n.out[at+1]; e++ {
			if !yield(e, n.edges[e].to) {
				return
			}
		}
		for _, e := range n.in[n.inFirst[at]:n.inFirst[at+1]] {
			if !yield(e, n.edges[e].from) {
				return
			}
		}
	}
}

// between gives the edges that join two nodes, either way, in order: from a to b first.
func (n *Network) between(a, b node) []edgeNumber {
	var found []edgeNumber
	for _, ends := range [2][2]node{{a, b}, {b, a}} {
		first, last := n.out[ends[0]], n.out[ends[0]+1]
		at := first + uint32(sort.Search(int(last-first), func(i int) bool { return n.edges[first+uint32(i)].to >= ends[1] }))
		for ; at < last && n.edges[at].to == ends[1]; at++ {
			found = append(found, at)
		}
	}
	return found
}

// statement gives what is known of a node that is a statement.
func (n *Network) statement(at node) (statement, bool) {
	i, found := slices.BinarySearchFunc(n.statements, at, func(s statement, at node) int { return int(s.node) - int(at) })
	if !found {
		return statement{}, false
	}
	return n.statements[i], true
}

// texts holds texts by number, in one piece.
type texts struct {
	all   string
	first []uint32
}

func (t texts) at(i int) string { return t.all[t.first[i]:t.first[i+1]] }
func (t texts) bytes() int64    { return int64(len(t.all)) + 4*int64(len(t.first)) }

// textsBuilder gathers texts.
type textsBuilder struct {
	all   []byte
	first []uint32
}

func (b *textsBuilder) add(text string) {
	b.first = append(b.first, uint32(len(b.all)))
	b.all = append(b.all, text...)
}

func (b *textsBuilder) texts() texts {
	return texts{string(b.all), slices.Clip(append(b.first, uint32(len(b.all))))}
}

// aliases holds further names of nodes, in order of node.
type aliases struct {
	of    []node
	texts texts
}

func (a aliases) bytes() int64 { return 4*int64(len(a.of)) + a.texts.bytes() }

// at gives the aliases of a node.
func (a aliases) at(of node) []string {
	i, _ := slices.BinarySearch(a.of, of)
	var out []string
	for ; i < len(a.of) && a.of[i] == of; i++ {
		out = append(out, a.texts.at(i))
	}
	return out
}
