package neo4jtest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed Server.java
var source []byte

// stopTimeout is how long a server has to shut down before it is killed.
const stopTimeout = 30 * time.Second

// launch is what starts one process, and starts it again.
type launch struct {
	java      string
	jars      string // folder
	home      string // folder; also of Server.java
	port      int
	password  string // "" turns authentication off
	heap      int    // MiB
	pages     int    // page cache, MiB
	encrypted bool
	deadline  time.Duration
}

// process is a running, or ended, Java process.
type process struct {
	command *exec.Cmd
	input   io.Closer // the end of it ends the process
	output  *output
	ended   chan struct{}
	err     error // of Wait; to be read after ended
}

// start starts a process and waits until Bolt answers. The context is for the start alone.
func (l launch) start(ctx context.Context) (*process, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.deadline, fmt.Errorf("not ready after %s", l.deadline))
	defer cancel()
	p, err := l.run()
	if err != nil {
		return nil, fmt.Errorf("start Neo4j: %w", err)
	}
	select {
	case <-p.output.ready:
	case <-p.ended:
		return nil, fmt.Errorf("start Neo4j: it ended: %w%s", p.result(), p.output)
	case <-ctx.Done():
		return nil, fmt.Errorf("start Neo4j: %w%s", errors.Join(context.Cause(ctx), p.kill()), p.output)
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", loopback(l.port))
	if err != nil {
		return nil, fmt.Errorf("start Neo4j: %w%s", errors.Join(err, p.kill()), p.output)
	}
	connection.Close()
	return p, nil
}

func (l launch) run() (*process, error) {
	file := filepath.Join(l.home, "Server.java")
	if err := os.WriteFile(file, source, 0o644); err != nil {
		return nil, err
	}
	flags := []string{"-Xmx" + strconv.Itoa(l.heap) + "m", "-Dio.netty.tryReflectionSetAccessible=true"}
	for _, name := range []string{"java.nio", "java.io", "sun.nio.ch", "java.util.concurrent"} {
		flags = append(flags, "--add-opens=java.base/"+name+"=ALL-UNNAMED")
	}
	flags = append(flags, "-cp", filepath.Join(l.jars, "*"), file, l.home, strconv.Itoa(l.port), strconv.Itoa(l.pages), strconv.FormatBool(l.encrypted))

	// Not CommandContext: the context of a start may well end before the server does.
	p := &process{command: exec.Command(l.java, flags...), output: newOutput(), ended: make(chan struct{})}
	p.command.Dir = l.home
	if l.password != "" {
		p.command.Env = append(os.Environ(), passwordVariable+"="+l.password)
	}
	p.command.Stdout, p.command.Stderr = p.output, p.output
	var err error
	if p.input, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// result is how an ended process ended; never nil.
func (p *process) result() error {
	if p.err == nil {
		return errors.New("exit status 0")
	}
	return p.err
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the process as a power cut would, and waits for the end. An ended process is no error.
func (p *process) kill() error {
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill Neo4j: %w", err)
	}
	<-p.ended
	return nil
}

// stop has the process shut down, kills it if that takes too long, and waits for the end.
func (p *process) stop() error {
	if !p.running() {
		return nil
	}
	// Rather than by a signal, which not every system has.
	p.input.Close()
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("stop Neo4j: still running after %s%s", stopTimeout, p.output), p.kill())
	}
	if p.err != nil {
		return fmt.Errorf("stop Neo4j: %w%s", p.err, p.output)
	}
	return nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// freePort gives a port of the loopback interface that nothing listened on a moment ago.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
