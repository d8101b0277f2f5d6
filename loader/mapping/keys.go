package mapping

import (
	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/outline"
	"github.com/crimegraph/crimegraph/ontology"
)

// object is a part of a mapping: what it is called, and the keys that it may have.
type object struct {
	name, doc string
	keys      []key
}

// key is a key of a part, what it says, and what may stand there.
type key struct {
	name, doc string
	form      form
	// words are what a text may be, where that is fixed.
	words []string
}

// form says what stands under a key.
type form struct {
	// kind is one of the forms below; of names the object that the value, or each value of it, is.
	kind formKind
	of   *object
}

type formKind int

const (
	aText formKind = iota
	aList
	aFlag
	// aValue is a text, which is a template, or an object that says how a value is made.
	aValue
	one
	several
	// byName is an object whose keys are names of the mapping's own.
	byName
	// wordsByName is a table of texts, valuesByName one of values, tables a table of tables of texts.
	wordsByName
	valuesByName
	tables
)

var (
	replaceObject = &object{"replace", "Replaces what an expression finds.", []key{
		{"find", "regular expression (RE2)", form{kind: aText}, nil},
		{"with", "what stands there instead; $1 is the first group", form{kind: aText}, nil},
	}}
	numberObject = &object{"number", "How numbers are written. `number: {}` reads digits with a point.", []key{
		{"decimal", "the decimal point: one character; a point where it is left out", form{kind: aText}, nil},
		{"thousands", "what parts thousands: one character", form{kind: aText}, nil},
	}}
	lookupObject = &object{"lookup", "Takes a value from another row of the data set.", []key{
		{"file", "name of a file of this mapping", form{kind: aText}, nil},
		{"key", "column or value of that file that must be the same; case and diacritics do not matter", form{kind: aText}, nil},
		{"take", "column or value of that file to take", form{kind: aText}, nil},
		{"optional", "whether there may be no such row; otherwise the row is rejected", form{kind: aFlag}, nil},
	}}
	conditionObject = &object{"condition", "Something that must hold. Of a list, one element that fits is enough.", []key{
		{"value", "template of what is tested", form{kind: aText}, nil},
		{"matches", "regular expression (RE2) that must find something", form{kind: aText}, nil},
		{"is", "templates; the value must be one of them. Case and diacritics do not matter", form{kind: aList}, nil},
		{"not", "templates; the value must be none of them", form{kind: aList}, nil},
		{"given", "whether there must be a value, or must be none", form{kind: aFlag}, nil},
	}}
	valueObject = &object{"value", "How a value is made: the steps that are given, in the order in which they stand here.", []key{
		{"from", "template of what it is made of; or a list of templates, of which those that hold something make a list", form{kind: aValue}, nil},
		{"when", "conditions; where one does not hold there is nothing", form{several, conditionObject}, nil},
		{"split", "what parts the elements of a list", form{kind: aText}, nil},
		{"match", "regular expression (RE2): its first group that took part, or all that it finds, is the value", form{kind: aText}, nil},
		{"find", "like match, but all that is found, as a list", form{kind: aText}, nil},
		{"replace", "expressions and what stands there instead", form{several, replaceObject}, nil},
		{"vocabulary", "name of a vocabulary to translate with; what is not in it rejects the row, unless there is else", form{kind: aText}, nil},
		{"date", "forms of dates to read, as DD.MM.YYYY; the first that fits", form{kind: aList}, nil},
		{"country", "reads names and codes of countries; the value is the code of ISO 3166, NAME.name the name", form{kind: aFlag}, nil},
		{"number", "how numbers are written", form{one, numberObject}, nil},
		{"unit", "template of the unit of the number, which is converted to the base unit; NAME.unit is that", form{kind: aText}, nil},
		{"lookup", "takes a value from another row", form{one, lookupObject}, nil},
		{"distinct", "keeps the first of elements that are the same", form{kind: aFlag}, nil},
		{"first", "keeps the first element alone", form{kind: aFlag}, nil},
		{"join", "makes one text of a list, with this between", form{kind: aText}, nil},
		{"else", "template of what holds where there is nothing", form{kind: aText}, nil},
	}}
	recordObject = &object{"record", "A record of one kind or relation that is made of a row, or several.", []key{
		{"kind", "name of the kind", form{kind: aText}, nil},
		{"relation", "name of the relation, instead of a kind", form{kind: aText}, nil},
		{"when", "conditions that must all hold", form{several, conditionObject}, nil},
		{"each", "template of a list: one record an element; or a list of columns: one record a column that has a value", form{kind: aValue}, nil},
		{"let", "values of this record, by name", form{kind: valuesByName}, nil},
		{"ensure", "writes the node only where neither the store nor a row before has it", form{kind: aFlag}, nil},
		{"set", "the columns of the kind or relation, and their values", form{kind: valuesByName}, nil},
	}}
	fileObject = &object{"file", "How one file is read, and what its rows mean.", []key{
		{"name", "what its name looks like, as edges*.csv; needed where there are several files", form{kind: aText}, nil},
		{"format", "format; where it is left out, the name of the file tells", form{kind: aText}, format.Names()},
		{"delimiter", "what parts fields: one character; found out where it is left out", form{kind: aText}, nil},
		{"quote", "what encloses fields: one character, or none; a double quote where it is left out", form{kind: aText}, nil},
		{"encoding", "encoding; found out where it is left out", form{kind: aText}, format.Encodings()},
		{"header", "names of the columns, for files that do not name them", form{kind: aList}, nil},
		{"sheet", "sheet of a workbook; the first where it is left out", form{kind: aText}, nil},
		{"path", "keys that lead to the list in a JSON document, with dots between", form{kind: aText}, nil},
		{"missing", "texts that mean that there is nothing, in any case: Unknown, n/a", form{kind: aList}, nil},
		{"where", "conditions of rows that are loaded; the others are filtered, and counted as such", form{several, conditionObject}, nil},
		{"let", "values, by name; each may use those before it", form{kind: valuesByName}, nil},
		{"records", "the records that are made of a row; needed", form{several, recordObject}, nil},
	}}
	mappingObject = &object{"mapping", "What the rows of foreign files mean. Beside these keys, a mapping has those of a manifest.", []key{
		{"files", "the files, by names of the mapping's own", form{byName, fileObject}, nil},
		{"fixed", "records that do not depend on any row: the source itself", form{several, recordObject}, nil},
		{"vocabularies", "tables of words: what files write, and what stands for it here", form{kind: tables}, nil},
		{"units", "units beside the built-in ones: a number and the base unit, as 0.5 kg", form{kind: wordsByName}, nil},
	}}
)

