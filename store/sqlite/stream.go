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
		if wanted.Part != nil {
			err = r.part(yield)
		} else {
			err = r.all(yield)
		}
		if err != nil {
			yield(store.Record{}, s.failure("stream", err))
		}
	}
}

// all reads everything.
func (r *streaming) all(yield func(store.Record, error) bool) error {
	ctx, cancel := context.WithCancel(r.ctx)
	r.ctx = ctx
	held, wait := r.claimsBeside()
	defer func() { cancel(); _ = wait() }() // where its error matters it was waited for before
	c := r.compiler()
	r.identity(c)
	visible, err := r.identities(c)
	if err != nil {
		return err
	}
	r.known.placed(visible)
	c = r.compiler()
	c.text("SELECT e.src_, e.relation_, e.dst_, e.id FROM edge e WHERE e.relation_ IN (", c.structural(), ")")
	links, err := r.structural(c)
	if err != nil {
		return err
	}
	more, err := r.nodes(r.links(links), yield)
	if err != nil || !more {
		return err
	}
	if err := wait(); err != nil {
		return err
	}
	return r.claims(held, yield)
}

type streaming struct {
	ctx    context.Context
	store  *Store
	tx     *sql.Tx
	wanted plan.Records
	// sets are the names of the loads of each set, where they are wanted.
	sets  map[int64][]string
	known knownNodes
	// chosen are the keys that a part is read by; nil where everything is read.
	chosen *chosenKeys
}

// knownNodes holds nodes by key, hidden ones too, since references may lead to them.
type knownNodes struct {
	// all is for whole streams, as keys are given in sequence; some is for parts, nil elsewhere.
	all  []streamedNode
	some map[int64]streamedNode
}

func (k *knownNodes) at(key int64) streamedNode {
	if k.some == nil {
		return k.all[key]
	}
	if n, known := k.some[key]; known {
		return n
	}
	return streamedNode{place: -1}
}

func (k *knownNodes) set(key int64, n streamedNode) {
	if k.some != nil {
		k.some[key] = n
		return
	}
	for int64(len(k.all)) <= key {
		k.all = append(k.all, streamedNode{place: -1})
	}
	k.all[key] = n
}

// placed gives visible nodes their places.
func (k *knownNodes) placed(keys []int64) {
	slices.SortFunc(keys, func(a, b int64) int { return strings.Compare(k.at(a).id, k.at(b).id) })
	for place, key := range keys {
		n := k.at(key)
		n.place = int32(place)
		k.set(key, n)
	}
}

