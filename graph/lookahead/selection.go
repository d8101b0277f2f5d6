package lookahead

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// building is the reading of one root field.
type building struct {
	reader *Reader
	vars   map[string]any
	// lens is the canonical text of the lens argument, which cursors are bound to.
	lens string
}

// nodeBuilding gathers the columns that all selections on one node need.
type nodeBuilding struct {
	b          *building
	kind       *ontology.Kind
	columns    []plan.Column
	properties map[string]int
	below      map[string]belowColumn
}

// belowColumn is a column that reads further nodes, with the shape of what it reads.
type belowColumn struct {
	at         int
	object     *encoder.Object
	connection *encoder.Connection
}

func newNode(b *building, kind *ontology.Kind) *nodeBuilding {
	n := &nodeBuilding{b: b, kind: kind, properties: map[string]int{}, below: map[string]belowColumn{}}
	if kind.Abstract() {
		n.columns = append(n.columns, plan.Column{Name: true})
	}
	return n
}

func (n *nodeBuilding) plan() plan.Node { return plan.Node{Kind: n.kind, Columns: n.columns} }

// object reads selection sets on the node and returns the shape of the object they make.
func (n *nodeBuilding) object(at *ast.Field, sets ...ast.SelectionSet) (*encoder.Object, error) {
	if !n.kind.Abstract() {
		fields, err := n.fields(n.kind, sets)
		return &encoder.Object{Fields: fields}, err
	}
	o := &encoder.Object{Kinds: map[string][]encoder.Field{}}
	for _, member := range n.kind.Members {
		fields, err := n.fields(member, sets)
		if err != nil {
			return nil, err
		}
		o.Kinds[member.Name] = fields
	}
	return o, nil
}

// fields reads the selection as it applies to one kind.
func (n *nodeBuilding) fields(kind *ontology.Kind, sets []ast.SelectionSet) ([]encoder.Field, error) {
	var out []encoder.Field
	for _, c := range collect(n.b.vars, sets, n.b.ofKind(kind)) {
		f := encoder.Field{Key: c.key}
		name := c.field().Name
		switch p, link := kind.Property(name), kind.Link(name); {
		case name == "__typename":
			f.Constant = strconv.Quote(kind.Name)
		case p != nil && p.Type == ontology.Reference:
			below, err := n.column(c, kind, p.Name+" reference", func(col *plan.Column) (below belowColumn, err error) {
				target := newNode(n.b, p.Reference)
				below.object, err = target.object(c.field(), c.selections()...)
				col.Reference = &plan.Reference{Property: p, Node: target.plan()}
				return below, err
			})
			if err != nil {
				return nil, err
			}
			f.Object, f.At = below.object, below.at
		case p != nil:
			at, known := n.properties[p.Name]
			if !known {
				at = len(n.columns)
				n.properties[p.Name] = at
				n.columns = append(n.columns, plan.Column{Property: p})
			}
			f.Property, f.At = p, at
		case link != nil && link.Many:
			below, err := n.column(c, kind, identity(link), func(col *plan.Column) (below belowColumn, err error) {
				args, err := n.b.reader.arguments(c.field(), n.b.vars)
				if err != nil {
					return below, err
				}
				col.Page, below.connection, err = n.b.page(c.field(), args, link, link.Target, c.selections()...)
				return below, err
			})
			if err != nil {
				return nil, err
			}
			f.Connection, f.At = below.connection, below.at
		case link != nil:
			below, err := n.column(c, kind, identity(link), func(col *plan.Column) (below belowColumn, err error) {
				target := newNode(n.b, link.Target)
				below.object, err = target.object(c.field(), c.selections()...)
				col.One = &plan.One{Via: link, Node: target.plan()}
				return below, err
			})
			if err != nil {
				return nil, err
			}
			f.Object, f.At = below.object, below.at
		default:
			return nil, refusal(c.field(), "", BadUserInput, "%s has no field %s", kind.Name, name)
		}
		out = append(out, f)
	}
	return out, nil
}

func identity(l *ontology.Link) string {
	return fmt.Sprintf("%s %s %s", l.Relation.Name, l.Direction, l.Target.Name)
}

// column finds or makes the column that reads what lies below a field. Kinds behind an interface share one where they
// follow the same relation for the same part of the query.
func (n *nodeBuilding) column(c collected, kind *ontology.Kind, what string, make func(*plan.Column) (belowColumn, error)) (belowColumn, error) {
	key := c.identity() + what
	if known, found := n.below[key]; found {
		col := &n.columns[known.at]
		if len(col.Only) > 0 && !slices.Contains(col.Only, kind) {
			col.Only = append(col.Only, kind)
			if len(col.Only) == len(n.kind.Members) {
				col.Only = nil
			}
		}
		return known, nil
	}
	var col plan.Column
	below, err := make(&col)
	if err != nil {
		return below, err
	}
	if n.kind.Abstract() && len(n.kind.Members) > 1 && col.Reference == nil {
		col.Only = []*ontology.Kind{kind}
	}
	below.at = len(n.columns)
	n.columns = append(n.columns, col)
	n.below[key] = below
	return below, nil
}

