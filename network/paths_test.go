package network_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

func pathsOf(t testing.TB, n *network.Network, q network.PathQuestion) (written []string, answer network.PathAnswer) {
	t.Helper()
	if q.K == 0 {
		q.K, q.MaxHops = 10, 6
	}
	answer, err := n.Paths(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range answer.Paths {
		written = append(written, strings.NewReplacer("group/", "", "place/", "", "leg/", "", "route/", "").Replace(strings.Join(p.Nodes, " ")))
	}
	return written, answer
}

// TestPathsInOrderOfTime: a path is one if there is a claim for every step so that none must be over before the last could begin.
func TestPathsInOrderOfTime(t *testing.T) {
	for name, c := range map[string]struct {
		first, second [][]string // claims of the two steps: values
		possible      bool
	}{
		"one after the other":         {[][]string{{"validFrom", "2001", "validTo", "2002"}}, [][]string{{"validFrom", "2005", "validTo", "2006"}}, true},
		"the other way round":         {[][]string{{"validFrom", "2005", "validTo", "2006"}}, [][]string{{"validFrom", "2001", "validTo", "2002"}}, false},
		"at the same time":            {[][]string{{"validFrom", "2000", "validTo", "2010"}}, [][]string{{"validFrom", "2005", "validTo", "2005"}}, true},
		"still in the same month":     {[][]string{{"validFrom", "2005-03"}}, [][]string{{"validTo", "2005-03"}}, true},
		"over the day before":         {[][]string{{"validFrom", "2005-03-02"}}, [][]string{{"validTo", "2005-03-01"}}, false},
		"on the day":                  {[][]string{{"validFrom", "2005-03-01"}}, [][]string{{"validTo", "2005-03-01"}}, true},
		"the first without dates":     {[][]string{nil}, [][]string{{"validTo", "1950"}}, true},
		"the second without dates":    {[][]string{{"validFrom", "2020"}}, [][]string{nil}, true},
		"one of several claims":       {[][]string{{"validFrom", "2020"}, {"validFrom", "2001"}}, [][]string{{"validTo", "2003"}, {"validTo", "1999"}}, true},
		"only a denial comes in time": {[][]string{{"validFrom", "2020"}, {"validFrom", "2001", "stance", "DENIES"}}, [][]string{{"validTo", "2003"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecords(t)
			for i := range 3 {
				r.node(group(i))
			}
			for _, given := range c.first {
				r.claim("SUPPLIES", group(1), group(0), given...) // the direction does not matter
			}
			for _, given := range c.second {
				r.claim("SUPPLIES", group(1), group(2), given...)
			}
			paths, _ := pathsOf(t, r.network(), network.PathQuestion{From: []string{group(0)}, To: []string{group(2)}, Weight: network.Time})
			if (len(paths) == 1) != c.possible || len(paths) > 1 {
				t.Errorf("%q, want one: %v", paths, c.possible)
			}
		})
	}
}

// TestPathsInOrderOfTimeOverSeveralSteps: the shorter way comes too late.
func TestPathsInOrderOfTimeOverSeveralSteps(t *testing.T) {
	r := newRecords(t)
	for i := range 5 {
		r.node(group(i))
	}
	r.claim("SUPPLIES", group(0), group(1), "validFrom", "2010")
	r.claim("SUPPLIES", group(1), group(4), "validTo", "2005")
	r.claim("SUPPLIES", group(0), group(2), "validFrom", "2001", "validTo", "2002")
	r.claim("LAUNDERS_FOR", group(2), group(3), "validFrom", "2003", "validTo", "2004")
	r.claim("SUPPLIES", group(3), group(4), "validFrom", "2004", "validTo", "2005")
	q := network.PathQuestion{From: []string{group(0)}, To: []string{group(4)}, Weight: network.Time}
	if paths, answer := pathsOf(t, r.network(), q); !slices.Equal(paths, []string{"000 002 003 004"}) || answer.Paths[0].Cost != 3 || answer.Status != network.Complete {
		t.Errorf("%q %+v", paths, answer)
	}
	q.Weight = network.Hops
	if paths, _ := pathsOf(t, r.network(), q); !slices.Equal(paths, []string{"000 001 004", "000 002 003 004"}) {
		t.Errorf("by hops: %q", paths)
	}
	q.From, q.To, q.Weight = q.To, q.From, network.Time // backwards in time, and so impossible
	if paths, _ := pathsOf(t, r.network(), q); !slices.Equal(paths, []string{"004 001 000"}) {
		t.Errorf("backwards: %q", paths)
	}
}

// TestPathsByDistance follow legs, and count their kilometres once; steps that are no legs have no length.
func TestPathsByDistance(t *testing.T) {
	n := trade(t).network()
	q := network.PathQuestion{From: []string{"place/lima"}, To: []string{"place/rotterdam"}, Scope: network.Scope{Via: []string{"FROM", "TO"}}, Weight: network.Distance}
	paths, answer := pathsOf(t, n, q)
	if want := []string{"lima air-1 rotterdam", "lima andes-1 santos atlantic-1 rotterdam", "lima andes-1 santos coast-1 dakar coast-2 rotterdam"}; !slices.Equal(paths, want) {
		t.Errorf("%q, want %q", paths, want)
	}
	for i, want := range []float64{10457.919, 13234.352, 13360.615} { // after GeographicLib
		if got := answer.Paths[i].Cost; math.Abs(got-want) > 0.001 {
			t.Errorf("%s: %v km, want %v", paths[i], got, want)
		}
	}
	all := paths
	// Routes are followed, but do not cut short what lies between two of their legs.
	q.Via, q.Avoid = nil, []string{"group/a", "group/b", "commodity/cocaine", "commodity/arms"}
	if paths, _ = pathsOf(t, n, q); !slices.Equal(paths, all) {
		t.Errorf("%q, want %q", paths, all)
	}
	q.Avoid = nil
	q.From = []string{"group/a"} // over the route to a leg
	if paths, answer = pathsOf(t, n, q); paths[0] != "a atlantic atlantic-1 rotterdam" || math.Abs(answer.Paths[0].Cost-9736.143/2) > 0.001 {
		t.Errorf("%q %v", paths, answer.Paths[0].Cost)
	}
}

// TestTheBestOfSeveralRelations between two nodes counts, and a path shows all that lead along.
func TestTheBestOfSeveralRelations(t *testing.T) {
	r := newRecords(t)
	for i := range 3 {
		r.node(group(i))
	}
	r.claim("SUPPLIES", group(0), group(1), "reliability", "A", "credibility", "1")
	r.claim("LAUNDERS_FOR", group(0), group(1), "reliability", "E", "credibility", "5")
	r.claim("SUBGROUP_OF", group(1), group(0), "reliability", "D", "credibility", "4")
	r.claim("SUPPLIES", group(1), group(2), "reliability", "B", "credibility", "2")
	r.claim("ALLIED_WITH", group(0), group(2), "reliability", "C", "credibility", "3")
	paths, answer := pathsOf(t, r.network(), network.PathQuestion{From: []string{group(0)}, To: []string{group(2)}, Weight: network.Evidence})
	if !slices.Equal(paths, []string{"000 001 002", "000 002"}) || len(answer.Paths[0].Steps[0].Edges) != 3 {
		t.Errorf("%q", paths)
	}
	for i, likelihood := range []float64{0.95 * 0.95 * 0.8 * 0.8, 0.6 * 0.6} {
		if got := math.Exp(-answer.Paths[i].Cost); math.Abs(got-likelihood) > 1e-5 {
			t.Errorf("%s is likely to %v, want %v", paths[i], got, likelihood)
		}
	}
}

// TestHubsAlone: in a graph that is one hub with its neighbours all paths lead over the hub, and there is none where that is not allowed.
func TestHubsAlone(t *testing.T) {
	r := newRecords(t)
	const size = 5000
	leaf := func(i int) string { return fmt.Sprintf("person/%04d", i) }
	r.node("group/hub")
	for i := range size {
		r.node(leaf(i))
		r.claim("MEMBER_OF", leaf(i), "group/hub")
	}
	n := r.network()
	for _, weight := range []network.Weight{network.Hops, network.Evidence, network.Distance, network.Time} {
		q := network.PathQuestion{From: []string{leaf(1)}, To: []string{leaf(2)}, K: network.MaxPaths, MaxHops: network.MaxHops, Weight: weight}
		if paths, answer := pathsOf(t, n, q); !slices.Equal(paths, []string{"person/0001 hub person/0002"}) || answer.Status != network.Complete {
			t.Errorf("%s: %s %q", weight, answer.Status, paths)
		}
		q.AvoidHubsOver = size - 1
		if paths, answer := pathsOf(t, n, q); paths != nil || answer.Status != network.Complete {
			t.Errorf("%s, around the hub: %s %q", weight, answer.Status, paths)
		}
		q.AvoidHubsOver = size
		if paths, _ := pathsOf(t, n, q); len(paths) != 1 {
			t.Errorf("%s, hub of the degree that is allowed: %q", weight, paths)
		}
	}
}
