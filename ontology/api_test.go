package ontology_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/ontology"
)

func api(t *testing.T, schema string) (*ast.Schema, string) {
	t.Helper()
	m, err := ontology.Load(schema)
	if err != nil {
		t.Fatal(err)
	}
	text := m.API()
	if again := m.API(); again != text {
		t.Fatal("the same model gave two texts")
	}
	loaded, err := gqlparser.LoadSchema(&ast.Source{Name: "api.graphqls", Input: text})
	if err != nil {
		t.Fatalf("the derived schema is not valid: %v", err)
	}
	return loaded, text
}

func TestAPIIsDocumented(t *testing.T) {
	schema, _ := api(t, crimegraph.Schema)
	documented := func(subject, description string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s has no description", subject)
		}
	}
	for name, def := range schema.Types {
		if def.BuiltIn {
			continue
		}
		documented(name, def.Description)
		for _, v := range def.EnumValues {
			documented(name+"."+v.Name, v.Description)
		}
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			documented(name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				documented(name+"."+f.Name+"("+a.Name+")", a.Description)
			}
		}
	}
}

func TestAPIHasNoUnusedType(t *testing.T) {
	schema, _ := api(t, crimegraph.Schema)
	used := map[string]bool{"Query": true, "Subscription": true}
	for _, def := range schema.Types {
		for _, i := range def.Interfaces {
			used[i] = true
		}
		for _, f := range def.Fields {
			used[f.Type.Name()] = used[f.Type.Name()] || f.Type.Name() != def.Name
			for _, a := range f.Arguments {
				used[a.Type.Name()] = true
			}
		}
	}
	for name, def := range schema.Types {
		if !used[name] && !def.BuiltIn {
			t.Errorf("%s is not used", name)
		}
	}
}

func TestAPILeavesOutTheOntologysDirectives(t *testing.T) {
	schema, text := api(t, crimegraph.Schema)
	for _, name := range []string{"node", "relation", "edge", "key", "index", "analytic"} {
		if schema.Directives[name] != nil || strings.Contains(text, "@"+name) {
			t.Errorf("@%s is still there", name)
		}
	}
	if schema.Types["Direction"] != nil {
		t.Error("Direction is still there")
	}
	if d := schema.Types["Date"].Directives.ForName("specifiedBy"); d == nil {
		t.Error("Date lost its @specifiedBy")
	}
}

// small has one of each: root, interface target, structural and claimed links, both ways, and every type of property.
const small = `
directive @node(plural: String!) on OBJECT
directive @relation(name: String!, direction: Direction! = OUT, structural: Boolean! = false) on FIELD_DEFINITION
directive @edge on OBJECT
directive @key on FIELD_DEFINITION
directive @index(text: Boolean! = false) on FIELD_DEFINITION
directive @analytic on FIELD_DEFINITION
"D." enum Direction { "O." OUT "I." IN "B." BOTH }
"D." scalar Date
"C." scalar CountryCode
"E." enum Size { "S." SMALL "L." LARGE }
"L." input Lens { "A." asOf: Date }
"N." interface Node { "Id." id: ID! @key }
"E." interface Entity implements Node { id: ID! @key "Na." name: String! @index(text: true) }
"S." interface Statement { "W." validFrom: Date @index }
"C." type Claim implements Statement @edge { "Id." id: ID! @key validFrom: Date @index "R." role: String @index }
"Ship." type BigShip implements Entity & Node @node(plural: "bigShips") {
  id: ID! @key
  name: String! @index(text: true)
  "Al." aliases: [String!]! @index(text: true)
  "Co." codes: [String!]! @index
  "Si." size: Size @index
  "Fl." flagCode: CountryCode @index
  "Bu." built: Date @index
  "De." decks: Int @index
  "To." tons: Float @index
  "Af." afloat: Boolean @index
  "Un." unindexed: String @deprecated(reason: "old")
  "Po." port: BigShip @relation(name: "PORT", structural: true)
  "Gu." guests: [BigShip!]! @relation(name: "PORT", direction: IN, structural: true)
  "Me." meets: [Entity!]! @relation(name: "MEETS")
}
"Q." type Query { "No." node("Id." id: ID!, lens: Lens): Node }
`

