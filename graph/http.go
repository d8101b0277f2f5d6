package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/graph/lookahead"
)

// The media types of GraphQL over HTTP.
const (
	mediaGraphQL = "application/graphql-response+json"
	mediaJSON    = "application/json"
)

// serveGraphQL answers a request after the GraphQL-over-HTTP draft: POST with a JSON body, or GET for queries. There are no batches,
// forms or uploads, so a page of another site cannot make a browser send a request that is read.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	if opensSocket(r) {
		s.serveSocket(w, r)
		return
	}
	media, acceptable := negotiate(r.Header.Values("Accept"))
	if !acceptable {
		s.refuse(w, mediaJSON, http.StatusNotAcceptable, "accept "+mediaGraphQL+", "+mediaJSON+" or "+mediaEvents)
		return
	}
	request, status, problem := s.read(w, r)
	if problem != "" {
		if media == mediaEvents {
			media = mediaJSON
		}
		s.refuse(w, media, status, problem)
		return
	}
	if media == mediaEvents {
		s.serveEvents(w, r, request)
		return
	}
	release := s.admit(w, r, media, s.slots)
	if release == nil {
		return
	}
	defer release()
	response := s.api.Execute(r.Context(), request, s.opts.Access)
	status = http.StatusOK
	if response.Refused() && media == mediaGraphQL {
		status = http.StatusBadRequest
	}
	body, err := response.Append(make([]byte, 0, len(response.Data)+64))
	if err != nil {
		s.log.ErrorContext(r.Context(), "response cannot be written", "error", err.Error())
		s.refuse(w, media, http.StatusInternalServerError, "the server failed; its log says more")
		return
	}
	s.write(w, media, status, body)
}

// admit waits for a request's turn among those that the slots are for; nil says that it has none, and has been told.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, media string, slots chan struct{}) (release func()) {
	release, err := s.turn(r.Context(), slots)
	if errors.Is(err, errBusy) {
		w.Header().Set("Retry-After", "1")
		s.refuse(w, media, http.StatusServiceUnavailable, err.Error())
	}
	return release
}

var errBusy = errors.New("the server is busy; try again in a second")

// turn waits for a turn. The error is errBusy, or the context's.
func (s *Server) turn(ctx context.Context, slots chan struct{}) (release func(), err error) {
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-time.After(s.opts.Patience):
		return nil, errBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Server) write(w http.ResponseWriter, media string, status int, body []byte) {
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller that has gone away needs no answer
}

func (s *Server) refuse(w http.ResponseWriter, media string, status int, message string) {
	code := lookahead.BadUserInput
	switch status {
	case http.StatusServiceUnavailable:
		code = CodeUnavailable
	case http.StatusInternalServerError:
		code = CodeInternal
	case http.StatusUnauthorized:
		code = "UNAUTHENTICATED"
	case http.StatusForbidden, http.StatusMisdirectedRequest:
		code = "FORBIDDEN"
	}
	body, err := Response{Errors: gqlerror.List{coded(gqlerror.Errorf("%s", message), code)}}.Append(nil)
	if err != nil {
		body = []byte(`{"errors":[{"message":"the server failed"}]}`)
	}
	s.write(w, media, status, body)
}

// read takes the parameters of a request. A problem comes with its status.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (request Request, status int, problem string) {
	switch r.Method {
	case http.MethodGet:
		return readURL(r.URL.Query())
	case http.MethodPost:
	default:
		w.Header().Set("Allow", "GET, POST")
		return request, http.StatusMethodNotAllowed, "send queries by POST, or by GET"
	}
	body, status, problem := s.readText(w, r, mediaJSON)
	if problem != "" {
		return request, status, problem
	}
	return readBody(body)
}

// readText reads the body of a request, which must be of a media type. A problem comes with its status.
func (s *Server) readText(w http.ResponseWriter, r *http.Request, wanted string) (body []byte, status int, problem string) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != wanted {
		return nil, http.StatusUnsupportedMediaType, "send the request as " + wanted
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, http.StatusUnsupportedMediaType, "send the request in UTF-8"
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, http.StatusUnsupportedMediaType, "send the request without content encoding"
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, s.opts.MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, "the request is longer than " + strconv.FormatInt(s.opts.MaxBody, 10) + " bytes"
	}
	if err != nil {
		return nil, http.StatusBadRequest, "the request could not be read to its end"
	}
	return body, 0, ""
}

// readBody reads {"query", "operationName", "variables", "extensions"}. The body is never repeated in a message.
func readBody(body []byte) (request Request, status int, problem string) {
	if !utf8.Valid(body) {
		return request, http.StatusBadRequest, "the body is no JSON in UTF-8"
	}
	var fields map[string]json.RawMessage
	if err := decodeJSON(body, &fields); err != nil {
		if json.Valid(body) {
			return request, http.StatusUnprocessableEntity, "the body is no JSON object with a query; batches are not taken"
		}
		return request, http.StatusBadRequest, "the body is no JSON"
	}
	extensions := map[string]any{}
	for _, f := range []struct {
		name string
		into any
	}{
		{"query", &request.Query}, {"operationName", &request.OperationName}, {"variables", &request.Variables}, {"extensions", &extensions},
	} {
		if raw, given := fields[f.name]; given {
			if err := decodeJSON(raw, f.into); err != nil {
				return Request{}, http.StatusUnprocessableEntity, f.name + " has the wrong type"
			}
		}
	}
	if request.Query == "" {
		return request, http.StatusUnprocessableEntity, "the body has no query"
	}
	return withName(request, extensions)
}

func readURL(values url.Values) (request Request, status int, problem string) {
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(values[name]) > 1 {
			return Request{}, http.StatusUnprocessableEntity, name + " is given twice"
		}
	}
	request.Query, request.OperationName = values.Get("query"), values.Get("operationName")
	if values.Has("variables") {
		if err := decodeJSON([]byte(values.Get("variables")), &request.Variables); err != nil {
			return Request{}, http.StatusUnprocessableEntity, "variables is no JSON object"
		}
	}
	extensions := map[string]any{}
	if values.Has("extensions") {
		if err := decodeJSON([]byte(values.Get("extensions")), &extensions); err != nil {
			return Request{}, http.StatusUnprocessableEntity, "extensions is no JSON object"
		}
	}
	if request.Query == "" {
		return request, http.StatusUnprocessableEntity, "the address has no parameter query"
	}
	return withName(request, extensions)
}

// withName gives a request the name that its extensions have for it.
func withName(request Request, extensions map[string]any) (Request, int, string) {
	given, is := extensions["progress"]
	name, text := given.(string)
	if is && (!text || name == "") {
		return Request{}, http.StatusUnprocessableEntity, "extensions.progress is the name of the request, a text"
	}
	request.Progress = name
	return request, 0, ""
}

// decodeJSON reads one JSON value, numbers as json.Number.
func decodeJSON(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text behind the value")
	}
	return nil
}

// negotiate picks the media type of the answer: of the three the one that the request prefers, the first of those it prefers equally.
func negotiate(accept []string) (media string, acceptable bool) {
	list := strings.Join(accept, ",")
	if strings.TrimSpace(list) == "" {
		return mediaGraphQL, true
	}
	best := 0.0
	for _, entry := range strings.Split(list, ",") {
		name, params, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		quality := 1.0
		if text, given := params["q"]; given {
			if quality, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		switch name {
		case mediaGraphQL, "*/*", "application/*":
			name = mediaGraphQL
		case mediaJSON, mediaEvents:
		default:
			continue
		}
		if quality > best {
			media, best = name, quality
		}
	}
	return media, best > 0
}
