package analytics

// Cores gives each node the largest k for which it is in a part of the graph where every node has k ties or more within that part: S. B. Seidman,
// Network Structure and Minimum Degree, 1983; computed as V. Batagelj and M. Zaveršnik, 2003.
func Cores(g Graph) []int {
	a := g.adjacency()
	n := len(g.Nodes)
	core, most := make([]int, n), 0
	for v := range n {
		core[v] = a.degree(v)
		most = max(most, core[v])
	}
	// Nodes in order of what degree is left; start[d] is where those of degree d begin.
	start := make([]int, most+2)
	for _, d := range core {
		start[d+1]++
	}
	for d := range most + 1 {
		start[d+1] += start[d]
	}
	order, place := make([]int, n), make([]int, n)
	next := append([]int{}, start...)
	for v, d := range core {
		order[next[d]], place[v] = v, next[d]
		next[d]++
	}
	for at := range n {
		v := order[at]
		for _, w := range a.of(v) {
			if u := int(w); core[u] > core[v] {
				// u loses a tie: it changes places with the first of its degree, which then ends one lower.
				first := order[start[core[u]]]
				order[place[u]], order[place[first]] = first, u
				place[u], place[first] = place[first], place[u]
				start[core[u]]++
				core[u]--
			}
		}
		start[core[v]] = max(start[core[v]], at+1)
	}
	return core
}
