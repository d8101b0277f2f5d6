package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/graph"
)

// queryFlags say where the query and its variables come from.
type queryFlags struct{ file, vars, operation string }

func (q *queryFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&q.file, "file", "", "read the query from a file; - is standard input")
	c.Flags().StringVar(&q.vars, "vars", "", "variables, a JSON object")
	c.Flags().StringVar(&q.operation, "operation", "", "which operation of the document to run")
}

// request reads the query: the argument, the file, or standard input.
func (q *queryFlags) request(p *program, args []string) (graph.Request, error) {
	r := graph.Request{OperationName: q.operation}
	switch {
	case len(args) > 1:
		return r, usage("one query at a time; put it into quotes")
	case len(args) == 1 && q.file != "":
		return r, usage("give the query as an argument or with --file, not both")
	case len(args) == 1 && args[0] != "-":
		r.Query = args[0]
	case q.file != "" && q.file != "-":
		text, err := os.ReadFile(q.file)
		if errors.Is(err, os.ErrNotExist) {
			return r, &exitError{code: exitNotFound, err: fmt.Errorf("--file: %w", err)}
		}
		if err != nil {
			return r, usage("--file: %w", err)
		}
		r.Query = string(text)
	default:
		text, err := io.ReadAll(p.stdin)
		if err != nil {
			return r, fmt.Errorf("standard input: %w", err)
		}
		r.Query = string(text)
	}
	if q.vars != "" {
		decoder := json.NewDecoder(bytes.NewReader([]byte(q.vars)))
		decoder.UseNumber()
		if err := decoder.Decode(&r.Variables); err != nil {
			return r, usage("--vars is no JSON object: %w", err)
		}
		if decoder.More() {
			return r, usage("--vars is no JSON object: there is text behind it")
		}
	}
	return r, nil
}

func (p *program) query() *cobra.Command {
	var flags queryFlags
	var url string
	var access accessFlags
	c := &cobra.Command{
		Use:   "query [QUERY]",
		Short: "Answer a GraphQL query",
		Long: `Answers a GraphQL query against a store, or against a server with --url, and prints the response as JSON. The token
for a server comes from CRIMEGRAPH_TOKEN. The exit code is 2 where the query is refused.`,
		Example: `  crimegraph query '{ groups(first: 3) { nodes { id name } } }'
  crimegraph query --store sqlite:crime.db --file question.graphql --vars '{"id":"group/cjng"}'
  echo '{ group(id: "group/cjng") { name } }' | crimegraph query --url http://127.0.0.1:8080/graphql`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			request, err := flags.request(p, args)
			if err != nil {
				return err
			}
			var response []byte
			if url != "" {
				response, err = p.post(c.Context(), url, request)
			} else {
				response, err = p.answer(c.Context(), request, access)
			}
			if err != nil {
				return err
			}
			return p.printResponse(response)
		},
	}
	flags.add(c)
	access.add(c.Flags())
	c.Flags().StringVar(&url, "url", "", "ask this server, as http://127.0.0.1:8080/graphql")
	return c
}

// answer asks a store.
func (p *program) answer(ctx context.Context, request graph.Request, flags accessFlags) (response []byte, err error) {
	s, access, err := p.shown(ctx, flags)
	if err != nil {
		return nil, err
	}
	defer closing(s, &err)
	return graph.NewAPI(p.model, s, graph.Options{}).Execute(ctx, request, access).Append(nil)
}

// largestResponse bounds what is read of a server's answer.
const largestResponse = 256 << 20

// post asks a server.
func (p *program) post(ctx context.Context, url string, request graph.Request) ([]byte, error) {
	body, err := json.Marshal(map[string]any{
		"query": request.Query, "operationName": request.OperationName, "variables": request.Variables,
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, usage("--url: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	if token := p.getenv("CRIMEGRAPH_TOKEN"); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Timeout: 2 * time.Minute}
	answer, err := client.Do(r)
	if err != nil {
		return nil, &exitError{code: exitUnreachable, err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, largestResponse))
	if err != nil {
		return nil, &exitError{code: exitUnreachable, err: err}
	}
	if !json.Valid(text) {
		return nil, &exitError{code: exitUnreachable, err: fmt.Errorf("%s answered %s and no JSON; the API is at /graphql", url, answer.Status)}
	}
	return text, nil
}

// printResponse prints a response and turns its errors into an exit code.
func (p *program) printResponse(response []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, response, "", "  "); err != nil {
		return err
	}
	pretty.WriteByte('\n')
	if _, err := pretty.WriteTo(p.stdout); err != nil {
		return err
	}
	var parsed struct {
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(response, &parsed); err != nil {
		return err
	}
	if len(parsed.Errors) == 0 {
		return nil
	}
	code := exitUsage
	switch parsed.Errors[0].Extensions.Code {
	case "INTERNAL_SERVER_ERROR":
		code = exitInternal
	case "SERVICE_UNAVAILABLE", "DEADLINE_EXCEEDED", "UNAUTHENTICATED":
		code = exitUnreachable
	}
	return &exitError{code: code}
}
