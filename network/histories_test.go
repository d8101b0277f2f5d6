package network_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

// TestHistoriesAtEveryLevel: a claim counts once, at the level asked, for each unit that it speaks of; what is above the level, denied or without a
// place is counted as left out.
func TestHistoriesAtEveryLevel(t *testing.T) {
	r := newRecords(t)
	r.node("commodity/synthetic", "kind", "MARKET", "market", "SYNTHETIC_DRUGS")
	r.node("commodity/meth", "kind", "ITEM", "market", "SYNTHETIC_DRUGS", "partOf", "commodity/synthetic")
	r.node("commodity/yaba", "kind", "ITEM", "partOf", "commodity/meth")
	r.node("commodity/stolen", "kind", "CLASS", "market", "STOLEN_PROPERTY")
	r.node("commodity/cars", "kind", "CLASS", "market", "STOLEN_VEHICLES", "partOf", "commodity/stolen")
	r.node("commodity/vans", "kind", "ITEM", "partOf", "commodity/cars")
	r.node("commodity/drugs", "kind", "CLASS") // in no market
	r.node("place/x", "kind", "COUNTRY")
	r.node("place/x1", "kind", "PORT", "within", "place/x")
	r.node("place/x2", "kind", "PORT", "within", "place/x")
	r.node("place/y", "kind", "COUNTRY")
	r.node("route/r")
	r.node("route/bare")
	r.node("leg/1", "order", "1", "mode", "SEA", "route", "route/r", "from", "place/x1", "to", "place/y")
	r.node("leg/2", "order", "2", "mode", "SEA", "route", "route/r", "from", "place/x1", "to", "place/x2")
	r.node("leg/lost", "order", "1", "mode", "SEA", "from", "place/y", "to", "place/x1")
	r.node("group/g")
	r.claim("CARRIES", "route/r", "commodity/synthetic", "validFrom", "2010")
	r.claim("CARRIES", "route/r", "commodity/yaba", "validFrom", "2012-03", "validTo", "2013")
	r.claim("CARRIES", "route/r", "commodity/vans", "validFrom", "2015", "validTo", "2014")
	r.claim("CARRIES", "leg/1", "commodity/meth")
	r.claim("CARRIES", "leg/2", "commodity/cars", "stance", "DENIES")
	r.claim("CARRIES", "leg/lost", "commodity/meth", "validTo", "2001")
	r.claim("CARRIES", "route/bare", "commodity/drugs", "validFrom", "2011")
	r.claim("TRADES", "group/g", "commodity/vans", "validFrom", "2011")
	n := r.network()
	for _, c := range []struct {
		q    network.HistoriesQuestion
		want []string
		left analytics.Left
		in   int
	}{
		{network.HistoriesQuestion{Unit: network.UnitRoute, Level: "MARKET"},
			[]string{"route/r STOLEN_VEHICLES false", "route/r SYNTHETIC_DRUGS false", "route/r SYNTHETIC_DRUGS true", "route/r SYNTHETIC_DRUGS true"},
			analytics.Left{AboveLevel: 1, Denied: 1, Unplaced: 1, Reversed: 1, Undated: 1}, 3},
		{network.HistoriesQuestion{Unit: network.UnitRoute, Level: "CLASS"},
			[]string{"route/bare commodity/drugs true", "route/r commodity/meth false", "route/r commodity/meth true", "route/r commodity/stolen false"},
			analytics.Left{AboveLevel: 1, Denied: 1, Unplaced: 1, Reversed: 1, Undated: 1}, 3},
		{network.HistoriesQuestion{Unit: network.UnitRoute, Level: "ITEM", Of: []string{"route/r"}},
			[]string{"route/r commodity/meth false", "route/r commodity/meth true", "route/r commodity/vans false"},
			analytics.Left{AboveLevel: 2, Reversed: 1, Undated: 1}, 2},
		{network.HistoriesQuestion{Unit: network.UnitLeg, Level: "ITEM"},
			[]string{"leg/1 commodity/meth false", "leg/lost commodity/meth true"}, analytics.Left{AboveLevel: 1, Undated: 1}, 2},
		{network.HistoriesQuestion{Unit: network.UnitCorridor, Level: "ITEM", Places: "COUNTRY"},
			[]string{"place/x place/y commodity/meth false", "place/x place/y commodity/meth true", "place/x place/y commodity/vans false", "place/y place/x commodity/meth true"},
			analytics.Left{AboveLevel: 1, Unplaced: 2, Reversed: 1, Undated: 1}, 2},
		{network.HistoriesQuestion{Unit: network.UnitCorridor, Level: "MARKET", Places: "PORT", Of: []string{"place/x2"}},
			[]string{"place/x1 place/x2 STOLEN_VEHICLES false", "place/x1 place/x2 SYNTHETIC_DRUGS true", "place/x1 place/x2 SYNTHETIC_DRUGS true"},
			analytics.Left{Denied: 1, Reversed: 1}, 3},
		{network.HistoriesQuestion{Unit: network.UnitGroup, Level: "MARKET"}, []string{"group/g STOLEN_VEHICLES true"}, analytics.Left{}, 3},
		{network.HistoriesQuestion{Unit: network.UnitGroup, Sets: []network.CommoditySet{{Name: "A", Of: []string{"commodity/stolen"}}}}, []string{"group/g A true"}, analytics.Left{}, 0},
	} {
		h, err := n.Histories(c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range h.Observations {
			got = append(got, fmt.Sprint(o.Unit, " ", o.Commodity, " ", o.Dated))
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) || h.Left != c.left {
			t.Errorf("%+v:\n%q %+v\nwant\n%q %+v", c.q, got, h.Left, c.want, c.left)
		}
		if c.in > 0 && h.Commodities != c.in {
			t.Errorf("%+v: %d commodities at the level, want %d", c.q, h.Commodities, c.in)
		}
	}
}

// TestWhatIsPossible: what a source says can be is in no history and in no conflict with who denies that it is; both count it.
func TestWhatIsPossible(t *testing.T) {
	r := newRecords(t)
	r.node("commodity/c", "kind", "ITEM")
	r.node("commodity/d", "kind", "ITEM")
	r.node("route/r")
	r.claim("CARRIES", "route/r", "commodity/c", "modality", "CAN", "validFrom", "2010")
	r.claim("CARRIES", "route/r", "commodity/c", "stance", "DENIES", "validFrom", "2010")
	r.claim("CARRIES", "route/r", "commodity/d", "modality", "ESTIMATES")
	r.claim("CARRIES", "route/r", "commodity/d", "stance", "DENIES", "modality", "CAN")
	n := r.network()
	h, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitRoute, Level: "ITEM"})
	if err != nil {
		t.Fatal(err)
	}
	if want := (analytics.Left{Denied: 2, Possible: 1, Undated: 1}); len(h.Observations) != 1 || h.Left != want {
		t.Errorf("%+v %+v", h.Observations, h.Left)
	}
	s, err := n.Statements(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := analytics.Contradict(s, 10); len(a.Conflicts) != 0 || a.Possible != 2 {
		t.Errorf("%+v", a)
	}
}

// TestCorridorsOfAnotherLevel: a place at another level than corridors are taken at is refused, since none begins or ends there.
func TestCorridorsOfAnotherLevel(t *testing.T) {
	r := newRecords(t)
	r.node("place/x", "kind", "COUNTRY")
	r.node("place/x1", "kind", "PORT", "within", "place/x")
	n := r.network()
	_, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitCorridor, Level: "ITEM", Places: "COUNTRY", Of: []string{"place/x1"}})
	if want := "place/x1 is a PORT, and no corridor of COUNTRY begins or ends there; ask with that level of places"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
	if _, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitCorridor, Level: "ITEM", Places: "PORT", Of: []string{"place/x1"}}); err != nil {
		t.Error(err)
	}
}
