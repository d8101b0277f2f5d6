// What the graph view shows: which nodes, where they stand, what joins them. All of it follows from the address and the lens.

import { ask } from './ask.js';
import { NAMED } from './fragments.js';
import { around, even } from './layout.js';
import { kinds } from './schema.js';

const GRAPH = `status
    nodes { node { ...Named } depth degree x y }
    edges { ...Joined }
    omitted { kind count }
    omittedEdges`;

const JOINED = `fragment Joined on GraphEdge {
  id relation from { id } to { id } structural claimCount disputed denied firstSeen lastSeen reliability
}`;

const MOST_IDS = 1000;
const MOST_NODES = 5000;
const MOST_EDGES = 20000;

/** An expansion as the address writes it: which node, by which kind, how many. */
export function growth(text) {
  const [id, kind, n] = text.split('~');
  return { id, kind, n: Math.min(Number(n) || 10, MOST_NODES - 1) };
}

/** Ids that say more by their structural relations, which are no way through the graph otherwise. */
function remarks(ids) {
  return ids.filter((id) => /^(contradiction|estimate)\//.test(id));
}

/** The first question: what the address asks for, part by part. */
export function gathering(at, relations) {
  const variables = { of: at.of, max: Math.min(Math.max(Number(at.max) || 60, at.of.length), MOST_NODES), maxEdges: MOST_EDGES };
  const declared = ['$of: [ID!]!', '$max: Int!', '$maxEdges: Int!', '$lens: Lens'];
  const parts = [`base: subgraph(of: $of, depth: 1, maxNodes: $max, maxEdges: $maxEdges, layout: true, lens: $lens) {
    ${GRAPH}
  }`];
  const more = (name, type, value) => {
    declared.push(`$${name}: ${type}`);
    variables[name] = value;
  };
  const routes = at.of.filter((id) => id.startsWith('route/'));
  if (routes.length > 0) {
    more('routes', '[ID!]!', routes);
    parts.push(`legs: subgraph(of: $routes, depth: 2, via: [HAS_LEG, FROM, TO], maxNodes: 300, lens: $lens) {
    ${GRAPH}
  }`);
  }
  if (remarks(at.of).length > 0) {
    more('remarks', '[ID!]!', remarks(at.of));
    parts.push(`remarks: subgraph(of: $remarks, depth: 2, via: [BETWEEN, ABOUT, IN_CONTEXT_OF], kinds: [Contradiction, Estimate, Group, Place, Commodity, Route, Event, VictimGroup], maxNodes: $max, lens: $lens) {
    ${GRAPH}
  }`);
  }
  at.grow.map(growth).forEach(({ id, kind, n }, i) => {
    more(`grow${i}`, '[ID!]!', [id]);
    more(`kinds${i}`, '[NodeKind!]', [kind]);
    more(`n${i}`, 'Int!', n + 1);
    parts.push(`grow${i}: subgraph(of: $grow${i}, depth: 1, kinds: $kinds${i}, via: $via, maxNodes: $n${i}, maxEdges: $maxEdges, lens: $lens) {
    ${GRAPH}
  }`);
  });
  if (at.grow.length > 0) more('via', '[RelationKind!]', relations);
  at.path.map((text) => text.split('~')).forEach(([from, to], i) => {
    more(`from${i}`, '[ID!]!', [from]);
    more(`to${i}`, '[ID!]!', [to]);
    parts.push(`path${i}: paths(from: $from${i}, to: $to${i}, k: 3, maxHops: 6, lens: $lens) {
    status
    paths { nodes { ...Named } steps { edges { ...Joined } } }
  }`);
  });
  return { query: `query Graph(${declared.join(', ')}) {\n  ${parts.join('\n  ')}\n}\n${NAMED}\n${JOINED}`, variables };
}

/** The second: what joins all of these, and where they stand. */
function joining(base, all, lens) {
  const grown = all.length > base.length;
  const query = `query Joined($base: [ID!]!, ${grown ? '$all: [ID!]!, ' : ''}$lens: Lens) {
  base: subgraph(of: $base, depth: 0, maxNodes: ${MOST_NODES}, maxEdges: ${MOST_EDGES}, layout: true, lens: $lens) {
    nodes { node { id } x y }
    edges { ...Joined }
  }${grown ? `
  all: subgraph(of: $all, depth: 0, maxNodes: ${MOST_NODES}, maxEdges: ${MOST_EDGES}, lens: $lens) {
    edges { ...Joined }
  }` : ''}
}
${JOINED}`;
  return { query, variables: { base, ...(grown && { all }), lens } };
}

// A lens may hide the ends of a path, or what was expanded: then these are left out, and the rest is drawn.
async function visible(at, lens) {
  const ids = [...new Set([...at.grow.map((text) => growth(text).id), ...at.path.flatMap((text) => text.split('~'))])].slice(0, 100);
  if (lens === undefined || ids.length === 0) return at;
  const { nodes } = await ask({ query: 'query Visible($ids: [ID!]!, $lens: Lens) { nodes(ids: $ids, lens: $lens) { id } }', variables: { ids, lens } });
  const there = new Set(nodes.filter(Boolean).map(({ id }) => id));
  return { ...at, grow: at.grow.filter((text) => there.has(growth(text).id)), path: at.path.filter((text) => text.split('~').every((id) => there.has(id))) };
}

/**
 * Reads the picture: { nodes, edges, omitted, omittedEdges, status, paths, requests }. Nodes are { id, kind, node, depth, degree, x, y, from },
 * where `from` is the node that was expanded to show it.
 */
export async function readPicture(at, lens) {
  at = await visible(at, lens);
  const relations = at.grow.length > 0 ? (await kinds()).relations : [];
  const first = gathering(at, relations);
  first.variables.lens = lens;
  const data = await ask(first);
  const nodes = new Map();
  const edges = new Map();
  const omitted = new Map();
  let status = 'COMPLETE';
  let omittedEdges = 0;
  const add = (node, from, depth = 1, place = {}) => {
    if (!nodes.has(node.id)) nodes.set(node.id, { id: node.id, kind: node.__typename, node, depth, from, ...place });
  };
  const join = (edge) => edges.set(edge.id, edge);
  const take = (part, from, counts) => {
    part.nodes.forEach(({ node, depth, x, y }) => add(node, from, depth, { x, y }));
    part.edges.forEach(join);
    if (counts) {
      part.omitted.forEach(({ kind, count }) => omitted.set(kind, (omitted.get(kind) ?? 0) + count));
      omittedEdges += part.omittedEdges;
      if (part.status !== 'COMPLETE') status = part.status;
    }
  };
  take(data.base, undefined, true);
  if (data.legs) take(data.legs, undefined, false);
  if (data.remarks) take(data.remarks, undefined, false);
  const base = [...nodes.keys()];
  const paths = at.path.map((text, i) => ({ ends: text.split('~'), ...data[`path${i}`] }));
  at.grow.map(growth).forEach(({ id }, i) => take(data[`grow${i}`], id, false));
  paths.forEach(({ paths: found, ends }) => found.forEach(({ nodes: along, steps }) => {
    along.forEach((node) => add(node, ends[0]));
    steps.forEach((step) => step.edges.forEach(join));
  }));
  const requests = [{ title: 'This graph', ...first }];
  const parts = Object.keys(data).length;
  if (parts > 1 && nodes.size <= MOST_IDS) {
    const second = joining(base, [...nodes.keys()], lens);
    const { base: placed, all } = await ask(second);
    placed.nodes.forEach(({ node, x, y }) => Object.assign(nodes.get(node.id), { x, y }));
    placed.edges.forEach(join);
    all?.edges.forEach(join);
    requests.push({ title: 'What joins these nodes', ...second });
  }
  const hide = new Set(at.hide);
  const shown = [...nodes.values()].filter(({ id }) => !hide.has(id) || at.of.includes(id));
  const there = new Set(shown.map(({ id }) => id));
  const joined = [...edges.values()].filter(({ from, to }) => there.has(from.id) && there.has(to.id));
  const degree = new Map();
  joined.forEach(({ from, to }) => [from.id, to.id].forEach((id) => degree.set(id, (degree.get(id) ?? 0) + 1)));
  shown.forEach((node) => { node.degree = degree.get(node.id) ?? 0; });
  return {
    nodes: placed(shown, joined, at), edges: joined, status, omittedEdges, paths, requests,
    omitted: [...omitted].map(([kind, count]) => ({ kind, count })),
  };
}

// Drawings up to this size are evened out before they are shown.
const EVENED = 160;
// What is expanded is kept off what stood there before, up to this size.
const CLEARED = 300;

function settled(nodes, edges, scale) {
  const where = new Map(nodes.map(({ id, x, y }) => [id, { x: x * scale, y: y * scale }]));
  if (nodes.length > 2 && nodes.length <= EVENED) {
    // A route's legs form chains along their places; tied to the route as firmly, they would be a knot.
    even(where, edges.filter(({ from, to }) => where.has(from.id) && where.has(to.id)).map(({ from, to, relation }) => ({ from: from.id, to: to.id, weight: relation === 'HAS_LEG' ? 0.12 : 1 })));
  }
  return where;
}

// Where nodes stand: as the server placed them, what was expanded in rings around its origin, and what the reader pinned.
function placed(nodes, edges, at) {
  const base = nodes.filter(({ x, from }) => typeof x === 'number' && from === undefined);
  const scale = 0.3 + Math.sqrt(base.length) / 17;
  const where = settled(base, edges, scale);
  const rings = new Map();
  nodes.filter(({ id }) => !where.has(id)).forEach(({ id, from }) => rings.set(from, [...(rings.get(from) ?? []), id]));
  const taken = [...where.values()];
  for (const [from, ids] of rings) {
    const places = around(where.get(from) ?? { x: 500 * scale, y: 500 * scale }, ids.length, taken, nodes.length > CLEARED);
    ids.forEach((id, i) => where.set(id, places[i]));
  }
  const pins = new Map(at.pin.map((text) => {
    const i = text.lastIndexOf('@');
    const [x, y] = text.slice(i + 1).split(',').map(Number);
    return [text.slice(0, i), { x, y }];
  }));
  return nodes.map((node) => ({ ...node, ...where.get(node.id), ...pins.get(node.id), pinned: pins.has(node.id) }));
}
