package loader

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// shape says what the columns of a file mean, and what holds where they are empty.
type shape struct {
	// name of the kind or relation; kind is the claim type where relation is set.
	name     string
	kind     *ontology.Kind
	relation *ontology.Relation
	model    *ontology.Model
	columns  map[string]column
	names    []string
	// defaults stand in the order of the kind's properties.
	defaults []any
	// The places of properties that a record may take over from its source; -1 where the kind has none.
	source, reliability, tlp, compartments, recordedAt, retractedAt int
	// published is the place of the date of publication, for kinds that are sources.
	published int
	// countries are the codes of countries that there are.
	countries map[string]bool
}

// column is what a column means: a property, a structural link, or an end of a claim. parse reads one value of it.
type column struct {
	property *ontology.Property
	link     *ontology.Link
	end      end
	parse    *ontology.Property
}

type end int

const (
	from end = iota + 1
	to
)

// fault is why a row is rejected: a field of it, or the whole row where field is nil.
type fault struct {
	field       *format.Field
	reason, fix string
}

// builtIn are the values of columns that neither a row nor the manifest gives.
var builtIn = map[string]string{"stance": "ASSERTS", "modality": "STATES", "credibility": "6", "tlp": "CLEAR"}

func newShape(model *ontology.Model, m *Manifest, name string) (*shape, []error) {
	s := &shape{name: name, kind: model.Kind(name), relation: model.Relation(name), model: model, columns: map[string]column{}, countries: mapping.CountryCodes()}
	if s.relation != nil {
		s.kind = model.Claim
		s.names = []string{"from", "to"}
		s.columns["from"] = column{end: from, parse: reference("from")}
		s.columns["to"] = column{end: to, parse: reference("to")}
	}
	for i, p := range s.kind.Properties {
		if i == 0 && s.relation != nil {
			continue
		}
		s.names = append(s.names, p.Name)
		s.columns[p.Name] = column{property: p, parse: p}
	}
	for _, l := range s.kind.Links {
		if l.Declares {
			s.names = append(s.names, l.Name)
			s.columns[l.Name] = column{link: l, parse: reference(l.Name)}
		}
	}
	s.source, s.reliability, s.tlp = s.position("source"), s.position("reliability"), s.position("tlp")
	s.compartments, s.recordedAt, s.retractedAt = s.position("compartments"), s.position("recordedAt"), s.position("retractedAt")
	s.published = -1
	if min(s.source, s.tlp, s.compartments, s.recordedAt, s.retractedAt) < 0 {
		return nil, []error{fmt.Errorf("%s lacks one of the properties of every record: source, tlp, compartments, recordedAt, retractedAt", name)}
	}
	isSource := s.kind.Properties[s.source].Reference == s.kind
	if isSource {
		s.published = s.position("published")
	}
	return s, s.setDefaults(m, isSource)
}

func reference(name string) *ontology.Property {
	return &ontology.Property{Name: name, Type: ontology.Reference}
}

// setDefaults fills in what holds for empty columns: what is built in, then the manifest's for all, then its own for this kind or
// relation. The source that serves for all is not for sources, which would be their own.
func (s *shape) setDefaults(m *Manifest, isSource bool) (faults []error) {
	s.defaults = make([]any, len(s.kind.Properties))
	for i, p := range s.kind.Properties {
		text := value{text: builtIn[p.Name]}
		if d, ok := m.common[p.Name]; ok && !(isSource && p.Name == "source") {
			text = d
		}
		if d, ok := m.own[s.name][p.Name]; ok {
			text = d
		}
		v, err := p.Parse(text.text)
		if err != nil {
			faults = append(faults, m.refuse(text, fmt.Sprintf("the default %s: %v", p.Name, err), ""))
		}
		if id, named := v.(string); named && p.Reference != nil {
			if f := s.checkReference(id, p.Reference.Has, p.Reference.Name); f != nil {
				faults = append(faults, m.refuse(text, fmt.Sprintf("the default %s: %s", p.Name, f.reason), f.fix))
			}
		}
		if unknown := s.noCountry(p, v); unknown != "" {
			faults = append(faults, m.refuse(text, fmt.Sprintf("the default %s: %q is the code of no country", p.Name, unknown), codeFix))
		}
		s.defaults[i] = v
	}
	for name, d := range m.own[s.name] {
		c, f := s.column(name)
		if f != nil {
			faults = append(faults, m.refuse(d, f.reason, f.fix))
		} else if c.property == nil || c.property.Position == 0 && s.relation == nil {
			faults = append(faults, m.refuse(d, fmt.Sprintf("%s of %s has no default", name, s.name), "give it in each row"))
		}
	}
	return faults
}

// position is the place of a property of the kind, or -1.
func (s *shape) position(name string) int {
	if p := s.kind.Property(name); p != nil {
		return p.Position
	}
	return -1
}

