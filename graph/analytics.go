package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/crimegraph/crimegraph/analytics"
	"github.com/crimegraph/crimegraph/graph/encoder"
	"github.com/crimegraph/crimegraph/graph/lookahead"
	"github.com/crimegraph/crimegraph/network"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/plan"
	"github.com/crimegraph/crimegraph/store"
)

// analysis computes an answer on a network. selected are the nodes that the argument `where` selects; nil where there is none.
type analysis func(ctx context.Context, n *network.Network, selected []string) (any, error)

// analyses are the root fields that are computed on the network: each makes its question of the field's arguments. What is wrong with
// them whatever the network holds may be refused at once, with a *network.ArgumentError.
func analyses() map[string]func(a arguments) (analysis, error) {
	return map[string]func(a arguments) (analysis, error){
		"search":           search,
		"neighbourhood":    neighbourhood,
		"paths":            paths,
		"subgraph":         subgraph,
		"commonNeighbours": commonNeighbours,
		"connections":      connections,
		"timeline":         timeline,
		"routesBetween":    routesBetween,
		"geo":              geo,
		"stats":            stats,
		"histories":        histories,
		"diversification":  diversification,
		"sensitivity":      sensitivity,
		"reuse":            reuse,
		"transitions":      transitions,
		"conflicts":        conflicts,
		"relatedness":      relatedness,
		"nextCommodity":    nextCommodity,
		"backtest":         backtest,
		"structure":        structure,
		"brokers":          brokers,
		"multiplex":        multiplex,
		"interdict":        interdict,
	}
}

// arguments of a root field, as the schema types them.
type arguments map[string]any

func (a arguments) text(name string) string { s, _ := a[name].(string); return s }
func (a arguments) number(name string) int  { n, _ := a[name].(int64); return int(n) }
func (a arguments) yes(name string) bool    { b, _ := a[name].(bool); return b }

// list is nil where the argument was left out.
func (a arguments) list(name string) []string {
	elements, given := a[name].([]any)
	if !given {
		return nil
	}
	out := make([]string, len(elements))
	for i, e := range elements {
		out[i], _ = e.(string)
	}
	return out
}

func (a arguments) scope() network.Scope {
	s := network.Scope{Via: a.list("via"), Avoid: a.list("avoid"), AvoidHubsOver: a.number("avoidHubsOver"), Carrying: a.list("carrying")}
	if a["avoidHubsOver"] != nil && s.AvoidHubsOver == 0 {
		s.AvoidHubsOver = -1 // 0 stands for no limit there
	}
	return s
}

// maxSearchText is how many characters are searched for.
const maxSearchText = 200

func search(a arguments) (analysis, error) {
	q := network.SearchQuestion{Text: a.text("text"), Kinds: a.list("kinds"), Near: a.text("near"), First: a.number("first")}
	if n := len([]rune(q.Text)); n > maxSearchText {
		return nil, refused("text", "at most %d characters are searched for, %d are given", maxSearchText, n)
	}
	if q.Kinds != nil && len(q.Kinds) == 0 {
		return nil, refused("kinds", "an empty list matches nothing; leave it out to search all")
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Search(ctx, q) }, bounded(a, "first", 1, network.MaxSearch)
}

func neighbourhood(a arguments) (analysis, error) {
	q := network.NeighbourhoodQuestion{
		Of: a.text("of"), Depth: a.number("depth"), Via: a.list("via"), First: a.number("first"), Rank: network.Rank(a.text("rank")),
	}
	if q.Depth != 1 && q.Depth != 2 {
		return nil, refused("depth", "1 or 2, not %d", q.Depth)
	}
	if !ontology.ValidID(q.Of) {
		return nil, refused("of", "%.80q is no id of kind Node; write kind/…", q.Of)
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Neighbourhood(ctx, q) }, bounded(a, "first", 1, network.MaxListed)
}

