package mapping

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/outline"
	"github.com/crimegraph/crimegraph/ontology"
)

// Read reads a mapping from the keys that it has beside those of a manifest. Errors are *outline.Fault. Whether kinds, relations and properties are
// those of the ontology is for whoever knows it to say.
func Read(entries map[string]outline.Entry) (*Mapping, error) {
	m := &Mapping{vocabularies: map[string]vocabulary{}, units: map[string]unit{}}
	if e, given := entries["units"]; given {
		if err := m.readUnits(e); err != nil {
			return nil, err
		}
	}
	if e, given := entries["vocabularies"]; given {
		if err := m.readVocabularies(e); err != nil {
			return nil, err
		}
	}
	files, err := entries["files"].Entries()
	if err != nil {
		return nil, err
	}
	for _, e := range files {
		f, err := m.readFile(e)
		if err != nil {
			return nil, err
		}
		if f.Pattern == "" && len(files) > 1 {
			return nil, e.Fault("", "the file %s needs a name, as there are several files", e.Key)
		}
		m.Files = append(m.Files, f)
	}
	if len(m.Files) == 0 {
		return nil, entries["files"].Fault("name a file, and the records that are made of it", "the mapping reads no file")
	}
	if e, given := entries["fixed"]; given {
		items, err := e.Items()
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			f := &File{mapping: m, columns: map[string]int{}, values: map[string]int{}}
			record, err := (&reading{mapping: m, file: f, fixed: true}).record(item)
			if err != nil {
				return nil, err
			}
			f.Records = []*Record{record}
			m.Fixed = append(m.Fixed, f)
		}
	}
	return m, m.checkLookups(files)
}

func (m *Mapping) readUnits(e outline.Entry) error {
	list, err := e.Entries()
	if err != nil {
		return err
	}
	for _, u := range list {
		text, err := u.Text()
		if err != nil {
			return err
		}
		if m.units[ontology.Fold(strings.TrimSpace(u.Key))], err = readUnit(text); err != nil {
			return u.Fault("", "%v", err)
		}
	}
	return nil
}

func (m *Mapping) readVocabularies(e outline.Entry) error {
	list, err := e.Entries()
	if err != nil {
		return err
	}
	for _, v := range list {
		words, err := v.Entries()
		if err != nil {
			return err
		}
		table := vocabulary{name: v.Key, words: map[string]string{}}
		for _, w := range words {
			text, err := w.Text()
			if err != nil {
				return err
			}
			if _, twice := table.words[ontology.Fold(w.Key)]; twice {
				return w.Fault("keep one", "the word %.80q is there twice; case and diacritics do not matter", w.Key)
			}
			table.words[ontology.Fold(w.Key)] = text
			table.known = append(table.known, w.Key)
		}
		m.vocabularies[v.Key] = table
	}
	return nil
}

// checkLookups refuses to look up what is not there.
func (m *Mapping) checkLookups(files []outline.Entry) error {
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	for i, f := range m.Files {
		for _, s := range f.slots {
			if s.definition == nil || s.definition.lookup == nil {
				continue
			}
			l := s.definition.lookup
			at := slices.Index(names, l.file)
			if at < 0 {
				return files[i].Fault("", "the value %s looks up in %.40q, which is no file of the mapping%s", s.name, l.file, ontology.Suggest(l.file, names))
			}
			for _, name := range []string{l.key, l.take} {
				if _, value := m.Files[at].values[name]; value {
					continue
				}
				// What is no value is a column.
				m.Files[at].column(name, &files[at].Value)
			}
		}
	}
	return nil
}

