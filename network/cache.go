package network

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// DefaultMemory is how much the networks of a cache take at most.
const DefaultMemory = 1 << 30

// Cache keeps networks by lens at the newest revision. Whoever asks gets a network that is at least as new as the store was when he
// asked; callers that ask for the same share one reading. While a load changes the store all the time, a caller waits for the reading under way
// and one more at most.
type Cache struct {
	model  *ontology.Model
	source Changing
	memory int64
	// turn lets one network be made at a time, so that making them takes no more memory than one of them does, beside the one that it is renewed from.
	turn chan struct{}

	mu      sync.Mutex
	entries map[string]*entry
	held    int64 // bytes of the networks in entries
	uses    int64
}

// entry is what a cache knows of a lens.
type entry struct {
	lens plan.Lens
	// network is the newest that was read, which may be outdated; nil where there is none, or it is being read anew from the beginning.
	network *Network
	bytes   int64
	// now is the reading under way, next the one that comes after it for those whom it would come too early.
	now, next *reading
	used      int64 // in order of use
	usedAt    time.Time
	// watched counts those who hold on to the network, whoever asks for it.
	watched int
}

// reading is one reading of a network, which goes on while somebody waits for it.
type reading struct {
	ctx     context.Context
	cancel  context.CancelFunc
	waiting int
	// began says that it looked at the store, at that revision or a later one; before, it will be new enough for all who join.
	began    bool
	revision int64

	done    chan struct{}
	network *Network
	err     error
}

// NewCache makes a cache over a store. memory bounds what the networks in it take, in bytes; 0 means DefaultMemory.
func NewCache(model *ontology.Model, source Changing, memory int64) *Cache {
	if memory == 0 {
		memory = DefaultMemory
	}
	return &Cache{model: model, source: source, memory: memory, turn: make(chan struct{}, 1), entries: map[string]*entry{}}
}

// Network gives the network that a lens lets through. The error is the store's, the context's, or a *TooLargeError.
func (c *Cache) Network(ctx context.Context, lens plan.Lens) (*Network, error) {
	key, err := lensKey(lens)
	if err != nil {
		return nil, err
	}
	revision, err := c.source.Revision(ctx)
	if err != nil {
		return nil, err
	}
	return c.network(ctx, key, lens, revision, true)
}

// lensKey tells lenses apart.
func lensKey(lens plan.Lens) (string, error) {
	key, err := json.Marshal(lens)
	if err != nil {
		return "", fmt.Errorf("network: lens: %w", err)
	}
	return string(key), nil
}

