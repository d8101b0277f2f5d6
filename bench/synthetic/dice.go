package synthetic

import (
	"hash/fnv"
	"io"
	"math"
)

// dice draws numbers that depend on nothing but what it was made for, so that a record is the same at every size of the network and
// can be made again without keeping it.
type dice struct{ state uint64 }

// dice for one purpose and one node, by its place among those of its kind.
func (n *Network) dice(purpose, kind string, i int) dice {
	h := fnv.New64a()
	_, _ = io.WriteString(h, purpose+" "+kind) // a hash takes everything
	d := dice{n.seed ^ h.Sum64()}
	d.state = d.next() + uint64(i)*0xbf58476d1ce4e5b9
	d.next()
	return d
}

// next is splitmix64 (Steele, Lea, Flood 2014).
func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is 0 to 1, 1 excluded.
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// below is 0 to n, n excluded.
func (d *dice) below(n int) int { return int(d.unit() * float64(n)) }

// chance holds with a probability.
func (d *dice) chance(p float64) bool { return d.unit() < p }

// skewed is 0 to n, n excluded, the lower the more likely: the first of n is drawn in about one of the cube root of n cases.
func (d *dice) skewed(n int) int {
	u := d.unit()
	return int(u * u * u * float64(n))
}

// heavy is a weight with mean 1 and a tail that ends nowhere: Pareto with exponent 1.6, so the largest of n grows as n^0.6.
func (d *dice) heavy() float64 {
	const exponent = 1.6
	return (exponent - 1) / exponent * math.Pow(1-d.unit(), -1/exponent)
}

// rounded is a whole number whose mean is x. The conversion keeps compilers from joining a product before it with the sum, which rounds
// differently from machine to machine.
func (d *dice) rounded(x float64) int { return int(float64(x) + d.unit()) }
