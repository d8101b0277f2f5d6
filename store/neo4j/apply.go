package neo4j

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Apply writes a batch in one transaction, which also records that the batch is written and what it changed. A connection that is lost
// during the commit leaves open whether it took place; the next try finds the record, or writes the batch.
func (s *Store) Apply(ctx context.Context, b store.Batch) (store.Changes, error) {
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return store.Changes{}, s.failure(ctx, ctx.Err())
	}
	defer func() { <-s.writing }()
	id := s.options.NewID()
	var changes store.Changes
	err := s.retrying(ctx, func() error {
		for {
			var err error
			changes, err = s.attempt(ctx, id, b)
			if s.known || !exists(err) {
				return err
			}
			s.known = true // what was taken for new is there: look first
		}
	})
	if err != nil {
		return store.Changes{}, err
	}
	return changes, nil
}

// exists says whether a record could not be made because its id is taken.
func exists(err error) bool {
	told, is := errors.AsType[*neo4j.Neo4jError](err)
	return is && told.Code == "Neo.ClientError.Schema.ConstraintValidationFailed"
}

// attempt writes the batch once.
func (s *Store) attempt(ctx context.Context, id string, b store.Batch) (store.Changes, error) {
	session := s.session(ctx, neo4j.AccessModeWrite)
	defer session.Close(ctx)
	tx, err := session.BeginTransaction(ctx, deadline(ctx))
	if err != nil {
		return store.Changes{}, err
	}
	defer tx.Close(ctx)
	w := &writing{ctx: ctx, store: s, model: s.model, tx: tx, look: s.known}
	before, written, err := w.begin(s.writer, id)
	if err != nil {
		return store.Changes{}, err
	}
	if written {
		// The commit took place, but perhaps not what follows it.
		if _, err := w.run(settle, nil); err != nil {
			return store.Changes{}, err
		}
		return before, tx.Commit(ctx)
	}
	if err := w.batch(b); err != nil {
		return store.Changes{}, err
	}
	if len(b.Nodes)+len(b.Claims) > 0 {
		s.known = w.changes.Unchanged+w.changes.Updated > 0
	}
	if w.changes.Added+w.changes.Updated+w.changes.Removed == 0 {
		if b.Load != nil {
			// Which loads state what is no part of any answer: the sequence stays.
			return w.changes, tx.Commit(ctx)
		}
		return w.changes, tx.Rollback(ctx)
	}
	if err := w.end(s.writer, id); err != nil {
		return store.Changes{}, err
	}
	s.wrote = true
	return w.changes, s.commit(ctx, tx)
}