func TestAPIOfASmallOntology(t *testing.T) {
	schema, _ := api(t, small)
	want := map[string][]string{
		"Query": {
			"node(id: ID!, lens: Lens): Node",
			"bigShips(where: BigShipWhere, orderBy: [BigShipOrder!], first: Int! = 25, after: String, lens: Lens): BigShipConnection!",
			"bigShip(id: ID!, lens: Lens): BigShip",
		},
		"BigShip": {
			"id: ID!", "name: String!", "aliases: [String!]!", "codes: [String!]!", "size: Size", "flagCode: CountryCode", "built: Date",
			"decks: Int", "tons: Float", "afloat: Boolean", "unindexed: String", "port: BigShip",
			"guests(where: BigShipWhere, orderBy: [BigShipOrder!], first: Int! = 10, after: String): BigShipConnection!",
			"meets(where: EntityWhere, claim: ClaimWhere, orderBy: [RelatedEntityOrder!], first: Int! = 10, after: String): RelatedEntityConnection!",
		},
		"BigShipConnection": {"edges: [BigShipEdge!]!", "nodes: [BigShip!]!", "pageInfo: PageInfo!", "totalCount: Int!"},
		"BigShipEdge":       {"cursor: String!", "node: BigShip!"},
		"PageInfo":          {"hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String", "endCursor: String"},
		"RelatedEntityEdge": {
			"cursor: String!", "node: Entity!", "claims(first: Int! = 10): [Claim!]!", "claimCount: Int!", "disputed: Boolean!", "denied: Boolean!",
			"firstSeen: Date", "lastSeen: Date",
		},
		"BigShipWhere": {
			"and: [BigShipWhere!]", "or: [BigShipWhere!]", "not: BigShipWhere", "id: IDFilter", "name: TextFilter", "aliases: TextListFilter",
			"codes: StringListFilter", "size: SizeFilter", "flagCode: CountryCodeFilter", "built: DateFilter", "decks: IntFilter",
			"tons: FloatFilter", "afloat: BooleanFilter", "port: BigShipWhere", "guests: BigShipListFilter", "meets: RelatedEntityFilter",
		},
		"EntityWhere":         {"and: [EntityWhere!]", "or: [EntityWhere!]", "not: EntityWhere", "id: IDFilter", "name: TextFilter"},
		"ClaimWhere":          {"and: [ClaimWhere!]", "or: [ClaimWhere!]", "not: ClaimWhere", "id: IDFilter", "validFrom: DateFilter", "role: StringFilter"},
		"BigShipListFilter":   {"some: BigShipWhere", "none: BigShipWhere"},
		"RelatedEntityFilter": {"some: RelatedEntityMatch", "none: RelatedEntityMatch"},
		"RelatedEntityMatch":  {"node: EntityWhere", "claim: ClaimWhere"},
		"BigShipOrder":        {"field: BigShipOrderField!", "direction: SortDirection! = ASC"},
		"IDFilter":            {"eq: ID", "in: [ID!]", "startsWith: ID"},
		"DateFilter":          {"eq: Date", "gt: Date", "gte: Date", "lt: Date", "lte: Date", "isNull: Boolean"},
		"SizeFilter":          {"eq: Size", "in: [Size!]", "isNull: Boolean"},
		"BooleanFilter":       {"eq: Boolean", "isNull: Boolean"},
		"TextListFilter":      {"includes: String", "isEmpty: Boolean"},
		"TextFilter": {
			"eq: String", "in: [String!]", "contains: String", "startsWith: String", "gt: String", "gte: String", "lt: String", "lte: String",
			"isNull: Boolean",
		},
		"IntFilter": {"eq: Int", "in: [Int!]", "gt: Int", "gte: Int", "lt: Int", "lte: Int", "isNull: Boolean"},
	}
	for name, fields := range want {
		if schema.Types[name] == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		if got := signatures(schema.Types[name]); strings.Join(got, "\n") != strings.Join(fields, "\n") {
			t.Errorf("%s is\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(fields, "\n"))
		}
	}
	values := map[string]string{
		"NodeKind":                "BigShip",
		"EntityKind":              "BigShip",
		"SortDirection":           "ASC DESC",
		"BigShipOrderField":       "ID NAME SIZE FLAG_CODE BUILT DECKS TONS AFLOAT",
		"RelatedEntityOrderField": "ID NAME FIRST_SEEN LAST_SEEN",
	}
	for name, want := range values {
		var got []string
		for _, v := range schema.Types[name].EnumValues {
			got = append(got, v.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
	if schema.Types["BigShip"].Fields.ForName("unindexed").Directives.ForName("deprecated") == nil {
		t.Error("BigShip.unindexed lost its @deprecated")
	}
	for _, name := range []string{"EntityConnection", "RelatedBigShipConnection", "NodeWhere", "BigShipMatch", "StatementWhere"} {
		if schema.Types[name] != nil {
			t.Errorf("%s is written and not used", name)
		}
	}
}

func signatures(def *ast.Definition) []string {
	var out []string
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		s := f.Name
		for i, a := range f.Arguments {
			s += map[bool]string{true: "(", false: ", "}[i == 0] + a.Name + ": " + a.Type.String() + defaulted(a.DefaultValue)
		}
		if len(f.Arguments) > 0 {
			s += ")"
		}
		out = append(out, s+": "+f.Type.String()+defaulted(f.DefaultValue))
	}
	return out
}

func defaulted(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return " = " + v.String()
}

func TestOrderField(t *testing.T) {
	for name, want := range map[string]string{"name": "NAME", "unLocode": "UN_LOCODE", "actorType": "ACTOR_TYPE", "valueLow": "VALUE_LOW"} {
		if got := ontology.OrderField(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
}
