// The first screen: three worked investigations, and what the store holds.

import { useAnswer } from './ask.js';
import { elsewhere, lensOf, Link } from './place.jsx';
import { KindSign } from './kinds.jsx';
import { CREDIBILITY, kindNames, number, RELIABILITY } from './words.js';
import { Answer, Empty } from './state.jsx';
import { SearchBox } from './search.jsx';
import { INVESTIGATIONS } from './investigations.js';
import { Request } from './request.jsx';

const QUERY = `query Store($needed: [ID!]!, $lens: Lens) {
  stats(first: 8, lens: $lens) {
    nodes edges claims undated
    byKind { key count }
    byYear { key count }
    byReliability { key count }
    byCredibility { key count }
    bySource { count source { id name } }
  }
  needed: nodes(ids: $needed) { id }
}`;

const NEEDED = [...new Set(INVESTIGATIONS.flatMap(({ needs }) => needs))];

export function Home({ at }) {
  const request = { query: QUERY, variables: { needed: NEEDED, lens: lensOf(at) } };
  const state = useAnswer(request);
  return (
    <section class="page home">
      <div class="hero">
        <h1>Who moves what along which route, and how do you know?</h1>
        <p>Groups, routes, goods, places, victims and money, where every relation is one source’s claim: with its grade and its dates, beside the claims that contradict it.</p>
        <SearchBox at={at} id="home-search" />
      </div>
      <Answer state={state} what="what the store holds">
        {(data) => (
          <>
            <Investigations at={at} there={new Set(data.needed.filter(Boolean).map(({ id }) => id))} />
            <Store at={at} stats={data.stats} />
          </>
        )}
      </Answer>
      <Request requests={[{ title: 'What the store holds', ...request }]} />
    </section>
  );
}

