package sqlite

import (
	"container/list"
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Query answers a plan with one statement.
func (s *Store) Query(ctx context.Context, p plan.Plan) (store.Value, error) {
	compiled := s.Compile(p)
	prepared, done, err := s.statements.get(ctx, compiled.SQL)
	if err != nil {
		return store.Value{}, s.failure("query", err)
	}
	defer done()
	rows, err := prepared.QueryContext(ctx, compiled.Args...)
	if err != nil {
		return store.Value{}, s.failure("query", err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return store.Value{}, s.failure("query", err)
		}
		return store.Value{}, store.Errorf(store.CodeInternal, "query", "", "the statement gave no row")
	}
	columns := []sql.RawBytes{nil}
	into := []any{&columns[0]}
	if p.Page != nil {
		columns = append(columns, nil)
		into = []any{&columns[0], &columns[1]}
	}
	if err := rows.Scan(into...); err != nil {
		return store.Value{}, s.failure("query", err)
	}
	values := make([]store.Value, len(columns))
	for i, text := range columns {
		if text == nil {
			continue
		}
		if values[i], err = decode(string(text)); err != nil {
			return store.Value{}, store.Errorf(store.CodeInternal, "query", "", "decoding the answer: %w", err)
		}
	}
	answer := values[0]
	if len(values) > 1 {
		answer = store.Value{Type: store.List, List: values}
	}
	return answer, s.failure("query", rows.Close())
}

// preparedLimit bounds the statements kept; each costs some tens of kilobytes a connection.
const preparedLimit = 128

// statements keeps prepared statements by text, the most recently used first.
type statements struct {
	db *sql.DB

	mu      sync.Mutex
	entries map[string]*list.Element
	recent  list.List
}

type entry struct {
	text  string
	stmt  *sql.Stmt
	users int
	gone  bool
}

// get returns the prepared statement of a text. The caller must call done when its rows are closed.
func (s *statements) get(ctx context.Context, text string) (stmt *sql.Stmt, done func(), err error) {
	s.mu.Lock()
	if e := s.entries[text]; e != nil {
		s.recent.MoveToFront(e)
		found := e.Value.(*entry)
		found.users++
		s.mu.Unlock()
		return found.stmt, func() { s.release(found) }, nil
	}
	s.mu.Unlock()
	if stmt, err = s.db.PrepareContext(ctx, text); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	made := &entry{text: text, stmt: stmt, users: 1}
	if _, raced := s.entries[text]; raced {
		made.gone = true // somebody else's is kept; this one ends with its use
	} else {
		s.entries[text] = s.recent.PushFront(made)
	}
	for s.recent.Len() > preparedLimit {
		oldest := s.recent.Remove(s.recent.Back()).(*entry)
		delete(s.entries, oldest.text)
		oldest.gone = true
		if oldest.users == 0 {
			oldest.stmt.Close()
		}
	}
	return stmt, func() { s.release(made) }, nil
}

func (s *statements) release(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.users--
	if e.gone && e.users == 0 {
		e.stmt.Close()
	}
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for s.recent.Len() > 0 {
		e := s.recent.Remove(s.recent.Front()).(*entry)
		e.gone = true
		if e.users == 0 {
			errs = append(errs, e.stmt.Close())
		}
	}
	s.entries = map[string]*list.Element{}
	return errors.Join(errs...)
}
