package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// startQueries are asked after the first one, before memory is read.
var startQueries = []string{
	`{ groups(first: 100) { nodes { id name operates { nodes { name carries { nodes { name } } } } } } }`,
	`{ search(text: "cartel") { nodes { id name } totalCount } }`,
	`{ neighbourhood(of: "place/kh", depth: 2) { totalCount kinds { kind count nodes { id } } } }`,
	`{ __schema { types { kind name description fields(includeDeprecated: true) { name description args { name description defaultValue
	type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } type { kind name ofType { kind name ofType { kind name
	ofType { kind name } } } } } inputFields { name description type { kind name ofType { kind name } } } enumValues { name description }
	possibleTypes { name } } } }`,
}

func (b *bench) starting(ctx context.Context, _ *site) error {
	binary, err := program(ctx, b.dir)
	if err != nil {
		return err
	}
	defer os.Remove(binary)
	var starts []time.Duration
	var memory []float64
	for range b.repetitions(10) {
		took, resident, err := start(ctx, binary)
		if err != nil {
			return err
		}
		starts = append(starts, took)
		if resident > 0 {
			memory = append(memory, resident)
		}
	}
	b.note("from start to the first answer, bundled example", durations("serve", starts), 2000)
	if len(memory) > 0 {
		b.note("resident memory after five queries and introspection", figure("serve", "MB", memory), 150)
	}
	return nil
}

// program builds the program into a folder.
func program(ctx context.Context, dir string) (binary string, err error) {
	binary = filepath.Join(dir, "crimegraph")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/crimegraph/crimegraph/cmd/crimegraph")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
}

var served = regexp.MustCompile(`http://[^ ;]*/graphql`)

// start runs `serve` over the bundled example, and gives the time to its first answer and its resident memory in MB, 0 where the
// system does not tell.
func start(ctx context.Context, binary string) (took time.Duration, resident float64, err error) {
	begin := time.Now()
	serve := exec.CommandContext(ctx, binary, "serve", "--listen", "127.0.0.1:0")
	serve.Env = append(os.Environ(), "CRIMEGRAPH_STORE=", "CRIMEGRAPH_TOKEN=")
	messages, err := serve.StderrPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := serve.Start(); err != nil {
		return 0, 0, err
	}
	// One reader for the address and all that follows, so that the log never fills the pipe.
	addresses := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		defer close(addresses)
		for lines, found := bufio.NewScanner(messages), false; lines.Scan(); {
			if !found && strings.Contains(lines.Text(), "API at") {
				found = true
				addresses <- served.FindString(lines.Text())
			}
		}
	}()
	defer func() {
		err = errors.Join(err, serve.Process.Signal(os.Interrupt))
		<-drained
		err = errors.Join(err, serve.Wait())
	}()
	address, listening := <-addresses
	if !listening {
		return 0, 0, errors.New("serve ended without an address")
	}
	c := &client{url: address}
	defer c.http.CloseIdleConnections()
	answer, err := c.ask(ctx, newRequest(`{ groups(first: 2) { nodes { name } } }`, nil))
	took = time.Since(begin)
	if err != nil {
		return 0, 0, err
	}
	if !strings.Contains(string(answer), `"name":`) {
		return 0, 0, fmt.Errorf("the first answer holds no group: %.200s", answer)
	}
	for _, q := range startQueries {
		if _, err := c.ask(ctx, newRequest(q, nil)); err != nil {
			return 0, 0, err
		}
	}
	return took, residentMemory(serve.Process.Pid), nil
}

func residentMemory(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	return 0
}
