package sqlite

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/store"
)

// decode reads the JSON that SQLite wrote: nested arrays of null, numbers and text, no objects. It is a third of the cost of
// encoding/json, because texts without escapes share the answer's memory and lists are cut from few blocks.
func decode(text string) (store.Value, error) {
	d := decoder{s: text}
	if err := d.value(); err != nil {
		return store.Value{}, err
	}
	if d.i != len(text) {
		return store.Value{}, fmt.Errorf("text behind the answer at %d", d.i)
	}
	return d.stack[0], nil
}

type decoder struct {
	s string
	i int
	// stack holds the elements of the lists being read, block what is left of the memory for finished ones.
	stack []store.Value
	block []store.Value
}

// value reads a value and puts it on the stack.
func (d *decoder) value() error {
	if d.i >= len(d.s) {
		return fmt.Errorf("the answer ends at %d", d.i)
	}
	switch c := d.s[d.i]; c {
	case 'n':
		d.i += len("null")
		d.stack = append(d.stack, store.Value{})
		return nil
	case '[':
		return d.list()
	case '"':
		return d.text()
	default:
		return d.number()
	}
}

func (d *decoder) list() error {
	d.i++
	base := len(d.stack)
	for d.i < len(d.s) && d.s[d.i] != ']' {
		if d.s[d.i] == ',' {
			d.i++
			continue
		}
		if err := d.value(); err != nil {
			return err
		}
	}
	if d.i >= len(d.s) {
		return fmt.Errorf("a list does not end")
	}
	d.i++
	n := len(d.stack) - base
	if n > len(d.block) {
		d.block = make([]store.Value, max(n, 512))
	}
	list := d.block[:n:n]
	d.block = d.block[n:]
	copy(list, d.stack[base:])
	d.stack = append(d.stack[:base], store.Value{Type: store.List, List: list})
	return nil
}

func (d *decoder) text() error {
	start := d.i + 1
	end := strings.IndexByte(d.s[start:], '"')
	if end < 0 {
		return fmt.Errorf("a text does not end")
	}
	text := d.s[start : start+end]
	if strings.IndexByte(text, '\\') >= 0 {
		return d.escaped(d.i)
	}
	d.i = start + end + 1
	d.stack = append(d.stack, store.Value{Type: store.Text, Text: text})
	return nil
}

func (d *decoder) escaped(start int) error {
	for i := start + 1; i < len(d.s); i++ {
		switch d.s[i] {
		case '\\':
			i++
		case '"':
			d.i = i + 1
			var s string
			if err := json.Unmarshal([]byte(d.s[start:d.i]), &s); err != nil {
				return err
			}
			d.stack = append(d.stack, store.Value{Type: store.Text, Text: s})
			return nil
		}
	}
	return fmt.Errorf("a text does not end")
}

func (d *decoder) number() error {
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
		d.stack = append(d.stack, store.Value{Type: store.Floating, Float: f})
		return err
	}
	n, err := strconv.ParseInt(d.s[start:d.i], 10, 64)
	d.stack = append(d.stack, store.Value{Type: store.Integer, Int: n})
	return err
}
