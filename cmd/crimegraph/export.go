package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/export"
	"github.com/crimegraph/crimegraph/graph"
)

func (p *program) export() *cobra.Command {
	var formatName, output, lens string
	var arguments []string
	var memory memoryFlag
	var access accessFlags
	var about strings.Builder
	var names []string
	for _, f := range export.Formats() {
		fmt.Fprintf(&about, "  %-16s %s\n", f.Name, f.For)
		names = append(names, f.Name)
	}
	c := &cobra.Command{
		Use:   "export [ID...]",
		Short: "Write a graph for another program",
		Long: `Writes what lies around some nodes, or without nodes all that the lens lets through, in a format that other programs read:

` + about.String() + `
The arguments of the GraphQL field subgraph are given with --set: where, depth, via, kinds, maxNodes, maxEdges, layout and so on.`,
		Example: `  crimegraph export --store sqlite:crime.db --format gexf --output crime.gexf
  crimegraph export group/cjng --set depth=2 --set layout=true --format cytoscape.json
  crimegraph export --set 'where={"group":{"actorType":{"eq":"MAFIA_STYLE"}}}' --format graphml
  crimegraph export group/cjng group/ndrangheta --set via=OPERATES --lens '{"asOf":"2023"}' > around.json`,
		RunE: func(c *cobra.Command, args []string) error {
			format, known := export.Named(formatName)
			if !known {
				return usage("--format: %q is none of %s", formatName, strings.Join(names, ", "))
			}
			bytes, err := memory.bytes()
			if err != nil {
				return err
			}
			parameters := url.Values{}
			if len(args) > 0 {
				parameters["of"] = args
			}
			if lens != "" {
				parameters.Set("lens", lens)
			}
			for _, a := range arguments {
				name, value, assigned := strings.Cut(a, "=")
				if !assigned || name == "of" || name == "lens" {
					return usage("--set %s: write NAME=VALUE, as depth=2; nodes are named without it, and there is --lens", a)
				}
				parameters.Add(name, value)
			}
			return p.exported(c.Context(), format, parameters, access, graph.Options{NetworkMemory: bytes}, output)
		},
	}
	access.add(c.Flags())
	c.Flags().StringVar(&formatName, "format", names[0], "one of "+strings.Join(names, ", "))
	c.Flags().StringVarP(&output, "output", "o", "", "write to this file, which appears when it is whole (default standard output)")
	memory.add(c.Flags())
	c.Flags().StringVar(&lens, "lens", "", "a lens, as a JSON object")
	c.Flags().StringArrayVar(&arguments, "set", nil, "NAME=VALUE, an argument of the field subgraph; repeat for several, and for lists")
	return c
}

// exported writes a graph of the store.
func (p *program) exported(ctx context.Context, format export.Format, parameters url.Values, flags accessFlags, options graph.Options, output string) (err error) {
	s, access, err := p.shown(ctx, flags)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	options.Timeout, options.Log = exportTime, slog.New(slog.NewTextHandler(p.stderr, nil))
	g, errs := graph.NewAPI(p.model, s, options).Export(ctx, parameters, access)
	if errs != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		code := exitUsage
		switch errs[0].Extensions["code"] {
		case graph.CodeUnavailable, graph.CodeTimeout:
			code = exitUnreachable
		case graph.CodeInternal:
			code = exitInternal
		}
		return &exitError{code: code, err: errors.New(errs[0].Message)}
	}
	if output == "" {
		return format.Write(interruptible{ctx, p.stdout}, g)
	}
	return whole(output, func(w io.Writer) error { return format.Write(interruptible{ctx, w}, g) })
}

// exportTime is how long it may take to read a network.
const exportTime = time.Hour

// interruptible is a writer until its context ends.
type interruptible struct {
	ctx context.Context
	io.Writer
}

func (i interruptible) Write(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.Writer.Write(b)
}

// whole writes a file under another name first, so that nobody finds a part of it. Only the user may read it: what is in it may be marked. What
// is no file, such as /dev/stdout, is written to as it is.
func whole(path string, write func(io.Writer) error) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return usage("--output: %w", err)
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return usage("--output: %w", err)
	}
	err = errors.Join(write(f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
