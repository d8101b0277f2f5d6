package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// loadFlags are the flags of load.
type loadFlags struct {
	dryRun, asJSON, example     bool
	mapping, retrieved, rejects string
	since                       string
	maxRejects                  int
}

func (p *program) load() *cobra.Command {
	var f loadFlags
	c := &cobra.Command{
		Use:   "load [--mapping NAME|FILE] [--dry-run] PATH…",
		Short: "Load data sets, or files of any format with a mapping, into a store",
		Long: `Loads data sets in the native format: folders with a manifest and one CSV or JSONL file per kind and relation
(docs/data-sets.md). With --mapping it loads files of other formats: CSV, TSV, XLSX, JSON, JSONL, GeoJSON, STIX and FollowTheMoney,
packed with gzip or zip or not; - is standard input. A mapping says what their rows mean (docs/mappings.md); "crimegraph map FILE"
proposes one.

Bundled mappings: ` + strings.Join(mapping.BundledNames(), ", ") + `.

A load is kept under the data set's id and version, or its day of retrieval: crimegraph loads lists them, crimegraph unload takes one away.
One load writes at a time; another one waits. Whatever stops a load, the same command completes it. With --since, statements of an earlier
version that this one does not repeat are retracted: the lens "knownAt" then shows the list as it was on a day.

Loading the same again changes nothing. Rows that cannot stand are listed with file, line and column on standard error, and the rest
is loaded; the exit code is then 3. --rejects writes them, with the reasons, to files that can be corrected and loaded as they are.`,
		Example: `  crimegraph load --store sqlite:crime.db ./my-data
  crimegraph load --store sqlite:crime.db --example
  NEO4J_USERNAME=neo4j NEO4J_PASSWORD=… crimegraph load --store neo4j://localhost:7687 --example
  crimegraph load --dry-run --mapping my.yaml my.csv
  crimegraph load --store sqlite:crime.db --mapping ofac-sdn --retrieved 2024-05-02 sdn.csv
  crimegraph load --store sqlite:crime.db --mapping ofac-sdn --retrieved 2024-06-02 --since dataset/ofac-sdn sdn.csv
  curl -s https://example.org/list.csv | crimegraph load --store sqlite:crime.db --mapping my.yaml -
  crimegraph load --store sqlite:crime.db --mapping my.yaml --rejects rejected my.csv
  crimegraph load --store sqlite:crime.db --mapping my.yaml rejected/my.csv`,
		RunE: func(c *cobra.Command, args []string) error { return p.runLoad(c.Context(), f, args) },
	}
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "check everything, write nothing")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print the report as JSON")
	c.Flags().BoolVar(&f.example, "example", false, "load the bundled example")
	c.Flags().StringVar(&f.mapping, "mapping", "", "what the files mean: a bundled mapping or a file")
	c.Flags().StringVar(&f.retrieved, "retrieved", "", "when the files were retrieved: YYYY-MM-DD, YYYY-MM or YYYY (default: what the mapping says)")
	c.Flags().StringVar(&f.rejects, "rejects", "", "folder to write rejected rows to; made where it is not there")
	c.Flags().StringVar(&f.since, "since", "", "load that this one continues, or the id of its data set: what vanished since then is retracted")
	c.Flags().IntVar(&f.maxRejects, "max-rejects", 0, "stop when more rows than this are rejected; 0 for no limit")
	return c
}

func (p *program) runLoad(ctx context.Context, f loadFlags, args []string) (err error) {
	switch {
	case len(args) == 0 && !f.example && f.mapping != "":
		return usage("name the files to load, or - for standard input")
	case len(args) == 0 && !f.example:
		return usage("name the folder of a data set, or --example")
	case f.example && f.mapping != "":
		return usage("--example needs no --mapping")
	case f.retrieved != "" && f.mapping == "":
		return usage("--retrieved is for files with a mapping; a data set says it in %s", loader.ManifestFile)
	case f.since != "" && len(args) > 1 && f.mapping == "":
		return usage("--since is for one data set at a time")
	case f.maxRejects < 0:
		return usage("--max-rejects %d: give 0 or more", f.maxRejects)
	case p.namedStore() == "" && !f.dryRun:
		return usage("name the store to load into: --store sqlite:PATH or --store neo4j://HOST")
	}
	if _, err := ontology.ParseDate(f.retrieved); f.retrieved != "" && err != nil {
		return usage("--retrieved: %w", err)
	}
	if entries, err := os.ReadDir(f.rejects); err == nil && len(entries) > 0 {
		return usage("--rejects %s: the folder is not empty; name another one", f.rejects)
	}
	if info, err := os.Stat(f.rejects); err == nil && !info.IsDir() {
		return usage("--rejects %s: this is no folder; name another one", f.rejects)
	}
	if p.namedStore() == "" {
		p.storeFlag = "memory:"
	}
	// What is no data set is refused before a store is opened, or made.
	sets, release, err := p.dataSets(f, args)
	defer func() { err = errors.Join(err, release()) }()
	if err != nil {
		return err
	}
	s, err := p.openForLoad(ctx, f.dryRun)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	if os.Getenv("GOGC") == "" {
		// What a load remembers grows with its rows: half as much room for what it throws away costs a twelfth of its time.
		debug.SetGCPercent(50)
	}
	rejected := 0
	for _, set := range sets {
		report, err := p.loadSet(ctx, s, set, f)
		if err != nil {
			return err
		}
		rejected += report.Rejected
		if err := p.printReport(set.Name, report, f.asJSON); err != nil {
			return err
		}
	}
	if rejected == 0 {
		return nil
	}
	where := "correct them and load again; --rejects DIR writes them to files"
	if f.rejects != "" {
		where = "correct them in " + f.rejects + " and load that"
	}
	return &exitError{code: exitRejected, err: fmt.Errorf("%d rows were rejected; %s", rejected, where)}
}

