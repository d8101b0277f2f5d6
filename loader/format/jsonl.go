package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lines reads JSON Lines: one object a line.
type lines struct {
	r      *bufio.Reader
	line   int
	object object
}

func openJSONL(r io.Reader, o *Options) (Reader, error) {
	text, err := decode(r, &o.Encoding)
	if err != nil {
		return nil, err
	}
	return &lines{r: bufio.NewReaderSize(text, MaxRow)}, nil
}

func (l *lines) Columns() []Field { return nil }

func (l *lines) Read() (Row, error) {
	for {
		text, err := l.r.ReadSlice('\n')
		l.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			begins := excerpt(text)
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = l.r.ReadSlice('\n')
			}
			if err != nil && err != io.EOF {
				return Row{}, err
			}
			return Row{}, &RowError{Line: l.line, Column: 1, Reason: fmt.Sprintf("the line is longer than %d bytes", MaxRow), Fix: "shorten it", Text: begins}
		}
		if err != nil && (err != io.EOF || len(text) == 0) {
			return Row{}, err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		fields, fault := l.object.read(text, l.line, 1)
		if fault != nil {
			fault.Text = excerpt(text)
			return Row{}, fault
		}
		return corrected(Row{Line: l.line, Fields: fields})
	}
}
