package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Stream yields every visible record: a statement for the nodes of each kind, and one for the claims of each relation and kind at their
// start. Each takes its order from the index of ids, and the claims of one node come as one list, which is sorted here. Which nodes are visible is known
// when the claims come, so that the server need not look at their ends: a network is read in a third less time. If a batch was committed
// meanwhile, the stream ends with CodeBusy: what it gave may be of two states.
func (s *Store) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		before, err := s.atRest(ctx)
		if err != nil {
			yield(store.Record{}, err)
			return
		}
		session := s.session(ctx, neo4j.AccessModeRead)
		defer session.Close(ctx)
		r := &streaming{ctx: ctx, store: s, session: session, wanted: wanted, parameters: through(wanted.Lens), visible: map[string]bool{}, yield: yield}
		if wanted.Part != nil {
			err = r.part()
		} else {
			err = r.all()
		}
		switch {
		case r.left:
			return
		case err != nil:
			yield(store.Record{}, s.failure(ctx, err))
			return
		}
		after, err := s.sequence(ctx)
		if err == nil && before != after {
			err = store.Errorf(store.CodeBusy, s.address, "read it again", "the store changed while it was read")
		}
		if err != nil {
			yield(store.Record{}, err)
		}
	}
}

// atRest gives the sequence, once no batch is being committed.
func (s *Store) atRest(ctx context.Context) (int64, error) {
	sequence, err := s.sequence(ctx)
	if err != nil || sequence%2 == 0 {
		return sequence, err
	}
	err = s.retrying(ctx, func() error {
		return s.held(ctx, func(tx neo4j.ExplicitTransaction) error { return nil })
	})
	if err != nil {
		return 0, err
	}
	return s.sequence(ctx)
}

type streaming struct {
	ctx     context.Context
	store   *Store
	session neo4j.SessionWithContext
	wanted  plan.Records
	// parameters of every statement: the lens.
	parameters map[string]any
	// visible are the ids of the nodes that were handed on.
	visible map[string]bool
	// sets are the names of the loads of each set, where they are wanted.
	sets  map[int64][]string
	yield func(store.Record, error) bool
	// left says that the reader wants no more.
	left bool
}

// each runs a statement and calls f with its rows, until the reader leaves.
func (r *streaming) each(cypher string, f func(row []any) error) error {
	result, err := r.session.Run(r.ctx, cypher, r.parameters, deadline(r.ctx))
	if err != nil {
		return err
	}
	for !r.left && result.Next(r.ctx) {
		if err := f(result.Record().Values); err != nil {
			return err
		}
	}
	if r.left {
		return nil
	}
	return result.Err()
}

// hand hands on a record.
func (r *streaming) hand(record store.Record) { r.left = !r.yield(record, nil) }

func (r *streaming) all() error {
	held, err := r.held()
	if err != nil {
		return err
	}
	m := r.store.model
	if err := r.named(); err != nil {
		return err
	}
	kinds := slices.SortedFunc(slices.Values(m.Kinds), func(a, b *ontology.Kind) int { return cmp.Compare(a.IDPrefix(), b.IDPrefix()) })
	kinds = slices.DeleteFunc(kinds, func(k *ontology.Kind) bool { return !held[k.Name] })
	for _, k := range kinds {
		if err := r.nodes(k, start("n", k, " AND "+seen("n", k.Members)), r.node); err != nil || r.left {
			return err
		}
	}
	relations := slices.SortedFunc(slices.Values(m.Relations), func(a, b *ontology.Relation) int { return cmp.Compare(a.Name, b.Name) })
	for _, rel := range relations {
		for _, k := range kinds {
			begins := slices.ContainsFunc(rel.Ends, func(e ontology.Ends) bool { return e.From == k || rel.Symmetric && e.To == k })
			if rel.Structural || !held[rel.Name] || !begins {
				continue
			}
			if err := r.claims(rel, k); err != nil || r.left {
				return err
			}
		}
	}
	return nil
}

