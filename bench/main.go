// Command bench measures what the program promises about speed, each promise against a reference in the same run, and prints one table.
// docs/performance.md explains the lines.
//
//	go run ./bench [--scale 65k|5m] [--neo4j] [--only PART] [--dir DIR] [--json]
//
// The exit code is 0 wherever something could be measured, however it came out: speed is no test.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/ontology"
)

// The scales.
var (
	small = synthetic.Size{Nodes: 65_000, Relations: 380_000}
	large = synthetic.Size{Nodes: 1_000_000, Relations: 5_000_000}
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	scale := flags.String("scale", "65k", "65k, or 5m to compare the page at both sizes as well (takes some ten minutes and 1 GB)")
	dir := flags.String("dir", "", "folder for the stores, which are kept there and used again; otherwise a temporary one")
	onNeo4j := flags.Bool("neo4j", false, "measure the store on Neo4j instead: on a server started for it, or on the one that CRIMEGRAPH_TEST_NEO4J names, whose content is deleted")
	only := flags.String("only", "", "measure this part alone, such as page")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil || flags.NArg() > 0 || *scale != "65k" && *scale != "5m" {
		fmt.Fprintln(stderr, "bench: use [--scale 65k|5m] [--neo4j] [--only PART] [--dir DIR] [--json]")
		return 2
	}
	b := &bench{size: small, effort: 1, dir: *dir, log: stderr, onNeo4j: *onNeo4j, only: *only}
	if *scale == "5m" {
		b.larger = &large
	}
	report, err := b.run(ctx)
	if err == nil && *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else if err == nil {
		err = report.markdown(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// bench is one run.
type bench struct {
	size   synthetic.Size
	larger *synthetic.Size
	// effort scales how often everything is repeated; 1 is for measuring.
	effort float64
	dir    string
	// onNeo4j measures the store on Neo4j instead of the embedded one.
	onNeo4j bool
	// only is the one part to measure; empty for all.
	only   string
	log    io.Writer
	model  *ontology.Model
	report Report
}

// seed of all networks.
const seed = 1

func (b *bench) run(ctx context.Context) (_ Report, err error) {
	if b.model, err = ontology.Load(crimegraph.Schema); err != nil {
		return b.report, err
	}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "crimegraph-bench-"); err != nil {
			return b.report, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return b.report, err
	}
	b.report.Machine = machine()
	if b.onNeo4j {
		err := b.neo4j(ctx)
		return b.report, err
	}
	at, err := b.open(ctx, b.size)
	if err != nil {
		return b.report, err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	b.report.Networks = append(b.report.Networks, at.description)
	return b.report, b.measure([]part{
		{"page", func() error { return b.page(ctx, at) }},
		{"encoding", func() error { return b.encoding(ctx, at) }},
		{"entity", func() error { return b.entity(ctx, at) }},
		{"keyset", func() error { return b.keyset(ctx, at) }},
		{"lens", func() error { return b.lens(ctx, at) }},
		{"network", func() error { return b.building(ctx, at, 1500*time.Millisecond) }},
		{"renewing", func() error { return b.renewing(ctx, at) }},
		{"paths", func() error { return b.paths(ctx, at) }},
		{"beside", func() error { return b.beside(ctx, at) }},
		{"subgraph", func() error { return b.subgraphs(ctx, at) }},
		{"names", func() error { return b.names(ctx, at) }},
		{"told", func() error { return b.told(ctx, at) }},
		{"analytics", func() error { return b.analytics(ctx, at) }},
		{"further", func() error { return b.further(ctx, at) }},
		{"scales", func() error { return b.scales(ctx, at) }},
		{"hubs", func() error { return b.hubs(ctx) }},
		{"loading", func() error { return b.loading(ctx, at) }},
		{"seizures", func() error { return b.seizuresSQLite(ctx) }},
		{"starting", func() error { return b.starting(ctx, at) }},
	})
}

// part is a group of lines of the report.
type part struct {
	name    string
	measure func() error
}

func (b *bench) measure(parts []part) error {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	if b.only != "" && !slices.Contains(names, b.only) {
		return fmt.Errorf("--only %s: the parts are %s", b.only, strings.Join(names, ", "))
	}
	for _, p := range parts {
		if b.only != "" && b.only != p.name {
			continue
		}
		fmt.Fprintf(b.log, "bench: %s\n", p.name)
		if err := p.measure(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (b *bench) repetitions(n int) int { return max(int(float64(n)*b.effort), 2) }