func paths(a arguments) (analysis, error) {
	q := network.PathQuestion{
		From: a.list("from"), To: a.list("to"), K: a.number("k"), MaxHops: a.number("maxHops"), Scope: a.scope(), Through: a.list("through"),
		Weight: network.Weight(a.text("weight")),
	}
	if err := bounded(a, "k", 1, network.MaxPaths); err != nil {
		return nil, err
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Paths(ctx, q) }, bounded(a, "maxHops", 1, network.MaxHops)
}

func subgraph(a arguments) (analysis, error) {
	q := network.SubgraphQuestion{
		Of: a.list("of"), Depth: a.number("depth"), Scope: a.scope(), Kinds: a.list("kinds"), MaxNodes: a.number("maxNodes"),
		MaxEdges: a.number("maxEdges"), Layout: a.yes("layout"),
	}
	if a["of"] == nil && a["where"] == nil {
		return nil, refused("of", "name the nodes to start from, or select them with where")
	}
	return func(ctx context.Context, n *network.Network, selected []string) (any, error) {
		q := q
		q.Selected = selected
		return n.Subgraph(ctx, q)
	}, nil
}

func commonNeighbours(a arguments) (analysis, error) {
	q := network.CommonQuestion{Of: a.list("of"), Scope: a.scope(), First: a.number("first")}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) {
		return n.CommonNeighbours(ctx, q)
	}, nil
}

func connections(a arguments) (analysis, error) {
	q := network.ConnectionsQuestion{Among: a.list("among"), MaxHops: a.number("maxHops"), Scope: a.scope()}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Connections(ctx, q) }, nil
}

func timeline(a arguments) (analysis, error) {
	q := network.TimelineQuestion{Of: a.list("of"), Via: a.list("via"), First: a.number("first")}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Timeline(ctx, q) }, nil
}

func routesBetween(a arguments) (analysis, error) {
	q := network.RoutesQuestion{
		From: a.list("from"), To: a.list("to"), Carrying: a.list("carrying"), Modes: a.list("modes"), K: a.number("k"), MaxLegs: a.number("maxLegs"),
	}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.RoutesBetween(ctx, q) }, nil
}

func geo(a arguments) (analysis, error) {
	q := network.GeoQuestion{Of: a.list("of"), Depth: a.number("depth"), Scope: a.scope()}
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Geo(ctx, q) }, nil
}

func stats(a arguments) (analysis, error) {
	first := a.number("first")
	return func(ctx context.Context, n *network.Network, _ []string) (any, error) { return n.Stats(ctx, first) }, nil
}

func refused(argument, format string, values ...any) error {
	return &network.ArgumentError{Argument: argument, Message: gqlerror.Errorf(format, values...).Message}
}

func bounded(a arguments, name string, low, high int) error {
	if n := a.number(name); n < low || n > high {
		return refused(name, "%d to %d, not %d", low, high, n)
	}
	return nil
}

// analysisTime is how long an answer is computed at most where nothing else is asked, waiting for others included; what was found by then is given.
const analysisTime = 5 * time.Second

// attempts bounds how often a question is asked again because the store changed between network and records.
const attempts = 3

var errRestless = store.Errorf(store.CodeUnreachable, "network", "try again", "the store changes faster than it is read")

// analyse answers a root field on the network, and reads from the store what is selected of the records that the answer names, with one
// statement. What the store no longer gives, since it has changed, makes the answer void.
func (r *Resolver) analyse(ctx context.Context, q lookahead.Question, run analysis) (*encoder.Answer, error) {
	ctx = followed(ctx, graphql.GetFieldContext(ctx).Field.Alias)
	defer stage(ctx, stageDone)
	for range attempts {
		n, result, err := r.result(ctx, q, run)
		if errors.Is(err, errOutdated) {
			continue
		}
		if err != nil {
			return nil, contextual(err)
		}
		stage(ctx, stageRecords)
		records, whole, err := r.records(ctx, n, q, result)
		if err != nil {
			return nil, err
		}
		if whole {
			a := q.Shape
			a.Result, a.Records = result, records
			return &a, nil
		}
	}
	return nil, errRestless
}

