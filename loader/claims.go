package loader

import (
	"context"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/store"
)

// heldClaim is a claim whose ends may still have to be looked up.
type heldClaim struct {
	claim store.Claim
	line  int
	// names are the nodes that the claim names, with the field that does.
	names [3]name
}

type name struct {
	at    int32
	field format.Field
}

// firstClaim is where a claim was first read, and a hash of those of its values that are not part of its id.
type firstClaim struct {
	report, line int32
	record       uint64
}

// recordOf hashes what a claim says of its record and of its source.
func (s *shape) recordOf(values []any, seed maphash.Seed) uint64 {
	compartments, _ := values[s.compartments].([]string)
	return maphash.Comparable(seed, struct {
		reliability, tlp, recordedAt, retractedAt any
		compartments                              string
	}{values[s.reliability], values[s.tlp], values[s.recordedAt], values[s.retractedAt], strings.Join(compartments, "\x00")})
}

// writeClaims reads the claim files, once: all nodes are known by now.
func (l *load) writeClaims(ctx context.Context) error {
	// Ids of claims tell their relation, so that each relation may forget those of the one before.
	var seen map[string]firstClaim
	seed := maphash.MakeSeed()
	for i, f := range l.contents.claims {
		if i == 0 || l.contents.claims[i-1].shape != f.shape {
			seen = map[string]firstClaim{}
		}
		var held []heldClaim
		since := len(l.index.entries)
		release := func() error {
			if err := l.ask(ctx, l.index.unknown(since)); err != nil {
				return err
			}
			since = len(l.index.entries)
			for _, h := range held {
				if err := l.writeClaim(ctx, f, h, seen, seed); err != nil {
					return err
				}
			}
			held = held[:0]
			return nil
		}
		err := l.each(ctx, f, func(row format.Row) error {
			l.count(f)
			r, wrong := f.shape.read(row)
			if wrong != nil {
				l.reject(f, row.Line, wrong)
				return nil
			}
			h := heldClaim{claim: store.Claim{Relation: f.shape.relation, From: r.from, To: r.to, Values: r.values}, line: row.Line}
			source, _ := r.values[f.shape.source].(string)
			for i, n := range []struct{ column, id string }{{"from", ""}, {"to", ""}, {"source", source}} {
				h.names[i].field = format.Field{Name: n.column, Text: n.id, Line: row.Line}
				if given := field(row, n.column); given != nil {
					h.names[i].field = *given
				}
				id := n.id
				if id == "" {
					id = f.shape.text(&h.names[i].field)
				}
				h.names[i].at = l.index.of(id)
			}
			if held = append(held, h); len(held) < batchSize {
				return nil
			}
			return release()
		}, l.rejectUnread(f))
		if err != nil {
			return err
		}
		if err := release(); err != nil {
			return err
		}
	}
	return l.flush(ctx)
}

func (l *load) writeClaim(ctx context.Context, f *file, h heldClaim, seen map[string]firstClaim, seed maphash.Seed) error {
	for i := range h.names {
		if why := l.index.refusal(h.names[i].at, l.contents.nodes); why != nil {
			why.field = &h.names[i].field
			l.reject(f, h.line, why)
			return nil
		}
	}
	c := h.claim
	l.inherit(f.shape, c.Values)
	c.Values[0] = store.ClaimID(f.shape.kind, c.Relation, c.From, c.To, c.Values)
	record := f.shape.recordOf(c.Values, seed)
	first, again := seen[c.ID()]
	switch {
	case !again:
		seen[c.ID()] = firstClaim{int32(f.report), int32(h.line), record}
		l.batch.Claims = append(l.batch.Claims, c)
	case first.record == record:
		l.report.Changes.Unchanged++
	default:
		l.reject(f, h.line, &fault{reason: fmt.Sprintf("the same claim as at %s, with another date of record, mark or reliability", position(l.report.Files[first.report].File, int(first.line), 0)),
			fix: "keep one of them"})
		return nil
	}
	return l.accept(ctx, f)
}
