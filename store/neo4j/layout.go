package neo4j

import (
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// What the database holds. Names that belong to the layout end in an underscore; all others are those of the ontology.
//
//	(:Node:Group {id, name, …})        a record: the label Node, the label of its kind, its properties in stored form. Missing values and
//	                                   empty lists are not kept. hash_ tells whether a record changed; PROPERTY_folded is folded text.
//	-[:OPERATES {id, source, …}]->     a claim. A symmetric one leads from the lesser id to the greater.
//	-[:HAS_LEG {place_}]->             a structural relation; place_ is its place in the record that declares it.
//	(:CrimeGraph {…})                  one node: format, ontology, vocabularies, and the sequence of batches (see sequence.go)
//	(:Lock_)                           one node that a writer locks
//	(:Writer_ {id, batch, …})          what a writer wrote last
//	(:Touched_ {revision, text})       what one of the last batches touched (see touched.go)
//	(:Load_ {name, record})            a load (see loads.go)
//	(:LoadSet_ {id, loads})            a set of loads; records have its number in loads_, 0 or none where no load ever stated them
//
// References hold the id of the record that they name. Enumerations are kept by rank, dates by key (see package ontology): a lens is then a
// few comparisons of integers.
const (
	// formatVersion is the version of this layout, kept in the CrimeGraph node.
	formatVersion = 4

	nodeLabel    = "Node"
	storeLabel   = "CrimeGraph"
	lockLabel    = "Lock_"
	writerLabel  = "Writer_"
	touchedLabel = "Touched_"
	loadLabel    = "Load_"
	setLabel     = "LoadSet_"

	hashProperty  = "hash_"
	placeProperty = "place_"
	loadsProperty = "loads_"
	foldedSuffix  = "_folded"
)

// quote makes an identifier. Only names of the ontology and of the layout are ever quoted; the ontology allows letters, digits and
// underscores alone.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// index is a constraint or an index.
type index struct {
	name string
	sort indexSort
	// relation says that label is the type of a relation.
	relation   bool
	label      string
	properties []string
}

type indexSort int

const (
	ranged indexSort = iota
	unique
)

// statement makes the index unless there is one. It can be run again.
func (i index) statement() string {
	pattern, of := "(n:"+quote(i.label)+")", make([]string, len(i.properties))
	if i.relation {
		pattern = "()-[n:" + quote(i.label) + "]-()"
	}
	for at, p := range i.properties {
		of[at] = "n." + quote(p)
	}
	properties := strings.Join(of, ", ")
	switch i.sort {
	case unique:
		return "CREATE CONSTRAINT " + quote(i.name) + " IF NOT EXISTS FOR " + pattern + " REQUIRE " + properties + " IS UNIQUE"
	default:
		return "CREATE INDEX " + quote(i.name) + " IF NOT EXISTS FOR " + pattern + " ON (" + properties + ")"
	}
}

// schema lists the constraints and indexes.
func schema(m *ontology.Model) []index {
	out := []index{
		{name: "Node_id", sort: unique, label: nodeLabel, properties: []string{"id"}},
		{name: "Writer_id", sort: unique, label: writerLabel, properties: []string{"id"}},
		{name: "Load_name", sort: unique, label: loadLabel, properties: []string{"name"}},
		{name: "LoadSet_id", sort: unique, label: setLabel, properties: []string{"id"}},
	}
	for _, k := range m.Kinds {
		for _, p := range store.Indexed(m, k) {
			out = append(out, index{name: k.Name + "_" + p.Name, label: k.Name, properties: []string{p.Name, "id"}})
		}
	}
	for _, r := range m.Relations {
		if !r.Structural {
			out = append(out, index{name: r.Name + "_id", sort: unique, relation: true, label: r.Name, properties: []string{"id"}})
		}
	}
	return out
}

// record lists what the database keeps of a record's values, in stored form, by property name.
func record(k *ontology.Kind, values []any) map[string]any {
	out := make(map[string]any, len(values)+4)
	for i, p := range k.Properties {
		switch v := values[i].(type) {
		case nil:
		case []string:
			if len(v) == 0 {
				continue
			}
			out[p.Name] = v
			if p.Text {
				folded := make([]string, len(v))
				for j, s := range v {
					folded[j] = ontology.Fold(s)
				}
				out[p.Name+foldedSuffix] = folded
			}
		case string:
			out[p.Name] = v
			if p.Text {
				out[p.Name+foldedSuffix] = ontology.Fold(v)
			}
		default:
			out[p.Name] = v
		}
	}
	return out
}
