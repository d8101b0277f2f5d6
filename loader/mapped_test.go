package loader_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/loader/mapping"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// bundled is a data set of files with a mapping that comes with the program.
func bundled(t testing.TB, name, retrieved string, files fs.FS, names ...string) loader.Dataset {
	t.Helper()
	text, found := mapping.Bundled(name)
	if !found {
		t.Fatalf("no bundled mapping %s", name)
	}
	return loader.Dataset{Name: name, Files: files, Mapping: &loader.MappingText{Name: name + ".yaml", Text: text, Retrieved: retrieved, Files: names}}
}

// TestOFAC loads the list of 2 May 2024 as the Treasury published it.
func TestOFAC(t *testing.T) {
	const file = "sdn-2024-05-02.csv"
	folder := filepath.Join("..", "..", "shared", "data", "ofac")
	if _, err := os.Stat(filepath.Join(folder, file)); errors.Is(err, fs.ErrNotExist) {
		t.Skip("LEFT OUT: the list is not part of the repository; it is looked for in ../shared/data/ofac beside it")
	}
	model := schema(t)
	s := loadertest.New(model)
	set := bundled(t, "ofac-sdn", "2024-05-02", os.DirFS(folder), file)
	report, err := loader.Load(context.Background(), model, s, set, loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Rejects {
		t.Log(r)
	}
	f := report.Files[1]
	if f.Rows != 14973 || f.Accepted != 1861 || f.Rejected != 0 || f.Filtered != 13112 || f.Accepted+f.Rejected+f.Filtered != f.Rows {
		t.Errorf("%+v", f)
	}
	kinds := map[string]int{}
	for _, n := range s.Nodes {
		kinds[n.Kind.Name]++
	}
	if got, want := fmt.Sprint(kinds), "map[Asset:1 Group:61 Organization:754 Person:1045 Place:51 Source:1]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(s.Claims) != 611 {
		t.Errorf("%d claims, want one for each of the 611 links of the list", len(s.Claims))
	}
	links := map[string][]string{}
	for _, c := range s.Claims {
		links[c.From] = append(links[c.From], c.To)
	}
	for _, want := range []string{
		"group/ofac-15871 name=CLAN DEL GOLFO",
		"person/ofac-40736 name=GACANIN, Edin aliases=[Tito] born=1982-10-12 nationalities=[BA NL] status=SANCTIONED country=place/ba",
		"person/ofac-43596 name=FIGUEROA BENITEZ, Jorge Humberto aliases=[27] born=1989-09-02 nationalities=[MX] status=SANCTIONED country=place/mx",
		"organization/ofac-48095 name=TOTAL LOOK aliases=[OUTLET_TLOOK TOTAL_LOOKCLN] sector=Retail sale of clothing, footwear and leather articles in specialized stores linkedTo=person/ofac-48073",
		"organization/ofac-44119 name=CONDADO REAL founded=2018-12-26 sector=Real estate activities on a fee or contract basis linkedTo=person/ofac-34916",
		"asset/ofac-20861 name=N200VR kind=AIRCRAFT registration=N200VR linkedTo=organization/ofac-20264",
		"person/ofac-26402 name=FERRARI, Sergio David aliases=[Yagy] born=1968-02-10 nationalities=[AR] status=SANCTIONED country=place/ar linkedTo=organization/ofac-26465 linkedTo=organization/ofac-26466 linkedTo=organization/ofac-26467 linkedTo=organization/ofac-26468",
		"person/ofac-6856 name=AFGHAN, Sher born=1962 status=SANCTIONED",
		"organization/ofac-37903 name=SUNRISE GREENLAND SDN. BHD. founded=2011-12-16 linkedTo=person/ofac-37902",
		"group/ofac-18956 name=RUELAS TORRES DRUG TRAFFICKING ORGANIZATION",
		"person/ofac-10382 name=PAREDES CORDOVA, Jorge Mario aliases=[EL GORDO HIPER] born=1966-01-09 nationalities=[GT] status=SANCTIONED country=place/gt",
	} {
		id, _, _ := strings.Cut(want, " ")
		n, found := s.Nodes[id]
		if !found {
			t.Errorf("%s is missing", id)
			continue
		}
		got := id
		for _, p := range []string{"name", "aliases", "born", "founded", "nationalities", "sector", "kind", "registration", "status"} {
			property := n.Kind.Property(p)
			if property == nil || n.Values[property.Position] == nil {
				continue
			}
			if v := text(t, n.Kind, n.Values, p); v != "[]" {
				got += " " + p + "=" + v
			}
		}
		for _, l := range n.Links {
			got += " " + l.Link.Name + "=" + l.ID
		}
		slices.Sort(links[id])
		for _, to := range links[id] {
			got += " linkedTo=" + to
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	again, err := loader.Load(context.Background(), model, s, set, loader.Options{})
	if err != nil || again.Changes.Added+again.Changes.Updated != 0 || again.Accepted != report.Accepted {
		t.Errorf("loading again: %v, %+v", err, again.Changes)
	}
}

// mappedSet makes a data set of an archive: its file "load" names the mapping, which comes with the program or is in the archive, the date of retrieval,
// and the files.
func mappedSet(t testing.TB, a *txtar.Archive) loader.Dataset {
	t.Helper()
	files := dataSet(t, a)
	words := strings.Fields(string(files["load"].Data))
	set := loader.Dataset{Name: "case", Files: files, Mapping: &loader.MappingText{Name: words[0], Retrieved: words[1], Files: words[2:]}}
	if own := files[words[0]]; own != nil {
		set.Mapping.Text = own.Data
	} else {
		set = bundled(t, words[0], words[1], files, words[2:]...)
	}
	return set
}

// graphOf prints what a store holds: nodes by id, then claims by relation and ends, with all that is stated but for what is the same everywhere.
func graphOf(t testing.TB, model *ontology.Model, s *loadertest.Memory) string {
	t.Helper()
	hidden := map[string]bool{"id": true, "source": true, "reliability": true, "stance": true, "modality": true, "compartments": true, "recordedAt": true}
	var b strings.Builder
	state := func(k *ontology.Kind, values []any) {
		for _, p := range k.Properties {
			if v := values[p.Position]; v == nil || hidden[p.Name] || p.Name == "tlp" && v == int64(1) || p.Name == "credibility" && v == int64(6) {
				continue
			}
			if v := text(t, k, values, p.Name); v != "[]" {
				fmt.Fprintf(&b, " %s=%q", p.Name, v)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Nodes)) {
		n := s.Nodes[id]
		b.WriteString(id)
		state(n.Kind, n.Values)
		for _, l := range n.Links {
			fmt.Fprintf(&b, " %s=%s", l.Link.Name, l.ID)
		}
		b.WriteByte('\n')
	}
	claims := slices.SortedFunc(maps.Values(s.Claims), func(x, y store.Claim) int {
		return cmp.Or(cmp.Compare(x.Relation.Name, y.Relation.Name), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), cmp.Compare(x.ID(), y.ID()))
	})
	for _, c := range claims {
		fmt.Fprintf(&b, "%s %s %s", c.From, c.Relation.Name, c.To)
		state(model.Claim, c.Values)
		b.WriteByte('\n')
	}
	return b.String()
}

// Every case states the whole report, and all of the graph.
func TestMapped(t *testing.T) {
	model := schema(t)
	for path, a := range archives(t, "mapped") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			s := loadertest.New(model)
			set := mappedSet(t, a)
			report, err := loader.Load(context.Background(), model, s, set, loader.Options{})
			got := map[string]string{"report": outcome(report, err), "graph": graphOf(t, model, s)}
			for _, name := range []string{"report", "graph"} {
				at := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
				switch {
				case *update && at < 0:
					a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
				case *update:
					a.Files[at].Data = []byte(got[name])
				case at < 0 || string(a.Files[at].Data) != got[name]:
					t.Errorf("%s:\n%s", name, got[name])
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			consistentMapped(t, model, s, set, report, err)
		})
	}
}

// consistentMapped checks what holds for every load with a mapping.
func consistentMapped(t testing.TB, model *ontology.Model, s *loadertest.Memory, set loader.Dataset, report loader.Report, err error) {
	t.Helper()
	var refusal *loader.Refusal
	if err != nil {
		if !errors.As(err, &refusal) || s.Applied > 0 {
			t.Errorf("%v: no refusal, or %d batches were written", err, s.Applied)
		}
		return
	}
	for _, f := range report.Files {
		if f.Accepted+f.Rejected+f.Filtered != f.Rows {
			t.Errorf("%s: %d accepted, %d rejected, %d filtered of %d rows", f.File, f.Accepted, f.Rejected, f.Filtered, f.Rows)
		}
	}
	again, err := loader.Load(context.Background(), model, s, set, loader.Options{})
	if err != nil || again.Changes.Added+again.Changes.Updated > 0 || outcome(again, nil) != outcome(report, nil) {
		t.Errorf("second load: %v, %+v, report\n%s", err, again.Changes, outcome(again, nil))
	}
	dryRuns(t, model, set, report, loadertest.New(model), s)
}
