package network_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// trade is a small world of routes: two from Lima to Rotterdam that hand over in Santos, and a short one by air.
func trade(t testing.TB) *records {
	r := newRecords(t)
	r.node("source/s")
	r.node("place/peru")
	r.at("place/lima", -12.05, -77.04, "within", "place/peru")
	r.at("place/santos", -23.95, -46.33)
	r.at("place/dakar", 14.69, -17.45)
	r.at("place/rotterdam", 51.95, 4.14)
	r.node("place/nowhere")
	r.node("commodity/cocaine")
	r.node("commodity/arms")
	r.node("group/a")
	r.node("group/b")
	r.node("route/andes", "legs", "leg/andes-1")
	r.node("leg/andes-1", "order", "1", "mode", "ROAD", "from", "place/lima", "to", "place/santos")
	r.node("route/atlantic", "legs", "leg/atlantic-1")
	r.node("leg/atlantic-1", "order", "1", "mode", "SEA", "from", "place/santos", "to", "place/rotterdam")
	r.node("route/coast", "legs", "leg/coast-1", "legs", "leg/coast-2")
	r.node("leg/coast-1", "order", "1", "mode", "SEA", "from", "place/santos", "to", "place/dakar")
	r.node("leg/coast-2", "order", "2", "mode", "ROAD", "from", "place/dakar", "to", "place/rotterdam")
	r.node("route/air", "legs", "leg/air-1")
	r.node("leg/air-1", "order", "1", "mode", "AIR", "from", "place/lima", "to", "place/rotterdam")
	r.node("route/lost", "legs", "leg/lost-1")
	r.node("leg/lost-1", "order", "1", "mode", "SEA", "from", "place/lima", "to", "place/nowhere")
	r.claim("OPERATES", "group/b", "route/andes")
	r.claim("OPERATES", "group/a", "route/andes")
	r.claim("OPERATES", "group/a", "route/atlantic")
	r.claim("OPERATES", "group/b", "route/atlantic", "stance", "DENIES")
	r.claim("CARRIES", "route/andes", "commodity/cocaine")
	r.claim("CARRIES", "route/atlantic", "commodity/cocaine")
	r.claim("CARRIES", "leg/coast-1", "commodity/arms")
	r.claim("CARRIES", "route/air", "commodity/arms")
	r.claim("CARRIES", "route/air", "commodity/cocaine", "stance", "DENIES")
	return r
}

// shown writes a chain: its legs, those handed over to after a slash, and its length.
func shown(c network.Chain) string {
	var b strings.Builder
	for i, l := range c.Legs {
		switch {
		case l.Handover:
			b.WriteString(" / ")
		case i > 0:
			b.WriteString(" ")
		}
		b.WriteString(strings.TrimPrefix(l.Leg, "leg/"))
	}
	return fmt.Sprintf("%s %.0f", b.String(), c.Kilometres)
}

func TestRoutesBetween(t *testing.T) {
	n := trade(t).network()
	lima, rotterdam := []string{"place/lima"}, []string{"place/rotterdam"}
	for name, c := range map[string]struct {
		question network.RoutesQuestion
		chains   []string
		status   network.Completeness
	}{
		// Kilometres after GeographicLib 2.1: 3,498.2 + 9,736.1, or 3,498.2 + 5,304.6 + 4,557.8; 10,457.9 by air.
		"all":               {network.RoutesQuestion{From: lima, To: rotterdam}, []string{"air-1 10458", "andes-1 / atlantic-1 13234", "andes-1 / coast-1 coast-2 13361"}, network.Complete},
		"places within":     {network.RoutesQuestion{From: []string{"place/peru"}, To: rotterdam, K: 1}, []string{"air-1 10458"}, network.Truncated},
		"few legs":          {network.RoutesQuestion{From: lima, To: rotterdam, MaxLegs: 1}, []string{"air-1 10458"}, network.Complete},
		"by land and sea":   {network.RoutesQuestion{From: lima, To: rotterdam, Modes: []string{"SEA", "ROAD"}}, []string{"andes-1 / atlantic-1 13234", "andes-1 / coast-1 coast-2 13361"}, network.Complete},
		"by river":          {network.RoutesQuestion{From: lima, To: rotterdam, Modes: []string{"RIVER"}}, nil, network.Complete},
		"with cocaine":      {network.RoutesQuestion{From: lima, To: rotterdam, Carrying: []string{"commodity/cocaine"}}, []string{"andes-1 / atlantic-1 13234"}, network.Complete},
		"with arms":         {network.RoutesQuestion{From: lima, To: rotterdam, Carrying: []string{"commodity/arms"}}, []string{"air-1 10458"}, network.Complete},
		"with either":       {network.RoutesQuestion{From: lima, To: rotterdam, Carrying: []string{"commodity/arms", "commodity/cocaine"}}, []string{"air-1 10458", "andes-1 / atlantic-1 13234"}, network.Complete},
		"without a place":   {network.RoutesQuestion{From: lima, To: []string{"place/nowhere"}}, []string{"lost-1 0"}, network.Complete},
		"against direction": {network.RoutesQuestion{From: rotterdam, To: lima}, nil, network.Complete},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.question
			if q.K == 0 {
				q.K = 10
			}
			if q.MaxLegs == 0 {
				q.MaxLegs = 6
			}
			answer, err := n.RoutesBetween(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			var chains []string
			for _, chain := range answer.Chains {
				chains = append(chains, shown(chain))
			}
			if !slices.Equal(chains, c.chains) || answer.Status != c.status {
				t.Errorf("%s %q\nwant %s %q", answer.Status, chains, c.status, c.chains)
			}
		})
	}
}

