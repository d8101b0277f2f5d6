// The workspace: views of one picture, linked by selection, lens and time.

import { useEffect, useRef, useState } from 'preact/hooks';
import { useAnswer, useAsync } from './ask.js';
import { canUndo, go, lensOf, Link } from './place.jsx';
import { KindSign } from './kinds.jsx';
import { counted, count, kindName, nameOf, number, relation, short } from './words.js';
import { NAMED } from './fragments.js';
import { readPicture } from './picture.js';
import { Answer, Empty, Failed } from './state.jsx';
import { Evidence } from './evidence.jsx';
import { Graph, graphPng, graphSvg } from './graph.jsx';
import { WorldMap } from './map.jsx';
import { Timeline } from './timeline.jsx';
import { Cargo } from './cargo.jsx';
import { csv, Table } from './table.jsx';
import { Request } from './request.jsx';
import { exported, fileName, pngOf, save, svgText } from './download.js';

const VIEWS = { graph: 'Graph', map: 'Map', timeline: 'Timeline', cargo: 'What it carried', table: 'Table' };

const HEAD = `query Head($of: [ID!]!, $lens: Lens) {
  nodes(ids: $of, lens: $lens) { ...Named ... on Entity { aliases description } }
}
${NAMED}`;

export function Workspace({ at: given, headed = false }) {
  const lens = lensOf(given);
  const asked = { query: HEAD, variables: { of: given.of.slice(0, 100), lens } };
  const head = useAnswer(asked);
  // For a moment it is still the answer about the records before these.
  const known = head.of === JSON.stringify(asked);
  // Some of the records may be hidden or gone: the others are shown, and the address keeps them all.
  const found = new Set(head.data?.nodes.filter(Boolean).map(({ id }) => id));
  const unseen = known && found.size > 0 ? given.of.slice(0, 100).filter((id) => !found.has(id)) : [];
  const at = unseen.length > 0 ? { ...given, of: given.of.filter((id) => !unseen.includes(id)), unseen } : given;
  // The picture does not depend on what is chosen or how it is looked at.
  const key = JSON.stringify(['picture', at.of, at.max, at.grow, at.hide, at.pin, at.path, lens]);
  const state = useAsync(key, () => readPicture(at, lens));
  const there = head.data?.nodes.filter(Boolean) ?? [];
  const view = VIEWS[at.view] ? at.view : 'graph';
  const beside = VIEWS[at.beside] && at.beside !== view ? at.beside : '';
  const Title = headed ? 'h2' : 'h1';
  const missing = known && there.length === 0;
  const title = there.slice(0, 3).map(nameOf).join(' + ');
  useEffect(() => {
    document.title = title === '' ? 'CrimeGraph' : `${short(title, 80)} · CrimeGraph`;
    return () => { document.title = 'CrimeGraph'; };
  }, [title]);
  return (
    <section class="workspace">
      <div class="head">
        <div>
          <Title>
            {there.slice(0, 3).map((node, i) => <span key={node.id}>{i > 0 && <span class="faint"> + </span>}<KindSign kind={node.__typename} size={20} /> <bdi>{short(nameOf(node), 120)}</bdi></span>)}
            {there.length > 3 && <span class="faint"> and {there.length - 3} more</span>}
            {there.length === 0 && <span class="faint">{head.data ? 'Not there' : '…'}</span>}
          </Title>
          {there.length === 1 && <p class="faint">{kindName(there[0].__typename)}{there[0].aliases?.length > 0 && <> · also <bdi>{short(there[0].aliases.join(', '), 160)}</bdi></>}</p>}
        </div>
        <ViewChoice at={at} view={view} beside={beside} />
      </div>
      {unseen.length > 0 && <p class="chip">{counted(unseen.length, 'record')} of this address {unseen.length === 1 ? 'is' : 'are'} not there, or hidden by the lens</p>}
      {missing
        ? <Empty at={at}>There is no record <code>{at.of.join(', ')}</code>, or none that you may see.</Empty>
        : (
          <div class={beside ? 'panes two' : 'panes'}>
            <Pane at={at} view={view} state={state} there={there} lens={lens} />
            {beside && <Pane at={at} view={beside} state={state} there={there} lens={lens} />}
            <Evidence at={at} picture={state.data} />
            {at.sel && <a class="jump" href="#evidence" onClick={(event) => { event.preventDefault(); document.getElementById('evidence').focus(); document.getElementById('evidence').scrollIntoView(); }}>Evidence of what is chosen ↓</a>}
          </div>
        )}
    </section>
  );
}

