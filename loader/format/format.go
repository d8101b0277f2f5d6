// Package format reads files as rows of text. It knows nothing of the ontology: what a column means is the loader's to say.
// Every reader streams, holds at most one row, and never follows what a file says to anything outside the file.
package format

import (
	"bufio"
	"fmt"
	"io"
	"path"
)

// MaxRow is the size in bytes of the largest row that is read.
const MaxRow = 1 << 20

// Format is one format of files.
type Format struct {
	// Extension is how names of its files end, with the dot.
	Extension string
	// Open begins to read a file. A *RowError says that the file's head is not as the format wants it.
	Open func(io.Reader) (Reader, error)
}

// Formats are all formats; a further one is one file and one line here.
var Formats = []Format{
	{Extension: ".csv", Open: openCSV},
	{Extension: ".jsonl", Open: openJSONL},
}

// Of returns the format of a file by its name.
func Of(file string) (Format, bool) {
	for _, f := range Formats {
		if path.Ext(file) == f.Extension {
			return f, true
		}
	}
	return Format{}, false
}

// Reader reads the rows of one file in order.
type Reader interface {
	// Columns are the fields of the file's header, with their places; nil where every row names its own.
	Columns() []Field
	// Read reads the next row, which is valid until the next call; io.EOF after the last one. A *RowError tells of a row that
	// cannot be read; unless it is final, reading goes on with the next row. Other errors are those of the file.
	Read() (Row, error)
}

// Row is one row of a file.
type Row struct {
	// Line is where it begins, from 1.
	Line   int
	Fields []Field
}

// Field is one value of a row.
type Field struct {
	// Name of the column.
	Name string
	// Text is the value as text; empty where there is none.
	Text string
	// List says that the file itself holds a list here. Text is its elements, parted by ontology.ListSeparator.
	List bool
	// Line and Column are where the value begins, from 1; columns count bytes.
	Line, Column int
}

// RowError says why a row, or the head of a file, cannot be read.
type RowError struct {
	Line, Column int
	Reason       string
	// Fix tells the user what to do.
	Fix string
	// Final says that nothing after it can be read.
	Final bool
}

func (e *RowError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s; %s", e.Line, e.Column, e.Reason, e.Fix)
}

// withoutMark skips a UTF-8 byte order mark, and refuses UTF-16.
func withoutMark(r *bufio.Reader) error {
	head, err := r.Peek(3)
	if err != nil && err != io.EOF {
		return err
	}
	if len(head) >= 2 && (string(head[:2]) == "\xff\xfe" || string(head[:2]) == "\xfe\xff") {
		return &RowError{Line: 1, Column: 1, Reason: "the file is UTF-16", Fix: "save it as UTF-8", Final: true}
	}
	if string(head) == "\xef\xbb\xbf" {
		_, err := r.Discard(3)
		return err
	}
	return nil
}
