package analytics

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Statement is who says something of when, and how good that is.
type Statement struct {
	Source      string
	Reliability string
	Credibility int
	Denies      bool
	// From and To are the first and the last day on which it may hold; only where Dated.
	Dated    bool
	From, To int64
}

// EstimateStatement is a figure. A missing bound is open. Possible says that it is meant as a possibility, which contradicts nothing.
type EstimateStatement struct {
	Statement
	Node, About, Context, Metric, Unit, Currency string
	Low, High                                    *float64
	Possible                                     bool
}

// ClaimStatement is a claim on a relation that some assert and others deny. Possible is as of an EstimateStatement.
type ClaimStatement struct {
	Statement
	Claim    Claim
	Possible bool
}

// Recorded is a contradiction that the compilers of a data set recorded.
type Recorded struct {
	Node    string
	Between []string
}

// Statements are what Contradict compares.
type Statements struct {
	Estimates []EstimateStatement
	Claims    []ClaimStatement
	Recorded  []Recorded
}

// ConflictsAnswer lists conflicts: those of the best graded sides first.
type ConflictsAnswer struct {
	Status     Completeness
	TotalCount int
	Conflicts  []Conflict
	// Possible counts estimates, and claims on relations that some assert and others deny, that are meant as possibilities; Compared all other
	// estimates.
	Possible, Compared int
}

// Conflict is statements that cannot all be true.
type Conflict struct {
	// Kind is VALUE for figures, STANCE for claims.
	Kind string
	// About is what figures are about, or where the relation starts, To where it ends.
	About, To, Relation, Metric, Context, Unit, Currency string
	// Certain: they speak of the same period. Otherwise their periods only overlap, or some have none.
	Certain bool
	Sides   []Side
	// Recorded are contradictions, recorded by compilers, between two of these statements.
	Recorded []string
}

// Side is statements of a conflict that can be true together.
type Side struct {
	Stance string
	// Low and High are what the figures of the side have in common; nil where open.
	Low, High *float64
	// Reliability and Credibility are the best of the side; empty and 0 where they cannot be judged.
	Reliability string
	Credibility int
	Sources     int
	Estimates   []string
	Evidence    []Evidence
}

// Contradict finds statements that cannot all be true: figures of one measure, context, unit and currency about one subject whose ranges have
// nothing in common though their periods do; and claims of which some assert what others deny of the same time. Sides are as few as can be:
// the smallest number of values that between them lie in every range of the group.
func Contradict(s Statements, first int) ConflictsAnswer {
	answer := ConflictsAnswer{Status: Complete, Conflicts: []Conflict{}}
	type subject struct{ about, metric, context, unit, currency string }
	groups := map[subject][]EstimateStatement{}
	for _, e := range s.Estimates {
		switch {
		case e.Possible:
			answer.Possible++
		default:
			answer.Compared++
			key := subject{e.About, e.Metric, e.Context, strings.ToLower(strings.TrimSpace(e.Unit)), e.Currency}
			groups[key] = append(groups[key], e)
		}
	}
	for _, c := range s.Claims {
		answer.Possible += either(c.Possible)
	}
	for key, group := range groups {
		sorted(group, func(a, b EstimateStatement) int { return cmp.Compare(a.Node, b.Node) })
		for _, part := range connected(len(group), func(i, j int) bool { return contrary(group[i], group[j]) }) {
			c := Conflict{Kind: "VALUE", About: key.about, Metric: key.metric, Context: key.context, Unit: group[part[0]].Unit, Currency: key.currency, Certain: true}
			var members []EstimateStatement
			for _, i := range part {
				members = append(members, group[i])
				for _, j := range part {
					c.Certain = c.Certain && group[i].samePeriod(group[j].Statement)
				}
			}
			c.Sides = sidesOf(members)
			c.Recorded = s.recorded(nodesOf(members))
			answer.Conflicts = append(answer.Conflicts, c)
		}
	}
	answer.Conflicts = append(answer.Conflicts, s.disputes()...)
	answer.TotalCount = len(answer.Conflicts)
	answer.Conflicts, answer.Status = listed(answer.Conflicts, first, func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(a.grade(), b.grade()), cmp.Compare(either(b.Certain), either(a.Certain)), cmp.Compare(a.About, b.About), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.To, b.To), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Context, b.Context), cmp.Compare(a.Unit, b.Unit),
			cmp.Compare(a.Currency, b.Currency), slices.Compare(a.Sides[0].Estimates, b.Sides[0].Estimates))
	})
	return answer
}

// contrary says whether two figures cannot both be true.
func contrary(a, b EstimateStatement) bool {
	if !a.overlaps(b.Statement) || a.Denies && b.Denies {
		return false
	}
	if b.Denies {
		a, b = b, a
	}
	if a.Denies { // contrary to what lies within the range that it denies
		return a.low() <= b.low() && b.high() <= a.high()
	}
	return a.high() < b.low() || b.high() < a.low()
}

func (e EstimateStatement) low() float64 {
	if e.Low == nil {
		return math.Inf(-1)
	}
	return *e.Low
}

func (e EstimateStatement) high() float64 {
	if e.High == nil {
		return math.Inf(1)
	}
	return *e.High
}

// overlaps says whether both may hold on one day; what has no date may hold on any.
func (s Statement) overlaps(t Statement) bool {
	return !s.Dated || !t.Dated || s.From <= t.To && t.From <= s.To
}

