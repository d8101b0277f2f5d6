package network

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// DefaultMemory is how much the networks of a cache take at most.
const DefaultMemory = 1 << 30

// Cache keeps networks by lens at the newest revision. Whoever asks gets a network that is at least as new as the store was when he
// asked; callers that ask for the same at once share one reading.
type Cache struct {
	model  *ontology.Model
	source Source
	memory int64
	// reading lets one network be made at a time, so that making them takes no more memory than one of them does.
	reading chan struct{}

	mu      sync.Mutex
	entries map[string]*entry
	held    int64
	uses    int64
}

// entry is a network in the cache, or one that is being read for it.
type entry struct {
	ready    chan struct{}
	network  *Network
	err      error
	revision int64
	bytes    int64
	used     int64
	waiting  int
	cancel   context.CancelFunc
}

// NewCache makes a cache over a store. memory bounds what the networks in it take, in bytes; 0 means DefaultMemory.
func NewCache(model *ontology.Model, source Source, memory int64) *Cache {
	if memory == 0 {
		memory = DefaultMemory
	}
	return &Cache{model: model, source: source, memory: memory, reading: make(chan struct{}, 1), entries: map[string]*entry{}}
}

// Network gives the network that a lens lets through. The error is the store's, the context's, or a *TooLargeError.
func (c *Cache) Network(ctx context.Context, lens plan.Lens) (*Network, error) {
	revision, err := c.source.Revision(ctx)
	if err != nil {
		return nil, err
	}
	lensKey, err := json.Marshal(lens)
	if err != nil {
		return nil, fmt.Errorf("network: lens: %w", err)
	}
	key := string(lensKey)
	c.mu.Lock()
	e := c.entries[key]
	if e == nil || e.revision < revision {
		e = c.begin(ctx, key, lens, revision)
	}
	c.uses++
	e.used = c.uses
	e.waiting++
	c.mu.Unlock()
	defer c.leave(key, e)
	select {
	case <-e.ready:
		return e.network, e.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin starts to read a network. The reading goes on while somebody waits for it.
func (c *Cache) begin(ctx context.Context, key string, lens plan.Lens, revision int64) *entry {
	if old := c.entries[key]; old != nil {
		c.held -= old.bytes
	}
	// It serves all who wait, not only the caller that came first.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e := &entry{ready: make(chan struct{}), revision: revision, cancel: cancel}
	c.entries[key] = e
	go func() {
		defer cancel()
		var n *Network
		var err error
		select {
		case c.reading <- struct{}{}:
			n, err = c.read(ctx, lens)
			<-c.reading
		case <-ctx.Done():
			err = ctx.Err()
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		e.network, e.err = n, err
		current := c.entries[key] == e
		switch {
		case err != nil && current:
			delete(c.entries, key)
		case current:
			e.revision, e.bytes = n.Revision, n.Size().Bytes
			c.held += e.bytes
			c.evict(key)
		}
		close(e.ready)
	}()
	return e
}

// read reads a network. A panic of the store is an error here: nobody else would recover it.
func (c *Cache) read(ctx context.Context, lens plan.Lens) (n *Network, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			n, err = nil, fmt.Errorf("network: reading the store: panic: %v", cause)
		}
	}()
	return Read(ctx, c.model, c.source, lens, c.memory)
}

// leave ends a caller's interest; a reading that nobody waits for is given up.
func (c *Cache) leave(key string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.waiting--
	select {
	case <-e.ready:
	default:
		if e.waiting == 0 {
			e.cancel()
			if c.entries[key] == e {
				delete(c.entries, key)
			}
		}
	}
}

// evict drops the networks that were used longest ago, but for the one just made, until the rest fits.
func (c *Cache) evict(kept string) {
	for c.held > c.memory {
		oldest := ""
		for key, e := range c.entries {
			if key != kept && e.bytes > 0 && (oldest == "" || e.used < c.entries[oldest].used) {
				oldest = key
			}
		}
		if oldest == "" {
			return
		}
		c.held -= c.entries[oldest].bytes
		delete(c.entries, oldest)
	}
}
