package neo4j

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/store"
)

// Neo4j reads committed data, and it does not commit at once: a statement that runs beside a commit sees some records of the batch and not
// others, whatever it costs to tell. So batches are numbered. The CrimeGraph node holds a sequence: twice the number of batches, and one
// more while a batch is being committed. It changes in transactions of its own, before and after that commit:
//
//	writer   locks the Lock_ node, writes its batch, makes the sequence odd, commits, makes it even
//	reader   reads the sequence, the answer, the sequence, all in one statement; if it was even and stayed, the answer is of one state
//
// A reader that has no luck a few times locks the Lock_ node itself: no writer can then be committing. The same way it finds out that a writer
// has died between the two steps, and makes the sequence even for it.

// whole says whether what was read between two looks at the sequence is of one state.
func whole(before, after any) bool {
	b, is := before.(int64)
	return is && b%2 == 0 && before == after
}

// optimistic is how often a reader tries without locking writers out.
const optimistic = 4

const (
	readSequence = "MATCH (s:" + storeLabel + ") RETURN s.sequence"
	// numbering keeps others from the sequence before it is read. A statement that finds the node by its sequence, and then waits for another to change that,
	// would write what has become wrong meanwhile: the end of one commit would undo the beginning of the next.
	numbering = "MATCH (s:" + storeLabel + ") SET s.numbering = true WITH s "
	// beginCommit makes the sequence odd, and another odd number where a writer died.
	beginCommit = numbering + "SET s.sequence = s.sequence + 1 + s.sequence % 2 RETURN s.sequence"
	// endCommit makes it even, unless a later batch is being committed already.
	endCommit = numbering + "WHERE s.sequence = $sequence SET s.sequence = $sequence + 1"
	// holdWriters keeps writers from committing for as long as the transaction lasts; none is committing when it returns.
	holdWriters = "MATCH (l:" + lockLabel + ") SET l.holder = $holder"
	// settle makes the sequence even after a writer that died. Only where writers are held.
	settle = "MATCH (s:" + storeLabel + ") WHERE s.sequence % 2 = 1 SET s.numbering = true WITH s WHERE s.sequence % 2 = 1 SET s.sequence = s.sequence + 1"
)

// Revision grows with every batch that changed something. A batch that is being committed does not count yet.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	sequence, err := s.sequence(ctx)
	return sequence / 2, err
}

func (s *Store) sequence(ctx context.Context) (int64, error) {
	rows, err := s.collect(ctx, neo4j.AccessModeRead, readSequence, nil)
	if err != nil {
		return 0, err
	}
	if len(rows) != 1 {
		return 0, s.gone()
	}
	sequence, _ := rows[0][0].(int64)
	return sequence, nil
}

func (s *Store) gone() error {
	return store.Errorf(store.CodeDamaged, s.address, "open it again, and load the data", "the database holds no store any more")
}

// held runs do in a transaction that keeps writers from committing.
func (s *Store) held(ctx context.Context, do func(neo4j.ExplicitTransaction) error) error {
	session := s.session(ctx, neo4j.AccessModeWrite)
	defer session.Close(ctx)
	tx, err := session.BeginTransaction(ctx, deadline(ctx))
	if err != nil {
		return err
	}
	defer tx.Close(ctx)
	for _, cypher := range []string{holdWriters, settle} {
		result, err := tx.Run(ctx, cypher, map[string]any{"holder": s.writer})
		if err != nil {
			return err
		}
		if _, err := result.Consume(ctx); err != nil {
			return err
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}
