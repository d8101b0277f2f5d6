package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// entityQuery asks for one group, its routes and what they carry, with the claims of both levels.
const entityQuery = `query Entity($id: ID!) {
  group(id: $id) {
    id
    name
    operates(first: 10) {
      edges {
        disputed
        firstSeen
        lastSeen
        claims(first: 10) { source { id name } reliability credibility stance validFrom validTo }
        node {
          id
          name
          carries(first: 10) {
            edges {
              disputed
              claims(first: 10) { source { id name } reliability credibility stance validFrom validTo }
              node { id name }
            }
          }
        }
      }
    }
  }
}`

// entities are the requests for the groups of the first page, so that no single group decides.
func (s *site) entities() []request {
	requests := make([]request, min(pageSize, s.network.Count("Group")))
	for i := range requests {
		requests[i] = newRequest(entityQuery, map[string]any{"id": s.network.ID("Group", i)})
	}
	return requests
}

func (b *bench) entity(ctx context.Context, s *site) error {
	requests := s.entities()
	next := 0
	took, err := rounds(b.repetitions(1000), func() error {
		_, err := s.execute(ctx, b.model, requests[next%len(requests)])
		return err
	}, func() error {
		next++
		_, err := s.client.ask(ctx, requests[(next-1)%len(requests)])
		return err
	})
	if err != nil {
		return err
	}
	b.note(fmt.Sprintf("one entity two relations deep, over %d groups", len(requests)), durations("API", took[0]), 1)
	b.note("the same", durations("HTTP", took[1]), 0)
	return nil
}

// listQuery is a page of one level.
const listQuery = `query List($first: Int!, $after: String) {
  groups(first: $first, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
}`

// furtherPage finds the request for a late page: page 1,000, or the last where there are fewer.
func (b *bench) furtherPage(ctx context.Context, s *site) (first, late request, page int, err error) {
	groups := s.network.Count("Group")
	size := max(min(groups/1000, 100), 1)
	page = min(groups/size, 1000)
	ask := func(n int, after any) request {
		return newRequest(listQuery, map[string]any{"first": n, "after": after})
	}
	var after any // no cursor
	for left := (page - 1) * size; left > 0; {
		n := min(left, 100)
		data, err := s.execute(ctx, b.model, ask(n, after))
		if err != nil {
			return first, late, page, err
		}
		var answer struct {
			Groups struct{ PageInfo struct{ EndCursor string } }
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			return first, late, page, err
		}
		after = answer.Groups.PageInfo.EndCursor
		left -= n
	}
	return ask(size, nil), ask(size, after), page, nil
}

func (b *bench) keyset(ctx context.Context, s *site) error {
	first, late, page, err := b.furtherPage(ctx, s)
	if err != nil {
		return err
	}
	took, err := rounds(b.repetitions(500), s.executing(ctx, b, late), s.executing(ctx, b, first))
	if err != nil {
		return err
	}
	b.compare("a late page of a list", durations(fmt.Sprintf("page %d", page), took[0]), durations("page 1", took[1]), 1.3)
	return nil
}

func (s *site) executing(ctx context.Context, b *bench, r request) func() error {
	return func() error { _, err := s.execute(ctx, b.model, r); return err }
}

// lensQuery is the page through a lens.
const lensQuery = `query Page($first: Int!, $lens: Lens) {
  groups(first: $first, lens: $lens)` + pageSelection

// fullLens asks for everything that a lens can ask for and that all records of a synthetic network pass, so that answers are the same
// and the difference is the cost of comparing. One source is left out that no network has.
var fullLens = map[string]any{
	"during": map[string]any{"from": "1900", "to": "2100"}, "knownAt": "2100", "minReliability": "E", "minCredibility": 5, "minConfidence": 0,
	"stances": []any{"ASSERTS", "DENIES"}, "modalities": []any{"STATES", "ESTIMATES", "CAN"}, "excludeSources": []any{"source/none"},
	"maxTlp": "RED",
}

