package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crimegraph/crimegraph/bench/synthetic"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// building measures how long it takes until a network is in memory, and what it takes there.
func (b *bench) building(ctx context.Context, s *site, target time.Duration) error {
	var n *network.Network
	took, err := rounds(b.repetitions(5), func() (err error) {
		n, err = network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
		return err
	})
	if err != nil {
		return err
	}
	size := n.Size()
	b.note(fmt.Sprintf("a network of %d nodes and %d relations in memory", size.Nodes, size.Relations), durations("read", took[0]), float64(target.Milliseconds()))
	b.note("its memory a relation", figure("network", "bytes", []float64{float64(size.Bytes) / float64(size.Relations)}), 64)
	return nil
}

// pathsQuery asks for ten paths over sources that are reliable at least to grade C, with what is said of every step.
const pathsQuery = `query Paths($from: ID!, $to: ID!) {
  paths(from: [$from], to: [$to], k: 10, maxHops: 8, lens: {minReliability: C}) {
    status
    paths { hops nodes { id kind: __typename } steps { edges { relation claimCount reliability } } }
  }
}`

// gradeC is the lens of that question.
func (b *bench) gradeC() plan.Lens {
	may := access(b.model)
	return plan.Lens{
		Record:   plan.Record{MaxTlp: may.MaxTlp, Compartments: may.Compartments},
		Evidence: plan.Evidence{MinReliability: b.model.Claim.Property("reliability").Enum.Rank("C")},
	}
}

// pairs are two nodes each, whatever they are, that the lens lets through.
func pairs(n *network.Network, made *synthetic.Network, count int) [][2]string {
	dice := rand.New(rand.NewPCG(seed, 8))
	kinds := []string{"Group", "Person", "Place", "Commodity", "Event"}
	one := func() string {
		for {
			kind := kinds[dice.IntN(len(kinds))]
			if id := made.ID(kind, dice.IntN(made.Count(kind))); n.Kind(id) != nil {
				return id
			}
		}
	}
	out := make([][2]string, count)
	for i := range out {
		for out[i][0] == out[i][1] {
			out[i] = [2]string{one(), one()}
		}
	}
	return out
}

// paths measures the ten best paths between any two nodes.
func (b *bench) paths(ctx context.Context, s *site) error {
	n, err := network.Read(ctx, b.model, s.store, b.gradeC(), 1<<40)
	if err != nil {
		return err
	}
	ends := pairs(n, s.network, 500)
	search := func(weight network.Weight) func() error {
		next := 0
		return func() error {
			pair := ends[next%len(ends)]
			next++
			_, err := n.Paths(ctx, network.PathQuestion{From: pair[:1], To: pair[1:], K: 10, MaxHops: 8, Weight: weight})
			return err
		}
	}
	next := 0
	took, err := rounds(b.repetitions(500), search(network.Hops), search(network.Evidence), search(network.Time), search(network.Distance), func() error {
		pair := ends[next%len(ends)]
		next++
		_, err := s.client.ask(ctx, newRequest(pathsQuery, map[string]any{"from": pair[0], "to": pair[1]}))
		return err
	})
	if err != nil {
		return err
	}
	b.promise("ten paths of up to 8 hops through grade C", durations("network", took[0]), 20)
	b.note("the same by evidence", durations("network", took[1]), 0)
	b.note("the same in order of time", durations("network", took[2]), 0)
	b.note("the same by distance", durations("network", took[3]), 0)
	b.note("the same by hops, with what is said of every step", durations("HTTP", took[4]), 0)
	return nil
}

