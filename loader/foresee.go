package loader

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// foresee counts what an unload would do. It waits while a load is under way, as the unload would, and counts again where one began meanwhile.
func (u *unloading) foresee(ctx context.Context, options UnloadOptions) error {
	for {
		loads, err := u.store.Loads(ctx)
		if err != nil {
			return fmt.Errorf("loads: %w", err)
		}
		if busy := underWay(loads, options.Now()); busy != nil {
			if options.OnWait != nil {
				options.OnWait(busy)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(askEvery):
			}
			continue
		}
		if _, err := find(loads, u.load, ""); err != nil {
			return err
		}
		*u.removal = Removal{Load: u.load, DryRun: true}
		if err := u.count(ctx); err != nil {
			return err
		}
		after, err := u.store.Loads(ctx)
		if err != nil {
			return fmt.Errorf("loads: %w", err)
		}
		if slices.EqualFunc(loads, after, func(a, b store.Load) bool { return a.Name == b.Name && a.State == b.State && a.Heard.Equal(b.Heard) }) {
			return nil
		}
	}
}

// underWay is the refusal of a load that is under way, or nil.
func underWay(loads []store.Load, now time.Time) *store.Error {
	for _, l := range loads {
		if (l.State == store.LoadRunning || l.State == store.LoadRemoving) && now.Sub(l.Heard) <= store.LoadLease {
			return store.Errorf(store.CodeBusy, l.Name, "wait until it has ended", "%w", store.ErrUnderWay)
		}
	}
	return nil
}

// count counts what would go. Unlike an unload it remembers the nodes that would, by their ids, as the store still holds them.
func (u *unloading) count(ctx context.Context) error {
	var err error
	none := func([]store.Record) error { return nil }
	if u.removal.Shared, err = pass(ctx, u.store, u.walk(plan.AllClaims), u.goes, func(claims []store.Record) error {
		u.removal.Claims += len(claims)
		return nil
	}); err != nil {
		return err
	}
	// going are the nodes that would go, with those that they name.
	going := map[string][]string{}
	others, err := pass(ctx, u.store, u.walk(plan.AllNodes), func(r store.Record) bool {
		goes := u.goes(r)
		if goes {
			going[r.Node.ID()] = namesOf(u.model, r)
		}
		return goes
	}, none)
	if err != nil {
		return err
	}
	u.removal.Shared += others
	kept := map[string]bool{}
	var found []string
	keep := func(named []string) {
		for _, id := range named {
			if _, is := going[id]; is && !kept[id] {
				kept[id], found = true, append(found, id)
			}
		}
	}
	for _, of := range []plan.Sort{plan.AllNodes, plan.AllClaims} {
		if len(going) == 0 {
			break
		}
		if _, err := pass(ctx, u.store, plan.Walk{Of: of, Only: references(u.model)}, func(r store.Record) bool {
			if !u.goes(r) {
				keep(namesOf(u.model, r))
			}
			return false
		}, none); err != nil {
			return err
		}
	}
	for ; len(found) > 0; found = found[1:] {
		keep(going[found[0]])
	}
	u.removal.Nodes, u.removal.Kept = len(going)-len(kept), len(kept)
	return nil
}
