package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestDerivedFilesAreCurrent(t *testing.T) {
	t.Chdir(".") // generate changes the working directory
	var messages bytes.Buffer
	if code := run([]string{"--check"}, &messages); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &messages)
	}
}

func TestDerivationIsDeterministicAndMarked(t *testing.T) {
	t.Chdir("../..")
	first, err := derive()
	if err != nil {
		t.Fatal(err)
	}
	second, err := derive()
	if err != nil {
		t.Fatal(err)
	}
	if len(first) < 7 || len(first) != len(second) {
		t.Fatalf("%d files, then %d", len(first), len(second))
	}
	for name, content := range first {
		if !bytes.Equal(content, second[name]) {
			t.Errorf("%s came out in two ways", name)
		}
		if line, _, _ := strings.Cut(string(content), "\n"); !strings.Contains(line, "DO NOT EDIT") {
			t.Errorf("%s begins with %q, and does not say that it is generated", name, line)
		}
	}
}

func TestDifferingNamesMissingAndChangedFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"same": "1", "changed": "1"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := differing(map[string][]byte{"same": []byte("1"), "missing": []byte("1"), "changed": []byte("2")})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"changed", "missing"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWrongUseExitsWithTwo(t *testing.T) {
	for _, args := range [][]string{{"--chek"}, {"schema.graphqls"}} {
		var messages bytes.Buffer
		if code := run(args, &messages); code != 2 || messages.Len() == 0 {
			t.Errorf("%v: exit code %d, messages %q", args, code, &messages)
		}
	}
}
