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
	loads, err := l.store.Loads(ctx)
	if err != nil {
		return fmt.Errorf("loads: %w", err)
	}
	changing := map[string]store.Regrade{}
	others := takenOver(loads, l.report.Load, ids)
	sources := l.model.Claim.Property("source").Reference
	grade, tlp, compartments := sources.Property("reliability"), sources.Property("tlp"), sources.Property("compartments")
	node := plan.Node{Kind: sources, Columns: []plan.Column{{Property: grade}, {Property: tlp}, {Property: compartments}}}
	for part := range slices.Chunk(ids, lookupSize) {
		answer, err := l.store.Query(ctx, plan.Plan{
			Lens:   everything,
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
			former := row[0].Scalar()
			begun := stoppedRegrades(loads, id, rankOf(former))
			if former == now.reliability && len(begun) == 0 && row[1].Int == now.tlp && slices.Equal(held, now.compartments) {
				continue
			}
			now.formers = []any{former}
			for _, rank := range begun {
				now.formers = append(now.formers, gradeOf(rank))
			}
			l.regraded[id] = now
			if to := rankOf(now.reliability); to != rankOf(former) || len(begun) > 0 {
				changing[id] = store.Regrade{From: rankOf(former), To: append(begun, to)}
			}
		}
	}
	l.account.regrades(ids, changing)
	if l.options.DryRun || len(others) == 0 {
		return nil
	}
	b := l.account.batch()
	b.Others = others
	if _, err := l.store.Apply(ctx, b); err != nil {
		return fmt.Errorf("take over from stopped loads: %w", err)
	}
	return nil
}

// takenOver are the other loads that were about to give some sources other grades, without those: from now on it is this load's account that
// tells which grades their copies may have.
func takenOver(loads []store.Load, by string, ids []string) (out []store.Load) {
	for _, l := range loads {
		if left := without(l.Regrades, ids); l.Name != by && len(left) < len(l.Regrades) {
			l.Regrades = left
			out = append(out, l)
		}
	}
	return out
}

// without leaves out some sources, whose ids are in order. It may be nil.
func without(regrades map[string]store.Regrade, ids []string) map[string]store.Regrade {
	var left map[string]store.Regrade
	for id, r := range regrades {
		if _, out := slices.BinarySearch(ids, id); out {
			continue
		}
		if left == nil {
			left = map[string]store.Regrade{}
		}
		left[id] = r
	}
	return left
}

// stoppedRegrades are the grades that loads were about to give a source, which still has the one it had then.
func stoppedRegrades(loads []store.Load, id string, held int64) (to []int64) {
	for _, l := range loads {
		if r, changing := l.Regrades[id]; changing && r.From == held {
			to = append(to, r.To...)
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}

func rankOf(grade any) int64 { rank, _ := grade.(int64); return rank }

func gradeOf(rank int64) any {
	if rank == 0 {
		return nil
	}
	return rank
}

// regrade brings the copies of changed sources up to date, in statements and records of every data set: the reliability becomes the
// source's where it was the source's before, so that a row keeps one that it gave itself; marks rise to it. A mark that sank leaves what is
// marked higher as it is until that is loaded again.
//
// Copies are written before the sources themselves, and those of sources of sources before those: whatever stops a load, the next one
// still finds the source as it was, and begins again. If that one brings another grade, the load's account tells it which one the copies may
// have meanwhile.
func (l *load) regrade(ctx context.Context) error {
	if l.options.DryRun || len(l.regraded) == 0 {
		return nil
	}
	levels := []map[string]mark{l.regraded}
	for {
		further, err := l.further(ctx, levels[len(levels)-1])
		if err != nil {
			return fmt.Errorf("read sources of changed sources: %w", err)
		}
		if len(further) == 0 {
			break
		}
		levels = append(levels, further)
	}
	for _, changed := range slices.Backward(levels) {
		for _, of := range []plan.Sort{plan.AllNodes, plan.AllClaims} {
			if err := l.copyOut(ctx, of, changed); err != nil {
				return fmt.Errorf("bring statements of changed sources up to date: %w", err)
			}
		}
	}
	return nil
}

// further finds the sources that change with some others, and whose own copies change in turn.
func (l *load) further(ctx context.Context, changed map[string]mark) (map[string]mark, error) {
	out := map[string]mark{}
	sources := l.model.Claim.Property("source").Reference
	for r, err := range l.store.Walk(ctx, plan.Walk{Of: plan.AllNodes, Only: []string{"source", "reliability", "tlp", "compartments"}}) {
		if err != nil {
			return nil, err
		}
		if _, known := l.regraded[r.Node.ID()]; known || r.Node.Kind.Name != sources.Name || !regraded(changed, sources, r.Node.Values) {
			continue
		}
		grade := r.Node.Values[sources.Property("reliability").Position]
		m := mark{reliability: grade, formers: []any{grade}}
		m.tlp, _ = r.Node.Values[sources.Property("tlp").Position].(int64)
		m.compartments, _ = r.Node.Values[sources.Property("compartments").Position].([]string)
		out[r.Node.ID()], l.regraded[r.Node.ID()] = m, m
	}
	return out, nil
}

// copyOut brings nodes or claims up to date that have some changed sources.
func (l *load) copyOut(ctx context.Context, of plan.Sort, changed map[string]mark) error {
	_, err := pass(ctx, l.store, plan.Walk{Of: of}, func(r store.Record) bool {
		if r.Node != nil {
			return regraded(changed, r.Node.Kind, r.Node.Values)
		}
		return regraded(changed, l.model.Claim, r.Claim.Values)
	}, func(records []store.Record) error {
		var b store.Batch
		for _, r := range records {
			if r.Node != nil {
				b.Nodes = append(b.Nodes, *r.Node)
			} else {
				b.Claims = append(b.Claims, *r.Claim)
			}
		}
		return l.rewrite(ctx, b)
	})
	return err
}

// rewrite writes records as they are, on the load's account but not as what it states.
func (l *load) rewrite(ctx context.Context, b store.Batch) error {
	b.Load = l.account.batch().Load
	changes, err := l.store.Apply(ctx, b)
	if err != nil {
		return fmt.Errorf("write records of other loads: %w", err)
	}
	l.report.Changes.Add(changes)
	return nil
}

// regraded changes the values of a record whose source changed, and says whether any did.
func regraded(changed map[string]mark, kind *ontology.Kind, values []any) bool {
	id, _ := values[kind.Property("source").Position].(string)
	now, named := changed[id]
	if !named {
		return false
	}
	tlp, compartments := kind.Property("tlp").Position, kind.Property("compartments").Position
	own, _ := values[tlp].(int64)
	held, _ := values[compartments].([]string)
	m := mark{tlp: own, compartments: held}.under(now)
	differs := m.tlp != own || !slices.Equal(m.compartments, held)
	values[tlp], values[compartments] = m.tlp, m.compartments
	if grade := kind.Property("reliability"); kind.Statement && slices.Contains(now.formers, values[grade.Position]) {
		differs = differs || values[grade.Position] != now.reliability
		values[grade.Position] = now.reliability
	}
	return differs
}
