package analytics_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// TestReuseIsWhatTheDatesSay: the probability of the order is that of all pairs of days, counted; units with at least one half are listed, others are not;
// lags are as short and as long as some pair of days in that order.
func TestReuseIsWhatTheDatesSay(t *testing.T) {
	listed, close := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 20))
		span := func() (first, last int64) { first = int64(r.IntN(12)); return first, first + int64(r.IntN(8)) }
		a, b := span()
		c, d := span()
		h := analytics.Histories{Observations: []analytics.Observation{seenOn("route/a", analytics.ReuseFrom, a, b), seenOn("route/a", analytics.ReuseTo, c, d)}}
		pairs, inOrder, shortest := 0, 0, int64(math.MaxInt64)
		for x := a; x <= b; x++ {
			for y := c; y <= d; y++ {
				pairs++
				if x < y {
					inOrder++
					shortest = min(shortest, y-x)
				}
			}
		}
		want := float64(inOrder) / float64(pairs)
		answer := analytics.Find(t.Context(), h, analytics.ReuseQuestion{Null: analytics.ShuffleTimes, Shuffles: 10})
		if (len(answer.Units) == 1) != (2*inOrder >= pairs) {
			t.Fatalf("%d–%d, %d–%d: %d of %d pairs of days are in order, %d units are listed", a, b, c, d, inOrder, pairs, len(answer.Units))
		}
		if len(answer.Units) == 0 {
			continue
		}
		listed++
		u := answer.Units[0]
		if want < 1 {
			close++
		}
		if math.Abs(u.Probability-want) > 1e-12 || int64(u.LagLow) != shortest || int64(u.LagHigh) != d-a || answer.Chance.TooFew == "" {
			t.Fatalf("%d–%d, %d–%d: %+v, want probability %v and lags from %d to %d", a, b, c, d, u, want, shortest, d-a)
		}
	}
	if listed < 500 || close < 100 {
		t.Errorf("%d units are listed, %d of them with a doubt", listed, close)
	}
}

// TestChanceKeepsWhatItSays: under TIME as many units have both as before; a clear order against the general one shows, one that goes with it does
// not.
func TestChanceKeepsWhatItSays(t *testing.T) {
	q := analytics.ReuseQuestion{Null: analytics.ShuffleTimes, Shuffles: 300, Seed: 1}
	build := func(from, to func(i int) int64) analytics.Histories {
		var h analytics.Histories
		for i := range 60 {
			unit := fmt.Sprintf("route/%02d", i)
			h.Observations = append(h.Observations, seenOn(unit, analytics.ReuseFrom, from(i), from(i)), seenOn(unit, analytics.ReuseTo, to(i), to(i)))
		}
		h.Sort()
		return h
	}
	general := analytics.Find(t.Context(), build(func(i int) int64 { return int64(i) }, func(i int) int64 { return int64(1000 + i) }), q).Chance
	if general.Observed != 60 || *general.Expected != 60 || general.Ratio.Value != 1 || *general.PValue != 1 {
		t.Errorf("everything came later everywhere: %+v %+v", general, general.Ratio)
	}
	own := analytics.Find(t.Context(), build(func(i int) int64 { return int64(10 * i) }, func(i int) int64 { return int64(10*i + 5) }), q).Chance
	if own.Observed != 60 || own.Ratio.Low < 1.5 || own.Excess.Low < 10 || *own.PValue > 0.01 {
		t.Errorf("it came later on each route alone: %+v %+v", own, own.Ratio)
	}
}

// TestForecastsKnowNothingLater: what comes after the day changes no forecast, and the backtest counts what came, as a plain count does.
func TestForecastsKnowNothingLater(t *testing.T) {
	told := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 21))
		const at, horizon = 6000, 700
		var before, all analytics.Histories
		first := map[string]int64{}
		for u := range 30 {
			unit := fmt.Sprintf("route/%02d", u)
			for range 2 + r.IntN(8) {
				c, day := fmt.Sprint("c", r.IntN(6)), int64(r.IntN(8000))
				o := seenOn(unit, c, day, day+int64(r.IntN(3)))
				all.Observations = append(all.Observations, o)
				middle := o.Begin.First + (o.Begin.Last-o.Begin.First)/2
				if middle <= at {
					before.Observations = append(before.Observations, o)
				}
				if f, known := first[unit]; !known || middle < f {
					first[unit] = middle
				}
			}
			// A commodity that nobody had heard of by then.
			all.Observations = append(all.Observations, seenOn(unit, "late", at+1+int64(r.IntN(horizon)), at+horizon))
			if _, known := first[unit]; !known {
				first[unit] = at + 1
			}
		}
		before.Sort()
		all.Sort()
		q := analytics.ForecastQuestion{At: at, Horizon: horizon, Candidates: 3}
		early, err := json.Marshal(analytics.Foresee(t.Context(), before, q))
		if err != nil {
			t.Fatal(err)
		}
		later := analytics.Foresee(t.Context(), all, q)
		text, err := json.Marshal(later)
		if err != nil {
			t.Fatal(err)
		}
		if string(early) != string(text) {
			t.Fatalf("seed %d: later statements change the forecast", seed)
		}
		if later.TooFew == "" {
			told++
		}
		pairs, fresh, units := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, o := range all.Observations {
			middle := o.Begin.First + (o.Begin.Last-o.Begin.First)/2
			if first[o.Unit] > at {
				continue
			}
			units[o.Unit] = true
			if middle > at && middle <= at+horizon && o.Commodity != "late" {
				key := o.Unit + o.Commodity
				pairs[key] = true
				if !slices.ContainsFunc(before.Observations, func(b analytics.Observation) bool { return b.Unit == o.Unit && b.Commodity == o.Commodity }) {
					fresh[key] = true
				}
			}
		}
		for _, task := range analytics.Backtest(t.Context(), all, at, horizon, 10).Tasks {
			want := map[string]int{"ALL": len(pairs), "NEW": len(fresh)}[task.Task]
			if task.TooFew == "" && (task.Positives != want || task.Task == "ALL" && task.Pairs != 6*len(units)) {
				t.Errorf("seed %d, %s: %d of %d came, a plain count has %d", seed, task.Task, task.Positives, task.Pairs, want)
			}
		}
	}
	if told < 20 {
		t.Errorf("only %d forecasts", told)
	}
}

// TestLagsLieWithinTheirBounds: of dates of which one may be the day of the other the middles may lie closer than any day that leaves the order.
func TestLagsLieWithinTheirBounds(t *testing.T) {
	h := analytics.Histories{}
	for i, days := range [][4]int64{{100, 102, 100, 103}, {0, 364, 0, 366}, {10, 10, 11, 11}} {
		unit := fmt.Sprint("route/", i)
		from, to := seenOn(unit, analytics.ReuseFrom, days[0], days[1]), seenOn(unit, analytics.ReuseTo, days[2], days[3])
		h.Observations = append(h.Observations, from, to)
	}
	h.Sort()
	a := analytics.Find(t.Context(), h, analytics.ReuseQuestion{Null: analytics.ShuffleTimes, Shuffles: 10, Seed: 1})
	if len(a.Units) < 2 {
		t.Fatalf("%+v", a)
	}
	for _, u := range a.Units {
		if u.Lag < u.LagLow || u.Lag > u.LagHigh {
			t.Errorf("%s: %d is not within %d and %d", u.Unit.ID, u.Lag, u.LagLow, u.LagHigh)
		}
	}
}
