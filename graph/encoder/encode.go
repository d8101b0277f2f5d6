package encoder

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// AppendObject appends a node as JSON; null stays null.
func AppendObject(b []byte, o *Object, node store.Value) []byte {
	if node.Type == store.Null {
		return append(b, "null"...)
	}
	fields := o.Fields
	if o.Kinds != nil {
		fields = o.Kinds[node.List[o.KindAt].Text]
	}
	b = append(b, '{')
	for i := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		f := &fields[i]
		b = append(b, f.Key...)
		switch {
		case f.Property != nil:
			b = appendProperty(b, f.Property, node.List[f.At])
		case f.Object != nil:
			b = AppendObject(b, f.Object, node.List[f.At])
		case f.Connection != nil:
			b = AppendConnection(b, f.Connection, node.List[f.At])
		default:
			b = append(b, f.Constant...)
		}
	}
	return append(b, '}')
}

// AppendConnection appends the answer of a page as JSON.
func AppendConnection(b []byte, c *Connection, page store.Value) []byte {
	if page.Type == store.Null {
		return append(b, "null"...)
	}
	total, rows := page.List[0], page.List[1].List
	more := len(rows) > c.First
	if more {
		rows = rows[:c.First]
	}
	b = append(b, '{')
	for i := range c.Parts {
		if i > 0 {
			b = append(b, ',')
		}
		part := &c.Parts[i]
		b = append(b, part.Key...)
		switch {
		case part.Nodes != nil:
			b = append(b, '[')
			for j := range rows {
				if j > 0 {
					b = append(b, ',')
				}
				b = AppendObject(b, part.Nodes, rows[j].List[0])
			}
			b = append(b, ']')
		case part.Edges != nil:
			b = append(b, '[')
			for j := range rows {
				if j > 0 {
					b = append(b, ',')
				}
				b = appendEdge(b, c, part.Edges, rows[j].List)
			}
			b = append(b, ']')
		case part.PageInfo != nil:
			b = appendPageInfo(b, c, part.PageInfo, rows, more)
		case part.Total:
			b = strconv.AppendInt(b, total.Int, 10)
		default:
			b = append(b, part.Constant...)
		}
	}
	return append(b, '}')
}

// appendEdge appends a row, see plan.Page.
func appendEdge(b []byte, c *Connection, shape *EdgeShape, row []store.Value) []byte {
	b = append(b, '{')
	for i := range shape.Parts {
		if i > 0 {
			b = append(b, ',')
		}
		part := &shape.Parts[i]
		b = append(b, part.Key...)
		switch {
		case part.Node != nil:
			b = AppendObject(b, part.Node, row[0])
		case part.Cursor:
			b = appendText(b, c.Seal.Cursor(row[2].List))
		case part.Claims != nil:
			claims := row[1].List[part.At].List
			b = append(b, '[')
			for j := range claims[:min(len(claims), part.First)] {
				if j > 0 {
					b = append(b, ',')
				}
				b = AppendObject(b, part.Claims, claims[j])
			}
			b = append(b, ']')
		case part.Value:
			v := row[1].List[part.At]
			switch {
			case part.Truth:
				b = strconv.AppendBool(b, v.Int != 0)
			case part.Day != nil:
				b = appendProperty(b, part.Day, v)
			default:
				b = strconv.AppendInt(b, v.Int, 10)
			}
		default:
			b = append(b, part.Constant...)
		}
	}
	return append(b, '}')
}

func appendPageInfo(b []byte, c *Connection, parts []InfoPart, rows []store.Value, more bool) []byte {
	cursor := func(b []byte, row int) []byte {
		if len(rows) == 0 {
			return append(b, "null"...)
		}
		return appendText(b, c.Seal.Cursor(rows[row].List[2].List))
	}
	b = append(b, '{')
	for i, part := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, part.Key...)
		switch part.Name {
		case "hasNextPage":
			b = strconv.AppendBool(b, more)
		case "hasPreviousPage":
			b = strconv.AppendBool(b, c.After)
		case "startCursor":
			b = cursor(b, 0)
		case "endCursor":
			b = cursor(b, len(rows)-1)
		default:
			b = append(b, `"PageInfo"`...)
		}
	}
	return append(b, '}')
}

func appendProperty(b []byte, p *ontology.Property, v store.Value) []byte {
	switch v.Type {
	case store.Null:
		if p.List {
			return append(b, "[]"...)
		}
		return append(b, "null"...)
	case store.Text:
		return appendText(b, v.Text)
	case store.Floating:
		return appendFloat(b, v.Float)
	case store.List:
		b = append(b, '[')
		for i, e := range v.List {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, e.Text)
		}
		return append(b, ']')
	default:
		return p.Append(b, v.Int)
	}
}

// appendFloat writes whole numbers without a point and never an exponent below 1e21, as JavaScript does. It panics on what JSON cannot hold: no
// figure of an answer may be that, and an answer that clients cannot read would hide whose fault it is.
func appendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		panic(fmt.Errorf("encoder: %v is no number that an answer can hold", f))
	}
	if f == 0 {
		return append(b, '0')
	}
	format := byte('f')
	if abs := math.Abs(f); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	b = strconv.AppendFloat(b, f, format, -1, 64)
	if n := len(b); format == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-07
		b = append(b[:n-2], b[n-1])
	}
	return b
}

// appendText writes text as JSON, safe inside HTML as well. Bytes that are no UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\t':
				b = append(b, '\\', 't')
			case '\r':
				b = append(b, '\\', 'r')
			case '\b':
				b = append(b, '\\', 'b')
			case '\f':
				b = append(b, '\\', 'f')
			default:
				b = fmt.Appendf(b, "\\u%04x", c)
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || r == '\u2028' || r == '\u2029' {
			b = append(b, s[start:i]...)
			b = fmt.Appendf(b, "\\u%04x", r)
			i += size
			start = i
			continue
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}