// column finds what a column means.
func (s *shape) column(name string) (column, *fault) {
	if c, known := s.columns[name]; known {
		return c, nil
	}
	switch l := s.kind.Link(name); {
	case s.relation != nil && name == "id":
		return column{}, &fault{reason: "a claim has no id of its own: its id is derived from what it states", fix: "leave the column out"}
	case l != nil && l.Relation.Structural:
		return column{}, &fault{reason: fmt.Sprintf("%s is stated at its other end", name), fix: "give it in " + l.Target.Name + " rows"}
	case l != nil:
		return column{}, &fault{reason: fmt.Sprintf("%s is a relation with claims of its own", name), fix: "give it in " + l.Relation.Name + " rows"}
	}
	f := &fault{reason: fmt.Sprintf("%s has no column %.80q", s.name, name), fix: "columns are " + strings.Join(s.names, ", ")}
	if near := ontology.Nearest(name, s.names); near != "" {
		f.fix = "did you mean " + near + "?"
	}
	return column{}, f
}

// text is the id in a field, trimmed as read does it.
func (s *shape) text(f *format.Field) string { return strings.TrimSpace(f.Text) }

// record is a row as it will be written, but for what it takes over from its source.
type record struct {
	values   []any
	links    []store.NodeLink
	from, to string
}

// hash tells nodes from each other.
func (r *record) hash(k *ontology.Kind) uint64 {
	return binary.LittleEndian.Uint64(store.ContentHash(store.Node{Kind: k, Values: r.values, Links: r.links}))
}

// read turns a row into a record. It checks all that can be told from the row alone.
func (s *shape) read(row format.Row) (record, *fault) {
	r := record{values: slices.Clone(s.defaults)}
	for i := range row.Fields {
		f := &row.Fields[i]
		c, wrong := s.column(f.Name)
		if wrong == nil {
			wrong = s.readField(&r, c, f)
		}
		if wrong != nil {
			wrong.field = f
			return r, wrong
		}
	}
	return r, s.check(&r, row)
}

func (s *shape) readField(r *record, c column, f *format.Field) *fault {
	many := c.link != nil && c.link.Many
	if f.List && !c.parse.List && !many {
		return &fault{reason: f.Name + " takes one value, not a list", fix: "give one"}
	}
	texts := []string{f.Text}
	if many {
		texts = strings.Split(f.Text, ontology.ListSeparator)
	}
	for _, text := range texts {
		v, err := c.parse.Parse(text)
		if err != nil {
			return &fault{reason: err.Error()}
		}
		id, _ := v.(string)
		switch {
		case v == nil:
		case c.link != nil:
			if f := s.checkReference(id, func(k *ontology.Kind) bool {
				if c.link.Direction == ontology.In {
					return c.link.Relation.Joins(k, s.kind)
				}
				return c.link.Relation.Joins(s.kind, k)
			}, c.link.Target.Name); f != nil {
				return f
			}
			if slices.Contains(r.links, store.NodeLink{Link: c.link, ID: id}) {
				return &fault{reason: fmt.Sprintf("%.80q is there twice", id), fix: "keep one"}
			}
			r.links = append(r.links, store.NodeLink{Link: c.link, ID: id})
		case c.end == from:
			r.from = id
		case c.end == to:
			r.to = id
		default:
			if c.property.Reference != nil {
				if f := s.checkReference(id, c.property.Reference.Has, c.property.Reference.Name); f != nil {
					return f
				}
			}
			if list, ok := v.([]string); !ok || len(list) > 0 {
				r.values[c.property.Position] = v
			}
		}
	}
	return nil
}

// checkReference checks that an id has the form and the kind that are wanted where it stands.
func (s *shape) checkReference(id string, fits func(*ontology.Kind) bool, wanted string) *fault {
	k, f := s.kindOf(id)
	if f == nil && !fits(k) {
		f = &fault{reason: fmt.Sprintf("%.80q is a %s, %s is wanted here", id, k.Name, wanted), fix: "name a node of that kind"}
	}
	return f
}

// kindOf tells the kind of a node by its id.
func (s *shape) kindOf(id string) (*ontology.Kind, *fault) {
	if !ontology.ValidID(id) || strings.Contains(id, ontology.ListSeparator) || strings.ContainsFunc(id, unseen) {
		return nil, &fault{reason: fmt.Sprintf("%.80q is no id", id), fix: "write kind/slug, as place/it: at most 200 bytes, without blanks and |"}
	}
	if k := s.model.KindOf(id); k != nil {
		return k, nil
	}
	prefix := id[:strings.IndexByte(id, '/')+1]
	known := make([]string, 0, len(s.model.Kinds))
	for _, k := range s.model.Kinds {
		known = append(known, k.IDPrefix())
	}
	slices.Sort(known)
	return nil, &fault{reason: fmt.Sprintf("no kind has ids that begin with %.80q%s", prefix, ontology.Suggest(prefix, known)), fix: "begin with the kind in lower case, as place/"}
}

