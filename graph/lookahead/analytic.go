package lookahead

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/plan"
)

// Analytic is a root field whose answer is computed on the network. The plan of its question has a lens alone.
type Analytic struct {
	// Field is the root field's name, Arguments its arguments, coerced; what was left out and has no default is not there.
	Field     string
	Arguments map[string]any
	Position  *ast.Position
	// Node and Claim are what is selected of the nodes and claims that the answer names, from all places together.
	Node, Claim plan.Node
	// Selected are the nodes that the argument `where` selects: a page of ids for each kind that it names. Nil where it was left out.
	Selected []plan.Plan
	// Names says that of nodes nothing is selected but kind, id and name.
	Names bool
}

func (b *building) analytic(q *Question, field *ast.Field, args map[string]any) error {
	nodes, claims := newNode(b, b.reader.Model.Kind("Node")), newNode(b, b.reader.Model.Claim)
	// The first column tells which record a row holds.
	for _, n := range []*nodeBuilding{nodes, claims} {
		id := n.kind.Property("id")
		n.properties[id.Name] = len(n.columns)
		n.columns = append(n.columns, plan.Column{Property: id})
	}
	tree, err := b.tree(b.reader.Schema.Types[field.Definition.Type.Name()], nodes, claims, field.SelectionSet)
	if err != nil {
		return err
	}
	a := &Analytic{Field: field.Name, Arguments: args, Position: field.Position, Node: nodes.plan(), Claim: claims.plan(), Names: true}
	for _, c := range a.Node.Columns {
		a.Names = a.Names && (c.Name || c.Property != nil && (c.Property.Name == "id" || c.Property.Name == "name"))
	}
	q.Analytic, q.Shape.Tree = a, tree
	if where, given := args["where"].(map[string]any); given {
		a.Selected, err = b.selected(field, where, q.Plan.Lens)
	}
	return err
}

// MaxSelected is how many nodes of a kind `where` may select.
const MaxSelected = 1000

// selected reads a selection of nodes.
func (b *building) selected(field *ast.Field, where map[string]any, lens plan.Lens) ([]plan.Plan, error) {
	plans := []plan.Plan{}
	for _, k := range b.reader.Model.Kinds {
		if where[k.Singular] == nil {
			continue
		}
		filter, err := b.where(field, "where."+k.Singular, where[k.Singular], k)
		if err != nil {
			return nil, err
		}
		id := k.Property("id")
		p := plan.Plan{Lens: lens, Page: &plan.Page{
			Where: filter, Order: []plan.Order{{Property: id}}, First: MaxSelected, Rows: true, Node: plan.Node{Kind: k, Columns: []plan.Column{{Property: id}}},
		}}
		if err := b.reader.Limits.Check(p.Cost()); err != nil {
			return nil, refusal(field, "where", ComplexityLimitExceeded, "%s: %v", field.Alias, err)
		}
		plans = append(plans, p)
	}
	if len(plans) == 0 {
		return nil, refusal(field, "where", BadUserInput, "where: name a kind, as {group: {…}}")
	}
	return plans, nil
}

// tree reads the selection on a type of the schema that is no record.
func (b *building) tree(def *ast.Definition, nodes, claims *nodeBuilding, sets ...ast.SelectionSet) (*encoder.Tree, error) {
	tree := &encoder.Tree{Fields: []encoder.TreeField{}}
	for _, c := range collect(b.vars, sets, named(def.Name)) {
		field := c.field()
		f := encoder.TreeField{Key: c.key, Name: encoder.GoName(field.Name)}
		if field.Name == "__typename" {
			f.Constant = strconv.Quote(def.Name)
			tree.Fields = append(tree.Fields, f)
			continue
		}
		f.Nullable = !field.Definition.Type.NonNull
		var err error
		if field.Definition.Arguments.ForName("first") != nil {
			if f.First, err = b.first(field); err != nil {
				return nil, err
			}
		}
		below := b.reader.Schema.Types[field.Definition.Type.Name()]
		switch kind := b.reader.Model.Kind(below.Name); {
		case kind == b.reader.Model.Claim:
			f.Claims, err = claims.object(field, c.selections()...)
		case kind != nil:
			// Whatever the interface, all are columns of the same nodes.
			f.Node = &encoder.Object{Kinds: map[string][]encoder.Field{}}
			for _, member := range kind.Members {
				if f.Node.Kinds[member.Name], err = nodes.fields(member, c.selections()); err != nil {
					break
				}
			}
		case below.Kind == ast.Object:
			f.Below, err = b.tree(below, nodes, claims, c.selections()...)
		}
		if err != nil {
			return nil, err
		}
		tree.Fields = append(tree.Fields, f)
	}
	return tree, nil
}
