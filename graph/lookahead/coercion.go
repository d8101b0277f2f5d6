package lookahead

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/crimegraph/crimegraph/ontology"
)

// Variables coerces the variables of a validated operation; numbers are json.Number or Go's own. What it returns, like every
// argument read, holds int64, float64, string, bool, []any and map[string]any alone, and the defaults of what was left out.
// The error is a *gqlerror.Error that names the place.
func (r *Reader) Variables(op *ast.OperationDefinition, given map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, v := range op.VariableDefinitions {
		value, present := given[v.Variable]
		if !present && v.DefaultValue != nil {
			var err error
			if value, err = v.DefaultValue.Value(nil); err != nil {
				return nil, badInput(v.Position, "$"+v.Variable, err)
			}
			present = true
		}
		if !present && !v.Type.NonNull {
			continue
		}
		coerced, place, err := r.coerce(v.Type, value, "$"+v.Variable)
		if err != nil {
			return nil, badInput(v.Position, place, err)
		}
		out[v.Variable] = coerced
	}
	return out, nil
}

// arguments coerces the arguments of a field.
func (r *Reader) arguments(field *ast.Field, vars map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, def := range field.Definition.Arguments {
		source := def.DefaultValue
		if a := field.Arguments.ForName(def.Name); a != nil {
			if _, set := vars[a.Value.Raw]; set || a.Value.Kind != ast.Variable {
				source = a.Value
			}
		}
		if source == nil && !def.Type.NonNull {
			continue
		}
		value, err := source.Value(vars)
		place := def.Name
		if err == nil {
			value, place, err = r.coerce(def.Type, value, place)
		}
		if err != nil {
			return nil, badInput(field.Position, place, err)
		}
		out[def.Name] = value
	}
	return out, nil
}

// coerce turns a value into one of the type. Nothing is guessed: text is no number and no vocabulary's value in other case.
// The place that comes with an error is where within the value it lies.
func (r *Reader) coerce(typ *ast.Type, value any, place string) (out any, at string, err error) {
	if value == nil {
		if typ.NonNull {
			return nil, place, fmt.Errorf("%s is needed here, not null", typ)
		}
		return nil, "", nil
	}
	if typ.Elem != nil {
		list, several := value.([]any)
		if !several {
			list = []any{value}
		}
		coerced := make([]any, len(list))
		for i, element := range list {
			if coerced[i], at, err = r.coerce(typ.Elem, element, place+"["+strconv.Itoa(i)+"]"); err != nil {
				return nil, at, err
			}
		}
		return coerced, "", nil
	}
	switch def := r.Schema.Types[typ.NamedType]; def.Kind {
	case ast.InputObject:
		return r.coerceObject(def, value, place)
	case ast.Enum:
		out, err = coerceEnum(def, value)
	default:
		out, err = coerceScalar(def.Name, value)
	}
	return out, place, err
}

func (r *Reader) coerceObject(def *ast.Definition, value any, place string) (out any, at string, err error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, place, fmt.Errorf("%s is an object, not %s", def.Name, shown(value))
	}
	for _, name := range sortedKeys(object) {
		if def.Fields.ForName(name) == nil {
			known := make([]string, len(def.Fields))
			for i, f := range def.Fields {
				known[i] = f.Name
			}
			return nil, place, fmt.Errorf("%s has no field %.40q%s", def.Name, name, ontology.Suggest(name, known))
		}
	}
	coerced := map[string]any{}
	for _, f := range def.Fields {
		given, present := object[f.Name]
		if !present && f.DefaultValue != nil {
			if given, err = f.DefaultValue.Value(nil); err != nil {
				return nil, place + "." + f.Name, err
			}
			present = true
		}
		if !present && !f.Type.NonNull {
			continue
		}
		if coerced[f.Name], at, err = r.coerce(f.Type, given, place+"."+f.Name); err != nil {
			return nil, at, err
		}
	}
	return coerced, "", nil
}

func coerceEnum(def *ast.Definition, value any) (any, error) {
	name, _ := value.(string)
	if def.EnumValues.ForName(name) != nil {
		return name, nil
	}
	known := make([]string, len(def.EnumValues))
	for i, v := range def.EnumValues {
		known[i] = v.Name
	}
	return nil, fmt.Errorf("%s is no %s%s", shown(value), def.Name, ontology.Suggest(name, known))
}

// coerceScalar reads the scalars; those that the schema adds, dates and codes, are text.
func coerceScalar(name string, value any) (any, error) {
	switch name {
	case "Int":
		if n, whole := integer(value); whole && n >= math.MinInt32 && n <= math.MaxInt32 {
			return n, nil
		}
	case "Float":
		if f, number := float(value); number {
			return f, nil
		}
	case "Boolean":
		if b, ok := value.(bool); ok {
			return b, nil
		}
	case "ID":
		if n, whole := integer(value); whole {
			return strconv.FormatInt(n, 10), nil
		}
		fallthrough
	default:
		if s, ok := value.(string); ok {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s is no %s", shown(value), name)
}

func integer(value any) (int64, bool) {
	switch n := value.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	default:
		return 0, false
	}
}

func float(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	default:
		i, whole := integer(value)
		return float64(i), whole
	}
}

// shown is the beginning of a value as JSON, for messages.
func shown(value any) string {
	text := canonical(value)
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
