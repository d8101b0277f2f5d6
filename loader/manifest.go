package loader

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/loader/outline"
	"github.com/crimegraph/crimegraph/ontology"
)

// ManifestFile is the file that makes a folder a data set.
const ManifestFile = "dataset.yaml"

// Manifest says what a data set is, where it comes from and under which terms.
type Manifest struct {
	// ID names the data set, as in `dataset/port-seizures`.
	ID string `json:"id"`
	// Title is its name for people.
	Title string `json:"title"`
	// Version is the publisher's own.
	Version string `json:"version,omitempty"`
	// Language of its texts, as in `en`.
	Language string `json:"language,omitempty"`
	// Retrieved is the day, month or year of retrieval: records are known since then where nothing else says since when.
	Retrieved   string   `json:"retrieved"`
	Description string   `json:"description,omitempty"`
	Licence     string   `json:"licence,omitempty"`
	Attribution []string `json:"attribution,omitempty"`
	// Caveats say what the data do not show.
	Caveats []string `json:"caveats,omitempty"`

	// common holds the defaults of all kinds and relations, own those of one.
	common map[string]value
	own    map[string]map[string]value
	// file is where it stands.
	file string
}

// value is a text of the manifest and its place.
type value struct {
	text         string
	line, column int
}

// commonDefaults are the properties that one default may serve for all kinds and relations.
var commonDefaults = []string{"source", "tlp"}

var manifestKeys = []string{
	"id", "title", "version", "language", "retrieved", "description", "licence", "attribution", "caveats", "defaults",
}

// readManifest reads a manifest, which stands in a file of that name. A date of
// retrieval goes before its own. What it does not know goes to further, if that is there, which says whether it is known there.
func readManifest(model *ontology.Model, file string, text []byte, retrieved string, further func(outline.Entry) bool) (Manifest, error) {
	m := Manifest{file: file, common: map[string]value{}, own: map[string]map[string]value{}}
	name := "the manifest"
	if further != nil {
		name = "the mapping"
	}
	whole, err := outline.Parse(text, name)
	if err != nil {
		return m, refusal(file, err)
	}
	entries, err := whole.Entries()
	if err != nil {
		return m, refusal(file, err)
	}
	for _, e := range entries {
		if further != nil && further(e) {
			continue
		}
		if err := m.readEntry(model, e, name, further != nil); err != nil {
			return m, refusal(file, err)
		}
	}
	if retrieved != "" {
		// The version that the mapping tells is that of other files.
		m.Retrieved, m.Version = retrieved, ""
	}
	needs := "a manifest has at least id, title and retrieved (a date)"
	if further != nil {
		needs = "a mapping has at least id, title and retrieved, a date, which may also be given with the load: --retrieved 2026-01-31"
	}
	for _, required := range []struct{ key, text string }{{"id", m.ID}, {"title", m.Title}, {"retrieved", m.Retrieved}} {
		if required.text == "" {
			return m, refusal(file, whole.Fault(needs, "%s is missing", required.key))
		}
	}
	return m, nil
}

func (m *Manifest) readEntry(model *ontology.Model, e outline.Entry, name string, mapped bool) (err error) {
	switch e.Key {
	case "id":
		if m.ID, err = e.Text(); err == nil && strings.Contains(m.ID, "@") {
			err = e.Fault("write it without; the version has a key of its own", "the id %.80q holds an @", m.ID)
		}
	case "title":
		m.Title, err = e.Text()
	case "version":
		m.Version, err = e.Text()
	case "language":
		m.Language, err = e.Text()
	case "retrieved":
		if m.Retrieved, err = e.Text(); err == nil {
			if _, fault := ontology.ParseDate(m.Retrieved); fault != nil {
				err = e.Fault("", "retrieved: %v", fault)
			}
		}
	case "description":
		m.Description, err = e.Text()
	case "licence":
		m.Licence, err = e.Text()
	case "attribution":
		m.Attribution, err = e.Texts()
	case "caveats":
		m.Caveats, err = e.Texts()
	case "defaults":
		err = m.readDefaults(model, e)
	default:
		known, page := manifestKeys, "docs/data-sets.md"
		if mapped {
			known, page = append(slices.Clone(known), mapping.Keys()...), "docs/mappings.md"
		}
		err = e.Fault("see "+page, "%s has no key %.80q%s", name, e.Key, ontology.Suggest(e.Key, known))
	}
	return err
}

func (m *Manifest) readDefaults(model *ontology.Model, e outline.Entry) error {
	e.Name = "defaults"
	entries, err := e.Entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		kind, relation := model.Kind(e.Key), model.Relation(e.Key)
		switch {
		case slices.Contains(commonDefaults, e.Key):
			text, err := e.Text()
			if err != nil {
				return err
			}
			m.common[e.Key] = value{text, e.Line, e.Column}
		case kind != nil && !kind.Abstract() && kind != model.Claim, relation != nil && !relation.Structural:
			own := e
			own.Name = "the defaults of " + e.Key
			entries, err := own.Entries()
			if err != nil {
				return err
			}
			m.own[e.Key] = map[string]value{}
			for _, d := range entries {
				text, err := d.Text()
				if err != nil {
					return err
				}
				m.own[e.Key][d.Key] = value{text, d.Line, d.Column}
			}
		default:
			return e.Fault("give source, tlp, or the name of a kind or relation", "%.80q has no defaults%s", e.Key,
				ontology.Suggest(e.Key, append(dataNames(model), commonDefaults...)))
		}
	}
	return nil
}

// refusal turns a fault of a file into the refusal of the data set.
func refusal(file string, err error) error {
	var fault *outline.Fault
	if !errors.As(err, &fault) {
		return fmt.Errorf("%s: %w", file, err)
	}
	return &Refusal{File: file, Line: fault.Line, Column: fault.Column, Reason: fault.Reason, Fix: fault.Fix}
}

// refuse says what is wrong with a value of the manifest.
func (m *Manifest) refuse(at value, reason, fix string) *Refusal {
	return &Refusal{File: m.file, Line: at.line, Column: at.column, Reason: reason, Fix: fix}
}
