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
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// keyCacheLimit bounds the ids whose keys are kept in memory, at some 100 bytes each.
const keyCacheLimit = 1 << 20

// keyCache holds keys of nodes that are in the file. Nodes are never taken away, so an entry stays right.
type keyCache map[string]int64

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
	if len(s.keys)+len(w.fresh) > keyCacheLimit {
		s.keys = keyCache{}
	}
	for id, key := range w.fresh {
		s.keys[id] = key
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
	if err := w.scan("SELECT ifnull(max(key_), 0) FROM node", nil, &w.next); err != nil {
		return err
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
	for chunk := range slices.Chunk(b.Claims, sameChunk) {
		if err := w.claims(chunk); err != nil {
			return err
		}
	}
	if w.changes.Added+w.changes.Updated == 0 {
		return nil
	}
	_, err := w.exec("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision'")
	return err
}

type nodeState struct {
	key    int64
	exists bool
	hash   []byte
}

func (w *writing) nodeState(n store.Node) (nodeState, error) {
	var state nodeState
	var kind int64
	err := w.scan("SELECT key_, kind_, hash_ FROM node WHERE id = ?", []any{n.ID()}, &state.key, &kind, &state.hash)
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
	if key, ok := w.store.keys[id]; ok {
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
	hash := store.ContentHash(n)
	if state.exists && bytes.Equal(hash, state.hash) {
		w.changes.Unchanged++
		return nil
	}
	args := []any{state.key, w.store.codes.kinds[n.Kind.Name], hash, n.ID()}
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
	if _, err := w.exec(insertNode(n.Kind), args...); err != nil {
		return err
	}
	if err := w.links(n, state.key); err != nil {
		return err
	}
	return w.names(n, state.key)
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
	names := []string{"key_", "kind_", "hash_", "id"}
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
	for _, text := range []string{
		"INSERT INTO name_words (name_words, rowid, text) SELECT 'delete', key_, text FROM name WHERE node_ = ?",
		"DELETE FROM name WHERE node_ = ?",
		"DELETE FROM node WHERE key_ = ?",
	} {
		if _, err := w.exec(text, key); err != nil {
			return err
		}
	}
	return nil
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

// names indexes the names of an entity: the first text property as its name, the others as aliases.
func (w *writing) names(n store.Node, key int64) error {
	if !n.Kind.Entity {
		return nil
	}
	alias := 0
	for i, p := range n.Kind.Properties {
		if !p.Text {
			continue
		}
		var texts []string
		switch v := n.Values[i].(type) {
		case string:
			texts = []string{v}
		case []string:
			texts = v
		}
		for _, text := range texts {
			words := strings.Join(ontology.Words(text), " ")
			if words == "" {
				continue
			}
			if _, err := w.exec("INSERT INTO name (node_, alias_, text) VALUES (?, ?, ?)", key, alias, words); err != nil {
				return err
			}
			if _, err := w.exec("INSERT INTO name_words (rowid, text) VALUES (last_insert_rowid(), ?)", words); err != nil {
				return err
			}
		}
		alias = 1
	}
	return nil
}

// claim writes a claim, from both ends where the relation is symmetric.
func (w *writing) claim(c *store.Claim) error {
	key, err := w.claimKey(c)
	if err != nil {
		return err
	}
	columns := w.store.model.Claim.Properties[1:]
	args := append(make([]any, 0, 4+len(columns)), key[:]...)
	for i, p := range columns {
		stored, err := w.stored(p, c.Values[i+1], "claim "+c.ID())
		if err != nil {
			return err
		}
		args = append(args, stored...)
	}
	outcome, err := w.edge(args)
	if err != nil {
		return err
	}
	if c.Relation.Symmetric {
		args[0], args[2] = args[2], args[0]
		if _, err := w.edge(args); err != nil {
			return err
		}
	}
	switch outcome {
	case added:
		w.changes.Added++
	case updated:
		w.changes.Updated++
	default:
		w.changes.Unchanged++
	}
	return nil
}

// sameChunk is how many claims are compared by one statement.
const sameChunk = 100

// claims writes a chunk of claims.
func (w *writing) claims(chunk []store.Claim) error {
	if w.known && len(chunk) == sameChunk {
		same, err := w.same(chunk)
		if err != nil {
			return err
		}
		if same {
			w.changes.Unchanged += len(chunk)
			return nil
		}
	}
	for i := range chunk {
		if err := w.claim(&chunk[i]); err != nil {
			return err
		}
	}
	return nil
}

// same says whether all claims of a chunk are in the file, unchanged. A symmetric one is looked up from one end: its rows are written together.
func (w *writing) same(claims []store.Claim) (bool, error) {
	var args []any
	for i := range claims {
		key, err := w.claimKey(&claims[i])
		if err != nil {
			return false, err
		}
		args = append(args, key[:]...)
		for at, p := range w.store.model.Claim.Properties[1:] {
			if !store.Derived(p) {
				continue
			}
			stored, err := w.stored(p, claims[i].Values[at+1], claims[i].From)
			if err != nil {
				return false, err
			}
			args = append(args, stored...)
		}
	}
	var count int
	err := w.scan(w.store.sameText(), args, &count)
	return count == len(claims), err
}

// sameText counts the rows of a chunk that are there as they should be.
func (s *Store) sameText() string {
	if s.chunkText == "" {
		names, equal := "s, r, d, i", ""
		place := "(?, ?, ?, ?"
		for at, p := range s.model.Claim.Properties[1:] {
			if store.Derived(p) {
				v := "v" + strconv.Itoa(at)
				names, place = names+", "+v, place+", ?"
				equal += " AND e." + column(p) + " IS " + v
			}
		}
		place += ")"
		s.chunkText = "WITH claim (" + names + ") AS (VALUES " + place + strings.Repeat(", "+place, sameChunk-1) +
			") SELECT count(*) FROM claim CROSS JOIN edge e ON e.src_ = s AND e.relation_ = r AND e.dst_ = d AND e.id = i" + equal
	}
	return s.chunkText
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

type outcome int

const (
	unchanged outcome = iota
	added
	updated
)

// edge writes one row. The same id means the same statement, so only what is copied or tells of the record can differ.
func (w *writing) edge(args []any) (outcome, error) {
	insert, differs, update := w.edgeStatements()
	if !w.known {
		n, err := w.exec(insert, args...)
		if err != nil {
			return unchanged, err
		}
		if n == 1 {
			return added, nil
		}
		w.known = true
	}
	var different bool
	err := w.scan(differs, args, &different)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		w.known = false
		_, err := w.exec(insert, args...)
		return added, err
	case err != nil:
		return unchanged, err
	case !different:
		return unchanged, nil
	}
	_, err = w.exec(update, args...)
	return updated, err
}

// edgeStatements are the statements that write an edge; all take the same parameters.
func (w *writing) edgeStatements() (insert, differs, update string) {
	s := w.store
	if s.edgeTexts[0] == "" {
		names := []string{"src_", "relation_", "dst_", "id"}
		var differ, set []string
		for _, p := range s.model.Claim.Properties[1:] {
			names = append(names, column(p))
			place := "?" + strconv.Itoa(len(names))
			differ = append(differ, column(p)+" IS NOT "+place)
			set = append(set, column(p)+" = "+place)
		}
		where := " WHERE src_ = ?1 AND relation_ = ?2 AND dst_ = ?3 AND id = ?4"
		s.edgeTexts = [3]string{
			"INSERT INTO edge (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ") ON CONFLICT DO NOTHING",
			"SELECT " + strings.Join(differ, " OR ") + " FROM edge" + where,
			"UPDATE edge SET " + strings.Join(set, ", ") + where,
		}
	}
	return s.edgeTexts[0], s.edgeTexts[1], s.edgeTexts[2]
}
