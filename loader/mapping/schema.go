package mapping

import (
	"encoding/json"

	"github.com/crimegraph/crimegraph/ontology"
)

// Schema is the JSON Schema of mappings, for editors that complete and check them.
func Schema(model *ontology.Model) []byte {
	definitions := map[string]any{}
	for _, o := range objects {
		if o != mappingObject {
			definitions[o.name] = o.schema()
		}
	}
	var kinds, relations []string
	for _, k := range model.Kinds {
		kinds = append(kinds, k.Name)
	}
	for _, r := range model.Relations {
		if !r.Structural {
			relations = append(relations, r.Name)
		}
	}
	record := definitions[recordObject.name].(map[string]any)["properties"].(map[string]any)
	record["kind"].(map[string]any)["enum"] = kinds
	record["relation"].(map[string]any)["enum"] = relations
	whole := mappingObject.schema()
	// The keys of manifests are checked when they are read.
	whole["additionalProperties"] = true
	whole["required"] = []string{"id", "title", "files"}
	whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	whole["title"] = "CrimeGraph mapping"
	whole["$defs"] = definitions
	// Maps of text and lists can always be written.
	text, _ := json.MarshalIndent(whole, "", "  ")
	return append(text, '\n')
}

func (o *object) schema() map[string]any {
	properties := map[string]any{}
	for _, k := range o.keys {
		s := k.form.schema()
		s["description"] = k.doc
		if k.words != nil {
			s["enum"] = k.words
		}
		properties[k.name] = s
	}
	return map[string]any{"type": "object", "description": o.doc, "properties": properties, "additionalProperties": false}
}

func (f form) schema() map[string]any {
	text := map[string]any{"type": []string{"string", "number", "boolean"}}
	value := map[string]any{"anyOf": []any{text, map[string]any{"$ref": "#/$defs/" + valueObject.name}}}
	table := func(of any) map[string]any { return map[string]any{"type": "object", "additionalProperties": of} }
	reference := func() map[string]any { return map[string]any{"$ref": "#/$defs/" + f.of.name} }
	switch f.kind {
	case aText:
		return text
	case aFlag:
		return map[string]any{"type": "boolean"}
	case aList:
		return map[string]any{"type": []string{"array", "string"}, "items": text}
	case aValue:
		return map[string]any{"anyOf": []any{text, map[string]any{"type": "array", "items": text}}}
	case one:
		return reference()
	case several:
		return map[string]any{"type": "array", "items": reference()}
	case byName:
		return table(reference())
	case wordsByName:
		return table(text)
	case valuesByName:
		return table(value)
	default:
		return table(table(text))
	}
}
