package network_test

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// records is a source that holds what a test puts in.
type records struct {
	testing.TB
	model    *ontology.Model
	nodes    []store.Node
	claims   []store.Claim
	revision int64
}

func newRecords(t testing.TB) *records {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return &records{TB: t, model: m, revision: 1}
}

func (r *records) Revision(context.Context) (int64, error) { return r.revision, nil }

// Stream gives the records in the order of the contract; lenses do not matter here.
func (r *records) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	slices.SortFunc(r.nodes, func(a, b store.Node) int { return strings.Compare(a.ID(), b.ID()) })
	slices.SortFunc(r.claims, func(a, b store.Claim) int {
		return cmp.Or(strings.Compare(a.Relation.Name, b.Relation.Name), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), strings.Compare(a.ID(), b.ID()))
	})
	return func(yield func(store.Record, error) bool) {
		for i := range r.nodes {
			if !yield(store.Record{Node: &r.nodes[i]}, nil) {
				return
			}
		}
		for i := range r.claims {
			if !yield(store.Record{Claim: &r.claims[i]}, nil) {
				return
			}
		}
	}
}

// values are properties with their values as files give them, in turn.
func (r *records) values(k *ontology.Kind, given []string) []any {
	r.Helper()
	out := make([]any, len(k.Properties))
	for i := 0; i < len(given); i += 2 {
		p := k.Property(given[i])
		v, err := p.Parse(given[i+1])
		if err != nil {
			r.Fatal(err)
		}
		out[p.Position] = v
	}
	return out
}

// node adds a node, whose kind is told by its id, with the name of its slug.
func (r *records) node(id string, given ...string) {
	r.Helper()
	for _, k := range r.model.Kinds {
		if !strings.HasPrefix(id, k.IDPrefix()) {
			continue
		}
		n := store.Node{Kind: k}
		links := given[:0:0]
		var own []string
		for i := 0; i < len(given); i += 2 {
			if k.Link(given[i]) != nil {
				links = append(links, given[i:i+2]...)
			} else {
				own = append(own, given[i:i+2]...)
			}
		}
		n.Values = r.values(k, own)
		n.Values[0] = id
		if p := k.Property("name"); p != nil && n.Values[p.Position] == nil {
			n.Values[p.Position] = strings.TrimPrefix(id, k.IDPrefix())
		}
		for i := 0; i < len(links); i += 2 {
			n.Links = append(n.Links, store.NodeLink{Link: k.Link(links[i]), ID: links[i+1]})
		}
		r.nodes = append(r.nodes, n)
		return
	}
	r.Fatalf("no kind for %s", id)
}

func (r *records) claim(relation, from, to string, given ...string) {
	r.Helper()
	c := store.Claim{Relation: r.model.Relation(relation), From: from, To: to}
	c.Values = r.values(r.model.Claim, append([]string{"reliability", "B", "credibility", "2", "stance", "ASSERTS", "modality", "STATES", "tlp", "CLEAR"}, given...))
	c.Values[0] = store.ClaimID(r.model.Claim, c.Relation, from, to, c.Values)
	r.claims = append(r.claims, c)
}

func (r *records) network() *network.Network {
	r.Helper()
	n, err := network.Read(r.Context(), r.model, r, plan.Lens{}, network.DefaultMemory)
	if err != nil {
		r.Fatal(err)
	}
	return n
}
