package loader

import (
	"context"
	"fmt"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/store"
)

// scanNodes reads all node files for the first time: it checks rows and notes ids and references. Nothing is written yet.
func (l *load) scanNodes(ctx context.Context) error {
	for i, f := range l.contents.nodes {
		err := l.each(ctx, f, func(row format.Row) error {
			l.count(f)
			r, wrong := f.shape.read(row)
			id := ""
			if given := field(row, "id"); given != nil {
				id = f.shape.text(given)
			}
			named, unfit := f.shape.kindOf(id)
			usable := unfit == nil && named == f.shape.kind
			if at, seen := l.index.places[id]; wrong == nil && seen && l.index.entries[at].line > 0 {
				first := l.index.entries[at]
				wrong = &fault{field: field(row, "id"), reason: fmt.Sprintf("%.80q is there already, at %s", id,
					position(l.contents.nodes[first.file].name, int(first.line), 0)), fix: "keep one row of each id"}
			}
			if wrong != nil {
				l.reject(f, row.Line, wrong)
				if usable {
					l.index.refuse(id, i, row.Line)
				}
				return nil
			}
			f.todo++
			l.index.define(id, i, row.Line, r, f.shape.source)
			if f.shape.published >= 0 {
				l.index.marks[l.index.places[id]] = f.shape.markOf(r.values)
			}
			return nil
		}, l.rejectUnread(f))
		if err != nil {
			return err
		}
	}
	return nil
}

// field finds a field of a row by the name of its column, or returns nil.
func field(row format.Row, name string) *format.Field {
	for i := range row.Fields {
		if row.Fields[i].Name == name {
			return &row.Fields[i]
		}
	}
	return nil
}

// settle asks the store about ids that no row defines, and decides which rows stand.
func (l *load) settle(ctx context.Context) error {
	if err := l.ask(ctx, l.index.unknown(0)); err != nil {
		return err
	}
	l.index.settle()
	return nil
}

// writeNodes reads the node files again, as often as it takes to write each row after those it names; rows mostly stand in
// that order, so that once is mostly enough, and maxDepth bounds it.
func (l *load) writeNodes(ctx context.Context) error {
	for {
		before, after := 0, 0
		for i, f := range l.contents.nodes {
			before += f.todo
			if f.todo > 0 {
				if err := l.writeFile(ctx, i, f); err != nil {
					return err
				}
			}
			after += f.todo
		}
		if after == 0 {
			return l.flush(ctx)
		}
		if before == after {
			return errChanged
		}
	}
}

// errChanged: a file did not read the same twice.
var errChanged = fmt.Errorf("a file changed while it was loaded: load again")

func (l *load) writeFile(ctx context.Context, place int, f *file) error {
	return l.each(ctx, f, func(row format.Row) error {
		id := field(row, "id")
		if id == nil {
			return nil
		}
		at, known := l.index.places[f.shape.text(id)]
		if !known {
			return nil
		}
		e := &l.index.entries[at]
		if int(e.file) != place || int(e.line) != row.Line || e.state == rejected || e.done {
			return nil
		}
		if e.state == accepted && !l.index.ready(at) {
			return nil
		}
		r, wrong := f.shape.read(row)
		if wrong != nil {
			return errChanged
		}
		f.todo--
		e.done = true
		if e.state != accepted {
			l.reject(f, row.Line, l.explain(at, row, f, r))
			return nil
		}
		e.state = written
		l.inherit(f.shape, r.values)
		l.batch.Nodes = append(l.batch.Nodes, store.Node{Kind: f.shape.kind, Values: r.values, Links: r.links})
		return l.accept(ctx, f)
	}, func(*format.RowError) {})
}

// explain says why a row that is right in itself does not stand.
func (l *load) explain(at int32, row format.Row, f *file, r record) *fault {
	switch l.index.entries[at].state {
	case deep:
		return &fault{field: field(row, "id"), reason: fmt.Sprintf("its references lead on more than %d times", maxDepth), fix: "see whether the chain is meant"}
	case circular:
		return &fault{field: field(row, "id"), reason: "its references lead in a circle: " + l.index.circle(at), fix: "take one of them out"}
	}
	name := func(column, id string) *fault {
		why := l.index.refusal(l.index.of(id), l.contents.nodes)
		if why != nil {
			if why.field = field(row, column); why.field == nil {
				why.field = &format.Field{Name: column, Text: id, Line: row.Line}
			}
		}
		return why
	}
	if id, ok := r.values[f.shape.source].(string); ok {
		if why := name(f.shape.kind.Properties[f.shape.source].Name, id); why != nil {
			return why
		}
	}
	for _, link := range r.links {
		if why := name(link.Link.Name, link.ID); why != nil {
			return why
		}
	}
	return &fault{reason: "it names a row that is rejected", fix: "correct that row first"}
}