// page reads a connection: the root field of a kind, or a link to many nodes.
func (b *building) page(field *ast.Field, args map[string]any, via *ontology.Link, target *ontology.Kind, sets ...ast.SelectionSet) (*plan.Page, *encoder.Connection, error) {
	if sets == nil {
		sets = []ast.SelectionSet{field.SelectionSet}
	}
	size, err := first(field, args)
	if err != nil {
		return nil, nil, err
	}
	p := &plan.Page{Via: via, First: size}
	if p.Order, err = order(field, args["orderBy"], target); err != nil {
		return nil, nil, err
	}
	if p.Where, err = b.where(field, "where", args["where"], target); err != nil {
		return nil, nil, err
	}
	if p.Claim, err = b.where(field, "claim", args["claim"], b.reader.Model.Claim); err != nil {
		return nil, nil, err
	}
	shape := &encoder.Connection{First: size, Seal: b.seal(field, args, via, target)}
	if after, given := args["after"].(string); given {
		keys, err := shape.Seal.Keys(after)
		if err != nil || len(keys) != len(p.Order) {
			return nil, nil, refusal(field, "after", BadUserInput, "after: %v", encoder.ErrCursor)
		}
		p.After, shape.After = keys, true
	}
	return p, shape, b.connection(p, shape, target, sets)
}

// seal binds cursors to the field, its filters, its order and the lens.
func (b *building) seal(field *ast.Field, args map[string]any, via *ontology.Link, target *ontology.Kind) encoder.Seal {
	question := "root"
	if via != nil {
		question = identity(via)
	}
	for _, part := range []string{
		target.Name, canonical(args["where"]), canonical(args["claim"]), canonical(args["orderBy"]), b.lens,
	} {
		question += "\n" + part
	}
	return encoder.NewSeal(question)
}

// connection reads the selection on a connection type.
func (b *building) connection(p *plan.Page, shape *encoder.Connection, target *ontology.Kind, sets []ast.SelectionSet) error {
	prefix := ""
	if p.Via != nil && !p.Via.Relation.Structural {
		prefix = "Related"
	}
	connectionName, edgeName := prefix+target.Name+"Connection", prefix+target.Name+"Edge"
	n := newNode(b, target)
	e := &edgeBuilding{b: b, values: map[plan.EdgeValue]int{}}
	var err error
	for _, c := range collect(b.vars, sets, named(connectionName)) {
		part := encoder.Part{Key: c.key}
		switch c.field().Name {
		case "nodes":
			p.Rows = true
			part.Nodes, err = n.object(c.field(), c.selections()...)
		case "edges":
			p.Rows = true
			part.Edges, err = e.edge(p, n, edgeName, c.selections())
		case "pageInfo":
			part.PageInfo = []encoder.InfoPart{}
			for _, d := range collect(b.vars, c.selections(), named("PageInfo")) {
				name := d.field().Name
				p.Rows = p.Rows || name != "__typename"
				p.Keys = p.Keys || name == "startCursor" || name == "endCursor"
				part.PageInfo = append(part.PageInfo, encoder.InfoPart{Key: d.key, Name: name})
			}
		case "totalCount":
			p.Total, part.Total = true, true
		default:
			part.Constant = strconv.Quote(connectionName)
		}
		if err != nil {
			return err
		}
		shape.Parts = append(shape.Parts, part)
	}
	p.Node = n.plan()
	if len(e.columns) > 0 {
		p.Edge = &plan.Edge{Columns: e.columns}
	}
	return nil
}

// edgeBuilding gathers the columns that all selections on the edges of a page need.
type edgeBuilding struct {
	b       *building
	columns []plan.EdgeColumn
	values  map[plan.EdgeValue]int
}

func (e *edgeBuilding) edge(p *plan.Page, n *nodeBuilding, typeName string, sets []ast.SelectionSet) (*encoder.EdgeShape, error) {
	validFrom := e.b.reader.Model.Claim.Property("validFrom")
	shape := &encoder.EdgeShape{}
	for _, c := range collect(e.b.vars, sets, named(typeName)) {
		part := encoder.EdgePart{Key: c.key}
		var err error
		switch name := c.field().Name; name {
		case "node":
			part.Node, err = n.object(c.field(), c.selections()...)
		case "cursor":
			p.Keys, part.Cursor = true, true
		case "claims":
			if part.First, err = e.b.first(c.field()); err != nil {
				return nil, err
			}
			claim := newNode(e.b, e.b.reader.Model.Claim)
			part.Claims, err = claim.object(c.field(), c.selections()...)
			part.At = len(e.columns)
			e.columns = append(e.columns, plan.EdgeColumn{Claims: &plan.Claims{First: part.First, Node: claim.plan()}})
		case "disputed", "denied":
			part.Value, part.Truth, part.At = true, true, e.value(plan.EdgeValue(name))
		case "claimCount":
			part.Value, part.At = true, e.value(plan.ClaimCount)
		case "firstSeen", "lastSeen":
			part.Value, part.Day, part.At = true, validFrom, e.value(plan.EdgeValue(name))
		default:
			part.Constant = strconv.Quote(typeName)
		}
		if err != nil {
			return nil, err
		}
		shape.Parts = append(shape.Parts, part)
	}
	return shape, nil
}

func (e *edgeBuilding) value(v plan.EdgeValue) int {
	at, known := e.values[v]
	if !known {
		at = len(e.columns)
		e.values[v] = at
		e.columns = append(e.columns, plan.EdgeColumn{Value: v})
	}
	return at
}
