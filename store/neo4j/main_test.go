package neo4j

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store/neo4j/neo4jtest"
)

// server is the server under test; nil where tests against it are left out.
var server *neo4jtest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	server, err = neo4jtest.ForTests(context.Background(), neo4jtest.Options{})
	switch {
	case errors.Is(err, neo4jtest.ErrMissing):
		fmt.Println(neo4jtest.LeftOut)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	default:
		defer server.Stop()
	}
	return m.Run()
}

func model(t testing.TB) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// options are those of the server under test.
func options() Options {
	o := Options{Password: server.Password()}
	if o.Password != "" {
		o.Username = "neo4j"
	}
	return o
}

// open gives the store of the server under test.
func open(t testing.TB) *Store {
	t.Helper()
	if server == nil {
		t.Skip(neo4jtest.LeftOut)
	}
	s, err := Open(t.Context(), model(t), server.URI(), options())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// empty gives the store without records.
func empty(t testing.TB) *Store {
	t.Helper()
	s := open(t)
	write(t, s, "MATCH (n) WHERE NOT n:"+storeLabel+" AND NOT n:"+lockLabel+" CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")
	write(t, s, "MATCH (s:"+storeLabel+") SET s.sequence = 0 WITH s MATCH (l:"+lockLabel+") REMOVE l.lease")
	return s
}

// write runs a statement on the database, as another program would.
func write(t testing.TB, s *Store, cypher string) {
	t.Helper()
	if _, err := s.collect(t.Context(), driver.AccessModeWrite, cypher, nil); err != nil {
		t.Fatal(err)
	}
}

func closing(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
