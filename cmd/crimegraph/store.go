package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/store"
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

// open opens the named store; with none named, a store in memory with the bundled example, and says so.
func (p *program) open(ctx context.Context, create bool) (store.Store, error) {
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
		fmt.Fprintf(p.stderr, "crimegraph: no store named; using the bundled example in memory (%d records). Name one with --store sqlite:PATH.\n", report.Accepted)
		return s, nil
	}
	scheme, path, found := strings.Cut(name, ":")
	switch {
	case found && scheme == "memory" && path == "":
		return sqlite.Open(ctx, p.model, sqlite.Memory, sqlite.Options{})
	case found && scheme == "sqlite" && path != "":
		return sqlite.Open(ctx, p.model, path, sqlite.Options{Create: create})
	}
	// The name may hold a password; only its scheme is repeated.
	return nil, usage("--store: %q names no store; write sqlite:PATH or memory:", scheme)
}

// closing closes a store at the end of a command, without hiding an earlier error.
func closing(s store.Store, err *error) {
	if closed := s.Close(); *err == nil {
		*err = closed
	}
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
