package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// definition says how a value is made of others: the steps that are given, in this order.
type definition struct {
	from template
	// parts are several templates instead.
	parts      []template
	when       []condition
	split      string
	match      *regexp.Regexp
	all        bool
	replace    []replacement
	vocabulary *vocabulary
	dates      []dateFormat
	dateNames  []string
	country    bool
	number     *number
	unit       *template
	lookup     *lookup
	distinct   bool
	first      bool
	join       *string
	otherwise  *template
	// companion is the slot of what comes with the value, a unit or the name of a country; or -1.
	companion int
}

type replacement struct {
	find *regexp.Regexp
	with string
}

// vocabulary is a table of words, folded.
type vocabulary struct {
	name  string
	words map[string]string
	// known are the words as they are written, for messages.
	known []string
}

type number struct {
	decimal, thousands string
}

// lookup finds the value of another row by a key.
type lookup struct {
	file      string
	key, take string
	optional  bool
}

// make makes the value, and what comes with it.
func (d *definition) make(s *scope) (v, companion value, fault *Fault) {
	if held, fault := allHold(d.when, s); fault != nil {
		return v, companion, fault
	} else if !held {
		return d.finish(s, v, companion)
	}
	if v, fault = d.gather(s); fault != nil {
		return v, companion, fault
	}
	v = d.cut(v)
	if len(d.replace) > 0 {
		v = v.each(func(text string) string { return s.replaced(d, text) })
	}
	if d.vocabulary != nil {
		v, fault = v.convert(func(text string) (string, *Fault) {
			if word, known := d.vocabulary.words[ontology.Fold(text)]; known {
				return word, nil
			}
			if d.otherwise != nil {
				return "", nil
			}
			return "", &Fault{Reason: fmt.Sprintf("%.60q is not in the vocabulary %s%s", text, d.vocabulary.name, ontology.Suggest(text, d.vocabulary.known)),
				Fix: "add it to the vocabulary, or give else"}
		})
	}
	if fault == nil && d.dates != nil {
		v, fault = v.convert(d.date)
	}
	if fault == nil && d.country {
		companion = v
		companion.list = nil
		companion.text = ""
		v, fault = v.convert(func(text string) (string, *Fault) {
			c, fault := s.country(text)
			if v.many {
				companion.list = append(companion.list, c.name)
			} else {
				companion.text = c.name
			}
			if fault != nil && d.otherwise != nil {
				return "", nil
			}
			return c.code, fault
		})
	}
	if fault == nil && (d.number != nil || d.unit != nil) {
		v, fault = v.convert(d.number.read)
	}
	if fault == nil && d.unit != nil {
		v, companion, fault = d.convertUnit(s, v)
	}
	if fault == nil && d.lookup != nil {
		v, fault = v.convert(func(text string) (string, *Fault) { return s.lookup(d.lookup, text) })
	}
	if fault != nil {
		if fault.Field.Name == "" {
			fault.Field = v.field()
		}
		return v, companion, fault
	}
	return d.finish(s, v, companion)
}

// gather is what the value is made of.
func (d *definition) gather(s *scope) (value, *Fault) {
	if d.parts == nil {
		return d.from.fill(s)
	}
	list := value{many: true}
	for _, t := range d.parts {
		v, fault := t.fill(s)
		if fault != nil {
			return v, fault
		}
		if list.line == 0 {
			list.origin = v.origin
		}
		if v.many {
			list.list = append(list.list, v.list...)
		} else if v.text != "" {
			list.list = append(list.list, v.text)
		}
	}
	return list, nil
}

// finish turns lists into what is wanted of them, and fills in what there is where there is nothing.
func (d *definition) finish(s *scope, v, companion value) (value, value, *Fault) {
	if d.distinct && v.many {
		var kept []string
		for _, e := range v.list {
			if !slices.Contains(kept, e) {
				kept = append(kept, e)
			}
		}
		v.list = kept
	}
	firstOf := func(v value) value {
		if v.many {
			v.many, v.text = false, ""
			if len(v.list) > 0 {
				v.text = v.list[0]
			}
			v.list = nil
		}
		return v
	}
	if d.first {
		v, companion = firstOf(v), firstOf(companion)
	}
	if d.join != nil && v.many {
		v = value{text: strings.Join(v.list, *d.join), origin: v.origin}
	}
	if d.otherwise != nil && v.empty() {
		other, fault := d.otherwise.fill(s)
		if other.line == 0 {
			other.origin = v.origin
		}
		return other, companion, fault
	}
	return v, companion, nil
}

// cut splits a text, or finds parts of it.
func (d *definition) cut(v value) value {
	if d.split != "" && !v.many {
		v.many = true
		for _, e := range strings.Split(v.text, d.split) {
			if e = strings.TrimSpace(e); e != "" {
				v.list = append(v.list, e)
			}
		}
		v.text = ""
	}
	switch {
	case d.match == nil:
		return v
	case !d.all && !v.many:
		v.text = matched(d.match.FindStringSubmatch(v.text))
		return v
	}
	var found []string
	texts := v.list
	if !v.many {
		texts = []string{v.text}
	}
	for _, text := range texts {
		n := 1
		if d.all {
			n = -1
		}
		for _, groups := range d.match.FindAllStringSubmatch(text, n) {
			if m := matched(groups); m != "" {
				found = append(found, m)
			}
		}
	}
	return value{many: true, list: found, origin: v.origin}
}

