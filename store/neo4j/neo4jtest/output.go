package neo4jtest

import (
	"bytes"
	"strings"
	"sync"
)

// lastLines is how many lines of a program's output are kept for an error: a Java stack trace with its causes.
const lastLines = 60

// output takes what a program writes: it notices the line "ready" and keeps the last lines.
type output struct {
	ready chan struct{} // closed at the line "ready"

	mutex   sync.Mutex
	partial []byte
	lines   []string
	noticed bool
}

func newOutput() *output { return &output{ready: make(chan struct{})} }

// Write never fails.
func (o *output) Write(written []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.partial = append(o.partial, written...)
	for {
		line, rest, whole := bytes.Cut(o.partial, []byte("\n"))
		if !whole {
			return len(written), nil
		}
		o.line(strings.TrimRight(string(line), "\r"))
		o.partial = rest
	}
}

func (o *output) line(line string) {
	if line == "ready" && !o.noticed {
		o.noticed = true
		close(o.ready)
		return
	}
	if len(o.lines) == lastLines {
		o.lines = append(o.lines[:0], o.lines[1:]...)
	}
	o.lines = append(o.lines, line)
}

// String gives the last lines, each on a line of its own after a line break; nothing if there are none.
func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	text := strings.Join(append(o.lines[:len(o.lines):len(o.lines)], string(o.partial)), "\n")
	if text = strings.TrimRight(text, "\n"); text == "" {
		return ""
	}
	return "\n" + text
}
