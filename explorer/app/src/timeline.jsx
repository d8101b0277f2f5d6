// The timeline: what is dated about the nodes, in lanes, with a brush that sets the lens.

import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, useAsync } from './ask.js';
import { go } from './place.jsx';
import { goodsOf, look } from './kinds.jsx';
import { counted, kindNames, nameOf, number, period, relation, short } from './words.js';
import { begin, end, ticks } from './dates.js';
import { NAMED } from './fragments.js';
import { Answer, Empty } from './state.jsx';
import { Table } from './table.jsx';
import { Request } from './request.jsx';
import { Downloads, drawingWays } from './workspace.jsx';
import { exported, fileName, save } from './download.js';

const ROUTES = `query Routes($of: [ID!]!, $lens: Lens) {
  nodes(ids: $of, lens: $lens) { ... on Group { operates(first: 30) { nodes { id } } } }
}`;

const TIMELINE = `query Timeline($of: [ID!]!, $lens: Lens) {
  timeline(of: $of, first: 500, lens: $lens) {
    status
    totalCount
    undated
    entries {
      start
      end
      precision
      subject { id }
      statement { ...Named }
      edge {
        id relation denied
        from { ...Named }
        to { ...Named }
        claims(first: 1) { id stance role }
      }
    }
  }
}
${NAMED}`;

const keyOf = ({ statement, edge }) => (statement ? statement.id : `${edge.id} ${edge.claims[0]?.id ?? ''}`);

async function readTimeline(of, lens) {
  const { nodes } = await ask({ query: ROUTES, variables: { of: of.slice(0, 100), lens } });
  const routes = nodes.flatMap((node) => node?.operates?.nodes ?? []).map(({ id }) => id);
  const subjects = [...new Set([...of, ...routes])];
  const request = { query: TIMELINE, variables: { of: subjects, lens } };
  const { during, asOf, ...still } = lens ?? {};
  const timed = during !== undefined || asOf !== undefined;
  const [seen, all] = await Promise.all([ask(request), timed ? ask({ query: TIMELINE, variables: { of: subjects, lens: Object.keys(still).length > 0 ? still : undefined } }) : null]);
  const within = new Set(seen.timeline.entries.map(keyOf));
  return { ...(all ?? seen).timeline, within: all ? within : null, seen: seen.timeline, request };
}

const LEFT = 250;
const NARROW_LEFT = 130;
const ROW = 24;
const TOP = 34;

export function Timeline({ at, there, lens }) {
  const state = useAsync(JSON.stringify(['timeline', at.of, lens]), () => readTimeline(at.of, lens));
  return <Answer state={state} what="the timeline">{(line) => <Drawn at={at} line={line} there={there} lens={lens} />}</Answer>;
}

