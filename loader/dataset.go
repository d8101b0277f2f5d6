package loader

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/loader/outline"
	"github.com/crimegraph/crimegraph/ontology"
)

// Dataset is a folder in the native format, a manifest and one file per node kind or relation (docs/data-sets.md), or files of any format with
// a mapping (docs/mappings.md).
type Dataset struct {
	// Name is what messages call it: the path as the user gave it.
	Name string
	// Files is the folder. It is read several times, so it must not change during a load.
	Files fs.FS
	// Mapping, if set, says what the files mean.
	Mapping *MappingText
}

// MappingText is a mapping that has not been read yet.
type MappingText struct {
	// Name is the name of its file.
	Name string
	Text []byte
	// Retrieved, if not empty, is when the files were retrieved, whatever the mapping says.
	Retrieved string
	// Files are the names of the files that are loaded, in order. Nothing else is opened.
	Files []string
}

// OpenFolder opens a folder of the file system. Nothing outside it can be reached through it, links included. The function
// returned closes it.
func OpenFolder(path string) (Dataset, func() error, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return Dataset{}, nil, fmt.Errorf("data set %s: %w", path, err)
	}
	return Dataset{Name: filepath.ToSlash(path), Files: root.FS()}, root.Close, nil
}

// contents is a data set whose manifest and headers are known to be right.
type contents struct {
	manifest Manifest
	// nodes are the files of node kinds: sources first, then each kind after those it links to, as far as that goes; claims are those of
	// relations in order of declaration.
	nodes, claims []*file
	// mapping, if there is one, says what the files mean: then each file is both. shapes are those of its records.
	mapping *mapping.Mapping
	shapes  map[string]*shape
}

// file is one file of a data set.
type file struct {
	name string
	// shape is what all rows of it are; nil where a mapping says what they are.
	shape *shape
	// rows is what a mapping makes of a row: all its records, or some.
	rows func(row format.Row, n int, part mapping.Part) (drafts []mapping.Draft, kept bool, fault *mapping.Fault)
	open func() (format.Reader, io.Closer, error)
	// rejects says that its rows are those that an earlier load rejected.
	rejects bool
	// source is what the mapping calls the file; encoding is how it is written, for the report.
	source   *mapping.File
	encoding string
	// unread says that some of its rows could not be read.
	unread bool
	// size is that of the file, read what was read of it in all readings.
	size, read int64
	// report is the place of its counts in Report.Files; todo counts its records that are still to be written.
	report, todo int
	// refused are the rows that are rejected, by number, with the reject where rejected rows are to be written; nil where nobody asks.
	refused map[int32]Reject
}

// files are all files in the order in which they are loaded, each once.
func (c *contents) files() []*file {
	if c.mapping != nil {
		return c.nodes
	}
	return slices.Concat(c.nodes, c.claims)
}

// rejects says that some of the files hold rows that an earlier load rejected.
func (c *contents) rejects() bool {
	return slices.ContainsFunc(c.files(), func(f *file) bool { return f.rejects })
}

// beside are the names, up to a dot, of files that may lie in a data set and are not read.
var beside = map[string]bool{"README": true, "LICENSE": true, "LICENCE": true, "NOTICE": true, "COPYING": true, "": true}

// inspect reads the manifest and all headers, and refuses what is not as it should be: every fault that it finds.
func inspect(model *ontology.Model, set Dataset) (*contents, error) {
	if set.Mapping != nil {
		return inspectMapped(model, set)
	}
	entries, err := fs.ReadDir(set.Files, ".")
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", set.Name, err)
	}
	text, err := readAll(set.Files, ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("data set %s: %w", set.Name, &Refusal{File: ManifestFile, Reason: "the manifest is missing",
			Fix: "write one with id, title and retrieved; see docs/data-sets.md"})
	}
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", set.Name, err)
	}
	c := &contents{}
	if c.manifest, err = readManifest(model, ManifestFile, text, "", nil); err != nil {
		return nil, fmt.Errorf("data set %s: %w", set.Name, err)
	}
	shapes := map[string]*shape{}
	var faults []error
	for _, name := range orderedNames(model) {
		var wrong []error
		shapes[name], wrong = newShape(model, &c.manifest, name)
		faults = append(faults, wrong...)
	}
	// A default that serves for all is at fault in all; it is named once, in the order of the manifest.
	slices.SortFunc(faults, comparePlaces)
	faults = slices.CompactFunc(faults, func(a, b error) bool { return a.Error() == b.Error() })
	for _, e := range entries {
		if first, _, _ := strings.Cut(e.Name(), "."); e.Name() == ManifestFile || beside[first] {
			continue
		}
		f, err := inspectFile(model, set, e.Name(), shapes)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if f.shape.relation == nil {
			c.nodes = append(c.nodes, f)
		} else {
			c.claims = append(c.claims, f)
		}
	}
	if len(faults) == 0 && len(c.nodes)+len(c.claims) == 0 {
		faults = append(faults, &Refusal{File: ManifestFile, Reason: "the data set holds no data files",
			Fix: "add a file per kind or relation, as Group.csv or OPERATES.csv"})
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("data set %s: %w", set.Name, errors.Join(faults...))
	}
	rank := map[string]int{}
	for i, name := range orderedNames(model) {
		rank[name] = i
	}
	for _, files := range [][]*file{c.nodes, c.claims} {
		sort.SliceStable(files, func(i, j int) bool { return rank[files[i].shape.name] < rank[files[j].shape.name] })
	}
	return c, nil
}

