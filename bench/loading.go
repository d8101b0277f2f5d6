package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// loads is what one round of loading came to.
type loads struct {
	first, again, bare time.Duration
	report, second     loader.Report
	rows               int
}

func (b *bench) loading(ctx context.Context, s *site) (err error) {
	dir := filepath.Join(b.dir, "loading")
	if err := os.MkdirAll(filepath.Join(dir, "network"), 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := s.network.Write(filepath.Join(dir, "network")); err != nil {
		return err
	}
	var first, again, bare []time.Duration
	var last loads
	for range b.repetitions(3) {
		if last, err = b.load(ctx, dir); err != nil {
			return err
		}
		first, again, bare = append(first, last.first), append(again, last.again), append(bare, last.bare)
	}
	b.compare(fmt.Sprintf("loading %d rows of a data set", last.report.Rows), durations("loader", first),
		durations(fmt.Sprintf("bare inserts of the %d rows that it made", last.rows), bare), 2)
	b.compare(fmt.Sprintf("loading them again, %d changes", last.second.Changes.Added+last.second.Changes.Updated),
		durations("second load", again), durations("first load", first), 0.5)
	return nil
}

// load loads the data set into a new store twice, and then the rows that came of it into another one by bare inserts.
func (b *bench) load(ctx context.Context, dir string) (l loads, err error) {
	loaded, inserted := filepath.Join(dir, "loaded.db"), filepath.Join(dir, "inserted.db")
	defer func() {
		for _, path := range []string{loaded, inserted} {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	s, err := sqlite.Open(ctx, b.model, loaded, sqlite.Options{Create: true})
	if err != nil {
		return l, err
	}
	for _, once := range []struct {
		took   *time.Duration
		report *loader.Report
	}{{&l.first, &l.report}, {&l.again, &l.second}} {
		runtime.GC()
		*once.took, err = timed(func() (err error) { *once.report, err = b.loadOnce(ctx, s, dir); return err })
		if err != nil {
			return l, errors.Join(err, s.Close())
		}
	}
	if err := s.Close(); err != nil {
		return l, err
	}
	l.bare, l.rows, err = b.insert(ctx, loaded, inserted)
	return l, err
}

func (b *bench) loadOnce(ctx context.Context, s store.Store, dir string) (report loader.Report, err error) {
	set, closeSet, err := loader.OpenFolder(filepath.Join(dir, "network"))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, closeSet()) }()
	return loader.Load(ctx, b.model, s, set, loader.Options{})
}

// insertChunk is how many rows are read before they are inserted, and inserted in one transaction: as many as the loader writes in one.
const insertChunk = 5000

// insert copies the rows of a store into a new one, row by row with prepared inserts, and tells how long the inserts took: reading and
// setting up do not count. Rows come in the order in which a load writes them.
func (b *bench) insert(ctx context.Context, from, to string) (took time.Duration, rows int, err error) {
	empty, err := sqlite.Open(ctx, b.model, to, sqlite.Options{Create: true})
	if err != nil {
		return 0, 0, err
	}
	if err := empty.Close(); err != nil {
		return 0, 0, err
	}
	source, err := database(from, true)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := database(to, false)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	runtime.GC()
	for _, query := range []struct{ table, columns, order string }{
		{"node", "*", "key_"},
		{"edge", "*", "relation_, src_, dst_, id"},
	} {
		d, n, err := copyRows(ctx, source, target, query.table, query.columns, query.order)
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", query.table, err)
		}
		took += d
		rows += n
	}
	return took, rows, nil
}

func copyRows(ctx context.Context, source, target *sql.DB, table, columns, order string) (took time.Duration, count int, err error) {
	read, err := source.QueryContext(ctx, "SELECT "+columns+" FROM "+table+" ORDER BY "+order)
	if err != nil {
		return 0, 0, err
	}
	defer read.Close()
	names, err := read.Columns()
	if err != nil {
		return 0, 0, err
	}
	for i, name := range names {
		names[i] = `"` + name + `"`
	}
	text := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
	insert, err := target.PrepareContext(ctx, text)
	if err != nil {
		return 0, 0, err
	}
	defer insert.Close()
	chunk := make([][]any, 0, insertChunk)
	write := func() error {
		d, err := timed(func() error { return insertRows(ctx, target, insert, chunk) })
		took += d
		count += len(chunk)
		chunk = chunk[:0]
		return err
	}
	for read.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := read.Scan(into...); err != nil {
			return 0, 0, err
		}
		if chunk = append(chunk, values); len(chunk) == insertChunk {
			if err := write(); err != nil {
				return 0, 0, err
			}
		}
	}
	if err := read.Err(); err != nil {
		return 0, 0, err
	}
	return took, count, write()
}

func insertRows(ctx context.Context, target *sql.DB, insert *sql.Stmt, rows [][]any) (err error) {
	tx, err := target.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	st := tx.StmtContext(ctx, insert)
	for _, values := range rows {
		if _, err := st.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
