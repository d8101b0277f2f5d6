package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
)

// building measures how long it takes until a network is in memory, and what it takes there.
func (b *bench) building(ctx context.Context, s *site, target time.Duration) error {
	var n *network.Network
	took, err := rounds(b.repetitions(5), func() (err error) {
		n, err = network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
		return err
	})
	if err != nil {
		return err
	}
	size := n.Size()
	b.note(fmt.Sprintf("a network of %d nodes and %d relations in memory", size.Nodes, size.Relations), durations("read", took[0]), float64(target.Milliseconds()))
	b.note("its memory a relation", figure("network", "bytes", []float64{float64(size.Bytes) / float64(size.Relations)}), 64)
	return nil
}
