// The lens bar: through whose eyes the graph is read. Everything on screen follows, and the bar says what is hidden.

import { useEffect, useState } from 'preact/hooks';
import { useAnswer } from './ask.js';
import { go, lensOf } from './place.jsx';
import { CREDIBILITY, counted, number, RELIABILITY, TLP } from './words.js';
import { withoutLens } from './state.jsx';

const HELD = `query Held($lens: Lens) {
  stats(first: 100, lens: $lens) {
    claims nodes
    byYear { key count }
    bySource { count source { id name } }
  }
}`;

const SEEN = `query Seen($lens: Lens) {
  stats(first: 1, lens: $lens) { claims nodes byYear { key count } }
}`;

// Until when the lens still moves, so that a slider does not ask for every year that it passes.
const PAUSE_MS = 90;

export function Lens({ at }) {
  const lens = lensOf(at);
  const held = useAnswer({ query: HELD, variables: {} }).data?.stats;
  const seen = useAnswer(lens ? { query: SEEN, variables: { lens } } : null).data?.stats;
  const hidden = lens && held && seen ? { claims: held.claims - seen.claims, nodes: held.nodes - seen.nodes } : null;
  const set = (change, options) => go({ ...at, ...change }, options);
  const [open, setOpen] = useState(false);
  const summary = inWords(at);
  return (
    <section class={open ? 'lens open' : 'lens'} aria-label="Lens">
      <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>Lens</strong> <span>{summary === '' ? 'everything' : summary}</span>
      </button>
      <div class="controls">
        <AsOf at={at} held={held} seen={seen} set={set} />
        <label class="field">Sources at least
          <select value={at.rel} onChange={(event) => set({ rel: event.currentTarget.value })}>
            <option value="">any</option>
            {['A', 'B', 'C', 'D', 'E'].map((grade) => <option key={grade} value={grade}>{grade} · {RELIABILITY[grade]}</option>)}
          </select>
        </label>
        <label class="field">Statements at least
          <select value={at.cred} onChange={(event) => set({ cred: event.currentTarget.value })}>
            <option value="">any</option>
            {[1, 2, 3, 4, 5].map((grade) => <option key={grade} value={grade}>{grade} · {CREDIBILITY[grade]}</option>)}
          </select>
        </label>
        <label class="field">Marked at most
          <select value={at.tlp} onChange={(event) => set({ tlp: event.currentTarget.value })}>
            <option value="">any</option>
            {Object.entries(TLP).map(([mark, words]) => <option key={mark} value={mark}>{words}</option>)}
          </select>
        </label>
        <Sources at={at} held={held} set={set} />
        <More at={at} set={set} />
      </div>
      <p class="hidden-count" role="status">
        {hidden === null
          ? <span class="faint">{held ? `${counted(held.claims, 'claim')}, nothing hidden` : ''}</span>
          : (
            <>
              <span class="chip">hides {number(hidden.claims)} of {counted(held.claims, 'claim')}{hidden.nodes > 0 ? `, ${counted(hidden.nodes, 'record')}` : ''}</span>{' '}
              <button type="button" class="quiet" onClick={() => go(withoutLens(at))}>Clear</button>
            </>
          )}
      </p>
    </section>
  );
}

/** The lens in a few words; empty where there is none. */
export function inWords(at) {
  return [
    at.asOf && `as of ${at.asOf}`,
    (at.from || at.to) && `${at.from || '…'} – ${at.to || '…'}`,
    at.rel && `sources ${at.rel} or better`,
    at.cred && `statements ${at.cred} or better`,
    at.tlp && `at most ${at.tlp.toLowerCase().replace('_', ', ')}`,
    at.source.length > 0 && `${counted(at.source.length, 'source')} only`,
    at.not.length > 0 && `without ${counted(at.not.length, 'source')}`,
    at.knownAt && `known by ${at.knownAt}`,
    at.dated === 'only' && 'dated only',
  ].filter(Boolean).join(' · ');
}

