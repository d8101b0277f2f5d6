package neo4jtest

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestForTests(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name    string
		ci      bool
		start   error
		missing bool
	}{
		{"starts", false, nil, false},
		{"starts in CI", true, nil, false},
		{"left out", false, missing("Maven"), true},
		{"never left out in CI", true, missing("Maven"), false},
		{"broken", false, broken, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := forTests(t.Context(), Options{}, "", c.ci, func(context.Context, Options) (*Server, error) { return nil, c.start })
			if (err == nil) != (c.start == nil) || errors.Is(err, ErrMissing) != c.missing {
				t.Errorf("error %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), c.start.Error()) {
				t.Errorf("error without its cause: %v", err)
			}
		})
	}
}

func TestGivenServerIsLeftAlone(t *testing.T) {
	never := func(context.Context, Options) (*Server, error) { panic("started") }
	server, err := forTests(t.Context(), Options{}, "bolt://neo4j:correct%20horse@db.example", true, never)
	if err != nil {
		t.Fatal(err)
	}
	if server.URI() != "bolt://db.example" || server.Password() != "correct horse" || server.Address() != "db.example:7687" || server.Home() != "" {
		t.Errorf("%s, password %s, address %s, home %s", server.URI(), server.Password(), server.Address(), server.Home())
	}
	for _, err := range []error{server.Kill(), server.Restart(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), Variable) {
			t.Errorf("error %v", err)
		}
	}
	if err := server.Stop(); err != nil {
		t.Error(err)
	}

	for _, uri := range []string{"localhost", "bolt://neo4j:secret@%zz", "neo4j:secret"} {
		if _, err := forTests(t.Context(), Options{}, uri, true, never); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", uri, err)
		}
	}
}
