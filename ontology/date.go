package ontology

import (
	"fmt"
	"strconv"
	"time"
)

// Date is a partial date: a day, a month or a year, that is, an interval of days.
//
// Stores keep a date as one integer, its key: three times the number of a day since 1970-01-01, plus the precision. Keys
// keep the order of days, and the precision, so that `2023-11` comes back as `2023-11`. A property holds the key of the
// first day of the interval, or of the last one where the property is an end (see Property.Upper).
type Date struct {
	// First and Last are the days of the interval, counted from 1970-01-01.
	First, Last int64
	Precision   Precision
}

// Precision says how much of a date is known.
type Precision int64

// The precisions.
const (
	Day Precision = iota
	Month
	Year
)

// ParseDate reads YYYY-MM-DD, YYYY-MM or YYYY, years 0001 to 9999.
func ParseDate(text string) (Date, error) {
	var layout string
	var precision Precision
	switch len(text) {
	case 10:
		layout, precision = "2006-01-02", Day
	case 7:
		layout, precision = "2006-01", Month
	case 4:
		layout, precision = "2006", Year
	default:
		return Date{}, fmt.Errorf("%.40q is no date: write YYYY-MM-DD, YYYY-MM or YYYY", text)
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%.40q is no date: write YYYY-MM-DD, YYYY-MM or YYYY", text)
	}
	last := t
	switch precision {
	case Month:
		last = t.AddDate(0, 1, -1)
	case Year:
		last = t.AddDate(1, 0, -1)
	}
	return Date{First: dayNumber(t), Last: dayNumber(last), Precision: precision}, nil
}

const secondsPerDay = 24 * 60 * 60

func dayNumber(t time.Time) int64 {
	s := t.Unix()
	if s < 0 {
		return (s - secondsPerDay + 1) / secondsPerDay
	}
	return s / secondsPerDay
}

// LowerKey is the key of the interval's first day; no date that begins on that day has a smaller one with this precision.
func (d Date) LowerKey() int64 { return d.First*3 + int64(d.Precision) }

// UpperKey is the key of the interval's last day.
func (d Date) UpperKey() int64 { return d.Last*3 + int64(d.Precision) }

// Floor is the smallest key any date that touches the interval's first day can have, Ceiling the largest one for its last day.
func (d Date) Floor() int64   { return d.First * 3 }
func (d Date) Ceiling() int64 { return d.Last*3 + 2 }

// KeyDay returns the day number of a key.
func KeyDay(key int64) int64 {
	if key < 0 {
		return (key - 2) / 3
	}
	return key / 3
}

// DateOf is the date whose key is given; keys come from dates, so that reading it back cannot fail.
func DateOf(key int64) Date {
	d, _ := ParseDate(string(AppendDate(nil, key)))
	return d
}

// AppendDate appends the text of a key to b: `2023-11` for any key of that month.
func AppendDate(b []byte, key int64) []byte {
	day := KeyDay(key)
	t := time.Unix(day*secondsPerDay, 0).UTC()
	year, month, dom := t.Date()
	b = appendPadded(b, int64(year), 4)
	precision := Precision(key - day*3)
	if precision == Year {
		return b
	}
	b = append(b, '-')
	b = appendPadded(b, int64(month), 2)
	if precision == Month {
		return b
	}
	b = append(b, '-')
	return appendPadded(b, int64(dom), 2)
}

func appendPadded(b []byte, n int64, width int) []byte {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits); i < width; i++ {
		b = append(b, '0')
	}
	return append(b, digits...)
}
