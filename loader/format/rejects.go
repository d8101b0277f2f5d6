package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Columns of a file of rejected rows, which stand before those of the rows themselves: where the row came from, the value at fault, why it was
// rejected, and how to put it right. Whoever reads such a file does not see them. Where rows could not be read, there is the text of them too.
const (
	AtColumn     = "_at"
	ValueColumn  = "_value"
	ReasonColumn = "_reason"
	FixColumn    = "_fix"
	UnreadColumn = "_unread"
)

// RejectColumns are the columns that are always there, in order. A file that begins with the first is such a file, whatever is said about the format of the rows.
var RejectColumns = []string{AtColumn, ValueColumn, ReasonColumn, FixColumn}

// rejectsFormat is the format of a file of rejected rows, by its beginning, with what parts its fields; none for other files. Whatever they are corrected
// with may have put a byte order mark, quotes, or semicolons.
func rejectsFormat(head []byte) (name, delimiter string) {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(head, []byte(`{"`+AtColumn+`":`)) {
		return "jsonl", ""
	}
	for _, delimiter := range []string{",", ";", "\t"} {
		for _, quote := range []string{"", `"`} {
			if bytes.HasPrefix(head, []byte(quote+AtColumn+quote+delimiter)) {
				return "csv", delimiter
			}
		}
	}
	return "", ""
}

// withoutRejects takes those columns out of a row or header, if it begins with the first of them.
func withoutRejects(fields []Field) []Field {
	if len(fields) == 0 || fields[0].Name != AtColumn {
		return fields
	}
	var kept []Field
	for _, f := range fields {
		if f.Name != UnreadColumn && !slices.Contains(RejectColumns, f.Name) {
			kept = append(kept, f)
		}
	}
	return kept
}

// Origin is where a rejected row stood, as AtColumn tells it. What it does not tell is empty.
type Origin struct {
	File string
	Line int
}

// At is what AtColumn holds of a row.
func At(file string, line, column int) string { return fmt.Sprintf("%s:%d:%d", file, line, column) }

// String is what AtColumn held, but for the column.
func (o *Origin) String() string {
	if o.Line == 0 {
		return o.File
	}
	return At(o.File, o.Line, 1)
}

// originOf reads what At wrote. People may leave the column out.
func originOf(at string) *Origin {
	o := &Origin{File: strings.TrimSpace(at)}
	for range 2 {
		before, after, found := cutLast(o.File)
		n, err := strconv.Atoi(after)
		if !found || err != nil || n < 1 {
			break
		}
		o.File, o.Line = before, n
	}
	return o
}

func cutLast(text string) (before, after string, found bool) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}

// corrected is a row without these columns, and with what they tell. As long as one still holds the text of a row that could not be read, its other
// columns lack some of it.
func corrected(row Row) (Row, error) {
	if len(row.Fields) == 0 || row.Fields[0].Name != AtColumn {
		return row, nil
	}
	row.Origin = originOf(row.Fields[0].Text)
	all := row.Fields
	row.Fields = withoutRejects(all)
	for _, f := range all {
		if f.Name == UnreadColumn && strings.TrimSpace(f.Text) != "" {
			return Row{}, &RowError{Line: f.Line, Column: f.Column, Reason: "the row could not be read, and " + UnreadColumn + " still holds its text",
				Fix: "write what it says into the other columns, then empty " + UnreadColumn, Fields: row.Fields, Text: f.Text, Origin: row.Origin}
		}
	}
	return row, nil
}

// of adds what could be read of a row, as corrected does for others.
func (e *RowError) of(fields []Field) *RowError {
	if len(fields) > 0 && fields[0].Name == AtColumn {
		e.Origin = originOf(fields[0].Text)
	}
	e.Fields = withoutRejects(fields)
	return e
}

// excerpt is a text that people are to correct, or its beginning.
func excerpt(text []byte) string {
	const most = 1 << 16
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "…"
	}
	return strings.Trim(string(text), "\r\n")
}

// RejectsOf tells whether a file is one of rejected rows, and which file they come from: the first that a row names, empty where none does.
func RejectsOf(name string, file io.Reader) (original string, is bool, err error) {
	head, err := beginning(file)
	if err != nil {
		return "", false, err
	}
	if format, _ := rejectsFormat(head); format == "" {
		return "", false, nil
	}
	r, _, err := Open(name, file, Options{})
	for err == nil {
		var row Row
		if row, err = r.Read(); row.Origin != nil && row.Origin.File != "" {
			return row.Origin.File, true, nil
		}
		var broken *RowError
		if errors.As(err, &broken) && !broken.Final {
			err = nil
		}
	}
	var broken *RowError
	if err == io.EOF || errors.As(err, &broken) {
		// Whoever reads the file says so.
		err = nil
	}
	return "", true, err
}
