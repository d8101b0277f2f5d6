package loader

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// keeper is what keeping a load's account needs of a store.
type keeper interface {
	Apply(ctx context.Context, b store.Batch) (store.Changes, error)
	Loads(ctx context.Context) ([]store.Load, error)
}

// account is the record of a load that the store keeps with every batch. It is safe for concurrent use.
type account struct {
	store keeper
	now   func() time.Time
	// began is when this run did, earlier what the store keeps of the runs before it.
	began   time.Time
	earlier store.Load

	mu   sync.Mutex
	load store.Load
	// lost is why the load may not go on.
	lost error
}

// how often a load that has nothing to write shows that it is alive, and how often one that waits asks again.
const (
	aliveEvery = store.LoadLease / 4
	askEvery   = store.LoadLease / 40
)

// begin takes the lease, waiting for a load that is under way, and keeps it until end. The context returned ends where the lease is lost.
// What the store keeps of earlier runs is taken over, as it is once no other load is under way.
func (a *account) begin(ctx context.Context, waiting func(*store.Error)) (_ context.Context, release func(), err error) {
	for {
		held, err := a.store.Loads(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("loads: %w", err)
		}
		a.resume(held)
		a.began = a.now()
		a.load.Began, a.load.Begins = a.began, true
		_, err = a.store.Apply(ctx, a.batch())
		if err == nil {
			break
		}
		busy, is := errors.AsType[*store.Error](err)
		if !is || !errors.Is(err, store.ErrUnderWay) {
			return nil, nil, fmt.Errorf("begin load %s: %w", a.load.Name, err)
		}
		if err := wait(ctx, busy, waiting); err != nil {
			return nil, nil, err
		}
	}
	a.load.Begins = false
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { a.stayAlive(ctx, cancel) })
	return ctx, func() { cancel(); beating.Wait() }, nil
}

// wait lets some time pass while another load is under way.
func wait(ctx context.Context, busy *store.Error, waiting func(*store.Error)) error {
	if waiting != nil {
		waiting(busy)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(askEvery):
		return nil
	}
}

// resume takes over what the store keeps of earlier runs of the load.
func (a *account) resume(held []store.Load) {
	for _, l := range held {
		if l.Name == a.load.Name {
			a.earlier = l
			a.load.Changes, a.load.Since, a.load.Regrades = l.Changes, cmp.Or(a.load.Since, l.Since), l.Regrades
			a.load.Rows, a.load.Accepted, a.load.Rejected = l.Rows, l.Accepted, l.Rejected
		}
	}
}

// continues notes the load before.
func (a *account) continues(before string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.load.Since = before
}

// regrades notes which of some sources, whose ids are in order, are changing their grades.
func (a *account) regrades(ids []string, changing map[string]store.Regrade) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// A batch that is being written has the map of before.
	all := without(a.load.Regrades, ids)
	if all == nil {
		all = map[string]store.Regrade{}
	}
	maps.Copy(all, changing)
	a.load.Regrades = all
}

// regraded notes that they are changed.
func (a *account) regraded(changed map[string]mark) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.load.Regrades = without(a.load.Regrades, slices.Sorted(maps.Keys(changed)))
}

// stayAlive renews the lease until the load ends.
func (a *account) stayAlive(ctx context.Context, cancel func()) {
	beat := time.NewTicker(aliveEvery)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			_, err := a.store.Apply(ctx, a.batch())
			if errors.Is(err, store.ErrGivenUp) || errors.Is(err, store.ErrUnderWay) {
				a.mu.Lock()
				a.lost = err
				a.mu.Unlock()
				cancel()
				return
			}
			// Any other failure is met by the next batch, which says so.
		}
	}
}

// batch is one without records, on the load's account.
func (a *account) batch() store.Batch {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.load
	now.Heard = a.now()
	now.Took = a.earlier.Took + now.Heard.Sub(a.began)
	if !a.earlier.Began.IsZero() {
		now.Began = a.earlier.Began
	}
	return store.Batch{Load: &now}
}

// count notes how far the load is.
func (a *account) count(r *Report) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.load.Rows, a.load.Accepted, a.load.Rejected = r.Rows, r.Accepted, r.Rejected
}

// end lets others write. The store is told even where the caller gave up, as far as it can be in a short time.
func (a *account) end(ctx context.Context, state store.LoadState, changes store.Changes) error {
	a.mu.Lock()
	a.load.State = state
	a.load.Changes.Add(changes)
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), store.LoadLease/2)
	defer cancel()
	if _, err := a.store.Apply(ctx, a.batch()); err != nil {
		return fmt.Errorf("end load %s: %w", a.load.Name, err)
	}
	return nil
}

// why is why the load may not go on, if that is so.
func (a *account) why() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lost
}

// newAccount makes the account of a data set that is about to be loaded.
func newAccount(to keeper, m Manifest, retrieved int64, options Options) (*account, error) {
	manifest, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return &account{store: to, now: options.Now, load: store.Load{
		Name: m.LoadName(), Run: options.Run, State: store.LoadRunning, Retrieved: retrieved, Manifest: manifest,
	}}, nil
}

// LoadName is the name under which a store keeps what the data set states: its id and version, or day of retrieval where it has none.
func (m *Manifest) LoadName() string { return m.ID + "@" + cmp.Or(m.Version, m.Retrieved) }

// hash tells data sets apart: all of their files, and what their rows mean. 16 hexadecimal digits.
func (c *contents) hash(set Dataset) (string, error) {
	h := sha256.New()
	note := func(text string) { fmt.Fprintf(h, "%d:%s", len(text), text) }
	note(c.manifest.Retrieved)
	names := []string{ManifestFile}
	if set.Mapping != nil {
		names = nil
		note(string(set.Mapping.Text))
	}
	for _, f := range slices.Concat(c.nodes, c.claims) {
		if f.size > 0 && !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	for _, name := range names {
		note(name)
		if err := hashFile(h, set, name); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func hashFile(h hash.Hash, set Dataset, name string) error {
	f, err := set.Files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.Copy(h, f)
	fmt.Fprintf(h, ":%d", n)
	return err
}

// find finds a load by its name, or by the id of its data set: then it is the one that began last, but for the one named except.
func find(loads []store.Load, name, except string) (store.Load, error) {
	var found store.Load
	var names []string
	for _, l := range loads {
		if l.Name == name {
			return l, nil
		}
		if datasetOf(l.Name) == name && l.Name != except && !l.Began.Before(found.Began) {
			found = l
		}
		names = append(names, l.Name)
	}
	if found.Name == "" {
		return found, &NoLoad{Name: name, Known: names}
	}
	return found, nil
}

// datasetOf is the id of the data set of a load, which holds no @.
func datasetOf(load string) string {
	id, _, _ := strings.Cut(load, "@")
	return id
}

// NoLoad says that a store holds no load of that name.
type NoLoad struct {
	Name  string
	Known []string
}

func (e *NoLoad) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("the store holds no load %q, nor any other", e.Name)
	}
	return fmt.Sprintf("the store holds no load %q%s", e.Name, ontology.Suggest(e.Name, e.Known))
}