func (m *Mapping) readFile(e outline.Entry) (*File, error) {
	f := &File{Name: e.Key, mapping: m, columns: map[string]int{}, values: map[string]int{}, missing: map[string]bool{}}
	entries, err := fileObject.entries(e.Value)
	if err != nil {
		return nil, err
	}
	for _, text := range []struct {
		key  string
		into *string
	}{{"name", &f.Pattern}, {"format", &f.Options.Format}, {"delimiter", &f.Options.Delimiter}, {"quote", &f.Options.Quote},
		{"encoding", &f.Options.Encoding}, {"sheet", &f.Options.Sheet}, {"path", &f.Options.Path}} {
		if *text.into, err = textOf(fileObject, entries, text.key); err != nil {
			return nil, err
		}
	}
	if _, err := path.Match(f.Pattern, ""); err != nil {
		return nil, entries["name"].Fault("* stands for any characters", "%.40q is no pattern of names", f.Pattern)
	}
	for _, name := range []string{"delimiter", "quote"} {
		text := map[string]string{"delimiter": f.Options.Delimiter, "quote": f.Options.Quote}[name]
		single := len(text) == 1 && text[0] < 0x80 && !strings.ContainsAny(text, "\r\n")
		if text != "" && !single && !(name == "quote" && text == "none") || name == "delimiter" && text == `"` {
			return nil, entries[name].Fault("write one character of ASCII", "%.20q is no %s", text, name)
		}
	}
	if e, given := entries["header"]; given {
		if f.Options.Header, err = e.Texts(); err != nil {
			return nil, err
		}
	}
	if e, given := entries["missing"]; given {
		texts, err := e.Texts()
		if err != nil {
			return nil, err
		}
		for _, t := range texts {
			f.missing[strings.ToLower(strings.TrimSpace(t))] = true
		}
	}
	r := reading{mapping: m, file: f}
	if e, given := entries["let"]; given {
		if err := r.let(e.Value); err != nil {
			return nil, err
		}
	}
	if e, given := entries["where"]; given {
		if f.where, err = r.conditions(e.Value); err != nil {
			return nil, err
		}
	}
	records, given := entries["records"]
	if !given {
		return nil, e.Fault("say which records are made of a row", "the file %s has no records", f.Name)
	}
	if f.Records, err = r.records(records.Value); err != nil {
		return nil, err
	}
	return f, f.checkHeader()
}

// checkHeader refuses columns that the mapping's own header does not have.
func (f *File) checkHeader() error {
	if f.Options.Header == nil {
		return nil
	}
	var columns []format.Field
	for _, name := range f.Options.Header {
		columns = append(columns, format.Field{Name: name})
	}
	for _, m := range f.Check(columns) {
		return &outline.Fault{Line: m.Line, Column: m.Column, Reason: "the header has no column " + m.Name + ontology.Suggest(m.Name, f.Options.Header),
			Fix: "correct the name, or the header"}
	}
	return nil
}

// textOf reads a text, which must be one of the words where they are fixed.
func textOf(o *object, entries map[string]outline.Entry, name string) (string, error) {
	e, given := entries[name]
	if !given {
		return "", nil
	}
	text, err := e.Text()
	if err != nil {
		return "", err
	}
	if words := o.key(name).words; words != nil && !slices.Contains(words, text) {
		return "", e.Fault("", "%.40q is no %s%s", text, name, ontology.Suggest(text, words))
	}
	return text, nil
}

func flagOf(entries map[string]outline.Entry, name string) (bool, error) {
	e, given := entries[name]
	if !given {
		return false, nil
	}
	switch text, err := e.Text(); {
	case err != nil:
		return false, err
	case text == "true":
		return true, nil
	case text == "false":
		return false, nil
	}
	return false, e.Fault("write true or false", "%s is neither true nor false", name)
}

// reading reads the parts of one file.
type reading struct {
	mapping *Mapping
	file    *File
	// own are the values of the record that is being read, each whether there are elements.
	own       map[string]int
	elements  bool
	overNames bool
	// fixed says that there is no row.
	fixed bool
	added []int
}

// column finds or adds the slot of a column. at is where the mapping needs it; nil where the file may lack it.
func (f *File) column(name string, at *outline.Value) int {
	slotAt, known := f.columns[name]
	if !known {
		slotAt = f.add(slot{name: name})
		f.columns[name] = slotAt
	}
	if at != nil {
		f.uses = append(f.uses, use{name, at.Line, at.Column})
	}
	return slotAt
}

func (f *File) add(s slot) int {
	s.whole = len(f.slots)
	f.slots = append(f.slots, s)
	return len(f.slots) - 1
}

// template reads a template.
func (r *reading) template(v outline.Value) (template, error) {
	text, err := v.Text()
	if err != nil {
		return template{}, err
	}
	return r.templateOf(text, v)
}

