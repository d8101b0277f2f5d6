// Package outline reads YAML as a tree of texts, each with its place. Data sets describe themselves in it. It has no anchors, aliases, tags and
// merged keys, so that a file says what it seems to say and cannot grow when it is read.
package outline

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
)

// MaxSize is the size in bytes of the largest file that is read.
const MaxSize = 64 << 10

// Fault says what is wrong with a file, and where.
type Fault struct {
	// Line and Column count from 1, columns in characters.
	Line, Column int
	Reason       string
	// Fix tells the user what to do, where the reason does not.
	Fix string
}

func (e *Fault) Error() string {
	s := fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Reason)
	if e.Fix != "" && !strings.HasSuffix(e.Reason, "?") {
		s += "; " + e.Fix
	}
	return s
}

// Value is a part of a file and its place.
type Value struct {
	Line, Column int
	// Name is what faults call it: the key that it stands under, or the file.
	Name string
	node ast.Node
}

// Entry is a key with its value. The place is that of the key.
type Entry struct {
	Key string
	Value
}

// Fault makes a fault at the place of the value.
func (v Value) Fault(fix, reason string, args ...any) *Fault {
	return &Fault{Line: v.Line, Column: v.Column, Reason: fmt.Sprintf(reason, args...), Fix: fix}
}

// Parse reads a file, which messages call by the name given: "the manifest". Errors are *Fault.
func Parse(text []byte, name string) (Value, error) {
	start := Value{Line: 1, Column: 1, Name: name}
	if !utf8.Valid(text) {
		return start, start.Fault("save it as UTF-8", "%s is not valid UTF-8", name)
	}
	tokens := lexer.Tokenize(string(text))
	if err := checkNesting(tokens, name); err != nil {
		return start, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return start, syntax(err, name)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return start, start.Fault("write id, title and retrieved", "%s is empty, or more than one document", name)
	}
	start.node = file.Docs[0].Body
	return start, nil
}

// checkNesting refuses what is never needed and what takes the parser long: brackets and hyphens one within the other.
func checkNesting(tokens token.Tokens, name string) error {
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
			return &Fault{Line: line, Column: t.Position.Column, Reason: name + " is nested too deep", Fix: "write lists one entry a line"}
		}
	}
	return nil
}

func syntax(err error, name string) error {
	f := &Fault{Line: 1, Column: 1}
	message := err.Error()
	var fault yaml.Error
	if errors.As(err, &fault) {
		message = fault.GetMessage()
		if t := fault.GetToken(); t != nil && t.Position != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
	}
	f.Reason = fmt.Sprintf("%s is not YAML: %.80s", name, strings.ToValidUTF8(message, ""))
	return f
}

// IsText says whether the value is one text; IsList whether it is a list. Otherwise it holds entries.
func (v Value) IsText() bool {
	switch v.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return false
	}
	return true
}

// IsList says whether the value is a list.
func (v Value) IsList() bool { _, is := v.node.(*ast.SequenceNode); return is }

// Entries are the keys and values of a mapping, each key once; none where nothing is written.
func (v Value) Entries() ([]Entry, error) {
	var values []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	case *ast.NullNode:
	default:
		return nil, v.Inside().Fault("write a key, a colon and a value a line", "%s is no mapping", v.Name)
	}
	var entries []Entry
	seen := map[string]bool{}
	for _, n := range values {
		line, column := place(n.Key)
		key, ok := n.Key.(*ast.StringNode)
		at := Value{Line: line, Column: column, node: n.Value}
		if !ok {
			return nil, at.Fault("write keys as plain words", "a key is no text")
		}
		if seen[key.Value] {
			return nil, at.Fault("keep one", "the key %.80q is there twice", key.Value)
		}
		seen[key.Value] = true
		at.Name = key.Value
		entries = append(entries, Entry{Key: key.Value, Value: at})
	}
	return entries, nil
}

// Items are the elements of a list.
func (v Value) Items() ([]Value, error) {
	sequence, ok := v.node.(*ast.SequenceNode)
	if !ok {
		return nil, v.Fault("write one entry a line, each after a hyphen", "%s is no list", v.Name)
	}
	items := make([]Value, len(sequence.Values))
	for i, n := range sequence.Values {
		items[i] = Value{Name: v.Name, node: n}
		items[i].Line, items[i].Column = place(n)
	}
	return items, nil
}

// Texts are the elements of a list of texts.
func (v Value) Texts() ([]string, error) {
	items, err := v.Items()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if texts[i], err = item.Text(); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// Text is a value that is one text; numbers and booleans are the text that is written there.
func (v Value) Text() (string, error) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), nil
	case *ast.NullNode:
		return "", nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.node.GetToken().Value, nil
	}
	return "", v.Inside().Fault("write text, in quotes where it begins with a sign; no anchors, aliases or tags", "%s is no plain text", v.Name)
}

// Inside is the value at the place where it is written, rather than that of its key.
func (v Value) Inside() Value {
	v.Line, v.Column = place(v.node)
	return v
}

func place(node ast.Node) (line, column int) {
	if node != nil {
		if t := node.GetToken(); t != nil && t.Position != nil {
			return t.Position.Line, t.Position.Column
		}
	}
	return 1, 1
}
