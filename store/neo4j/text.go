package neo4j

import "slices"

// Text is ordered by code point. Neo4j orders it so in indexes, and where it sorts what it keeps; but it compares a parameter with what it
// keeps by UTF-16 code unit, in which characters beyond U+FFFF, being pairs from U+D800 to U+DFFF, come before those from U+E000 to U+FFFF.
// The two orders differ only where a text has a character from U+E000 on; for such parameters the comparison is put right.

// high says whether a text has a character that the two orders place differently.
func high(text string) bool {
	return slices.ContainsFunc([]rune(text), func(r rune) bool { return r >= 0xE000 })
}

// compared writes a comparison (<, <=, > or >=) of an expression with a value.
func (c *compiler) compared(expression, sign string, v any) string {
	text, is := v.(string)
	if !is || !high(text) {
		return expression + " " + sign + " " + c.value(v)
	}
	switch sign {
	case "<":
		return c.before(expression, text)
	case "<=":
		return either([]string{expression + " = " + c.value(text), c.before(expression, text)})
	case ">":
		return "(" + expression + " <> " + c.value(text) + " AND NOT " + c.before(expression, text) + ")"
	default:
		return "NOT " + c.before(expression, text)
	}
}

// before writes that a text comes before another by code point, for a server that compares them by code unit. Where they first differ, and
// the other has a character from U+E000 to U+FFFF but the text a pair, it is not before, though it seems so: it then lies between the
// beginning that both share with the first of all pairs and that with U+E000. Where the other has a pair but the text such a character, it
// is before.
func (c *compiler) before(expression, text string) string {
	var not, yet [][]string
	for i, r := range text {
		begin := text[:i]
		switch {
		case r > 0xFFFF:
			yet = append(yet, []string{begin, begin + "\ue000"})
		case r >= 0xE000:
			not = append(not, []string{begin + "\U00010000", begin + "\ue000"})
		}
	}
	// As a sum it is no matter for an index, which has the other order.
	held, other := "("+expression+" + '')", c.value(text)
	seems := "(" + held + " < " + other
	if len(not) > 0 {
		seems += " AND none(q IN " + c.value(not) + " WHERE " + held + " >= q[0] AND " + held + " < q[1])"
	}
	seems += ")"
	if len(yet) == 0 {
		return seems
	}
	return either([]string{seems, "any(q IN " + c.value(yet) + " WHERE " + held + " STARTS WITH q[0] AND " + held + " >= q[1])"})
}
