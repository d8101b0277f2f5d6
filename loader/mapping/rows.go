package mapping

import (
	"fmt"
	"path"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/ontology"
)

// Rows maps the rows of one file, one after the other.
type Rows struct {
	file   *File
	scope  *scope
	drafts []Draft
	fields []format.Field
}

// Rows begins to map a file of some name. tables hold what its values are looked up in.
func (f *File) Rows(name string, tables Tables) *Rows {
	r := &Rows{file: f, scope: newScope(f, tables)}
	r.scope.source = path.Base(name)
	return r
}

// Part says which records of a row are wanted.
type Part int

// The parts.
const (
	All Part = iota
	Nodes
	Relations
)

// Map makes the records of a row, which are valid until the next call. kept says whether the mapping takes the row at all. A row at fault makes
// no record.
func (r *Rows) Map(row format.Row, part Part) (drafts []Draft, kept bool, fault *Fault) {
	s := r.scope
	s.take(row)
	r.drafts, r.fields = r.drafts[:0], r.fields[:0]
	if kept, fault = allHold(r.file.where, s); fault != nil || !kept {
		return nil, fault != nil, fault
	}
	for _, record := range r.file.Records {
		if part == Nodes && record.Relation || part == Relations && !record.Relation {
			continue
		}
		if fault := r.record(record); fault != nil {
			if fault.Field.Line == 0 {
				fault.Field.Line = row.Line
			}
			return nil, true, fault
		}
	}
	return r.drafts, true, nil
}

// record makes what one record says of the row.
func (r *Rows) record(record *Record) *Fault {
	s := r.scope
	if !record.listed {
		return r.draft(record)
	}
	if record.over != nil {
		for i, at := range record.over {
			v, fault := s.get(at)
			if fault != nil {
				return fault
			}
			s.item, s.next, s.index, s.name = v, value{}, i+1, s.file.slots[at].name
			if v.empty() {
				continue
			}
			if fault := r.draft(record); fault != nil {
				return fault
			}
		}
		return nil
	}
	list, fault := record.each.fill(s)
	if fault != nil {
		return fault
	}
	if !list.many && !list.empty() {
		list.list = []string{list.text}
	}
	for i, e := range list.list {
		s.item, s.next, s.index = value{text: e, origin: list.origin}, value{origin: list.origin}, i+1
		if i+1 < len(list.list) {
			s.next.text = list.list[i+1]
		}
		if fault := r.draft(record); fault != nil {
			return fault
		}
	}
	return nil
}

// draft makes one record, if its conditions hold.
func (r *Rows) draft(record *Record) *Fault {
	s := r.scope
	for _, at := range record.own {
		s.known[at] = false
	}
	if held, fault := allHold(record.when, s); fault != nil || !held {
		return fault
	}
	first := len(r.fields)
	for _, p := range record.Properties {
		v, fault := s.get(p.value)
		if fault != nil {
			return fault
		}
		f := format.Field{Name: p.Name, Text: v.text, List: v.many, Line: v.line, Column: v.column}
		if f.Line == 0 {
			f.Line = s.row.Line
		}
		if v.many {
			for _, e := range v.list {
				if strings.Contains(e, ontology.ListSeparator) {
					return &Fault{Field: v.field(), Reason: fmt.Sprintf("an element of the list holds %s, which parts lists", ontology.ListSeparator), Fix: "replace it in the mapping"}
				}
			}
			f.Text = v.whole()
		}
		r.fields = append(r.fields, f)
	}
	r.drafts = append(r.drafts, Draft{Record: record, Row: format.Row{Line: s.row.Line, Fields: r.fields[first:len(r.fields):len(r.fields)]}})
	return nil
}
