package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/crimegraph/crimegraph/store"
)

// The number of the set of loads that state a record (see store.Stating) is a column of node and edge.

// Loads lists the loads.
func (s *Store) Loads(ctx context.Context) ([]store.Load, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT name, record FROM load ORDER BY name")
	if err != nil {
		return nil, s.failure("loads", err)
	}
	defer rows.Close()
	var out []store.Load
	for rows.Next() {
		var name, record string
		if err := rows.Scan(&name, &record); err != nil {
			return nil, s.failure("loads", err)
		}
		var l store.Load
		if err := json.Unmarshal([]byte(record), &l); err != nil {
			return nil, store.Errorf(store.CodeDamaged, name, "", "the record of the load cannot be read: %w", err)
		}
		out = append(out, l)
	}
	return out, s.failure("loads", rows.Err())
}

// begin takes the lease, keeps the load's record, and reads the sets.
func (w *writing) begin(b store.Batch) error {
	if b.Load == nil {
		return nil
	}
	if err := w.admit(b.Load); err != nil {
		return err
	}
	if b.Load.State == store.LoadGone {
		return w.forgetLoad(b.Load.Name)
	}
	for _, l := range append([]store.Load{*b.Load}, b.Others...) {
		record, err := json.Marshal(l)
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO load (name, record) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET record = ?2", l.Name, string(record)); err != nil {
			return err
		}
	}
	if !b.Stated {
		return nil
	}
	w.stating = store.Stating[int64]{Load: b.Load, Create: w.createSet}
	if err := w.scan("SELECT key_ FROM load WHERE name = ?", []any{b.Load.Name}, &w.stating.Self); err != nil {
		return err
	}
	var err error
	w.stating.Sets, err = loadSets(w.ctx, w.tx)
	return err
}

// admit refuses the batch of a load that the lease does not admit.
func (w *writing) admit(l *store.Load) error {
	now, held, err := w.lease()
	if err != nil {
		return err
	}
	return held.Admits(l, now)
}

func (w *writing) lease() (now int64, held store.Lease, err error) {
	var text string
	if err := w.scan("SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER), (SELECT value FROM meta WHERE name = 'loading')", nil, &now, &text); err != nil {
		return 0, held, err
	}
	held, err = store.ReadLease(text, w.store.path)
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
	_, err = w.exec("UPDATE meta SET value = ? WHERE name = 'loading'", string(text))
	return err
}

// hold notes that the load states nodes as they are held.
func (w *writing) hold(nodes []store.Node) error {
	for _, n := range nodes {
		state, err := w.nodeState(n)
		if err != nil {
			return err
		}
		if !state.exists {
			delete(w.fresh, n.ID())
			return store.Errorf(store.CodeDangling, n.ID(), "load the node first", "a load states it as it is held, but there is no such node")
		}
		set, err := w.stating.Join(state.set)
		if err != nil {
			return err
		}
		w.changes.Unchanged++
		if set == state.set {
			continue
		}
		if _, err := w.exec("UPDATE node SET loads_ = ? WHERE key_ = ?", set, state.key); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) forgetLoad(name string) error {
	for _, text := range []string{
		"DELETE FROM load_set WHERE load_ = (SELECT key_ FROM load WHERE name = ?)",
		"DELETE FROM load WHERE name = ?",
	} {
		if _, err := w.exec(text, name); err != nil {
			return err
		}
	}
	return nil
}

// loadSets reads the keys of the loads of each set, in order.
func loadSets(ctx context.Context, tx *sql.Tx) (map[int64][]int64, error) {
	return setsOf[int64](ctx, tx, "SELECT set_, load_ FROM load_set ORDER BY set_, load_")
}

// namedSets reads the names of the loads of each set, in order.
func namedSets(ctx context.Context, tx *sql.Tx) (map[int64][]string, error) {
	return setsOf[string](ctx, tx, "SELECT s.set_, l.name FROM load_set s JOIN load l ON l.key_ = s.load_ ORDER BY s.set_, l.name")
}

func setsOf[L any](ctx context.Context, tx *sql.Tx, query string) (map[int64][]L, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64][]L{}
	for rows.Next() {
		var set int64
		var load L
		if err := rows.Scan(&set, &load); err != nil {
			return nil, err
		}
		out[set] = append(out[set], load)
	}
	return out, rows.Err()
}

// createSet keeps a set of loads. Numbers are counted, as a set whose loads are forgotten may still be that of a record.
func (w *writing) createSet(loads []int64) (set int64, err error) {
	if err := w.scan("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'load_sets' RETURNING CAST(value AS INTEGER)", nil, &set); err != nil {
		return 0, err
	}
	for _, load := range loads {
		if _, err := w.exec("INSERT INTO load_set (set_, load_) VALUES (?, ?)", set, load); err != nil {
			return 0, err
		}
	}
	return set, nil
}
