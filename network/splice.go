package network

import (
	"cmp"
	"slices"
	"sort"

	"github.com/crimegraph/crimegraph/ontology"
)

// run is a sequence of nodes that lie one after the other in the older network, or among those that were read, and do so in the new one.
type run struct {
	read     bool
	from, to node
	// first is the number of the first of them in the new network.
	first node
}

// settle numbers the nodes, once all are known: those of the older network that stay, and those that were read, in order of id.
func (b *building) settle() {
	if b.renumbered != nil {
		return
	}
	older, read := b.older, b.n
	read.ids, read.names, read.aliases.texts = b.ids.texts(), b.names.texts(), b.aliases.texts()
	b.renumbered = make([]node, len(older.kinds))
	if len(older.kinds) > 0 {
		runs, renamed := b.runs()
		b.n = spliced(older, read, runs)
		b.n.places, b.n.modes = joinedByNode(b, renamed, older.places, read.places), joinedByNode(b, renamed, older.modes, read.modes)
		b.n.levels, b.n.figures = joinedByNode(b, renamed, older.levels, read.levels), joinedByNode(b, renamed, older.figures, read.figures)
	}
	for i := range b.n.statements {
		s := &b.n.statements[i]
		if s.source != none {
			s.source = b.olderSource(s.source)
		}
	}
	for at, id := range b.named {
		i, _ := slices.BinarySearchFunc(b.n.statements, at, byNode)
		b.n.statements[i].source = b.source(id)
	}
}

// runs tells how the older nodes and those read lie among each other, and numbers them. renamed says which nodes of those read are which.
func (b *building) runs() (out []run, renamed []node) {
	older, read := b.older, b.n
	end := node(len(older.kinds))
	var gone []node
	for id := range b.touched {
		if at := older.find(id); at != none {
			gone = append(gone, at)
		}
	}
	slices.Sort(gone)
	at, next := node(0), node(0)
	stay := func(until node) { // older nodes up to one, without those that are replaced
		for at < until {
			to := until
			if len(gone) > 0 && gone[0] < until {
				to = gone[0]
			}
			if at < to {
				out = append(out, run{from: at, to: to, first: next})
				next += to - at
			}
			if at = to; at < until {
				gone = gone[1:]
				at++
			}
		}
	}
	for i := range read.kinds {
		id := read.ids.at(i)
		stay(node(sort.Search(int(end), func(j int) bool { return older.ids.at(j) >= id })))
		if last := len(out) - 1; last >= 0 && out[last].read && out[last].to == node(i) {
			out[last].to++
		} else {
			out = append(out, run{read: true, from: node(i), to: node(i) + 1, first: next})
		}
		next++
	}
	stay(end)
	for i := range b.renumbered {
		b.renumbered[i] = none
	}
	renamed = make([]node, len(read.kinds))
	for _, r := range out {
		for i := r.from; i < r.to; i++ {
			if r.read {
				renamed[i] = r.first + i - r.from
			} else {
				b.renumbered[i] = r.first + i - r.from
			}
		}
	}
	for id, i := range b.numbers {
		b.numbers[id] = renamed[i]
	}
	named := map[node]string{}
	for i, id := range b.named {
		named[renamed[i]] = id
	}
	b.named = named
	return out, renamed
}

// spliced puts the nodes of two networks together, but for what is held by node. The sources of statements are still those of their networks.
func spliced(older, read *Network, runs []run) *Network {
	n := &Network{
		Model: read.Model, relations: read.relations, denies: read.denies,
		kinds: joined(older.kinds, read.kinds, runs), marks: joined(older.marks, read.marks, runs),
		ids: joinedTexts(older.ids, read.ids, runs), names: joinedTexts(older.names, read.names, runs),
	}
	var ofAliases []run // as runs, of aliases
	for _, r := range runs {
		from := older
		if r.read {
			from = read
		}
		first, _ := slices.BinarySearch(from.aliases.of, r.from)
		last, _ := slices.BinarySearch(from.aliases.of, r.to)
		ofAliases = append(ofAliases, run{read: r.read, from: node(first), to: node(last)})
		for _, of := range from.aliases.of[first:last] {
			n.aliases.of = append(n.aliases.of, r.first+of-r.from)
		}
		first, _ = slices.BinarySearchFunc(from.statements, r.from, byNode)
		last, _ = slices.BinarySearchFunc(from.statements, r.to, byNode)
		for _, s := range from.statements[first:last] {
			s.node = r.first + s.node - r.from
			n.statements = append(n.statements, s)
		}
	}
	n.aliases.texts = joinedTexts(older.aliases.texts, read.aliases.texts, ofAliases)
	return n
}

func byNode(s statement, at node) int { return int(s.node) - int(at) }

