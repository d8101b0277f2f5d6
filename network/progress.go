package network

// LoadProgress is how far a load has come, seen from what a lens lets through. A relation is a claim or a structural relation.
type LoadProgress struct {
	// Running says that records are still coming, as far as can be seen.
	Running bool
	// What came and went since the load began.
	AddedNodes, AddedRelations, RetractedNodes, RetractedRelations int
	// What there is now.
	Nodes, Relations   int
	ByKind, ByRelation []Count
}

// ListenToLoads makes a listener that answers with LoadProgress: at the beginning, with every change, and when nothing has come for a while.
func ListenToLoads() Listener { return &loadListener{} }

type loadListener struct{ last LoadProgress }

func (l *loadListener) begins(n *Network) (any, error) {
	l.count(n)
	return l.last, nil
}

func (l *loadListener) changed(n *Network, gone, come *difference) any {
	if !l.last.Running {
		l.last = LoadProgress{Running: true}
	}
	l.last.AddedNodes += len(come.nodes)
	l.last.AddedRelations += come.relations()
	l.last.RetractedNodes += len(gone.nodes)
	l.last.RetractedRelations += gone.relations()
	l.count(n)
	return l.last
}

func (l *loadListener) quiet() any {
	if !l.last.Running {
		return nil
	}
	l.last.Running = false
	return l.last
}

func (l *loadListener) count(n *Network) {
	s := n.Size()
	l.last.Nodes, l.last.Relations = s.Nodes, s.Relations
	l.last.ByKind, l.last.ByRelation = n.byKind(), n.byRelation()
}

// relations counts claims and structural relations.
func (d *difference) relations() int {
	sum := 0
	for _, e := range d.edges {
		sum += max(len(e.claims), 1)
	}
	return sum
}
