package network_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
)

// through is one lens of several.
func through(i int64) plan.Lens { return plan.Lens{Record: plan.Record{MaxTlp: i}} }

func get(t testing.TB, c *network.Cache, lens plan.Lens) *network.Network {
	t.Helper()
	n, err := c.Network(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestManyWhoAskAtOnceShareOneReading, one for each lens.
func TestManyWhoAskAtOnceShareOneReading(t *testing.T) {
	r := groups(t, 3)
	source := newChanging(r)
	source.hold = make(chan struct{})
	c := network.NewCache(r.model, source, 0)
	var all sync.WaitGroup
	got := make([]*network.Network, 40)
	for i := range got {
		all.Go(func() { got[i] = get(t, c, through(int64(i%2))) })
	}
	<-source.began
	time.Sleep(10 * time.Millisecond)
	close(source.hold)
	all.Wait()
	if n := source.readings.Load(); n != 2 || got[0] == got[1] {
		t.Errorf("%d readings", n)
	}
	for i := range got {
		if got[i] != got[i%2] {
			t.Errorf("%d got another network", i)
		}
	}
	get(t, c, through(0))
	if n := source.readings.Load(); n != 2 {
		t.Errorf("what is kept was read again: %d readings", n)
	}
}

// TestNobodyGetsAnOldNetwork: whoever asks after a change waits for a reading that began after it, and while changes come all the time for no
// more than two.
func TestNobodyGetsAnOldNetwork(t *testing.T) {
	source := newChanging(groups(t, 2))
	c := network.NewCache(source.model, source, 0)
	source.hold = make(chan struct{}, 1000)
	type answer struct {
		asked int
		n     *network.Network
	}
	answers := make(chan answer)
	ask := func(size int) {
		go func() { answers <- answer{size, get(t, c, plan.Lens{})} }()
	}
	ask(2)
	<-source.began // with 2 groups
	for size := 3; size <= 30; size++ {
		source.set(groups(t, size))
		ask(size)
	}
	time.Sleep(20 * time.Millisecond) // until all have asked
	source.hold <- struct{}{}
	<-source.began
	source.hold <- struct{}{}
	for range 29 {
		a := <-answers
		if is := a.n.Size().Nodes; is < a.asked {
			t.Errorf("who asked when there were %d groups got %d", a.asked, is)
		}
	}
	if n := source.readings.Load(); n != 2 {
		t.Errorf("%d readings", n)
	}
}

// TestTheOldestNetworkGoesFirst, when together they take more memory than they may.
func TestTheOldestNetworkGoesFirst(t *testing.T) {
	r := groups(t, 50)
	source := newChanging(r)
	bytes := r.network().Size().Bytes
	c := network.NewCache(r.model, source, 3*bytes+bytes/2)
	reads := func(lens int64) bool {
		t.Helper()
		before := source.readings.Load()
		get(t, c, through(lens))
		return source.readings.Load() > before
	}
	for lens := int64(1); lens <= 3; lens++ {
		if !reads(lens) {
			t.Errorf("%d was there", lens)
		}
	}
	for lens := int64(3); lens >= 1; lens-- {
		if reads(lens) {
			t.Errorf("%d is gone, though there is room", lens)
		}
	}
	if !reads(4) || reads(4) || reads(1) || reads(2) {
		t.Error("not the one that was used longest ago went")
	}
	if !reads(3) {
		t.Error("3 is there, though there is no room")
	}
}

// TestANetworkTooLargeIsRefused, and what is kept stays.
func TestANetworkTooLargeIsRefused(t *testing.T) {
	source := newChanging(groups(t, 5000))
	c := network.NewCache(source.model, source, 100_000)
	_, err := c.Network(t.Context(), plan.Lens{})
	var tooLarge *network.TooLargeError
	if !errors.As(err, &tooLarge) || tooLarge.Limit != 100_000 {
		t.Errorf("%v", err)
	}
	source.set(groups(t, 5))
	if n := get(t, c, plan.Lens{}); n.Size().Nodes != 5 {
		t.Errorf("%+v", n.Size())
	}
}

// TestAReadingThatFailsIsNotKept: the next who asks reads again.
func TestAReadingThatFailsIsNotKept(t *testing.T) {
	source := newChanging(groups(t, 3))
	c := network.NewCache(source.model, source, 0)
	source.err = errors.New("the line is dead")
	for range 2 {
		if _, err := c.Network(t.Context(), plan.Lens{}); !errors.Is(err, source.err) {
			t.Errorf("%v", err)
		}
	}
	if n := source.readings.Load(); n != 2 {
		t.Errorf("%d readings", n)
	}
	source.mu.Lock()
	source.err = nil
	source.mu.Unlock()
	get(t, c, plan.Lens{})
}

// TestAReadingThatNobodyWaitsForIsGivenUp, and who comes later gets another.
func TestAReadingThatNobodyWaitsForIsGivenUp(t *testing.T) {
	source := newChanging(groups(t, 3))
	c := network.NewCache(source.model, source, 0)
	source.hold = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() { _, err := c.Network(ctx, plan.Lens{}); failed <- err }()
	<-source.began
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	source.mu.Lock()
	source.hold = nil
	source.mu.Unlock()
	if n := get(t, c, plan.Lens{}); n.Size().Nodes != 3 || source.readings.Load() != 2 {
		t.Errorf("%+v after %d readings", n.Size(), source.readings.Load())
	}
}

// TestNetworksAreKeptNew: what was asked for not long ago is read again by itself when the store changes.
func TestNetworksAreKeptNew(t *testing.T) {
	source := newChanging(groups(t, 3))
	c := network.NewCache(source.model, source, 0)
	following(t, c)
	get(t, c, plan.Lens{})
	<-source.began
	source.set(groups(t, 4))
	select {
	case <-source.began:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody read it again")
	}
	if n := get(t, c, plan.Lens{}); n.Size().Nodes != 4 || source.readings.Load() != 2 {
		t.Errorf("%+v after %d readings", n.Size(), source.readings.Load())
	}
}
