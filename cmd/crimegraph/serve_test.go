package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// serving starts `crimegraph serve` with an environment and returns its address, and a function that ends it and gives the exit code.
func serving(t *testing.T, env map[string]string, args ...string) (address string, end func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	p := program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: writer, getenv: func(k string) string { return env[k] }}
	go func() {
		code <- p.run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...))
		writer.Close()
	}()
	found := make(chan string, 1)
	go func() {
		defer close(found)
		lines := bufio.NewScanner(reader)
		at := regexp.MustCompile(`API at (http://\S+)/graphql`)
		for lines.Scan() {
			if m := at.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
	}()
	select {
	case address = <-found:
	case <-time.After(time.Minute):
		t.Fatal("the server did not start")
	}
	return address, func() int { cancel(); return <-code }
}

func get(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestServe(t *testing.T) {
	address, end := serving(t, nil)
	for path, want := range map[string]string{
		"/graphql?query=%7Broutes%7BtotalCount%7D%7D": `{"data":{"routes":{"totalCount":55}}}`,
		"/healthz":          `{"status":"ok"}`,
		"/readyz":           `{"status":"ready"}`,
		"/schema.graphql":   "type Query",
		"/graphiql":         "<title>",
		"/graphiql/boot.js": "/examples.json",
		"/examples.json":    `"question"`,
		"/":                 "/explorer/app.js",
		"/explorer/app.js":  "/graphql",
	} {
		if status, body := get(t, address+path, ""); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.200s; want %s", path, status, body, want)
		}
	}
	if code := end(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if _, err := http.Get(address + "/healthz"); err == nil {
		t.Error("the server still answers")
	}
}

func TestServeWithToken(t *testing.T) {
	const token = "0123456789abcdef"
	address, end := serving(t, map[string]string{"CRIMEGRAPH_TOKEN": token}, "--max-tlp", "green")
	defer end()
	if status, body := get(t, address+"/graphql?query=%7Broutes%7BtotalCount%7D%7D", ""); status != http.StatusUnauthorized || strings.Contains(body, token) {
		t.Errorf("without token: %d %s", status, body)
	}
	if status, body := get(t, address+"/graphql?query=%7Broutes%7BtotalCount%7D%7D", token); status != http.StatusOK || !strings.Contains(body, "55") {
		t.Errorf("with token: %d %s", status, body)
	}
	var out strings.Builder
	client := program{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard, getenv: func(k string) string {
		return map[string]string{"CRIMEGRAPH_TOKEN": token}[k]
	}}
	if code := client.run(t.Context(), []string{"query", "--url", address + "/graphql", "{ routes { totalCount } }"}); code != exitOK || !strings.Contains(out.String(), "55") {
		t.Errorf("query --url: exit code %d, %s", code, out.String())
	}
}

// TestServeRefuses starts nothing: each of these would serve others without meaning to, or cannot be.
func TestServeRefuses(t *testing.T) {
	for _, c := range []struct {
		env   map[string]string
		args  []string
		code  int
		wants string
	}{
		{nil, []string{"--listen", "0.0.0.0:0"}, exitUsage, "set CRIMEGRAPH_TOKEN, or say --insecure"},
		{nil, []string{"--listen", ":0"}, exitUsage, "set CRIMEGRAPH_TOKEN, or say --insecure"},
		{map[string]string{"CRIMEGRAPH_TOKEN": "short"}, nil, exitUsage, "CRIMEGRAPH_TOKEN is shorter than 16 characters"},
		{nil, []string{"--listen", "8080"}, exitUsage, "is no address"},
		{nil, []string{"--listen", "127.0.0.1:99999"}, exitUsage, "127.0.0.1:99999"},
		{nil, []string{"--store", "sqlite:missing.db"}, exitNotFound, "there is no such store"},
		{nil, []string{"--max-tlp", "NONE"}, exitUsage, "is no Tlp"},
		{nil, []string{"--timeout", "-1s"}, exitUsage, "--timeout"},
		{nil, []string{"--concurrency", "0"}, exitUsage, "--concurrency"},
		{nil, []string{"--origin", "foo"}, exitUsage, "--origin"},
		{nil, []string{"extra"}, exitUsage, "takes no argument"},
	} {
		var messages strings.Builder
		p := program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &messages, getenv: func(k string) string { return c.env[k] }}
		if code := p.run(t.Context(), append([]string{"serve"}, c.args...)); code != c.code || !strings.Contains(messages.String(), c.wants) {
			t.Errorf("%v: exit code %d, %s", c.args, code, messages.String())
		}
		if token := c.env["CRIMEGRAPH_TOKEN"]; token != "" && strings.Contains(messages.String(), token+" ") {
			t.Errorf("%v: the token is printed", c.args)
		}
	}
}
