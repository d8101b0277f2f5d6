// Package graph is the GraphQL API: it reads requests, plans their root fields, asks the store and writes the answers.
package graph

import (
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/graph/generated"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Store is what the API asks of a store.
type Store interface {
	Query(ctx context.Context, p plan.Plan) (store.Value, error)
	network.Changing
}

// Resolver answers root fields. Their plans were made with the request, see API.Execute.
type Resolver struct {
	Store    Store
	Networks *network.Cache
	Feed     *network.Feed
	Limits   plan.Limits

	named        *namedRequests
	computing    *turns
	analysisTime time.Duration
	timeout      time.Duration
}

type query struct{ *Resolver }

// Query implements generated.ResolverRoot.
func (r *Resolver) Query() generated.QueryResolver { return query{r} }

type questionsKey struct{}

// questions are the planned root fields of a request by response key.
type questions map[string]planned

var errUnplanned = errors.New("graph: a root field has no plan")

// answer answers the root field of the context.
func (r *Resolver) answer(ctx context.Context) (*encoder.Answer, error) {
	q, err := plannedField(ctx)
	if err != nil {
		return nil, err
	}
	if q.run != nil {
		return r.analyse(ctx, q.Question, q.run)
	}
	value, err := r.Store.Query(ctx, q.Plan)
	if err != nil {
		return nil, err
	}
	a := q.Shape
	a.Value = value
	if q.Plan.Lookup != nil {
		a.Value = value.List[0]
	}
	return &a, nil
}

// answers asks the store for a root field that answers a list.
func (r *Resolver) answers(ctx context.Context) ([]graphql.Marshaler, error) {
	q, err := plannedField(ctx)
	if err != nil {
		return nil, err
	}
	value, err := r.Store.Query(ctx, q.Plan)
	if err != nil {
		return nil, err
	}
	list := make([]graphql.Marshaler, len(value.List))
	for i, v := range value.List {
		a := q.Shape
		a.Value = v
		list[i] = &a
	}
	return list, nil
}
