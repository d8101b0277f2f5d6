package network

import "slices"

// ChangesQuestion asks to be told what comes and goes.
type ChangesQuestion struct {
	// Of are nodes, by id: only these, and what joins them. Kinds are kinds of node: only nodes of these, and what joins one. Nil means all.
	Of, Kinds []string
	// First is how many nodes and how many edges a message lists at most.
	First int
}

// Changes is what came and what went between two readings.
type Changes struct{ Added, Retracted Difference }

// Listen makes the listener that answers the question with Changes. The first message is empty: what comes after it is told. What is wrong with
// Of is said when the subscription begins.
func (q ChangesQuestion) Listen() (Listener, error) {
	if err := within("first", q.First, 1, MaxListed); err != nil {
		return nil, err
	}
	for _, given := range []struct {
		argument string
		list     []string
	}{{"of", q.Of}, {"kinds", q.Kinds}} {
		if given.list != nil && len(given.list) == 0 {
			return nil, refuse(given.argument, "an empty list lets nothing pass; leave it out for all")
		}
	}
	l := &changesListener{question: q, first: q.First}
	if q.Of != nil {
		l.of = map[string]bool{}
		for _, id := range q.Of {
			l.of[id] = true
		}
	}
	return l, nil
}

type changesListener struct {
	question ChangesQuestion
	first    int
	of       map[string]bool // nil: all
}

func (l *changesListener) begins(n *Network) (any, error) {
	if _, err := n.given("of", l.question.Of); err != nil {
		return nil, err
	}
	for _, name := range l.question.Kinds {
		if k := n.Model.Kind(name); k == nil || k.Abstract() {
			return nil, refuse("kinds", "there is no kind %.40q", name)
		}
	}
	return Changes{(&difference{n: n}).list(l), (&difference{n: n}).list(l)}, nil
}

func (l *changesListener) changed(_ *Network, gone, come *difference) any {
	c := Changes{come.list(l), gone.list(l)}
	if c.Added.NodeCount+c.Added.RelationCount+c.Retracted.NodeCount+c.Retracted.RelationCount == 0 {
		return nil
	}
	return c
}

func (l *changesListener) quiet() any { return nil }

// concerns says whether a node is one that the question names.
func (l *changesListener) concerns(n *Network, at node) bool {
	return (l.of == nil || l.of[n.id(at)]) && (l.question.Kinds == nil || slices.Contains(l.question.Kinds, n.kind(at).Name))
}