// commit commits a batch between two changes of the sequence (see sequence.go).
func (s *Store) commit(ctx context.Context, tx neo4j.ExplicitTransaction) error {
	rows, err := s.collect(ctx, neo4j.AccessModeWrite, beginCommit, nil)
	if err != nil {
		return err
	}
	if len(rows) != 1 {
		return s.gone()
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	// The batch is written. If this fails, the next reader or writer does it.
	_, _ = s.collect(ctx, neo4j.AccessModeWrite, endCommit, map[string]any{"sequence": rows[0][0]})
	return nil
}

// writing is one transaction of Apply.
type writing struct {
	ctx   context.Context
	store *Store
	model *ontology.Model
	tx    neo4j.ExplicitTransaction
	// look says that records may be there already. Otherwise they are taken for new, and ids that are taken end the transaction.
	look    bool
	changes store.Changes
	touched store.Touching
	stating store.Stating[string]
}

// run runs a statement and gives its records.
func (w *writing) run(cypher string, parameters map[string]any) ([][]any, error) {
	result, err := w.tx.Run(w.ctx, cypher, parameters)
	if err != nil {
		return nil, err
	}
	var out [][]any
	for result.Next(w.ctx) {
		out = append(out, result.Record().Values)
	}
	return out, result.Err()
}

// count runs a statement that gives one number.
func (w *writing) count(cypher string, rows any) (int, error) {
	out, err := w.run(cypher, map[string]any{"rows": rows})
	if err != nil || len(out) != 1 {
		return 0, err
	}
	n, _ := out[0][0].(int64)
	return int(n), nil
}

// begin locks other writers out, and says whether the batch is written already, and what it changed then.
func (w *writing) begin(writer, batch string) (changes store.Changes, written bool, err error) {
	rows, err := w.run(holdWriters+" MERGE (w:"+writerLabel+" {id: $holder}) RETURN w.batch, w.added, w.updated, w.unchanged, w.removed",
		map[string]any{"holder": writer})
	if err != nil {
		return changes, false, err
	}
	if len(rows) != 1 {
		return changes, false, w.store.gone()
	}
	if rows[0][0] != batch {
		return changes, false, nil
	}
	number := func(v any) int { n, _ := v.(int64); return int(n) }
	return store.Changes{Added: number(rows[0][1]), Updated: number(rows[0][2]), Unchanged: number(rows[0][3]), Removed: number(rows[0][4])}, true, nil
}

// end records the batch.
func (w *writing) end(writer, batch string) error {
	_, err := w.run("MATCH (w:"+writerLabel+" {id: $writer}) SET w.batch = $batch, w.added = $added, w.updated = $updated, w.unchanged = $unchanged, w.removed = $removed",
		map[string]any{"writer": writer, "batch": batch, "added": w.changes.Added, "updated": w.changes.Updated, "unchanged": w.changes.Unchanged, "removed": w.changes.Removed})
	if err != nil {
		return err
	}
	return w.remember()
}

func (w *writing) batch(b store.Batch) error {
	if err := w.lead(b); err != nil {
		return err
	}
	asked, err := w.ask(w.references(b))
	if err != nil {
		return err
	}
	claims := w.rows(b.Claims) // while the server looks
	if err := w.found(asked); err != nil {
		return err
	}
	nodes, err := w.sorted(b.Nodes)
	if err != nil {
		return err
	}
	if err := w.nodes(nodes.fresh, "CREATE (n:"+nodeLabel+":%) SET n = r"); err != nil {
		return err
	}
	if err := w.nodes(nodes.changed, byID("n", "r.id")+" SET n = r"); err != nil {
		return err
	}
	if err := w.join(nodes.joined); err != nil {
		return err
	}
	if err := w.unlink(nodes.changed); err != nil {
		return err
	}
	if err := w.link(slices.Concat(nodes.fresh, nodes.changed)); err != nil {
		return err
	}
	for _, n := range slices.Concat(nodes.fresh, nodes.changed) {
		w.touched.Node(n.ID())
	}
	w.changes.Added += len(nodes.fresh)
	w.changes.Updated += len(nodes.changed)
	w.changes.Unchanged += len(b.Nodes) - len(nodes.fresh) - len(nodes.changed)
	for _, of := range claims {
		if err := w.claims(of); err != nil {
			return err
		}
	}
	if err := w.hold(b.Held); err != nil {
		return err
	}
	if err := w.remove(b.Removed); err != nil {
		return err
	}
	return w.renew(b.Load)
}

// grouped hands on the elements by key, in the order in which the keys first occur.
func grouped[E any, K comparable](all []E, key func(E) K, each func(K, []E) error) error {
	groups := map[K][]E{}
	var keys []K
	for _, e := range all {
		k := key(e)
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], e)
	}
	for _, k := range keys {
		if err := each(k, groups[k]); err != nil {
			return err
		}
	}
	return nil
}

// ---- nodes

// statedNode is a node with the number of the set of loads that state it.
type statedNode struct {
	store.Node
	set int64
}

// sortedNodes are nodes that are not there yet, nodes that are there in another state, and the id and set of loads of those that only a
// further load states.
type sortedNodes struct {
	fresh, changed []statedNode
	joined         []any
}

