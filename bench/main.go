// Command bench measures what the program promises about speed, each promise against a reference in the same run, and prints one table.
// docs/performance.md explains the lines.
//
//	go run ./bench [--scale 65k|5m] [--neo4j] [--dir DIR] [--json]
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
	"syscall"

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
	asJSON := flags.Bool("json", false, "print JSON")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil || flags.NArg() > 0 || *scale != "65k" && *scale != "5m" {
		fmt.Fprintln(stderr, "bench: use [--scale 65k|5m] [--neo4j] [--dir DIR] [--json]")
		return 2
	}
	b := &bench{size: small, effort: 1, dir: *dir, log: stderr, onNeo4j: *onNeo4j}
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
	log     io.Writer
	model   *ontology.Model
	report  Report
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
	parts := []struct {
		name    string
		measure func(context.Context, *site) error
	}{
		{"page", b.page}, {"encoding", b.encoding}, {"entity", b.entity}, {"keyset", b.keyset}, {"lens", b.lens},
		{"further questions", b.further}, {"scales", b.scales}, {"loading", b.loading}, {"starting", b.starting},
	}
	for _, part := range parts {
		fmt.Fprintf(b.log, "bench: %s\n", part.name)
		if err := part.measure(ctx, at); err != nil {
			return b.report, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return b.report, nil
}

func (b *bench) repetitions(n int) int { return max(int(float64(n)*b.effort), 2) }
