package network

import "github.com/tidwall/geodesic"

// kilometres is the length of the shortest line between two points on the ellipsoid WGS 84.
func kilometres(a, b Point) float64 {
	var metres float64
	geodesic.WGS84.Inverse(a.Latitude, a.Longitude, b.Latitude, b.Longitude, &metres, nil, nil)
	return metres / 1000
}

// maxWithin is how many places around a place are looked at: sources may say that places lie within each other in a circle.
const maxWithin = 32

// position is where a place lies: its own coordinates, or those of the nearest place around it that has some.
func (n *Network) position(at node) (Point, bool) {
	for level := 0; at != none && level < maxWithin; level++ {
		if p, known := n.places[at]; known {
			return p, true
		}
		around := none
		for e := n.out[at]; e < n.out[at+1]; e++ {
			if n.relation(&n.edges[e]).Name == lies {
				around = n.edges[e].to
				break
			}
		}
		at = around
	}
	return Point{}, false
}

// length of a step: half of a leg's where it leads to an end of that leg, so that both halves make the leg; else 0.
func (n *Network) length(e edgeNumber) float64 {
	x := &n.edges[e]
	if r := n.relation(x).Name; r != legFrom && r != legTo {
		return 0
	}
	a, b := n.ends(x.from)
	p, known := n.position(a)
	q, too := n.position(b)
	if !known || !too {
		return 0
	}
	return kilometres(p, q) / 2
}

// ends are the places that a leg leads from and to; none where it has none.
func (n *Network) ends(leg node) (start, end node) {
	start, end = none, none
	for e := n.out[leg]; e < n.out[leg+1]; e++ {
		switch n.relation(&n.edges[e]).Name {
		case legFrom:
			start = n.edges[e].to
		case legTo:
			end = n.edges[e].to
		}
	}
	return start, end
}
