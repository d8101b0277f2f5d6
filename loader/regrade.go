package loader

import (
	"context"
	"fmt"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// compareSources finds the sources of the data set which the store holds with another grade or mark. What other data sets stated with them
// has copies of the old ones.
func (l *load) compareSources(ctx context.Context) error {
	var ids []string
	for at := range l.index.marks {
		if l.index.entries[at].state == accepted {
			ids = append(ids, l.index.entries[at].id)
		}
	}
	slices.Sort(ids)
	sources := l.model.Claim.Property("source").Reference
	grade, tlp, compartments := sources.Property("reliability"), sources.Property("tlp"), sources.Property("compartments")
	node := plan.Node{Kind: sources, Columns: []plan.Column{{Property: grade}, {Property: tlp}, {Property: compartments}}}
	for part := range slices.Chunk(ids, lookupSize) {
		answer, err := l.store.Query(ctx, plan.Plan{
			Lens:   plan.Lens{Record: plan.Record{All: true}},
			Lookup: &plan.Lookup{IDs: part, Node: node},
		})
		if err != nil {
			return fmt.Errorf("look up sources: %w", err)
		}
		for i, id := range part {
			row := answer.List[i].List
			if row == nil {
				continue
			}
			var held []string
			for _, v := range row[2].List {
				held = append(held, v.Text)
			}
			now := l.index.marks[l.index.of(id)]
			if row[0].Scalar() != now.reliability || row[1].Int != now.tlp || !slices.Equal(held, now.compartments) {
				l.regraded[id] = now
			}
		}
	}
	return nil
}

// regrade brings the copies of changed sources up to date, in statements and records of every data set: the reliability becomes the
// source's, marks rise to it. A mark that sank leaves what is marked higher as it is until that is loaded again.
func (l *load) regrade(ctx context.Context) error {
	if len(l.regraded) == 0 || l.options.DryRun {
		return nil
	}
	var later store.Batch
	// The records are gathered before any is written: a store need not bear writing while it is read.
	for r, err := range l.store.Stream(ctx, plan.Lens{Record: plan.Record{All: true}}) {
		if err != nil {
			return fmt.Errorf("read statements of changed sources: %w", err)
		}
		switch {
		case r.Node != nil && l.regradeRecord(r.Node.Kind, r.Node.Values):
			later.Nodes = append(later.Nodes, *r.Node)
		case r.Claim != nil && l.regradeRecord(l.model.Claim, r.Claim.Values):
			later.Claims = append(later.Claims, *r.Claim)
		}
	}
	for nodes := range slices.Chunk(later.Nodes, batchSize) {
		if err := l.rewrite(ctx, store.Batch{Nodes: nodes}); err != nil {
			return err
		}
	}
	for claims := range slices.Chunk(later.Claims, batchSize) {
		if err := l.rewrite(ctx, store.Batch{Claims: claims}); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) rewrite(ctx context.Context, b store.Batch) error {
	changes, err := l.store.Apply(ctx, b)
	if err != nil {
		return fmt.Errorf("write statements of changed sources: %w", err)
	}
	l.report.Changes.Add(changes)
	return nil
}

// regradeRecord changes the values of a record whose source changed, and says whether any did.
func (l *load) regradeRecord(kind *ontology.Kind, values []any) bool {
	id, _ := values[kind.Property("source").Position].(string)
	now, changed := l.regraded[id]
	if !changed {
		return false
	}
	tlp, compartments := kind.Property("tlp").Position, kind.Property("compartments").Position
	own, _ := values[tlp].(int64)
	held, _ := values[compartments].([]string)
	m := mark{tlp: own, compartments: held}.under(now)
	differs := m.tlp != own || !slices.Equal(m.compartments, held)
	values[tlp], values[compartments] = m.tlp, m.compartments
	if kind.Statement {
		grade := kind.Property("reliability").Position
		differs = differs || values[grade] != now.reliability
		values[grade] = now.reliability
	}
	return differs
}
