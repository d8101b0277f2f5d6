package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Named asks three things of all nodes at once: which have claims, which records declare relations to them, and which hold them in a property.
func (s *Store) Named(ctx context.Context, wanted plan.Naming) ([]string, error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, s.failure("named", err)
	}
	defer tx.Rollback()
	n := &naming{streaming: &streaming{ctx: ctx, store: s, tx: tx}, wanted: wanted, ids: map[int64]string{}, found: store.NewNamers(wanted.IDs)}
	for _, ask := range []func() error{n.find, n.byClaims, n.byRelations, n.byProperties} {
		if err := ask(); err != nil {
			return nil, s.failure("named", err)
		}
	}
	return n.found.Named(), nil
}

type naming struct {
	*streaming
	wanted plan.Naming
	// ids are those of the nodes, by key; keys are the same as JSON, and referenced those of kinds that properties refer to.
	ids              map[int64]string
	keys, referenced string
	found            *store.Namers
}

// ask runs a statement, whose first parameter is JSON, and calls f with each row of numbers.
func (n *naming) ask(parameter, text string, columns int, f func(cells []any)) error {
	c := n.compiler()
	c.text(text)
	c.args = append(c.args, parameter)
	_, err := each(n.ctx, n.tx, c, columns, func(cells []any) (bool, error) { f(cells); return true, nil })
	return err
}

// current writes that a record is one of those that count.
func (n *naming) current(table string) string {
	if n.wanted.Current {
		return " AND " + table + ".retractedAt IS NULL"
	}
	return ""
}

func (n *naming) find() error {
	ids, err := json.Marshal(n.wanted.IDs)
	if err != nil {
		return err
	}
	keys, referenced := []int64{}, []int64{}
	err = n.ask(string(ids), "SELECT n.key_, n.id, n.kind_ FROM json_each(?1) i CROSS JOIN node n ON n.id = i.value", 3, func(cells []any) {
		key := cells[0].(int64)
		n.ids[key] = cells[1].(string)
		keys = append(keys, key)
		if n.store.model.Referenced(n.store.codes.kindOf[cells[2].(int64)]) {
			referenced = append(referenced, key)
		}
	})
	if err != nil {
		return err
	}
	n.keys, n.referenced = listed(keys), listed(referenced)
	return nil
}

func listed(keys []int64) string {
	text, _ := json.Marshal(keys) // numbers cannot fail
	return string(text)
}

func (n *naming) byClaims() error {
	exists := func(end string) string {
		return "EXISTS (SELECT 1 FROM edge e WHERE e." + end + " = i.value AND e.relation_ NOT IN (" + n.compiler().structural() + ")" + n.current("e") + ")"
	}
	return n.ask(n.keys, "SELECT i.value FROM json_each(?1) i WHERE "+exists("src_")+" OR "+exists("dst_"), 1, func(cells []any) {
		n.found.Note(n.ids[cells[0].(int64)], "")
	})
}

func (n *naming) byRelations() error {
	for _, direction := range []ontology.Direction{ontology.Out, ontology.In} {
		relations := n.store.declared(direction)
		if relations == "" {
			continue
		}
		by, named := ends(&ontology.Link{Direction: direction})
		err := n.ask(n.keys, "SELECT i.value, e.relation_, m.key_, m.kind_ FROM json_each(?1) i CROSS JOIN edge e ON e."+named+" = i.value AND e.relation_ IN ("+relations+
			") CROSS JOIN node m ON m.key_ = e."+by+n.current("m"), 4, func(cells []any) {
			if n.store.codes.kindOf[cells[3].(int64)].Declared(n.store.codes.relation[cells[1].(int64)], direction) != nil {
				n.found.Note(n.ids[cells[0].(int64)], n.ids[cells[2].(int64)])
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *naming) byProperties() error {
	if n.referenced == "[]" {
		return nil
	}
	for table, from := range map[string]struct {
		kinds []*ontology.Kind
		by    string
	}{"node": {n.store.model.Kinds, "r.key_"}, "edge": {[]*ontology.Kind{n.store.model.Claim}, "0"}} {
		for _, c := range references(from.kinds) {
			err := n.ask(n.referenced, "SELECT DISTINCT r."+c+", "+from.by+" FROM "+table+" r WHERE r."+c+" IN (SELECT value FROM json_each(?1))"+n.current("r"), 2, func(cells []any) {
				n.found.Note(n.ids[cells[0].(int64)], n.ids[cells[1].(int64)])
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
