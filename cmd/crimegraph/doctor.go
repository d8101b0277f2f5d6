package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/neo4j"
)

func (p *program) doctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why a store does not work",
		Long: `Looks at the store that --store names and says what to do: of a Neo4j server its reachability, version, clock, database, indexes and
rights; of a file whether it opens and is whole. Nothing is changed. The exit code is 4 where the store cannot be reached or opened,
1 where something else is at fault, and 0 otherwise, warnings included.`,
		Example: `  crimegraph doctor --store neo4j://localhost:7687
  crimegraph doctor --store sqlite:crime.db --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := p.diagnosed(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				if err := p.printJSON(found); err != nil {
					return err
				}
			} else {
				w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
				for _, d := range found {
					fmt.Fprintf(w, "%s\t%s\t%s\n", d.State, d.Check, d.Detail)
					if d.Fix != "" {
						fmt.Fprintf(w, "\t\t-> %s\n", d.Fix)
					}
				}
				if err := w.Flush(); err != nil {
					return err
				}
			}
			for i, d := range found {
				if d.State == store.StateBad {
					code := exitInternal
					if i == 0 {
						code = exitUnreachable // nothing else could be looked at
					}
					return &exitError{code: code, err: fmt.Errorf("%s: %s", d.Check, d.Detail)}
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return c
}

func (p *program) diagnosed(ctx context.Context) ([]store.Diagnosis, error) {
	name := p.namedStore()
	scheme, _, _ := strings.Cut(name, ":")
	switch {
	case name == "":
		return nil, usage("name the store to look at: --store neo4j://HOST:PORT or sqlite:PATH")
	case slices.Contains(neo4j.Schemes, scheme):
		return neo4j.Diagnose(ctx, p.model, name, p.neo4jOptions(), p.now), nil
	}
	s, err := p.open(ctx, false)
	if failed, is := errors.AsType[*store.Error](err); is {
		return []store.Diagnosis{{Check: "store", State: store.StateBad, Detail: fmt.Sprintf("%s: %v", failed.Subject, failed.Err), Fix: failed.Fix}}, nil
	}
	if err != nil {
		return nil, err
	}
	defer closing(s, &err)
	out := []store.Diagnosis{{Check: "store", State: store.StateGood, Detail: name + " opens"}}
	faults, err := s.Integrity(ctx)
	if err != nil {
		return nil, err
	}
	whole := store.Diagnosis{Check: "content", State: store.StateGood, Detail: "pages, indexes and references are whole"}
	if len(faults) > 0 {
		whole = store.Diagnosis{Check: "content", State: store.StateBad, Detail: faults[0], Fix: "see all with: crimegraph check; restore the file from a copy or load the data again"}
	}
	return append(out, whole), nil
}
