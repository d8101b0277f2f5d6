package graph

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestBrokenTransfers: whoever receives a part of an answer whose rest failed is told by the connection.
func TestBrokenTransfers(t *testing.T) {
	s := NewServer(nil, nil, ServerOptions{})
	for name, cause := range map[string]any{"a panic": "cause", "an export that broke off": http.ErrAbortHandler} {
		for begun, sent := range map[bool]int{true: 200 << 10, false: 0} {
			server := httptest.NewServer(s.logged(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Disposition", "attachment")
				if sent > 0 {
					_, _ = w.Write(make([]byte, sent))
				}
				panic(cause)
			})))
			response, err := http.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			server.Close()
			if begun && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s after %d bytes: %v, %d bytes", name, sent, err, len(body))
			}
			if !begun && (err != nil || response.StatusCode != http.StatusInternalServerError || response.Header.Get("Content-Disposition") != "") {
				t.Errorf("%s at once: %v, %d %v", name, err, response.StatusCode, response.Header)
			}
		}
	}
}
