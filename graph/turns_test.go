package graph

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestShortComputationsComeFirst: beside eight long ones that take turns, a short one waits for a slice at most.
func TestShortComputationsComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := &turns{free: 1}
		ctx, stop := context.WithCancel(t.Context())
		var mu sync.Mutex
		running, most := 0, 0
		done := make([]time.Duration, 8)
		compute := func(step time.Duration) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(step)
			mu.Lock()
			running--
			mu.Unlock()
		}
		var long sync.WaitGroup
		for i := range done {
			long.Go(func() {
				p, err := all.begin(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				defer p.end()
				for ctx.Err() == nil {
					compute(time.Millisecond)
					done[i] += time.Millisecond
					p.pause()
				}
			})
		}
		time.Sleep(time.Second) // they came at once, and each has had its first slice
		for range 20 {
			time.Sleep(37 * time.Millisecond)
			begun := time.Now()
			p, err := all.begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(begun); waited > slice+time.Millisecond {
				t.Errorf("a short computation waited %v", waited)
			}
			compute(time.Millisecond)
			p.end()
		}
		time.Sleep(2 * time.Second)
		stop()
		long.Wait()
		if most != 1 {
			t.Errorf("%d ran at once", most)
		}
		for i, d := range done {
			if d < 200*time.Millisecond {
				t.Errorf("the long computation %d ran for %v: %v", i, d, done)
			}
		}
		if all.free != 1 || len(all.fresh)+len(all.tired) != 0 {
			t.Errorf("at the end %d are free, %d wait", all.free, len(all.fresh)+len(all.tired))
		}
	})
}

// TestWhoeverGivesUpLeavesTheQueue, and the turn goes to the next.
func TestWhoeverGivesUpLeavesTheQueue(t *testing.T) {
	all := &turns{free: 1}
	first, err := all.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := all.begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who gave up: %v", err)
	}
	began := make(chan *turn)
	go func() {
		p, err := all.begin(t.Context())
		if err != nil {
			t.Error(err)
		}
		began <- p
	}()
	first.end()
	first.end() // twice is once
	second := <-began
	second.end()
	if all.free != 1 {
		t.Errorf("%d are free", all.free)
	}
}
