package sqlite_test

import (
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/sqlite"
	"github.com/crimegraph/crimegraph/store/storetest"
)

func model(t testing.TB) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func open(t testing.TB, path string, options sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), model(t), path, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContractInMemory(t *testing.T) {
	storetest.Run(t, model(t), func(t testing.TB) store.Store { return open(t, sqlite.Memory, sqlite.Options{}) })
}

func TestContractInFile(t *testing.T) {
	storetest.Run(t, model(t), func(t testing.TB) store.Store {
		return open(t, t.TempDir()+"/store.db", sqlite.Options{Create: true})
	})
}

func TestScripts(t *testing.T) {
	storetest.Scripts(t, model(t), func(t testing.TB) store.Store { return open(t, sqlite.Memory, sqlite.Options{}) })
}

func TestLoads(t *testing.T) {
	loadertest.Trials(t, model(t), 5, loadertest.Seed(t), func(t testing.TB) func() loadertest.Handle {
		path := t.TempDir() + "/store.db"
		return func() loadertest.Handle { return open(t, path, sqlite.Options{Create: true}) }
	})
}

// TestKilledLoads kills the program while it loads into a file: KILL_POINTS=250 go test ./store/sqlite -run KilledLoads -v -timeout 2h
func TestKilledLoads(t *testing.T) {
	path := t.TempDir() + "/store.db"
	loadertest.Kills(t, model(t), 2, synthetic.Seizures, loadertest.Killing{
		Address: "sqlite:" + path, Rows: 3000,
		Open: func() loadertest.Handle { return open(t, path, sqlite.Options{}) },
	})
}