function AsOf({ at, held, seen, set }) {
  const years = (held?.byYear ?? []).map(({ key }) => Number(key)).filter(Number.isFinite);
  const first = years.length > 0 ? Math.min(...years) : 1970;
  const last = years.length > 0 ? Math.max(...years) : 2025;
  const given = at.asOf ? Number(at.asOf.slice(0, 4)) : null;
  const [moved, setMoved] = useState(null);
  useEffect(() => {
    if (moved === null) return undefined;
    const timer = setTimeout(() => {
      set({ asOf: moved });
      setMoved(null);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [moved]);
  const shown = moved ?? given;
  return (
    <div class="asof">
      <label for="asof">As of <output>{shown === null || shown === '' ? 'any time' : moved ?? at.asOf}</output></label>
      <div class="scale">
        <Years counts={held?.byYear} kept={seen?.byYear} first={first} last={last} mark={shown === '' ? null : shown} />
        <input id="asof" type="range" min={first} max={last} step="1" value={shown || last} disabled={years.length === 0}
          aria-valuetext={shown ? `as of ${shown}` : 'any time'} onInput={(event) => setMoved(event.currentTarget.value)} />
      </div>
      <button type="button" class="quiet" disabled={given === null} onClick={() => { setMoved(null); set({ asOf: '' }); }}>any time</button>
    </div>
  );
}

/** Claims by year as small bars: all of them, and before them those that the lens lets through. */
function Years({ counts = [], kept, first, last, mark }) {
  const height = (n) => Math.max(n > 0 ? 1.2 : 0, 20 * Math.sqrt(n / Math.max(1, ...counts.map(({ count }) => count))));
  const width = 100 / (last - first + 1);
  const bars = (list, name) => list.map(({ key, count }) => (
    <rect key={key} class={name} x={(Number(key) - first) * width} y={20 - height(count)} width={width * 0.8} height={height(count)} />
  ));
  return (
    <svg class="years" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      {bars(counts, kept ? 'all' : 'kept')}
      {kept && bars(kept, 'kept')}
      {mark && <rect class="mark" x={(mark - first) * width} y="0" width={width * 0.8} height="20" />}
    </svg>
  );
}

function Sources({ at, held, set }) {
  const [filter, setFilter] = useState('');
  const chosen = at.source.length > 0 ? 'source' : 'not';
  const [mode, setMode] = useState(chosen);
  const listed = (held?.bySource ?? []).filter(({ source }) => source.name.toLowerCase().includes(filter.toLowerCase()));
  const toggle = (id) => {
    const list = at[mode];
    set({ source: [], not: [], [mode]: list.includes(id) ? list.filter((other) => other !== id) : [...list, id] });
  };
  const n = at.source.length + at.not.length;
  return (
    <details class="drop" onKeyDown={closeOnEscape}>
      <summary>Sources{n > 0 ? ` (${n})` : ''}</summary>
      <div class="panel">
        <fieldset class="row">
          <legend class="unseen">What becomes of the ticked sources</legend>
          <label><input type="radio" name="mode" checked={mode === 'not'} onChange={() => { setMode('not'); set({ source: [], not: at.source.length > 0 ? at.source : at.not }); }} /> leave out</label>
          <label><input type="radio" name="mode" checked={mode === 'source'} onChange={() => { setMode('source'); set({ not: [], source: at.not.length > 0 ? at.not : at.source }); }} /> read only these</label>
        </fieldset>
        <input type="text" aria-label="Filter sources" placeholder="Filter sources …" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        <ul>
          {listed.slice(0, 100).map(({ source, count }) => (
            <li key={source.id}>
              <label><input type="checkbox" checked={at[mode].includes(source.id)} onChange={() => toggle(source.id)} /> <bdi>{source.name}</bdi> <span class="faint">{number(count)}</span></label>
            </li>
          ))}
        </ul>
        <p class="faint">The 100 sources with the most claims.</p>
      </div>
    </details>
  );
}

function More({ at, set }) {
  const n = [at.from || at.to, at.knownAt, at.dated].filter(Boolean).length;
  const date = (name, label, hint) => (
    <label class="field">{label}
      <input type="text" inputMode="numeric" size="10" placeholder={hint} value={at[name]} pattern="\d{4}(-\d{2}(-\d{2})?)?"
        onChange={(event) => event.currentTarget.checkValidity() && set({ [name]: event.currentTarget.value })} />
    </label>
  );
  return (
    <details class="drop" onKeyDown={closeOnEscape}>
      <summary>More{n > 0 ? ` (${n})` : ''}</summary>
      <div class="panel small">
        {date('from', 'Holds some time from', '2015')}
        {date('to', 'to', '2020-06')}
        {date('knownAt', 'Known by', '2024-03-26')}
        <label><input type="checkbox" checked={at.dated === 'only'} onChange={(event) => set({ dated: event.currentTarget.checked ? 'only' : '' })} /> only what has a date</label>
      </div>
    </details>
  );
}

/** Closes a <details> and gives the focus back to what opened it. */
function closeOnEscape(event) {
  if (event.key === 'Escape') {
    event.currentTarget.open = false;
    event.currentTarget.querySelector('summary').focus();
  }
}
