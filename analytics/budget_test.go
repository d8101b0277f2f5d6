package analytics_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
)

// patience is a context that ends once it has been asked a number of times whether it has.
type patience struct {
	context.Context
	looks *int
}

func impatient(t *testing.T, looks int) patience { return patience{t.Context(), &looks} }

func (p patience) Err() error {
	if *p.looks--; *p.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestTimeEndsWithinAUnit: one unit with much evidence does not take more time than there is, however it is measured; what is measured in part is
// not given.
func TestTimeEndsWithinAUnit(t *testing.T) {
	h := analytics.Histories{Commodities: markets}
	for i := range 2000 {
		year := int64(365 * (i % 20))
		o := seenOn("route/a", fmt.Sprintf("c%02d", i%markets), 10_000+year, 10_000+year+700)
		o.Source, o.Claim.ID = fmt.Sprint("source/", i%500), fmt.Sprint(i)
		o.Amount = analytics.Amount{Known: true, Unit: "kg", Low: 1, High: float64(i)}
		h.Observations = append(h.Observations, o)
	}
	h.Sort()
	for name, q := range map[string]analytics.DiversificationQuestion{
		"quantities":            {Quantity: "kg", Seed: 1},
		"quantities in windows": {Quantity: "kg", Window: 1, Seed: 1},
		"windows":               {Window: 1, Seed: 1},
	} {
		if a := analytics.Diversify(impatient(t, 5), h, q); a.Status != analytics.BudgetExhausted || len(a.Units) > 0 {
			t.Errorf("%s: %s with %d units", name, a.Status, len(a.Units))
		}
	}
	if a := analytics.Sense(impatient(t, 5), h, analytics.DiversificationQuestion{Seed: 1}); a.Status != analytics.BudgetExhausted || len(a.Units) > 0 {
		t.Errorf("sensitivity: %s with %d units", a.Status, len(a.Units))
	}
}

// TestForecastsThatAreTooLarge are refused before memory is taken for them, before the day and at it.
func TestForecastsThatAreTooLarge(t *testing.T) {
	wide := analytics.Histories{}
	for i := range 30_000 { // whose space would take 7 GB
		wide.Observations = append(wide.Observations, seenOn(fmt.Sprintf("route/%05d", i%50), fmt.Sprintf("c%05d", i), 10_000, 10_000))
	}
	wide.Sort()
	const says = "30000 commodities are more than 2000; ask at a higher level"
	if a := analytics.Foresee(t.Context(), wide, analytics.ForecastQuestion{At: 15_000, Horizon: 700, Candidates: 3}); a.TooFew != says {
		t.Errorf("%q", a.TooFew)
	}
	// A few units before the day, and far too many on it.
	grown := analytics.Histories{}
	for i := range 2000 {
		grown.Observations = append(grown.Observations, seenOn(fmt.Sprintf("route/%05d", i%40), fmt.Sprintf("c%04d", i%1500), 10_000+int64(i), 10_000+int64(i)))
	}
	for i := range 700 {
		grown.Observations = append(grown.Observations, seenOn(fmt.Sprintf("route/late%d", i), "c0000", 14_900, 14_900))
	}
	grown.Sort()
	for _, task := range analytics.Backtest(t.Context(), grown, 14_999, 2000, 10).Tasks {
		if task.TooFew != "740 units with 1500 commodities are too many pairs; ask at a higher level, or for fewer units" || task.Pairs > 0 {
			t.Errorf("%+v", task)
		}
	}
	// With little time it says so, whatever was learnt by then.
	for _, looks := range []int{1, 30} {
		b := analytics.Backtest(impatient(t, looks), grown, 13_000, 500, 10)
		if b.Status != analytics.BudgetExhausted || b.Tasks[0].TooFew != "the time was not enough" || len(b.Tasks[0].Scores) > 0 {
			t.Errorf("%+v", b)
		}
	}
}

// TestPartsAreNotCounted: what counts over all units gives no cells where it got to some alone.
func TestPartsAreNotCounted(t *testing.T) {
	var h analytics.Histories
	for i := range 40 {
		for c := range int64(2) {
			h.Observations = append(h.Observations, seenOn(fmt.Sprintf("route/%02d", i), fmt.Sprint("c", c), 1000*c, 1000*c))
		}
	}
	h.Sort()
	if a := analytics.Follow(impatient(t, 20), h, 10); a.Status != analytics.BudgetExhausted || a.Units+a.TotalCount+len(a.Matrix)+len(a.Flow.Nodes) > 0 {
		t.Errorf("%+v", a)
	}
	if a := analytics.Relate(impatient(t, 20), h, 10); a.Status != analytics.BudgetExhausted || a.Units+a.TotalCount+len(a.Pairs) > 0 {
		t.Errorf("%+v", a)
	}
}

// TestCutForecasts say that they are cut, but not in place of that the time was not enough.
func TestCutForecasts(t *testing.T) {
	for status, want := range map[analytics.Completeness]analytics.Completeness{analytics.Complete: analytics.Truncated, analytics.BudgetExhausted: analytics.BudgetExhausted} {
		a := analytics.ForecastAnswer{Status: status}
		for i := range 4 {
			id := fmt.Sprint("route/", i)
			a.Units = append(a.Units, analytics.Forecast{Unit: analytics.Unit{ID: id, Node: id}})
		}
		of := a.Of([]string{"route/1", "route/2", "route/3"})
		if got := of.Cut(3); got.Status != status || len(got.Units) != 3 || got.TotalCount != 3 {
			t.Errorf("%+v", got)
		}
		if got := of.Cut(2); got.Status != want || len(got.Units) != 2 || got.Units[0].Unit.ID != "route/1" {
			t.Errorf("%+v", got)
		}
	}
}