// rejectsShown is how many rejected rows are listed on standard error.
const rejectsShown = 100

func (p *program) loadSet(ctx context.Context, s store.Store, set loader.Dataset, f loadFlags) (loader.Report, error) {
	shown := newProgress(p.stderr, p.now, lineEvery)
	defer shown.end()
	count := 0
	options := loader.Options{DryRun: f.dryRun, MaxRejects: f.maxRejects, Since: f.since, Now: p.now, OnWait: p.waiting(), OnProgress: shown.update, OnReject: func(r loader.Reject) {
		if count++; count > rejectsShown {
			return
		}
		place := r.String()
		if set.Mapping == nil {
			place = set.Name + "/" + place
		}
		fmt.Fprintln(shown, place)
	}}
	if f.rejects != "" {
		options.Rejects = func(name string) (io.WriteCloser, error) {
			file := filepath.Join(f.rejects, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return nil, err
			}
			return os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
		}
	}
	report, err := loader.Load(ctx, p.model, s, set, options)
	err = notFound(err)
	if count > rejectsShown {
		fmt.Fprintf(shown, "… and %d more rejected rows\n", count-rejectsShown)
	}
	return report, err
}

// dataSets opens and inspects what is to be loaded. release closes it, and is never nil.
func (p *program) dataSets(f loadFlags, paths []string) (sets []loader.Dataset, release func() error, err error) {
	var closers []func() error
	release = func() error {
		var errs []error
		for _, c := range closers {
			errs = append(errs, c())
		}
		return errors.Join(errs...)
	}
	if f.example {
		sets = append(sets, loader.Dataset{Name: "example", Files: data.Example()})
	}
	if f.mapping != "" {
		set, c, err := p.mapped(f, paths)
		closers = append(closers, c)
		if err != nil {
			return nil, release, err
		}
		sets, paths = append(sets, set), nil
	}
	for _, path := range paths {
		set, c, err := loader.OpenFolder(path)
		if err != nil {
			fix := "name the folder that holds " + loader.ManifestFile
			if info, is := os.Stat(path); is == nil && info.Mode().IsRegular() {
				fix = "for a single file give --mapping; crimegraph map " + path + " proposes one"
			}
			return nil, release, &exitError{code: exitNotFound, err: fmt.Errorf("%w; %s", err, fix)}
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

// mapped opens files with a mapping. release is never nil.
func (p *program) mapped(f loadFlags, paths []string) (set loader.Dataset, release func() error, err error) {
	release = func() error { return nil }
	text, bundled := mapping.Bundled(f.mapping)
	name := f.mapping
	if bundled {
		name += ".yaml"
	} else if text, err = os.ReadFile(f.mapping); err != nil {
		return set, release, &exitError{code: exitNotFound, err: fmt.Errorf("--mapping: %w; bundled are %s%s", err,
			strings.Join(mapping.BundledNames(), ", "), ontology.Suggest(f.mapping, mapping.BundledNames()))}
	}
	files, release, err := loader.OpenFiles(paths, p.stdin)
	if err != nil {
		return set, release, &exitError{code: exitNotFound, err: err}
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.ToSlash(path)
	}
	return loader.Dataset{Name: strings.TrimSuffix(filepath.Base(name), ".yaml"), Files: files,
		Mapping: &loader.MappingText{Name: name, Text: text, Retrieved: f.retrieved, Files: names}}, release, nil
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
		return p.printJSON(r)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	heads, filtered := "file\trows\taccepted\trejected\t", func(int) string { return "" }
	if r.Filtered > 0 {
		heads += "filtered\t"
		filtered = func(n int) string { return fmt.Sprintf("%d\t", n) }
	}
	fmt.Fprintln(w, heads)
	for _, f := range r.Files {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", f.File, f.Rows, f.Accepted, f.Rejected, filtered(f.Filtered))
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", name, r.Rows, r.Accepted, r.Rejected, filtered(r.Filtered))
	if err := w.Flush(); err != nil {
		return err
	}
	if r.DryRun {
		_, err := fmt.Fprintln(p.stdout, "nothing written (dry run)")
		return err
	}
	retracted := ""
	if r.Retracted > 0 {
		retracted = fmt.Sprintf(", %d of the updated retracted", r.Retracted)
	}
	_, err := fmt.Fprintf(p.stdout, "written: %d added, %d updated, %d unchanged%s\n", r.Changes.Added, r.Changes.Updated, r.Changes.Unchanged, retracted)
	if err == nil && r.NotRetracted != "" {
		_, err = fmt.Fprintln(p.stdout, "nothing retracted:", r.NotRetracted)
	}
	return err
}