// beside measures a question to the store while others compute, and while a network is read.
func (b *bench) beside(ctx context.Context, s *site) error {
	entities, next := s.entities(), 0
	ask := func() error {
		next++
		_, err := s.execute(ctx, b.model, entities[next%len(entities)])
		return err
	}
	short := newRequest(`query($of: ID!) { neighbourhood(of: $of) { totalCount } }`, map[string]any{"of": s.network.ID("Group", 1)})
	askNetwork := func() error { _, err := s.execute(ctx, b.model, short); return err }
	if err := askNetwork(); err != nil {
		return err
	}
	alone, err := rounds(b.repetitions(300), ask, askNetwork)
	if err != nil {
		return err
	}
	worst := newRequest(`query($from: [ID!]!, $to: [ID!]!) { paths(from: $from, to: $to, k: 100, maxHops: 12, weight: DISTANCE) { status } }`,
		map[string]any{"from": []any{s.network.ID("Group", 0)}, "to": []any{s.network.ID("Group", s.network.Count("Group")-1)}})
	searched, err := b.during(8, func(ctx context.Context) error { _, err := s.execute(ctx, b.model, worst); return err }, ctx, ask, askNetwork)
	if err != nil {
		return err
	}
	read, err := b.during(1, func(ctx context.Context) error {
		_, err := network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
		return err
	}, ctx, ask, askNetwork)
	if err != nil {
		return err
	}
	b.compare("one entity, while 8 searches for 100 paths of 12 hops run", durations("beside", searched[0]), durations("alone", alone[0]), 0)
	b.compare("a neighbourhood, while they run", durations("beside", searched[1]), durations("alone", alone[1]), 0)
	b.compare("one entity, while a network is read", durations("beside", read[0]), durations("alone", alone[0]), 0)
	b.compare("a neighbourhood, while one is", durations("beside", read[1]), durations("alone", alone[1]), 0)
	return nil
}

// during times pieces of work while others run over and over.
func (b *bench) during(count int, heavy func(context.Context) error, ctx context.Context, works ...func() error) ([][]time.Duration, error) {
	running, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	failed := make(chan error, count)
	for range count {
		all.Go(func() {
			for running.Err() == nil {
				if err := heavy(running); err != nil && running.Err() == nil {
					failed <- err
					return
				}
			}
		})
	}
	time.Sleep(time.Duration(b.effort * float64(200*time.Millisecond)))
	took, err := rounds(b.repetitions(300), works...)
	stop()
	all.Wait()
	select {
	case other := <-failed:
		err = errors.Join(err, other)
	default:
	}
	return took, err
}

// subgraphQuery asks for all that a front-end draws.
const subgraphQuery = `query Subgraph($of: [ID!]!, $layout: Boolean!) {
  subgraph(of: $of, depth: 4, maxNodes: 2000, maxEdges: 5000, layout: $layout) {
    status
    nodes { node { id kind: __typename ... on Entity { name } } depth degree x y }
    edges { id relation from { id } to { id } claimCount disputed firstSeen lastSeen }
  }
}`

// subgraphs measures a large subgraph.
func (b *bench) subgraphs(ctx context.Context, s *site) error {
	of := []any{}
	for i := range 20 {
		of = append(of, s.network.ID("Group", i))
	}
	plain := newRequest(subgraphQuery, map[string]any{"of": of, "layout": false})
	laid := newRequest(subgraphQuery, map[string]any{"of": of, "layout": true})
	answer, err := s.client.ask(ctx, plain)
	if err != nil {
		return err
	}
	nodes, edges := strings.Count(string(answer), `"degree":`), strings.Count(string(answer), `"claimCount":`)
	took, err := rounds(b.repetitions(50), func() error { _, err := s.client.ask(ctx, plain); return err }, func() error { _, err := s.client.ask(ctx, laid); return err })
	if err != nil {
		return err
	}
	b.promise(fmt.Sprintf("a subgraph of %d nodes and %d edges", nodes, edges), durations("HTTP", took[0]), 100)
	b.note("the same with a layout", durations("HTTP", took[1]), 0)
	return nil
}

