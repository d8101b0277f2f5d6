// The map: legs as arcs, places as points, goods by colour and dash.

import { geoGraticule10, geoNaturalEarth1, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ask, fetched, useAsync } from './ask.js';
import { go } from './place.jsx';
import { ALL_GOODS, goodsOf } from './kinds.jsx';
import { counted, lower, nameOf, number } from './words.js';
import { Answer, Empty } from './state.jsx';
import { Table } from './table.jsx';
import { Request } from './request.jsx';
import { useWidth } from './timeline.jsx';
import { Downloads, drawingWays } from './workspace.jsx';
import { exported, fileName, save } from './download.js';
import { overWater } from './sea.js';

const MOST_LEGS = 600;
const PAGE = 100;

// The routes that a group operates, an event happened along, or a good is carried by.
const ROUTES = `query Routes($of: [ID!]!, $lens: Lens) {
  nodes(ids: $of, lens: $lens) {
    ... on Group { operates(first: 30) { nodes { id } } }
    ... on Event { along(first: 30) { nodes { id } } }
    ... on Commodity { carriedBy(first: 50) { nodes { id } } carriedByLegs(first: 50) { nodes { id } } }
  }
}`;

// Own places, one step away; the legs at a place or good, with their other ends; the legs of routes.
const PARTS = {
  own: { depth: 1, via: 'ACTIVE_IN, CONTROLS, OCCURRED_AT, EXPLOITED_AT, BASED_IN, RECRUITED_FROM' },
  ends: { depth: 2, via: 'FROM, TO' },
  routes: { depth: 2, via: 'HAS_LEG, FROM, TO' },
};

function question(parts, lens) {
  const asked = Object.entries(PARTS).filter(([name]) => parts[name].length > 0);
  return {
    query: `query Map(${asked.map(([name]) => `$${name}: [ID!]!`).join(', ')}, $lens: Lens) {
${asked.map(([name, { depth, via }]) => `  ${name}: geo(of: $${name}, depth: ${depth}, via: [${via}], lens: $lens) { ...Map }`).join('\n')}
}
fragment Map on GeoMap { status unlocated features }`,
    variables: { ...Object.fromEntries(asked.map(([name]) => [name, parts[name]])), lens },
  };
}

const LEGS = `query Legs($ids: [ID!]!, $lens: Lens) {
  nodes(ids: $ids, lens: $lens) {
    ... on Leg {
      id
      order
      mode
      from { id name precision }
      to { id name precision }
      carries(first: 20) { ...Goods }
      route { id name carries(first: 30) { ...Goods } }
    }
  }
}
fragment Goods on RelatedCommodityConnection { edges { denied firstSeen node { id name market } } }`;

let outlines;
function countries() {
  outlines ??= fetched('/explorer/countries-110m.json').then((response) => response.json()).then((world) => feature(world, world.objects.countries));
  outlines.catch(() => { outlines = undefined; });
  return outlines;
}

