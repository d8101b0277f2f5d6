package sqlite

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// chosenKeys are the nodes of a part.
type chosenKeys struct {
	// nodes and ids are those that the part names, read besides those that may declare a link to one.
	nodes map[int64]bool
	ids   map[string]bool
	read  []int64
}

// part reads the part that is wanted. What lies around it is looked up by key, so that it costs what the part is large, not what the file is.
func (r *streaming) part(yield func(store.Record, error) bool) error {
	r.known.some = map[int64]streamedNode{}
	bundles, err := r.choose()
	if err != nil {
		return err
	}
	links, err := r.linksAround()
	if err != nil {
		return err
	}
	held, err := r.claimsAround(bundles)
	if err != nil {
		return err
	}
	// All nodes that the answer speaks of.
	keys := slices.Clone(r.chosen.read)
	for _, l := range links {
		keys = append(keys, l.from, l.to)
	}
	columns := r.wanted.Of(r.store.model.Claim)[1:]
	for _, c := range held.claims {
		cells := held.cells(c, len(columns)+5)
		keys = append(keys, cells[1].(int64), cells[2].(int64))
		for i, p := range columns {
			if key, named := cells[i+5].(int64); named && p.Type == ontology.Reference {
				keys = append(keys, key)
			}
		}
	}
	named, err := r.references()
	if err != nil {
		return err
	}
	visible, err := r.look(append(keys, named...))
	if err != nil {
		return err
	}
	r.known.placed(visible)
	more, err := r.nodes(r.links(links), yield)
	if err != nil || !more {
		return err
	}
	return r.claims(held, yield)
}

// look reads the identities of nodes.
func (r *streaming) look(keys []int64) (visible []int64, err error) {
	slices.Sort(keys)
	c := r.compiler()
	r.identity(c)
	c.text(" WHERE n.key_ IN ")
	c.list(slices.Compact(keys))
	return r.identities(c)
}

// choose looks up what the part names. The bundles are those whose ends are not among its nodes: start, relation and end of each.
func (r *streaming) choose() (bundles [][3]int64, err error) {
	part := r.wanted.Part
	ids := slices.Clone(part.Nodes)
	for _, b := range part.Bundles {
		ids = append(ids, b.From, b.To)
	}
	slices.Sort(ids)
	c := r.compiler()
	c.text("SELECT n.id, n.key_ FROM node n WHERE n.id IN ")
	c.list(slices.Compact(ids))
	keys := map[string]int64{}
	_, err = each(r.ctx, r.tx, c, 2, func(cells []any) (bool, error) {
		keys[cells[0].(string)] = cells[1].(int64)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	r.chosen = &chosenKeys{nodes: map[int64]bool{}, ids: map[string]bool{}}
	for _, id := range part.Nodes {
		if key, held := keys[id]; held {
			r.chosen.nodes[key], r.chosen.ids[id] = true, true
		}
	}
	once := map[[3]int64]bool{}
	for _, b := range part.Bundles {
		from, starts := keys[b.From]
		to, ends := keys[b.To]
		bundle := [3]int64{from, r.store.codes.relations[b.Relation], to}
		if starts && ends && !r.chosen.nodes[from] && !r.chosen.nodes[to] && !once[bundle] {
			once[bundle] = true
			bundles = append(bundles, bundle)
		}
	}
	return bundles, nil
}

// linksAround reads the structural relations of the nodes of the part, and of those that declare one to these.
func (r *streaming) linksAround() ([]structuralRow, error) {
	r.chosen.read = slices.Sorted(maps.Keys(r.chosen.nodes))
	// at reads what some nodes declare, or what others declare to them.
	at := func(keys []int64, others bool) ([]structuralRow, error) {
		c := r.compiler()
		starts, ends := ontology.Out, ontology.In
		if others {
			starts, ends = ends, starts
		}
		c.text("SELECT e.src_, e.relation_, e.dst_, e.id FROM edge e WHERE e.relation_ IN (", c.declared(starts), ") AND e.src_ IN ")
		c.list(keys)
		c.text(" UNION SELECT e.src_, e.relation_, e.dst_, e.id FROM edge e WHERE e.relation_ IN (", c.declared(ends), ") AND e.dst_ IN ")
		c.list(keys)
		return r.structural(c)
	}
	from, err := at(r.chosen.read, true)
	if err != nil {
		return nil, err
	}
	var ends []int64
	for _, row := range from {
		ends = append(ends, row.from, row.to)
	}
	if _, err := r.look(ends); err != nil {
		return nil, err
	}
	for _, row := range from {
		if r.chosen.nodes[row.to] && r.declares(r.known.at(row.from), row.relation, ontology.Out) != nil {
			r.chosen.read = append(r.chosen.read, row.from)
		}
		if r.chosen.nodes[row.from] && r.declares(r.known.at(row.to), row.relation, ontology.In) != nil {
			r.chosen.read = append(r.chosen.read, row.to)
		}
	}
	slices.Sort(r.chosen.read)
	r.chosen.read = slices.Compact(r.chosen.read)
	return at(r.chosen.read, false)
}

// claimsAround reads the claims at the nodes of the part, and those of bundles.
func (r *streaming) claimsAround(bundles [][3]int64) (*heldClaims, error) {
	held := &heldClaims{}
	nodes := slices.Sorted(maps.Keys(r.chosen.nodes))
	rows, err := json.Marshal(bundles)
	if err != nil {
		return nil, err
	}
	for _, condition := range []func(c *compiler){
		func(c *compiler) { c.text(" AND e.src_ IN "); c.list(nodes) },
		func(c *compiler) {
			c.text(" AND e.dst_ IN ")
			c.list(nodes)
			c.text(" AND +e.src_ NOT IN ")
			c.list(nodes)
		},
		func(c *compiler) {
			c.text(" AND (e.src_, e.relation_, e.dst_) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(")
			c.value(string(rows))
			c.text("))")
		},
	} {
		if err := r.hold(r.tx, held, condition); err != nil {
			return nil, err
		}
	}
	return held, nil
}

// references are the keys of the nodes that the values of the nodes to be read name.
func (r *streaming) references() (keys []int64, err error) {
	columns := references(r.store.model.Kinds)
	c := r.compiler()
	c.text("SELECT 0")
	for _, name := range columns {
		c.text(", n.", name)
	}
	c.text(" FROM node n WHERE n.key_ IN ")
	c.list(r.chosen.read)
	_, err = each(r.ctx, r.tx, c, len(columns)+1, func(cells []any) (bool, error) {
		for _, cell := range cells[1:] {
			if key, named := cell.(int64); named {
				keys = append(keys, key)
			}
		}
		return true, nil
	})
	return keys, err
}
