package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Stream yields every visible record from one snapshot.
func (s *Store) Stream(ctx context.Context, lens plan.Lens) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			yield(store.Record{}, s.failure("stream", err))
			return
		}
		defer tx.Rollback()
		r := &streaming{ctx: ctx, store: s, tx: tx, lens: lens}
		more, err := r.nodes(yield)
		if err == nil && more {
			err = r.claims(yield)
		}
		if err != nil {
			yield(store.Record{}, s.failure("stream", err))
		}
	}
}

type streaming struct {
	ctx   context.Context
	store *Store
	tx    *sql.Tx
	lens  plan.Lens
}

func (r *streaming) compiler() *compiler {
	return &compiler{codes: r.store.codes, model: r.store.model, lens: r.lens}
}

// nodes reads the nodes in order of id, and beside them the structural relations in the same order.
func (r *streaming) nodes(yield func(store.Record, error) bool) (more bool, err error) {
	m := r.store.model
	names, _ := columns(m.Kinds)
	place := map[string]int{}
	c := r.compiler()
	c.text("SELECT n.key_, n.kind_, n.id")
	for i, name := range names {
		place[name] = i + 3
		if p := propertyNamed(m, name); p != nil && p.Type == ontology.Reference {
			c.text(", (SELECT r.id FROM node r WHERE r.key_ = n.", quote(name), ")")
			continue
		}
		c.text(", n.", quote(name))
	}
	c.text(" FROM node n WHERE 1")
	c.visible("n", m.Kind("Node"))
	c.text(" ORDER BY n.id")
	rows, err := r.tx.QueryContext(r.ctx, c.b.String(), c.args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	links, linkArgs, err := r.prepareLinks()
	if err != nil {
		return false, err
	}
	defer links.Close()
	cells := make([]any, len(names)+3)
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
		kind := r.store.codes.kindOf[cells[1].(int64)]
		n := store.Node{Kind: kind, Values: make([]any, len(kind.Properties))}
		n.Values[0] = cells[2]
		for i, p := range kind.Properties[1:] {
			if n.Values[i+1], err = restored(p, cells[place[p.Name]]); err != nil {
				return false, fmt.Errorf("%s: %w", n.ID(), err)
			}
		}
		if n.Links, err = r.links(links, linkArgs, kind, cells[0].(int64)); err != nil {
			return false, fmt.Errorf("%s: %w", n.ID(), err)
		}
		if !yield(store.Record{Node: &n}, nil) {
			return false, nil
		}
	}
	return true, rows.Err()
}

func propertyNamed(m *ontology.Model, name string) *ontology.Property {
	for _, k := range m.Kinds {
		if p := k.Property(name); p != nil {
			return p
		}
	}
	return nil
}

// prepareLinks prepares the statement that reads the visible structural relations of a node, from both ends. args are its
// parameters, with nil in the places of the node's key.
func (r *streaming) prepareLinks() (prepared *sql.Stmt, args []any, err error) {
	c := r.compiler()
	for backwards, ends := range [][2]string{{"src_", "dst_"}, {"dst_", "src_"}} {
		if backwards == 1 {
			c.text(" UNION ALL ")
		}
		c.text("SELECT e.relation_, ", strconv.Itoa(backwards), ", n.id, e.id FROM edge e JOIN node n ON n.key_ = e.", ends[1], " WHERE e.", ends[0], " = ")
		c.value(nil)
		c.text(" AND e.relation_ IN (", c.structural(), ")")
		c.visible("n", r.store.model.Kind("Node"))
	}
	c.text(" ORDER BY 4, 3")
	prepared, err = r.tx.PrepareContext(r.ctx, c.b.String())
	return prepared, c.args, err
}

// links reads the structural relations that the record of a node declares, in the order of the record.
func (r *streaming) links(prepared *sql.Stmt, args []any, kind *ontology.Kind, key int64) ([]store.NodeLink, error) {
	filled := make([]any, len(args))
	for i, arg := range args {
		if filled[i] = arg; arg == nil {
			filled[i] = key
		}
	}
	rows, err := prepared.QueryContext(r.ctx, filled...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []store.NodeLink
	for rows.Next() {
		var relation, backwards int64
		var id string
		var place []byte
		if err := rows.Scan(&relation, &backwards, &id, &place); err != nil {
			return nil, err
		}
		for _, l := range kind.Links {
			if l.Declares && r.store.codes.relation[relation] != nil && l.Relation.Name == r.store.codes.relation[relation].Name && (l.Direction == ontology.In) == (backwards == 1) {
				out = append(out, store.NodeLink{Link: l, ID: id})
				break
			}
		}
	}
	return out, rows.Err()
}

func (r *streaming) claims(yield func(store.Record, error) bool) error {
	m := r.store.model
	c := r.compiler()
	c.text("SELECT v.name, s.id, d.id, e.id")
	for _, p := range m.Claim.Properties[1:] {
		if p.Type == ontology.Reference {
			c.text(", (SELECT r.id FROM node r WHERE r.key_ = e.", column(p), ")")
			continue
		}
		c.text(", e.", column(p))
	}
	c.text(" FROM edge e JOIN node s ON s.key_ = e.src_ JOIN node d ON d.key_ = e.dst_ JOIN vocabulary v ON v.type = ",
		literal(relationVocabulary), " AND v.rank = e.relation_ WHERE e.relation_ NOT IN (", c.structural(), ")")
	var symmetric []string
	for _, rel := range m.Relations {
		if rel.Symmetric {
			symmetric = append(symmetric, literal(rel.Name))
		}
	}
	if len(symmetric) > 0 {
		c.text(" AND (s.id <= d.id OR v.name NOT IN (", strings.Join(symmetric, ", "), "))")
	}
	c.visibleClaim("e")
	c.visible("s", m.Kind("Node"))
	c.visible("d", m.Kind("Node"))
	c.text(" ORDER BY v.name, s.id, d.id, e.id")
	rows, err := r.tx.QueryContext(r.ctx, c.b.String(), c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var relation, from, to string
	var id []byte
	cells := make([]any, len(m.Claim.Properties)-1)
	into := []any{&relation, &from, &to, &id}
	for i := range cells {
		into = append(into, &cells[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		claim := store.Claim{Relation: m.Relation(relation), From: from, To: to, Values: make([]any, len(m.Claim.Properties))}
		if claim.Relation == nil {
			continue
		}
		claim.Values[0] = hex.EncodeToString(id)
		for i, p := range m.Claim.Properties[1:] {
			if claim.Values[i+1], err = restored(p, cells[i]); err != nil {
				return fmt.Errorf("claim %s: %w", claim.ID(), err)
			}
		}
		if !yield(store.Record{Claim: &claim}, nil) {
			return nil
		}
	}
	return rows.Err()
}

// restored turns a column back into a value in stored form.
func restored(p *ontology.Property, cell any) (any, error) {
	switch v := cell.(type) {
	case []byte:
		return restored(p, string(v))
	case string:
		if !p.List {
			return v, nil
		}
		list := []string{}
		if err := json.Unmarshal([]byte(v), &list); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		return list, nil
	default:
		return v, nil
	}
}
