package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/crimegraph/crimegraph/ontology"
)

// maxDepth is how deep objects and lists may be nested.
const maxDepth = 32

const objectWanted = `write an object, as {"id": "place/it", "name": "Italy"}`

// object reads one JSON object as fields. Values within objects are named by the keys that lead to them with dots between; values within lists
// form one list, however deep.
type object struct {
	text []byte
	d    *json.Decoder
	// line and column are the place of the text.
	line, column int
	fields       []Field
	places       map[string]int
}

// read reads a text that begins at a place of its file. The fields are valid until the next call.
func (o *object) read(text []byte, line, column int) ([]Field, *RowError) {
	o.text, o.line, o.column = text, line, column
	o.fields = o.fields[:0]
	if o.places == nil {
		o.places = map[string]int{}
	}
	clear(o.places)
	if !utf8.Valid(text) {
		offset := 0
		for r, n := utf8.DecodeRune(text); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(text[offset:]) {
			offset += n
		}
		return nil, o.refuse(offset, "the text is not valid UTF-8", "save the file as UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		offset := 0
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			offset = max(int(syntax.Offset)-1, 0)
		}
		return nil, o.refuse(offset, "this is not JSON: "+err.Error(), objectWanted)
	}
	o.d = json.NewDecoder(bytes.NewReader(text))
	o.d.UseNumber()
	if open, err := o.d.Token(); err != nil || open != json.Delim('{') {
		return nil, o.refuse(0, "this is no object", objectWanted)
	}
	if err := o.object("", false, 0); err != nil {
		return nil, err
	}
	return o.fields, nil
}

func (o *object) refuse(offset int, reason, fix string) *RowError {
	line, column := o.place(offset)
	return &RowError{Line: line, Column: column, Reason: reason, Fix: fix}
}

// place is the line and column of an offset in the text.
func (o *object) place(offset int) (line, column int) {
	before := o.text[:min(offset, len(o.text))]
	last := bytes.LastIndexByte(before, '\n')
	if last < 0 {
		return o.line, o.column + offset
	}
	return o.line + bytes.Count(before, []byte("\n")), offset - last
}

func (o *object) object(name string, inList bool, depth int) *RowError {
	for o.d.More() {
		key, err := o.d.Token()
		if err != nil {
			return o.refuse(int(o.d.InputOffset()), err.Error(), objectWanted)
		}
		at := int(o.d.InputOffset())
		at += len(o.text[at:]) - len(bytes.TrimLeft(o.text[at:], " \t\r\n:"))
		inner, _ := key.(string)
		if name != "" {
			inner = name + "." + inner
		}
		if _, twice := o.places[inner]; twice && !inList {
			return o.refuse(at, fmt.Sprintf("the key %.80q is there twice", inner), "keep one")
		}
		if fault := o.value(inner, inList, at, depth+1); fault != nil {
			return fault
		}
	}
	_, err := o.d.Token()
	if err != nil {
		return o.refuse(int(o.d.InputOffset()), err.Error(), objectWanted)
	}
	return nil
}

func (o *object) value(name string, inList bool, at, depth int) *RowError {
	if depth > maxDepth {
		return o.refuse(at, fmt.Sprintf("objects and lists are nested deeper than %d", maxDepth), "give values nearer to the top")
	}
	token, err := o.d.Token()
	if err != nil {
		return o.refuse(at, err.Error(), objectWanted)
	}
	switch token {
	case json.Delim('{'):
		return o.object(name, inList, depth)
	case json.Delim('['):
		// An empty list is a value, too; one of objects is none.
		if !o.d.More() {
			o.field(name, true, at)
		}
		for o.d.More() {
			if fault := o.value(name, true, at, depth+1); fault != nil {
				return fault
			}
		}
		if _, err := o.d.Token(); err != nil {
			return o.refuse(at, err.Error(), objectWanted)
		}
		return nil
	}
	text := scalar(token)
	if strings.ContainsRune(text, utf8.RuneError) && !bytes.ContainsRune(o.text, utf8.RuneError) {
		return o.refuse(at, "the text holds half of a surrogate pair", "write the character itself")
	}
	if inList && strings.Contains(text, ontology.ListSeparator) {
		return o.refuse(at, fmt.Sprintf("the list %.80q has an element with %q, which parts lists", name, ontology.ListSeparator), "write the element without it")
	}
	f := o.field(name, inList, at)
	if f.Text != "" {
		text = f.Text + ontology.ListSeparator + text
	}
	f.Text = text
	return nil
}

// field finds or adds the field of a name.
func (o *object) field(name string, inList bool, at int) *Field {
	i, known := o.places[name]
	if !known {
		i = len(o.fields)
		o.places[name] = i
		line, column := o.place(at)
		o.fields = append(o.fields, Field{Name: name, List: inList, Line: line, Column: column})
	}
	return &o.fields[i]
}

// scalar is a value's text, as a file without types would hold it.
func scalar(token json.Token) string {
	switch v := token.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}
