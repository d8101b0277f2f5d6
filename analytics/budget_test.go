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
