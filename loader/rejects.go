package loader

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/ontology"
)

// writeRejects writes the rejected rows into files that can be corrected and loaded as they are: each row as it stood, with where it came from, what is
// at fault, why, and how to put it right before it. Rows with a header become comma-separated values, others JSON Lines. The manifest of a native
// data set goes with them; fixed records of a mapping do not, as they are corrected there.
func (l *load) writeRejects(ctx context.Context) error {
	if l.options.Rejects == nil || l.report.Rejected == 0 {
		return nil
	}
	if l.contents.mapping == nil {
		if err := l.copyManifest(); err != nil {
			return err
		}
	}
	taken := map[string]int{}
	for _, f := range l.contents.files() {
		if len(f.refused) == 0 || f.shape == nil && f.source == nil {
			continue
		}
		if err := l.writeRejectsOf(ctx, f, taken); err != nil {
			return fmt.Errorf("rejected rows of %s: %w", f.name, err)
		}
	}
	return nil
}

func (l *load) copyManifest() (err error) {
	text, err := readAll(l.files, ManifestFile)
	if err != nil {
		return err
	}
	w, err := l.options.Rejects(ManifestFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = w.Write(text)
	return err
}

// header is that of a file, or nil where its rows name their own columns.
func (f *file) header() ([]format.Field, error) {
	r, closer, err := f.open()
	if err != nil {
		return nil, err
	}
	return r.Columns(), closer.Close()
}

// writeRejectsOf writes those of a file, into one that is called like it, so that the mapping knows it again: with an extension more where its
// format is another, in a numbered folder where others of its name come before.
func (l *load) writeRejectsOf(ctx context.Context, f *file, taken map[string]int) (err error) {
	header, err := f.header()
	if err != nil {
		return err
	}
	extension := ".csv"
	if header == nil {
		extension = ".jsonl"
	}
	name := strings.TrimSuffix(path.Base(f.name), extension) + extension
	if taken[name]++; taken[name] > 1 {
		name = path.Join(strconv.Itoa(taken[name]), name)
	}
	file, err := l.options.Rejects(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var write func(rejectedRow) error
	if header != nil {
		w := csv.NewWriter(file)
		defer func() {
			w.Flush()
			err = errors.Join(err, w.Error())
		}()
		record := append([]string{}, format.RejectColumns...)
		if f.unread {
			record = append(record, format.UnreadColumn)
		}
		for _, c := range header {
			record = append(record, c.Name)
		}
		if err := w.Write(record); err != nil {
			return err
		}
		write = func(r rejectedRow) error {
			record = append(record[:0], r.columns()...)
			if f.unread {
				record = append(record, r.unread)
			}
			for i := range header {
				text := ""
				if i < len(r.fields) {
					text = r.fields[i].Text
				}
				record = append(record, text)
			}
			return w.Write(record)
		}
	} else {
		write = func(r rejectedRow) error { return writeObject(file, r) }
	}
	row := func(n int, r rejectedRow) error {
		var refused bool
		if r.why, refused = f.refused[int32(n)]; refused {
			return write(r)
		}
		return nil
	}
	var failed error
	err = l.rows(ctx, f, func(r format.Row, n int) error {
		return row(n, rejectedRow{line: r.Line, origin: r.Origin, fields: r.Fields})
	}, func(e *format.RowError, n int) {
		failed = errors.Join(failed, row(n, rejectedRow{line: e.Line, origin: e.Origin, fields: e.Fields, unread: cmp.Or(e.Text, e.Reason)}))
	})
	return errors.Join(err, failed)
}

// rejectedRow is a rejected row as it is written.
type rejectedRow struct {
	why    Reject
	line   int
	origin *format.Origin
	fields []format.Field
	// unread is the text of a row that could not be read, or why it could not: people empty it when they have corrected the row.
	unread string
}

// columns are what stands before it. A row that was rejected before tells where it stood at first.
func (r rejectedRow) columns() []string {
	value := r.why.Value
	if r.why.Name != "" {
		value = r.why.Name + ": " + r.why.Value
	}
	column := 1
	if r.why.Line == r.line {
		// What is at fault may stand on a later line of the row.
		column = max(r.why.Column, 1)
	}
	at := format.At(r.why.File, r.line, column)
	if r.origin != nil {
		at = r.origin.String()
	}
	return []string{at, value, r.why.Reason, r.why.Fix}
}

// writeObject writes a rejected row as one line of JSON.
func writeObject(w io.Writer, r rejectedRow) error {
	var b strings.Builder
	pair := func(name string, value any) error {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value)
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(text)
		return err
	}
	b.WriteByte('{')
	var err error
	for i, text := range r.columns() {
		err = errors.Join(err, pair(format.RejectColumns[i], text))
	}
	if r.unread != "" {
		err = errors.Join(err, pair(format.UnreadColumn, r.unread))
	}
	for _, f := range r.fields {
		if !f.List {
			err = errors.Join(err, pair(f.Name, f.Text))
			continue
		}
		list := []string{}
		if f.Text != "" {
			list = strings.Split(f.Text, ontology.ListSeparator)
		}
		err = errors.Join(err, pair(f.Name, list))
	}
	b.WriteString("}\n")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}
