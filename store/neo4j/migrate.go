package neo4j

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// state is what the CrimeGraph node says of the database; found is false where there is none.
type state struct {
	found    bool
	format   int64
	ontology string
	// types holds the type of each property name, texts the properties whose folded text is kept, vocabularies the values of each enumeration
	// in order of rank.
	types, texts []string
	vocabularies map[string][]string
}

// vocabularyPrefix begins the names of the properties that hold vocabularies.
const vocabularyPrefix = "enum_"

func (s *Store) state(ctx context.Context) (state, error) {
	rows, err := s.collect(ctx, neo4j.AccessModeRead, "OPTIONAL MATCH (s:"+storeLabel+") RETURN properties(s), EXISTS { MATCH () } LIMIT 1", nil)
	if err != nil {
		return state{}, err
	}
	held, found := rows[0][0].(map[string]any)
	if !found {
		if occupied, _ := rows[0][1].(bool); occupied {
			return state{}, store.Errorf(store.CodeIncompatible, s.address, "name an empty database", "the database holds data of another program")
		}
		return state{}, nil
	}
	out := state{found: true, vocabularies: map[string][]string{}}
	out.format, _ = held["format"].(int64)
	out.ontology, _ = held["ontology"].(string)
	out.types, out.texts = texts(held["types"]), texts(held["texts"])
	for name, values := range held {
		if enum, is := strings.CutPrefix(name, vocabularyPrefix); is {
			out.vocabularies[enum] = texts(values)
		}
	}
	return out, nil
}

func texts(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, is := e.(string); is {
			out = append(out, s)
		}
	}
	return out
}

// wanted is the state that the database has once it is set up for a model.
func wanted(m *ontology.Model) state {
	out := state{found: true, format: formatVersion, ontology: store.Fingerprint(m), vocabularies: map[string][]string{}}
	for _, k := range append([]*ontology.Kind{m.Claim}, m.Kinds...) {
		for _, p := range k.Properties {
			typ := fmt.Sprintf("%s %s", p.Name, kept(p))
			if !slices.Contains(out.types, typ) {
				out.types = append(out.types, typ)
			}
			if p.Text {
				out.texts = append(out.texts, k.Name+"."+p.Name)
			}
		}
	}
	slices.Sort(out.types)
	slices.Sort(out.texts)
	for _, e := range m.Enums {
		out.vocabularies[e.Name] = e.Values
	}
	return out
}

// kept names the type in which a property is kept.
func kept(p *ontology.Property) string {
	switch {
	case p.List:
		return "texts"
	case p.Type == ontology.Float:
		return "number"
	case p.Type == ontology.String, p.Type == ontology.ID, p.Type == ontology.CountryCode, p.Type == ontology.Reference:
		return "text"
	default:
		return "integer"
	}
}

// fits says whether a database can be brought from one state to another without touching what it holds.
func (had state) fits(want state) error {
	if had.format > want.format {
		return store.Errorf(store.CodeIncompatible, "", "use a newer crimegraph", "the store has format %d, this program knows %d", had.format, want.format)
	}
	for _, before := range had.types {
		name, was, _ := strings.Cut(before, " ")
		for _, now := range want.types {
			if other, is, _ := strings.Cut(now, " "); other == name && is != was {
				return store.Errorf(store.CodeIncompatible, name, "load the data into a new store", "the ontology changed the type of this property from %s to %s", was, is)
			}
		}
	}
	for enum, before := range had.vocabularies {
		now, known := want.vocabularies[enum]
		if !known {
			continue // values of a vocabulary that is gone stay in the database, unread
		}
		if len(before) > len(now) {
			return store.Errorf(store.CodeIncompatible, enum, "use a newer crimegraph", "the store knows %d more values of this vocabulary than this program", len(before)-len(now))
		}
		for i, name := range before {
			if now[i] != name {
				return store.Errorf(store.CodeIncompatible, enum, "append new values at the end, or load the data into a new store",
					"the ontology changed the order of this vocabulary at %s", now[i])
			}
		}
	}
	return nil
}

// indexPatience is how many seconds new indexes may take to be filled.
const indexPatience = 3600

// Migrate brings the database up to the model: constraints, indexes and vocabularies are added, nothing is taken away.
func (s *Store) Migrate(ctx context.Context) error {
	had, err := s.state(ctx)
	if err != nil {
		return err
	}
	want := wanted(s.model)
	if had.found {
		if err := had.fits(want); err != nil {
			return err
		}
		if had.ontology == want.ontology && had.format == want.format {
			return nil
		}
	}
	write := func(cypher string, parameters map[string]any) error {
		_, err := s.collect(ctx, neo4j.AccessModeWrite, cypher, parameters)
		return err
	}
	for _, label := range []string{storeLabel, lockLabel} {
		// Two programs that set up one database at once make one node of each.
		if err := write(index{name: label + "_id", sort: unique, label: label, properties: []string{"id"}}.statement(), nil); err != nil {
			return err
		}
	}
	for _, i := range schema(s.model) {
		if err := write(i.statement(), nil); err != nil {
			return err
		}
	}
	if err := write(fmt.Sprintf("CALL db.awaitIndexes(%d)", indexPatience), nil); err != nil {
		return err
	}
	if had.found && had.format < 3 {
		// Format 3 took away an index of the words of names, which the network in memory has now.
		if err := write("DROP INDEX names_ IF EXISTS", nil); err != nil {
			return err
		}
		if err := write("MATCH (n:"+nodeLabel+") WHERE n.names_ IS NOT NULL CALL (n) { REMOVE n.names_ } IN TRANSACTIONS OF 10000 ROWS", nil); err != nil {
			return err
		}
	}
	fresh := slices.ContainsFunc(want.texts, func(text string) bool { return !slices.Contains(had.texts, text) })
	if had.found && fresh {
		// Records that are there lack some folded text. Without their hash the next load writes them anew, names included.
		if err := write("MATCH (n:"+nodeLabel+") CALL (n) { REMOVE n."+hashProperty+" } IN TRANSACTIONS OF 10000 ROWS", nil); err != nil {
			return err
		}
	}
	// What an older program does not know stays noted.
	properties := map[string]any{
		"format": want.format, "ontology": want.ontology, "types": union(had.types, want.types), "texts": union(had.texts, want.texts),
	}
	for enum, values := range want.vocabularies {
		properties[vocabularyPrefix+enum] = values
	}
	return write("MERGE (s:"+storeLabel+" {id: 'store'}) ON CREATE SET s.sequence = 0 SET s += $properties MERGE (l:"+lockLabel+" {id: 'lock'})",
		map[string]any{"properties": properties})
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}
