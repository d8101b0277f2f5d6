package mapping

import (
	"fmt"
	"testing"
)

// TestWithdrawnCountries: codes that ISO 3166 withdrew stand for the countries that had them, names for those that have them.
func TestWithdrawnCountries(t *testing.T) {
	codes := CountryCodes()
	for text, want := range map[string]string{
		"su": "SU Soviet Union", "SUHH": "SU Soviet Union", "USSR": "SU Soviet Union", "Soviet Union": "SU Soviet Union", "CS": "CS Czechoslovakia", "Czechoslovakia": "CS Czechoslovakia",
		"csxx": "YU Yugoslavia", "yucs": "YU Yugoslavia", "YU": "YU Yugoslavia", "Serbia and Montenegro": "YU Yugoslavia", "AN": "AN Netherlands Antilles",
		"dd": "DD German Democratic Republic", "East Germany": "DD German Democratic Republic", "ZR": "ZR Zaire", "Zaire": "CD Democratic Republic of the Congo",
		"tp": "TP East Timor", "bu": "BU Burma", "Burma": "MM Myanmar", "BY": "BY Belarus", "SK": "SK Slovakia", "de": "DE Germany",
	} {
		c, known := countryOf(text)
		if got := fmt.Sprint(c.code, " ", c.name); !known || got != want || !codes[c.code] {
			t.Errorf("%s is %s (found %t, a code %t), want %s", text, got, known, codes[c.code], want)
		}
	}
	for _, text := range []string{"eu", "zz", "XZ"} {
		if c, known := countryOf(text); known {
			t.Errorf("%s is %s", text, c.name)
		}
	}
}