// TestWhatIsSaidOfALeg of a chain: its route, its places, who is said to operate it, its length.
func TestWhatIsSaidOfALeg(t *testing.T) {
	n := trade(t).network()
	answer, err := n.RoutesBetween(t.Context(), network.RoutesQuestion{From: []string{"place/lima"}, To: []string{"place/rotterdam"}, K: 5, MaxLegs: 6, Modes: []string{"ROAD", "SEA"}})
	if err != nil {
		t.Fatal(err)
	}
	c := answer.Chains[0]
	want := []network.ChainLeg{
		{Leg: "leg/andes-1", Route: "route/andes", From: "place/lima", To: "place/santos", Mode: "ROAD", OperatedBy: []string{"group/a", "group/b"}},
		{Leg: "leg/atlantic-1", Route: "route/atlantic", From: "place/santos", To: "place/rotterdam", Mode: "SEA", OperatedBy: []string{"group/a"}, Handover: true},
	}
	sum := 0.0
	for i, l := range c.Legs {
		sum += l.Kilometres
		got := l
		got.Kilometres = 0
		if fmt.Sprint(got) != fmt.Sprint(want[i]) {
			t.Errorf("%+v\nwant %+v", got, want[i])
		}
	}
	if c.Handovers != 1 || math.Abs(sum-c.Kilometres) > 0.11 {
		t.Errorf("%d handovers, %v km of %v", c.Handovers, c.Kilometres, sum)
	}
}

// TestGeodesics compares lengths of legs with lengths known to the tenth of a kilometre (GeographicLib 2.1, WGS 84).
func TestGeodesics(t *testing.T) {
	for _, c := range []struct {
		a, b       [2]float64
		kilometres float64
	}{
		// The example of GeographicLib's documentation, JFK to LHR: 5551.759 km.
		{[2]float64{40.6, -73.8}, [2]float64{51.6, -0.5}, 5551.8},
		// A quarter of the equator and of a meridian.
		{[2]float64{0, 0}, [2]float64{0, 90}, 10018.8},
		{[2]float64{0, 0}, [2]float64{90, 0}, 10002.0},
		// Vincenty's formulae do not converge for points that are nearly opposite.
		{[2]float64{0, 0}, [2]float64{0.5, 179.5}, 19936.3},
		// One degree of the equator, and of a meridian at it.
		{[2]float64{0, 10}, [2]float64{0, 11}, 111.3},
		{[2]float64{0, 10}, [2]float64{1, 10}, 110.6},
	} {
		r := newRecords(t)
		r.at("place/a", c.a[0], c.a[1])
		r.at("place/b", c.b[0], c.b[1])
		r.node("route/r", "legs", "leg/l")
		r.node("leg/l", "mode", "SEA", "from", "place/a", "to", "place/b")
		answer, err := r.network().RoutesBetween(t.Context(), network.RoutesQuestion{From: []string{"place/a"}, To: []string{"place/b"}, K: 1, MaxLegs: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Chains[0].Kilometres; got != c.kilometres {
			t.Errorf("%v to %v: %v km, want %v", c.a, c.b, got, c.kilometres)
		}
	}
}
