package neo4j

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// walkPage is how many records are read by one statement of a walk, and held in memory.
const walkPage = 2000

// Walk reads pages of records in the order of the index of their ids: of one kind after the other, or of one relation.
func (s *Store) Walk(ctx context.Context, wanted plan.Walk) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		w := &walking{streaming: streaming{ctx: ctx, store: s, wanted: plan.Records{Loads: true}, yield: yield}, of: wanted}
		if err := w.all(); err != nil {
			yield(store.Record{}, s.failure(ctx, err))
		}
	}
}

type walking struct {
	streaming
	of plan.Walk
}

func (w *walking) all() error {
	held, err := w.held()
	if err != nil {
		return err
	}
	if w.of.Of == plan.AllClaims {
		for _, rel := range w.store.model.Relations {
			if rel.Structural || !held[rel.Name] {
				continue
			}
			if err := w.pages("", func(after string) ([]store.Record, error) { return w.claims(rel, after) }); err != nil || w.left {
				return err
			}
		}
		return nil
	}
	for _, k := range w.store.model.Kinds {
		if !held[k.Name] {
			continue
		}
		if err := w.pages(k.IDPrefix(), func(after string) ([]store.Record, error) { return w.nodes(k, after) }); err != nil || w.left {
			return err
		}
	}
	return nil
}

// pages hands on pages of records, each of those whose ids follow the last one.
func (w *walking) pages(after string, read func(after string) ([]store.Record, error)) (err error) {
	for {
		if w.sets, err = w.store.sets(w.ctx); err != nil {
			return err
		}
		page, err := read(after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if w.hand(r); w.left {
				return nil
			}
		}
		if last := page[len(page)-1]; last.Claim != nil {
			after = last.Claim.ID()
		} else {
			after = last.Node.ID()
		}
	}
}

// sets reads the names of the loads of each set.
func (s *Store) sets(ctx context.Context) (map[int64][]string, error) {
	rows, err := s.collect(ctx, neo4j.AccessModeRead, "MATCH (s:"+setLabel+") RETURN s.id, s.loads", nil)
	if err != nil {
		return nil, err
	}
	out := map[int64][]string{}
	for _, row := range rows {
		out[row[0].(int64)] = texts(row[1])
	}
	return out, nil
}

// ask reads the page of records after an id. among says which of those are wanted, by sets of loads.
func (w *walking) ask(cypher func(among string) string, alias, after, end string) ([][]any, error) {
	among, others := "", []int64{}
	if w.of.Stated != nil {
		among = " AND " + alias + "." + loadsProperty + " IS NOT NULL AND NOT " + alias + "." + loadsProperty + " IN $others"
		for set, names := range w.sets {
			if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(w.of.Stated, name) }) {
				others = append(others, set)
			}
		}
	}
	return w.store.collect(w.ctx, neo4j.AccessModeRead, cypher(among), map[string]any{"after": after, "end": end, "others": others})
}

func (w *walking) nodes(k *ontology.Kind, after string) (page []store.Record, err error) {
	read := w.of.Read(k)
	lists, declared, names := declaring(k, func(*ontology.Link) string { return "" })
	rows, err := w.ask(func(among string) string {
		return "MATCH (n:" + nodeLabel + ") USING INDEX n:" + nodeLabel + "(id) WHERE n.id > $after AND n.id < $end AND n:" + quote(k.Name) + among +
			"\nWITH n ORDER BY n.id LIMIT " + strconv.Itoa(walkPage) + "\n" + lists + "RETURN " + values("n", read) + ", " + names + ", n." + loadsProperty + " ORDER BY n.id"
	}, "n", after, strings.TrimSuffix(k.IDPrefix(), "/")+string('/'+1))
	for _, row := range rows {
		n := store.Node{Kind: k}
		if n.Values, err = restored(k, read, row[0]); err != nil {
			return nil, err
		}
		if n.Links, err = links(declared, row[1]); err != nil {
			return nil, err
		}
		page = append(page, store.Record{Node: &n, Loads: w.loads(row[2:])})
	}
	return page, err
}

func (w *walking) claims(rel *ontology.Relation, after string) (page []store.Record, err error) {
	m := w.store.model
	read := w.of.Read(m.Claim)
	rows, err := w.ask(func(among string) string {
		return "MATCH (a)-[e:" + quote(rel.Name) + "]->(z) USING INDEX e:" + quote(rel.Name) + "(id) WHERE e.id > $after" + among +
			"\nRETURN a.id, z.id, " + values("e", read) + ", e." + loadsProperty + " ORDER BY e.id LIMIT " + strconv.Itoa(walkPage)
	}, "e", after, "")
	for _, row := range rows {
		c := store.Claim{Relation: rel}
		c.From, _ = row[0].(string)
		c.To, _ = row[1].(string)
		if c.Values, err = restored(m.Claim, read, row[2]); err != nil {
			return nil, err
		}
		page = append(page, store.Record{Claim: &c, Loads: w.loads(row[3:])})
	}
	return page, err
}
