package loader

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/crimegraph/crimegraph/ontology"
)

// ManifestFile is the file that makes a folder a data set.
const ManifestFile = "dataset.yaml"

// maxManifest is the size in bytes of the largest manifest that is read.
const maxManifest = 64 << 10

// Manifest says what a data set is, where it comes from and under which terms.
type Manifest struct {
	// ID names the data set, as in `dataset/port-seizures`.
	ID string `json:"id"`
	// Title is its name for people.
	Title string `json:"title"`
	// Version is the publisher's own.
	Version string `json:"version,omitempty"`
	// Language of its texts, as in `en`.
	Language string `json:"language,omitempty"`
	// Retrieved is the day, month or year of retrieval: records are known since then where nothing else says since when.
	Retrieved   string   `json:"retrieved"`
	Description string   `json:"description,omitempty"`
	Licence     string   `json:"licence,omitempty"`
	Attribution []string `json:"attribution,omitempty"`
	// Caveats say what the data do not show.
	Caveats []string `json:"caveats,omitempty"`

	// common holds the defaults of all kinds and relations, own those of one.
	common map[string]value
	own    map[string]map[string]value
}

// value is a text of the manifest and its place.
type value struct {
	text         string
	line, column int
}

// commonDefaults are the properties that one default may serve for all kinds and relations.
var commonDefaults = []string{"source", "tlp"}

var manifestKeys = []string{
	"id", "title", "version", "language", "retrieved", "description", "licence", "attribution", "caveats", "defaults",
}

// readManifest reads a manifest. YAML is read as a tree of text: no anchors, aliases, tags or merged keys.
func readManifest(model *ontology.Model, text []byte) (Manifest, error) {
	m := Manifest{common: map[string]value{}, own: map[string]map[string]value{}}
	if !utf8.Valid(text) {
		return m, refuseAt(1, 1, "the manifest is not valid UTF-8", "save it as UTF-8")
	}
	tokens := lexer.Tokenize(string(text))
	if err := checkNesting(tokens); err != nil {
		return m, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return m, manifestSyntax(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return m, refuseAt(1, 1, "the manifest is empty, or more than one document", "write id, title and retrieved")
	}
	entries, err := mapping(file.Docs[0].Body, "the manifest")
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		var err error
		switch e.key {
		case "id":
			m.ID, err = e.scalar()
		case "title":
			m.Title, err = e.scalar()
		case "version":
			m.Version, err = e.scalar()
		case "language":
			m.Language, err = e.scalar()
		case "retrieved":
			if m.Retrieved, err = e.scalar(); err == nil {
				if _, fault := ontology.ParseDate(m.Retrieved); fault != nil {
					err = refuseAt(e.line, e.column, "retrieved: "+fault.Error(), "")
				}
			}
		case "description":
			m.Description, err = e.scalar()
		case "licence":
			m.Licence, err = e.scalar()
		case "attribution":
			m.Attribution, err = e.list()
		case "caveats":
			m.Caveats, err = e.list()
		case "defaults":
			err = m.readDefaults(model, e)
		default:
			err = refuseAt(e.line, e.column, fmt.Sprintf("the manifest has no key %.80q%s", e.key, ontology.Suggest(e.key, manifestKeys)),
				"see docs/data-sets.md")
		}
		if err != nil {
			return m, err
		}
	}
	for _, required := range []struct{ key, text string }{{"id", m.ID}, {"title", m.Title}, {"retrieved", m.Retrieved}} {
		if required.text == "" {
			return m, refuseAt(1, 1, fmt.Sprintf("%s is missing", required.key), "a manifest has at least id, title and retrieved (a date)")
		}
	}
	return m, nil
}

