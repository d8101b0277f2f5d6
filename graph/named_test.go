package graph

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/crimegraph/crimegraph/network"
)

// TestNamedRequestsAreBounded: there are no more with names, and no more followers, than there may be, and nothing is kept of those that have ended.
func TestNamedRequestsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &namedRequests{known: map[requestKey]*namedRequest{}}
		key := func(i int) requestKey { return requestKey{name: fmt.Sprintf("request-number-%04d", i)} }
		var begun []*namedRequest
		for i := range maxNamed {
			x, err := r.begin(key(i), nil)
			if err != nil {
				t.Fatal(err)
			}
			begun = append(begun, x)
		}
		if _, err := r.begin(key(maxNamed), nil); err == nil || err.Extensions["code"] != CodeUnavailable {
			t.Errorf("one more begins: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		for i := range maxFollowers {
			told, err := r.follow(ctx, key(i*2)) // half of them wait for what never begins
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				for range told.messages {
				}
			}()
		}
		if _, err := r.follow(ctx, key(0)); !errors.Is(err, network.ErrFull) {
			t.Errorf("one more follows: %v", err)
		}
		for _, x := range begun {
			x.end()
		}
		synctest.Wait()
		if want := maxFollowers / 2; len(r.known) != want || r.named != 0 || r.followers != want {
			t.Errorf("%d are known, %d under way, %d follow", len(r.known), r.named, r.followers)
		}
		stop()
		synctest.Wait()
		if len(r.known)+r.followers != 0 {
			t.Errorf("%d are known, %d follow", len(r.known), r.followers)
		}
	})
}
