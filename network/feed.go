package network

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/crimegraph/crimegraph/plan"
)

// The bounds of a feed.
const (
	// MaxSubscriptions is how many there are at once, through at most MaxWatched different lenses.
	MaxSubscriptions = 100
	MaxWatched       = 8
	// messagesHeld is how many messages wait for a subscriber before he is dropped.
	messagesHeld = 16
)

// ErrFull refuses a subscription because there are as many as there may be.
var ErrFull = errors.New("network: there are as many subscriptions as there may be")

// ErrSlow ends a subscription whose messages were not taken.
var ErrSlow = errors.New("network: messages of a subscription were not taken in time")

// Pace says how often a feed looks at the store.
type Pace struct {
	// Look is how often it asks for the revision; 1 second where it is 0.
	Look time.Duration
	// Quiet is how long nothing comes before a load counts as over; 10 seconds where it is 0.
	Quiet time.Duration
	// Fresh is how long the network of a lens is kept new after it was last asked for; 10 minutes where it is 0.
	Fresh time.Duration
}

// rest is how long, in times of a reading, a network is not read again after one: while a load runs, a fifth of one processor goes into reading.
const rest = 4

// lookTime is how long one look may take, with all readings.
const lookTime = 5 * time.Minute

// Feed keeps the networks of a cache new, and tells subscribers what changes in them. What changes is the difference between two readings through
// the subscriber's own lens, so that it does not matter who changed the store, and nothing is told that the lens hides.
type Feed struct {
	cache *Cache
	pace  Pace
	log   func(error)

	mu      sync.Mutex
	watched map[string]*watched
	count   int
	ended   bool
	// due is when the network of a lens may be read again. Only Follow touches it.
	due map[string]time.Time
}

// watched is a lens that is subscribed to, and the network that all its subscribers were told of.
type watched struct {
	lens    plan.Lens
	network *Network
	subs    map[*Subscription]bool
	// Only Follow touches these: changed is when something changed last, zero where that is long ago; pause is how long its network is not read again after a reading.
	changed time.Time
	pause   time.Duration
}

// Subscription is a sequence of messages.
type Subscription struct {
	// Messages is closed at the end; Err then says why.
	Messages <-chan any

	feed     *Feed
	key      string
	listener Listener
	messages chan any
	err      error
}

// Listener makes messages of what changes, for one subscriber. A nil message is none.
type Listener interface {
	begins(n *Network) (any, error)
	changed(n *Network, gone, come *difference) any
	quiet() any
}

// NewFeed makes a feed over a cache. log is told of what fails while nobody waits for it.
func NewFeed(cache *Cache, pace Pace, log func(error)) *Feed {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&pace.Look, time.Second}, {&pace.Quiet, 10 * time.Second}, {&pace.Fresh, 10 * time.Minute}} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	return &Feed{cache: cache, pace: pace, log: log, watched: map[string]*watched{}, due: map[string]time.Time{}}
}

// Subscribe begins a subscription, whose first message is there at once. Messages of what changes come while Follow runs. The error is that of
// Cache.Network, ErrFull, or an *ArgumentError.
func (f *Feed) Subscribe(ctx context.Context, lens plan.Lens, listener Listener) (*Subscription, error) {
	key, err := lensKey(lens)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	w, full := f.watched[key], f.full(key)
	f.mu.Unlock()
	var n *Network
	if full {
		return nil, ErrFull
	}
	if w == nil {
		if n, err = f.cache.Network(ctx, lens); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full(key) {
		return nil, ErrFull
	}
	if w = f.watched[key]; w == nil {
		if n == nil { // the last of the others has left since
			return nil, ErrFull
		}
		w = &watched{lens: lens, network: n, subs: map[*Subscription]bool{}}
	}
	first, err := listener.begins(w.network)
	if err != nil {
		return nil, err
	}
	if len(w.subs) == 0 {
		if err := f.cache.watch(key, lens, w.network); err != nil {
			return nil, err
		}
		f.watched[key] = w
	}
	s := &Subscription{feed: f, key: key, listener: listener, messages: make(chan any, messagesHeld)}
	s.Messages = s.messages
	s.messages <- first
	w.subs[s] = true
	f.count++
	return s, nil
}

// full says that there can be no further subscription through a lens. The lock is held.
func (f *Feed) full(key string) bool {
	return f.ended || f.count >= MaxSubscriptions || f.watched[key] == nil && len(f.watched) >= MaxWatched
}

// Close ends a subscription; it may be called more than once.
func (s *Subscription) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.end(s, nil)
}