function Investigations({ at, there }) {
  const open = INVESTIGATIONS.filter(({ needs }) => needs.every((id) => there.has(id)));
  if (open.length === 0) {
    return <p class="note">The worked investigations are about the bundled example, which this store does not hold, or the lens hides. Search for a name, or choose a kind below.</p>;
  }
  return (
    <>
      <h2>Worked investigations</h2>
      <ul class="investigations">
        {open.map(({ id, title, question, steps, sign }) => (
          <li key={id}>
            <Link to={elsewhere(at, { story: id })}>
              <Sketch of={sign} />
              <h3>{title}</h3>
              <p>{question}</p>
              <span class="more">{steps.length} steps →</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

// What an investigation is about, as a sign and not as data.
function Sketch({ of }) {
  const drawings = {
    stream: (
      <>
        <path d="M0 44C60 42 90 40 200 40V56H0z" fill="var(--goods-drugs)" />
        <path d="M70 41C110 38 140 30 200 26V40C140 40 110 40 70 41z" fill="var(--goods-people)" />
        <path d="M120 36C150 28 170 16 200 10V26C170 29 150 32 120 36z" fill="var(--goods-fakes)" />
      </>
    ),
    hubs: (
      <>
        <g stroke="var(--line-strong)" stroke-width="1.5">{[[40, 14], [28, 34], [44, 50]].map(([x, y]) => <path key={y} d={`M${x} ${y}L96 32`} />)}{[[160, 12], [172, 32], [158, 51]].map(([x, y]) => <path key={y} d={`M96 32L${x} ${y}`} stroke-dasharray="4 3" />)}</g>
        {[[40, 14], [28, 34], [44, 50]].map(([x, y]) => <circle key={y} cx={x} cy={y} r="5" fill="var(--goods-people)" />)}
        <rect x="84" y="20" width="24" height="24" rx="4" fill="var(--goods-scam)" />
        {[[160, 12], [172, 32], [158, 51]].map(([x, y]) => <path key={y} d={`M${x} ${y - 6}l6 6-6 6-6-6z`} fill="var(--goods-drugs)" />)}
      </>
    ),
    against: (
      <>
        <path d="M20 22H104" stroke="var(--goods-drugs)" stroke-width="12" /><path d="M20 44H168" stroke="var(--goods-people)" stroke-width="12" />
        <path d="M104 10V56" stroke="var(--line-strong)" stroke-width="1.5" stroke-dasharray="3 3" /><path d="M168 10V56" stroke="var(--line-strong)" stroke-width="1.5" stroke-dasharray="3 3" />
      </>
    ),
  };
  return <svg class="sketch" viewBox="0 0 200 64" preserveAspectRatio="none" aria-hidden="true">{drawings[of]}</svg>;
}

function Store({ at, stats }) {
  if (stats.nodes === 0) return <Empty at={at}>The store is empty. <code>crimegraph load</code> fills it.</Empty>;
  const most = Math.max(...stats.byKind.map(({ count }) => count));
  return (
    <>
      <h2>What the store holds</h2>
      <p class="figures">
        <span><b>{number(stats.claims)}</b> claims</span>
        <span><b>{number(stats.nodes)}</b> records</span>
        <span><b>{number(stats.edges)}</b> relations</span>
        <span><b>{number(stats.undated)}</b> claims without a date</span>
      </p>
      <div class="columns">
        <div>
          <h3>By kind</h3>
          <ul class="bars">
            {stats.byKind.map(({ key, count }) => (
              <li key={key}>
                <Link to={elsewhere(at, { kind: key })}><KindSign kind={key} /> {kindNames(key)}</Link>
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width={(100 * count) / most} height="10" /></svg>
                <span class="number">{number(count)}</span>
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h3>Claims by the year in which they begin to hold</h3>
          <YearChart counts={stats.byYear} />
          <h3>Claims by grade</h3>
          <div class="grades">
            <Grades title="Source" counts={stats.byReliability} words={RELIABILITY} />
            <Grades title="Statement" counts={stats.byCredibility} words={CREDIBILITY} />
          </div>
        </div>
      </div>
    </>
  );
}

function YearChart({ counts }) {
  const years = counts.map(({ key, count }) => ({ year: Number(key), count }));
  if (years.length === 0) return <p class="faint">No claim has a date.</p>;
  const first = Math.min(...years.map(({ year }) => year));
  const last = Math.max(...years.map(({ year }) => year));
  const most = Math.max(...years.map(({ count }) => count));
  const width = 560 / (last - first + 1);
  const x = (year) => (year - first) * width;
  const marks = [];
  for (let year = Math.ceil(first / 10) * 10; year <= last; year += 10) marks.push(year);
  return (
    <figure>
      <svg class="yearchart" viewBox="-4 -14 576 150" role="img" aria-label={`Claims by year from ${first} to ${last}; the most, ${most}, in ${years.find(({ count }) => count === most).year}`}>
        {years.map(({ year, count }) => (
          <rect key={year} x={x(year)} y={110 - (110 * count) / most} width={Math.max(1.5, width - 1.5)} height={(110 * count) / most}><title>{`${year}: ${count}`}</title></rect>
        ))}
        <path class="axis" d="M0 110.5H564" />
        {marks.map((year) => <text key={year} x={x(year) + width / 2} y="128">{year}</text>)}
        <text class="most" x={x(years.find(({ count }) => count === most).year) + width / 2} y="-4">{most}</text>
      </svg>
      <details class="twin"><summary>As a table</summary>
        <table><thead><tr><th scope="col">Year</th><th scope="col">Claims</th></tr></thead>
          <tbody>{years.map(({ year, count }) => <tr key={year}><td>{year}</td><td class="number">{number(count)}</td></tr>)}</tbody></table>
      </details>
    </figure>
  );
}

function Grades({ title, counts, words }) {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return (
    <table>
      <caption>{title}</caption>
      <tbody>
        {counts.map(({ key, count }) => (
          <tr key={key}>
            <th scope="row">{key} · {words[key] ?? ''}</th>
            <td class="number">{number(count)}</td>
            <td class="share"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={(100 * count) / total} height="8" /></svg></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
