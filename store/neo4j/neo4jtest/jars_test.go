package neo4jtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// programs makes a folder of shell scripts the only one that programs are looked for in.
func programs(t *testing.T, scripts map[string]string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("stands in for programs by shell scripts")
	}
	folder := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
}

func TestJarsAreFetchedOnceAndWhole(t *testing.T) {
	programs(t, map[string]string{"mvn": "grep -q neo4j-bolt pom.xml && mkdir lib && echo whole >lib/some.jar\n"})
	parent := filepath.Join(t.TempDir(), "crimegraph")
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			folder, err := jarsIn(t.Context(), parent)
			if err != nil {
				t.Error(err)
				return
			}
			if text, err := os.ReadFile(filepath.Join(folder, "some.jar")); string(text) != "whole\n" {
				t.Errorf("jar %q, error %v", text, err)
			}
		})
	}
	running.Wait()
	entries, err := os.ReadDir(parent)
	if err != nil || len(entries) != 1 || entries[0].Name() != "neo4j-"+Version {
		t.Errorf("the cache holds %v, error %v", entries, err)
	}

	programs(t, nil)
	if _, err := jarsIn(t.Context(), parent); err != nil {
		t.Errorf("jars that are there need Maven: %v", err)
	}
	if _, err := jarsIn(t.Context(), t.TempDir()); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "Maven") {
		t.Errorf("error without Maven: %v", err)
	}
}

func TestHalfOfTheJarsIsNone(t *testing.T) {
	programs(t, map[string]string{"mvn": "mkdir lib && echo half >lib/some.jar\necho the network is down\nexit 1\n"})
	parent := t.TempDir()
	_, err := jarsIn(t.Context(), parent)
	if err == nil || errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "the network is down") {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(parent); len(entries) > 0 {
		t.Errorf("the cache holds %v", entries)
	}
}

func TestJavaIsChecked(t *testing.T) {
	for _, c := range []struct{ name, script, missing string }{
		{"none", "", "java 17 or later"},
		{"8", "echo 'Unrecognized option: --list-modules' >&2\nexit 1\n", "java 17 or later"},
		{"11", "echo java.base@11.0.2\necho jdk.compiler@11.0.2\n", "is version 11"},
		{"runtime", "echo java.base@21\n", "without a compiler"},
		{"17", "echo Picked up JAVA_TOOL_OPTIONS: -Dx=y >&2\necho java.base@17.0.15\necho jdk.compiler@17.0.15\n", ""},
		{"22", "echo java.base@22-ea\necho jdk.compiler@22-ea\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripts := map[string]string{}
			if c.script != "" {
				scripts["java"] = c.script
			}
			programs(t, scripts)
			_, err := findJava(t.Context())
			if c.missing == "" && err != nil {
				t.Error(err)
			}
			if c.missing != "" && (!errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), c.missing)) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAbandonedStartIsNotMissing(t *testing.T) {
	programs(t, map[string]string{"java": "exec sleep 60\n"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrMissing) {
		t.Errorf("error %v", err)
	}
}
