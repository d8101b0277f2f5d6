package network

import "context"

// ConnectionsQuestion asks how the nodes of a set hang together, two by two.
type ConnectionsQuestion struct {
	// Among are 2 to 20 nodes, by id.
	Among   []string
	MaxHops int
	Scope
	Work int
}

// Connections holds a shortest path for each pair that has one, in order of the pairs, and the pairs that have none.
type Connections struct {
	Status Completeness
	Paths  []Path
	Apart  []Pair
}

// Pair is a pair of nodes.
type Pair struct{ From, To string }

// Connections answers the question. The error is an *ArgumentError.
func (n *Network) Connections(ctx context.Context, q ConnectionsQuestion) (Connections, error) {
	among, err := n.given("among", q.Among)
	if err != nil {
		return Connections{}, err
	}
	if len(among) < 2 || len(among) > 20 {
		return Connections{}, refuse("among", "2 to 20 different nodes, not %d", len(among))
	}
	answer := Connections{Status: Complete, Paths: []Path{}, Apart: []Pair{}}
	left := q.Work
	if left == 0 {
		left = DefaultWork
	}
	for i, a := range among {
		for _, b := range among[i+1:] {
			pair := Pair{n.id(a), n.id(b)}
			found, err := n.Paths(ctx, PathQuestion{
				From: []string{pair.From}, To: []string{pair.To}, K: 1, MaxHops: q.MaxHops, Scope: q.Scope, Weight: Hops, Work: max(left, 1),
			})
			if err != nil {
				return Connections{}, err
			}
			left -= found.Explored
			switch {
			case len(found.Paths) > 0:
				answer.Paths = append(answer.Paths, found.Paths[0])
			case found.Status == BudgetExhausted:
				answer.Status = BudgetExhausted
			default:
				answer.Apart = append(answer.Apart, pair)
			}
		}
	}
	return answer, nil
}
