package analytics

import (
	"cmp"
	"slices"
)

// HistoriesAnswer lists what units carried, when, by which sources.
type HistoriesAnswer struct {
	Status Completeness
	// TotalCount is how many units there are.
	TotalCount int
	Units      []History
	Left       Left
}

// History is what a unit carried, in the order in which it was first seen; what has no date comes last.
type History struct {
	Unit Unit
	// FirstSeen and LastSeen are the earliest start and the latest end of all that is dated; where one is open the other stands for it.
	FirstSeen, LastSeen string
	Sources             int
	Commodities         []Carried
}

// Carried is a commodity of a unit.
type Carried struct {
	Commodity, Node string
	// FirstSeen and LastSeen as in History, of this commodity; empty where nothing is dated.
	FirstSeen, LastSeen string
	// Sources are how many distinct ones say so, SaidBy those whom the reader may know, in order.
	Sources  int
	SaidBy   []string
	Evidence []Evidence

	begin Span
	dated bool
}

// Tell lists the histories of units: the one with the most commodities first, then by key. first bounds the list.
func Tell(h Histories, first int) HistoriesAnswer {
	answer := HistoriesAnswer{Status: Complete, Units: []History{}, Left: h.Left}
	for unit, observations := range h.units {
		x := History{Unit: unitOf(unit), Sources: sourcesOf(observations), Commodities: carriedBy(observations)}
		x.FirstSeen, x.LastSeen = seen(observations)
		answer.Units = append(answer.Units, x)
	}
	answer.TotalCount = len(answer.Units)
	answer.Units, answer.Status = listed(answer.Units, first, func(a, b History) int {
		return cmp.Or(cmp.Compare(len(b.Commodities), len(a.Commodities)), cmp.Compare(a.Unit.Key(), b.Unit.Key()))
	})
	return answer
}

// carriedBy lists the commodities in the observations of one unit.
func carriedBy(observations []Observation) []Carried {
	out := []Carried{}
	for first := 0; first < len(observations); {
		last := first + 1
		for last < len(observations) && observations[last].Commodity == observations[first].Commodity {
			last++
		}
		same := observations[first:last]
		c := Carried{Commodity: same[0].Commodity, Node: commodityNode(same[0].Commodity), Sources: sourcesOf(same), SaidBy: saidBy(same), Evidence: EvidenceOf(claimsOf(same))}
		c.FirstSeen, c.LastSeen = seen(same)
		c.begin, c.dated = firstSpan(same)
		out = append(out, c)
		first = last
	}
	sorted(out, func(a, b Carried) int {
		if a.dated != b.dated {
			return cmp.Compare(either(b.dated), either(a.dated))
		}
		return cmp.Or(cmp.Compare(a.begin.First, b.begin.First), cmp.Compare(a.begin.Last, b.begin.Last), cmp.Compare(a.Commodity, b.Commodity))
	})
	return out
}

// firstSpan is when the earliest of several statements begins: no day of it is later than the last possible day of any of them.
func firstSpan(observations []Observation) (Span, bool) {
	var s Span
	dated := false
	for _, o := range observations {
		switch {
		case !o.Dated:
		case !dated:
			s, dated = o.Begin, true
		default:
			s = Span{min(s.First, o.Begin.First), min(s.Last, o.Begin.Last)}
		}
	}
	return s, dated
}

// seen gives the earliest start, or end where that is open, and the latest end, or start where that is open, as dates.
func seen(observations []Observation) (first, last string) {
	start, stop := int64(Undated), int64(Undated)
	for _, o := range observations {
		if !o.Dated {
			continue
		}
		begin := o.Start
		if begin == Undated {
			begin = o.Stop
		}
		if begin != Undated && (start == Undated || begin < start) {
			start = begin
		}
		end := o.Stop
		if end == Undated {
			end = o.Start
		}
		stop = max(stop, end)
	}
	return dateText(start), dateText(stop)
}

// saidBy are the sources that are known, in order.
func saidBy(observations []Observation) []string {
	out := []string{}
	for _, o := range observations {
		if o.Source != "" {
			out = append(out, o.Source)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
