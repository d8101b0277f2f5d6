package ontology_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/ontology"
)

// least is a small ontology that keeps all rules.
const least = `
directive @node(plural: String!) on OBJECT
directive @relation(name: String!, direction: Direction! = OUT, structural: Boolean! = false) on FIELD_DEFINITION
directive @edge on OBJECT
directive @key on FIELD_DEFINITION
directive @index(text: Boolean! = false) on FIELD_DEFINITION
"D" enum Direction { "o" OUT "i" IN "b" BOTH }
"D" scalar Date
"D" enum Colour { "r" RED "g" GREEN }
"D" interface Node { id: ID! @key }
"D" interface Entity implements Node { id: ID! @key "n" name: String! @index(text: true) }
"D" interface Statement { "s" source: Port }
"D" type Claim implements Statement @edge { id: ID! @key source: Port }
"D"
type Ship implements Entity & Node @node(plural: "ships") {
  id: ID! @key
  name: String! @index(text: true)
  "c" colour: Colour @index
  "c" calls: [Port!]! @relation(name: "CALLS")
  "h" home: Port @relation(name: "HOME", structural: true)
}
"D"
type Port implements Entity & Node @node(plural: "ports") {
  id: ID! @key
  name: String! @index(text: true)
  "c" calledBy: [Ship!]! @relation(name: "CALLS", direction: IN)
}
"D" type Query { "n" node("i" id: ID!): Node }
`

func load(t *testing.T, text string) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRulesAreKept(t *testing.T) {
	load(t, least)
	m := load(t, crimegraph.Schema)
	if len(m.Kinds) != 14 || len(m.Relations) != 35 || m.Claim.Name != "Claim" {
		t.Errorf("%d kinds, %d relations, claim type %s", len(m.Kinds), len(m.Relations), m.Claim.Name)
	}
	leg := m.Kind("Leg")
	if from := leg.Link("from"); from.Many || !from.Declares || from.Target.Name != "Place" || !from.Relation.Structural {
		t.Errorf("Leg.from is %+v", from)
	}
	if legs := m.Kind("Route").Link("legs"); legs.Declares {
		t.Error("a route declares its legs, though each leg names its route")
	}
	if !m.Kind("Event").Statement || m.Kind("Group").Statement || !m.Kind("Group").Entity || leg.Entity {
		t.Error("statements or entities are told apart wrongly")
	}
	if p := m.Kind("Event").Property("validTo"); !p.Upper || p.Type != ontology.PartialDate {
		t.Errorf("Event.validTo is %+v", p)
	}
}

