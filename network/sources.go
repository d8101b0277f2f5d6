package network

import "slices"

// sources numbers the sources of what is stated. One that the lens lets through has the number of its node; of one that is hidden the id is kept, so
// that all which name it are known when it is not hidden any longer: its number is -2, -3 and so on, by the order of Network.hidden. Nothing tells of these ids.
type sources struct {
	hidden names
	// resolved are the sources of the older network that are hidden or replaced, by their numbers there.
	resolved map[node]node
}

// hiddenSource is the number of the hidden source at a place, and with it the place of a number.
func hiddenSource[N int | node](at N) N { return -2 - at }

// source numbers the source with an id. The nodes are settled.
func (b *building) source(id string) node {
	if id == "" {
		return none
	}
	if at := b.number(id); at != none {
		return at
	}
	return node(hiddenSource(b.sources.hidden.number(id)))
}

// olderSource is the number that a source of the older network has in the new one.
func (b *building) olderSource(at node) node {
	if at == none {
		return none
	}
	if at >= 0 && b.renumbered[at] != none {
		return b.renumbered[at]
	}
	now, known := b.sources.resolved[at]
	if !known {
		id := b.older.id(at)
		if at < 0 {
			id = b.older.hidden[hiddenSource(at)]
		}
		now = b.source(id)
		if b.sources.resolved == nil {
			b.sources.resolved = map[node]node{}
		}
		b.sources.resolved[at] = now
	}
	return now
}

// hide puts the hidden sources in order.
func (b *building) hide() {
	n := b.n
	if len(b.sources.hidden.list) == 0 {
		return
	}
	var place []int
	n.hidden, place = b.sources.hidden.ordered()
	for i := range n.claims {
		if s := &n.claims[i].source; *s < none {
			*s = node(hiddenSource(place[hiddenSource(*s)]))
		}
	}
	for i := range n.statements {
		if s := &n.statements[i].source; *s < none {
			*s = node(hiddenSource(place[hiddenSource(*s)]))
		}
	}
}

// names numbers names as they come.
type names struct {
	list []string
	at   map[string]int
}

func (n *names) number(name string) int {
	at, known := n.at[name]
	if !known {
		if n.at == nil {
			n.at = map[string]int{}
		}
		at = len(n.list)
		n.at[name] = at
		n.list = append(n.list, name)
	}
	return at
}

// ordered gives the names in order, and the place there of each number.
func (n *names) ordered() (out []string, place []int) {
	out = slices.Sorted(slices.Values(n.list))
	place = make([]int, len(out))
	for i, name := range out {
		place[n.at[name]] = i
	}
	return out, place
}
