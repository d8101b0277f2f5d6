package network

import (
	"slices"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/ontology"
)

// figure is what an estimate says: bounds where given, of what.
type figure struct {
	metric         uint8
	possible       bool // what can be, not what is
	low, high      *float64
	unit, currency string
}

// The parts of the ontology that figures hang on.
const (
	estimate, contradiction   = "Estimate", "Contradiction"
	about, inContext, betwixt = "ABOUT", "IN_CONTEXT_OF", "BETWEEN"
)

// figured notes the figure of an estimate.
func (b *building) figured(self node, kind *ontology.Kind, values []any) {
	if kind.Name != estimate {
		return
	}
	at := b.at[kind.Name]
	modalities := kind.Property("modality").Enum
	f := figure{metric: rank(values, at.metric), possible: modalities.Value(int64(rank(values, at.modality))) == "CAN", unit: text(values, at.unit), currency: text(values, at.currency)}
	for _, bound := range []struct {
		at   int
		into **float64
	}{{at.low, &f.low}, {at.high, &f.high}} {
		if v, given := floating(values, bound.at); given {
			*bound.into = &v
		}
	}
	b.n.figures[self] = f
	b.texts += int64(len(f.unit) + len(f.currency))
}

// Statements are the estimates and the disputed relations of some nodes, or of all where about is nil; metrics keep to some measures, nil means
// all. The error is an *ArgumentError.
func (n *Network) Statements(of, metrics []string) (analytics.Statements, error) {
	s := analytics.Statements{}
	if of != nil && len(of) == 0 {
		return s, refuse("about", "an empty list has no statements; leave it out for all")
	}
	given, err := n.given("about", of)
	if err != nil {
		return s, err
	}
	asked := map[node]bool{}
	for _, at := range given {
		asked[at] = true
	}
	for i := range n.statements {
		at := n.statements[i].node
		f, is := n.figures[at]
		if !is {
			continue
		}
		subject, context := n.along(at, about), n.along(at, inContext)
		metric := n.kind(at).Property("metric").Enum.Value(int64(f.metric))
		if subject == none || of != nil && !asked[subject] || metrics != nil && !slices.Contains(metrics, metric) {
			continue
		}
		x := n.stated(n.statements[i].validFrom, n.statements[i].validTo, n.statements[i].source, n.statements[i].grade)
		s.Estimates = append(s.Estimates, analytics.EstimateStatement{
			Statement: x, Node: n.id(at), About: n.id(subject), Context: n.id(context), Metric: metric, Unit: f.unit, Currency: f.currency,
			Low: f.low, High: f.high, Possible: f.possible,
		})
	}
	for i := range n.edges {
		x := &n.edges[i]
		if x.flags&(edgeAsserted|edgeDenied) != edgeAsserted|edgeDenied || metrics != nil || of != nil && !asked[x.from] && !asked[x.to] {
			continue
		}
		for _, c := range n.claimsOf(edgeNumber(i)) {
			s.Claims = append(s.Claims, analytics.ClaimStatement{Statement: n.stated(c.validFrom, c.validTo, c.source, c.grade), Claim: n.claimKey(edgeNumber(i), &c), Possible: c.possible()})
		}
	}
	for i, k := range n.kinds {
		if n.Model.Kinds[k].Name != contradiction {
			continue
		}
		r := analytics.Recorded{Node: n.id(node(i))}
		for e, other := range n.incident(node(i)) {
			if n.relation(&n.edges[e]).Name == betwixt {
				r.Between = append(r.Between, n.id(other))
			}
		}
		s.Recorded = append(s.Recorded, r)
	}
	return s, nil
}

// stated is who says something of when, and how good that is.
func (n *Network) stated(from, to int32, source node, g grade) analytics.Statement {
	s := analytics.Statement{
		Source: n.id(source), Reliability: n.Model.Claim.Property("reliability").Enum.Value(int64(g.reliability)), Credibility: int(g.credibility), Denies: n.denied(g),
	}
	o := observation(from, to)
	s.Dated, s.From, s.To = o.Dated, o.Begin.First, o.End.Last
	return s
}

// along is the node at the end of a node's structural relation; none where there is none.
func (n *Network) along(at node, relation string) node {
	for e := n.out[at]; e < n.out[at+1]; e++ {
		if n.relation(&n.edges[e]).Name == relation {
			return n.edges[e].to
		}
	}
	return none
}
