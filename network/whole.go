package network

import "iter"

// Nodes are all nodes in order of id, as those of a subgraph that starts everywhere.
func (n *Network) Nodes() iter.Seq[SubgraphNode] {
	return func(yield func(SubgraphNode) bool) {
		for i := range n.kinds {
			at := node(i)
			x := n.describe(at)
			x.Degree = int(n.out[i+1] - n.out[i] + n.inFirst[i+1] - n.inFirst[i])
			if !yield(x) {
				return
			}
		}
	}
}

// Edges are all edges in order of their ends.
func (n *Network) Edges() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for i := range n.edges {
			if !yield(n.edge(edgeNumber(i))) {
				return
			}
		}
	}
}

// Tlp is the highest handling mark of what the network was read from; empty where nothing is marked.
func (n *Network) Tlp() string {
	if n.maxTlp == 0 {
		return ""
	}
	return n.Model.Claim.Property("tlp").Enum.Value(int64(n.maxTlp))
}

// describe is a node as a subgraph shows it, without depth and degree.
func (n *Network) describe(at node) SubgraphNode {
	x := SubgraphNode{Node: n.id(at), Kind: n.kind(at).Name, Name: n.names.at(int(at))}
	if p, known := n.places[at]; known {
		x.Latitude, x.Longitude = &p.Latitude, &p.Longitude
	}
	return x
}
