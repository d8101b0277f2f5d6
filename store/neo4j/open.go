// Package neo4j is the store on a Neo4j server, 5.23 or later, of any edition.
package neo4j

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/notifications"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Schemes are the schemes of addresses that Open takes: bolt speaks to one server, neo4j asks a cluster for its members and sends reads to
// readers; +s checks the server's certificate, +ssc takes any.
var Schemes = []string{"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"}

// Options of Open. Zero values mean the defaults.
type Options struct {
	// Username and Password; without a name the server is asked without authentication.
	Username, Password string
	// Database is the name of the database; empty for the server's default.
	Database string
	// PoolSize is the largest number of connections to one server: 50. A writer takes two.
	PoolSize int
	// AcquireTimeout is how long a call waits for a free connection before it is refused: 5 seconds.
	AcquireTimeout time.Duration
	// ConnectTimeout is how long a connection may take to come about: 5 seconds.
	ConnectTimeout time.Duration
	// RetryTime is how long a call is tried again after a lost connection or a transient failure of the server: 5 seconds.
	RetryTime time.Duration
	// NewID gives names for writers and batches that nobody else gives: random ones.
	NewID func() string
}

func (o *Options) complete() error {
	for _, setting := range []struct {
		name  string
		value *time.Duration
	}{{"acquire timeout", &o.AcquireTimeout}, {"connect timeout", &o.ConnectTimeout}, {"retry time", &o.RetryTime}} {
		if *setting.value < 0 {
			return store.Errorf(store.CodeIncompatible, "", "write a time of 0 or more, as 5s", "the %s %v lies below 0", setting.name, *setting.value)
		}
		if *setting.value == 0 {
			*setting.value = 5 * time.Second
		}
	}
	if o.PoolSize == 0 {
		o.PoolSize = 50
	}
	if o.PoolSize < 2 {
		return store.Errorf(store.CodeIncompatible, "", "allow 2 or more", "%d connections are too few: a writer takes two", o.PoolSize)
	}
	if o.NewID == nil {
		o.NewID = rand.Text
	}
	return nil
}

// Store is an open Neo4j store.
type Store struct {
	model   *ontology.Model
	address string // without credentials
	options Options
	driver  neo4j.DriverWithContext
	// bookmarks let every reader see what this store wrote, on whatever member of a cluster it reads.
	bookmarks neo4j.BookmarkManager
	closed    atomic.Bool

	// writing holds one token: a store writes one batch at a time.
	writing chan struct{}
	writer  string
	// wrote says that the database holds a record of this writer. Guarded by writing.
	wrote bool
	// known says that the batch before held records that were there already: loads come in runs of new or of known ones. Guarded by writing.
	known bool
}

var _ store.Store = (*Store)(nil)

// Open connects to the server at the address, checks that it can hold the store, and migrates the database to the model.
func Open(ctx context.Context, model *ontology.Model, address string, options Options) (*Store, error) {
	s, err := connect(model, address, options)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.driver.Close(ctx))
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.checkServer(ctx); err != nil {
		return err
	}
	return s.Migrate(ctx)
}

// connect makes a store without asking the server anything.
func connect(model *ontology.Model, address string, options Options) (*Store, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return nil, store.Errorf(store.CodeIncompatible, "", "write SCHEME://HOST:PORT, as neo4j://localhost:7687", "the address cannot be read")
	}
	if parsed.User != nil {
		return nil, store.Errorf(store.CodeIncompatible, parsed.Host, "set NEO4J_USERNAME and NEO4J_PASSWORD instead", "an address holds no credentials")
	}
	if (parsed.Path != "" && parsed.Path != "/") || parsed.RawQuery != "" && !strings.HasPrefix(parsed.Scheme, "neo4j") {
		return nil, store.Errorf(store.CodeIncompatible, parsed.Host, "write SCHEME://HOST:PORT, and --neo4j-database for a database", "the address holds more than a server")
	}
	s := &Store{model: model, address: parsed.Scheme + "://" + parsed.Host, options: options, writing: make(chan struct{}, 1)}
	if err := s.options.complete(); err != nil {
		return nil, err
	}
	s.writer = s.options.NewID()
	s.bookmarks = neo4j.NewBookmarkManager(neo4j.BookmarkManagerConfig{})
	auth := neo4j.NoAuth()
	if options.Username != "" {
		auth = neo4j.BasicAuth(options.Username, options.Password, "")
	}
	s.driver, err = neo4j.NewDriverWithContext(address, auth, func(c *config.Config) {
		c.MaxConnectionPoolSize = s.options.PoolSize
		c.ConnectionAcquisitionTimeout = s.options.AcquireTimeout
		c.SocketConnectTimeout = s.options.ConnectTimeout
		// A connection that lay idle is asked whether it still stands: servers restart, firewalls forget.
		c.ConnectionLivenessCheckTimeout = 10 * time.Second
		c.NotificationsMinSeverity = notifications.DisabledLevel
		c.TelemetryDisabled = true
		c.UserAgent = "crimegraph"
	})
	if err != nil {
		return nil, store.Errorf(store.CodeIncompatible, s.address, "write one of "+strings.Join(Schemes, ", "), "%w", err)
	}
	return s, nil
}

