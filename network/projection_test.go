package network_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// TestProjections: what is only denied makes no tie, a route with too many operators ties nobody, places are taken at a level, and the claims behind a tie
// are those that assert it.
func TestProjections(t *testing.T) {
	r := newRecords(t)
	for _, id := range []string{"group/a", "group/b", "group/c", "group/d"} {
		r.node(id)
	}
	r.node("place/x", "kind", "COUNTRY")
	r.node("place/x-port", "kind", "PORT", "within", "place/x")
	r.node("place/y", "kind", "COUNTRY")
	r.node("place/z", "kind", "PORT")
	r.node("route/few")
	r.node("route/many")
	r.node("leg/1", "order", "1", "mode", "SEA", "route", "route/few", "from", "place/x-port", "to", "place/y")
	r.node("leg/2", "order", "2", "mode", "SEA", "route", "route/few", "from", "place/y", "to", "place/z")
	r.node("leg/3", "order", "1", "mode", "SEA", "route", "route/many", "from", "place/x", "to", "place/x-port")
	r.node("money-flow/m", "reliability", "B", "credibility", "2", "stance", "ASSERTS", "modality", "STATES", "payer", "group/c", "payee", "group/d")
	r.claim("ALLIED_WITH", "group/a", "group/b")
	r.claim("ALLIED_WITH", "group/a", "group/b", "stance", "DENIES")
	r.claim("ALLIED_WITH", "group/a", "group/c", "stance", "DENIES")
	r.claim("RIVAL_OF", "group/a", "group/d")
	for _, g := range []string{"group/a", "group/b"} {
		r.claim("OPERATES", g, "route/few")
	}
	for _, g := range []string{"group/a", "group/c", "group/d"} {
		r.claim("OPERATES", g, "route/many")
	}
	n := r.network()
	ties := func(q network.ProjectionQuestion) (out []string, left int) {
		g := n.Projection(q)
		for _, x := range g.Ties {
			out = append(out, fmt.Sprint(g.Nodes[x.A], " ", g.Nodes[x.B], " ", x.Weight, " ", x.Layers))
		}
		return out, g.LeftOut
	}
	for _, c := range []struct {
		q    network.ProjectionQuestion
		want []string
		left int
	}{
		{network.ProjectionQuestion{Layers: []string{"ALLIANCE"}, HubsOver: 50}, []string{"group/a group/b 1 1"}, 0},
		{network.ProjectionQuestion{Layers: []string{"ALLIANCE", "ROUTE"}, HubsOver: 2}, []string{"group/a group/b 2 3"}, 1},
		{network.ProjectionQuestion{Layers: []string{"ROUTE"}, HubsOver: 3}, []string{"group/a group/b 1 2", "group/a group/c 0.5 2", "group/a group/d 0.5 2", "group/c group/d 0.5 2"}, 0},
		{network.ProjectionQuestion{Layers: []string{"RIVALRY", "MONEY"}, HubsOver: 50}, []string{"group/a group/d 1 8", "group/c group/d 1 4"}, 0},
		{network.ProjectionQuestion{Places: true}, []string{"place/x place/x-port 1 1", "place/x-port place/y 1 1", "place/y place/z 1 1"}, 0},
		{network.ProjectionQuestion{Places: true, Level: "COUNTRY"}, []string{"place/x place/y 1 1"}, 0},
	} {
		if got, left := ties(c.q); !slices.Equal(got, c.want) || left != c.left {
			t.Errorf("%+v: %q and %d left out, want %q and %d", c.q, got, left, c.want, c.left)
		}
	}
	allied := n.TiesOf(network.ProjectionQuestion{Layers: []string{"ALLIANCE"}, HubsOver: 50}, "group/a", "group/b")
	if len(allied.Evidence) != 1 || allied.Evidence[0].ClaimCount != 1 {
		t.Errorf("behind the alliance are %+v", allied)
	}
	paid := network.ProjectionQuestion{Layers: []string{"MONEY", "RIVALRY"}, HubsOver: 50}
	for _, c := range []struct {
		of, with string
		evidence int // of the rivalry of group/d
	}{{"group/c", "group/d", 0}, {"group/d", "group/c", 0}, {"group/d", "", 1}} {
		if got := n.TiesOf(paid, c.of, c.with); !slices.Equal(got.Records, []string{"money-flow/m"}) || len(got.Evidence) != c.evidence {
			t.Errorf("behind the payment of %s with %q are %+v", c.of, c.with, got)
		}
	}
	paid.Layers = []string{"RIVALRY"}
	if got := n.TiesOf(paid, "group/d", ""); len(got.Records) != 0 {
		t.Errorf("behind a rivalry are %+v", got)
	}
	sea := n.TiesOf(network.ProjectionQuestion{Places: true, Level: "COUNTRY"}, "place/x", "place/y")
	if !slices.Equal(sea.Records, []string{"leg/1"}) {
		t.Errorf("behind the way by sea are %+v", sea)
	}
	shared := n.TiesOf(network.ProjectionQuestion{Layers: []string{"ROUTE"}, HubsOver: 2}, "group/a", "group/b")
	if len(shared.Evidence) != 2 || shared.Evidence[0].To != "route/few" || shared.Evidence[1].From != "group/b" {
		t.Errorf("behind the shared route are %+v", shared)
	}
}