async function readMap(of, lens) {
  const { nodes } = await ask({ query: ROUTES, variables: { of: of.slice(0, 100), lens } });
  const ids = (list) => list?.nodes.map(({ id }) => id) ?? [];
  const along = nodes.filter(Boolean).flatMap((node) => [...ids(node.operates), ...ids(node.along), ...ids(node.carriedBy)]);
  const ends = [...of.filter((id) => /^(place|leg)\//.test(id)), ...nodes.filter(Boolean).flatMap(({ carriedByLegs }) => ids(carriedByLegs))];
  const request = question({ own: of, ends: [...new Set(ends)], routes: [...new Set([...of.filter((id) => id.startsWith('route/')), ...along])] }, lens);
  const [parts, land] = await Promise.all([ask(request), countries()]);
  const features = [...new Map(Object.values(parts).flatMap((part) => part.features.features).map((one) => [one.id, one])).values()];
  const geo = {
    features: { type: 'FeatureCollection', features },
    status: Object.values(parts).find(({ status }) => status !== 'COMPLETE')?.status ?? 'COMPLETE',
    unlocated: Object.values(parts).reduce((sum, { unlocated }) => sum + unlocated, 0),
  };
  const lines = features.filter(({ properties, geometry }) => properties.kind === 'Leg' && geometry !== null);
  const places = features.filter(({ properties, geometry }) => properties.kind !== 'Leg' && geometry?.type === 'Point');
  const asked = lines.slice(0, MOST_LEGS);
  const pages = [];
  for (let i = 0; i < asked.length; i += PAGE) pages.push(ask({ query: LEGS, variables: { ids: asked.slice(i, i + PAGE).map(({ properties }) => properties.id), lens } }));
  const legs = new Map((await Promise.all(pages)).flatMap((page) => page.nodes).filter(Boolean).map((leg) => [leg.id, leg]));
  return { geo, land, lines: asked, places, left: lines.length - asked.length, legs, request };
}

// The longitude in the middle of what there is, seen around the globe: a route over the Pacific is not cut in two.
function middle(features) {
  const longitudes = features.flatMap(({ geometry }) => (geometry?.type === 'Point' ? [geometry.coordinates[0]] : (geometry?.coordinates ?? []).flat(Infinity).filter((_, i) => i % 2 === 0))).sort((a, b) => a - b);
  if (longitudes.length === 0) return 0;
  let gap = longitudes[0] + 360 - longitudes.at(-1);
  let start = longitudes[0];
  longitudes.slice(1).forEach((longitude, i) => {
    if (longitude - longitudes[i] > gap) {
      gap = longitude - longitudes[i];
      start = longitude;
    }
  });
  return start + (360 - gap) / 2;
}

/** The goods of a leg: its own, else those of its route, as the sources tie them to either. */
function goodsOfLeg(leg) {
  const said = (list) => list.edges.filter(({ denied }) => !denied).map(({ node }) => node);
  const own = leg ? said(leg.carries) : [];
  const list = own.length > 0 ? own : leg?.route ? said(leg.route.carries) : [];
  const classes = [...new Map(list.map((node) => [goodsOf(node).id, goodsOf(node)])).values()];
  return { own: own.length > 0, list, classes: classes.length > 0 ? ALL_GOODS.filter((goods) => classes.includes(goods)) : [ALL_GOODS.at(-1)] };
}

export function WorldMap({ at, there, lens }) {
  const state = useAsync(JSON.stringify(['map', at.of, lens]), () => readMap(at.of, lens));
  return <Answer state={state} what="the map">{(map) => (map.lines.length + map.places.length > 0
    ? <Drawn at={at} map={map} there={there} lens={lens} />
    : (
      <>
        <Empty at={at}>Nothing here has a place on the map{map.geo.unlocated > 0 ? `: ${number(map.geo.unlocated)} without coordinates` : ''}.</Empty>
        <Request requests={[{ title: 'This map', ...map.request }]} />
      </>
    ))}</Answer>;
}

function Drawn({ at, map, there, lens }) {
  const svg = useRef(null);
  const [box, measured] = useWidth(820);
  // In steps, so that a scroll bar that comes or goes draws nothing anew.
  const width = Math.max(300, Math.floor(measured / 20) * 20);
  const height = Math.round(width < 560 ? width * 0.95 : Math.min(width * 0.66, 620));
  const [view, setView] = useState({ k: 1, x: 0, y: 0 });
  const [off, setOff] = useState([]);
  const name = `${fileName(there.map(nameOf).join(' '))}-map`;

  // Fitted to what there is, so that a border crossing and a Pacific route are both seen.
  const { path, project } = useMemo(() => {
    const fitted = { type: 'FeatureCollection', features: [...map.lines, ...map.places] };
    const projection = geoNaturalEarth1().rotate([-middle(fitted.features), 0]);
    if (fitted.features.length === 0) projection.fitSize([width, height], { type: 'Sphere' });
    else projection.fitExtent([[width * 0.07, height * 0.09], [width * 0.93, height * 0.91]], fitted);
    if (projection.scale() > 2600) {
      // One town does not fill the screen: its surroundings say where it is.
      const [[x0, y0], [x1, y1]] = geoPath(projection).bounds(fitted);
      const centre = projection.invert([(x0 + x1) / 2, (y0 + y1) / 2]);
      projection.scale(2600).translate([0, 0]);
      const [cx, cy] = projection(centre);
      projection.translate([width / 2 - cx, height / 2 - cy]);
    }
    return { path: geoPath(projection), project: projection };
  }, [map, width, height]);
  useEffect(() => setView({ k: 1, x: 0, y: 0 }), [map, width]);

  const routes = useMemo(() => map.lines.map(({ properties, geometry }) => {
    const leg = map.legs.get(properties.id);
    const schematic = properties.sea && geometry ? overWater(geometry) : null;
    return { id: properties.id, properties, leg, goods: goodsOfLeg(leg), drawn: path(schematic ?? geometry), schematic: schematic !== null };
  }).filter(({ drawn }) => drawn), [map, path]);
  const spots = useMemo(() => map.places.map((place) => ({ ...place.properties, at: project(place.geometry.coordinates), precision: precisionOf(place.properties.id, map.legs) })), [map, project]);
  const labels = useMemo(() => legible(spots, view, width, height), [spots, view, width, height]);
  const present = ALL_GOODS.filter((goods) => routes.some((route) => route.goods.classes.includes(goods)));

  const zoom = (factor, [x, y] = [width / 2, height / 2]) => setView((v) => {
    const k = Math.min(24, Math.max(0.5, v.k * factor));
    return { k, x: x - ((x - v.x) * k) / v.k, y: y - ((y - v.y) * k) / v.k };
  });
  const pan = (dx, dy) => setView((v) => ({ ...v, x: v.x + dx, y: v.y + dy }));
  const drag = useRef(null);
  const inside = (event) => {
    const rect = svg.current.getBoundingClientRect();
    return [((event.clientX - rect.left) * width) / rect.width, ((event.clientY - rect.top) * height) / rect.height];
  };
  useEffect(() => {
    const element = svg.current;
    const wheel = (event) => {
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.18 : 0.85, inside(event));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [width, height]);
  const keys = (event) => {
    const moves = { ArrowLeft: [50, 0], ArrowRight: [-50, 0], ArrowUp: [0, 50], ArrowDown: [0, -50] };
    if (moves[event.key]) {
      event.preventDefault();
      pan(...moves[event.key]);
    } else if (event.key === '+' || event.key === '=') zoom(1.3);
    else if (event.key === '-') zoom(0.77);
    else if (event.key === '0') setView({ k: 1, x: 0, y: 0 });
  };
  const choose = (id) => go({ ...at, sel: id });
  const onKey = (id) => (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(id);
    }
  };
  const near = chosenLegs(at.sel, routes);
  const transform = `translate(${view.x} ${view.y}) scale(${view.k})`;
  const thin = 1 / view.k;

  return (
    <>
      <div class="row tools">
        <span class="faint" role="status">{counted(routes.length, 'leg')}, {counted(spots.length, 'place')}{map.left > 0 ? `, ${number(map.left)} more legs not drawn` : ''}{map.geo.unlocated > 0 ? `, ${number(map.geo.unlocated)} without coordinates` : ''}</span>
        {map.geo.status !== 'COMPLETE' && <span class="chip">more lies within reach</span>}
      </div>
      <div class="drawing map" ref={box}>
        <svg ref={svg} viewBox={`0 0 ${width} ${height}`} role="group" tabindex={0} onKeyDown={keys}
          aria-label={`Map of ${counted(routes.length, 'leg')} and ${counted(spots.length, 'place')}. Arrow keys move, plus and minus zoom, 0 shows all, Tab goes through legs and places. A table follows.`}
          onPointerDown={(event) => { drag.current = [event.clientX, event.clientY, false]; }}
          onPointerMove={(event) => {
            if (!drag.current || event.buttons === 0) return;
            const rect = svg.current.getBoundingClientRect();
            const [x, y] = drag.current;
            if (Math.abs(event.clientX - x) + Math.abs(event.clientY - y) < 3 && !drag.current[2]) return;
            pan(((event.clientX - x) * width) / rect.width, ((event.clientY - y) * height) / rect.height);
            drag.current = [event.clientX, event.clientY, true];
          }}
          onPointerUp={() => { drag.current = null; }} onPointerLeave={() => { drag.current = null; }}>
          <g transform={transform}>
            <path class="sphere" d={path({ type: 'Sphere' })} />
            <path class="grid" d={path(geoGraticule10())} stroke-width={0.4 * thin} />
            <g>{map.land.features.map((country, i) => <path key={i} class="land" d={path(country)} vector-effect="non-scaling-stroke"><title>{country.properties.name}</title></path>)}</g>
            {routes.map(({ id, drawn, goods, leg, properties, schematic }) => {
              const classes = goods.classes.filter((one) => !off.includes(one.id));
              if (classes.length === 0) return null;
              const of = leg ? nameOf({ __typename: 'Leg', ...leg }) : id;
              const faded = at.sel !== '' && near.size > 0 && !near.has(id);
              return (
                <g key={id} role="button" tabindex={0} class={[near.has(id) && 'chosen', faded && 'far'].filter(Boolean).join(' ')} onClick={() => choose(id)} onKeyDown={onKey(id)}
                  aria-label={`Leg ${leg?.order ?? ''} ${of}, ${lower(properties.mode)}: ${classes.map((one) => one.name).join(', ')}`}>
                  <title>{`${of}\n${lower(properties.mode)}, ${number(Math.round(properties.kilometres))} km as the crow flies${schematic ? '; drawn around the land, not a track' : ''}\n${goods.list.map(nameOf).join(', ')}`}</title>
                  <path class="hit" d={drawn} vector-effect="non-scaling-stroke" />
                  <path class="halo" d={drawn} stroke-width={(2.6 * classes.length + 3.4) * thin} />
                  {classes.map((one, i) => (
                    <path key={one.id} class="arc" d={sideways(drawn, (i - (classes.length - 1) / 2) * 2.8 * thin)} stroke={one.colour} stroke-width={2.2 * thin} stroke-dasharray={one.dash.split(' ').filter(Boolean).map((n) => n * thin).join(' ') || undefined} />
                  ))}
                </g>
              );
            })}
            {spots.map((spot) => (
              <g key={spot.id} role="button" tabindex={0} onClick={() => choose(spot.id)} onKeyDown={onKey(spot.id)} aria-label={spot.name} class={at.sel === spot.id ? 'chosen' : undefined}>
                <title>{spot.name}</title>
                <circle class="halo" cx={spot.at[0]} cy={spot.at[1]} r={6 * thin} stroke-width={4 * thin} />
                <circle class={spot.precision === 'AREA' ? 'spot area' : 'spot'} cx={spot.at[0]} cy={spot.at[1]} r={(at.sel === spot.id ? 5 : 3.6) * thin} stroke-width={1.4 * thin} vector-effect="non-scaling-stroke" />
              </g>
            ))}
          </g>
          <g aria-hidden="true">{labels.map(({ id, name: text, x, y, anchor }) => <text key={id} class="label" x={x} y={y} text-anchor={anchor}>{text}</text>)}</g>
        </svg>
        <div class="over" role="group" aria-label="Zoom">
          <button type="button" onClick={() => zoom(1.4)} aria-label="Zoom in">+</button>
          <button type="button" onClick={() => zoom(0.7)} aria-label="Zoom out">−</button>
          <button type="button" onClick={() => setView({ k: 1, x: 0, y: 0 })} aria-label="Show all">⤢</button>
        </div>
      </div>
      <ul class="legend goods" aria-label="Goods shown">
        {present.map((goods) => (
          <li key={goods.id}>
            <label><input type="checkbox" checked={!off.includes(goods.id)} onChange={() => setOff(off.includes(goods.id) ? off.filter((id) => id !== goods.id) : [...off, goods.id])} />{' '}
              <svg class="sign" viewBox="0 0 34 8" width="34" height="8" aria-hidden="true"><path d="M0 4H34" stroke={goods.colour} stroke-width="3" stroke-dasharray={goods.dash} /></svg> {goods.name}</label>
          </li>
        ))}
        <li class="faint">Dashed circles are label points within a country, no places on a road. Lines join places; they are no tracks.</li>
      </ul>
      <details class="twin"><summary>The legs as a table</summary>
        <Table caption="Legs" file={name} rows={routes} keyOf={({ id }) => id} selected={at.sel} onSelect={choose} columns={[
          { title: 'Route', value: ({ leg }) => leg?.route?.name ?? '' },
          { title: 'No.', numeric: true, value: ({ leg }) => leg?.order ?? null },
          { title: 'From', value: ({ leg }) => leg?.from?.name ?? '' },
          { title: 'To', value: ({ leg }) => leg?.to?.name ?? '' },
          { title: 'By', value: ({ properties }) => lower(properties.mode) },
          { title: 'km', numeric: true, value: ({ properties }) => Math.round(properties.kilometres) },
          { title: 'Goods', value: ({ goods }) => goods.list.map(nameOf).join(', ') },
          { title: 'Said of', value: ({ goods }) => (goods.own ? 'this leg' : 'the route') },
        ]} />
      </details>
      <Downloads ways={[
        ...drawingWays(name, svg),
        ['GeoJSON', async () => save(`${name}.geojson`, JSON.stringify(map.geo.features), 'application/geo+json')],
        ['GEXF', async () => save(`${name}.gexf`, await exported('gexf', { of: at.of, depth: 2, maxNodes: 500 }, lens))],
      ]} />
      <Request requests={[{ title: 'This map', ...map.request }, { title: 'What the legs carry', query: LEGS, variables: { ids: routes.slice(0, PAGE).map(({ id }) => id), lens } }]} />
    </>
  );
}

// The legs that a choice concerns: itself, those of a route, those that carry a good, those at a place.
function chosenLegs(sel, routes) {
  if (!sel) return new Set();
  const ends = sel.includes('|') ? sel.split('|').slice(1) : [sel];
  const concerned = ({ id, leg, goods }) => ends.includes(id) || (sel.includes('|')
    ? ends.every((end) => end === leg?.route?.id || goods.list.some((good) => good.id === end))
    : ends[0] === leg?.route?.id || ends[0] === leg?.from?.id || ends[0] === leg?.to?.id || goods.list.some((good) => good.id === ends[0]));
  return new Set(routes.filter(concerned).map(({ id }) => id));
}

// A drawn line moved sideways, corner by corner: strands of one leg lie side by side, whichever way it bends.
function sideways(drawn, distance) {
  if (distance === 0) return drawn;
  return drawn.split('M').filter(Boolean).map((part) => {
    const points = part.split('L').map((point) => point.split(',').map(Number));
    const moved = points.map(([x, y], i) => {
      const [ax, ay] = points[Math.max(0, i - 1)];
      const [bx, by] = points[Math.min(points.length - 1, i + 1)];
      const length = Math.hypot(bx - ax, by - ay) || 1;
      return `${x - ((by - ay) / length) * distance},${y + ((bx - ax) / length) * distance}`;
    });
    return `M${moved.join('L')}`;
  }).join('');
}

function precisionOf(id, legs) {
  for (const { from, to } of legs.values()) {
    if (from?.id === id) return from.precision;
    if (to?.id === id) return to.precision;
  }
  return null;
}

// Names that do not cover each other, from the first on; the rest show on zooming in, and always in the table.
function legible(spots, view, width, height) {
  const taken = [];
  const found = [];
  for (const { id, name, at } of spots) {
    if (!name) continue;
    const [x, y] = [at[0] * view.k + view.x, at[1] * view.k + view.y];
    if (x < 0 || y < 8 || x > width || y > height - 4) continue;
    const long = [...name].length * 6.2 + 6;
    for (const anchor of ['start', 'end']) {
      const left = anchor === 'start' ? x + 6 : x - 6 - long;
      const box = [left, y - 8, left + long, y + 6];
      if (left < 2 || left + long > width - 2 || taken.some(([a, b, c, d]) => box[0] < c && box[2] > a && box[1] < d && box[3] > b)) continue;
      taken.push(box, [x - 5, y - 5, x + 5, y + 5]);
      found.push({ id, name, x: anchor === 'start' ? x + 7 : x - 7, y: y + 4, anchor });
      break;
    }
  }
  return found;
}
