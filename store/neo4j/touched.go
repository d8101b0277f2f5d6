package neo4j

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/store"
)

// remember keeps what the batch touched, with the revision that it will make: other writers are held, so that no other batch is committed before it. An odd
// sequence is that of the batch before, whose writer has died or not got round to making it even.
func (w *writing) remember() error {
	text, err := w.touched.Text()
	if err != nil || text == "" {
		return err
	}
	_, err = w.run("MATCH (s:"+storeLabel+") WITH (s.sequence + s.sequence % 2) / 2 + 1 AS revision CREATE (:"+touchedLabel+" {revision: revision, text: $text})"+
		" WITH revision MATCH (t:"+touchedLabel+") WHERE t.revision <= revision - $kept DELETE t", map[string]any{"text": text, "kept": store.KeptBatches})
	return err
}

// Touched tells what the batches after a revision touched. The sequence is read first: what is kept may lead beyond it, and never short of it.
func (s *Store) Touched(ctx context.Context, since int64) (store.Touched, error) {
	rows, err := s.collect(ctx, neo4j.AccessModeRead, "MATCH (s:"+storeLabel+") WITH s.sequence / 2 AS now CALL (now) { MATCH (t:"+touchedLabel+
		") WHERE t.revision > $since WITH t ORDER BY t.revision RETURN collect([t.revision, t.text]) AS kept } RETURN now, kept", map[string]any{"since": since})
	if err != nil {
		return store.Touched{}, err
	}
	if len(rows) != 1 {
		return store.Touched{}, s.gone()
	}
	now, _ := rows[0][0].(int64)
	var kept []store.TouchedBatch
	lists, _ := rows[0][1].([]any)
	for _, list := range lists {
		pair, _ := list.([]any)
		revision, _ := pair[0].(int64)
		text, _ := pair[1].(string)
		kept = append(kept, store.TouchedBatch{Revision: revision, Text: text})
	}
	return store.Tell(since, now, kept)
}
