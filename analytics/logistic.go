package analytics

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// logistic is a logistic regression: the logarithm of the odds is a sum of weighted features. D. R. Cox, 1958.
type logistic struct {
	// mean and deviation of each feature, by which it is scaled.
	mean, deviation []float64
	weights         []float64 // the first is that of a constant
	covariance      mat.Dense
}

// ridge keeps weights finite where a feature tells all cases apart.
const ridge = 1.0

// fit finds the weights under which what happened is most likely, by Newton's method with steps halved. rows holds the features of one case after another.
// known is false where all or none of it happened, or the context ends.
func fit(ctx context.Context, features int, rows []float64, happened []bool) (*logistic, bool) {
	l := &logistic{mean: make([]float64, features), deviation: make([]float64, features), weights: make([]float64, features+1)}
	n := len(happened)
	positives := 0
	for i, h := range happened {
		positives += either(h)
		for j := range features {
			l.mean[j] += rows[i*features+j]
		}
	}
	if positives == 0 || positives == n {
		return nil, false
	}
	for j := range features {
		l.mean[j] /= float64(n)
	}
	for i := range n {
		for j := range features {
			d := rows[i*features+j] - l.mean[j]
			l.deviation[j] += d * d
		}
	}
	for j := range features {
		if l.deviation[j] = math.Sqrt(l.deviation[j] / float64(n)); l.deviation[j] < 1e-12 {
			l.deviation[j] = 1
		}
	}
	size := features + 1
	l.weights[0] = math.Log(float64(positives) / float64(n-positives))
	x := make([]float64, size)
	reached := l.likelihood(rows, happened)
	for range 50 {
		if ctx.Err() != nil {
			break
		}
		gradient := mat.NewVecDense(size, nil)
		hessian := mat.NewSymDense(size, nil)
		for j := 1; j < size; j++ {
			gradient.SetVec(j, -ridge*l.weights[j])
			hessian.SetSym(j, j, ridge)
		}
		g, h := gradient.RawVector().Data, hessian.RawSymmetric().Data
		for i, is := range happened {
			l.scaled(rows[i*features:(i+1)*features], x)
			p := l.at(x)
			residual, weight := float64(either(is))-p, p*(1-p)
			for j, xj := range x {
				g[j] += residual * xj
				for k := j; k < size; k++ {
					h[j*size+k] += weight * xj * x[k]
				}
			}
		}
		h[0] += 1e-9 // where the probabilities are all but 0 and 1
		var cholesky mat.Cholesky
		var step mat.VecDense
		if !cholesky.Factorize(hessian) || cholesky.SolveVecTo(&step, gradient) != nil {
			return nil, false
		}
		largest := mat.Norm(&step, math.Inf(1))
		if largest < 1e-9 {
			var inverse mat.SymDense
			if cholesky.InverseTo(&inverse) != nil {
				return nil, false
			}
			l.covariance.CloneFrom(&inverse)
			return l, true
		}
		// Far from the top Newton may leap over it: the step is halved until it leads up.
		from := slices.Clone(l.weights)
		for share := 1.0; share > 1e-12; share /= 2 {
			for j := range size {
				l.weights[j] = from[j] + share*step.AtVec(j)
			}
			if now := l.likelihood(rows, happened); now >= reached-1e-12*math.Abs(reached) {
				reached = now
				break
			}
		}
	}
	return nil, false
}

// likelihood is the logarithm of that of what happened, less what large weights cost.
func (l *logistic) likelihood(rows []float64, happened []bool) float64 {
	features := len(l.weights) - 1
	x := make([]float64, features+1)
	sum := 0.0
	for _, w := range l.weights[1:] {
		sum -= ridge * w * w / 2
	}
	for i, is := range happened {
		l.scaled(rows[i*features:(i+1)*features], x)
		z := l.score(x)
		if is {
			z = -z
		}
		sum -= max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
	}
	return sum
}

func (l *logistic) scaled(features, into []float64) {
	into[0] = 1
	for j, f := range features {
		into[j+1] = (f - l.mean[j]) / l.deviation[j]
	}
}

func (l *logistic) at(x []float64) float64 { return odds(l.score(x)) }

// score is the logarithm of the odds.
func (l *logistic) score(x []float64) float64 {
	z := 0.0
	for j, w := range l.weights {
		z += w * x[j]
	}
	return z
}

func odds(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// probability of a case, with the interval that the uncertainty of the weights gives it.
func (l *logistic) probability(features []float64) Effect {
	x := make([]float64, len(features)+1)
	l.scaled(features, x)
	z, variance := 0.0, 0.0
	for j := range x {
		z += l.weights[j] * x[j]
		for k := range x {
			variance += x[j] * x[k] * l.covariance.At(j, k)
		}
	}
	half := 1.959963984540054 * math.Sqrt(max(variance, 0))
	return Effect{odds(z), odds(z - half), odds(z + half)}
}
