package main

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// pageQuery asks for the page that a front-end draws: groups, their routes, what these carry and where they stop.
const pageQuery = `query Page($first: Int!) {
  groups(first: $first)` + pageSelection

const pageSelection = ` {
    nodes {
      id
      name
      operates(first: 10) {
        nodes {
          id
          name
          carries(first: 10) { nodes { id name } }
          legs(first: 10) { nodes { id order mode from { id name } to { id name } } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

// pageSQL is the same page as somebody writes it by hand who knows the file.
//
//go:embed page.sql
var pageSQL string

// pageSize is the number of groups on the page.
const pageSize = 50

func pageRequest() request { return newRequest(pageQuery, map[string]any{"first": pageSize}) }

// byHand is the prepared statement of the page.
func (s *site) byHand(ctx context.Context) (*sql.Stmt, error) {
	text := pageSQL
	rows, err := s.sql.QueryContext(ctx, "SELECT type, name, rank FROM vocabulary WHERE type IN ('kind_', 'relation_')")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var what, name, rank string
		if err := rows.Scan(&what, &name, &rank); err != nil {
			return nil, err
		}
		text = strings.ReplaceAll(text, "{"+name+"}", rank)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	return s.sql.PrepareContext(ctx, text)
}

func (b *bench) page(ctx context.Context, s *site) error {
	r := pageRequest()
	answer, err := s.client.ask(ctx, r)
	if err != nil {
		return err
	}
	objects, err := count(answer)
	if err != nil {
		return err
	}
	statement, err := s.byHand(ctx)
	if err != nil {
		return err
	}
	defer statement.Close()
	value, err := s.plans(ctx, b, r)
	if err != nil {
		return err
	}
	var text string
	took, err := rounds(b.repetitions(400),
		func() error { _, err := s.client.ask(ctx, r); return err },
		s.executing(ctx, b, r),
		func() error { _, err := value(); return err },
		func() error { return statement.QueryRowContext(ctx, pageSize+1).Scan(&text) })
	if err != nil {
		return err
	}
	by := durations("hand-written SQL", took[3])
	b.compare(fmt.Sprintf("page of %d groups, %d objects", pageSize, objects), durations("HTTP", took[0]), by, 1.5)
	b.compare("the same without HTTP", durations("API", took[1]), by, 0)
	b.compare("its plan alone", durations("store", took[2]), by, 0)
	return nil
}

// plans makes the plan of a request with one root field, to be answered by the store alone.
func (s *site) plans(ctx context.Context, b *bench, r request) (func() (store.Value, error), error) {
	questions, errs := s.api.Questions(r.graph, access(b.model))
	if errs != nil {
		return nil, errs
	}
	var p plan.Plan
	for _, q := range questions {
		p = q.Plan
	}
	return func() (store.Value, error) { return s.store.Query(ctx, p) }, nil
}

// count is how many objects a response holds that have an id.
func count(response []byte) (int, error) {
	var v any
	if err := json.Unmarshal(response, &v); err != nil {
		return 0, err
	}
	return objects(v), nil
}

func objects(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += objects(e)
		}
	case map[string]any:
		if _, is := v["id"]; is {
			n++
		}
		for _, e := range v {
			n += objects(e)
		}
	}
	return n
}
