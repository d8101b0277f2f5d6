// Package crimegraph holds the ontology of the product: schema.graphqls, embedded.
package crimegraph

import _ "embed"

//go:generate go run ./cmd/generate

// Schema is the text of schema.graphqls, the only place that says which kinds of node and relation exist.
//
//go:embed schema.graphqls
var Schema string
