package network

import (
	"slices"
	"strings"
)

// legalForms are what stands for the legal form of a company at the end of its name, as words: written out, abbreviated, and with points between
// the letters. The list is short: the forms that sanctions lists and registers hold most (names after ISO 20275).
var legalForms = words(
	"ltd", "limited", "co ltd", "company limited", "co limited", "pty ltd", "pte ltd", "pvt ltd", "private limited", "public limited company", "plc", "llp", "lp", "llc", "l l c", "limited liability company",
	"inc", "incorporated", "corp", "corporation", "co", "company",
	"gmbh", "gmbh co kg", "ag", "kg", "ohg", "ug", "se", "ev", "e v",
	"sa", "s a", "societe anonyme", "sociedad anonima", "sas", "s a s", "sarl", "s a r l", "sl", "s l", "slu",
	"sa de cv", "s a de c v", "sapi de cv", "s a p i de c v", "s de rl de cv", "s de r l de c v", "s de rl", "s de r l", "sc", "s c", "sociedad anonima de capital variable",
	"ltda", "limitada", "cia ltda", "lda", "eirl", "e i r l", "srl", "s r l", "spa", "s p a", "snc",
	"bv", "b v", "nv", "n v", "oy", "oyj", "ab", "as", "a s", "aps", "sp z o o", "sp zoo", "s r o", "sro", "doo", "d o o", "dd", "d d", "ad", "eood", "ood", "kft", "zrt", "nyrt", "tov",
	"ooo", "oao", "zao", "pao", "ao", "jsc", "ojsc", "cjsc", "pjsc", "lllp", "sdn bhd", "bhd", "fze", "fzc", "fzco", "fz llc", "dmcc", "dwc llc", "est", "pt", "tbk", "kk", "k k", "godo kaisha",
)

// legalPrefixes stand before the name.
var legalPrefixes = words("ooo", "oao", "zao", "pao", "ao", "tov", "pt", "obshchestvo s ogranichennoi otvetstvennost iu", "firma")

func words(forms ...string) [][]string {
	out := make([][]string, len(forms))
	for i, form := range forms {
		out[i] = strings.Fields(form)
	}
	// The longest first, so that "s a de c v" is not taken for what ends with "c v".
	slices.SortStableFunc(out, func(a, b []string) int { return len(b) - len(a) })
	return out
}

// withoutLegalForm gives the words of a company's name without its legal form; all of them where a single letter or nothing would be left.
func withoutLegalForm(name []string) []string {
	names := func(rest []string) bool { return len(rest) > 1 || len(rest) == 1 && len(rest[0]) > 1 }
	for _, form := range legalForms {
		if n := len(name) - len(form); n > 0 && slices.Equal(name[n:], form) && names(name[:n]) {
			return name[:n]
		}
	}
	for _, form := range legalPrefixes {
		if n := len(form); n < len(name) && slices.Equal(name[:n], form) && names(name[n:]) {
			return name[n:]
		}
	}
	return name
}
