package mapping

import (
	"strings"

	"github.com/biter777/countries"

	"github.com/crimegraph/crimegraph/ontology"
)

// country is what the names and codes of a country stand for.
type country struct {
	// code is ISO 3166-1 alpha-2, name the short English one.
	code, name string
}

// furtherNames are names, folded, that the United Nations and sanctions lists use and the library does not know, and its own that are out of date.
var furtherNames = map[string]country{
	"hong kong, china": {"HK", "Hong Kong"},
	"macao, china":     {"MO", "Macao"},
	"united kingdom of great britain and northern ireland": {"GB", "United Kingdom"},
	"united kingdom (england and wales)":                   {"GB", "United Kingdom"},
	"united kingdom (scotland)":                            {"GB", "United Kingdom"},
	"united kingdom (northern ireland)":                    {"GB", "United Kingdom"},
	"united republic of tanzania":                          {"TZ", "Tanzania"},
	"state of palestine":                                   {"PS", "Palestine"},
	"kosovo under unscr 1244":                              {"XK", "Kosovo"},
	"eswatini":                                             {"SZ", "Eswatini"},
	"netherlands (kingdom of the)":                         {"NL", "Netherlands"},
	"turkiye":                                              {"TR", "Türkiye"},
	"congo, democratic republic of the":                    {"CD", "Democratic Republic of the Congo"},
	"united states of america":                             {"US", "United States"},
	"russia":                                               {"RU", "Russia"},
	"iran":                                                 {"IR", "Iran"},
	"viet nam":                                             {"VN", "Viet Nam"},
	"cote d'ivoire":                                        {"CI", "Côte d’Ivoire"},
	"cabo verde":                                           {"CV", "Cabo Verde"},
	"north macedonia":                                      {"MK", "North Macedonia"},
	"the former yugoslav republic of macedonia":            {"MK", "North Macedonia"},
	"burma":                               {"MM", "Myanmar"},
	"sint maarten":                        {"SX", "Sint Maarten"},
	"micronesia (federated states of)":    {"FM", "Micronesia"},
	"saint helena":                        {"SH", "Saint Helena"},
	"holy see":                            {"VA", "Holy See"},
	"ussr":                                {"SU", "Soviet Union"},
	"union of soviet socialist republics": {"SU", "Soviet Union"},
	"east germany":                        {"DD", "German Democratic Republic"},
}

// withdrawn are the countries of ISO 3166-3 whose code of two letters no other country has since, by their code of four. CS was
// Czechoslovakia, and later Serbia and Montenegro, which is known as Yugoslavia.
var withdrawn = map[string]country{
	"anhh": {"AN", "Netherlands Antilles"},
	"bumm": {"BU", "Burma"},
	"cshh": {"CS", "Czechoslovakia"},
	"csxx": {"YU", "Yugoslavia"},
	"ctki": {"CT", "Canton and Enderbury Islands"},
	"ddde": {"DD", "German Democratic Republic"},
	"dybj": {"DY", "Dahomey"},
	"fqhh": {"FQ", "French Southern and Antarctic Territories"},
	"fxfr": {"FX", "Metropolitan France"},
	"hvbf": {"HV", "Upper Volta"},
	"jtum": {"JT", "Johnston Island"},
	"mium": {"MI", "Midway Islands"},
	"nhvu": {"NH", "New Hebrides"},
	"nqaq": {"NQ", "Dronning Maud Land"},
	"nthh": {"NT", "Neutral Zone"},
	"pchh": {"PC", "Trust Territory of the Pacific Islands"},
	"puum": {"PU", "United States Miscellaneous Pacific Islands"},
	"pzpa": {"PZ", "Panama Canal Zone"},
	"rhzw": {"RH", "Southern Rhodesia"},
	"suhh": {"SU", "Soviet Union"},
	"tptl": {"TP", "East Timor"},
	"vdvn": {"VD", "Democratic Republic of Viet-Nam"},
	"wkum": {"WK", "Wake Island"},
	"ydye": {"YD", "Democratic Yemen"},
	"yucs": {"YU", "Yugoslavia"},
	"zrcd": {"ZR", "Zaire"},
}

// withdrawnOf finds a withdrawn country for which is holds.
func withdrawnOf(is func(country) bool) (country, bool) {
	for _, c := range withdrawn {
		if is(c) {
			return c, true
		}
	}
	return country{}, false
}

// countryNames are those of messages about names that are not known.
func countryNames() []string {
	all := countries.All()
	names := make([]string, 0, len(all))
	for _, c := range all {
		names = append(names, c.String())
	}
	return names
}

// countryOf finds a country by its name in English, or by its code of two or three letters, of four if it was withdrawn. A withdrawn code
// stands for the country that had it; a name that a country of today had before, as Zaire, for that of today.
func countryOf(text string) (country, bool) {
	folded := ontology.Fold(text)
	if c, known := furtherNames[folded]; known {
		return c, true
	}
	if c, known := withdrawn[folded]; known {
		return c, true
	}
	if c, known := withdrawnOf(func(c country) bool { return strings.EqualFold(c.code, folded) }); known {
		return c, true
	}
	found := countries.ByName(text)
	if found == countries.Unknown {
		found = countries.ByName(folded)
	}
	// The library knows names that stand for no country, as International.
	if found == countries.Unknown || len(found.Alpha2()) != 2 {
		return withdrawnOf(func(c country) bool { return ontology.Fold(c.name) == folded })
	}
	code := found.Alpha2()
	for _, c := range furtherNames {
		if c.code == code {
			return c, true
		}
	}
	return country{code: code, name: found.String()}, true
}

// CountryCodes are the two-letter codes of ISO 3166-1 and those withdrawn by ISO 3166-3, and XK, by which Kosovo is widely known.
func CountryCodes() map[string]bool {
	codes := map[string]bool{"XK": true}
	for _, c := range countries.All() {
		if code := c.Alpha2(); len(code) == 2 && c.Alpha3() != "" && c != countries.International && c != countries.None {
			codes[code] = true
		}
	}
	for _, c := range withdrawn {
		codes[c.code] = true
	}
	return codes
}
