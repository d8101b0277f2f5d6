package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/crimegraph/crimegraph/analytics"
)

// amount is the quantity that a claim states, by the number of the claim. A missing bound is infinite. Few claims have one.
type amount struct {
	claim, unit uint32
	low, high   float64
}

// measured notes the quantity of the next claim.
func (b *building) measured(values []any) {
	low, lowGiven := floating(values, b.claim.low)
	high, highGiven := floating(values, b.claim.high)
	if !lowGiven && !highGiven {
		return
	}
	if !lowGiven {
		low = math.Inf(-1)
	}
	if !highGiven {
		high = math.Inf(1)
	}
	b.amounts = append(b.amounts, amount{uint32(len(b.claims)), uint32(b.units.number(text(values, b.claim.unit))), low, high})
}

// placed takes over the quantity of a claim that is put in its place in the network.
func (b *building) placed(claim uint32) {
	if i, found := slices.BinarySearchFunc(b.amounts, claim, byClaim); found {
		a := b.amounts[i]
		a.claim = uint32(len(b.n.claims))
		b.n.amounts = append(b.n.amounts, a)
	}
}

// measure puts the units in order.
func (b *building) measure() {
	var place []int
	b.n.units, place = b.units.ordered()
	for i := range b.n.amounts {
		a := &b.n.amounts[i]
		a.unit = uint32(place[a.unit])
	}
	b.n.amounts = slices.Clip(b.n.amounts)
}

func byClaim(a amount, claim uint32) int { return cmp.Compare(a.claim, claim) }

// amountOf is the quantity of a claim; one without both bounds is not known.
func (n *Network) amountOf(claim uint32) analytics.Amount {
	i, found := slices.BinarySearchFunc(n.amounts, claim, byClaim)
	if !found || math.IsInf(n.amounts[i].low, 0) || math.IsInf(n.amounts[i].high, 0) {
		return analytics.Amount{}
	}
	return analytics.Amount{Known: true, Unit: n.units[n.amounts[i].unit], Low: n.amounts[i].low, High: n.amounts[i].high}
}
