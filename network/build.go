package network

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
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

// Changing is a source that tells what changed in it.
type Changing interface {
	Source
	Touched(ctx context.Context, since int64) (store.Touched, error)
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
	return made(newBuilding(empty(model), nil, limit), source.Stream(ctx, plan.Records{Lens: lens, Only: read}), revision)
}

// renewals is how often a renewal begins again where the source changes while it reads.
const renewals = 3

// Renew gives the network that Read would give, from an older one of the same lens and what was touched since. It does not where the source does not know
// what that is, where it is much, or where the source changes all the time. It reads what was touched alone, and copies the rest.
func Renew(ctx context.Context, source Changing, lens plan.Lens, older *Network, limit int64) (n *Network, renewed bool, err error) {
	for range renewals {
		touched, err := source.Touched(ctx, older.Revision)
		if err != nil || touched.Part == nil {
			return nil, false, err
		}
		if touched.Revision == older.Revision {
			return older, true, nil
		}
		n, err := made(newBuilding(older, touched.Part, limit), source.Stream(ctx, plan.Records{Lens: lens, Only: read, Part: touched.Part}), touched.Revision)
		if failure, is := errors.AsType[*store.Error](err); is && failure.Code == store.CodeBusy {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		// What came meanwhile was read where it meets what was touched, and not elsewhere: no state that ever was.
		if now, err := source.Revision(ctx); err != nil || now == touched.Revision {
			return n, err == nil, err
		}
	}
	return nil, false, nil
}

// made makes a network of a stream.
func made(b *building, records iter.Seq2[store.Record, error], revision int64) (*Network, error) {
	for record, err := range records {
		if err == nil {
			err = b.add(record)
		}
		if err != nil {
			return nil, err
		}
	}
	n := b.network()
	n.Revision = revision
	if n.Size().Bytes > b.limit {
		return nil, &TooLargeError{b.limit}
	}
	return n, nil
}

// empty is the network of nothing.
func empty(model *ontology.Model) *Network {
	n := &Network{Model: model, relations: slices.Clone(model.Relations), denies: uint8(model.Claim.Property("stance").Enum.Rank("DENIES"))}
	slices.SortFunc(n.relations, func(x, y *ontology.Relation) int { return cmp.Compare(x.Name, y.Name) })
	return n
}

// building is a network in the making: an older one, the part of it that is replaced, and the records that replace it.
type building struct {
	older *Network
	// part is what is replaced; nil where all is, and the older network is empty. touched are its nodes.
	part    *plan.Part
	touched map[string]bool

	// n holds the nodes that were read, by their own numbers until they are settled.
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
	named               map[node]string // sources of statements, until all nodes are known
	bundles             []bundle
	claims              []claim
	amounts             []amount
	units               names
	texts               int64
	last                lastEnd

	// renumbered says which nodes of the older network are which of the new one, none for those that are replaced. Nil until the nodes are settled.
	renumbered []node
	sources    sources
}

// lastEnd remembers the node that the last claim started from, since claims come in order of their ends.
type lastEnd struct {
	id string
	at node
}

// link is a structural relation until all nodes are known.
type link struct {
	of   string
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

func newBuilding(older *Network, part *plan.Part, limit int64) *building {
	model := older.Model
	b := &building{
		older: older, part: part, touched: map[string]bool{},
		n: &Network{
			Model: model, relations: older.relations, denies: older.denies,
			places: map[node]Point{}, modes: map[node]uint8{}, levels: map[node]level{}, figures: map[node]figure{},
		},
		limit: limit, numbers: map[string]node{}, kinds: map[string]uint8{}, codes: map[string]uint8{},
		at: map[string]positions{}, claim: newPositions(model.Claim), named: map[node]string{}, last: lastEnd{at: none},
	}
	b.texts = int64(len(older.ids.all) + len(older.names.all) + len(older.aliases.texts.all))
	if part != nil {
		for _, id := range part.Nodes {
			b.touched[id] = true
		}
	}
	b.can = uint8(model.Claim.Property("modality").Enum.Rank("CAN"))
	for i, r := range b.n.relations {
		b.codes[r.Name] = uint8(i)
	}
	for i, k := range model.Kinds {
		b.kinds[k.Name] = uint8(i)
		b.at[k.Name] = newPositions(k)
	}
	return b
}

// replaced says whether a node is one of those that are read anew.
func (b *building) replaced(id string) bool { return b.part == nil || b.touched[id] }

// add takes over a record of the stream: nodes come first, by id.
func (b *building) add(r store.Record) error {
	if r.Node != nil {
		b.addNode(r.Node)
	} else {
		b.addClaim(r.Claim)
	}
	// What stays of the older network counts against what numbers can tell.
	records := int64(len(b.older.kinds)+len(b.n.kinds)) + int64(len(b.older.claims)+len(b.claims))
	if records%4096 == 0 && b.size() > b.limit || records > math.MaxInt32 || b.texts > math.MaxUint32 {
		return &TooLargeError{b.limit}
	}
	return nil
}

// size is about what the network will hold of what was read, and of the texts of the older one, without what is held only until it is made.
func (b *building) size() int64 {
	return b.texts + 41*int64(len(b.n.kinds)) + 24*int64(len(b.links)+len(b.bundles)) + 32*int64(len(b.claims)) + 24*int64(len(b.amounts))
}

func (b *building) addNode(r *store.Node) {
	id := r.ID()
	all := b.replaced(id)
	for _, l := range r.Links {
		// A node that stays has its other links already.
		if all || b.touched[l.ID] {
			b.links = append(b.links, link{id, l.Link, l.ID})
		}
	}
	if !all {
		return
	}
	n := b.n
	self, at, values := node(len(n.kinds)), b.at[r.Kind.Name], r.Values
	b.numbers[id] = self
	n.kinds = append(n.kinds, b.kinds[r.Kind.Name])
	n.marks = append(n.marks, rank(values, at.tlp))
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
			b.named[self] = source
		}
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
	b.settle()
	if b.last.at == none || r.From != b.last.id {
		b.last = lastEnd{r.From, b.number(r.From)}
	}
	from, to := b.last.at, b.number(r.To)
	if from == none || to == none {
		return
	}
	values := r.Values
	c := claim{
		source: b.source(text(values, b.claim.source)), validFrom: day(values, b.claim.validFrom), validTo: day(values, b.claim.validTo),
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
