package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// walkPage is how many records are read by one statement of a walk, and held in memory.
const walkPage = 2000

// Walk reads pages of records in the order in which they lie, each from a snapshot of its own: nodes backwards, so that
// what is added meanwhile does not make it longer.
func (s *Store) Walk(ctx context.Context, wanted plan.Walk) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		w := &walking{store: s, wanted: wanted, node: math.MaxInt64}
		for more := true; more; {
			page, err := w.page(ctx)
			if err != nil {
				yield(store.Record{}, s.failure("walk", err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			more = len(page) > 0
		}
	}
}

type walking struct {
	store  *Store
	wanted plan.Walk
	// node is the key of the last node that was read, claim the primary key of the last claim.
	node  int64
	claim []any
}

func (w *walking) page(ctx context.Context) ([]store.Record, error) {
	tx, err := w.store.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	sets, err := namedSets(ctx, tx)
	if err != nil {
		return nil, err
	}
	r := &streaming{ctx: ctx, store: w.store, tx: tx, wanted: plan.Records{Loads: true}, sets: sets}
	if w.wanted.Of == plan.AllClaims {
		return w.claims(r)
	}
	return w.nodes(r)
}

// among writes which records of a table are wanted: those of sets of loads that hold one of the wanted ones, or none any longer.
func (w *walking) among(table string, sets map[int64][]string) string {
	if w.wanted.Stated == nil {
		return ""
	}
	var others []string
	for set, names := range sets {
		if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(w.wanted.Stated, name) }) {
			others = append(others, strconv.FormatInt(set, 10))
		}
	}
	slices.Sort(others)
	return " AND " + table + ".loads_ <> 0 AND " + table + ".loads_ NOT IN (" + strings.Join(others, ", ") + ")"
}

// valueOf writes a column as restored takes it, with references as ids.
func valueOf(table string, p *ontology.Property) string {
	if p.Type == ontology.Reference {
		return "(SELECT r.id FROM node r WHERE r.key_ = " + table + "." + column(p) + ")"
	}
	return table + "." + column(p)
}

func (w *walking) nodes(r *streaming) ([]store.Record, error) {
	c := r.compiler()
	place := map[string]int{}
	c.text("SELECT n.key_, n.kind_, n.id, n.loads_")
	for _, k := range w.store.model.Kinds {
		for _, p := range w.wanted.Read(k)[1:] {
			if place[p.Name] == 0 {
				place[p.Name] = len(place) + 4
				c.text(", ", valueOf("n", p))
			}
		}
	}
	among := w.among("n", r.sets)
	c.text(" FROM node n WHERE n.key_ < ", strconv.FormatInt(w.node, 10), among, " ORDER BY n.key_ DESC LIMIT ", strconv.Itoa(walkPage))
	var keys []int64
	var page []store.Record
	_, err := each(r.ctx, r.tx, c, len(place)+4, func(cells []any) (more bool, err error) {
		kind := w.store.codes.kindOf[cells[1].(int64)]
		n := store.Node{Kind: kind, Values: make([]any, len(kind.Properties))}
		n.Values[0] = cells[2].(string)
		for _, p := range w.wanted.Read(kind)[1:] {
			if n.Values[p.Position], err = r.restored(p, cells[place[p.Name]]); err != nil {
				return false, fmt.Errorf("%s: %w", n.ID(), err)
			}
		}
		keys = append(keys, cells[0].(int64))
		page = append(page, store.Record{Node: &n, Loads: r.loads(cells[3])})
		return true, nil
	})
	if err != nil || len(page) == 0 {
		return nil, err
	}
	before := w.node
	w.node = keys[len(keys)-1]
	return page, w.links(r, keys, page, " n.key_ < "+strconv.FormatInt(before, 10)+" AND n.key_ >= "+strconv.FormatInt(w.node, 10)+among)
}

// links reads the structural relations that the nodes of a page declare. Keys descend.
func (w *walking) links(r *streaming, keys []int64, page []store.Record, which string) error {
	type placed struct {
		at   []byte // its place in the record
		link store.NodeLink
	}
	found := make([][]placed, len(keys))
	for _, direction := range []ontology.Direction{ontology.Out, ontology.In} {
		near, far := ends(&ontology.Link{Direction: direction})
		c := r.compiler()
		c.text("SELECT n.key_, e.relation_, m.id, e.id FROM node n CROSS JOIN edge e ON e.", near, " = n.key_ AND e.relation_ IN (", c.declared(direction),
			") CROSS JOIN node m ON m.key_ = e.", far, " WHERE", which)
		_, err := each(r.ctx, r.tx, c, 4, func(cells []any) (bool, error) {
			at, there := slices.BinarySearchFunc(keys, cells[0].(int64), func(a, b int64) int { return cmp.Compare(b, a) })
			if !there {
				return true, nil
			}
			if link := page[at].Node.Kind.Declared(w.store.codes.relation[cells[1].(int64)], direction); link != nil {
				found[at] = append(found[at], placed{bytes.Clone(cells[3].([]byte)), store.NodeLink{Link: link, ID: cells[2].(string)}})
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	for at, links := range found {
		slices.SortFunc(links, func(a, b placed) int {
			return cmp.Or(bytes.Compare(a.at, b.at), strings.Compare(a.link.ID, b.link.ID))
		})
		for _, l := range links {
			page[at].Node.Links = append(page[at].Node.Links, l.link)
		}
	}
	return nil
}

func (w *walking) claims(r *streaming) ([]store.Record, error) {
	m := w.store.model
	c := r.compiler()
	c.text("SELECT e.src_, e.relation_, e.dst_, e.id, e.loads_, a.id, z.id")
	read := w.wanted.Read(m.Claim)[1:]
	for _, p := range read {
		c.text(", ", valueOf("e", p))
	}
	c.text(" FROM edge e CROSS JOIN node a ON a.key_ = e.src_ CROSS JOIN node z ON z.key_ = e.dst_ WHERE e.relation_ NOT IN (", c.structural(), ")")
	if w.claim != nil {
		c.text(" AND (e.src_, e.relation_, e.dst_, e.id) > (?, ?, ?, ?)")
		c.args = append(c.args, w.claim...)
	}
	// A symmetric claim stands twice.
	symmetric := c.relations(func(r *ontology.Relation) bool { return r.Symmetric })
	c.text(" AND NOT (e.src_ > e.dst_ AND e.relation_ IN (", symmetric, "))", w.among("e", r.sets),
		" ORDER BY e.src_, e.relation_, e.dst_, e.id LIMIT ", strconv.Itoa(walkPage))
	var page []store.Record
	_, err := each(r.ctx, r.tx, c, len(read)+7, func(cells []any) (more bool, err error) {
		id := bytes.Clone(cells[3].([]byte))
		w.claim = []any{cells[0], cells[1], cells[2], id}
		claim := store.Claim{Relation: w.store.codes.relation[cells[1].(int64)], From: cells[5].(string), To: cells[6].(string), Values: make([]any, len(m.Claim.Properties))}
		if claim.Relation.Symmetric && claim.From > claim.To {
			claim.From, claim.To = claim.To, claim.From
		}
		claim.Values[0] = hex.EncodeToString(id)
		for i, p := range read {
			if claim.Values[p.Position], err = r.restored(p, cells[i+7]); err != nil {
				return false, fmt.Errorf("claim %s: %w", claim.ID(), err)
			}
		}
		page = append(page, store.Record{Claim: &claim, Loads: r.loads(cells[4])})
		return true, nil
	})
	return page, err
}
