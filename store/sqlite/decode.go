package sqlite

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/crimegraph/crimegraph/store"
)

// decode reads the JSON that SQLite wrote: nested arrays of null, numbers and text, no objects. It is a third of the cost of
// encoding/json, because texts without escapes share the answer's memory and lists are cut from few blocks.
func decode(text string) (store.Value, error) {
	d := decoder{s: text}
	v, err := d.value()
	if err != nil {
		return store.Value{}, err
	}
	if d.i != len(text) {
		return store.Value{}, fmt.Errorf("text behind the answer at %d", d.i)
	}
	return v, nil
}

type decoder struct {
	s string
	i int
	// stack holds the elements of the lists being read, block what is left of the memory for finished ones.
	stack []store.Value
	block []store.Value
}

func (d *decoder) value() (store.Value, error) {
	if d.i >= len(d.s) {
		return store.Value{}, fmt.Errorf("the answer ends at %d", d.i)
	}
	switch c := d.s[d.i]; c {
	case 'n':
		d.i += len("null")
		return store.Value{}, nil
	case '[':
		return d.list()
	case '"':
		return d.text()
	default:
		return d.number()
	}
}

func (d *decoder) list() (store.Value, error) {
	d.i++
	base := len(d.stack)
	for d.i < len(d.s) && d.s[d.i] != ']' {
		if d.s[d.i] == ',' {
			d.i++
			continue
		}
		v, err := d.value()
		if err != nil {
			return store.Value{}, err
		}
		d.stack = append(d.stack, v)
	}
	if d.i >= len(d.s) {
		return store.Value{}, fmt.Errorf("a list does not end")
	}
	d.i++
	n := len(d.stack) - base
	if n > len(d.block) {
		d.block = make([]store.Value, max(n, 512))
	}
	list := d.block[:n:n]
	d.block = d.block[n:]
	copy(list, d.stack[base:])
	d.stack = d.stack[:base]
	return store.Value{Type: store.List, List: list}, nil
}

func (d *decoder) text() (store.Value, error) {
	start := d.i
	for i := start + 1; i < len(d.s); i++ {
		switch d.s[i] {
		case '"':
			d.i = i + 1
			return store.Value{Type: store.Text, Text: d.s[start+1 : i]}, nil
		case '\\':
			return d.escaped(start)
		}
	}
	return store.Value{}, fmt.Errorf("a text does not end")
}

func (d *decoder) escaped(start int) (store.Value, error) {
	for i := start + 1; i < len(d.s); i++ {
		switch d.s[i] {
		case '\\':
			i++
		case '"':
			d.i = i + 1
			var s string
			if err := json.Unmarshal([]byte(d.s[start:d.i]), &s); err != nil {
				return store.Value{}, err
			}
			return store.Value{Type: store.Text, Text: s}, nil
		}
	}
	return store.Value{}, fmt.Errorf("a text does not end")
}

func (d *decoder) number() (store.Value, error) {
	start, floating := d.i, false
	for ; d.i < len(d.s); d.i++ {
		switch c := d.s[d.i]; {
		case c >= '0' && c <= '9', c == '-', c == '+':
		case c == '.', c == 'e', c == 'E':
			floating = true
		default:
			goto end
		}
	}
end:
	if floating {
		f, err := strconv.ParseFloat(d.s[start:d.i], 64)
		return store.Value{Type: store.Floating, Float: f}, err
	}
	n, err := strconv.ParseInt(d.s[start:d.i], 10, 64)
	return store.Value{Type: store.Integer, Int: n}, err
}
