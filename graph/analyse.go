package graph

import (
	"context"
	"net/url"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/graph/generated"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
)

// Analytic is a root field that derives its answer, as a caller without a query of his own sees it.
type Analytic struct {
	Name, Description string
	Arguments         []AnalyticArgument
}

// AnalyticArgument is an argument but for the lens, which all analytics take. Default is as the schema writes it; empty for none.
type AnalyticArgument struct {
	Name, Description, Type, Default string
	List, Required                   bool
}

// Analytics lists the root fields that derive their answers, in the order of the schema.
func Analytics(model *ontology.Model) []Analytic {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	var out []Analytic
	for _, name := range model.Analytics {
		field := schema.Query.Fields.ForName(name)
		if field == nil {
			continue // a subscription
		}
		a := Analytic{Name: name, Description: field.Description}
		for _, argument := range field.Arguments {
			if argument.Type.Name() == "Lens" {
				continue
			}
			x := AnalyticArgument{
				Name: argument.Name, Description: argument.Description, Type: argument.Type.Name(), List: argument.Type.Elem != nil,
				Required: argument.Type.NonNull && argument.DefaultValue == nil,
			}
			if argument.DefaultValue != nil {
				x.Default = argument.DefaultValue.String()
			}
			if values := schema.Types[x.Type].EnumValues; len(values) > 0 && len(values) <= mostNamed {
				var names []string
				for _, v := range values {
					names = append(names, v.Name)
				}
				x.Type = strings.Join(names, "|")
			}
			a.Arguments = append(a.Arguments, x)
		}
		out = append(out, a)
	}
	return out
}

// mostNamed is how many values of a vocabulary are told instead of its name.
const mostNamed = 8

// Analyse answers an analytic with all that can be selected of it, but for the claims themselves, whose ids are there. Parameters are as for
// Export. progress is the name under which it may be followed, as in Request.
func (a *API) Analyse(ctx context.Context, name string, parameters url.Values, access lookahead.Access, progress string) Response {
	request, err := a.asking(name, parameters)
	if err != nil {
		return Response{Errors: gqlerror.List{err}}
	}
	schema := a.schema.Schema()
	answer := schema.Types[schema.Query.Fields.ForName(name).Type.Name()]
	request.Progress = progress
	request.Query = strings.Replace(request.Query, "{ __typename }", a.whole(answer, 0), 1)
	return a.Execute(ctx, request, access)
}

// whole selects everything of a type; of nodes the kind, the id and the name.
func (a *API) whole(def *ast.Definition, depth int) string {
	if a.reader.Model.Kind(def.Name) != nil {
		return "{ __typename id ... on Entity { name } }"
	}
	var b strings.Builder
	b.WriteString("{")
	for _, f := range def.Fields {
		below := a.schema.Schema().Types[f.Type.Name()]
		switch {
		case below.Name == a.reader.Model.Claim.Name || strings.HasPrefix(f.Name, "__"):
			continue
		case below.Kind == ast.Scalar || below.Kind == ast.Enum:
			b.WriteString(" " + f.Name)
		case depth < deepestAnswer:
			b.WriteString(" " + f.Name + " " + a.whole(below, depth+1))
		}
	}
	return b.String() + " }"
}

// deepestAnswer ends what is selected of types that hold themselves.
const deepestAnswer = 6
