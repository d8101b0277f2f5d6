package format

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rows reads delimited values after RFC 4180: a header, then rows as long as the header.
type rows struct {
	meter   *meter
	csv     *csv.Reader
	columns []Field
	fields  []Field
	// next is the line after the last row read.
	next int
	// swap is what stands for a double quote in the file, where that is another character.
	swap byte
}

func openTSV(r io.Reader, o *Options) (Reader, error) {
	if o.Delimiter == "" {
		o.Delimiter = "\t"
	}
	return openCSV(r, o)
}

func openCSV(r io.Reader, o *Options) (Reader, error) {
	text, err := decode(r, &o.Encoding)
	if err != nil {
		return nil, err
	}
	head, err := text.Peek(sniffed / 2)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	c := &rows{next: 1}
	delimiter, quote, header := o.Delimiter, o.Quote, o.Header
	if name, parts := rejectsFormat(head); name == "csv" {
		o.Rejects, delimiter, quote, header = true, parts, "", nil
	}
	if quote == "none" {
		// The unit separator, which no text holds.
		quote = "\x1f"
	}
	if quote != "" && quote != `"` {
		c.swap = quote[0]
	}
	c.meter = &meter{r: &swapped{r: text, with: c.swap}}
	if delimiter == "" {
		delimiter = guessDelimiter(head)
		o.Delimiter = delimiter
	}
	c.csv = csv.NewReader(c.meter)
	c.csv.Comma = rune(delimiter[0])
	c.csv.ReuseRecord = true
	if header != nil {
		for _, name := range header {
			c.columns = append(c.columns, Field{Name: name, Line: 1, Column: 1})
		}
		c.csv.FieldsPerRecord = len(header)
		return c, uniqueNames(c.columns)
	}
	named, err := c.Read()
	if err == io.EOF {
		return nil, &RowError{Line: 1, Column: 1, Reason: "the file is empty", Fix: "begin with a header that names the columns", Final: true}
	}
	if err != nil {
		return nil, err
	}
	for _, f := range named.Fields {
		if strings.Contains(f.Text, "\r") {
			return nil, &RowError{Line: 1, Column: f.Column, Reason: "lines end with carriage returns alone", Fix: "save the file with line feeds", Final: true}
		}
		c.columns = append(c.columns, Field{Name: strings.TrimSpace(f.Text), Line: f.Line, Column: f.Column})
	}
	return c, uniqueNames(c.columns)
}

// guessDelimiter tells what parts the fields by the first lines: the character that occurs in all of them, most often in the poorest.
func guessDelimiter(head []byte) string {
	const lines = 10
	best, most := ",", 0
	for _, candidate := range []byte(",;\t|") {
		fewest, count, quoted, n := -1, 0, false, 0
		for _, b := range head {
			switch {
			case b == '"':
				quoted = !quoted
			case b == candidate && !quoted:
				count++
			case b == '\n' && !quoted:
				if fewest < 0 || count < fewest {
					fewest = count
				}
				count = 0
				n++
			}
			if n == lines {
				break
			}
		}
		if fewest < 0 {
			fewest = count
		}
		if fewest > most {
			best, most = string(candidate), fewest
		}
	}
	return best
}

func (c *rows) Columns() []Field {
	return withoutRejects(c.columns)
}

// endOfFile is how programs of old end a file.
const endOfFile = "\x1a"

func (c *rows) Read() (Row, error) {
	c.meter.read, c.meter.start = 0, c.csv.InputOffset()
	record, err := c.csv.Read()
	var fault *csv.ParseError
	switch {
	case errors.Is(err, errTooLong):
		return Row{}, &RowError{Line: c.next, Column: 1, Reason: fmt.Sprintf("the row is longer than %d bytes; reading stopped here", MaxRow),
			Fix: "see whether a quote is left open", Final: true, Text: c.text(c.meter.row())}
	case errors.As(err, &fault):
		if len(record) == 1 && record[0] == endOfFile {
			return Row{}, io.EOF
		}
		return Row{}, c.refuse(fault, record)
	case err != nil:
		return Row{}, err
	}
	c.take(record)
	last := c.fields[len(c.fields)-1]
	c.next = last.Line + strings.Count(last.Text, "\n") + 1
	return corrected(Row{Line: c.fields[0].Line, Fields: c.fields})
}

