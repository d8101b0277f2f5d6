// Package format reads files as rows of text. It knows nothing of the ontology: what a column means is the loader's to say.
// Every reader streams, holds at most one row, and never follows what a file says to anything outside the file.
package format

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
)

// MaxRow is the size in bytes of the largest row that is read.
const MaxRow = 1 << 20

// Format is one format of files.
type Format struct {
	// Name is what mappings call it.
	Name string
	// Extension is how names of its files end, with the dot; empty where names do not tell.
	Extension string
	// Native says that data sets without a mapping may have it.
	Native bool
	// Open begins to read a file, and fills in the options that it finds out by itself. A *RowError says that the file's head is not
	// as the format wants it.
	Open func(io.Reader, *Options) (Reader, error)
}

// Formats are all formats; a further one is one file and one line here.
var Formats = []Format{
	{Name: "csv", Extension: ".csv", Native: true, Open: openCSV},
	{Name: "tsv", Extension: ".tsv", Open: openTSV},
	{Name: "jsonl", Extension: ".jsonl", Native: true, Open: openJSONL},
	{Name: "json", Extension: ".json", Open: openJSON},
	{Name: "xlsx", Extension: ".xlsx", Open: openXLSX},
	{Name: "geojson", Extension: ".geojson", Open: openGeoJSON},
	{Name: "stix", Open: openSTIX},
	{Name: "ftm", Extension: ".ftm", Open: openFollowTheMoney},
	{Name: "ftm-statements", Open: openStatements},
}

// Options say how a file is to be read, where its name and content do not tell.
type Options struct {
	// Format by name; by the file's extension where empty.
	Format string
	// Delimiter parts fields: one character of ASCII. Found out where empty.
	Delimiter string
	// Quote encloses fields: one character of ASCII, or "none". A double quote where empty.
	Quote string
	// Encoding of the text, as Encodings lists them. Found out where empty.
	Encoding string
	// Header names the columns of a file that does not name them.
	Header []string
	// Sheet of a workbook; the first where empty.
	Sheet string
	// Path leads to the list in a JSON document: keys with dots between them.
	Path string
	// Rejects says that the file was found to be one of rejected rows.
	Rejects bool
}

// Native is how files of data sets without a mapping are read: nothing is guessed.
var Native = Options{Delimiter: ",", Encoding: "utf-8"}

// Of returns the native format of a file by its name.
func Of(file string) (Format, bool) {
	for _, f := range Formats {
		if f.Native && path.Ext(file) == f.Extension {
			return f, true
		}
	}
	return Format{}, false
}

// Names are the names of all formats.
func Names() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// Open begins to read a file of any format, packed or not. It returns the options with all that was found out.
func Open(name string, file io.Reader, o Options) (Reader, Options, error) {
	head, err := beginning(file)
	if err != nil {
		return nil, o, err
	}
	if name, _ := rejectsFormat(head); name != "" {
		o = Options{Format: name, Rejects: true}
	}
	unpacked, inner, err := unpack(name, head, file)
	if err != nil {
		return nil, o, err
	}
	if o.Format == "" {
		extension := strings.ToLower(path.Ext(inner))
		for _, f := range Formats {
			if f.Extension != "" && f.Extension == extension {
				o.Format = f.Name
			}
		}
	}
	if o.Format == "" && inner == name {
		if o.Format = sniff(head); o.Format == "" {
			return nil, o, &RowError{Line: 1, Column: 1, Reason: "neither name nor content tell the format of the file",
				Fix: "give a mapping that says format: " + strings.Join(Names(), ", "), Final: true}
		}
	} else if o.Format == "" {
		o.Format = "csv"
	}
	for _, f := range Formats {
		if f.Name == o.Format {
			r, err := f.Open(unpacked, &o)
			return r, o, err
		}
	}
	return nil, o, fmt.Errorf("there is no format %q", o.Format)
}

// beginning is the beginning of a file that can be read at random, and nothing of others.
func beginning(file io.Reader) ([]byte, error) {
	at, is := file.(io.ReaderAt)
	if !is {
		return nil, nil
	}
	head := make([]byte, 4096)
	n, err := at.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	return head[:n], nil
}

// sniff tells a format by the beginning of a file, or returns nothing for what is no text.
func sniff(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "xlsx"
	case bytes.HasPrefix(text, []byte("[")):
		return "json"
	case bytes.HasPrefix(text, []byte("{")):
		return "jsonl"
	case strings.HasPrefix(guess(head), "utf-16") || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.IndexByte(head, 0) < 0:
		return "csv"
	default:
		return ""
	}
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
	// Line is where it begins, from 1. Workbooks count rows.
	Line   int
	Fields []Field
	// Origin is where a row of a file of rejected rows stood; nil in other files.
	Origin *Origin
}

// Field is one value of a row.
type Field struct {
	// Name of the column.
	Name string
	// Text is the value as text; empty where there is none.
	Text string
	// List says that the file itself holds a list here. Text is its elements, parted by ontology.ListSeparator.
	List bool
	// Line and Column are where the value begins, from 1; columns count bytes of the text in UTF-8. Workbooks count columns.
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
	// Fields are what could be read of the row.
	Fields []Field
	// Text is the row as it stands in the file, or its beginning; empty where the format has no text.
	Text string
	// Origin is that of the row.
	Origin *Origin
}

func (e *RowError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s; %s", e.Line, e.Column, e.Reason, e.Fix)
}

// uniqueNames refuses a header that names a column twice.
func uniqueNames(columns []Field) error {
	seen := map[string]bool{}
	for _, f := range columns {
		if seen[f.Name] && f.Name == "" {
			return &RowError{Line: f.Line, Column: f.Column, Reason: "two columns have no name", Fix: "name them, take them out, or take out what stands above the header", Final: true}
		}
		if seen[f.Name] {
			return &RowError{Line: f.Line, Column: f.Column, Reason: fmt.Sprintf("the column %.80q is there twice", f.Name), Fix: "keep one", Final: true}
		}
		seen[f.Name] = true
	}
	return nil
}
