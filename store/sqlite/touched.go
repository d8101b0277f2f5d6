package sqlite

import (
	"context"

	"github.com/crimegraph/crimegraph/store"
)

// remember counts the batch as a revision, and keeps what it touched.
func (w *writing) remember() error {
	var revision int64
	if err := w.scan("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision' RETURNING CAST(value AS INTEGER)", nil, &revision); err != nil {
		return err
	}
	text, err := w.touched.Text()
	if err != nil || text == "" {
		return err
	}
	if _, err := w.exec("INSERT INTO touched (revision, text) VALUES (?, ?)", revision, text); err != nil {
		return err
	}
	_, err = w.exec("DELETE FROM touched WHERE revision <= ?", revision-store.KeptBatches)
	return err
}

// Touched tells what the batches after a revision touched.
func (s *Store) Touched(ctx context.Context, since int64) (store.Touched, error) {
	rows, err := s.readers.QueryContext(ctx, `SELECT CAST(m.value AS INTEGER), ifnull(t.revision, 0), ifnull(t.text, '')
		FROM meta m LEFT JOIN touched t ON t.revision > ? WHERE m.name = 'revision' ORDER BY t.revision`, since)
	if err != nil {
		return store.Touched{}, s.failure("touched", err)
	}
	defer rows.Close()
	var now int64
	var kept []store.TouchedBatch
	for rows.Next() {
		var batch store.TouchedBatch
		if err := rows.Scan(&now, &batch.Revision, &batch.Text); err != nil {
			return store.Touched{}, s.failure("touched", err)
		}
		if batch.Text != "" {
			kept = append(kept, batch)
		}
	}
	if err := rows.Err(); err != nil {
		return store.Touched{}, s.failure("touched", err)
	}
	return store.Tell(since, now, kept)
}
