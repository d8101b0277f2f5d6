// How diverse what a route or group carries is, as the server measures it: entropy with its interval, as a whole and by windows of years.

import { ask, useAsync } from './ask.js';
import { kinds } from './schema.js';
import { counted } from './words.js';
import { begin, end } from './dates.js';
import { Failed } from './state.jsx';
import { useWidth } from './timeline.jsx';

const UNITS = { route: 'ROUTE', group: 'GROUP', leg: 'LEG' };
const WINDOW = 5;

const DIVERSIFICATION = `query Diversification($unit: UnitKind!, $of: [ID!], $window: Int, $lens: Lens) {
  diversification(unit: $unit, of: $of, window: $window, lens: $lens) {
    units {
      statements sources richness tooFew
      entropy { ...Interval }
      effective { ...Interval }
      windows { from to statements richness tooFew entropy { ...Interval } }
    }
  }
}
fragment Interval on Figure { observed estimate low high }`;

/** What the server measures units of this picture as; null where it is of no single unit. */
export const unitOf = ({ of }) => (of.length === 1 && UNITS[of[0].split('/')[0]]) || null;

/** The measurement as { data: { request, measured } }; data is null where the server does not measure it, or where the picture is of no single unit. */
export function useDiversity(at, lens) {
  const [id] = at.of;
  const unit = unitOf(at);
  return useAsync(unit ? JSON.stringify(['diversity', id, lens]) : null, async () => {
    const { fields } = await kinds();
    if (!fields.has('diversification')) return null;
    const request = { query: DIVERSIFICATION, variables: { unit, of: [id], window: WINDOW, lens } };
    return { request, measured: (await ask(request)).diversification.units[0] ?? null };
  });
}

export function Diversity({ state }) {
  if (state.failure) return <Failed failure={state.failure} />;
  return state.data?.measured ? <Drawn measured={state.data.measured} /> : null;
}

const two = (n) => n.toFixed(2);
const interval = ({ estimate, low, high }) => <><b>{two(estimate)}</b> <span class="faint">(95 %: {two(low)}–{two(high)})</span></>;

const HEIGHT = 120;
const TOP = 14;

function Drawn({ measured }) {
  const [box, width] = useWidth(820);
  const { entropy, effective, statements, sources, richness, tooFew, windows } = measured;
  const left = width < 560 ? 128 : 220;
  const right = width - (width < 560 ? 16 : 150);
  const figures = windows.filter((window) => window.entropy);
  const most = Math.max(0.7, ...figures.map((window) => window.entropy.high));
  const first = windows.length > 0 ? begin(windows[0].from) : 0;
  const last = windows.length > 0 ? end(windows.at(-1).to) : 1;
  const x = (year) => left + ((year - first) / (last - first)) * (right - left);
  const y = (value) => TOP + HEIGHT * (1 - value / most);
  return (
    <section class="diversity" aria-label="Diversification">
      <h2>How diverse</h2>
      {entropy
        ? (
          <p>
            Entropy {interval(entropy)} nats, as diverse as {interval(effective)} markets in equal parts, if what is reported is a sample of what happened.
            As it is reported: {two(entropy.observed)} nats, {counted(richness, 'market')} in {counted(statements, 'statement')} of {counted(sources, 'source')}.
          </p>
        )
        : <p class="note">{tooFew ?? 'There are no figures.'} {counted(statements, 'statement')} of {counted(sources, 'source')}.</p>}
      {figures.length > 0 && (
        <div class="drawing" ref={box}>
          <svg viewBox={`0 0 ${width} ${HEIGHT + 44}`} height={HEIGHT + 44} role="img" aria-label={`Entropy by windows of ${WINDOW} years, with intervals. A table follows.`}>
            <text class="tick" x={left - 10} y={TOP + HEIGHT / 2 + 4} text-anchor="end">entropy, nats</text>
            {[0, most].map((value) => <g key={value}><path class="gridline" d={`M${left} ${y(value)}H${right}`} /><text class="tick" x={right + 6} y={y(value) + 4}>{two(value)}</text></g>)}
            {windows.map((window) => {
              const [a, b] = [x(begin(window.from)), x(end(window.to))];
              return (
                <g key={window.from}>
                  <text class="tick" x={(a + b) / 2} y={HEIGHT + TOP + 20} text-anchor="middle">{b - a > 30 ? window.from.slice(0, 4) : ''}</text>
                  {window.entropy
                    ? (
                      <>
                        <title>{`${window.from} – ${window.to}: ${two(window.entropy.estimate)} (${two(window.entropy.low)}–${two(window.entropy.high)})`}</title>
                        <rect x={a + 2} y={y(window.entropy.high)} width={Math.max(2, b - a - 4)} height={Math.max(1, y(window.entropy.low) - y(window.entropy.high))} fill="var(--accent)" fill-opacity="0.25" />
                        <path d={`M${a + 2} ${y(window.entropy.estimate)}H${b - 2}`} stroke="var(--accent)" stroke-width="3" />
                        <path d={`M${a + 2} ${y(window.entropy.observed)}H${b - 2}`} stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="4 3" />
                      </>
                    )
                    : <path d={`M${a + 2} ${y(0)}H${b - 2}`} stroke="var(--line-strong)" stroke-width="2" stroke-dasharray="2 3" />}
                </g>
              );
            })}
          </svg>
        </div>
      )}
      {figures.length > 0 && <p class="faint small">By windows of {WINDOW} years: the line is the estimate, the band holds it with 95 %, the dashed line is the evidence as it stands. Dotted: too few statements for a figure.</p>}
      {windows.length > 0 && (
        <details class="twin"><summary>The windows as a table</summary>
          <table>
            <thead><tr>{['Years', 'Statements', 'Markets', 'As reported', 'Estimate', 'Low', 'High', ''].map((title) => <th key={title} scope="col">{title}{title === '' && <span class="unseen">Why none</span>}</th>)}</tr></thead>
            <tbody>{windows.map((window) => (
              <tr key={window.from}>
                <td>{window.from.slice(0, 4)}–{window.to.slice(0, 4)}</td><td>{window.statements}</td><td>{window.richness}</td>
                {['observed', 'estimate', 'low', 'high'].map((of) => <td key={of}>{window.entropy ? two(window.entropy[of]) : '–'}</td>)}<td>{window.tooFew ?? ''}</td>
              </tr>
            ))}</tbody>
          </table>
        </details>
      )}
    </section>
  );
}
