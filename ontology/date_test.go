package ontology_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crimegraph/crimegraph/ontology"
)

func TestDates(t *testing.T) {
	for _, c := range []struct {
		text        string
		first, last string
	}{
		{"2023-11-05", "2023-11-05", "2023-11-05"},
		{"2023-11", "2023-11-01", "2023-11-30"},
		{"2024-02", "2024-02-01", "2024-02-29"},
		{"2023", "2023-01-01", "2023-12-31"},
		{"1969-12-31", "1969-12-31", "1969-12-31"},
		{"1900-02", "1900-02-01", "1900-02-28"},
		{"0001", "0001-01-01", "0001-12-31"},
		{"9999", "9999-01-01", "9999-12-31"},
	} {
		d, err := ontology.ParseDate(c.text)
		if err != nil {
			t.Fatal(err)
		}
		day := func(n int64) string { return time.Unix(n*86400, 0).UTC().Format(time.DateOnly) }
		if day(d.First) != c.first || day(d.Last) != c.last {
			t.Errorf("%s is %s to %s", c.text, day(d.First), day(d.Last))
		}
		for _, key := range []int64{d.LowerKey(), d.UpperKey()} {
			if back := string(ontology.AppendDate(nil, key)); back != c.text {
				t.Errorf("key %d of %s reads %s", key, c.text, back)
			}
		}
	}
	for _, bad := range []string{"", "23", "2023-13", "2023-02-29", "2023-1-1", "20231105", "0000", "2023-11-05T00:00:00Z", "２０２３", "-001", "2023-00"} {
		if d, err := ontology.ParseDate(bad); err == nil {
			t.Errorf("%q is %+v", bad, d)
		}
	}
}

// TestDateKeysKeepOrder compares keys with the days they stand for.
func TestDateKeysKeepOrder(t *testing.T) {
	days := rapid.Int64Range(-719162, 2932896)
	text := rapid.Custom(func(t *rapid.T) string {
		s := time.Unix(days.Draw(t, "day")*86400, 0).UTC().Format(time.DateOnly)
		return s[:rapid.SampledFrom([]int{4, 7, 10}).Draw(t, "precision")]
	})
	rapid.Check(t, func(t *rapid.T) {
		a, errA := ontology.ParseDate(text.Draw(t, "a"))
		b, errB := ontology.ParseDate(text.Draw(t, "b"))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if (a.First < b.First) != (ontology.KeyDay(a.LowerKey()) < ontology.KeyDay(b.LowerKey())) {
			t.Fatal("lower keys do not keep the order of days")
		}
		if a.First < b.First && a.LowerKey() >= b.LowerKey() {
			t.Fatal("an earlier day has no smaller key")
		}
		if a.Floor() > a.LowerKey() || a.UpperKey() > a.Ceiling() || a.LowerKey() > a.UpperKey() {
			t.Fatal("floor, keys and ceiling are out of order")
		}
		if overlap := a.First <= b.Last && b.First <= a.Last; overlap != (a.LowerKey() <= b.Ceiling() && a.UpperKey() >= b.Floor()) {
			t.Fatal("keys disagree with days about what overlaps")
		}
	})
}
