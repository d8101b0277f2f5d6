package analytics

import "math"

// Figure is a number with its uncertainty.
type Figure struct {
	// Observed is the figure of the evidence as it stands.
	Observed float64
	// Estimate is what it is expected to be if the evidence is a sample of what happened. Low and High enclose it with a probability of 95 %.
	Estimate, Low, High float64
}

// Entropy is Shannon's, in nats: -Σ p ln p over the shares of counts. 0 where nothing is counted.
// C. E. Shannon, A Mathematical Theory of Communication, 1948.
func Entropy(counts []int) float64 {
	total := sum(counts)
	h := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(total)
			h -= p * math.Log(p)
		}
	}
	return max(h, 0)
}

// HHI is the Herfindahl-Hirschman index, Σ p²: 1 for one commodity, 1/k for k equal ones. 0 where nothing is counted.
// A. O. Hirschman, The Paternity of an Index, 1964.
func HHI(counts []int) float64 {
	total := sum(counts)
	if total == 0 {
		return 0
	}
	h := 0.0
	for _, n := range counts {
		p := float64(n) / float64(total)
		h += p * p
	}
	return min(h, 1)
}

// Rarefied is how many commodities are expected in a sample of m drawn from the counts without putting back. known is false where there are
// fewer than m. S. H. Hurlbert, The Nonconcept of Species Diversity, 1971.
func Rarefied(counts []int, m int) (expected float64, known bool) {
	total := sum(counts)
	if m < 1 || m > total {
		return 0, false
	}
	for _, n := range counts {
		if n == 0 {
			continue
		}
		missed := 0.0 // the logarithm of C(total-n, m) / C(total, m)
		if total-n >= m {
			missed = logChoose(total-n, m) - logChoose(total, m)
			expected -= math.Exp(missed)
		}
		expected++
	}
	return expected, true
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

func sum(counts []int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
