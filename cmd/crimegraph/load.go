package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/store"
)

func (p *program) load() *cobra.Command {
	var dryRun, asJSON, example bool
	c := &cobra.Command{
		Use:   "load [--dry-run] DATASET…",
		Short: "Load data sets into a store",
		Long: `Loads data sets in the native format: folders with a manifest and one CSV or JSONL file per kind and relation
(docs/data-sets.md). Loading the same again changes nothing. Rows that cannot stand are listed with file, line and column on
standard error, and the rest is loaded; the exit code is then 3.`,
		Example: `  crimegraph load --store sqlite:crime.db ./my-data
  crimegraph load --store sqlite:crime.db --example
  NEO4J_USERNAME=neo4j NEO4J_PASSWORD=… crimegraph load --store neo4j://localhost:7687 --example
  crimegraph load --dry-run --json ./my-data`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			ctx := c.Context()
			if len(args) == 0 && !example {
				return usage("name the folder of a data set, or --example")
			}
			if p.namedStore() == "" && !dryRun {
				return usage("name the store to load into: --store sqlite:PATH or --store neo4j://HOST")
			}
			if p.namedStore() == "" {
				p.storeFlag = "memory:"
			}
			// What is no data set is refused before a store is opened, or made.
			sets, release, err := p.dataSets(args, example)
			defer func() { err = errors.Join(err, release()) }()
			if err != nil {
				return err
			}
			s, err := p.openForLoad(ctx, dryRun)
			if err != nil {
				return err
			}
			defer closing(s, &err)
			rejected := 0
			for _, set := range sets {
				report, err := loader.Load(ctx, p.model, s, set, loader.Options{DryRun: dryRun, OnReject: func(r loader.Reject) {
					fmt.Fprintf(p.stderr, "%s/%s\n", set.Name, r)
				}})
				if err != nil {
					return err
				}
				rejected += report.Rejected
				if err := p.printReport(set.Name, report, asJSON); err != nil {
					return err
				}
			}
			if rejected > 0 {
				return &exitError{code: exitRejected, err: fmt.Errorf("%d rows were rejected; correct them and load again", rejected)}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "check everything, write nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	c.Flags().BoolVar(&example, "example", false, "load the bundled example")
	return c
}

// dataSets opens and inspects what is to be loaded. release closes it, and is never nil.
func (p *program) dataSets(paths []string, example bool) (sets []loader.Dataset, release func() error, err error) {
	var closers []func() error
	release = func() error {
		var errs []error
		for _, c := range closers {
			errs = append(errs, c())
		}
		return errors.Join(errs...)
	}
	if example {
		sets = append(sets, loader.Dataset{Name: "example", Files: data.Example()})
	}
	for _, path := range paths {
		set, c, err := loader.OpenFolder(path)
		if err != nil {
			return nil, release, &exitError{code: exitNotFound, err: fmt.Errorf("%w; name the folder that holds %s", err, loader.ManifestFile)}
		}
		closers = append(closers, c)
		sets = append(sets, set)
	}
	for _, set := range sets {
		if err := loader.Inspect(p.model, set); err != nil {
			return nil, release, err
		}
	}
	return sets, release, nil
}

// openForLoad opens the named store, or makes it. A dry run makes none: what is not there counts as empty.
func (p *program) openForLoad(ctx context.Context, dryRun bool) (store.Store, error) {
	s, err := p.open(ctx, !dryRun)
	var missing *store.Error
	if dryRun && errors.As(err, &missing) && missing.Code == store.CodeNotFound {
		p.storeFlag = "memory:"
		return p.open(ctx, false)
	}
	return s, err
}

func (p *program) printReport(name string, r loader.Report, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "file\trows\taccepted\trejected\t\n")
	for _, f := range r.Files {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", f.File, f.Rows, f.Accepted, f.Rejected)
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", name, r.Rows, r.Accepted, r.Rejected)
	if err := w.Flush(); err != nil {
		return err
	}
	if r.DryRun {
		_, err := fmt.Fprintln(p.stdout, "nothing written (dry run)")
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "written: %d added, %d updated, %d unchanged\n", r.Changes.Added, r.Changes.Updated, r.Changes.Unchanged)
	return err
}
