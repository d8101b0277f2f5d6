package encoder

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/crimegraph/crimegraph"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

var texts = []string{
	"", "plain", `"quotes" and \backslashes\`, "\x00\x01\b\t\n\v\f\r\x1b\x1f\x7f", "a\u2028b\u2029c", "<script>&amp;</script>", "emoji 🕸️ and 𝒜",
	"é e\u0301", "bad \xff bytes \xc3", "\xed\xa0\x80", "half \xf0\x9f\x95", "\ufeff\ufffd", "кокаин 可卡因", "'; DROP TABLE node; --", "\x80",
}

// Text is written as encoding/json writes it, byte for byte, and reads as what gqlgen's own rules would write.
func checkText(t *testing.T, s string) {
	t.Helper()
	got := appendText(nil, s)
	want, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%q is written %s, not %s", s, got, want)
	}
	if !utf8.ValidString(s) {
		return // gqlgen writes such bytes as they are, and the answer is then no JSON
	}
	var stock bytes.Buffer
	graphql.MarshalString(s).MarshalGQL(&stock)
	var ours, theirs string
	if err := json.Unmarshal(got, &ours); err != nil || json.Unmarshal(stock.Bytes(), &theirs) != nil || ours != s || theirs != s {
		t.Errorf("%q reads %q (%v), by gqlgen %q", s, ours, err, theirs)
	}
}

func TestText(t *testing.T) {
	for _, s := range texts {
		checkText(t, s)
		checkText(t, "before "+s+" behind")
	}
	for r := rune(0); r < 0x3000; r++ {
		checkText(t, string(r))
	}
}

func FuzzText(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(checkText)
}

var floats = []float64{
	0, 1, -1, 0.30000000000000004, 0.1, 1e21, 1e20, 999999999999999900000, -1e21, 3e12, 5e4, 1e-6, 1e-7, 9.99e-7, -2.5e-10, 1e100, 1e-100, math.MaxFloat64,
	math.SmallestNonzeroFloat64, 123456789.12345679, 1 << 53, 1<<53 + 2, -0.25, 12.5,
}

// Numbers are written as encoding/json writes them, but for -0, and read as what gqlgen's own rules would write.
func checkFloat(t *testing.T, f float64) {
	t.Helper()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return // see TestFloatsThatAreNoNumbers
	}
	got := appendFloat(nil, f)
	want, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if f == 0 {
		want = []byte("0")
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%v is written %s, not %s", f, got, want)
	}
	var stock bytes.Buffer
	graphql.MarshalFloat(f).MarshalGQL(&stock)
	var ours, theirs float64
	if err := json.Unmarshal(got, &ours); err != nil || json.Unmarshal(stock.Bytes(), &theirs) != nil || ours != f || theirs != f {
		t.Errorf("%v reads %v (%v), by gqlgen %v", f, ours, err, theirs)
	}
}

func TestFloats(t *testing.T) {
	for _, f := range append(floats, math.Copysign(0, -1)) {
		checkFloat(t, f)
	}
	tenth, fifth := 0.1, 0.2
	for f, want := range map[float64]string{tenth + fifth: "0.30000000000000004", 1e21: "1e+21", 3e12: "3000000000000", 1e-7: "1e-7", 50000: "50000", -0.25: "-0.25"} {
		if got := string(appendFloat([]byte("x"), f)); got != "x"+want {
			t.Errorf("%v is written %s", f, got)
		}
	}
}

// TestFloatsThatAreNoNumbers are refused, with their value, rather than written as what is no JSON.
func TestFloatsThatAreNoNumbers(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		func() {
			defer func() {
				if err, is := recover().(error); !is || !strings.Contains(err.Error(), "is no number that an answer can hold") {
					t.Errorf("%v: %v", f, err)
				}
			}()
			t.Errorf("%v is written %s", f, appendFloat(nil, f))
		}()
	}
}

func FuzzFloat(f *testing.F) {
	for _, n := range floats {
		f.Add(n)
	}
	f.Fuzz(checkFloat)
}

func load(t testing.TB) *ontology.Model {
	t.Helper()
	m, err := ontology.Load(crimegraph.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every stored value of a property becomes what the schema says.
func TestProperties(t *testing.T) {
	m := load(t)
	for _, c := range []struct{ kind, property, text, want string }{
		{"Group", "founded", "2023-11", `"2023-11"`},
		{"Group", "founded", "2023", `"2023"`},
		{"Group", "founded", "2024-02-29", `"2024-02-29"`},
		{"Group", "founded", "1969-12-31", `"1969-12-31"`},
		{"Group", "founded", "1969-12", `"1969-12"`},
		{"Group", "founded", "1968", `"1968"`},
		{"Group", "founded", "1600-02", `"1600-02"`},
		{"Group", "founded", "0001", `"0001"`},
		{"Group", "founded", "9999-12-31", `"9999-12-31"`},
		{"Claim", "validTo", "2023-02", `"2023-02"`},
		{"Claim", "validTo", "2024", `"2024"`},
		{"Claim", "validTo", "1815-06-18", `"1815-06-18"`},
		{"Claim", "validTo", "1959", `"1959"`},
		{"Group", "founded", "", `null`},
		{"Group", "actorType", "mafia-style", `"MAFIA_STYLE"`},
		{"Claim", "tlp", "AMBER_STRICT", `"AMBER_STRICT"`},
		{"Claim", "reliability", "F", `"F"`},
		{"Claim", "credibility", "6", `6`},
		{"Claim", "confidence", "", `null`},
		{"Claim", "low", "0.1", `0.1`},
		{"Claim", "low", "3e12", `3000000000000`},
		{"Claim", "high", "-5", `-5`},
		{"Claim", "role", "", `null`},
		{"Claim", "role", `"suspect"`, `"\"suspect\""`},
		{"Group", "aliases", "", `[]`},
		{"Group", "aliases", "a|b c", `["a","b c"]`},
		{"Place", "countryCode", "KH", `"KH"`},
	} {
		p := m.Kind(c.kind).Property(c.property)
		v, err := p.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendProperty(nil, p, store.Of(v))); got != c.want {
			t.Errorf("%s.%s %q is written %s, not %s", c.kind, c.property, c.text, got, c.want)
		}
	}
	if got := string(appendProperty(nil, m.Kind("Group").Property("aliases"), store.Value{})); got != "[]" {
		t.Errorf("a list that is null is written %s", got)
	}
}

// A record that is hidden is null wherever a selection reaches it, and takes nothing else with it.
func TestHiddenRecordsAreNull(t *testing.T) {
	m := load(t)
	id := m.Kind("Source").Property("id")
	source := &Object{Fields: []Field{{Key: `"id":`, Property: id}}}
	group := &Object{Fields: []Field{
		{Key: `"__typename":`, Constant: `"Group"`}, {Key: `"source":`, Object: source, At: 0}, {Key: `"id":`, Property: id, At: 1},
	}}
	hidden := store.Of([]store.Value{{}, store.Of("group/a")})
	if got := string(AppendObject(nil, group, hidden)); got != `{"__typename":"Group","source":null,"id":"group/a"}` {
		t.Error(got)
	}
	if got := string(AppendObject(nil, group, store.Value{})); got != `null` {
		t.Error(got)
	}
	any := &Object{Kinds: map[string][]Field{"Group": group.Fields}}
	if got := string(AppendObject(nil, any, store.Value{})); got != `null` {
		t.Error(got)
	}
	if got := string((&Answer{Tree: &Tree{}, Result: (*network.Neighbourhood)(nil)}).Append(nil)); got != `null` {
		t.Error(got)
	}
	if got := string(AppendConnection(nil, &Connection{}, store.Value{})); got != `null` {
		t.Error(got)
	}
}

// A page shows First rows; the one more that the store gave only tells that there is more.
func TestPageSize(t *testing.T) {
	m := load(t)
	id := m.Kind("Source").Property("id")
	row := func(s string) store.Value {
		return store.Of([]store.Value{store.Of([]store.Value{store.Of(s)}), {}, store.Of([]store.Value{store.Of(s)})})
	}
	object := &Object{Fields: []Field{{Key: `"id":`, Property: id}}}
	c := &Connection{First: 2, Parts: []Part{
		{Key: `"nodes":`, Nodes: object}, {Key: `"totalCount":`, Total: true}, {Key: `"pageInfo":`, PageInfo: []InfoPart{{`"a":`, "hasNextPage"}, {`"b":`, "hasPreviousPage"}}},
	}}
	for rows, want := range map[int]string{
		0: `{"nodes":[],"totalCount":7,"pageInfo":{"a":false,"b":false}}`,
		1: `{"nodes":[{"id":"x"}],"totalCount":7,"pageInfo":{"a":false,"b":false}}`,
		2: `{"nodes":[{"id":"x"},{"id":"x"}],"totalCount":7,"pageInfo":{"a":false,"b":false}}`,
		3: `{"nodes":[{"id":"x"},{"id":"x"}],"totalCount":7,"pageInfo":{"a":true,"b":false}}`,
	} {
		var list []store.Value
		for range rows {
			list = append(list, row("x"))
		}
		if got := string(AppendConnection(nil, c, store.Of([]store.Value{store.Of(int64(7)), store.Of(list)}))); got != want {
			t.Errorf("%d rows: %s", rows, got)
		}
	}
}
