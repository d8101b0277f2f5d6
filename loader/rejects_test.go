package loader_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/ontology"
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

// loadMapped loads texts with a mapping, by the names of their files.
func loadMapped(t *testing.T, model *ontology.Model, s *loadertest.Memory, text string, files map[string]string, rejects written) (loader.Report, error) {
	t.Helper()
	var options loader.Options
	if rejects != nil {
		options.Rejects = rejects.create(t)
	}
	return loader.Load(context.Background(), model, s, mappedTexts(text, files), options)
}

// mappedTexts is a data set of texts with a mapping, by the names of their files.
func mappedTexts(text string, files map[string]string) loader.Dataset {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return loader.Dataset{Name: "t", Files: fs, Mapping: &loader.MappingText{Name: "t.yaml", Text: []byte(text), Files: slices.Sorted(maps.Keys(files))}}
}

// named are the ids of organizations and persons with their names, in order.
func named(t *testing.T, s *loadertest.Memory) string {
	var found []string
	for id, n := range s.Nodes {
		if n.Kind.Name == "Organization" || n.Kind.Name == "Person" {
			found = append(found, id+"="+text(t, n.Kind, n.Values, "name"))
		}
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

// Corrected rows state what they would have stated where they stood: of the same kind, with the line and the file of old, however often they were
// rejected.
func TestCorrectedRowsStateWhatTheyWould(t *testing.T) {
	people := strings.Replace(organizations("  people:\n    name: \"*.txt\"\n    format: csv\n"), "kind: Organization", "kind: Person", 1)
	people = strings.ReplaceAll(people[strings.Index(people, "  people:"):], "organization/", "person/")
	one := organizations("  t:\n    name: \"*.csv\"\n")
	for _, c := range []struct {
		name, mapping string
		files         map[string]string
		want          string
	}{
		{"a pattern before that fits the name with its extension", organizations("  orgs:\n    name: \"*.csv\"\n") + people,
			map[string]string{"a.csv": "id,name\n1,A\n", "p.txt": "id,name\n2,\n"}, "organization/1=A person/2=B"},
		{"ids of lines", strings.ReplaceAll(one, "{id|slug}", "{@line}"), map[string]string{"t.csv": "id,name\n1,A\n2,C\n3,\n"},
			"organization/2=A organization/3=C organization/4=B"},
		{"ids of lines where what is at fault stands on a later one", strings.ReplaceAll(one, "{id|slug}", "{@line}"), map[string]string{"t.csv": "id,name\n\"1\n1\",A\n\"2\n2\",\n"},
			"organization/2=A organization/4=B"},
		{"ids of files", strings.ReplaceAll(organizations("  t:\n    format: json\n"), "{id|slug}", "{@file}-{@line}"), map[string]string{"a/t.x": "[{\"id\": 1,\n\"name\": \"\"},\n{\"id\": 2,\n\"name\": \"\"}]"},
			"organization/t.x-1=B organization/t.x-3=B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := schema(t)
			s, files := loadertest.New(model), c.files
			// The first time, nothing is corrected.
			for range 2 {
				rejects := written{}
				if r, err := loadMapped(t, model, s, c.mapping, files, rejects); err != nil || r.Rejected == 0 {
					t.Fatal(r, err)
				}
				files = map[string]string{}
				for name, b := range rejects {
					files["rejected/"+name] = b.String()
				}
			}
			for name, text := range files {
				files[name] = strings.NewReplacer(",\n", ",B\n", `"name":""`, `"name":"B"`).Replace(text)
			}
			if r, err := loadMapped(t, model, s, c.mapping, files, nil); err != nil || r.Rejected > 0 {
				t.Error(r, err)
			}
			if got := named(t, s); got != c.want {
				t.Errorf("got %s, want %s\n%v", got, c.want, files)
			}
		})
	}
}

// A row that does not tell where it stood is not given another line, and one of another file is not taken for one of this.
func TestRowsOfUnknownOriginAreRejected(t *testing.T) {
	for _, c := range []struct{ mapping, rows, want string }{
		{strings.ReplaceAll(organizations("  t:\n"), "{id|slug}", "{@line}"), "_at,id,name\n,1,A\nt.csv:7:1,2,B\n", "organization/7=B"},
		{organizations("  a:\n    name: \"a*.csv\"\n", "  b:\n    name: \"b*.csv\"\n"), "_at,id,name\na.csv:2:1,1,A\nb.csv:2:1,2,B\n", "organization/1=A"},
	} {
		model := schema(t)
		s := loadertest.New(model)
		r, err := loadMapped(t, model, s, c.mapping, map[string]string{"rejected/b.csv": c.rows}, nil)
		if got := named(t, s); err != nil || r.Rejected != 1 || r.Rejects[0].Name != "_at" || got != c.want {
			t.Errorf("%s, want %s: %+v, %v", got, c.want, r.Rejects, err)
		}
	}
}

// What corrected rows look up is looked up in all that they would have been, or the load is refused.
func TestCorrectedRowsLookUpInWholeFiles(t *testing.T) {
	lookup := func(file, optional string) string {
		return strings.Replace(organizations("  orgs:\n    name: \"orgs*\"\n"), "    records:",
			"    let:\n      about: {from: \"{id}\", lookup: {file: "+file+", key: id, take: note"+optional+"}}\n    records:", 1)
	}
	optional := ", optional: true"
	describe := func(text string) string {
		return strings.Replace(text, `name: "{name}"}`, `name: "{name} {about}"}`, 1)
	}
	notes := "  notes:\n    name: \"notes*\"\n    records: []\n"
	corrected, whole := "_at,id,name,note\norgs.csv:3:1,2,B,own\n", "id,name,note\n1,A,one\n2,,own\n"
	for _, c := range []struct {
		name, mapping string
		files         map[string]string
		// want are the organizations, or what the load is refused for.
		want string
	}{
		{"nothing is given to look up in", lookup("notes", "") + notes, map[string]string{"rejected/orgs.csv": corrected}, "no file is given for notes"},
		{"nothing is given to look up in if it is there", lookup("notes", optional) + notes, map[string]string{"rejected/orgs.csv": corrected}, "no file is given for notes"},
		{"only rejected rows are", lookup("notes", optional) + notes, map[string]string{"rejected/orgs.csv": corrected, "rejected/notes.csv": "_at,id,note\nnotes.csv:2:1,1,x\n"},
			"only rejected rows are given for notes"},
		{"the file is", describe(lookup("notes", optional) + notes), map[string]string{"rejected/orgs.csv": corrected, "notes.csv": "id,note\n2,two\n"}, "organization/2=B two"},
		{"in rejected rows themselves", lookup("orgs", optional), map[string]string{"rejected/orgs.csv": corrected}, "only rejected rows are given for orgs"},
		{"in the file that they come from", describe(lookup("orgs", optional)), map[string]string{"rejected/orgs.csv": corrected, "orgs.csv": strings.Replace(whole, "2,,own", "3,C,x", 1)},
			"organization/1=A one organization/2=B own organization/3=C x"},
		{"nothing that is given looks there", lookup("notes", optional) + notes, map[string]string{"rejected/notes.csv": "_at,id,note\nnotes.csv:2:1,1,x\n"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := schema(t)
			s := loadertest.New(model)
			r, err := loadMapped(t, model, s, c.mapping, c.files, nil)
			got := named(t, s)
			var refusal *loader.Refusal
			if errors.As(err, &refusal) && strings.HasPrefix(refusal.Reason, c.want) && c.want != "" {
				return
			}
			if err != nil || r.Rejected > 0 || got != c.want {
				t.Errorf("got %q, want %q: %+v, %v", got, c.want, r, err)
			}
		})
	}
}

// A row that could not be read is written with its text, and is not taken before that is gone.
func TestRowsThatCannotBeReadKeepTheirText(t *testing.T) {
	csv := organizations("  t:\n    name: \"t.csv*\"\n    format: csv\n")
	for _, c := range []struct{ name, mapping, rows, text string }{
		{"too many fields", csv, "id,name\n1,Acme, Inc\n", "1,Acme, Inc"},
		{"too few fields", csv, "id,name,note\n1,Acme\n", "1,Acme"},
		{"a quote within a field", csv, "id,name\n1,x \"y\"\n2,B\n", "1,x \"y\""},
		{"a quote left open", csv, "id,name\n1,\"x\ny\" z\n", "1,\"x\ny\" z"},
		{"another quote", strings.Replace(csv, "    format: csv\n", "    format: csv\n    quote: \"'\"\n", 1), "id,name\n1,'Acme', 'Inc\" x'\n", "1,'Acme', 'Inc\" x'"},
		{"no JSON", strings.Replace(csv, "format: csv", "format: jsonl", 1), "{\"id\": 1, \"name\": Acme}\n", "{\"id\": 1, \"name\": Acme}"},
		{"no JSON in a document", strings.Replace(csv, "format: csv", "format: json", 1), "[{\"id\": 2, \"name\": \"B\"}, {\"id\": 1, \"name\": Acme}]", "{\"id\": 1, \"name\": Acme}]"},
		{"an element with what parts lists", strings.Replace(csv, "format: csv", "format: json", 1), "[{\"id\": 1, \"name\": [\"a|b\"]}]", "{\"id\": 1, \"name\": [\"a|b\"]}"},
		{"a point without a latitude", strings.Replace(csv, "format: csv", "format: geojson", 1), `{"features": [{"id": 1, "name": "A", "geometry": {"type": "Point", "coordinates": [1]}}]}`,
			`{"id": 1, "name": "A", "geometry": {"type": "Point", "coordinates": [1]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := schema(t)
			s, files, name := loadertest.New(model), map[string]string{"t.csv": c.rows}, ""
			// Loading them as they are changes nothing, also not what is written.
			for i := range 3 {
				rejects := written{}
				r, err := loadMapped(t, model, s, c.mapping, files, rejects)
				if err != nil || r.Rejected != 1 || len(rejects) != 1 {
					t.Fatalf("%+v, %v", r, err)
				}
				files = map[string]string{}
				for n, b := range rejects {
					name = n
					files["rejected/"+n] = b.String()
				}
				if rows := unread(t, files["rejected/"+name]); len(rows) != 1 || rows[0] != c.text {
					t.Fatalf("reading %d: the texts are %q, want %q\n%v", i, rows, c.text, files)
				}
			}
			before := named(t, s)
			if strings.Contains(before, "organization/1") {
				t.Error("the row is taken as it is:", before)
			}
			corrected := "_at,_unread,id,name\nt.csv:2:1,,1,Acme\n"
			if _, err := loadMapped(t, model, s, c.mapping, map[string]string{"rejected/t.csv": corrected}, nil); err != nil || !strings.HasPrefix(named(t, s), "organization/1=Acme") {
				t.Errorf("corrected: %s, %v", named(t, s), err)
			}
		})
	}
}

// unread are the texts in a file of rejected rows.
func unread(t *testing.T, text string) (found []string) {
	t.Helper()
	_, is, err := format.RejectsOf("x", strings.NewReader(text))
	if err != nil || !is {
		t.Fatalf("no file of rejected rows: %v\n%s", err, text)
	}
	r, _, err := format.Open("x", strings.NewReader(text), format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := r.Read()
		var fault *format.RowError
		if !errors.As(err, &fault) {
			return found
		}
		found = append(found, fault.Text)
	}
}

// While some of the rejected rows are left out nothing is retracted, however often the others are loaded, since they may state what seems to have
// vanished.
func TestSomeOfTheRejectsRetractNothing(t *testing.T) {
	model := schema(t)
	s := loadertest.New(model)
	load := func(day string, since string, files map[string]string) loader.Report {
		t.Helper()
		text := strings.Replace(organizations("  a:\n    name: \"a*.csv\"\n", "  b:\n    name: \"b*.csv\"\n"), "2024-01-01", day, 1)
		r, err := loader.Load(context.Background(), model, s, mappedTexts(text, files), loader.Options{Since: since})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const first, second, third, since = "2024-01-01", "2024-02-01", "2024-03-01", "dataset/t@2024-01-01"
	load(first, "", map[string]string{"a.csv": "id,name\n1,A\n9,Z\n", "b.csv": "id,name\n2,B\n"})
	a, b := "_at,id,name\na.csv:2:1,1,A\n", "_at,id,name\nb.csv:2:1,2,B\n"
	if r := load(third, since, map[string]string{"rejected/a.csv": a}); r.Retracted > 0 || !strings.Contains(r.NotRetracted, "does not have the load") {
		t.Errorf("before the load that rejects: %+v", r)
	}
	if r := load(second, since, map[string]string{"a.csv": "id,name\n1,\n", "b.csv": "id,name\n2,\n"}); r.Retracted > 0 || !strings.HasPrefix(r.NotRetracted, "rows are rejected") {
		t.Errorf("with rejected rows: %+v", r)
	}
	for i, files := range []map[string]string{{"rejected/a.csv": a}, {"rejected/a.csv": a}, {"rejected/b.csv": b}, {"rejected/a.csv": a}} {
		if r := load(second, since, files); r.Rejected > 0 || r.Retracted > 0 || !strings.HasPrefix(r.NotRetracted, "2 rows were rejected, and 1 of them are given") {
			t.Errorf("some of them, %d: %+v", i, r)
		}
	}
	r := load(second, since, map[string]string{"rejected/a.csv": a, "rejected/b.csv": b})
	if r.Retracted != 1 || r.NotRetracted != "" {
		t.Errorf("all: %+v", r)
	}
	for id, retracted := range map[string]bool{"organization/1": false, "organization/2": false, "organization/9": true} {
		if v := loadertest.Value(s.Nodes[id], "retractedAt"); (v != nil) != retracted {
			t.Errorf("%s is retracted at %v", id, v)
		}
	}
}
