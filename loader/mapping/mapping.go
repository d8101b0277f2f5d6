// Package mapping says what the rows of foreign files mean: it turns each row into rows of kinds and relations, which the loader then checks and
// writes as it does those of its own format. What a mapping can say stands in keys.go, and docs/mappings.md explains it.
package mapping

import (
	"fmt"
	"path"
	"slices"

	"github.com/crimegraph/crimegraph/loader/format"
)

// Mapping is a mapping that has been read. It is immutable and safe for concurrent use.
type Mapping struct {
	// Files are the files that it reads, in the order in which they are written down.
	Files []*File
	// Fixed make the records that do not depend on any row, one each.
	Fixed []*File

	vocabularies map[string]vocabulary
	units        map[string]unit
}

// File says how one file is read, and what its rows mean.
type File struct {
	// Name is what the mapping calls it.
	Name string
	// Pattern is what the names of its files look like, as in `edges*.csv`; empty where any name will do.
	Pattern string
	// Options say how it is read.
	Options format.Options
	Records []*Record

	mapping *Mapping
	// missing are the texts, folded, that say that there is nothing.
	missing map[string]bool
	where   []condition
	// names are the slots of columns and values, values in order of definition.
	columns map[string]int
	values  map[string]int
	slots   []slot
	uses    []use
}

// Matches says whether a file of that name may be this one.
func (f *File) Matches(name string) bool {
	if f.Pattern == "" {
		return true
	}
	for _, packed := range []string{"", ".gz", ".zip"} {
		if ok, err := path.Match(f.Pattern+packed, path.Base(name)); ok && err == nil {
			return true
		}
	}
	return false
}

// Record makes one row of a kind or relation out of a row of the file, or several.
type Record struct {
	// Target is the name of the kind or relation.
	Target string
	// Relation says that it is a relation.
	Relation bool
	// Ensure says that the record is written only where the store and the rows before do not have its node.
	Ensure bool
	// Line and Column are where the mapping says so.
	Line, Column int
	// Properties are the columns that it fills.
	Properties []Property

	when []condition
	each template
	// over are the columns that each goes through, where it goes through columns.
	over []int
	// listed says that each is given.
	listed bool
	// own are the slots of the record's own values.
	own []int
}

// Property is a column of a kind or relation, and its value.
type Property struct {
	Name         string
	Line, Column int
	value        int
}

// slot is a place for a value: a column, something about the row, or a value that is made of others.
type slot struct {
	name string
	// special is what a name with @ stands for.
	special string
	// definition makes the value; nil for columns.
	definition *definition
	// whole is the slot of the value that this comes with: its unit, the name of its country. Otherwise it is the slot itself.
	whole int
}

// use is where the mapping names a column.
type use struct {
	column   string
	line, at int
}

// Draft is a row of a kind or relation that a mapping made.
type Draft struct {
	*Record
	// Row holds the properties as fields. It is valid until the next call.
	Row format.Row
}

// Fault says why a row cannot be mapped.
type Fault struct {
	// Field is the value at fault, as the file has it.
	Field       format.Field
	Reason, Fix string
}

func (e *Fault) Error() string { return fmt.Sprintf("%s: %s; %s", e.Field.Name, e.Reason, e.Fix) }

// MissingColumn is a column that the mapping names and a file does not have.
type MissingColumn struct {
	Name         string
	Line, Column int
}

// Check finds the columns of a file that the mapping names and the header lacks. Files without a header have none that are missing: their rows
// name their own.
func (f *File) Check(header []format.Field) []MissingColumn {
	if header == nil {
		return nil
	}
	has := map[string]bool{}
	for _, u := range f.uses {
		has[u.column] = slices.ContainsFunc(header, func(c format.Field) bool { return sameName(c.Name, u.column) })
	}
	var missing []MissingColumn
	for _, u := range f.uses {
		if !has[u.column] {
			missing = append(missing, MissingColumn{u.column, u.line, u.at})
			has[u.column] = true
		}
	}
	return missing
}
