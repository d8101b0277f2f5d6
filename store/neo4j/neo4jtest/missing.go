package neo4jtest

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// ErrMissing says that the machine lacks a program that a server needs; the text of the error says which.
var ErrMissing = errors.New("missing on this machine")

// LeftOut is what a test says that does not run for want of Java or Maven.
const LeftOut = "LEFT OUT: tests against Neo4j (needs Java 17 and Maven)"

const oldestJava = 17

// missing is an ErrMissing with a text of its own.
func missing(format string, arguments ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMissing}, arguments...)...)
}

// findJava gives the path of a java that is new enough and can run a source file, or ErrMissing.
func findJava(ctx context.Context) (string, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return "", missing("java %d or later: %w", oldestJava, err)
	}
	// The list of modules tells the version and, unlike -version, whether this is a JDK; Java 8 knows no such flag.
	modules, err := exec.CommandContext(ctx, java, "--list-modules").CombinedOutput()
	if ctx.Err() != nil {
		return "", fmt.Errorf("ask %s for its version: %w", java, ctx.Err())
	}
	if err != nil {
		return "", missing("java %d or later: %s --list-modules: %w", oldestJava, java, err)
	}
	version, err := javaVersion(string(modules))
	if err != nil {
		return "", missing("java %d or later: %s: %w", oldestJava, java, err)
	}
	if version < oldestJava {
		return "", missing("java %d or later: %s is version %d", oldestJava, java, version)
	}
	if !strings.Contains(string(modules), "jdk.compiler@") {
		return "", missing("a JDK: %s is a runtime without a compiler", java)
	}
	return java, nil
}

var baseModule = regexp.MustCompile(`(?m)^java\.base@(\d+)`)

// javaVersion reads the feature release, such as 17, from what java --list-modules writes.
func javaVersion(modules string) (int, error) {
	found := baseModule.FindStringSubmatch(modules)
	if found == nil {
		return 0, errors.New("java --list-modules names no java.base")
	}
	return strconv.Atoi(found[1])
}
