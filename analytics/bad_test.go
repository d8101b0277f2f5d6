package analytics_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// everyAnalytic over histories, by name.
func everyAnalytic(ctx context.Context, h analytics.Histories) map[string]any {
	return map[string]any{
		"histories":       analytics.Tell(h, 10),
		"diversification": analytics.Diversify(ctx, h, analytics.DiversificationQuestion{Window: 5, Sample: 3, Seed: 1}),
		"quantities":      analytics.Diversify(ctx, h, analytics.DiversificationQuestion{Window: 5, Quantity: "kg", Seed: 1}),
		"sensitivity":     analytics.Sense(ctx, h, analytics.DiversificationQuestion{Seed: 1}),
		"reuse":           analytics.Find(ctx, h, analytics.ReuseQuestion{Null: analytics.ShuffleTimes, Shuffles: 20, Seed: 1}),
		"reuse by degree": analytics.Find(ctx, h, analytics.ReuseQuestion{Null: analytics.ShuffleCommodities, Shuffles: 20, Seed: 1}),
		"transitions":     analytics.Follow(ctx, h, 10),
		"relatedness":     analytics.Relate(ctx, h, 10),
		"forecast":        analytics.Foresee(ctx, h, analytics.ForecastQuestion{At: 15000, Horizon: 730, Candidates: 3}),
		"backtest":        analytics.Backtest(ctx, h, 15000, 730, 10),
	}
}

// TestBadHistoriesHaveAnswers: nothing at all, one statement, nothing dated, one day for all, one commodity for all, extreme dates. No answer holds
// NaN or infinity (JSON knows neither), and where there is too little it says so.
func TestBadHistoriesHaveAnswers(t *testing.T) {
	day := func(unit, commodity string, number int, first, last int64) analytics.Observation {
		o := seenOn(unit, commodity, first, last)
		o.Source, o.Claim.ID = string(rune('a'+number)), string(rune('a'+number))
		return o
	}
	undated := func(o analytics.Observation) analytics.Observation {
		o.Dated, o.Begin, o.End = false, analytics.Span{}, analytics.Span{}
		return o
	}
	same := analytics.Histories{Commodities: 2}
	for i := range 60 {
		unit := "route/" + string(rune('a'+i%20))
		same.Observations = append(same.Observations, day(unit, []string{analytics.ReuseFrom, analytics.ReuseTo}[i/20%2], i, 14000, 14000))
	}
	same.Sort()
	for name, h := range map[string]analytics.Histories{
		"nothing":       {},
		"one statement": {Commodities: 1, Observations: []analytics.Observation{day("route/a", analytics.ReuseFrom, 0, 14000, 14000)}},
		"nothing dated": {Commodities: 2, Observations: []analytics.Observation{
			undated(day("route/a", analytics.ReuseFrom, 0, 0, 0)), undated(day("route/a", analytics.ReuseTo, 1, 0, 0)), undated(day("route/b", analytics.ReuseTo, 2, 0, 0)),
		}},
		"one day for all": same,
		"one commodity": {Commodities: 1, Observations: []analytics.Observation{
			day("route/a", analytics.ReuseFrom, 0, 14000, 14364), day("route/a", analytics.ReuseFrom, 1, 14000, 14000), day("route/a", analytics.ReuseFrom, 2, 14900, 14900),
		}},
		"extreme dates": {Commodities: 3, Observations: []analytics.Observation{
			day("route/a", analytics.ReuseFrom, 0, -719162, -718798), day("route/a", analytics.ReuseTo, 1, 2932896, 2932896), day("route/a", "c", 2, 0, 0),
		}},
		"no commodities at the level": {Commodities: 0, Observations: []analytics.Observation{
			day("route/a", "a", 0, 1, 1), day("route/a", "b", 1, 1, 1), day("route/a", "c", 2, 1, 1),
		}},
	} {
		for analytic, answer := range everyAnalytic(t.Context(), h) {
			text, err := json.Marshal(answer)
			if err != nil {
				t.Errorf("%s of %s: %v", analytic, name, err)
			}
			if (name == "nothing" || name == "one statement") && (analytic == "reuse" || analytic == "forecast" || analytic == "backtest") && !strings.Contains(string(text), `"TooFew":"`) {
				t.Errorf("%s of %s does not say that it is too little: %s", analytic, name, text)
			}
		}
	}
	one := analytics.Diversify(t.Context(), analytics.Histories{Commodities: 1, Observations: []analytics.Observation{day("route/a", "x", 0, 1, 1)}}, analytics.DiversificationQuestion{})
	if u := one.Units[0]; u.Entropy != nil || u.TooFew == "" {
		t.Errorf("one statement has a figure: %+v", u)
	}
}

