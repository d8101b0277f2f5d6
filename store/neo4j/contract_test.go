package neo4j

import (
	"testing"

	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/store"
	"github.com/crimegraph/crimegraph/store/storetest"
)

func TestContract(t *testing.T) {
	if server == nil {
		open(t)
	}
	storetest.Run(t, model(t), func(t testing.TB) store.Store { return empty(t) })
}

func TestScripts(t *testing.T) {
	if server == nil {
		open(t)
	}
	storetest.Scripts(t, model(t), func(t testing.TB) store.Store { return empty(t) })
}

func TestLoads(t *testing.T) {
	if server == nil {
		open(t)
	}
	loadertest.Trials(t, model(t), 2, loadertest.Seed(t), func(t testing.TB) func() loadertest.Handle {
		closing(t, empty(t))
		return func() loadertest.Handle { return open(t) }
	})
}

// TestKilledLoads kills the program while it loads: KILL_POINTS=250 go test ./store/neo4j -run KilledLoads -v -timeout 3h
func TestKilledLoads(t *testing.T) {
	closing(t, empty(t))
	o := options()
	loadertest.Kills(t, model(t), 2, synthetic.Seizures, loadertest.Killing{
		Address: server.URI(), Environment: []string{"NEO4J_USERNAME=" + o.Username, "NEO4J_PASSWORD=" + o.Password}, Rows: 1500,
		Open: func() loadertest.Handle { return open(t) },
	})
}
