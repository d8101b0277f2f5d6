// Questions whose answer is a list: each row leads to a workspace.

import { useAnswer } from './ask.js';
import { elsewhere, lensOf, Link } from './place.jsx';
import { goodsOf, KindSign } from './kinds.jsx';
import { lag, lagText } from './dates.js';
import { CREDIBILITY, lower, nameOf, period, quantity, relation, RELIABILITY, sentence } from './words.js';
import { NAMED, ORIGIN } from './fragments.js';
import { Answer, Empty } from './state.jsx';
import { Table } from './table.jsx';
import { Request } from './request.jsx';

const DRUGS = {
  or: [{ market: { in: ['HEROIN_TRADE', 'COCAINE_TRADE', 'CANNABIS_TRADE', 'SYNTHETIC_DRUGS'] } }, { id: { eq: 'commodity/illicit-drugs' } }],
};
const OTHERS = {
  market: { in: ['HUMAN_TRAFFICKING', 'HUMAN_SMUGGLING', 'ARMS_TRAFFICKING', 'COUNTERFEIT_GOODS', 'STOLEN_PROPERTY', 'STOLEN_VEHICLES'] },
};

const RESULTS = {
  diversified: {
    title: 'Routes that carry drugs and something else',
    variables: { drugs: DRUGS, others: OTHERS },
    query: `query Diversified($drugs: CommodityWhere!, $others: CommodityWhere!, $lens: Lens) {
  routes(
    where: {and: [
      {carries: {some: {node: $drugs, claim: {stance: {eq: ASSERTS}}}}}
      {carries: {some: {node: $others, claim: {stance: {eq: ASSERTS}}}}}
    ]}
    first: 100
    lens: $lens
  ) {
    totalCount
    nodes {
      id
      name
      drugs: carries(where: $drugs, orderBy: [{field: FIRST_SEEN}]) { ...Cargo }
      others: carries(where: $others, orderBy: [{field: FIRST_SEEN}]) { ...Cargo }
    }
  }
}

fragment Cargo on RelatedCommodityConnection {
  edges { firstSeen disputed denied node { id name market } claims { role reliability } }
}`,
    // One row a route and other good.
    rows: ({ routes }) => routes.nodes.flatMap(({ id, name, drugs, others }) => {
      const first = drugs.edges.find(({ denied, firstSeen }) => !denied && firstSeen) ?? drugs.edges.find(({ denied }) => !denied);
      return others.edges.filter(({ denied }) => !denied).map((edge) => ({ id, name, first, edge, key: `${id} ${edge.node.id}` }));
    }),
    columns: (at) => [
      { title: 'Route', value: ({ name }) => name, show: ({ id, name }) => <Link to={elsewhere(at, { of: [id], view: 'cargo' })}><bdi>{name}</bdi></Link> },
      { title: 'Drugs first', value: ({ first }) => first?.firstSeen ?? '', show: ({ first }) => first && <><bdi>{first.node.name}</bdi> <b>{first.firstSeen ?? 'no date'}</b></> },
      { title: 'Carries as well', value: ({ edge }) => edge.node.name, show: ({ edge }) => <><Goods of={edge.node} /> <bdi>{edge.node.name}</bdi></> },
      { title: 'Since', value: ({ edge }) => edge.firstSeen ?? '', show: ({ edge }) => <>{edge.firstSeen ?? 'no date'} <span class="faint">{lower(edge.claims[0]?.role ?? '')}</span></> },
      { title: 'Lag', numeric: true, value: ({ first, edge }) => (first?.firstSeen && edge.firstSeen ? Math.round(lag(first.firstSeen, edge.firstSeen)[1] * 10) / 10 : null), show: ({ first, edge }) => lagShown(first, edge) },
      { title: 'Evidence', value: ({ edge }) => edge.claims.length, show: ({ id, edge }) => <Link to={elsewhere(at, { of: [id], view: 'cargo', sel: `CARRIES|${id}|${edge.node.id}` })}>{edge.claims.map(({ reliability }) => reliability).sort().join(', ')}{edge.disputed ? ' · disputed' : ''}</Link> },
    ],
    ids: ({ routes }) => routes.nodes.map(({ id }) => id),
    empty: 'No route is said to carry both.',
  },

  victims: {
    title: 'Two kinds of victims of scam hubs',
    variables: {
      forced: ['forced criminality (online fraud)', 'forced criminality (telecom fraud)', 'forced criminality'].map((form) => ({ exploitation: { includes: form } })),
      defrauded: { victimRole: { eq: 'FRAUD_TARGET' }, exploitation: { includes: 'online fraud' } },
    },
    query: `query Victims($forced: [VictimGroupWhere!], $defrauded: VictimGroupWhere, $lens: Lens) {
  forced: victimGroups(where: {or: $forced}, orderBy: [{field: LOW, direction: DESC}], first: 100, lens: $lens) { nodes { ...Victims } }
  defrauded: victimGroups(where: $defrauded, first: 100, lens: $lens) { nodes { ...Victims } }
}

fragment Victims on VictimGroup {
  id name victimRole exploitation meansOfControl low high unit currency validFrom validTo attributedTo credibility reliability stance
  exploitedAt { id name }
  source { name publisher }
  contradictions { nodes { id kind } }
}`,
    rows: ({ forced, defrauded }) => {
      const seen = new Set();
      return [...forced.nodes, ...defrauded.nodes].filter(({ id }) => !seen.has(id) && seen.add(id));
    },
    columns: (at) => [
      { title: 'Victims', value: ({ name }) => name, show: ({ id, name }) => <Link to={elsewhere(at, { of: [id] })}><KindSign kind="VictimGroup" /> <bdi>{name}</bdi></Link> },
      { title: 'As what', value: ({ victimRole }) => sentence(victimRole) },
      { title: 'How many', numeric: true, value: ({ low, high }) => low ?? high, show: (row) => quantity({ ...row, unit: '' }) || <span class="faint">no number</span> },
      { title: 'Where', value: ({ exploitedAt }) => exploitedAt?.name ?? '' },
      { title: 'How they were held or lured', value: ({ meansOfControl }) => meansOfControl.join(', ') },
      { title: 'When', value: ({ validFrom, validTo }) => period(validFrom, validTo) },
      { title: 'Who says so', value: ({ source, attributedTo }) => [source?.publisher, attributedTo && `after ${attributedTo}`].filter(Boolean).join(', ') },
      { title: 'Grade', value: ({ reliability, credibility }) => `${reliability}${credibility}`, show: grade },
      { title: 'Contradicted', value: ({ contradictions }) => contradictions.nodes.map(({ kind }) => lower(kind)).join(', ') },
    ],
    ids: ({ forced, defrauded }) => [...forced.nodes, ...defrauded.nodes].map(({ id }) => id),
    empty: 'No victims are recorded.',
  },

  contradictions: {
    title: 'Statements that disagree',
    variables: {},
    query: `query Contradictions($lens: Lens) {
  contradictions(first: 100, lens: $lens) {
    totalCount
    nodes {
      id kind relation note
      between {
        nodes {
          ...Named
          ... on Statement { low high unit currency reliability credibility validFrom source { publisher } }
        }
      }
    }
  }
}
${NAMED}`,
    rows: ({ contradictions }) => contradictions.nodes,
    columns: (at) => [
      { title: 'In what', value: ({ kind }) => sentence(kind), show: ({ id, kind }) => <Link to={elsewhere(at, { of: [id] })}>{sentence(kind)}</Link> },
      { title: 'Between', value: ({ between }) => between.nodes.map(nameOf).join(' | '), show: (row) => <Sides at={at} row={row} /> },
      { title: 'In words', value: ({ note }) => note ?? '' },
    ],
    ids: ({ contradictions }) => contradictions.nodes.map(({ id }) => id),
    empty: 'No disagreement is recorded.',
  },

  denied: {
    title: 'Relations that a source denies',
    variables: {},
    query: `query Denied($lens: Lens) {
  trades: groups(where: {trades: {some: {claim: {stance: {eq: DENIES}}}}}, first: 100, lens: $lens) {
    nodes { id name edges: trades(where: {tradedBy: {some: {claim: {stance: {eq: DENIES}}}}}) { edges { disputed denied claims { ...Denying } node { id name } } } }
  }
  activeIn: groups(where: {activeIn: {some: {claim: {stance: {eq: DENIES}}}}}, first: 100, lens: $lens) {
    nodes { id name edges: activeIn(where: {activeGroups: {some: {claim: {stance: {eq: DENIES}}}}}) { edges { disputed denied claims { ...Denying } node { id name } } } }
  }
  subgroupOf: groups(where: {subgroupOf: {some: {claim: {stance: {eq: DENIES}}}}}, first: 100, lens: $lens) {
    nodes { id name edges: subgroupOf(where: {subgroups: {some: {claim: {stance: {eq: DENIES}}}}}) { edges { disputed denied claims { ...Denying } node { id name } } } }
  }
  carries: routes(where: {carries: {some: {claim: {stance: {eq: DENIES}}}}}, first: 100, lens: $lens) {
    nodes { id name edges: carries(where: {carriedBy: {some: {claim: {stance: {eq: DENIES}}}}}) { edges { disputed denied claims { ...Denying } node { id name } } } }
  }
}

fragment Denying on Claim { id stance reliability credibility source { publisher } }`,
    rows: (data) => Object.entries({ TRADES: data.trades, ACTIVE_IN: data.activeIn, SUBGROUP_OF: data.subgroupOf, CARRIES: data.carries })
      .flatMap(([name, { nodes }]) => nodes.flatMap(({ id, name: from, edges }) => edges.edges
        .filter(({ claims }) => claims.some(({ stance }) => stance === 'DENIES'))
        .map((edge) => ({ key: `${name}|${id}|${edge.node.id}`, id, from, name, edge })))),
    columns: (at) => [
      { title: 'Claim', value: ({ from, name, edge }) => `${from} ${relation(name)} ${edge.node.name}`, show: ({ key, id, from, name, edge }) => <Link to={elsewhere(at, { of: [id], sel: key })}><bdi>{from}</bdi> {relation(name)} <bdi>{edge.node.name}</bdi></Link> },
      { title: 'Asserted by', value: ({ edge }) => sayers(edge, 'ASSERTS') },
      { title: 'Denied by', value: ({ edge }) => sayers(edge, 'DENIES') },
      { title: 'State', value: ({ edge }) => (edge.disputed ? 'disputed' : 'denied only') },
    ],
    ids: () => [],
    empty: 'No source denies anything.',
  },
};

