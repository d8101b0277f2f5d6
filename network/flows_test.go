package network_test

import "testing"

// TestCargoCountsOnce: what is said to be carried as a drug, as a synthetic one and as methamphetamine is one cargo, whoever says what.
func TestCargoCountsOnce(t *testing.T) {
	r := newRecords(t)
	r.node("commodity/drugs", "kind", "MARKET")
	r.node("commodity/synthetic", "kind", "CLASS", "partOf", "commodity/drugs")
	r.node("commodity/meth", "kind", "ITEM", "partOf", "commodity/synthetic")
	r.node("commodity/pills", "kind", "ITEM", "partOf", "commodity/synthetic")
	r.node("commodity/arms", "kind", "MARKET")
	r.node("place/x", "kind", "PORT")
	r.node("place/y", "kind", "PORT")
	for route, carried := range map[string][]string{"route/1": {"drugs", "synthetic", "meth"}, "route/2": {"drugs", "meth", "pills", "arms"}, "route/3": {"drugs"}} {
		r.node(route)
		r.node("leg/"+route[6:], "order", "1", "mode", "SEA", "route", route, "from", "place/x", "to", "place/y")
		for i, c := range carried {
			r.claim("CARRIES", []string{route, "leg/" + route[6:]}[i%2], "commodity/"+c)
		}
	}
	want := map[string]float64{"route/1": 1, "route/2": 3, "route/3": 1}
	for _, f := range r.network().Flows("").Routes {
		if f.Value != want[f.ID] {
			t.Errorf("%s is worth %v, not %v", f.ID, f.Value, want[f.ID])
		}
	}
}