// named reads the names of the loads, where they are wanted.
func (r *streaming) named() (err error) {
	if r.wanted.Loads {
		r.sets, err = r.store.sets(r.ctx)
	}
	return err
}

// held says of which kinds and relations the database holds any records. It keeps count of them.
func (r *streaming) held() (map[string]bool, error) {
	var names, counts []string
	for _, k := range r.store.model.Kinds {
		names, counts = append(names, k.Name), append(counts, "COUNT { (:"+quote(k.Name)+") }")
	}
	for _, rel := range r.store.model.Relations {
		names, counts = append(names, rel.Name), append(counts, "COUNT { ()-[:"+quote(rel.Name)+"]->() }")
	}
	rows, err := r.store.collect(r.ctx, neo4j.AccessModeRead, "RETURN ["+strings.Join(counts, ", ")+"]", nil)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for i, n := range rows[0][0].([]any) {
		out[names[i]] = n != int64(0)
	}
	return out, nil
}

// The lens of a stream, with x for the record. Unlike that of a plan it is the same text whatever the lens, and each parameter has one type,
// so that the server plans the statements of a stream once: there are many, and they are read whole.
const (
	recordThrough = "CASE WHEN $all THEN true WHEN NOT CASE WHEN $current THEN x.retractedAt IS NULL ELSE x.recordedAt <= $knownAt AND coalesce(x.retractedAt, " + openEnd + ") > $knownAt END THEN false" +
		" WHEN $maxTlp < x.tlp THEN false WHEN x.compartments IS NULL THEN true ELSE all(h IN x.compartments WHERE h IN $compartments) END"
	evidenceThrough = "CASE WHEN coalesce(x.validFrom, " + openStart + ") > $until OR coalesce(x.validTo, " + openEnd + ") < $since THEN false" +
		" WHEN $dated AND x.validFrom IS NULL AND x.validTo IS NULL THEN false WHEN x.reliability > $reliability OR x.credibility > $credibility THEN false" +
		" WHEN coalesce(x.confidence, -1) < $confidence THEN false WHEN size($stances) > 1 AND NOT x.stance IN $stances THEN false" +
		" WHEN size($modalities) > 1 AND NOT x.modality IN $modalities THEN false WHEN $chosen AND NOT coalesce(x.source, '-') IN $sources THEN false" +
		" ELSE NOT coalesce(x.source, '-') IN $excluded END"
)

// through gives the parameters of the lens of a stream.
func through(l plan.Lens) map[string]any {
	e := l.Evidence
	until, since := int64(1e9), int64(-1e9)
	if e.AsOf != nil {
		until, since = e.AsOf.Ceiling(), e.AsOf.Floor()
	}
	if e.DuringTo != nil {
		until = min(until, *e.DuringTo)
	}
	if e.DuringFrom != nil {
		since = max(since, *e.DuringFrom)
	}
	or := func(v *int64, otherwise int64) int64 {
		if v == nil {
			return otherwise
		}
		return *v
	}
	// Nothing is called "" or has rank 0; with that, no list is empty, which would be another type.
	ids := func(list []string) []string { return append([]string{""}, list...) }
	ranks := func(list []int64) []int64 { return append([]int64{0}, list...) }
	limit := func(rank int64) int64 {
		if rank == 0 {
			return 1e9
		}
		return rank
	}
	return map[string]any{
		"all": l.Record.All, "current": l.Record.KnownAt == nil, "knownAt": or(l.Record.KnownAt, 0), "maxTlp": limit(l.Record.MaxTlp),
		"compartments": ids(l.Record.Compartments), "until": until, "since": since, "dated": e.Dated, "reliability": limit(e.MinReliability),
		"credibility": limit(e.MinCredibility), "confidence": or(e.MinConfidence, -1), "stances": ranks(e.Stances), "modalities": ranks(e.Modalities),
		"chosen": e.Sources != nil, "sources": ids(e.Sources), "excluded": ids(e.ExcludeSources),
	}
}

