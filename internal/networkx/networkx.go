// Package networkx gives tests a Python with NetworkX, SciPy and scikit-learn, independent implementations to compare with, with pandas and
// requests, and a validator of JSON Schema.
package networkx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// packages are from PyPI.
var packages = []string{"networkx==3.4.2", "jsonschema==4.23.0", "scipy==1.15.3", "scikit-learn==1.6.1", "pandas==2.2.3", "requests==2.32.3"}

// Run runs a Python script with these packages at hand, and gives what it prints. Where there is no Python with venv and pip, or no package index,
// the test says that it was left out, unless CI is set.
func Run(t testing.TB, script string, stdin []byte, args ...string) []byte {
	t.Helper()
	python := installed(t)
	command := exec.CommandContext(t.Context(), python, append([]string{script}, args...)...)
	command.Stdin = bytes.NewReader(stdin)
	var messages bytes.Buffer
	command.Stderr = &messages
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, &messages)
	}
	return out
}

// Agree has a script compare as many cases as CRIMEGRAPH_GRAPHS says, or else few, and fails the test unless it says that all agree: `60 graphs
// agree`, where they are called graphs. made makes a case for the script, by its seed.
func Agree[C any](t *testing.T, script, called string, few int, made func(t *testing.T, seed uint64) C) {
	t.Helper()
	cases := few
	if text := os.Getenv("CRIMEGRAPH_GRAPHS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("CRIMEGRAPH_GRAPHS: %v", err)
		}
		cases = n
	}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for seed := range cases {
		if err := encoder.Encode(made(t, uint64(seed))); err != nil {
			t.Fatal(err)
		}
	}
	out := Run(t, script, lines.Bytes())
	if got, want := string(bytes.TrimSpace(out)), fmt.Sprintf("%d %s agree", cases, called); got != want {
		t.Errorf("%.3000s\nwant %s", got, want)
	}
}

// installed gives the Python of a virtual environment that is made once and kept in the user's cache.
func installed(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	home := filepath.Join(cache, "crimegraph", strings.ReplaceAll(strings.Join(packages, "-"), "==", "-"))
	python := filepath.Join(home, "bin", "python")
	if _, err := os.Stat(filepath.Join(home, "ready")); err == nil {
		return python
	}
	left := func(what string, err error, output []byte) {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s: %v\n%s", what, err, output)
		}
		t.Skipf("LEFT OUT: the comparison with Python (%s: %v)", what, err)
	}
	system, err := exec.LookPath("python3")
	if err != nil {
		left("python3", err, nil)
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		t.Fatal(err)
	}
	// Paths within an environment are absolute, so that it cannot be made elsewhere and moved: whoever makes it at the same time makes the same.
	for _, command := range [][]string{
		{system, "-m", "venv", home},
		append([]string{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, packages...),
	} {
		if output, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			left(command[len(command)-1], err, output)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "ready"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return python
}