// streamedNode is a node of the stream: its id, and its place by id among all visible ones that are known; -1 where the lens hides it.
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
func (r *streaming) nodes(links []streamedLink, yield func(store.Record, error) bool) (more bool, err error) {
	if r.wanted.Loads {
		if r.sets, err = namedSets(r.ctx, r.tx); err != nil {
			return false, err
		}
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
	if r.chosen != nil {
		c.text(" AND n.key_ IN ")
		c.list(r.chosen.read)
	}
	c.text(" ORDER BY n.id")
	return each(r.ctx, r.tx, c, len(place)+2, func(cells []any) (bool, error) {
		key := cells[0].(int64)
		self := r.known.at(key)
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
		for ; len(links) > 0 && links[0].of <= self.place; links = links[1:] {
			if links[0].of == self.place {
				n.Links = append(n.Links, store.NodeLink{Link: links[0].link, ID: links[0].to})
			}
		}
		if r.chosen != nil && !r.chosen.nodes[key] && !slices.ContainsFunc(n.Links, func(l store.NodeLink) bool { return r.chosen.ids[l.ID] }) {
			return true, nil
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

// identity writes a statement for identities; conditions on n may follow.
func (r *streaming) identity(c *compiler) {
	c.text("SELECT n.key_, n.kind_, n.id, (1")
	c.visible("n", r.store.model.Kind("Node"))
	c.text(") FROM node n")
}

// identities reads the ids and kinds of nodes, and gives the keys of the visible ones.
func (r *streaming) identities(c *compiler) (visible []int64, err error) {
	_, err = each(r.ctx, r.tx, c, 4, func(cells []any) (bool, error) {
		key := cells[0].(int64)
		r.known.set(key, streamedNode{id: cells[2].(string), kind: r.store.codes.kindOf[cells[1].(int64)], place: -1})
		if cells[3] == int64(1) {
			visible = append(visible, key)
		}
		return true, nil
	})
	return visible, err
}

// streamedLink is a structural relation that the record of a node declares.
type streamedLink struct {
	of   int32
	at   string // its place in the record
	link *ontology.Link
	to   string
}

// structuralRow is a structural relation as the file holds it.
type structuralRow struct {
	from, relation, to int64
	at                 string // its place in the record that declares it
}

func (r *streaming) structural(c *compiler) (rows []structuralRow, err error) {
	_, err = each(r.ctx, r.tx, c, 4, func(cells []any) (bool, error) {
		rows = append(rows, structuralRow{cells[0].(int64), cells[1].(int64), cells[2].(int64), string(cells[3].([]byte))})
		return true, nil
	})
	return rows, err
}

// declares is the link by which a node declares a relation in a direction, or nil.
func (r *streaming) declares(n streamedNode, relation int64, d ontology.Direction) *ontology.Link {
	if n.kind == nil {
		return nil
	}
	return n.kind.Declared(r.store.codes.relation[relation], d)
}

// links are the structural relations between visible nodes, in order of the nodes that declare them, then of their records.
func (r *streaming) links(rows []structuralRow) []streamedLink {
	var out []streamedLink
	for _, row := range rows {
		from, to := r.known.at(row.from), r.known.at(row.to)
		if from.place < 0 || to.place < 0 {
			continue
		}
		if l := r.declares(from, row.relation, ontology.Out); l != nil {
			out = append(out, streamedLink{from.place, row.at, l, to.id})
		}
		if l := r.declares(to, row.relation, ontology.In); l != nil {
			out = append(out, streamedLink{to.place, row.at, l, from.id})
		}
	}
	slices.SortFunc(out, func(a, b streamedLink) int {
		return cmp.Or(cmp.Compare(a.of, b.of), strings.Compare(a.at, b.at), strings.Compare(a.to, b.to))
	})
	return out
}

// claimsBeside begins to read the claims that pass the lens, whatever their ends, beside the nodes where that sees the same snapshot: two
// transactions that read one revision do, as every batch that changes something changes it. wait ends the reading, however often it is called.
func (r *streaming) claimsBeside() (held *heldClaims, wait func() error) {
	held = &heldClaims{}
	if !r.store.beside.TryLock() { // another stream has the second connection; waiting for one could wait for ever
		return held, sync.OnceValue(func() error { return r.hold(r.tx, held, nil) })
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
			err = r.hold(r.tx, held, nil)
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
	return r.hold(tx, held, nil)
}

// hold reads the claims that pass the lens, and the condition on e where there is one.
func (r *streaming) hold(tx *sql.Tx, held *heldClaims, condition func(c *compiler)) error {
	c := r.compiler()
	c.text("SELECT e.relation_, e.src_, e.dst_, e.id, e.loads_")
	read := r.wanted.Of(r.store.model.Claim)[1:] // besides the id
	for _, p := range read {
		c.text(", e.", column(p))
	}
	c.text(" FROM edge e WHERE e.relation_ NOT IN (", c.structural(), ")")
	c.visibleClaim("e")
	if condition != nil {
		condition(c)
	}
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
	for _, c := range held.sorted(r.store.codes.relation, &r.known) {
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
			Relation: r.store.codes.relation[cells[0].(int64)], From: r.known.at(cells[1].(int64)).id, To: r.known.at(cells[2].(int64)).id, Values: values,
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
			return r.known.at(v).id, nil
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
