package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Which loads state a record is kept as the number of a set of loads, as most records have one of few: a column of node and edge, 0
// where no load ever stated it. Sets keep their numbers when a load is forgotten; two may then be equal, or one be empty.

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

// stating is what a batch needs to know to note which load states its records.
type stating struct {
	load *store.Load
	// key is the load's, 0 where the batch is on no load's account.
	key int64
	// sets are the loads of each set, in order.
	sets map[int64][]int64
	// joined are the sets that result from joining the load to a set.
	joined map[int64]int64
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
	record, err := json.Marshal(b.Load)
	if err != nil {
		return err
	}
	if _, err := w.exec("INSERT INTO load (name, record) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET record = ?2", b.Load.Name, string(record)); err != nil {
		return err
	}
	if !b.Stated {
		return nil
	}
	w.stating = stating{load: b.Load, joined: map[int64]int64{}}
	if err := w.scan("SELECT key_ FROM load WHERE name = ?", []any{b.Load.Name}, &w.stating.key); err != nil {
		return err
	}
	w.stating.sets, err = loadSets(w.ctx, w.tx)
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
	if err := json.Unmarshal([]byte(text), &held); err != nil {
		return 0, held, store.Errorf(store.CodeDamaged, w.store.path, "", "the lease of a load cannot be read: %w", err)
	}
	return now, held, nil
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
		set, err := w.set(state.set)
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

// loadSets reads the loads of each set.
func loadSets(ctx context.Context, tx *sql.Tx) (map[int64][]int64, error) {
	rows, err := tx.QueryContext(ctx, "SELECT set_, load_ FROM load_set ORDER BY set_, load_")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64][]int64{}
	for rows.Next() {
		var set, load int64
		if err := rows.Scan(&set, &load); err != nil {
			return nil, err
		}
		out[set] = append(out[set], load)
	}
	return out, rows.Err()
}

// namedSets reads the names of the loads of each set, in order.
func namedSets(ctx context.Context, tx *sql.Tx) (map[int64][]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT s.set_, l.name FROM load_set s JOIN load l ON l.key_ = s.load_ ORDER BY s.set_, l.name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64][]string{}
	for rows.Next() {
		var set int64
		var name string
		if err := rows.Scan(&set, &name); err != nil {
			return nil, err
		}
		out[set] = append(out[set], name)
	}
	return out, rows.Err()
}

// others says whether loads other than the batch's are in a set.
func (s *stating) others(set int64) bool {
	return slices.ContainsFunc(s.sets[set], func(load int64) bool { return load != s.key })
}

// settled gives the values that a record has from now on, which the file holds with some standing.
func (w *writing) settled(k *ontology.Kind, values []any, held store.Standing) []any {
	if w.stating.load == nil {
		return values
	}
	return w.stating.load.Settle(k, values, held)
}

// set is the number of the set of loads that state a record from now on, held being the one before.
func (w *writing) set(held int64) (int64, error) {
	s := &w.stating
	if s.key == 0 || slices.Contains(s.sets[held], s.key) {
		return held, nil
	}
	if set, known := s.joined[held]; known {
		return set, nil
	}
	want := append(slices.Clone(s.sets[held]), s.key)
	slices.Sort(want)
	set, err := w.findSet(want)
	if err != nil {
		return held, fmt.Errorf("loads of a record: %w", err)
	}
	s.joined[held] = set
	return set, nil
}

func (w *writing) findSet(want []int64) (int64, error) {
	for _, set := range slices.Sorted(maps.Keys(w.stating.sets)) {
		if slices.Equal(w.stating.sets[set], want) {
			return set, nil
		}
	}
	// Numbers are not given again: a set whose loads are forgotten may still be that of a record.
	var set int64
	if err := w.scan("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'load_sets' RETURNING CAST(value AS INTEGER)", nil, &set); err != nil {
		return 0, err
	}
	for _, load := range want {
		if _, err := w.exec("INSERT INTO load_set (set_, load_) VALUES (?, ?)", set, load); err != nil {
			return 0, err
		}
	}
	w.stating.sets[set] = want
	return set, nil
}