// errOutdated says that the store has changed since the network was read; asking again helps.
var errOutdated = errors.New("graph: the network is older than the store")

// result computes the answer on the network that a question's lens lets through.
func (r *Resolver) result(ctx context.Context, q lookahead.Question, run analysis) (*network.Network, any, error) {
	stage(ctx, stageReading)
	n, err := r.Networks.Network(ctx, q.Plan.Lens)
	if err != nil {
		return nil, nil, err
	}
	selected, err := r.selected(ctx, n, q.Analytic)
	if err != nil {
		return nil, nil, err
	}
	result, err := r.compute(ctx, n, run, selected)
	return n, result, err
}

// selected asks the store for the nodes that a question selects; nil where it does not.
func (r *Resolver) selected(ctx context.Context, n *network.Network, a *lookahead.Analytic) ([]string, error) {
	if a.Selected == nil {
		return nil, nil
	}
	ids := []string{}
	for _, p := range a.Selected {
		answer, err := r.Store.Query(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, row := range answer.List[1].List {
			ids = append(ids, row.List[0].List[0].Text)
		}
	}
	if len(ids) > lookahead.MaxSelected {
		return nil, refused("where", "more than %d nodes pass; narrow it", lookahead.MaxSelected)
	}
	for _, id := range ids {
		if n.Kind(id) == nil {
			return nil, errOutdated
		}
	}
	return ids, nil
}

// compute runs an analysis when its turn comes.
func (r *Resolver) compute(ctx context.Context, n *network.Network, run analysis, selected []string) (any, error) {
	stage(ctx, stageQueued)
	ctx, cancel := context.WithTimeout(ctx, r.analysisTime)
	defer cancel()
	turn, err := r.computing.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer turn.end()
	if told := stage(ctx, stageComputing); told != nil {
		ctx = analytics.Telling(ctx, told)
	}
	return run(pausing{network.Pausing(ctx, turn.pause), turn}, n, selected)
}

// contextual gives the end of a context the code that a store gives it.
func contextual(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return store.Errorf(store.CodeDeadline, "network", "", "%w", err)
	}
	return err
}

// records reads what the selection asks of the nodes and claims that an answer names. whole is false where the store lacks one of them.
func (r *Resolver) records(ctx context.Context, n *network.Network, q lookahead.Question, result any) (records encoder.Records, whole bool, err error) {
	ids, claimed := q.Shape.Tree.Named(result)
	records = encoder.Records{Nodes: map[string]store.Value{}, Claims: map[string]store.Value{}}
	if q.Analytic.Names && len(claimed) == 0 {
		for _, id := range ids {
			if n.Kind(id) == nil {
				return records, false, fmt.Errorf("graph: %s: the answer names %q, which is no node", q.Analytic.Field, id)
			}
			records.Nodes[id] = named(n, q.Analytic.Node, id)
		}
		return records, true, nil
	}
	p := plan.Plan{Lens: q.Plan.Lens, Lookup: &plan.Lookup{IDs: ids, Node: q.Analytic.Node}}
	shown := len(q.Analytic.Node.Columns)
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	wanted := 0
	for _, c := range claimed {
		wanted += len(c.Claims)
		if !known[c.From] {
			known[c.From] = true
			p.Lookup.IDs = append(p.Lookup.IDs, c.From)
		}
	}
	p.Lookup.Node.Columns = append(p.Lookup.Node.Columns[:shown:shown], claimColumns(n, q.Analytic.Claim, claimed)...)
	if len(p.Lookup.IDs) == 0 {
		return records, true, nil
	}
	if err := r.Limits.Check(p.Cost()); err != nil {
		return records, false, coded(gqlerror.Errorf("%s: %v", q.Analytic.Field, err), lookahead.ComplexityLimitExceeded)
	}
	answer, err := r.Store.Query(ctx, p)
	if err != nil {
		return records, false, err
	}
	whole = true
	for i, row := range answer.List {
		if row.Type == store.Null {
			return records, false, nil
		}
		records.Nodes[p.Lookup.IDs[i]] = row
		for _, page := range row.List[shown:] {
			if page.Type == store.Null {
				continue
			}
			for _, neighbour := range page.List[1].List {
				for _, claim := range neighbour.List[1].List[0].List {
					records.Claims[claim.List[0].Text] = claim
				}
			}
		}
	}
	for _, c := range claimed {
		for _, id := range c.Claims {
			if _, given := records.Claims[id]; !given {
				whole = false
			}
		}
	}
	return records, whole, nil
}

