package loader

import (
	"context"
	"fmt"
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
// unload that was interrupted is completed by the next one. The error is a *NoLoad where the store holds no load of that name.
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
	l.Run, l.State = options.Run, store.LoadRemoving
	a := &account{store: from, now: options.Now, load: l, earlier: l}
	u := &unloading{model: model, store: from, account: a, load: name, dry: options.DryRun, removal: &out}
	if options.DryRun {
		return out, u.run(ctx)
	}
	removing, release, err := a.begin(ctx, options.OnWait)
	if err != nil {
		return out, err
	}
	err = u.run(removing)
	release()
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
	account *account
	load    string
	dry     bool
	removal *Removal
}

// held is how many records are remembered at a time between reading and writing.
const held = 200_000

func (u *unloading) run(ctx context.Context) error {
	for {
		claims, more, err := u.claims(ctx)
		if err != nil {
			return err
		}
		u.removal.Claims += len(claims)
		if err := u.remove(ctx, claims); err != nil {
			return err
		}
		if !more {
			break
		}
	}
	nodes, err := u.nodes(ctx)
	if err != nil {
		return err
	}
	u.removal.Nodes = len(nodes)
	return u.remove(ctx, nodes)
}

// goes says whether a record goes with the load: no other states it.
func (u *unloading) goes(r store.Record) bool {
	return r.Loads != nil && !slices.ContainsFunc(r.Loads, func(name string) bool { return name != u.load })
}

// claims gathers claims that go, and says whether there may be more.
func (u *unloading) claims(ctx context.Context) (out []store.Record, more bool, err error) {
	u.removal.Shared = 0
	for r, err := range u.store.Stream(ctx, plan.Records{Lens: everything, Only: []string{}, Loads: true}) {
		if err != nil {
			return nil, false, err
		}
		switch goes := u.goes(r); {
		case !goes && slices.Contains(r.Loads, u.load):
			u.removal.Shared++
		case goes && r.Claim != nil && u.dry:
			u.removal.Claims++
		case goes && r.Claim != nil:
			out = append(out, r)
			if len(out) == held {
				return out, true, nil
			}
		}
	}
	return out, false, nil
}

// nodes gathers the nodes that go and that nothing else names, each before those that it names.
func (u *unloading) nodes(ctx context.Context) ([]store.Record, error) {
	candidates := map[string]store.Record{}
	for r, err := range u.store.Stream(ctx, plan.Records{Lens: everything, Only: references(u.model), Loads: true}) {
		if err != nil {
			return nil, err
		}
		if r.Node == nil {
			break // nodes come first
		}
		if u.goes(r) {
			candidates[r.Node.ID()] = r
		}
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	kept, err := keptBy(ctx, u.model, u.store, candidates, func(r store.Record) bool { return r.Claim == nil || !u.dry || !u.goes(r) })
	if err != nil {
		return nil, err
	}
	u.removal.Kept = len(kept)
	for id := range kept {
		delete(candidates, id)
	}
	return namersFirst(u.model, candidates), nil
}

// remove takes records away in batches.
func (u *unloading) remove(ctx context.Context, records []store.Record) error {
	if u.dry {
		return nil
	}
	for part := range slices.Chunk(records, batchSize) {
		b := u.account.batch()
		b.Removed = part
		if _, err := u.store.Apply(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// everything lets all records pass: whoever loads into a store can read it.
var everything = plan.Lens{Record: plan.Record{All: true}}
