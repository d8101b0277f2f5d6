package neo4j

import (
	"context"
	"fmt"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Query answers a plan with one statement; with the same one again where a batch was committed meanwhile.
func (s *Store) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	statement := Compile(s.model, p)
	for try := range optimistic {
		rows, err := s.collect(ctx, neo4j.AccessModeRead, statement.Cypher, statement.Parameters)
		if err != nil {
			return store.Value{}, err
		}
		if len(rows) != 1 {
			return store.Value{}, s.gone()
		}
		if whole(rows[0][columnBefore], rows[0][columnAfter]) {
			return value(rows[0][columnAnswer])
		}
		select {
		case <-ctx.Done():
		case <-time.After(firstPause << try):
		}
	}
	var answer any
	err := s.retrying(ctx, func() error {
		return s.held(ctx, func(tx neo4j.ExplicitTransaction) error {
			result, err := tx.Run(ctx, statement.Cypher, statement.Parameters)
			if err != nil {
				return err
			}
			record, err := result.Single(ctx)
			if err != nil {
				return err
			}
			answer = record.Values[columnAnswer]
			return nil
		})
	})
	if err != nil {
		return store.Value{}, err
	}
	return value(answer)
}

// value turns what the driver gives into an answer. Its lists lie in one piece of memory: there are thousands, and most hold a few elements.
func value(v any) (store.Value, error) {
	all := make(elements, count(v))
	return all.value(v)
}

// count is how many elements all lists of a value have.
func count(v any) int {
	list, _ := v.([]any)
	n := len(list)
	for _, e := range list {
		n += count(e)
	}
	return n
}

// elements is memory for the elements of lists that is not taken yet.
type elements []store.Value

func (e *elements) value(v any) (store.Value, error) {
	switch v := v.(type) {
	case nil:
		return store.Value{}, nil
	case int64:
		return store.Value{Type: store.Integer, Int: v}, nil
	case float64:
		return store.Value{Type: store.Floating, Float: v}, nil
	case string:
		return store.Value{Type: store.Text, Text: v}, nil
	case []any:
		list := (*e)[:len(v):len(v)]
		*e = (*e)[len(v):]
		for i := range v {
			var err error
			if list[i], err = e.value(v[i]); err != nil {
				return store.Value{}, err
			}
		}
		return store.Value{Type: store.List, List: list}, nil
	default:
		return store.Value{}, store.Errorf(store.CodeDamaged, fmt.Sprint(v), "", "a value of type %T is none of this store's", v)
	}
}
