package neo4j

import (
	"context"
	"encoding/json"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/store"
)

// The number of the set of loads that state a record (see store.Stating) is a property of nodes and relations.

// Loads lists the loads.
func (s *Store) Loads(ctx context.Context) ([]store.Load, error) {
	rows, err := s.collect(ctx, neo4j.AccessModeRead, "MATCH (l:"+loadLabel+") RETURN l.name, l.record ORDER BY l.name", nil)
	if err != nil {
		return nil, err
	}
	var out []store.Load
	for _, row := range rows {
		record, _ := row[1].(string)
		var l store.Load
		if err := json.Unmarshal([]byte(record), &l); err != nil {
			name, _ := row[0].(string)
			return nil, store.Errorf(store.CodeDamaged, name, "", "the record of the load cannot be read: %w", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// lead takes the lease of the batch's load, keeps its record, and reads the sets.
func (w *writing) lead(b store.Batch) error {
	l := b.Load
	if l == nil {
		return nil
	}
	now, held, err := w.lease()
	if err != nil {
		return err
	}
	if err := held.Admits(l, now); err != nil {
		return err
	}
	if l.State == store.LoadGone {
		_, err := w.run("MATCH (l:"+loadLabel+" {name: $name}) DETACH DELETE l WITH count(*) AS gone MATCH (s:"+setLabel+") WHERE $name IN s.loads SET s.loads = [n IN s.loads WHERE n <> $name]",
			map[string]any{"name": l.Name})
		return err
	}
	for _, kept := range append([]store.Load{*l}, b.Others...) {
		record, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		if _, err := w.run("MERGE (l:"+loadLabel+" {name: $name}) SET l.record = $record", map[string]any{"name": kept.Name, "record": string(record)}); err != nil {
			return err
		}
	}
	if !b.Stated {
		return nil
	}
	w.stating = store.Stating[string]{Load: l, Self: l.Name, Sets: map[int64][]string{}, Create: w.createSet}
	rows, err := w.run("MATCH (s:"+setLabel+") RETURN s.id, s.loads", nil)
	for _, row := range rows {
		w.stating.Sets[row[0].(int64)] = texts(row[1])
	}
	return err
}

// lease reads which load is under way, and the server's clock. It stands in the node that writers lock, as the CrimeGraph node must stay free
// for the sequence.
func (w *writing) lease() (now int64, held store.Lease, err error) {
	rows, err := w.run("MATCH (l:"+lockLabel+") RETURN timestamp(), l.lease", nil)
	if err != nil {
		return 0, held, err
	}
	if len(rows) != 1 {
		return 0, held, w.store.gone()
	}
	now, _ = rows[0][0].(int64)
	text, _ := rows[0][1].(string)
	held, err = store.ReadLease(text, w.store.address)
	return now, held, err
}

// renew keeps the lease for as long from the end of the batch.
func (w *writing) renew(l *store.Load) error {
	if l == nil {
		return nil
	}
	now, _, err := w.lease()
	if err != nil {
		return err
	}
	text, err := json.Marshal(store.LeaseOf(l, now))
	if err != nil {
		return err
	}
	_, err = w.run("MATCH (l:"+lockLabel+") SET l.lease = $lease", map[string]any{"lease": string(text)})
	return err
}

// hold notes that the load states nodes as they are held.
func (w *writing) hold(nodes []store.Node) error {
	if len(nodes) == 0 {
		return nil
	}
	ids := make([]string, len(nodes))
	for i, n := range nodes {
		ids[i] = n.ID()
	}
	rows, err := w.run("UNWIND $rows AS id "+byID("n", "id")+" RETURN id, coalesce(n."+loadsProperty+", 0)", map[string]any{"rows": ids})
	if err != nil {
		return err
	}
	if len(rows) != len(ids) {
		return store.Errorf(store.CodeDangling, ids[0], "load the node first", "a load states it or others as they are held, but %d of %d are there", len(rows), len(ids))
	}
	var joined []any
	for _, row := range rows {
		held := row[1].(int64)
		set, err := w.stating.Join(held)
		if err != nil {
			return err
		}
		if set != held {
			joined = append(joined, []any{row[0], set})
		}
	}
	w.changes.Unchanged += len(ids)
	return w.join(joined)
}

// join writes the sets of loads of nodes, which are given with their ids.
func (w *writing) join(rows []any) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := w.run("UNWIND $rows AS r "+byID("n", "r[0]")+" SET n."+loadsProperty+" = r[1]", map[string]any{"rows": rows})
	return err
}

// createSet keeps a set of loads. Sets stay when their loads are forgotten, so that no number is given again.
func (w *writing) createSet(loads []string) (int64, error) {
	var last int64
	for set := range w.stating.Sets {
		last = max(last, set)
	}
	_, err := w.run("CREATE (s:"+setLabel+" {id: $id, loads: $loads})", map[string]any{"id": last + 1, "loads": loads})
	return last + 1, err
}
