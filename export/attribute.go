package export

import "github.com/crimegraph/crimegraph/network"

// typ is what the values of an attribute are, as GEXF calls it.
type typ string

const (
	text    typ = "string"
	integer typ = "integer" // Go's int
	number  typ = "double"  // float64
	truth   typ = "boolean"
)

// attribute is a column of nodes or edges. A value that is missing is nil.
type attribute[T any] struct {
	name string
	typ  typ
	of   func(T) any
}

// nodeAttributes are those of nodes besides the id.
func nodeAttributes() []attribute[network.SubgraphNode] {
	type node = network.SubgraphNode
	return []attribute[node]{
		{"kind", text, func(n node) any { return n.Kind }},
		{"name", text, func(n node) any { return given(n.Name) }},
		{"depth", integer, func(n node) any { return n.Depth }},
		{"degree", integer, func(n node) any { return n.Degree }},
		{"x", number, func(n node) any { return pointed(n.X) }},
		{"y", number, func(n node) any { return pointed(n.Y) }},
		{"latitude", number, func(n node) any { return pointed(n.Latitude) }},
		{"longitude", number, func(n node) any { return pointed(n.Longitude) }},
	}
}

// edgeAttributes are those of edges besides the id and the ends.
func edgeAttributes() []attribute[network.Edge] {
	type edge = network.Edge
	return []attribute[edge]{
		{"relation", text, func(e edge) any { return e.Relation }},
		{"structural", truth, func(e edge) any { return e.Structural }},
		{"claimCount", integer, func(e edge) any { return e.ClaimCount }},
		{"disputed", truth, func(e edge) any { return e.Disputed }},
		{"denied", truth, func(e edge) any { return e.Denied }},
		{"firstSeen", text, func(e edge) any { return given(e.FirstSeen.String()) }},
		{"lastSeen", text, func(e edge) any { return given(e.LastSeen.String()) }},
		{"reliability", text, func(e edge) any { return given(e.Reliability) }},
		{"tlp", text, func(e edge) any { return given(e.Tlp) }},
	}
}

func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func pointed(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}
