package analytics_test

import (
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/ontology"
)

// TestSeenOnceItEnds: what has an end alone was first seen then, as far as is known.
func TestSeenOnceItEnds(t *testing.T) {
	date := func(text string) (ontology.Date, analytics.Span) {
		d, err := ontology.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d, analytics.Span{First: d.First, Last: d.Last}
	}
	var h analytics.Histories
	for _, o := range []struct{ from, to string }{{"2005", "2007"}, {"", "2001-03"}} {
		x := analytics.Observation{Unit: "route/a", Commodity: "c", Dated: true, Start: analytics.Undated, Claim: analytics.Claim{ID: o.to}}
		to, end := date(o.to)
		x.Stop, x.Begin, x.End = to.UpperKey(), end, end
		if o.from != "" {
			from, begin := date(o.from)
			x.Start, x.Begin = from.LowerKey(), begin
		}
		h.Observations = append(h.Observations, x)
	}
	h.Sort()
	u := analytics.Tell(h, 10).Units[0]
	if u.FirstSeen != "2001-03" || u.LastSeen != "2007" || u.Commodities[0].FirstSeen != "2001-03" {
		t.Errorf("%+v", u)
	}
}
