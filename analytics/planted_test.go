package analytics_test

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// told is a store of what a test puts in, in the order of the contract. SQLite takes too long under the race detector for so many.
type told struct{ store.Batch }

func (told) Revision(context.Context) (int64, error) { return 1, nil }

func (b told) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	slices.SortFunc(b.Nodes, func(a, b store.Node) int { return strings.Compare(a.ID(), b.ID()) })
	slices.SortFunc(b.Claims, func(a, b store.Claim) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), strings.Compare(a.ID(), b.ID()))
	})
	return func(yield func(store.Record, error) bool) {
		for i := range b.Nodes {
			if !yield(store.Record{Node: &b.Nodes[i]}, nil) {
				return
			}
		}
		for i := range b.Claims {
			if !yield(store.Record{Claim: &b.Claims[i]}, nil) {
				return
			}
		}
	}
}

// planted is a network whose truth is known, with a part of the evidence, and no worse credibility than asked; 0 for any.
func planted(t *testing.T, routes int, evidence float64, credibility int64) (*synthetic.Planted, *network.Network) {
	t.Helper()
	model, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	truth := synthetic.Plant(model, routes, 1)
	batch := truth.Batch(evidence)
	at := model.Claim.Property("credibility").Position
	batch.Claims = slices.DeleteFunc(batch.Claims, func(c store.Claim) bool { return credibility > 0 && c.Values[at].(int64) > credibility })
	n, err := network.Read(t.Context(), model, told{batch}, plan.Lens{}, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return truth, n
}

// TestPlantedReuseIsFound: of the routes that opened for drugs and turned to something else, how many are found, and how many of those found
// really did, as evidence thins; with what is marked as doubtful, some of which is wrong, and without.
func TestPlantedReuseIsFound(t *testing.T) {
	for _, evidence := range []struct {
		share             float64
		credible          int64
		recall, precision float64
	}{{1, 3, 0.95, 0.95}, {0.5, 3, 0.7, 0.9}, {0.2, 3, 0.35, 0.8}, {1, 0, 0.95, 0.93}, {0.5, 0, 0.7, 0.85}, {0.2, 0, 0.35, 0.8}} {
		truth, n := planted(t, 1000, evidence.share, evidence.credible)
		h, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitRoute, Sets: []network.CommoditySet{
			{Name: analytics.ReuseFrom, Argument: "from", Of: synthetic.Drugs()}, {Name: analytics.ReuseTo, Argument: "to", Of: synthetic.Others()},
		}})
		if err != nil {
			t.Fatal(err)
		}
		really := map[string]bool{}
		for _, d := range truth.Diversifications() {
			really[d.Route] = true
		}
		answer := analytics.Find(t.Context(), h, analytics.ReuseQuestion{Null: analytics.ShuffleTimes, Shuffles: 200, Seed: 1})
		hits := 0
		for _, u := range answer.Units {
			if really[u.Unit.ID] {
				hits++
			}
		}
		recall, precision := float64(hits)/float64(len(really)), float64(hits)/float64(len(answer.Units))
		t.Logf("%3.0f %% of the evidence, credibility %d: %d planted, %d found, recall %.3f, precision %.3f; against chance %+v", 100*evidence.share, evidence.credible, len(really), len(answer.Units), recall, precision, *answer.Chance.Ratio)
		if recall < evidence.recall || precision < evidence.precision {
			t.Errorf("%3.0f %% of the evidence: recall %.3f, precision %.3f", 100*evidence.share, recall, precision)
		}
	}
}

// TestPlantedDiversityIsHeld: the intervals of the entropy of routes hold what is planted, as evidence thins.
func TestPlantedDiversityIsHeld(t *testing.T) {
	for _, evidence := range []float64{1, 0.5, 0.2} {
		truth, n := planted(t, 1000, evidence, 0)
		h, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitRoute, Level: "MARKET"})
		if err != nil {
			t.Fatal(err)
		}
		entropies := map[string]float64{}
		for i := range 1000 {
			for _, a := range truth.Activities(i) {
				entropies[truth.RouteID(i)] -= a.Share * math.Log(a.Share)
			}
		}
		answer := analytics.Diversify(t.Context(), h, analytics.DiversificationQuestion{Seed: 1})
		held, told := 0, 0
		for _, u := range answer.Units {
			if u.TooFew == "" {
				told++
				x := entropies[u.Unit.ID]
				if u.Entropy.Low <= x+1e-12 && x <= u.Entropy.High {
					held++
				}
			}
		}
		share := float64(held) / float64(told)
		t.Logf("%3.0f %% of the evidence: %d of %d routes have figures; %.1f %% of the intervals hold the truth", 100*evidence, told, answer.TotalCount, 100*share)
		if share < 0.90 || share > 0.99 {
			t.Errorf("%3.0f %% of the evidence: %.3f of %d intervals hold the truth", 100*evidence, share, told)
		}
	}
}

// TestForecastsOfPlantedRoutes: probabilities are about what comes, and the model beats the baselines where there is something to learn; where it
// does not, the backtest says so as well.
func TestForecastsOfPlantedRoutes(t *testing.T) {
	_, n := planted(t, 2000, 1, 0)
	h, err := n.Histories(network.HistoriesQuestion{Unit: network.UnitRoute, Level: "MARKET"})
	if err != nil {
		t.Fatal(err)
	}
	at, err := ontology.ParseDate("2010")
	if err != nil {
		t.Fatal(err)
	}
	answer := analytics.Backtest(t.Context(), h, at.Last, 2*365, 100)
	for _, task := range answer.Tasks {
		if task.TooFew != "" || len(task.Scores) != 3 {
			t.Fatalf("%+v", task)
		}
		areas := map[string]float64{}
		for _, s := range task.Scores {
			off, pairs := 0.0, 0
			for _, b := range s.Calibration {
				off += float64(b.Pairs) * math.Abs(b.Predicted-b.Happened)
				pairs += b.Pairs
			}
			off /= float64(pairs)
			areas[s.Model] = s.Auc.Value
			t.Logf("%s, %d of %d came: %-11s area %.3f [%.3f, %.3f], Brier %.4f, precision at 100 %.2f, off by %.4f", task.Task, task.Positives, task.Pairs, s.Model, s.Auc.Value, s.Auc.Low, s.Auc.High, s.Brier, s.PrecisionAt, off)
			if s.Model == "RELATEDNESS" && off > 0.03 {
				t.Errorf("%s: probabilities are off by %.4f", task.Task, off)
			}
		}
		if areas["RELATEDNESS"] <= areas["POPULARITY"] || areas["RELATEDNESS"] <= areas["PERSISTENCE"] {
			t.Errorf("%s: %v", task.Task, areas)
		}
	}
}