// take turns a record into fields.
func (c *rows) take(record []string) {
	c.fields = c.fields[:0]
	for i, text := range record {
		if c.swap != 0 && strings.ContainsAny(text, string([]byte{c.swap, '"'})) {
			text = string(exchange([]byte(text), c.swap))
		}
		f := Field{Text: text}
		f.Line, f.Column = c.csv.FieldPos(i)
		if i < len(c.columns) {
			f.Name = c.columns[i].Name
		}
		c.fields = append(c.fields, f)
	}
}

// refuse explains a row that encoding/csv cannot read. A quote that runs over several lines leaves it open where rows begin: what
// follows is not read, so that text is never taken for rows.
func (c *rows) refuse(fault *csv.ParseError, record []string) *RowError {
	c.next = fault.Line + 1
	if errors.Is(fault.Err, csv.ErrFieldCount) {
		c.take(record)
		return (&RowError{Line: fault.StartLine, Column: 1, Reason: fmt.Sprintf("the row has %d fields, the header %d", len(record), len(c.columns)),
			Fix: "give every column a field; put text that holds commas in quotes", Text: c.text(c.meter.since(c.csv.InputOffset()))}).of(c.fields[:min(len(record), len(c.columns))])
	}
	e := &RowError{Line: fault.StartLine, Column: 1, Reason: "a quote is left open or stands within a field",
		Fix:  `put the whole field in quotes and double the quotes in it: "say ""no"""`,
		Text: c.text(c.meter.since(c.csv.InputOffset()))}
	if fault.Line != fault.StartLine {
		e.Reason += fmt.Sprintf(" (seen at line %d); reading stopped here", fault.Line)
		e.Final = true
		return e
	}
	e.Column = max(fault.Column, 1)
	if opens(c.meter.since(c.csv.InputOffset()), byte(c.csv.Comma)) {
		e.Reason += " (open at the end of the line); reading stopped here"
		e.Final = true
	}
	return e
}

// text is what the file holds, with its own quotes.
func (c *rows) text(read []byte) string {
	if c.swap != 0 {
		read = exchange(bytes.Clone(read), c.swap)
	}
	return excerpt(read)
}

// opens says that the last field of a line is in quotes which the line does not close: text follows that is none of rows. A quote within
// a field that does not begin with one opens nothing.
func opens(line []byte, delimiter byte) bool {
	quoted, within, begins := false, false, true
	for _, b := range line {
		switch {
		case b == '"' && (begins || quoted):
			quoted, within = true, !within
		case (b == delimiter || b == '\n') && !within:
			quoted, begins = false, true
			continue
		}
		begins = false
	}
	return within
}

var errTooLong = errors.New("row too long")

// meter refuses to read on when one row has taken more than MaxRow bytes. It keeps what was read since the row began.
type meter struct {
	r    io.Reader
	read int
	// start is where the row begins, kept what was read from the offset from on.
	start, from int64
	kept        []byte
}

func (m *meter) Read(p []byte) (int, error) {
	if m.read > MaxRow {
		return 0, errTooLong
	}
	n, err := m.r.Read(p)
	m.read += n
	if m.from < m.start {
		m.kept = m.kept[:copy(m.kept, m.kept[m.start-m.from:])]
		m.from = m.start
	}
	m.kept = append(m.kept, p[:n]...)
	return n, err
}

// since is the row up to an offset.
func (m *meter) since(end int64) []byte {
	return m.kept[m.start-m.from : end-m.from]
}

// row is all that was read since the row began.
func (m *meter) row() []byte { return m.kept[m.start-m.from:] }

// swapped exchanges double quotes with another character, so that a reader which knows quotes alone takes that for them.
type swapped struct {
	r    io.Reader
	with byte
}

func (s *swapped) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.with != 0 {
		exchange(p[:n], s.with)
	}
	return n, err
}

func exchange(text []byte, with byte) []byte {
	for i, b := range text {
		switch b {
		case with:
			text[i] = '"'
		case '"':
			text[i] = with
		}
	}
	return text
}
