package neo4j

import (
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// remove takes records away.
func (w *writing) remove(records []store.Record) error {
	var nodes []string
	var claims []store.Claim
	for _, r := range records {
		if r.Node != nil {
			nodes = append(nodes, r.Node.ID())
			w.touched.Node(r.Node.ID())
		} else {
			claims = append(claims, *r.Claim)
			w.touched.Claim(r.Claim.Relation.Name, r.Claim.From, r.Claim.To)
		}
	}
	removed := 0
	err := grouped(claims, func(c store.Claim) *ontology.Relation { return c.Relation }, func(r *ontology.Relation, claims []store.Claim) error {
		ids := make([]string, len(claims))
		for i, c := range claims {
			ids[i] = c.ID()
		}
		n, err := w.count("UNWIND $rows AS id "+claimByID(r, "id")+" DELETE e RETURN count(*)", ids)
		removed += n
		return err
	})
	if err != nil {
		return err
	}
	if len(nodes) > 0 {
		n, err := w.removeNodes(nodes)
		if err != nil {
			return err
		}
		removed += n
	}
	w.changes.Removed += removed
	w.changes.Unchanged += len(records) - removed
	return nil
}

// removeNodes takes nodes away with the structural relations that they declare, and refuses where another record still names one.
func (w *writing) removeNodes(ids []string) (int, error) {
	parameters := map[string]any{"rows": ids}
	for _, k := range w.model.Kinds {
		for _, l := range k.Links {
			if !l.Declares {
				continue
			}
			left, right := arrow(l)
			if _, err := w.run("UNWIND $rows AS id "+byID("n", "id")+" WITH n WHERE n:"+quote(k.Name)+" MATCH (n)"+left+"[e:"+quote(l.Relation.Name)+"]"+right+"() DELETE e", parameters); err != nil {
				return 0, err
			}
		}
	}
	rows, err := w.run("UNWIND $rows AS id "+byID("n", "id")+" MATCH (n)--(m:"+nodeLabel+") RETURN id, m.id AS by LIMIT 1", parameters)
	if err != nil {
		return 0, err
	}
	// What properties may lead to takes a pass over all records.
	referenced := referenced(w.model, ids)
	if len(rows) == 0 && len(referenced) > 0 {
		ofNodes, reference := naming("x", w.model.Kinds)
		ofClaims, source := naming("x", []*ontology.Kind{w.model.Claim})
		rows, err = w.run("CALL () { MATCH (x:"+nodeLabel+") WHERE NOT x.id IN $gone AND ("+ofNodes+") RETURN "+reference+" AS id, x.id AS by LIMIT 1"+
			" UNION MATCH ()-[x]->() WHERE "+ofClaims+" RETURN "+source+" AS id, 'claim ' + x.id AS by LIMIT 1 } RETURN id, by LIMIT 1",
			map[string]any{"rows": referenced, "gone": ids})
		if err != nil {
			return 0, err
		}
	}
	if len(rows) > 0 {
		id, _ := rows[0][0].(string)
		by, _ := rows[0][1].(string)
		return 0, store.StillNamed(id, by)
	}
	return w.count("UNWIND $rows AS id "+byID("n", "id")+" DELETE n RETURN count(*)", ids)
}

// referenced are those of some ids to whose kind properties may lead.
func referenced(m *ontology.Model, ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !m.Referenced(m.KindOf(id)) })
}

// naming writes that a reference of records of some kinds leads to one of $rows, and which that is.
func naming(alias string, kinds []*ontology.Kind) (holds, which string) {
	var named []string
	for _, k := range kinds {
		for _, p := range k.Properties {
			if name := property(alias, p); p.Type == ontology.Reference && !slices.Contains(named, name) {
				named = append(named, name)
			}
		}
	}
	return strings.Join(named, " IN $rows OR ") + " IN $rows", "head([r IN [" + strings.Join(named, ", ") + "] WHERE r IN $rows])"
}
