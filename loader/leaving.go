package loader

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// leaving are the nodes that leave, and what they name, in some 130 bytes each.
type leaving struct {
	places map[string]int32
	nodes  []leaver
	// names lie by the node that names.
	names []naming
	// kept counts the nodes that stay after all, as records that stay name them, or nodes that are kept themselves.
	kept int
}

type leaver struct {
	id           string
	leaves, kept bool
}

// naming says that a node names another.
type naming struct{ by, named int32 }

// leave finds the nodes of a walk that leave: they are picked, and no record names them that keeps what it names, or that is kept itself.
// It says how many were not picked.
func leave(ctx context.Context, over Store, model *ontology.Model, wanted plan.Walk, picks, keeps func(store.Record) bool) (l *leaving, others int, err error) {
	l = &leaving{places: map[string]int32{}}
	for r, err := range over.Walk(ctx, wanted) {
		if err != nil {
			return nil, 0, err
		}
		if picks(r) {
			l.add(r.Node.ID(), namesOf(model, r))
		} else {
			others++
		}
	}
	if len(l.nodes) == 0 {
		return l, others, nil
	}
	for _, of := range []plan.Sort{plan.AllNodes, plan.AllClaims} {
		for r, err := range over.Walk(ctx, plan.Walk{Of: of, Only: wanted.Only}) {
			if err != nil {
				return nil, 0, err
			}
			if keeps(r) {
				l.keep(namesOf(model, r))
			}
		}
	}
	l.settle()
	return l, others, nil
}

func (l *leaving) of(id string) int32 {
	at, known := l.places[id]
	if !known {
		at = int32(len(l.nodes))
		id = strings.Clone(id)
		l.places[id] = at
		l.nodes = append(l.nodes, leaver{id: id})
	}
	return at
}

func (l *leaving) add(id string, named []string) {
	at := l.of(id)
	l.nodes[at].leaves = true
	for _, other := range named {
		if other != id {
			l.names = append(l.names, naming{at, l.of(other)})
		}
	}
}

// keep notes that a record that stays names some nodes.
func (l *leaving) keep(named []string) {
	for _, id := range named {
		if at, known := l.places[id]; known {
			l.nodes[at].kept = true
		}
	}
}

// settle keeps what kept nodes name in turn, and sets the others apart.
func (l *leaving) settle() {
	slices.SortFunc(l.names, func(a, b naming) int { return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.named, b.named)) })
	var further []int32
	for at, n := range l.nodes {
		if n.kept {
			further = append(further, int32(at))
		}
	}
	for len(further) > 0 {
		last := len(further) - 1
		at := further[last]
		further = further[:last]
		for _, n := range l.namedBy(at) {
			if !l.nodes[n.named].kept {
				l.nodes[n.named].kept = true
				further = append(further, n.named)
			}
		}
	}
	for _, n := range l.nodes {
		if n.leaves && n.kept {
			l.kept++
		}
	}
}

// namedBy is what a node that leaves names.
func (l *leaving) namedBy(at int32) []naming {
	first, _ := slices.BinarySearchFunc(l.names, at, func(n naming, at int32) int { return cmp.Compare(n.by, at) })
	end := first
	for end < len(l.names) && l.names[end].by == at {
		end++
	}
	return l.names[first:end]
}

// holds says whether a node is one of those that leave.
func (l *leaving) holds(id string) bool {
	at, known := l.places[id]
	return known && l.leaves(at)
}

func (l *leaving) leaves(at int32) bool { return l.nodes[at].leaves && !l.nodes[at].kept }

func (l *leaving) count() (count int) {
	for at := range l.nodes {
		if l.leaves(int32(at)) {
			count++
		}
	}
	return count
}

// batches yields the ids of the nodes that leave, each after those that name it or together with them. Only nodes in a circle, which no
// data set may state by itself, and what those name make a batch longer than size: they leave together, at last.
func (l *leaving) batches(size int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		// namers counts, for each node, those that name it and did not leave yet.
		namers := make([]int32, len(l.nodes))
		for _, n := range l.names {
			if l.leaves(n.by) {
				namers[n.named]++
			}
		}
		var free []int32
		for at := range l.nodes {
			if l.leaves(int32(at)) && namers[at] == 0 {
				free = append(free, int32(at))
			}
		}
		var batch []string
		for len(free) > 0 {
			at := free[len(free)-1]
			free = free[:len(free)-1]
			batch = append(batch, l.nodes[at].id)
			for _, n := range l.namedBy(at) {
				if namers[n.named]--; namers[n.named] == 0 && l.leaves(n.named) {
					free = append(free, n.named)
				}
			}
			if len(batch) == size {
				if !yield(batch) {
					return
				}
				batch = nil
			}
		}
		for at, n := range l.nodes {
			if l.leaves(int32(at)) && namers[at] > 0 {
				batch = append(batch, n.id)
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}
