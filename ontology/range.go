package ontology

// Range is a pair of properties of a kind that bound each other.
type Range struct{ Low, High *Property }

// rangeNames are the properties that bound each other wherever both occur, the lower one first.
var rangeNames = [][2]string{
	{"low", "high"}, {"valueLow", "valueHigh"}, {"validFrom", "validTo"}, {"founded", "dissolved"}, {"recordedAt", "retractedAt"},
}

// Ranges are the pairs of the kind's properties that bound each other.
func (k *Kind) Ranges() []Range {
	var out []Range
	for _, names := range rangeNames {
		if low, high := k.properties[names[0]], k.properties[names[1]]; low != nil && high != nil {
			out = append(out, Range{low, high})
		}
	}
	return out
}

// Reversed says whether the range ends before it begins in the values of a record, which stand in the order of its kind's properties.
// A month or year is wide: 2014-05 to 2014 is in order. Where a bound is missing there is no order.
func (r Range) Reversed(values []any) bool {
	switch low := values[r.Low.Position].(type) {
	case float64:
		high, given := values[r.High.Position].(float64)
		return given && low > high
	case int64:
		high, given := values[r.High.Position].(int64)
		if given && r.Low.Type == PartialDate {
			return DateOf(low).First > DateOf(high).Last
		}
		return given && low > high
	default:
		return false
	}
}
