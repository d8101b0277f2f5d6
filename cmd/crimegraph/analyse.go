package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/crimegraph/crimegraph/graph"
	"github.com/crimegraph/crimegraph/ontology"
)

// analyse has a command for every analytic of the schema, with a flag for each of its arguments.
func (p *program) analyse() *cobra.Command {
	analytics := graph.Analytics(p.model)
	names := make([]string, len(analytics))
	for i, a := range analytics {
		names[i] = a.Name
	}
	c := &cobra.Command{
		Use:   "analyse NAME",
		Short: "Compute an analytic and print it as a table",
		Long: `Computes an analytic of the GraphQL API and prints its answer as tables, or with --json as the response of the API. Flags are its
arguments; "analyse NAME --help" tells what they mean. Where an answer has one or two rows, the lists within them are printed as well.`,
		Example: `  crimegraph analyse diversification --window 10
  crimegraph analyse histories --unit CORRIDOR --of place/ma --level ITEM
  crimegraph analyse sensitivity --of route/balkan-route --lens '{"minReliability":"C"}' --json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage("there is no analytic %q%s", args[0], ontology.Suggest(args[0], names))
		},
	}
	for _, a := range analytics {
		c.AddCommand(p.analytic(a))
	}
	return c
}

func (p *program) analytic(a graph.Analytic) *cobra.Command {
	var access accessFlags
	var memory memoryFlag
	var lens string
	var limit time.Duration
	var asJSON bool
	short, _, _ := strings.Cut(strings.ReplaceAll(a.Description, "\n", " "), ". ")
	c := &cobra.Command{
		Use: a.Name, Short: strings.TrimSuffix(short, "."), Long: a.Description, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			bytes, err := memory.bytes()
			if err != nil {
				return err
			}
			parameters := url.Values{}
			for _, x := range a.Arguments {
				flag := c.Flags().Lookup(flagOf(x.Name))
				if !flag.Changed && x.Required {
					return usage("%s needs --%s: %s", a.Name, flag.Name, x.Description)
				}
				if !flag.Changed {
					continue
				}
				if list, is := flag.Value.(pflag.SliceValue); is {
					parameters[x.Name] = list.GetSlice()
				} else {
					parameters.Set(x.Name, flag.Value.String())
				}
			}
			if lens != "" {
				parameters.Set("lens", lens)
			}
			options := graph.Options{NetworkMemory: bytes, Timeout: 2 * limit, AnalysisTime: limit}
			return p.analysed(c.Context(), a.Name, parameters, access, options, asJSON)
		},
	}
	for _, x := range a.Arguments {
		about := strings.ReplaceAll(x.Description, "`", "") + " " + x.Type
		if x.Default != "" {
			about += " (default " + strings.Trim(x.Default, `"`) + ")"
		}
		if x.List {
			c.Flags().StringArray(flagOf(x.Name), nil, about+"; repeat for several")
		} else {
			c.Flags().String(flagOf(x.Name), "", about)
		}
	}
	c.Flags().StringVar(&lens, "lens", "", "a lens, as a JSON object")
	c.Flags().BoolVar(&asJSON, "json", false, "print the response of the API")
	c.Flags().DurationVar(&limit, "time", time.Minute, "stop computing after this long, and give what was found by then")
	memory.add(c.Flags())
	access.add(c.Flags())
	return c
}

// flagOf is the flag of an argument: maxHops is --max-hops.
func flagOf(argument string) string {
	var b strings.Builder
	for _, r := range argument {
		if unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// analysed computes an analytic of the store and prints it.
func (p *program) analysed(ctx context.Context, name string, parameters url.Values, flags accessFlags, options graph.Options, asJSON bool) (err error) {
	s, access, err := p.shown(ctx, flags)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	options.Log = slog.New(slog.NewTextHandler(p.stderr, nil))
	api := graph.NewAPI(p.model, s, options)
	stop := p.ticking(func() string { return name + ": " + comeTo(api.Progress(analysisName, access)) })
	response := api.Analyse(ctx, name, parameters, access, analysisName)
	stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(response.Errors) > 0 || asJSON {
		body, err := response.Append(nil)
		if err != nil {
			return err
		}
		if asJSON {
			return p.printResponse(body)
		}
		code := exitUsage
		switch response.Errors[0].Extensions["code"] {
		case graph.CodeUnavailable, graph.CodeTimeout:
			code = exitUnreachable
		case graph.CodeInternal:
			code = exitInternal
		}
		return &exitError{code: code, err: errors.New(response.Errors[0].Message)}
	}
	text, err := tables(response.Data, name)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(text)
	return err
}

// analysisName names the one request of a command.
const analysisName = "crimegraph-analyse"

// comeTo tells how far a computation has come.
func comeTo(p graph.AnalysisProgress) string {
	for _, f := range p.Fields {
		switch {
		case f.Share != nil:
			return fmt.Sprintf("%s, %.0f %%", f.Step, 100**f.Share)
		case f.Stage == "COMPUTING":
			return "computing"
		default:
			return "reading"
		}
	}
	return "waiting"
}

// ticking tells on a terminal what is going on and how long it takes, until it is stopped.
func (p *program) ticking(what func() string) (stop func()) {
	file, is := p.stderr.(*os.File)
	if !is || !isatty.IsTerminal(file.Fd()) {
		return func() {}
	}
	done, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for seconds := 1; ; seconds++ {
			select {
			case <-ticks.C:
				fmt.Fprintf(file, "\r\033[K%s, %d s", what(), seconds)
			case <-done:
				if seconds > 1 {
					fmt.Fprint(file, "\r\033[K")
				}
				return
			}
		}
	}()
	return func() { close(done); <-told }
}

// tables reads the data of a response as an ordered document and prints it.
func tables(data []byte, name string) ([]byte, error) {
	var top document
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, err
	}
	answer, is := top.member(name).(document)
	if !is {
		return []byte("nothing\n"), nil
	}
	var w tableWriter
	w.object(answer)
	return w.Bytes(), nil
}
