package mapping

import (
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/ontology"
)

// maxSample is how many rows a proposal is made of.
const maxSample = 200

// Propose reads the header and the first rows of a file and proposes a mapping for it, as text to be corrected. today is the date of retrieval that
// it names.
func Propose(name string, r format.Reader, o format.Options, today string) (string, error) {
	p := &proposal{file: name, options: o, today: today}
	places := map[string]int{}
	see := func(f format.Field) *proposedColumn {
		at, known := places[f.Name]
		if !known {
			at = len(p.columns)
			places[f.Name] = at
			p.columns = append(p.columns, proposedColumn{name: f.Name, distinct: map[string]bool{}})
		}
		return &p.columns[at]
	}
	for _, f := range r.Columns() {
		see(f)
	}
	for p.rows < maxSample {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if broken, is := err.(*format.RowError); is && !broken.Final {
			continue
		}
		if err != nil {
			if p.rows > 0 {
				break
			}
			return "", err
		}
		p.rows++
		for _, f := range row.Fields {
			see(f).add(f)
		}
	}
	if len(p.columns) == 0 {
		return "", &format.RowError{Line: 1, Column: 1, Reason: "there is no row to learn from", Fix: "give a file with a header or rows", Final: true}
	}
	return p.write(), nil
}

type proposedColumn struct {
	name            string
	filled, longest int
	distinct        map[string]bool
	list            bool
	samples         []string
	missing         map[string]bool
}

var missingWords = []string{"unknown", "n/a", "na", "none", "null", "-", "not available", "not known"}

func (c *proposedColumn) add(f format.Field) {
	text := strings.TrimSpace(f.Text)
	c.list = c.list || f.List
	if slices.Contains(missingWords, strings.ToLower(text)) {
		if c.missing == nil {
			c.missing = map[string]bool{}
		}
		c.missing[text] = true
		return
	}
	if text == "" {
		return
	}
	c.filled++
	c.longest = max(c.longest, len(text))
	c.distinct[text] = true
	c.samples = append(c.samples, text)
}

// all says whether every value that is there passes a test.
func (c *proposedColumn) all(test func(string) bool) bool {
	return c.filled > 0 && !slices.ContainsFunc(c.samples, func(s string) bool { return !test(s) })
}

var (
	commonDates = []string{"YYYY-MM-DD", "YYYY-MM", "YYYY", "DD.MM.YYYY", "D.M.YYYY", "MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "MM/YYYY", "D MMM YYYY", "D MMMM YYYY", "MMM D, YYYY",
		"MMMM D, YYYY", "MMM YYYY", "YYYY/MM/DD", "DD-MM-YYYY", "YYYYMMDD", "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm:ss", "YYYY-MM-DDThh:mm:sszz"}
	plainNumber = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	commaNumber = regexp.MustCompile(`^-?\d{1,3}((\.\d{3})*|\d*)(,\d+)?$`)
	grouped     = regexp.MustCompile(`^-?\d{1,3}(,\d{3})+(\.\d+)?$`)
)

// dates are the fewest forms that read all values, or none.
func (c *proposedColumn) dates() []string {
	var forms []string
	left := c.samples
	for _, form := range commonDates {
		f, err := readDateFormat(form)
		if err != nil || len(left) == 0 {
			continue
		}
		var rest []string
		for _, s := range left {
			if _, ok := f.read(s); !ok {
				rest = append(rest, s)
			}
		}
		if len(rest) < len(left) {
			forms, left = append(forms, form), rest
		}
	}
	if len(left) > 0 || len(forms) > 4 {
		return nil
	}
	return forms
}

func (c *proposedColumn) country() bool {
	return c.all(func(s string) bool { _, known := countryOf(s); return known })
}