// checkNesting refuses what a manifest never needs and what takes the parser long: brackets and hyphens one within the other.
func checkNesting(tokens token.Tokens) error {
	const most = 8
	open, line, entries := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open++
		case token.SequenceEndType, token.MappingEndType:
			open--
		case token.SequenceEntryType, token.MappingKeyType:
			entries++
		}
		if open > most || entries > most {
			return refuseAt(line, t.Position.Column, "the manifest is nested too deep", "write lists one entry a line")
		}
	}
	return nil
}

func (m *Manifest) readDefaults(model *ontology.Model, e entry) error {
	entries, err := mapping(e.node, "defaults")
	if err != nil {
		return err
	}
	for _, e := range entries {
		kind, relation := model.Kind(e.key), model.Relation(e.key)
		switch {
		case e.key == "source" || e.key == "tlp":
			text, err := e.scalar()
			if err != nil {
				return err
			}
			m.common[e.key] = value{text, e.line, e.column}
		case kind != nil && !kind.Abstract() && kind != model.Claim, relation != nil && !relation.Structural:
			entries, err := mapping(e.node, "the defaults of "+e.key)
			if err != nil {
				return err
			}
			m.own[e.key] = map[string]value{}
			for _, d := range entries {
				text, err := d.scalar()
				if err != nil {
					return err
				}
				m.own[e.key][d.key] = value{text, d.line, d.column}
			}
		default:
			return refuseAt(e.line, e.column,
				fmt.Sprintf("%.80q has no defaults%s", e.key, ontology.Suggest(e.key, append(dataNames(model), commonDefaults...))),
				"give source, tlp, or the name of a kind or relation")
		}
	}
	return nil
}

// entry is a key of a mapping with its value.
type entry struct {
	key          string
	line, column int
	node         ast.Node
}

func mapping(node ast.Node, subject string) ([]entry, error) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	case *ast.NullNode:
	default:
		line, column := place(node)
		return nil, refuseAt(line, column, subject+" is no mapping", "write a key, a colon and a value a line")
	}
	var entries []entry
	seen := map[string]bool{}
	for _, v := range values {
		line, column := place(v.Key)
		key, ok := v.Key.(*ast.StringNode)
		if !ok {
			return nil, refuseAt(line, column, "a key is no text", "write keys as plain words")
		}
		if seen[key.Value] {
			return nil, refuseAt(line, column, fmt.Sprintf("the key %.80q is there twice", key.Value), "keep one")
		}
		seen[key.Value] = true
		entries = append(entries, entry{key: key.Value, line: line, column: column, node: v.Value})
	}
	return entries, nil
}

func (e entry) scalar() (string, error) { return scalar(e.node, e.key) }

func (e entry) list() ([]string, error) {
	sequence, ok := e.node.(*ast.SequenceNode)
	if !ok {
		return nil, refuseAt(e.line, e.column, e.key+" is no list", "write one entry a line, each after a hyphen")
	}
	var list []string
	for _, node := range sequence.Values {
		text, err := scalar(node, e.key)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}

func scalar(node ast.Node, subject string) (string, error) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), nil
	case *ast.NullNode:
		return "", nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, nil
	}
	line, column := place(node)
	return "", refuseAt(line, column, subject+" is no plain text", "write text, in quotes where it begins with a sign; no anchors, aliases or tags")
}

func place(node ast.Node) (line, column int) {
	if node != nil {
		if t := node.GetToken(); t != nil && t.Position != nil {
			return t.Position.Line, t.Position.Column
		}
	}
	return 1, 1
}

func manifestSyntax(err error) error {
	var fault yaml.Error
	if errors.As(err, &fault) {
		line, column := 1, 1
		if t := fault.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
		return refuseAt(line, column, "the manifest is not YAML: "+cut(fault.GetMessage()), "")
	}
	return refuseAt(1, 1, "the manifest is not YAML: "+cut(err.Error()), "")
}

func refuseAt(line, column int, reason, fix string) *Refusal {
	return &Refusal{File: ManifestFile, Line: line, Column: column, Reason: reason, Fix: fix}
}
