package sqlite

import (
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// The file holds seven tables. Columns that belong to the layout end in an underscore; all others are named like
// the property they hold. Values are in stored form: enumerations by rank, dates by key (see package ontology); the views that
// carry the name of a kind or relation show them as people write them.
//
//	node   every record of every kind: key_, kind_, hash_, loads_, then one column a property name
//	edge   every claim, and every structural relation: src_, relation_, dst_, id, loads_, then the claim's properties.
//	       A symmetric claim stands twice, once from each end. The id of a structural relation is its place in its record.
//	load, load_set   the loads, and what the numbers of loads_ mean (see loads.go)
//	touched   what the last batches touched (see touched.go)
//	vocabulary, meta   what the other numbers mean; revision, ontology, the load under way, counters
//
// One wide table a level keeps interfaces cheap: a query over Entity reads the same columns as one over Group.
const (
	// applicationID marks the file as a CrimeGraph store ("CRGR").
	applicationID = 0x43524752
	// formatVersion is the version of this layout, kept in the file's user_version.
	formatVersion = 4
)

const createTables = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE vocabulary (type TEXT NOT NULL, rank INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (type, rank), UNIQUE (type, name)) STRICT, WITHOUT ROWID;
CREATE TABLE node (key_ INTEGER PRIMARY KEY, kind_ INTEGER NOT NULL, hash_ BLOB NOT NULL, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE edge (src_ INTEGER NOT NULL, relation_ INTEGER NOT NULL, dst_ INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (src_, relation_, dst_, id)) STRICT, WITHOUT ROWID;
CREATE INDEX edge_in ON edge (dst_, relation_, src_);
INSERT INTO meta VALUES ('revision', '0'), ('ontology', '');
` + createLoads + createTouched

// createLoads is what format 2 added.
const createLoads = `
CREATE TABLE load (key_ INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record TEXT NOT NULL) STRICT;
CREATE TABLE load_set (set_ INTEGER NOT NULL, load_ INTEGER NOT NULL, PRIMARY KEY (set_, load_)) STRICT, WITHOUT ROWID;
ALTER TABLE node ADD COLUMN loads_ INTEGER NOT NULL DEFAULT 0;
ALTER TABLE edge ADD COLUMN loads_ INTEGER NOT NULL DEFAULT 0;
INSERT INTO meta VALUES ('loading', '{}'), ('load_sets', '0'), ('removals', '0');
`

// createTouched is what format 4 added.
const createTouched = `
CREATE TABLE touched (revision INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
`

// dropNames is what format 3 took away: an index of the words of names, which the network in memory has now.
const dropNames = `
DROP TABLE IF EXISTS name_words;
DROP TABLE IF EXISTS name;
`

// codes are the numbers under which this file keeps kinds and relations. They are given once and never change.
type codes struct {
	kinds     map[string]int64
	relations map[string]int64
	kindOf    map[int64]*ontology.Kind
	relation  map[int64]*ontology.Relation
}

// column names the column of a property.
func column(p *ontology.Property) string { return quote(p.Name) }

// folded names the column that holds the folded text of a text property.
func folded(p *ontology.Property) string { return quote(p.Name + foldedSuffix) }

const foldedSuffix = "_folded"

// quote makes an identifier. Only names of the ontology are ever quoted; its rules allow letters and digits alone.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal makes a text literal of a name of the ontology.
func literal(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

func columnType(p *ontology.Property) string {
	switch {
	case p.List:
		return "TEXT"
	case p.Type == ontology.Float:
		return "REAL"
	case p.Type == ontology.String, p.Type == ontology.ID, p.Type == ontology.CountryCode:
		return "TEXT"
	default:
		return "INTEGER"
	}
}

// columns are the columns that a table needs for the properties of some kinds: name to type, in order of first occurrence.
func columns(kinds []*ontology.Kind) (names []string, types map[string]string) {
	types = map[string]string{}
	add := func(name, typ string) {
		if _, known := types[name]; !known {
			names = append(names, name)
			types[name] = typ
		}
	}
	for _, k := range kinds {
		for _, p := range k.Properties[1:] {
			add(p.Name, columnType(p))
			if p.Text {
				add(p.Name+foldedSuffix, "TEXT")
			}
		}
	}
	return names, types
}

// indexes are the statements that index properties of a kind.
func indexes(k *ontology.Kind, code int64, indexed []*ontology.Property) []string {
	var out []string
	for _, p := range indexed {
		where := " WHERE kind_ = " + strconv.FormatInt(code, 10)
		if !p.Required {
			where += " AND " + column(p) + " IS NOT NULL"
		}
		out = append(out, "CREATE INDEX IF NOT EXISTS "+quote(k.Name+"_"+p.Name)+" ON node ("+column(p)+", id)"+where)
	}
	return out
}

// readable makes the expression that shows a stored value as people write it.
func readable(alias string, p *ontology.Property) string {
	c := alias + "." + column(p)
	switch {
	case p.Type == ontology.Enumeration:
		return "(SELECT v.name FROM vocabulary v WHERE v.type = " + literal(p.Enum.Name) + " AND v.rank = " + c + ")"
	case p.Type == ontology.PartialDate:
		// floor(key / 3) is the day, key modulo 3 the precision.
		return "substr(date((" + c + " - ((" + c + " % 3) + 3) % 3) / 3 * 86400, 'unixepoch'), 1, 10 - 3 * (((" + c + " % 3) + 3) % 3))"
	case p.Type == ontology.Reference:
		return "(SELECT r.id FROM node r WHERE r.key_ = " + c + ")"
	default:
		return c
	}
}

// views are the statements that show the file by kind and relation.
func views(m *ontology.Model, c codes) []string {
	var out []string
	view := func(name, body string) {
		out = append(out, "DROP VIEW IF EXISTS "+quote(name), "CREATE VIEW "+quote(name)+" AS "+body)
	}
	for _, k := range m.Kinds {
		list := []string{"n.id"}
		for _, p := range k.Properties[1:] {
			list = append(list, readable("n", p)+" AS "+column(p))
		}
		view("view_"+k.Name, "SELECT "+strings.Join(list, ", ")+" FROM node n WHERE n.kind_ = "+strconv.FormatInt(c.kinds[k.Name], 10))
	}
	for _, r := range m.Relations {
		list := []string{`s.id AS "from"`, `d.id AS "to"`}
		if !r.Structural {
			list = append(list, "lower(hex(e.id)) AS id")
			for _, p := range m.Claim.Properties[1:] {
				list = append(list, readable("e", p)+" AS "+column(p))
			}
		}
		once := ""
		if r.Symmetric {
			once = " AND s.id <= d.id"
		}
		view("view_"+r.Name, "SELECT "+strings.Join(list, ", ")+
			" FROM edge e JOIN node s ON s.key_ = e.src_ JOIN node d ON d.key_ = e.dst_ WHERE e.relation_ = "+
			strconv.FormatInt(c.relations[r.Name], 10)+once)
	}
	return out
}
