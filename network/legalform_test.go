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

// TestLegalFormsAreOfCompanies takes names of places, persons and groups whole, and companies that are named by a letter.
func TestLegalFormsAreOfCompanies(t *testing.T) {
	r := newRecords(t)
	for id, name := range map[string]string{
		"place/ao-nang": "Ao Nang", "place/nang": "Nang", "person/kim-se": "Kim Se", "person/kim": "Kim", "group/ms-13": "MS-13", "group/pt": "PT Cartel",
		"organization/k-co": "K-Co", "organization/k": "K", "organization/delta": "Delta GmbH", "organization/delta-agro": "Delta Agro", "organization/msc": "MS Carriers S.A. de C.V.",
		"organization/real-ag": "Real AG", "organization/real": "Real Ltd.",
	} {
		r.node(id, "name", name)
	}
	n := r.network()
	for _, c := range []struct {
		text  string
		kinds []string
		found []string
	}{
		{"nang", nil, []string{"place/nang", "place/ao-nang"}},
		{"ao nang", nil, []string{"place/ao-nang"}},
		{"kim", nil, []string{"person/kim", "person/kim-se"}},
		{"kim se", nil, []string{"person/kim-se"}},
		{"ao nangg", nil, []string{"place/ao-nang"}},
		{"Delltta AG", []string{"Organization"}, []string{"organization/delta", "organization/delta-agro"}},
		{"pt cartel", nil, []string{"group/pt"}},
		{"ms13", nil, []string{"group/ms-13"}},
		{"kco", nil, []string{"organization/k-co"}},
		{"k co", nil, []string{"organization/k-co"}},
		{"k", []string{"Organization"}, []string{"organization/k", "organization/k-co"}},
		{"mscarriers", nil, []string{"organization/msc"}},
		{"Delta AG", nil, []string{"organization/delta", "organization/delta-agro"}},
		{"Real AG", nil, []string{"organization/real-ag"}},
		{"real", nil, []string{"organization/real-ag", "organization/real"}},
	} {
		answer, err := n.Search(t.Context(), network.SearchQuestion{Text: c.text, Kinds: c.kinds, First: 5})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(answer.Nodes, c.found) {
			t.Errorf("%q finds %v, want %v", c.text, answer.Nodes, c.found)
		}
	}
}
