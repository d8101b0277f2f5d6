package mapping

import (
	"fmt"
	"strings"

	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/ontology"
)

// Tables hold what values are looked up in: for each file, key and value wanted, the values by key.
type Tables map[lookupOf]map[string]string

type lookupOf struct{ file, key, take string }

// LooksUpIn says whether values of the file are looked up in another, and whether some may be missing there.
func (f *File) LooksUpIn(other *File) (some, optional bool) {
	for _, s := range f.slots {
		if s.definition != nil && s.definition.lookup != nil && s.definition.lookup.file == other.Name {
			some, optional = true, optional || s.definition.lookup.optional
		}
	}
	return some, optional
}

// maxTable is how many rows a table may have, as it is kept in memory.
const maxTable = 2_000_000

// ambiguous stands for a key that several rows have, with different values. No value is written so.
const ambiguous = "\x00"

// ReadTables reads all that the mapping looks up. each calls row for every row of a file that can be read.
func (m *Mapping) ReadTables(each func(file string, row func(format.Row) error) error) (Tables, error) {
	tables := Tables{}
	for _, f := range m.Files {
		var wanted []lookupOf
		var key, take []int
		for _, other := range m.Files {
			for _, s := range other.slots {
				if s.definition == nil || s.definition.lookup == nil || s.definition.lookup.file != f.Name {
					continue
				}
				w := lookupOf{f.Name, s.definition.lookup.key, s.definition.lookup.take}
				if tables[w] == nil {
					tables[w] = map[string]string{}
					wanted = append(wanted, w)
					key, take = append(key, f.named(w.key)), append(take, f.named(w.take))
				}
			}
		}
		if wanted == nil {
			continue
		}
		s := newScope(f, nil)
		err := each(f.Name, func(row format.Row) error {
			s.take(row)
			if kept, fault := allHold(f.where, s); !kept || fault != nil {
				return nil
			}
			for i, w := range wanted {
				k, wrong := s.get(key[i])
				v, alsoWrong := s.get(take[i])
				if wrong != nil || alsoWrong != nil || k.empty() {
					continue
				}
				folded, text := ontology.Fold(k.whole()), strings.Clone(v.whole())
				if before, there := tables[w][folded]; there && before != text {
					text = ambiguous
				}
				tables[w][folded] = text
				if len(tables[w]) > maxTable {
					return fmt.Errorf("more than %d keys are looked up in %s", maxTable, f.Name)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// named is the slot of a value or column, or that of nothing.
func (f *File) named(name string) int {
	if at, is := f.values[name]; is {
		return at
	}
	return f.columns[name]
}

// lookup finds a value by key.
func (s *scope) lookup(l *lookup, key string) (string, *Fault) {
	v, found := s.tables[lookupOf{l.file, l.key, l.take}][ontology.Fold(key)]
	switch {
	case found && v != ambiguous:
		return v, nil
	case found:
		return "", &Fault{Reason: fmt.Sprintf("%.80q is the %s of several rows of %s", key, l.key, l.file), Fix: "name one that is unique"}
	case l.optional:
		return "", nil
	default:
		return "", &Fault{Reason: fmt.Sprintf("no row of %s has the %s %.80q", l.file, l.key, key), Fix: "add the row, correct the name, or say optional: true"}
	}
}