// TestBadGraphsHaveAnswers: no nodes, no ties, parts that do not hang together, two nodes.
func TestBadGraphsHaveAnswers(t *testing.T) {
	tie := analytics.Tie{A: 0, B: 1, Weight: 1, Layers: 1}
	for name, g := range map[string]analytics.Graph{
		"nothing": {}, "one node": {Nodes: []string{"group/a"}}, "no ties": {Nodes: []string{"group/a", "group/b", "group/c"}},
		"two nodes": analytics.NewGraph([]string{"group/a", "group/b"}, []analytics.Tie{tie, tie, {A: 1, B: 1}}),
		"two parts": analytics.NewGraph([]string{"a", "b", "c", "d"}, []analytics.Tie{tie, {A: 3, B: 2, Weight: 1}}),
	} {
		for _, answer := range []any{
			analytics.Describe(t.Context(), g, analytics.StructureQuestion{Runs: 3, Starts: 1}), analytics.Describe(t.Context(), g, analytics.StructureQuestion{Runs: 1}),
			analytics.Broke(t.Context(), g, nil, 5), analytics.Layered(g, []string{"A", "B"}, []int{0, 1}, nil, 5), analytics.Layered(g, []string{"A"}, nil, nil, 5),
		} {
			if _, err := json.Marshal(answer); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if s := analytics.Describe(t.Context(), analytics.NewGraph([]string{"a", "b", "c", "d"}, []analytics.Tie{tie, {A: 3, B: 2, Weight: 1}}), analytics.StructureQuestion{Runs: 2}); s.Components != 2 || s.Largest != 2 || s.TieCount != 2 {
		t.Errorf("%+v", s)
	}
	for _, q := range []analytics.InterdictQuestion{{Remove: analytics.TargetPlaces, K: 5, Randoms: 3}, {Remove: analytics.TargetGroups, K: 2, Objective: "CONNECTIVITY", Exact: true}, {Remove: analytics.TargetLegs, K: 1}} {
		for _, f := range []analytics.Flows{{}, {Places: []string{"a"}}, {Places: []string{"a", "b"}, Routes: []analytics.FlowRoute{{ID: "r", Value: 1}}}} {
			if _, err := json.Marshal(analytics.Interdict(t.Context(), f, q)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestScoresOfEqualsAreChance: scores that are all the same tell nothing apart.
func TestScoresOfEqualsAreChance(t *testing.T) {
	scores, happened := []float64{0.3, 0.3, 0.3, 0.3}, []bool{true, false, false, false}
	if a, known := analytics.AUC(scores, happened); !known || a != 0.5 {
		t.Errorf("the area is %v", a)
	}
	if p := analytics.PrecisionAt(scores, happened, 2); p != 0.25 {
		t.Errorf("the precision is %v", p)
	}
	if _, known := analytics.AUC(scores, []bool{true, true, true, true}); known {
		t.Error("there is an area where all of it happened")
	}
	if p, b, c := analytics.PrecisionAt(nil, nil, 5), analytics.Brier(nil, nil), analytics.Calibration(nil, nil); p != 0 || b != 0 || len(c) != 0 {
		t.Errorf("%v %v %v of nothing", p, b, c)
	}
	if low, high := analytics.Wilson(0, 0); low != 0 || high != 1 {
		t.Errorf("nothing in nothing is %v to %v", low, high)
	}
	if e, h := analytics.Entropy(nil), analytics.HHI([]int{0, 0}); e != 0 || h != 0 || math.IsNaN(e+h) {
		t.Errorf("%v %v", e, h)
	}
}

// TestTimeThatIsOver ends every analytic at once, with what it has.
func TestTimeThatIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := analytics.Histories{Commodities: 3}
	for i := range 300 {
		h.Observations = append(h.Observations, seenOn("route/"+string(rune('a'+i%26)), []string{analytics.ReuseFrom, analytics.ReuseTo, "c"}[i%3], int64(10000+20*i), int64(10000+20*i)))
	}
	h.Sort()
	for name, answer := range everyAnalytic(ctx, h) {
		text, err := json.Marshal(answer)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if over := strings.Contains(string(text), `"Status":"BUDGET_EXHAUSTED"`); !over && name != "histories" && name != "quantities" {
			t.Errorf("%s does not say that the time was over: %.300s", name, text)
		}
	}
	nodes := make([]string, 100)
	for i := range nodes {
		nodes[i] = string(rune('a' + i))
	}
	if s := analytics.Describe(ctx, analytics.NewGraph(nodes, []analytics.Tie{{A: 0, B: 1, Weight: 1}}), analytics.StructureQuestion{Runs: 100}); s.Status != analytics.BudgetExhausted || s.Exact || s.Runs != 1 {
		t.Errorf("%+v", s)
	}
}
