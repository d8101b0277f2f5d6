package graph_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/graph"
)

func TestExplorerFiles(t *testing.T) {
	script := strings.Repeat("let a = 1;\n", 200)
	files := fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "app.js": {Data: []byte(script)}}
	s := graph.NewServer(graph.NewAPI(load(t), nothing, graph.Options{}), nothing, graph.ServerOptions{Explorer: files})

	page := call(s, "GET", "/", "")
	if page.Code != http.StatusOK || page.Body.String() != "<!doctype html>" || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Errorf("/: %d %v %s", page.Code, page.Header(), page.Body)
	}
	plain := call(s, "GET", "/explorer/app.js", "")
	tag := plain.Header().Get("ETag")
	if plain.Body.String() != script || tag == "" || plain.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("plain: %v", plain.Header())
	}
	if again := call(s, "GET", "/explorer/app.js", "", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("known already: %d, %d bytes", again.Code, again.Body.Len())
	}
	zipped := call(s, "GET", "/explorer/app.js", "", "Accept-Encoding", "br, gzip")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("ETag") == tag || zipped.Body.Len() >= len(script) {
		t.Fatalf("compressed: %v, %d bytes", zipped.Header(), zipped.Body.Len())
	}
	reader, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != script {
		t.Errorf("compressed: %v, %d bytes", err, len(text))
	}
	for path, want := range map[string]int{"/explorer/nothing.js": 404, "/explorer/": 404, "/explorer/..%2fapp.js": 404, "/explorer": 404} {
		if w := call(s, "GET", path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
