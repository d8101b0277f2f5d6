// Package loader reads data sets, checks every row, and writes what stands to a store. Nothing is lost without a word: a row
// is written or it is rejected with its place, a reason and a fix. Loading the same again changes nothing.
package loader

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"time"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Store is what loading needs of a store; store.Store has it.
type Store interface {
	Query(ctx context.Context, p plan.Plan) (store.Value, error)
	Apply(ctx context.Context, b store.Batch) (store.Changes, error)
	Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error]
	Walk(ctx context.Context, wanted plan.Walk) iter.Seq2[store.Record, error]
	Loads(ctx context.Context) ([]store.Load, error)
}

// Options say how to load. The zero value loads.
type Options struct {
	// DryRun checks everything and writes nothing.
	DryRun bool
	// KeepRejects is how many rejects the report holds; 0 for 1,000.
	KeepRejects int
	// MaxRejects ends the load when more rows than that are rejected; 0 for no limit.
	MaxRejects int
	// OnReject, if set, receives every reject as it is found: by file and line within each of the readings of a file.
	OnReject func(Reject)
	// OnProgress, if set, is told from time to time how far the load is.
	OnProgress func(Progress)
	// Rejects, if set, makes the files that rejected rows are written to, by name: see rejects.go.
	Rejects func(name string) (io.WriteCloser, error)
	// Since, if not empty, names the load that this one continues, or the id of its data set: what that one stated and this one does not is
	// retracted on the day this one was retrieved.
	Since string
	// OnWait, if set, is told while another load is under way, which this one waits for.
	OnWait func(*store.Error)
	// Run names this run among all; Now is the clock. Both have defaults.
	Run string
	Now func() time.Time
}

func defaults(run string, now func() time.Time) (string, func() time.Time) {
	if now == nil {
		now = time.Now
	}
	return cmp.Or(run, rand.Text()), now
}

const (
	batchSize   = 5000
	lookupSize  = 500
	keepRejects = 1000
)

// Load writes a data set to a store: sources, then other nodes, each after those it names, then claims, in batches that are
// written whole or not at all. Rejected rows do not stop it; they are in the report.
//
// An error that wraps *Refusal says that the data set is not one, and nothing was written. After any other error the store
// holds whole batches, the report tells what was done so far, and loading again completes the work.
func Load(ctx context.Context, model *ontology.Model, to Store, set Dataset, options Options) (Report, error) {
	c, err := inspect(model, set)
	if err != nil {
		return Report{DryRun: options.DryRun}, err
	}
	options.KeepRejects = cmp.Or(options.KeepRejects, keepRejects)
	options.Run, options.Now = defaults(options.Run, options.Now)
	l := &load{
		model: model, store: to, options: options, contents: c, files: set.Files, index: newIndex(),
		regraded: map[string]mark{},
		report:   Report{Manifest: c.manifest, Load: c.manifest.LoadName(), DryRun: options.DryRun},
	}
	retrieved, err := model.Claim.Property("recordedAt").Parse(c.manifest.Retrieved)
	if err != nil {
		return l.report, fmt.Errorf("data set %s: retrieved: %w", set.Name, err)
	}
	l.retrieved, _ = retrieved.(int64)
	for _, f := range c.files() {
		if f.refused == nil && options.Rejects != nil {
			f.refused = map[int32]Reject{}
		}
		f.report = len(l.report.Files)
		l.report.Files = append(l.report.Files, FileReport{File: f.name, Encoding: f.encoding})
		l.progress.Whole += f.size * f.readings()
	}
	if err := l.run(ctx, set); err != nil {
		l.report.sortRejects()
		return l.report, fmt.Errorf("data set %s: %w", set.Name, err)
	}
	l.report.sortRejects()
	return l.report, nil
}

// run takes the steps of a load, and has the store keep account of it.
func (l *load) run(ctx context.Context, set Dataset) (err error) {
	if l.account, err = newAccount(l.store, l.contents.manifest, l.retrieved, l.options); err != nil {
		return err
	}
	// What is wrong with the load before is told before anything is written.
	if err := l.continues(ctx); err != nil {
		return err
	}
	if l.options.DryRun {
		err := l.steps(ctx)
		// What the load would find unchanged is no change that it made.
		l.report.Changes = store.Changes{}
		return err
	}
	if l.account.load.Hash, err = l.contents.hash(set); err != nil {
		return err
	}
	loading, release, err := l.account.begin(ctx, l.options.OnWait)
	if err != nil {
		return err
	}
	// Other loads may have ended meanwhile.
	if err = l.continues(loading); err == nil {
		err = l.steps(loading)
	}
	release()
	if l.countKept(); err == nil {
		if l.leftOut() == "" {
			l.account.count(&l.report)
		}
		l.account.regraded(l.regraded)
		return l.account.end(ctx, store.LoadComplete, l.report.Changes)
	}
	if lost := l.account.why(); lost != nil {
		return lost
	}
	// Where the store cannot be told, the load ends for others when its lease does.
	_ = l.account.end(ctx, store.LoadStopped, l.report.Changes)
	return err
}

