package loader

import (
	"context"
	"fmt"
	"slices"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// retract marks what the load before stated and this one does not, as retracted on the day this one was retrieved: its claims, and nodes
// of which no record that is still current speaks. Where rows are rejected, or left out, nothing is, as they may state what seems to have vanished.
func (l *load) retract(ctx context.Context) error {
	if l.since == nil || l.options.DryRun {
		return nil
	}
	l.report.NotRetracted = l.leftOut()
	if l.report.Rejected > 0 {
		l.report.NotRetracted = "rows are rejected, which may state what seems to have vanished; correct them and load again with the same --since"
	}
	if l.report.NotRetracted != "" {
		return nil
	}
	rewrite := func(records []store.Record) error {
		var b store.Batch
		for _, r := range records {
			if r.Claim != nil {
				r.Claim.Values[l.model.Claim.Property("retractedAt").Position] = l.retrieved
				b.Claims = append(b.Claims, *r.Claim)
				continue
			}
			r.Node.Values[r.Node.Kind.Property("retractedAt").Position] = l.retrieved
			b.Nodes = append(b.Nodes, *r.Node)
		}
		l.report.Retracted += len(records)
		return l.rewrite(ctx, b)
	}
	if _, err := pass(ctx, l.store, plan.Walk{Of: plan.AllClaims, Stated: l.since[:1]}, l.vanished, rewrite); err != nil {
		return fmt.Errorf("retract what vanished: %w", err)
	}
	nodes := plan.Walk{Of: plan.AllNodes, Stated: l.since[:1]}
	named := plan.Walk{Of: plan.AllNodes, Stated: l.since[:1], Only: append(references(l.model), "retractedAt")}
	going, _, err := leave(ctx, l.store, l.model, named, l.vanished, func(r store.Record) bool { return !l.retracted(r) && !l.vanished(r) })
	if err != nil {
		return fmt.Errorf("find the nodes that vanished: %w", err)
	}
	if going.count() == 0 {
		return nil
	}
	if _, err := pass(ctx, l.store, nodes, func(r store.Record) bool { return going.holds(r.Node.ID()) }, rewrite); err != nil {
		return fmt.Errorf("retract what vanished: %w", err)
	}
	return nil
}

// leftOut says why a load of rejected rows does not stand for the whole of its data set: it has not read as many as were rejected.
func (l *load) leftOut() string {
	if !l.contents.rejects() {
		return ""
	}
	const fix = "; load all files of rejected rows at once, with the same --since"
	read := 0
	for _, f := range l.contents.files() {
		if f.rejects {
			read += l.report.Files[f.report].Rows
		}
	}
	switch before := l.account.earlier; {
	case before.Name == "":
		return "the store does not have the load that rejected these rows" + fix
	case read < before.Rejected:
		return fmt.Sprintf("%d rows were rejected, and %d of them are given%s", before.Rejected, read, fix)
	default:
		return ""
	}
}

// countKept notes how far the load is. Rejected rows are part of a load whose counts stay until all of them are read.
func (l *load) countKept() {
	if !l.contents.rejects() {
		l.account.count(&l.report)
	}
}

// vanished says whether the load before states a record that is not retracted yet, and no load does but that one and those before it.
func (l *load) vanished(r store.Record) bool {
	return slices.Contains(r.Loads, l.since[0]) && !l.retracted(r) &&
		!slices.ContainsFunc(r.Loads, func(name string) bool { return !slices.Contains(l.since, name) })
}

func (l *load) retracted(r store.Record) bool {
	kind, values := l.model.Claim, []any(nil)
	if r.Claim != nil {
		values = r.Claim.Values
	} else {
		kind, values = r.Node.Kind, r.Node.Values
	}
	return values[kind.Property("retractedAt").Position] != nil
}
