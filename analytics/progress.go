package analytics

import (
	"context"
	"sync"
)

// Progress is how far a computation has come. The computation tells it, others read it meanwhile.
type Progress struct {
	mu       sync.Mutex
	step     string
	done, of int
}

// Read gives what is computed now, and how much of how much is done of that. Before anything is told all are zero.
func (p *Progress) Read() (step string, done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.step, p.done, p.of
}

type progressKey struct{}

// Telling is a context in which computations tell how far they have come.
func Telling(ctx context.Context, p *Progress) context.Context {
	return context.WithValue(ctx, progressKey{}, p)
}

// step begins a step of a computation, and tells with each call how much of it is done. Where nobody reads it, nothing is told.
func step(ctx context.Context, name string, of int) (tell func(done int)) {
	p, told := ctx.Value(progressKey{}).(*Progress)
	if !told {
		return func(int) {}
	}
	tell = func(done int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.step, p.done, p.of = name, min(done, of), of
	}
	tell(0)
	return tell
}
