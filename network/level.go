package network

import "github.com/crimegraph/crimegraph/ontology"

// level is where a place or a commodity stands in its tree, by rank; market is a commodity's.
type level struct{ kind, market uint8 }

// The relation from a part of a tree to what is around it.
const partOf = "PART_OF"

// leveled notes the level of places and commodities.
func (b *building) leveled(self node, kind *ontology.Kind, values []any) {
	if kind.Name == place || kind.Name == commodity {
		at := b.at[kind.Name]
		b.n.levels[self] = level{rank(values, at.kind), rank(values, at.market)}
	}
}

// upwards gives a node and then what lies around it in a tree, up to the root.
func (n *Network) upwards(at node, relation string) func(yield func(node) bool) {
	return func(yield func(node) bool) {
		for range deepestTree {
			if at == none || !yield(at) {
				return
			}
			above := none
			for e := n.out[at]; e < n.out[at+1]; e++ {
				if n.relation(&n.edges[e]).Name == relation {
					above = n.edges[e].to
					break
				}
			}
			at = above
		}
	}
}

// deepestTree ends the way up in data that goes round in circles.
const deepestTree = 32

// commodityAt is the key of a commodity at a level; empty where it stands above that level.
//
// MARKET: the market's name, its own or that of the nearest commodity above it which has one; else the commodity of kind MARKET above it.
// CLASS: the topmost commodity on the way up that is no market. ITEM: the topmost item.
func (n *Network) commodityAt(at node, wanted string) string {
	kinds := n.Model.Kind(commodity).Property("kind").Enum
	market, item := uint8(kinds.Rank("MARKET")), uint8(kinds.Rank("ITEM"))
	if wanted == "MARKET" {
		markets := n.Model.Kind(commodity).Property("market").Enum
		for up := range n.upwards(at, partOf) {
			if l := n.levels[up]; l.market != 0 {
				return markets.Value(int64(l.market))
			} else if l.kind == market {
				return n.id(up)
			}
		}
		return ""
	}
	top := none
	for up := range n.upwards(at, partOf) {
		kind := n.levels[up].kind
		if wanted == "CLASS" && kind == market || wanted == "ITEM" && kind != item {
			break
		}
		top = up
	}
	return n.id(top)
}

// placeAt is the place of a kind in which a place lies, or the place itself; none where there is none.
func (n *Network) placeAt(at node, kind uint8) node {
	for up := range n.upwards(at, lies) {
		if n.levels[up].kind == kind {
			return up
		}
	}
	return none
}