func (r *reading) templateOf(text string, v outline.Value) (template, error) {
	at := v.Inside()
	t, err := parseTemplate(text, func(name string) (int, error) { return r.slot(name, at) })
	var fault *outline.Fault
	if err != nil && !errors.As(err, &fault) {
		err = at.Fault("", "%v", err)
	}
	t.line = at.Line
	return t, err
}

// slot finds what a name stands for: a value of the record, one of the file, or a column.
func (r *reading) slot(name string, at outline.Value) (int, error) {
	if own, known := r.own[name]; known {
		return own, nil
	}
	if s, known := r.file.values[name]; known {
		return s, nil
	}
	if strings.HasPrefix(name, "@") {
		var known []string
		for _, s := range specials {
			if (s.name == item || s.name == nextItem || s.name == index) && !r.elements || s.name == column && !r.overNames || r.fixed {
				continue
			}
			known = append(known, s.name)
		}
		if !slices.Contains(known, name) {
			return 0, at.Fault("@item, @next and @index need each", "%.40q stands for nothing here%s", name, ontology.Suggest(name, known))
		}
		return r.file.add(slot{name: name, special: name}), nil
	}
	if r.fixed {
		return 0, at.Fault("", "fixed records have no columns, but %.40q is named", name)
	}
	if name == "" {
		return 0, at.Fault("write the name of a column or value, or {{ for a brace itself", "there is nothing in the braces")
	}
	if name, optional := strings.CutSuffix(name, "?"); optional {
		return r.file.column(name, nil), nil
	}
	return r.file.column(name, &at), nil
}

// let reads values by name.
func (r *reading) let(v outline.Value) error {
	list, err := v.Entries()
	if err != nil {
		return err
	}
	for _, e := range list {
		if strings.ContainsAny(e.Key, "{}|@") {
			return e.Fault("use letters and digits", "%.40q is no name of a value", e.Key)
		}
		at, err := r.value(e.Key, e.Value)
		if err != nil {
			return err
		}
		names := r.file.values
		if r.own != nil {
			names = r.own
		}
		if _, twice := names[e.Key]; twice {
			return e.Fault("take another name", "%.40q is there already", e.Key)
		}
		names[e.Key] = at
		if c := r.file.slots[at].definition.companion; c >= 0 {
			names[r.file.slots[c].name] = c
		}
	}
	return nil
}

// value reads how a value is made, and gives it a slot.
func (r *reading) value(name string, v outline.Value) (int, error) {
	d := &definition{companion: -1}
	var err error
	if v.IsText() {
		d.from, err = r.template(v)
	} else {
		err = r.steps(d, v)
	}
	if err != nil {
		return 0, err
	}
	at := r.file.add(slot{name: name, definition: d})
	r.added = append(r.added, at)
	companion := map[bool]string{d.unit != nil: ".unit", d.country: ".name"}[true]
	if companion != "" {
		d.companion = r.file.add(slot{name: name + companion, definition: d})
		r.file.slots[d.companion].whole = at
		r.added = append(r.added, d.companion)
	}
	return at, nil
}