// seen writes that a node passes the lens of the stream; of which of the kinds it is need not be known.
func seen(alias string, kinds []*ontology.Kind) string {
	record := strings.ReplaceAll(recordThrough, "x.", alias+".")
	evidence := strings.ReplaceAll(evidenceThrough, "x.", alias+".")
	var statements []*ontology.Kind
	for _, k := range kinds {
		if k.Statement {
			statements = append(statements, k)
		}
	}
	switch len(statements) {
	case 0:
		return record
	case len(kinds):
		return record + " AND " + evidence
	default:
		return record + " AND CASE WHEN " + labelled(alias, statements) + " THEN " + evidence + " ELSE true END"
	}
}

// seenClaim writes that a claim passes the lens of the stream.
func seenClaim(alias string) string {
	return strings.ReplaceAll(recordThrough+" AND "+evidenceThrough, "x.", alias+".")
}

// start writes the pattern of all nodes of a kind in order of id that pass a condition.
func start(node string, k *ontology.Kind, condition string) string {
	return "MATCH (" + node + ":" + nodeLabel + ") WHERE " + node + ".id STARTS WITH '" + k.IDPrefix() + "' AND " + node + ":" + quote(k.Name) + condition +
		"\nWITH " + node + " ORDER BY " + node + ".id\n"
}

// node hands on a node.
func (r *streaming) node(n *store.Node, loads []string) {
	r.visible[n.ID()] = true
	r.hand(store.Record{Node: n, Loads: loads})
}

// nodes reads nodes of a kind: those that the beginning of the statement gives as n.
func (r *streaming) nodes(k *ontology.Kind, beginning string, each func(n *store.Node, loads []string)) error {
	var b strings.Builder
	b.WriteString(beginning)
	lists, declared, names := declaring(k, func(l *ontology.Link) string { return " WHERE " + seen("m", l.Target.Members) })
	b.WriteString(lists)
	read := r.wanted.Of(k)
	b.WriteString("RETURN " + values("n", read) + ", " + names + r.loadsOf("n"))
	return r.each(b.String(), func(row []any) (err error) {
		n := store.Node{Kind: k}
		if n.Values, err = restored(k, read, row[0]); err != nil {
			return err
		}
		if n.Links, err = links(declared, row[1]); err != nil {
			return err
		}
		each(&n, r.loads(row[2:]))
		return nil
	})
}

// declaring writes lists of the structural relations that n, of a kind, declares: of places in the record, and ids of m. names lists the
// lists. which is a condition on m.
func declaring(k *ontology.Kind, which func(*ontology.Link) string) (text string, declared []*ontology.Link, names string) {
	var b strings.Builder
	var lists []string
	for _, l := range k.Links {
		if !l.Declares {
			continue
		}
		list := "d" + strconv.Itoa(len(lists))
		left, right := arrow(l)
		b.WriteString("CALL (n) { MATCH (n)" + left + "[e:" + quote(l.Relation.Name) + "]" + right + labelled("m", l.Target.Members) + which(l) +
			" RETURN collect([e." + placeProperty + ", m.id]) AS " + list + " }\n")
		declared, lists = append(declared, l), append(lists, list)
	}
	return b.String(), declared, "[" + strings.Join(lists, ", ") + "]"
}

// links puts the structural relations of a record back into its order.
func links(declared []*ontology.Link, lists any) ([]store.NodeLink, error) {
	type placed struct {
		place int64
		link  store.NodeLink
	}
	var all []placed
	for i, list := range lists.([]any) {
		for _, pair := range list.([]any) {
			place, id := pair.([]any)[0], pair.([]any)[1]
			at, isNumber := place.(int64)
			to, isText := id.(string)
			if !isNumber || !isText {
				return nil, store.Errorf(store.CodeDamaged, fmt.Sprint(id), "", "a structural relation %s has no place or leads to no id", declared[i].Relation.Name)
			}
			all = append(all, placed{at, store.NodeLink{Link: declared[i], ID: to}})
		}
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.link.ID, b.link.ID)) })
	var out []store.NodeLink
	for _, p := range all {
		out = append(out, p.link)
	}
	return out, nil
}