func (l *load) steps(ctx context.Context) error {
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"reading", l.readTables}, {"checking", l.scanNodes}, {"checking", l.settle}, {"writing", l.compareSources}, {"writing", l.regrade},
		{"writing", l.writeHeld}, {"writing", l.writeNodes}, {"relating", l.writeClaims}, {"retracting", l.retract}, {"writing rejects", l.writeRejects},
	} {
		l.progress.Step = step.name
		err := step.do(ctx)
		if err != nil {
			// What is being written is part of the report, whatever else failed.
			if failed := l.await(); failed != nil && ctx.Err() == nil {
				err = errors.Join(err, failed)
			}
			return err
		}
	}
	return nil
}

// continues finds the load before, if this one continues one.
func (l *load) continues(ctx context.Context) error {
	if l.options.Since == "" {
		return nil
	}
	loads, err := l.store.Loads(ctx)
	if err != nil {
		return fmt.Errorf("loads: %w", err)
	}
	before, err := find(loads, l.options.Since, l.report.Load)
	if err != nil {
		return err
	}
	refuse := func(reason, fix string) error {
		return &Refusal{File: l.contents.manifest.file, Reason: before.Name + " " + reason, Fix: fix}
	}
	switch {
	case before.Name == l.report.Load:
		return refuse("cannot continue itself", "give this data set another version or day of retrieval")
	case before.Retrieved > l.retrieved:
		return refuse("was retrieved later than this data set", "load the versions in order of time")
	case before.Retrieved == l.retrieved:
		return refuse("was retrieved on the same day", "say when each of them was: a list can be known in one state a day")
	}
	l.account.continues(before.Name)
	l.since = []string{before.Name}
	for _, other := range loads {
		if name := other.Name; datasetOf(name) == datasetOf(before.Name) && name != before.Name && name != l.report.Load {
			l.since = append(l.since, name)
		}
	}
	return nil
}

// Inspect reads a data set's manifest and headers, and returns the error that Load would refuse it with before it touches a store.
func Inspect(model *ontology.Model, set Dataset) error {
	_, err := inspect(model, set)
	return err
}

// load is one load under way.
type load struct {
	model    *ontology.Model
	store    Store
	options  Options
	contents *contents
	files    fs.FS
	index    *index
	report   Report
	// retrieved is the date key of the day of retrieval.
	retrieved int64
	account   *account
	// since are the names of the load that this one continues, if it does, and of the other versions of that data set.
	since []string
	batch store.Batch
	// writing is the batch before, if it is being written.
	writing *underway
	// regraded are the sources of the data set that the store holds with another grade or mark, with the new ones.
	regraded map[string]mark
	// owners are the reports of the files that the batch's rows come from, row by row; -1 where a mapping made the record.
	owners   []int
	progress Progress
	drafted  [1]draft
	made     []draft
	// records are those of the drafts of one row.
	records []record
	// held are the places of the nodes that rows ensure and the store has.
	held []int32
}

