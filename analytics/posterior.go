package analytics

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// posterior draws what the diversity behind some counts may be: the counts are a sample, and of what is seldom carried no statement may be at
// hand. Before anything is seen every entropy from 0 to ln(kinds) is about equally likely: I. Nemenman, F. Shafee, W. Bialek, Entropy and
// Inference, Revisited, 2002. A prior that takes every commodity for equally likely would say much diversity wherever little is known.
//
// It keeps what it drew, since few routes differ in their counts; whatever is asked in whatever order, the same counts give the same draws.
type posterior struct {
	kinds int
	seed  uint64
	betas []float64
	drawn map[string]*draws
}

// draws are entropies and indices of the same draw at the same place.
type draws struct{ entropy, hhi []float64 }

// draw is how many draws there are of each; a quantile of 2.5 % then rests on 25.
const draw = 1000

// concentrations is how many strengths of the prior are tried.
const concentrations = 48

func newPosterior(kinds int, seed uint64) *posterior {
	p := &posterior{kinds: max(kinds, 1), seed: seed, drawn: map[string]*draws{}}
	k := float64(max(p.kinds, 2))
	for i := range concentrations {
		wanted := (float64(i) + 0.5) / concentrations * math.Log(k)
		low, high := -30.0, 20.0 // the logarithm of beta
		for range 60 {
			middle := (low + high) / 2
			b := math.Exp(middle)
			if mathext.Digamma(k*b+1)-mathext.Digamma(b+1) < wanted {
				low = middle
			} else {
				high = middle
			}
		}
		p.betas = append(p.betas, math.Exp((low+high)/2))
	}
	return p
}

// of gives the draws for counts.
func (p *posterior) of(counts []int) *draws {
	counts = slices.DeleteFunc(slices.Clone(counts), func(n int) bool { return n == 0 })
	slices.Sort(counts)
	key := make([]byte, 0, 4*len(counts))
	for _, n := range counts {
		key = append(strconv.AppendInt(key, int64(n), 10), ' ')
	}
	d := p.drawn[string(key)]
	if d == nil {
		h := fnv.New64a()
		_, _ = h.Write(key) // a hash takes everything
		d = p.make(counts, rand.NewPCG(p.seed, h.Sum64()))
		p.drawn[string(key)] = d
	}
	return d
}

func (p *posterior) make(counts []int, source rand.Source) *draws {
	d := &draws{make([]float64, draw), make([]float64, draw)}
	kinds := max(p.kinds, len(counts))
	if kinds < 2 {
		for i := range d.hhi {
			d.hhi[i] = float64(min(len(counts), 1))
		}
		return d
	}
	total, k := float64(sum(counts)), float64(kinds)
	weights := make([]float64, len(p.betas))
	largest := math.Inf(-1)
	for i, b := range p.betas {
		w := lgamma(k*b) - lgamma(total+k*b)
		for _, n := range counts {
			w += lgamma(float64(n)+b) - lgamma(b)
		}
		weights[i] = w
		largest = max(largest, w)
	}
	all := 0.0
	for i, w := range weights {
		weights[i] = math.Exp(w - largest)
		all += weights[i]
	}
	// Every strength of the prior has its share of the draws; their order is shuffled, so that draws of two windows do not go together.
	random := rand.New(source)
	order := random.Perm(draw)
	at, until := 0, weights[0]/all
	for i := range draw {
		for at+1 < len(weights) && (float64(i)+0.5)/draw > until {
			at++
			until += weights[at] / all
		}
		d.entropy[order[i]], d.hhi[order[i]] = shares(counts, kinds, p.betas[at], source)
	}
	return d
}

// shares draws from the Dirichlet distribution with parameter count + beta for each commodity, and gives entropy and index of the draw.
func shares(counts []int, kinds int, beta float64, source rand.Source) (entropy, hhi float64) {
	gamma := func(shape float64) float64 {
		if shape <= 0 {
			return 0
		}
		return distuv.Gamma{Alpha: shape, Beta: 1, Src: source}.Rand()
	}
	all, logs, squares := 0.0, 0.0, 0.0
	add := func(g float64) {
		if g > 0 {
			all += g
			logs += g * math.Log(g)
			squares += g * g
		}
	}
	for _, n := range counts {
		add(gamma(float64(n) + beta))
	}
	// What was not seen shares the rest; the large parts come first, so that the many small ones can be left out.
	unseen := kinds - len(counts)
	rest := gamma(float64(unseen) * beta)
	for j := 1; j < unseen && rest > 1e-9*all; j++ {
		a, b := gamma(1+beta), gamma(float64(unseen-j)*beta)
		part := rest
		if a+b > 0 {
			part = rest * a / (a + b)
		}
		add(part)
		rest -= part
	}
	add(max(rest, 0))
	if all == 0 { // of nothing seen, under the strongest of the priors
		return 0, 1
	}
	return max(math.Log(all)-logs/all, 0), min(squares/(all*all), 1)
}

func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

// interval sums draws up. They are sorted by it.
func interval(values []float64) (mean, low, high float64) {
	slices.Sort(values)
	for _, v := range values {
		mean += v
	}
	return mean / float64(len(values)), quantile(values, 0.025), quantile(values, 0.975)
}

// quantile of sorted values, between the two nearest.
func quantile(values []float64, q float64) float64 {
	at := q * float64(len(values)-1)
	i := int(at)
	if i+1 >= len(values) {
		return values[len(values)-1]
	}
	return values[i] + (at-float64(i))*(values[i+1]-values[i])
}