// TestRulesAreEnforced breaks the small ontology in one place each, and expects the line and the rule.
func TestRulesAreEnforced(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		line           int
		rule           string
	}{
		{"syntax", "type Port implements", "type Port implment", 0, "a schema is valid GraphQL"},
		{"unknown type", "home: Port @relation", "home: Harbour @relation", 20, "a schema is valid GraphQL"},
		{"unknown directive", `@relation(name: "HOME", structural: true)`, "@link", 20, "a schema is valid GraphQL"},
		{"kind name", "type Ship implements", "type ship implements", 26, "a schema is valid GraphQL"},
		{"no key", "type Port implements Entity & Node @node(plural: \"ports\") {\n  id: ID! @key", "type Port implements Entity & Node @node(plural: \"ports\") {\n  id: ID!", 23, "every kind has a @key"},
		{"key of another name", "@node(plural: \"ships\") {\n  id: ID! @key", "@node(plural: \"ships\") {\n  id: ID! @key\n  \"i\" imo: ID! @key", 17, "the @key is id: ID!"},
		{"plural twice", `plural: "ports"`, `plural: "ships"`, 23, "every kind has root fields of its own"},
		{"plural of an operation", `plural: "ports"`, `plural: "node"`, 23, "every kind has root fields of its own"},
		{"plural with capitals", `plural: "ports"`, `plural: "Ports"`, 23, "root fields are named in lower camel case"},
		{"node outside Node", "type Claim implements Statement @edge", "type Claim implements Statement @node(plural: \"claims\")", 13, "every @node type implements Node"},
		{"no edge type", "implements Statement @edge {", "implements Statement {", 0, "exactly one type is marked @edge, and it is no node"},
		{"edge type that is a node", "type Ship implements Entity & Node @node", "type Ship implements Entity & Node @edge @node", 15, "exactly one type is marked @edge, and it is no node"},
		{"list of nodes without relation", `calls: [Port!]! @relation(name: "CALLS")`, "calls: [Port!]!", 19, "a field of node type has @relation, or is a reference to one record of a kind"},
		{"list that may be null", `calls: [Port!]! @relation`, `calls: [Port!] @relation`, 19, "lists are written [T!]!"},
		{"to one with claims", `home: Port @relation(name: "HOME", structural: true)`, `home: Port @relation(name: "HOME")`, 20, "a relation to one node is structural and may be null"},
		{"to one that is never null", `home: Port @relation`, `home: Port! @relation`, 20, "a relation to one node is structural and may be null"},
		{"relation name", `name: "HOME"`, `name: "Home"`, 20, "relations are named in upper snake case"},
		{"IN without OUT", `name: "CALLS", direction: IN`, `name: "VISITS", direction: IN`, 26, "an IN field reads a relation that some OUT field declares between the same kinds"},
		{"structural at one end only", `name: "CALLS", direction: IN`, `name: "CALLS", direction: IN, structural: true`, 26, "all fields of a relation agree on structural"},
		{"symmetric between kinds", `@relation(name: "CALLS")`, `@relation(name: "MEETS", direction: BOTH)`, 19, "a symmetric relation joins a kind with itself and has claims"},
		{"index on a reference", "source: Port }\n\"D\"\ntype", "source: Port @index }\n\"D\"\ntype", 13, "@index stands on values, not on references"},
		{"text index on an enum", "colour: Colour @index", "colour: Colour @index(text: true)", 18, "@index(text: true) stands on String properties"},
		{"list of enums", "colour: Colour @index", "colour: [Colour!]! @index", 18, "lists hold strings"},
		{"one name, two types", "\"c\" calledBy", "\"c\" colour: Int \"c\" calledBy", 26, "a property name has one type in all kinds"},
		{"interface without its index", "  name: String! @index(text: true)\n  \"c\" calledBy", "  name: String!\n  \"c\" calledBy", 23, "a kind repeats the directives of its interfaces"},
		{"no description", "  \"c\" colour", "  colour", 18, "everything is documented"},
		{"no description of a value", `"r" RED`, "RED", 9, "everything is documented"},
		{"property with arguments", "colour: Colour", "colour(shade: Int): Colour", 18, "properties take no arguments"},
		{"property named not", `"c" colour`, `"c" not`, 18, "and, or and not join filters and name nothing else"},
		{"property that differs by case", "\"c\" calledBy", "\"c\" Name: String \"c\" calledBy", 26, "names differ by more than case"},
		{"relation that differs by case from a kind", `name: "HOME"`, `name: "SHIP"`, 0, "names differ by more than case"},
		{"no operations", "\"D\" type Query { \"n\" node(\"i\" id: ID!): Node }", "", 0, "a schema is valid GraphQL"},
		{"text index on a claim", "@edge { id: ID! @key", "@edge { id: ID! @key \"n\" note: String @index(text: true)", 13, "the words of claims are not searched"},
		{"extension", "\"D\" type Query", "extend type Ship { \"x\" x: Int }\n\"D\" type Query", 28, "a type is written in one place"},
		{"property of another type", "colour: Colour", "colour: Node", 18, "a field of node type has @relation, or is a reference to one record of a kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(least, c.old, c.new, 1)
			if text == least {
				t.Fatalf("nothing to replace: %q", c.old)
			}
			_, err := ontology.Load(text)
			if err == nil {
				t.Fatal("the schema was accepted")
			}
			for _, e := range faults(err) {
				if e.Rule == c.rule && (c.line == 0 || e.Line == c.line) {
					return
				}
			}
			t.Errorf("want line %d, rule %q; got:\n%v", c.line, c.rule, err)
		})
	}
}

// faults lists the rule errors in an error.
func faults(err error) []*ontology.RuleError {
	if joined, many := err.(interface{ Unwrap() []error }); many {
		var out []*ontology.RuleError
		for _, e := range joined.Unwrap() {
			out = append(out, faults(e)...)
		}
		return out
	}
	var one *ontology.RuleError
	if errors.As(err, &one) {
		return []*ontology.RuleError{one}
	}
	return nil
}

func FuzzLoad(f *testing.F) {
	f.Add(least)
	f.Add("type A @node(plural: \"a\") { id: ID! @key a: [A] @relation(name: \"X\") }")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ontology.Load(text); err == nil && m.API() == "" {
			t.Error("an accepted ontology has no API")
		}
	})
}
