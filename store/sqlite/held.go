package sqlite

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/crimegraph/crimegraph/ontology"
)

// heldClaims holds rows of the edge table in compact form, some 100 bytes each, until they are sorted.
type heldClaims struct {
	claims []heldClaim
	blocks [][]byte
	row    []any
}

// heldClaim says where a row lies, and how it sorts: ends are the places of both ends, id the beginning of the claim's id.
type heldClaim struct {
	block, at uint32
	relation  *ontology.Relation
	ends, id  uint64
}

// heldBlock is how much is allocated at once; a block never grows, so that no row is copied.
const heldBlock = 1 << 20

// The types of a cell.
const (
	heldNull byte = iota
	heldInteger
	heldFloating
	heldText
	heldBytes
)

// add takes over a row; its cells begin with relation, source, destination, id and set of loads.
func (h *heldClaims) add(cells []any) {
	size := 0
	for _, cell := range cells {
		size += 1 + binary.MaxVarintLen64
		switch v := cell.(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		}
	}
	last := len(h.blocks) - 1
	if last < 0 || cap(h.blocks[last])-len(h.blocks[last]) < size {
		h.blocks = append(h.blocks, make([]byte, 0, max(heldBlock, size)))
		last++
	}
	b := h.blocks[last]
	h.claims = append(h.claims, heldClaim{block: uint32(last), at: uint32(len(b))})
	for _, cell := range cells {
		switch v := cell.(type) {
		case int64:
			b = binary.AppendVarint(append(b, heldInteger), v)
		case float64:
			b = binary.LittleEndian.AppendUint64(append(b, heldFloating), math.Float64bits(v))
		case string:
			b = append(binary.AppendUvarint(append(b, heldText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, heldBytes), uint64(len(v))), v...)
		default:
			b = append(b, heldNull)
		}
	}
	h.blocks[last] = b
}

// sorted gives the rows between visible nodes by relation, ends and id, those of symmetric relations once.
func (h *heldClaims) sorted(relations map[int64]*ontology.Relation, known *knownNodes) []heldClaim {
	out := h.claims[:0]
	for _, c := range h.claims {
		cells := h.cells(c, 4)
		from, to := known.at(cells[1].(int64)).place, known.at(cells[2].(int64)).place
		c.relation = relations[cells[0].(int64)]
		if c.relation == nil || from < 0 || to < 0 || c.relation.Symmetric && from > to {
			continue
		}
		c.ends, c.id = uint64(from)<<32|uint64(to), binary.BigEndian.Uint64(cells[3].([]byte))
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b heldClaim) int {
		if a.relation != b.relation {
			return strings.Compare(a.relation.Name, b.relation.Name)
		}
		if order := cmp.Or(cmp.Compare(a.ends, b.ends), cmp.Compare(a.id, b.id)); order != 0 {
			return order
		}
		id := h.cells(a, 4)[3].([]byte)
		return bytes.Compare(id, h.cells(b, 4)[3].([]byte))
	})
	return out
}

// cells gives the first cells of a row, valid until the next call. Their text lies in the block, which is not written again.
func (h *heldClaims) cells(c heldClaim, columns int) []any {
	if len(h.row) < columns {
		h.row = make([]any, columns)
	}
	b := h.blocks[c.block][c.at:]
	for i := range columns {
		typ := b[0]
		b = b[1:]
		switch typ {
		case heldNull:
			h.row[i] = nil
		case heldInteger:
			v, n := binary.Varint(b)
			h.row[i], b = v, b[n:]
		case heldFloating:
			h.row[i], b = math.Float64frombits(binary.LittleEndian.Uint64(b)), b[8:]
		default:
			size, n := binary.Uvarint(b)
			value := b[n : n+int(size)]
			b = b[n+int(size):]
			if typ == heldText {
				h.row[i] = unsafe.String(unsafe.SliceData(value), len(value))
			} else {
				h.row[i] = value
			}
		}
	}
	return h.row[:columns]
}
