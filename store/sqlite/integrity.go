package sqlite

import (
	"context"
	"strconv"
	"strings"
)

// Integrity checks what a stream of records cannot show: the file's pages and indexes, rows that name missing rows, symmetric
// claims that stand at one end only, and the index of names. It lists at most 100 faults of each sort.
func (s *Store) Integrity(ctx context.Context) ([]string, error) {
	var symmetric []string
	for _, r := range s.model.Relations {
		if r.Symmetric {
			symmetric = append(symmetric, strconv.FormatInt(s.codes.relations[r.Name], 10))
		}
	}
	var faults []string
	for _, check := range []struct{ what, query string }{
		{"file", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
		{"edge from a missing node to", "SELECT n.id FROM edge e JOIN node n ON n.key_ = e.dst_ WHERE e.src_ NOT IN (SELECT key_ FROM node) LIMIT 100"},
		{"edge to a missing node from", "SELECT n.id FROM edge e JOIN node n ON n.key_ = e.src_ WHERE e.dst_ NOT IN (SELECT key_ FROM node) LIMIT 100"},
		{"claim of a missing source from", "SELECT n.id FROM edge e JOIN node n ON n.key_ = e.src_ WHERE e.source NOT IN (SELECT key_ FROM node) LIMIT 100"},
		{"missing source of", "SELECT id FROM node WHERE source NOT IN (SELECT key_ FROM node) LIMIT 100"},
		{"symmetric claim at one end only, at", "SELECT n.id FROM edge e JOIN node n ON n.key_ = e.src_ WHERE e.relation_ IN (" + strings.Join(append(symmetric, "-1"), ", ") +
			") AND NOT EXISTS (SELECT 1 FROM edge m WHERE m.src_ = e.dst_ AND m.relation_ = e.relation_ AND m.dst_ = e.src_ AND m.id = e.id) LIMIT 100"},
	} {
		found, err := s.listed(ctx, check.query)
		if err != nil {
			return faults, s.failure("integrity", err)
		}
		for _, one := range found {
			faults = append(faults, check.what+" "+one)
		}
	}
	return faults, nil
}

func (s *Store) listed(ctx context.Context, query string) ([]string, error) {
	rows, err := s.readers.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}
