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
			if err := wait(ctx, busy, options.OnWait); err != nil {
				return err
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

// count counts what would go.
func (u *unloading) count(ctx context.Context) error {
	var err error
	if u.removal.Shared, err = pass(ctx, u.store, u.walk(plan.AllClaims), u.goes, func(claims []store.Record) error {
		u.removal.Claims += len(claims)
		return nil
	}); err != nil {
		return err
	}
	going, err := u.leaves(ctx)
	if err != nil {
		return err
	}
	u.removal.Nodes = going.count()
	return nil
}
