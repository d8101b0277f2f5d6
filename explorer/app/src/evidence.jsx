// Evidence: every claim behind what is chosen, with its source, its way to us, its grade in words, and who disagrees.

import { useState } from 'preact/hooks';
import { ask, useAnswer, useAsync } from './ask.js';
import { elsewhere, go, lensOf, Link } from './place.jsx';
import { KindSign } from './kinds.jsx';
import { counted, count, CREDIBILITY, kindName, kindNames, lower, modality, nameOf, number, period, quantity, relation, RELIABILITY, sentence, TLP } from './words.js';
import { CLAIM, NAMED, ORIGIN, STATEMENT } from './fragments.js';
import { properties } from './schema.js';
import { Answer, Empty, Failed, Loading } from './state.jsx';
import { growth } from './picture.js';

export function Evidence({ at, picture }) {
  const chosen = at.sel || at.of[0];
  const edge = chosen.includes('|') ? chosen.split('|') : null;
  return (
    <aside class="evidence" id="evidence" tabindex={-1} aria-label="Evidence">
      {edge === null
        ? <NodeEvidence key={chosen} at={at} id={chosen} picture={picture} />
        : <EdgeEvidence key={chosen} at={at} id={chosen} relationName={edge[0]} from={edge[1]} to={edge[2]} />}
    </aside>
  );
}

// ---- a relation ------------------------------------------------------------------------------------------------

const EDGE = `query Evidence($ends: [ID!]!, $via: [RelationKind!], $lens: Lens) {
  subgraph(of: $ends, depth: 0, via: $via, lens: $lens) {
    nodes { node { ...Named } }
    edges {
      id relation from { id } to { id } structural claimCount disputed denied firstSeen lastSeen
      claims(first: 100) { ...Said }
    }
  }
}
${NAMED}
${CLAIM}
${ORIGIN}`;

const UNLENSED = `query Hidden($ends: [ID!]!, $via: [RelationKind!]) {
  subgraph(of: $ends, depth: 0, via: $via) { edges { id claimCount } }
}`;

const AGAINST = `query Against($relation: String!, $from: ID!, $to: ID!, $lens: Lens) {
  contradictions(where: {and: [{relation: {eq: $relation}}, {between: {some: {id: {eq: $from}}}}, {between: {some: {id: {eq: $to}}}}]}, lens: $lens) {
    nodes { id kind note }
  }
}`;

export function edgeQuestion(id, lens) {
  const [name, from, to] = id.split('|');
  return { query: EDGE, variables: { ends: [from, to], via: [name], lens } };
}

function EdgeEvidence({ at, id, relationName, from, to }) {
  const lens = lensOf(at);
  const state = useAnswer(edgeQuestion(id, lens));
  const all = useAnswer(lens ? { query: UNLENSED, variables: { ends: [from, to], via: [relationName] } } : null).data;
  const against = useAnswer({ query: AGAINST, variables: { relation: relationName, from, to, lens } }).data?.contradictions.nodes ?? [];
  return (
    <Answer state={state} what="the evidence">
      {({ subgraph }) => {
        const edge = subgraph.edges.find((one) => one.id === id);
        const names = new Map(subgraph.nodes.map(({ node }) => [node.id, node]));
        const hidden = (all?.subgraph.edges.find((one) => one.id === id)?.claimCount ?? 0) - (edge?.claimCount ?? 0);
        if (!edge) {
          return hidden > 0
            ? <Empty at={at}>{counted(hidden, 'claim')} of this relation {hidden === 1 ? 'is' : 'are'} hidden by the lens.</Empty>
            : <Empty at={at}>There is no such relation.</Empty>;
        }
        const asserting = edge.claims.filter(({ stance }) => stance !== 'DENIES');
        const denying = edge.claims.filter(({ stance }) => stance === 'DENIES');
        return (
          <>
            <p class="eyebrow">Relation</p>
            <h2 class="relation">
              <NodeLink at={at} node={names.get(edge.from.id) ?? { id: edge.from.id }} /> <span>{relation(edge.relation)}</span> <NodeLink at={at} node={names.get(edge.to.id) ?? { id: edge.to.id }} />
            </h2>
            {edge.structural
              ? <p class="faint">Part of a record, and not a claim of its own: it carries that record’s source.</p>
              : <p>{counted(edge.claimCount, 'claim')}{edge.firstSeen && <>, first dated <b>{edge.firstSeen}</b></>}{edge.disputed && <>. <b class="denied">Disputed</b></>}{edge.denied && <>. <b class="denied">Denied by all</b></>}.</p>}
            {hidden > 0 && <p class="chip">{counted(hidden, 'further claim')} hidden by the lens</p>}
            {asserting.length > 0 && denying.length > 0 && <h3>Who says so</h3>}
            <ul class="claims">{asserting.map((claim) => <Claim key={claim.id} at={at} claim={claim} />)}</ul>
            {denying.length > 0 && <h3>Who denies it</h3>}
            <ul class="claims">{denying.map((claim) => <Claim key={claim.id} at={at} claim={claim} />)}</ul>
            {edge.claimCount > edge.claims.length && <p class="faint">The first {edge.claims.length} of {number(edge.claimCount)} claims.</p>}
            <Against at={at} list={against} />
          </>
        );
      }}
    </Answer>
  );
}

