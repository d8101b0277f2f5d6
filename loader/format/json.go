package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// elements reads the objects of one list in a JSON document.
type elements struct {
	meter  *meter
	lines  *newlines
	d      *json.Decoder
	object object
	// rest says that the list is the whole document, so that nothing may follow it.
	rest bool
	done bool
}

func openJSON(r io.Reader, o *Options) (Reader, error) {
	return openElements(r, o, o.Path)
}

// openElements begins to read the list that a path leads to. Nothing before it is kept.
func openElements(r io.Reader, o *Options, path string) (*elements, error) {
	text, err := decode(r, &o.Encoding)
	if err != nil {
		return nil, err
	}
	e := &elements{lines: &newlines{r: text, line: 1}, rest: path == ""}
	e.meter = &meter{r: e.lines}
	e.d = json.NewDecoder(e.meter)
	e.d.UseNumber()
	open, err := e.token()
	if err == io.EOF {
		return nil, e.refuse("the file is empty", "write a list of objects")
	}
	if err != nil {
		return nil, err
	}
	if path == "" {
		if open != json.Delim('[') {
			return nil, e.refuse("the document is no list", "name the keys that lead to the list with path: in the mapping")
		}
		return e, nil
	}
	for _, key := range strings.Split(path, ".") {
		if open != json.Delim('{') {
			return nil, e.refuse(fmt.Sprintf("there is no object with the key %.80q", key), "correct path: in the mapping")
		}
		if open, err = e.find(key); err != nil {
			return nil, err
		}
	}
	if open != json.Delim('[') {
		return nil, e.refuse(fmt.Sprintf("%.80q is no list", path), "name the keys that lead to the list")
	}
	return e, nil
}

// find skips the keys of an object up to one, and returns the beginning of its value.
func (e *elements) find(key string) (json.Token, error) {
	var seen []string
	for e.d.More() {
		name, err := e.inner()
		if err != nil {
			return nil, err
		}
		value, err := e.inner()
		if err != nil {
			return nil, err
		}
		if name == key {
			return value, nil
		}
		if s, ok := name.(string); ok && len(seen) < 12 {
			seen = append(seen, fmt.Sprintf("%.40s", s))
		}
		depth := 0
		for d, open := value.(json.Delim); ; d, open = value.(json.Delim) {
			if open && (d == '{' || d == '[') {
				depth++
			} else if open {
				depth--
			}
			if depth == 0 {
				break
			}
			if value, err = e.inner(); err != nil {
				return nil, err
			}
		}
	}
	return nil, e.refuse(fmt.Sprintf("the key %.80q is missing", key), "there are "+strings.Join(seen, ", "))
}

// inner reads a token of a document that has begun, and so may not end here.
func (e *elements) inner() (json.Token, error) {
	t, err := e.token()
	if err == io.EOF {
		return nil, e.broken(err)
	}
	return t, err
}

func (e *elements) token() (json.Token, error) {
	e.meter.read = 0
	t, err := e.d.Token()
	if err != nil && err != io.EOF {
		return nil, e.broken(err)
	}
	return t, err
}

// broken explains why a document cannot be read on.
func (e *elements) broken(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, errTooLong):
		return e.refuse(fmt.Sprintf("a value is longer than %d bytes; reading stopped here", MaxRow), "shorten it")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return e.refuse("the file ends within the document; what is missing cannot be read", "see whether the file is whole")
	case errors.As(err, &syntax):
		line, column := e.lines.place(e.fault(syntax))
		return &RowError{Line: line, Column: column, Reason: "this is not JSON: " + syntax.Error() + "; reading stopped here", Fix: "correct the document", Final: true}
	}
	return err
}

// unread adds to a fault what was read ahead, which begins with the element at fault.
func (e *elements) unread(err error) error {
	var fault *RowError
	if errors.As(err, &fault) {
		if ahead, failed := io.ReadAll(e.d.Buffered()); failed == nil {
			fault.Text = excerpt(bytes.TrimLeft(ahead, ", \t\r\n"))
		}
	}
	return err
}

// fault is where a document is no JSON. The decoder tells it for what parts values; within a value it counts from another place than the
// beginning of the document, so what it has not given yet is read once more.
func (e *elements) fault(err *json.SyntaxError) int64 {
	at := e.d.InputOffset()
	if err.Offset == at {
		return at
	}
	var again *json.SyntaxError
	rest, failed := io.ReadAll(e.d.Buffered())
	if failed == nil && errors.As(json.Unmarshal(rest, new(json.RawMessage)), &again) {
		return at + max(again.Offset-1, 0)
	}
	return at
}

func (e *elements) refuse(reason, fix string) *RowError {
	line, column := e.lines.place(e.d.InputOffset())
	return &RowError{Line: line, Column: column, Reason: reason, Fix: fix, Final: true}
}

func (e *elements) Columns() []Field { return nil }

func (e *elements) Read() (Row, error) {
	text, line, column, err := e.next()
	if err != nil {
		return Row{}, err
	}
	fields, fault := e.object.read(text, line, column)
	if fault != nil {
		fault.Text = excerpt(text)
		return Row{}, fault
	}
	return Row{Line: line, Fields: fields}, nil
}

// next reads the next element as text, with its place.
func (e *elements) next() (text []byte, line, column int, err error) {
	if e.done {
		return nil, 0, 0, io.EOF
	}
	e.meter.read = 0
	if !e.d.More() {
		e.done = true
		if _, err := e.token(); err != nil {
			return nil, 0, 0, e.broken(err)
		}
		if e.rest {
			if _, err := e.token(); err != io.EOF {
				return nil, 0, 0, e.refuse("something follows the list", "keep one list")
			}
		}
		return nil, 0, 0, io.EOF
	}
	var raw json.RawMessage
	if err := e.d.Decode(&raw); err != nil {
		e.done = true
		return nil, 0, 0, e.unread(e.broken(err))
	}
	line, column = e.lines.place(e.d.InputOffset() - int64(len(raw)))
	return raw, line, column, nil
}

// newlines remembers where lines begin in what was read and not yet asked for.
type newlines struct {
	r io.Reader
	// offset is how much was read, line the line that begins at start.
	offset, start int64
	line          int
	ahead         []int64
}

func (n *newlines) Read(p []byte) (int, error) {
	count, err := n.r.Read(p)
	for i, b := range p[:count] {
		if b == '\n' {
			n.ahead = append(n.ahead, n.offset+int64(i)+1)
		}
	}
	n.offset += int64(count)
	return count, err
}

// place is the line and column of an offset, not smaller than the ones asked for before.
func (n *newlines) place(offset int64) (line, column int) {
	passed := sort.Search(len(n.ahead), func(i int) bool { return n.ahead[i] > offset })
	if passed > 0 {
		n.line += passed
		n.start = n.ahead[passed-1]
		n.ahead = append(n.ahead[:0], n.ahead[passed:]...)
	}
	return n.line, int(max(offset-n.start, 0)) + 1
}
