package loader

import (
	"context"
	"fmt"
	"slices"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/store"
)

// scanNodes reads all files that hold nodes for the first time: it checks rows and notes ids and references. Nothing is written yet. Rows of mapped
// files are checked whole, claims included, so that a row that is at fault in itself states nothing at all.
func (l *load) scanNodes(ctx context.Context) error {
	for i, f := range l.contents.nodes {
		err := l.rows(ctx, f, func(row format.Row, n int) error {
			l.count(f)
			list, kept, wrong := l.drafts(f, row, n, mapping.All)
			if !kept {
				l.report.Filtered++
				l.report.Files[f.report].Filtered++
				return nil
			}
			l.records = l.records[:0]
			for _, d := range list {
				if wrong == nil {
					var r record
					r, wrong = d.shape.read(d.row)
					wrong = l.checkID(d, i, r, wrong)
					l.records = append(l.records, r)
				}
			}
			if wrong != nil {
				l.reject(f, n, row.Line, wrong)
				if f.shape != nil {
					l.refuse(f.shape, row, i, n)
				}
				return nil
			}
			for j, d := range list {
				l.define(d, l.records[j], f, i, n)
			}
			return nil
		}, l.rejectUnread(f))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkID finds out whether another row has the id of a node. Where mappings make the same record of two rows, it is one.
func (l *load) checkID(d draft, file int, r record, wrong *fault) *fault {
	if wrong != nil || d.ensure || d.shape.relation != nil {
		return wrong
	}
	id, _ := r.values[0].(string)
	at, seen := l.index.find(id)
	if !seen {
		return nil
	}
	e := l.index.entries[at]
	if e.row == 0 || e.ensured || l.contents.mapping != nil && e.state == pending && l.index.contents[at] == r.hash(d.shape.kind) {
		return nil
	}
	return &fault{field: field(d.row, "id"), reason: fmt.Sprintf("%.80q is there already, at %s", id,
		position(l.contents.nodes[e.file].name, int(e.line), 0)), fix: "keep one row of each id"}
}

// refuse notes the id of a rejected row, if it can be told.
func (l *load) refuse(s *shape, row format.Row, file, n int) {
	given := field(row, "id")
	if given == nil {
		return
	}
	id := s.text(given)
	if named, unfit := s.kindOf(id); unfit == nil && named == s.kind {
		l.index.refuse(id, file, n, row.Line)
	}
}

// define notes a node that a row states, unless another row did.
func (l *load) define(d draft, r record, f *file, file, n int) {
	if d.shape.relation != nil {
		return
	}
	id, _ := r.values[0].(string)
	at, seen := l.index.find(id)
	if seen && l.index.entries[at].row > 0 {
		if !l.index.entries[at].ensured || d.ensure {
			return
		}
		l.contents.nodes[l.index.entries[at].file].todo--
	}
	f.todo++
	l.index.define(id, file, n, d.row.Line, r, d.shape.source)
	at, _ = l.index.find(id)
	l.index.entries[at].ensured = d.ensure
	if l.contents.mapping != nil && !d.ensure {
		l.index.contents[at] = r.hash(d.shape.kind)
	}
	if d.shape.published >= 0 {
		l.index.marks[at] = d.shape.markOf(r.values)
	}
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

// settle asks the store about ids that no row defines, or that rows only ensure, and decides which rows stand.
func (l *load) settle(ctx context.Context) error {
	if err := l.ask(ctx, l.index.unknown(0)); err != nil {
		return err
	}
	for at := range l.index.entries {
		e := &l.index.entries[at]
		if e.state != stored || e.row == 0 {
			continue
		}
		// The store has what the row ensures: the load states it as it is held.
		l.contents.nodes[e.file].todo--
		if l.model.KindOf(e.id) != nil && !l.options.DryRun {
			l.held = append(l.held, int32(at))
		} else {
			l.report.Changes.Unchanged++
		}
	}
	l.index.settle()
	return nil
}

// writeHeld has the store note that the load states nodes that it only ensures.
func (l *load) writeHeld(ctx context.Context) error {
	for part := range slices.Chunk(l.held, batchSize) {
		held := make([]store.Node, len(part))
		for i, at := range part {
			id := l.index.entries[at].id
			held[i] = store.Node{Kind: l.model.KindOf(id), Values: []any{id}}
		}
		if err := l.rewrite(ctx, store.Batch{Held: held, Stated: true}); err != nil {
			return err
		}
	}
	l.held = nil
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
	return l.rows(ctx, f, func(row format.Row, n int) error {
		list, _, _ := l.drafts(f, row, n, mapping.Nodes)
		for _, d := range list {
			if err := l.writeNode(ctx, place, f, d, n); err != nil {
				return err
			}
		}
		return nil
	}, func(*format.RowError, int) {})
}

func (l *load) writeNode(ctx context.Context, place int, f *file, d draft, n int) error {
	id := field(d.row, "id")
	if id == nil {
		return nil
	}
	at, known := l.index.find(d.shape.text(id))
	if !known {
		return nil
	}
	e := &l.index.entries[at]
	if int(e.file) != place || int(e.row) != n || e.state == rejected || e.state == stored || e.done || e.ensured && !d.ensure {
		return nil
	}
	if e.state == accepted && !l.index.ready(at) {
		return nil
	}
	r, wrong := d.shape.read(d.row)
	if wrong != nil {
		return errChanged
	}
	f.todo--
	e.done = true
	if e.state != accepted {
		l.reject(f, n, d.row.Line, l.explain(at, d.row, d.shape, r))
		return nil
	}
	e.state = written
	l.inherit(d.shape, r.values)
	l.batch.Nodes = append(l.batch.Nodes, store.Node{Kind: d.shape.kind, Values: r.values, Links: r.links})
	return l.accept(ctx, f)
}

// explain says why a row that is right in itself does not stand.
func (l *load) explain(at int32, row format.Row, s *shape, r record) *fault {
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
	if id, ok := r.values[s.source].(string); ok {
		if why := name(s.kind.Properties[s.source].Name, id); why != nil {
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
