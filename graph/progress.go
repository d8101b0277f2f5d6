package graph

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/network"
)

// AnalysisProgress is how far a request has come that its caller gave a name.
type AnalysisProgress struct {
	// State is WAITING, RUNNING or ENDED.
	State  string
	Fields []FieldProgress
}

// FieldProgress is how far a root field has come that is computed. Share is of the step; nil where it is not known.
type FieldProgress struct {
	Key, Stage, Step string
	Share            *float64
}

// The stages of a root field that is computed, in order.
const (
	stageReading   = "READING"
	stageQueued    = "QUEUED"
	stageComputing = "COMPUTING"
	stageRecords   = "RECORDS"
	stageDone      = "DONE"
)

// The bounds of what is followed.
const (
	maxNamed     = 100 // requests under way that have a name
	maxFollowers = 100
	followPace   = 200 * time.Millisecond
)

// requestName is long enough not to be guessed.
var requestName = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

var errName = &network.ArgumentError{Argument: "request", Message: "16 to 64 letters, digits, - or _; take a name that nobody guesses, as a random UUID"}

// requestKey tells requests apart: callers with other rights cannot follow them, whatever they know.
type requestKey struct {
	name         string
	maxTlp       int64
	compartments string
}

func keyOf(name string, access lookahead.Access) requestKey {
	return requestKey{name, access.MaxTlp, strings.Join(access.Compartments, "\x00")}
}

// namedRequests are those under way that have a name, and those that somebody waits for. Nothing is kept of what has ended.
type namedRequests struct {
	mu               sync.Mutex
	known            map[requestKey]*namedRequest
	named, followers int
}

// namedRequest is one of them.
type namedRequest struct {
	of        *namedRequests
	key       requestKey
	followers int
	running   bool
	ended     chan struct{}
	fields    map[string]*fieldStage
}

type fieldStage struct {
	mu        sync.Mutex
	stage     string
	computing analytics.Progress
}

// begin notes that a request begins, with the keys of the root fields that are computed.
func (r *namedRequests) begin(key requestKey, fields questions) (*namedRequest, *gqlerror.Error) {
	if !requestName.MatchString(key.name) {
		return nil, coded(gqlerror.Errorf("extensions.progress: %s", errName.Message), lookahead.BadUserInput)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.known[key]
	switch {
	case x != nil && x.running:
		return nil, coded(gqlerror.Errorf("extensions.progress: a request of that name is under way; take another name"), lookahead.BadUserInput)
	case r.named >= maxNamed:
		return nil, coded(gqlerror.Errorf("as many requests with names are under way as may be; try again, or leave out extensions.progress"), CodeUnavailable)
	case x == nil:
		x = r.add(key)
	}
	r.named++
	x.running = true
	for alias, f := range fields {
		if f.run != nil {
			x.fields[alias] = &fieldStage{stage: stageReading}
		}
	}
	return x, nil
}

// add makes a request that has not begun. The lock is held.
func (r *namedRequests) add(key requestKey) *namedRequest {
	x := &namedRequest{of: r, key: key, ended: make(chan struct{}), fields: map[string]*fieldStage{}}
	r.known[key] = x
	return x
}

// end notes that the request has ended; its name is forgotten.
func (x *namedRequest) end() {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	x.of.named--
	delete(x.of.known, x.key)
	close(x.ended)
}

type (
	namedRequestKey struct{}
	fieldStageKey   struct{}
)

// followed is a context in which the stages of a root field are noted, if its request has a name.
func followed(ctx context.Context, alias string) context.Context {
	if x, named := ctx.Value(namedRequestKey{}).(*namedRequest); named && x.fields[alias] != nil {
		return context.WithValue(ctx, fieldStageKey{}, x.fields[alias])
	}
	return ctx
}

// stage notes the stage that the root field of the context has come to, and gives what its computation tells; nil where nobody may follow it.
func stage(ctx context.Context, name string) *analytics.Progress {
	f, named := ctx.Value(fieldStageKey{}).(*fieldStage)
	if !named {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stage = name
	return &f.computing
}

// read is how far the request has come.
func (x *namedRequest) read() AnalysisProgress {
	p := AnalysisProgress{State: "WAITING", Fields: []FieldProgress{}}
	select {
	case <-x.ended:
		p.State = "ENDED"
	default:
		x.of.mu.Lock()
		running := x.running
		x.of.mu.Unlock()
		if !running {
			return p
		}
		p.State = "RUNNING"
	}
	for _, key := range slices.Sorted(maps.Keys(x.fields)) {
		f := x.fields[key]
		f.mu.Lock()
		stage := f.stage
		f.mu.Unlock()
		at := FieldProgress{Key: key, Stage: stage}
		if step, done, of := f.computing.Read(); stage == stageComputing {
			at.Step = step
			if of > 0 {
				share := float64(done) / float64(of)
				at.Share = &share
			}
		}
		p.Fields = append(p.Fields, at)
	}
	return p
}

// Progress is how far a request has come that a caller with these rights gave a name.
func (a *API) Progress(name string, access lookahead.Access) AnalysisProgress {
	r := a.resolver.named
	r.mu.Lock()
	x := r.known[keyOf(name, access)]
	r.mu.Unlock()
	if x == nil {
		return AnalysisProgress{State: "WAITING", Fields: []FieldProgress{}}
	}
	return x.read()
}

// follow tells how far a request has come: at once, with what has changed since, and when it has ended. Whether there is one yet does not matter.
func (r *namedRequests) follow(ctx context.Context, key requestKey) (told, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.followers >= maxFollowers {
		return told{}, network.ErrFull
	}
	x := r.known[key]
	if x == nil {
		x = r.add(key)
	}
	r.followers++
	x.followers++
	messages := make(chan any)
	go func() {
		defer r.unfollow(x)
		defer close(messages)
		x.tell(ctx, messages)
	}()
	return told{messages: messages, end: func() {}, err: func() error { return nil }}, nil
}

// unfollow forgets a request that nobody waits for any more.
func (r *namedRequests) unfollow(x *namedRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followers--
	x.followers--
	if x.followers == 0 && !x.running && r.known[x.key] == x {
		delete(r.known, x.key)
	}
}

func (x *namedRequest) tell(ctx context.Context, messages chan<- any) {
	ticks := time.NewTicker(followPace)
	defer ticks.Stop()
	var last AnalysisProgress
	for {
		if now := x.read(); !now.equal(last) {
			select {
			case messages <- now:
			case <-ctx.Done():
				return
			}
			last = now
			if now.State == "ENDED" {
				return
			}
		}
		select {
		case <-ticks.C:
		case <-x.ended:
		case <-ctx.Done():
			return
		}
	}
}

func (p AnalysisProgress) equal(q AnalysisProgress) bool {
	return p.State == q.State && slices.EqualFunc(p.Fields, q.Fields, func(a, b FieldProgress) bool {
		return a.Key == b.Key && a.Stage == b.Stage && a.Step == b.Step && (a.Share == nil) == (b.Share == nil) && (a.Share == nil || *a.Share == *b.Share)
	})
}
