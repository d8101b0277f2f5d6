package data_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	crimegraph "github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/data"
	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

func load(t *testing.T, into *loadertest.Memory, model *ontology.Model) loader.Report {
	t.Helper()
	report, err := loader.Load(context.Background(), model, into, loader.Dataset{Name: "example", Files: data.Example()}, loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Rejects {
		t.Error(r)
	}
	return report
}

func model(t *testing.T) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The counts are those of the collection that the example was made from (2,221 rows in twelve tables beside the chain of
// sources), and what was added: one source, two organizations, three claims.
const counts = `ACTIVE_IN 72
ALLIED_WITH 10
ALONG 69
Asset 0
CARRIES 178
CONTROLS 10
Commodity 81
Contradiction 41
Estimate 188
Event 106
Group 83
INVOLVED 132
LAUNDERS_FOR 4
LEADS 6
Leg 225
OCCURRED_AT 97
OPERATES 32
Organization 2
PARTICIPATED_IN 53
Person 6
Place 266
RIVAL_OF 4
Route 55
SPLINTERED_FROM 4
SUBGROUP_OF 8
SUCCESSOR_OF 3
SUPPLIES 7
Source 289
TRADES 168
VictimGroup 28
claims 857
nodes 1370`

func TestExampleLoadsWhole(t *testing.T) {
	m := model(t)
	s := loadertest.New(m)
	report := load(t, s, m)
	if report.Rejected != 0 || report.Accepted != report.Rows || report.Rows != 1370+857 {
		t.Errorf("%d rows, %d accepted, %d rejected", report.Rows, report.Accepted, report.Rejected)
	}
	if want := (store.Changes{Added: 1370 + 857}); report.Changes != want {
		t.Errorf("changes %+v, want %+v: rows must not coincide", report.Changes, want)
	}
	got := map[string]int{"Asset": 0, "nodes": len(s.Nodes), "claims": len(s.Claims)}
	for _, n := range s.Nodes {
		got[n.Kind.Name]++
	}
	for _, c := range s.Claims {
		got[c.Relation.Name]++
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(got)) {
		lines = append(lines, fmt.Sprint(name, " ", got[name]))
	}
	if text := strings.Join(lines, "\n"); text != counts {
		t.Errorf("counts:\n%s\nwant:\n%s", text, counts)
	}
}

func TestExampleLoadedTwiceChangesNothing(t *testing.T) {
	m := model(t)
	s := loadertest.New(m)
	first := load(t, s, m)
	second := load(t, s, m)
	if want := (store.Changes{Unchanged: first.Changes.Added}); second.Changes != want {
		t.Errorf("second load: %+v, want %+v", second.Changes, want)
	}
}

// What the questions of the briefing rest on.
func TestExampleHoldsTheBriefing(t *testing.T) {
	m := model(t)
	s := loadertest.New(m)
	load(t, s, m)
	text := func(id, property string) string {
		n, ok := s.Nodes[id]
		if !ok {
			t.Fatalf("%s is missing", id)
		}
		p := n.Kind.Property(property)
		v := n.Values[p.Position]
		if k, ok := v.(int64); ok {
			return strings.Trim(string(p.Append(nil, k)), `"`)
		}
		return fmt.Sprint(v)
	}
	for _, c := range []struct{ id, property, want string }{
		{"source/interpol-briefing-2024", "chain", "[Jürgen Stock (speaker; Secretary General, briefing in Singapore) INTERPOL (organisation; Employer of the speaker) " +
			"Reuters (newswire; English wire report) Reuters (French edition) (newswire; French version of the wire) gettotext.com (republisher; English re-translation retrieved)]"},
		{"source/interpol-briefing-2024", "recordedAt", "2024-03-27"},
		{"estimate/briefing-one-group-50bn", "modality", "CAN"},
		{"estimate/briefing-one-group-50bn", "reliability", "D"},
		{"estimate/briefing-drug-share-income", "low", "40"},
		{"victim-group/briefing-cambodia-hubs", "low", "100000"},
		{"victim-group/briefing-cambodia-hubs", "high", "<nil>"},
		{"victim-group/briefing-cambodia-hubs", "attributedTo", "United Nations"},
		{"victim-group/cjng-timeshare", "meansOfControl", "[impersonation by call centres advance fees]"},
		{"victim-group/cjng-timeshare", "validTo", "2023"},
		{"event/handover-myanmar-china-2023-11", "quantityText", "thousands"},
		{"event/handover-myanmar-china-2023-11", "validFrom", "2023-11"},
		{"event/handover-myanmar-china-2023-11", "validTo", "2023-11"},
		{"commodity/cyber-scams", "market", "SCAM_HUBS"},
		{"commodity/forced-scam-labour", "market", "HUMAN_TRAFFICKING"},
		{"commodity/antiquities", "hsCodes", "[9705 9706]"},
		{"place/kh", "precision", "AREA"},
		{"place/kh", "recordedAt", "1900"},
		{"place/region-asia", "precision", "<nil>"},
		{"group/class-organised-crime-groups", "recordedAt", "2009-03-22"},
		{"contradiction/adriatic-start", "relation", "CARRIES"},
	} {
		if got := text(c.id, c.property); got != c.want {
			t.Errorf("%s.%s is %q, want %q", c.id, c.property, got, c.want)
		}
	}
	role := m.Claim.Property("role").Position
	var took []string
	denials := 0
	for _, c := range s.Claims {
		if c.To == "event/handover-myanmar-china-2023-11" {
			took = append(took, fmt.Sprint(c.From, " ", c.Values[role]))
		}
		if p := m.Claim.Property("stance"); p.Enum.Value(c.Values[p.Position].(int64)) == "DENIES" {
			denials++
		}
	}
	slices.Sort(took)
	if got, want := strings.Join(took, ", "), "group/class-sea-scam-syndicates suspects, organization/cn-authorities received, organization/mm-authorities handed_over"; got != want {
		t.Errorf("took part: %s, want %s", got, want)
	}
	if denials != 8 {
		t.Errorf("%d denials, want 8", denials)
	}
}

// Nobody who looks at what was known on a day sees a claim without its ends.
func TestExampleEndsAreKnownWithTheirClaims(t *testing.T) {
	m := model(t)
	s := loadertest.New(m)
	load(t, s, m)
	for _, c := range s.Claims {
		known := c.Values[m.Claim.Property("recordedAt").Position].(int64)
		for _, end := range []string{c.From, c.To} {
			n := s.Nodes[end]
			if n.Kind.Statement {
				continue
			}
			if since := loadertest.Value(n, "recordedAt").(int64); ontology.KeyDay(since) > ontology.KeyDay(known) {
				t.Errorf("%s is known later than a claim of %s about it", end, c.Values[m.Claim.Property("source").Position])
			}
		}
	}
}
