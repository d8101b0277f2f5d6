package format

import (
	"bytes"
	"slices"
)

// Columns of a file of rejected rows, which stand before those of the rows themselves: where the row came from, the value at fault, why it was
// rejected, and how to put it right. Whoever reads such a file does not see them.
const (
	AtColumn     = "_at"
	ValueColumn  = "_value"
	ReasonColumn = "_reason"
	FixColumn    = "_fix"
)

// RejectColumns are those columns in order. A file that begins with the first is such a file, whatever is said about the format of the rows.
var RejectColumns = []string{AtColumn, ValueColumn, ReasonColumn, FixColumn}

// rejectsFormat is the format of a file of rejected rows, by its beginning, with what parts its fields; none for other files. Whatever they are corrected
// with may have put a byte order mark, quotes, or semicolons.
func rejectsFormat(head []byte) (name, delimiter string) {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(head, []byte(`{"`+AtColumn+`":`)) {
		return "jsonl", ""
	}
	for _, delimiter := range []string{",", ";", "\t"} {
		for _, quote := range []string{"", `"`} {
			if bytes.HasPrefix(head, []byte(quote+AtColumn+quote+delimiter)) {
				return "csv", delimiter
			}
		}
	}
	return "", ""
}

// withoutRejects takes those columns out of a row or header, if it begins with the first of them.
func withoutRejects(fields []Field) []Field {
	if len(fields) == 0 || fields[0].Name != AtColumn {
		return fields
	}
	var kept []Field
	for _, f := range fields {
		if !slices.Contains(RejectColumns, f.Name) {
			kept = append(kept, f)
		}
	}
	return kept
}
