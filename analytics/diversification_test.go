package analytics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// markets is how many commodities the tests of intervals have, as many as the ontology has markets.
const markets = 18

// compositions are ways in which a unit may share out what it carries among k commodities.
var compositions = map[string]func(r *rand.Rand, k int) []float64{
	"equal": func(_ *rand.Rand, k int) []float64 { return weighted(k, func(int) float64 { return 1 }) },
	"any":   func(r *rand.Rand, k int) []float64 { return weighted(k, func(int) float64 { return r.ExpFloat64() }) },
	"zipf": func(_ *rand.Rand, k int) []float64 {
		return weighted(k, func(i int) float64 { return 1 / float64(i+1) })
	},
}

func weighted(k int, weight func(i int) float64) []float64 {
	shares, all := make([]float64, k), 0.0
	for i := range shares {
		shares[i] = weight(i)
		all += shares[i]
	}
	for i := range shares {
		shares[i] /= all
	}
	return shares
}

func drawn(r *rand.Rand, shares []float64) int {
	u := r.Float64()
	for i, p := range shares {
		if u -= p; u < 0 {
			return i
		}
	}
	return len(shares) - 1
}

func entropyOf(shares []float64) float64 {
	h := 0.0
	for _, p := range shares {
		if p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h
}

// TestIntervalsHoldTheTruth: of units whose true shares are known and of which only some statements are at hand, the interval that is said to
// hold the true entropy with 95 % does so in 90 to 99 %, with much and with little evidence. Exactly equal shares are the
// extreme of all; there it is wider than need be.
func TestIntervalsHoldTheTruth(t *testing.T) {
	const units = 300
	for name, composition := range compositions {
		for _, evidence := range []struct {
			name      string
			low, high int
		}{{"ample", 20, 60}, {"some", 8, 20}, {"little", 3, 8}} {
			r := rand.New(rand.NewPCG(7, uint64(evidence.low)))
			h := analytics.Histories{Commodities: markets}
			truth := map[string]float64{}
			for u := range units {
				shares := composition(r, 1+r.IntN(6))
				unit := fmt.Sprintf("route/%04d", u)
				truth[unit] = entropyOf(shares)
				for range evidence.low + r.IntN(evidence.high-evidence.low) {
					h.Observations = append(h.Observations, seenOnce(unit, drawn(r, shares), len(h.Observations)))
				}
			}
			h.Sort()
			answer := analytics.Diversify(t.Context(), h, analytics.DiversificationQuestion{Seed: 1})
			held, told := 0, 0
			for _, u := range answer.Units {
				if u.TooFew != "" {
					continue
				}
				told++
				if x := truth[u.Unit.ID]; u.Entropy.Low <= x+1e-12 && x <= u.Entropy.High+1e-12 {
					held++
				}
			}
			share := float64(held) / float64(told)
			t.Logf("%s shares, %s evidence: %.1f %% of %d intervals hold the truth", name, evidence.name, 100*share, told)
			if told < units*9/10 || share < 0.90 || share > 0.99 && name != "equal" {
				t.Errorf("%s shares, %s evidence: %d of %d intervals hold the truth", name, evidence.name, held, told)
			}
		}
	}
}

// seenOnce is a statement of a source of its own, without a date.
func seenOnce(unit string, commodity, number int) analytics.Observation {
	return analytics.Observation{
		Unit: unit, Commodity: fmt.Sprintf("commodity/%02d", commodity), Start: analytics.Undated, Stop: analytics.Undated,
		Source: fmt.Sprintf("source/%06d", number), Claim: analytics.Claim{ID: fmt.Sprintf("%032x", number), Relation: "CARRIES", From: unit, To: "c"},
	}
}

// TestQuantitiesAreSharedOut: by typical values, with intervals that reach from one extreme of the bounds to the other, and no further.
func TestQuantitiesAreSharedOut(t *testing.T) {
	amount := func(number int, commodity int, low, high float64, unit string, known bool) analytics.Observation {
		o := seenOnce("group/a", commodity, number)
		o.Amount = analytics.Amount{Known: known, Unit: unit, Low: low, High: high}
		return o
	}
	h := analytics.Histories{Commodities: markets, Observations: []analytics.Observation{
		amount(1, 1, 100, 100, "kg", true), amount(2, 2, 50, 150, "KG ", true), amount(3, 2, 90, 110, "kg", true), amount(4, 2, 1, 2, "tonnes", true),
		amount(5, 3, 0, 0, "kg", true), amount(6, 4, -5, 5, "kg", true), amount(7, 5, 0, 0, "", false),
	}}
	h.Sort()
	answer := analytics.Diversify(t.Context(), h, analytics.DiversificationQuestion{Seed: 1, Quantity: "kg"})
	if answer.Unmeasured != 3 || len(answer.Units) != 1 {
		t.Fatalf("%+v", answer)
	}
	u := answer.Units[0]
	lowest := entropyOf([]float64{100.0 / 250, 150.0 / 250})
	if u.Statements != 4 || u.Richness != 3 || math.Abs(u.Entropy.Observed-math.Ln2) > 1e-12 || u.Entropy.Low < lowest-0.05 || u.Entropy.Low > math.Ln2-1e-3 ||
		math.Abs(u.Entropy.High-math.Ln2) > 1e-3 || u.Hhi.Low < 0.5 || u.Rarefied != nil {
		t.Errorf("%+v %+v %+v, lowest %v", u.Diversity, u.Entropy, u.Hhi, lowest)
	}
}

// TestTurnoverOfFew: of two windows of which one has too few statements nothing is said; otherwise it is the share that is in one alone.
func TestTurnoverOfFew(t *testing.T) {
	h := analytics.Histories{Commodities: markets}
	for i, said := range []struct {
		commodity string
		day       int64
	}{{"a", 0}, {"b", 0}, {"c", 0}, {"a", 4000}, {"b", 4000}, {"d", 4000}, {"a", 8000}, {"b", 8000}} { // 1970, 1980, 1991
		o := seenOn("route/a", said.commodity, said.day, said.day)
		o.Source, o.Claim.ID = fmt.Sprint("source/", i), fmt.Sprint(i)
		h.Observations = append(h.Observations, o)
	}
	h.Sort()
	w := analytics.Diversify(t.Context(), h, analytics.DiversificationQuestion{Window: 10, Seed: 1}).Units[0].Windows
	if len(w) != 3 || w[0].Turnover != nil || w[1].Turnover == nil || *w[1].Turnover != 0.5 || w[2].Turnover != nil {
		t.Errorf("%+v", w)
	}
}

// TestWindowsThatAreLeftOut are said to be: of more than are shown the last ones are.
func TestWindowsThatAreLeftOut(t *testing.T) {
	for years, want := range map[int64]analytics.Completeness{150: analytics.Complete, 300: analytics.Truncated} {
		h := analytics.Histories{Commodities: 2, Observations: []analytics.Observation{seenOn("route/a", "a", 0, 0), seenOn("route/a", "b", 365*years, 365*years)}}
		h.Sort()
		a := analytics.Diversify(t.Context(), h, analytics.DiversificationQuestion{Window: 1, Seed: 1})
		if a.Status != want || len(a.Units[0].Windows) > analytics.MaxWindows {
			t.Errorf("%d years: %s, %d windows", years, a.Status, len(a.Units[0].Windows))
		}
	}
}

// TestUnitsThatHangOnASource come before those that merely change much without one.
func TestUnitsThatHangOnASource(t *testing.T) {
	h := analytics.Histories{Commodities: markets}
	say := func(unit, commodity, source string) {
		o := seenOn(unit, commodity, 0, 0)
		o.Source, o.Claim.ID = source, unit+commodity+source
		h.Observations = append(h.Observations, o)
	}
	for _, c := range []string{"a", "b", "c"} {
		say("route/hangs", c, "source/1")
		say("route/changes", c, "source/1")
		for _, s := range []string{"source/2", "source/3", "source/4"} {
			say("route/changes", "d", s)
		}
	}
	h.Sort()
	a := analytics.Sense(t.Context(), h, analytics.DiversificationQuestion{Seed: 1})
	if len(a.Units) != 2 || a.Units[0].Unit.ID != "route/hangs" || a.Units[1].Largest <= a.Units[0].Largest {
		t.Errorf("%+v", a.Units)
	}
}
