package network_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// TestTimelines: claims and statements in order of their first day, last day and id, as exact as the less exact of their dates.
func TestTimelines(t *testing.T) {
	r := newRecords(t)
	for _, id := range []string{"group/a", "group/b", "group/c", "route/r", "person/p"} {
		r.node(id)
	}
	r.node("event/day", "validFrom", "2023-11-05", "validTo", "2023-11-05")
	r.node("event/month", "validFrom", "2023-11")
	r.node("event/other", "validFrom", "2001")
	r.node("event/undated")
	r.claim("PARTICIPATED_IN", "group/a", "event/day", "validFrom", "2023-11-05")
	r.claim("PARTICIPATED_IN", "group/a", "event/month")
	r.claim("PARTICIPATED_IN", "group/a", "event/undated")
	r.claim("PARTICIPATED_IN", "group/c", "event/other", "validFrom", "2001")
	r.claim("OPERATES", "group/a", "route/r", "validFrom", "2019", "validTo", "2021-06-30")
	r.claim("OPERATES", "group/a", "route/r", "validTo", "2018-03")
	r.claim("OPERATES", "group/a", "route/r", "validFrom", "2019-01-01", "note", "to the day")
	r.claim("OPERATES", "group/a", "route/r", "stance", "DENIES", "validFrom", "2019-01")
	r.claim("ALLIED_WITH", "group/a", "group/b", "validFrom", "1999")
	r.claim("ALLIED_WITH", "group/b", "group/c", "validFrom", "1998")
	n := r.network()
	written := func(q network.TimelineQuestion) (lines []string, answer network.Timeline) {
		t.Helper()
		answer, err := n.Timeline(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range answer.Entries {
			what := e.Statement
			if e.Edge != nil {
				what = e.Edge.ID
				if len(e.Edge.Claims) != 1 || e.Edge.ClaimCount != 1 {
					t.Errorf("%s has %d claims", what, len(e.Edge.Claims))
				}
			}
			lines = append(lines, strings.Join([]string{e.Start.String(), e.End.String(), e.Precision, e.Subject, what}, " "))
		}
		return lines, answer
	}
	all := []string{
		"1999  YEAR group/a ALLIED_WITH|group/a|group/b",
		" 2018-03 MONTH group/a OPERATES|group/a|route/r",
		"2019-01-01  DAY group/a OPERATES|group/a|route/r",
		"2019-01  MONTH group/a OPERATES|group/a|route/r",
		"2019 2021-06-30 YEAR group/a OPERATES|group/a|route/r",
		"2023-11-05 2023-11-05 DAY group/a event/day",
		"2023-11-05  DAY group/a PARTICIPATED_IN|group/a|event/day",
		"2023-11  MONTH group/a event/month",
	}
	// Of the same days the id decides; a claim's is a hash.
	same := func(lines []string) []string {
		out := slices.Clone(lines)
		for i := range out {
			if i+1 < len(out) && strings.HasPrefix(out[i], "2023-11-05") && strings.HasPrefix(out[i+1], "2023-11-05") && out[i] > out[i+1] {
				out[i], out[i+1] = out[i+1], out[i]
			}
		}
		return out
	}
	of := []string{"group/a"}
	lines, answer := written(network.TimelineQuestion{Of: of, First: 100})
	// event/month's first day is the first of the month, before the fifth.
	want := append(slices.Clone(all[:5]), all[7], all[6], all[5])
	if !slices.Equal(same(lines), same(want)) || answer.TotalCount != 8 || answer.Undated != 3 || answer.Status != network.Complete {
		t.Errorf("%d, %d undated, %s:\n%s\nwant\n%s", answer.TotalCount, answer.Undated, answer.Status, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	lines, answer = written(network.TimelineQuestion{Of: of, First: 3})
	if !slices.Equal(lines, all[:3]) || answer.TotalCount != 8 || answer.Status != network.Truncated {
		t.Errorf("the first three: %s, %d: %q", answer.Status, answer.TotalCount, lines)
	}
	lines, answer = written(network.TimelineQuestion{Of: of, Via: []string{"OPERATES"}, First: 100})
	if !slices.Equal(lines, all[1:5]) || answer.Undated != 0 {
		t.Errorf("by OPERATES: %d undated: %q", answer.Undated, lines)
	}
	// What joins two of the nodes is told once, a statement that is asked for as well.
	lines, _ = written(network.TimelineQuestion{Of: []string{"group/b", "group/c", "event/other", "group/a"}, Via: []string{"ALLIED_WITH", "PARTICIPATED_IN"}, First: 100})
	if slices.Sort(lines); len(slices.Compact(slices.Clone(lines))) != len(lines) || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "2001  YEAR") && strings.HasSuffix(l, "event/other") }) {
		t.Errorf("of several: %q", lines)
	}
	if lines, answer = written(network.TimelineQuestion{Of: []string{"person/p"}, First: 1}); lines != nil || answer.Status != network.Complete {
		t.Errorf("of nothing: %s %q", answer.Status, lines)
	}
}
