package loader

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/crimegraph/crimegraph/store"
)

// Report says what a load did. After a load that ended without an error, Accepted, Rejected and Filtered sum up to Rows.
type Report struct {
	// Manifest is the data set's own account of itself.
	Manifest Manifest `json:"manifest"`
	// Load is the name under which the store keeps what the data set states.
	Load string `json:"load"`
	// DryRun says that nothing was written; Changes is then zero.
	DryRun bool `json:"dryRun"`
	// Files in the order in which they were loaded.
	Files []FileReport `json:"files"`
	// Rows were read, over all files.
	Rows     int `json:"rows"`
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	// Filtered rows are those that the mapping leaves out.
	Filtered int `json:"filtered,omitempty"`
	// Changes to the store. A claim that the data set holds twice counts as unchanged the second time.
	Changes store.Changes `json:"changes"`
	// Retracted records were stated by the load that this one continues, and are not by this one. They are among the changes.
	Retracted int `json:"retracted,omitempty"`
	// NotRetracted says why nothing is retracted, and what to do, where that is so though the load continues another.
	NotRetracted string `json:"notRetracted,omitempty"`
	// Rejects are the first that were found, ordered by file, line and column; Rejected counts all.
	Rejects []Reject `json:"rejects,omitempty"`
}

// FileReport counts the rows of one file.
type FileReport struct {
	File     string `json:"file"`
	Rows     int    `json:"rows"`
	Accepted int    `json:"accepted"`
	Rejected int    `json:"rejected"`
	Filtered int    `json:"filtered,omitempty"`
	// Encoding of a mapped file, as it was found or given.
	Encoding string `json:"encoding,omitempty"`
	// StoppedAt is the line from which the file could not be read any further, as after a quote left open; 0 if it was read whole. What
	// follows is not counted.
	StoppedAt int `json:"stoppedAt,omitempty"`
}

// Reject is a row that was not loaded, and why.
type Reject struct {
	File string `json:"file"`
	Line int    `json:"line"`
	// Column is where on the line the value begins, from 1, in bytes; 0 if the row has none.
	Column int `json:"column,omitempty"`
	// Name of the column; empty where the whole row is at fault.
	Name string `json:"name,omitempty"`
	// Value is the text found there, cut to 80 characters.
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
	// Fix tells the user what to do, where the reason does not.
	Fix string `json:"fix,omitempty"`
}

// String is one line: `Place.csv:7:21: latitude "91": latitude 91 lies outside -90 to 90`.
func (r Reject) String() string {
	s := position(r.File, r.Line, r.Column) + ": "
	if r.Name != "" {
		s += fmt.Sprintf("%s %q: ", r.Name, r.Value)
	}
	return s + sentence(r.Reason, r.Fix)
}

// Refusal says why a data set is not loaded at all. Nothing was written.
type Refusal struct {
	// File, Line and Column say where; Line is 0 where the fault is the file itself or its absence.
	File         string
	Line, Column int
	Reason       string
	// Fix tells the user what to do, where the reason does not.
	Fix string
}

func (e *Refusal) Error() string {
	return position(e.File, e.Line, e.Column) + ": " + sentence(e.Reason, e.Fix)
}

// TooManyRejects ends a load of which more rows are rejected than was allowed. What is written by then stays.
type TooManyRejects struct{ Limit int }

func (e *TooManyRejects) Error() string {
	return fmt.Sprintf("more than %d rows are rejected; the load stopped there", e.Limit)
}

func position(file string, line, column int) string {
	switch {
	case line == 0:
		return file
	case column == 0:
		return fmt.Sprintf("%s:%d", file, line)
	default:
		return fmt.Sprintf("%s:%d:%d", file, line, column)
	}
}

// sentence joins a reason and a fix. Where the reason ends with a suggestion, that is the fix.
func sentence(reason, fix string) string {
	if fix == "" || strings.HasSuffix(reason, "?") {
		return reason
	}
	return reason + "; " + fix
}

// cut shortens a value of a file to 80 characters, as it may hold anything.
func cut(text string) string {
	const most = 80
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// sortRejects gives the kept rejects their total order.
func (r *Report) sortRejects() {
	rank := map[string]int{}
	for i, f := range r.Files {
		rank[f.File] = i
	}
	sort.SliceStable(r.Rejects, func(i, j int) bool {
		a, b := r.Rejects[i], r.Rejects[j]
		switch {
		case a.File != b.File:
			return rank[a.File] < rank[b.File]
		case a.Line != b.Line:
			return a.Line < b.Line
		default:
			return a.Column < b.Column
		}
	})
}
