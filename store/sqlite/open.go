// Package sqlite is the embedded store: one ordinary SQLite file, or memory, read by SQLite compiled to Go.
package sqlite

import (
	"container/list"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Memory is the path of a store that lives in memory and ends with Close.
const Memory = ":memory:"

// Options of Open.
type Options struct {
	// Create makes the file where there is none. Without it a missing file is CodeNotFound.
	Create bool
}

// Store is an open SQLite store.
type Store struct {
	model    *ontology.Model
	path     string
	readonly bool

	readers *sql.DB
	writer  *sql.DB
	anchor  *sql.Conn // keeps a memory database alive

	codes      codes
	statements statements

	writing  sync.Mutex
	beside   sync.Mutex // held by the one stream that reads over two connections
	keys     keyCache
	removals int64 // how often nodes were taken away when keys was begun
	edgeText string
	derived  []*ontology.Property // those in which two claims of one id may differ
	closed   atomic.Bool
}

var _ store.Store = (*Store)(nil)

// memoryNumber tells memory stores of one process apart.
var memoryNumber atomic.Int64

// Open opens the store at path, checks that it is one, and migrates it to the model unless the file is read-only.
func Open(ctx context.Context, model *ontology.Model, path string, opts Options) (*Store, error) {
	s := &Store{model: model, path: path, derived: store.Derived(model.Claim)}
	if path == Memory {
		return s.open(ctx, "file:/crimegraph-"+strconv.FormatInt(memoryNumber.Add(1), 10)+"?vfs=memdb")
	}
	if err := s.inspect(opts); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, store.Errorf(store.CodeUnreachable, path, "", "%w", err)
	}
	uri := "file:" + (&url.URL{Path: absolute}).EscapedPath()
	if !s.readonly {
		return s.open(ctx, uri+"?mode=rwc&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	}
	opened, err := s.open(ctx, uri+"?mode=ro")
	if err == nil {
		return opened, nil
	}
	// Reading beside a writer takes a lock file in the same folder. Where that cannot be made, the file may still be read as
	// one that nobody writes, but only if no log of a writer lies beside it.
	if log, statErr := os.Stat(path + "-wal"); statErr == nil && log.Size() > 0 {
		return nil, err
	}
	return s.open(ctx, uri+"?mode=ro&immutable=1")
}

func (s *Store) open(ctx context.Context, uri string) (*Store, error) {
	if err := s.connect(ctx, uri); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, uri string) error {
	uri += "&_pragma=busy_timeout(10000)&_pragma=temp_store(2)"
	reading := uri + "&_pragma=cache_size(-16384)&_pragma=query_only(1)"
	var err error
	if s.writer, err = sql.Open("sqlite", uri+"&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(16000)&_txlock=immediate"); err != nil {
		return s.failure("", err)
	}
	s.writer.SetMaxOpenConns(1)
	if s.readers, err = sql.Open("sqlite", reading); err != nil {
		return s.failure("", err)
	}
	connections := max(4, 2*runtime.GOMAXPROCS(0))
	s.readers.SetMaxOpenConns(connections)
	s.readers.SetMaxIdleConns(connections)
	s.statements = statements{db: s.readers, entries: map[string]*list.Element{}}
	if s.path == Memory {
		// A database in memory lives as long as some connection to it.
		s.readers.SetMaxOpenConns(connections + 1)
		if s.anchor, err = s.readers.Conn(ctx); err != nil {
			return s.failure("", err)
		}
	}
	return s.Migrate(ctx)
}

// inspect looks at the file before SQLite does, for messages that say what is wrong with it.
func (s *Store) inspect(opts Options) error {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		if !opts.Create {
			return store.Errorf(store.CodeNotFound, s.path, "fill one with: crimegraph load --store sqlite:"+s.path+" DATASET", "there is no such store")
		}
		if _, err := os.Stat(filepath.Dir(s.path)); err != nil {
			return store.Errorf(store.CodeUnreachable, s.path, "create the folder first", "%w", err)
		}
		return nil
	}
	if err != nil {
		return store.Errorf(store.CodeUnreachable, s.path, "", "%w", err)
	}
	if info.IsDir() {
		return store.Errorf(store.CodeIncompatible, s.path, "name a file", "this is a folder")
	}
	s.readonly = info.Mode().Perm()&0o200 == 0 || syscall.Access(s.path, 2) != nil
	if info.Size() == 0 {
		return nil
	}
	file, err := os.Open(s.path)
	if err != nil {
		return store.Errorf(store.CodeUnreachable, s.path, "", "%w", err)
	}
	defer file.Close()
	header := make([]byte, 100)
	if n, err := file.ReadAt(header, 0); err != nil || string(header[:16]) != "SQLite format 3\x00" {
		return store.Errorf(store.CodeIncompatible, s.path, "name a file made by crimegraph load", "this is no SQLite file (%d bytes read)", n)
	}
	pageSize := int64(binary.BigEndian.Uint16(header[16:]))
	if pageSize == 1 {
		pageSize = 65536
	}
	if pages := int64(binary.BigEndian.Uint32(header[28:])); info.Size() < pages*pageSize {
		return store.Errorf(store.CodeDamaged, s.path, "restore it from a copy or load the data again",
			"the file is cut short: %d of %d bytes", info.Size(), pages*pageSize)
	}
	return nil
}

// Close releases the store.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return store.Errorf(store.CodeClosed, s.path, "", "the store is closed")
	}
	return s.release()
}

func (s *Store) release() error {
	var errs []error
	errs = append(errs, s.statements.close())
	if s.anchor != nil {
		errs = append(errs, s.anchor.Close())
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return store.Errorf(store.CodeInternal, s.path, "", "closing: %w", err)
	}
	return nil
}

// Revision grows with every batch that changed something.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var text string
	if err := s.readers.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'revision'").Scan(&text); err != nil {
		return 0, s.failure("revision", err)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, store.Errorf(store.CodeDamaged, s.path, "", "revision %q: %w", text, err)
	}
	return n, nil
}

// failure gives an error of SQLite or of the context its code; nil stays nil.
func (s *Store) failure(subject string, err error) error {
	if err == nil {
		return nil
	}
	var known *store.Error
	if errors.As(err, &known) {
		return err
	}
	if subject == "" {
		subject = s.path
	}
	code, fix := store.CodeInternal, ""
	var sqlite *driver.Error
	switch {
	case s.closed.Load() || errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "database is closed"):
		code = store.CodeClosed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		code = store.CodeDeadline
	case errors.As(err, &sqlite):
		switch sqlite.Code() & 0xff {
		case lib.SQLITE_INTERRUPT:
			code = store.CodeDeadline
		case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			code, fix = store.CodeDamaged, "restore it from a copy or load the data again"
		case lib.SQLITE_READONLY, lib.SQLITE_PERM:
			code, fix = store.CodeReadOnly, "make the file writable, or load into another store"
		case lib.SQLITE_FULL:
			code, fix = store.CodeUnreachable, "make room on the disk, and run the same again"
		case lib.SQLITE_CANTOPEN, lib.SQLITE_IOERR, lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
			code = store.CodeUnreachable
		}
	}
	return &store.Error{Code: code, Subject: subject, Fix: fix, Err: fmt.Errorf("sqlite: %w", err)}
}
