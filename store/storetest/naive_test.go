package storetest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
	"github.com/google/go-cmp/cmp"
)

func load(t testing.TB) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sheet writes records and plans by name, and values as files hold them.
type sheet struct {
	t     testing.TB
	model *ontology.Model
	graph storetest.Graph
}

type texts map[string]string

// values reads given and common values; what is required and not given is the first value of its vocabulary.
func (s *sheet) values(k *ontology.Kind, given texts) []any {
	s.t.Helper()
	defaults := texts{"recordedAt": "2020-01-01", "credibility": "3", "source": "source/open"}
	out := make([]any, len(k.Properties))
	for i, p := range k.Properties {
		text, is := given[p.Name]
		if !is && p.Required {
			text = defaults[p.Name]
			if p.Enum != nil {
				text = p.Enum.Values[0]
			}
		}
		v, err := p.Parse(text)
		if err != nil {
			s.t.Fatalf("%s.%s: %v", k.Name, p.Name, err)
		}
		out[i] = v
	}
	for name := range given {
		if k.Property(name) == nil {
			s.t.Fatalf("%s has no property %s", k.Name, name)
		}
	}
	return out
}

func (s *sheet) node(kind, id string, given texts, links ...string) {
	s.t.Helper()
	k := s.model.Kind(kind)
	n := store.Node{Kind: k, Values: s.values(k, given)}
	n.Values[0] = id
	for i := 0; i < len(links); i += 2 {
		if l := k.Link(links[i]); l == nil || !l.Declares {
			s.t.Fatalf("%s does not declare %s", kind, links[i])
		}
		n.Links = append(n.Links, store.NodeLink{Link: k.Link(links[i]), ID: links[i+1]})
	}
	s.graph.Nodes = append(s.graph.Nodes, n)
}

func (s *sheet) claim(relation, from, to string, given texts) {
	s.t.Helper()
	c := store.Claim{Relation: s.model.Relation(relation), From: from, To: to, Values: s.values(s.model.Claim, given)}
	c.Values[0] = store.ClaimID(s.model.Claim, c.Relation, from, to, c.Values)
	s.graph.Claims = append(s.graph.Claims, c)
}

// columns reads properties by name.
func (s *sheet) columns(kind string, names ...string) plan.Node {
	n := plan.Node{Kind: s.model.Kind(kind)}
	for _, name := range names {
		p := n.Kind.Property(name)
		for _, m := range n.Kind.Members {
			if p == nil {
				p = m.Property(name)
			}
		}
		if p == nil {
			s.t.Fatalf("%s has no property %s", kind, name)
		}
		n.Columns = append(n.Columns, plan.Column{Property: p})
	}
	return n
}

// page reads ids and what stands in more, ordered by id.
func (s *sheet) page(kind string, more ...plan.Column) *plan.Page {
	n := s.columns(kind, "id")
	n.Columns = append(n.Columns, more...)
	return &plan.Page{Order: []plan.Order{{Property: n.Kind.Property("id")}}, First: 10, Rows: true, Node: n}
}

// below reads ids over a link.
func (s *sheet) below(kind, link string, more ...plan.Column) *plan.Page {
	via := s.model.Kind(kind).Link(link)
	p := s.page(via.Target.Name, more...)
	p.Via = via
	return p
}

// changed changes a page in the course of an expression.
func changed(p *plan.Page, change func(*plan.Page)) *plan.Page { change(p); return p }

func (s *sheet) test(kind, property string, o plan.Operator, values ...any) *plan.Filter {
	p := s.model.Kind(kind).Property(property)
	return &plan.Filter{Test: &plan.Test{Property: p, Operator: o, Values: values}}
}

