package loader

import (
	"context"
	"fmt"
	"slices"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// retract marks what the load before stated and this one does not, as retracted on the day this one was retrieved: its claims, and nodes
// of which no record that is still current speaks. Where rows are rejected nothing is, as they may state what seems to have vanished.
func (l *load) retract(ctx context.Context) error {
	if l.since == nil || l.options.DryRun || l.report.Rejected > 0 {
		return nil
	}
	for {
		claims, more, err := l.vanishedClaims(ctx)
		if err != nil {
			return err
		}
		if err := l.rewriteAll(ctx, store.Batch{Claims: claims}); err != nil {
			return err
		}
		l.report.Retracted += len(claims)
		if !more {
			break
		}
	}
	nodes, err := l.vanishedNodes(ctx)
	if err != nil {
		return err
	}
	l.report.Retracted += len(nodes)
	return l.rewriteAll(ctx, store.Batch{Nodes: nodes})
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

// vanishedClaims gathers claims that vanished, retracted, and says whether there may be more.
func (l *load) vanishedClaims(ctx context.Context) (out []store.Claim, more bool, err error) {
	for r, err := range l.store.Stream(ctx, plan.Records{Lens: everything, Loads: true}) {
		if err != nil {
			return nil, false, fmt.Errorf("read what the load before stated: %w", err)
		}
		if r.Claim == nil || !l.vanished(r) {
			continue
		}
		c := *r.Claim
		c.Values = slices.Clone(c.Values)
		c.Values[l.model.Claim.Property("retractedAt").Position] = l.retrieved
		out = append(out, c)
		if len(out) == held {
			return out, true, nil
		}
	}
	return out, false, nil
}

// vanishedNodes gathers nodes that vanished and that no current record names, retracted.
func (l *load) vanishedNodes(ctx context.Context) ([]store.Node, error) {
	gone := map[string]store.Record{}
	for r, err := range l.store.Stream(ctx, plan.Records{Lens: everything, Loads: true}) {
		if err != nil {
			return nil, fmt.Errorf("read what the load before stated: %w", err)
		}
		if r.Node == nil {
			break // nodes come first
		}
		if l.vanished(r) {
			gone[r.Node.ID()] = r
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	kept, err := keptBy(ctx, l.model, l.store, gone, func(r store.Record) bool { return !l.retracted(r) })
	if err != nil {
		return nil, fmt.Errorf("read what speaks of vanished nodes: %w", err)
	}
	var out []store.Node
	for _, r := range namersFirst(l.model, gone) {
		n := *r.Node
		if kept[n.ID()] {
			continue
		}
		n.Values = slices.Clone(n.Values)
		n.Values[n.Kind.Property("retractedAt").Position] = l.retrieved
		out = append(out, n)
	}
	return out, nil
}

// rewriteAll writes records as they are, in batches, on the load's account but not as what it states.
func (l *load) rewriteAll(ctx context.Context, b store.Batch) error {
	for nodes := range slices.Chunk(b.Nodes, batchSize) {
		if err := l.rewrite(ctx, store.Batch{Nodes: nodes}); err != nil {
			return err
		}
	}
	for claims := range slices.Chunk(b.Claims, batchSize) {
		if err := l.rewrite(ctx, store.Batch{Claims: claims}); err != nil {
			return err
		}
	}
	return nil
}