// number is how the values are written as numbers, in the words of a mapping, or nothing.
func (c *proposedColumn) number() string {
	switch {
	case c.all(plainNumber.MatchString):
		return "{}"
	case c.all(func(s string) bool { return plainNumber.MatchString(s) || grouped.MatchString(s) }):
		return `{thousands: ","}`
	case c.all(commaNumber.MatchString):
		return `{decimal: ",", thousands: "."}`
	}
	return ""
}

type proposal struct {
	file    string
	options format.Options
	today   string
	columns []proposedColumn
	rows    int
	used    map[string]bool
	b       strings.Builder
}

func (p *proposal) line(text string, args ...any) { fmt.Fprintf(&p.b, text+"\n", args...) }

// find finds the first column that is not used and whose name, folded, has one of the words; earlier words first.
func (p *proposal) find(test func(*proposedColumn) bool, words ...string) *proposedColumn {
	for _, w := range words {
		for i := range p.columns {
			c := &p.columns[i]
			folded := strings.Join(ontology.Words(c.name), " ")
			compact := strings.ReplaceAll(folded, " ", "")
			hit := folded == w || compact == w || len(w) > 3 && strings.Contains(compact, w) || slices.Contains(strings.Fields(folded), w)
			if hit && c.nameable() && !p.used[c.name] && (test == nil || test(c)) {
				p.used[c.name] = true
				return c
			}
		}
	}
	return nil
}

// quoted is a text as YAML.
func quoted(text string) string { return strconv.Quote(text) }

// nameable says whether a template can name the column.
func (c *proposedColumn) nameable() bool {
	return strings.TrimSpace(c.name) != "" && !strings.ContainsAny(c.name, "{}|") && !strings.HasPrefix(strings.TrimSpace(c.name), "@")
}

// of is the template of a column. A question mark at its end stands for a column that may be missing, so that one that ends with it has two.
func of(c *proposedColumn) string {
	if strings.HasSuffix(strings.TrimSpace(c.name), "?") {
		return "{" + strings.TrimSpace(c.name) + "?}"
	}
	return "{" + c.name + "}"
}