function sayers({ claims }, stance) {
  return claims.filter((claim) => claim.stance === stance).map(({ source, reliability, credibility }) => `${source?.publisher ?? 'a hidden source'} (${reliability}${credibility})`).join('; ');
}

function grade({ reliability, credibility }) {
  return <span title={`source ${RELIABILITY[reliability]}, statement ${CREDIBILITY[credibility]}`}>{reliability}{credibility}</span>;
}

function lagShown(first, edge) {
  if (!first?.firstSeen || !edge.firstSeen) return <span class="faint">not known</span>;
  const [least, most] = lag(first.firstSeen, edge.firstSeen);
  if (least < 0 && most > 0) return <span class="faint">same time</span>;
  return most <= 0 ? <span class="faint">before drugs</span> : lagText(first.firstSeen, edge.firstSeen);
}

export function Goods({ of }) {
  const goods = goodsOf(of);
  return <svg class="sign" viewBox="0 0 20 8" width="20" height="8" aria-hidden="true"><path d="M0 4H20" stroke={goods.colour} stroke-width="4" stroke-dasharray={goods.dash} /></svg>;
}

function Sides({ at, row }) {
  return (
    <ul class="sides">
      {row.between.nodes.map((node) => (
        <li key={node.id}>
          <Link to={elsewhere(at, { of: [row.id], sel: node.id })}><bdi>{nameOf(node)}</bdi></Link>{' '}
          {node.reliability && <span class="faint">{[node.source?.publisher, `${node.reliability}${node.credibility}`].filter(Boolean).join(', ')}</span>}
        </li>
      ))}
      {row.relation && <li class="faint">about: {relation(row.relation)}</li>}
    </ul>
  );
}

export function Result({ at, name, headed = false }) {
  const result = RESULTS[name];
  const request = result && { query: result.query, variables: { ...result.variables, lens: lensOf(at) } };
  const state = useAnswer(request ?? null);
  if (!result) return <section class="page"><Empty at={at}>There is no question of this name.</Empty></section>;
  const Title = headed ? 'h2' : 'h1';
  return (
    <section class="page wide">
      <Title>{result.title}</Title>
      <Answer state={state} what="the answer">
        {(data) => {
          const rows = result.rows(data);
          const ids = result.ids(data);
          if (rows.length === 0) return <Empty at={at}>{result.empty}</Empty>;
          return (
            <>
              <Table caption={result.title} file={name} rows={rows} columns={result.columns(at)} keyOf={({ key, id }) => key ?? id} />
              {ids.length > 0 && <p><Link class="button" to={elsewhere(at, { of: ids.slice(0, 50) })}>Open all as one graph</Link></p>}
            </>
          );
        }}
      </Answer>
      <Request requests={[{ title: result.title, ...request }]} />
    </section>
  );
}
