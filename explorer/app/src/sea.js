// Sea legs over water: a few lanes of shipping, along which a leg is drawn so that it does not cross land where ships go around it. It is a sketch
// of the way, as the sources name ends and no track; distances are those of the API.

import { geoDistance } from 'd3-geo';

// Turning points of the usual lanes: longitude, latitude.
const POINTS = {
  channel: [-3, 49.3], finisterre: [-10.2, 43.2], gibraltarWest: [-6.5, 35.9], gibraltar: [-4.5, 36], alboran: [0, 37.2], sardinia: [7.5, 37.9], sicily: [11.2, 37.5], ionian: [18.5, 36.2],
  otranto: [18.9, 40.2], adriatic: [15.5, 43], crete: [24, 34.3], aegean: [25.2, 37.6], levant: [32.5, 33.2], portSaid: [32.4, 31.6], suez: [33.2, 28.4], redSea: [38, 20.5], bab: [43.2, 12.7], aden: [48, 12.3],
  socotra: [54, 13.5], oman: [60, 22.5], hormuz: [57, 25.4], gulf: [52, 26.8], makran: [61, 24.6], arabian: [65, 17], india: [72, 12], cape: [77.2, 7.2], ceylon: [81, 5.3], bengal: [89, 14], andaman: [95.3, 9], acheh: [94.5, 6.2], malacca: [100.2, 3.7],
  singapore: [104.4, 1.4], natuna: [107, 5], siam: [101.2, 10.5], tonkin: [108.2, 17], southChina: [113.5, 16], hongkong: [114.4, 21.9], taiwan: [119.5, 23.6], eastChina: [123, 29.5], yellow: [122.5, 35], luzon: [120.8, 20.4], japan: [140.5, 34], java: [110.5, -5], timor: [124, -10.6], perth: [113.5, -32], torres: [141, -10.7],
  coral: [153, -15], sydney: [153.5, -33], tasman: [165, -35], fiji: [176, -18.5], hawaii: [-158, 20], polynesia: [-140, -12],
  mombasa: [42, -4], mozambique: [41.3, -14], madagascar: [36.5, -25], durban: [32.5, -30.2], agulhas: [20, -35.8], namibia: [12.5, -24], angola: [10.5, -9], gulfOfGuinea: [3, 3], palmas: [-8.5, 3.6], dakar: [-18.2, 14.4], canaries: [-15, 27.5], morocco: [-8.5, 33.5],
  azores: [-28, 38.5], verde: [-25, 15], recife: [-33.8, -7], rio: [-40, -24], santos: [-45, -25], plate: [-54, -36], magellan: [-66, -54], chile: [-76, -40], lima: [-79, -12.5], ecuador: [-81.8, -2], panamaSouth: [-79.5, 7.4], panamaNorth: [-79.8, 9.8], costaRica: [-87, 9], tehuantepec: [-96, 14.5],
  manzanillo: [-105.5, 18.8], cabo: [-110.5, 22.3], california: [-119, 32.5], caribbean: [-75, 14], jamaica: [-74.5, 18.5], mona: [-67.8, 18.3], antilles: [-60.6, 14], guianas: [-52, 7], yucatan: [-85.8, 21.8], gulfOfMexico: [-90, 25.5], florida: [-80, 24.6], bahamas: [-74, 26], newYork: [-72.5, 39.8], halifax: [-62, 43.4], laurent: [-57.5, 47.5], gulfStLawrence: [-64.5, 49.4], grandBanks: [-48, 42.5],
  northSea: [3, 53], dover: [1.5, 51], skagen: [9.8, 57.9], baltic: [16.5, 55.4], gotland: [19.8, 58],
};

