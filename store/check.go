package store

import (
	"context"
	"fmt"
	"iter"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// Findings are what Check found.
type Findings struct {
	Nodes  int      `json:"nodes"`
	Claims int      `json:"claims"`
	Faults []string `json:"faults"`
}

// Streamer is what Check needs of a store.
type Streamer interface {
	Stream(ctx context.Context, wanted plan.Records) iter.Seq2[Record, error]
}

// Check reads every record and compares it with the ontology: required values, vocabulary, ranges, ends, sources and ids.
func Check(ctx context.Context, model *ontology.Model, s Streamer) (Findings, error) {
	c := checking{model: model, kinds: map[string]*ontology.Kind{}, graded: map[string]any{}}
	everything := plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}}
	for r, err := range s.Stream(ctx, everything) {
		if err != nil {
			return c.findings, err
		}
		if r.Node != nil {
			c.node(r.Node)
		} else {
			c.claim(r.Claim)
		}
	}
	c.named()
	return c.findings, nil
}

type checking struct {
	model    *ontology.Model
	findings Findings
	kinds    map[string]*ontology.Kind
	// graded holds the reliability of each source.
	graded map[string]any
	// references are what nodes name, to be looked up when all nodes are known.
	references []reference
}

type reference struct {
	from, to string
	kinds    []*ontology.Kind
	// grade is the reliability that a statement copied from the source it names; nil elsewhere.
	grade any
}

func (c *checking) fault(format string, args ...any) {
	c.findings.Faults = append(c.findings.Faults, fmt.Sprintf(format, args...))
}

func (c *checking) node(n *Node) {
	c.findings.Nodes++
	id := n.ID()
	if !ontology.ValidID(id) || len(id) <= len(n.Kind.IDPrefix()) || id[:len(n.Kind.IDPrefix())] != n.Kind.IDPrefix() {
		c.fault("%s: a %s has an id that begins with %s", id, n.Kind.Name, n.Kind.IDPrefix())
	}
	c.kinds[id] = n.Kind
	if n.Kind.Name == "Source" {
		c.graded[id] = n.Values[n.Kind.Property("reliability").Position]
	}
	c.values(id, n.Kind, n.Values)
	for _, l := range n.Links {
		c.references = append(c.references, reference{from: id, to: l.ID, kinds: l.Link.Target.Members})
	}
}

func (c *checking) claim(claim *Claim) {
	c.findings.Claims++
	subject := fmt.Sprintf("claim %s (%s %s %s)", claim.ID(), claim.From, claim.Relation.Name, claim.To)
	from, to := c.kinds[claim.From], c.kinds[claim.To]
	switch {
	case from == nil, to == nil:
		c.fault("%s: an end is missing", subject)
	case !claim.Relation.Joins(from, to):
		c.fault("%s: it cannot lead from a %s to a %s", subject, from.Name, to.Name)
	}
	if want := ClaimID(c.model.Claim, claim.Relation, claim.From, claim.To, claim.Values); want != claim.ID() {
		c.fault("%s: its content has the id %s", subject, want)
	}
	c.values(subject, c.model.Claim, claim.Values)
}

func (c *checking) values(subject string, kind *ontology.Kind, values []any) {
	for i, p := range kind.Properties {
		v := values[i]
		if v == nil {
			if p.Required {
				c.fault("%s: %s is missing", subject, p.Name)
			}
			continue
		}
		if n, isRank := v.(int64); isRank && p.Enum != nil && p.Enum.Value(n) == "" {
			c.fault("%s: %s %d is no %s", subject, p.Name, n, p.Enum.Name)
		}
		if id, isText := v.(string); isText && p.Type == ontology.Reference {
			r := reference{from: subject, to: id, kinds: p.Reference.Members}
			if kind.Statement {
				r.grade = values[kind.Property("reliability").Position]
			}
			c.references = append(c.references, r)
		}
	}
	if kind.Statement && values[kind.Property("source").Position] == nil {
		c.fault("%s: a statement has a source", subject)
	}
	for _, pair := range kind.Ranges() {
		if pair.Reversed(values) {
			c.fault("%s: %s lies above %s", subject, pair.Low.Name, pair.High.Name)
		}
	}
}

// named looks up what records name.
func (c *checking) named() {
	for _, r := range c.references {
		kind := c.kinds[r.to]
		fits := false
		for _, k := range r.kinds {
			fits = fits || (kind != nil && k.Name == kind.Name)
		}
		switch {
		case kind == nil:
			c.fault("%s: it names %s, which is missing", r.from, r.to)
		case !fits:
			c.fault("%s: it names %s, which is a %s", r.from, r.to, kind.Name)
		case r.grade != nil && c.graded[r.to] != r.grade:
			c.fault("%s: its reliability is not that of %s", r.from, r.to)
		}
	}
}
