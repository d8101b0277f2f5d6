// The graph view: a drawing by Cytoscape, moved and chosen from by mouse, touch and keys.

import cytoscape from 'cytoscape';
import { useEffect, useRef, useState } from 'preact/hooks';
import { go } from './place.jsx';
import { KindSign, look, outline } from './kinds.jsx';
import { counted, kindNames, nameOf, relation, short } from './words.js';

// Above this many nodes the drawing gives up labels and curves while it moves.
const LARGE = 400;
// Up to so many relations all are named; of more, those of what is chosen.
const NAMED_EDGES = 30;
const SIZES = { Route: 40, Group: 34, Place: 26, Commodity: 28, Leg: 16, Event: 24, VictimGroup: 28 };

function colours() {
  const style = window.getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { ink: of('--ink'), ground: of('--ground'), line: of('--edge'), faint: of('--faint'), accent: of('--accent'), denied: of('--denied'), font: of('--font') };
}

function styleSheet(c, large) {
  return [
    {
      selector: 'node',
      style: {
        shape: 'data(shape)', width: 'data(size)', height: 'data(size)', 'background-color': 'data(colour)', label: 'data(label)',
        'font-size': 11, 'font-family': c.font, color: c.ink, 'text-valign': 'bottom', 'text-margin-y': 3, 'text-wrap': 'wrap', 'text-max-width': 110,
        'text-outline-color': c.ground, 'text-outline-width': large ? 0 : 2.5, 'min-zoomed-font-size': large ? 9 : 6, 'border-width': 1, 'border-color': c.ground,
      },
    },
    { selector: 'node[?seed]', style: { 'border-width': 4, 'border-color': c.ink, 'font-weight': 700, 'font-size': 13 } },
    { selector: 'node[?pinned]', style: { 'border-width': 2, 'border-color': c.ink, 'border-style': 'double' } },
    {
      selector: 'edge',
      style: {
        width: 'data(width)', 'line-color': c.line, 'target-arrow-color': c.line, 'target-arrow-shape': large ? 'none' : 'triangle', 'arrow-scale': 0.8,
        'curve-style': large ? 'haystack' : 'bezier', opacity: large ? 0.5 : 0.9,
      },
    },
    { selector: 'edge[?structural]', style: { 'line-color': c.faint, 'target-arrow-color': c.faint, 'target-arrow-shape': 'none', opacity: 0.55 } },
    { selector: 'edge[?belongs]', style: { opacity: 0.22, width: 1 } },
    { selector: 'edge[?disputed]', style: { 'line-style': 'dashed', 'line-dash-pattern': [8, 4], 'line-color': c.denied, 'target-arrow-color': c.denied } },
    { selector: 'edge[?denied]', style: { 'line-style': 'dotted', 'line-color': c.denied, 'target-arrow-color': c.denied, 'target-arrow-shape': 'tee' } },
    { selector: 'edge[?named]', style: { label: 'data(label)', 'font-size': 9, 'font-family': c.font, color: c.ink, 'text-rotation': 'autorotate', 'text-outline-color': c.ground, 'text-outline-width': 2.5, 'min-zoomed-font-size': 7 } },
    { selector: 'edge.near[!structural]', style: { label: 'data(label)', 'font-size': 9, 'font-family': c.font, color: c.ink, 'text-rotation': 'autorotate', 'text-outline-color': c.ground, 'text-outline-width': 2.5, 'min-zoomed-font-size': 6 } },
    { selector: 'node.far, edge.far', style: { opacity: 0.22 } },
    { selector: 'node:selected', style: { 'border-width': 5, 'border-color': c.accent, 'z-index': 20 } },
    { selector: 'edge:selected', style: { 'line-color': c.accent, 'target-arrow-color': c.accent, width: 5, 'z-index': 20, label: 'data(label)', 'font-size': 11, 'font-family': c.font, color: c.ink, 'text-outline-color': c.ground, 'text-outline-width': 3, opacity: 1 } },
  ];
}

