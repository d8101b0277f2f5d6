// How things are called on screen: grades in words, kinds, relations, dates, quantities.

export const RELIABILITY = {
  A: 'completely reliable', B: 'usually reliable', C: 'fairly reliable', D: 'not usually reliable', E: 'unreliable', F: 'cannot be judged',
};

export const CREDIBILITY = {
  1: 'confirmed by others', 2: 'probably true', 3: 'possibly true', 4: 'doubtful', 5: 'improbable', 6: 'cannot be judged',
};

export const TLP = {
  CLEAR: 'clear: no limit', GREEN: 'green: community', AMBER: 'amber: organisation and clients',
  AMBER_STRICT: 'amber, strict: organisation only', RED: 'red: recipients only',
};

const MODALITY = { STATES: '', ESTIMATES: 'as an estimate', CAN: 'as a possibility' };

export function modality(value) {
  return MODALITY[value] ?? lower(value);
}

/** `HUMAN_SMUGGLING` as "human smuggling". */
export function lower(name) {
  return String(name).replaceAll('_', ' ').toLowerCase();
}

/** "Human smuggling". */
export function sentence(name) {
  const text = lower(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PLURALS = {
  Person: 'persons', Commodity: 'commodities', VictimGroup: 'victim groups', MoneyFlow: 'money flows', Group: 'groups', Organization: 'organizations',
};

/** A kind in words: `VictimGroup` as "victim group". */
export function kindName(kind) {
  return String(kind).replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

/** A kind in words, of several. */
export function kindNames(kind) {
  return PLURALS[kind] ?? `${kindName(kind)}s`;
}

export function count(n, kind) {
  return `${number(n)} ${n === 1 ? kindName(kind) : kindNames(kind)}`;
}

/** "1 claim", "2 claims". */
export function counted(n, noun) {
  return `${number(n)} ${noun}${n === 1 ? '' : 's'}`;
}

const figures = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

export function number(n) {
  return figures.format(n);
}

/** Relations in words. What is not here is written as its name, so that a new relation shows at once. */
const RELATIONS = {
  CARRIES: 'carries', OPERATES: 'operates', ACTIVE_IN: 'is active in', TRADES: 'trades in', ALLIED_WITH: 'is allied with',
  RIVAL_OF: 'is a rival of', SUBGROUP_OF: 'is part of', SPLINTERED_FROM: 'split from', SUCCESSOR_OF: 'succeeded', SUPPLIES: 'supplies',
  LAUNDERS_FOR: 'launders for', LEADS: 'leads', MEMBER_OF: 'is a member of', FRONTS: 'fronts for', PARTICIPATED_IN: 'took part in',
  INVOLVED: 'involved', OCCURRED_AT: 'occurred at', ALONG: 'happened along', EXPLOITS: 'exploits', RECRUITED_FROM: 'was recruited from',
  LINKED_TO: 'is linked to', BASED_IN: 'is based in', HAS_LEG: 'has the leg', FROM: 'starts at', TO: 'ends at', WITHIN: 'lies within',
  EXPLOITED_AT: 'is exploited at', ABOUT: 'is about', IN_CONTEXT_OF: 'in the context of', PART_OF: 'is part of', CONTROLS: 'controls',
  NATIONAL_OF: 'is a national of', BETWEEN: 'is between', PAID_BY: 'is paid by', PAID_TO: 'is paid to',
};

export function relation(name) {
  return RELATIONS[name] ?? lower(name);
}

/** A quantity with its unit: "at least 100,000 people", "40–70 percent". Empty where there is none. */
export function quantity({ low = null, high = null, unit, currency }) {
  const of = [currency, unit].filter(Boolean).join(' ');
  const named = (text) => [text, of].filter(Boolean).join(' ');
  if (low === null && high === null) return '';
  if (high === null) return named(`at least ${number(low)}`);
  if (low === null) return named(`at most ${number(high)}`);
  return named(low === high ? number(low) : `${number(low)}–${number(high)}`);
}

/** A period: "since 2015", "2004–2007", "until 2019". Empty where there is no date. */
export function period(from, to) {
  if (!from && !to) return '';
  if (!to) return `since ${from}`;
  if (!from) return `until ${to}`;
  return from === to ? from : `${from} – ${to}`;
}

/** What a node is called. Kinds without a name are called after what they join. */
export function nameOf(node) {
  if (node === null || node === undefined) return 'hidden by the lens';
  if (node.name !== undefined && node.name !== null) return node.name;
  switch (node.__typename) {
    case 'Leg':
      return `${node.from?.name ?? '?'} → ${node.to?.name ?? '?'}`;
    case 'Estimate':
      return [sentence(node.metric), node.about && `of ${node.about.name}`, quantity(node)].filter(Boolean).join(' · ');
    case 'Contradiction':
      return `Contradiction in ${lower(node.kind)}`;
    case 'MoneyFlow':
      return [`${node.payer?.name ?? '?'} → ${node.payee?.name ?? '?'}`, quantity(node)].filter(Boolean).join(' · ');
    default:
      return node.id;
  }
}

/** Shortens a text for a picture, by characters as they are seen. */
export function short(text, length = 32) {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text;
}