// names measures the search for names among a hundred thousand of them.
func (b *bench) names(ctx context.Context, _ *site) error {
	wanted := max(int(b.effort*100_000), 100)
	made := synthetic.New(b.model, synthetic.Size{Nodes: wanted * 2, Relations: wanted * 2}, seed)
	source := &named{}
	counted := 0
	for batch := range made.Batches(1000) {
		for _, x := range batch.Nodes {
			if name := x.Kind.Property("name"); x.Kind.Entity && counted < wanted && x.Values[name.Position] != nil {
				source.nodes = append(source.nodes, x)
				counted++
				if aliases := x.Kind.Property("aliases"); aliases != nil {
					list, _ := x.Values[aliases.Position].([]string)
					counted += len(list)
				}
			}
		}
		if counted >= wanted || len(batch.Claims) > 0 {
			break
		}
	}
	n, err := network.Read(ctx, b.model, source, plan.Lens{}, 1<<40)
	if err != nil {
		return err
	}
	dice := rand.New(rand.NewPCG(seed, 9))
	questions := make([]string, 300)
	for i := range questions {
		x := source.nodes[dice.IntN(len(source.nodes))]
		name := x.Values[x.Kind.Property("name").Position].(string)
		switch i % 6 {
		case 0: // as it is
		case 1: // the beginning
			name = name[:len(name)*2/3]
		case 2, 3: // misspelt: a letter is another
			at := dice.IntN(4)
			name = name[:at] + "y" + name[at+1:]
		case 4: // two words in the other order, one of them misspelt
			words := strings.Fields(name)
			slices.Reverse(words)
			name = strings.Join(words, " ") + "x"
		case 5: // nothing is called so
			name = "qqxw " + name[:3] + "zz"
		}
		questions[i] = name
	}
	first, err := timed(func() error {
		_, err := n.Search(ctx, network.SearchQuestion{Text: "a", First: 10})
		return err
	})
	if err != nil {
		return err
	}
	next := 0
	took, err := rounds(b.repetitions(600), func() error {
		_, err := n.Search(ctx, network.SearchQuestion{Text: questions[next%len(questions)], First: 10})
		next++
		return err
	})
	if err != nil {
		return err
	}
	b.promise(fmt.Sprintf("a search among %d names, a third of them misspelt", counted), durations("network", took[0]), 50)
	b.note("the first search, which makes the index", durations("network", []time.Duration{first}), 0)
	return nil
}

// named is a source of nodes alone.
type named struct{ nodes []store.Node }

// Revision implements network.Source.
func (*named) Revision(context.Context) (int64, error) { return 1, nil }

// Stream implements network.Source.
func (s *named) Stream(context.Context, plan.Records) iter.Seq2[store.Record, error] {
	slices.SortFunc(s.nodes, func(a, b store.Node) int { return strings.Compare(a.ID(), b.ID()) })
	return func(yield func(store.Record, error) bool) {
		for i := range s.nodes {
			if !yield(store.Record{Node: &s.nodes[i]}, nil) {
				return
			}
		}
	}
}

// told measures how long it takes from the end of a load until subscribers hear of it, beyond the interval at which the store is looked at.
func (b *bench) told(ctx context.Context, s *site) (err error) {
	cache := network.NewCache(b.model, s.store, 0)
	feed := network.NewFeed(cache, network.Pace{Look: time.Millisecond}, func(error) {})
	following, stop := context.WithCancel(ctx)
	var followed sync.WaitGroup
	followed.Go(func() { feed.Follow(following) })
	defer followed.Wait()
	defer stop()
	l, err := network.ChangesQuestion{First: 10}.Listen()
	if err != nil {
		return err
	}
	sub, err := feed.Subscribe(ctx, plan.Lens{}, l)
	if err != nil {
		return err
	}
	defer sub.Close()
	<-sub.Messages
	group := func(retracted any) store.Batch {
		k := b.model.Kind("Group")
		x := store.Node{Kind: k, Values: make([]any, len(k.Properties))}
		for _, made := range []struct {
			property string
			value    any
		}{{"id", "group/that-comes-and-goes"}, {"name", "Comes and Goes"}, {"tlp", int64(1)}, {"recordedAt", int64(6_000_000)}, {"retractedAt", retracted}} {
			x.Values[k.Property(made.property).Position] = made.value
		}
		return store.Batch{Nodes: []store.Node{x}}
	}
	defer func() { // the store is left as it was, for whoever looks
		_, failed := s.store.Apply(ctx, group(int64(6_000_000)))
		err = errors.Join(err, failed)
	}()
	var took []time.Duration
	for round := range b.repetitions(6) {
		var retracted any
		if round%2 == 1 {
			retracted = int64(6_000_000)
		}
		if _, err := s.store.Apply(ctx, group(retracted)); err != nil {
			return err
		}
		begun := time.Now()
		if _, more := <-sub.Messages; !more {
			return sub.Err()
		}
		took = append(took, time.Since(begun))
		time.Sleep(time.Duration(b.effort * float64(8*time.Second))) // until the network may be read again
	}
	b.note("from a change of the store until a subscriber hears of it, without the interval of a second", durations("feed", took), 0)
	return nil
}

// plantedHubs are hubs that are added to the larger network, and how many groups, persons and routes each is joined with.
const (
	plantedHubs   = 5
	plantedDegree = 100_000
)

