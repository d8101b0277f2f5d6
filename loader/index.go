package loader

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// maxDepth is how far references may follow each other: a place within a place within …. It bounds how often files are read.
const maxDepth = 64

// state says what is known of an id.
type state uint8

const (
	// named: a row refers to it.
	named state = iota
	// stored: it is in the store and not in the data set.
	stored
	// missing: it is in neither.
	missing
	// pending: a row defines it, whose references are not settled.
	pending
	// rejected: its row is at fault in itself.
	rejected
	// dangling: its row names a node that is missing or rejected. deep: its references lead on too often. circular: they lead in a circle.
	dangling
	deep
	circular
	// accepted: its row is to be written. written: it was given to the store.
	accepted
	written
)

// index remembers every id that rows define or refer to, and what refers to what: all of a load that is kept in memory.
type index struct {
	places  places
	entries []known
	// references holds those of all entries, one after the other.
	references []int32
	// marks are what statements take over from sources.
	marks map[int32]mark
	// contents are hashes of the records that mappings made, to tell the same one from another with its id.
	contents map[int32]uint64
}

type known struct {
	id string
	// file is the place in contents.nodes, row the number of the row there, from 1, and line its line.
	file, row, line int32
	// first and count say which of index.references are its own; source is the one that is its source, or -1.
	first, count uint32
	source       int32
	// depth is the length of the longest chain of references that begins here.
	depth uint8
	state state
	// done says that the row has been written or rejected; ensured, that it stands back where the store has the node, or another row.
	done, ensured bool
}

// mark is what a record takes over from its source, in stored form.
type mark struct {
	reliability, published any
	tlp                    int64
	compartments           []string
	// formers are what copies of a source that changed may still have for its reliability.
	formers []any
}

func newIndex() *index {
	return &index{places: newPlaces(), marks: map[int32]mark{}, contents: map[int32]uint64{}}
}

// of finds or adds an id.
func (x *index) of(id string) int32 {
	if at, ok := x.find(id); ok {
		return at
	}
	// A copy, so that the index does not hold on to the text of whole rows.
	x.entries = append(x.entries, known{id: strings.Clone(id), source: -1})
	x.places.add(x.entries)
	return int32(len(x.entries) - 1)
}

func (x *index) find(id string) (at int32, is bool) { return x.places.find(id, x.entries) }

// define notes the row that defines an id, and what it refers to.
func (x *index) define(id string, file, row, line int, r record, source int) {
	at := x.of(id)
	first := len(x.references)
	sourceAt := int32(-1)
	if source >= 0 {
		if s, ok := r.values[source].(string); ok {
			sourceAt = x.of(s)
			x.references = append(x.references, sourceAt)
		}
	}
	for _, l := range r.links {
		x.references = append(x.references, x.of(l.ID))
	}
	e := &x.entries[at]
	e.file, e.row, e.line, e.source, e.state, e.ensured = int32(file), int32(row), int32(line), sourceAt, pending, false
	e.first, e.count = uint32(first), uint32(len(x.references)-first)
}

// refuse notes the place of a rejected row whose id can be told, unless another row has the id.
func (x *index) refuse(id string, file, row, line int) {
	if e := &x.entries[x.of(id)]; e.row == 0 {
		e.file, e.row, e.line, e.state = int32(file), int32(row), int32(line), rejected
	}
}

func (x *index) refs(at int32) []int32 {
	e := x.entries[at]
	return x.references[e.first : e.first+e.count]
}

// unknown are the ids that rows refer to and none defines, or that are only ensured, from a place of the index on.
func (x *index) unknown(since int) []int32 {
	var list []int32
	for at := since; at < len(x.entries); at++ {
		if e := x.entries[at]; e.state == named || e.state == pending && e.ensured {
			list = append(list, int32(at))
		}
	}
	return list
}