func (p *proposal) write() string {
	p.used = map[string]bool{}
	base := path.Base(p.file)
	for ext := path.Ext(base); ext != ""; ext = path.Ext(base) {
		base = strings.TrimSuffix(base, ext)
	}
	id := slug(base)
	if id == "" {
		id = "data"
	}
	p.line("# Proposed by crimegraph map from %s of %s. Correct it, then try it:", count(p.rows, "row"), path.Base(p.file))
	p.line("#   crimegraph load --dry-run --mapping THIS %s", path.Base(p.file))
	p.line("# docs/mappings.md explains the keys.")
	p.line("id: dataset/%s", id)
	p.line("title: %s", quoted(base))
	p.line("retrieved: %s", quoted(p.today))
	p.line("defaults:")
	p.line("  source: source/%s", id)
	p.line("")
	p.line("fixed:")
	p.line("  - kind: Source")
	p.line("    set:")
	p.line("      id: source/%s", id)
	p.line("      name: %s  # the title of the source", quoted(base))
	p.line("      kind: DATASET")
	p.line("      reliability: F  # A to F: how far the source can be relied on; F cannot be judged")
	p.line("")
	p.line("files:")
	p.line("  %s:", id)
	p.line("    format: %s", p.options.Format)
	if p.options.Format == "csv" || p.options.Format == "tsv" {
		p.line("    delimiter: %s", quoted(p.options.Delimiter))
		p.line("    encoding: %s", p.options.Encoding)
	}
	var missing []string
	for _, c := range p.columns {
		for m := range c.missing {
			if !slices.Contains(missing, strings.ToLower(m)) {
				missing = append(missing, strings.ToLower(m))
			}
		}
	}
	slices.Sort(missing)
	if missing != nil {
		for i := range missing {
			missing[i] = quoted(missing[i])
		}
		p.line("    missing: [%s]  # texts that mean that there is nothing", strings.Join(missing, ", "))
	}
	p.records(id)
	var left []string
	for _, c := range p.columns {
		if !p.used[c.name] {
			left = append(left, strings.Join(strings.Fields(c.name), " "))
		}
	}
	if left != nil {
		p.line("# not used: %s", strings.Join(left, ", "))
	}
	return p.b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// records proposes what a row is: an edge, a place, an event, or an organization.
func (p *proposal) records(id string) {
	from := p.find(nil, "source", "from", "sender", "ego")
	to := p.find(nil, "target", "to", "receiver", "alter")
	if from != nil && to != nil {
		p.edge(id, from, to)
		return
	}
	p.used = map[string]bool{}
	number := func(c *proposedColumn) bool { return c.number() != "" }
	latitude, longitude := p.find(number, "latitude", "lat"), p.find(number, "longitude", "lon", "lng", "long")
	date := p.find(func(c *proposedColumn) bool { return c.dates() != nil }, "date", "day", "when", "year", "time")
	amount := p.find(func(c *proposedColumn) bool { return number(c) && c.dates() == nil }, "amount", "quantity", "weight", "number", "value", "count")
	unit := p.find(func(c *proposedColumn) bool {
		return c.all(func(s string) bool { _, known := units[ontology.Fold(s)]; return known })
	}, "unit", "measure")
	isID := func(c *proposedColumn) bool {
		return len(c.distinct) == p.rows && c.all(func(s string) bool { return slug(s) != "" && len(s) < 64 })
	}
	key := p.find(isID, "id", "identifier", "code", "nr", "no", "number", "uid", "key")
	text := func(c *proposedColumn) bool { return c.filled > 0 && c.number() == "" && !c.list }
	name := p.find(text, "name", "title", "label", "caption", "group", "organization", "organisation", "commodity", "drug", "place", "city")
	if name == nil {
		for i := range p.columns {
			if c := &p.columns[i]; c.nameable() && !p.used[c.name] && text(c) && !c.country() && c.dates() == nil {
				name = c
				p.used[c.name] = true
				break
			}
		}
	}
	country := p.find((*proposedColumn).country, "country", "nation", "nationality", "iso", "state")
	aliases := p.find(nil, "alias", "aliases", "aka", "othernames", "alternativename")
	description := p.find(text, "description", "summary", "remark", "remarks", "note", "notes", "comment")
	kind := "Organization"
	switch {
	case latitude != nil && longitude != nil && amount == nil && date == nil:
		kind = "Place"
	case date != nil && (amount != nil || name == nil):
		kind = "Event"
	}
	p.line("    let:")
	lets := p.b.Len()
	if date != nil && kind == "Event" {
		p.line("      date: {from: %s, date: [%s]}", quoted(of(date)), strings.Join(date.dates(), ", "))
	}
	if country != nil {
		p.line("      country: {from: %s, country: true}", quoted(of(country)))
	}
	if amount != nil && kind == "Event" {
		value := ""
		if unit != nil {
			value = ", unit: " + quoted(of(unit))
		}
		p.line("      amount: {from: %s, number: %s%s}", quoted(of(amount)), amount.number(), value)
	}
	if aliases != nil && !aliases.list {
		separator := "|"
		for _, s := range []string{"; ", ";", "|", ", "} {
			if slices.ContainsFunc(aliases.samples, func(t string) bool { return strings.Contains(t, s) }) {
				separator = s
				break
			}
		}
		p.line("      aliases: {from: %s, split: %s}", quoted(of(aliases)), quoted(separator))
	}
	if lets == p.b.Len() {
		p.line("      {}")
	}
	p.line("    records:")
	if country != nil {
		p.line("      - kind: Place")
		p.line("        ensure: true")
		p.line("        when: [{value: \"{country}\", given: true}]")
		p.line("        set:")
		p.line("          id: \"place/{country|lower}\"")
		p.line("          name: \"{country.name}\"")
		p.line("          kind: COUNTRY")
		p.line("          countryCode: \"{country}\"")
	}
	p.line("      - kind: %s", kind)
	p.line("        set:")
	prefix := strings.ToLower(kind) + "/" + id + "-"
	recordID := prefix + "{@row}"
	if key != nil {
		recordID = prefix + "{" + strings.Trim(of(key), "{}") + "|slug}"
	}
	p.line("          id: %s", quoted(recordID))
	set := func(property, value, remark string) {
		if remark != "" {
			remark = "  # " + remark
		}
		p.line("          %s: %s%s", property, value, remark)
	}
	switch {
	case name != nil:
		set("name", quoted(of(name)), "")
	case key != nil:
		set("name", quoted(of(key)), "no column looks like a name")
	default:
		set("name", quoted(base(kind)+" {@line}"), "no column looks like a name")
	}
	if aliases != nil {
		value := quoted("{aliases}")
		if aliases.list {
			value = quoted(of(aliases))
		}
		set("aliases", value, "")
	}
	if description != nil {
		set("description", quoted(of(description)), "")
	}
	switch kind {
	case "Place":
		set("kind", "SITE", "one of REGION, COUNTRY, ADMIN, CITY, PORT, AIRPORT, BORDER_CROSSING, SITE")
		set("latitude", quoted(of(latitude)), "")
		set("longitude", quoted(of(longitude)), "")
		if country != nil {
			set("within", quoted("place/{country|lower}"), "")
		}
	case "Event":
		set("kind", "SEIZURE", "one of the values of EventKind in docs/reference/vocabularies.md")
		set("validFrom", quoted("{date}"), "")
		set("validTo", quoted("{date}"), "")
		if amount != nil {
			set("low", quoted("{amount}"), "")
			set("high", quoted("{amount}"), "")
			if unit != nil {
				set("unit", quoted("{amount.unit}"), "")
				set("quantityText", quoted(of(amount)+" "+of(unit)), "as the file has it")
			}
		}
		if country != nil {
			p.line("      - relation: OCCURRED_AT")
			p.line("        when: [{value: \"{country}\", given: true}]")
			p.line("        set: {from: %s, to: \"place/{country|lower}\"}", quoted(recordID))
		}
	default:
		if country != nil {
			set("basedIn", quoted("place/{country|lower}"), "")
		}
	}
	if kind != "Event" {
		for _, c := range []*proposedColumn{date, amount, unit} {
			if c != nil {
				delete(p.used, c.name)
			}
		}
	}
	if kind != "Place" && latitude != nil {
		delete(p.used, latitude.name)
	}
	if kind != "Place" && longitude != nil {
		delete(p.used, longitude.name)
	}
}

func base(kind string) string { return strings.ToUpper(kind[:1]) + strings.ToLower(kind[1:]) }

// edge proposes a network of groups.
func (p *proposal) edge(id string, from, to *proposedColumn) {
	date := p.find(func(c *proposedColumn) bool { return c.dates() != nil }, "date", "day", "start", "year", "time")
	if date != nil {
		p.line("    let:")
		p.line("      date: {from: %s, date: [%s]}", quoted(of(date)), strings.Join(date.dates(), ", "))
	}
	p.line("    records:")
	ends := []string{}
	for _, c := range []*proposedColumn{from, to} {
		end := "group/" + id + "-{" + strings.Trim(of(c), "{}") + "|slug}"
		ends = append(ends, end)
		p.line("      - kind: Group  # or Person, Organization: then correct the ids, too")
		p.line("        ensure: true")
		p.line("        set: {id: %s, name: %s}", quoted(end), quoted(of(c)))
	}
	p.line("      - relation: ALLIED_WITH  # or RIVAL_OF, SUPPLIES …: docs/reference/relations.md")
	p.line("        when: [{value: %s, not: %s}]", quoted(of(from)), quoted(of(to)))
	p.line("        set:")
	p.line("          from: %s", quoted(ends[0]))
	p.line("          to: %s", quoted(ends[1]))
	if date != nil {
		p.line("          validFrom: \"{date}\"")
	}
}
