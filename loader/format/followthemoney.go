package format

import (
	"io"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// entities reads FollowTheMoney entities, one JSON object a line: `id`, `schema`, and `properties.…`, each a list.
type entities struct {
	*lines
}

func openFollowTheMoney(r io.Reader, o *Options) (Reader, error) {
	l, err := openJSONL(r, o)
	if err != nil {
		return nil, err
	}
	return &entities{l.(*lines)}, nil
}

func (e *entities) Read() (Row, error) {
	row, err := e.lines.Read()
	if err != nil {
		return row, err
	}
	for _, name := range []string{"id", "schema"} {
		if valueOf(row, name) == "" {
			return Row{}, &RowError{Line: row.Line, Column: 1, Reason: "the entity has no " + name, Fix: "every entity has an id and a schema", Fields: row.Fields}
		}
	}
	return row, nil
}

func valueOf(row Row, name string) string {
	for _, f := range row.Fields {
		if f.Name == name {
			return f.Text
		}
	}
	return ""
}

// statements reads FollowTheMoney statements: one row for each value of an entity, as comma-separated values or JSON Lines. Statements of one entity
// that follow each other become one row as entities have it; `origin`, `dataset`, `first_seen` and `last_seen` are those of the first.
type statements struct {
	Reader
	// ahead is the first statement of the next entity.
	ahead *statement
	// err is what ended the reading; it is told after the entity before it.
	err error
}

type statement struct {
	entity, schema, property, value string
	at                              Field
	further                         []Field
}

func openStatements(r io.Reader, o *Options) (Reader, error) {
	text, err := decode(r, &o.Encoding)
	if err != nil {
		return nil, err
	}
	head, err := text.Peek(1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	open := openCSV
	if len(head) > 0 && head[0] == '{' {
		open = openJSONL
	}
	inner, err := open(text, o)
	if err != nil {
		return nil, err
	}
	return &statements{Reader: inner}, nil
}

func (s *statements) Columns() []Field { return nil }

func (s *statements) Read() (Row, error) {
	if s.ahead == nil && s.err == nil {
		s.ahead, s.err = s.statement()
	}
	if s.err != nil {
		err := s.err
		s.err = nil
		return Row{}, err
	}
	first := s.ahead
	s.ahead = nil
	row := Row{Line: first.at.Line, Fields: append([]Field{{Name: "id", Text: first.entity, Line: first.at.Line, Column: first.at.Column},
		{Name: "schema", Text: first.schema, Line: first.at.Line, Column: 1}}, first.further...)}
	size := 0
	for next := first; ; {
		if next.property != "id" {
			size += len(next.value)
			if strings.Contains(next.value, ontology.ListSeparator) {
				s.err = &RowError{Line: next.at.Line, Column: next.at.Column, Reason: "the value holds " + ontology.ListSeparator + ", which parts lists", Fix: "write it without"}
			} else {
				addTo(&row, "properties."+next.property, next)
			}
		}
		if s.err != nil {
			break
		}
		next, s.err = s.statement()
		if s.err != nil {
			break
		}
		if next.entity != first.entity {
			s.ahead = next
			break
		}
		if size > MaxRow {
			return Row{}, &RowError{Line: row.Line, Column: 1, Reason: "the entity is larger than a row may be", Fix: "see whether its statements are meant", Final: true}
		}
	}
	return row, nil
}

func addTo(row *Row, name string, s *statement) {
	for i := range row.Fields {
		if row.Fields[i].Name == name {
			row.Fields[i].Text += ontology.ListSeparator + s.value
			return
		}
	}
	row.Fields = append(row.Fields, Field{Name: name, Text: s.value, List: true, Line: s.at.Line, Column: s.at.Column})
}

// statement reads one statement.
func (s *statements) statement() (*statement, error) {
	row, err := s.Reader.Read()
	if err != nil {
		return nil, err
	}
	found := &statement{at: Field{Line: row.Line, Column: 1}}
	for _, f := range row.Fields {
		switch f.Name {
		case "canonical_id":
			found.entity = f.Text
		case "entity_id":
			if found.entity == "" {
				found.entity = f.Text
			}
		case "schema":
			found.schema = f.Text
		case "prop":
			found.property = f.Text
		case "value":
			found.value, found.at = f.Text, f
		case "origin", "dataset", "first_seen", "last_seen":
			found.further = append(found.further, f)
		}
	}
	if found.entity == "" || found.schema == "" || found.property == "" {
		return nil, &RowError{Line: row.Line, Column: 1, Reason: "the statement lacks entity_id, schema or prop", Fix: "every statement has them", Fields: row.Fields}
	}
	return found, nil
}
