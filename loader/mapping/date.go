package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
)

// dateFormat reads dates that are written in one way. What it does not say is not known of the date: MM/YYYY gives a month.
type dateFormat struct {
	// layout is that of package time; empty for the numbers of days that spreadsheets count.
	layout    string
	precision ontology.Precision
}

// serial is the format of dates that a spreadsheet has turned into numbers.
const serial = "serial"

// dateParts are the parts of a format, longer ones before those that they begin with.
var dateParts = []struct{ written, layout string }{
	{"YYYY", "2006"}, {"YY", "06"}, {"MMMM", "January"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"}, {"DD", "02"}, {"D", "2"},
	{"hh", "15"}, {"mm", "04"}, {"ss", "05"}, {"zz", "Z07:00"},
}

const datePartNames = "YYYY, YY, MMMM (June), MMM (Jun), MM, M, DD, D, hh, mm, ss, zz (+02:00), or serial for a spreadsheet's day numbers"

// readDateFormat reads a format as mappings write it: DD.MM.YYYY.
func readDateFormat(text string) (dateFormat, error) {
	if text == serial {
		return dateFormat{precision: ontology.Day}, nil
	}
	f := dateFormat{precision: ontology.Year}
	var layout strings.Builder
	year := false
	for rest := text; rest != ""; {
		part := ""
		for _, p := range dateParts {
			if strings.HasPrefix(rest, p.written) {
				part = p.written
				layout.WriteString(p.layout)
				break
			}
		}
		switch {
		case part == "":
			if c := rest[0]; c >= '0' && c <= '9' || c == '_' {
				return f, fmt.Errorf("%.40q is no format of dates: write %s", text, datePartNames)
			}
			layout.WriteByte(rest[0])
			rest = rest[1:]
			continue
		case part[0] == 'Y':
			year = true
		case part[0] == 'M' && f.precision == ontology.Year:
			f.precision = ontology.Month
		case part[0] == 'D':
			f.precision = ontology.Day
		}
		rest = rest[len(part):]
	}
	if !year {
		return f, fmt.Errorf("%.40q is no format of dates: it has no year; write %s", text, datePartNames)
	}
	f.layout = layout.String()
	return f, nil
}

// read reads a date as the ontology writes it.
func (f dateFormat) read(text string) (string, bool) {
	if f.layout == "" {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n > 60 && n < 2958466) {
			return "", false
		}
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format("2006-01-02"), true
	}
	t, err := time.Parse(f.layout, text)
	if err != nil {
		return "", false
	}
	switch f.precision {
	case ontology.Year:
		return t.Format("2006"), true
	case ontology.Month:
		return t.Format("2006-01"), true
	default:
		return t.Format("2006-01-02"), true
	}
}
