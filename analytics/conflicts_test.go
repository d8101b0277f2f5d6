package analytics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

func estimateOf(node string, low, high float64, first, last int64) analytics.EstimateStatement {
	e := analytics.EstimateStatement{Node: node, About: "group/a", Metric: "MEMBERS", Unit: "people"}
	e.Reliability, e.Credibility, e.Source = "B", 2, "source/"+node
	if !math.IsInf(low, 0) {
		e.Low = &low
	}
	if !math.IsInf(high, 0) {
		e.High = &high
	}
	e.Dated, e.From, e.To = true, first, last
	return e
}

// TestSidesAreAsFewAsCanBe: figures of one time make as many sides as the largest number of them that are all apart from each other, which is
// counted by trying all sets; what is of one side has a value in common; whatever is in no conflict is contrary to nothing.
func TestSidesAreAsFewAsCanBe(t *testing.T) {
	conflicts := 0
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 4))
		var s analytics.Statements
		type bounds struct{ low, high float64 }
		all := map[string]bounds{}
		for i := range 1 + r.IntN(8) {
			b := bounds{float64(r.IntN(20)), 0}
			b.high = b.low + float64(r.IntN(6))
			switch r.IntN(8) {
			case 0:
				b.low = math.Inf(-1)
			case 1:
				b.high = math.Inf(1)
			}
			id := fmt.Sprint("estimate/", i)
			all[id] = b
			s.Estimates = append(s.Estimates, estimateOf(id, b.low, b.high, 100, 200))
		}
		answer := analytics.Contradict(s, 0)
		told := map[string]bool{}
		for _, c := range answer.Conflicts {
			conflicts++
			if !c.Certain {
				t.Errorf("seed %d: one period, and not certain", seed)
			}
			var members []string
			for _, side := range c.Sides {
				low, high := math.Inf(-1), math.Inf(1)
				for _, id := range side.Estimates {
					low, high = max(low, all[id].low), min(high, all[id].high)
				}
				if low > high {
					t.Errorf("seed %d: %v have nothing in common", seed, side.Estimates)
				}
				members = append(members, side.Estimates...)
			}
			apart := 0
			for set := range 1 << len(members) {
				size, good := 0, true
				for i, a := range members {
					if set>>i&1 == 0 {
						continue
					}
					size++
					for j, b := range members[:i] {
						if set>>j&1 == 1 && all[a].low <= all[b].high && all[b].low <= all[a].high {
							good = false
						}
					}
				}
				if good {
					apart = max(apart, size)
				}
			}
			if len(c.Sides) != apart {
				t.Errorf("seed %d: %d sides, %d figures are all apart", seed, len(c.Sides), apart)
			}
			for _, id := range members {
				told[id] = true
			}
		}
		for a, x := range all {
			for b, y := range all {
				if x.high < y.low && (!told[a] || !told[b]) {
					t.Errorf("seed %d: %s and %s are contrary and in no conflict", seed, a, b)
				}
			}
		}
	}
	if conflicts < 300 {
		t.Errorf("only %d conflicts", conflicts)
	}
}

// TestWhatIsNoContradiction: figures of other times, measures, units, subjects; possibilities; what is only denied.
func TestWhatIsNoContradiction(t *testing.T) {
	base := estimateOf("estimate/a", 10, 20, 100, 200)
	for name, change := range map[string]func(e *analytics.EstimateStatement){
		"another time":    func(e *analytics.EstimateStatement) { e.From, e.To = 201, 300 },
		"another measure": func(e *analytics.EstimateStatement) { e.Metric = "VICTIMS" },
		"another unit":    func(e *analytics.EstimateStatement) { e.Unit = "thousands" },
		"another subject": func(e *analytics.EstimateStatement) { e.About = "group/b" },
		"another context": func(e *analytics.EstimateStatement) { e.Context = "place/x" },
		"a possibility":   func(e *analytics.EstimateStatement) { e.Possible = true },
		"a denial of it":  func(e *analytics.EstimateStatement) { e.Denies = true },
		"a range that reaches it": func(e *analytics.EstimateStatement) {
			low := 20.0
			e.Low = &low
		},
	} {
		other := estimateOf("estimate/b", 30, 40, 150, 250)
		change(&other)
		if answer := analytics.Contradict(analytics.Statements{Estimates: []analytics.EstimateStatement{base, other}}, 0); len(answer.Conflicts) != 0 {
			t.Errorf("%s: %+v", name, answer.Conflicts)
		}
	}
	denied := estimateOf("estimate/b", 5, 40, 150, 250)
	denied.Denies = true
	answer := analytics.Contradict(analytics.Statements{Estimates: []analytics.EstimateStatement{base, denied}}, 0)
	if len(answer.Conflicts) != 1 || answer.Conflicts[0].Certain || !slices.Equal(answer.Conflicts[0].Sides[1].Estimates, []string{"estimate/b"}) {
		t.Errorf("a denial of a wider range: %+v", answer.Conflicts)
	}
	claim := func(id string, denies bool, first, last int64) analytics.ClaimStatement {
		c := analytics.ClaimStatement{Claim: analytics.Claim{ID: id, Relation: "TRADES", From: "group/a", To: "commodity/b"}}
		c.Reliability, c.Credibility, c.Denies, c.Dated, c.From, c.To = "F", 6, denies, true, first, last
		return c
	}
	for _, c := range []struct {
		first, last int64
		conflicts   int
	}{{0, 99, 0}, {0, 100, 1}, {100, 200, 1}} {
		answer := analytics.Contradict(analytics.Statements{Claims: []analytics.ClaimStatement{claim("1", false, 100, 200), claim("2", true, c.first, c.last)}}, 0)
		if len(answer.Conflicts) != c.conflicts {
			t.Errorf("denied for %d to %d: %d conflicts", c.first, c.last, len(answer.Conflicts))
		}
		for _, x := range answer.Conflicts {
			if x.Certain != (c.first == 100) || x.Sides[0].Reliability != "" || x.Sides[0].Sources != 1 || x.Sides[1].Evidence[0].Claims[0] != "2" {
				t.Errorf("%+v", x)
			}
		}
	}
}
