package network_test

import (
	"slices"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// TestLegalForms finds companies whatever is written for their legal form, and tells apart what differs in more than that.
func TestLegalForms(t *testing.T) {
	r := newRecords(t)
	for id, name := range map[string]string{
		"organization/a": "Condado Trading, S.A. de C.V.", "organization/b": "SUNRISE GREENLAND SDN. BHD.", "organization/c": "ООО Ромашка Трейд",
		"organization/d": "Müller & Söhne GmbH & Co. KG", "organization/e": "Condado Real", "organization/f": "Company", "organization/g": "Ltd Edition Shipping",
	} {
		r.node(id, "name", name)
	}
	n := r.network()
	for _, c := range []struct {
		text  string
		first []string
	}{
		{"condado trading", []string{"organization/a"}},
		{"Condado Trading SA de CV", []string{"organization/a"}},
		{"Condado Trading Ltd.", []string{"organization/a"}},
		{"condado trading s.a.", []string{"organization/a"}},
		{"Sunrise Greenland Limited", []string{"organization/b"}},
		{"sunrise greenland bhd", []string{"organization/b"}},
		{"Romashka Treid", []string{"organization/c"}},
		{"Romashka Treid LLC", []string{"organization/c"}},
		{"Muller & Sohne", []string{"organization/d"}},
		{"Müller und Söhne AG", []string{"organization/d"}},
		{"Condado Real S.A.", []string{"organization/e"}},
		{"condado", []string{"organization/e", "organization/a"}},
		{"company", []string{"organization/f"}},
		{"ltd edition", []string{"organization/g"}},
	} {
		answer, err := n.Search(t.Context(), network.SearchQuestion{Text: c.text, First: 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Nodes[:min(len(answer.Nodes), len(c.first))]; !slices.Equal(got, c.first) {
			t.Errorf("%q finds %v, want %v first", c.text, answer.Nodes, c.first)
		}
	}
}