// objects are all parts.
var objects = []*object{mappingObject, fileObject, recordObject, valueObject, conditionObject, lookupObject, numberObject, replaceObject}

func (o *object) names() []string {
	names := make([]string, len(o.keys))
	for i, k := range o.keys {
		names[i] = k.name
	}
	return names
}

func (o *object) key(name string) *key {
	for i := range o.keys {
		if o.keys[i].name == name {
			return &o.keys[i]
		}
	}
	return nil
}

// entries reads the keys of a part, and refuses those that it does not have.
func (o *object) entries(v outline.Value) (map[string]outline.Entry, error) {
	v.Name = "this " + o.name
	list, err := v.Entries()
	if err != nil {
		return nil, err
	}
	entries := map[string]outline.Entry{}
	for _, e := range list {
		if o.key(e.Key) == nil {
			return nil, e.Fault("see docs/mappings.md", "a %s has no key %.80q%s", o.name, e.Key, ontology.Suggest(e.Key, o.names()))
		}
		entries[e.Key] = e
	}
	return entries, nil
}

// Has says whether a mapping has a key of that name beside those of a manifest.
func Has(name string) bool { return mappingObject.key(name) != nil }

// Keys are the keys that a mapping has beside those of a manifest.
func Keys() []string { return mappingObject.names() }
