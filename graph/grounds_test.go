package graph_test

import (
	"encoding/json"
	"testing"

	"github.com/crimegraph/crimegraph/graph"
)

// TestEveryFigureHasItsGrounds: on random graphs no tie, broker, place in a layer, step of a disruption or displaced flow comes without the claims and
// records that it rests on, flows of money among them.
func TestEveryFigureHasItsGrounds(t *testing.T) {
	model := load(t)
	type grounds struct {
		Evidence []struct{ ClaimCount int }
		Records  []struct{ ID string }
	}
	type answer struct {
		Structure struct {
			Nodes []struct {
				Degree int
				grounds
			}
			Bridges []grounds
		}
		Money struct {
			Nodes []struct {
				Ties int
				grounds
			}
		}
		Brokers struct{ Brokers []grounds }
		Places  struct{ Bridges []grounds }
		ByPlace interdiction
		ByLeg   interdiction
		ByGroup interdiction
	}
	seen := map[string]int{}
	for seed := range 60 {
		s := trafficking(t, model, uint64(seed)).store()
		api := graph.NewAPI(model, s, graph.Options{})
		var a answer
		text := data(t, api, `{
			structure(first: 100) { nodes { degree ...N } bridges { ...T } }
			money: multiplex(layers: [MONEY], first: 100) { nodes { ties ...M } }
			brokers(first: 100) { brokers { evidence { claimCount } records { id } } }
			places: structure(of: PLACES, first: 100) { bridges { ...T } }
			byPlace: interdict(randoms: 0, first: 100) { ...I }
			byLeg: interdict(remove: LEGS, randoms: 0, first: 100) { ...I }
			byGroup: interdict(remove: GROUPS, randoms: 0, first: 100) { ...I }
		}
		fragment N on StructureNode { evidence { claimCount } records { id } }
		fragment T on StructureTie { evidence { claimCount } records { id } }
		fragment M on MultiplexNode { evidence { claimCount } records { id } }
		fragment I on Interdiction { steps { lost evidence { claimCount } records { id } } displacement { receivers { value routes { id } evidence { claimCount } } } }`, "")
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		check := func(what string, counts bool, g grounds) {
			if !counts {
				return
			}
			seen[what]++
			if len(g.Records) > 0 {
				seen[what+" on records"]++
			}
			if len(g.Evidence)+len(g.Records) == 0 {
				t.Errorf("seed %d: %s rests on nothing", seed, what)
			}
		}
		for _, x := range a.Structure.Nodes {
			check("a group with ties", x.Degree > 0, x.grounds)
		}
		for _, x := range a.Structure.Bridges {
			check("a tie", true, x)
		}
		for _, x := range a.Places.Bridges {
			check("a way", true, x)
		}
		for _, x := range a.Money.Nodes {
			check("a place among payments", x.Ties > 0, x.grounds)
		}
		for _, x := range a.Brokers.Brokers {
			check("a broker", true, x)
		}
		for what, i := range map[string]interdiction{"closing a place": a.ByPlace, "closing a leg": a.ByLeg, "closing a group": a.ByGroup} {
			for _, x := range i.Steps {
				check(what, x.Lost > 0, grounds{x.Evidence, x.Records})
			}
		}
	}
	for _, what := range []string{
		"a group with ties on records", "a tie on records", "a way on records", "a place among payments on records", "a broker", "closing a place on records", "closing a leg on records",
		"closing a group on records",
	} {
		if seen[what] < 10 {
			t.Errorf("%s: seen %d times", what, seen[what])
		}
	}
}

type interdiction struct {
	Steps []struct {
		Lost     float64
		Evidence []struct{ ClaimCount int }
		Records  []struct{ ID string }
	}
}
