package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/loader"
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
  crimegraph load --dry-run --json ./my-data`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			ctx := c.Context()
			if len(args) == 0 && !example {
				return usage("name the folder of a data set, or --example")
			}
			if p.namedStore() == "" && !dryRun {
				return usage("name the store to load into: --store sqlite:PATH")
			}
			if p.namedStore() == "" {
				p.storeFlag = "memory:"
			}
			s, err := p.open(ctx, !dryRun)
			if err != nil {
				return err
			}
			defer closing(s, &err)
			rejected := 0
			load := func(set loader.Dataset) error {
				report, err := loader.Load(ctx, p.model, s, set, loader.Options{DryRun: dryRun, OnReject: func(r loader.Reject) {
					fmt.Fprintln(p.stderr, r)
				}})
				if err != nil {
					return err
				}
				rejected += report.Rejected
				if asJSON {
					encoder := json.NewEncoder(p.stdout)
					encoder.SetIndent("", "  ")
					return encoder.Encode(report)
				}
				return p.printReport(set.Name, report)
			}
			if example {
				if err := load(loader.Dataset{Name: "example", Files: data.Example()}); err != nil {
					return err
				}
			}
			for _, path := range args {
				if err := p.loadFolder(path, load); err != nil {
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

func (p *program) loadFolder(path string, load func(loader.Dataset) error) (err error) {
	set, release, err := loader.OpenFolder(path)
	if err != nil {
		return &exitError{code: exitNotFound, err: err}
	}
	defer func() {
		if released := release(); err == nil {
			err = released
		}
	}()
	return load(set)
}

func (p *program) printReport(name string, r loader.Report) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "file\trows\taccepted\trejected\t\n")
	for _, f := range r.Files {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", f.File, f.Rows, f.Accepted, f.Rejected)
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", name, r.Rows, r.Accepted, r.Rejected)
	if err := w.Flush(); err != nil {
		return err
	}
	done := "written"
	if r.DryRun {
		done = "nothing written (dry run)"
	}
	_, err := fmt.Fprintf(p.stdout, "%s: %d added, %d updated, %d unchanged\n", done, r.Changes.Added, r.Changes.Updated, r.Changes.Unchanged)
	return err
}