// network gives a network that is at least as new as a revision. use says that it is asked for, and not only kept new.
func (c *Cache) network(ctx context.Context, key string, lens plan.Lens, revision int64, use bool) (*Network, error) {
	c.mu.Lock()
	e := c.entries[key]
	if e == nil {
		e = &entry{lens: lens}
		c.entries[key] = e
	}
	if use {
		c.uses++
		e.used, e.usedAt = c.uses, time.Now()
	}
	if e.network != nil && e.network.Revision >= revision {
		defer c.mu.Unlock()
		return e.network, nil
	}
	r := c.join(ctx, key, e, revision)
	r.waiting++
	c.mu.Unlock()
	defer c.leave(key, e, r)
	select {
	case <-r.done:
		return r.network, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// join gives the first reading that will be new enough. The lock is held.
func (c *Cache) join(ctx context.Context, key string, e *entry, revision int64) *reading {
	switch {
	case e.now == nil:
		e.now = newReading(ctx)
		go c.read(key, e, e.now)
		return e.now
	case e.now.ctx.Err() == nil && (!e.now.began || e.now.revision >= revision):
		return e.now
	case e.next == nil:
		e.next = newReading(ctx)
	}
	return e.next
}

// newReading makes a reading that serves all who join it, not only the caller that came first.
func newReading(ctx context.Context) *reading {
	r := &reading{done: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

// leave ends a caller's interest; a reading that nobody waits for is given up.
func (c *Cache) leave(key string, e *entry, r *reading) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.waiting--
	if r.waiting > 0 {
		return
	}
	r.cancel()
	if e.next == r {
		e.next = nil
	}
	c.forget(key, e)
}

// read reads the network of an entry, and then the next one where somebody waits for that.
func (c *Cache) read(key string, e *entry, r *reading) {
	for r != nil {
		n, err := c.inTurn(e, r)
		c.mu.Lock()
		r.network, r.err = n, err
		close(r.done)
		if err == nil {
			c.drop(e)
			e.network, e.bytes = n, n.Size().Bytes
			c.held += e.bytes
			c.evict(e)
		}
		e.now, e.next = e.next, nil
		r = e.now
		c.forget(key, e)
		c.mu.Unlock()
	}
}

// inTurn waits for its turn and reads: what was touched since, where there is an older network and few batches came, else everything. A panic of the store is
// an error here: nobody else would recover it.
func (c *Cache) inTurn(e *entry, r *reading) (n *Network, err error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-r.ctx.Done():
		return nil, r.ctx.Err()
	}
	defer func() {
		if cause := recover(); cause != nil {
			n, err = nil, fmt.Errorf("network: reading the store: panic: %v", cause)
		}
	}()
	revision, err := c.source.Revision(r.ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	r.began, r.revision = true, revision
	older := e.network
	c.mu.Unlock()
	if older != nil {
		n, renewed, err := c.renewed(r.ctx, e, older)
		if renewed || err != nil {
			return n, err
		}
	}
	return Read(r.ctx, c.model, c.source, e.lens, c.memory)
}

// renewed renews an older network. Where that is not to be done, whatever the reason, it is given up, so that the next reading does without it.
func (c *Cache) renewed(ctx context.Context, e *entry, older *Network) (n *Network, renewed bool, err error) {
	defer func() {
		if !renewed && ctx.Err() == nil {
			c.outdated(e)
		}
	}()
	return Renew(ctx, c.source, e.lens, older, c.memory)
}

// outdated drops a network that cannot be renewed before another is made, unless somebody holds on to it.
func (c *Cache) outdated(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.watched == 0 {
		c.drop(e)
	}
}

// drop lets go of an entry's network. The lock is held.
func (c *Cache) drop(e *entry) {
	c.held -= e.bytes
	e.network, e.bytes = nil, 0
}

// forget takes an entry out that has nothing and reads nothing. The lock is held.
func (c *Cache) forget(key string, e *entry) {
	if e.network == nil && e.now == nil && e.next == nil && e.watched == 0 && c.entries[key] == e {
		delete(c.entries, key)
	}
}

// evict drops the networks that were used longest ago, but for the one just made and those that are watched, until the rest fits. The lock is held.
func (c *Cache) evict(made *entry) {
	for c.held > c.memory {
		var oldestKey string
		var oldest *entry
		for key, e := range c.entries {
			if e != made && e.network != nil && e.watched == 0 && (oldest == nil || e.used < oldest.used) {
				oldestKey, oldest = key, e
			}
		}
		if oldest == nil {
			return
		}
		c.drop(oldest)
		c.forget(oldestKey, oldest)
	}
}

// watch keeps the network of a lens in the cache until unwatch. It is refused where what is watched would take more memory than there is.
func (c *Cache) watch(key string, lens plan.Lens, n *Network) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil { // evicted since
		e = &entry{lens: lens, network: n, bytes: n.Size().Bytes}
		c.entries[key] = e
		c.held += e.bytes
	}
	e.watched++
	if c.watchedBytes() > c.memory {
		e.watched--
		c.forget(key, e)
		return &TooLargeError{c.memory}
	}
	c.evict(e)
	return nil
}

func (c *Cache) unwatch(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	e.watched--
	c.evict(nil)
	c.forget(key, e)
}

// watchedBytes is what the networks take that are watched. The lock is held.
func (c *Cache) watchedBytes() int64 {
	sum := int64(0)
	for _, e := range c.entries {
		if e.watched > 0 {
			sum += e.bytes
		}
	}
	return sum
}

// overfull says that what is watched takes more memory than there is.
func (c *Cache) overfull() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.watchedBytes() > c.memory
}

// kept lists the lenses by key that were asked for within some time, the last first.
func (c *Cache) kept(within time.Duration) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []string
	for key, e := range c.entries {
		if time.Since(e.usedAt) < within {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(c.entries[b].used, c.entries[a].used) })
	return keys
}

// newest gives what is kept of a lens: its network may be outdated, or nil.
func (c *Cache) newest(key string) (n *Network, lens plan.Lens, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		return nil, lens, false
	}
	return e.network, e.lens, true
}
