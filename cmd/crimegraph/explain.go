package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/store/neo4j"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

func (p *program) explain() *cobra.Command {
	var flags queryFlags
	var access accessFlags
	var asJSON, profile bool
	c := &cobra.Command{
		Use:   "explain [QUERY]",
		Short: "Show the plan and the statements of a query",
		Long: `Shows, for each root field of a query, its plan, what it may cost, and the one statement that answers it, in SQL and in Cypher, with its
parameters. No store is asked, but with --profile: then the query is run on the Neo4j server that --store names, and the server tells
which operators it used, how many rows they gave and how often they accessed the database (db hits).`,
		Example: `  crimegraph explain '{ groups(first: 3) { nodes { name operates { nodes { name } } } } }'
  crimegraph explain --file question.graphql
  crimegraph explain --store neo4j://localhost:7687 --profile --file question.graphql`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			request, err := flags.request(p, args)
			if err != nil {
				return err
			}
			may, err := p.access(access)
			if err != nil {
				return err
			}
			out, err := p.explained(c.Context(), request, may, profile)
			if err != nil {
				return err
			}
			if !asJSON {
				return printExplained(p.stdout, out)
			}
			return p.printJSON(out)
		},
	}
	flags.add(c)
	access.add(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	c.Flags().BoolVar(&profile, "profile", false, "run it on a Neo4j server and show the server's operators")
	return c
}

// explained is what explain prints of a root field.
type explained struct {
	Field      string          `json:"field"`
	Plan       string          `json:"plan"`
	Depth      int             `json:"depth"`
	Rows       int             `json:"rows"`
	SQL        string          `json:"sql"`
	Arguments  []any           `json:"arguments"`
	Cypher     string          `json:"cypher"`
	Parameters map[string]any  `json:"parameters"`
	Profile    *neo4j.Operator `json:"profile,omitempty"`
}

func (p *program) explained(ctx context.Context, request graph.Request, access lookahead.Access, profile bool) (out []explained, err error) {
	// A statement does not depend on what a store holds, so an empty one will do.
	embedded, err := sqlite.Open(ctx, p.model, sqlite.Memory, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer closing(embedded, &err)
	questions, errs := graph.NewAPI(p.model, embedded, graph.Options{}).Questions(request, access)
	if errs != nil {
		return nil, usage("%w", errs)
	}
	var server *neo4j.Store
	if profile {
		scheme, _, _ := strings.Cut(p.namedStore(), ":")
		if !slices.Contains(neo4j.Schemes, scheme) {
			return nil, usage("--profile asks a Neo4j server: name one with --store neo4j://HOST:PORT")
		}
		if server, err = neo4j.Open(ctx, p.model, p.namedStore(), p.neo4jOptions()); err != nil {
			return nil, err
		}
		defer closing(server, &err)
	}
	for _, name := range slices.Sorted(maps.Keys(questions)) {
		if a := questions[name].Analytic; a != nil {
			text := "answered on the network in memory that the lens lets through (docs/network.md)\n"
			for _, selected := range a.Selected {
				text += "\nthe nodes that where selects:\n" + selected.String()
			}
			out = append(out, explained{Field: name, Plan: text})
			continue
		}
		plan := questions[name].Plan
		sql, cypher, cost := embedded.Compile(plan), neo4j.Compile(p.model, plan), plan.Cost()
		e := explained{
			Field: name, Plan: plan.String(), Depth: cost.Depth, Rows: cost.Rows,
			SQL: sql.SQL, Arguments: sql.Args, Cypher: cypher.Cypher, Parameters: cypher.Parameters,
		}
		if server != nil {
			profiled, err := server.Profile(ctx, plan)
			if err != nil {
				return nil, err
			}
			e.Profile = &profiled
		}
		out = append(out, e)
	}
	return out, nil
}

func printExplained(w io.Writer, all []explained) error {
	for _, e := range all {
		if e.SQL == "" {
			if _, err := fmt.Fprintf(w, "%s: %s\n", e.Field, e.Plan); err != nil {
				return err
			}
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s: at most %d rows on %d levels\n\n%s\nSQL:\n%s\n\narguments: %v\n\nCypher:\n%s\n\nparameters:", e.Field, e.Rows, e.Depth, e.Plan, e.SQL, e.Arguments, e.Cypher)
		for _, name := range slices.SortedFunc(maps.Keys(e.Parameters), byNumber) {
			fmt.Fprintf(&b, " %s=%v", name, e.Parameters[name])
		}
		b.WriteString("\n\n")
		if e.Profile != nil {
			fmt.Fprintf(&b, "profile: %d db hits\n", e.Profile.Total())
			printOperator(&b, *e.Profile, 1)
			b.WriteString("\n")
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// byNumber orders v2 before v10.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func printOperator(b *strings.Builder, o neo4j.Operator, level int) {
	fmt.Fprintf(b, "%s%s: %d rows, %d hits  %s\n", strings.Repeat("  ", level), o.Name, o.Rows, o.Hits, strings.Join(strings.Fields(o.Details), " "))
	for _, input := range o.Inputs {
		printOperator(b, input, level+1)
	}
}
