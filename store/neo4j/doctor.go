package neo4j

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// largestClockDifference is how far the clocks of the server and of this program may lie apart.
const largestClockDifference = 5 * time.Second

// Diagnose looks at a server and its database, and changes nothing there: reachability, version, clock, what the database holds, indexes, rights.
// It stops at what makes further looks pointless. now gives the time.
func Diagnose(ctx context.Context, model *ontology.Model, address string, options Options, now func() time.Time) []store.Diagnosis {
	d := &diagnosing{ctx: ctx, now: now}
	s, err := connect(model, address, options)
	if err != nil {
		d.failed("address", err)
		return d.found
	}
	defer func() {
		if err := s.Close(); err != nil {
			d.failed("connection", err)
		}
	}()
	d.store = s
	for _, look := range []func() bool{d.server, d.clock, d.database, d.indexes, d.rights} {
		if !look() {
			break
		}
	}
	return d.found
}

type diagnosing struct {
	ctx   context.Context
	store *Store
	now   func() time.Time
	found []store.Diagnosis
	// set says that the database is set up.
	set bool
}

func (d *diagnosing) note(check string, state store.State, fix, format string, args ...any) {
	d.found = append(d.found, store.Diagnosis{Check: check, State: state, Detail: fmt.Sprintf(format, args...), Fix: fix})
}

// failed notes an error; its fix is the error's own.
func (d *diagnosing) failed(check string, err error) bool {
	if known, is := errors.AsType[*store.Error](err); is {
		without := *known
		without.Fix = ""
		d.note(check, store.StateBad, known.Fix, "%s", without.Error())
	} else {
		d.note(check, store.StateBad, "", "%v", err)
	}
	return false
}

func (d *diagnosing) ask(cypher string) ([][]any, error) {
	return d.store.collect(d.ctx, neo4j.AccessModeRead, cypher, nil)
}

func (d *diagnosing) server() bool {
	begin := d.now()
	found, err := d.store.release(d.ctx)
	if err != nil {
		return d.failed("server", err)
	}
	d.note("server", store.StateGood, "", "%s answers after %v", d.store.address, d.now().Sub(begin).Round(time.Millisecond))
	if found.tooOld() {
		d.note("version", store.StateBad, fmt.Sprintf("use Neo4j %d.%d or later", leastVersion[0], leastVersion[1]), "Neo4j %s %s is too old", found.version, found.edition)
		return false
	}
	d.note("version", store.StateGood, "", "Neo4j %s, %s edition", found.version, found.edition)
	return true
}

func (d *diagnosing) clock() bool {
	begin := d.now()
	rows, err := d.ask("RETURN datetime().epochMillis")
	if err != nil {
		return d.failed("clock", err)
	}
	millis, _ := rows[0][0].(int64)
	// The server read its clock some time between question and answer.
	middle := begin.Add(d.now().Sub(begin) / 2)
	apart := time.UnixMilli(millis).Sub(middle).Round(time.Millisecond)
	if apart.Abs() > largestClockDifference {
		d.note("clock", store.StateDoubtful, "synchronize both with a time server", "the server's clock differs by %v", apart)
	} else {
		d.note("clock", store.StateGood, "", "the server's clock differs by %v", apart)
	}
	return true
}

func (d *diagnosing) database() bool {
	had, err := d.store.state(d.ctx)
	if err != nil {
		return d.failed("database", err)
	}
	if !had.found {
		d.note("database", store.StateGood, "fill it with: crimegraph load --store "+d.store.address+" --example", "empty")
		return true
	}
	want := wanted(d.store.model)
	if err := had.fits(want); err != nil {
		return d.failed("database", err)
	}
	d.set = true
	rows, err := d.ask("MATCH (s:" + storeLabel + ") RETURN s.sequence, COUNT { (:" + nodeLabel + ") }, COUNT { ()-->() }")
	if err != nil {
		return d.failed("database", err)
	}
	sequence, _ := rows[0][0].(int64)
	if had.ontology != want.ontology {
		d.note("database", store.StateDoubtful, "open it once with an account that may change the schema", "set up for another ontology; it is brought up to this one when it is opened")
	} else {
		d.note("database", store.StateGood, "", "%d nodes, %d relations, revision %d", rows[0][1], rows[0][2], sequence/2)
	}
	if sequence%2 == 1 {
		d.note("batches", store.StateDoubtful, "if no load is under way, the next read or load puts it right", "a batch is being committed, or was when its writer stopped")
	}
	return true
}

