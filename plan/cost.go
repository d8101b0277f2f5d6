package plan

import "fmt"

// Cost bounds the work that a plan can ask for, before any store is touched.
type Cost struct {
	// Depth is how many levels of nodes lie within each other, those that filters look at included.
	Depth int
	// Rows is the largest number of nodes and claims that the answer can hold.
	Rows int
	// Columns is how many values the plan names, on all levels together.
	Columns int
	// Conditions is how many comparisons, relation conditions and combinations of them its filters hold: each takes its part of a
	// statement, even one that is empty.
	Conditions int
}

// Limits are the largest costs allowed.
type Limits Cost

// DefaultLimits let through what a page or an analyst asks for, and stop what would keep a store busy for seconds.
var DefaultLimits = Limits{Depth: 8, Rows: 100_000, Columns: 500, Conditions: 100}

// rowCeiling keeps products of page sizes from overflowing.
const rowCeiling = 1 << 40

// Cost computes the cost of a plan.
func (p Plan) Cost() Cost {
	var c Cost
	switch {
	case p.Page != nil:
		c = p.Page.cost()
	case p.Lookup != nil:
		c = p.Lookup.Node.cost().times(len(p.Lookup.IDs))
	}
	return c
}

// Check compares a cost with the limits. The error names the first that is exceeded, its size and the limit.
func (l Limits) Check(c Cost) error {
	for _, m := range []struct {
		what         string
		is, may      int
		howToGetDown string
	}{
		{"levels of nodes", c.Depth, l.Depth, "ask for fewer levels"},
		{"rows", c.Rows, l.Rows, "ask for fewer with `first`, or leave out a level"},
		{"columns", c.Columns, l.Columns, "select fewer fields"},
		{"conditions", c.Conditions, l.Conditions, "filter by less"},
	} {
		if m.is > m.may {
			return fmt.Errorf("the answer could take %d %s, at most %d are allowed: %s", m.is, m.what, m.may, m.howToGetDown)
		}
	}
	return nil
}

func (c Cost) times(n int) Cost {
	c.Rows = min(c.Rows*max(n, 1), rowCeiling)
	return c
}

// with adds what lies beside c on the same level.
func (c Cost) with(d Cost) Cost {
	return Cost{
		Depth: max(c.Depth, d.Depth), Rows: min(c.Rows+d.Rows, rowCeiling),
		Columns: c.Columns + d.Columns, Conditions: c.Conditions + d.Conditions,
	}
}

func (p *Page) cost() Cost {
	c := p.Node.cost()
	if p.Edge != nil {
		for _, col := range p.Edge.Columns {
			c.Columns++
			if col.Claims != nil {
				below := col.Claims.Node.cost()
				below.Depth = 0
				c = c.with(below.times(col.Claims.First))
			}
		}
	}
	if p.Rows {
		c = c.times(p.First)
	} else {
		c.Rows = 1
	}
	filter := p.Where.cost().with(p.Claim.cost())
	filter.Depth++
	return c.with(filter)
}

func (n Node) cost() Cost {
	below := Cost{}
	for _, col := range n.Columns {
		below.Columns++
		switch {
		case col.Page != nil:
			below = below.with(col.Page.cost())
		case col.One != nil:
			below = below.with(col.One.Node.cost())
		case col.Reference != nil:
			below = below.with(col.Reference.Node.cost())
		}
	}
	below.Depth++
	below.Rows++
	return below
}

func (f *Filter) cost() Cost {
	if f == nil {
		return Cost{}
	}
	c := Cost{Conditions: 1}
	switch {
	case f.All != nil:
		for i := range *f.All {
			c = c.with((*f.All)[i].cost())
		}
	case f.Any != nil:
		for i := range *f.Any {
			c = c.with((*f.Any)[i].cost())
		}
	case f.Not != nil:
		c = c.with(f.Not.cost())
	case f.Some != nil:
		c = c.with(f.Some.Node.cost()).with(f.Some.Claim.cost())
		c.Depth++
	}
	return c
}
