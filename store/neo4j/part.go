package neo4j

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// part reads the part that is wanted, by the index of ids: it costs what the part is large, not what the database is. Unlike a whole stream it
// has the server look at the ends of claims.
func (r *streaming) part() error {
	if err := r.named(); err != nil {
		return err
	}
	chosen := map[string]bool{}
	for _, id := range r.wanted.Part.Nodes {
		chosen[id] = true
	}
	r.parameters["nodes"] = r.wanted.Part.Nodes
	if len(chosen) > 0 {
		if err := r.nodesAround(chosen); err != nil || r.left {
			return err
		}
	}
	return r.claimsAround(chosen)
}

// nodesAround reads the nodes of the part, and those that declare a link to one of these.
func (r *streaming) nodesAround(chosen map[string]bool) error {
	ids := slices.Clone(r.wanted.Part.Nodes)
	var branches []string
	for _, way := range []struct {
		declared    ontology.Direction
		left, right string
	}{{ontology.Out, "<-", "-"}, {ontology.In, "-", "->"}} {
		var names []string
		for _, k := range r.store.model.Kinds {
			for _, l := range k.Links {
				if name := quote(l.Relation.Name); l.Declares && l.Direction == way.declared && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		if len(names) > 0 {
			branches = append(branches, "MATCH (t)"+way.left+"[:"+strings.Join(names, "|")+"]"+way.right+"(d:"+nodeLabel+") RETURN d.id AS other")
		}
	}
	if len(branches) > 0 {
		err := r.each("UNWIND $nodes AS id "+byID("t", "id")+" CALL (t) { "+strings.Join(branches, " UNION ")+" } RETURN DISTINCT other", func(row []any) error {
			id, _ := row[0].(string)
			ids = append(ids, id)
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	kinds := slices.SortedFunc(slices.Values(r.store.model.Kinds), func(a, b *ontology.Kind) int { return cmp.Compare(a.IDPrefix(), b.IDPrefix()) })
	for _, k := range kinds {
		of := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.HasPrefix(id, k.IDPrefix()) })
		if len(of) == 0 {
			continue
		}
		r.parameters["ids"] = of
		beginning := "UNWIND $ids AS id " + byID("n", "id") + " WHERE n:" + quote(k.Name) + " AND " + seen("n", k.Members) + "\nWITH n\n"
		var found []store.Record
		err := r.nodes(k, beginning, func(n *store.Node, loads []string) {
			if chosen[n.ID()] || slices.ContainsFunc(n.Links, func(l store.NodeLink) bool { return chosen[l.ID] }) {
				found = append(found, store.Record{Node: n, Loads: loads})
			}
		})
		if err != nil {
			return err
		}
		// The server sorts text that it was given by UTF-16.
		slices.SortFunc(found, func(a, b store.Record) int { return strings.Compare(a.Node.ID(), b.Node.ID()) })
		for _, record := range found {
			if r.hand(record); r.left {
				return nil
			}
		}
	}
	return nil
}

// claimsAround reads the claims at the nodes of the part, and those of its bundles.
func (r *streaming) claimsAround(chosen map[string]bool) error {
	m := r.store.model
	through := " WHERE " + seenClaim("e") + " AND " + seen("a", m.Kinds) + " AND " + seen("z", m.Kinds)
	columns := ", " + values("e", r.wanted.Of(m.Claim)) + r.loadsOf("e")
	var all []joined
	add := func(row []any) error {
		name, _ := row[0].(string)
		from, _ := row[1].(string)
		to, _ := row[2].(string)
		rel := m.Relation(name)
		if rel == nil || rel.Structural { // one that this ontology no longer has stays in the database, unread
			return nil
		}
		c, err := r.joined(rel, from, to, row[3:])
		all = append(all, c)
		return err
	}
	if len(chosen) > 0 {
		structural := []string{""}
		for _, rel := range m.Relations {
			if rel.Structural {
				structural = append(structural, rel.Name)
			}
		}
		r.parameters["structural"] = structural
		for _, way := range []string{"(a:" + nodeLabel + ")-[e]->(z)", "(z)-[e]->(a:" + nodeLabel + ")"} {
			ends := ", a.id, z.id"
			if strings.HasPrefix(way, "(z)") {
				ends = ", z.id, a.id"
			}
			cypher := "UNWIND $nodes AS id " + byID("z", "id") + " MATCH " + way + through + " AND NOT type(e) IN $structural RETURN type(e)" + ends + columns
			if err := r.each(cypher, add); err != nil {
				return err
			}
		}
	}
	bundles := slices.DeleteFunc(slices.Clone(r.wanted.Part.Bundles), func(b plan.Bundle) bool { return chosen[b.From] || chosen[b.To] })
	err := grouped(bundles, func(b plan.Bundle) string { return b.Relation }, func(relation string, of []plan.Bundle) error {
		if m.Relation(relation) == nil {
			return nil
		}
		var ends []any
		for _, b := range of {
			ends = append(ends, []string{b.From, b.To})
		}
		r.parameters["ends"] = ends
		return r.each("UNWIND $ends AS b "+byID("a", "b[0]")+" "+byID("z", "b[1]")+" MATCH (a)-[e:"+quote(relation)+"]->(z)"+through+" RETURN type(e), a.id, z.id"+columns, add)
	})
	if err != nil {
		return err
	}
	r.handAll(all)
	return nil
}
