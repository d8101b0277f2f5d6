package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/neo4j"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

type flag = pflag.Flag

// namedStore is the store that the user named, or "".
func (p *program) namedStore() string {
	if p.storeFlag != "" {
		return p.storeFlag
	}
	return p.getenv("CRIMEGRAPH_STORE")
}

// opened is a store of any backend.
type opened interface {
	store.Store
	// Integrity checks what a stream of records cannot show.
	Integrity(ctx context.Context) ([]string, error)
}

// open opens the named store; with none named, a store in memory with the bundled example, and says so.
func (p *program) open(ctx context.Context, create bool) (opened, error) {
	name := p.namedStore()
	if name == "" {
		s, err := sqlite.Open(ctx, p.model, sqlite.Memory, sqlite.Options{})
		if err != nil {
			return nil, err
		}
		report, err := loader.Load(ctx, p.model, s, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{})
		if err != nil {
			return nil, fmt.Errorf("bundled example: %w", err)
		}
		fmt.Fprintf(p.stderr, "crimegraph: no store named; using the bundled example in memory (%d records). Name one with --store sqlite:PATH or --store neo4j://HOST.\n", report.Accepted)
		return s, nil
	}
	scheme, path, found := strings.Cut(name, ":")
	switch {
	case found && scheme == "memory" && path == "":
		return sqlite.Open(ctx, p.model, sqlite.Memory, sqlite.Options{})
	case found && scheme == "sqlite" && path != "":
		return sqlite.Open(ctx, p.model, path, sqlite.Options{Create: create})
	case found && slices.Contains(neo4j.Schemes, scheme):
		return neo4j.Open(ctx, p.model, name, p.neo4jOptions())
	}
	return nil, noStore(scheme)
}

// noStore is the error about a name that names no store. The name may hold a password; only its scheme is repeated.
func noStore(scheme string) error {
	return usage("--store: %q names no store; write sqlite:PATH, memory: or SCHEME://HOST:PORT with one of %s%s", scheme, strings.Join(neo4j.Schemes, ", "),
		ontology.Suggest(scheme, append([]string{"sqlite", "memory"}, neo4j.Schemes...)))
}

// neo4jFlags are the settings of the connection to a Neo4j server.
type neo4jFlags struct {
	database             string
	pool                 int
	acquire, dial, retry time.Duration
}

func (f *neo4jFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.database, "neo4j-database", "", "database of the Neo4j server (default the server's own)")
	flags.IntVar(&f.pool, "neo4j-pool", 50, "connections to a Neo4j server, at least 2")
	flags.DurationVar(&f.acquire, "neo4j-acquire", 5*time.Second, "refuse a caller who waits longer for a connection")
	flags.DurationVar(&f.dial, "neo4j-connect", 5*time.Second, "give up a connection that takes longer to come about")
	flags.DurationVar(&f.retry, "neo4j-retry", 5*time.Second, "try again for this long after a lost connection; raise it for loads into servers that restart")
}

// neo4jOptions joins the flags and the credentials, which come from the environment alone.
func (p *program) neo4jOptions() neo4j.Options {
	return neo4j.Options{
		Username: p.getenv("NEO4J_USERNAME"), Password: p.getenv("NEO4J_PASSWORD"),
		Database: p.neo4j.database, PoolSize: p.neo4j.pool, AcquireTimeout: p.neo4j.acquire, ConnectTimeout: p.neo4j.dial, RetryTime: p.neo4j.retry,
	}
}

// closing closes a store at the end of a command, without hiding an earlier error.
func closing(s store.Store, err *error) {
	if closed := s.Close(); *err == nil {
		*err = closed
	}
}

// shown opens the store of a command, and says what may be shown of it. The caller closes it.
func (p *program) shown(ctx context.Context, flags accessFlags) (store.Store, lookahead.Access, error) {
	access, err := p.access(flags)
	if err != nil {
		return nil, access, err
	}
	s, err := p.open(ctx, false)
	return s, access, err
}

// memoryFlag is how much networks in memory take at most, in MiB.
type memoryFlag int

func (m *memoryFlag) add(flags *pflag.FlagSet) {
	flags.IntVar((*int)(m), "network-memory", network.DefaultMemory>>20, "MiB that networks in memory take at most, for paths, subgraphs, search and exports; some 60 bytes a relation")
}

func (m memoryFlag) bytes() (int64, error) {
	if m < 1 {
		return 0, usage("--network-memory: at least 1 MiB, not %d", m)
	}
	return int64(m) << 20, nil
}

// accessFlags are the flags that say what a caller may see.
type accessFlags struct {
	maxTlp       string
	compartments []string
}

func (a *accessFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&a.maxTlp, "max-tlp", "RED", "show nothing marked above this: CLEAR, GREEN, AMBER, AMBER_STRICT, RED")
	flags.StringSliceVar(&a.compartments, "compartment", nil, "need-to-know compartment to show; repeat for several (default none)")
}

func (p *program) access(a accessFlags) (lookahead.Access, error) {
	tlp := p.model.Claim.Property("tlp")
	rank, err := tlp.Parse(a.maxTlp)
	if err != nil {
		return lookahead.Access{}, usage("--max-tlp: %w", err)
	}
	n, _ := rank.(int64)
	return lookahead.Access{MaxTlp: n, Compartments: a.compartments}, nil
}