// named answers the selection of a node of which nothing but kind, id and name is asked.
func named(n *network.Network, node plan.Node, id string) store.Value {
	values := make([]store.Value, len(node.Columns))
	for i, c := range node.Columns {
		switch {
		case c.Name:
			values[i] = store.Of(n.Kind(id).Name)
		case c.Property.Name == "id":
			values[i] = store.Of(id)
		case n.Name(id) != "":
			values[i] = store.Of(n.Name(id))
		}
	}
	return store.Of(values)
}

// claimColumns are the columns that read the claims of edges from the nodes that these start from: one for each link that an edge follows.
func claimColumns(n *network.Network, claim plan.Node, claimed []encoder.Claimed) []plan.Column {
	type following struct {
		kind *ontology.Kind
		link *ontology.Link
	}
	at := map[following]int{}
	// named counts the claims of each two nodes; a claim may be named by several edges, and one edge may name any of its claims.
	type pair struct {
		column   int
		from, to string
	}
	named := map[pair]int{}
	known := map[string]bool{}
	var columns []plan.Column
	for _, c := range claimed {
		from, to := n.Kind(c.From), n.Kind(c.To)
		for _, l := range from.Links {
			if l.Relation.Structural || l.Relation.Name != c.Relation || l.Direction == ontology.In || !l.Target.Has(to) {
				continue
			}
			i, follows := at[following{from, l}]
			if !follows {
				i = len(columns)
				at[following{from, l}] = i
				id := l.Target.Property("id")
				columns = append(columns, plan.Column{Only: []*ontology.Kind{from}, Page: &plan.Page{
					Via: l, Order: []plan.Order{{Property: id}}, Rows: true,
					Where: &plan.Filter{Test: &plan.Test{Property: id, Operator: plan.In}},
					Claim: &plan.Filter{Test: &plan.Test{Property: n.Model.Claim.Property("id"), Operator: plan.In}},
					Node:  plan.Node{Kind: l.Target, Columns: []plan.Column{{Property: id}}},
					Edge:  &plan.Edge{Columns: []plan.EdgeColumn{{Claims: &plan.Claims{Node: claim}}}},
				}})
			}
			page := columns[i].Page
			page.First++
			page.Where.Test.Values = append(page.Where.Test.Values, c.To)
			claims := page.Edge.Columns[0].Claims
			for _, id := range c.Claims {
				if !known[id] {
					known[id] = true
					page.Claim.Test.Values = append(page.Claim.Test.Values, id)
					named[pair{i, c.From, c.To}]++
				}
			}
			claims.First = max(claims.First, named[pair{i, c.From, c.To}], 1)
			break
		}
	}
	return columns
}

// planned is a root field of a request: its question, and where that is no plan, what computes it or what tells of it.
type planned struct {
	lookahead.Question
	run  analysis
	tell telling
}

// plannedField finds the root field of the context.
func plannedField(ctx context.Context) (planned, error) {
	fields, _ := ctx.Value(questionsKey{}).(questions)
	p, known := fields[graphql.GetFieldContext(ctx).Field.Alias]
	if !known {
		return p, errUnplanned
	}
	return p, nil
}
