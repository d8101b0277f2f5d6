package neo4jtest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Version is the release of Neo4j that Start runs.
const Version = "5.26.31"

//go:embed pom.xml
var pom []byte

// jars gives the folder of Neo4j's jars in the user's cache, and has Maven fetch them (116 MB, minutes) if there is none
// yet. Without Maven that is ErrMissing.
func jars(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for Neo4j's jars: %w", err)
	}
	return jarsIn(ctx, filepath.Join(cache, "crimegraph"))
}

// jarsIn is jars with another parent folder.
func jarsIn(ctx context.Context, parent string) (string, error) {
	folder := filepath.Join(parent, "neo4j-"+Version)
	found, err := exists(folder)
	if err != nil || found {
		return folder, err
	}
	maven, err := exec.LookPath("mvn")
	if err != nil {
		return "", missing("Maven: %w", err)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("make the folder for Neo4j's jars: %w", err)
	}
	// A folder of the final name is whole by construction: it gets that name last, and in one step.
	temporary, err := os.MkdirTemp(parent, "neo4j-"+Version+"-")
	if err != nil {
		return "", fmt.Errorf("make the folder for Neo4j's jars: %w", err)
	}
	defer os.RemoveAll(temporary)
	if err := fetch(ctx, maven, temporary); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(temporary, "lib"), folder); err != nil {
		// Another process may have fetched them in the meantime; its jars are as good.
		if found, _ := exists(folder); !found {
			return "", fmt.Errorf("keep Neo4j's jars: %w", err)
		}
	}
	return folder, nil
}

// fetch has Maven copy the jars into the folder lib of the folder.
func fetch(ctx context.Context, maven, folder string) error {
	if err := os.WriteFile(filepath.Join(folder, "pom.xml"), pom, 0o644); err != nil {
		return fmt.Errorf("fetch Neo4j's jars: %w", err)
	}
	output := newOutput()
	command := exec.CommandContext(ctx, maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib")
	command.Dir = folder
	command.Stdout, command.Stderr = output, output
	// Maven may leave a child behind that holds the pipe.
	command.WaitDelay = 5 * time.Second
	if err := command.Run(); err != nil {
		return fmt.Errorf("fetch Neo4j's jars with mvn dependency:copy-dependencies: %w%s", errors.Join(err, ctx.Err()), output)
	}
	return nil
}

func exists(folder string) (bool, error) {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for Neo4j's jars: %w", err)
	case !info.IsDir():
		return false, fmt.Errorf("look for Neo4j's jars: %s is no folder", folder)
	}
	return true, nil
}
