package loader_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/loader/format"
	"github.com/crimegraph/crimegraph/loader/loadertest"
	"github.com/crimegraph/crimegraph/loader/mapping"
)

// A mapping that is proposed for a file loads that file, whatever its columns are called.
func TestProposedMappingsLoad(t *testing.T) {
	model := schema(t)
	for _, text := range []string{
		"id,name\n1,Alpha\n2,Beta\n",
		"id,name\n",
		"name\nAlpha\n",
		"Name?,Country?\nAlpha,IT\n",
		"full|name,short\nAlpha,x\n",
		"{name},x\nAlpha,Beta\n",
		"@name,@row\nAlpha,Beta\n",
		"\"the\nname\",x\nAlpha,Beta\n",
		"\"a\nb\",name\nx1,Alpha\n",
		",name\nx1,Alpha\n",
		"name ,NAME\nAlpha,Beta\n",
		"country,name\nIT,Alpha\n,Beta\n",
		"date,amount,unit,place\n2020-01-02,5,kg,Rotterdam\n",
		"source?,target?\na,b\n",
		"from,to,weight?,date?\na,b,-1,2020\n",
		"lat?,lon?,name?\n1,2,Alpha\n",
		"#,- x,yes\n1,Alpha,Beta\n",
		"名前,国\n山田,日本\n",
		"1,2,3\n4,Alpha,6\n",
	} {
		t.Run(text, func(t *testing.T) {
			r, options, err := format.Open("list.csv", strings.NewReader(text), format.Options{})
			if err != nil {
				t.Fatal(err)
			}
			proposed, err := mapping.Propose("list.csv", r, options, "2024-01-01")
			if err != nil {
				t.Fatal(err)
			}
			set := loader.Dataset{Name: "list", Files: fstest.MapFS{"list.csv": {Data: []byte(text)}},
				Mapping: &loader.MappingText{Name: "list.yaml", Text: []byte(proposed), Files: []string{"list.csv"}}}
			report, err := loader.Load(context.Background(), model, loadertest.New(model), set, loader.Options{})
			if err != nil || report.Rejected > 0 || report.Files[1].Accepted != report.Files[1].Rows {
				t.Errorf("%v, %v\n%s", err, report.Rejects, proposed)
			}
		})
	}
}
