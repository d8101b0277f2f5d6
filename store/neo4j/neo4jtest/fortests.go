package neo4jtest

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// Variable is the environment variable that names a running server for tests to use, such as bolt://127.0.0.1:7687, or
// bolt://neo4j:password@127.0.0.1:7687. Tests delete whatever that server
// holds.
const Variable = "CRIMEGRAPH_TEST_NEO4J"

// ForTests gives a package's tests their server: the one that Variable names, else one that it starts with the options, without
// authentication. Only the latter can be killed and restarted, and Stop leaves the former alone.
//
// On a machine without Java or Maven the error is ErrMissing, for tests to be left out by name, except where the variable CI
// is set: there they must run, and the error is another.
//
//	var server *neo4jtest.Server // nil if tests are left out
//
//	func TestMain(m *testing.M) { os.Exit(run(m)) }
//
//	func run(m *testing.M) int {
//		var err error
//		server, err = neo4jtest.ForTests(context.Background(), neo4jtest.Options{})
//		switch {
//		case errors.Is(err, neo4jtest.ErrMissing):
//			fmt.Println(neo4jtest.LeftOut)
//		case err != nil:
//			fmt.Fprintln(os.Stderr, err)
//			return 1
//		default:
//			defer server.Stop()
//		}
//		return m.Run()
//	}
//
//	func TestQuery(t *testing.T) {
//		if server == nil {
//			t.Skip(neo4jtest.LeftOut)
//		}
//		...
//	}
func ForTests(ctx context.Context, opts Options) (*Server, error) {
	return forTests(ctx, opts, os.Getenv(Variable), os.Getenv("CI") != "", Start)
}

// forTests is ForTests with the environment and the start of a server as arguments.
func forTests(ctx context.Context, opts Options, given string, ci bool, start func(context.Context, Options) (*Server, error)) (*Server, error) {
	if given != "" {
		return external(given)
	}
	// Packages are tested side by side, and a machine that is busy with that starts Java slowly.
	opts.Deadline = cmp.Or(opts.Deadline, 3*time.Minute)
	server, err := start(ctx, opts)
	if err != nil && ci {
		// %v: whoever leaves tests out at ErrMissing must not do so here.
		return nil, fmt.Errorf("tests against Neo4j must run where CI is set: %v", err)
	}
	return server, err
}

// external is the server at a URI, which may carry a password.
func external(uri string) (*Server, error) {
	parsed, err := url.Parse(uri)
	if err != nil || parsed.Hostname() == "" {
		// Without the text and url.Parse's error, which repeats it: it may hold a password.
		return nil, fmt.Errorf("%s names no server; it should look like bolt://127.0.0.1:7687", Variable)
	}
	password, _ := parsed.User.Password()
	parsed.User = nil
	address := net.JoinHostPort(parsed.Hostname(), cmp.Or(parsed.Port(), "7687"))
	return &Server{uri: parsed.String(), address: address, password: password}, nil
}
