package examples_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/ontology"
)

// value is a part of an answer.
type value struct{ json any }

// answer reads a committed answer by the number of its question.
func answer(t *testing.T, number string) value {
	t.Helper()
	files, err := filepath.Glob(number + "-*.graphql")
	if err != nil || len(files) != 1 {
		t.Fatalf("question %s: files %q, %v", number, files, err)
	}
	text, err := os.ReadFile(strings.TrimSuffix(files[0], ".graphql") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var whole map[string]any
	if err := decoder.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	if whole["errors"] != nil {
		t.Fatalf("question %s: %v", number, whole["errors"])
	}
	return value{whole["data"]}
}

// at follows a path of fields; within a list, an id selects the element that has it, or whose node has it.
func (v value) at(t *testing.T, path ...string) value {
	t.Helper()
	for i, step := range path {
		found := false
		switch here := v.json.(type) {
		case map[string]any:
			v.json, found = here[step]
		case []any:
			for _, element := range here {
				e, _ := element.(map[string]any)
				node, _ := e["node"].(map[string]any)
				if e["id"] == step || node["id"] == step {
					v.json, found = element, true
					break
				}
			}
		}
		if !found {
			t.Fatalf("%s: nothing there", strings.Join(path[:i+1], " > "))
		}
	}
	return v
}

// list gives the elements of the list at a path.
func (v value) list(t *testing.T, path ...string) []value {
	t.Helper()
	elements, is := v.at(t, path...).json.([]any)
	if !is {
		t.Fatalf("%s: no list", strings.Join(path, " > "))
	}
	out := make([]value, len(elements))
	for i, e := range elements {
		out[i] = value{e}
	}
	return out
}

// ids gives the ids of the list at a path, sorted.
func (v value) ids(t *testing.T, path ...string) []string {
	t.Helper()
	var out []string
	for _, e := range v.list(t, path...) {
		out = append(out, e.at(t, "id").String())
	}
	slices.Sort(out)
	return out
}

// String is a text as it is, and anything else as JSON.
func (v value) String() string {
	if s, is := v.json.(string); is {
		return s
	}
	text, err := json.Marshal(v.json)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// What the answers must say, read off the sourced rows by hand, so that rewriting the answers cannot lose it.
func TestFacts(t *testing.T) {
	const (
		briefing = "gettotext.com (republisher of Reuters, from the French edition)"
		chain    = `["Jürgen Stock (speaker; Secretary General, briefing in Singapore)","INTERPOL (organisation; Employer of the speaker)",` +
			`"Reuters (newswire; English wire report)","Reuters (French edition) (newswire; French version of the wire)",` +
			`"gettotext.com (republisher; English re-translation retrieved)"]`
	)
	for _, c := range []struct {
		number string
		at     []string
		facts  map[string]string
	}{
		{"01", []string{"proceeds", "nodes", "estimate/briefing-proceeds-financial-system"}, map[string]string{
			"low": "2000000000000", "high": "3000000000000", "unit": "per year", "currency": "USD", "modality": "ESTIMATES"}},
		{"01", []string{"proceeds", "nodes", "estimate/briefing-proceeds-financial-system", "source"}, map[string]string{
			"speaker": "Jürgen Stock", "speakerOrganization": "INTERPOL", "published": "2024-03-27", "reliability": "D",
			"publisher": briefing, "chain": chain}},
		{"01", []string{"turnover", "nodes", "estimate/briefing-network-turnover"}, map[string]string{
			"low": "null", "high": "3000000000000", "currency": "USD", "modality": "STATES"}},
		{"01", []string{"turnover", "nodes", "estimate/briefing-network-turnover-eur"}, map[string]string{
			"low": "null", "high": "2770000000000", "currency": "EUR"}},
		{"01", []string{"proceeds", "nodes", "estimate/unodc-870bn"}, map[string]string{
			"low": "870000000000", "high": "870000000000", "currency": "USD", "validFrom": "2009"}},
		{"02", []string{"shareOfIncome", "nodes", "estimate/briefing-drug-share-income"}, map[string]string{
			"low": "40", "high": "70", "unit": "percent", "modality": "STATES"}},
		{"02", []string{"oneGroupCanEarn", "nodes", "estimate/briefing-one-group-50bn"}, map[string]string{
			"low": "50000000000", "high": "50000000000", "unit": "per year", "currency": "USD", "modality": "CAN"}},
		{"02", []string{"oneGroupCanEarn", "nodes", "estimate/wion-one-group-50bn"}, map[string]string{
			"low": "null", "high": "50000000000", "modality": "CAN"}},
		{"04", []string{"people", "nodes", "victim-group/briefing-cambodia-hubs"}, map[string]string{
			"low": "100000", "high": "null", "attributedTo": "United Nations", "victimRole": "COERCED_WORKER"}},
		{"04", []string{"figures", "nodes", "estimate/briefing-cambodia-victims"}, map[string]string{
			"low": "100000", "high": "null", "unit": "people", "attributedTo": "United Nations", "validFrom": "2023"}},
		{"04", []string{"figures", "nodes", "estimate/briefing-cambodia-victims", "source"}, map[string]string{"publisher": briefing, "chain": chain}},
		{"04", []string{"country", "activeGroups", "edges", "group/class-sea-scam-syndicates"}, map[string]string{"disputed": "true"}},
		{"05", []string{"handover", "nodes", "event/handover-myanmar-china-2023-11"}, map[string]string{
			"validFrom": "2023-11", "validTo": "2023-11", "low": "null", "high": "null", "quantityText": "thousands", "unit": "people"}},
		{"05", []string{"others", "nodes", "event/handover-myanmar-china-cumulative-2023"}, map[string]string{
			"low": "31000", "high": "31000", "validFrom": "2023-11-21"}},
		{"06", []string{"defraudedFromHubs", "nodes", "victim-group/briefing-targets"}, map[string]string{
			"victimRole": "FRAUD_TARGET", "low": "null", "high": "null"}},
		{"06", []string{"intoHubs", "nodes", "victim-group/briefing-workers"}, map[string]string{
			"victimRole":     "COERCED_WORKER",
			"meansOfControl": `["deception: recruited into apparently legitimate jobs (staff described as unwitting)"]`}},
		{"06", []string{"intoHubs", "nodes", "victim-group/wire-workers"}, map[string]string{
			"meansOfControl": `["promise of legitimate jobs (staff described as unwilling)"]`}},
		{"07", []string{"estimates", "nodes", "contradiction/diversification"}, map[string]string{"kind": "SCOPE"}},
		{"07", []string{"estimates", "nodes", "contradiction/diversification", "between", "nodes", "estimate/briefing-drug-share-income"},
			map[string]string{"low": "40", "high": "70"}},
		{"07", []string{"estimates", "nodes", "contradiction/diversification", "between", "nodes", "estimate/europol-one-activity"},
			map[string]string{"metric": "SHARE_OF_NETWORKS", "low": "82", "high": "82", "unit": "percent",
				"about": `{"id":"group/class-eu-most-threatening","name":"The 821 most threatening criminal networks in the EU (class)"}`}},
		{"07", []string{"estimates", "nodes", "contradiction/europol-members-50k", "between", "nodes", "estimate/europol-members-dw"},
			map[string]string{"metric": "MEMBERS", "low": "25000", "high": "25000"}},
		{"07", []string{"estimates", "nodes", "contradiction/europol-members-50k", "between", "nodes", "estimate/europol-members-rfi"},
			map[string]string{"metric": "MEMBERS", "low": "50000", "high": "50000"}},
		{"07", []string{"deniedPresence", "nodes", "group/class-sea-scam-syndicates", "activeIn", "edges", "place/kh"},
			map[string]string{"disputed": "true"}},
		{"07", []string{"deniedMembership", "nodes", "group/ming-family", "subgroupOf", "edges", "group/kokang-four-families"},
			map[string]string{"disputed": "true"}},
		{"07", []string{"deniedCargo", "nodes", "route/west-africa-cocaine", "carries", "edges", "commodity/cocaine"},
			map[string]string{"disputed": "true"}},
		{"10", []string{"near"}, map[string]string{"totalCount": "18"}},
		{"10", []string{"around"}, map[string]string{"totalCount": "72"}},
	} {
		here := answer(t, c.number).at(t, c.at...)
		for field, want := range c.facts {
			if got := here.at(t, field).String(); got != want {
				t.Errorf("question %s, %s: %s is %s, want %s", c.number, strings.Join(c.at, " > "), field, got, want)
			}
		}
	}
}

// diversified lists what a route carried later than the first of its drugs, for each route that has such: later means that
// it began after the last day on which the drugs can have begun.
func diversified(t *testing.T, a value) []string {
	t.Helper()
	day := func(date string) ontology.Date {
		d, err := ontology.ParseDate(date)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var out []string
	for _, route := range a.list(t, "routes", "nodes") {
		first := route.list(t, "drugs", "edges")[0].at(t, "firstSeen").String()
		if first == "null" {
			continue
		}
		var later []string
		for _, other := range route.list(t, "others", "edges") {
			if since := other.at(t, "firstSeen").String(); since != "null" && day(since).Floor() > day(first).Ceiling() {
				later = append(later, other.at(t, "node", "name").String()+" "+since)
			}
		}
		if later != nil {
			out = append(out, fmt.Sprintf("%s %s: %s", route.at(t, "id"), first, strings.Join(later, ", ")))
		}
	}
	slices.Sort(out)
	return out
}

func TestRoutesDiversified(t *testing.T) {
	a := answer(t, "03")
	want := []string{
		"route/balkan-route 1970: Smuggled migrants 2015, Firearms and ammunition 2022-10, Human trafficking 2022-10",
		"route/captagon-overland 2021: Military weapons 2024",
		"route/colchane-pisiga 2019-12: Smuggled migrants 2023-09",
		"route/gibraltar-strait 2014: Smuggled migrants 2018",
		"route/gulf-of-aden 2009: Missile parts 2013",
		"route/tramadol-nigeria-libya 2013: Smuggled migrants 2020",
		"route/west-africa-cocaine 2006: Firearms and ammunition 2007, Smuggled migrants 2007",
	}
	if got := diversified(t, a); !slices.Equal(got, want) {
		t.Errorf("diversified:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, route := range a.list(t, "routes", "nodes") {
		for _, goods := range []string{"drugs", "others"} {
			edges := route.list(t, goods, "edges")
			if len(edges) == 0 {
				t.Errorf("%s carries no %s", route.at(t, "id"), goods)
			}
			for _, edge := range edges {
				for _, claim := range edge.list(t, "claims") {
					if claim.at(t, "source", "publisher").String() == "null" {
						t.Errorf("%s: a claim that nobody makes", route.at(t, "id"))
					}
				}
			}
		}
	}
	// The briefing's own claim, all of one date.
	var others []string
	for _, edge := range a.list(t, "routes", "nodes", "route/class-drug-trafficking-routes", "others", "edges") {
		others = append(others, edge.at(t, "node", "name").String())
	}
	const named = "Arms trafficking, Human trafficking, Intellectual property (infringing goods), Stolen goods, Stolen vehicles"
	if got := strings.Join(others, ", "); got != named {
		t.Errorf("the briefing names %s, want %s", got, named)
	}
}

func TestHandoverParticipants(t *testing.T) {
	a := answer(t, "05")
	if got := a.ids(t, "handover", "nodes"); len(got) != 1 {
		t.Fatalf("hand-overs %q", got)
	}
	var got []string
	for _, edge := range a.list(t, "handover", "nodes", "event/handover-myanmar-china-2023-11", "participants", "edges") {
		for _, claim := range edge.list(t, "claims") {
			got = append(got, fmt.Sprintf("%s %s", edge.at(t, "node", "id"), claim.at(t, "role")))
		}
	}
	slices.Sort(got)
	want := []string{"group/class-sea-scam-syndicates suspects", "organization/cn-authorities received", "organization/mm-authorities handed_over"}
	if !slices.Equal(got, want) {
		t.Errorf("took part: %q, want %q", got, want)
	}
}

func TestVictimsByRole(t *testing.T) {
	a := answer(t, "06")
	for role, want := range map[string]string{
		"intoHubs": "12", "defraudedFromHubs": "1",
		"allCoercedWorkers": "7", "allTraffickedPersons": "13", "allSmuggledMigrants": "6", "allFraudTargets": "2",
	} {
		if got := a.at(t, role, "totalCount").String(); got != want {
			t.Errorf("%s: %s, want %s", role, got, want)
		}
	}
}

// Every denial of the example that contradicts an assertion is listed, with both.
func TestDisputedClaims(t *testing.T) {
	a := answer(t, "07")
	for list, want := range map[string]string{"estimates": "29", "claims": "7"} {
		total, listed := a.at(t, list, "totalCount").String(), fmt.Sprint(len(a.list(t, list, "nodes")))
		if total != want || listed != want {
			t.Errorf("%s: %s contradictions of %s, want %s", list, listed, total, want)
		}
	}
	var got []string
	for root, relation := range map[string]string{
		"deniedTrades": "trades", "deniedPresence": "activeIn", "deniedMembership": "subgroupOf", "deniedCargo": "carries",
	} {
		for _, node := range a.list(t, root, "nodes") {
			for _, edge := range node.list(t, relation, "edges") {
				var stances []string
				for _, claim := range edge.list(t, "claims") {
					stances = append(stances, claim.at(t, "stance").String())
				}
				slices.Sort(stances)
				got = append(got, fmt.Sprint(node.at(t, "id"), " ", edge.at(t, "node", "id"), " ", edge.at(t, "disputed"), " ", stances))
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"group/class-organised-crime-groups commodity/human-trafficking true [ASSERTS DENIES]",
		"group/class-sea-scam-syndicates place/kh true [ASSERTS DENIES]",
		"group/hezbollah commodity/captagon true [ASSERTS DENIES]",
		"group/karen-national-army commodity/cyber-scams true [ASSERTS DENIES]",
		"group/karen-national-army commodity/human-trafficking true [ASSERTS DENIES]",
		"group/ming-family group/kokang-four-families true [ASSERTS DENIES]",
		"route/west-africa-cocaine commodity/cocaine true [ASSERTS DENIES]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("denied:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What each lens hides, and that nothing it hides shows elsewhere in its answer.
func TestLenses(t *testing.T) {
	for _, c := range []struct {
		number            string
		routes, handovers []string
		passes            func(claim value) bool
	}{
		{"08a",
			[]string{"route/captagon-overland", "route/class-drug-trafficking-routes", "route/triple-frontier"},
			[]string{"event/handover-myanmar-china-2023-11", "event/handover-myanmar-china-cumulative-2023", "event/handover-puer-2023-10"},
			func(claim value) bool {
				from := claim.at(t, "validFrom").String()
				return from == "null" || from < "2023-07"
			}},
		{"08b",
			[]string{"route/class-drug-trafficking-routes", "route/colchane-pisiga", "route/darien-gap", "route/makran-south-asia",
				"route/triple-frontier"},
			[]string{"event/handover-kokang-leaders", "event/handover-myanmar-china-2023-11", "event/repatriation-myawaddy"},
			func(claim value) bool { return claim.at(t, "source", "reliability").String() <= "B" }},
		{"08c",
			[]string{"route/captagon-overland", "route/class-drug-trafficking-routes", "route/tramadol-nigeria-libya", "route/triple-frontier"},
			[]string{"event/handover-kokang-leaders", "event/handover-myanmar-china-2023-11", "event/repatriation-myawaddy"},
			func(claim value) bool { return claim.at(t, "recordedAt").String() <= "2024-03-26" }},
	} {
		a := answer(t, c.number)
		for list, want := range map[string][]string{"routes": c.routes, "handovers": c.handovers} {
			hidden := slices.DeleteFunc(a.ids(t, list+"WithoutLens", "nodes"), func(id string) bool {
				return slices.Contains(a.ids(t, list, "nodes"), id)
			})
			if !slices.Equal(hidden, want) {
				t.Errorf("%s: %s hidden: %q, want %q", c.number, list, hidden, want)
			}
		}
		for _, route := range a.list(t, "routes", "nodes") {
			for _, goods := range []string{"drugs", "others"} {
				for _, edge := range route.list(t, goods, "edges") {
					for _, claim := range edge.list(t, "claims") {
						if !c.passes(claim) {
							t.Errorf("%s: %s shows %s", c.number, route.at(t, "id"), claim)
						}
					}
				}
			}
		}
	}
	// The lens does not only drop routes: what remains of one can begin elsewhere.
	balkan := []string{"routes", "nodes", "route/balkan-route", "drugs", "edges"}
	for number, want := range map[string]string{"03": "1970", "08a": "1970", "08b": "2019", "08c": "2022-10"} {
		if got := answer(t, number).list(t, balkan...)[0].at(t, "firstSeen").String(); got != want {
			t.Errorf("%s: first drugs on the Balkan route %s, want %s", number, got, want)
		}
	}
}

func TestLegsOfAGroup(t *testing.T) {
	const bulletin = "GI-TOC Risk Bulletin 12 (copy at ns55dnred.fr)"
	a := answer(t, "09")
	var got []string
	for _, edge := range a.list(t, "group", "operates", "edges") {
		route := edge.at(t, "node")
		got = append(got, route.at(t, "id").String())
		for i, leg := range route.list(t, "legs", "nodes") {
			if order := leg.at(t, "order").String(); order != fmt.Sprint(i+1) {
				t.Errorf("%s: leg %s in place %d", route.at(t, "id"), order, i+1)
			}
			for _, end := range []string{"from", "to"} {
				if leg.at(t, end, "latitude").String() == "null" || leg.at(t, end, "longitude").String() == "null" {
					t.Errorf("%s, leg %d: %s has no coordinates", route.at(t, "id"), i+1, end)
				}
			}
			line := fmt.Sprint(leg.at(t, "from", "name"), " - ", leg.at(t, "to", "name"), " ", leg.at(t, "mode"))
			for _, cargo := range leg.list(t, "carries", "edges") {
				line += fmt.Sprint(", ", cargo.at(t, "node", "name"))
				for _, claim := range cargo.list(t, "claims") {
					line += fmt.Sprint(" by ", claim.at(t, "source", "publisher"))
				}
			}
			got = append(got, line)
		}
	}
	want := []string{
		"route/makran-south-asia",
		"Chabahar - Sri Lanka SEA", "Pakistan - India SEA", "Chabahar - Kochi SEA", "Karachi - Sri Lanka SEA",
		"route/southern-route",
		"Afghanistan - Pakistan ROAD", "Afghanistan - Iran ROAD", "Pakistan - Pemba SEA", "Iran - Pemba SEA",
		"Mozambique - Komatipoort ROAD, Heroin by " + bulletin + ", Methamphetamine by " + bulletin,
		"Pakistan - Sri Lanka SEA, Heroin by " + bulletin + ", Methamphetamine by " + bulletin,
		"Sri Lanka - Penang (George Town) SEA", "Penang (George Town) - Australia SEA",
	}
	if !slices.Equal(got, want) {
		t.Errorf("legs:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNeighbourhoodCountsAddUp(t *testing.T) {
	a := answer(t, "10")
	for _, reach := range []string{"near", "around"} {
		sum := 0
		for _, kind := range a.list(t, reach, "kinds") {
			n, err := kind.at(t, "count").json.(json.Number).Int64()
			if err != nil {
				t.Fatal(err)
			}
			sum += int(n)
		}
		if got := a.at(t, reach, "totalCount").String(); got != fmt.Sprint(sum) {
			t.Errorf("%s: %d over all kinds, %s in total", reach, sum, got)
		}
	}
}
