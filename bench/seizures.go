package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// seizureRows is how many rows the list of seizures holds, as many as UNODC's.
const seizureRows = 311_000

// seizing is a list of seizures that the program loads, as a user does, into a store.
type seizing struct {
	binary, list, address string
	dir                   string
}

// seizing makes the program and the list. The function returned takes them away.
func (b *bench) seizing(ctx context.Context, rows int) (s *seizing, release func() error, err error) {
	dir := filepath.Join(b.dir, "seizures")
	release = func() error { return os.RemoveAll(dir) }
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, release, err
	}
	s = &seizing{list: filepath.Join(dir, "seizures.csv"), dir: dir}
	if s.binary, err = program(ctx, dir); err != nil {
		return nil, release, err
	}
	list, err := os.Create(s.list)
	if err != nil {
		return nil, release, err
	}
	return s, release, errors.Join(synthetic.Seizures(list, rows, seed), list.Close())
}

// load runs the program, and tells how long it took and how many MB were resident at most, 0 where the system does not tell.
func (s *seizing) load(ctx context.Context) (took time.Duration, resident float64, err error) {
	var output bytes.Buffer
	c := exec.CommandContext(ctx, s.binary, "load", "--store", s.address, "--mapping", "unodc-seizures", "--retrieved", "2024-01-01", s.list)
	c.Stdout, c.Stderr = &output, &output
	if took, err = timed(c.Run); err != nil {
		return 0, 0, fmt.Errorf("load: %w\n%s", err, output.Bytes())
	}
	if usage, is := c.ProcessState.SysUsage().(*syscall.Rusage); is {
		resident = float64(usage.Maxrss) / 1024
	}
	return took, resident, nil
}

// seizures loads the list twice and adds the lines, beside what bare writes of the same records took. most are the seconds that are good enough.
func (b *bench) seizures(ctx context.Context, s *seizing, rows int, most float64, bare func() (took time.Duration, what string, err error)) error {
	first, resident, err := s.load(ctx)
	if err != nil {
		return err
	}
	again, residentAgain, err := s.load(ctx)
	if err != nil {
		return err
	}
	written, what, err := bare()
	if err != nil {
		return err
	}
	loaded := durations("load", []time.Duration{first})
	b.note(fmt.Sprintf("loading a list of %d seizures", rows), loaded, most*1000)
	b.compare(fmt.Sprintf("loading a list of %d seizures, by hand", rows), loaded, durations(what, []time.Duration{written}), 0)
	b.compare("loading it again", durations("load", []time.Duration{again}), loaded, 0.5)
	if resident > 0 {
		b.note("resident memory, the larger of both loads", figure("load", "MB", []float64{max(resident, residentAgain)}), 300)
	}
	return nil
}

func (b *bench) seizuresSQLite(ctx context.Context) (err error) {
	rows := max(int(seizureRows*b.effort), 1000)
	s, release, err := b.seizing(ctx, rows)
	defer func() { err = errors.Join(err, release()) }()
	if err != nil {
		return err
	}
	loaded := filepath.Join(s.dir, "loaded.db")
	s.address = "sqlite:" + loaded
	return b.seizures(ctx, s, rows, 60, func() (time.Duration, string, error) {
		took, count, err := b.insert(ctx, loaded, filepath.Join(s.dir, "inserted.db"))
		return took, fmt.Sprintf("bare inserts of the %d rows that it made", count), err
	})
}

func (b *bench) seizuresNeo4j(ctx context.Context, at *site, c *cypher, address string) (err error) {
	rows := max(int(seizureRows*b.effort), 1000)
	s, release, err := b.seizing(ctx, rows)
	defer func() { err = errors.Join(err, release()) }()
	if err != nil {
		return err
	}
	s.address = address
	if err := c.clear(ctx); err != nil {
		return err
	}
	return b.seizures(ctx, s, rows, 180, func() (time.Duration, string, error) {
		batches, err := batchesOf(ctx, at.store)
		if err != nil {
			return 0, "", err
		}
		parts, count, err := c.statements(ctx, batches)
		if err != nil {
			return 0, "", err
		}
		if err := c.clear(ctx); err != nil {
			return 0, "", err
		}
		took, err := timed(func() error { return c.write(ctx, parts) })
		return took, fmt.Sprintf("bare UNWIND batches of the %d records that it made", count), err
	})
}

// batchesOf cuts what a store holds into batches as large as the loader's.
func batchesOf(ctx context.Context, s store.Store) (out []store.Batch, err error) {
	for r, err := range s.Stream(ctx, plan.Records{Lens: plan.Lens{Record: plan.Record{All: true}}, Only: []string{}}) {
		if err != nil {
			return nil, err
		}
		if last := len(out) - 1; last < 0 || len(out[last].Nodes)+len(out[last].Claims) == insertChunk {
			out = append(out, store.Batch{})
		}
		if last := &out[len(out)-1]; r.Node != nil {
			last.Nodes = append(last.Nodes, *r.Node)
		} else {
			last.Claims = append(last.Claims, *r.Claim)
		}
	}
	return out, nil
}
