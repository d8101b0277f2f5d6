package synthetic

import (
	"fmt"
	"iter"

	"github.com/crimegraph/crimegraph/store"
)

// relation says how many claims of a relation start from a node: mean of them at every size, or fill, its share of the claims
// that fill the network up. Degrees have a heavy tail unless even.
type relation struct {
	name, from, to string
	mean, fill     float64
	even           bool
}

var relations = []relation{
	{name: "OPERATES", from: group, to: route, mean: 4.5},
	{name: "CARRIES", from: route, to: commodity, mean: 5, even: true},
	{name: "ACTIVE_IN", from: group, to: place, fill: 0.25},
	{name: "TRADES", from: group, to: commodity, fill: 0.2},
	{name: "ALLIED_WITH", from: group, to: group, fill: 0.12},
	{name: "RIVAL_OF", from: group, to: group, fill: 0.06},
	{name: "CONTROLS", from: group, to: place, fill: 0.05},
	{name: "SUPPLIES", from: group, to: group, fill: 0.05},
	{name: "LAUNDERS_FOR", from: group, to: group, fill: 0.02},
	{name: "MEMBER_OF", from: person, to: group, fill: 0.04},
	{name: "LEADS", from: person, to: group, fill: 0.02},
	{name: "PARTICIPATED_IN", from: group, to: event, fill: 0.08},
	{name: "OCCURRED_AT", from: event, to: place, fill: 0.05},
	{name: "INVOLVED", from: event, to: commodity, fill: 0.04},
	{name: "ALONG", from: event, to: route, fill: 0.02},
}

// another is the chance that a claim is one more about the pair of the claim before.
const another = 0.4

// claims makes the claims of a relation that start from a node.
func (n *Network) claims(at, i int) iter.Seq[store.Claim] {
	return func(yield func(store.Claim) bool) {
		r := relations[at]
		d := n.dice(r.name, r.from, i)
		mean := r.mean + n.filling[r.name+r.from]
		weight := d.heavy()
		if r.even {
			weight = 0.4 + float64(1.2*d.unit())
		}
		to := -1
		for k := range d.rounded(mean * weight) {
			if to < 0 || !d.chance(another) {
				to = d.skewed(n.counts[r.to])
				if r.from == r.to && to == i {
					to = (to + 1) % n.counts[r.to]
				}
			}
			if !yield(n.claim(r, &d, i, to, k)) {
				return
			}
		}
	}
}

func (n *Network) claim(r relation, d *dice, from, to, k int) store.Claim {
	c := newRecord(n.model.Claim)
	c.state(d, n.mark(d.skewed(n.counts[source])))
	// The place in the source keeps claims apart that say the same.
	c.set("locator", fmt.Sprintf("p. %d, line %d", 1+d.below(300), k+1))
	switch r.name {
	case "CARRIES":
		c.set("role", []string{"start_stated", "first_report", "start_unknown"}[d.below(3)])
	case "TRADES", "INVOLVED":
		if d.chance(0.4) {
			c.quantity(d, "kg")
		}
	}
	claim := store.Claim{Relation: n.model.Relation(r.name), From: n.ID(r.from, from), To: n.ID(r.to, to), Values: c.values}
	if claim.Relation.Symmetric && claim.From > claim.To {
		claim.From, claim.To = claim.To, claim.From
	}
	c.values[0] = store.ClaimID(n.model.Claim, claim.Relation, claim.From, claim.To, c.values)
	return claim
}
