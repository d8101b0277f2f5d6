package graph

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/export"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
)

// Export answers the field `subgraph` as a graph to be written: the parameters are the field's arguments by name, a list as several values of
// one name, the lens and `where` as JSON objects. Without `of` and `where` it is all that the lens lets through.
func (a *API) Export(ctx context.Context, parameters url.Values, access lookahead.Access) (g export.Graph, errs gqlerror.List) {
	defer func() {
		if cause := recover(); cause != nil {
			errs = gqlerror.List{refusedBy(a.recovered(ctx, cause))}
		}
	}()
	whole := !parameters.Has("of") && !parameters.Has("where")
	field := "subgraph"
	if whole {
		field = "stats" // has the lens for its only argument that says what there is
		for _, name := range slices.Sorted(maps.Keys(parameters)) {
			if name != "lens" {
				return g, gqlerror.List{coded(gqlerror.Errorf("%s: without `of` or `where` everything is exported, and only a lens can narrow it", name), lookahead.BadUserInput)}
			}
		}
	}
	request, err := a.asking(field, parameters)
	if err != nil {
		return g, gqlerror.List{err}
	}
	_, questions, errs := a.prepare(request, access)
	if errs != nil {
		return g, errs
	}
	ctx, cancel := context.WithTimeout(ctx, a.deadlines)
	defer cancel()
	q := questions[field]
	n, result, failed := a.exported(ctx, q, whole)
	if failed != nil {
		return g, gqlerror.List{a.presented(ctx, contextual(failed))}
	}
	g = export.Graph{About: export.About{Status: network.Complete, Tlp: n.Tlp()}, Nodes: n.Nodes(), Edges: n.Edges(), Feature: n.Feature}
	if whole {
		return g, nil
	}
	s := result.(network.Subgraph)
	g.Status, g.OmittedEdges = s.Status, s.OmittedEdges
	for _, omitted := range s.Omitted {
		g.OmittedNodes += omitted.Count
	}
	g.Nodes, g.Edges = slices.Values(s.Nodes), slices.Values(s.Edges)
	return g, nil
}

// exported gives the network to export, and the part of it that was asked for, unless that is the whole.
func (a *API) exported(ctx context.Context, q planned, whole bool) (n *network.Network, part any, err error) {
	if whole {
		n, err = a.resolver.Networks.Network(ctx, q.Plan.Lens)
		return n, nil, err
	}
	for range attempts {
		if n, part, err = a.resolver.result(ctx, q.Question, q.run); !errors.Is(err, errOutdated) {
			return n, part, err
		}
	}
	return nil, nil, errRestless
}

