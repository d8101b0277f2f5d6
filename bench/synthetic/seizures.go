package synthetic

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
)

// Seizures writes rows in the layout of UNODC's list of significant individual drug seizures: semicolons, some 340 names of drugs in mixed case,
// 44 units, Unknown and empty values alike, and names of places in several scripts. What they say is drawn; no seizure in them took place.
func Seizures(w io.Writer, rows int, seed uint64) error {
	out := bufio.NewWriter(w)
	h := fnv.New64a()
	_, _ = io.WriteString(h, "seizures") // a hash takes everything
	d := &dice{state: seed ^ h.Sum64()}
	d.next()
	fmt.Fprintln(out, "REGION;SUBREGION;COUNTRY;ADMINISTRATIVE_DIVISION;PLACE;SEIZURE_DATE;DRUG_NAME;AMOUNT;DRUG_UNIT;HIDING_PLACE;INSTALLATION;TRANSPORT;PRODUCING_COUNTRY;DEPARTURE_COUNTRY;DESTINATION_COUNTRY;ROUTING")
	names := drugNames()
	for range rows {
		at := d.skewed(len(seizureCountries))
		country := seizureCountries[at]
		division := fmt.Sprintf("%s %d", seizureDivisions[d.below(len(seizureDivisions))], 1+d.skewed(12))
		place := fmt.Sprintf("%s %d", seizurePlaces[(at+d.below(3))%len(seizurePlaces)], 1+d.skewed(40))
		date := fmt.Sprintf("%d-%02d-%02d", 2011+d.below(13), 1+d.below(12), 1+d.below(28))
		if d.chance(0.03) {
			date = date[:7]
		}
		amount := strconv.FormatFloat(float64(1+d.below(9999))/[]float64{1, 10, 100}[d.below(3)]*d.heavy(), 'f', 1+d.below(3), 64)
		other := func(p float64) string {
			if !d.chance(p) {
				return d.absent()
			}
			return d.cased(seizureCountries[d.skewed(len(seizureCountries))])
		}
		cells := []string{
			"Region " + strconv.Itoa(at%5), "Subregion " + strconv.Itoa(at%17), d.cased(country), d.or(0.8, d.cased(division)), d.or(0.7, d.cased(place)),
			date, d.cased(names[d.skewed(len(names))]), amount, d.cased(seizureUnits[d.skewed(len(seizureUnits))]),
			d.or(0.3, "Vehicle"), d.or(0.2, "Seaport"), d.or(0.5, []string{"Land", "Vessel", "Air", "Post"}[d.below(4)]),
			other(0.2), other(0.4), other(0.4), d.or(0.05, "via "+seizureCountries[d.skewed(len(seizureCountries))]),
		}
		fmt.Fprintln(out, strings.Join(cells, ";"))
	}
	return out.Flush()
}

// absent is nothing, as such lists write it.
func (d *dice) absent() string { return []string{"", "Unknown", "UNKNOWN", "n/a"}[d.below(4)] }

// or gives a text with a probability, and else nothing.
func (d *dice) or(p float64, text string) string {
	if d.chance(p) {
		return text
	}
	return d.absent()
}

// cased writes a text as someone may have typed it.
func (d *dice) cased(text string) string {
	switch d.below(4) {
	case 0:
		return strings.ToUpper(text)
	case 1:
		return strings.ToLower(text)
	default:
		return text
	}
}

// drugNames are 340: substances, each in some forms.
func drugNames() []string {
	forms := []string{"", " powder", " tablets", " resin", " seeds", " liquid", " base", " (other)", " mixture", " preparation"}
	var out []string
	for _, form := range forms {
		for _, substance := range seizureSubstances {
			out = append(out, substance+form)
		}
	}
	return out
}

var (
	seizureSubstances = []string{
		"Cannabis herb", "Cocaine", "Heroin", "Hashish", "Methamphetamine", "Amphetamine", "Opium", "Ecstasy", "MDMA", "LSD", "Ketamine", "Coca paste",
		"Crack cocaine", "Morphine", "Codeine", "Captagon", "Khat", "Fentanyl", "Tramadol", "Methadone", "Buprenorphine", "GHB", "GBL", "Mephedrone",
		"Poppy straw", "Ephedrine", "Pseudoephedrine", "Acetic anhydride", "Diazepam", "Methaqualone", "Psilocybin", "Kratom", "Synthetic cannabinoids", "Basuco",
	}
	// Names as UNODC writes them, some of which are not those of ISO 3166.
	seizureCountries = []string{
		"Spain", "Colombia", "Netherlands", "Mexico", "United States of America", "Brazil", "Thailand", "Iran (Islamic Republic of)", "Pakistan", "Afghanistan",
		"Turkey", "Russian Federation", "United Kingdom", "Belgium", "Germany", "France", "Italy", "Ecuador", "Peru", "Bolivia (Plurinational State of)", "Argentina",
		"Chile", "Venezuela (Bolivarian Republic of)", "Panama", "Costa Rica", "Guatemala", "Honduras", "Dominican Republic", "Jamaica", "Morocco", "Algeria", "Nigeria",
		"Ghana", "South Africa", "Kenya", "Tanzania", "Egypt", "Saudi Arabia", "Jordan", "Lebanon", "Syrian Arab Republic", "Iraq", "India", "Nepal", "Myanmar",
		"Lao People's Democratic Republic", "Viet Nam", "Cambodia", "Malaysia", "Indonesia", "Philippines", "China", "Japan", "Republic of Korea", "Australia",
		"New Zealand", "Kazakhstan", "Uzbekistan", "Tajikistan", "Kyrgyzstan", "Ukraine", "Poland", "Czechia", "Romania", "Bulgaria", "Greece", "Albania", "Serbia",
		"Croatia", "Hungary", "Austria", "Switzerland", "Portugal", "Sweden", "Norway", "Finland", "Denmark", "Ireland", "Senegal", "Mali",
	}
	seizureDivisions = []string{"Province", "Область", "Región", "Bezirk", "州"}
	seizurePlaces    = []string{"Puerto", "Город", "Hafen", "Checkpoint", "Aéroport", "Махачкала", "Villa", "Bándar"}
	// 44 units.
	seizureUnits = []string{
		"Kilogram", "Gram", "Tablet", "Unit", "Litre", "Milligram", "Plant", "Dose", "Tonne", "Millilitre", "Capsule", "Ampoule", "Package", "Packet", "Bag", "Box",
		"Bottle", "Piece", "Cigarette", "Kilogram equivalent", "Gram equivalent", "Tonne equivalent", "Thousand tablets", "Million tablets", "Spoon", "Trip", "Syringe", "Strip",
		"Block", "Tube", "Can", "Drop", "Stem", "Root", "Leaf", "Head", "Case", "Seed", "Tree", "Bush", "Sachet", "Blotter", "Pound", "Ounce",
	}
)
