package sqlite

import (
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// remove takes records away.
func (w *writing) remove(records []store.Record) error {
	for _, r := range records {
		if r.Claim != nil {
			if err := w.removeClaim(r.Claim); err != nil {
				return err
			}
		}
	}
	gone := map[int64]string{}
	var referenced []int64
	for _, r := range records {
		if r.Node == nil {
			continue
		}
		key, err := w.removeNode(r.Node)
		if err != nil {
			return err
		}
		if key == 0 {
			continue
		}
		gone[key] = r.Node.ID()
		if w.store.model.Referenced(w.store.model.KindOf(r.Node.ID())) {
			referenced = append(referenced, key)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if err := w.unreferenced(gone, referenced); err != nil {
		return err
	}
	// Keys may be given again: whoever holds some forgets them.
	_, err := w.exec("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'removals'")
	return err
}

func (w *writing) removeClaim(c *store.Claim) error {
	var removed int64
	err := w.everyRow(c, func(key [4]any) error {
		n, err := w.exec("DELETE FROM edge WHERE src_ = ? AND relation_ = ? AND dst_ = ? AND id = ?", key[:]...)
		removed += n
		return err
	})
	if failed, is := errors.AsType[*store.Error](err); is && failed.Code == store.CodeDangling {
		err = nil // where an end is gone, the claim went before
	}
	if removed > 0 {
		w.changes.Removed++
		w.touched.Claim(c.Relation.Name, c.From, c.To)
	} else {
		w.changes.Unchanged++
	}
	return err
}

// removeNode takes a node away and gives its key; 0 where it is not there.
func (w *writing) removeNode(n *store.Node) (key int64, err error) {
	state, err := w.nodeState(*n)
	delete(w.fresh, n.ID())
	if err != nil {
		return 0, err
	}
	if !state.exists {
		w.changes.Unchanged++
		return 0, nil
	}
	if err := w.forget(*n, state.key); err != nil {
		return 0, err
	}
	w.changes.Removed++
	w.touched.Node(n.ID())
	return state.key, nil
}

// unreferenced refuses to take away nodes that another record names: by a relation, or in a property, which takes a pass over all records,
// for those to which properties may lead.
func (w *writing) unreferenced(gone map[int64]string, referenced []int64) error {
	keys := slices.Sorted(maps.Keys(gone))
	for _, key := range keys {
		var by string
		err := w.scan("SELECT ifnull(n.id, 'a relation') FROM edge e LEFT JOIN node n ON n.key_ = iif(e.src_ = ?1, e.dst_, e.src_) WHERE e.dst_ = ?1 OR e.src_ = ?1 LIMIT 1",
			[]any{key}, &by)
		if err == nil {
			return store.StillNamed(gone[key], by)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	if len(referenced) == 0 {
		return nil
	}
	args := make([]any, len(referenced))
	for i, key := range referenced {
		args[i] = key
	}
	among := " IN (?" + strings.Repeat(", ?", len(referenced)-1) + ") LIMIT 1"
	for _, table := range []struct {
		read  string
		kinds []*ontology.Kind
	}{
		{"SELECT r.id, r.% FROM node r WHERE r.%", w.store.model.Kinds},
		{"SELECT 'claim ' || lower(hex(r.id)), r.% FROM edge r WHERE r.%", []*ontology.Kind{w.store.model.Claim}},
	} {
		for _, c := range references(table.kinds) {
			var by string
			var key int64
			err := w.scan(strings.ReplaceAll(table.read, "%", c)+among, args, &by, &key)
			if err == nil {
				return store.StillNamed(gone[key], by)
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
	}
	return nil
}

// references are the columns that hold keys of other records.
func references(kinds []*ontology.Kind) []string {
	var out []string
	for _, k := range kinds {
		for _, p := range k.Properties {
			if p.Type == ontology.Reference && !slices.Contains(out, column(p)) {
				out = append(out, column(p))
			}
		}
	}
	return out
}
