package network

// distance is the number of letters by which two texts differ: inserted, left out, exchanged, or two neighbours swapped. What is above most
// counts as most+1. Texts are compared by byte: folded text and ids are ASCII.
func distance(a, b string, most int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > most {
		return most + 1
	}
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > 255 || len(b) > 255 {
		return most + 1
	}
	var rows [3][256]int
	before, last, current := &rows[0], &rows[1], &rows[2]
	for j := range len(a) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(b); i++ {
		current[0] = i
		least := i
		for j := 1; j <= len(a); j++ {
			cost := 1
			if a[j-1] == b[i-1] {
				cost = 0
			}
			d := min(last[j]+1, current[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[j-1] == b[i-2] && a[j-2] == b[i-1] {
				d = min(d, before[j-2]+1)
			}
			current[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, current = last, current, before
	}
	return min(last[len(a)], most+1)
}
