package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/ontology"
)

// value is what a slot holds while a row is mapped: a text or a list, and where in the file it comes from.
type value struct {
	text string
	list []string
	many bool
	origin
}

// origin is the place of a value in its file.
type origin struct {
	name, original string
	line, column   int
}

func (v value) empty() bool { return !v.many && v.text == "" || v.many && len(v.list) == 0 }

// field is the value as the file has it.
func (v value) field() format.Field {
	return format.Field{Name: v.name, Text: v.original, Line: v.line, Column: v.column}
}

// whole is the value as one text.
func (v value) whole() string {
	if v.many {
		return strings.Join(v.list, ontology.ListSeparator)
	}
	return v.text
}

// scope holds the values of one row. It is used again for the next one.
type scope struct {
	file   *File
	tables Tables
	row    format.Row
	values []value
	known  []bool
	// places are the slots of the fields of the row before, so that names are looked up once.
	places []place
	// countries and rewritten remember texts that were looked up or rewritten, since columns repeat few of them.
	countries map[string]country
	rewritten map[rewriting]string
	// text is where templates are filled in.
	text       []byte
	item, next value
	index      int
	name       string
	source     string
}

// remembered is how many texts are remembered at most.
const remembered = 4096

type rewriting struct {
	by   *definition
	text string
}

type place struct {
	name string
	slot int
}

func newScope(f *File, tables Tables) *scope {
	return &scope{
		file: f, tables: tables, values: make([]value, len(f.slots)), known: make([]bool, len(f.slots)),
		countries: map[string]country{}, rewritten: map[rewriting]string{},
	}
}

// take begins with a row.
func (s *scope) take(row format.Row) {
	s.row = row
	for i := range s.known {
		s.known[i] = s.file.slots[i].definition == nil && s.file.slots[i].special == ""
		s.values[i] = value{}
	}
	for i := range row.Fields {
		f := &row.Fields[i]
		if i >= len(s.places) {
			s.places = append(s.places, place{slot: -1})
		}
		if p := &s.places[i]; p.name != f.Name || p.name == "" {
			p.name, p.slot = f.Name, -1
			p.slot = s.file.slotOf(f.Name, row.Fields)
		}
		if s.places[i].slot >= 0 {
			s.values[s.places[i].slot] = s.read(f)
		}
	}
}

// slotOf is the slot of a column: that of its name, or else that of a name which differs in case or diacritics alone; -1 where none is used.
func (f *File) slotOf(name string, row []format.Field) int {
	if at, used := f.columns[name]; used {
		return at
	}
	for used, at := range f.columns {
		if sameName(used, name) && !slices.ContainsFunc(row, func(f format.Field) bool { return f.Name == used }) {
			return at
		}
	}
	return -1
}

// sameName says whether two names of columns differ at most in case, diacritics and blanks around them.
func sameName(a, b string) bool {
	return strings.TrimSpace(ontology.Fold(a)) == strings.TrimSpace(ontology.Fold(b))
}

// read is the value of a field. Texts that mean that there is nothing are empty.
func (s *scope) read(f *format.Field) value {
	v := value{origin: origin{f.Name, f.Text, f.Line, f.Column}}
	if f.List {
		v.many = true
		for _, e := range strings.Split(f.Text, ontology.ListSeparator) {
			if e = strings.TrimSpace(e); e != "" && !s.nothing(e) {
				v.list = append(v.list, e)
			}
		}
		return v
	}
	if text := strings.TrimSpace(f.Text); !s.nothing(text) {
		v.text = text
	}
	return v
}

func (s *scope) nothing(text string) bool {
	const longest = 40
	return len(s.file.missing) > 0 && len(text) <= longest && s.file.missing[strings.ToLower(text)]
}

// get is the value of a slot.
func (s *scope) get(at int) (value, *Fault) {
	if s.known[at] {
		return s.values[at], nil
	}
	slot := &s.file.slots[at]
	if slot.special != "" {
		return s.special(slot.special)
	}
	if slot.whole != at {
		// The value whose part this is fills it in.
		if _, fault := s.get(slot.whole); fault != nil {
			return value{}, fault
		}
		return s.values[at], nil
	}
	v, companion, fault := slot.definition.make(s)
	if fault != nil {
		if fault.Field.Line == 0 {
			fault.Field.Line = s.row.Line
		}
		return value{}, fault
	}
	s.set(at, v)
	if slot.definition.companion >= 0 {
		s.set(slot.definition.companion, companion)
	}
	return v, nil
}

func (s *scope) set(at int, v value) { s.values[at], s.known[at] = v, true }

// What names with @ stand for.
const (
	wholeRow = "@row"
	lineOf   = "@line"
	item     = "@item"
	nextItem = "@next"
	index    = "@index"
	column   = "@column"
	fileName = "@file"
)

var specials = []struct{ name, doc string }{
	{wholeRow, "16 digits that stand for the whole row: for ids of rows that have none"},
	{lineOf, "the line of the row: for locators"},
	{item, "with each: the element of the list, or the value of the column"},
	{nextItem, "with each: the element after it; empty for the last one"},
	{index, "with each: its number, from 1"},
	{fileName, "the name of the file: for dates that stand there"},
	{column, "with each over columns: the name of the column"},
}

// special is what a name with @ stands for. A corrected row has the line and file of old, so that what is made of them stays the same.
func (s *scope) special(name string) (value, *Fault) {
	at := origin{line: s.row.Line}
	file, line := s.source, s.row.Line
	if o := s.row.Origin; o != nil && (name == lineOf || name == fileName) {
		if o.Line == 0 {
			return value{}, &Fault{Field: format.Field{Name: format.AtColumn, Text: o.File, Line: s.row.Line, Column: 1},
				Reason: "the row does not tell where it stood, which the mapping asks for with {" + name + "}", Fix: "write it there, as list.csv:12:1"}
		}
		file, line = path.Base(o.File), o.Line
	}
	switch name {
	case wholeRow:
		return value{text: rowHash(s.row), origin: at}, nil
	case lineOf:
		return value{text: strconv.Itoa(line), origin: at}, nil
	case fileName:
		return value{text: file, origin: at}, nil
	case item:
		return s.item, nil
	case nextItem:
		return s.next, nil
	case index:
		return value{text: strconv.Itoa(s.index), origin: s.item.origin}, nil
	default:
		return value{text: s.name, origin: s.item.origin}, nil
	}
}

func rowHash(row format.Row) string {
	h := sha256.New()
	for _, f := range row.Fields {
		h.Write([]byte(f.Name))
		h.Write([]byte{0})
		h.Write([]byte(f.Text))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
