package generated_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"github.com/crimegraph/crimegraph/graph/generated"
)

// ask sends a query to an executor without resolvers.
func ask(t *testing.T, query string, data any) (errors string) {
	t.Helper()
	server := handler.New(generated.NewExecutableSchema(generated.Config{}))
	server.AddTransport(transport.POST{})
	server.Use(extension.Introspection{})
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	var response struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &response); err != nil {
		t.Fatalf("%v in %s", err, recorder.Body)
	}
	if len(response.Data) > 0 && data != nil {
		if err := json.Unmarshal(response.Data, data); err != nil {
			t.Fatal(err)
		}
	}
	return string(response.Errors)
}

// The executor has no code for the types below the roots; introspection must show them all the same.
func TestIntrospectionShowsTypesThatAnswersWriteThemselves(t *testing.T) {
	var data struct {
		Type struct {
			Kind, Description string
			Interfaces        []struct{ Name string }
			Fields            []struct {
				Name, Description string
				IsDeprecated      bool
				Type              struct{ Kind, Name string }
				Args              []struct {
					Name, Description string
					DefaultValue      *string
				}
			}
		} `json:"type"`
		Where struct {
			InputFields []struct{ Name string }
		}
		Entity struct {
			PossibleTypes []struct{ Name string }
		}
		Schema struct {
			Types []struct{ Name string }
		} `json:"__schema"`
	}
	errors := ask(t, `{
		type: __type(name: "Group") {
			kind description interfaces { name }
			fields(includeDeprecated: true) {
				name description isDeprecated deprecationReason type { kind name ofType { name } }
				args { name description defaultValue type { name } }
			}
		}
		where: __type(name: "GroupWhere") { inputFields { name } }
		entity: __type(name: "Entity") { possibleTypes { name } }
		__schema { types { name } }
	}`, &data)
	if errors != "" {
		t.Fatal(errors)
	}
	if data.Type.Kind != "OBJECT" || data.Type.Description == "" || len(data.Type.Interfaces) != 3 {
		t.Errorf("Group is %+v", data.Type)
	}
	found := false
	for _, f := range data.Type.Fields {
		if f.Name != "operates" {
			continue
		}
		found = true
		var args []string
		for _, a := range f.Args {
			args = append(args, a.Name)
			if a.Name == "first" && (a.DefaultValue == nil || *a.DefaultValue != "10" || a.Description == "") {
				t.Errorf("operates(first) is %+v", a)
			}
		}
		if got := strings.Join(args, " "); got != "where claim orderBy first after" || f.Description == "" || f.IsDeprecated {
			t.Errorf("operates is %+v", f)
		}
	}
	if !found {
		t.Errorf("Group has no operates: %+v", data.Type.Fields)
	}
	if len(data.Where.InputFields) < 10 || len(data.Entity.PossibleTypes) < 5 || len(data.Schema.Types) < 100 {
		t.Errorf("%d input fields, %d possible types, %d types", len(data.Where.InputFields), len(data.Entity.PossibleTypes), len(data.Schema.Types))
	}
}

func TestUnknownFieldsBelowTheRootsAreRefused(t *testing.T) {
	for _, query := range []string{
		`{ groups { nodes { colour } } }`,
		`{ group(id: "group/x") { operates(where: {colour: {eq: "red"}}) { totalCount } } }`,
		`{ node(id: "group/x") { ... on Group { operates { edges { claims { colour } } } } } }`,
	} {
		if errors := ask(t, query, nil); !strings.Contains(errors, "colour") {
			t.Errorf("%s was answered with %q", query, errors)
		}
	}
}