function elements(picture, at) {
  const many = picture.nodes.length > 80;
  const seeds = new Set(at.of);
  const nodes = picture.nodes.map(({ id, kind, node, degree, x, y, pinned }) => ({
    group: 'nodes',
    data: {
      id, shape: look(kind).shape, colour: look(kind).colour, seed: seeds.has(id), pinned,
      size: (SIZES[kind] ?? 24) + (seeds.has(id) ? 10 : Math.min(10, Math.sqrt(degree))),
      label: kind === 'Leg' ? (node.order ? String(node.order) : '') : short(nameOf(node), many ? 24 : 38),
    },
    position: { x, y },
  }));
  const edges = picture.edges.map((edge) => ({
    group: 'edges',
    data: {
      id: edge.id, source: edge.from.id, target: edge.to.id, label: relation(edge.relation), belongs: edge.relation === 'HAS_LEG', structural: edge.structural, disputed: edge.disputed, denied: edge.denied,
      width: edge.structural ? 1.2 : 1.4 + Math.min(4, Math.sqrt(edge.claimCount)), named: picture.edges.length <= NAMED_EDGES && !edge.structural,
    },
  }));
  return [...nodes, ...edges];
}

/** Draws a picture. `onReady` gets the drawing, for downloads. */
export function Graph({ picture, at, onReady }) {
  const box = useRef(null);
  const drawn = useRef(null);
  const now = useRef(at);
  now.current = at;
  const shown = useRef(picture);
  shown.current = picture;
  const [said, say] = useState('');

  useEffect(() => {
    const cy = cytoscape({
      container: box.current, minZoom: 0.03, maxZoom: 4, boxSelectionEnabled: false, selectionType: 'single',
      textureOnViewport: shown.current.nodes.length > LARGE, hideEdgesOnViewport: false, hideLabelsOnViewport: shown.current.nodes.length > LARGE,
      pixelRatio: shown.current.nodes.length > LARGE ? 1 : 'auto', style: styleSheet(colours(), shown.current.nodes.length > LARGE),
    });
    drawn.current = cy;
    cy.on('tap', (event) => {
      const id = event.target === cy ? '' : event.target.id();
      if (id !== now.current.sel) go({ ...now.current, sel: id });
    });
    cy.on('dbltap', 'node', (event) => go({ ...now.current, sel: event.target.id(), of: [event.target.id()], unseen: [], grow: [], hide: [], pin: [], path: [] }));
    cy.on('dragfree', 'node', (event) => {
      const id = event.target.id();
      const { x, y } = event.target.position();
      go({ ...now.current, pin: [...now.current.pin.filter((text) => !text.startsWith(`${id}@`)), `${id}@${Math.round(x)},${Math.round(y)}`] });
    });
    const recolour = () => cy.style(styleSheet(colours(), shown.current.nodes.length > LARGE));
    window.addEventListener('themechange', recolour);
    const resized = new ResizeObserver(() => cy.resize());
    resized.observe(box.current);
    return () => {
      window.removeEventListener('themechange', recolour);
      resized.disconnect();
      cy.destroy();
    };
  }, [picture.nodes.length > LARGE]);

  // Only what changed is drawn anew, so that what stays keeps its place on screen.
  useEffect(() => {
    const cy = drawn.current;
    const wanted = elements(picture, at);
    const ids = new Set(wanted.map(({ data }) => data.id));
    const begun = cy.nodes().length > 0;
    cy.batch(() => {
      cy.elements().filter((element) => !ids.has(element.id())).remove();
      const fresh = [];
      wanted.forEach((element) => {
        const there = cy.getElementById(element.data.id);
        if (there.empty()) {
          fresh.push(element);
        } else {
          there.data(element.data);
          if (element.position) there.position(element.position);
        }
      });
      cy.add(fresh);
    });
    if (!begun || at.of.join() !== box.current.dataset.of) fitted(cy);
    box.current.dataset.of = at.of.join();
    box.current.dataset.nodes = String(cy.nodes().length);
    onReady?.(cy);
  }, [picture]);

  useEffect(() => {
    const cy = drawn.current;
    cy.batch(() => {
      cy.$(':selected').unselect();
      cy.elements().removeClass('far near');
      const chosen = at.sel ? cy.getElementById(at.sel) : cy.collection();
      if (chosen.nonempty()) {
        chosen.select();
        const near = chosen.isNode() ? chosen.closedNeighborhood() : chosen.union(chosen.connectedNodes());
        near.edges().addClass('near');
        cy.elements().not(near).addClass('far');
      }
    });
  }, [at.sel, picture]);

  const zoom = (factor) => {
    const cy = drawn.current;
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };
  const keys = (event) => {
    const cy = drawn.current;
    const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    if (arrows[event.key] && event.shiftKey) {
      event.preventDefault();
      cy.panBy({ x: -60 * arrows[event.key][0], y: -60 * arrows[event.key][1] });
    } else if (arrows[event.key]) {
      event.preventDefault();
      const next = nearest(cy, at.sel, arrows[event.key]);
      if (next) {
        go({ ...now.current, sel: next.id() }, { replace: at.sel !== '' });
        reveal(cy, next);
        const found = shown.current.nodes.find(({ id }) => id === next.id());
        say(`${nameOf(found.node)}, ${counted(found.degree, 'relation')}`);
      }
    } else if (event.key === '+' || event.key === '=') {
      zoom(1.25);
    } else if (event.key === '-') {
      zoom(0.8);
    } else if (event.key === '0') {
      fitted(cy);
    } else if (event.key === 'Escape' && at.sel) {
      go({ ...now.current, sel: '' });
    } else if ((event.key === 'Delete' || event.key === 'h') && at.sel.includes('/') && !at.sel.includes('|') && !at.of.includes(at.sel)) {
      go({ ...now.current, hide: [...now.current.hide, at.sel], sel: '' });
    } else if (event.key === 'Enter' && at.sel) {
      document.querySelector('.evidence')?.focus();
    }
  };
  const present = [...new Set(picture.nodes.map(({ kind }) => kind))].sort();
  return (
    <div class="graph">
      <div ref={box} class="canvas" tabindex={0} role="application" onKeyDown={keys}
        aria-label={`Graph of ${counted(picture.nodes.length, 'node')} and ${counted(picture.edges.length, 'relation')}. Arrow keys choose a node, Enter goes to its evidence, plus and minus zoom, 0 shows all, Shift with an arrow moves. The table view holds the same.`} />
      <p class="unseen" role="status">{said}</p>
      <div class="over" role="group" aria-label="Zoom">
        <button type="button" onClick={() => zoom(1.3)} aria-label="Zoom in">+</button>
        <button type="button" onClick={() => zoom(0.77)} aria-label="Zoom out">−</button>
        <button type="button" onClick={() => fitted(drawn.current)} aria-label="Show all">⤢</button>
      </div>
      <ul class="legend" aria-label="Legend">
        {present.map((kind) => <li key={kind}><KindSign kind={kind} /> {kindNames(kind)}</li>)}
        {picture.edges.some(({ disputed }) => disputed) && <li><svg class="sign" viewBox="0 0 20 8" width="22" height="8" aria-hidden="true"><path d="M0 4H20" stroke="var(--denied)" stroke-width="3" stroke-dasharray="6 3" /></svg> disputed</li>}
        {picture.edges.some(({ denied }) => denied) && <li><svg class="sign" viewBox="0 0 20 8" width="22" height="8" aria-hidden="true"><path d="M0 4H20" stroke="var(--denied)" stroke-width="3" stroke-dasharray="2 3" /></svg> denied only</li>}
      </ul>
    </div>
  );
}

