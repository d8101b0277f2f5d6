package store

import "slices"

// Namers gathers which records name some nodes, for Store.Named.
type Namers struct {
	// by are the nodes that name one; nothing but "" where a record does that is none of them.
	by map[string][]string
}

// NewNamers begins for the nodes of some ids.
func NewNamers(ids []string) *Namers {
	n := &Namers{by: make(map[string][]string, len(ids))}
	for _, id := range ids {
		n.by[id] = nil
	}
	return n
}

// Note notes that a record names a node; by is its id, or "" where it is a claim.
func (n *Namers) Note(id, by string) {
	held := n.by[id]
	if len(held) == 1 && held[0] == "" {
		return
	}
	if _, among := n.by[by]; !among {
		n.by[id] = []string{""}
		return
	}
	n.by[id] = append(held, by)
}

// Named gives the nodes that are named from without, at first or at second hand, in order.
func (n *Namers) Named() []string {
	names := map[string][]string{}
	var out []string
	done := map[string]bool{}
	add := func(id string) {
		if !done[id] {
			out, done[id] = append(out, id), true
		}
	}
	for id, by := range n.by {
		for _, other := range by {
			if other == "" {
				add(id)
			}
			names[other] = append(names[other], id)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, id := range names[out[i]] {
			add(id)
		}
	}
	slices.Sort(out)
	return out
}
