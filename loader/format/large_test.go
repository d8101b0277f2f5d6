package format_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crimegraph/crimegraph/loader/format"
)

// repeated is a text made as it is read: a beginning, one piece many times, an end.
type repeated struct {
	begin, piece, end string
	times             int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		switch {
		case r.begin != "":
			k := copy(p[n:], r.begin)
			r.begin, n = r.begin[k:], n+k
		case r.times > 0:
			r.begin = r.piece
			r.times--
		case r.end != "":
			r.begin, r.end = r.end, ""
		default:
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}
	}
	return n, nil
}

// packed is a zip of one file that is made as it is written.
func packed(t *testing.T, name string, r io.Reader, further ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	f, err := w.Create(name)
	if err == nil {
		_, err = io.Copy(f, r)
	}
	for i := 0; i < len(further) && err == nil; i += 2 {
		if f, err = w.Create(further[i]); err == nil {
			_, err = io.WriteString(f, further[i+1])
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// peak runs f and gives the most heap that was in use meanwhile, beyond what was before, in bytes.
func peak(f func()) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	<-sampled
	return most - before
}

// TestLargeFiles reads files that try to be too large for memory or for patience. Each has its verdict, and takes a bounded heap.
func TestLargeFiles(t *testing.T) {
	const mega = 1 << 20
	text := strings.Repeat("x", 1<<10)
	for _, c := range []struct {
		name, file string
		options    format.Options
		open       func() io.Reader
		// rows are how many can be read, faults how many cannot; want is part of the last fault.
		rows, faults int
		want         string
	}{
		{"a field of 100 MB in quotes", "a.csv", format.Options{}, func() io.Reader { return &repeated{"a,b\n1,\"", text, "\"\n3,4\n", 100 * 1024} }, 0, 1,
			"the row is longer than 1048576 bytes; reading stopped here"},
		{"a line of 100 MB", "a.csv", format.Options{}, func() io.Reader { return &repeated{"a,b\n1,", text, "\n3,4\n", 100 * 1024} }, 0, 1,
			"the row is longer than 1048576 bytes; reading stopped here"},
		{"a header of 100 MB", "a.csv", format.Options{}, func() io.Reader { return &repeated{"", "column,", "\n1,2\n", 15 * mega} }, 0, 1,
			"the row is longer than 1048576 bytes; reading stopped here"},
		{"a header of 100,000 columns", "a.csv", format.Options{}, func() io.Reader { return &repeated{"first", ",c", "\n1,2\n", 100_000} }, 0, 1,
			"the column \"c\" is there twice"},
		{"ten million empty lines", "a.csv", format.Options{}, func() io.Reader { return &repeated{"a,b\n", "\n", "1,2\n", 10 * mega} }, 0, 1,
			"the row is longer than 1048576 bytes; reading stopped here"},
		{"100,000 ragged rows", "a.csv", format.Options{}, func() io.Reader { return &repeated{"a,b\n", "1\n", "1,2\n", 100_000} }, 1, 100_000, "the row has 1 fields, the header 2"},
		{"a line of JSON of 100 MB", "a.jsonl", format.Options{}, func() io.Reader { return &repeated{"{\"a\": \"", text, "\"}\n{\"a\": 1}\n", 100 * 1024} }, 1, 1,
			"the line is longer than 1048576 bytes"},
		{"a JSON value of 100 MB", "a.json", format.Options{}, func() io.Reader { return &repeated{"[{\"a\": \"", text, "\"}, {\"a\": 1}]", 100 * 1024} }, 0, 1,
			"a value is longer than 1048576 bytes; reading stopped here"},
		{"an object of a million keys", "a.json", format.Options{}, func() io.Reader { return &repeated{"[{", "\"a\": 1, ", "\"b\": 2}]", mega} }, 0, 1,
			"a value is longer than 1048576 bytes; reading stopped here"},
		{"JSON nested a million times", "a.json", format.Options{}, func() io.Reader { return &repeated{"[{\"a\": ", "[", "", mega} }, 0, 1,
			"exceeded max depth"},
		{"JSON nested a million times on the way", "a.json", format.Options{Path: "x"}, func() io.Reader { return &repeated{"{\"n\": ", "[", "", mega} }, 0, 1,
			"the file ends within the document"},
		{"lines of JSON nested a million times", "a.jsonl", format.Options{}, func() io.Reader { return &repeated{"{\"a\": ", "[", "\n{\"a\": 1}\n", 900_000} }, 1, 1,
			"exceeded max depth"},
		{"200,000 keys on the way", "a.json", format.Options{Path: "x"}, func() io.Reader { return &repeated{"{", "\"n\": 1, ", "\"x\": [{\"a\": 1}]}", 200_000} }, 1, 0, ""},
		{"a feature with a line of a million points", "a.geojson", format.Options{}, func() io.Reader {
			return &repeated{"{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"geometry\": {\"type\": \"LineString\", \"coordinates\": [", "[1, 1], ", "[1, 1]]}}]}", mega}
		}, 0, 1, "a value is longer than 1048576 bytes; reading stopped here"},
		{"a zip bomb", "a.zip", format.Options{Delimiter: ",", Encoding: "utf-8"}, func() io.Reader {
			return bytes.NewReader(packed(t, "a.csv", &repeated{"a,b\n", "1," + text + "\n", "", 80 * 1024}))
		}, -1, 1, "packed size"},
		{"a bomb of shared texts", "a.xlsx", format.Options{}, func() io.Reader {
			return bytes.NewReader(packed(t, "xl/sharedStrings.xml", &repeated{"<sst>", "<si><t>" + text + "</t></si>", "</sst>", 80 * 1024},
				"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" r:id="r1"/></sheets></workbook>`,
				"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
				"xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+head+`</sheetData></worksheet>`))
		}, -1, 1, ""},
		{"a cell of 100 MB", "a.xlsx", format.Options{}, func() io.Reader {
			return bytes.NewReader(packed(t, "xl/worksheets/sheet1.xml", &repeated{`<worksheet><sheetData><row><c t="str"><v>`, text, `</v></c></row></sheetData></worksheet>`, 100 * 1024},
				"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" r:id="r1"/></sheets></workbook>`,
				"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`))
		}, -1, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := c.open()
			rows, faults, last := 0, 0, ""
			heap := peak(func() {
				r, _, err := format.Open(c.file, file, c.options)
				for err == nil {
					if _, err = r.Read(); err == nil {
						rows++
					}
					var broken *format.RowError
					if errors.As(err, &broken) {
						faults, last = faults+1, broken.Reason
						if !broken.Final {
							err = nil
						}
					}
				}
				var broken *format.RowError
				if err != io.EOF && !errors.As(err, &broken) {
					t.Error(err)
				} else if errors.As(err, &broken) && faults == 0 {
					faults, last = 1, broken.Reason
				}
			})
			if c.rows >= 0 && rows != c.rows || faults != c.faults || !strings.Contains(last, c.want) || c.want == "" && c.faults > 0 && last == "" {
				t.Errorf("%d rows, %d faults, the last %q; want %d, %d, %q", rows, faults, last, c.rows, c.faults, c.want)
			}
			if heap > 96*mega {
				t.Errorf("%d MB of heap", heap>>20)
			}
		})
	}
}
