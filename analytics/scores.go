package analytics

import (
	"cmp"
	"math"
	"slices"
)

// AUC is the area under the ROC curve: the probability that one that happened has a higher score than one that did not, equal scores
// counting half. known is false where one of the two is missing. J. A. Hanley, B. J. McNeil, The Meaning and Use of the Area, 1982.
func AUC(scores []float64, happened []bool) (area float64, known bool) {
	order := byScore(scores)
	positives, rank := 0, 0.0
	for first := 0; first < len(order); {
		last := first
		ties := 0
		for last < len(order) && scores[order[last]] == scores[order[first]] {
			ties += either(happened[order[last]])
			last++
		}
		// Equal scores share their ranks. order is from the highest score down.
		rank += float64(ties) * (float64(len(order)-last) + float64(last-first+1)/2)
		positives += ties
		first = last
	}
	negatives := len(order) - positives
	if positives == 0 || negatives == 0 {
		return 0, false
	}
	p, n := float64(positives), float64(negatives)
	return (rank - p*(p+1)/2) / (p * n), true
}

// Brier is the mean squared difference between probabilities and what happened; 0 for none. G. W. Brier, 1950.
func Brier(probabilities []float64, happened []bool) float64 {
	total := 0.0
	for i, p := range probabilities {
		d := p - float64(either(happened[i]))
		total += d * d
	}
	return total / float64(max(len(probabilities), 1))
}

// PrecisionAt is which share of the k with the highest scores happened; of those that share the last score, the expected share if they were drawn by
// lot. With fewer than k there are as many as there are; of none it is 0.
func PrecisionAt(scores []float64, happened []bool, k int) float64 {
	order := byScore(scores)
	k = min(k, len(order))
	hits, taken := 0.0, 0
	for first := 0; first < len(order) && taken < k; {
		last, ties := first, 0
		for last < len(order) && scores[order[last]] == scores[order[first]] {
			ties += either(happened[order[last]])
			last++
		}
		wanted := min(last-first, k-taken)
		hits += float64(ties) * float64(wanted) / float64(last-first)
		taken += wanted
		first = last
	}
	return hits / float64(max(k, 1))
}

// Bin compares probabilities of a range with how often it happened.
type Bin struct {
	From, To            float64
	Pairs               int
	Predicted, Happened float64
}

// Calibration compares probabilities with what happened in ten ranges of equal width; empty ones are left out.
func Calibration(probabilities []float64, happened []bool) []Bin {
	const bins = 10
	var all [bins]Bin
	for i, p := range probabilities {
		b := &all[min(int(p*bins), bins-1)]
		b.Pairs++
		b.Predicted += p
		b.Happened += float64(either(happened[i]))
	}
	out := []Bin{}
	for i, b := range all {
		if b.Pairs > 0 {
			b.From, b.To = float64(i)/bins, float64(i+1)/bins
			b.Predicted /= float64(b.Pairs)
			b.Happened /= float64(b.Pairs)
			out = append(out, b)
		}
	}
	return out
}

// areaInterval is AUC with the interval of Hanley and McNeil.
func areaInterval(scores []float64, happened []bool) *Effect {
	a, known := AUC(scores, happened)
	if !known {
		return nil
	}
	p := 0.0
	for _, h := range happened {
		p += float64(either(h))
	}
	n := float64(len(happened)) - p
	q1, q2 := a/(2-a), 2*a*a/(1+a)
	variance := (a*(1-a) + (p-1)*(q1-a*a) + (n-1)*(q2-a*a)) / (p * n)
	half := 1.959963984540054 * math.Sqrt(max(variance, 0))
	return &Effect{a, max(a-half, 0), min(a+half, 1)}
}

// byScore numbers scores from the highest down.
func byScore(scores []float64) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	return order
}