func day(t testing.TB, text string) ontology.Date {
	d, err := ontology.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func graphOnPaper(t testing.TB) *sheet {
	s := &sheet{t: t, model: load(t)}
	s.node("Source", "source/open", texts{"name": "Open Report", "reliability": "A"})
	s.node("Source", "source/closed", texts{"name": "Closed File", "reliability": "F", "tlp": "RED"})
	s.node("Place", "place/it", texts{"name": "Italy", "kind": "COUNTRY", "countryCode": "IT"})
	s.node("Place", "place/port", texts{"name": "Porto", "kind": "PORT", "latitude": "40.5"}, "within", "place/it")
	s.node("Group", "group/anna", texts{"name": "Ánna Clan", "aliases": "Anna|Čланы Anna", "founded": "1990-05", "actorType": "FOREIGN", "source": "source/open"}, "basedIn", "place/port")
	s.node("Group", "group/bratva", texts{"name": "bratva", "founded": "1985", "source": "source/closed"}, "basedIn", "place/port")
	s.node("Group", "group/clan", texts{"name": "Clan Anna", "compartments": "alfa|bravo", "founded": "2001"})
	s.node("Group", "group/dead", texts{"name": "anna", "recordedAt": "2020", "retractedAt": "2022-03-05"})
	s.node("Group", "group/evil", texts{"name": "\U0001d49cnna 100%", "aliases": "ANNA", "tlp": "AMBER"})
	s.node("Group", "group/fold", texts{"name": "\uff21nna_"}, "basedIn", "place/camp")
	s.node("Place", "place/camp", texts{"name": "Camp", "kind": "SITE", "tlp": "RED"})
	s.node("Route", "route/balkan", texts{"name": "Balkan"})
	s.node("Leg", "leg/1", texts{"order": "1", "mode": "SEA"}, "route", "route/balkan", "from", "place/port")
	s.node("Leg", "leg/2", texts{"order": "2", "mode": "ROAD"}, "route", "route/balkan")
	s.node("Organization", "organization/front", texts{"name": "Front"})
	s.node("Estimate", "estimate/rating", texts{"metric": "MEMBERS"}, "about", "source/open")
	s.node("Event", "event/raid", texts{"name": "Raid", "kind": "RAID", "reliability": "B", "credibility": "2", "validFrom": "2021-06", "validTo": "2021-06", "low": "0.1"})
	s.node("Estimate", "estimate/income", texts{"metric": "REVENUE", "reliability": "F", "source": "source/closed", "validFrom": "2021", "low": "5"}, "about", "group/anna")
	s.claim("ALLIED_WITH", "group/anna", "group/bratva", texts{"validFrom": "2020", "validTo": "2021-06", "reliability": "A", "confidence": "80", "note": "1"})
	s.claim("ALLIED_WITH", "group/anna", "group/bratva", texts{"validFrom": "2019-05", "reliability": "F", "credibility": "6", "source": "source/closed", "note": "2"})
	s.claim("ALLIED_WITH", "group/anna", "group/bratva", texts{"stance": "DENIES", "validFrom": "2015", "reliability": "B", "modality": "ESTIMATES", "note": "3"})
	s.claim("ALLIED_WITH", "group/anna", "group/clan", texts{"note": "4"})
	s.claim("ALLIED_WITH", "group/anna", "group/dead", texts{"note": "5"})
	s.claim("ALLIED_WITH", "group/bratva", "group/fold", texts{"stance": "DENIES", "note": "6", "tlp": "GREEN"})
	s.claim("OPERATES", "group/bratva", "route/balkan", texts{"recordedAt": "2021-01", "retractedAt": "2021-12-31", "note": "7"})
	s.claim("OPERATES", "group/anna", "route/balkan", texts{"role": "start", "note": "8"})
	s.claim("PARTICIPATED_IN", "group/anna", "event/raid", texts{"note": "9"})
	s.claim("SUPPLIES", "group/evil", "group/anna", texts{"note": "10", "validFrom": "2022"})
	s.claim("CONTROLS", "group/fold", "organization/front", texts{"note": "11"})
	s.claim("CONTROLS", "group/fold", "place/it", texts{"note": "12"})
	return s
}

func TestAnswerOnPaper(t *testing.T) {
	s := graphOnPaper(t)
	m := s.model
	groups := func(change func(*plan.Page)) plan.Plan { return plan.Plan{Page: changed(s.page("Group"), change)} }
	where := func(f *plan.Filter) plan.Plan { return groups(func(p *plan.Page) { p.Where = f }) }
	order := func(orders ...plan.Order) plan.Plan {
		return groups(func(p *plan.Page) { p.Order = append(orders, p.Order...) })
	}
	name, founded := m.Kind("Group").Property("name"), m.Kind("Group").Property("founded")
	allies := func(change func(*plan.Page)) plan.Plan {
		p := s.below("Group", "alliedWith")
		change(p)
		return plan.Plan{Page: changed(s.page("Group", plan.Column{Page: p}), func(p *plan.Page) {
			p.Where = s.test("Group", "id", plan.In, "group/anna", "group/bratva", "group/fold")
		})}
	}
	bundle := func(columns ...plan.EdgeColumn) func(*plan.Page) {
		return func(p *plan.Page) { p.Edge = &plan.Edge{Columns: columns} }
	}
	record := func(r plan.Record) plan.Plan {
		return plan.Plan{Lens: plan.Lens{Record: r}, Page: s.page("Group", plan.Column{Page: s.below("Group", "operates")})}
	}
	key := func(text string) *int64 { return new(day(t, text).Ceiling()) }

	for _, c := range []struct {
		name string
		plan plan.Plan
		want string
	}{
		{"all visible of a kind, by id", groups(func(p *plan.Page) { p.Total = true }),
			`[4, [[["group/anna"]], [["group/bratva"]], [["group/evil"]], [["group/fold"]]]]`},
		{"one row more than asked, total unharmed", groups(func(p *plan.Page) { p.First, p.Total = 1, true }),
			`[4, [[["group/anna"]], [["group/bratva"]]]]`},
		{"neither rows nor total", groups(func(p *plan.Page) { p.Rows = false }), `[null, null]`},
		{"order by code point, not by UTF-16 or case", order(plan.Order{Property: name}),
			`[null, [[["group/bratva"]], [["group/anna"]], [["group/fold"]], [["group/evil"]]]]`},
		{"nulls last upwards", order(plan.Order{Property: founded}),
			`[null, [[["group/bratva"]], [["group/anna"]], [["group/evil"]], [["group/fold"]]]]`},
		{"nulls last downwards", order(plan.Order{Property: founded, Descending: true}),
			`[null, [[["group/anna"]], [["group/bratva"]], [["group/evil"]], [["group/fold"]]]]`},
		{"behind the keys of a row", groups(func(p *plan.Page) {
			p.Order = append([]plan.Order{{Property: founded, Descending: true}}, p.Order...)
			p.After, p.Keys, p.Total = []plan.Key{day(t, "1985").LowerKey(), "group/bratva"}, true, true
		}), `[4, [[["group/evil"], null, [null, "group/evil"]], [["group/fold"], null, [null, "group/fold"]]]]`},
		{"behind a missing key", groups(func(p *plan.Page) {
			p.Order = append([]plan.Order{{Property: founded}}, p.Order...)
			p.After = []plan.Key{nil, "group/evil"}
		}), `[null, [[["group/fold"]]]]`},

		{"a missing value compares false", where(s.test("Group", "founded", plan.Less, int64(1<<40))),
			`[null, [[["group/anna"]], [["group/bratva"]]]]`},
		{"and its negation true", where(&plan.Filter{Not: s.test("Group", "founded", plan.Less, int64(1<<40))}),
			`[null, [[["group/evil"]], [["group/fold"]]]]`},
		{"an empty All holds", where(&plan.Filter{All: &[]plan.Filter{}}),
			`[null, [[["group/anna"]], [["group/bratva"]], [["group/evil"]], [["group/fold"]]]]`},
		{"an empty Any does not", where(&plan.Filter{Any: &[]plan.Filter{}}), `[null, []]`},
		{"text is folded by startsWith", where(s.test("Group", "name", plan.StartsWith, "ÁN")),
			`[null, [[["group/anna"]], [["group/evil"]], [["group/fold"]]]]`},
		{"but not by eq", where(s.test("Group", "name", plan.Equal, "Anna Clan")), `[null, []]`},
		{"wildcards are text", where(&plan.Filter{Any: &[]plan.Filter{*s.test("Group", "name", plan.Contains, "0%"), *s.test("Group", "name", plan.Contains, "_n")}}),
			`[null, [[["group/evil"]]]]`},
		{"ids are not folded", where(s.test("Group", "id", plan.Contains, "ANNA")), `[null, []]`},
		{"includes folds the elements", where(s.test("Group", "aliases", plan.Includes, "änna")),
			`[null, [[["group/anna"]], [["group/evil"]]]]`},
		{"between takes both ends", where(s.test("Group", "founded", plan.Between, day(t, "1985").LowerKey(), day(t, "1990-05").LowerKey())),
			`[null, [[["group/anna"]], [["group/bratva"]]]]`},
		{"isNull", where(s.test("Group", "founded", plan.IsNull)), `[null, [[["group/evil"]], [["group/fold"]]]]`},
		{"some over a claim that passes", where(&plan.Filter{Some: &plan.Some{Via: m.Kind("Group").Link("alliedWith"), Claim: s.test("Claim", "confidence", plan.GreaterOrEqual, int64(80))}}),
			`[null, [[["group/anna"]], [["group/bratva"]]]]`},
		{"some to a node that passes", where(&plan.Filter{Some: &plan.Some{Via: m.Kind("Group").Link("basedIn"), Node: s.test("Place", "latitude", plan.Greater, 40.0)}}),
			`[null, [[["group/anna"]], [["group/bratva"]]]]`},

		{"a symmetric relation from both ends, each neighbour once, hidden ends left out", allies(func(p *plan.Page) { p.Total = true }),
			`[null, [[["group/anna", [1, [[["group/bratva"]]]]]], ` +
				`[["group/bratva", [2, [[["group/anna"]], [["group/fold"]]]]]], ` +
				`[["group/fold", [1, [[["group/bratva"]]]]]]]]`},
		{"bundles: disputed, first and last seen of asserting claims, count", allies(bundle(plan.EdgeColumn{Value: plan.Disputed},
			plan.EdgeColumn{Value: plan.FirstSeen}, plan.EdgeColumn{Value: plan.LastSeen}, plan.EdgeColumn{Value: plan.ClaimCount}, plan.EdgeColumn{Value: plan.Denied})),
			`[null, [[["group/anna", [null, [[["group/bratva"], [1, 54052, 56425, 3, 0]]]]]], ` +
				`[["group/bratva", [null, [[["group/anna"], [1, 54052, 56425, 3, 0]], [["group/fold"], [0, null, null, 1, 1]]]]]], ` +
				`[["group/fold", [null, [[["group/bratva"], [0, null, null, 1, 1]]]]]]]]`},
		{"a claim filter hides claims from the bundle", allies(func(p *plan.Page) {
			bundle(plan.EdgeColumn{Value: plan.Disputed}, plan.EdgeColumn{Value: plan.ClaimCount})(p)
			p.Claim = s.test("Claim", "stance", plan.Equal, int64(1))
		}), `[null, [[["group/anna", [null, [[["group/bratva"], [0, 2]]]]]], ` +
			`[["group/bratva", [null, [[["group/anna"], [0, 2]]]]]], [["group/fold", [null, []]]]]]`},
		{"order by first seen, nulls last", allies(func(p *plan.Page) {
			p.Order = []plan.Order{{Seen: plan.FirstSeen, Descending: true}, {Property: m.Kind("Group").Property("id"), Descending: true}}
			p.Keys = true
		}), `[null, [[["group/anna", [null, [[["group/bratva"], null, [54052, "group/bratva"]]]]]], ` +
			`[["group/bratva", [null, [[["group/anna"], null, [54052, "group/anna"]], [["group/fold"], null, [null, "group/fold"]]]]]], ` +
			`[["group/fold", [null, [[["group/bratva"], null, [null, "group/bratva"]]]]]]]]`},

		{"last seen is the start where the end is open", plan.Plan{Lookup: &plan.Lookup{IDs: []string{"group/anna"}, Node: plan.Node{Kind: m.Kind("Group"), Columns: []plan.Column{
			{Page: changed(s.below("Group", "suppliedBy"), bundle(plan.EdgeColumn{Value: plan.FirstSeen}, plan.EdgeColumn{Value: plan.LastSeen}))},
		}}}}, `[[[null, [[["group/evil"], [56981, 56981]]]]]]`},
		{"a link leads to its target kinds alone", plan.Plan{Lookup: &plan.Lookup{IDs: []string{"group/fold"}, Node: plan.Node{Kind: m.Kind("Group"), Columns: []plan.Column{
			{Page: s.below("Group", "controls")}, {Page: s.below("Group", "controlsOrganizations")}, {Page: s.below("Group", "controlsAssets")},
		}}}}, `[[[null, [[["place/it"]]]], [null, [[["organization/front"]]]], [null, []]]]`},

		{"structural links from the declaring end", plan.Plan{Lookup: &plan.Lookup{IDs: []string{"leg/1", "leg/2", "leg/1"}, Node: plan.Node{Kind: m.Kind("Leg"), Columns: []plan.Column{
			{One: &plan.One{Via: m.Kind("Leg").Link("from"), Node: s.columns("Place", "name", "latitude", "countryCode")}},
			{One: &plan.One{Via: m.Kind("Leg").Link("route"), Node: s.columns("Route", "id")}},
		}}}}, `[[["Porto", 40.5, null], ["route/balkan"]], [null, ["route/balkan"]], [["Porto", 40.5, null], ["route/balkan"]]]`},
		{"and from the other", plan.Plan{Page: s.page("Route", plan.Column{Page: s.below("Route", "legs")})},
			`[null, [[["route/balkan", [null, [[["leg/1"]], [["leg/2"]]]]]]]]`},
		{"an interface: own names, other kinds' properties and links null", plan.Plan{Lookup: &plan.Lookup{
			IDs: []string{"leg/1", "group/missing", "group/clan", "group/anna"},
			Node: plan.Node{Kind: m.Kind("Node"), Columns: []plan.Column{{Name: true}, {Property: name}, {Property: m.Kind("Leg").Property("mode")},
				{Page: s.below("Group", "operates"), Only: []*ontology.Kind{m.Kind("Group")}}}},
		}}, `[["Leg", null, 2, null], null, null, ["Group", "Ánna Clan", null, [null, [[["route/balkan"]]]]]]`},
		{"a node of another kind is missing", plan.Plan{Lookup: &plan.Lookup{IDs: []string{"leg/1"}, Node: s.columns("Group", "id")}}, `[null]`},
		{"lists, and a neighbour's interface", plan.Plan{Lookup: &plan.Lookup{IDs: []string{"event/raid"}, Node: plan.Node{Kind: m.Kind("Event"), Columns: []plan.Column{
			{Property: m.Kind("Event").Property("low")}, {Page: s.below("Event", "participants", plan.Column{Property: m.Kind("Actor").Property("aliases")})},
		}}}}, `[[0.1, [null, [[["group/anna", ["Anna", "Čланы Anna"]]]]]]]`},
		{"a reference to a hidden record is null", plan.Plan{Lens: plan.Lens{Record: plan.Record{MaxTlp: 2}}, Page: s.page("Group",
			plan.Column{Property: m.Kind("Group").Property("source")},
			plan.Column{Reference: &plan.Reference{Property: m.Kind("Group").Property("source"), Node: s.columns("Source", "name")}})},
			`[null, [[["group/anna", "source/open", ["Open Report"]]], [["group/bratva", "source/closed", null]], [["group/fold", null, null]]]]`},

		{"retracted and compartments are hidden", record(plan.Record{}),
			`[null, [[["group/anna", [null, [[["route/balkan"]]]]]], [["group/bratva", [null, []]]], ` +
				`[["group/evil", [null, []]]], [["group/fold", [null, []]]]]]`},
		{"every compartment is needed", record(plan.Record{MaxTlp: 1, Compartments: []string{"alfa", "other"}}),
			`[null, [[["group/anna", [null, [[["route/balkan"]]]]]], [["group/bratva", [null, []]]], [["group/fold", [null, []]]]]]`},
		{"all held", record(plan.Record{MaxTlp: 1, Compartments: []string{"bravo", "alfa"}}),
			`[null, [[["group/anna", [null, [[["route/balkan"]]]]]], [["group/bratva", [null, []]]], ` +
				`[["group/clan", [null, []]]], [["group/fold", [null, []]]]]]`},
		{"known before the retraction, and not before the record", record(plan.Record{MaxTlp: 1, KnownAt: key("2021-12-30")}),
			`[null, [[["group/anna", [null, [[["route/balkan"]]]]]], [["group/bratva", [null, [[["route/balkan"]]]]]], ` +
				`[["group/dead", [null, []]]], [["group/fold", [null, []]]]]]`},
		{"retracted by that day", record(plan.Record{MaxTlp: 1, KnownAt: key("2021-12-31")}),
			`[null, [[["group/anna", [null, [[["route/balkan"]]]]]], [["group/bratva", [null, []]]], ` +
				`[["group/dead", [null, []]]], [["group/fold", [null, []]]]]]`},
		{"nothing was known", plan.Plan{Lens: plan.Lens{Record: plan.Record{KnownAt: key("2019-12-31")}}, Page: s.page("Group")}, `[null, []]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := storetest.Answer(m, s.graph.Nodes, s.graph.Claims, c.plan)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != c.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.plan, got, c.want)
			}
		})
	}
}

func TestEvidenceOnPaper(t *testing.T) {
	s := graphOnPaper(t)
	allies := s.below("Group", "alliedWith")
	allies.Edge = &plan.Edge{Columns: []plan.EdgeColumn{{Claims: &plan.Claims{First: 9, Node: s.columns("Claim", "id", "note")}}}}
	allies.Where = s.test("Group", "id", plan.Equal, "group/bratva")
	anna := plan.Node{Kind: s.model.Kind("Group"), Columns: []plan.Column{
		{Page: allies}, {Page: s.below("Group", "participatedIn")}, {Page: s.below("Group", "estimates")},
	}}
	asOf := func(text string) plan.Evidence { return plan.Evidence{AsOf: new(day(t, text))} }
	for _, c := range []struct {
		name     string
		evidence plan.Evidence
		// want holds the notes of the claims that ally anna with bratva, and says whether the event and the estimate show.
		want            string
		event, estimate bool
	}{
		{"none asked", plan.Evidence{}, "123", true, true},
		{"as of a day within, a missing bound is open", asOf("2021-06-30"), "123", true, true},
		{"as of the day after", asOf("2021-07-01"), "23", false, true},
		{"as of the first day", asOf("2019-05-01"), "23", false, false},
		{"as of the day before", asOf("2019-04-30"), "3", false, false},
		{"as of a year that touches", asOf("2019"), "23", false, false},
		{"ended before the period", plan.Evidence{DuringFrom: new(day(t, "2021-07-01").Floor())}, "23", false, true},
		{"begins after the period", plan.Evidence{DuringTo: new(day(t, "2019-12-31").Ceiling())}, "23", false, false},
		{"dated", plan.Evidence{Dated: true}, "123", false, true},
		{"least reliability", plan.Evidence{MinReliability: 1}, "1", false, false},
		{"F is beyond any", plan.Evidence{MinReliability: 5}, "13", true, false},
		{"least credibility", plan.Evidence{MinCredibility: 3}, "13", true, true},
		{"least confidence leaves out those without", plan.Evidence{MinConfidence: new(int64(80))}, "1", false, false},
		{"stances", plan.Evidence{Stances: []int64{2}}, "3", false, false},
		{"modalities", plan.Evidence{Modalities: []int64{2, 3}}, "3", false, false},
		{"sources", plan.Evidence{Sources: []string{"source/closed"}}, "2", false, true},
		{"no source", plan.Evidence{Sources: []string{}}, "", false, false},
		{"excluded sources", plan.Evidence{ExcludeSources: []string{"source/closed"}}, "13", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := storetest.Answer(s.model, s.graph.Nodes, s.graph.Claims, plan.Plan{
				Lens: plan.Lens{Evidence: c.evidence}, Lookup: &plan.Lookup{IDs: []string{"group/anna"}, Node: anna},
			})
			if err != nil {
				t.Fatal(err)
			}
			rows := func(column int) []store.Value { return got.List[0].List[column].List[1].List }
			var ids, notes []string
			for _, row := range rows(0) {
				for _, claim := range row.List[1].List[0].List {
					ids, notes = append(ids, claim.List[0].Text), append(notes, claim.List[1].Text)
				}
			}
			if !slices.IsSorted(ids) {
				t.Errorf("claims are not ordered by id: %q", ids)
			}
			slices.Sort(notes)
			if shown := strings.Join(notes, ""); shown != c.want || (len(rows(1)) > 0) != c.event || (len(rows(2)) > 0) != c.estimate {
				t.Errorf("got claims %q, event %v, estimate %v; want %q, %v, %v", shown, len(rows(1)) > 0, len(rows(2)) > 0, c.want, c.event, c.estimate)
			}
		})
	}
}

func TestClaimsOneMoreThanAsked(t *testing.T) {
	s := graphOnPaper(t)
	allies := s.below("Group", "alliedWith")
	allies.Edge = &plan.Edge{Columns: []plan.EdgeColumn{{Claims: &plan.Claims{First: 1, Node: s.columns("Claim", "stance")}}}}
	allies.Where = s.test("Group", "id", plan.Equal, "group/bratva")
	got, err := storetest.Answer(s.model, s.graph.Nodes, s.graph.Claims, plan.Plan{
		Lookup: &plan.Lookup{IDs: []string{"group/anna"}, Node: plan.Node{Kind: s.model.Kind("Group"), Columns: []plan.Column{{Page: allies}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if claims := got.List[0].List[0].List[1].List[0].List[1].List[0].List; len(claims) != 2 {
		t.Errorf("%d claims in %s, want 2 of 3", len(claims), got)
	}
}

func TestAnswerRefusesAnEmptyPlan(t *testing.T) {
	s := graphOnPaper(t)
	if got, err := storetest.Answer(s.model, s.graph.Nodes, s.graph.Claims, plan.Plan{}); err == nil {
		t.Errorf("got %s, want an error", got)
	}
}

func TestStreamedOnPaper(t *testing.T) {
	s := graphOnPaper(t)
	lens := plan.Lens{Record: plan.Record{MaxTlp: 1}, Evidence: plan.Evidence{ExcludeSources: []string{"source/closed"}}}
	var got []string
	for _, r := range storetest.Streamed(s.model, s.graph.Nodes, s.graph.Claims, plan.Records{Lens: lens}) {
		if r.Node == nil {
			got = append(got, r.Claim.Relation.Name+" "+r.Claim.From+" "+r.Claim.To)
			continue
		}
		line := r.Node.ID()
		for _, l := range r.Node.Links {
			line += " " + l.Link.Name + " " + l.ID
		}
		got = append(got, line)
	}
	want := []string{
		"estimate/rating about source/open", "event/raid", "group/anna basedIn place/port", "group/bratva basedIn place/port", "group/fold",
		"leg/1 route route/balkan from place/port", "leg/2 route route/balkan", "organization/front", "place/it", "place/port within place/it", "route/balkan", "source/open",
		"ALLIED_WITH group/anna group/bratva", "ALLIED_WITH group/anna group/bratva",
		"CONTROLS group/fold organization/front", "CONTROLS group/fold place/it",
		"OPERATES group/anna route/balkan", "PARTICIPATED_IN group/anna event/raid",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	all := storetest.Streamed(s.model, s.graph.Nodes, s.graph.Claims, plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}})
	if want := len(s.graph.Nodes) + len(s.graph.Claims); len(all) != want {
		t.Errorf("%d records of %d through a lens that shows all", len(all), want)
	}
}

func TestDifference(t *testing.T) {
	of := func(values ...any) store.Value {
		var l []store.Value
		for _, v := range values {
			l = append(l, store.Of(v))
		}
		return store.Of(l)
	}
	for _, c := range []struct {
		name      string
		want, got store.Value
		diff      string
	}{
		{"equal", of(nil, int64(1), 0.5, "a", []string{"b"}), of(nil, int64(1), 0.5, "a", []string{"b"}), ""},
		{"an empty list is one that is nil", of([]string{}), of([]store.Value(nil)), ""},
		{"an integer is no float", of(int64(5)), of(5.0), "[0]: want 5 of type 1, got 5 of type 2"},
		{"null is no empty list", of(nil), of([]string{}), "[0]: want null of type 0, got [] of type 4"},
		{"null is no empty text", of(""), of(nil), `[0]: want "" of type 3, got null of type 0`},
		{"the first place, inside", of("a", []string{"b", "c"}), of("a", []string{"b", "d"}), `[1][1]: want "c" of type 3, got "d" of type 3`},
		{"longer", of("a"), of("a", "b"), `: want ["a"] of type 4, got ["a", "b"] of type 4`},
	} {
		if diff := storetest.Difference(c.want, c.got); diff != c.diff {
			t.Errorf("%s: got %q, want %q", c.name, diff, c.diff)
		}
	}
}
