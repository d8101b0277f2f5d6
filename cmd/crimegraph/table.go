package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// document is a JSON object with its members in order. Values are document, []any, string, json.Number, bool and nil.
type document []member

type member struct {
	name  string
	value any
}

func (d document) member(name string) any {
	for _, m := range d {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// UnmarshalJSON keeps the order of members, which is that of the schema.
func (d *document) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := ordered(decoder)
	if err != nil {
		return err
	}
	*d, _ = value.(document)
	return nil
}

func ordered(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		d := document{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := ordered(decoder)
			if err != nil {
				return nil, err
			}
			d = append(d, member{fmt.Sprint(name), value})
		}
		_, err = decoder.Token()
		return d, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := ordered(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = decoder.Token()
		return list, err
	default:
		return token, nil
	}
}

// tableWriter prints an object as lines NAME VALUE, and its lists of objects as tables.
type tableWriter struct{ bytes.Buffer }

func (w *tableWriter) object(d document) {
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range d {
		if within, is := m.value.(document); is && within.member("__typename") == nil {
			for _, part := range within {
				if rows(part.value) != nil {
					continue
				}
				fmt.Fprintf(lines, "%s.%s\t%s\n", m.name, part.name, cellOf(part.value))
			}
		} else if rows(m.value) == nil {
			fmt.Fprintf(lines, "%s\t%s\n", m.name, cellOf(m.value))
		}
	}
	_ = lines.Flush() // into memory
	for _, m := range d {
		w.table(m.name, rows(m.value))
		if within, is := m.value.(document); is {
			for _, part := range within {
				w.table(m.name+"."+part.name, rows(part.value))
			}
		}
	}
}

// fewRows is how many rows a table has at most for the lists within them to be printed as well.
const fewRows = 2

// table prints a list of objects, and where it has few the lists within them.
func (w *tableWriter) table(name string, list []document) {
	if list == nil {
		return
	}
	fmt.Fprintf(w, "\n%s\n", name)
	columns := []string{}
	for _, m := range list[0] {
		columns = append(columns, m.name)
	}
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row(lines, columns)
	for _, d := range list {
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = cellOf(d.member(column))
			if list, is := d.member(column).([]any); is && column == "records" && len(list) > 0 {
				cells[i] = strconv.Itoa(len(list)) + " records"
			}
		}
		row(lines, cells)
	}
	_ = lines.Flush() // into memory
	if len(list) > fewRows {
		return
	}
	for _, d := range list {
		for _, m := range d {
			if within := rows(m.value); m.name != "evidence" && within != nil {
				w.table(m.name+" of "+cellOf(d[0].value), within)
			}
		}
	}
}

func row(w io.Writer, cells []string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }

// rows are the elements of a list of objects that are no plain records; nil for anything else.
func rows(value any) []document {
	list, _ := value.([]any)
	var out []document
	for _, element := range list {
		d, is := element.(document)
		if !is || d.member("__typename") != nil {
			return nil
		}
		out = append(out, d)
	}
	return out
}

// cellOf is a value in one cell.
func cellOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "-"
	case json.Number:
		return rounded(v)
	case document:
		return cellOfObject(v)
	case []any:
		claims := 0
		var parts []string
		for _, element := range v {
			if d, is := element.(document); is && d.member("claimCount") != nil {
				n, _ := strconv.Atoi(fmt.Sprint(d.member("claimCount")))
				claims += n
				continue
			}
			parts = append(parts, cellOf(element))
		}
		switch {
		case claims > 0:
			return strconv.Itoa(claims) + " claims"
		case len(parts) == 0:
			return "-"
		case len(parts) > longestCell:
			return strings.Join(parts[:longestCell], ", ") + fmt.Sprintf(" and %d more", len(parts)-longestCell)
		default:
			return strings.Join(parts, ", ")
		}
	default:
		return strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(fmt.Sprint(v))
	}
}

// longestCell is how many elements of a list stand in a cell.
const longestCell = 8

func cellOfObject(d document) string {
	if d.member("value") != nil && d.member("low") != nil {
		if low := d.member("low"); low == d.member("value") && low == d.member("high") { // exact
			return cellOf(low)
		}
		return fmt.Sprintf("%s [%s, %s]", cellOf(d.member("value")), cellOf(d.member("low")), cellOf(d.member("high")))
	}
	if d.member("observed") != nil && d.member("low") != nil { // a number with its interval
		return fmt.Sprintf("%s [%s, %s]", cellOf(d.member("observed")), cellOf(d.member("low")), cellOf(d.member("high")))
	}
	if id := d.member("id"); d.member("__typename") != nil && id != nil {
		return cellOf(id)
	}
	for _, m := range d {
		switch m.value.(type) {
		case string, document:
			return cellOf(m.value)
		}
	}
	var parts []string
	for _, m := range d {
		parts = append(parts, m.name+" "+cellOf(m.value))
	}
	return strings.Join(parts, ", ")
}

// rounded is a number with four digits behind the point at most.
func rounded(n json.Number) string {
	f, err := n.Float64()
	if err != nil || f == math.Trunc(f) {
		return n.String()
	}
	return strconv.FormatFloat(math.Round(f*1e4)/1e4, 'f', -1, 64)
}
