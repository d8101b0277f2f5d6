package main

import (
	"context"
	"errors"
	"iter"

	"github.com/crimegraph/crimegraph/bench/stock"
	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// remembered is a store that gives one value, whatever is asked.
type remembered struct{ value store.Value }

func (r remembered) Query(context.Context, plan.Plan) (store.Value, error) { return r.value, nil }
func (r remembered) Revision(context.Context) (int64, error)               { return 1, nil }
func (r remembered) Touched(context.Context, int64) (store.Touched, error) {
	return store.Touched{Revision: 1}, nil
}
func (r remembered) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	return func(func(store.Record, error) bool) {}
}

// encoders are the ways to write the page from memory.
type encoders struct {
	// shape is the answer as the encoder writes it, api the API over it, stock gqlgen's executor over the same objects.
	shape encoder.Answer
	api   *graph.API
	stock *stock.Executor
}

func (b *bench) encoders(ctx context.Context, s *site, r request) (e encoders, err error) {
	questions, errs := s.api.Questions(r.graph, access(b.model))
	if errs != nil {
		return e, errs
	}
	q, known := questions["groups"]
	if !known {
		return e, errors.New("the page has no root field groups")
	}
	value, err := s.store.Query(ctx, q.Plan)
	if err != nil {
		return e, err
	}
	e.shape = q.Shape
	e.shape.Value = value
	e.api = graph.NewAPI(b.model, remembered{value}, graph.Options{})
	data, err := s.execute(ctx, b.model, r)
	if err != nil {
		return e, err
	}
	e.stock, err = stock.New(pageQuery, map[string]any{"first": pageSize}, data)
	return e, err
}

func (b *bench) encoding(ctx context.Context, s *site) error {
	e, err := b.encoders(ctx, s, pageRequest())
	if err != nil {
		return err
	}
	r := pageRequest().graph
	var buffer []byte
	took, err := rounds(b.repetitions(400),
		func() error { buffer = e.shape.Append(buffer[:0]); return nil },
		func() error {
			if response := e.api.Execute(ctx, r, access(b.model)); len(response.Errors) > 0 {
				return response.Errors
			}
			return nil
		},
		func() error { _, err := e.stock.Execute(ctx); return err })
	if err != nil {
		return err
	}
	executor := durations("gqlgen's executor", took[2])
	b.compare("the page from memory", durations("encoder", took[0]), executor, 0.1)
	b.compare("the same with plan and root fields", durations("API over a store in memory", took[1]), executor, 0)
	return nil
}