function Against({ at, list }) {
  if (list.length === 0) return null;
  return (
    <>
      <h3>Who disagrees</h3>
      <ul class="claims">
        {list.map(({ id, kind, note, between }) => (
          <li key={id} class="claim against">
            <p><Link to={{ ...elsewhere(at, { of: [id] }) }}>In {lower(kind)}</Link>{note && <>: <bdi>{note}</bdi></>}</p>
            {between && <ul class="sides">{between.nodes.map((node) => <li key={node.id}><NodeLink at={at} node={node} /></li>)}</ul>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** One source's statement. */
export function Claim({ at, claim }) {
  const held = period(claim.validFrom, claim.validTo);
  const denies = claim.stance === 'DENIES';
  return (
    <li class={denies ? 'claim denies' : 'claim'}>
      <p class="verdict">
        <b>{denies ? 'Denies' : 'Asserts'}</b>
        {modality(claim.modality) && <>, {modality(claim.modality)}</>}
        {held && <>, <b>{held}</b></>}
        {!held && <span class="faint">, no date</span>}
        {claim.role && <span class="role">{lower(claim.role)}</span>}
      </p>
      {quantity(claim) && <p class="quantity">{quantity(claim)}</p>}
      {claim.note && <p class="remark"><bdi>{claim.note}</bdi></p>}
      <Grade {...claim} />
      <Origin at={at} source={claim.source} attributedTo={claim.attributedTo} locator={claim.locator} />
      <p class="faint small">
        {claim.observedAt && <>Observed {claim.observedAt}. </>}Known since {claim.recordedAt}.{claim.tlp !== 'CLEAR' && <> Marked {TLP[claim.tlp] ?? claim.tlp}.</>}
        {claim.confidence !== null && claim.confidence !== undefined && <> Compilers’ confidence {claim.confidence} of 100.</>}
      </p>
    </li>
  );
}

function Grade({ reliability, credibility }) {
  return (
    <p class="grade">
      <span class="letter">{reliability}{credibility}</span> source {RELIABILITY[reliability] ?? reliability}, statement {CREDIBILITY[credibility] ?? credibility}
    </p>
  );
}

// The way from who said it to us. An address is a link only where it is one of the web.
function Origin({ at, source, attributedTo, locator }) {
  if (!source) return <p class="source faint">The lens hides the source’s own record.</p>;
  const chain = [...new Set((source.chain.length > 0 ? [attributedTo, ...source.chain] : [attributedTo, source.speaker, source.speakerOrganization, source.publisher]).filter(Boolean))];
  return (
    <div class="source">
      <p><Link to={elsewhere(at, { of: [source.id] })}><bdi>{source.name}</bdi></Link>{source.published && <span class="faint"> · published {source.published}</span>}</p>
      {chain.length > 0 && <ol class="chain" aria-label="Chain of attribution">{chain.map((link) => <li key={link}><bdi>{link}</bdi></li>)}</ol>}
      {(locator || webAddress(source.url)) && (
        <p class="small">{locator && <bdi>{locator}</bdi>} {webAddress(source.url) && <a href={source.url} target="_blank" rel="noreferrer noopener">Open the source ↗</a>}</p>
      )}
    </div>
  );
}

function webAddress(text) {
  return typeof text === 'string' && /^https?:\/\//i.test(text);
}

function NodeLink({ at, node }) {
  return (
    <span class="node"><KindSign kind={node.__typename} />{' '}
      <Link to={{ ...at, sel: node.id }}><bdi>{nameOf(node)}</bdi></Link></span>
  );
}

// ---- a node ----------------------------------------------------------------------------------------------------

const KNOWN = new Set(['id', 'name', 'aliases', 'description', 'tlp', 'compartments', 'recordedAt', 'retractedAt', 'stance', 'modality', 'credibility', 'reliability', 'confidence',
  'attributedTo', 'validFrom', 'validTo', 'observedAt', 'low', 'high', 'unit', 'currency', 'locator', 'note', 'chain', 'url']);

async function readNode(id, lens) {
  const { node: found } = await ask({ query: `query Kind($id: ID!, $lens: Lens) { node(id: $id, lens: $lens) { __typename } }`, variables: { id, lens } });
  if (found === null) return { node: null };
  const kind = found.__typename;
  const plain = (await properties(kind)).filter(({ name }) => !KNOWN.has(name));
  // Names of properties are those of the server's own schema. Aliases keep a property from clashing with one of another type.
  const query = `query Node($id: ID!, $lens: Lens) {
  node(id: $id, lens: $lens) {
    ...Named
    tlp recordedAt retractedAt
    source { ...Origin }
    ... on ${kind} { id ${plain.map(({ name }, i) => `p${i}: ${name}`).join(' ')} }
    ... on Entity { aliases description estimates(first: 50) { nodes { ...Named ...Stated } } }
    ... on Statement { ...Stated }
    ... on Source { ...Origin }
    ... on Leg { route { id name } }
    ... on Event { contradictions(first: 20) { nodes { ...Against } } }
    ... on VictimGroup { contradictions(first: 20) { nodes { ...Against } } }
    ... on Estimate { context { id name } contradictions(first: 20) { nodes { ...Against } } }
    ... on Contradiction { note relation between(first: 20) { nodes { ...Named ... on Statement { ...Stated } } } }
  }
}
fragment Against on Contradiction { id kind note between(first: 20) { nodes { ...Named } } }
${NAMED}
${STATEMENT}
${ORIGIN}`;
  const { node } = await ask({ query, variables: { id, lens } });
  return { node, plain, query };
}

function NodeEvidence({ at, id, picture }) {
  const lens = lensOf(at);
  const state = useAsync(JSON.stringify(['node', id, lens]), () => readNode(id, lens));
  return (
    <Answer state={state} what="the record">
      {({ node, plain }) => {
        if (node === null) return <Empty at={at}>There is no record <code>{id}</code>, or none that you may see.</Empty>;
        const kind = node.__typename;
        const statement = node.stance !== undefined;
        const values = plain.map(({ name, description, type, list }, i) => ({ name, description, value: shown(node[`p${i}`], type, list) })).filter(({ value }) => value !== '');
        return (
          <>
            <p class="eyebrow"><KindSign kind={kind} /> {kindName(kind)}</p>
            <h2><bdi>{nameOf(node)}</bdi></h2>
            {node.aliases?.length > 0 && <p class="faint">Also: <bdi>{node.aliases.join(', ')}</bdi></p>}
            {node.description && <p><bdi>{node.description}</bdi></p>}
            {node.route && <p>Leg of <NodeLink at={at} node={{ __typename: 'Route', ...node.route }} /></p>}
            <Actions at={at} id={id} kind={kind} picture={picture} />
            {values.length > 0 && (
              <dl class="facts">
                {values.map(({ name, description, value }) => <div key={name}><dt title={description ?? ''}>{sentence(name.replace(/([a-z])([A-Z])/g, '$1 $2'))}</dt><dd><bdi>{value}</bdi></dd></div>)}
              </dl>
            )}
            {statement && <><h3>Who says so</h3><ul class="claims"><Claim at={at} claim={node} /></ul></>}
            {kind === 'Source' && <Origin at={at} source={node} />}
            {!statement && kind !== 'Source' && kind !== 'Contradiction' && node.source && <><h3>Where the record comes from</h3><Origin at={at} source={node.source} /></>}
            {kind === 'Contradiction' && (
              <>
                {node.note && <p><bdi>{node.note}</bdi></p>}
                {node.relation && <p>The claims of one relation disagree: {relation(node.relation)}.</p>}
                <h3>Side by side</h3>
                <ul class="claims">
                  {node.between.nodes.map((side) => (
                    <li key={side.id} class="side"><p><NodeLink at={at} node={side} /></p>{side.stance && <ul class="claims"><Claim at={at} claim={side} /></ul>}</li>
                  ))}
                </ul>
              </>
            )}
            {node.estimates?.nodes.length > 0 && (
              <>
                <h3>Figures about it</h3>
                <ul class="claims">
                  {node.estimates.nodes.map((estimate) => (
                    <li key={estimate.id} class="side"><p><b>{sentence(estimate.metric)}</b> · {quantity(estimate) || 'no number'}</p><ul class="claims"><Claim at={at} claim={{ ...estimate, low: null, high: null }} /></ul></li>
                  ))}
                </ul>
              </>
            )}
            <Against at={at} list={node.contradictions?.nodes ?? []} />
          </>
        );
      }}
    </Answer>
  );
}

function shown(value, type, list) {
  if (value === null || value === undefined || (list && value.length === 0)) return '';
  const one = (v) => (typeof v === 'number' ? number(v) : /^[A-Z][A-Z_]+$/.test(v) && type !== 'String' && type !== 'CountryCode' ? lower(v) : String(v));
  return list ? value.map(one).join(', ') : one(value);
}

// ---- what can be done with a node -------------------------------------------------------------------------------

const AROUND = `query Around($of: ID!, $lens: Lens) {
  neighbourhood(of: $of, lens: $lens) { totalCount kinds { kind count } }
}`;

const STEPS = [10, 100, 1000, 4999];

function Actions({ at, id, kind, picture }) {
  const [expanding, setExpanding] = useState(false);
  const [joining, setJoining] = useState(false);
  const seed = at.of.includes(id);
  const node = picture?.nodes.find((one) => one.id === id);
  const pin = node && !node.pinned;
  return (
    <div class="actions">
      {!(seed && at.of.length === 1) && <Link class="button" to={elsewhere(at, { of: [id] })}>Open</Link>}
      {picture && <button type="button" aria-expanded={expanding} onClick={() => setExpanding(!expanding)}>Expand …</button>}
      {node && <button type="button" aria-expanded={joining} onClick={() => setJoining(!joining)}>Path to …</button>}
      {node && <button type="button" onClick={() => go({ ...at, pin: pin ? [...at.pin, `${id}@${Math.round(node.x)},${Math.round(node.y)}`] : at.pin.filter((text) => !text.startsWith(`${id}@`)) })}>{pin ? 'Pin' : 'Unpin'}</button>}
      {node && !seed && <button type="button" onClick={() => go({ ...at, hide: [...at.hide, id], sel: '' })}>Hide</button>}
      {!seed && <Link class="button" to={{ ...at, of: [...at.of, id], sel: id }}>Add to start</Link>}
      {kind === 'Route' || kind === 'Group' ? <Link class="button" to={{ ...elsewhere(at, { of: [id], view: 'cargo' }) }}>What it carried when</Link> : null}
      {expanding && <Expand at={at} id={id} />}
      {joining && picture && <PathTo at={at} id={id} picture={picture} />}
    </div>
  );
}

/** Counts by kind first; then the best ten, then more, then the rest. */
function Expand({ at, id }) {
  const state = useAnswer({ query: AROUND, variables: { of: id, lens: lensOf(at) } });
  const grown = new Map(at.grow.map(growth).filter((one) => one.id === id).map((one) => [one.kind, one.n]));
  const grow = (kind, n) => go({ ...at, grow: [...at.grow.filter((text) => !text.startsWith(`${id}~${kind}~`)), ...(n > 0 ? [`${id}~${kind}~${n}`] : [])], sel: id });
  if (state.failure) return <Failed failure={state.failure} />;
  if (!state.data) return <Loading what="what is around it" />;
  const around = state.data.neighbourhood;
  if (!around || around.kinds.length === 0) return <Empty at={at}>Nothing is joined with it.</Empty>;
  return (
    <div class="expand" role="group" aria-label="Expand by kind">
      <p class="faint">{number(around.totalCount)} around it. The best joined come first.</p>
      <ul>
        {around.kinds.map(({ kind, count: n }) => {
          const now = grown.get(kind) ?? 0;
          const next = STEPS.find((step) => step > now) ?? 0;
          return (
            <li key={kind}>
              <span><KindSign kind={kind} /> {count(n, kind)}{now > 0 && <span class="faint"> · {number(Math.min(now, n))} shown</span>}</span>
              <span class="row">
                {next > 0 && next < n && <button type="button" onClick={() => grow(kind, next)}>Top {number(next)}<span class="unseen"> {kindNames(kind)}</span></button>}
                {now < n && n <= 4999 && <button type="button" onClick={() => grow(kind, n)}>{now > 0 ? 'The rest' : `All ${number(n)}`}<span class="unseen"> {kindNames(kind)}</span></button>}
                {now > 0 && <button type="button" onClick={() => grow(kind, 0)}>Less<span class="unseen"> {kindNames(kind)}</span></button>}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function PathTo({ at, id, picture }) {
  const [to, setTo] = useState('');
  const others = picture.nodes.filter((node) => node.id !== id && node.kind !== 'Leg').map(({ id: other, node }) => [other, nameOf(node)]).sort((a, b) => a[1].localeCompare(b[1]));
  const find = (event) => {
    event.preventDefault();
    const known = others.find(([other, name]) => other === to.trim() || name === to.trim());
    const target = known ? known[0] : to.trim();
    if (target.includes('/') && target !== id) go({ ...at, path: [...at.path.filter((text) => text !== `${id}~${target}`), `${id}~${target}`] });
  };
  return (
    <form class="expand row" onSubmit={find}>
      <label class="field">The three best paths to
        <input list="path-ends" value={to} onInput={(event) => setTo(event.currentTarget.value)} placeholder="a name in the picture, or an id" />
      </label>
      <datalist id="path-ends">{others.slice(0, 500).map(([other, name]) => <option key={other} value={other}>{name}</option>)}</datalist>
      <button type="submit">Find</button>
    </form>
  );
}
