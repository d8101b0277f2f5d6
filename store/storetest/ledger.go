package storetest

import (
	"maps"
	"slices"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Ledger keeps, as naively as can be, which loads state which records, for stores of tests and as what real ones are compared with.
type Ledger struct {
	// Stated are the names of the loads that state a record, in order, by its id.
	Stated map[string][]string
	// Loads by name.
	Loads map[string]store.Load
	// Lease is the load under way, Now the clock.
	Lease store.Lease
	Now   func() time.Time
}

// NewLedger makes an empty one.
func NewLedger() Ledger {
	return Ledger{Stated: map[string][]string{}, Loads: map[string]store.Load{}, Now: time.Now}
}

// Admits says whether a batch may be written while another load is under way.
func (l *Ledger) Admits(b store.Batch) error {
	if b.Load == nil {
		return nil
	}
	return l.Lease.Admits(b.Load, l.Now().UnixMilli())
}

// Keep notes how far the load of a batch is.
func (l *Ledger) Keep(b store.Batch) {
	if b.Load == nil {
		return
	}
	kept := *b.Load
	l.Lease = store.LeaseOf(b.Load, l.Now().UnixMilli())
	if kept.State == store.LoadGone {
		delete(l.Loads, kept.Name)
		for id, names := range l.Stated {
			l.Stated[id] = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == kept.Name })
		}
		return
	}
	l.Loads[kept.Name] = kept
	for _, other := range b.Others {
		l.Loads[other.Name] = other
	}
}

// Settled gives the values that a record has after the batch, of which others are held.
func (l *Ledger) Settled(b store.Batch, k *ontology.Kind, values, held []any) []any {
	if !b.Stated {
		return values
	}
	return b.Load.Settle(k, values, store.Standing{
		Recorded: held[k.Property("recordedAt").Position], Retracted: held[k.Property("retractedAt").Position],
		Others: slices.ContainsFunc(l.Stated[held[0].(string)], func(name string) bool { return name != b.Load.Name }),
	})
}

// State notes that the batch's load states a record.
func (l *Ledger) State(b store.Batch, id string) {
	if b.Stated && !slices.Contains(l.Stated[id], b.Load.Name) {
		l.Stated[id] = append(slices.Clone(l.Stated[id]), b.Load.Name)
		slices.Sort(l.Stated[id])
	}
}

// List gives the loads by name.
func (l *Ledger) List() []store.Load {
	var out []store.Load
	for _, name := range slices.Sorted(maps.Keys(l.Loads)) {
		out = append(out, l.Loads[name])
	}
	return out
}
