package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/crimegraph/crimegraph/plan"
)

// What a store remembers of its batches. One that touched more than MaxTouched nodes and bundles is not remembered: a load of millions pays nothing.
const (
	MaxTouched  = 1000
	KeptBatches = 100
)

// Touched is what some batches touched.
type Touched struct {
	// Revision that the last of them made; the store may be at a later one when this is read.
	Revision int64
	// Part is nil where it is not known, or names more than MaxTouched.
	Part *plan.Part
}

// Touching gathers what a batch touches. The zero value is for a batch that touched nothing yet.
type Touching struct{ part plan.Part }

// Node notes that a node is added, updated or taken away.
func (t *Touching) Node(id string) {
	if t.few() {
		t.part.Nodes = append(t.part.Nodes, id)
	}
}

// Claim notes the same of a claim.
func (t *Touching) Claim(relation, from, to string) {
	if t.few() {
		t.part.Bundles = append(t.part.Bundles, plan.Bundle{Relation: relation, From: from, To: to})
	}
}

func (t *Touching) few() bool { return t.part.Size() <= MaxTouched }

// Text is what the store keeps of the batch; empty where that is nothing.
func (t *Touching) Text() (string, error) {
	if !t.few() {
		return "", nil
	}
	text, err := json.Marshal(united(t.part))
	if err != nil {
		return "", fmt.Errorf("what a batch touched: %w", err)
	}
	return string(text), nil
}

// TouchedBatch is what a store kept of a batch, with the revision that it made.
type TouchedBatch struct {
	Revision int64
	Text     string
}

// Tell puts together what batches after a revision touched, from what is kept of them in order of revision. now is the revision that they lead up to; batches
// may be kept that lead beyond it.
func Tell(since, now int64, kept []TouchedBatch) (Touched, error) {
	t := Touched{Revision: now}
	if since > now || int64(len(kept)) < now-since {
		return t, nil
	}
	var all plan.Part
	for i, batch := range kept {
		if batch.Revision != since+1+int64(i) {
			return t, nil
		}
		var p plan.Part
		if err := json.Unmarshal([]byte(batch.Text), &p); err != nil {
			return t, Errorf(CodeDamaged, "revision", "", "what the batch of revision %d touched cannot be read: %w", batch.Revision, err)
		}
		all.Nodes, all.Bundles = append(all.Nodes, p.Nodes...), append(all.Bundles, p.Bundles...)
	}
	if all = united(all); all.Size() <= MaxTouched {
		t.Part = &all
	}
	return t, nil
}

// united names everything once, in order.
func united(p plan.Part) plan.Part {
	slices.Sort(p.Nodes)
	slices.SortFunc(p.Bundles, func(a, b plan.Bundle) int {
		return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return plan.Part{Nodes: slices.Compact(p.Nodes), Bundles: slices.Compact(p.Bundles)}
}
