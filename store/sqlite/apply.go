package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// keyCache holds keys of nodes that are in the file: those that were used last, up to twice keyCacheHalf, at some 100 bytes each. It is
// given up when any node was taken away.
type keyCache struct{ recent, before map[string]int64 }

const keyCacheHalf = 1 << 16

func (c *keyCache) key(id string) (int64, bool) {
	if key, is := c.recent[id]; is {
		return key, true
	}
	key, is := c.before[id]
	if is {
		c.add(id, key)
	}
	return key, is
}

func (c *keyCache) add(id string, key int64) {
	if c.recent == nil || len(c.recent) >= keyCacheHalf {
		c.recent, c.before = map[string]int64{}, c.recent
	}
	c.recent[id] = key
}

// Apply writes a batch in one transaction.
func (s *Store) Apply(ctx context.Context, b store.Batch) (store.Changes, error) {
	if s.readonly {
		return store.Changes{}, store.Errorf(store.CodeReadOnly, s.path, "make the file writable, or load into another store", "the store cannot be written")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return store.Changes{}, s.failure("apply", err)
	}
	w := &writing{
		ctx: ctx, store: s, tx: tx, fresh: map[string]int64{}, statements: map[string]*sql.Stmt{},
	}
	if err := w.batch(b); err != nil {
		_ = tx.Rollback() // SQLite may have ended it already
		return store.Changes{}, s.failure("apply", cmp.Or(ctx.Err(), err))
	}
	if err := tx.Commit(); err != nil {
		return store.Changes{}, s.failure("apply", cmp.Or(ctx.Err(), err))
	}
	for id, key := range w.fresh {
		s.keys.add(id, key)
	}
	return w.changes, nil
}

// writing is one transaction of Apply.
type writing struct {
	ctx        context.Context
	store      *Store
	tx         *sql.Tx
	statements map[string]*sql.Stmt
	// fresh holds the keys read or given in this transaction.
	fresh   map[string]int64
	next    int64
	changes store.Changes
	touched store.Touching
	stating store.Stating[int64]
	// known says that the claim before was in the file already: loads come in runs of new or of known claims.
	known bool
}

func (w *writing) prepared(text string) (*sql.Stmt, error) {
	if st := w.statements[text]; st != nil {
		return st, nil
	}
	st, err := w.tx.PrepareContext(w.ctx, text)
	if err != nil {
		return nil, err
	}
	w.statements[text] = st
	return st, nil
}

