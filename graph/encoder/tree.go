package encoder

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Tree says how the answer of an analytic, a plain Go value, becomes a JSON object: a field of the schema reads the struct's field of the
// same name, its first letter a capital.
type Tree struct{ Fields []TreeField }

// TreeField is one member of an object.
type TreeField struct {
	Key string
	// Name of the Go field.
	Name     string
	Constant string
	// At most one of these is set; with none the value stands for itself. Below is an object or a list of them. Node reads an id, or a list
	// of ids, as nodes; Claims the ids of the claims between two nodes, which a struct has beside Relation, From and To.
	Below  *Tree
	Node   *Object
	Claims *Object
	// First bounds a list; 0 for all of it.
	First int
	// Nullable texts are null where they are empty.
	Nullable bool
}

// Records are the nodes and claims that an answer names, by id, as a store gave them.
type Records struct{ Nodes, Claims map[string]store.Value }

// Claimed is an edge of which claims are to be read: at most First of those.
type Claimed struct {
	Relation, From, To string
	Claims             []string
}

// Named finds the nodes and the claims that an answer names and the tree shows, each in order of first occurrence.
func (t *Tree) Named(answer any) (nodes []string, claimed []Claimed) {
	n := &naming{seen: map[string]bool{}}
	n.object(t, reflect.ValueOf(answer))
	return n.nodes, n.claimed
}

type naming struct {
	nodes   []string
	claimed []Claimed
	seen    map[string]bool
}

func (n *naming) object(t *Tree, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Below == nil && f.Node == nil && f.Claims == nil {
			continue
		}
		value := f.of(v)
		switch {
		case f.Node != nil:
			for _, id := range idsOf(value, f.First) {
				if id != "" && !n.seen[id] {
					n.seen[id] = true
					n.nodes = append(n.nodes, id)
				}
			}
		case f.Claims != nil:
			n.claimed = append(n.claimed, Claimed{
				v.FieldByName("Relation").String(), v.FieldByName("From").String(), v.FieldByName("To").String(), idsOf(value, f.First),
			})
		case value.Kind() == reflect.Slice:
			for j := range value.Len() {
				n.object(f.Below, value.Index(j))
			}
		default:
			n.object(f.Below, value)
		}
	}
}

// of reads the field from a struct.
func (f *TreeField) of(v reflect.Value) reflect.Value {
	field := v.FieldByName(f.Name)
	if !field.IsValid() {
		panic(fmt.Sprintf("encoder: %s has no field %s", v.Type(), f.Name))
	}
	return field
}

// idsOf are the ids that a value holds: one, or the first of a list.
func idsOf(v reflect.Value, first int) []string {
	if v.Kind() == reflect.String {
		return []string{v.String()}
	}
	list := v.Interface().([]string)
	if first > 0 && len(list) > first {
		list = list[:first]
	}
	return list
}

// AppendTree appends the answer of an analytic as JSON.
func AppendTree(b []byte, t *Tree, answer any, records Records) []byte {
	return appendStruct(b, t, reflect.ValueOf(answer), records)
}

func appendStruct(b []byte, t *Tree, v reflect.Value, records Records) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return append(b, "null"...)
	}
	b = append(b, '{')
	for i := range t.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		f := &t.Fields[i]
		b = append(b, f.Key...)
		if f.Constant != "" {
			b = append(b, f.Constant...)
			continue
		}
		value := f.of(v)
		switch {
		case f.Node != nil && value.Kind() == reflect.String:
			b = AppendObject(b, f.Node, records.Nodes[value.String()])
		case f.Node != nil:
			b = appendRecords(b, f.Node, idsOf(value, f.First), records.Nodes)
		case f.Claims != nil:
			b = appendRecords(b, f.Claims, idsOf(value, f.First), records.Claims)
		case f.Below != nil && value.Kind() == reflect.Slice:
			b = append(b, '[')
			for j := range value.Len() {
				if j > 0 {
					b = append(b, ',')
				}
				b = appendStruct(b, f.Below, value.Index(j), records)
			}
			b = append(b, ']')
		case f.Below != nil:
			b = appendStruct(b, f.Below, value, records)
		default:
			b = appendLeaf(b, value, f.Nullable)
		}
	}
	return append(b, '}')
}

func appendRecords(b []byte, o *Object, ids []string, records map[string]store.Value) []byte {
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendObject(b, o, records[id])
	}
	return append(b, ']')
}

func appendLeaf(b []byte, v reflect.Value, nullable bool) []byte {
	switch x := v.Interface().(type) {
	case network.Day:
		if x == network.Undated {
			return append(b, "null"...)
		}
		return append(ontology.AppendDate(append(b, '"'), int64(x)), '"')
	case json.RawMessage:
		return append(b, x...)
	case []string:
		b = append(b, '[')
		for i, s := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, s)
		}
		return append(b, ']')
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return appendLeaf(b, v.Elem(), nullable)
	case reflect.String:
		if nullable && v.Len() == 0 {
			return append(b, "null"...)
		}
		return appendText(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Float64:
		return appendFloat(b, v.Float())
	case reflect.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	default:
		panic("encoder: a value of type " + v.Type().String() + " has no place in an answer")
	}
}

// GoName is the Go field that a field of the schema reads.
func GoName(field string) string {
	if field == "id" {
		return "ID"
	}
	return strings.ToUpper(field[:1]) + field[1:]
}