// comparePlaces orders refusals of one file.
func comparePlaces(a, b error) int {
	var x, y *Refusal
	if errors.As(a, &x) && errors.As(b, &y) {
		if c := cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column)); c != 0 {
			return c
		}
	}
	return strings.Compare(a.Error(), b.Error())
}

func inspectFile(model *ontology.Model, set Dataset, name string, shapes map[string]*shape) (*file, error) {
	info, err := fs.Stat(set.Files, name)
	if err != nil {
		return nil, err
	}
	var extensions []string
	for _, f := range format.Formats {
		if f.Native {
			extensions = append(extensions, f.Extension)
		}
	}
	fmtOf, known := format.Of(name)
	if !info.Mode().IsRegular() || !known {
		return nil, &Refusal{File: name, Reason: "no file of a data set",
			Fix: fmt.Sprintf("take it out, or name it after a kind or relation with %s at the end", strings.Join(extensions, " or "))}
	}
	stem := strings.TrimSuffix(name, fmtOf.Extension)
	s := shapes[stem]
	if s == nil {
		if r := model.Relation(stem); r != nil {
			return nil, &Refusal{File: name, Reason: stem + " is part of its records", Fix: "give it as a column: " + strings.Join(linkColumns(model, r), ", ")}
		}
		return nil, &Refusal{File: name, Reason: fmt.Sprintf("%.80q is no kind and no relation%s", stem, ontology.Suggest(stem, dataNames(model))),
			Fix: "name the file after one of schema.graphqls"}
	}
	f := &file{name: name, shape: s, size: info.Size()}
	f.open = func() (format.Reader, io.Closer, error) {
		opened, err := set.Files.Open(name)
		if err != nil {
			return nil, nil, err
		}
		options := format.Native
		r, err := fmtOf.Open(f.measure(opened), &options)
		if err != nil {
			return nil, nil, errors.Join(err, opened.Close())
		}
		f.rejects = f.rejects || options.Rejects
		return r, opened, nil
	}
	r, closer, err := f.open()
	var head *format.RowError
	if errors.As(err, &head) {
		return nil, &Refusal{File: name, Line: head.Line, Column: head.Column, Reason: head.Reason, Fix: head.Fix}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer closer.Close()
	var faults []error
	for _, column := range r.Columns() {
		if _, fault := s.column(column.Name); fault != nil {
			faults = append(faults, &Refusal{File: name, Line: column.Line, Column: column.Column, Reason: fault.reason, Fix: fault.fix})
		}
	}
	return f, errors.Join(faults...)
}

func readAll(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, outline.MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > outline.MaxSize {
		return nil, &Refusal{File: name, Reason: fmt.Sprintf("the manifest is longer than %d bytes", outline.MaxSize), Fix: "move long texts into a README beside it"}
	}
	return text, nil
}

// dataNames are what files may be named after: kinds and relations with claims, in order of declaration.
func dataNames(model *ontology.Model) []string {
	var names []string
	for _, k := range model.Kinds {
		names = append(names, k.Name)
	}
	for _, r := range model.Relations {
		if !r.Structural {
			names = append(names, r.Name)
		}
	}
	return names
}

// orderedNames are dataNames with sources first and each kind after those that its records name, as far as that goes.
func orderedNames(model *ontology.Model) []string {
	var names []string
	seen := map[*ontology.Kind]bool{}
	var visit func(k *ontology.Kind)
	visit = func(k *ontology.Kind) {
		if seen[k] {
			return
		}
		seen[k] = true
		for _, p := range k.Properties {
			if p.Reference != nil {
				visit(p.Reference)
			}
		}
		for _, l := range k.Links {
			if l.Declares {
				for _, target := range l.Target.Members {
					visit(target)
				}
			}
		}
		names = append(names, k.Name)
	}
	for _, k := range model.Kinds {
		visit(k)
	}
	return append(names, dataNames(model)[len(model.Kinds):]...)
}

// linkColumns are the columns that hold a structural relation: "basedIn of Group".
func linkColumns(model *ontology.Model, r *ontology.Relation) []string {
	var columns []string
	for _, k := range model.Kinds {
		for _, l := range k.Links {
			if l.Relation == r && l.Declares {
				columns = append(columns, l.Name+" of "+k.Name)
			}
		}
	}
	return columns
}
