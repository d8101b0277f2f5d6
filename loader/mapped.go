package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/loader/outline"
	"github.com/crimegraph/crimegraph/ontology"
)

// inspectMapped reads the mapping and the heads of all files, and refuses what is not as it should be.
func inspectMapped(model *ontology.Model, set Dataset) (*contents, error) {
	text := set.Mapping
	refused := func(err error) error { return fmt.Errorf("data set %s: %w", set.Name, err) }
	c := &contents{shapes: map[string]*shape{}}
	entries := map[string]outline.Entry{}
	var err error
	c.manifest, err = readManifest(model, text.Name, text.Text, text.Retrieved, func(e outline.Entry) bool {
		entries[e.Key] = e
		return mapping.Has(e.Key)
	})
	if err != nil {
		return nil, refused(err)
	}
	if _, given := entries["files"]; !given {
		return nil, refused(&Refusal{File: text.Name, Line: 1, Column: 1, Reason: "this is no mapping: it has no files", Fix: "see docs/mappings.md, or let crimegraph map propose one"})
	}
	if c.mapping, err = mapping.Read(entries); err != nil {
		return nil, refused(refusal(text.Name, err))
	}
	if faults := c.checkTargets(model, text.Name); len(faults) > 0 {
		return nil, refused(errors.Join(faults...))
	}
	if len(c.mapping.Fixed) > 0 {
		c.nodes = append(c.nodes, fixedFile(c.mapping, text.Name))
	}
	var faults []error
	for _, name := range text.Files {
		f, err := c.inspectSource(set, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c.nodes = append(c.nodes, f)
	}
	if len(faults) == 0 {
		faults = c.missingFiles(text.Name)
	}
	if len(faults) > 0 {
		return nil, refused(errors.Join(faults...))
	}
	c.claims = c.nodes
	return c, nil
}

// missingFiles refuses a load without some of the files that the mapping reads. Rejected rows are loaded without them, but for those that they look
// values up in; and where a value that is not found is left out, those have to be whole, or corrected rows would lose it without a word.
func (c *contents) missingFiles(mapping string) (faults []error) {
	rejects := c.rejects()
	for _, s := range c.mapping.Files {
		var given, whole, some, optional bool
		for _, f := range c.nodes {
			if f.source == nil {
				continue
			}
			given = given || f.source == s
			whole = whole || f.source == s && !f.rejects
			looks, lacks := f.source.LooksUpIn(s)
			some, optional = some || looks, optional || lacks
		}
		what := s.Name
		if s.Pattern != "" {
			what += " (" + s.Pattern + ")"
		}
		switch {
		case !given && (some || !rejects):
			faults = append(faults, &Refusal{File: mapping, Reason: "no file is given for " + what, Fix: "name it beside the others"})
		case given && !whole && optional:
			faults = append(faults, &Refusal{File: mapping, Reason: "only rejected rows are given for " + what + ", and values are looked up in all of it", Fix: "name the whole file beside them"})
		}
	}
	return faults
}

// checkTargets makes the shapes of all records, and refuses kinds, relations and properties that are not there.
func (c *contents) checkTargets(model *ontology.Model, file string) (faults []error) {
	check := func(r *mapping.Record) {
		kind, relation := model.Kind(r.Target), model.Relation(r.Target)
		known := !r.Relation && kind != nil && !kind.Abstract() && kind != model.Claim || r.Relation && relation != nil && !relation.Structural
		if !known {
			what := map[bool]string{false: "kind", true: "relation"}[r.Relation]
			faults = append(faults, &Refusal{File: file, Line: r.Line, Column: r.Column,
				Reason: fmt.Sprintf("%.80q is no %s with rows of its own%s", r.Target, what, ontology.Suggest(r.Target, dataNames(model))), Fix: "name one of schema.graphqls"})
			return
		}
		s := c.shapes[r.Target]
		if s == nil {
			var wrong []error
			s, wrong = newShape(model, &c.manifest, r.Target)
			faults = append(faults, wrong...)
			if s == nil {
				return
			}
			c.shapes[r.Target] = s
		}
		for _, p := range r.Properties {
			if _, f := s.column(p.Name); f != nil {
				faults = append(faults, &Refusal{File: file, Line: p.Line, Column: p.Column, Reason: f.reason, Fix: f.fix})
			}
		}
	}
	for _, f := range append(c.mapping.Fixed, c.mapping.Files...) {
		for _, r := range f.Records {
			check(r)
		}
	}
	return faults
}

// fixedFile is the mapping itself as a file whose rows are its fixed records.
func fixedFile(m *mapping.Mapping, name string) *file {
	rows := make([]*mapping.Rows, len(m.Fixed))
	for i, f := range m.Fixed {
		rows[i] = f.Rows(name, nil)
	}
	return &file{
		name:    name,
		refused: map[int32]Reject{},
		rows: func(row format.Row, n int, part mapping.Part) ([]mapping.Draft, bool, *mapping.Fault) {
			return rows[n-1].Map(row, part)
		},
		open: func() (format.Reader, io.Closer, error) { return &fixedRows{files: m.Fixed}, io.NopCloser(nil), nil },
	}
}

// fixedRows reads fixed records as rows without columns.
type fixedRows struct {
	files []*mapping.File
	next  int
}

func (r *fixedRows) Columns() []format.Field { return nil }

func (r *fixedRows) Read() (format.Row, error) {
	if r.next == len(r.files) {
		return format.Row{}, io.EOF
	}
	r.next++
	return format.Row{Line: r.files[r.next-1].Records[0].Line}, nil
}

// inspectSource finds out which file of the mapping a file is, and reads its head.
func (c *contents) inspectSource(set Dataset, name string) (*file, error) {
	f := &file{name: name, refused: map[int32]Reject{}}
	names, err := namesFor(set, name)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if f.source == nil {
			f.source = c.sourceOf(n)
		}
	}
	if f.source == nil && len(c.mapping.Files) == 1 {
		f.source = c.mapping.Files[0]
	}
	if f.source == nil {
		var patterns []string
		for _, s := range c.mapping.Files {
			patterns = append(patterns, s.Pattern)
		}
		return nil, &Refusal{File: name, Reason: "the mapping reads no file of that name", Fix: "it reads " + strings.Join(patterns, ", ")}
	}
	info, err := fs.Stat(set.Files, name)
	if err != nil {
		return nil, err
	}
	f.size = info.Size()
	options := f.source.Options
	f.open = func() (format.Reader, io.Closer, error) {
		opened, err := set.Files.Open(name)
		if err != nil {
			return nil, nil, err
		}
		r, _, err := format.Open(name, f.measure(opened), options)
		if err != nil {
			return nil, nil, errors.Join(err, opened.Close())
		}
		return r, opened, nil
	}
	opened, err := set.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	r, found, err := format.Open(name, opened, options)
	var head *format.RowError
	if errors.As(err, &head) {
		return nil, &Refusal{File: name, Line: head.Line, Column: head.Column, Reason: head.Reason, Fix: head.Fix}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f.encoding = found.Encoding
	f.rejects = found.Rejects
	var faults []error
	header := r.Columns()
	for _, missing := range f.source.Check(header) {
		var names []string
		for _, column := range header {
			names = append(names, printable(column.Name))
		}
		faults = append(faults, &Refusal{File: set.Mapping.Name, Line: missing.Line, Column: missing.Column,
			Reason: fmt.Sprintf("%s has no column %.80q%s", path.Base(name), missing.Name, ontology.Suggest(missing.Name, names)), Fix: "it has " + strings.Join(names, ", ")})
	}
	return f, errors.Join(faults...)
}

// sourceOf is the file of the mapping that a file of some name is, by that alone; nil for none.
func (c *contents) sourceOf(name string) *mapping.File {
	for _, s := range c.mapping.Files {
		if s.Matches(name) {
			return s
		}
	}
	return nil
}

// namesFor are the names that tell what a file is, the best first. One of rejected rows is what the file is that they come from: its rows name that;
// it is called like it, with an extension more where it has another format.
func namesFor(set Dataset, name string) (names []string, err error) {
	opened, err := set.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	original, rejects, err := format.RejectsOf(name, opened)
	shorter := strings.TrimSuffix(name, path.Ext(name))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case original != "":
		return []string{original, shorter, name}, nil
	case rejects:
		return []string{shorter, name}, nil
	default:
		return []string{name, shorter}, nil
	}
}

