package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/store"
)

func (p *program) loads() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "loads",
		Short: "List the loads that a store holds",
		Long: `Lists the loads that a store holds: each is a data set with its version, or its day of retrieval where it has none. A load that was
stopped is completed by loading the same again; crimegraph unload takes one away as a whole. With --json it prints their manifests too.`,
		Example: `  crimegraph loads --store sqlite:crime.db
  crimegraph loads --store sqlite:crime.db --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.runLoads(c.Context(), asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the loads as JSON")
	return c
}

func (p *program) runLoads(ctx context.Context, asJSON bool) (err error) {
	s, err := p.openNamed(ctx)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	loads, err := s.Loads(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(append([]store.Load{}, loads...))
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "load\tstate\trows\taccepted\trejected\tbegan\ttook\thash")
	for _, l := range loads {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", l.Name, p.state(l), l.Rows, l.Accepted, l.Rejected,
			l.Began.UTC().Format(time.DateTime), l.Took.Round(100*time.Millisecond), l.Hash)
	}
	return w.Flush()
}

// state says how far a load is, for people.
func (p *program) state(l store.Load) string {
	silent := p.now().Sub(l.Heard)
	switch l.State {
	case store.LoadComplete:
		return "complete"
	case store.LoadStopped:
		return "stopped; load or unload it again"
	case store.LoadRemoving:
		if silent > store.LoadLease {
			return "partly taken away; unload it again"
		}
		return "being taken away"
	default:
		if silent > store.LoadLease {
			return "stopped without a word; load it again"
		}
		return "under way"
	}
}

func (p *program) unload() *cobra.Command {
	var options loader.UnloadOptions
	var asJSON bool
	c := &cobra.Command{
		Use:   "unload [--dry-run] LOAD",
		Short: "Take a load away as a whole",
		Long: `Takes away what only this load states: its claims and its nodes. What other loads state as well stays, and so do nodes that other records
name, until the last of those goes. crimegraph loads lists the loads.`,
		Example: `  crimegraph unload --store sqlite:crime.db --dry-run dataset/port-seizures@2024-05
  crimegraph unload --store sqlite:crime.db dataset/port-seizures@2024-05`,
		RunE: func(c *cobra.Command, args []string) error { return p.runUnload(c.Context(), options, asJSON, args) },
	}
	c.Flags().BoolVar(&options.DryRun, "dry-run", false, "count what would go, write nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print the counts as JSON")
	return c
}

func (p *program) runUnload(ctx context.Context, options loader.UnloadOptions, asJSON bool, args []string) (err error) {
	if len(args) != 1 {
		return usage("name one load; crimegraph loads lists them")
	}
	s, err := p.openNamed(ctx)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	options.Now, options.OnWait = p.now, p.waiting()
	removal, err := loader.Unload(ctx, p.model, s, args[0], options)
	if err != nil {
		return notFound(err)
	}
	if asJSON {
		return p.printJSON(removal)
	}
	done := "taken away"
	if removal.DryRun {
		done = "would be taken away (dry run)"
	}
	_, err = fmt.Fprintf(p.stdout, "%s: %d claims and %d nodes %s; %d records stay that other loads state, %d nodes that other records name\n",
		removal.Load, removal.Claims, removal.Nodes, done, removal.Shared, removal.Kept)
	return err
}

// openNamed opens the store that the user names: what is done to loads is done to no other.
func (p *program) openNamed(ctx context.Context) (store.Store, error) {
	if p.namedStore() == "" {
		return nil, usage("name the store: --store sqlite:PATH or --store neo4j://HOST")
	}
	return p.open(ctx, false)
}

// waiting tells once that another load is under way.
func (p *program) waiting() func(*store.Error) {
	told := ""
	return func(busy *store.Error) {
		if told != busy.Subject {
			fmt.Fprintf(p.stderr, "crimegraph: %s is being loaded; waiting until it has ended\n", busy.Subject)
		}
		told = busy.Subject
	}
}

// notFound gives an error about a load that there is not its exit code.
func notFound(err error) error {
	if missing, is := errors.AsType[*loader.NoLoad](err); is {
		return &exitError{code: exitNotFound, err: missing}
	}
	return err
}
