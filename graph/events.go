package graph

import (
	"net/http"
	"time"
)

const mediaEvents = "text/event-stream"

// maxStreams is how many callers are streamed to at once; one more is refused.
const maxStreams = 100

// serveEvents answers with server-sent events after the GraphQL-over-SSE protocol, one request a connection: an event `next` with each response,
// then `complete`.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request, request Request) {
	streamed := s.streamed(w, r)
	if streamed == nil {
		return
	}
	defer streamed()
	answered := s.admit(w, r, mediaJSON, s.slots)
	if answered == nil {
		return
	}
	stream, only := s.api.Subscribe(r.Context(), request, s.opts.Access)
	answered()
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Time{}) // what is still to be read is that the caller has gone away
	header := w.Header()
	header.Set("Content-Type", mediaEvents+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // a proxy is to hand on every event at once
	w.WriteHeader(http.StatusOK)
	send := func(event string) bool {
		_ = connection.SetWriteDeadline(time.Now().Add(s.opts.Heartbeat))
		_, err := w.Write([]byte(event))
		if err == nil {
			err = connection.Flush()
		}
		return err == nil
	}
	next := func(response Response) bool {
		body, err := response.Append([]byte("event: next\ndata: "))
		if err != nil {
			s.log.ErrorContext(r.Context(), "response cannot be written", "error", err.Error())
			return false
		}
		return send(string(append(body, "\n\n"...)))
	}
	if stream == nil {
		if next(only) {
			send(completed)
		}
		return
	}
	defer stream.Close()
	responses := s.responses(stream)
	beat := time.NewTicker(s.opts.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case response, more := <-responses:
			if !more {
				send(completed)
				return
			}
			if !next(response) {
				return
			}
		case <-beat.C:
			if !send(":\n\n") {
				return
			}
		case <-s.ending:
			send(completed)
			return
		case <-r.Context().Done():
			return
		}
	}
}

const completed = "event: complete\ndata:\n\n"

// responses reads a stream to its end, which Close brings about.
func (s *Server) responses(stream *Stream) <-chan Response {
	out := make(chan Response)
	go func() {
		defer close(out)
		for {
			response, more := stream.Next()
			if !more {
				return
			}
			response.Data = append([]byte(nil), response.Data...) // the stream uses its memory again
			select {
			case out <- response:
			case <-stream.ctx.Done():
				return
			}
		}
	}()
	return out
}

// streamed takes a place among those that are streamed to; nil says that there is none, and the caller has been told.
func (s *Server) streamed(w http.ResponseWriter, r *http.Request) (release func()) {
	select {
	case s.streams <- struct{}{}:
		return func() { <-s.streams }
	default:
		w.Header().Set("Retry-After", "10")
		s.refuse(w, mediaJSON, http.StatusServiceUnavailable, "the server streams to as many as it may; try again later")
		return nil
	}
}
