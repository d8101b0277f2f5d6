// What a route or group carried or traded, year by year: the picture of diversification.

import { useRef } from 'preact/hooks';
import { useAnswer } from './ask.js';
import { go } from './place.jsx';
import { ALL_GOODS, goodsOf } from './kinds.jsx';
import { counted, lower, nameOf, number, period, short } from './words.js';
import { begin, end, lag, lagText, ticks, yearOf } from './dates.js';
import { Answer, Empty } from './state.jsx';
import { Table } from './table.jsx';
import { Request } from './request.jsx';
import { Goods } from './results.jsx';
import { Downloads, drawingWays } from './workspace.jsx';
import { useWidth } from './timeline.jsx';
import { exported, fileName, save } from './download.js';
import { Diversity, useDiversity } from './diversity.jsx';
import { Reuse, useReuse } from './reuse.jsx';

const CARGO = `query Cargo($of: [ID!]!, $lens: Lens) {
  nodes(ids: $of, lens: $lens) {
    __typename
    id
    ... on Route { name carries(first: 100) { ...Carried } }
    ... on Leg { carries(first: 100) { ...Carried } }
    ... on Group {
      name
      trades(first: 100) { ...Carried }
      operates(first: 30) { nodes { id name carries(first: 50) { ...Carried } } }
    }
    ... on Place { name legsFrom(first: 40) { nodes { id route { id name carries(first: 50) { ...Carried } } } } }
  }
}
fragment Carried on RelatedCommodityConnection {
  totalCount
  edges {
    firstSeen lastSeen disputed denied
    node { id name market }
    claims(first: 20) { id stance role validFrom validTo reliability credibility }
  }
}`;

// Roles that say that something began then; all others say when it was first reported, which is no start.
const STARTS = new Set(['start_stated', 'start_decade']);

// Every claim about goods, once: { edge (its id), holder, node, claim }.
function claimsOf(nodes) {
  const found = new Map();
  const take = (name, holder, list) => list?.edges.forEach(({ node, claims }) => claims.forEach((claim) => found.set(claim.id, {
    edge: `${name}|${holder.id}|${node.id}`, holder, node, claim,
  })));
  nodes.filter(Boolean).forEach((node) => {
    take('CARRIES', node, node.carries);
    take('TRADES', node, node.trades);
    node.operates?.nodes.forEach((route) => take('CARRIES', route, route.carries));
    node.legsFrom?.nodes.forEach(({ route }) => route && take('CARRIES', route, route.carries));
  });
  return [...found.values()];
}

/** Goods with their claims, in order of the first date that a source asserts; those without one last. */
export function goodsByTime(nodes) {
  const goods = new Map();
  claimsOf(nodes).forEach((said) => {
    const { node } = said;
    if (!goods.has(node.id)) goods.set(node.id, { node, class: goodsOf(node), said: [] });
    goods.get(node.id).said.push(said);
  });
  return [...goods.values()].map((good) => {
    const asserted = good.said.filter(({ claim }) => claim.stance !== 'DENIES');
    const dated = asserted.filter(({ claim }) => claim.validFrom || claim.validTo).sort((a, b) => starts(a.claim) - starts(b.claim));
    return { ...good, asserted, dated, denied: good.said.length - asserted.length, first: dated[0]?.claim.validFrom ?? dated[0]?.claim.validTo ?? null };
  }).filter(({ asserted, denied }) => asserted.length + denied > 0)
    .sort((a, b) => (begin(a.first) ?? Infinity) - (begin(b.first) ?? Infinity) || a.node.name.localeCompare(b.node.name));
}

function starts(claim) {
  return begin(claim.validFrom) ?? begin(claim.validTo);
}

function holds(claim, year) {
  const from = begin(claim.validFrom);
  const to = end(claim.validTo);
  return (from === null || from < year + 1) && (to === null || to > year);
}

export function Cargo({ at, there, lens }) {
  const request = { query: CARGO, variables: { of: at.of.slice(0, 20), lens } };
  const state = useAnswer(request);
  const diversity = useDiversity(at, lens);
  return (
    <Answer state={state} what="what it carried">
      {({ nodes }) => <Drawn diversity={diversity} at={at} goods={goodsByTime(nodes)} there={there} lens={lens} request={request} />}
    </Answer>
  );
}

const STREAM = 200;
const ROW = 26;
const TOP = 30;

