package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/store"
)

func (p *program) check() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the integrity of a store",
		Long: `Checks a store: the file itself, then every record against the ontology: ids, vocabulary, ranges, both ends of every
relation, sources, and that each claim still has the id of its content. The exit code is 1 where something is wrong.`,
		Example: `  crimegraph check --store sqlite:crime.db`,
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			s, err := p.open(c.Context(), false)
			if err != nil {
				return err
			}
			defer closing(s, &err)
			found, err := store.Check(c.Context(), p.model, s)
			if err != nil {
				return err
			}
			faults, err := s.Integrity(c.Context())
			if err != nil {
				return err
			}
			found.Faults = append(found.Faults, faults...)
			if asJSON {
				if err := p.printJSON(found); err != nil {
					return err
				}
			} else {
				for _, fault := range found.Faults {
					fmt.Fprintln(p.stdout, fault)
				}
				fmt.Fprintf(p.stdout, "%d nodes, %d claims, %d faults\n", found.Nodes, found.Claims, len(found.Faults))
			}
			if len(found.Faults) > 0 {
				return &exitError{code: exitInternal, err: fmt.Errorf("the store is damaged; load the data into a new one")}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return c
}

func (p *program) version() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": "(devel)", "go": runtime.Version()}
			if info, known := debug.ReadBuildInfo(); known {
				if info.Main.Version != "" {
					v["version"] = info.Main.Version
				}
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						v["revision"] = s.Value
					}
				}
			}
			if asJSON {
				return json.NewEncoder(p.stdout).Encode(v)
			}
			_, err := fmt.Fprintf(p.stdout, "crimegraph %s (%s)\n", v["version"], v["go"])
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return c
}
