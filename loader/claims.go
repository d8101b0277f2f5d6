package loader

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/store"
)

// heldClaim is a claim whose ends may still have to be looked up.
type heldClaim struct {
	claim     store.Claim
	shape     *shape
	row, line int
	// names are the nodes that the claim names, with the field that does.
	names [3]name
}

type name struct {
	at    int32
	field format.Field
}

// firstClaim is the line where a claim was first read, and a hash of those of its values that are not part of its id. There is one for
// each claim of a load, so that it is small.
type firstClaim struct{ line, record uint32 }

// seenClaims are those of the files that were read, by the place of the file's report.
type seenClaims map[int]map[claimKey]firstClaim

// first finds a claim, and the report of its file.
func (s seenClaims) first(key claimKey) (report int, first firstClaim, is bool) {
	for report, claims := range s {
		if first, is := claims[key]; is {
			return report, first, true
		}
	}
	return 0, firstClaim{}, false
}

func (s seenClaims) add(report int, key claimKey, first firstClaim) {
	if s[report] == nil {
		s[report] = map[claimKey]firstClaim{}
	}
	s[report][key] = first
}

// recordOf hashes what a claim says of its record and of its source.
func (s *shape) recordOf(values []any, seed maphash.Seed) uint32 {
	compartments, _ := values[s.compartments].([]string)
	return uint32(maphash.Comparable(seed, struct {
		reliability, tlp, recordedAt, retractedAt any
		compartments                              string
	}{values[s.reliability], values[s.tlp], values[s.recordedAt], values[s.retractedAt], strings.Join(compartments, "\x00")}))
}

// claimKey is a claim's id.
type claimKey [16]byte

func keyOf(id string) (k claimKey) {
	if n, err := hex.Decode(k[:], []byte(id)); err != nil || n != len(k) {
		panic("the id of a claim is not 32 hexadecimal digits: " + id)
	}
	return k
}

// writeClaims reads the files that hold claims, once: all nodes are known by now.
func (l *load) writeClaims(ctx context.Context) error {
	l.index.forget()
	// Ids of claims tell their relation, so that each relation may forget those of the one before.
	var seen seenClaims
	seed := maphash.MakeSeed()
	for i, f := range l.contents.claims {
		if i == 0 || f.shape != nil && l.contents.claims[i-1].shape != f.shape {
			seen = seenClaims{}
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
		unread := l.rejectUnread(f)
		if f.shape == nil {
			unread = func(*format.RowError, int) {}
		}
		err := l.rows(ctx, f, func(row format.Row, n int) error {
			if f.shape != nil {
				l.count(f)
			} else if _, refused := f.refused[int32(n)]; refused {
				return nil
			}
			list, _, _ := l.drafts(f, row, n, mapping.Relations)
			for _, d := range list {
				r, wrong := d.shape.read(d.row)
				if wrong != nil {
					l.reject(f, n, row.Line, wrong)
					continue
				}
				held = append(held, l.hold(d, r, n, row.Line))
			}
			if len(held) < batchSize {
				return nil
			}
			return release()
		}, unread)
		if err != nil {
			return err
		}
		if err := release(); err != nil {
			return err
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	if err := l.await(); err != nil {
		return err
	}
	l.countAccepted()
	return nil
}

// countAccepted counts the rows of mapped files that are neither filtered nor rejected.
func (l *load) countAccepted() {
	for _, f := range l.contents.nodes {
		if f.shape == nil {
			report := &l.report.Files[f.report]
			report.Accepted = report.Rows - report.Rejected - report.Filtered
			l.report.Accepted += report.Accepted
		}
	}
}

// hold notes a claim, and the nodes that it names.
func (l *load) hold(d draft, r record, n, line int) heldClaim {
	h := heldClaim{claim: store.Claim{Relation: d.shape.relation, From: r.from, To: r.to, Values: r.values}, shape: d.shape, row: n, line: line}
	source, _ := r.values[d.shape.source].(string)
	for i, name := range []struct{ column, id string }{{"from", ""}, {"to", ""}, {"source", source}} {
		h.names[i].field = format.Field{Name: name.column, Text: name.id, Line: line}
		if given := field(d.row, name.column); given != nil {
			h.names[i].field = *given
		}
		id := name.id
		if id == "" {
			id = d.shape.text(&h.names[i].field)
		}
		h.names[i].at = l.index.of(id)
	}
	return h
}

func (l *load) writeClaim(ctx context.Context, f *file, h heldClaim, seen seenClaims, seed maphash.Seed) error {
	for i := range h.names {
		if why := l.index.refusal(h.names[i].at, l.contents.nodes); why != nil {
			why.field = &h.names[i].field
			l.reject(f, h.row, h.line, why)
			return nil
		}
	}
	c := h.claim
	l.inherit(h.shape, c.Values)
	c.Values[0] = store.ClaimID(h.shape.kind, c.Relation, c.From, c.To, c.Values)
	record := h.shape.recordOf(c.Values, seed)
	key := keyOf(c.ID())
	report, first, again := seen.first(key)
	switch {
	case !again:
		seen.add(f.report, key, firstClaim{uint32(h.line), record})
		l.batch.Claims = append(l.batch.Claims, c)
	case first.record == record:
		l.report.Changes.Unchanged++
	default:
		l.reject(f, h.row, h.line, &fault{reason: fmt.Sprintf("the same claim as at %s, with another date of record, mark or reliability", position(l.report.Files[report].File, int(first.line), 0)),
			fix: "keep one of them"})
		return nil
	}
	return l.accept(ctx, f)
}