// unseen says that a character cannot be seen, or looks different to everyone: ids that differ in such look alike.
func unseen(r rune) bool {
	const braillePatternBlank = '\u2800'
	return unicode.IsControl(r) || unicode.IsSpace(r) || r == braillePatternBlank || r == unicode.ReplacementChar ||
		unicode.In(r, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// check checks the record as a whole.
func (s *shape) check(r *record, row format.Row) *fault {
	at := func(name string, f fault) *fault {
		for i := range row.Fields {
			if row.Fields[i].Name == name {
				f.field = &row.Fields[i]
				return &f
			}
		}
		f.field = &format.Field{Name: name, Line: row.Line}
		return &f
	}
	if s.relation == nil {
		id, _ := r.values[0].(string)
		if id == "" {
			return at("id", fault{reason: "the id is missing", fix: "write " + s.kind.IDPrefix() + " and a slug"})
		}
		if k, f := s.kindOf(id); f != nil {
			return at("id", *f)
		} else if k != s.kind {
			return at("id", fault{reason: fmt.Sprintf("%.80q is the id of a %s", id, k.Name), fix: "ids of this kind begin with " + s.kind.IDPrefix()})
		}
	} else {
		for _, e := range []struct{ name, id string }{{"from", r.from}, {"to", r.to}} {
			if e.id == "" {
				return at(e.name, fault{reason: e.name + " is missing", fix: "give the id of the node at that end"})
			}
		}
		fromKind, f := s.kindOf(r.from)
		if f != nil {
			return at("from", *f)
		}
		toKind, f := s.kindOf(r.to)
		if f != nil {
			return at("to", *f)
		}
		if !s.relation.Joins(fromKind, toKind) {
			return at("to", fault{reason: fmt.Sprintf("%s does not lead from %s to %s", s.name, fromKind.Name, toKind.Name), fix: "it joins " + s.joins()})
		}
		if r.from == r.to {
			return at("to", fault{reason: s.name + " leads from a node to itself", fix: "name two nodes"})
		}
		if s.relation.Symmetric && r.from > r.to {
			r.from, r.to = r.to, r.from
		}
	}
	for i, p := range s.kind.Properties {
		required := p.Required || i == s.source && s.kind.Statement
		if !required || r.values[i] != nil || i == 0 {
			continue
		}
		inherited := i == s.recordedAt || i == s.reliability && s.kind.Statement
		if !inherited {
			return at(p.Name, fault{reason: p.Name + " is missing", fix: s.needs(p)})
		}
	}
	for _, pair := range s.kind.Ranges() {
		if pair.Reversed(r.values) {
			return at(pair.Low.Name, fault{reason: fmt.Sprintf("%s lies after %s", pair.Low.Name, pair.High.Name), fix: "exchange the two, or correct one"})
		}
	}
	if lat, lon := s.kind.Property("latitude"), s.kind.Property("longitude"); lat != nil && lon != nil && (r.values[lat.Position] == nil) != (r.values[lon.Position] == nil) {
		missing := lat.Name
		if r.values[lon.Position] == nil {
			missing = lon.Name
		}
		return at(missing, fault{reason: missing + " is missing", fix: "give both coordinates, or none"})
	}
	for i, p := range s.kind.Properties {
		if unknown := s.noCountry(p, r.values[i]); unknown != "" {
			return at(p.Name, fault{reason: fmt.Sprintf("%q is the code of no country", unknown), fix: codeFix})
		}
	}
	return nil
}

const codeFix = "write the code of ISO 3166-1"

// noCountry gives the code in a property's value that no country has.
func (s *shape) noCountry(p *ontology.Property, value any) string {
	if p.Type != ontology.CountryCode {
		return ""
	}
	codes, _ := value.([]string)
	if code, is := value.(string); is {
		codes = []string{code}
	}
	for _, code := range codes {
		if !s.countries[code] {
			return code
		}
	}
	return ""
}

// needs says what to give for a property that is missing.
func (s *shape) needs(p *ontology.Property) string {
	if p.Enum != nil {
		return "give one of " + strings.Join(p.Enum.Values, ", ")
	}
	if p.Position == s.source {
		return "give it here or under defaults in " + ManifestFile
	}
	return "every " + s.name + " has one"
}

func (s *shape) joins() string {
	pairs := make([]string, len(s.relation.Ends))
	for i, e := range s.relation.Ends {
		pairs[i] = e.From.Name + " to " + e.To.Name
	}
	return strings.Join(pairs, ", ")
}
