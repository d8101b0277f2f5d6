// Package synthetic makes networks of any size for measurements: the real ontology, degrees with heavy tails, several claims a
// pair, denials, marks, dates. The same seed and size give the same records. It keeps none of them: each is made from its place.
package synthetic

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Size is about how many nodes and relations, claims and structural ones together, a network has.
type Size struct{ Nodes, Relations int }

// Network is a network that can be made, any number of times. What a record of a kind says, and how many claims start from it, does
// not depend on the size, but for claims that only fill the network up; whom they lead to does: the hubs grow with the network.
type Network struct {
	model  *ontology.Model
	seed   uint64
	size   Size
	counts map[string]int
	// filling is the mean number of claims that fill up, by relation.
	filling map[string]float64
}

// share is how many of a thousand nodes are of a kind. Legs come with their routes.
var share = map[string]int{
	source: 30, place: 80, commodity: 10, group: 120, person: 40, route: 150, event: 100, estimate: 95,
}

// The kinds that a network has.
const (
	source, place, commodity, group, person = "Source", "Place", "Commodity", "Group", "Person"
	route, leg, event, estimate             = "Route", "Leg", "Event", "Estimate"
)

// New describes a network of the model.
func New(model *ontology.Model, size Size, seed uint64) *Network {
	n := &Network{model: model, seed: seed, size: size, counts: map[string]int{}, filling: map[string]float64{}}
	for kind, s := range share {
		n.counts[kind] = max(size.Nodes*s/1000, 2)
	}
	legs := 0
	for i := range n.counts[route] {
		legs += n.legs(i)
	}
	structural := 3*legs + n.counts[place] + n.counts[commodity] + n.counts[group] + n.counts[person] + n.counts[estimate]*13/10
	left := float64(size.Relations - structural)
	for _, r := range relations {
		if r.mean > 0 {
			left -= float64(r.mean * float64(n.counts[r.from]))
		}
	}
	for _, r := range relations {
		if r.fill > 0 {
			n.filling[r.name+r.from] = max(left, 0) * r.fill / float64(n.counts[r.from])
		}
	}
	return n
}

// Count is how many nodes of a kind the network has, legs excepted.
func (n *Network) Count(kind string) int { return n.counts[kind] }

// Batches gives all records in batches of at most size, each after those it names.
func (n *Network) Batches(size int) iter.Seq[store.Batch] {
	return func(yield func(store.Batch) bool) {
		var b store.Batch
		flush := func() bool {
			full := b
			b = store.Batch{}
			return len(full.Nodes)+len(full.Claims) == 0 || yield(full)
		}
		grown := func() bool { return len(b.Nodes)+len(b.Claims) < size || flush() }
		for _, kind := range []string{source, place, commodity, group, person, route, event, estimate} {
			for i := range n.counts[kind] {
				b.Nodes = append(b.Nodes, n.node(kind, i))
				if !grown() {
					return
				}
				if kind != route {
					continue
				}
				for order := 1; order <= n.legs(i); order++ {
					b.Nodes = append(b.Nodes, n.leg(i, order))
					if !grown() {
						return
					}
				}
			}
		}
		for at := range relations {
			for i := range n.counts[relations[at].from] {
				for c := range n.claims(at, i) {
					b.Claims = append(b.Claims, c)
					if !grown() {
						return
					}
				}
			}
		}
		flush()
	}
}

// Name is the name of a node. Names of a kind are in the order of their places, up to 2^18 of them: the first page by name holds the
// first nodes.
func (n *Network) Name(kind string, i int) string {
	const consonants, vowels = "bdfghjklmnprstvz", "aeio"
	d := n.dice("name", kind, i)
	// The last six bits keep words from ending alike; the others count.
	code := i<<6 | d.below(64)
	var letters [9]byte
	for at, shift := 0, 18; shift >= 0; shift -= 6 {
		syllable := code >> shift & 63
		letters[at], letters[at+1] = consonants[syllable>>2], vowels[syllable&3]
		at += 2
		if shift == 12 {
			letters[at] = ' '
			at++
		}
	}
	letters[0] -= 'a' - 'A'
	letters[5] -= 'a' - 'A'
	words := endings[kind]
	return string(letters[:]) + " " + words[d.below(len(words))]
}

var endings = map[string][]string{
	source: {"Gazette", "Report", "Designation"}, place: {"City", "Port", "Crossing"}, commodity: {"Goods", "Substance"},
	group: {"Cartel", "Clan", "Network", "Syndicate", "Brotherhood", "Crew"}, person: {"Moreno", "Novak", "Tanaka"},
	route: {"Corridor", "Route", "Passage"}, event: {"Seizure", "Raid"},
}

// ID is the id of a node.
func (n *Network) ID(kind string, i int) string {
	prefix := n.model.Kind(kind).IDPrefix()
	if kind == estimate {
		return prefix + strconv.Itoa(i)
	}
	slug := []byte(n.Name(kind, i))
	for at, c := range slug {
		switch {
		case c == ' ':
			slug[at] = '-'
		case c >= 'A' && c <= 'Z':
			slug[at] += 'a' - 'A'
		}
	}
	return prefix + string(slug)
}

// legs is how many legs a route has.
func (n *Network) legs(i int) int {
	d := n.dice("legs", route, i)
	return 1 + d.below(4)
}

// String names the size.
func (s Size) String() string { return fmt.Sprintf("%d nodes, %d relations", s.Nodes, s.Relations) }