func (b *bench) lens(ctx context.Context, s *site) error {
	ask := func(lens map[string]any) request {
		return newRequest(lensQuery, map[string]any{"first": pageSize, "lens": lens})
	}
	took, err := rounds(b.repetitions(300), s.executing(ctx, b, ask(fullLens)), s.executing(ctx, b, ask(nil)))
	if err != nil {
		return err
	}
	b.compare("the page through a full lens", durations("with", took[0]), durations("without", took[1]), 2)
	return nil
}

// further measures other questions, for information.
func (b *bench) further(ctx context.Context, s *site) error {
	n := s.network
	id := map[string]any{"id": n.ID("Group", 24)}
	hub := map[string]any{"id": n.ID("Commodity", 0)}
	for _, q := range []struct {
		name, query string
		variables   map[string]any
		repetitions int
	}{
		{"totalCount of all groups", `{ groups(first: 1) { totalCount } }`, nil, 200},
		{"groups filtered by a relation, first 10", `{ groups(first: 10, where: {trades: {some: {node: {market: {eq: COCAINE_TRADE}}}}}) { nodes { id } } }`, nil, 200},
		{"search: one rare word", `query Q($text: String!) { search(text: $text) { nodes { id name } totalCount } }`, map[string]any{"text": n.Name("Group", 24)[:9]}, 200},
		{"search: one frequent word", `query Q($text: String!) { search(text: $text) { nodes { id name } totalCount } }`, map[string]any{"text": "cartel"}, 50},
		{"neighbourhood of a group, depth 1", `query Q($id: ID!) { neighbourhood(of: $id, depth: 1) { totalCount kinds { kind count } } }`, id, 100},
		{"neighbourhood of a group, depth 2", `query Q($id: ID!) { neighbourhood(of: $id, depth: 2) { totalCount kinds { kind count } } }`, id, 20},
		{"hub: first 10 routes that carry the most carried commodity", `query Q($id: ID!) { commodity(id: $id) { carriedBy(first: 10) { nodes { id name } } } }`, hub, 50},
		{"hub: the same with totalCount", `query Q($id: ID!) { commodity(id: $id) { carriedBy(first: 10) { nodes { id name } totalCount } } }`, hub, 50},
	} {
		r := newRequest(q.query, q.variables)
		took, err := rounds(b.repetitions(q.repetitions), s.executing(ctx, b, r))
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		b.note(q.name, durations("API", took[0]), 0)
	}
	return nil
}

// scales compares the page in a network of another size.
func (b *bench) scales(ctx context.Context, s *site) (err error) {
	if b.larger == nil {
		return nil
	}
	other, err := b.open(ctx, *b.larger)
	if err != nil {
		return err
	}
	defer func() {
		if closed := other.close(); err == nil {
			err = closed
		}
	}()
	b.report.Networks = append(b.report.Networks, other.description)
	r := pageRequest()
	much, err := other.client.ask(ctx, r)
	if err != nil {
		return err
	}
	manyObjects, err := count(much)
	if err != nil {
		return err
	}
	took, err := rounds(b.repetitions(400),
		func() error { _, err := other.client.ask(ctx, r); return err },
		func() error { _, err := s.client.ask(ctx, r); return err })
	if err != nil {
		return err
	}
	b.compare(fmt.Sprintf("the page in the larger network, %d objects", manyObjects), durations("larger", took[0]), durations("smaller", took[1]), 1.5)
	return b.inLarger(func() error { return b.page(ctx, other) }, func() error { return b.entity(ctx, other) }, func() error { return b.keyset(ctx, other) },
		func() error { return b.lens(ctx, other) }, func() error { return b.further(ctx, other) })
}

// inLarger measures other questions in the larger network, and says so in their lines.
func (b *bench) inLarger(measure ...func() error) error {
	before := len(b.report.Lines)
	for _, m := range measure {
		if err := m(); err != nil {
			return err
		}
	}
	for i := range b.report.Lines[before:] {
		b.report.Lines[before+i].Name = "larger: " + b.report.Lines[before+i].Name
	}
	return nil
}
