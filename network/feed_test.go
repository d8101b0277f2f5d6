package network_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Goroutines that are left behind fail the whole package.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// changing is a source whose records a test changes, and whose readings it can hold up, count and let fail.
type changing struct {
	mu       sync.Mutex
	model    *ontology.Model
	records  []store.Record
	revision int64
	err      error
	readings atomic.Int32
	// hold, where it is set, is waited for by every reading.
	hold chan struct{}
	// began is told of every reading.
	began chan plan.Lens
}

func newChanging(r *records) *changing {
	s := &changing{model: r.model, revision: 1, began: make(chan plan.Lens, 1000)}
	s.set(r)
	s.revision = 1
	return s
}

// set changes the records to those of a test.
func (s *changing) set(r *records) {
	var all []store.Record
	for record := range r.Stream(r.Context(), plan.Records{}) {
		all = append(all, record)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = all
	s.revision++
}

func (s *changing) Revision(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision, nil
}

// Touched knows nothing: its networks are read whole.
func (s *changing) Touched(ctx context.Context, _ int64) (store.Touched, error) {
	revision, err := s.Revision(ctx)
	return store.Touched{Revision: revision}, err
}

func (s *changing) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		s.readings.Add(1)
		s.began <- wanted.Lens
		s.mu.Lock()
		all, err, hold := s.records, s.err, s.hold
		s.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-ctx.Done():
				yield(store.Record{}, ctx.Err())
				return
			}
		}
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(store.Record{}, err)
		}
	}
}

// groups are records of so many groups, with an ally each.
func groups(t testing.TB, size int) *records {
	r := newRecords(t)
	for i := range size {
		r.node(group(i))
	}
	for i := 1; i < size; i++ {
		r.claim("ALLIED_WITH", group(i-1), group(i))
	}
	return r
}

// following is a feed that looks at a source all the time, until the test ends.
func following(t testing.TB, cache *network.Cache) *network.Feed {
	f := network.NewFeed(cache, network.Pace{Look: time.Millisecond, Quiet: 20 * time.Millisecond}, func(err error) { t.Log(err) })
	ctx, cancel := context.WithCancel(t.Context())
	var followed sync.WaitGroup
	followed.Go(func() { f.Follow(ctx) })
	t.Cleanup(func() { cancel(); followed.Wait() })
	return f
}

