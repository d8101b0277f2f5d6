package loader_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
)

// written collects files of rejected rows.
type written map[string]*closing

type closing struct{ bytes.Buffer }

func (*closing) Close() error { return nil }

func (w written) create(t *testing.T) func(string) (io.WriteCloser, error) {
	return func(name string) (io.WriteCloser, error) {
		if w[name] != nil {
			t.Errorf("%s is written twice", name)
		}
		w[name] = &closing{}
		return w[name], nil
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// organizations is a mapping of some files, each of which has ids and names.
func organizations(files ...string) string {
	text := "id: dataset/t\ntitle: T\nretrieved: \"2024-01-01\"\ndefaults: {source: source/t}\nfixed:\n  - kind: Source\n    set: {id: source/t, name: T, kind: DATASET, reliability: C}\nfiles:\n"
	for _, f := range files {
		text += f + "    records:\n      - kind: Organization\n        set: {id: \"organization/{id|slug}\", name: \"{name}\"}\n"
	}
	return text
}

// Rejected rows can be corrected and loaded as they are, with the same mapping: the store holds then what it holds of the right files.
func TestRejectsLoadAsTheyAre(t *testing.T) {
	model := schema(t)
	one := "  t:\n    name: \"*.csv\"\n"
	for _, c := range []struct {
		name, mapping string
		files         map[string]string
		// correct is what people do to a file of rejected rows, besides naming what has no name.
		correct func(string) string
	}{
		{"one file", organizations(one), map[string]string{"t.csv": "id,name\n1,A\n2,\n"}, nil},
		{"two files of a name", organizations(one), map[string]string{"a/t.csv": "id,name\n1,A\n2,\n", "b/t.csv": "id,name\n3,\n4,D\n"}, nil},
		{"a packed one and one of its name", organizations(one), map[string]string{"t.csv.gz": gzipped(t, "id,name\n1,A\n2,\n"), "t.csv": "id,name\n3,\n4,D\n"}, nil},
		{"only one of two", organizations("  a:\n    name: \"a*.csv\"\n", "  b:\n    name: \"b*.csv\"\n"), map[string]string{"a.csv": "id,name\n1,A\n", "b.csv": "id,name\n3,\n"}, nil},
		{"of names that tell the file", organizations("  a:\n    name: \"a*.json\"\n", "  b:\n    name: \"b*.csv.gz\"\n"),
			map[string]string{"a1.json": `[{"id": 1, "name": "A"}, {"id": 2, "name": ""}]`, "b1.csv.gz": gzipped(t, "id,name\n3,\n")}, nil},
		{"with a byte order mark", organizations("  t:\n    format: csv\n    delimiter: \"|\"\n    encoding: windows-1252\n"), map[string]string{"t.csv": "id|name\n1|A\n2|\n"},
			func(text string) string { return "\ufeff" + text }},
		{"with semicolons", organizations("  t:\n    format: csv\n    delimiter: \"|\"\n"), map[string]string{"t.csv": "id|name\n1|A\n2|\n"},
			func(text string) string {
				return "\ufeff_at;_value;_reason;_fix;id;name\r\nt.csv:3:3;name: ;x;y;2;\r\n"
			}},
		{"in quotes", organizations("  t:\n    format: json\n"), map[string]string{"t.csv": `[{"id": 1, "name": "A"}, {"id": 2, "name": ""}]`},
			func(text string) string {
				return "\"_at\",\"_value\",\"_reason\",\"_fix\",\"id\",\"name\"\n\"t:1\",\"x\",\"x\",\"x\",\"2\",\"\"\n"
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			load := func(s *loadertest.Memory, files map[string]string, rejects func(string) (io.WriteCloser, error)) loader.Report {
				t.Helper()
				fs := fstest.MapFS{}
				for name, text := range files {
					fs[name] = &fstest.MapFile{Data: []byte(text)}
				}
				set := loader.Dataset{Name: "t", Files: fs, Mapping: &loader.MappingText{Name: "t.yaml", Text: []byte(c.mapping), Files: slices.Sorted(maps.Keys(files))}}
				report, err := loader.Load(context.Background(), model, s, set, loader.Options{Rejects: rejects})
				if err != nil {
					t.Fatal(err)
				}
				return report
			}
			s, rejects := loadertest.New(model), written{}
			rejected := load(s, c.files, rejects.create(t)).Rejected
			corrected := map[string]string{}
			for name, b := range rejects {
				text := b.String()
				if c.correct != nil {
					text = c.correct(text)
				}
				// Rows end with an empty name.
				corrected["rejected/"+name] = strings.NewReplacer(",\"\"\n", ",\"B\"\n", ";\r\n", ";B\r\n", ",\n", ",B\n", `"name":""`, `"name":"B"`).Replace(text)
			}
			report := load(s, corrected, nil)
			if rejected == 0 || report.Rejected > 0 || report.Changes.Added != rejected {
				t.Errorf("%d rejected; then %+v\n%v", rejected, report, corrected)
			}
		})
	}
}