function Drawn({ diversity, at, goods, there, lens, request }) {
  const [box, width] = useWidth(820);
  const svg = useRef(null);
  const name = `${fileName(there.map(nameOf).join(' '))}-goods`;
  const reuse = useReuse(at, goods, lens);
  const requests = [
    { title: 'What it carried', ...request },
    ...(diversity.data ? [{ title: 'How diverse it is', ...diversity.data.request }] : []),
    ...(reuse.data ? [{ title: 'More than chance?', ...reuse.data.request }] : []),
  ];
  if (goods.length === 0) {
    return <><Empty at={at}>No source says that it carries or trades anything. Routes, legs, groups and places have goods.</Empty><Request requests={requests} /></>;
  }
  const dated = goods.filter(({ first }) => first !== null);
  const undated = goods.filter(({ first }) => first === null);
  const classes = ALL_GOODS.filter((one) => goods.some((good) => good.class === one));
  const left = width < 560 ? 128 : 220;
  const right = width - (width < 560 ? 16 : 150);
  const years = dated.flatMap(({ dated: list }) => list.flatMap(({ claim }) => [yearOf(claim.validFrom ?? claim.validTo), yearOf(claim.validTo ?? claim.validFrom)]));
  const first = Math.min(...years) - 1;
  const last = Math.max(...years) + 2;
  const x = (year) => left + ((year - first) / (last - first)) * (right - left);
  const lanesTop = TOP + STREAM + 30;
  const height = (dated.length > 0 ? lanesTop + dated.length * ROW : TOP) + 10;
  const choose = (edge) => go({ ...at, sel: edge });
  return (
    <>
      <Summary goods={goods} dated={dated} classes={classes} />
      {dated.length > 0 && (
        <div class="drawing scaled" ref={box}>
          <svg ref={svg} viewBox={`0 0 ${width} ${height}`} height={height} role="group" aria-label={`Goods by year from ${first + 1} to ${last - 1}: ${dated.map(({ node, first: date }) => `${node.name} ${date}`).join(', ')}. A table follows.`}>
            {ticks(first, last).map((tick) => <g key={tick}><path class="gridline" d={`M${x(tick)} 22V${height}`} /><text class="tick" x={x(tick)} y="15" text-anchor="middle">{tick}</text></g>)}
            <Stream goods={dated} first={first} last={last} x={x} left={left} right={right} named={width >= 560} />
            {dated.map((good, i) => <Row key={good.node.id} at={at} good={good} y={lanesTop + i * ROW} x={x} left={left} right={right} choose={choose} />)}
          </svg>
        </div>
      )}
      <p class="faint small">
        Above: how many claims may hold in each year, by good. Below: <b>●</b> a start that a source states, <b>○</b> a first report, which is no start. A pale bar has no stated end: it may still hold.
        {undated.length > 0 && <> Without a date, and not drawn: {undated.map(({ node }) => node.name).join(', ')}.</>}
      </p>
      <Diversity state={diversity} />
      <Reuse state={reuse} />
      <details class="twin"><summary>The goods as a table</summary>
        <Table caption="Goods" file={name} rows={goods} keyOf={({ node }) => node.id} selected={goods.find(({ said }) => said.some(({ edge }) => edge === at.sel))?.node.id} onSelect={(id) => choose(goods.find(({ node }) => node.id === id).said[0].edge)} columns={[
          { title: 'Good', value: ({ node }) => node.name },
          { title: 'Class', value: ({ class: of }) => of.name, show: ({ node, class: of }) => <><Goods of={node} /> {of.name}</> },
          { title: 'First dated', value: ({ first: date }) => date ?? '' },
          { title: 'After the first good', value: ({ first: date }) => (date && dated[0] ? Math.max(0, Math.round(begin(date) - begin(dated[0].first))) : null), show: ({ first: date }) => (date && dated[0] && lag(dated[0].first, date)[0] >= 0 ? lagText(dated[0].first, date) : '') },
          { title: 'Claims', numeric: true, value: ({ asserted }) => asserted.length },
          { title: 'Denied by', numeric: true, value: ({ denied }) => denied },
          { title: 'In what sense', value: ({ dated: list }) => [...new Set(list.map(({ claim }) => lower(claim.role ?? '')))].filter(Boolean).join(', ') },
          { title: 'Said of', value: ({ said }) => [...new Set(said.map(({ holder }) => nameOf(holder)))].join(', ') },
        ]} />
      </details>
      <Downloads ways={[
        ...drawingWays(name, svg),
        ['GEXF', async () => save(`${name}.gexf`, await exported('gexf', { of: at.of, depth: 1, maxNodes: 500 }, lens))],
      ]} />
      <Request requests={requests} />
    </>
  );
}

// In words: how many, what first, and how long until each other class of goods.
function Summary({ goods, dated, classes }) {
  const start = dated[0];
  const later = classes.filter((one) => one !== start?.class).map((one) => dated.find((good) => good.class === one)).filter(Boolean);
  return (
    <div class="summary">
      <p class="figures"><span><b>{number(goods.length)}</b> goods</span><span><b>{number(classes.length)}</b> {classes.length === 1 ? 'class' : 'classes'}</span>{start && <span>first dated: <b><bdi>{start.node.name}</bdi></b> {start.first}</span>}</p>
      {later.length > 0 && (
        <ul class="lags">
          {later.map((good) => <li key={good.node.id}><Goods of={good.node} /> {good.class.name} <b>{lag(start.first, good.first)[0] < 0 ? 'at the same time' : `${lagText(start.first, good.first)} later`}</b> <span class="faint">(<bdi>{good.node.name}</bdi>, {good.first})</span></li>)}
        </ul>
      )}
    </div>
  );
}

