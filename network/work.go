package network

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// Completeness says how far an answer goes.
type Completeness string

// The degrees of completeness.
const (
	// Complete: there is no more. An empty answer that is complete means that there is nothing.
	Complete Completeness = "COMPLETE"
	// Truncated: there is more than was asked for.
	Truncated Completeness = "TRUNCATED"
	// BudgetExhausted: the work or the time allowed ran out first; what is there holds, and there may be more.
	BudgetExhausted Completeness = "BUDGET_EXHAUSTED"
)

// ArgumentError refuses an argument of a question.
type ArgumentError struct{ Argument, Message string }

func (e *ArgumentError) Error() string { return e.Argument + ": " + e.Message }

func refuse(argument, format string, args ...any) error {
	return &ArgumentError{argument, fmt.Sprintf(format, args...)}
}

func within(argument string, n, low, high int) error {
	if n < low || n > high {
		return refuse(argument, "%d to %d, not %d", low, high, n)
	}
	return nil
}

// MaxIDs is how many nodes a question may name in one argument.
const MaxIDs = 1000

// DefaultWork is how many edges a question may look at: a second or two.
const DefaultWork = 30_000_000

type pauseKey struct{}

// Pausing is a context in which the questions that search call a function now and then, so that it can let others compute first.
func Pausing(ctx context.Context, pause func()) context.Context {
	return context.WithValue(ctx, pauseKey{}, pause)
}

// work is what a question did and may do. Its context ends it early.
type work struct {
	ctx         context.Context
	pause       func()
	done, limit int
	next        int // where the context is looked at again
	ended       bool
}

func newWork(ctx context.Context, edges int) *work {
	if edges == 0 {
		edges = DefaultWork
	}
	pause, given := ctx.Value(pauseKey{}).(func())
	if !given {
		pause = func() {}
	}
	return &work{ctx: ctx, pause: pause, limit: edges}
}

// spend notes work and says whether there may be more.
func (w *work) spend(edges int) bool {
	w.done += edges
	if w.done > w.next {
		w.next = w.done + 8192
		w.pause()
		w.ended = w.ended || w.ctx.Err() != nil
	}
	w.ended = w.ended || w.done > w.limit
	return !w.ended
}

func (w *work) exhausted() bool { return w.ended }

// given finds the nodes of an argument, in order of number, each once. An unknown id is refused with the nearest one.
func (n *Network) given(argument string, ids []string) ([]node, error) {
	if len(ids) > MaxIDs {
		return nil, refuse(argument, "at most %d ids, %d are given", MaxIDs, len(ids))
	}
	found := make([]node, 0, len(ids))
	for _, id := range ids {
		at := n.find(id)
		if at == none {
			return nil, refuse(argument, "there is no %.80q, or the lens hides it%s", id, n.suggest(id))
		}
		found = append(found, at)
	}
	return distinct(found), nil
}

// givenOf finds the nodes of a kind that an argument names.
func (n *Network) givenOf(argument string, ids []string, kind string) ([]node, error) {
	found, err := n.given(argument, ids)
	for _, at := range found {
		if is := n.kind(at).Name; is != kind {
			return nil, refuse(argument, "%s is a %s, no %s", n.id(at), is, kind)
		}
	}
	return found, err
}

// suggest ends a message about an unknown id: the nearest one of its kind.
func (n *Network) suggest(id string) string {
	kind, slug, _ := strings.Cut(id, "/")
	prefixes := make([]string, len(n.Model.Kinds))
	for i, k := range n.Model.Kinds {
		prefixes[i] = k.IDPrefix()
	}
	prefix := kind + "/"
	if near := ontology.Nearest(prefix, prefixes); near != "" {
		prefix = near
	}
	best, limit := "", 1+(len(slug)+2)/3
	for at := n.firstFrom(prefix); at < len(n.kinds); at++ {
		candidate := n.ids.at(at)
		rest, within := strings.CutPrefix(candidate, prefix)
		if !within {
			break
		}
		if d := len(rest) - len(slug); d >= limit || -d >= limit {
			continue
		}
		if d := distance(slug, rest, limit-1); d < limit {
			best, limit = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

func (n *Network) firstFrom(prefix string) int {
	low, high := 0, len(n.kinds)
	for low < high {
		middle := (low + high) / 2
		if n.ids.at(middle) < prefix {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

func distinct[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}