// hubs measures paths in the larger network, with hubs in it.
func (b *bench) hubs(ctx context.Context) (err error) {
	if b.larger == nil {
		return nil
	}
	s, err := b.open(ctx, *b.larger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	b.report.Networks = append(b.report.Networks, s.description)
	return b.inLarger(func() error {
		source := &planted{Source: s.store, bench: b, degree: min(plantedDegree, b.larger.Nodes/10)}
		begun := time.Now()
		n, err := network.Read(ctx, b.model, source, b.gradeC(), 1<<40)
		if err != nil {
			return err
		}
		took := time.Since(begun)
		runtime.GC()
		size := n.Size()
		b.note(fmt.Sprintf("a network of %d nodes and %d relations in memory, with %d hubs of degree %d", size.Nodes, size.Relations, plantedHubs, source.degree), durations("read", []time.Duration{took}), 0)
		return b.amongHubs(ctx, n, s.network)
	}, func() error {
		n, err := network.Read(ctx, b.model, s.store, plan.Lens{}, 1<<40)
		if err != nil {
			return err
		}
		size := n.Size()
		b.note(fmt.Sprintf("the memory of all that there is: %d nodes and %d relations", size.Nodes, size.Relations), figure("network", "MiB", []float64{float64(size.Bytes) / (1 << 20)}), 1024)
		return nil
	})
}

func (b *bench) amongHubs(ctx context.Context, n *network.Network, made *synthetic.Network) error {
	ends := pairs(n, made, 200)
	next := 0
	took, err := rounds(b.repetitions(200), func() error {
		pair := ends[next%len(ends)]
		next++
		_, err := n.Paths(ctx, network.PathQuestion{From: pair[:1], To: pair[1:], K: 10, MaxHops: 8, Weight: network.Hops})
		return err
	})
	if err != nil {
		return err
	}
	b.promise("ten paths of up to 8 hops through grade C", durations("network", took[0]), 500)
	const deadline = 200 * time.Millisecond
	var late []time.Duration
	for _, weight := range []network.Weight{network.Hops, network.Evidence, network.Time, network.Distance} {
		for round := range b.repetitions(40) {
			pair := ends[round%len(ends)]
			limited, cancel := context.WithTimeout(ctx, deadline)
			begun := time.Now()
			_, err := n.Paths(limited, network.PathQuestion{From: pair[:1], To: pair[1:], K: 100, MaxHops: 12, Weight: weight, Work: 1 << 40})
			late = append(late, max(time.Since(begun)-deadline, time.Microsecond))
			cancel()
			if err != nil {
				return err
			}
		}
	}
	worst := slices.Max(late)
	b.note(fmt.Sprintf("100 paths of 12 hops by all weights: the longest time beyond a deadline of %v", deadline), durations("network", []time.Duration{worst}), 50)
	return nil
}

// planted is a source with hubs beside what it has.
type planted struct {
	network.Source
	bench  *bench
	degree int
}

// Stream implements network.Source.
func (p *planted) Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error] {
	m := p.bench.model
	group := m.Kind("Group")
	hub := func(i int) string { return fmt.Sprintf("group/!hub-%d", i) } // before all others of its kind
	return func(yield func(store.Record, error) bool) {
		var joined []string
		planted := false
		plant := func() bool {
			planted = true
			for i := range plantedHubs {
				x := store.Node{Kind: group, Values: make([]any, len(group.Properties))}
				x.Values[0], x.Values[group.Property("name").Position] = hub(i), fmt.Sprintf("Hub %d", i)
				if !yield(store.Record{Node: &x}, nil) {
					return false
				}
			}
			return true
		}
		for r, err := range p.Source.Stream(ctx, wanted) {
			if err == nil && r.Node != nil && !planted && r.Node.ID() > "group/!" && !plant() {
				return
			}
			if err == nil && r.Node != nil && r.Node.Kind == group {
				joined = append(joined, r.Node.ID())
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		relation := m.Relation("ALLIED_WITH")
		for i := range plantedHubs {
			for at := range p.degree {
				c := store.Claim{Relation: relation, From: hub(i), To: joined[(at*7+i)%len(joined)], Values: make([]any, len(m.Claim.Properties))}
				for name, rank := range map[string]int64{"reliability": 2, "credibility": 2, "stance": 1, "modality": 1, "tlp": 1} {
					c.Values[m.Claim.Property(name).Position] = rank
				}
				c.Values[0] = store.ClaimID(m.Claim, relation, c.From, c.To, c.Values)
				if at < len(joined) && !yield(store.Record{Claim: &c}, nil) {
					return
				}
			}
		}
	}
}
