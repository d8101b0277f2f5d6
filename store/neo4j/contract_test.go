package neo4j

import (
	"testing"

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