/** Watches how wide a box is. */
export function useWidth(initial) {
  const box = useRef(null);
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    if (!box.current) return undefined;
    const watch = new ResizeObserver(([{ contentRect }]) => contentRect.width > 0 && setWidth(Math.round(contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return [box, width];
}

// Lanes by what is said, then by what it is said of; within a group by the first date.
function lanes(line, of) {
  const groups = new Map();
  line.entries.forEach((entry) => {
    const { statement, edge, subject } = entry;
    const other = edge && (edge.from.id === subject.id ? edge.to : edge.from);
    const group = edge ? (edge.from.id === subject.id ? relation(edge.relation) : `… ${relation(edge.relation)} it`) : kindNames(statement.__typename);
    const name = edge ? nameOf(other) : nameOf(statement);
    const of_ = of.length > 1 || !of.includes(subject.id) ? subject.id : '';
    const key = edge ? `${edge.id}` : statement.id;
    if (!groups.has(group)) groups.set(group, new Map());
    const lane = groups.get(group);
    if (!lane.has(key)) lane.set(key, { key, name, node: other ?? statement, edge, of: of_, entries: [] });
    lane.get(key).entries.push({ ...entry, key: keyOf(entry), denies: edge?.claims[0]?.stance === 'DENIES', role: edge?.claims[0]?.role ?? '' });
  });
  const order = (name) => (name === relation('CARRIES') ? 0 : 1);
  return [...groups].sort((a, b) => order(a[0]) - order(b[0])).map(([group, lane]) => ({ group, lanes: [...lane.values()] }));
}

function Drawn({ at, line, there, lens }) {
  const [box, width] = useWidth(820);
  const svg = useRef(null);
  const [brush, setBrush] = useState(null);
  const name = `${fileName(there.map(nameOf).join(' '))}-timeline`;
  if (line.entries.length === 0) {
    return (
      <>
        <Empty at={at}>Nothing about it has a date{line.undated > 0 ? `; ${counted(line.undated, 'statement')} without one` : ''}.</Empty>
        <Request requests={[{ title: 'This timeline', ...line.request }]} />
      </>
    );
  }
  const groups = lanes(line, at.of);
  const left = width < 560 ? NARROW_LEFT : LEFT;
  const right = width - 14;
  const dates = line.entries.flatMap(({ start, end: last }) => [begin(start) ?? begin(last), end(last) ?? end(start)]);
  const first = Math.floor(Math.min(...dates)) - 1;
  const last = Math.ceil(Math.max(...dates)) + 1;
  const x = (year) => left + ((year - first) / (last - first)) * (right - left);
  const year = (px) => Math.round(first + ((px - left) / (right - left)) * (last - first));
  let y = TOP;
  const rows = groups.flatMap(({ group, lanes: list }) => {
    const heading = { heading: group, y: y += 4, n: list.length };
    y += 20;
    const placed = list.map((lane) => ({ lane, y: (y += ROW) - ROW }));
    return [heading, ...placed];
  });
  const height = y + 12;
  const period_ = brush ?? (at.from || at.to || at.asOf ? [begin(at.from || at.asOf) ?? first, end(at.to || at.asOf) ?? last] : null);
  const inside = (event) => {
    const rect = svg.current.getBoundingClientRect();
    return Math.min(Math.max(((event.clientX - rect.left) * width) / rect.width, left), right);
  };
  const setPeriod = (from, to) => go({ ...at, from: String(from), to: String(to), asOf: '' });
  const choose = (entry) => go({ ...at, sel: entry.edge ? entry.edge.id : entry.statement.id });
  const flat = rows.filter(({ lane }) => lane).flatMap(({ lane }) => lane.entries.map((entry) => ({ ...entry, name: lane.name, of: lane.of })));
  return (
    <>
      <div class="row tools">
        <span class="faint" role="status">{number(line.seen.totalCount)} dated{line.seen.undated > 0 ? `, ${number(line.seen.undated)} without a date are not drawn` : ''}{line.status !== 'COMPLETE' ? '; the first 500 are drawn' : ''}</span>
        <Period at={at} first={first} last={last} set={setPeriod} />
      </div>
      <div class="drawing scaled" ref={box}>
        <svg ref={svg} viewBox={`0 0 ${width} ${height}`} height={height} role="group" aria-label={`Timeline from ${first + 1} to ${last - 1}, ${counted(line.entries.length, 'entry').replace('entrys', 'entries')}. A table follows.`}>
          <rect class="brushable" x={left} y="0" width={right - left} height={height}
            onPointerDown={(event) => { const px = inside(event); event.currentTarget.setPointerCapture(event.pointerId); setBrush([year(px), year(px)]); }}
            onPointerMove={(event) => { if (brush && event.buttons > 0) setBrush([brush[0], year(inside(event))]); }}
            onPointerUp={() => {
              if (brush === null) return;
              const [a, b] = [Math.min(...brush), Math.max(...brush)];
              setBrush(null);
              if (a !== b) setPeriod(a, b - (b > a ? 1 : 0));
            }} />
          {ticks(first, last).map((tick) => <g key={tick}><path class="gridline" d={`M${x(tick)} 24V${height}`} /><text class="tick" x={x(tick)} y="16" text-anchor="middle">{tick}</text></g>)}
          {period_ && <g><rect class="brush" x={Math.min(x(period_[0]), x(period_[1]))} y="22" width={Math.abs(x(period_[1]) - x(period_[0]))} height={height - 22} /><path class="brush-edge" d={`M${x(period_[0])} 22V${height}M${x(period_[1])} 22V${height}`} /></g>}
          {rows.map((row) => row.heading
            ? <text key={row.heading} class="lane-label" x="10" y={row.y + 14} font-weight="700">{row.heading.charAt(0).toUpperCase() + row.heading.slice(1)}</text>
            : <Lane key={row.lane.key} at={at} row={row} x={x} left={left} right={right} within={line.within} choose={choose} />)}
        </svg>
      </div>
      <p class="faint small">A bar begins and ends as its source says; its pale ends are as wide as the date is inexact. A fading bar has no stated end and may still hold. Drag over the years to set the lens.</p>
      <details class="twin"><summary>The entries as a table</summary>
        <Table caption="Dated statements" file={name} rows={flat} keyOf={({ key }) => key} selected={flat.find(({ edge, statement }) => (edge?.id ?? statement.id) === at.sel)?.key} onSelect={(key) => choose(flat.find((entry) => entry.key === key))} columns={[
          { title: 'What', value: ({ name: what, edge }) => (edge ? `${relation(edge.relation)}: ${what}` : what) },
          { title: 'First day', value: ({ start }) => start ?? '' },
          { title: 'Last day', value: ({ end: last_ }) => last_ ?? '' },
          { title: 'As exact as a', value: ({ precision }) => precision.toLowerCase() },
          { title: 'In what sense', value: ({ role, denies }) => [denies && 'denied', role.replaceAll('_', ' ')].filter(Boolean).join(', ') },
          { title: 'About', value: ({ subject }) => subject.id },
        ]} />
      </details>
      <Downloads ways={[
        ...drawingWays(name, svg),
        ['GEXF', async () => save(`${name}.gexf`, await exported('gexf', { of: at.of, depth: 1, maxNodes: 500 }, lens))],
      ]} />
      <Request requests={[{ title: 'This timeline', ...line.request }]} />
    </>
  );
}

function Lane({ at, row, x, left, right, within, choose }) {
  const { lane, y } = row;
  const colour = lane.node.__typename === 'Commodity' ? goodsOf(lane.node).colour : look(lane.node.__typename).colour;
  const middle = y + ROW / 2;
  return (
    <g>
      <text class="lane-label" x={left - 10} y={middle + 4} text-anchor="end"><title>{lane.name}</title>{short(lane.name, left > 200 ? 36 : 17)}</text>
      {lane.entries.map((entry) => {
        const from = begin(entry.start) ?? begin(entry.end);
        const to = end(entry.end);
        const sure = [end(entry.start) ?? from, begin(entry.end)];
        const chosen = at.sel === (entry.edge ? entry.edge.id : entry.statement.id);
        const out = within !== null && !within.has(entry.key);
        const press = (event) => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            choose(entry);
          }
        };
        const xs = x(from);
        const xe = to === null ? right : Math.max(x(to), xs + 4);
        return (
          <g key={entry.key} class={chosen ? 'bar chosen' : 'bar'} opacity={out ? 0.25 : 1} role="button" tabindex={0} onClick={() => choose(entry)} onKeyDown={press}
            aria-label={`${lane.name}, ${period(entry.start, entry.end)}${entry.denies ? ', denied' : ''}${out ? ', outside the period' : ''}`}>
            <title>{`${lane.name}\n${period(entry.start, entry.end)}${entry.role ? `\n${entry.role.replaceAll('_', ' ')}` : ''}`}</title>
            <rect class="body" x={xs} y={middle - 6} width={Math.max(3, xe - xs)} height="12" rx="3" fill={colour} fill-opacity={to === null ? 0.22 : 0.4} />
            {to !== null && sure[1] > sure[0] && <rect x={x(sure[0])} y={middle - 6} width={Math.max(0, x(sure[1]) - x(sure[0]))} height="12" fill={colour} fill-opacity="0.85" />}
            <circle class="dot" cx={(xs + Math.min(xe, x(sure[0]))) / 2} cy={middle} r="5" fill={entry.denies ? 'var(--ground)' : colour} stroke={entry.denies ? 'var(--denied)' : colour} stroke-width="2" />
          </g>
        );
      })}
    </g>
  );
}

// The brush for keys: two years.
function Period({ at, first, last, set }) {
  const [from, setFrom] = useState(at.from.slice(0, 4));
  const [to, setTo] = useState(at.to.slice(0, 4));
  useEffect(() => { setFrom(at.from.slice(0, 4)); setTo(at.to.slice(0, 4)); }, [at.from, at.to]);
  const send = (event) => {
    event.preventDefault();
    const a = Number(from) || first + 1;
    const b = Number(to) || last - 1;
    set(Math.min(a, b), Math.max(a, b));
  };
  return (
    <form class="row" onSubmit={send}>
      <label class="small">Only <input type="text" inputMode="numeric" size="4" maxLength="4" pattern="\d{4}" value={from} placeholder={String(first + 1)} aria-label="From year" onInput={(event) => setFrom(event.currentTarget.value)} /></label>
      <label class="small">to <input type="text" inputMode="numeric" size="4" maxLength="4" pattern="\d{4}" value={to} placeholder={String(last - 1)} aria-label="To year" onInput={(event) => setTo(event.currentTarget.value)} /></label>
      <button type="submit">Set</button>
      {(at.from || at.to) && <button type="button" class="quiet" onClick={() => go({ ...at, from: '', to: '' })}>All years</button>}
    </form>
  );
}
