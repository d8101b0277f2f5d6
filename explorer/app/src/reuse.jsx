// Whether what a route or group turned to is turned to more often than chance would have it, among all units of its kind.

import { ask, useAsync } from './ask.js';
import { kinds } from './schema.js';
import { goodsOf } from './kinds.jsx';
import { Failed } from './state.jsx';
import { unitOf } from './diversity.jsx';
import { number } from './words.js';

const ABOVE_ITEMS = `query Markets { commodities(first: 100, where: { kind: { in: [MARKET, CLASS] } }) { nodes { id market } } }`;
const MOST = 4;

// One field a class that came later, as r0, r1, …; each compares all units, whatever this one is.
const question = (classes) => `query Reuse($unit: UnitKind!, $from: [ID!]!, ${classes.map((_, i) => `$to${i}: [ID!]!`).join(', ')}, $lens: Lens) {
${classes.map((_, i) => `  r${i}: reuse(unit: $unit, from: $from, to: $to${i}, first: 1, lens: $lens) { ...Compared }`).join('\n')}
}
fragment Compared on ReuseSearch {
  withFrom withTo withBoth
  chance { observed expected shuffles tooFew pValue ratio { ...Sized } excess { ...Sized } }
}
fragment Sized on Effect { value low high }`;

/** Classes of goods in the order in which the unit was first seen with them, by goods in order of time: [[class, goods], …]. */
function inTurn(goods) {
  const classes = new Map();
  goods.filter(({ first }) => first !== null).forEach((good) => classes.set(good.class, [...(classes.get(good.class) ?? []), good.node.id]));
  return [...classes];
}

/** The comparison as { data: { request, first, later: [{ class, compared }] } }; data is null where there is nothing to compare. */
export function useReuse(at, goods, lens) {
  const unit = unitOf(at);
  const [first, ...later] = inTurn(goods);
  const key = unit && later.length > 0 ? JSON.stringify(['reuse', unit, first[0].id, later.map(([of]) => of.id), lens]) : null;
  return useAsync(key, async () => {
    if (!(await kinds()).fields.has('reuse')) return null;
    const { commodities } = await ask({ query: ABOVE_ITEMS, variables: {} });
    const ids = ([of, own]) => [...new Set([...commodities.nodes.filter((node) => goodsOf(node) === of).map(({ id }) => id), ...own])].sort();
    const some = later.slice(0, MOST);
    const variables = { unit, from: ids(first), lens };
    some.forEach((one, i) => { variables[`to${i}`] = ids(one); });
    const request = { query: question(some), variables };
    const answer = await ask(request);
    return { request, unit, first: first[0], later: some.map(([of], i) => ({ class: of, compared: answer[`r${i}`] })) };
  });
}

const two = (n) => n.toFixed(2);
const sized = (effect) => (effect ? <><b>{two(effect.value)}</b> <span class="faint">(95 %: {two(effect.low)}–{two(effect.high)})</span></> : '–');

export function Reuse({ state }) {
  if (state.failure) return <Failed failure={state.failure} />;
  if (!state.data) return null;
  const { unit, first, later } = state.data;
  const units = `${unit.toLowerCase()}s`;
  return (
    <section class="reuse" aria-label="Reuse">
      <h2>More than chance?</h2>
      <p>Of all {units} with dated evidence of both: how many were first seen with {first.name.toLowerCase()} and later with the other, beside what chance does with the order of first sightings.</p>
      <div class="twin">
        <table>
          <thead><tr>{['Later', 'Seen with both', 'In this order', 'By chance', 'Times chance', 'p'].map((title) => <th key={title} scope="col">{title}</th>)}</tr></thead>
          <tbody>{later.map(({ class: of, compared: { withBoth, chance } }) => (
            <tr key={of.id}>
              <th scope="row">{of.name}</th><td>{withBoth}</td><td>{chance.observed}</td>
              {chance.tooFew
                ? <td colSpan={3} class="note">{chance.tooFew}</td>
                : <><td>{two(chance.expected)}</td><td>{sized(chance.ratio)}</td><td>{two(chance.pValue)}</td></>}
            </tr>
          ))}</tbody>
        </table>
      </div>
      <p class="faint small">1 is chance; an interval that holds 1 tells nothing of such turns in general. p is the share of {number(later[0].compared.chance.shuffles)} tries with as many or more. First seen is not begun.</p>
    </section>
  );
}
