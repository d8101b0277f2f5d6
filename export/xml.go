package export

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// markup writes XML piece by piece; after an error it writes nothing more.
type markup struct {
	w   io.Writer
	err error
}

// raw writes a format whose values must be text that escaped gave, or numbers.
func (m *markup) raw(format string, values ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.w, format, values...)
	}
}

// escaped is text as XML; characters that XML cannot hold become U+FFFD.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// written is a value as text.
func written(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// writeGraphML writes GraphML: http://graphml.graphdrawing.org
func writeGraphML(w io.Writer, g Graph) error {
	m := &markup{w: w}
	m.raw("%s", xml.Header+`<graphml xmlns="http://graphml.graphdrawing.org/xmlns">`+"\n")
	about := g.members()
	for _, a := range about {
		m.raw("<key id=\"about_%s\" for=\"graph\" attr.name=\"%[1]s\" attr.type=\"string\"/>\n", a.name)
	}
	nodes, edges := nodeAttributes(), edgeAttributes()
	keys(m, "node", nodes)
	keys(m, "edge", edges)
	m.raw("<graph edgedefault=\"directed\">\n")
	for _, a := range about {
		if a.value != nil {
			m.raw("<data key=\"about_%s\">%s</data>\n", a.name, escaped(written(a.value)))
		}
	}
	data := func(of string, o object) {
		for _, a := range o {
			m.raw("<data key=\"%s_%s\">%s</data>", of, a.name, escaped(written(a.value)))
		}
	}
	for n := range g.Nodes {
		m.raw("<node id=\"%s\">", escaped(n.Node))
		data("node", with(nil, nodes, n))
		m.raw("</node>\n")
	}
	for e := range g.Edges {
		m.raw("<edge id=\"%s\" source=\"%s\" target=\"%s\">", escaped(e.ID), escaped(e.From), escaped(e.To))
		data("edge", with(nil, edges, e))
		m.raw("</edge>\n")
	}
	m.raw("</graph>\n</graphml>\n")
	return m.err
}

// keys declares attributes in GraphML, which says int where GEXF says integer.
func keys[T any](m *markup, of string, attributes []attribute[T]) {
	for _, a := range attributes {
		is := string(a.typ)
		if a.typ == integer {
			is = "int"
		}
		m.raw("<key id=\"%s_%s\" for=\"%[1]s\" attr.name=\"%[2]s\" attr.type=\"%[3]s\"/>\n", of, a.name, is)
	}
}

// declare declares attributes in GEXF.
func declare[T any](m *markup, of string, attributes []attribute[T]) {
	m.raw("<attributes class=\"%s\">", of)
	for _, a := range attributes {
		m.raw("<attribute id=\"%s\" title=\"%[1]s\" type=\"%s\"/>", a.name, a.typ)
	}
	m.raw("</attributes>\n")
}

// writeGEXF writes GEXF 1.2: https://gexf.net
func writeGEXF(w io.Writer, g Graph) error {
	m := &markup{w: w}
	m.raw("%s", xml.Header+`<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">`+"\n")
	var about []string
	for _, a := range g.members() {
		if a.value != nil {
			about = append(about, a.name+": "+written(a.value))
		}
	}
	m.raw("<meta><creator>CrimeGraph</creator><description>%s</description></meta>\n", escaped(strings.Join(about, ", ")))
	m.raw("<graph mode=\"static\" defaultedgetype=\"directed\">\n")
	nodes, edges := nodeAttributes(), edgeAttributes()
	declare(m, "node", nodes)
	declare(m, "edge", edges)
	m.raw("<nodes>\n")
	values := func(o object) {
		m.raw("<attvalues>")
		for _, a := range o {
			m.raw("<attvalue for=\"%s\" value=\"%s\"/>", a.name, escaped(written(a.value)))
		}
		m.raw("</attvalues>")
	}
	for n := range g.Nodes {
		label := n.Name
		if label == "" {
			label = n.Node
		}
		m.raw("<node id=\"%s\" label=\"%s\">", escaped(n.Node), escaped(label))
		values(with(nil, nodes, n))
		if n.X != nil && n.Y != nil {
			m.raw("<viz:position x=\"%s\" y=\"%s\" z=\"0\"/>", written(*n.X), written(*n.Y))
		}
		m.raw("</node>\n")
	}
	m.raw("</nodes>\n<edges>\n")
	for e := range g.Edges {
		m.raw("<edge id=\"%s\" source=\"%s\" target=\"%s\" label=\"%s\">", escaped(e.ID), escaped(e.From), escaped(e.To), escaped(e.Relation))
		values(with(nil, edges, e))
		m.raw("</edge>\n")
	}
	m.raw("</edges>\n</graph>\n</gexf>\n")
	return m.err
}
