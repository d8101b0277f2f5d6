package encoder

import (
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// sealed makes a cursor whose checksum is right, whatever it holds.
func sealed(s Seal, content string) string {
	return base64.RawURLEncoding.EncodeToString(append(s.checksum([]byte(content)), content...))
}

func TestCursorsComeBackAsTheyWere(t *testing.T) {
	s := NewSeal("question")
	for _, keys := range [][]any{
		{}, {nil}, {"group/a"}, {nil, "group/a"}, {int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64)}, {int64(1<<53 + 1)},
		{0.0, 1.0, -5.0, 0.1, 1e21, 1e300, 5e-324, 25000.0}, {"", "\x00\n\"\\", "<&>", "\u2028 🕸 𝒜", "null", "5", "[]"},
	} {
		var values []store.Value
		want := []plan.Key{}
		for _, k := range keys {
			values, want = append(values, store.Of(k)), append(want, k)
		}
		got, err := s.Keys(s.Cursor(values))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%#v came back as %#v, %v", keys, got, err)
		}
		if _, err := NewSeal("another").Keys(s.Cursor(values)); !errors.Is(err, ErrCursor) {
			t.Errorf("%#v under another seal: %v", keys, err)
		}
	}
}

// The checksum is no secret, so what it covers is not trusted either.
func TestForgedCursors(t *testing.T) {
	s := NewSeal("question")
	for _, content := range []string{
		``, `{}`, `"a"`, `5`, `[true]`, `[[]]`, `[["a"]]`, `[{}]`, `[1e999]`, `[-1e999]`, `["a"`, `["a"]["b"]`, `["a"] 5`, `[01]`, `[nul]`,
	} {
		if keys, err := s.Keys(sealed(s, content)); !errors.Is(err, ErrCursor) {
			t.Errorf("%s was taken as %#v, %v", content, keys, err)
		}
	}
	if keys, err := s.Keys(sealed(s, `[null,"a",5,5e0]`)); err != nil || !reflect.DeepEqual(keys, []plan.Key{nil, "a", int64(5), 5.0}) {
		t.Errorf("%#v, %v", keys, err)
	}
}

func FuzzCursor(f *testing.F) {
	s := NewSeal("question")
	f.Add("", "a", int64(5), 0.1)
	f.Add(s.Cursor([]store.Value{store.Of("a")}), "", int64(-1), math.Copysign(0, -1))
	f.Add(`[1e5,"\ud800",{}]`, "\u2028", int64(math.MaxInt64), 1e300)
	f.Fuzz(func(t *testing.T, cursor, text string, n int64, x float64) {
		for _, c := range []string{cursor, sealed(s, cursor)} {
			keys, err := s.Keys(c)
			if err != nil && !errors.Is(err, ErrCursor) {
				t.Errorf("%q: %v", c, err)
			}
			for _, k := range keys {
				switch k.(type) {
				case nil, int64, float64, string:
				default:
					t.Errorf("%q holds %#v", c, k)
				}
			}
		}
		if !utf8.ValidString(text) || math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		want := []plan.Key{text, n, nil, x}
		got, err := s.Keys(s.Cursor([]store.Value{store.Of(text), store.Of(n), {}, store.Of(x)}))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%#v came back as %#v, %v", want, got, err)
		}
	})
}