func (s Statement) samePeriod(t Statement) bool {
	return s.Dated == t.Dated && (!s.Dated || s.From == t.From && s.To == t.To)
}

// connected gives the sets of two and more numbers that a relation joins, each in order.
func connected(n int, joined func(i, j int) bool) [][]int {
	var out [][]int
	part := make([]bool, n)
	for start := range n {
		if part[start] {
			continue
		}
		part[start] = true
		set := []int{start}
		for at := 0; at < len(set); at++ {
			for j := range n {
				if !part[j] && joined(set[at], j) {
					part[j] = true
					set = append(set, j)
				}
			}
		}
		if len(set) > 1 {
			slices.Sort(set)
			out = append(out, set)
		}
	}
	return out
}

// sidesOf puts figures together that have a value in common, in order of the values: a value at the end of the range that ends first is in all
// ranges of the first side, and so on. Denials are a side of their own.
func sidesOf(members []EstimateStatement) []Side {
	sorted(members, func(a, b EstimateStatement) int {
		return cmp.Or(cmp.Compare(either(a.Denies), either(b.Denies)), cmp.Compare(a.high(), b.high()), cmp.Compare(a.low(), b.low()), cmp.Compare(a.Node, b.Node))
	})
	var sides []Side
	for at := 0; at < len(members); {
		last := at
		low, high := members[at].low(), members[at].high()
		for last < len(members) && members[last].Denies == members[at].Denies && (members[at].Denies || members[last].low() <= high) {
			low = max(low, members[last].low())
			last++
		}
		side := Side{Stance: "ASSERTS", Evidence: []Evidence{}, Estimates: nodesOf(members[at:last])}
		if members[at].Denies {
			side.Stance = "DENIES"
		} else {
			side.Low, side.High = finite(low), finite(high)
		}
		statements := make([]Statement, 0, last-at)
		for _, m := range members[at:last] {
			statements = append(statements, m.Statement)
		}
		side.graded(statements, func(i int) string { return members[at+i].Node })
		sides = append(sides, side)
		at = last
	}
	return sides
}

func nodesOf(members []EstimateStatement) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = m.Node
	}
	slices.Sort(out)
	return out
}

func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// graded fills in the best grades and counts the sources; one that is hidden counts as its own, by what it says.
func (s *Side) graded(statements []Statement, id func(i int) string) {
	sources := map[string]bool{}
	for i, x := range statements {
		if x.Reliability < unjudgedReliability && (s.Reliability == "" || x.Reliability < s.Reliability) {
			s.Reliability = x.Reliability
		}
		if x.Credibility < unjudgedCredibility && (s.Credibility == 0 || x.Credibility < s.Credibility) {
			s.Credibility = x.Credibility
		}
		source := x.Source
		if source == "" {
			source = id(i)
		}
		sources[source] = true
	}
	s.Sources = len(sources)
}

// The grades that say: cannot be judged.
const (
	unjudgedReliability = "F"
	unjudgedCredibility = 6
)

// grade orders conflicts: the worse side counts.
func (c Conflict) grade() int {
	worst := 0
	for _, s := range c.Sides {
		grade := 10 * (unjudgedCredibility + 1)
		if s.Reliability != "" && s.Credibility > 0 {
			grade = 10*int(s.Reliability[0]-'A') + s.Credibility
		}
		worst = max(worst, grade)
	}
	return worst
}

// recorded are the recorded contradictions between at least two of some nodes.
func (s Statements) recorded(nodes []string) []string {
	out := []string{}
	for _, r := range s.Recorded {
		among := 0
		for _, b := range r.Between {
			among += either(slices.Contains(nodes, b))
		}
		if among >= 2 {
			out = append(out, r.Node)
		}
	}
	slices.Sort(out)
	return out
}

// disputes are the relations that some assert and others deny of the same time.
func (s Statements) disputes() []Conflict {
	type relation struct{ relation, from, to string }
	claims := map[relation][]ClaimStatement{}
	for _, c := range s.Claims {
		if c.Possible {
			continue
		}
		key := relation{c.Claim.Relation, c.Claim.From, c.Claim.To}
		claims[key] = append(claims[key], c)
	}
	var out []Conflict
	for key, all := range claims {
		c := Conflict{Kind: "STANCE", About: key.from, To: key.to, Relation: key.relation, Certain: true, Recorded: s.recorded([]string{key.from, key.to})}
		for _, denies := range []bool{false, true} {
			side := Side{Stance: "ASSERTS", Estimates: []string{}}
			if denies {
				side.Stance = "DENIES"
			}
			var statements []Statement
			var said []Claim
			for _, x := range all {
				against := slices.ContainsFunc(all, func(y ClaimStatement) bool { return x.Denies != y.Denies && x.overlaps(y.Statement) })
				if x.Denies != denies || !against {
					continue
				}
				statements, said = append(statements, x.Statement), append(said, x.Claim)
				for _, y := range all {
					if x.Denies != y.Denies && x.overlaps(y.Statement) {
						c.Certain = c.Certain && x.samePeriod(y.Statement)
					}
				}
			}
			side.graded(statements, func(i int) string { return said[i].ID })
			side.Evidence = EvidenceOf(said)
			c.Sides = append(c.Sides, side)
		}
		if len(c.Sides[0].Evidence) > 0 && len(c.Sides[1].Evidence) > 0 {
			out = append(out, c)
		}
	}
	return out
}
