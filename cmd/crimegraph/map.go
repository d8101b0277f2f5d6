package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/ontology"
)

func (p *program) mapCommand() *cobra.Command {
	var show, formatName string
	var schema bool
	c := &cobra.Command{
		Use:   "map [--format FORMAT] FILE",
		Short: "Propose a mapping for a file",
		Long: `Reads the header and the first rows of a file of any format and prints a mapping for it, to be corrected and then used with
"crimegraph load --mapping". It guesses: read it before you load. docs/mappings.md explains what mappings can say.

Bundled mappings: ` + strings.Join(mapping.BundledNames(), ", ") + `.`,
		Example: `  crimegraph map my.csv > my.yaml
  crimegraph load --dry-run --mapping my.yaml my.csv
  crimegraph map --show unodc-seizures
  crimegraph map --schema > mapping.schema.json`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			switch {
			case schema && show == "" && len(args) == 0:
				_, err := p.stdout.Write(mapping.Schema(p.model))
				return err
			case show != "" && !schema && len(args) == 0:
				text, found := mapping.Bundled(show)
				if !found {
					return &exitError{code: exitNotFound, err: fmt.Errorf("no mapping %q is bundled%s", show, ontology.Suggest(show, mapping.BundledNames()))}
				}
				_, err := p.stdout.Write(text)
				return err
			case len(args) != 1 || schema || show != "":
				return usage("name one file, or give --show or --schema")
			}
			if formatName != "" && !slices.Contains(format.Names(), formatName) {
				return usage("--format: there is no format %q%s", formatName, ontology.Suggest(formatName, format.Names()))
			}
			return p.propose(args[0], formatName)
		},
	}
	c.Flags().StringVar(&formatName, "format", "", "format of the file: "+strings.Join(format.Names(), ", ")+" (default: by its name, or its beginning)")
	c.Flags().StringVar(&show, "show", "", "print a bundled mapping")
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of mappings, for editors")
	return c
}

// propose prints a mapping for a file.
func (p *program) propose(path, formatName string) (err error) {
	files, release, err := loader.OpenFiles([]string{path}, p.stdin)
	defer func() { err = errors.Join(err, release()) }()
	if err != nil {
		return &exitError{code: exitNotFound, err: err}
	}
	name := filepath.ToSlash(path)
	opened, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &exitError{code: exitNotFound, err: err}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	text := ""
	r, options, err := format.Open(name, opened, format.Options{Format: formatName})
	if err == nil {
		text, err = mapping.Propose(name, r, options, p.now().Format("2006-01-02"))
	}
	var broken *format.RowError
	if errors.As(err, &broken) {
		return &loader.Refusal{File: name, Line: broken.Line, Column: broken.Column, Reason: broken.Reason, Fix: broken.Fix}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.stdout, text)
	return err
}