func (r *reading) steps(d *definition, v outline.Value) error {
	entries, err := valueObject.entries(v)
	if err != nil {
		return err
	}
	from, given := entries["from"]
	if !given {
		return v.Fault("write from: \"{COLUMN}\"", "the value %s is made of nothing", v.Name)
	}
	if from.IsList() {
		items, err := from.Items()
		if err != nil {
			return err
		}
		for _, i := range items {
			t, err := r.template(i)
			if err != nil {
				return err
			}
			d.parts = append(d.parts, t)
		}
	} else if d.from, err = r.template(from.Value); err != nil {
		return err
	}
	if e, given := entries["when"]; given {
		if d.when, err = r.conditions(e.Value); err != nil {
			return err
		}
	}
	if d.split, err = textOf(valueObject, entries, "split"); err != nil {
		return err
	}
	for _, name := range []string{"match", "find"} {
		e, given := entries[name]
		if !given {
			continue
		}
		if d.match != nil {
			return e.Fault("keep one", "match and find stand beside each other")
		}
		if d.match, err = expression(e.Value); err != nil {
			return err
		}
		d.all = name == "find"
	}
	if e, given := entries["replace"]; given {
		if err := d.readReplace(e.Value); err != nil {
			return err
		}
	}
	if e, given := entries["vocabulary"]; given {
		name, err := e.Text()
		if err != nil {
			return err
		}
		table, known := r.mapping.vocabularies[name]
		if !known {
			var names []string
			for n := range r.mapping.vocabularies {
				names = append(names, n)
			}
			slices.Sort(names)
			return e.Fault("write it under vocabularies", "there is no vocabulary %.40q%s", name, ontology.Suggest(name, names))
		}
		d.vocabulary = &table
	}
	if e, given := entries["date"]; given {
		if err := d.readDates(e.Value); err != nil {
			return err
		}
	}
	for _, flag := range []struct {
		key  string
		into *bool
	}{{"country", &d.country}, {"distinct", &d.distinct}, {"first", &d.first}} {
		if *flag.into, err = flagOf(entries, flag.key); err != nil {
			return err
		}
	}
	if e, given := entries["number"]; given {
		if err := d.readNumber(e.Value); err != nil {
			return err
		}
	}
	if e, given := entries["lookup"]; given {
		if err := d.readLookup(e.Value); err != nil {
			return err
		}
	}
	if _, given := entries["join"]; given {
		text, err := textOf(valueObject, entries, "join")
		if err != nil {
			return err
		}
		d.join = &text
	}
	for _, t := range []struct {
		key  string
		into **template
	}{{"unit", &d.unit}, {"else", &d.otherwise}} {
		if e, given := entries[t.key]; given {
			read, err := r.template(e.Value)
			if err != nil {
				return err
			}
			*t.into = &read
		}
	}
	if d.country && d.unit != nil {
		return v.Fault("make two values", "a value is a country or has a unit, not both")
	}
	return nil
}

// expression reads a regular expression. RE2 takes time that grows with the text alone.
func expression(v outline.Value) (*regexp.Regexp, error) {
	text, err := v.Text()
	if err != nil {
		return nil, err
	}
	found, err := regexp.Compile(text)
	if err != nil {
		return nil, v.Fault("see the syntax of RE2; put a backslash into single quotes", "%v", err)
	}
	return found, nil
}

func (d *definition) readReplace(v outline.Value) error {
	items, err := v.Items()
	if err != nil {
		return err
	}
	for _, i := range items {
		entries, err := replaceObject.entries(i)
		if err != nil {
			return err
		}
		find, given := entries["find"]
		if !given {
			return i.Fault("write find: and with:", "there is nothing to replace")
		}
		var r replacement
		if r.find, err = expression(find.Value); err != nil {
			return err
		}
		if r.with, err = textOf(replaceObject, entries, "with"); err != nil {
			return err
		}
		d.replace = append(d.replace, r)
	}
	return nil
}

func (d *definition) readDates(v outline.Value) (err error) {
	if d.dateNames, err = textsOf(v); err != nil {
		return err
	}
	for _, text := range d.dateNames {
		f, err := readDateFormat(text)
		if err != nil {
			return v.Inside().Fault("", "%v", err)
		}
		d.dates = append(d.dates, f)
	}
	return nil
}

// textsOf reads a list of texts, or one text as a list of one.
func textsOf(v outline.Value) ([]string, error) {
	if v.IsText() {
		text, err := v.Text()
		return []string{text}, err
	}
	return v.Texts()
}

func (d *definition) readNumber(v outline.Value) error {
	entries, err := numberObject.entries(v)
	if err != nil {
		return err
	}
	n := number{decimal: "."}
	for _, t := range []struct {
		key  string
		into *string
	}{{"decimal", &n.decimal}, {"thousands", &n.thousands}} {
		e, given := entries[t.key]
		if !given {
			continue
		}
		if *t.into, err = e.Text(); err != nil {
			return err
		}
		if len([]rune(*t.into)) != 1 {
			return e.Fault("write one character, in quotes", "%.20q cannot stand in numbers", *t.into)
		}
	}
	if n.decimal == n.thousands {
		return v.Fault("", "decimal and thousands are the same")
	}
	d.number = &n
	return nil
}

func (d *definition) readLookup(v outline.Value) error {
	entries, err := lookupObject.entries(v)
	if err != nil {
		return err
	}
	l := &lookup{}
	for _, t := range []struct {
		key  string
		into *string
	}{{"file", &l.file}, {"key", &l.key}, {"take", &l.take}} {
		if *t.into, err = textOf(lookupObject, entries, t.key); err != nil {
			return err
		}
		if *t.into == "" {
			return v.Fault("give file, key and take", "the lookup says no %s", t.key)
		}
	}
	l.optional, err = flagOf(entries, "optional")
	d.lookup = l
	return err
}