func (w *writing) exec(text string, args ...any) (int64, error) {
	st, err := w.prepared(text)
	if err != nil {
		return 0, err
	}
	result, err := st.ExecContext(w.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *writing) scan(text string, args []any, into ...any) error {
	st, err := w.prepared(text)
	if err != nil {
		return err
	}
	return st.QueryRowContext(w.ctx, args...).Scan(into...)
}

func (w *writing) batch(b store.Batch) error {
	if err := w.begin(b); err != nil {
		return err
	}
	var removals int64
	if err := w.scan("SELECT ifnull(max(key_), 0), (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'removals') FROM node", nil, &w.next, &removals); err != nil {
		return err
	}
	if removals != w.store.removals {
		w.store.keys, w.store.removals = keyCache{}, removals
	}
	// First every node gets its key, so that records of a batch may name each other in any order.
	states := make([]nodeState, len(b.Nodes))
	for i, n := range b.Nodes {
		state, err := w.nodeState(n)
		if err != nil {
			return err
		}
		states[i] = state
	}
	for i, n := range b.Nodes {
		if err := w.node(n, states[i]); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(b.Claims, claimChunk) {
		if err := w.claims(chunk); err != nil {
			return err
		}
	}
	if err := w.hold(b.Held); err != nil {
		return err
	}
	if err := w.remove(b.Removed); err != nil {
		return err
	}
	if err := w.renew(b.Load); err != nil {
		return err
	}
	if w.changes.Added+w.changes.Updated+w.changes.Removed == 0 {
		return nil
	}
	return w.remember()
}

type nodeState struct {
	key                 int64
	exists              bool
	hash                []byte
	set                 int64
	recorded, retracted any
}

func (w *writing) nodeState(n store.Node) (nodeState, error) {
	var state nodeState
	var kind int64
	err := w.scan("SELECT key_, kind_, hash_, loads_, recordedAt, retractedAt FROM node WHERE id = ?", []any{n.ID()},
		&state.key, &kind, &state.hash, &state.set, &state.recorded, &state.retracted)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		w.next++
		state.key = w.next
	case err != nil:
		return state, err
	default:
		state.exists = true
		if kind != w.store.codes.kinds[n.Kind.Name] {
			name := "another kind"
			if k := w.store.codes.kindOf[kind]; k != nil {
				name = k.Name
			}
			return state, conflict(n, name)
		}
	}
	w.fresh[n.ID()] = state.key
	return state, nil
}

func conflict(n store.Node, other string) error {
	return store.Errorf(store.CodeConflict, n.ID(), "choose another id", "there is a %s with this id, it cannot be a %s too", other, n.Kind.Name)
}

// key finds a node by id.
func (w *writing) key(id, named string) (int64, error) {
	if key, ok := w.fresh[id]; ok {
		return key, nil
	}
	if key, ok := w.store.keys.key(id); ok {
		return key, nil
	}
	var key int64
	err := w.scan("SELECT key_ FROM node WHERE id = ?", []any{id}, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, store.Errorf(store.CodeDangling, id, "load the node first", "%s names it, but there is no such node", named)
	}
	w.fresh[id] = key
	return key, err
}

func (w *writing) node(n store.Node, state nodeState) error {
	if state.exists {
		n.Values = w.stating.Settled(n.Kind, n.Values, state.set, state.recorded, state.retracted)
	}
	hash := store.ContentHash(n)
	set, err := w.stating.Join(state.set)
	if err != nil {
		return err
	}
	if state.exists && bytes.Equal(hash, state.hash) {
		w.changes.Unchanged++
		if set != state.set {
			_, err = w.exec("UPDATE node SET loads_ = ? WHERE key_ = ?", set, state.key)
		}
		return err
	}
	args := []any{state.key, w.store.codes.kinds[n.Kind.Name], hash, set, n.ID()}
	for i, p := range n.Kind.Properties[1:] {
		stored, err := w.stored(p, n.Values[i+1], n.ID())
		if err != nil {
			return err
		}
		args = append(args, stored...)
	}
	if state.exists {
		if err := w.forget(n, state.key); err != nil {
			return err
		}
		w.changes.Updated++
	} else {
		w.changes.Added++
	}
	w.touched.Node(n.ID())
	if _, err := w.exec(insertNode(n.Kind), args...); err != nil {
		return err
	}
	return w.links(n, state.key)
}

// stored turns a value into the one or two columns that hold it.
func (w *writing) stored(p *ontology.Property, v any, subject string) ([]any, error) {
	switch v := v.(type) {
	case []string:
		list, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if !p.Text {
			return []any{string(list)}, nil
		}
		foldedList := make([]string, len(v))
		for i, s := range v {
			foldedList[i] = ontology.Fold(s)
		}
		second, err := json.Marshal(foldedList)
		return []any{string(list), string(second)}, err
	case string:
		if p.Type == ontology.Reference {
			key, err := w.key(v, subject)
			return []any{key}, err
		}
		if p.Text {
			return []any{v, ontology.Fold(v)}, nil
		}
	}
	if p.Text {
		return []any{v, nil}, nil
	}
	return []any{v}, nil
}

func insertNode(k *ontology.Kind) string {
	names := []string{"key_", "kind_", "hash_", "loads_", "id"}
	for _, p := range k.Properties[1:] {
		names = append(names, column(p))
		if p.Text {
			names = append(names, folded(p))
		}
	}
	return "INSERT INTO node (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
}

// forget takes away what the record of a node brought with it, before it is written anew under the same key.
func (w *writing) forget(n store.Node, key int64) error {
	for _, l := range n.Kind.Links {
		if !l.Declares {
			continue
		}
		near, _ := ends(l)
		if _, err := w.exec("DELETE FROM edge WHERE "+near+" = ? AND relation_ = ?", key, w.store.codes.relations[l.Relation.Name]); err != nil {
			return err
		}
	}
	_, err := w.exec("DELETE FROM node WHERE key_ = ?", key)
	return err
}

func (w *writing) links(n store.Node, key int64) error {
	for i, l := range n.Links {
		other, err := w.key(l.ID, n.ID())
		if err != nil {
			return err
		}
		src, dst := key, other
		if l.Link.Direction == ontology.In {
			src, dst = other, key
		}
		place := []byte{byte(i >> 8), byte(i)}
		if _, err := w.exec("INSERT INTO edge (src_, relation_, dst_, id) VALUES (?, ?, ?, ?)",
			src, w.store.codes.relations[l.Link.Relation.Name], dst, place); err != nil {
			return err
		}
	}
	return nil
}

// claimChunk is how many claims are looked up by one statement.
const claimChunk = 100

// claims writes a chunk of claims. Loads come in runs of new or of known claims: new ones are written at once.
func (w *writing) claims(chunk []store.Claim) error {
	for i := 0; i < len(chunk) && !w.known; i++ {
		added, err := w.insert(&chunk[i])
		if err != nil {
			return err
		}
		if !added {
			w.known, chunk = true, chunk[i:]
			break
		}
		w.changes.Added++
		if i == len(chunk)-1 {
			return nil
		}
	}
	held, err := w.held(chunk)
	if err != nil {
		return err
	}
	w.known = false
	for i := range chunk {
		if held[i].cells == nil {
			if _, err := w.insert(&chunk[i]); err != nil {
				return err
			}
			w.changes.Added++
			continue
		}
		w.known = true
		if err := w.restate(&chunk[i], held[i]); err != nil {
			return err
		}
	}
	return nil
}

// heldRow is what the file holds of a claim that is there: its set of loads, and the columns in which it may differ.
type heldRow struct {
	set   int64
	cells []any
}

// held looks claims up. A symmetric one is looked up from one end: its rows are written together.
func (w *writing) held(claims []store.Claim) ([]heldRow, error) {
	var args []any
	for i := range claims {
		key, err := w.claimKey(&claims[i])
		if err != nil {
			return nil, err
		}
		args = append(append(args, i), key[:]...)
	}
	columns := w.store.derived
	var text strings.Builder
	text.WriteString("WITH claim (at, s, r, d, i) AS (VALUES (?, ?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?, ?)", len(claims)-1) + ") SELECT at, loads_")
	for _, p := range columns {
		text.WriteString(", e." + column(p))
	}
	text.WriteString(" FROM claim CROSS JOIN edge e ON e.src_ = s AND e.relation_ = r AND e.dst_ = d AND e.id = i")
	st, err := w.prepared(text.String())
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(w.ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make([]heldRow, len(claims))
	for rows.Next() {
		var at int
		var row heldRow
		row.cells = make([]any, len(columns))
		into := []any{&at, &row.set}
		for i := range row.cells {
			into = append(into, &row.cells[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out[at] = row
	}
	return out, rows.Err()
}

// restate writes a claim that is there, where that changes it.
func (w *writing) restate(c *store.Claim, held heldRow) error {
	recorded, retracted := store.DatesOf(w.store.derived, held.cells)
	values := w.stating.Settled(w.store.model.Claim, c.Values, held.set, recorded, retracted)
	set, err := w.stating.Join(held.set)
	if err != nil {
		return err
	}
	differs, args := false, []any{set}
	for i, p := range w.store.derived {
		stored, err := w.stored(p, values[p.Position], "claim "+c.ID())
		if err != nil {
			return err
		}
		differs = differs || stored[0] != held.cells[i]
		args = append(args, stored[0])
	}
	if differs {
		w.changes.Updated++
		w.touched.Claim(c.Relation.Name, c.From, c.To)
	} else {
		w.changes.Unchanged++
	}
	if !differs && set == held.set {
		return nil
	}
	text := "UPDATE edge SET loads_ = ?"
	for _, p := range w.store.derived {
		text += ", " + column(p) + " = ?"
	}
	return w.everyRow(c, func(key [4]any) error {
		_, err := w.exec(text+" WHERE src_ = ? AND relation_ = ? AND dst_ = ? AND id = ?", append(slices.Clone(args), key[:]...)...)
		return err
	})
}

// insert writes a claim unless there is one with its id.
func (w *writing) insert(c *store.Claim) (added bool, err error) {
	set, err := w.stating.Join(0)
	if err != nil {
		return false, err
	}
	columns := w.store.model.Claim.Properties[1:]
	var values []any
	for i, p := range columns {
		stored, err := w.stored(p, c.Values[i+1], "claim "+c.ID())
		if err != nil {
			return false, err
		}
		values = append(values, stored...)
	}
	text := w.store.insertText()
	err = w.everyRow(c, func(key [4]any) error {
		n, err := w.exec(text, append(append(append(make([]any, 0, 5+len(values)), key[:]...), set), values...)...)
		added = added || n > 0
		return err
	})
	if added {
		w.touched.Claim(c.Relation.Name, c.From, c.To)
	}
	return added, err
}

// everyRow hands on the primary keys of a claim's rows: two where the relation is symmetric, one from each end.
func (w *writing) everyRow(c *store.Claim, each func(key [4]any) error) error {
	key, err := w.claimKey(c)
	if err != nil {
		return err
	}
	if err := each(key); err != nil || !c.Relation.Symmetric {
		return err
	}
	key[0], key[2] = key[2], key[0]
	return each(key)
}

// claimKey is the primary key of a claim's row.
func (w *writing) claimKey(c *store.Claim) (key [4]any, err error) {
	from, err := w.key(c.From, "claim "+c.ID())
	if err != nil {
		return key, err
	}
	to, err := w.key(c.To, "claim "+c.ID())
	if err != nil {
		return key, err
	}
	id, err := hex.DecodeString(c.ID())
	if err != nil {
		return key, store.Errorf(store.CodeInternal, c.ID(), "", "the id of a claim is hexadecimal: %w", err)
	}
	return [4]any{from, w.store.codes.relations[c.Relation.Name], to, id}, nil
}

// insertText is the statement that writes a row of a claim.
func (s *Store) insertText() string {
	if s.edgeText == "" {
		names := []string{"src_", "relation_", "dst_", "id", "loads_"}
		for _, p := range s.model.Claim.Properties[1:] {
			names = append(names, column(p))
		}
		s.edgeText = "INSERT INTO edge (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ") ON CONFLICT DO NOTHING"
	}
	return s.edgeText
}
