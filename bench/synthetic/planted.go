package synthetic

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Planted is a network of routes of which is known what they carry since when, in what shares, and which of them diversified; and what sources
// say about it, all or a part of that. It is for measuring what analytics find again.
type Planted struct {
	model  *ontology.Model
	dice   *Network
	routes int
}

// Plant describes a network of so many routes. The same seed gives the same.
func Plant(model *ontology.Model, routes int, seed uint64) *Planted {
	return &Planted{model, &Network{model: model, seed: seed}, routes}
}

// The commodities: what drug routes open for, and what they turn to.
var (
	drugs  = []string{"heroin", "cocaine", "cannabis", "methamphetamine"}
	others = []string{"migrants", "firearms", "counterfeits", "stolen-vehicles"}
	// plantedMarkets are their markets, in that order.
	plantedMarkets = []string{
		"HEROIN_TRADE", "COCAINE_TRADE", "CANNABIS_TRADE", "SYNTHETIC_DRUGS", "HUMAN_SMUGGLING", "ARMS_TRAFFICKING", "COUNTERFEIT_GOODS", "STOLEN_VEHICLES",
	}
)

// Drugs and Others are the ids of the commodities that routes open for and turn to.
func Drugs() []string  { return commodities(drugs) }
func Others() []string { return commodities(others) }

func commodities(slugs []string) []string {
	out := make([]string, len(slugs))
	for i, slug := range slugs {
		out[i] = "commodity/" + slug
	}
	return out
}

// Activity is that a route carries a commodity, since a day, counted from 1970-01-01, until the end of plantedUntil; Share is its share of
// what the route carries, once all of it is carried.
type Activity struct {
	Commodity string
	Since     int64
	Share     float64
}

// plantedUntil is the year that everything is reported up to.
const plantedUntil = 2024

// RouteID is the id of a route by its number.
func (p *Planted) RouteID(i int) string { return fmt.Sprintf("route/planted-%05d", i) }

// Activities are what a route really carries, in order of their beginning. Of a hundred routes 40 opened for drugs and turned to something else half
// a year to ten years later, 20 the other way round, 25 carry drugs alone and 15 none.
func (p *Planted) Activities(i int) []Activity {
	d := p.dice.dice("activities", route, i)
	opened := day(fmt.Sprintf("%04d-%02d-%02d", 1992+d.below(18), 1+d.below(12), 1+d.below(28)))
	turned := opened + 180 + int64(d.below(3470))
	some := func(of []string, since int64) []Activity {
		var out []Activity
		first := d.below(len(of))
		for k := range 1 + d.below(2) {
			out = append(out, Activity{Commodity: "commodity/" + of[(first+k)%len(of)], Since: since, Share: -math.Log(1 - d.unit())})
			since += int64(d.below(700))
		}
		return out
	}
	var out []Activity
	switch kind := d.unit(); {
	case kind < 0.40:
		out = append(some(drugs, opened), some(others, turned)...)
	case kind < 0.60:
		out = append(some(others, opened), some(drugs, turned)...)
	case kind < 0.85:
		out = some(drugs, opened)
	default:
		out = some(others, opened)
	}
	all := 0.0
	for _, a := range out {
		all += a.Share
	}
	for k := range out {
		out[k].Share /= all
	}
	slices.SortStableFunc(out, func(a, b Activity) int { return int(a.Since - b.Since) })
	return out
}

// Diversification is that a route which opened for drugs turned to something else as well: what, and when.
type Diversification struct {
	Route, From, To string
	Opened, Turned  int64
}

// Diversifications are all that are planted, in order of the routes: of each the first drug and the first that followed.
func (p *Planted) Diversifications() []Diversification {
	var out []Diversification
	for i := range p.routes {
		all := p.Activities(i)
		if !slices.Contains(Drugs(), all[0].Commodity) {
			continue
		}
		for _, a := range all[1:] {
			if slices.Contains(Others(), a.Commodity) {
				out = append(out, Diversification{p.RouteID(i), all[0].Commodity, a.Commodity, all[0].Since, a.Since})
				break
			}
		}
	}
	return out
}

// plantedSources is how many sources there are.
const plantedSources = 500

