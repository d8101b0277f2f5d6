package graph

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/crimegraph/crimegraph/graph/generated"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Error codes in extensions.code, after Apollo's.
const (
	codeParseFailed      = "GRAPHQL_PARSE_FAILED"
	codeValidationFailed = "GRAPHQL_VALIDATION_FAILED"
	codeInternal         = "INTERNAL_SERVER_ERROR"
	codeTimeout          = "DEADLINE_EXCEEDED"
	codeUnavailable      = "SERVICE_UNAVAILABLE"
)

// queryCacheSize bounds the parsed queries kept; each is at most as long as QueryLimits.Tokens allows.
const queryCacheSize = 500

// API answers GraphQL requests over one store.
type API struct {
	schema    graphql.ExecutableSchema
	reader    *lookahead.Reader
	limits    QueryLimits
	accepted  *lru.LRU[*ast.QueryDocument]
	log       *slog.Logger
	deadlines time.Duration
}

// Options of NewAPI. The zero value means the defaults.
type Options struct {
	Limits     QueryLimits
	PlanLimits plan.Limits
	// Timeout ends a request that takes longer; 30 seconds by default.
	Timeout time.Duration
	Log     *slog.Logger
}

// NewAPI makes the API of a store that holds records of the model.
func NewAPI(model *ontology.Model, s Store, opts Options) *API {
	if opts.Limits == (QueryLimits{}) {
		opts.Limits = DefaultQueryLimits
	}
	if opts.PlanLimits == (plan.Limits{}) {
		opts.PlanLimits = plan.DefaultLimits
	}
	if opts.Timeout == 0 {
		opts.Timeout = 30 * time.Second
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &API{
		schema:    generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{Store: s}}),
		reader:    &lookahead.Reader{Model: model, Limits: opts.PlanLimits},
		limits:    opts.Limits,
		accepted:  lru.New[*ast.QueryDocument](queryCacheSize),
		log:       opts.Log,
		deadlines: opts.Timeout,
	}
}

// Request is a GraphQL request. Numbers in Variables are json.Number.
type Request struct {
	Query         string
	OperationName string
	Variables     map[string]any
}

// Response is what a request came to. Data is nil where the request was refused before it was executed.
type Response struct {
	Errors gqlerror.List
	Data   []byte
}

// Refused says that the request was not executed.
func (r Response) Refused() bool { return r.Data == nil }

// Append appends the response as JSON.
func (r Response) Append(b []byte) ([]byte, error) {
	b = append(b, '{')
	if len(r.Errors) > 0 {
		errs, err := json.Marshal(r.Errors)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `"errors":`...), errs...)
		if r.Data != nil {
			b = append(b, ',')
		}
	}
	if r.Data != nil {
		b = append(append(b, `"data":`...), r.Data...)
	}
	return append(b, '}'), nil
}

// Questions parses, validates and plans a request, and touches no store. The questions come by response key.
func (a *API) Questions(request Request, access lookahead.Access) (map[string]lookahead.Question, gqlerror.List) {
	_, planned, errs := a.prepare(request, access)
	return planned, errs
}

func (a *API) prepare(request Request, access lookahead.Access) (*graphql.OperationContext, questions, gqlerror.List) {
	doc, errs := a.document(request.Query)
	if errs != nil {
		return nil, nil, errs
	}
	op := doc.Operations.ForName(request.OperationName)
	if op == nil {
		return nil, nil, gqlerror.List{coded(gqlerror.Errorf("the document has no operation %q, or several and no operationName", request.OperationName), lookahead.BadUserInput)}
	}
	vars, err := validator.VariableValues(a.schema.Schema(), op, request.Variables)
	if err != nil {
		return nil, nil, gqlerror.List{coded(gqlerror.WrapIfUnwrapped(err), lookahead.BadUserInput)}
	}
	planned := questions{}
	for _, field := range lookahead.RootFields(op, vars) {
		if field.Definition == nil || field.Name[0] == '_' {
			continue // introspection
		}
		q, err := a.reader.Question(field, vars, access)
		if err != nil {
			var refused *gqlerror.Error
			if !errors.As(err, &refused) {
				refused = coded(gqlerror.WrapIfUnwrapped(err), codeInternal)
			}
			refused.Path = ast.Path{ast.PathName(field.Alias)}
			errs = append(errs, refused)
			continue
		}
		planned[field.Alias] = q
	}
	if errs != nil {
		return nil, nil, errs
	}
	return &graphql.OperationContext{
		RawQuery: request.Query, Variables: vars, OperationName: request.OperationName, Doc: doc, Operation: op,
		RecoverFunc:            a.recovered,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}, planned, nil
}

