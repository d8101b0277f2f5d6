package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Migrate brings the file up to the model: new kinds, relations, properties and vocabulary are added, nothing is taken away.
func (s *Store) Migrate(ctx context.Context) error {
	version, application, current, err := s.state(ctx)
	if err != nil {
		return err
	}
	switch {
	case version > formatVersion:
		return store.Errorf(store.CodeIncompatible, s.path, "use a newer crimegraph", "the store has format %d, this program knows %d", version, formatVersion)
	case application != 0 && application != applicationID, version != 0 && application != applicationID:
		return store.Errorf(store.CodeIncompatible, s.path, "name a file made by crimegraph load", "this SQLite file belongs to another program")
	}
	want := strconv.Itoa(formatVersion) + ":" + store.Fingerprint(s.model)
	if current == want {
		return s.readCodes(ctx, s.readers)
	}
	if s.readonly {
		if version == 0 {
			return store.Errorf(store.CodeReadOnly, s.path, "make the file writable", "the store is empty and cannot be set up")
		}
		return store.Errorf(store.CodeReadOnly, s.path, "open it once while it is writable", "the store was made for another ontology and cannot be migrated")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return s.failure("migrate", err)
	}
	defer tx.Rollback()
	// Another process may have set the file up while this one waited for it.
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return s.failure("migrate", err)
	}
	if err := s.migrate(ctx, tx, version, want); err != nil {
		return s.failure("migrate", err)
	}
	if err := s.readCodes(ctx, tx); err != nil {
		return err
	}
	return s.failure("migrate", tx.Commit())
}

// state reads what the file says of itself; an empty file has version 0 and no ontology.
func (s *Store) state(ctx context.Context) (version, application int64, current string, err error) {
	if err := s.writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, 0, "", s.failure("", err)
	}
	if err := s.writer.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return 0, 0, "", s.failure("", err)
	}
	var tables int64
	if err := s.writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, 0, "", s.failure("", err)
	}
	if version == 0 && tables > 0 {
		return version, -1, "", nil
	}
	if version == 0 || version > formatVersion || application != applicationID {
		return version, application, "", nil
	}
	if err := s.writer.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'ontology'").Scan(&current); err != nil {
		return 0, 0, "", s.failure("", err)
	}
	return version, application, current, nil
}

func (s *Store) migrate(ctx context.Context, tx *sql.Tx, version int64, want string) error {
	run := func(statement string, args ...any) error {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
		return nil
	}
	if version < formatVersion {
		create := dropNames + createTouched
		switch version {
		case 0:
			create = createTables
		case 1:
			create += createLoads
		}
		for _, statement := range strings.Split(create, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if err := run(statement); err != nil {
				return err
			}
		}
		if err := run(fmt.Sprintf("PRAGMA user_version = %d", formatVersion)); err != nil {
			return err
		}
		if err := run(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
	}
	if err := s.vocabulary(ctx, tx); err != nil {
		return err
	}
	for table, kinds := range map[string][]*ontology.Kind{"node": s.model.Kinds, "edge": {s.model.Claim}} {
		if err := addColumns(ctx, tx, table, kinds); err != nil {
			return err
		}
	}
	if err := s.readCodes(ctx, tx); err != nil {
		return err
	}
	for _, k := range s.model.Kinds {
		for _, statement := range indexes(k, s.codes.kinds[k.Name], store.Indexed(s.model, k)) {
			if err := run(statement); err != nil {
				return err
			}
		}
	}
	for _, statement := range views(s.model, s.codes) {
		if err := run(statement); err != nil {
			return err
		}
	}
	return run("UPDATE meta SET value = ? WHERE name = 'ontology'", want)
}

func addColumns(ctx context.Context, tx *sql.Tx, table string, kinds []*ontology.Kind) error {
	present := map[string]string{}
	rows, err := tx.QueryContext(ctx, "SELECT name, type FROM pragma_table_info(?)", table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			return err
		}
		present[name] = typ
	}
	if err := rows.Err(); err != nil {
		return err
	}
	names, types := columns(kinds)
	for _, name := range names {
		switch typ, there := present[name]; {
		case !there:
			if _, err := tx.ExecContext(ctx, "ALTER TABLE "+table+" ADD COLUMN "+quote(name)+" "+types[name]); err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
			if table == "node" && strings.HasSuffix(name, foldedSuffix) {
				// Rows that are there hold no folded text yet. Without their hash the next load writes them anew, names included.
				if _, err := tx.ExecContext(ctx, "UPDATE "+table+" SET hash_ = x''"); err != nil {
					return fmt.Errorf("column %s: %w", name, err)
				}
			}
		case typ != types[name]:
			return store.Errorf(store.CodeIncompatible, name, "load the data into a new store",
				"the ontology changed the type of this property from %s to %s", typ, types[name])
		}
	}
	return nil
}

