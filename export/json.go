package export

import (
	"encoding/json"
	"io"

	"github.com/crimegraph/crimegraph/network"
)

// document writes JSON piece by piece; after an error it writes nothing more.
type document struct {
	w   io.Writer
	err error
	// further says that a list has an element already.
	further bool
}

func (d *document) raw(text string) {
	if d.err == nil {
		_, d.err = io.WriteString(d.w, text)
	}
}

func (d *document) value(v any) {
	if d.err != nil {
		return
	}
	var b []byte
	if b, d.err = json.Marshal(v); d.err == nil {
		_, d.err = d.w.Write(b)
	}
}

// list writes "name":[ and readies the document for its elements.
func (d *document) list(name string) {
	d.value(name)
	d.raw(":[")
	d.further = false
}

func (d *document) element(v any) {
	if d.further {
		d.raw(",")
	}
	d.further = true
	d.raw("\n")
	d.value(v)
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// with appends the attributes of a node or edge that are there.
func with[T any](o object, attributes []attribute[T], of T) object {
	for _, a := range attributes {
		if v := a.of(of); v != nil {
			o = append(o, member{a.name, v})
		}
	}
	return o
}

func (a About) members() object {
	return object{{"status", a.Status}, {"omittedNodes", a.OmittedNodes}, {"omittedEdges", a.OmittedEdges}, {"tlp", given(a.Tlp)}}
}

// writeJSON writes {"about": {…}, "nodes": [{id, …}], "edges": [{id, from, to, …}]}.
func writeJSON(w io.Writer, g Graph) error {
	d := &document{w: w}
	d.raw(`{"about":`)
	d.value(g.members())
	d.raw(",\n")
	d.list("nodes")
	attributes := nodeAttributes()
	for n := range g.Nodes {
		d.element(with(object{{"id", n.Node}}, attributes, n))
	}
	d.raw("],\n")
	d.list("edges")
	ofEdges := edgeAttributes()
	for e := range g.Edges {
		d.element(with(object{{"id", e.ID}, {"from", e.From}, {"to", e.To}}, ofEdges, e))
	}
	d.raw("]}\n")
	return d.err
}

// writeCytoscape writes what cytoscape.js takes as its options: elements, with positions where there is a layout.
func writeCytoscape(w io.Writer, g Graph) error {
	d := &document{w: w}
	d.raw(`{"data":`)
	d.value(g.members())
	d.raw(`,"elements":{`)
	d.list("nodes")
	attributes := nodeAttributes()
	for n := range g.Nodes {
		o := object{{"data", with(object{{"id", n.Node}}, attributes, n)}}
		if n.X != nil && n.Y != nil {
			o = append(o, member{"position", object{{"x", *n.X}, {"y", *n.Y}}})
		}
		d.element(o)
	}
	d.raw("],\n")
	d.list("edges")
	ofEdges := edgeAttributes()
	for e := range g.Edges {
		d.element(object{{"data", with(object{{"id", e.ID}, {"source", e.From}, {"target", e.To}}, ofEdges, e)}})
	}
	d.raw("]}}\n")
	return d.err
}

// writeGraphology writes a serialized graphology graph: directed, with parallel edges.
func writeGraphology(w io.Writer, g Graph) error {
	d := &document{w: w}
	d.raw(`{"options":{"type":"directed","multi":true,"allowSelfLoops":true},"attributes":`)
	d.value(g.members())
	d.raw(",\n")
	d.list("nodes")
	attributes := nodeAttributes()
	for n := range g.Nodes {
		o := with(object{}, attributes, n)
		if n.Name != "" {
			o = append(o, member{"label", n.Name}) // what Sigma.js draws
		}
		d.element(object{{"key", n.Node}, {"attributes", o}})
	}
	d.raw("],\n")
	d.list("edges")
	ofEdges := edgeAttributes()
	for e := range g.Edges {
		d.element(object{{"key", e.ID}, {"source", e.From}, {"target", e.To}, {"attributes", with(object{}, ofEdges, e)}})
	}
	d.raw("]}\n")
	return d.err
}

// writeGeoJSON writes one feature a node and one an edge. Places are points and legs lines along great circles; everything else has no geometry.
func writeGeoJSON(w io.Writer, g Graph) error {
	d := &document{w: w}
	d.raw(`{"type":"FeatureCollection","about":`)
	d.value(g.members())
	d.raw(",\n")
	d.list("features")
	attributes := nodeAttributes()
	for n := range g.Nodes {
		properties := with(object{{"id", n.Node}}, attributes, n)
		var geometry *network.Geometry
		if f, onMap := g.Feature(n.Node); onMap {
			geometry = f.Geometry
			for _, name := range []string{"mode", "sea", "kilometres"} {
				if v, known := f.Properties[name]; known {
					properties = append(properties, member{name, v})
				}
			}
		}
		d.element(object{{"type", "Feature"}, {"id", n.Node}, {"geometry", geometry}, {"properties", properties}})
	}
	ofEdges := edgeAttributes()
	for e := range g.Edges {
		properties := with(object{{"id", e.ID}, {"from", e.From}, {"to", e.To}}, ofEdges, e)
		d.element(object{{"type", "Feature"}, {"id", e.ID}, {"geometry", nil}, {"properties", properties}})
	}
	d.raw("]}\n")
	return d.err
}