// asking makes the request for a root field whose arguments are given as text. Only names of the schema become part of the query.
func (a *API) asking(field string, parameters url.Values) (Request, *gqlerror.Error) {
	definition := a.schema.Schema().Query.Fields.ForName(field)
	request := Request{Variables: map[string]any{}}
	var names, declared, passed []string
	for _, argument := range definition.Arguments {
		names = append(names, argument.Name)
		given, is := parameters[argument.Name]
		if !is {
			continue
		}
		value, err := typed(argument, given)
		if err != nil {
			return request, err
		}
		request.Variables[argument.Name] = value
		declared = append(declared, "$"+argument.Name+": "+argument.Type.String())
		passed = append(passed, argument.Name+": $"+argument.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if !slices.Contains(names, name) {
			return request, coded(gqlerror.Errorf("there is no parameter %.40q%s", name, ontology.Suggest(name, names)), lookahead.BadUserInput)
		}
	}
	request.Query = "{ " + field + " { __typename } }"
	if len(declared) > 0 {
		request.Query = "query (" + strings.Join(declared, ", ") + ") { " + field + "(" + strings.Join(passed, ", ") + ") { __typename } }"
	}
	return request, nil
}

// typed reads the text of a parameter as the variable that its argument wants. Whether the value fits is for the reader of variables to say.
func typed(argument *ast.ArgumentDefinition, given []string) (any, *gqlerror.Error) {
	if argument.Type.Elem != nil {
		list := make([]any, len(given))
		for i, text := range given {
			list[i] = text
		}
		return list, nil
	}
	if len(given) != 1 {
		return nil, coded(gqlerror.Errorf("%s: give it once, not %d times", argument.Name, len(given)), lookahead.BadUserInput)
	}
	text := given[0]
	switch argument.Type.NamedType {
	case "Int", "Float":
		return json.Number(text), nil
	case "Boolean":
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, coded(gqlerror.Errorf("%s: %.40q is neither true nor false", argument.Name, text), lookahead.BadUserInput)
	case "Lens", "NodeSelection":
		var object map[string]any
		if err := decodeJSON([]byte(text), &object); err != nil {
			example := map[string]string{"Lens": `{"asOf":"2023"}`, "NodeSelection": `{"group":{"name":{"contains":"cartel"}}}`}[argument.Type.NamedType]
			return nil, coded(gqlerror.Errorf("%s: write a JSON object, as %s", argument.Name, example), lookahead.BadUserInput)
		}
		return object, nil
	default:
		return text, nil
	}
}

// serveExport writes a graph as a file: /export/subgraph.FORMAT or /export/graph.FORMAT, with parameters in the address or, for more nodes than
// an address can name, as the form of a POST.
func (s *Server) serveExport(w http.ResponseWriter, r *http.Request) {
	what, name, _ := strings.Cut(r.PathValue("file"), ".")
	format, known := export.Named(name)
	if !known || what != "subgraph" && what != "graph" {
		var files []string
		for _, f := range export.Formats() {
			files = append(files, "subgraph."+f.Name)
		}
		s.refuse(w, mediaJSON, http.StatusNotFound, "there is no such export"+ontology.Suggest(r.PathValue("file"), files))
		return
	}
	text := r.URL.RawQuery
	if r.Method == http.MethodPost {
		body, status, problem := s.readText(w, r, mediaForm)
		if problem != "" {
			s.refuse(w, mediaJSON, status, problem)
			return
		}
		if text != "" {
			s.refuse(w, mediaJSON, http.StatusBadRequest, "give parameters in the address or in the form, not in both")
			return
		}
		text = string(body)
	}
	parameters, err := url.ParseQuery(text)
	if err != nil {
		s.refuse(w, mediaJSON, http.StatusBadRequest, "the parameters cannot be read")
		return
	}
	if (parameters.Has("of") || parameters.Has("where")) == (what == "graph") {
		s.refuse(w, mediaJSON, http.StatusBadRequest, "name the nodes to start from with of=… or where=… for a subgraph; /export/graph."+name+" is all that the lens lets through")
		return
	}
	sent := s.admit(w, r, mediaJSON, s.sending)
	if sent == nil {
		return
	}
	defer sent()
	answered := s.admit(w, r, mediaJSON, s.slots)
	if answered == nil {
		return
	}
	g, errs := s.api.Export(r.Context(), parameters, s.opts.Access)
	answered()
	if errs != nil {
		body, err := Response{Errors: errs}.Append(nil)
		if err != nil {
			s.refuse(w, mediaJSON, http.StatusInternalServerError, "the server failed; its log says more")
			return
		}
		s.write(w, mediaJSON, exportStatus(errs), body)
		return
	}
	w.Header().Set("Content-Type", format.Media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+what+"."+format.Name+`"`)
	// A large graph takes longer to send than an answer does, on a slow line.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTime))
	if err := format.Write(w, g); err != nil {
		if r.Context().Err() == nil {
			s.log.WarnContext(r.Context(), "export broke off", "error", err.Error())
		}
		panic(http.ErrAbortHandler) // see logged
	}
}

// mediaForm is the media type of parameters in the body of a POST.
const mediaForm = "application/x-www-form-urlencoded"

// An export may take exportTime to be sent; exportsAtOnce are sent at once, each from a network that it keeps in memory.
const (
	exportTime    = 10 * time.Minute
	exportsAtOnce = 4
)

// exportStatus is the HTTP status for the code of the first error.
func exportStatus(errs gqlerror.List) int {
	switch errs[0].Extensions["code"] {
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeTimeout:
		return http.StatusGatewayTimeout
	case CodeInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}