func joined[E any](older, read []E, runs []run) []E {
	out := make([]E, 0, len(older)+len(read))
	for _, r := range runs {
		if r.read {
			out = append(out, read[r.from:r.to]...)
		} else {
			out = append(out, older[r.from:r.to]...)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return slices.Clip(out)
}

func joinedTexts(older, read texts, runs []run) texts {
	b := textsBuilder{all: make([]byte, 0, len(older.all)+len(read.all)), first: make([]uint32, 0, len(older.first)+len(read.first))}
	for _, r := range runs {
		t := older
		if r.read {
			t = read
		}
		begin := t.first[r.from]
		shift := uint32(len(b.all)) - begin
		for _, first := range t.first[r.from:r.to] {
			b.first = append(b.first, first+shift)
		}
		b.all = append(b.all, t.all[begin:t.first[r.to]]...)
	}
	return b.texts()
}

func joinedByNode[E any](b *building, renamed []node, older, read map[node]E) map[node]E {
	out := make(map[node]E, len(older)+len(read))
	for at, v := range older {
		if now := b.renumbered[at]; now != none {
			out[now] = v
		}
	}
	for at, v := range read {
		out[renamed[at]] = v
	}
	return out
}

// number is the number of the node with an id, or none. The nodes are settled.
func (b *building) number(id string) node {
	if at, known := b.numbers[id]; known {
		return at
	}
	if at := b.older.find(id); at != none {
		return b.renumbered[at]
	}
	return none
}

// network puts everything in order.
func (b *building) network() *Network {
	b.settle()
	for _, l := range b.links {
		from, to := b.number(l.of), b.number(l.to)
		if from == none || to == none {
			continue
		}
		if l.link.Direction == ontology.In {
			from, to = to, from
		}
		b.bundles = append(b.bundles, bundle{from: from, to: to, relation: b.codes[l.link.Relation.Name]})
	}
	slices.SortFunc(b.bundles, func(x, y bundle) int {
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to), cmp.Compare(x.relation, y.relation))
	})
	b.edges()
	b.measure()
	b.hide()
	n := b.n
	n.incoming()
	for _, mark := range n.marks {
		n.maxTlp = max(n.maxTlp, mark)
	}
	for i := range n.claims {
		n.maxTlp = max(n.maxTlp, n.claims[i].tlp)
	}
	n.kinds, n.marks, n.statements, n.aliases.of = slices.Clip(n.kinds), slices.Clip(n.marks), slices.Clip(n.statements), slices.Clip(n.aliases.of)
	return n
}

// edges puts the edges that stay and those that were read in order, with their claims.
func (b *building) edges() {
	n, older := b.n, b.older
	n.edges = make([]edge, 0, len(older.edges)+len(b.bundles))
	n.claims = make([]claim, 0, len(older.claims)+len(b.claims))
	gone := b.goneEdges()
	read, measured := b.bundles, older.amounts
	for at := range older.edges {
		e := older.edges[at]
		if len(gone) > 0 && gone[0] == edgeNumber(at) {
			gone = gone[1:]
			continue
		}
		e.from, e.to = b.renumbered[e.from], b.renumbered[e.to]
		if e.from == none || e.to == none {
			continue
		}
		for ; len(read) > 0 && e.compare(read[0].from, read[0].to, read[0].relation) > 0; read = read[1:] {
			b.readEdge(read[0])
		}
		first := e.first
		e.first = uint32(len(n.claims))
		claims := older.claimsOf(edgeNumber(at))
		for len(measured) > 0 && measured[0].claim < first {
			measured = measured[1:]
		}
		for ; len(measured) > 0 && measured[0].claim < first+uint32(len(claims)); measured = measured[1:] {
			a := measured[0]
			a.claim += e.first - first
			a.unit = uint32(b.units.number(older.units[a.unit]))
			n.amounts = append(n.amounts, a)
		}
		for _, c := range claims {
			c.source = b.olderSource(c.source)
			n.claims = append(n.claims, c)
		}
		n.edges = append(n.edges, e)
	}
	for _, x := range read {
		b.readEdge(x)
	}
}

// goneEdges are the edges of the older network that are replaced though both their ends stay, in order.
func (b *building) goneEdges() (gone []edgeNumber) {
	if b.part == nil {
		return nil
	}
	for _, x := range b.part.Bundles {
		from, to := b.older.find(x.From), b.older.find(x.To)
		if from == none || to == none {
			continue
		}
		for _, e := range b.older.between(from, to) {
			if o := &b.older.edges[e]; o.from == from && b.older.relation(o).Name == x.Relation {
				gone = append(gone, e)
			}
		}
	}
	slices.Sort(gone)
	return slices.Compact(gone)
}

// readEdge adds an edge that was read.
func (b *building) readEdge(x bundle) {
	n := b.n
	e := edge{from: x.from, to: x.to, first: uint32(len(n.claims)), relation: x.relation}
	if x.count == 0 {
		e.flags = edgeStructural
	}
	for i, c := range b.claims[x.first : x.first+x.count] {
		b.placed(x.first + uint32(i))
		if n.denied(c.grade) {
			e.flags |= edgeDenied
		} else {
			e.flags |= edgeAsserted
		}
		if n.factual(c.grade) {
			e.flags |= edgeFactual
		}
		n.claims = append(n.claims, c)
	}
	n.edges = append(n.edges, e)
}

// incoming tells which edges a node has.
func (n *Network) incoming() {
	n.out = make([]uint32, len(n.kinds)+1)
	n.inFirst = make([]uint32, len(n.kinds)+1)
	for i := range n.edges {
		n.out[n.edges[i].from+1]++
		n.inFirst[n.edges[i].to+1]++
	}
	for i := range n.kinds {
		n.out[i+1] += n.out[i]
		n.inFirst[i+1] += n.inFirst[i]
	}
	n.in = make([]uint32, len(n.edges))
	next := slices.Clone(n.inFirst)
	for i := range n.edges { // in order of their starts
		to := n.edges[i].to
		n.in[next[to]] = uint32(i)
		next[to]++
	}
}