// All of it, but no larger than life: two nodes do not fill a screen.
function fitted(cy) {
  cy.fit(undefined, 28);
  if (cy.zoom() > 1.4) {
    cy.zoom(1.4);
    cy.center();
  }
}

// The next node in a direction: near, and not far off the line.
function nearest(cy, from, [dx, dy]) {
  let here = from ? cy.getElementById(from) : cy.collection();
  if (here.nonempty() && here.isEdge()) here = here.source();
  if (here.empty()) return cy.nodes('[?seed]')[0] ?? cy.nodes()[0];
  const at = here.position();
  let best;
  let least = Infinity;
  cy.nodes().forEach((node) => {
    const { x, y } = node.position();
    const along = (x - at.x) * dx + (y - at.y) * dy;
    const across = Math.abs((x - at.x) * dy) + Math.abs((y - at.y) * dx);
    if (along > 1 && along + 2 * across < least) {
      least = along + 2 * across;
      best = node;
    }
  });
  return best;
}

function reveal(cy, node) {
  const { x, y } = node.renderedPosition();
  if (x < 30 || y < 30 || x > cy.width() - 30 || y > cy.height() - 30) cy.center(node);
}

const SVG_SHAPE = 20;

/** The drawing as the text of an SVG file, with real shapes and text. */
export function graphSvg(cy, picture) {
  const c = colours();
  const bounds = cy.elements().boundingBox({ includeLabels: true });
  const pad = 20;
  const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  const where = new Map(picture.nodes.map((node) => [node.id, cy.getElementById(node.id).position()]));
  const lines = picture.edges.map(({ from, to, structural, disputed, denied, relation: name, claimCount }) => {
    const a = where.get(from.id);
    const b = where.get(to.id);
    const dash = denied ? '2 3' : disputed ? '8 4' : '';
    const colour = denied || disputed ? c.denied : structural ? c.faint : c.line;
    const label = structural ? '' : `<text x="${fixed((a.x + b.x) / 2)}" y="${fixed((a.y + b.y) / 2)}" font-size="9" text-anchor="middle" fill="${c.ink}">${escaped(relation(name))}</text>`;
    return `<line x1="${fixed(a.x)}" y1="${fixed(a.y)}" x2="${fixed(b.x)}" y2="${fixed(b.y)}" stroke="${colour}" stroke-width="${fixed(structural ? 1.2 : 1.4 + Math.min(4, Math.sqrt(claimCount)))}"${dash && ` stroke-dasharray="${dash}"`}/>${label}`;
  });
  const nodes = picture.nodes.map(({ id, kind, node }) => {
    const { x, y } = where.get(id);
    const size = cy.getElementById(id).data('size');
    const k = size / SVG_SHAPE;
    return `<path d="${outline(kind)}" transform="translate(${fixed(x - size / 2)} ${fixed(y - size / 2)}) scale(${fixed(k)})" fill="${look(kind).colour}"/>` +
      `<text x="${fixed(x)}" y="${fixed(y + size / 2 + 12)}" font-size="11" text-anchor="middle" fill="${c.ink}">${escaped(short(nameOf(node), 44))}</text>`;
  });
  const box = [bounds.x1 - pad, bounds.y1 - pad, bounds.w + 2 * pad, bounds.h + 2 * pad].map(fixed);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.join(' ')}" width="${box[2]}" height="${box[3]}" font-family="sans-serif">` +
    `<rect x="${box[0]}" y="${box[1]}" width="${box[2]}" height="${box[3]}" fill="${c.ground}"/>${lines.join('')}${nodes.join('')}</svg>`;
}

function fixed(n) {
  return String(Math.round(n * 100) / 100);
}

/** The drawing as a PNG. */
export function graphPng(cy) {
  return cy.png({ output: 'blob', full: true, scale: Math.min(2, 6000 / Math.max(1, cy.elements().boundingBox().w)), bg: colours().ground });
}
