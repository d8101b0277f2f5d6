package network

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// MaxSearch is how many entities a search gives at most.
const MaxSearch = 100

// SearchQuestion asks for entities by name.
type SearchQuestion struct {
	Text string
	// Kinds are the kinds to find; nil means all that have a name.
	Kinds []string
	// Near is a node, by id; of matches that are equally good, those at most two steps from it come first. Empty for none.
	Near  string
	First int
}

// SearchAnswer holds what was found, in order of how it matches: the whole name, a whole alias, the beginning of a name, words of one name,
// and only where nothing matches as it is written, names that differ by typos, the least different first.
type SearchAnswer struct {
	TotalCount int
	Truncated  bool
	Nodes      []string
	Matches    []Match
}

// Match says how an entity was found.
type Match struct {
	Node string
	// Text is the name or alias that matched.
	Text string
	// Alias says that it is not the name, Typos by how many letters the words differ.
	Alias bool
	Typos int
}

// index holds the names of entities by their words.
type index struct {
	names []indexed
	// words are in order; postings[first[i]:first[i+1]] are the names that hold words[i].
	words    []string
	letters  []uint64
	first    []uint32
	postings []uint32
}

// indexed is a name: normal is its words joined by single spaces, without the legal form if it is a company's, alias its place among the
// aliases of the node, from 1; 0 for the name.
type indexed struct {
	of      node
	alias   uint16
	words   uint16
	normal  string
	company bool
}

// index gives the index of all names, made where it is first asked for.
func (n *Network) index() *index {
	n.search.once.Do(func() { n.search.index = n.newIndex() })
	return n.search.index
}

func (n *Network) newIndex() *index {
	x := &index{}
	type posting struct {
		word string
		name uint32
	}
	var all []posting
	add := func(of node, alias int, text string) {
		words := ontology.Words(text)
		if len(words) == 0 {
			return
		}
		number := uint32(len(x.names))
		company, bare := n.company(of), words
		if company {
			bare = withoutLegalForm(words)
		}
		// The words of the legal form are found, and do not count.
		x.names = append(x.names, indexed{of, uint16(alias), uint16(len(bare)), strings.Join(bare, " "), company})
		for _, w := range words {
			all = append(all, posting{w, number})
		}
		one := func(words []string) { // as one word: ms13 for MS-13
			if len(words) > 1 && len(words) <= 4 {
				all = append(all, posting{strings.Join(words, ""), number})
			}
		}
		if one(words); len(bare) < len(words) {
			one(bare)
		}
	}
	for at := range node(len(n.kinds)) {
		if !n.kind(at).Entity {
			continue
		}
		add(at, 0, n.names.at(int(at)))
		for i, alias := range n.aliases.at(at) {
			add(at, i+1, alias)
		}
	}
	slices.SortFunc(all, func(a, b posting) int { return cmp.Or(strings.Compare(a.word, b.word), cmp.Compare(a.name, b.name)) })
	for i, p := range all {
		if i == 0 || p.word != all[i-1].word {
			x.words = append(x.words, p.word)
			x.letters = append(x.letters, letters(p.word))
			x.first = append(x.first, uint32(len(x.postings)))
		}
		x.postings = append(x.postings, p.name)
	}
	x.first = append(x.first, uint32(len(x.postings)))
	return x
}

// company says that names of the node may hold a legal form.
func (n *Network) company(at node) bool { return n.kind(at).Name == "Organization" }

// letters marks which letters and digits a word has: two words whose marks differ by more than 2n differ by more than n letters.
func letters(word string) uint64 {
	var mask uint64
	for i := range len(word) {
		if c := word[i]; c >= 'a' {
			mask |= 1 << (c - 'a')
		} else {
			mask |= 1 << (26 + c - '0')
		}
	}
	return mask
}

// foundName is a name that matches, with its rank and the typos in it.
type foundName struct {
	name  uint32
	rank  int
	typos int
}

// Search answers the question. The error is an *ArgumentError.
func (n *Network) Search(_ context.Context, q SearchQuestion) (SearchAnswer, error) {
	if err := within("first", q.First, 1, MaxSearch); err != nil {
		return SearchAnswer{}, err
	}
	if q.Kinds != nil && len(q.Kinds) == 0 {
		return SearchAnswer{}, refuse("kinds", "an empty list matches nothing; leave it out to search all")
	}
	wanted := map[*ontology.Kind]bool{}
	for _, k := range n.Model.Kinds {
		wanted[k] = k.Entity && (q.Kinds == nil || slices.Contains(q.Kinds, k.Name))
	}
	near, err := n.near(q.Near)
	if err != nil {
		return SearchAnswer{}, err
	}
	x := n.index()
	words := ontology.Words(q.Text)
	best := map[node]foundName{}
	whole := false
	take := func(f foundName) {
		of := x.names[f.name].of
		if !wanted[n.kind(of)] {
			return
		}
		whole = whole || f.rank < wholeBeginning
		if b, known := best[of]; !known || cmp.Or(cmp.Compare(f.rank, b.rank), cmp.Compare(f.typos, b.typos), cmp.Compare(f.name, b.name)) < 0 {
			best[of] = f
		}
	}
	x.literal(words, take)
	bare := withoutLegalForm(words)
	stripped := len(bare) < len(words)
	takeOf := func(company bool) func(foundName) {
		return func(f foundName) {
			if x.names[f.name].company == company {
				take(f)
			}
		}
	}
	if stripped && !whole {
		x.literal(bare, takeOf(true))
	}
	switch {
	case len(best) > 0:
	case stripped:
		x.misspelt(words, takeOf(false))
		x.misspelt(bare, takeOf(true))
	default:
		x.misspelt(words, take)
	}
	list := make([]node, 0, len(best))
	for at := range best {
		list = append(list, at)
	}
	distance := func(at node) int {
		if d, known := near[at]; known {
			return d
		}
		return 3
	}
	slices.SortFunc(list, func(a, b node) int {
		return cmp.Or(
			cmp.Compare(best[a].rank, best[b].rank), cmp.Compare(best[a].typos, best[b].typos), cmp.Compare(distance(a), distance(b)),
			cmp.Compare(n.names.at(int(a)), n.names.at(int(b))), cmp.Compare(a, b))
	})
	answer := SearchAnswer{TotalCount: len(list), Truncated: len(list) > q.First, Nodes: []string{}, Matches: []Match{}}
	for _, at := range list[:min(len(list), q.First)] {
		f := best[at]
		m := Match{Node: n.id(at), Text: n.names.at(int(at)), Typos: f.typos}
		if alias := x.names[f.name].alias; alias > 0 {
			m.Alias, m.Text = true, n.aliases.at(at)[alias-1]
		}
		answer.Nodes = append(answer.Nodes, m.Node)
		answer.Matches = append(answer.Matches, m)
	}
	return answer, nil
}