// Err says why Messages was closed: nil after Close, or where the feed ended.
func (s *Subscription) Err() error {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.err
}

// end ends a subscription. The lock is held.
func (f *Feed) end(s *Subscription, err error) {
	w := f.watched[s.key]
	if w == nil || !w.subs[s] {
		return
	}
	delete(w.subs, s)
	f.count--
	s.err = err
	close(s.messages)
	if len(w.subs) == 0 {
		delete(f.watched, s.key)
		f.cache.unwatch(s.key)
	}
}

// Follow keeps networks new until the context ends, and then ends all subscriptions: those that are subscribed to, and those that were asked for
// not long ago, so that whoever asks after a load need not wait.
func (f *Feed) Follow(ctx context.Context) {
	ticker := time.NewTicker(f.pace.Look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			f.mu.Lock()
			defer f.mu.Unlock()
			f.ended = true
			for _, w := range f.watched {
				for s := range w.subs {
					f.end(s, nil)
				}
			}
			return
		case <-ticker.C:
			if err := f.look(ctx); err != nil && ctx.Err() == nil {
				f.log(err)
			}
		}
	}
}

// look reads anew what is outdated and tells of what changed.
func (f *Feed) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	revision, err := f.cache.source.Revision(ctx)
	if err != nil {
		return fmt.Errorf("network: revision: %w", err)
	}
	keys := f.cache.kept(f.pace.Fresh)
	f.mu.Lock()
	for key := range f.watched {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	f.mu.Unlock()
	for key := range f.due {
		if !slices.Contains(keys, key) {
			delete(f.due, key)
		}
	}
	var errs error
	for _, key := range keys {
		if err := f.renew(ctx, key, revision); err != nil {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

// renew brings one lens up to date.
func (f *Feed) renew(ctx context.Context, key string, revision int64) error {
	f.mu.Lock()
	w := f.watched[key]
	f.mu.Unlock()
	n, lens, known := f.cache.newest(key)
	if !known {
		return nil
	}
	var err error
	if outdated := n == nil || n.Revision < revision; outdated && !time.Now().Before(f.due[key]) {
		begun := time.Now()
		n, err = f.cache.network(ctx, key, lens, revision, false)
		pause := rest * time.Since(begun)
		f.due[key] = time.Now().Add(pause)
		if w != nil {
			w.pause = pause
		}
	}
	if w == nil {
		return err
	}
	var tooLarge *TooLargeError
	if errors.As(err, &tooLarge) || f.cache.overfull() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for s := range w.subs {
			f.end(s, &TooLargeError{f.cache.memory})
		}
		return err
	}
	if err != nil {
		return err
	}
	f.tell(w, n)
	return nil
}

// tell brings the subscribers of a lens up to a network.
func (f *Feed) tell(w *watched, n *Network) {
	var gone, come *difference
	if n != nil && n != w.network {
		gone, come = differences(w.network, n)
	}
	f.mu.Lock()
	subs := slices.Collect(maps.Keys(w.subs))
	if come != nil {
		w.network = n
	}
	f.mu.Unlock()
	if come != nil && len(gone.nodes)+len(gone.edges)+len(come.nodes)+len(come.edges) > 0 {
		w.changed = time.Now()
		for _, s := range subs {
			f.send(s, s.listener.changed(n, gone, come))
		}
	}
	// What the lens hides plays no part in when a load is over: only what came through it, and how often that can be.
	if !w.changed.IsZero() && time.Since(w.changed) > f.pace.Quiet+2*w.pause {
		w.changed = time.Time{}
		for _, s := range subs {
			f.send(s, s.listener.quiet())
		}
	}
}

// send gives a message to a subscriber, or ends the subscription of one who does not take them.
func (f *Feed) send(s *Subscription, message any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w := f.watched[s.key]; message == nil || w == nil || !w.subs[s] {
		return
	}
	select {
	case s.messages <- message:
	default:
		f.end(s, ErrSlow)
	}
}
