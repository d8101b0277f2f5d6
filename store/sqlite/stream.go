package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Stream yields every visible record from one snapshot.
//
// Each table is read once, in the order in which it lies, and joined and sorted here: a statement that does so takes several times as long.
// For that the claims are held in compact form until the nodes are out, as SQLite would hold them to sort them.
func (s *Store) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			yield(store.Record{}, s.failure("stream", err))
			return
		}
		defer tx.Rollback()
		r := &streaming{ctx: ctx, store: s, tx: tx, wanted: wanted}
		held, wait := r.claimsBeside()
		defer func() { cancel(); _ = wait() }() // where its error matters it was waited for before
		more, err := r.nodes(yield)
		if err == nil && more {
			if err = wait(); err == nil {
				err = r.claims(held, yield)
			}
		}
		if err != nil {
			yield(store.Record{}, s.failure("stream", err))
		}
	}
}

type streaming struct {
	ctx    context.Context
	store  *Store
	tx     *sql.Tx
	wanted plan.Records
	// sets are the names of the loads of each set, where they are wanted.
	sets map[int64][]string
	// known holds all nodes by key, hidden ones too, since references may lead to them. Keys are given in sequence.
	known []streamedNode
}

// streamedNode is a node of the stream: its id, and its place among all visible ones by id; -1 where the lens hides it.
type streamedNode struct {
	id    string
	kind  *ontology.Kind
	place int32
}

func (r *streaming) compiler() *compiler {
	return &compiler{codes: r.store.codes, model: r.store.model, lens: r.wanted.Lens}
}

// each runs a statement and calls f for each row; the cells are valid until it returns.
func each(ctx context.Context, tx *sql.Tx, c *compiler, columns int, f func(cells []any) (more bool, err error)) (more bool, err error) {
	rows, err := tx.QueryContext(ctx, c.b.String(), c.args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	cells, into := make([]any, columns), make([]any, columns)
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
		if more, err := f(cells); err != nil || !more {
			return false, err
		}
	}
	return true, rows.Err()
}

// nodes reads the nodes in order of id, with their structural relations.
func (r *streaming) nodes(yield func(store.Record, error) bool) (more bool, err error) {
	if r.wanted.Loads {
		if r.sets, err = namedSets(r.ctx, r.tx); err != nil {
			return false, err
		}
	}
	if err := r.identities(); err != nil {
		return false, err
	}
	links, err := r.links()
	if err != nil {
		return false, err
	}
	names, _ := columns(r.store.model.Kinds)
	place := map[string]int{}
	c := r.compiler()
	c.text("SELECT n.key_, n.loads_")
	for _, name := range names {
		if r.wanted.Only == nil || slices.Contains(r.wanted.Only, name) {
			place[name] = len(place) + 2
			c.text(", n.", quote(name))
		}
	}
	c.text(" FROM node n WHERE 1")
	c.visible("n", r.store.model.Kind("Node"))
	c.text(" ORDER BY n.id")
	return each(r.ctx, r.tx, c, len(place)+2, func(cells []any) (bool, error) {
		self := r.known[cells[0].(int64)]
		kind := self.kind
		n := store.Node{Kind: kind, Values: make([]any, len(kind.Properties))}
		n.Values[0] = self.id
		for i, p := range kind.Properties[1:] {
			at, wanted := place[p.Name]
			if !wanted {
				continue
			}
			if n.Values[i+1], err = r.restored(p, cells[at]); err != nil {
				return false, fmt.Errorf("%s: %w", self.id, err)
			}
		}
		for len(links) > 0 && links[0].of == self.place {
			n.Links = append(n.Links, store.NodeLink{Link: links[0].link, ID: links[0].to})
			links = links[1:]
		}
		return yield(store.Record{Node: &n, Loads: r.loads(cells[1])}, nil), nil
	})
}

// loads gives the names of a set of loads; nil for none, and where they are not wanted.
func (r *streaming) loads(set any) []string {
	if set == int64(0) || !r.wanted.Loads {
		return nil
	}
	if names := r.sets[set.(int64)]; names != nil {
		return names
	}
	return []string{}
}

// identities reads the ids and kinds of all nodes.
func (r *streaming) identities() error {
	c := r.compiler()
	c.text("SELECT n.key_, n.kind_, n.id, (1")
	c.visible("n", r.store.model.Kind("Node"))
	c.text(") FROM node n")
	var keys []int64
	_, err := each(r.ctx, r.tx, c, 4, func(cells []any) (bool, error) {
		key := cells[0].(int64)
		n := streamedNode{id: cells[2].(string), kind: r.store.codes.kindOf[cells[1].(int64)], place: -1}
		if cells[3] == int64(1) {
			keys = append(keys, key)
		}
		for int64(len(r.known)) <= key {
			r.known = append(r.known, streamedNode{place: -1})
		}
		r.known[key] = n
		return true, nil
	})
	slices.SortFunc(keys, func(a, b int64) int { return strings.Compare(r.known[a].id, r.known[b].id) })
	for place, key := range keys {
		r.known[key].place = int32(place)
	}
	return err
}

// streamedLink is a structural relation that the record of a node declares.
type streamedLink struct {
	of   int32
	at   string // its place in the record
	link *ontology.Link
	to   string
}

