package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/crimegraph/crimegraph/graph/generated"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Error codes in extensions.code, after Apollo's.
const (
	codeParseFailed      = "GRAPHQL_PARSE_FAILED"
	codeValidationFailed = "GRAPHQL_VALIDATION_FAILED"
	CodeInternal         = "INTERNAL_SERVER_ERROR"
	CodeTimeout          = "DEADLINE_EXCEEDED"
	CodeUnavailable      = "SERVICE_UNAVAILABLE"
)

// Of the parsed queries, queryCacheSize are kept, none longer than keptQueryLength bytes.
const (
	queryCacheSize  = 500
	keptQueryLength = 16 << 10
)

// API answers GraphQL requests over one store.
type API struct {
	schema    graphql.ExecutableSchema
	resolver  *Resolver
	analyses  map[string]func(arguments) (analysis, error)
	tellings  map[string]func(arguments, lookahead.Access) (telling, error)
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
	// AnalysisTime ends the computing of an answer on the network, which then gives what was found; 5 seconds by default, and half of
	// Timeout at most.
	AnalysisTime time.Duration
	// NetworkMemory bounds what the networks that are kept take, in bytes; network.DefaultMemory by default.
	NetworkMemory int64
	// Pace is how often the store is looked at for subscriptions.
	Pace network.Pace
	Log  *slog.Logger
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
	if opts.AnalysisTime == 0 {
		opts.AnalysisTime = analysisTime
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	networks := network.NewCache(model, s, opts.NetworkMemory)
	resolver := &Resolver{
		Store: s, Networks: networks, Limits: opts.PlanLimits, timeout: opts.Timeout,
		Feed:      network.NewFeed(networks, opts.Pace, func(err error) { opts.Log.Warn("networks cannot be kept new", "error", err.Error()) }),
		named:     &namedRequests{known: map[requestKey]*namedRequest{}},
		computing: &turns{free: max(1, runtime.GOMAXPROCS(0)/2)}, analysisTime: min(opts.AnalysisTime, opts.Timeout/2),
	}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: resolver})
	return &API{
		schema:    schema,
		resolver:  resolver,
		analyses:  analyses(),
		tellings:  tellings(),
		reader:    &lookahead.Reader{Model: model, Schema: schema.Schema(), Limits: opts.PlanLimits},
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
	// Progress is the name under which the caller may follow the request, see the subscription analysisProgress; empty for none.
	Progress string
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
	_, fields, errs := a.prepare(request, access)
	if errs != nil {
		return nil, errs
	}
	out := map[string]lookahead.Question{}
	for key, f := range fields {
		out[key] = f.Question
	}
	return out, nil
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
	vars, err := a.reader.Variables(op, request.Variables)
	if err != nil {
		return nil, nil, gqlerror.List{refusedBy(err)}
	}
	fields := questions{}
	for _, field := range lookahead.RootFields(op, vars) {
		if field.Definition == nil || field.Name[0] == '_' {
			continue // introspection
		}
		q, err := a.reader.Question(field, vars, access)
		if err != nil {
			refused := refusedBy(err)
			refused.Path = ast.Path{ast.PathName(field.Alias)}
			errs = append(errs, refused)
			continue
		}
		p := planned{Question: q}
		if q.Analytic != nil {
			if op.Operation == ast.Subscription {
				p.tell, err = a.tellings[field.Name](q.Analytic.Arguments, access)
			} else {
				p.run, err = a.analyses[field.Name](q.Analytic.Arguments)
			}
			if err != nil {
				refused := refusedAs(err)
				refused.Path = ast.Path{ast.PathName(field.Alias)}
				refused.Locations = []gqlerror.Location{{Line: field.Position.Line, Column: field.Position.Column}}
				errs = append(errs, refused)
				continue
			}
		}
		fields[field.Alias] = p
	}
	if errs != nil {
		return nil, nil, errs
	}
	return &graphql.OperationContext{
		RawQuery: request.Query, Variables: vars, OperationName: request.OperationName, Doc: doc, Operation: op,
		RecoverFunc:            a.recovered,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}, fields, nil
}

// document parses, measures and validates a query. Only accepted ones are kept.
func (a *API) document(text string) (*ast.QueryDocument, gqlerror.List) {
	ctx := context.Background()
	if doc, known := a.accepted.Get(ctx, text); known {
		return doc, nil
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, a.limits.Tokens)
	if err != nil {
		code := codeParseFailed
		if strings.Contains(err.Error(), "exceeded token limit") { // the parser has no type for it
			code = lookahead.ComplexityLimitExceeded
		}
		return nil, gqlerror.List{coded(gqlerror.WrapIfUnwrapped(err), code)}
	}
	if len(doc.Operations) == 0 {
		return nil, gqlerror.List{coded(gqlerror.Errorf("the document has no operation"), codeValidationFailed)}
	}
	if err := a.limits.check(doc); err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := validator.ValidateWithRules(a.schema.Schema(), doc, queryRules()); len(errs) > 0 {
		for _, e := range errs {
			coded(e, codeValidationFailed)
			a.nameValues(e)
		}
		return nil, errs
	}
	if len(text) <= keptQueryLength {
		a.accepted.Add(ctx, text, doc)
	}
	return doc, nil
}

