package neo4j

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Which loads state a record is kept as the number of a set of loads, as most records have one of few. Sets keep their numbers when a load
// is forgotten; two may then be equal, or one be empty.

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

// stating is what a batch needs to know to note which load states its records.
type stating struct {
	// load is nil where the batch is on no load's account.
	load *store.Load
	// sets are the names of the loads of each set, in order.
	sets map[int64][]string
	// joined are the sets that result from joining the load to a set.
	joined map[int64]int64
}

// lead takes the lease of the batch's load, keeps its record, and reads the sets.
func (w *writing) lead(b store.Batch) error {
	l := b.Load
	if l == nil {
		return nil
	}
	if err := w.takeLease(l); err != nil {
		return err
	}
	if l.State == store.LoadGone {
		_, err := w.run("MATCH (l:"+loadLabel+" {name: $name}) DETACH DELETE l WITH count(*) AS gone MATCH (s:"+setLabel+") WHERE $name IN s.loads SET s.loads = [n IN s.loads WHERE n <> $name]",
			map[string]any{"name": l.Name})
		return err
	}
	record, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := w.run("MERGE (l:"+loadLabel+" {name: $name}) SET l.record = $record", map[string]any{"name": l.Name, "record": string(record)}); err != nil {
		return err
	}
	if !b.Stated {
		return nil
	}
	w.stating = stating{load: l, sets: map[int64][]string{}, joined: map[int64]int64{}}
	rows, err := w.run("MATCH (s:"+setLabel+") RETURN s.id, s.loads", nil)
	for _, row := range rows {
		w.stating.sets[row[0].(int64)] = texts(row[1])
	}
	return err
}

// takeLease notes which load is under way, by the server's clock: in the node that writers lock, as the CrimeGraph node must stay free for
// the sequence.
func (w *writing) takeLease(l *store.Load) error {
	rows, err := w.run("MATCH (s:"+lockLabel+") RETURN timestamp(), s.leaseUntil, s.leaseName, s.leaseRun, s.leaseHash", nil)
	if err != nil {
		return err
	}
	if len(rows) != 1 {
		return w.store.gone()
	}
	now, until := rows[0][0].(int64), int64(0)
	var by store.Load
	if held, is := rows[0][1].(int64); is {
		until = held
		by.Name, _ = rows[0][2].(string)
		by.Run, _ = rows[0][3].(string)
		by.Hash, _ = rows[0][4].(string)
	}
	if until > now && !l.Takes(&by) {
		return store.UnderWay(by.Name)
	}
	until = now + store.LoadLease.Milliseconds()
	if l.State != store.LoadRunning && l.State != store.LoadRemoving {
		until = 0
	}
	_, err = w.run("MATCH (s:"+lockLabel+") SET s.leaseUntil = $until, s.leaseName = $name, s.leaseRun = $run, s.leaseHash = $hash",
		map[string]any{"until": until, "name": l.Name, "run": l.Run, "hash": l.Hash})
	return err
}

// others says whether loads other than the batch's are in a set.
func (s *stating) others(set int64) bool {
	return slices.ContainsFunc(s.sets[set], func(name string) bool { return s.load == nil || name != s.load.Name })
}

// settled gives the values that a record has from now on, which the database holds with some standing.
func (w *writing) settled(k *ontology.Kind, values []any, held store.Standing) []any {
	if w.stating.load == nil {
		return values
	}
	return w.stating.load.Settle(k, values, held)
}

// set is the number of the set of loads that state a record from now on, held being the one before.
func (w *writing) set(held int64) (int64, error) {
	s := &w.stating
	if s.load == nil || slices.Contains(s.sets[held], s.load.Name) {
		return held, nil
	}
	if set, known := s.joined[held]; known {
		return set, nil
	}
	want := append(slices.Clone(s.sets[held]), s.load.Name)
	slices.Sort(want)
	set, err := w.findSet(want)
	if err != nil {
		return held, err
	}
	s.joined[held] = set
	return set, nil
}

func (w *writing) findSet(want []string) (int64, error) {
	for _, set := range slices.Sorted(maps.Keys(w.stating.sets)) {
		if slices.Equal(w.stating.sets[set], want) {
			return set, nil
		}
	}
	// Numbers are not given again: a set whose loads are forgotten may still be that of a record.
	var last int64
	for set := range w.stating.sets {
		last = max(last, set)
	}
	_, err := w.run("CREATE (s:"+setLabel+" {id: $id, loads: $loads})", map[string]any{"id": last + 1, "loads": want})
	w.stating.sets[last+1] = want
	return last + 1, err
}