// rows calls row for every row of a file that can be read, and unread for every other one, with its number from 1.
func (l *load) rows(ctx context.Context, f *file, row func(format.Row, int) error, unread func(*format.RowError, int)) (err error) {
	r, closer, err := f.open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if l.options.MaxRejects > 0 && l.report.Rejected > l.options.MaxRejects {
			return &TooManyRejects{Limit: l.options.MaxRejects}
		}
		next, err := r.Read()
		f.rejects = f.rejects || next.Origin != nil
		if err == io.EOF {
			return nil
		}
		var broken *format.RowError
		if errors.As(err, &broken) {
			unread(broken, n)
			if broken.Final {
				return nil
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := row(next, n); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		l.pass(f, n)
	}
}

// draft is a row of a kind or relation: one of a file of its own, or one that a mapping made.
type draft struct {
	shape  *shape
	row    format.Row
	ensure bool
}

// drafts are what a row of a file states. kept says whether the file's mapping takes the row. They are valid until the next call.
func (l *load) drafts(f *file, row format.Row, n int, part mapping.Part) (list []draft, kept bool, wrong *fault) {
	if f.shape != nil {
		l.drafted[0] = draft{shape: f.shape, row: row}
		return l.drafted[:], true, nil
	}
	made, kept, fail := f.rows(row, n, part)
	if fail != nil {
		return nil, kept, &fault{field: &fail.Field, reason: fail.Reason, fix: fail.Fix}
	}
	l.made = l.made[:0]
	for _, d := range made {
		l.made = append(l.made, draft{shape: l.contents.shapes[d.Target], row: d.Row, ensure: d.Ensure})
	}
	return l.made, kept, nil
}

// count notes a row that was read.
func (l *load) count(f *file) {
	l.report.Rows++
	l.report.Files[f.report].Rows++
}

// reject counts a row out, once. line is the row's own, for faults that have no place.
func (l *load) reject(f *file, row, line int, why *fault) {
	if _, again := f.refused[int32(row)]; again {
		return
	}
	r := Reject{File: f.name, Line: line, Reason: why.reason, Fix: why.fix}
	if why.field != nil {
		r.Line, r.Column, r.Name, r.Value = why.field.Line, why.field.Column, why.field.Name, cut(why.field.Text)
	}
	if f.refused != nil {
		f.refused[int32(row)] = Reject{}
		if l.options.Rejects != nil {
			f.refused[int32(row)] = r
		}
	}
	l.report.Rejected++
	l.report.Files[f.report].Rejected++
	if len(l.report.Rejects) < l.options.KeepRejects {
		l.report.Rejects = append(l.report.Rejects, r)
	}
	if l.options.OnReject != nil {
		l.options.OnReject(r)
	}
}

// rejectUnread counts a row that cannot be read.
func (l *load) rejectUnread(f *file) func(*format.RowError, int) {
	return func(e *format.RowError, n int) {
		f.unread = true
		l.count(f)
		l.reject(f, n, e.Line, &fault{field: &format.Field{Line: e.Line, Column: e.Column}, reason: e.Reason, fix: e.Fix})
		if e.Final {
			l.report.Files[f.report].StoppedAt = e.Line
		}
	}
}

// accept puts off the count of a row until its batch is written. Rows of mapped files count as accepted when all of the load is written.
func (l *load) accept(ctx context.Context, f *file) error {
	owner := f.report
	if f.shape == nil {
		owner = -1
	}
	l.owners = append(l.owners, owner)
	if len(l.owners) < batchSize {
		return nil
	}
	return l.flush(ctx)
}

// ask looks ids up in the store: each becomes stored, with what others take over from it if it is a source, or missing.
func (l *load) ask(ctx context.Context, unknown []int32) error {
	sources := l.model.Claim.Property("source").Reference
	var ofSources, ofOthers []int32
	for _, at := range unknown {
		if id := l.index.entries[at].id; len(id) > len(sources.IDPrefix()) && id[:len(sources.IDPrefix())] == sources.IDPrefix() {
			ofSources = append(ofSources, at)
		} else {
			ofOthers = append(ofOthers, at)
		}
	}
	var columns []plan.Column
	for _, name := range []string{"reliability", "published", "tlp", "compartments"} {
		if p := sources.Property(name); p != nil {
			columns = append(columns, plan.Column{Property: p})
		}
	}
	if err := l.lookup(ctx, ofSources, plan.Node{Kind: sources, Columns: columns}, l.takeMark); err != nil {
		return err
	}
	node := l.model.Kind("Node")
	columns = []plan.Column{{Property: node.Properties[0]}}
	if retracted := node.Property("retractedAt"); retracted != nil {
		columns = append(columns, plan.Column{Property: retracted})
	}
	return l.lookup(ctx, ofOthers, plan.Node{Kind: node, Columns: columns}, l.takeRetracted)
}

// takeRetracted takes a node that was retracted for one that is not there, where a row ensures it and was retrieved later: the row states it anew.
func (l *load) takeRetracted(at int32, node plan.Node, values []store.Value) {
	if e := &l.index.entries[at]; len(values) == 2 && values[1].Type != store.Null && values[1].Int <= l.retrieved && e.row > 0 && e.ensured {
		e.state = pending
	}
}

func (l *load) lookup(ctx context.Context, unknown []int32, node plan.Node, take func(at int32, node plan.Node, values []store.Value)) error {
	for len(unknown) > 0 {
		part := unknown[:min(len(unknown), lookupSize)]
		unknown = unknown[len(part):]
		ids := make([]string, len(part))
		for i, at := range part {
			ids[i] = l.index.entries[at].id
		}
		answer, err := l.store.Query(ctx, plan.Plan{
			Lens:   everything,
			Lookup: &plan.Lookup{IDs: ids, Node: node},
		})
		if err != nil {
			return fmt.Errorf("look up: %w", err)
		}
		if len(answer.List) != len(part) {
			return fmt.Errorf("look up: the store answers %d of %d ids", len(answer.List), len(part))
		}
		for i, at := range part {
			if l.index.entries[at].state == named {
				l.index.entries[at].state = missing
			}
			if answer.List[i].Type == store.List {
				l.index.entries[at].state = stored
				if take != nil {
					take(at, node, answer.List[i].List)
				}
			}
		}
	}
	return nil
}

// takeMark reads the mark of a source of the store.
func (l *load) takeMark(at int32, node plan.Node, values []store.Value) {
	var m mark
	for i, c := range node.Columns {
		switch c.Property.Name {
		case "reliability":
			m.reliability = values[i].Scalar()
		case "published":
			m.published = values[i].Scalar()
		case "tlp":
			m.tlp = values[i].Int
		case "compartments":
			for _, v := range values[i].List {
				m.compartments = append(m.compartments, v.Text)
			}
		}
	}
	l.index.marks[at] = m
}

// inherit completes a record from its source.
func (l *load) inherit(s *shape, values []any) {
	id, has := values[s.source].(string)
	var above mark
	if has {
		above = l.index.marks[l.index.of(id)]
	}
	s.inherit(values, above, has, l.retrieved)
}
