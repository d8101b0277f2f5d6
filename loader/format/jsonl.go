package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/crimegraph/crimegraph/ontology"
)

// lines reads JSON Lines: one object a line, whose values are text, numbers, booleans, null or lists of those.
type lines struct {
	r      *bufio.Reader
	line   int
	fields []Field
}

func openJSONL(r io.Reader) (Reader, error) {
	buffered := bufio.NewReaderSize(r, MaxRow)
	if err := withoutMark(buffered); err != nil {
		return nil, err
	}
	return &lines{r: buffered}, nil
}

func (l *lines) Columns() []Field { return nil }

func (l *lines) Read() (Row, error) {
	for {
		text, err := l.r.ReadSlice('\n')
		l.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = l.r.ReadSlice('\n')
			}
			if err != nil && err != io.EOF {
				return Row{}, err
			}
			return Row{}, l.refuse(0, fmt.Sprintf("the line is longer than %d bytes", MaxRow), "shorten it")
		}
		if err != nil && (err != io.EOF || len(text) == 0) {
			return Row{}, err
		}
		if len(bytes.TrimSpace(text)) > 0 {
			return l.parse(text)
		}
	}
}

func (l *lines) refuse(offset int, reason, fix string) *RowError {
	return &RowError{Line: l.line, Column: offset + 1, Reason: reason, Fix: fix}
}

const objectPerLine = `write one object a line, as {"id": "place/it", "name": "Italy"}`

func (l *lines) parse(text []byte) (Row, error) {
	if !utf8.Valid(text) {
		offset := 0
		for r, n := utf8.DecodeRune(text); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(text[offset:]) {
			offset += n
		}
		return Row{}, l.refuse(offset, "the text is not valid UTF-8", "save the file as UTF-8")
	}
	var whole json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(text, &whole); errors.As(err, &syntax) {
		return Row{}, l.refuse(max(int(syntax.Offset)-1, 0), "the line is not JSON: "+syntax.Error(), objectPerLine)
	} else if err != nil {
		return Row{}, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return Row{}, l.refuse(0, "the line holds no object", objectPerLine)
	}
	l.fields = l.fields[:0]
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return Row{}, err
		}
		at := int(d.InputOffset())
		at += len(text[at:]) - len(bytes.TrimLeft(text[at:], " \t\r:"))
		name, _ := key.(string)
		if seen[name] {
			return Row{}, l.refuse(at, fmt.Sprintf("the key %.80q is there twice", name), "keep one")
		}
		seen[name] = true
		f := Field{Name: name, Line: l.line, Column: at + 1}
		value, err := d.Token()
		if err != nil {
			return Row{}, err
		}
		switch value {
		case json.Delim('['):
			f.List = true
			var elements []string
			for d.More() {
				element, err := d.Token()
				if err != nil {
					return Row{}, err
				}
				s, ok := scalar(element)
				if !ok || strings.Contains(s, ontology.ListSeparator) {
					return Row{}, l.refuse(at, fmt.Sprintf("%.80q is a list of something else than plain values, or one holds %q, which parts lists", name, ontology.ListSeparator),
						"list text, numbers or booleans")
				}
				elements = append(elements, s)
			}
			if _, err := d.Token(); err != nil {
				return Row{}, err
			}
			f.Text = strings.Join(elements, ontology.ListSeparator)
		default:
			s, ok := scalar(value)
			if !ok {
				return Row{}, l.refuse(at, fmt.Sprintf("%.80q holds an object", name), "give text, a number, a boolean, null or a list of those")
			}
			f.Text = s
		}
		l.fields = append(l.fields, f)
	}
	return Row{Line: l.line, Fields: l.fields}, nil
}

// scalar is a value's text, as a file without types would hold it.
func scalar(token json.Token) (string, bool) {
	switch v := token.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}