// Batch holds the network as sources tell it, with so much of the evidence: 1 is all of it. All of it are 8 to 24 statements about a route, in
// the shares of its commodities, at least one about each; the earliest about a commodity is of its beginning. Dates are exact to the day, the
// month or the year. One statement in a hundred is wrong, and marked as doubtful.
func (p *Planted) Batch(evidence float64) store.Batch {
	var b store.Batch
	always := newRecord(p.model.Kind(source))
	for i := range plantedSources {
		r := newRecord(always.kind)
		r.set("id", fmt.Sprintf("source/planted-%03d", i))
		r.set("name", fmt.Sprintf("Planted %03d", i))
		r.set("reliability", int64(1+i%4))
		r.date("recordedAt", year(1990))
		b.Nodes = append(b.Nodes, store.Node{Kind: r.kind, Values: r.values})
	}
	markets := p.model.Kind(commodity).Property("market").Enum
	for i, id := range append(Drugs(), Others()...) {
		r := newRecord(p.model.Kind(commodity))
		r.set("id", id)
		r.set("name", id)
		r.set("kind", p.model.Kind(commodity).Property("kind").Enum.Rank("ITEM"))
		r.set("market", markets.Rank(plantedMarkets[i]))
		r.date("recordedAt", year(1990))
		b.Nodes = append(b.Nodes, store.Node{Kind: r.kind, Values: r.values})
	}
	for i := range p.routes {
		r := newRecord(p.model.Kind(route))
		r.set("id", p.RouteID(i))
		r.set("name", p.RouteID(i))
		r.date("recordedAt", year(1990))
		b.Nodes = append(b.Nodes, store.Node{Kind: r.kind, Values: r.values})
		for c := range p.statements(i, evidence) {
			b.Claims = append(b.Claims, c)
		}
	}
	return b
}

// statements are what sources say of a route.
func (p *Planted) statements(i int, evidence float64) iter.Seq[store.Claim] {
	return func(yield func(store.Claim) bool) {
		d := p.dice.dice("statements", route, i)
		activities := p.Activities(i)
		until := day(fmt.Sprintf("%d-12-31", plantedUntil))
		number := 0
		state := func(commodity string, on int64, doubtful bool) bool {
			number++
			kept := d.unit() < evidence
			c := newRecord(p.model.Claim)
			of := d.below(plantedSources)
			c.set("source", fmt.Sprintf("source/planted-%03d", of))
			c.set("reliability", int64(1+of%4))
			c.set("credibility", int64(2))
			if doubtful {
				c.set("credibility", int64(4))
			}
			c.set("stance", asserts)
			c.set("modality", int64(1))
			c.set("locator", fmt.Sprint(number))
			c.date("validFrom", roughly(&d, on))
			c.date("recordedAt", year(plantedUntil))
			claim := store.Claim{Relation: p.model.Relation("CARRIES"), From: p.RouteID(i), To: commodity, Values: c.values}
			c.values[0] = store.ClaimID(p.model.Claim, claim.Relation, claim.From, claim.To, c.values)
			return !kept || yield(claim)
		}
		said := make([]bool, len(activities))
		tell := func(at int) bool {
			a := activities[at]
			on := a.Since
			if said[at] {
				on += int64(d.below(int(until-a.Since) + 1))
			}
			said[at] = true
			return state(a.Commodity, on, false)
		}
		for range 8 + d.below(17) {
			if d.chance(0.01) {
				every := append(Drugs(), Others()...)
				if !state(every[d.below(len(every))], activities[0].Since+int64(d.below(int(until-activities[0].Since))), true) {
					return
				}
				continue
			}
			at := 0
			for u := d.unit() - activities[0].Share; u >= 0 && at+1 < len(activities); u -= activities[at].Share {
				at++
			}
			if !tell(at) {
				return
			}
		}
		for at := range said {
			if !said[at] && !tell(at) {
				return
			}
		}
	}
}

// roughly is a date that holds a day: half of them are exact, the rest to the month or the year.
func roughly(d *dice, on int64) ontology.Date {
	text := string(ontology.AppendDate(nil, on*3))
	date, err := ontology.ParseDate(text[:[]int{10, 10, 7, 4}[d.below(4)]])
	if err != nil {
		panic(err) // the text is a date
	}
	return date
}

func day(text string) int64 {
	date, err := ontology.ParseDate(text)
	if err != nil {
		panic(err) // the text is a date
	}
	return date.First
}

func year(y int) ontology.Date {
	date, err := ontology.ParseDate(fmt.Sprintf("%04d", y))
	if err != nil {
		panic(err) // the text is a date
	}
	return date
}