// settle decides on every pending entry, each after all that it refers to. Those that are left refer to each other in a circle, or to
// such. Marks of sources come to include those of their own sources.
func (x *index) settle() {
	waiting := make([]int32, len(x.entries))
	first := make([]int32, len(x.entries)+1)
	for at := range x.entries {
		for _, to := range x.refs(int32(at)) {
			if x.entries[to].state == pending {
				waiting[at]++
				first[to+1]++
			}
		}
	}
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	back := make([]int32, first[len(first)-1])
	next := slices.Clone(first)
	for at := range x.entries {
		for _, to := range x.refs(int32(at)) {
			if x.entries[to].state == pending {
				back[next[to]] = int32(at)
				next[to]++
			}
		}
	}
	var queue []int32
	for at := range x.entries {
		if x.entries[at].state == pending && waiting[at] == 0 {
			queue = append(queue, int32(at))
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		x.decide(at)
		for _, by := range back[first[at]:first[at+1]] {
			if waiting[by]--; waiting[by] == 0 && x.entries[by].state == pending {
				queue = append(queue, by)
			}
		}
	}
	for at := range x.entries {
		if x.entries[at].state == pending {
			x.entries[at].state = circular
		}
	}
}

func (x *index) decide(at int32) {
	e := &x.entries[at]
	e.state = accepted
	for _, to := range x.refs(at) {
		switch target := &x.entries[to]; target.state {
		case accepted:
			e.depth = max(e.depth, target.depth+1)
		case stored:
		default:
			e.state = dangling
			return
		}
	}
	if e.depth > maxDepth {
		e.state = deep
		return
	}
	if m, isSource := x.marks[at]; isSource && e.source >= 0 {
		x.marks[at] = m.under(x.marks[e.source])
	}
}

// under raises a mark to at least that of the source above.
func (m mark) under(above mark) mark {
	m.tlp = max(m.tlp, above.tlp)
	m.compartments = union(m.compartments, above.compartments)
	return m
}

func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// ready says that all an entry refers to is in the store or on its way there.
func (x *index) ready(at int32) bool {
	for _, to := range x.refs(at) {
		if s := x.entries[to].state; s != written && s != stored {
			return false
		}
	}
	return true
}

// forget gives up what only nodes need: as much as the ids of claims take afterwards.
func (x *index) forget() { x.contents, x.references = nil, nil }

// circle prints where the references of a circular entry lead.
func (x *index) circle(at int32) string {
	const most = 6
	path := []string{x.entries[at].id}
	for len(path) <= most {
		next := int32(-1)
		for _, to := range x.refs(at) {
			if x.entries[to].state == circular {
				next = to
				break
			}
		}
		if next < 0 {
			break
		}
		id := x.entries[next].id
		seen := slices.Contains(path, id)
		path = append(path, id)
		if seen {
			return strings.Join(path, " → ")
		}
		at = next
	}
	return strings.Join(append(path, "…"), " → ")
}

// refusal explains why a reference to an entry cannot stand, or returns nil.
func (x *index) refusal(at int32, files []*file) *fault {
	e := x.entries[at]
	switch e.state {
	case stored, accepted, written:
		return nil
	case named, missing:
		return &fault{reason: fmt.Sprintf("%.80q is neither in this data set nor in the store", e.id), fix: "add it, or correct the id"}
	default:
		return &fault{reason: fmt.Sprintf("%.80q is itself rejected (%s)", e.id, position(files[e.file].name, int(e.line), 0)), fix: "correct that row first"}
	}
}

// inherit fills in what the record takes over from its source: marks rise to those of the source, and reliability and date are the
// source's where the record gives none.
func (s *shape) inherit(values []any, above mark, hasSource bool, retrieved any) {
	if hasSource {
		own, _ := values[s.tlp].(int64)
		held, _ := values[s.compartments].([]string)
		m := mark{tlp: own, compartments: held}.under(above)
		values[s.tlp], values[s.compartments] = m.tlp, m.compartments
		if s.reliability >= 0 && s.kind.Statement && values[s.reliability] == nil {
			values[s.reliability] = above.reliability
		}
	}
	if values[s.recordedAt] != nil {
		return
	}
	published := above.published
	if s.published >= 0 {
		published = values[s.published]
	}
	if key, ok := published.(int64); ok {
		values[s.recordedAt] = ontology.DateOf(key).UpperKey()
		return
	}
	values[s.recordedAt] = retrieved
}

// markOf is what records take over from this one, which is a source.
func (s *shape) markOf(values []any) mark {
	m := mark{}
	m.tlp, _ = values[s.tlp].(int64)
	m.compartments, _ = values[s.compartments].([]string)
	if s.reliability >= 0 {
		m.reliability = values[s.reliability]
	}
	if s.published >= 0 {
		m.published = values[s.published]
	}
	return m
}
