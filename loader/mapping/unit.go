package mapping

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// unit is what one of a unit is in its base unit.
type unit struct {
	factor float64
	base   string
}

// units are the units that every mapping knows, by their folded names: one base unit a dimension. What is counted by the piece cannot be
// converted, and is a dimension of its own.
var units = func() map[string]unit {
	table := map[string]unit{}
	for _, line := range []struct {
		base   string
		factor float64
		names  string
	}{
		{"kg", 1, "kg|kgs|kilo|kilos|kilogram|kilograms|kilogramme|kilogrammes"},
		{"kg", 1e-3, "g|gr|gram|grams|gramme|grammes"},
		{"kg", 1e-6, "mg|milligram|milligrams|milligramme|milligrammes"},
		{"kg", 1e-9, "microgram|micrograms"},
		{"kg", 1e3, "t|ton|tons|tonne|tonnes|metric ton|metric tons|mt"},
		{"kg", 0.45359237, "lb|lbs|pound|pounds"},
		{"kg", 0.028349523125, "oz|ounce|ounces"},
		{"l", 1, "l|litre|litres|liter|liters"},
		{"l", 0.1, "dl|decilitre|decilitres|deciliter|deciliters"},
		{"l", 0.01, "cl|centilitre|centilitres|centiliter|centiliters"},
		{"l", 1e-3, "ml|millilitre|millilitres|milliliter|milliliters|cc|cm3"},
		{"l", 1e3, "m3|cubic metre|cubic metres|cubic meter|cubic meters"},
		{"l", 3.785411784, "gallon|gallons|us gallon|us gallons"},
		{"m2", 1, "m2|square metre|square metres|square meter|square meters"},
		{"m2", 1e4, "ha|hectare|hectares"},
		{"m2", 4046.8564224, "acre|acres"},
		{"m", 1, "m|metre|metres|meter|meters"},
		{"m", 1e3, "km|kilometre|kilometres|kilometer|kilometers"},
		{"people", 1, "people|person|persons|individual|individuals"},
		{"pieces", 1, "pieces|piece|unit|units|item|items|pcs|number"},
		{"tablets", 1, "tablets|tablet|pill|pills"},
		{"capsules", 1, "capsules|capsule"},
		{"plants", 1, "plants|plant|tree|trees|bush|bushes"},
		{"seeds", 1, "seeds|seed"},
		{"doses", 1, "doses|dose|dosage|dosages|lsd dose|blotter|blotters"},
		{"ampoules", 1, "ampoules|ampoule|ampule|ampules|vial|vials"},
		{"bottles", 1, "bottles|bottle|flask|flasks"},
		{"packets", 1, "packets|packet|package|packages|pack|packs|parcel|parcels|sachet|sachets|bag|bags|wrap|wraps|box|boxes"},
		{"cigarettes", 1, "cigarettes|cigarette|joint|joints|stick|sticks"},
		{"patches", 1, "patches|patch"},
		{"laboratories", 1, "laboratories|laboratory|lab|labs"},
		{"firearms", 1, "firearms|firearm|weapon|weapons|gun|guns"},
		{"rounds", 1, "rounds|round|cartridge|cartridges"},
		{"vehicles", 1, "vehicles|vehicle|car|cars"},
	} {
		for _, name := range strings.Split(line.names, "|") {
			table[name] = unit{line.factor, line.base}
		}
	}
	return table
}()

// readUnit reads what a mapping says of a unit: `0.5 kg`, or a name of its own for what cannot be converted.
func readUnit(text string) (unit, error) {
	factor, base, found := strings.Cut(strings.TrimSpace(text), " ")
	if !found {
		return unit{}, fmt.Errorf("%.40q is no unit: write a number, a blank and the base unit, as 0.5 kg", text)
	}
	n, err := strconv.ParseFloat(factor, 64)
	if err != nil || !(n > 0 && n < 1e15) {
		return unit{}, fmt.Errorf("%.40q is no factor: write a number above 0, as 0.5 kg", factor)
	}
	base = strings.TrimSpace(base)
	if known, is := units[ontology.Fold(base)]; is {
		return unit{n * known.factor, known.base}, nil
	}
	return unit{n, base}, nil
}

// unitOf finds a unit by its name, the mapping's own first.
func (m *Mapping) unitOf(name string) (unit, bool) {
	folded := ontology.Fold(strings.TrimSpace(name))
	if u, own := m.units[folded]; own {
		return u, true
	}
	u, known := units[folded]
	return u, known
}

func (m *Mapping) unitNames() []string {
	var names []string
	for name := range m.units {
		names = append(names, name)
	}
	for name := range units {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