// printable is a name as it may be shown: a file that is no table may hold anything.
func printable(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// readTables reads what values are looked up in, and begins to map the files.
func (l *load) readTables(ctx context.Context) error {
	c := l.contents
	if c.mapping == nil {
		return nil
	}
	tables, err := c.mapping.ReadTables(func(source string, row func(format.Row) error) error {
		for _, f := range c.nodes {
			if f.source == nil || f.source.Name != source {
				continue
			}
			if err := l.rows(ctx, f, func(r format.Row, _ int) error { return row(r) }, func(*format.RowError, int) {}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range c.nodes {
		if f.source != nil {
			rows := f.source.Rows(f.name, tables)
			f.rows = func(row format.Row, _ int, part mapping.Part) ([]mapping.Draft, bool, *mapping.Fault) {
				if o := row.Origin; o != nil && o.File != "" {
					if s := c.sourceOf(o.File); s != nil && s != f.source {
						return nil, true, &mapping.Fault{Field: format.Field{Name: format.AtColumn, Text: o.File, Line: row.Line, Column: 1},
							Reason: fmt.Sprintf("the row is one of %s, the rows before are of %s", s.Name, f.source.Name), Fix: "move it to a file of its own"}
					}
				}
				return rows.Map(row, part)
			}
		}
	}
	return nil
}
