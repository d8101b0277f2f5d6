package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
)

// Stating is what a store needs to note which load states the records of a batch. It keeps with each record the number of a set of loads, as
// most records have one of few sets; 0 stands for none. Sets keep their numbers when a load is forgotten: two may then be equal, or one be
// empty. L is how the store calls a load. The zero value is for a batch on no load's account.
type Stating[L cmp.Ordered] struct {
	Load *Load
	// Self is the load in Sets, which holds the loads of each set in order.
	Self L
	Sets map[int64][]L
	// Create keeps a new set, and gives a number that no set ever had.
	Create func(loads []L) (int64, error)

	joined map[int64]int64
}

// Settled gives the values that a record has from now on. recorded and retracted are what the store holds of its dates, set the number of its set.
func (s *Stating[L]) Settled(k *ontology.Kind, values []any, set int64, recorded, retracted any) []any {
	if s.Load == nil {
		return values
	}
	others := slices.ContainsFunc(s.Sets[set], func(load L) bool { return load != s.Self })
	return s.Load.Settle(k, values, Standing{Recorded: recorded, Retracted: retracted, Others: others})
}

// Join is the number of the set of loads that state a record from now on, held being the one before.
func (s *Stating[L]) Join(held int64) (int64, error) {
	if s.Load == nil || slices.Contains(s.Sets[held], s.Self) {
		return held, nil
	}
	if set, known := s.joined[held]; known {
		return set, nil
	}
	want := append(slices.Clone(s.Sets[held]), s.Self)
	slices.Sort(want)
	set, err := s.find(want)
	if err != nil {
		return held, fmt.Errorf("loads of a record: %w", err)
	}
	if s.joined == nil {
		s.joined = map[int64]int64{}
	}
	s.joined[held] = set
	return set, nil
}

func (s *Stating[L]) find(want []L) (int64, error) {
	for _, set := range slices.Sorted(maps.Keys(s.Sets)) {
		if slices.Equal(s.Sets[set], want) {
			return set, nil
		}
	}
	set, err := s.Create(want)
	if err == nil {
		s.Sets[set] = want
	}
	return set, err
}