function ViewChoice({ at, view, beside }) {
  return (
    <div class="choice">
      <div class="tabs" role="group" aria-label="View">
        {Object.entries(VIEWS).map(([id, name]) => (
          <button key={id} type="button" aria-pressed={id === view} onClick={() => go({ ...at, view: id, beside: beside === id ? '' : beside })}>{name}</button>
        ))}
      </div>
      <label class="field beside">beside it
        <select value={beside} onChange={(event) => go({ ...at, view, beside: event.currentTarget.value })}>
          <option value="">nothing</option>
          {Object.entries(VIEWS).filter(([id]) => id !== view).map(([id, name]) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
    </div>
  );
}

const PANES = { graph: GraphPane, map: WorldMap, timeline: Timeline, cargo: Cargo, table: TablePane };

function Pane({ at, view, state, there, lens }) {
  const Of = PANES[view];
  return (
    <section class={`pane of-${view}`} aria-label={VIEWS[view]}>
      <Of at={at} state={state} there={there} lens={lens} />
    </section>
  );
}

// ---- graph -----------------------------------------------------------------------------------------------------

function GraphPane({ at, state, there, lens }) {
  const drawn = useRef(null);
  const whole = useAsync(lens ? JSON.stringify(['picture', at.of, at.max, at.grow, at.hide, at.pin, at.path]) : null, () => readPicture(at, undefined)).data;
  return (
    <Answer state={state} what="the graph">
      {(picture) => {
        const hidden = lens && whole ? whole.edges.length - picture.edges.length : 0;
        const name = fileName(there.map(nameOf).join(' '));
        const ids = picture.nodes.map(({ id }) => id);
        // The server's formats know nothing of expansions: then the nodes themselves are named.
        const plain = at.grow.length + at.hide.length + at.path.length === 0 && picture.requests.length === 1;
        const parameters = { ...(plain ? { of: at.of, depth: 1, maxNodes: Number(at.max) || 60 } : { of: ids, depth: 0, maxNodes: 5000 }), maxEdges: 20000, layout: true };
        return (
          <>
            <div class="row tools">
              <button type="button" disabled={!canUndo()} onClick={() => window.history.back()}>Undo</button>
              {at.hide.length > 0 && <button type="button" onClick={() => go({ ...at, hide: [] })}>Show {counted(at.hide.length, 'hidden node')}</button>}
              {at.pin.length > 0 && <button type="button" onClick={() => go({ ...at, pin: [] })}>Unpin all</button>}
              {(at.grow.length > 0 || at.path.length > 0) && <button type="button" onClick={() => go({ ...at, grow: [], path: [] })}>Back to the start</button>}
              <span class="faint" role="status">{counted(picture.nodes.length, 'node')}, {counted(picture.edges.length, 'relation')}</span>
              {hidden > 0 && <span class="chip">{counted(hidden, 'relation')} hidden by the lens</span>}
            </div>
            <Graph picture={picture} at={at} onReady={(cy) => { drawn.current = cy; }} />
            <LeftOut at={at} picture={picture} />
            <Paths at={at} paths={picture.paths} />
            <Downloads ways={[
              ['SVG', () => save(`${name}.svg`, graphSvg(drawn.current, picture), 'image/svg+xml')],
              ['PNG', async () => save(`${name}.png`, await graphPng(drawn.current))],
              ['CSV', () => save(`${name}.csv`, csv(relationColumns(at, picture), picture.edges), 'text/csv')],
              ['GEXF', async () => save(`${name}.gexf`, await exported('gexf', parameters, lens))],
              ['GeoJSON', async () => save(`${name}.geojson`, await exported('geojson', parameters, lens))],
            ]} />
            <Request requests={picture.requests} />
          </>
        );
      }}
    </Answer>
  );
}

function LeftOut({ at, picture }) {
  if (picture.omitted.length === 0 && picture.omittedEdges === 0) return null;
  const more = Math.min(5000, (Number(at.max) || 60) * 4);
  return (
    <p class="note">
      Left out: {[...picture.omitted.map(({ kind, count: n }) => count(n, kind)), picture.omittedEdges > 0 && counted(picture.omittedEdges, 'relation')].filter(Boolean).join(', ')}. The nearest with the most ties are drawn.{' '}
      {Number(at.max) < 5000 && <button type="button" onClick={() => go({ ...at, max: String(more) })}>Draw up to {number(more)}</button>}
    </p>
  );
}

function Paths({ at, paths }) {
  if (paths.length === 0) return null;
  return (
    <ul class="paths">
      {paths.map(({ ends, status, paths: found }) => (
        <li key={ends.join('~')}>
          <span>{found.length > 0 ? counted(found.length, 'path') : status === 'COMPLETE' ? 'No path of up to 6 steps' : 'None found before the time allowed ran out'} from <bdi>{found.length > 0 ? nameOf(found[0].nodes[0]) : ends[0]}</bdi> to <bdi>{found.length > 0 ? nameOf(found[0].nodes.at(-1)) : ends[1]}</bdi></span>
          {found.map(({ nodes, steps }, i) => (
            <p key={i} class="small">{nodes.map((node, j) => <span key={node.id}>{j > 0 && <span class="faint"> — {relation(steps[j - 1].edges[0].relation)} — </span>}<Link to={{ ...at, sel: node.id }}><bdi>{nameOf(node)}</bdi></Link></span>)}</p>
          ))}
          <button type="button" class="quiet" onClick={() => go({ ...at, path: at.path.filter((text) => text !== ends.join('~')) })}>Take back</button>
        </li>
      ))}
    </ul>
  );
}

/** Buttons that hand out files; what fails says so. */
export function Downloads({ ways }) {
  const [failure, setFailure] = useState(null);
  const run = async (make) => {
    setFailure(null);
    try {
      await make();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <span class="downloads">Download {ways.map(([name, make]) => <button key={name} type="button" class="quiet" onClick={() => run(make)}>{name}</button>)}</span>
      {failure && <Failed failure={failure} />}
    </>
  );
}

/** SVG and PNG of a drawing that is an SVG on the page. */
export function drawingWays(name, svg) {
  const text = () => svgText(svg.current, window.getComputedStyle(document.documentElement).getPropertyValue('--ground').trim());
  return [
    ['SVG', () => save(`${name}.svg`, text(), 'image/svg+xml')],
    ['PNG', async () => save(`${name}.png`, await pngOf(text()))],
  ];
}

// ---- table -----------------------------------------------------------------------------------------------------

function relationColumns(at, picture) {
  const names = new Map(picture.nodes.map(({ id, node }) => [id, node]));
  return [
    { title: 'From', value: ({ from }) => nameOf(names.get(from.id) ?? from) },
    { title: 'Relation', value: ({ relation: name }) => relation(name) },
    { title: 'To', value: ({ to }) => nameOf(names.get(to.id) ?? to) },
    { title: 'Claims', numeric: true, value: ({ claimCount }) => claimCount },
    { title: 'First', value: ({ firstSeen }) => firstSeen ?? '' },
    { title: 'Last', value: ({ lastSeen }) => lastSeen ?? '' },
    { title: 'Best source', value: ({ reliability }) => reliability ?? '' },
    { title: 'State', value: ({ structural, disputed, denied }) => (structural ? 'part of the record' : disputed ? 'disputed' : denied ? 'denied' : 'asserted') },
  ];
}

function TablePane({ at, state, there }) {
  const name = fileName(there.map(nameOf).join(' '));
  const nodes = at.table === 'nodes';
  return (
    <Answer state={state} what="the table">
      {(picture) => (
        <>
          <div class="tabs" role="group" aria-label="Rows">
            <button type="button" aria-pressed={!nodes} onClick={() => go({ ...at, table: 'relations' })}>Relations</button>
            <button type="button" aria-pressed={nodes} onClick={() => go({ ...at, table: 'nodes' })}>Nodes</button>
          </div>
          {nodes
            ? <Table key="nodes" caption="Nodes" file={`${name}-nodes`} rows={picture.nodes} keyOf={({ id }) => id} selected={at.sel} onSelect={(id) => go({ ...at, sel: id })} columns={[
              { title: 'Name', value: ({ node }) => nameOf(node) },
              { title: 'Kind', value: ({ kind }) => kindName(kind), show: ({ kind }) => <><KindSign kind={kind} /> {kindName(kind)}</> },
              { title: 'Relations here', numeric: true, value: ({ degree }) => degree },
              { title: 'Steps away', numeric: true, value: ({ depth }) => depth },
              { title: 'Id', value: ({ id }) => id },
            ]} />
            : <Table key="relations" caption="Relations" file={`${name}-relations`} rows={picture.edges} keyOf={({ id }) => id} selected={at.sel} onSelect={(id) => go({ ...at, sel: id })} columns={relationColumns(at, picture)} empty="No relation is drawn." />}
          <Request requests={picture.requests} />
        </>
      )}
    </Answer>
  );
}
