package mapping

import (
	"regexp"

	"github.com/crimegraph/crimegraph/ontology"
)

// condition is something that must hold for a row. Of a list, one element that fits is enough.
type condition struct {
	value   template
	matches *regexp.Regexp
	is, not []template
	given   *bool
}

func (c *condition) holds(s *scope) (bool, *Fault) {
	v, fault := c.value.fill(s)
	if fault != nil {
		return false, fault
	}
	texts := v.list
	if !v.many {
		texts = []string{v.text}
	}
	some := func(fits func(string) bool) bool {
		for _, t := range texts {
			if fits(t) {
				return true
			}
		}
		return false
	}
	if c.given != nil && *c.given == v.empty() {
		return false, nil
	}
	if c.matches != nil && !some(c.matches.MatchString) {
		return false, nil
	}
	same := func(others []template) (bool, *Fault) {
		for _, t := range others {
			other, fault := t.fill(s)
			if fault != nil {
				return false, fault
			}
			if folded := ontology.Fold(other.whole()); some(func(text string) bool { return ontology.Fold(text) == folded }) {
				return true, nil
			}
		}
		return false, nil
	}
	if c.is != nil {
		if found, fault := same(c.is); !found {
			return false, fault
		}
	}
	if c.not != nil {
		if found, fault := same(c.not); found || fault != nil {
			return false, fault
		}
	}
	return true, nil
}

func allHold(conditions []condition, s *scope) (bool, *Fault) {
	for i := range conditions {
		if held, fault := conditions[i].holds(s); !held {
			return false, fault
		}
	}
	return true, nil
}