// queryRules are those of the specification, and one that the parser's forget: {} is a value of input objects alone.
func queryRules() *rules.Rules {
	r := rules.NewDefaultRules()
	r.AddRule("ObjectsForInputObjects", func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnValue(func(_ *core.Walker, value *ast.Value) {
			if value.Kind == ast.ObjectValue && value.Definition != nil && value.Definition.Kind != ast.InputObject {
				addError(core.Message("%s is no %s.", value, value.Definition.Name), core.At(value.Position))
			}
		})
	})
	return r
}

// refusedAs is the error of a network as the caller reads it; nil for others.
func refusedAs(err error) *gqlerror.Error {
	var argument *network.ArgumentError
	var tooLarge *network.TooLargeError
	switch {
	case errors.As(err, &argument):
		refused := coded(gqlerror.Errorf("%s", argument.Error()), lookahead.BadUserInput)
		refused.Extensions["argument"] = argument.Argument
		return refused
	case errors.As(err, &tooLarge):
		return coded(gqlerror.Errorf("%s", tooLarge.Error()), lookahead.ComplexityLimitExceeded)
	default:
		return nil
	}
}

// refusedBy is the error of a Reader, which has a code.
func refusedBy(err error) *gqlerror.Error {
	var refused *gqlerror.Error
	if errors.As(err, &refused) {
		return refused
	}
	return coded(gqlerror.WrapIfUnwrapped(err), CodeInternal)
}

var unknownValue = regexp.MustCompile(`^Value "(\w+)" does not exist in "(\w+)" enum\.$`)

// nameValues ends a message about an unknown value of an enumeration, where gqlparser found none that is near, with the known ones.
func (a *API) nameValues(e *gqlerror.Error) {
	m := unknownValue.FindStringSubmatch(e.Message)
	if m == nil {
		return
	}
	var known []string
	for _, v := range a.schema.Schema().Types[m[2]].EnumValues {
		known = append(known, v.Name)
	}
	e.Message = strings.TrimSuffix(e.Message, ".") + ontology.Suggest(m[1], known)
}

func coded(err *gqlerror.Error, code string) *gqlerror.Error {
	if err.Extensions == nil {
		err.Extensions = map[string]any{}
	}
	err.Extensions["code"] = code
	return err
}

// Execute answers a request for a caller. It never panics; what goes wrong inside is logged and answered without detail.
func (a *API) Execute(ctx context.Context, request Request, access lookahead.Access) (response Response) {
	defer func() {
		if cause := recover(); cause != nil {
			response = Response{Errors: gqlerror.List{refusedBy(a.recovered(ctx, cause))}, Data: []byte("null")}
		}
	}()
	op, fields, errs := a.prepare(request, access)
	if errs != nil {
		return Response{Errors: errs}
	}
	if op.Operation.Operation == ast.Subscription {
		return Response{Errors: gqlerror.List{coded(gqlerror.ErrorPosf(op.Operation.Position,
			"a subscription has many answers: accept text/event-stream, or use a websocket (docs/subscriptions.md)"), lookahead.BadUserInput)}}
	}
	if request.Progress != "" {
		named, refused := a.resolver.named.begin(keyOf(request.Progress, access), fields)
		if refused != nil {
			return Response{Errors: gqlerror.List{refused}}
		}
		defer named.end()
		ctx = context.WithValue(ctx, namedRequestKey{}, named)
	}
	ctx, cancel := context.WithTimeout(ctx, a.deadlines)
	defer cancel()
	ctx = a.executing(ctx, op, fields)
	answer := a.schema.Exec(ctx)(ctx)
	errs = append(graphql.GetErrors(ctx), answer.Errors...)
	data := []byte(answer.Data)
	if data == nil {
		data = []byte("null")
	}
	return Response{Errors: errs, Data: data}
}

// executing is the context in which gqlgen executes an operation.
func (a *API) executing(ctx context.Context, op *graphql.OperationContext, fields questions) context.Context {
	ctx = context.WithValue(graphql.WithOperationContext(ctx, op), questionsKey{}, fields)
	return graphql.WithResponseContext(ctx, a.presented, a.recovered)
}

// presented turns an error of a resolver into what the caller may read.
func (a *API) presented(ctx context.Context, err error) *gqlerror.Error {
	path := graphql.GetPath(ctx)
	var known *gqlerror.Error
	if errors.As(err, &known) && known.Extensions["code"] != nil {
		return known
	}
	if refused := cmp.Or(refusedAs(err), subscriptionError(err)); refused != nil {
		refused.Path = path
		return refused
	}
	answer := &gqlerror.Error{Path: path, Extensions: map[string]any{}}
	var failed *store.Error
	switch {
	case errors.As(err, &failed) && failed.Code == store.CodeDeadline:
		answer.Message, answer.Extensions["code"] = "the request took too long and was stopped; ask for less at once", CodeTimeout
	case errors.As(err, &failed) && (failed.Code == store.CodeUnreachable || failed.Code == store.CodeClosed):
		answer.Message, answer.Extensions["code"] = "the store cannot be reached; try again", CodeUnavailable
	case errors.As(err, &failed) && failed.Code == store.CodeBusy:
		answer.Message, answer.Extensions["code"] = "the store is busy; try again", CodeUnavailable
	default:
		answer.Message, answer.Extensions["code"] = "the server failed; its log says more", CodeInternal
	}
	a.log.ErrorContext(ctx, "root field failed", "path", path.String(), "error", err.Error())
	return answer
}

func (a *API) recovered(ctx context.Context, cause any) error {
	a.log.ErrorContext(ctx, "panic in a resolver", "cause", cause, "stack", string(debug.Stack()))
	return coded(gqlerror.Errorf("the server failed; its log says more"), CodeInternal)
}
