package network

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// Source is what a network is read from: a store.
type Source interface {
	Stream(ctx context.Context, wanted plan.Records) iter.Seq2[store.Record, error]
	Revision(ctx context.Context) (int64, error)
}

// TooLargeError says that a network would take more memory than it may.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the network that this lens lets through takes more than %d MiB of memory; narrow the lens, or allow more with --network-memory", e.Limit>>20)
}

// Read reads the network that a lens lets through. It takes some 60 bytes a relation, and about twice that while it is made; where that
// comes to more than limit, the error is a *TooLargeError.
func Read(ctx context.Context, model *ontology.Model, source Source, lens plan.Lens, limit int64) (*Network, error) {
	// Read before the records: what changes meanwhile makes the network newer than its revision, never older.
	revision, err := source.Revision(ctx)
	if err != nil {
		return nil, err
	}
	b := newBuilding(model, limit)
	for record, err := range source.Stream(ctx, plan.Records{Lens: lens, Only: read}) {
		if err == nil {
			err = b.add(record)
		}
		if err != nil {
			return nil, err
		}
	}
	n := b.network()
	n.Revision = revision
	return n, nil
}

// building is a network in the making.
type building struct {
	n       *Network
	limit   int64
	numbers map[string]node
	kinds   map[string]uint8
	codes   map[string]uint8
	at      map[string]positions
	claim   positions
	can     uint8 // rank of what is said to be possible

	ids, names, aliases textsBuilder
	links               []link
	sources             map[node]string // of statements, until all nodes are known
	bundles             []bundle
	claims              []claim
	amounts             []amount
	units               map[string]uint32
	texts               int64
	last                lastEnd
}

// lastEnd remembers the node that the last claim started from, since claims come in order of their ends.
type lastEnd struct {
	id string
	at node
}

// link is a structural relation until all nodes are known.
type link struct {
	of   node
	link *ontology.Link
	to   string
}

// bundle is an edge before edges are in order; its claims are those from first.
type bundle struct {
	from, to     node
	first, count uint32
	relation     uint8
}

// positions are the places of properties in the values of a kind, -1 where it has none.
type positions struct {
	name, aliases, latitude, longitude, mode, kind, market, metric, low, high, unit, currency int
	source, validFrom, validTo, reliability, credibility, stance, modality, tlp               int
}

// read are the properties that positions tells the places of.
var read = []string{
	"name", "aliases", "latitude", "longitude", "mode", "kind", "market", "metric", "low", "high", "unit", "currency",
	"source", "validFrom", "validTo", "reliability", "credibility", "stance", "modality", "tlp",
}

func newPositions(k *ontology.Kind) positions {
	at := func(name string) int {
		if p := k.Property(name); p != nil {
			return p.Position
		}
		return -1
	}
	return positions{
		at("name"), at("aliases"), at("latitude"), at("longitude"), at("mode"), at("kind"), at("market"),
		at("metric"), at("low"), at("high"), at("unit"), at("currency"),
		at("source"), at("validFrom"), at("validTo"), at("reliability"), at("credibility"), at("stance"), at("modality"), at("tlp"),
	}
}

func newBuilding(model *ontology.Model, limit int64) *building {
	b := &building{
		n:     &Network{Model: model, places: map[node]Point{}, modes: map[node]uint8{}, levels: map[node]level{}, figures: map[node]figure{}, relations: slices.Clone(model.Relations)},
		limit: limit, numbers: map[string]node{}, kinds: map[string]uint8{}, codes: map[string]uint8{},
		at: map[string]positions{}, claim: newPositions(model.Claim), sources: map[node]string{}, units: map[string]uint32{}, last: lastEnd{at: none},
	}
	b.can = uint8(model.Claim.Property("modality").Enum.Rank("CAN"))
	b.n.denies = uint8(model.Claim.Property("stance").Enum.Rank("DENIES"))
	slices.SortFunc(b.n.relations, func(x, y *ontology.Relation) int { return cmp.Compare(x.Name, y.Name) })
	for i, r := range b.n.relations {
		b.codes[r.Name] = uint8(i)
	}
	for i, k := range model.Kinds {
		b.kinds[k.Name] = uint8(i)
		b.at[k.Name] = newPositions(k)
	}
	return b
}

// add takes over a record of the stream: nodes come first, by id.
func (b *building) add(r store.Record) error {
	if r.Node != nil {
		b.addNode(r.Node)
	} else {
		b.addClaim(r.Claim)
	}
	records := int64(len(b.n.kinds)) + int64(len(b.claims))
	if records%4096 == 0 && b.size() > b.limit || records > math.MaxInt32 || b.texts > math.MaxUint32 {
		return &TooLargeError{b.limit}
	}
	return nil
}

// size is about what the network will hold, without what is held only until it is made.
func (b *building) size() int64 {
	return b.texts + 40*int64(len(b.n.kinds)) + 24*int64(len(b.links)+len(b.bundles)) + 32*int64(len(b.claims)) + 24*int64(len(b.amounts))
}