// claims reads the claims of a relation from nodes of a kind: for each node a list of [to, values, loads].
func (r *streaming) claims(rel *ontology.Relation, from *ontology.Kind) error {
	read := r.wanted.Of(r.store.model.Claim)
	cypher := start("a", from, "") + "CALL (a) { MATCH (a)-[e:" + quote(rel.Name) + "]->(z:" + nodeLabel + ") WHERE " + seenClaim("e") +
		" RETURN collect([z.id, " + values("e", read) + r.loadsOf("e") + "]) AS claims }\nWITH a, claims WHERE size(claims) > 0\nRETURN a.id, claims"
	return r.each(cypher, func(row []any) error {
		a, _ := row[0].(string)
		if !r.visible[a] {
			return nil
		}
		var all []joined
		lists, _ := row[1].([]any)
		for _, list := range lists {
			parts, _ := list.([]any)
			to, _ := parts[0].(string)
			if !r.visible[to] {
				continue
			}
			c, err := r.joined(rel, a, to, parts[1:])
			if err != nil {
				return err
			}
			all = append(all, c)
		}
		r.handAll(all)
		return nil
	})
}

// joined is a claim with the names of its loads.
type joined struct {
	claim store.Claim
	loads []string
}

// joined restores a claim from the list of its values and the column of its loads.
func (r *streaming) joined(rel *ontology.Relation, from, to string, columns []any) (joined, error) {
	claim := r.store.model.Claim
	values, err := restored(claim, r.wanted.Of(claim), columns[0])
	return joined{store.Claim{Relation: rel, From: from, To: to, Values: values}, r.loads(columns[1:])}, err
}

// handAll hands on claims in order, each once.
func (r *streaming) handAll(all []joined) {
	slices.SortFunc(all, func(a, b joined) int {
		return cmp.Or(strings.Compare(a.claim.Relation.Name, b.claim.Relation.Name), strings.Compare(a.claim.From, b.claim.From),
			strings.Compare(a.claim.To, b.claim.To), strings.Compare(a.claim.ID(), b.claim.ID()))
	})
	for i := range all {
		if i > 0 && all[i].claim.ID() == all[i-1].claim.ID() {
			continue
		}
		if r.hand(store.Record{Claim: &all[i].claim, Loads: all[i].loads}); r.left {
			return
		}
	}
}

// loadsOf writes the column of the set of loads, where it is wanted.
func (r *streaming) loadsOf(alias string) string {
	if !r.wanted.Loads {
		return ""
	}
	return ", " + alias + "." + loadsProperty
}

// loads gives the names of the loads of that column; nil for none, and where they are not wanted.
func (r *streaming) loads(column []any) []string {
	if len(column) == 0 {
		return nil
	}
	set, stated := column[0].(int64)
	if !stated {
		return nil
	}
	return r.sets[set]
}

// values writes the list of some properties of a record.
func values(alias string, read []*ontology.Property) string {
	out := make([]string, len(read))
	for i, p := range read {
		out[i] = property(alias, p)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// restored turns that list back into the values of a kind.
func restored(k *ontology.Kind, read []*ontology.Property, list any) ([]any, error) {
	held, _ := list.([]any)
	if len(held) != len(read) {
		return nil, store.Errorf(store.CodeInternal, k.Name, "", "the server gave %d of %d properties of a record", len(held), len(read))
	}
	out := make([]any, len(k.Properties))
	for i, p := range read {
		if p.List {
			out[p.Position] = texts(held[i])
			continue
		}
		switch v := held[i].(type) {
		case nil, string, int64, float64:
			out[p.Position] = v
		default:
			return nil, store.Errorf(store.CodeDamaged, k.Name, "", "%s holds a value of type %T", p.Name, v)
		}
	}
	return out, nil
}
