package graph

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestNumbersOfVariablesKeepTheirDigits(t *testing.T) {
	r, _, problem := readBody([]byte(`{"query":"{a}","variables":{"n":12345678901234567890,"f":1e400,"deep":[{"x":0.1}]}}`))
	if problem != "" {
		t.Fatal(problem)
	}
	want := map[string]any{"n": json.Number("12345678901234567890"), "f": json.Number("1e400"), "deep": []any{map[string]any{"x": json.Number("0.1")}}}
	if !reflect.DeepEqual(r.Variables, want) {
		t.Errorf("%#v", r.Variables)
	}
}

// A body is a request, or it is refused with a status and a message that holds nothing of it.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"query":"{groups{totalCount}}","variables":{"a":[1,null,{"b":1.5}]},"operationName":"A","extensions":{}}`, `{"query":null}`, `[]`, `[{"query":"{a}"}]`,
		`null`, `"`, "", "{}{}", "\xff", "\ufeff{}", `{"query":"a","query":"b"}`, `{"Query":"a"}`, `{"query":"\ud800"}`, strings.Repeat("[", 20_000), `{"variables":{}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, status, problem := readBody(body)
		if problem == "" {
			if r.Query == "" || status != 0 {
				t.Fatalf("%+v, %d", r, status)
			}
			again, err := json.Marshal(map[string]any{"query": r.Query, "operationName": r.OperationName, "variables": r.Variables})
			if err != nil {
				t.Fatal(err)
			}
			if back, _, problem := readBody(again); problem != "" || !reflect.DeepEqual(back, r) {
				t.Fatalf("%+v came back as %+v, %s", r, back, problem)
			}
			return
		}
		if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", status, problem)
		}
		if json.Valid(body) == (status == http.StatusBadRequest) && len(body) < 10_000 && problem != "the body is no JSON in UTF-8" {
			t.Errorf("%q is refused with %d %s", body, status, problem)
		}
	})
}