func (b *building) addNode(r *store.Node) {
	n := b.n
	self, at, values := node(len(n.kinds)), b.at[r.Kind.Name], r.Values
	id := r.ID()
	b.numbers[id] = self
	n.kinds = append(n.kinds, b.kinds[r.Kind.Name])
	b.ids.add(id)
	name := text(values, at.name)
	b.names.add(name)
	b.texts += int64(len(id) + len(name))
	if at.aliases >= 0 {
		list, _ := values[at.aliases].([]string)
		for _, alias := range list {
			n.aliases.of = append(n.aliases.of, self)
			b.aliases.add(alias)
			b.texts += int64(len(alias)) + 8
		}
	}
	if latitude, given := floating(values, at.latitude); given {
		if longitude, given := floating(values, at.longitude); given {
			n.places[self] = Point{latitude, longitude}
		}
	}
	if mode := rank(values, at.mode); mode != 0 {
		n.modes[self] = mode
	}
	b.leveled(self, r.Kind, values)
	b.figured(self, r.Kind, values)
	if r.Kind.Statement {
		n.statements = append(n.statements, statement{
			node: self, source: none, validFrom: day(values, at.validFrom), validTo: day(values, at.validTo), grade: b.grade(at, values),
		})
		if source := text(values, at.source); source != "" {
			b.sources[self] = source
		}
	}
	n.maxTlp = max(n.maxTlp, rank(values, at.tlp))
	for _, l := range r.Links {
		b.links = append(b.links, link{self, l.Link, l.ID})
	}
}

func (b *building) grade(at positions, values []any) grade {
	g := grade{rank(values, at.reliability), rank(values, at.credibility), rank(values, at.stance), rank(values, at.tlp)}
	if rank(values, at.modality) == b.can {
		g.stance |= possibly
	}
	return g
}

func (b *building) addClaim(r *store.Claim) {
	if b.last.at == none || r.From != b.last.id {
		b.last = lastEnd{r.From, b.number(r.From)}
	}
	from, to := b.last.at, b.number(r.To)
	if from == none || to == none {
		return
	}
	values := r.Values
	c := claim{
		source: b.number(text(values, b.claim.source)), validFrom: day(values, b.claim.validFrom), validTo: day(values, b.claim.validTo),
		grade: b.grade(b.claim, values),
	}
	_, _ = hex.Decode(c.id[:], []byte(r.ID())) // the id is a hash, by the contract of stores
	b.measured(values)
	relation := b.codes[r.Relation.Name]
	last := len(b.bundles) - 1
	if last < 0 || b.bundles[last].from != from || b.bundles[last].to != to || b.bundles[last].relation != relation {
		b.bundles = append(b.bundles, bundle{from: from, to: to, first: uint32(len(b.claims)), relation: relation})
		last++
	}
	b.bundles[last].count++
	b.claims = append(b.claims, c)
	b.n.maxTlp = max(b.n.maxTlp, c.tlp)
}

func (b *building) number(id string) node {
	if at, known := b.numbers[id]; known {
		return at
	}
	return none
}

// network puts everything in order.
func (b *building) network() *Network {
	n := b.n
	n.ids, n.names, n.aliases.texts = b.ids.texts(), b.names.texts(), b.aliases.texts()
	for i := range n.statements {
		s := &n.statements[i]
		s.source = b.number(b.sources[s.node])
	}
	for _, l := range b.links {
		from, to := l.of, b.number(l.to)
		if to == none {
			continue
		}
		if l.link.Direction == ontology.In {
			from, to = to, from
		}
		b.bundles = append(b.bundles, bundle{from: from, to: to, relation: b.codes[l.link.Relation.Name]})
	}
	slices.SortFunc(b.bundles, func(x, y bundle) int {
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to), cmp.Compare(x.relation, y.relation))
	})
	n.edges = make([]edge, len(b.bundles))
	n.claims = make([]claim, 0, len(b.claims))
	n.out = make([]uint32, len(n.kinds)+1)
	n.inFirst = make([]uint32, len(n.kinds)+1)
	for i, x := range b.bundles {
		e := edge{from: x.from, to: x.to, first: uint32(len(n.claims)), relation: x.relation}
		if x.count == 0 {
			e.flags = edgeStructural
		}
		for i, c := range b.claims[x.first : x.first+x.count] {
			b.placed(x.first + uint32(i))
			if n.denied(c.grade) {
				e.flags |= edgeDenied
			} else {
				e.flags |= edgeAsserted
			}
			if n.factual(c.grade) {
				e.flags |= edgeFactual
			}
			n.claims = append(n.claims, c)
		}
		n.edges[i] = e
		n.out[x.from+1]++
		n.inFirst[x.to+1]++
	}
	for i := range n.kinds {
		n.out[i+1] += n.out[i]
		n.inFirst[i+1] += n.inFirst[i]
	}
	n.in = make([]uint32, len(n.edges))
	next := slices.Clone(n.inFirst)
	for i := range n.edges { // in order of their starts
		to := n.edges[i].to
		n.in[next[to]] = uint32(i)
		next[to]++
	}
	n.kinds, n.statements, n.aliases.of = slices.Clip(n.kinds), slices.Clip(n.statements), slices.Clip(n.aliases.of)
	return n
}

func text(values []any, at int) string {
	if at < 0 {
		return ""
	}
	s, _ := values[at].(string)
	return s
}

func floating(values []any, at int) (float64, bool) {
	if at < 0 {
		return 0, false
	}
	f, given := values[at].(float64)
	return f, given
}

func rank(values []any, at int) uint8 {
	if at < 0 {
		return 0
	}
	r, _ := values[at].(int64)
	return uint8(r)
}

func day(values []any, at int) int32 {
	if at >= 0 {
		if key, given := values[at].(int64); given {
			return int32(key)
		}
	}
	return undated
}
