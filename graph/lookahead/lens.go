package lookahead

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
)

// lens reads the lens argument and narrows it to what the caller may see.
func (r *Reader) lens(field *ast.Field, value any, access Access) (plan.Lens, error) {
	input, _ := value.(map[string]any)
	l, part, err := r.readLens(input)
	if err != nil {
		return plan.Lens{}, refusal(field, "lens."+part, BadUserInput, "lens.%s: %v", part, err)
	}
	if l.Record.MaxTlp == 0 || (access.MaxTlp != 0 && access.MaxTlp < l.Record.MaxTlp) {
		l.Record.MaxTlp = access.MaxTlp
	}
	if l.Record.MaxTlp == int64(len(r.Model.Claim.Property("tlp").Enum.Values)) {
		l.Record.MaxTlp = 0 // nothing is marked higher, so that there is nothing to compare
	}
	if asked := input["compartments"]; asked != nil {
		for _, held := range access.Compartments {
			for _, a := range elements(asked) {
				if a == held {
					l.Record.Compartments = append(l.Record.Compartments, held)
					break
				}
			}
		}
	} else {
		l.Record.Compartments = access.Compartments
	}
	return l, nil
}

// readLens turns the argument into stored form. On an error, part names the field of the lens that is at fault.
func (r *Reader) readLens(input map[string]any) (l plan.Lens, part string, err error) {
	claim := r.Model.Claim
	for _, part := range sortedKeys(input) {
		value := input[part]
		if value == nil {
			continue
		}
		switch part {
		case "asOf":
			var d ontology.Date
			d, err = date(value)
			l.Evidence.AsOf = &d
		case "knownAt":
			var d ontology.Date
			d, err = date(value)
			known := d.Ceiling()
			l.Record.KnownAt = &known
		case "during":
			err = period(value.(map[string]any), &l.Evidence)
		case "dated":
			l.Evidence.Dated = value == "ONLY"
		case "minReliability":
			l.Evidence.MinReliability = claim.Property("reliability").Enum.Rank(value.(string))
			if value == "F" {
				err = errors.New("grade F means that the source cannot be judged and is no minimum; leave it out to read all")
			}
		case "minCredibility":
			l.Evidence.MinCredibility, err = within(value, 1, 5, "6 means that the statement cannot be judged and is no minimum; leave it out to read all")
		case "minConfidence":
			var n int64
			n, err = within(value, 0, 100, "it is a share of 100")
			l.Evidence.MinConfidence = &n
		case "stances":
			l.Evidence.Stances, err = ranks(value, claim.Property("stance").Enum)
		case "modalities":
			l.Evidence.Modalities, err = ranks(value, claim.Property("modality").Enum)
		case "sources":
			l.Evidence.Sources, err = ids(value)
		case "excludeSources":
			l.Evidence.ExcludeSources, err = ids(value)
		case "maxTlp":
			l.Record.MaxTlp = claim.Property("tlp").Enum.Rank(value.(string))
		}
		if err != nil {
			return plan.Lens{}, part, err
		}
	}
	return l, "", nil
}

func date(value any) (ontology.Date, error) {
	text, _ := value.(string)
	return ontology.ParseDate(text)
}

func period(input map[string]any, e *plan.Evidence) error {
	if input["from"] != nil {
		d, err := date(input["from"])
		if err != nil {
			return fmt.Errorf("from: %w", err)
		}
		floor := d.Floor()
		e.DuringFrom = &floor
	}
	if input["to"] != nil {
		d, err := date(input["to"])
		if err != nil {
			return fmt.Errorf("to: %w", err)
		}
		ceiling := d.Ceiling()
		e.DuringTo = &ceiling
	}
	if e.DuringFrom != nil && e.DuringTo != nil && *e.DuringFrom > *e.DuringTo {
		return fmt.Errorf("from %v lies after to %v; exchange them", input["from"], input["to"])
	}
	return nil
}

func within(value any, low, high int64, why string) (int64, error) {
	n, _ := value.(int64)
	if n < low || n > high {
		return 0, fmt.Errorf("%d to %d, not %v: %s", low, high, value, why)
	}
	return n, nil
}

func ranks(value any, e *ontology.Enum) ([]int64, error) {
	list := elements(value)
	if len(list) == 0 {
		return nil, errors.New("an empty list lets nothing pass; leave it out to read all")
	}
	out := make([]int64, 0, len(list))
	for _, v := range list {
		name, _ := v.(string)
		out = append(out, e.Rank(name))
	}
	return out, nil
}

func ids(value any) ([]string, error) {
	list := elements(value)
	if len(list) > MaxInValues {
		return nil, fmt.Errorf("at most %d ids, %d are given", MaxInValues, len(list))
	}
	out := make([]string, 0, len(list))
	for _, v := range list {
		id, _ := v.(string)
		out = append(out, id)
	}
	return out, nil
}