// leastVersion is the first version of Neo4j that knows subqueries with a list of variables.
var leastVersion = [2]int{5, 23}

// release is what a server says of itself.
type release struct{ version, edition string }

func (s *Store) release(ctx context.Context) (release, error) {
	rows, err := s.collect(ctx, neo4j.AccessModeRead, "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0], edition", nil)
	if err != nil {
		return release{}, err
	}
	for _, r := range rows {
		if name, _ := r[0].(string); name == "Neo4j Kernel" {
			version, _ := r[1].(string)
			edition, _ := r[2].(string)
			return release{version, edition}, nil
		}
	}
	return release{}, store.Errorf(store.CodeIncompatible, s.address, "name a Neo4j server", "the server does not say which version it has")
}

func (v release) tooOld() bool {
	var major, minor int
	if _, err := fmt.Sscanf(v.version, "%d.%d", &major, &minor); err != nil {
		return false // a version that cannot be read is a later scheme of numbers
	}
	return major < leastVersion[0] || major == leastVersion[0] && minor < leastVersion[1]
}

func (s *Store) checkServer(ctx context.Context) error {
	found, err := s.release(ctx)
	if err != nil {
		return err
	}
	if found.tooOld() {
		return store.Errorf(store.CodeIncompatible, s.address, fmt.Sprintf("use Neo4j %d.%d or later", leastVersion[0], leastVersion[1]),
			"the server has version %s, which is too old", found.version)
	}
	return nil
}

// closePatience bounds what Close does on a server that does not answer.
const closePatience = 2 * time.Second

// Close releases the store.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return store.Errorf(store.CodeClosed, s.address, "", "the store is closed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if s.wrote {
		// Nobody asks again for the last batch of a writer that is gone; a record that stays on an unreachable server does no harm.
		session := s.session(ctx, neo4j.AccessModeWrite)
		if result, err := session.Run(ctx, "MATCH (w:"+writerLabel+" {id: $id}) DELETE w", map[string]any{"id": s.writer}); err == nil {
			_, _ = result.Consume(ctx)
		}
		_ = session.Close(ctx)
	}
	if err := s.driver.Close(ctx); err != nil {
		return store.Errorf(store.CodeInternal, s.address, "", "closing: %w", err)
	}
	return nil
}

// session opens a session. Reads may go to any member of a cluster that has seen what this store wrote.
func (s *Store) session(ctx context.Context, mode neo4j.AccessMode) neo4j.SessionWithContext {
	return s.driver.NewSession(ctx, neo4j.SessionConfig{
		AccessMode: mode, DatabaseName: s.options.Database, BookmarkManager: s.bookmarks,
	})
}

// deadline tells the server when to stop by itself: the client may be gone by then.
func deadline(ctx context.Context) func(*neo4j.TransactionConfig) {
	return func(c *neo4j.TransactionConfig) {
		if at, limited := ctx.Deadline(); limited {
			c.Timeout = max(time.Until(at), time.Millisecond).Round(time.Millisecond)
		}
	}
}

