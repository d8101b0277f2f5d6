package store

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math"
	"slices"
	"strconv"

	"github.com/crimegraph/crimegraph/ontology"
)

// ClaimID derives the id of a claim from all that it states: relation, ends and values, but for the id itself and for
// what is copied from the source (reliability, marks) or tells of the record (recordedAt, retractedAt). Two sources
// that say the same make two claims, one source that says the same twice makes one.
// values stand in the order of the claim type's properties. The id is 32 hexadecimal digits of a SHA-256.
func ClaimID(claim *ontology.Kind, relation *ontology.Relation, from, to string, values []any) string {
	h := sha256.New()
	writeText(h, relation.Name)
	writeText(h, from)
	writeText(h, to)
	for i, p := range claim.Properties {
		if i == 0 || derived[p.Name] || values[i] == nil {
			continue
		}
		writeText(h, p.Name)
		writeValue(h, values[i])
	}
	sum := h.Sum(nil)
	return hex.EncodeToString(sum[:16])
}

// Derived are the properties of a claim that are not part of its id: copied from the source, or told of the record. Where two claims
// have one id, only these can differ.
func Derived(claim *ontology.Kind) []*ontology.Property {
	return slices.DeleteFunc(slices.Clone(claim.Properties), func(p *ontology.Property) bool { return !derived[p.Name] })
}

// DatesOf picks the dates of record among held values of derived properties.
func DatesOf(derived []*ontology.Property, held []any) (recorded, retracted any) {
	for i, p := range derived {
		switch p.Name {
		case "recordedAt":
			recorded = held[i]
		case "retractedAt":
			retracted = held[i]
		}
	}
	return recorded, retracted
}

var derived = map[string]bool{
	"reliability": true, "tlp": true, "compartments": true, "recordedAt": true, "retractedAt": true,
}

// ContentHash derives 16 bytes from all values and links of a node, to tell an unchanged record.
func ContentHash(n Node) []byte {
	h := sha256.New()
	writeText(h, n.Kind.Name)
	for i, p := range n.Kind.Properties {
		if n.Values[i] == nil {
			continue
		}
		writeText(h, p.Name)
		writeValue(h, n.Values[i])
	}
	for _, l := range n.Links {
		writeText(h, l.Link.Name)
		writeText(h, l.ID)
	}
	return h.Sum(nil)[:16]
}

// writeText writes a length before the text, so that neighbouring texts cannot run into each other.
func writeText(h hash.Hash, s string) {
	var length [20]byte
	h.Write(append(strconv.AppendInt(length[:0], int64(len(s)), 10), ':'))
	h.Write([]byte(s))
}

func writeValue(h hash.Hash, v any) {
	switch v := v.(type) {
	case string:
		writeText(h, "s"+v)
	case int64:
		writeText(h, "i"+strconv.FormatInt(v, 10))
	case float64:
		writeText(h, "f"+strconv.FormatUint(math.Float64bits(v), 16))
	case []string:
		writeText(h, "l"+strconv.Itoa(len(v)))
		for _, s := range v {
			writeText(h, s)
		}
	}
}