func (r *reading) conditions(v outline.Value) ([]condition, error) {
	items, err := v.Items()
	if err != nil {
		return nil, err
	}
	conditions := make([]condition, len(items))
	for i, item := range items {
		c := &conditions[i]
		entries, err := conditionObject.entries(item)
		if err != nil {
			return nil, err
		}
		value, given := entries["value"]
		if !given || len(entries) == 1 {
			return nil, item.Fault("write value: and matches:, is:, not: or given:", "the condition tests nothing")
		}
		if c.value, err = r.template(value.Value); err != nil {
			return nil, err
		}
		if e, given := entries["matches"]; given {
			if c.matches, err = expression(e.Value); err != nil {
				return nil, err
			}
		}
		for _, list := range []struct {
			key  string
			into *[]template
		}{{"is", &c.is}, {"not", &c.not}} {
			e, given := entries[list.key]
			if !given {
				continue
			}
			texts, err := textsOf(e.Value)
			if err != nil {
				return nil, err
			}
			*list.into = []template{}
			for _, text := range texts {
				t, err := r.templateOf(text, e.Value)
				if err != nil {
					return nil, err
				}
				*list.into = append(*list.into, t)
			}
		}
		if _, given := entries["given"]; given {
			flag, err := flagOf(entries, "given")
			if err != nil {
				return nil, err
			}
			c.given = &flag
		}
	}
	return conditions, nil
}

func (r *reading) records(v outline.Value) ([]*Record, error) {
	items, err := v.Items()
	if err != nil {
		return nil, err
	}
	var records []*Record
	for _, item := range items {
		record, err := r.record(item)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	r.own, r.elements, r.overNames = nil, false, false
	return records, nil
}

func (r *reading) record(v outline.Value) (*Record, error) {
	entries, err := recordObject.entries(v)
	if err != nil {
		return nil, err
	}
	record := &Record{Line: v.Line, Column: v.Column}
	kind, isKind := entries["kind"]
	relation, isRelation := entries["relation"]
	if isKind == isRelation {
		return nil, v.Fault("write kind: or relation:", "a record is of one kind or of one relation")
	}
	target := kind
	if isRelation {
		target = relation
	}
	record.Relation = isRelation
	record.Line, record.Column = target.Line, target.Column
	if record.Target, err = target.Text(); err != nil {
		return nil, err
	}
	if record.Ensure, err = flagOf(entries, "ensure"); err != nil {
		return nil, err
	}
	if record.Ensure && isRelation {
		return nil, entries["ensure"].Fault("leave it out: the same claim twice is one", "relations are not ensured")
	}
	r.own, r.elements, r.overNames, r.added = map[string]int{}, false, false, nil
	if e, given := entries["each"]; given {
		if err := r.each(record, e); err != nil {
			return nil, err
		}
	}
	if e, given := entries["let"]; given {
		if err := r.let(e.Value); err != nil {
			return nil, err
		}
	}
	if e, given := entries["when"]; given {
		if record.when, err = r.conditions(e.Value); err != nil {
			return nil, err
		}
	}
	set, given := entries["set"]
	if !given {
		return nil, v.Fault("write set: and the columns of "+record.Target, "the record sets nothing")
	}
	list, err := set.Entries()
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		at, err := r.value(e.Key, e.Value)
		if err != nil {
			return nil, err
		}
		record.Properties = append(record.Properties, Property{Name: e.Key, Line: e.Line, Column: e.Column, value: at})
	}
	record.own = r.added
	return record, nil
}

// each reads what a record goes through: a list, or columns.
func (r *reading) each(record *Record, e outline.Entry) (err error) {
	record.listed = true
	if e.IsText() {
		record.each, err = r.template(e.Value)
		r.elements = true
		return err
	}
	items, err := e.Items()
	if err != nil {
		return err
	}
	for _, i := range items {
		name, err := i.Text()
		if err != nil {
			return err
		}
		at, err := r.slot(name, i)
		if err != nil {
			return err
		}
		record.over = append(record.over, at)
	}
	r.elements, r.overNames = true, true
	return nil
}
