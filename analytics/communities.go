package analytics

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
)

// Partition numbers the community of each node. The largest is 0; of equal ones that with the first node.
type Partition []int

// Modularity is which share of the weight of ties lies within communities, less what would lie there by chance: M. E. J. Newman, M. Girvan, 2004.
// 0 where there are no ties.
func Modularity(g Graph, p Partition) float64 {
	within, strength := map[int]float64{}, map[int]float64{}
	total := 0.0
	for _, t := range g.Ties {
		total += t.Weight
		strength[p[t.A]] += t.Weight
		strength[p[t.B]] += t.Weight
		if p[t.A] == p[t.B] {
			within[p[t.A]] += t.Weight
		}
	}
	if total == 0 {
		return 0
	}
	q := 0.0
	for c := range len(p) { // in order, since sums of floats depend on it
		q += within[c]/total - strength[c]/(2*total)*strength[c]/(2*total)
	}
	return q
}

// CommunitiesFound is the best of several partitions, and how far the others agree with it.
type CommunitiesFound struct {
	Partition  Partition
	Modularity float64
	// Runs is how many partitions there were, Agreement the mean adjusted Rand index of the others with the best: 1 for the same, 0 for no more
	// than chance. Stability holds for each community the mean over the others of the largest overlap (Jaccard) with one of theirs.
	Runs      int
	Agreement float64
	Stability []float64
}

// Communities finds communities by the Leiden method from several seeds, and compares what came out. Each is connected.
func Communities(ctx context.Context, g Graph, runs int, seed uint64) CommunitiesFound {
	found := CommunitiesFound{}
	var all []Partition
	best := -1
	tell := step(ctx, "communities", runs)
	for run := range runs {
		tell(run)
		if run > 0 && ctx.Err() != nil {
			break
		}
		p := leiden(ctx, g, rand.New(rand.NewPCG(seed, uint64(run))))
		q := Modularity(g, p)
		all = append(all, p)
		if best < 0 || q > found.Modularity+1e-12 {
			best, found.Modularity = run, q
		}
	}
	found.Runs, found.Partition = len(all), all[best]
	count := 0
	for _, c := range found.Partition {
		count = max(count, c+1)
	}
	found.Stability = make([]float64, count)
	if len(all) == 1 {
		return found
	}
	for run, p := range all {
		if run == best {
			continue
		}
		found.Agreement += AdjustedRand(found.Partition, p)
		for c, o := range overlaps(found.Partition, p, count) {
			found.Stability[c] += o
		}
	}
	found.Agreement /= float64(len(all) - 1)
	for c := range found.Stability {
		found.Stability[c] /= float64(len(all) - 1)
	}
	return found
}

// split makes every connected part of a community one of its own, and numbers them by size.
func split(g Graph, community []int) Partition {
	a := g.adjacency()
	part := make([]int, len(community))
	for i := range part {
		part[i] = -1
	}
	var sizes []int
	for s := range part {
		if part[s] >= 0 {
			continue
		}
		c := len(sizes)
		sizes = append(sizes, 0)
		queue := []int{s}
		part[s] = c
		for len(queue) > 0 {
			v := queue[0]
			queue = queue[1:]
			sizes[c]++
			for _, w := range a.of(v) {
				if part[w] < 0 && community[w] == community[s] {
					part[w] = c
					queue = append(queue, int(w))
				}
			}
		}
	}
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Or(cmp.Compare(sizes[y], sizes[x]), cmp.Compare(x, y)) })
	number := make([]int, len(sizes))
	for i, c := range order {
		number[c] = i
	}
	for i, c := range part {
		part[i] = number[c]
	}
	return part
}

// AdjustedRand is how far two partitions agree about which pairs belong together, less what chance would give: L. Hubert, P. Arabie, 1985. 1 for
// the same.
func AdjustedRand(a, b Partition) float64 {
	choose2 := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	both, ofA, ofB := map[[2]int]int{}, map[int]int{}, map[int]int{}
	for i := range a {
		both[[2]int{a[i], b[i]}]++
		ofA[a[i]]++
		ofB[b[i]]++
	}
	together, inA, inB := 0.0, 0.0, 0.0
	for _, n := range both { // whole numbers: their order does not matter
		together += choose2(n)
	}
	for _, n := range ofA {
		inA += choose2(n)
	}
	for _, n := range ofB {
		inB += choose2(n)
	}
	all := choose2(len(a))
	if all == 0 {
		return 1
	}
	expected := inA * inB / all
	if most := (inA + inB) / 2; most != expected {
		return (together - expected) / (most - expected)
	}
	return 1
}

// overlaps gives for each community of p the largest overlap (Jaccard) with one of q.
func overlaps(p, q Partition, count int) []float64 {
	both, ofP, ofQ := map[[2]int]int{}, make([]int, count), map[int]int{}
	for i := range p {
		both[[2]int{p[i], q[i]}]++
		ofP[p[i]]++
		ofQ[q[i]]++
	}
	out := make([]float64, count)
	for pair, n := range both {
		out[pair[0]] = max(out[pair[0]], float64(n)/float64(ofP[pair[0]]+ofQ[pair[1]]-n))
	}
	return out
}