// Bands stacked around a middle line, a step a year with rounded shoulders. The name stands in or beside the band.
function Stream({ goods, first, last, x, left, right, named }) {
  const span = [];
  for (let year = first; year <= last; year++) span.push(year);
  const values = goods.map(({ dated }) => span.map((year) => dated.filter(({ claim }) => holds(claim, year)).length));
  const totals = span.map((_, i) => values.reduce((sum, value) => sum + value[i], 0));
  const unit = STREAM / Math.max(1, ...totals);
  const middle = TOP + STREAM / 2;
  const tops = totals.map((total) => middle - (total * unit) / 2);
  return (
    <g aria-hidden="true">
      <text class="tick" x={left - 10} y={middle + 4} text-anchor="end">claims that may hold</text>
      {goods.map((good, g) => {
        const above = span.map((_, i) => tops[i] + values.slice(0, g).reduce((sum, value) => sum + value[i], 0) * unit);
        const below = above.map((top, i) => top + values[g][i] * unit);
        const there = values[g].map((value) => value > 0);
        const from = Math.max(0, there.indexOf(true) - 1);
        const to = Math.min(span.length - 1, there.lastIndexOf(true) + 1);
        const points = (list) => list.map((y, i) => [x(Math.min(span[i] + (i === 0 ? 0 : 0.5), last)), y]).slice(from, to + 1);
        const upper = points(above);
        const lower_ = points(below).reverse();
        const alike = goods.filter((other, i) => other.class === good.class && i < g).length;
        return (
          <path key={good.node.id} d={`${curve(upper)}L${lower_[0].join(' ')}${curve(lower_).replace(/^M[^C]*/, '')}Z`} fill={good.class.colour} fill-opacity={alike % 2 === 0 ? 0.86 : 0.62} stroke="var(--ground)" stroke-width="1.2" />
        );
      })}
      {named && unit * Math.min(...values.map((value) => value.at(-1)).filter(Boolean)) > 11 && goods.map((good, g) => {
        const top = tops.at(-1) + values.slice(0, g).reduce((sum, value) => sum + value.at(-1), 0) * unit;
        return values[g].at(-1) > 0 && <text key={good.node.id} class="band" x={right + 8} y={top + (values[g].at(-1) * unit) / 2 + 4}>{short(good.node.name, 21)}</text>;
      })}
    </g>
  );
}

function curve(points) {
  return points.reduce((text, [px, py], i) => {
    if (i === 0) return `M${px} ${py}`;
    const [ax, ay] = points[i - 1];
    const half = (ax + px) / 2;
    return `${text}C${half} ${ay} ${half} ${py} ${px} ${py}`;
  }, '');
}

function Row({ at, good, y, x, left, right, choose }) {
  const middle = y + ROW / 2;
  return (
    <g>
      <text class="lane-label" x={left - 10} y={middle + 4} text-anchor="end"><title>{good.node.name}</title>{short(good.node.name, left > 200 ? 30 : 16)}</text>
      {good.dated.map(({ claim, edge, holder }) => {
        const xs = x(begin(claim.validFrom) ?? begin(claim.validTo));
        const xe = claim.validTo ? Math.max(xs + 6, x(end(claim.validTo))) : right;
        const stated = STARTS.has(claim.role);
        const press = (event) => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            choose(edge);
          }
        };
        const words = `${good.node.name}, ${period(claim.validFrom, claim.validTo)}, ${lower(claim.role ?? 'no role')}, ${claim.reliability}${claim.credibility}`;
        return (
          <g key={claim.id} class={at.sel === edge ? 'bar chosen' : 'bar'} role="button" tabindex={0} aria-label={words} onClick={() => choose(edge)} onKeyDown={press}>
            <title>{`${words}\n${nameOf(holder)}`}</title>
            <rect class="body" x={xs} y={middle - 6} width={xe - xs} height="12" rx="3" fill={good.class.colour} fill-opacity={claim.validTo ? 0.75 : 0.25} />
            <path d={`M${xs} ${middle}H${xe}`} stroke={good.class.colour} stroke-width="2" stroke-dasharray={good.class.dash || undefined} />
            <circle class="dot" cx={xs} cy={middle} r="6" fill={stated ? good.class.colour : 'var(--ground)'} stroke={good.class.colour} stroke-width="2.5" />
          </g>
        );
      })}
      {good.denied > 0 && <text class="tick" x={right - 4} y={middle + 4} text-anchor="end">denied by {counted(good.denied, 'source')}</text>}
    </g>
  );
}