// near gives the nodes within two steps of a node.
func (n *Network) near(id string) (map[node]int, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // near nothing
	}
	start, err := n.given("near", []string{id})
	if err != nil {
		return nil, err
	}
	sc, err := Scope{}.on(n)
	if err != nil {
		return nil, err
	}
	depths, _ := sc.reach(start, 2, newWork(context.Background(), 1_000_000))
	return depths, nil
}

// The ranks of matches.
const (
	wholeName = iota
	wholeAlias
	wholeBeginning
	otherWords
	misspelt
)

// literal finds the names that hold, for each word, a word that begins with it.
func (x *index) literal(words []string, take func(foundName)) {
	if len(words) == 0 {
		return
	}
	text, bare := strings.Join(words, " "), strings.Join(withoutLegalForm(words), " ")
	var held map[uint32]bool
	for _, w := range words {
		first, _ := slices.BinarySearch(x.words, w)
		next := map[uint32]bool{}
		for i := first; i < len(x.words) && strings.HasPrefix(x.words[i], w); i++ {
			for _, name := range x.postings[x.first[i]:x.first[i+1]] {
				if held == nil || held[name] {
					next[name] = true
				}
			}
		}
		if held = next; len(held) == 0 {
			return
		}
	}
	for name := range held {
		f := foundName{name: name, rank: otherWords}
		candidate, meant := x.names[name], text
		if candidate.company {
			meant = bare
		}
		switch {
		case candidate.normal == meant && candidate.alias == 0:
			f.rank = wholeName
		case candidate.normal == meant:
			f.rank = wholeAlias
		case candidate.alias == 0 && strings.HasPrefix(candidate.normal, meant):
			f.rank = wholeBeginning
		}
		take(f)
	}
}

// typosIn is how many typos a word of this length may have.
func typosIn(word string) int {
	switch {
	case len(word) < 4:
		return 0
	case len(word) < 7:
		return 1
	default:
		return 2
	}
}

// misspelt finds the names that hold most of the words, each with two typos at most; what is rare counts more than what is frequent. Names
// that hold further words come behind those that do not.
func (x *index) misspelt(words []string, take func(foundName)) {
	if len(words) > 1 && len(words) <= 4 {
		// The words may have been one.
		x.approximate([]string{strings.Join(words, "")}, take)
	}
	x.approximate(words, take)
}

func (x *index) approximate(words []string, take func(foundName)) {
	type score struct {
		weight float64
		typos  int
		words  int
		last   int
	}
	scores := map[uint32]*score{}
	total := 0.0
	for at, w := range words {
		most := typosIn(w)
		mask := letters(w)
		rarest := 1.0
		type hit struct {
			word  int
			typos int
		}
		var hits []hit
		for i, candidate := range x.words {
			if d := len(candidate) - len(w); d < -most || bits.OnesCount64(x.letters[i]^mask) > 2*most && !strings.HasPrefix(candidate, w) {
				continue
			}
			typos := distance(w, candidate, most)
			if typos > most && strings.HasPrefix(candidate, w) && len(w) > 2 {
				typos = 0
			}
			if typos <= most {
				hits = append(hits, hit{i, typos})
			}
		}
		for _, h := range hits {
			rarity := math.Log(1 + float64(len(x.names))/float64(x.first[h.word+1]-x.first[h.word]))
			rarest = max(rarest, rarity)
		}
		total += rarest
		slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.typos, b.typos) })
		for _, h := range hits {
			rarity := math.Log(1 + float64(len(x.names))/float64(x.first[h.word+1]-x.first[h.word]))
			for _, name := range x.postings[x.first[h.word]:x.first[h.word+1]] {
				s := scores[name]
				if s == nil {
					s = &score{last: -1}
					scores[name] = s
				}
				if s.last == at {
					continue
				}
				s.last = at
				s.weight += rarity * (1 - 0.2*float64(h.typos))
				s.typos += h.typos
				s.words++
			}
		}
	}
	for name, s := range scores {
		share := s.weight / total
		if share < 0.5 {
			continue
		}
		// Words too many in the name weigh little, words that are missing weigh much.
		surplus := max(int(x.names[name].words)-s.words, 0)
		missing := len(words) - s.words
		take(foundName{name: name, rank: misspelt + int((1-min(share, 1))*100) + 20*missing + 2*surplus, typos: s.typos})
	}
}