func (d *diagnosing) indexes() bool {
	if !d.set {
		return true
	}
	rows, err := d.ask("SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint, state, populationPercent ORDER BY name")
	if err != nil {
		return d.failed("indexes", err)
	}
	var missing, filling, failed []string
	all := schema(d.store.model)
	for _, i := range all {
		at := slices.IndexFunc(rows, i.is)
		if at < 0 {
			missing = append(missing, i.name)
			continue
		}
		name := fmt.Sprint(rows[at][0])
		switch state := rows[at][6]; {
		case state == "FAILED":
			failed = append(failed, name)
		case state != "ONLINE":
			filling = append(filling, fmt.Sprintf("%s (%.0f %%)", name, rows[at][7]))
		}
	}
	const anew = "make them anew: MATCH (s:" + storeLabel + ") REMOVE s.ontology, and open the store again"
	switch {
	case len(failed) > 0:
		d.note("indexes", store.StateBad, "drop them; "+anew, "failed: %s", strings.Join(failed, ", "))
	case len(missing) > 0:
		d.note("indexes", store.StateBad, anew, "missing: %s", strings.Join(missing, ", "))
	case len(filling) > 0:
		d.note("indexes", store.StateDoubtful, "wait until they are filled; questions are slow until then", "being filled: %s", strings.Join(filling, ", "))
	default:
		d.note("indexes", store.StateGood, "", "%d constraints and indexes are online", len(all))
	}
	return true
}

// is says whether a row of SHOW INDEXES tells of the index, whatever its name there is.
func (i index) is(row []any) bool {
	typ, of := "RANGE", "NODE"
	if i.relation {
		of = "RELATIONSHIP"
	}
	return row[1] == typ && row[2] == of && slices.Equal(texts(row[3]), []string{i.label}) && slices.Equal(texts(row[4]), i.properties) &&
		(i.sort == unique) == (row[5] != nil)
}

// rights tries to write, and takes it back.
func (d *diagnosing) rights() bool {
	session := d.store.session(d.ctx, neo4j.AccessModeWrite)
	defer session.Close(d.ctx)
	err := func() error {
		tx, err := session.BeginTransaction(d.ctx, deadline(d.ctx))
		if err != nil {
			return err
		}
		defer tx.Close(d.ctx) // rolls back
		result, err := tx.Run(d.ctx, "CREATE (n:"+writerLabel+" {id: 'doctor'}) RETURN n.id", nil)
		if err != nil {
			return err
		}
		_, err = result.Consume(d.ctx)
		return err
	}()
	if err != nil {
		return d.failed("rights", d.store.failure(d.ctx, err))
	}
	d.note("rights", store.StateGood, "", "this account may write")
	return true
}

// Integrity checks what a stream of records cannot show: records of no kind or of two, relations between what are no records, symmetric
// claims that lead the wrong way. It lists at most 100 faults of each sort.
func (s *Store) Integrity(ctx context.Context) ([]string, error) {
	var kinds, symmetric []string
	for _, k := range s.model.Kinds {
		kinds = append(kinds, "'"+k.Name+"'")
	}
	for _, r := range s.model.Relations {
		if r.Symmetric {
			symmetric = append(symmetric, quote(r.Name))
		}
	}
	checks := []struct{ what, cypher string }{
		{"record of no kind, or of several", "MATCH (n:" + nodeLabel + ") WHERE size([l IN labels(n) WHERE l IN [" + strings.Join(kinds, ", ") + "]]) <> 1 RETURN n.id"},
		{"relation of what is no record", "MATCH (a)-[e]->(b) WHERE NOT a:" + nodeLabel + " OR NOT b:" + nodeLabel + " RETURN type(e)"},
	}
	if len(symmetric) > 0 {
		checks = append(checks, struct{ what, cypher string }{"symmetric claim that leads from the greater id, from", "MATCH (a)-[:" + strings.Join(symmetric, "|") + "]->(b) WHERE a.id > b.id RETURN a.id"})
	}
	var faults []string
	for _, check := range checks {
		rows, err := s.collect(ctx, neo4j.AccessModeRead, check.cypher+" LIMIT 100", nil)
		if err != nil {
			return faults, err
		}
		var found []string
		for _, r := range rows {
			found = append(found, fmt.Sprintf("%s %v", check.what, r[0]))
		}
		slices.Sort(found)
		faults = append(faults, found...)
	}
	return faults, nil
}
