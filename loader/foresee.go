package loader

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	going := &leaving{places: map[string]int32{}}
	others, err := pass(ctx, u.store, u.walk(plan.AllNodes), func(r store.Record) bool {
		goes := u.goes(r)
		if goes {
			going.add(r.Node.ID(), namesOf(u.model, r))
		}
		return false
	}, none)
	if err != nil {
		return err
	}
	u.removal.Shared += others - going.count
	for _, of := range []plan.Sort{plan.AllNodes, plan.AllClaims} {
		if going.count == 0 {
			break
		}
		if _, err := pass(ctx, u.store, plan.Walk{Of: of, Only: references(u.model)}, func(r store.Record) bool {
			if !u.goes(r) {
				going.keep(namesOf(u.model, r))
			}
			return false
		}, none); err != nil {
			return err
		}
	}
	u.removal.Kept = going.kept()
	u.removal.Nodes = going.count - u.removal.Kept
	return nil
}

// leaving remembers nodes that would go, and what they name, in some 100 bytes each.
type leaving struct {
	places map[string]int32
	nodes  []struct{ goes, stays bool }
	names  []struct{ by, named int32 }
	// count is how many go, unless something keeps them.
	count int
}

func (l *leaving) of(id string) int32 {
	at, known := l.places[id]
	if !known {
		at = int32(len(l.nodes))
		l.places[strings.Clone(id)] = at
		l.nodes = append(l.nodes, struct{ goes, stays bool }{})
	}
	return at
}

func (l *leaving) add(id string, named []string) {
	at := l.of(id)
	l.nodes[at].goes = true
	l.count++
	for _, other := range named {
		l.names = append(l.names, struct{ by, named int32 }{at, l.of(other)})
	}
}

// keep notes that a record that stays names some nodes.
func (l *leaving) keep(named []string) {
	for _, id := range named {
		if at, known := l.places[id]; known {
			l.nodes[at].stays = true
		}
	}
}

// kept counts the nodes that stay after all, as does what they name in turn.
func (l *leaving) kept() (count int) {
	for more := true; more; {
		more = false
		for _, n := range l.names {
			if l.nodes[n.by].stays && !l.nodes[n.named].stays {
				l.nodes[n.named].stays, more = true, true
			}
		}
	}
	for _, n := range l.nodes {
		if n.goes && n.stays {
			count++
		}
	}
	return count
}