const (
	kindVocabulary     = "kind_"
	relationVocabulary = "relation_"
)

// vocabulary writes what the numbers mean. Kinds and relations get the next free number; the ranks of an enumeration are
// those of the ontology, so a change of their order is refused.
func (s *Store) vocabulary(ctx context.Context, tx *sql.Tx) error {
	for _, e := range s.model.Enums {
		for i, name := range e.Values {
			if err := s.enumValue(ctx, tx, e.Name, i+1, name); err != nil {
				return err
			}
		}
		var unknown int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM vocabulary WHERE type = ? AND rank > ?", e.Name, len(e.Values)).Scan(&unknown); err != nil {
			return err
		}
		if unknown > 0 {
			return store.Errorf(store.CodeIncompatible, e.Name, "use a newer crimegraph", "the store knows %d more values of this vocabulary than this program", unknown)
		}
	}
	for _, k := range s.model.Kinds {
		if err := number(ctx, tx, kindVocabulary, k.Name); err != nil {
			return err
		}
	}
	for _, r := range s.model.Relations {
		if err := number(ctx, tx, relationVocabulary, r.Name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) enumValue(ctx context.Context, tx *sql.Tx, enum string, rank int, name string) error {
	var other string
	err := tx.QueryRowContext(ctx, "SELECT name FROM vocabulary WHERE type = ? AND (rank = ? OR name = ?) AND NOT (rank = ? AND name = ?)",
		enum, rank, name, rank, name).Scan(&other)
	if err == nil {
		return store.Errorf(store.CodeIncompatible, enum, "append new values at the end, or load the data into a new store",
			"the ontology changed the order of this vocabulary at %s", name)
	}
	if err != sql.ErrNoRows {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT OR IGNORE INTO vocabulary VALUES (?, ?, ?)", enum, rank, name)
	return err
}

func number(ctx context.Context, tx *sql.Tx, vocabulary, name string) error {
	_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO vocabulary
		SELECT ?1, ifnull(max(rank), 0) + 1, ?2 FROM vocabulary WHERE type = ?1
		HAVING NOT EXISTS (SELECT 1 FROM vocabulary WHERE type = ?1 AND name = ?2)`, vocabulary, name)
	return err
}

type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func (s *Store) readCodes(ctx context.Context, from querier) error {
	c := codes{
		kinds: map[string]int64{}, relations: map[string]int64{},
		kindOf: map[int64]*ontology.Kind{}, relation: map[int64]*ontology.Relation{},
	}
	rows, err := from.QueryContext(ctx, "SELECT type, rank, name FROM vocabulary WHERE type IN (?, ?)", kindVocabulary, relationVocabulary)
	if err != nil {
		return s.failure("vocabulary", err)
	}
	defer rows.Close()
	for rows.Next() {
		var typ, name string
		var rank int64
		if err := rows.Scan(&typ, &rank, &name); err != nil {
			return s.failure("vocabulary", err)
		}
		// Kinds and relations that this ontology no longer has stay in the file, unread.
		if typ == kindVocabulary {
			if k := s.model.Kind(name); k != nil {
				c.kinds[name], c.kindOf[rank] = rank, k
			}
		} else if r := s.model.Relation(name); r != nil {
			c.relations[name], c.relation[rank] = rank, r
		}
	}
	if err := rows.Err(); err != nil {
		return s.failure("vocabulary", err)
	}
	s.codes = c
	return nil
}
