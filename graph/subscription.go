package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/graph/generated"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
)

// CodeSlow ends a subscription whose messages were not taken in time.
const CodeSlow = "SLOW_CONSUMER"

// told is what a subscriber is told. The channel is closed at the end, of which err then tells the reason; end brings it about.
type told struct {
	messages <-chan any
	end      func()
	err      func() error
}

// telling begins to tell a caller.
type telling func(ctx context.Context, r *Resolver, lens plan.Lens) (told, error)

// tellings are the root fields that are subscribed to: each makes of the field's arguments what tells.
func tellings() map[string]func(a arguments, access lookahead.Access) (telling, error) {
	return map[string]func(a arguments, access lookahead.Access) (telling, error){
		"changes": func(a arguments, _ lookahead.Access) (telling, error) {
			listener, err := network.ChangesQuestion{Of: a.list("of"), Kinds: a.list("kinds"), First: a.number("first")}.Listen()
			return feeding(listener), err
		},
		"loadProgress": func(arguments, lookahead.Access) (telling, error) { return feeding(network.ListenToLoads()), nil },
		"analysisProgress": func(a arguments, access lookahead.Access) (telling, error) {
			key := keyOf(a.text("request"), access)
			if !requestName.MatchString(key.name) {
				return nil, errName
			}
			return func(ctx context.Context, r *Resolver, _ plan.Lens) (told, error) { return r.named.follow(ctx, key) }, nil
		},
	}
}

// feeding tells what a listener makes of changes.
func feeding(listener network.Listener) telling {
	return func(ctx context.Context, r *Resolver, lens plan.Lens) (told, error) {
		begin, cancel := context.WithTimeout(ctx, r.timeout)
		defer cancel()
		s, err := r.Feed.Subscribe(begin, lens, listener)
		if err != nil {
			return told{}, err
		}
		return told{s.Messages, s.Close, s.Err}, nil
	}
}

// Follow feeds subscriptions, and keeps the networks new that were asked for not long ago, until the context ends. Without it a subscription has
// its first message alone.
func (a *API) Follow(ctx context.Context) { a.resolver.Feed.Follow(ctx) }

// Stream is a subscription under way.
type Stream struct {
	api     *API
	ctx     context.Context
	cancel  context.CancelFunc
	respond graphql.ResponseHandler
	ending  *ending
}

// ending holds why a stream ended, once its channel is closed.
type ending struct{ err error }

type endingKey struct{}

// Subscribe begins a subscription for a caller. What is no subscription, or one that is refused, has its only response at once; then the stream is
// nil. A stream is to be closed.
func (a *API) Subscribe(ctx context.Context, request Request, access lookahead.Access) (stream *Stream, response Response) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if cause := recover(); cause != nil {
			stream, response = nil, Response{Errors: gqlerror.List{refusedBy(a.recovered(ctx, cause))}, Data: []byte("null")}
		}
		if stream == nil {
			cancel()
		}
	}()
	op, fields, errs := a.prepare(request, access)
	if errs != nil {
		return nil, Response{Errors: errs}
	}
	if op.Operation.Operation != ast.Subscription {
		return nil, a.Execute(ctx, request, access)
	}
	s := &Stream{api: a, cancel: cancel, ending: &ending{}}
	ctx = context.WithValue(a.executing(ctx, op, fields), endingKey{}, s.ending)
	s.ctx, s.respond = ctx, a.schema.Exec(ctx)
	if errs := graphql.GetErrors(ctx); len(errs) > 0 {
		return nil, Response{Errors: errs}
	}
	return s, Response{}
}

// Next waits for the next response; more is false at the end, which an error may come before.
func (s *Stream) Next() (response Response, more bool) {
	defer func() {
		if cause := recover(); cause != nil {
			response, more = Response{Errors: gqlerror.List{refusedBy(s.api.recovered(s.ctx, cause))}, Data: []byte("null")}, true
			s.cancel()
		}
	}()
	answer := s.respond(s.ctx)
	switch {
	case answer != nil:
		return Response{Errors: answer.Errors, Data: answer.Data}, true
	case s.ctx.Err() != nil || s.ending.err == nil:
		return Response{}, false
	}
	err := s.ending.err
	s.ending.err = nil
	return Response{Errors: gqlerror.List{s.api.presented(s.ctx, err)}, Data: []byte("null")}, true
}

// Close ends the stream; a Next that waits ends as well.
func (s *Stream) Close() { s.cancel() }

type subscription struct{ *Resolver }

// Subscription implements generated.ResolverRoot.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return subscription{r} }

// messages subscribes to the root field of the context. The channel is closed when the context or the subscription ends.
func (r subscription) messages(ctx context.Context) (<-chan *encoder.Answer, error) {
	q, err := plannedField(ctx)
	if err != nil {
		return nil, err
	}
	s, err := q.tell(ctx, r.Resolver, q.Plan.Lens)
	if err != nil {
		return nil, contextual(err)
	}
	end, _ := ctx.Value(endingKey{}).(*ending)
	answers := make(chan *encoder.Answer)
	go func() {
		defer close(answers)
		defer s.end()
		for {
			select {
			case message, more := <-s.messages:
				if !more {
					end.err = s.err()
					return
				}
				a := q.Shape
				a.Result = message
				select {
				case answers <- &a:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return answers, nil
}

// subscriptionError is the error of a feed as the caller reads it; nil for others.
func subscriptionError(err error) *gqlerror.Error {
	switch {
	case errors.Is(err, network.ErrFull):
		return coded(gqlerror.Errorf("there are as many subscriptions as there may be; try again later"), CodeUnavailable)
	case errors.Is(err, network.ErrSlow):
		return coded(gqlerror.Errorf("messages were not taken in time, and some would have been lost; subscribe again"), CodeSlow)
	default:
		return nil
	}
}
