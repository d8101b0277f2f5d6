package encoder

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Seal identifies the question that a cursor continues: its field, filters, order and lens. A cursor carries the keys of its row
// and a checksum over seal and keys, so that one that was changed, or belongs to another question, is refused. It is no secret:
// a cursor gives no more than a filter does.
type Seal [sha256.Size]byte

// NewSeal makes the seal of a question from its canonical text.
func NewSeal(question string) Seal { return sha256.Sum256([]byte(question)) }

// ErrCursor says that a text is no cursor of this question.
var ErrCursor = errors.New("the cursor is damaged or belongs to another query; use one that this query gave, with the same where, orderBy and lens")

const checksumSize = 9

// Cursor makes the opaque text for a row's keys.
func (s Seal) Cursor(keys []store.Value) string {
	encoded := []byte{'['}
	for i, k := range keys {
		if i > 0 {
			encoded = append(encoded, ',')
		}
		switch k.Type {
		case store.Integer:
			encoded = strconv.AppendInt(encoded, k.Int, 10)
		case store.Floating:
			// The point tells a float from an integer when it is read again.
			encoded = strconv.AppendFloat(encoded, k.Float, 'e', -1, 64)
		case store.Text:
			encoded = appendText(encoded, k.Text)
		default:
			encoded = append(encoded, "null"...)
		}
	}
	encoded = append(encoded, ']')
	return base64.RawURLEncoding.EncodeToString(append(s.checksum(encoded), encoded...))
}

// Keys reads a cursor back. The error is ErrCursor.
func (s Seal) Keys(cursor string) ([]plan.Key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < checksumSize || subtle.ConstantTimeCompare(raw[:checksumSize], s.checksum(raw[checksumSize:])) != 1 {
		return nil, ErrCursor
	}
	decoder := json.NewDecoder(bytes.NewReader(raw[checksumSize:]))
	decoder.UseNumber()
	var values []any
	if err := decoder.Decode(&values); err != nil || decoder.More() {
		return nil, ErrCursor
	}
	keys := make([]plan.Key, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil, string:
			keys[i] = v
		case json.Number:
			if whole, err := v.Int64(); err == nil {
				keys[i] = whole
			} else if f, err := v.Float64(); err == nil && !math.IsInf(f, 0) {
				keys[i] = f
			} else {
				return nil, ErrCursor
			}
		default:
			return nil, ErrCursor
		}
	}
	return keys, nil
}

func (s Seal) checksum(keys []byte) []byte {
	sum := sha256.Sum256(append(s[:len(s):len(s)], keys...))
	return sum[:checksumSize]
}
