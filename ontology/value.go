package ontology

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hbollon/go-edlib"
	"github.com/mozillazg/go-unidecode"
)

// ListSeparator parts the values of a list where a format has only text.
const ListSeparator = "|"

var (
	countryCode = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Parse reads a property's value from text, as files hold it, into stored form: nil for empty text, string, int64 (also
// for booleans, ranks and date keys), float64, []string. Enumerations are read in any case, with spaces, hyphens or plus signs for underscores.
// The error names the fault and, for vocabularies, the nearest valid value.
func (p *Property) Parse(text string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("the text is not valid UTF-8")
	}
	// Terminals obey such characters, and most are what is left of an encoding that was taken for another.
	if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		if r == 0 {
			return nil, errors.New("the text holds a NUL character")
		}
		return nil, fmt.Errorf("the text holds the control character %U", r)
	}
	text = strings.TrimSpace(text)
	if p.List {
		list := []string{}
		for _, part := range strings.Split(text, ListSeparator) {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list, nil
	}
	if text == "" {
		return nil, nil
	}
	switch p.Type {
	case Int:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%.40q is no whole number between -2147483648 and 2147483647", text)
		}
		return p.bounded(n)
	case Float:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, fmt.Errorf("%.40q is no number: write digits with a point, as 12.5", text)
		}
		return p.inRange(n)
	case Boolean:
		switch strings.ToLower(text) {
		case "true":
			return int64(1), nil
		case "false":
			return int64(0), nil
		}
		return nil, fmt.Errorf("%.40q is neither true nor false", text)
	case PartialDate:
		return p.dateKey(text)
	case CountryCode:
		if !countryCode.MatchString(text) {
			return nil, fmt.Errorf("%.40q is no country code: write two upper-case letters, as IT", text)
		}
		return text, nil
	case Enumeration:
		value := strings.Map(func(r rune) rune {
			if r == ' ' || r == '-' || r == '+' { // TLP:AMBER+STRICT
				return '_'
			}
			return unicode.ToUpper(r)
		}, text)
		rank := p.Enum.Rank(value)
		if rank == 0 {
			return nil, fmt.Errorf("%.40q is no %s%s", text, p.Enum.Name, Suggest(value, p.Enum.Values))
		}
		return rank, nil
	case ID, Reference:
		if !ValidID(text) && p.Type == Reference {
			return nil, fmt.Errorf("%.80q is no id: write kind/slug, as place/it", text)
		}
		return text, nil
	default:
		return text, nil
	}
}

// Coerce turns a value of the API, as gqlparser gives it after validation, into stored form.
func (p *Property) Coerce(value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		if p.List {
			return v, nil
		}
		switch p.Type {
		case PartialDate, CountryCode, Enumeration:
			return p.Parse(v)
		}
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			return nil, errors.New("the text is not valid UTF-8, or holds a NUL character")
		}
		return v, nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case int64:
		switch p.Type {
		case Float:
			return float64(v), nil
		case Int:
			return v, nil
		default:
			return nil, fmt.Errorf("%d is no %s", v, p.Type)
		}
	case int:
		return p.Coerce(int64(v))
	case float64:
		switch {
		case p.Type == Float && !math.IsNaN(v) && !math.IsInf(v, 0):
			return v, nil
		case p.Type == Int && v == math.Trunc(v) && math.Abs(v) < 1<<53:
			return int64(v), nil
		default:
			return nil, fmt.Errorf("%v is no %s", v, p.Type)
		}
	case interface{ Float64() (float64, error) }:
		f, err := v.Float64()
		if err != nil {
			return nil, err
		}
		return p.Coerce(f)
	default:
		return nil, fmt.Errorf("a value of type %T has no place in %s", value, p.Name)
	}
}

// Append appends the API's JSON form of a stored scalar other than text to b.
func (p *Property) Append(b []byte, n int64) []byte {
	switch p.Type {
	case PartialDate:
		return append(AppendDate(append(b, '"'), n), '"')
	case Enumeration:
		return append(append(append(b, '"'), p.Enum.Value(n)...), '"')
	case Boolean:
		return strconv.AppendBool(b, n != 0)
	default:
		return strconv.AppendInt(b, n, 10)
	}
}

func (p *Property) dateKey(text string) (any, error) {
	d, err := ParseDate(text)
	if err != nil {
		return nil, err
	}
	if p.Upper {
		return d.UpperKey(), nil
	}
	return d.LowerKey(), nil
}

// bounds are the ranges of numbers that have one wherever they occur.
var bounds = map[string][2]float64{
	"latitude": {-90, 90}, "longitude": {-180, 180}, "credibility": {1, 6}, "confidence": {0, 100}, "order": {1, 1e6},
}

func (p *Property) inRange(n float64) (any, error) {
	if b, bounded := bounds[p.Name]; bounded && (n < b[0] || n > b[1]) {
		return nil, fmt.Errorf("%s %s lies outside %s to %s", p.Name, plain(n), plain(b[0]), plain(b[1]))
	}
	return n, nil
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (p *Property) bounded(n int64) (any, error) {
	if _, err := p.inRange(float64(n)); err != nil {
		return nil, err
	}
	return n, nil
}

// ValidID says whether a text has the form of a node's id: the kind in lower case, a slash, a slug without blanks.
func ValidID(id string) bool {
	kind, slug, found := strings.Cut(id, "/")
	if !found || kind == "" || slug == "" || slug[0] == '/' || len(id) > 200 || strings.ContainsAny(slug, "\t\n\f\r ") {
		return false
	}
	for i := range len(kind) {
		if c := kind[i]; (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '-') {
			return false
		}
	}
	return true
}

// IDPrefix is what the ids of a kind begin with: its name in lower case with hyphens, up to the slash.
func (k *Kind) IDPrefix() string {
	var b strings.Builder
	for i, r := range k.Name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String() + "/"
}

// Fold is the form in which text is compared without regard to case, diacritics and script: transliterated to ASCII, lower case.
func Fold(text string) string { return strings.ToLower(unidecode.Unidecode(text)) }

// Words are the words of a folded text: runs of letters and digits.
func Words(text string) []string {
	return strings.FieldsFunc(Fold(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// Nearest returns the candidate that a user may have meant by word, or "" where none is close. Ties go to the first.
func Nearest(word string, candidates []string) string {
	// Of a word no letter of which is right, nothing is near.
	best, bestDistance := "", min(1+(len(word)+2)/3, utf8.RuneCountInString(word))
	for _, c := range candidates {
		if d := edlib.OSADamerauLevenshteinDistance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// Suggest ends a message about an unknown word: the nearest candidate, or all of them where they are few.
func Suggest(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	if len(candidates) == 0 {
		return ""
	}
	if len(candidates) <= 12 {
		return "; known are " + strings.Join(candidates, ", ")
	}
	return ""
}
