package analytics

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// TestWeightsAreFound: with skewed features, rare events and cases that a feature tells apart, the weights found are those at the top, where
// no slope is left.
func TestWeightsAreFound(t *testing.T) {
	const features = 3
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 31))
		n := 30 + r.IntN(400)
		rows, happened := make([]float64, 0, n*features), make([]bool, n)
		events := 0
		for i := range n {
			a := math.Exp(3 * r.NormFloat64())
			rows = append(rows, a, float64(either(r.Float64() < 0.03)), a*r.NormFloat64())
			happened[i] = r.Float64() < 0.02 || a > 50 && r.Float64() < 0.9
			events += either(happened[i])
		}
		if events == 0 {
			continue
		}
		l, known := fit(t.Context(), features, rows, happened)
		if !known {
			t.Errorf("seed %d: no weights for %d events in %d", seed, events, n)
			continue
		}
		slope := make([]float64, features+1)
		x := make([]float64, features+1)
		for i, is := range happened {
			l.scaled(rows[i*features:(i+1)*features], x)
			for j := range x {
				slope[j] += (float64(either(is)) - l.at(x)) * x[j]
			}
		}
		for j := range slope {
			if j > 0 {
				slope[j] -= ridge * l.weights[j]
			}
			if math.IsNaN(slope[j]) || math.Abs(slope[j]) > 1e-6 {
				t.Errorf("seed %d: slope %d is %v", seed, j, slope[j])
			}
		}
	}
}

// TestNoWeightsWithoutTime: a fit ends with its time.
func TestNoWeightsWithoutTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, known := fit(ctx, 1, []float64{1, 2, 3, 4}, []bool{true, false, true, false}); known {
		t.Error("weights were found")
	}
	if s := newSpace(ctx, 2, [][]int{{0, 1}}); s.carriers[0] != 0 {
		t.Errorf("%+v", s)
	}
}