func subscribe(t testing.TB, f *network.Feed, q network.ChangesQuestion) *network.Subscription {
	t.Helper()
	l, err := q.Listen()
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Subscribe(t.Context(), plan.Lens{}, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func heard(t testing.TB, s *network.Subscription) (m any, more bool) {
	t.Helper()
	select {
	case m, more = <-s.Messages:
		return m, more
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is told")
		return nil, false
	}
}

// TestChangesAreDifferencesOfSets: applying what is told to the records before gives the records after, whatever changed.
func TestChangesAreDifferencesOfSets(t *testing.T) {
	type state map[string]bool
	at := func(r *records) state {
		s := state{}
		for _, n := range r.nodes {
			s[n.ID()+" "+n.Kind.Name] = true
		}
		for _, c := range r.claims {
			s[c.ID()] = true
		}
		return s
	}
	random := func(seed int) *records {
		dice := rand.New(rand.NewPCG(uint64(seed), 6))
		r := newRecords(t)
		var there []int
		for i := range 8 {
			if dice.IntN(5) > 0 {
				r.node(group(i))
				there = append(there, i)
			}
		}
		said := map[string]bool{}
		for range 40 {
			a, b := there[dice.IntN(len(there))], there[dice.IntN(len(there))]
			relation, note := []string{"ALLIED_WITH", "SUPPLIES"}[dice.IntN(2)], fmt.Sprint(dice.IntN(3))
			if key := fmt.Sprint(relation, a, b, note); a < b && !said[key] {
				said[key] = true
				r.claim(relation, group(a), group(b), "note", note)
			}
		}
		return r
	}
	before := random(0)
	source := newChanging(before)
	s := subscribe(t, following(t, network.NewCache(before.model, source, 0)), network.ChangesQuestion{First: 100})
	defer s.Close()
	if m, _ := heard(t, s); !reflect.DeepEqual(m, network.Changes{
		Added:     network.Difference{Nodes: []network.ChangedNode{}, Edges: []network.ChangedEdge{}},
		Retracted: network.Difference{Nodes: []network.ChangedNode{}, Edges: []network.ChangedEdge{}},
	}) {
		t.Errorf("at first: %+v", m)
	}
	told := at(before)
	for seed := 1; seed < 40; seed++ {
		after := random(seed)
		if reflect.DeepEqual(at(after), told) {
			continue
		}
		source.set(after)
		m, more := heard(t, s)
		if !more {
			t.Fatal(s.Err())
		}
		c := m.(network.Changes)
		count := 0
		for _, n := range c.Retracted.Nodes {
			delete(told, n.ID+" "+n.Kind)
		}
		for _, e := range c.Retracted.Edges {
			for _, id := range e.Claims {
				if !told[id] {
					t.Fatalf("%d: %s was not there", seed, id)
				}
				delete(told, id)
				count++
			}
		}
		if count != c.Retracted.RelationCount {
			t.Errorf("%d: %d claims are listed, %d counted", seed, count, c.Retracted.RelationCount)
		}
		for _, n := range c.Added.Nodes {
			told[n.ID+" "+n.Kind] = true
		}
		for _, e := range c.Added.Edges {
			for _, id := range e.Claims {
				told[id] = true
			}
		}
		if want := at(after); !reflect.DeepEqual(told, want) {
			t.Fatalf("%d: told %v\nwant %v", seed, told, want)
		}
	}
}

// TestSlowSubscribersAreDropped, and told so; the others are not.
func TestSlowSubscribersAreDropped(t *testing.T) {
	r := groups(t, 2)
	source := newChanging(r)
	f := following(t, network.NewCache(r.model, source, 0))
	slow, quick := subscribe(t, f, network.ChangesQuestion{First: 1}), subscribe(t, f, network.ChangesQuestion{First: 1})
	heard(t, quick)
	for size := 3; size < 40; size++ {
		source.set(groups(t, size))
		if m, more := heard(t, quick); !more || m.(network.Changes).Added.NodeCount != 1 {
			t.Fatalf("%v %v: %+v", more, quick.Err(), m)
		}
	}
	messages := 0
	for range slow.Messages {
		messages++
	}
	if !errors.Is(slow.Err(), network.ErrSlow) || messages != 16 {
		t.Errorf("%v after %d messages", slow.Err(), messages)
	}
	quick.Close()
	quick.Close()
	if _, more := heard(t, quick); more || quick.Err() != nil {
		t.Errorf("closed: %v %v", more, quick.Err())
	}
}

// TestSubscriptionsAreBounded: there are no more than there may be, through no more lenses, and all end with the feed.
func TestSubscriptionsAreBounded(t *testing.T) {
	r := groups(t, 3)
	cache := network.NewCache(r.model, newChanging(r), 0)
	f := network.NewFeed(cache, network.Pace{Look: time.Millisecond}, func(error) {})
	var all []*network.Subscription
	take := func(lens plan.Lens) error {
		s, err := f.Subscribe(t.Context(), lens, network.ListenToLoads())
		if err == nil {
			all = append(all, s)
		}
		return err
	}
	for i := range network.MaxWatched {
		if err := take(plan.Lens{Record: plan.Record{MaxTlp: int64(i + 1)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := take(plan.Lens{}); !errors.Is(err, network.ErrFull) {
		t.Errorf("one more lens: %v", err)
	}
	for len(all) < network.MaxSubscriptions {
		if err := take(plan.Lens{Record: plan.Record{MaxTlp: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := take(plan.Lens{Record: plan.Record{MaxTlp: 1}}); !errors.Is(err, network.ErrFull) {
		t.Errorf("one more: %v", err)
	}
	all[1].Close() // the only one through its lens
	if err := take(plan.Lens{}); err != nil {
		t.Errorf("in the place of one that ended: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.Follow(ctx)
	for _, s := range all {
		for range s.Messages { // to its end
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	}
	if err := take(plan.Lens{}); !errors.Is(err, network.ErrFull) {
		t.Errorf("after the end: %v", err)
	}
}

// TestAWatchedNetworkThatGrowsTooLarge ends its subscriptions, with the reason.
func TestAWatchedNetworkThatGrowsTooLarge(t *testing.T) {
	r := groups(t, 100)
	source := newChanging(r)
	f := following(t, network.NewCache(r.model, source, 3*r.network().Size().Bytes))
	s := subscribe(t, f, network.ChangesQuestion{First: 1})
	heard(t, s)
	source.set(groups(t, 6000)) // sizes are looked at every 4,096 records
	_, more := heard(t, s)
	var tooLarge *network.TooLargeError
	if more || !errors.As(s.Err(), &tooLarge) {
		t.Errorf("%v %v", more, s.Err())
	}
	if _, err := f.Subscribe(t.Context(), plan.Lens{}, network.ListenToLoads()); !errors.As(err, &tooLarge) {
		t.Errorf("once more: %v", err)
	}
}