// sorted parts nodes by what the database holds of them.
func (w *writing) sorted(nodes []store.Node) (out sortedNodes, err error) {
	there := map[string][]any{}
	if w.look && len(nodes) > 0 {
		ids := make([]string, len(nodes))
		for i, n := range nodes {
			ids[i] = n.ID()
		}
		rows, err := w.run("UNWIND $rows AS id "+byID("n", "id")+" RETURN id, n."+hashProperty+", labels(n), coalesce(n."+loadsProperty+", 0), n.recordedAt, n.retractedAt",
			map[string]any{"rows": ids})
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			there[r[0].(string)] = r
		}
	}
	for _, n := range nodes {
		r := there[n.ID()]
		if r == nil {
			set, err := w.stating.Join(0)
			if err != nil {
				return out, err
			}
			out.fresh = append(out.fresh, statedNode{n, set})
			continue
		}
		labels := texts(r[2])
		if !slices.Contains(labels, n.Kind.Name) {
			labels = slices.DeleteFunc(labels, func(l string) bool { return l == nodeLabel })
			return out, store.Errorf(store.CodeConflict, n.ID(), "choose another id", "there is a %s with this id, it cannot be a %s too", strings.Join(labels, " "), n.Kind.Name)
		}
		held := r[3].(int64)
		set, err := w.stating.Join(held)
		if err != nil {
			return out, err
		}
		n.Values = w.stating.Settled(n.Kind, n.Values, held, r[4], r[5])
		switch {
		case r[1] != hash(n):
			out.changed = append(out.changed, statedNode{n, set})
		case set != held:
			out.joined = append(out.joined, []any{n.ID(), set})
		}
	}
	return out, nil
}

func hash(n store.Node) string { return hex.EncodeToString(store.ContentHash(n)) }

// nodes writes the values of nodes. In the statement, % stands for the label of their kind and r for the values of one.
func (w *writing) nodes(nodes []statedNode, statement string) error {
	return grouped(nodes, func(n statedNode) *ontology.Kind { return n.Kind }, func(k *ontology.Kind, nodes []statedNode) error {
		rows := make([]any, len(nodes))
		for i, n := range nodes {
			row := record(k, n.Values)
			row[hashProperty] = hash(n.Node)
			if n.set != 0 {
				row[loadsProperty] = n.set
			}
			rows[i] = row
		}
		_, err := w.run("UNWIND $rows AS r "+strings.ReplaceAll(statement, "%", quote(k.Name)), map[string]any{"rows": rows})
		return err
	})
}