// links reads the structural relations between visible nodes, in order of the nodes that declare them, then of their records.
func (r *streaming) links() ([]streamedLink, error) {
	type end struct {
		kind      *ontology.Kind
		relation  int64
		backwards bool
	}
	declared := map[end]*ontology.Link{}
	for code, relation := range r.store.codes.relation {
		for _, kind := range r.store.model.Kinds {
			for _, l := range kind.Links {
				e := end{kind, code, l.Direction == ontology.In}
				if l.Declares && relation != nil && l.Relation.Name == relation.Name && declared[e] == nil {
					declared[e] = l
				}
			}
		}
	}
	c := r.compiler()
	c.text("SELECT e.src_, e.relation_, e.dst_, e.id FROM edge e WHERE e.relation_ IN (", c.structural(), ")")
	var out []streamedLink
	_, err := each(r.ctx, r.tx, c, 4, func(cells []any) (bool, error) {
		from, to := r.known[cells[0].(int64)], r.known[cells[2].(int64)]
		if from.place < 0 || to.place < 0 {
			return true, nil
		}
		at := string(cells[3].([]byte))
		relation := cells[1].(int64)
		if l := declared[end{from.kind, relation, false}]; l != nil {
			out = append(out, streamedLink{from.place, at, l, to.id})
		}
		if l := declared[end{to.kind, relation, true}]; l != nil {
			out = append(out, streamedLink{to.place, at, l, from.id})
		}
		return true, nil
	})
	slices.SortFunc(out, func(a, b streamedLink) int {
		return cmp.Or(cmp.Compare(a.of, b.of), strings.Compare(a.at, b.at), strings.Compare(a.to, b.to))
	})
	return out, err
}

// claimsBeside begins to read the claims that pass the lens, whatever their ends, beside the nodes where that sees the same snapshot: two
// transactions that read one revision do, as every batch that changes something changes it. wait ends the reading, however often it is called.
func (r *streaming) claimsBeside() (held *heldClaims, wait func() error) {
	held = &heldClaims{}
	if !r.store.beside.TryLock() { // another stream has the second connection; waiting for one could wait for ever
		return held, sync.OnceValue(func() error { return r.hold(r.tx, held) })
	}
	done := make(chan error, 1)
	go func() {
		defer r.store.beside.Unlock()
		done <- r.holdBeside(held)
	}()
	return held, sync.OnceValue(func() error {
		err := <-done
		if errors.Is(err, errOtherSnapshot) {
			*held = heldClaims{}
			err = r.hold(r.tx, held)
		}
		return err
	})
}

var errOtherSnapshot = errors.New("sqlite: the store changed between two transactions")

func (r *streaming) holdBeside(held *heldClaims) error {
	tx, err := r.store.readers.BeginTx(r.ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	revision := func(tx *sql.Tx) (text string, err error) {
		err = tx.QueryRowContext(r.ctx, "SELECT value FROM meta WHERE name = 'revision'").Scan(&text)
		return text, err
	}
	mine, err := revision(tx)
	if err != nil {
		return err
	}
	if theirs, err := revision(r.tx); err != nil || mine != theirs {
		return cmp.Or(err, errOtherSnapshot)
	}
	return r.hold(tx, held)
}

// hold reads the claims that pass the lens.
func (r *streaming) hold(tx *sql.Tx, held *heldClaims) error {
	c := r.compiler()
	c.text("SELECT e.relation_, e.src_, e.dst_, e.id, e.loads_")
	read := r.wanted.Of(r.store.model.Claim)[1:] // besides the id
	for _, p := range read {
		c.text(", e.", column(p))
	}
	c.text(" FROM edge e WHERE e.relation_ NOT IN (", c.structural(), ")")
	c.visibleClaim("e")
	_, err := each(r.ctx, tx, c, len(read)+5, func(cells []any) (bool, error) {
		held.add(cells)
		return true, nil
	})
	return err
}

// claims yields the claims between visible nodes by relation, ends and id.
func (r *streaming) claims(held *heldClaims, yield func(store.Record, error) bool) (err error) {
	m := r.store.model
	read := r.wanted.Of(r.store.model.Claim)[1:] // besides the id
	var chunk []any                              // one allocation for the values of several claims
	for _, c := range held.sorted(r.store.codes.relation, r.known) {
		cells := held.cells(c, len(read)+5)
		if len(chunk) == 0 {
			chunk = make([]any, 32*len(m.Claim.Properties))
		}
		values := chunk[:len(m.Claim.Properties):len(m.Claim.Properties)]
		chunk = chunk[len(values):]
		values[0] = hex.EncodeToString(cells[3].([]byte))
		for i, p := range read {
			if values[p.Position], err = r.restored(p, cells[i+5]); err != nil {
				return fmt.Errorf("claim %s: %w", values[0], err)
			}
		}
		c := store.Claim{
			Relation: r.store.codes.relation[cells[0].(int64)], From: r.known[cells[1].(int64)].id, To: r.known[cells[2].(int64)].id, Values: values,
		}
		if !yield(store.Record{Claim: &c, Loads: r.loads(cells[4])}, nil) {
			return nil
		}
	}
	return nil
}

// restored turns a column back into a value in stored form.
func (r *streaming) restored(p *ontology.Property, cell any) (any, error) {
	switch v := cell.(type) {
	case []byte:
		return r.restored(p, string(v))
	case int64:
		if p.Type == ontology.Reference {
			return r.known[v].id, nil
		}
		return v, nil
	case string:
		if !p.List {
			return v, nil
		}
		list := []string{}
		if v == "[]" {
			return list, nil
		}
		if err := json.Unmarshal([]byte(v), &list); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		return list, nil
	default:
		return v, nil
	}
}
