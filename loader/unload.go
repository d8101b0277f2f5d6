package loader

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Removal says what unloading did.
type Removal struct {
	// Load is the name of the load.
	Load string `json:"load"`
	// DryRun says that nothing was written.
	DryRun bool `json:"dryRun"`
	// Claims and Nodes were taken away: no other load states them.
	Claims int `json:"claims"`
	Nodes  int `json:"nodes"`
	// Shared records stay, as other loads state them too.
	Shared int `json:"shared"`
	// Kept nodes stay, as other records name them. They go with the last of those.
	Kept int `json:"kept"`
}

// UnloadOptions say how to unload. The zero value unloads.
type UnloadOptions struct {
	DryRun bool
	// Run names this run among all; Now is the clock. Both have defaults.
	Run string
	Now func() time.Time
	// OnWait, if set, is told while another load is under way.
	OnWait func(*store.Error)
}

// Unload takes away what only one load states, in whole batches. What other loads state stays, as do nodes that other records name. An
// unload that was interrupted is completed by the next one. The error is a *NoLoad where the store holds no load of that name, and a *Refusal
// where the load was stopped while it changed the grade of a source.
func Unload(ctx context.Context, model *ontology.Model, from Store, name string, options UnloadOptions) (Removal, error) {
	options.Run, options.Now = defaults(options.Run, options.Now)
	out := Removal{Load: name, DryRun: options.DryRun}
	loads, err := from.Loads(ctx)
	if err != nil {
		return out, fmt.Errorf("loads: %w", err)
	}
	l, err := find(loads, name, "")
	if err != nil {
		return out, err
	}
	if l.Name != name {
		return out, &NoLoad{Name: name, Known: []string{l.Name}}
	}
	u := &unloading{model: model, store: from, load: name, removal: &out}
	// Before anything is written, and again when no other load is under way.
	if err := u.settled(ctx, l); err != nil {
		return out, err
	}
	l.Run, l.State = options.Run, store.LoadRemoving
	a := &account{store: from, now: options.Now, load: l, earlier: l}
	if options.DryRun {
		return out, u.foresee(ctx, options)
	}
	removing, stop, err := a.begin(ctx, options.OnWait)
	if err != nil {
		return out, err
	}
	if err = u.settled(removing, a.earlier); err == nil {
		err = u.run(removing, a)
	}
	stop()
	if err == nil {
		return out, a.end(ctx, store.LoadGone, store.Changes{})
	}
	if lost := a.why(); lost != nil {
		return out, fmt.Errorf("unload %s: %w", name, lost)
	}
	_ = a.end(ctx, store.LoadStopped, store.Changes{})
	return out, fmt.Errorf("unload %s: %w", name, err)
}

type unloading struct {
	model   *ontology.Model
	store   Store
	load    string
	removal *Removal
}

// settled refuses to forget a load that was stopped while it changed the grade of a source: its account alone tells which grades the copies
// may have.
func (u *unloading) settled(ctx context.Context, l store.Load) error {
	sources := u.model.Claim.Property("source").Reference
	node := plan.Node{Kind: sources, Columns: []plan.Column{{Property: sources.Property("reliability")}}}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(l.Regrades)), lookupSize) {
		answer, err := u.store.Query(ctx, plan.Plan{Lens: everything, Lookup: &plan.Lookup{IDs: ids, Node: node}})
		if err != nil {
			return fmt.Errorf("look up sources: %w", err)
		}
		for i, id := range ids {
			if row := answer.List[i].List; row != nil && rankOf(row[0].Scalar()) == l.Regrades[id].From {
				return &Refusal{
					File: u.load, Reason: "it was stopped while it changed the grade of " + id + " in what other loads state",
					Fix: "load it again to its end, then unload it",
				}
			}
		}
	}
	return nil
}

// run takes claims away, then nodes, while it walks over what the load states.
func (u *unloading) run(ctx context.Context, on *account) error {
	remove := func(records []store.Record) error {
		b := on.batch()
		b.Removed = records
		_, err := u.store.Apply(ctx, b)
		return err
	}
	shared, err := pass(ctx, u.store, u.walk(plan.AllClaims), u.goes, func(claims []store.Record) error {
		u.removal.Claims += len(claims)
		return remove(claims)
	})
	if err != nil {
		return err
	}
	u.removal.Shared = shared
	going, err := u.leaves(ctx)
	if err != nil {
		return err
	}
	for ids := range going.batches(batchSize) {
		nodes := make([]store.Record, len(ids))
		for i, id := range ids {
			nodes[i] = store.Record{Node: &store.Node{Kind: u.model.KindOf(id), Values: []any{id}}}
		}
		if err := remove(nodes); err != nil {
			return err
		}
		u.removal.Nodes += len(nodes)
	}
	return nil
}

// leaves finds the nodes that go, and counts those that stay.
func (u *unloading) leaves(ctx context.Context) (*leaving, error) {
	going, others, err := leave(ctx, u.store, u.model, u.walk(plan.AllNodes), u.goes, func(r store.Record) bool { return !u.goes(r) })
	if err != nil {
		return nil, err
	}
	u.removal.Shared += others
	u.removal.Kept = going.kept
	return going, nil
}

// walk is over what the load states, and what no load states any longer.
func (u *unloading) walk(of plan.Sort) plan.Walk {
	return plan.Walk{Of: of, Only: references(u.model), Stated: []string{u.load}}
}

// goes says whether a record goes with the load: no other states it.
func (u *unloading) goes(r store.Record) bool {
	return r.Loads != nil && !slices.ContainsFunc(r.Loads, func(name string) bool { return name != u.load })
}

// everything lets all records pass: whoever loads into a store can read it.
var everything = plan.Lens{Record: plan.Record{All: true}}