// document parses, measures and validates a query. Only accepted ones are kept.
func (a *API) document(text string) (*ast.QueryDocument, gqlerror.List) {
	ctx := context.Background()
	if doc, known := a.accepted.Get(ctx, text); known {
		return doc, nil
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, a.limits.Tokens)
	if err != nil {
		return nil, gqlerror.List{coded(gqlerror.WrapIfUnwrapped(err), codeParseFailed)}
	}
	if len(doc.Operations) == 0 {
		return nil, gqlerror.List{coded(gqlerror.Errorf("the document has no operation"), codeValidationFailed)}
	}
	if err := a.limits.check(doc); err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := validator.ValidateWithRules(a.schema.Schema(), doc, rules.NewDefaultRules()); len(errs) > 0 {
		for _, e := range errs {
			coded(e, codeValidationFailed)
		}
		return nil, errs
	}
	a.accepted.Add(ctx, text, doc)
	return doc, nil
}

func coded(err *gqlerror.Error, code string) *gqlerror.Error {
	if err.Extensions == nil {
		err.Extensions = map[string]any{}
	}
	err.Extensions["code"] = code
	return err
}

// Execute answers a request for a caller. It never panics; what goes wrong inside is logged and answered without detail.
func (a *API) Execute(ctx context.Context, request Request, access lookahead.Access) Response {
	op, planned, errs := a.prepare(request, access)
	if errs != nil {
		return Response{Errors: errs}
	}
	ctx, cancel := context.WithTimeout(ctx, a.deadlines)
	defer cancel()
	ctx = context.WithValue(graphql.WithOperationContext(ctx, op), questionsKey{}, planned)
	ctx = graphql.WithResponseContext(ctx, a.presented, a.recovered)
	answer := a.schema.Exec(ctx)(ctx)
	errs = append(graphql.GetErrors(ctx), answer.Errors...)
	data := []byte(answer.Data)
	if data == nil {
		data = []byte("null")
	}
	return Response{Errors: errs, Data: data}
}

// presented turns an error of a resolver into what the caller may read.
func (a *API) presented(ctx context.Context, err error) *gqlerror.Error {
	path := graphql.GetPath(ctx)
	var known *gqlerror.Error
	if errors.As(err, &known) && known.Extensions["code"] != nil {
		return known
	}
	answer := &gqlerror.Error{Path: path, Extensions: map[string]any{}}
	var failed *store.Error
	switch {
	case errors.As(err, &failed) && failed.Code == store.CodeDeadline:
		answer.Message, answer.Extensions["code"] = "the request took too long and was stopped; ask for less at once", codeTimeout
	case errors.As(err, &failed) && (failed.Code == store.CodeUnreachable || failed.Code == store.CodeClosed):
		answer.Message, answer.Extensions["code"] = "the store cannot be reached; try again", codeUnavailable
	default:
		answer.Message, answer.Extensions["code"] = "the server failed; its log says more", codeInternal
	}
	a.log.ErrorContext(ctx, "root field failed", "path", path.String(), "error", err.Error())
	return answer
}

func (a *API) recovered(ctx context.Context, cause any) error {
	a.log.ErrorContext(ctx, "panic in a resolver", "cause", cause, "stack", string(debug.Stack()))
	return coded(gqlerror.Errorf("the server failed; its log says more"), codeInternal)
}