// matched is what an expression found: its first group that took part, or the whole where it has none.
func matched(groups []string) string {
	if len(groups) == 0 {
		return ""
	}
	if len(groups) == 1 {
		return strings.TrimSpace(groups[0])
	}
	for _, g := range groups[1:] {
		if g != "" {
			return strings.TrimSpace(g)
		}
	}
	return ""
}

// each changes the text or the elements.
func (v value) each(change func(string) string) value {
	if !v.many {
		if v.text != "" {
			v.text = change(v.text)
		}
		return v
	}
	var list []string
	for _, e := range v.list {
		if e = change(e); e != "" {
			list = append(list, e)
		}
	}
	v.list = list
	return v
}

// convert changes the text or the elements, unless one is at fault. Nothing stays nothing.
func (v value) convert(change func(string) (string, *Fault)) (value, *Fault) {
	var first *Fault
	converted := v.each(func(text string) string {
		out, fault := change(text)
		if fault != nil && first == nil {
			first = fault
		}
		return out
	})
	if first != nil {
		return v, first
	}
	return converted, nil
}

func (d *definition) date(text string) (string, *Fault) {
	for _, f := range d.dates {
		if date, ok := f.read(text); ok {
			return date, nil
		}
	}
	if d.otherwise != nil {
		return "", nil
	}
	f := &Fault{Reason: fmt.Sprintf("%.40q is no date in the form %s", text, strings.Join(d.dateNames, ", ")), Fix: "correct it, or add its form to date"}
	if _, ok := (dateFormat{}).read(text); ok {
		f.Fix = "a spreadsheet made a number of it: add serial to date"
	}
	return "", f
}

// read reads a number as it is written where the file comes from.
func (n *number) read(text string) (string, *Fault) {
	plain := text
	if n != nil {
		if n.thousands != "" {
			plain = strings.ReplaceAll(plain, n.thousands, "")
		}
		if n.thousands == " " {
			plain = strings.NewReplacer("\u00a0", "", "\u202f", "").Replace(plain)
		}
		if n.decimal != "." {
			if strings.Contains(plain, ".") {
				return "", &Fault{Reason: fmt.Sprintf("%.40q is no number with %q for the decimal point", text, n.decimal), Fix: "correct the number, or decimal in the mapping"}
			}
			plain = strings.Replace(plain, n.decimal, ".", 1)
		}
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || f != f || f > 1e300 || f < -1e300 {
		return "", &Fault{Reason: fmt.Sprintf("%.40q is no number", text), Fix: "write digits with a point, or say in the mapping how numbers are written"}
	}
	return strconv.FormatFloat(f, 'f', -1, 64), nil
}

// convertUnit turns a number into its base unit.
func (d *definition) convertUnit(s *scope, v value) (value, value, *Fault) {
	name, fault := d.unit.fill(s)
	if fault != nil || v.empty() || name.empty() {
		return v, name, fault
	}
	u, known := s.file.mapping.unitOf(name.whole())
	if !known {
		return v, name, &Fault{Field: name.field(), Reason: fmt.Sprintf("%.40q is no known unit%s", name.whole(), ontology.Suggest(name.whole(), s.file.mapping.unitNames())),
			Fix: "add it under units"}
	}
	v, fault = v.convert(func(text string) (string, *Fault) {
		if u.factor == 1 {
			return text, nil
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", &Fault{Reason: fmt.Sprintf("%.40q is no number", text), Fix: "correct it"}
		}
		// 15 digits are as many as all doubles keep: 0.1 of a thousand is not 100.00000000000001.
		product, err := strconv.ParseFloat(strconv.FormatFloat(f*u.factor, 'g', 15, 64), 64)
		if err != nil {
			return "", &Fault{Reason: fmt.Sprintf("%.40q %s is too large a number", text, name.whole()), Fix: "correct it"}
		}
		return strconv.FormatFloat(product, 'f', -1, 64), nil
	})
	name.text, name.many = u.base, false
	return v, name, fault
}

// replaced is a text after all replacements of a definition.
func (s *scope) replaced(d *definition, text string) string {
	const longest = 200
	key := rewriting{d, text}
	if out, known := s.rewritten[key]; known {
		return out
	}
	out := text
	for _, r := range d.replace {
		if out != "" {
			out = strings.TrimSpace(r.find.ReplaceAllString(out, r.with))
		}
	}
	if len(s.rewritten) < remembered && len(text) <= longest {
		key.text = strings.Clone(text)
		s.rewritten[key] = strings.Clone(out)
	}
	return out
}

// country finds a country by name or code.
func (s *scope) country(text string) (country, *Fault) {
	if c, known := s.countries[text]; known {
		return c, nil
	}
	c, known := countryOf(text)
	if !known {
		return c, &Fault{Reason: fmt.Sprintf("%.60q is no country%s", text, ontology.Suggest(text, countryNames())), Fix: "correct the name, write the code of ISO 3166, or replace it before"}
	}
	if len(s.countries) < remembered {
		s.countries[strings.Clone(text)] = c
	}
	return c, nil
}
