package loader_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/loadertest"
)

// FuzzLoad loads whatever bytes stand in the files of a data set. Every load is either refused with nothing written, or every row
// of it is accounted for, a dry run says the same, and a second load changes nothing; the store finds no dangling reference.
func FuzzLoad(f *testing.F) {
	names := []string{loader.ManifestFile, "Source.csv", "Place.csv", "Group.jsonl", "Contradiction.csv", "ALLIED_WITH.csv", "ACTIVE_IN.jsonl"}
	add := func(text func(name string) []byte) {
		f.Add(text(names[0]), text(names[1]), text(names[2]), text(names[3]), text(names[4]), text(names[5]), text(names[6]))
	}
	for _, folder := range []string{"bad", "good"} {
		for _, a := range archives(f, folder) {
			files := dataSet(f, a)
			add(func(name string) []byte {
				if file := files[name]; file != nil {
					return file.Data
				}
				return nil
			})
		}
	}
	add(func(name string) []byte {
		return []byte(map[string]string{
			names[0]: manifest + "defaults:\n  source: source/a\n",
			names[1]: "id,name,reliability,source\nsource/a,A,B,source/b\nsource/b,B,C,\n",
			names[2]: "id,name,kind,within\nplace/a,A,CITY,place/b\nplace/b,B,COUNTRY,\n",
			names[3]: `{"id":"group/a","name":"A","basedIn":"place/a"}` + "\n" + `{"id":"group/b","name":"B","aliases":["x"]}`,
			names[4]: "id,kind,between,relation\ncontradiction/a,STANCE,group/a|group/b,ALLIED_WITH\n",
			names[5]: "from,to,note\ngroup/b,group/a,x\ngroup/a,group/b,x\n",
			names[6]: `{"from":"group/a","to":"place/b","low":1}`,
		}[name])
	})
	model := schema(f)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h []byte) {
		set := fstest.MapFS{}
		for i, text := range [][]byte{a, b, c, d, e, g, h} {
			if len(text) > 0 {
				set[names[i]] = &fstest.MapFile{Data: text}
			}
		}
		s := loadertest.New(model)
		files := loader.Dataset{Name: "fuzz", Files: set}
		report, err := loader.Load(context.Background(), model, s, files, loader.Options{})
		var refusal *loader.Refusal
		if err != nil && (!errors.As(err, &refusal) || s.Applied > 0) {
			t.Fatalf("%v: no refusal, or %d batches were written", err, s.Applied)
		}
		consistent(t, model, s, files, report, err)
	})
}
