package graph

import (
	"context"
	"sync"
	"time"
)

// slice is how long a computation runs before it lets others run that wait.
const slice = 5 * time.Millisecond

// turns lets few computations run at once, so that other requests keep their speed. Whoever has not run yet comes first, so that short computations do
// not wait for long ones; those that have run for a slice come in turn.
type turns struct {
	mu           sync.Mutex
	free         int
	fresh, tired []chan struct{}
}

// turn is a computation's place among the others.
type turn struct {
	turns *turns
	ctx   context.Context
	held  bool
	began time.Time
}

// begin waits until a computation may run. The error is the context's.
func (t *turns) begin(ctx context.Context) (*turn, error) {
	p := &turn{turns: t, ctx: ctx}
	if err := p.take(&t.fresh); err != nil {
		return nil, err
	}
	return p, nil
}

// take waits for the computation's turn in a queue.
func (p *turn) take(queue *[]chan struct{}) error {
	t := p.turns
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		p.held, p.began = true, time.Now()
		return nil
	}
	called := make(chan struct{}, 1)
	*queue = append(*queue, called)
	t.mu.Unlock()
	select {
	case <-called:
		p.held, p.began = true, time.Now()
		return nil
	case <-p.ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range *queue {
		if c == called {
			*queue = append((*queue)[:i:i], (*queue)[i+1:]...)
			return p.ctx.Err()
		}
	}
	t.next() // it was called at the same time
	return p.ctx.Err()
}

// next calls the next computation. The lock is held.
func (t *turns) next() {
	for _, queue := range []*[]chan struct{}{&t.fresh, &t.tired} {
		if len(*queue) > 0 {
			(*queue)[0] <- struct{}{}
			*queue = (*queue)[1:]
			return
		}
	}
	t.free++
}

// pause lets others run that wait, once the computation has run for a slice. It returns at once where its context has ended.
func (p *turn) pause() {
	if !p.held || time.Since(p.began) < slice {
		return
	}
	t := p.turns
	t.mu.Lock()
	waited := len(t.fresh)+len(t.tired) > 0
	t.mu.Unlock()
	if !waited {
		p.began = time.Now()
		return
	}
	p.end()
	_ = p.take(&t.tired) // the computation sees for itself that its context has ended
}

// end lets the next one run.
func (p *turn) end() {
	if !p.held {
		return
	}
	p.held = false
	p.turns.mu.Lock()
	defer p.turns.mu.Unlock()
	p.turns.next()
}

// pausing is a context that lets others run when a computation asks whether it has ended. The computation asks from one goroutine.
type pausing struct {
	context.Context
	turn *turn
}

func (c pausing) Err() error {
	c.turn.pause()
	return c.Context.Err()
}
