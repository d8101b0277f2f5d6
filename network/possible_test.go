package network_test

import (
	"testing"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/network"
)

// TestWhatIsPossibleTiesNobody: what can be, and what is denied, makes no tie, no operator, no cargo and no evidence; one claim that it is so does.
func TestWhatIsPossibleTiesNobody(t *testing.T) {
	r := newRecords(t)
	for _, id := range []string{"group/a", "group/b", "group/c", "group/d", "route/r", "commodity/c", "commodity/d", "commodity/e"} {
		r.node(id)
	}
	r.node("place/x", "kind", "PORT")
	r.node("place/y", "kind", "PORT")
	r.node("leg/1", "order", "1", "mode", "SEA", "route", "route/r", "from", "place/x", "to", "place/y")
	flow := []string{"reliability", "B", "credibility", "2", "payer", "group/a", "payee", "group/b"}
	r.node("money-flow/can", append([]string{"stance", "ASSERTS", "modality", "CAN"}, flow...)...)
	r.node("money-flow/not", append([]string{"stance", "DENIES", "modality", "STATES"}, flow...)...)
	for _, said := range [][]string{{"modality", "CAN"}, {"stance", "DENIES"}, {"stance", "DENIES", "modality", "CAN"}} {
		r.claim("ALLIED_WITH", "group/a", "group/b", said...)
		r.claim("RIVAL_OF", "group/a", "group/c", said...)
		r.claim("OPERATES", "group/b", "route/r", said...)
		r.claim("CARRIES", "route/r", "commodity/c", said...)
		r.claim("CARRIES", "leg/1", "commodity/d", said...)
	}
	r.claim("RIVAL_OF", "group/a", "group/c")
	r.claim("OPERATES", "group/d", "route/r")
	r.claim("CARRIES", "route/r", "commodity/e", "modality", "ESTIMATES")
	n := r.network()
	groups := network.ProjectionQuestion{Layers: network.Layers, HubsOver: 50}
	if g := n.Projection(groups); len(g.Ties) != 1 || g.Nodes[g.Ties[0].B] != "group/c" {
		t.Errorf("ties %+v", g.Ties)
	}
	f := n.Flows("")
	if len(f.Groups) != 1 || f.Groups[0] != "group/d" || f.Routes[0].Value != 1 {
		t.Errorf("flows %+v", f)
	}
	if got := n.Operators(network.HistoriesQuestion{Unit: network.UnitRoute}, "route/r"); len(got) != 1 || got[0].Group != "group/d" {
		t.Errorf("operators %+v", got)
	}
	for of, g := range map[string]analytics.Grounds{
		"group/a": n.TiesOf(groups, "group/a", ""), "group/d": n.Behind(analytics.TargetGroups, "", "group/d"), "leg/1": n.Behind(analytics.TargetLegs, "", "leg/1"),
		"place/x": n.Behind(analytics.TargetPlaces, "", "place/x"),
	} {
		for _, e := range g.Evidence {
			if e.To == "commodity/c" || e.To == "commodity/d" || e.ClaimCount != 1 {
				t.Errorf("behind %s is %+v", of, e)
			}
		}
		if len(g.Evidence) == 0 {
			t.Errorf("nothing behind %s", of)
		}
	}
}