// collect runs one statement in a transaction of its own, tries again where that may help, and gives its records.
func (s *Store) collect(ctx context.Context, mode neo4j.AccessMode, cypher string, parameters map[string]any) ([][]any, error) {
	var out [][]any
	err := s.retrying(ctx, func() error {
		out = nil
		session := s.session(ctx, mode)
		defer session.Close(ctx)
		result, err := session.Run(ctx, cypher, parameters, deadline(ctx))
		if err != nil {
			return err
		}
		for result.Next(ctx) {
			out = append(out, result.Record().Values)
		}
		return result.Err()
	})
	return out, err
}

// The pauses between tries.
const (
	firstPause = 10 * time.Millisecond
	longPause  = 500 * time.Millisecond
)

// retrying calls do until it succeeds, fails for good, or the time for retries is over. Its error is of type *store.Error.
func (s *Store) retrying(ctx context.Context, do func() error) error {
	if s.closed.Load() {
		return store.Errorf(store.CodeClosed, s.address, "", "the store is closed")
	}
	over := time.Now().Add(s.options.RetryTime)
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := ctx.Err()
		if err == nil {
			err = do()
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !passing(err) || time.Now().Add(pause).After(over) {
			return s.failure(ctx, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// passing says whether an error may be gone at the next try.
func passing(err error) bool {
	if told, is := errors.AsType[*neo4j.Neo4jError](err); is {
		return told.IsRetriable()
	}
	return lost(err) && !crowded(err)
}

// lost says whether a connection was lost, or none came about.
func lost(err error) bool {
	_, connectivity := errors.AsType[*neo4j.ConnectivityError](err)
	_, network := errors.AsType[net.Error](err)
	return connectivity || network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || neo4j.IsRetryable(err)
}

// crowded says whether no connection of the pool came free in time. The driver does not export the type of that error.
func crowded(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "Timeout while waiting for connection") || strings.Contains(err.Error(), "No idle connections on any of"))
}

// failure gives an error of the driver, the server or the context its code.
func (s *Store) failure(ctx context.Context, err error) error {
	if _, known := errors.AsType[*store.Error](err); err == nil || known {
		return err
	}
	code, fix := store.CodeInternal, ""
	told, fromServer := errors.AsType[*neo4j.Neo4jError](err)
	switch {
	case s.closed.Load():
		code = store.CodeClosed
	case ctx.Err() != nil:
		code, err = store.CodeDeadline, fmt.Errorf("%w: %w", ctx.Err(), err)
	case fromServer:
		code, fix = meaning(told)
	case crowded(err):
		code, fix = store.CodeBusy, "ask again, or allow more connections with --neo4j-pool"
	case lost(err):
		code, fix = store.CodeUnreachable, "check that the server runs and that the address is right"
	}
	return &store.Error{Code: code, Subject: s.address, Fix: fix, Err: fmt.Errorf("neo4j: %w", err)}
}

// meaning reads the server's own codes.
func meaning(e *neo4j.Neo4jError) (code store.Code, fix string) {
	switch {
	case e.Code == "Neo.ClientError.Security.Unauthorized", e.Code == "Neo.ClientError.Security.AuthenticationRateLimit", e.Code == "Neo.ClientError.Security.CredentialsExpired":
		return store.CodeUnreachable, "set NEO4J_USERNAME and NEO4J_PASSWORD to what the server knows"
	case e.Code == "Neo.ClientError.Database.DatabaseNotFound":
		return store.CodeNotFound, "name a database that exists with --neo4j-database, or leave it out"
	case strings.HasPrefix(e.Code, "Neo.ClientError.Security."):
		return store.CodeReadOnly, "use an account that may do this"
	case strings.HasPrefix(e.Code, "Neo.ClientError.Transaction.TransactionTimedOut"), e.Code == "Neo.ClientError.Transaction.TransactionTerminated", e.Code == "Neo.TransientError.Transaction.Terminated":
		return store.CodeDeadline, ""
	case e.Code == "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", e.Code == "Neo.ClientError.Cluster.NotALeader":
		return store.CodeReadOnly, "write through neo4j://, which finds the member that takes writes"
	case strings.HasPrefix(e.Code, "Neo.TransientError."), e.Code == "Neo.ClientError.General.DatabaseUnavailable":
		return store.CodeUnreachable, "ask again"
	default:
		return store.CodeInternal, ""
	}
}