const LANES = [
  'northSea dover channel finisterre gibraltarWest gibraltar alboran sardinia sicily ionian crete levant portSaid suez redSea bab aden socotra arabian india cape ceylon acheh malacca singapore natuna southChina hongkong taiwan eastChina yellow',
  'northSea skagen baltic gotland', 'ionian otranto adriatic', 'crete aegean', 'crete portSaid', 'sicily crete', 'levant crete', 'hongkong luzon', 'southChina luzon japan', 'eastChina japan',
  'aden oman hormuz gulf', 'socotra oman makran hormuz', 'oman arabian', 'makran india', 'makran arabian', 'socotra mombasa mozambique madagascar durban agulhas namibia angola gulfOfGuinea palmas dakar canaries morocco gibraltarWest',
  'makran mombasa', 'makran mozambique', 'ceylon bengal andaman acheh', 'andaman malacca', 'natuna siam', 'southChina tonkin', 'singapore java timor torres coral sydney', 'sydney tasman', 'java perth', 'ceylon perth', 'coral fiji polynesia lima', 'fiji polynesia panamaSouth', 'fiji tasman', 'agulhas ceylon', 'durban ceylon', 'durban acheh', 'angola palmas',
  'canaries finisterre', 'canaries verde recife rio santos plate magellan chile lima ecuador panamaSouth costaRica tehuantepec manzanillo cabo california', 'dakar verde', 'dakar recife', 'palmas recife', 'gulfOfGuinea rio', 'agulhas santos', 'recife guianas antilles mona bahamas', 'panamaSouth panamaNorth caribbean antilles azores finisterre',
  'azores channel', 'azores gibraltarWest', 'verde antilles', 'verde guianas', 'caribbean jamaica bahamas newYork halifax grandBanks channel', 'halifax laurent gulfStLawrence', 'laurent grandBanks azores', 'panamaNorth yucatan gulfOfMexico florida bahamas', 'yucatan florida', 'jamaica yucatan', 'caribbean mona', 'antilles guianas',
  'california hawaii japan', 'cabo hawaii fiji', 'california japan', 'manzanillo hawaii', 'japan luzon', 'newYork azores', 'canaries dakar', 'panamaSouth polynesia', 'grandBanks azores', 'antilles canaries',
];

const near = new Map();
LANES.forEach((lane) => {
  const names = lane.split(' ');
  names.slice(1).forEach((to, i) => {
    const from = names[i];
    [[from, to], [to, from]].forEach(([a, b]) => near.set(a, [...(near.get(a) ?? []), b]));
  });
});

// Ends this close need no lane: a strait is crossed straight. In radians; some 700 km.
const CLOSE = 0.11;
// A lane that is this much longer than the straight line is no improvement.
const DETOUR = 3.4;

/** The line of a sea leg along lanes; null where the straight one serves as well. */
export function overWater({ type, coordinates }) {
  const parts = type === 'MultiLineString' ? coordinates : [coordinates];
  const from = parts[0][0];
  const to = parts.at(-1).at(-1);
  const straight = geoDistance(from, to);
  if (straight < CLOSE) return null;
  const way = shortest(from, to);
  if (way === null || length(way) > straight * DETOUR) return null;
  return { type: 'LineString', coordinates: way };
}

function length(way) {
  return way.slice(1).reduce((sum, point, i) => sum + geoDistance(way[i], point), 0);
}

// Dijkstra over a hundred points. Each end enters the lanes at one of the points nearest to it.
function shortest(from, to) {
  const entries = (end) => Object.keys(POINTS).map((name) => [name, geoDistance(end, POINTS[name])]).sort((a, b) => a[1] - b[1]).slice(0, 2);
  const cost = new Map();
  const before = new Map();
  const open = new Set();
  // A step off the lanes crosses land more often than not, so it counts double.
  entries(from).forEach(([name, d]) => { cost.set(name, 2 * d); open.add(name); });
  while (open.size > 0) {
    const here = [...open].reduce((best, name) => (cost.get(name) < cost.get(best) ? name : best));
    open.delete(here);
    for (const next of near.get(here) ?? []) {
      const reached = cost.get(here) + geoDistance(POINTS[here], POINTS[next]);
      if (reached < (cost.get(next) ?? Infinity)) {
        cost.set(next, reached);
        before.set(next, here);
        open.add(next);
      }
    }
  }
  const ends = entries(to).filter(([name]) => cost.has(name)).map(([name, d]) => [name, cost.get(name) + 2 * d]).sort((a, b) => a[1] - b[1]);
  if (ends.length === 0) return null;
  const way = [to];
  for (let at = ends[0][0]; at !== undefined; at = before.get(at)) way.unshift(POINTS[at]);
  return [from, ...way];
}
