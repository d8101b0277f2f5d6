package format_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/crimegraph/crimegraph/loader/format"
)

// bound is more than any input can give: readers that never end fail.
const bound = 1 << 20

// read prints all rows of a file, and why others cannot be read.
func read(name string, data []byte, o format.Options) string {
	var b strings.Builder
	r, _, err := format.Open(name, bytes.NewReader(data), o)
	for n := 0; err == nil && n < bound; n++ {
		var row format.Row
		row, err = r.Read()
		var broken *format.RowError
		switch {
		case err == io.EOF:
			return b.String()
		case errors.As(err, &broken) && !broken.Final:
			fmt.Fprintf(&b, "%d:%d %s\n", broken.Line, broken.Column, broken.Reason)
			err = nil
		case err == nil:
			fmt.Fprintf(&b, "%d", row.Line)
			for _, f := range row.Fields {
				fmt.Fprintf(&b, " %s=%q", f.Name, f.Text)
			}
			b.WriteByte('\n')
		}
	}
	var broken *format.RowError
	if errors.As(err, &broken) {
		fmt.Fprintf(&b, "%d:%d %s (final)\n", broken.Line, broken.Column, broken.Reason)
	} else {
		fmt.Fprintf(&b, "error %v\n", err)
	}
	return b.String()
}

func gzipped(data string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(data)) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func zipped(parts ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		f, err := w.Create(parts[i])
		if err == nil {
			_, _ = f.Write([]byte(parts[i+1]))
		}
	}
	_ = w.Close()
	return b.Bytes()
}

