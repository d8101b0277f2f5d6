package neo4jtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// passwordVariable hands the password to Server.java: arguments show in the list of processes.
const passwordVariable = "NEO4J_TEST_PASSWORD"

// Options of Start. The zero value is a server without authentication.
type Options struct {
	// Password is that of the user neo4j, at least 8 characters. Without one authentication is off.
	Password string
	// HeapMiB is the greatest heap in MiB; 0 is 1024.
	HeapMiB int
	// PageCacheMiB is the page cache, which comes on top; 0 is 256.
	PageCacheMiB int
	// Encrypted has the server speak TLS alone, with a certificate that nobody else signed. URI is then of scheme bolt+ssc.
	Encrypted bool
	// Deadline is how long one start may take, fetching of jars aside; 0 is 90 s.
	Deadline time.Duration
}

// Server is a Neo4j server for tests. Its methods may be called at the same time.
type Server struct {
	uri      string
	address  string
	password string
	launch   launch

	mutex   sync.Mutex
	process *process // nil of a server that ForTests was given
	stopped bool
}

// Start starts Neo4j Community with an empty database on a free port of the loopback interface, and returns when it
// answers. The context is for the start alone; Stop ends the server, and so does the end of this process, however that
// comes about. The first start on a machine fetches the jars with Maven. Without Java or Maven that is ErrMissing.
func Start(ctx context.Context, opts Options) (*Server, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	jars, err := jars(ctx)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "crimegraph-neo4j-")
	if err != nil {
		return nil, fmt.Errorf("make a home for Neo4j: %w", err)
	}
	scheme := "bolt://"
	if opts.Encrypted {
		scheme = "bolt+ssc://"
		if err := certify(home); err != nil {
			return nil, errors.Join(fmt.Errorf("certificate for Neo4j: %w", err), os.RemoveAll(home))
		}
	}
	s := &Server{
		uri:      scheme + loopback(port),
		address:  loopback(port),
		password: opts.Password,
		launch: launch{
			java: java, jars: jars, home: home, port: port, password: opts.Password,
			heap: cmp.Or(opts.HeapMiB, 1024), pages: cmp.Or(opts.PageCacheMiB, 256), encrypted: opts.Encrypted, deadline: cmp.Or(opts.Deadline, 90*time.Second),
		},
	}
	if s.process, err = s.launch.start(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(home))
	}
	return s, nil
}

// URI is where the server answers, such as bolt://127.0.0.1:7687.
func (s *Server) URI() string { return s.uri }

// Address is the host and the port in URI, as NewProxy takes them.
func (s *Server) Address() string { return s.address }

// Password is that of the user neo4j; "" if authentication is off.
func (s *Server) Password() string { return s.password }

// Home is the folder of the server's files, logs among them; Stop removes it. It is "" of a server that is not the test's
// own.
func (s *Server) Home() string { return s.launch.home }

// Kill ends the server's process by SIGKILL, as a power cut would, and waits for its end. Its files stay for Restart.
func (s *Server) Kill() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := s.own("kill"); err != nil {
		return err
	}
	return s.process.kill()
}

// Restart starts a server that was killed, or crashed, on the same files and the same port, and returns when it answers.
// A running server is an error.
func (s *Server) Restart(ctx context.Context) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := s.own("restart"); err != nil {
		return err
	}
	if s.process.running() {
		return errors.New("restart Neo4j: it is running; Kill it first")
	}
	process, err := s.launch.start(ctx)
	if err != nil {
		return err
	}
	s.process = process
	return nil
}

// Stop shuts the server down in order, waits for that, and removes its files. It does nothing a second time, or to a
// server that is not the test's own. A server that does not shut down within 30 s is killed, and that is an error.
func (s *Server) Stop() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.process == nil || s.stopped {
		return nil
	}
	s.stopped = true
	return errors.Join(s.process.stop(), os.RemoveAll(s.launch.home))
}

// own is an error unless the test may do the deed to the server's process.
func (s *Server) own(deed string) error {
	if s.process == nil {
		return fmt.Errorf("%s Neo4j: the server at %s comes from %s and is not the test's own", deed, s.uri, Variable)
	}
	if s.stopped {
		return fmt.Errorf("%s Neo4j: it was stopped", deed)
	}
	return nil
}
