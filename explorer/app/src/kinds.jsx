// How kinds and goods look. Never by colour alone: each kind has a shape, each class of goods a dash.

const KINDS = {
  Group: { colour: '#c8450c', shape: 'ellipse' },
  Person: { colour: '#b0558a', shape: 'round-pentagon' },
  Organization: { colour: '#8a6414', shape: 'round-rectangle' },
  Asset: { colour: '#6b6f76', shape: 'rhomboid' },
  Place: { colour: '#0a6bb0', shape: 'round-triangle' },
  Commodity: { colour: '#00805c', shape: 'round-hexagon' },
  Route: { colour: '#d98e04', shape: 'round-diamond' },
  Leg: { colour: '#a98128', shape: 'rectangle' },
  Event: { colour: '#2b8ab8', shape: 'star' },
  VictimGroup: { colour: '#7a4fb5', shape: 'barrel' },
  MoneyFlow: { colour: '#3f7d2b', shape: 'cut-rectangle' },
  Estimate: { colour: '#6b6f76', shape: 'tag' },
  Contradiction: { colour: '#b3261e', shape: 'vee' },
  Source: { colour: '#50555c', shape: 'round-tag' },
};
const OTHER_KIND = { colour: '#6b6f76', shape: 'octagon' };

export function look(kind) {
  return KINDS[kind] ?? OTHER_KIND;
}

// The same shapes as outlines in a box of 20 by 20, for legends and for drawings as SVG.
const OUTLINES = {
  ellipse: 'M10 1.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17z',
  'round-pentagon': 'M10 1.5 18.5 7.8 15.3 18H4.7L1.5 7.8z',
  'round-rectangle': 'M3 3h14a1.5 1.5 0 0 1 1.5 1.5v11a1.5 1.5 0 0 1-1.5 1.5H3a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 3 3z',
  rhomboid: 'M1.5 3.5h12l5 13h-12z',
  'round-triangle': 'M10 2 18.8 17.5H1.2z',
  'round-hexagon': 'M5.5 2.5h9L19 10l-4.5 7.5h-9L1 10z',
  'round-diamond': 'M10 1 19 10l-9 9-9-9z',
  rectangle: 'M4 4h12v12H4z',
  star: 'M10 1l2.6 6 6.4.6-4.8 4.3 1.4 6.3L10 15l-5.6 3.2 1.4-6.3L1 7.6 7.4 7z',
  barrel: 'M3 4q7-3 14 0v12q-7 3-14 0z',
  'cut-rectangle': 'M5 3h10l3 3v8l-3 3H5l-3-3V6z',
  tag: 'M2 4h11l5.5 6L13 16H2z',
  'round-tag': 'M2 4h11l5.5 6L13 16H2z',
  vee: 'M1.5 2.5 10 7l8.5-4.5L10 18.5z',
  octagon: 'M6.5 1.5h7l5 5v7l-5 5h-7l-5-5v-7z',
};

export function outline(kind) {
  return OUTLINES[look(kind).shape];
}

/** The sign of a kind. */
export function KindSign({ kind, size = 14 }) {
  return (
    <svg class="sign" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d={outline(kind)} fill={look(kind).colour} />
    </svg>
  );
}

const GOODS = [
  { id: 'drugs', name: 'Drugs', colour: 'var(--goods-drugs)', dash: '', markets: ['HEROIN_TRADE', 'COCAINE_TRADE', 'CANNABIS_TRADE', 'SYNTHETIC_DRUGS'] },
  { id: 'people', name: 'People', colour: 'var(--goods-people)', dash: '9 4', markets: ['HUMAN_TRAFFICKING', 'HUMAN_SMUGGLING'] },
  { id: 'scam', name: 'Scam hubs', colour: 'var(--goods-scam)', dash: '9 3 2 3', markets: ['SCAM_HUBS', 'CYBER_DEPENDENT_CRIMES'] },
  { id: 'arms', name: 'Arms', colour: 'var(--goods-arms)', dash: '2 3', markets: ['ARMS_TRAFFICKING'] },
  { id: 'fakes', name: 'Counterfeit and excise goods', colour: 'var(--goods-fakes)', dash: '13 3', markets: ['COUNTERFEIT_GOODS', 'EXCISABLE_GOODS'] },
  { id: 'stolen', name: 'Stolen goods', colour: 'var(--goods-stolen)', dash: '5 5', markets: ['STOLEN_VEHICLES', 'STOLEN_PROPERTY'] },
  { id: 'nature', name: 'Wildlife and timber', colour: 'var(--goods-nature)', dash: '1 4', markets: ['FLORA_CRIMES', 'FAUNA_CRIMES'] },
  { id: 'resources', name: 'Fuel, gold, minerals', colour: 'var(--goods-resources)', dash: '14 4 4 4', markets: ['NON_RENEWABLE_RESOURCES'] },
  { id: 'money', name: 'Money', colour: 'var(--goods-money)', dash: '3 6', markets: ['FINANCIAL_CRIMES', 'EXTORTION'] },
];
const OTHER_GOODS = { id: 'other', name: 'Other or not said', colour: 'var(--goods-other)', dash: '4 2' };

/** The class of goods that a commodity belongs to, by its market; ids of the top of the tree count as well. */
export function goodsOf({ id = '', market = null } = {}) {
  if (market === null && id === 'commodity/illicit-drugs') return GOODS[0];
  return GOODS.find(({ markets }) => markets.includes(market)) ?? OTHER_GOODS;
}

/** All classes, in the order in which they are drawn. */
export const ALL_GOODS = [...GOODS, OTHER_GOODS];
