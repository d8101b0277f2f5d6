package synthetic

import (
	"fmt"
	"testing"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
)

// TestPlantedRoutes: the same seed gives the same, less evidence is a part of more, a store takes all of it, and what is planted is told: the
// earliest credible statement about an activity holds its first day.
func TestPlantedRoutes(t *testing.T) {
	m := model(t)
	p := Plant(m, 60, 3)
	whole, again, half := p.Batch(1), Plant(m, 60, 3).Batch(1), p.Batch(0.5)
	if fmt.Sprintf("%v", claimIDs(whole)) != fmt.Sprintf("%v", claimIDs(again)) {
		t.Error("the same seed gives other statements")
	}
	all := map[string]bool{}
	for _, id := range claimIDs(whole) {
		all[id] = true
	}
	for _, id := range claimIDs(half) {
		if !all[id] {
			t.Errorf("%s is in half of the evidence and not in all of it", id)
		}
	}
	if share := float64(len(half.Claims)) / float64(len(whole.Claims)); share < 0.4 || share > 0.6 {
		t.Errorf("half of the evidence is %.2f of it", share)
	}
	s, err := sqlite.Open(t.Context(), m, sqlite.Memory, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := s.Apply(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	from, credibility := m.Claim.Property("validFrom").Position, m.Claim.Property("credibility").Position
	for i := range 60 {
		for _, a := range p.Activities(i) {
			first := int64(1 << 40)
			for _, c := range whole.Claims {
				if c.From == p.RouteID(i) && c.To == a.Commodity && c.Values[credibility].(int64) == 2 {
					d := ontology.DateOf(c.Values[from].(int64))
					first = min(first, d.First)
					if d.Last < a.Since {
						t.Errorf("%s: %s is told before it began", c.From, c.To)
					}
				}
			}
			if first > a.Since {
				t.Errorf("%s: the beginning of %s is not told", p.RouteID(i), a.Commodity)
			}
		}
	}
	if n := len(p.Diversifications()); n < 12 || n > 36 {
		t.Errorf("%d of 60 routes diversified", n)
	}
}

func claimIDs(b store.Batch) []string {
	var out []string
	for _, c := range b.Claims {
		out = append(out, c.ID())
	}
	return out
}
