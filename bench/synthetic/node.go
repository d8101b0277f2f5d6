package synthetic

import (
	"fmt"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// record is a node or claim in the making.
type record struct {
	kind   *ontology.Kind
	values []any
}

func newRecord(kind *ontology.Kind) record {
	r := record{kind, make([]any, len(kind.Properties))}
	for i, p := range kind.Properties {
		if p.List {
			r.values[i] = []string{}
		}
	}
	r.set("tlp", free)
	return r
}

// set gives a property its value in stored form.
func (r record) set(property string, v any) { r.values[r.kind.Property(property).Position] = v }

// date gives a property a partial date.
func (r record) date(property string, d ontology.Date) {
	if r.kind.Property(property).Upper {
		r.set(property, d.UpperKey())
	} else {
		r.set(property, d.LowerKey())
	}
}

// The ranks of handling marks and of stances.
const (
	free, green, amber int64 = 1, 2, 3
	asserts, denies    int64 = 1, 2
)

// date is a date within a year, exact to a day, a month or the year.
func (d *dice) date(year int) ontology.Date {
	text := fmt.Sprintf("%04d-%02d-%02d", year, 1+d.below(12), 1+d.below(28))
	date, err := ontology.ParseDate(text[:[]int{10, 10, 7, 4}[d.below(4)]])
	if err != nil {
		panic(err) // the text is a date
	}
	return date
}

// mark is what a source hands down to the records that name it.
type mark struct {
	id               string
	reliability, tlp int64
	published        ontology.Date
}

func (n *Network) mark(i int) mark {
	d := n.dice("mark", source, i)
	m := mark{id: n.ID(source, i), reliability: 1 + int64(d.below(5)), tlp: free, published: d.date(2000 + d.below(25))}
	if d.chance(0.1) {
		m.tlp = green
	}
	return m
}

// from gives a record its source, and what that hands down.
func (r record) from(m mark) {
	r.set("source", m.id)
	r.set("tlp", m.tlp)
	r.set("recordedAt", m.published.UpperKey())
}

// state fills in what a statement says of itself.
func (r record) state(d *dice, m mark) {
	r.from(m)
	r.set("reliability", m.reliability)
	r.set("credibility", 1+int64(d.below(5)))
	r.set("stance", asserts)
	if d.chance(0.05) {
		r.set("stance", denies)
	}
	r.set("modality", 1+int64(d.skewed(3)))
	r.set("confidence", 20+int64(d.below(81)))
	if d.chance(0.7) {
		year := 1995 + d.below(28)
		r.date("validFrom", d.date(year))
		if d.chance(0.3) {
			r.date("validTo", d.date(year+1+d.below(5)))
		}
	}
	if d.chance(0.02) {
		r.set("tlp", amber)
	}
	if d.chance(0.01) {
		r.date("retractedAt", d.date(2025))
	}
	if d.chance(0.003) {
		r.set("compartments", []string{"harbour"})
	}
}

func (r record) quantity(d *dice, unit string) {
	low := float64(1 + d.below(1000))
	r.set("low", low)
	if d.chance(0.5) {
		r.set("high", low*(1+d.unit()))
	}
	r.set("unit", unit)
}

// node makes the node of a kind at a place.
func (n *Network) node(kind string, i int) store.Node {
	r := newRecord(n.model.Kind(kind))
	d := n.dice("record", kind, i)
	id := n.ID(kind, i)
	node := store.Node{Kind: r.kind, Values: r.values}
	link := func(name, to string) {
		node.Links = append(node.Links, store.NodeLink{Link: r.kind.Link(name), ID: to})
	}
	r.set("id", id)
	if r.kind.Entity {
		r.set("name", n.Name(kind, i))
	}
	m := n.mark(d.skewed(n.counts[source]))
	always, err := ontology.ParseDate("1900")
	if err != nil {
		panic(err) // the text is a date
	}
	switch kind {
	case source:
		m = n.mark(i)
		r.set("kind", 1+int64(d.below(6)))
		r.set("publisher", "Publisher "+fmt.Sprint(d.skewed(1000)))
		r.date("published", m.published)
		r.set("reliability", m.reliability)
		r.set("tlp", m.tlp)
		r.set("recordedAt", m.published.UpperKey())
	case place:
		r.date("recordedAt", always)
		r.set("kind", 4+int64(d.below(5)))
		r.set("latitude", float64(d.below(160_000)-80_000)/1000)
		r.set("longitude", float64(d.below(360_000)-180_000)/1000)
		at := 2 * d.below(len(countries)/2)
		r.set("countryCode", countries[at:at+2])
		if i > 0 {
			link("within", n.ID(place, i/20))
		}
	case commodity:
		r.date("recordedAt", always)
		r.set("kind", 1+int64(min(i/18, 2)))
		r.set("market", 1+int64(i%18))
		if i > 0 {
			link("partOf", n.ID(commodity, i/4))
		}
	case group:
		r.from(m)
		r.set("actorType", 1+int64(d.below(5)))
		r.date("founded", d.date(1950+d.below(60)))
		for range d.below(3) {
			r.set("aliases", append(r.values[r.kind.Property("aliases").Position].([]string), "The "+n.Name(person, d.below(1<<18))))
		}
		link("basedIn", n.ID(place, d.skewed(n.counts[place])))
	case person:
		r.from(m)
		r.set("status", 1+int64(d.below(3)))
		link("country", n.ID(place, d.skewed(n.counts[place])))
	case route:
		r.from(m)
		if d.chance(0.005) {
			r.date("retractedAt", d.date(2025))
		}
	case event:
		r.state(&d, m)
		r.set("kind", 1+int64(d.below(11)))
		r.quantity(&d, "kg")
	case estimate:
		r.state(&d, m)
		r.set("metric", 1+int64(d.below(9)))
		r.quantity(&d, "per year")
		link("about", n.ID(group, d.skewed(n.counts[group])))
		if d.chance(0.3) {
			link("context", n.ID(commodity, d.skewed(n.counts[commodity])))
		}
	}
	return node
}

// leg makes a leg of a route, which leads on from where the one before ended.
func (n *Network) leg(i, order int) store.Node {
	r := newRecord(n.model.Kind(leg))
	d := n.dice("record", leg, i*8+order)
	r.from(n.mark(d.skewed(n.counts[source])))
	r.set("id", r.kind.IDPrefix()+n.ID(route, i)[len("route/"):]+"-"+fmt.Sprint(order))
	r.set("order", int64(order))
	r.set("mode", 1+int64(d.below(8)))
	stop := func(order int) string {
		d := n.dice("stop", leg, i*8+order)
		return n.ID(place, d.skewed(n.counts[place]))
	}
	return store.Node{Kind: r.kind, Values: r.values, Links: []store.NodeLink{
		{Link: r.kind.Link("route"), ID: n.ID(route, i)},
		{Link: r.kind.Link("from"), ID: stop(order - 1)},
		{Link: r.kind.Link("to"), ID: stop(order)},
	}}
}

// countries are codes of ISO 3166-1, one after the other.
const countries = "AEALAOARATAUAZBEBGBOBRCACDCHCLCNCOCZDEDZECEGESFRGBGHGRGTHNHRHUIDIEILINIQIRITJMJPKEKHKRKZLALBLKLYMAMKMMMXMYMZNGNLNPNZPAPEPHPKPLPTPYRORSRUSASDSESGSNSYTHTNTRTWTZUAUGUSUYVEVNYEZAZM"
