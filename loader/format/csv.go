package format

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rows reads comma-separated values after RFC 4180: a header, then rows as long as the header.
type rows struct {
	meter   *meter
	csv     *csv.Reader
	columns []Field
	fields  []Field
	// next is the line after the last row read.
	next int
}

func openCSV(r io.Reader) (Reader, error) {
	buffered := bufio.NewReader(r)
	if err := withoutMark(buffered); err != nil {
		return nil, err
	}
	c := &rows{meter: &meter{r: buffered}, next: 1}
	c.csv = csv.NewReader(c.meter)
	c.csv.ReuseRecord = true
	header, err := c.Read()
	if err == io.EOF {
		return nil, &RowError{Line: 1, Column: 1, Reason: "the file is empty", Fix: "begin with a header that names the columns", Final: true}
	}
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, f := range header.Fields {
		name := strings.TrimSpace(f.Text)
		if seen[name] {
			return nil, &RowError{Line: f.Line, Column: f.Column, Reason: fmt.Sprintf("the column %.80q is there twice", name), Fix: "keep one", Final: true}
		}
		seen[name] = true
		c.columns = append(c.columns, Field{Name: name, Line: f.Line, Column: f.Column})
	}
	return c, nil
}

func (c *rows) Columns() []Field { return c.columns }

func (c *rows) Read() (Row, error) {
	c.meter.read = 0
	record, err := c.csv.Read()
	var fault *csv.ParseError
	switch {
	case errors.Is(err, errTooLong):
		return Row{}, &RowError{Line: c.next, Column: 1, Reason: fmt.Sprintf("the row is longer than %d bytes; reading stopped here", MaxRow),
			Fix: "see whether a quote is left open", Final: true}
	case errors.As(err, &fault):
		return Row{}, c.refuse(fault, len(record))
	case err != nil:
		return Row{}, err
	}
	c.fields = c.fields[:0]
	for i, text := range record {
		f := Field{Text: text}
		f.Line, f.Column = c.csv.FieldPos(i)
		if c.columns != nil {
			f.Name = c.columns[i].Name
		}
		c.fields = append(c.fields, f)
	}
	last := c.fields[len(c.fields)-1]
	c.next = last.Line + strings.Count(last.Text, "\n") + 1
	return Row{Line: c.fields[0].Line, Fields: c.fields}, nil
}

// refuse explains a row that encoding/csv cannot read. A quote that runs over several lines leaves it open where rows begin: what
// follows is not read, so that text is never taken for rows.
func (c *rows) refuse(fault *csv.ParseError, fields int) *RowError {
	c.next = fault.Line + 1
	if errors.Is(fault.Err, csv.ErrFieldCount) {
		return &RowError{Line: fault.StartLine, Column: 1, Reason: fmt.Sprintf("the row has %d fields, the header %d", fields, len(c.columns)),
			Fix: "give every column a field; put text that holds commas in quotes"}
	}
	e := &RowError{Line: fault.StartLine, Column: 1, Reason: "a quote is left open or stands within a field",
		Fix: `put the whole field in quotes and double the quotes in it: "say ""no"""`}
	if fault.Line != fault.StartLine {
		e.Reason += fmt.Sprintf(" (seen at line %d); reading stopped here", fault.Line)
		e.Final = true
	} else {
		e.Column = max(fault.Column, 1)
	}
	return e
}

var errTooLong = errors.New("row too long")

// meter refuses to read on when one row has taken more than MaxRow bytes.
type meter struct {
	r    io.Reader
	read int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.read > MaxRow {
		return 0, errTooLong
	}
	n, err := m.r.Read(p)
	m.read += n
	return n, err
}