// unlink takes away the structural relations that nodes declare.
func (w *writing) unlink(nodes []statedNode) error {
	return grouped(nodes, func(n statedNode) *ontology.Kind { return n.Kind }, func(k *ontology.Kind, nodes []statedNode) error {
		ids := make([]string, len(nodes))
		for i, n := range nodes {
			ids[i] = n.ID()
		}
		for _, l := range k.Links {
			if !l.Declares {
				continue
			}
			left, right := arrow(l)
			_, err := w.run("UNWIND $rows AS id "+byID("n", "id")+" MATCH (n)"+left+"[e:"+quote(l.Relation.Name)+"]"+right+"() DELETE e", map[string]any{"rows": ids})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// arrow is what stands on both sides of a relation that is followed as the link does.
func arrow(l *ontology.Link) (left, right string) {
	switch l.Direction {
	case ontology.In:
		return "<-", "-"
	case ontology.Out:
		return "-", "->"
	default:
		return "-", "-"
	}
}

// structural is a structural relation to be written.
type structural struct {
	relation *ontology.Relation
	from, to string
	row      []any
}

// link writes the structural relations that nodes declare.
func (w *writing) link(nodes []statedNode) error {
	var all []structural
	for _, n := range nodes {
		for i, l := range n.Links {
			from, to := n.ID(), l.ID
			if l.Link.Direction == ontology.In {
				from, to = to, from
			}
			all = append(all, structural{l.Link.Relation, from, to, []any{from, to, int64(i)}})
		}
	}
	return grouped(all, func(s structural) *ontology.Relation { return s.relation }, func(r *ontology.Relation, all []structural) error {
		rows := make([]any, len(all))
		for i, s := range all {
			rows[i] = s.row
		}
		n, err := w.count("UNWIND $rows AS r "+byID("a", "r[0]")+" "+byID("b", "r[1]")+" CREATE (a)-[e:"+quote(r.Name)+
			" {"+placeProperty+": r[2]}]->(b) RETURN count(e)", rows)
		if err != nil || n == len(rows) {
			return err
		}
		var ends []named
		for _, s := range all {
			ends = append(ends, named{s.from, s.to}, named{s.to, s.from})
		}
		return w.dangling(ends)
	})
}

// ---- claims

// related are claims of one relation, and the rows that write them.
type related struct {
	relation *ontology.Relation
	claims   []store.Claim
	rows     []any
}

// rows makes the rows of claims, in the order in which their relations first occur.
func (w *writing) rows(claims []store.Claim) []related {
	var out []related
	at := map[*ontology.Relation]int{}
	for _, c := range claims {
		i, known := at[c.Relation]
		if !known {
			i = len(out)
			at[c.Relation] = i
			out = append(out, related{relation: c.Relation})
		}
		out[i].claims = append(out[i].claims, c)
		out[i].rows = append(out[i].rows, []any{c.From, c.To, record(w.model.Claim, c.Values)})
	}
	return out
}

// claims writes claims of one relation.
func (w *writing) claims(of related) error {
	r, rows := of.relation, of.rows
	sorted, err := w.sortedClaims(r, rows)
	if err != nil {
		return err
	}
	if len(sorted.changed) > 0 {
		if _, err := w.run("UNWIND $rows AS r "+claimByID(r, "r[2].id")+" SET e = r[2]", map[string]any{"rows": sorted.changed}); err != nil {
			return err
		}
	}
	if len(sorted.joined) > 0 {
		if _, err := w.run("UNWIND $rows AS r "+claimByID(r, "r[0]")+" SET e."+loadsProperty+" = r[1]", map[string]any{"rows": sorted.joined}); err != nil {
			return err
		}
	}
	if len(sorted.fresh) > 0 {
		n, err := w.count("UNWIND $rows AS r "+byID("a", "r[0]")+" "+byID("b", "r[1]")+" CREATE (a)-[e:"+quote(r.Name)+
			"]->(b) SET e = r[2] RETURN count(e)", sorted.fresh)
		if err != nil {
			return err
		}
		if n != len(sorted.fresh) {
			var ends []named
			for _, c := range of.claims {
				ends = append(ends, named{c.From, "claim " + c.ID()}, named{c.To, "claim " + c.ID()})
			}
			return w.dangling(ends)
		}
	}
	for _, row := range slices.Concat(sorted.fresh, sorted.changed) {
		ends := row.([]any)
		w.touched.Claim(r.Name, ends[0].(string), ends[1].(string))
	}
	w.changes.Added += len(sorted.fresh)
	w.changes.Updated += len(sorted.changed)
	w.changes.Unchanged += len(rows) - len(sorted.fresh) - len(sorted.changed)
	return nil
}

// byID finds the node that has an id. It says how: the server plans a statement by what it counted some time ago, and compares all ids with
// all nodes where there were few of them then.
func byID(node, id string) string {
	return "MATCH (" + node + ":" + nodeLabel + " {id: " + id + "}) USING INDEX SEEK " + node + ":" + nodeLabel + "(id)"
}

// claimByID finds the claim of a relation that has an id.
func claimByID(r *ontology.Relation, id string) string {
	return "MATCH ()-[e:" + quote(r.Name) + " {id: " + id + "}]->() USING INDEX SEEK e:" + quote(r.Name) + "(id)"
}

// sortedRows are the rows of claims as sortedNodes are nodes.
type sortedRows struct{ fresh, changed, joined []any }

// sortedClaims parts the rows of claims by what the database holds of them. One id means one statement, so only what is copied or tells of
// the record can differ.
func (w *writing) sortedClaims(r *ontology.Relation, rows []any) (out sortedRows, err error) {
	there := map[any][]any{}
	derived := store.Derived(w.model.Claim)
	if w.look {
		columns := ", coalesce(e." + loadsProperty + ", 0)"
		for _, p := range derived {
			columns += ", " + property("e", p)
		}
		ids := make([]any, len(rows))
		for i, row := range rows {
			ids[i] = row.([]any)[2].(map[string]any)["id"]
		}
		found, err := w.run("UNWIND $rows AS id "+claimByID(r, "id")+" RETURN id"+columns, map[string]any{"rows": ids})
		if err != nil {
			return out, err
		}
		for _, f := range found {
			there[f[0]] = f
		}
	}
	for _, row := range rows {
		values := row.([]any)[2].(map[string]any)
		held := there[values["id"]]
		if held == nil {
			set, err := w.stating.Join(0)
			if err != nil {
				return out, err
			}
			if set != 0 {
				values[loadsProperty] = set
			}
			out.fresh = append(out.fresh, row)
			continue
		}
		before := held[1].(int64)
		set, err := w.stating.Join(before)
		if err != nil {
			return out, err
		}
		w.settleRow(values, derived, held[2:], before)
		differs := false
		for i, p := range derived {
			differs = differs || !same(values[p.Name], held[2+i])
		}
		switch {
		case differs:
			if set != 0 {
				values[loadsProperty] = set
			}
			out.changed = append(out.changed, row)
		case set != before:
			out.joined = append(out.joined, []any{values["id"], set})
		}
	}
	return out, nil
}

// settleRow settles the values of a claim's row, where a load states it again.
func (w *writing) settleRow(values map[string]any, derived []*ontology.Property, held []any, set int64) {
	claim := w.model.Claim
	record := make([]any, len(claim.Properties))
	for _, p := range derived {
		record[p.Position] = values[p.Name]
	}
	recorded, retracted := store.DatesOf(derived, held)
	record = w.stating.Settled(claim, record, set, recorded, retracted)
	for _, p := range derived {
		if v := record[p.Position]; v != nil {
			values[p.Name] = v
		}
	}
}

// same compares a value in stored form with what the database gives for it.
func same(v, held any) bool {
	if list, is := v.([]string); is {
		return slices.Equal(list, texts(held))
	}
	return v == held
}

// ---- what is named

// named is an id and what names it.
type named struct{ id, by string }

// references lists what the values of records name and what does not come with the batch.
func (w *writing) references(b store.Batch) []named {
	own := make(map[string]bool, len(b.Nodes))
	for _, n := range b.Nodes {
		own[n.ID()] = true
	}
	known := map[string]bool{}
	var all []named
	look := func(k *ontology.Kind, values []any, by func() string) {
		for i, p := range k.Properties {
			if id, is := values[i].(string); is && p.Type == ontology.Reference && !own[id] && !known[id] {
				known[id] = true
				all = append(all, named{id, by()})
			}
		}
	}
	for _, n := range b.Nodes {
		look(n.Kind, n.Values, n.ID)
	}
	for _, c := range b.Claims {
		look(w.model.Claim, c.Values, func() string { return "claim " + c.ID() })
	}
	return all
}

// asked are ids that the server looks for.
type asked struct {
	named  []named
	answer neo4j.ResultWithContext
}

// ask has the server look whether the named ids are there, and does not wait for the answer.
func (w *writing) ask(all []named) (asked, error) {
	ids := make([]string, len(all))
	for i, n := range all {
		ids[i] = n.id
	}
	answer, err := w.tx.Run(w.ctx, "UNWIND range(0, size($rows) - 1) AS i OPTIONAL "+byID("n", "$rows[i]")+" WITH i, n WHERE n IS NULL RETURN min(i)",
		map[string]any{"rows": ids})
	return asked{all, answer}, err
}

// found waits for the answer, and is an error about the first id that is not there.
func (w *writing) found(a asked) error {
	row, err := a.answer.Single(w.ctx)
	if err != nil {
		return err
	}
	if at, missing := row.Values[0].(int64); missing {
		return store.Errorf(store.CodeDangling, a.named[at].id, "load the node first", "%s names it, but there is no such node", a.named[at].by)
	}
	return nil
}

// dangling is the error about the ids, one of which is missing.
func (w *writing) dangling(all []named) error {
	asked, err := w.ask(all)
	if err != nil {
		return err
	}
	if err := w.found(asked); err != nil {
		return err
	}
	return store.Errorf(store.CodeInternal, "", "", "relations between nodes that exist were not written")
}
