package neo4j

import (
	"context"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Named asks three things of all nodes at once: which have claims, which records declare relations to them, and which hold them in a property.
func (s *Store) Named(ctx context.Context, wanted plan.Naming) ([]string, error) {
	n := &namers{ctx: ctx, store: s, wanted: wanted, found: store.NewNamers(wanted.IDs)}
	for _, ask := range []func() error{n.byClaims, n.byRelations, n.byProperties} {
		if err := ask(); err != nil {
			return nil, s.failure(ctx, err)
		}
	}
	return n.found.Named(), nil
}

type namers struct {
	ctx    context.Context
	store  *Store
	wanted plan.Naming
	found  *store.Namers
}

func (n *namers) ask(cypher string, ids []string, f func(row []any)) error {
	rows, err := n.store.collect(n.ctx, neo4j.AccessModeRead, cypher, map[string]any{"rows": ids})
	for _, row := range rows {
		f(row)
	}
	return err
}

// current writes that a record is one of those that count.
func (n *namers) current(keyword, alias string) string {
	if n.wanted.Current {
		return " " + keyword + " " + alias + ".retractedAt IS NULL"
	}
	return ""
}

// types lists relations as a pattern does.
func types(relations []*ontology.Relation, structural bool) string {
	var out []string
	for _, r := range relations {
		if r.Structural == structural {
			out = append(out, quote(r.Name))
		}
	}
	return strings.Join(out, "|")
}

func (n *namers) byClaims() error {
	return n.ask("UNWIND $rows AS id "+byID("n", "id")+" WITH n WHERE EXISTS { (n)-[e:"+types(n.store.model.Relations, false)+"]-()"+n.current("WHERE", "e")+" } RETURN n.id",
		n.wanted.IDs, func(row []any) { n.note(row[0], nil) })
}

func (n *namers) byRelations() error {
	m := n.store.model
	return n.ask("UNWIND $rows AS id "+byID("n", "id")+" MATCH (n)-[e:"+types(m.Relations, true)+"]-(m:"+nodeLabel+")"+n.current("WHERE", "m")+
		" RETURN n.id, type(e), m.id, startNode(e) = m", n.wanted.IDs, func(row []any) {
		relation, _ := row[1].(string)
		by, _ := row[2].(string)
		direction := ontology.In
		if row[3] == true {
			direction = ontology.Out
		}
		if k := m.KindOf(by); k != nil && k.Declared(m.Relation(relation), direction) != nil {
			n.note(row[0], by)
		}
	})
}

func (n *namers) byProperties() error {
	m := n.store.model
	referenced := referenced(m, n.wanted.IDs)
	if len(referenced) == 0 {
		return nil
	}
	for match, kinds := range map[string][]*ontology.Kind{"MATCH (x:" + nodeLabel + ")": m.Kinds, "MATCH ()-[x]->()": {m.Claim}} {
		holds, which := naming("x", kinds)
		err := n.ask(match+" WHERE ("+holds+")"+n.current("AND", "x")+" RETURN DISTINCT "+which+", CASE WHEN x:"+nodeLabel+" THEN x.id END", referenced, func(row []any) {
			n.note(row[0], row[1])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *namers) note(named, by any) {
	id, _ := named.(string)
	other, _ := by.(string)
	n.found.Note(id, other)
}
