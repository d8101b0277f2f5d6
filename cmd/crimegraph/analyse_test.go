package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPagesOfAnalytics runs the commands on the pages of docs/analytics over the bundled example: what they print is what stands there.
// UPDATE_PAGES=1 writes it anew.
func TestPagesOfAnalytics(t *testing.T) {
	pages, err := filepath.Glob("../../docs/analytics/*.md")
	if err != nil {
		t.Fatal(err)
	}
	update := os.Getenv("UPDATE_PAGES") != ""
	commands := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(string(text), "```console\n")
		for i, part := range parts[1:] {
			shown, rest, closed := strings.Cut(part, "```")
			command, _, _ := strings.Cut(shown, "\n")
			line, is := strings.CutPrefix(command, "$ crimegraph ")
			if !closed || !is {
				t.Fatalf("%s: %q is no command with its answer", page, command)
			}
			commands++
			var out, messages bytes.Buffer
			p := program{stdin: strings.NewReader(""), stdout: &out, stderr: &messages, getenv: func(string) string { return "" }, now: time.Now}
			if code := p.run(t.Context(), words(line)); code != exitOK {
				t.Errorf("%s: %s ends with %d: %s", page, line, code, &messages)
			}
			printed := strings.ReplaceAll(command+"\n"+out.String(), " \n", "\n")
			if printed != shown && !update {
				t.Errorf("%s: %s prints\n%s\nnot\n%s", page, line, printed, shown)
			}
			parts[i+1] = printed + "```" + rest
		}
		if update {
			if err := os.WriteFile(page, []byte(strings.Join(parts, "```console\n")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if commands < len(pages)-2 { // the overview and the recipe in Python have none
		t.Errorf("%d pages have %d commands", len(pages), commands)
	}
}

// words splits a command line at spaces, but for those within single quotes.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}
