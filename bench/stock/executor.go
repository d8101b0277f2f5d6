package stock

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Executor answers one query over the objects of one answer.
type Executor struct {
	schema    graphql.ExecutableSchema
	query     string
	doc       *ast.QueryDocument
	variables map[string]any
}

type resolver struct{ page *GroupConnection }

func (r resolver) Query() QueryResolver { return r }

// Groups is the page in memory, whatever is asked for.
func (r resolver) Groups(context.Context, int, *string) (*GroupConnection, error) { return r.page, nil }

// New parses a query once and takes the objects from data, the data of a response to the same query.
func New(query string, variables map[string]any, data []byte) (*Executor, error) {
	var objects struct{ Groups *GroupConnection }
	if err := json.Unmarshal(data, &objects); err != nil {
		return nil, fmt.Errorf("objects: %w", err)
	}
	schema := NewExecutableSchema(Config{Resolvers: resolver{objects.Groups}})
	doc, errs := gqlparser.LoadQueryWithRules(schema.Schema(), query, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, fmt.Errorf("query: %w", errs)
	}
	vars, err := validator.VariableValues(schema.Schema(), doc.Operations[0], variables)
	if err != nil {
		return nil, fmt.Errorf("variables: %w", err)
	}
	return &Executor{schema: schema, query: query, doc: doc, variables: vars}, nil
}

// Execute runs the executor alone, without HTTP, parsing or validation, and returns the data of the response.
func (e *Executor) Execute(ctx context.Context) ([]byte, error) {
	ctx = graphql.WithOperationContext(ctx, &graphql.OperationContext{
		RawQuery: e.query, Variables: e.variables, Doc: e.doc, Operation: e.doc.Operations[0], RecoverFunc: graphql.DefaultRecover,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	})
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
	response := e.schema.Exec(ctx)(ctx)
	if errs := append(graphql.GetErrors(ctx), response.Errors...); len(errs) > 0 {
		return nil, errs
	}
	return response.Data, nil
}