// workbook is one with a sheet of these rows, two date styles, and two shared texts.
func workbook(rows string) []byte {
	return zipped(
		"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml", `<sst><si><t>name</t></si><si><r><t>Caf</t></r><r><t>é</t></r></si></sst>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
}

const head = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>when</t></is></c></row>`

func wide(text string, big bool) []byte {
	b := []byte("\xff\xfe")
	if big {
		b = []byte("\xfe\xff")
	}
	for _, r := range text {
		if big {
			b = append(b, byte(r>>8), byte(r))
		} else {
			b = append(b, byte(r), byte(r>>8))
		}
	}
	return b
}

// numbered is a line many times, behind its number.
func numbered(line string, from, times int) string {
	var b strings.Builder
	for n := range times {
		fmt.Fprint(&b, from+n, line)
	}
	return b.String()
}

var files = []struct {
	name, file string
	options    format.Options
	data       []byte
	want       string
}{
	{"comma", "a.csv", format.Options{}, []byte("a,b\r\n1,\"x, \"\"y\"\"\"\r\n"), "2 a=\"1\" b=\"x, \\\"y\\\"\"\n"},
	{"semicolon found", "a.csv", format.Options{}, []byte("a;b\n1,5;2\n"), "2 a=\"1,5\" b=\"2\"\n"},
	{"tab found", "a.txt", format.Options{}, []byte("a\tb\n1\t2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"pipe found", "a.csv", format.Options{}, []byte("a|b\n1|2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"tsv", "a.tsv", format.Options{}, []byte("a\tb\n1,2\t3\n"), "2 a=\"1,2\" b=\"3\"\n"},
	{"own delimiter", "a.csv", format.Options{Delimiter: "~"}, []byte("a~b\n1~2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"own quote", "a.csv", format.Options{Quote: "'"}, []byte("a,b\n'1,2','it''s \"q\"'\n"), "2 a=\"1,2\" b=\"it's \\\"q\\\"\"\n"},
	{"no quote", "a.csv", format.Options{Quote: "none"}, []byte("a,b\n\"1,2\"\n"), "2 a=\"\\\"1\" b=\"2\\\"\"\n"},
	{"own header", "a.csv", format.Options{Header: []string{"x", "y"}}, []byte("1,2\n"), "1 x=\"1\" y=\"2\"\n"},
	{"end of file of old", "a.csv", format.Options{}, []byte("a,b\n1,2\n\x1a"), "2 a=\"1\" b=\"2\"\n"},
	{"byte order mark", "a.csv", format.Options{}, []byte("\xef\xbb\xbfa,b\n1,2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"utf-16le", "a.csv", format.Options{}, wide("a,b\n1,Ж\n", false), "2 a=\"1\" b=\"Ж\"\n"},
	{"utf-16be", "a.csv", format.Options{}, wide("a,b\n1,Ж\n", true), "2 a=\"1\" b=\"Ж\"\n"},
	{"utf-16le without mark", "a.csv", format.Options{}, wide("a,b\n1,x\n", false)[2:], "2 a=\"1\" b=\"x\"\n"},
	{"windows-1252", "a.csv", format.Options{}, []byte("a,b\n1,Caf\xe9\n"), "2 a=\"1\" b=\"Café\"\n"},
	{"windows-1251", "a.csv", format.Options{}, []byte("a,b\n1,\xcc\xee\xf1\xea\xe2\xe0\n"), "2 a=\"1\" b=\"Москва\"\n"},
	{"encoding against mark", "a.csv", format.Options{Encoding: "utf-8"}, wide("a\n", true), "1:1 the file is UTF-16BE by its byte order mark, not UTF-8 (final)\n"},
	{"empty", "a.csv", format.Options{}, nil, "1:1 the file is empty (final)\n"},
	{"column twice", "a.csv", format.Options{}, []byte("a,b,a\n"), "1:5 the column \"a\" is there twice (final)\n"},
	{"ragged", "a.csv", format.Options{}, []byte("a,b\n1\n1,2,3\n1,2\n"), "2:1 the row has 1 fields, the header 2\n3:1 the row has 3 fields, the header 2\n4 a=\"1\" b=\"2\"\n"},
	{"stray quote", "a.csv", format.Options{}, []byte("a,b\n1,x\"y\n3,4\n"), "2:4 a quote is left open or stands within a field\n3 a=\"3\" b=\"4\"\n"},
	{"open quote", "a.csv", format.Options{}, []byte("a,b\n1,\"x\n3,4\n"), "2:1 a quote is left open or stands within a field (seen at line 3); reading stopped here (final)\n"},
	{"quote opened after a stray one", "a.csv", format.Options{}, []byte("a,b\n\n1x\"y,\"text\n3,Not a row\nmore\",4\n"),
		"3:3 a quote is left open or stands within a field (open at the end of the line); reading stopped here (final)\n"},
	{"quote closed after a stray one", "a.csv", format.Options{}, []byte("a,b\n1x\"y,\"te,\"\"xt\"\n3,4\n"), "2:3 a quote is left open or stands within a field\n3 a=\"3\" b=\"4\"\n"},
	{"quote opened after a closed one", "a.csv", format.Options{Delimiter: ";"}, []byte("a;b\n\"1\"x;\"te;xt\n3;Not a row\n\";4\n"),
		"2:3 a quote is left open or stands within a field (open at the end of the line); reading stopped here (final)\n"},
	{"other quote opened after a stray one", "a.csv", format.Options{Quote: "'"}, []byte("a,b\n1x'y,'text\n3,Not a row\n',4\n"),
		"2:3 a quote is left open or stands within a field (open at the end of the line); reading stopped here (final)\n"},
	{"quotes of many rows", "a.csv", format.Options{}, []byte("a,b\n" + strings.Repeat("1,\"2\"\n", 2000) + "1x\"y,\"" + strings.Repeat("text ", 2000) + "\n3,4\n"),
		numbered(" a=\"1\" b=\"2\"\n", 2, 2000) + "2002:3 a quote is left open or stands within a field (open at the end of the line); reading stopped here (final)\n"},
	{"long row", "a.csv", format.Options{}, []byte("a,b\n1,\"" + strings.Repeat("x", 3<<20)), "2:1 the row is longer than 1048576 bytes; reading stopped here (final)\n"},
	{"binary", "a.bin", format.Options{}, []byte("\x00\x00\x01\x02\x00\xff"), "1:1 neither name nor content tell the format of the file (final)\n"},

	{"jsonl", "a.jsonl", format.Options{}, []byte("{\"a\": {\"b\": [1, true, null]}, \"c\": \"x\"}\n\n{\"a\": 2}\n"), "1 a.b=\"1|true|\" c=\"x\"\n3 a=\"2\"\n"},
	{"jsonl broken", "a.jsonl", format.Options{}, []byte("{\"a\": NaN}\n{\"a\": 2}\n"), "1:7 this is not JSON: invalid character 'N' looking for beginning of value\n2 a=\"2\"\n"},
	{"jsonl key twice", "a.jsonl", format.Options{}, []byte("{\"a\": 1, \"a\": 2}\n"), "1:15 the key \"a\" is there twice\n"},
	{"jsonl long line", "a.jsonl", format.Options{}, []byte("{\"a\": \"" + strings.Repeat("x", 2<<20) + "\"}\n{\"a\": 1}\n"), "1:1 the line is longer than 1048576 bytes\n2 a=\"1\"\n"},
	{"json list", "a.json", format.Options{}, []byte("[\n {\"a\": 1},\n {\"a\": {\"b\": 2}}]"), "2 a=\"1\"\n3 a.b=\"2\"\n"},
	{"json path", "a.json", format.Options{Path: "x.y"}, []byte(`{"n": [[1], {"y": 2}], "x": {"z": 0, "y": [{"a": 1}]}}`), "1 a=\"1\"\n"},
	{"json path missing", "a.json", format.Options{Path: "x.q"}, []byte(`{"x": {"z": 0}}`), "1:14 the key \"q\" is missing (final)\n"},
	{"json no list", "a.json", format.Options{}, []byte(`{"x": 1}`), "1:2 the document is no list (final)\n"},
	{"json no object", "a.json", format.Options{}, []byte(`[1, {"a": 1}]`), "1:2 this is no object\n1 a=\"1\"\n"},
	{"json cut off", "a.json", format.Options{}, []byte(`[{"a": 1}, {"a":`), "1 a=\"1\"\n1:11 the file ends within the document; what is missing cannot be read (final)\n"},
	{"json value broken", "a.json", format.Options{}, []byte("[{\"a\": 1},\n {\"b\": tru}]"), "1 a=\"1\"\n2:11 this is not JSON: invalid character '}' in literal true (expecting 'e'); reading stopped here (final)\n"},
	{"json key broken", "a.json", format.Options{}, []byte("[{\"a\": 1}, {b: 1}]"), "1 a=\"1\"\n1:13 this is not JSON: invalid character 'b' looking for beginning of object key string; reading stopped here (final)\n"},
	{"json parted wrongly", "a.json", format.Options{}, []byte("[{\"a\": 1}; {\"b\": 1}]"), "1 a=\"1\"\n1:10 this is not JSON: expected comma after array element; reading stopped here (final)\n"},
	{"json value on the way broken", "a.json", format.Options{Path: "x"}, []byte("{\"n\": nil, \"x\": []}"), "1:8 this is not JSON: invalid character 'i' in literal null (expecting 'u'); reading stopped here (final)\n"},
	{"json trailing", "a.json", format.Options{}, []byte(`[{"a": 1}] []`), "1 a=\"1\"\n1:13 something follows the list (final)\n"},
	{"json depth", "a.json", format.Options{}, []byte("[{\"a\": " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}]"), "1:8 objects and lists are nested deeper than 32\n"},
	{"json long value", "a.json", format.Options{}, []byte(`[{"a": "` + strings.Repeat("x", 4<<20) + `"}]`), "1:2 a value is longer than 1048576 bytes; reading stopped here (final)\n"},
	{"json separator", "a.json", format.Options{}, []byte(`[{"a": ["x|y"]}]`), "1:8 the list \"a\" has an element with \"|\", which parts lists\n"},
	{"json empty", "a.json", format.Options{}, nil, "1:1 the file is empty (final)\n"},
	{"geojson far", "a.geojson", format.Options{}, []byte(`{"features": [{"geometry": {"type": "Point", "coordinates": [200, 1]}}]}`), "1:61 [200, 1] lies outside the world\n"},
	{"geojson short", "a.geojson", format.Options{}, []byte(`{"features": [{"geometry": {"type": "LineString", "coordinates": [[1, 1]]}}]}`), "1:66 the line has 1 points\n"},
	{"geojson none", "a.geojson", format.Options{}, []byte(`{"features": [{"id": 1, "geometry": null}]}`), "1 id=\"1\" geometry=\"\"\n"},

	{"gzip", "a.csv.gz", format.Options{}, gzipped("a,b\n1,2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"gzip without its name", "a.csv", format.Options{}, gzipped("a,b\n1,2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"gzip cut off", "a.csv.gz", format.Options{}, gzipped("a,b\n1,2\n")[:20], "1:1 the file is no whole packed file: unexpected EOF (final)\n"},
	{"no gzip", "a.csv.gz", format.Options{}, []byte("a,b\n"), "1:1 the file is no whole gzip file: unexpected EOF (final)\n"},
	{"zip", "a.zip", format.Options{}, zipped("README.txt", "x", "in/a.csv", "a,b\n1,2\n"), "2 a=\"1\" b=\"2\"\n"},
	{"zip of two", "a.zip", format.Options{}, zipped("a.csv", "", "b.csv", ""), "1:1 the archive holds 2 files: a.csv, b.csv (final)\n"},
	{"zip of none", "a.zip", format.Options{}, zipped(), "1:1 the archive holds 0 files:  (final)\n"},
	{"no zip", "a.zip", format.Options{}, []byte("a,b\n"), "1:1 the file is no whole zip file: zip: not a valid zip file (final)\n"},

	{"workbook", "a.xlsx", format.Options{}, workbook(head + `<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>44201</v></c></row><row r="4"><c r="B4" s="2"><v>44201.5</v></c></row>`),
		"3 name=\"Café\" when=\"2021-01-05\"\n4 name=\"\" when=\"2021-01-05T12:00:00\"\n"},
	{"workbook formulas", "a.xlsx", format.Options{}, workbook(head + `<row><c><f>1+1</f><v>2</v></c></row><row><c><f>1+1</f></c></row><row><c t="e"><v>#REF!</v></c></row>`),
		"2 name=\"2\" when=\"\"\n3:1 the cell holds a formula whose value was not saved with it\n4:1 the cell holds the error #REF!\n"},
	{"workbook numbers", "a.xlsx", format.Options{}, workbook(head + `<row><c><v>0.10000000000000001</v></c><c s="1"><v>60</v></c></row><row><c><v>NaN</v></c></row><row><c s="1"><v>-3</v></c></row>`),
		"2:2 the cell holds 29 February 1900, which was no day\n3:1 \"NaN\" is no number\n4:1 -3 is the number of no day\n"},
	{"workbook row number", "a.xlsx", format.Options{}, workbook(head + `<row r="2147483648"><c><v>1</v></c></row>`),
		"2:1 \"2147483648\" is no number of a row that can stand here, 1 to 1048576 in order; reading stopped here (final)\n"},
	{"workbook cell place", "a.xlsx", format.Options{}, workbook(head + `<row><c r="ZZZZ2"><v>1</v></c></row>`), "2:1 \"ZZZZ2\" is no place of a cell\n"},
	{"workbook beside the header", "a.xlsx", format.Options{}, workbook(head + `<row><c r="C2"><v>1</v></c></row>`), "2:3 there is a value in a column that the header does not name: \"1\"\n"},
	{"workbook shared text", "a.xlsx", format.Options{}, workbook(head + `<row><c t="s"><v>9</v></c></row>`), "2:1 the cell names the text \"9\", which the workbook does not have\n"},
	{"workbook without sheet", "a.xlsx", format.Options{Sheet: "Two"}, workbook(head), "1:1 the workbook has no sheet \"Two\" (final)\n"},
	{"workbook empty", "a.xlsx", format.Options{}, workbook(""), "1:1 the sheet is empty (final)\n"},
	{"no workbook", "a.xlsx", format.Options{}, []byte("PK"), "1:1 the file is no whole xlsx file: zip: not a valid zip file (final)\n"},
	{"entities of XML", "a.xlsx", format.Options{}, workbook(head + `<row><c t="str"><v>&xxe;</v></c></row>`),
		"3:1 the sheet cannot be read: XML syntax error on line 1: invalid character entity &xxe;; reading stopped here (final)\n"},
	{"statements", "a.csv", format.Options{Format: "ftm-statements"}, []byte("entity_id,schema,prop,value\na,Person,name,A\na,Person,name,B\nb,Person,name,C\n"),
		"2 id=\"a\" schema=\"Person\" properties.name=\"A|B\"\n4 id=\"b\" schema=\"Person\" properties.name=\"C\"\n"},
	{"rejects", "a.json", format.Options{Delimiter: ";"}, []byte("_at,_value,_reason,_fix,a,b\nx,x,x,x,1,2\n"), "2 a=\"1\" b=\"2\"\n"},
}

// Every file has its verdict.
func TestFiles(t *testing.T) {
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			if got := read(f.file, f.data, f.options); got != f.want {
				t.Errorf("got\n%swant\n%s", got, f.want)
			}
		})
	}
}

// A small file that unpacks to a large one is not read to its end.
func TestBombIsRefused(t *testing.T) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, &repeated{"a,b\n", strings.Repeat("x", 1<<10) + ",b\n", "", 80 * 1024}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, _, err := format.Open("a.csv.gz", bytes.NewReader(b.Bytes()), format.Options{Delimiter: ",", Encoding: "utf-8"})
	var broken *format.RowError
	for err == nil {
		_, err = r.Read()
	}
	if !errors.As(err, &broken) || !broken.Final || !strings.Contains(broken.Reason, "packed size") {
		t.Errorf("%v", err)
	}
}

// FuzzRead reads whatever bytes a file of any format may hold: it ends, and says why it does not read on.
func FuzzRead(f *testing.F) {
	for _, c := range files {
		if len(c.data) < 1<<16 {
			for i, known := range format.Formats {
				if known.Extension == "" || strings.HasPrefix(c.file, "a"+known.Extension) {
					f.Add(uint8(i), c.data)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		o := format.Options{Format: format.Names()[int(which)%len(format.Formats)]}
		if o.Format == "json" && len(data)%2 == 0 {
			o.Path = "objects"
		}
		if text := read("a", data, o); strings.HasPrefix(text, "error") {
			t.Fatal(text)
		}
	})
}

// Readers get the bytes of one file and nothing else: the package opens no file and no connection.
func TestNothingElseIsOpened(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, forbidden := range []string{`"os"`, `"net`, `"syscall"`, `"os/exec"`, `"plugin"`} {
			if bytes.Contains(text, []byte(forbidden)) {
				t.Errorf("%s imports %s: whoever reads a format has the bytes of one file and needs no other", e.Name(), forbidden)
			}
		}
	}
}
