package examples_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// number is a figure at a path.
func (v value) number(t *testing.T, path ...string) float64 {
	t.Helper()
	var f float64
	if _, err := fmt.Sscan(v.at(t, path...).String(), &f); err != nil {
		t.Fatalf("%s: %v", strings.Join(path, " > "), err)
	}
	return f
}

func near(got, want float64) bool { return math.Abs(got-want) < 1e-9 }

// Of nine statements two are of heroin and two of arms, the others of one market each: counted in CARRIES.csv by hand.
func TestDiversificationOfTheBalkanRoute(t *testing.T) {
	a := answer(t, "14")
	route := a.list(t, "diversification", "units")[0]
	entropy := -(2*2.0/9*math.Log(2.0/9) + 5*1.0/9*math.Log(1.0/9))
	for path, want := range map[string]float64{
		"statements": 9, "sources": 4, "richness": 7, "entropy observed": entropy, "hhi observed": (2*4 + 5) / 81.0, "effective observed": math.Exp(entropy),
	} {
		if got := route.number(t, strings.Fields(path)...); !near(got, want) {
			t.Errorf("%s is %v, not %v", path, got, want)
		}
	}
	var measured []string
	for _, w := range route.list(t, "windows") {
		if few := w.at(t, "tooFew").json == nil; few != (w.number(t, "statements") >= 3) || few == (w.at(t, "effective").json == nil) {
			t.Errorf("window %s", w)
		} else if few {
			measured = append(measured, fmt.Sprint(w.at(t, "from"), " ", w.at(t, "richness")))
		}
	}
	if want := []string{"2020-01-01 3"}; !slices.Equal(measured, want) {
		t.Errorf("windows with figures %q, want %q", measured, want)
	}
	// The figure hangs most on who told of cocaine and synthetic drugs.
	without := a.list(t, "sensitivity", "units")[0].list(t, "without")
	if got := without[0].at(t, "source", "id").String(); got != "source/esisc-balkan" || len(without) != 4 {
		t.Errorf("the figure hangs most on %s of %d", got, len(without))
	}
	left := -(2*2.0/7*math.Log(2.0/7) + 3*1.0/7*math.Log(1.0/7))
	if got := without[0].number(t, "change"); !near(got, math.Exp(left)-math.Exp(entropy)) {
		t.Errorf("without it %v changes", got)
	}
}

// What is found is what question 3 shows, as far as it is about people.
func TestRoutesUsedAgain(t *testing.T) {
	reuse := answer(t, "15").at(t, "reuse")
	var got []string
	for _, u := range reuse.list(t, "units") {
		var groups []string
		for _, g := range u.list(t, "groups") {
			groups = append(groups, g.at(t, "group", "id").String())
		}
		got = append(got, fmt.Sprint(u.at(t, "unit", "id"), " ", u.at(t, "firstFrom"), " ", u.at(t, "firstTo"), " ", groups))
		for _, side := range []string{"fromEvidence", "toEvidence"} {
			if len(u.list(t, side)) == 0 {
				t.Errorf("%s: no claim behind %s", u.at(t, "unit", "id"), side)
			}
		}
	}
	want := []string{
		"route/west-africa-cocaine 2006 2007 []", "route/balkan-route 1970 2015 []", "route/gibraltar-strait 2014 2018 [group/narcolancha-networks]",
		"route/tramadol-nigeria-libya 2013 2020 []", "route/colchane-pisiga 2019-12 2023-09 [group/tren-de-aragua]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("used again:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The two years lie apart whole: from the last day of 2006 to the first of 2007 it is a day, and from the first to the last two years less one.
	first := reuse.list(t, "units")[0]
	if low, high := first.number(t, "lagLow"), first.number(t, "lagHigh"); low != 1 || high != 729 {
		t.Errorf("the lag is %v to %v", low, high)
	}
	// 5 of 11 is no more than chance.
	chance := reuse.at(t, "chance")
	if reuse.number(t, "withBoth") != 11 || chance.number(t, "observed") != 5 || chance.number(t, "pValue") < 0.05 || chance.number(t, "ratio", "low") > 1 || chance.number(t, "ratio", "high") < 1 {
		t.Errorf("chance %s", chance)
	}
}

func TestWhatFollowsWhat(t *testing.T) {
	a := answer(t, "16").at(t, "transitions")
	most := a.list(t, "matrix")[0]
	if got := fmt.Sprint(most.at(t, "from"), " ", most.at(t, "to"), " ", most.at(t, "count"), " of ", most.at(t, "ofFrom")); got != "COCAINE_TRADE HUMAN_SMUGGLING 3 of 7" {
		t.Error(got)
	}
	var units []string
	for _, u := range most.list(t, "units") {
		units = append(units, u.at(t, "id").String())
	}
	if want := []string{"route/balkan-route", "route/colchane-pisiga", "route/west-africa-cocaine"}; !slices.Equal(units, want) {
		t.Errorf("on %q, want %q", units, want)
	}
	// Every link leads from a node that is there to one at a later step.
	step := map[string]float64{}
	for _, n := range a.list(t, "flow", "nodes") {
		step[n.at(t, "id").String()] = n.number(t, "step")
	}
	for _, l := range a.list(t, "flow", "links") {
		from, to := step[l.at(t, "source").String()], step[l.at(t, "target").String()]
		if from == 0 || to <= from {
			t.Errorf("link %s", l)
		}
	}
}

func TestConflictsOfMembers(t *testing.T) {
	a := answer(t, "17").at(t, "conflicts")
	var got []string
	for _, s := range a.list(t, "conflicts")[0].list(t, "sides") {
		got = append(got, fmt.Sprint(s.at(t, "low"), " ", s.at(t, "reliability"), s.at(t, "credibility")))
	}
	if want := []string{"25000 B 2", "50000 C 4", "250000 C 5"}; !slices.Equal(got, want) || a.number(t, "totalCount") != 1 {
		t.Errorf("sides %q, want %q", got, want)
	}
	if recorded := a.list(t, "conflicts")[0].ids(t, "recorded"); !slices.Contains(recorded, "contradiction/europol-members-50k") {
		t.Errorf("recorded %q", recorded)
	}
}

// Figures of a plain count over CARRIES.csv and Leg.csv.
func TestClosingPlaces(t *testing.T) {
	a := answer(t, "18").at(t, "interdict")
	before := a.number(t, "before")
	for i, want := range []struct {
		closed string
		left   float64
	}{{"place/it", 114 + 2.0/3}, {"place/us", 100.1}} {
		s := a.list(t, "steps")[i]
		if s.at(t, "closed", "id").String() != want.closed || !near(s.number(t, "left"), want.left) || !near(s.number(t, "lost"), before-want.left) {
			t.Errorf("step %d: %s", i+1, s)
		}
		if left := s.number(t, "left"); left >= s.number(t, "random", "low") || len(s.list(t, "evidence"))+len(s.list(t, "records")) == 0 {
			t.Errorf("step %d is no worse than a lot, or rests on nothing: %s", i+1, s)
		}
		before = want.left
	}
	d := a.at(t, "displacement")
	if !near(d.number(t, "broken"), 133-100.1) || !near(d.number(t, "ended")+d.number(t, "displaced")+d.number(t, "stopped"), d.number(t, "broken")) {
		t.Errorf("displacement %s", d)
	}
}
