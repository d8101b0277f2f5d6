// Command crimegraph loads, serves and questions a knowledge graph of transnational organised crime.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Exit codes.
const (
	exitOK          = 0
	exitInternal    = 1
	exitUsage       = 2
	exitRejected    = 3
	exitUnreachable = 4
	exitNotFound    = 5
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is the command line with everything it reads and writes, so that tests can run it.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	model          *ontology.Model
	storeFlag      string
	neo4j          neo4jFlags
}

// exitError ends the program with a code. A nil err was told already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// run runs a command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	model, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		fmt.Fprintln(p.stderr, "crimegraph: the built-in ontology is broken:", err)
		return exitInternal
	}
	p.model = model
	root := p.command()
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	return p.exitCode(ctx, root.ExecuteContext(ctx))
}

func (p *program) exitCode(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	var ended *exitError
	if errors.As(err, &ended) {
		if ended.err != nil {
			fmt.Fprintln(p.stderr, "crimegraph:", ended.err)
		}
		return ended.code
	}
	fmt.Fprintln(p.stderr, "crimegraph:", err)
	if ctx.Err() != nil {
		return exitInterrupted
	}
	var refused *loader.Refusal
	var tooMany *loader.TooManyRejects
	if errors.As(err, &refused) || errors.As(err, &tooMany) {
		return exitRejected
	}
	var failed *store.Error
	if !errors.As(err, &failed) {
		return exitInternal
	}
	switch failed.Code {
	case store.CodeUnreachable, store.CodeBusy, store.CodeClosed, store.CodeDeadline:
		return exitUnreachable
	case store.CodeNotFound:
		return exitNotFound
	case store.CodeIncompatible, store.CodeReadOnly:
		return exitUsage
	default:
		return exitInternal
	}
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "crimegraph",
		Short: "A knowledge graph of transnational organised crime",
		Long: `A knowledge graph of transnational organised crime: groups, routes, commodities, places, events and money, where
every relation is one source's claim.

A store is named by --store or CRIMEGRAPH_STORE: sqlite:PATH, memory:, or the address of a Neo4j server, as neo4j://localhost:7687, with
its credentials in NEO4J_USERNAME and NEO4J_PASSWORD. With none, serve and query use a store in memory that holds the bundled example.
Answers go to standard output, messages to standard error.

Exit codes: 0 done, 1 internal error, 2 wrong use, 3 rows rejected, 4 store unreachable, 5 not found, 130 interrupted.`,
		SilenceErrors: true, SilenceUsage: true,
		SuggestionsMinimumDistance: 3,
		Args:                       cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			return usage("there is no command %q%s", args[0], ontology.Suggest(args[0], names))
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&p.storeFlag, "store", "", "store: sqlite:PATH, memory:, or neo4j://HOST:PORT (default $CRIMEGRAPH_STORE)")
	p.neo4j.add(root.PersistentFlags())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage("%w%s", err, suggestFlag(c, err)) })
	root.AddCommand(p.serve(), p.load(), p.loads(), p.unload(), p.mapCommand(), p.query(), p.export(), p.analyse(), p.explain(), p.check(), p.doctor(), p.version())
	return root
}

// suggestFlag finds the flag that a user may have meant.
func suggestFlag(c *cobra.Command, err error) string {
	_, name, found := strings.Cut(err.Error(), "unknown flag: --")
	if !found {
		return ""
	}
	var names []string
	c.Flags().VisitAll(func(f *flag) { names = append(names, f.Name) })
	c.InheritedFlags().VisitAll(func(f *flag) { names = append(names, f.Name) })
	if near := ontology.Nearest(name, names); near != "" {
		return "; did you mean --" + near + "?"
	}
	return ""
}

// printJSON prints an answer as JSON for people, too.
func (p *program) printJSON(answer any) error {
	encoder := json.NewEncoder(p.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

// noArguments refuses arguments with the message of this program.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no argument, %q is given", c.CommandPath(), args[0])
	}
	return nil
}
