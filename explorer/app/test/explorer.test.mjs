// The explorer in a real browser, over the bundled example.

import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { api, different, download, launch, open, parsed, rowsOf, serve, settled } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BALKAN = 'route/balkan-route';

let browser;
let server;
let opened = [];
before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser?.close();
  await server?.end();
});
// Whatever a test looks at: no other origin, no error, no violation of the policy.
afterEach(async () => {
  const faults = opened.flatMap((one) => one.faults);
  await Promise.all(opened.map(({ context }) => context.close()));
  opened = [];
  assert.deepEqual(faults, []);
});

async function visit(path, options) {
  const one = await open(browser, server.address, path, options);
  opened.push(one);
  await settled(one.page);
  return one.page;
}

const ask = (query, variables) => api(server.address, query, variables);
const nodesDrawn = (page) => page.locator('.canvas').getAttribute('data-nodes').then(Number);

describe('the first screen', () => {
  test('says what the store holds and leads to the investigations', async () => {
    const page = await visit('/');
    const { stats } = await ask('{ stats(first: 1) { claims nodes byKind { key count } byYear { key count } } }');
    const figures = await page.locator('.figures').innerText();
    assert.ok(figures.includes(`${stats.claims} claims`), figures);
    assert.ok(figures.includes(`${stats.nodes.toLocaleString('en')} records`), figures);
    assert.equal(await page.locator('.bars li').count(), stats.byKind.length);
    assert.equal(await page.locator('.yearchart rect').count(), stats.byYear.length);
    assert.equal(await page.locator('.investigations li').count(), 3);
    await page.locator('.bars a', { hasText: 'routes' }).click();
    await settled(page);
    assert.equal(await page.locator('tbody tr').count(), stats.byKind.find(({ key }) => key === 'Route').count);
  });

  test('finds names and aliases, whatever the script', async () => {
    const page = await visit('/');
    await page.locator('#home-search').fill('jalisco new');
    const option = page.locator('#home-search-list [role="option"]').first();
    await option.waitFor();
    assert.match(await option.innerText(), /Jalisco/);
    await option.click();
    await settled(page);
    assert.match(page.url(), /of=group\/cjng/);
    assert.match(await page.locator('h1').innerText(), /Cártel de Jalisco Nueva Generación/);
  });
});

describe('the investigations, from the first step to the last', () => {
  async function walk(page, title, see) {
    await page.locator('.investigations a', { hasText: title }).click();
    for (let step = 1; step <= see.length; step++) {
      await settled(page);
      assert.match(await page.locator('.guide').innerText(), new RegExp(`step ${step} of ${see.length}`));
      await see[step - 1]();
      const next = page.locator('.guide .button.main');
      assert.equal(await next.innerText(), step < see.length ? 'Next' : 'Finish');
      await next.click();
    }
    await settled(page);
    assert.equal(await page.locator('.investigations li').count(), 3);
  }

  test('a route that diversified', async () => {
    const page = await visit('/');
    await walk(page, 'A route that diversified', [
      async () => {
        const text = await page.locator('.table').innerText();
        assert.match(text, /Balkan route[^\n]*\t?Heroin 1970/);
        assert.match(await page.locator('tr', { hasText: 'Smuggled migrants' }).filter({ hasText: 'Balkan' }).innerText(), /44–46 years/);
      },
      async () => {
        assert.match(await page.locator('.summary').innerText(), /People 44–46 years later/);
        assert.equal(await page.locator('.of-cargo .bar').count(), 7);
      },
      async () => {
        assert.equal(await page.locator('.map .hit').count(), 11);
        assert.match(await page.locator('.goods').innerText(), /Drugs[^]*People[^]*Arms/);
      },
      async () => {
        const text = await page.locator('.evidence').innerText();
        assert.match(text, /start stated/);
        assert.match(text, /source fairly reliable, statement possibly true/);
        assert.match(text, /Networks added people smuggling when the 2015 crisis broke out/);
      },
      async () => {
        assert.match(await page.locator('.summary').innerText(), /first dated:\s*Acetic anhydride/);
        assert.match(await page.locator('.hidden-count').innerText(), /hides \d+ of 857 claims/);
      },
    ]);
  });

  test('scam hubs and their two kinds of victims', async () => {
    const page = await visit('/');
    await walk(page, 'Scam hubs', [
      async () => {
        const text = await page.locator('.table').innerText();
        assert.match(text, /Coerced worker/);
        assert.match(text, /Fraud target/);
        assert.match(text, /at least 100,000/);
      },
      async () => assert.equal(await nodesDrawn(page), 7),
      async () => {
        const text = await page.locator('.evidence').innerText();
        assert.match(text, /Disputed/);
        assert.match(text, /Who denies it[^]*Denies the size, not the existence/);
        assert.match(text, /Chhay Kim Khoeun[^]*Cambodian National Police/);
      },
      async () => assert.ok(await page.locator('.map .hit').count() > 0),
      async () => assert.ok(await page.locator('.of-timeline .bar').count() > 3),
    ]);
  });

  test('claims that contradict each other', async () => {
    const page = await visit('/');
    const { contradictions } = await ask('{ contradictions { totalCount } }');
    await walk(page, 'Claims that contradict', [
      async () => assert.equal(await page.locator('tbody tr').count(), contradictions.totalCount),
      async () => assert.match(await page.locator('.evidence').innerText(), /25,000 people[^]*50,000 people/),
      async () => assert.match(await page.locator('.evidence').innerText(), /Side by side/),
      async () => assert.match(await page.locator('.table').innerText(), /Scam-hub syndicates[^]*disputed/),
    ]);
  });
});

describe('the workspace', () => {
  test('graph, table and evidence share what is chosen', async () => {
    const page = await visit(`/?of=${BALKAN}`);
    const { subgraph } = await ask('{ subgraph(of: ["route/balkan-route"], depth: 1) { nodes { depth } edges { id } } }');
    assert.ok(await nodesDrawn(page) >= subgraph.nodes.length);
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await settled(page);
    const row = page.locator('tbody tr', { hasText: 'carries' }).filter({ hasText: '1970' });
    await row.locator('button').click();
    await settled(page);
    assert.match(page.url(), /sel=CARRIES/);
    assert.match(await page.locator('.evidence').innerText(), /Notorious since the 1970s/);
    assert.equal(await page.locator('tr.selected').count(), 1);
    await page.getByRole('button', { name: 'What it carried', exact: true }).click();
    await settled(page);
    assert.match(await page.locator('.bar.chosen').getAttribute('aria-label'), /Heroin/);
  });

  test('sorts and filters its table', async () => {
    const page = await visit(`/?of=${BALKAN}&view=table&table=nodes`);
    const names = () => page.locator('tbody tr td:first-child').allInnerTexts();
    await page.locator('th button', { hasText: 'Name' }).click();
    const up = await names();
    await page.locator('th button', { hasText: 'Name' }).click();
    assert.deepEqual(await names(), [...up].reverse());
    await page.getByLabel('Filter: Nodes').fill('heroin');
    assert.deepEqual((await names()).every((name) => /heroin/i.test(name)), true);
    assert.ok((await names()).length > 0);
  });

  test('expands by kind with counts first, hides, pins, undoes', async () => {
    const page = await visit('/?of=place/kh');
    const before_ = await nodesDrawn(page);
    const { neighbourhood } = await ask('{ neighbourhood(of: "place/kh") { kinds { kind count } } }');
    await page.getByRole('button', { name: 'Expand …' }).click();
    await page.locator('.expand li').first().waitFor();
    const listed = await page.locator('.expand li').allInnerTexts();
    assert.equal(listed.length, neighbourhood.kinds.length);
    neighbourhood.kinds.forEach(({ count }, i) => assert.match(listed[i], new RegExp(`^\\s*${count} `)));
    await page.locator('.expand').getByRole('button', { name: /estimates/ }).last().click();
    await settled(page);
    const grown = await nodesDrawn(page);
    assert.equal(grown, before_ + neighbourhood.kinds.find(({ kind }) => kind === 'Estimate').count);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction((n) => document.querySelector('.canvas').dataset.nodes === String(n), before_);
    await page.goto(`${server.address}/?of=place/kh&sel=group/class-sea-scam-syndicates`);
    await settled(page);
    await page.getByRole('button', { name: 'Hide', exact: true }).click();
    await page.waitForFunction((n) => document.querySelector('.canvas').dataset.nodes === String(n - 1), before_);
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    assert.match(page.url(), /pin=place\/kh@/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction((n) => document.querySelector('.canvas').dataset.nodes === String(n), before_);
  });

  test('finds paths between two nodes', async () => {
    const page = await visit('/?of=group/ndrangheta');
    const { paths } = await ask('{ paths(from: ["group/ndrangheta"], to: ["group/sinaloa-cartel"], k: 3, maxHops: 6) { paths { hops } } }');
    await page.getByRole('button', { name: 'Path to …' }).click();
    await page.getByLabel(/best paths to/).fill('group/sinaloa-cartel');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.locator('.paths').waitFor();
    assert.match(await page.locator('.paths').innerText(), new RegExp(`${paths.paths.length} path`));
  });

  test('draws legs over the map with their goods, and their table', async () => {
    const page = await visit('/?of=group/cjng&view=map');
    const { nodes: [group] } = await ask('{ nodes(ids: ["group/cjng"]) { ... on Group { operates { nodes { legs(first: 100) { totalCount } } } } } }');
    const legs = group.operates.nodes.reduce((sum, route) => sum + route.legs.totalCount, 0);
    assert.equal(await page.locator('.map .hit').count(), legs);
    await page.locator('.twin summary').click();
    assert.equal(await page.locator('.twin tbody tr').count(), legs);
    await page.locator('.twin tbody button').first().click();
    await settled(page);
    assert.match(page.url(), /sel=leg/);
    assert.equal(await page.locator('.map .chosen').count() >= 1, true);
  });

  test('sets the lens by a brush over the years, and by two years', async () => {
    const page = await visit(`/?of=${BALKAN}&view=timeline`);
    const { timeline } = await ask('{ timeline(of: ["route/balkan-route"], first: 500) { totalCount } }');
    assert.equal(await page.locator('.of-timeline .bar').count(), timeline.totalCount);
    const box = await page.locator('.brushable').boundingBox();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 8, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{4}&to=\d{4}/);
    await settled(page);
    assert.match(await page.locator('.hidden-count').innerText(), /hides/);
    await page.getByLabel('From year').fill('1975');
    await page.getByLabel('To year').fill('1980');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.waitForURL(/from=1975&to=1980/);
    await settled(page);
    const { timeline: then } = await ask('{ timeline(of: ["route/balkan-route"], first: 500, lens: {during: {from: "1975", to: "1980"}}) { totalCount } }');
    assert.equal(await page.locator('.of-timeline .bar:not([opacity="0.25"])').count(), then.totalCount);
  });

  test('shows entropy with its interval where the server measures it, and nothing of it elsewhere', async () => {
    const page = await visit(`/?of=${BALKAN}&view=cargo`);
    const { __type: { fields } } = await ask('{ __type(name: "Query") { fields { name } } }');
    if (!fields.some(({ name }) => name === 'diversification')) {
      assert.equal(await page.locator('.diversity').count(), 0);
      assert.ok(!/entropy/i.test(await page.locator('main').innerText()));
      return;
    }
    const { diversification } = await ask('{ diversification(unit: ROUTE, of: ["route/balkan-route"], window: 5) { units { entropy { estimate low high } windows { from } } } }');
    const [{ entropy, windows }] = diversification.units;
    const text = await page.locator('.diversity').innerText();
    for (const figure of Object.values(entropy)) assert.ok(text.includes(figure.toFixed(2)), text);
    await page.locator('.diversity summary').click();
    assert.equal(await page.locator('.diversity tbody tr').count(), windows.length);
  });

  test('says whether what it turned to is more than chance', async () => {
    const page = await visit(`/?of=${BALKAN}&view=cargo`);
    await page.locator('.reuse tbody tr').first().waitFor();
    const rows = await page.locator('.reuse tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.innerText)));
    const { commodities } = await ask('{ commodities(first: 100, where: { kind: { in: [MARKET, CLASS] } }) { nodes { id market } } }');
    const of = (...markets) => JSON.stringify(commodities.nodes.filter(({ id, market }) => markets.includes(market) || (markets.includes('COCAINE_TRADE') && id === 'commodity/illicit-drugs')).map(({ id }) => id));
    const { reuse } = await ask(`{ reuse(unit: ROUTE, first: 1, from: ${of('HEROIN_TRADE', 'COCAINE_TRADE', 'CANNABIS_TRADE', 'SYNTHETIC_DRUGS')}, to: ${of('HUMAN_TRAFFICKING', 'HUMAN_SMUGGLING')}) { withBoth chance { observed expected ratio { value low high } } } }`);
    const { value, low, high } = reuse.chance.ratio;
    const people = rows.find(([name]) => name === 'People');
    assert.deepEqual(people.slice(0, 4), ['People', String(reuse.withBoth), String(reuse.chance.observed), reuse.chance.expected.toFixed(2)]);
    assert.equal(people[4], `${value.toFixed(2)} (95 %: ${low.toFixed(2)}–${high.toFixed(2)})`);
  });

  test('counts what the lens hides', async () => {
    const page = await visit(`/?of=${BALKAN}`);
    const all = await nodesDrawn(page);
    await page.getByLabel('Sources at least').selectOption('B');
    await page.waitForURL(/rel=B/);
    await settled(page);
    const { stats, seen } = await ask('{ stats(first: 1) { claims } seen: stats(first: 1, lens: {minReliability: B}) { claims } }');
    assert.match(await page.locator('.hidden-count').innerText(), new RegExp(`hides ${stats.claims - seen.claims} of ${stats.claims} claims`));
    await page.waitForFunction((n) => Number(document.querySelector('.canvas').dataset.nodes) < n, all);
    const { whole, part } = await ask('{ whole: subgraph(of: ["route/balkan-route"]) { edges { id } } part: subgraph(of: ["route/balkan-route"], lens: {minReliability: B}) { edges { id } } }');
    assert.match(await page.locator('.of-graph .chip').innerText(), new RegExp(`^${whole.edges.length - part.edges.length} relations hidden by the lens`));
    await page.locator('#asof').fill('1990');
    await page.waitForURL(/asOf=1990/);
    await page.goto(`${server.address}/?of=${BALKAN}`);
    await settled(page);
    await page.locator('.drop summary', { hasText: 'Sources' }).click();
    const { left, most } = await ask('{ left: stats(first: 1) { bySource { source { id } } } most: stats(first: 1) { claims } }');
    await page.locator('.drop li input').first().check();
    await settled(page);
    const { without } = await ask('query ($id: ID!) { without: stats(first: 1, lens: {excludeSources: [$id]}) { claims } }', { id: left.bySource[0].source.id });
    assert.match(await page.locator('.hidden-count').innerText(), new RegExp(`hides ${most.claims - without.claims} of`));
    await page.getByLabel('Marked at most').selectOption('CLEAR');
    await page.waitForURL(/tlp=CLEAR/);
    await page.goto(`${server.address}/?of=${BALKAN}&rel=B&sel=CARRIES|${BALKAN}|commodity/heroin`);
    await settled(page);
    assert.match(await page.locator('.evidence').innerText(), /1 claim of this relation is hidden by the lens/);
    await page.locator('.evidence').getByRole('button', { name: 'Look without the lens' }).click();
    await settled(page);
    assert.match(await page.locator('.evidence').innerText(), /Notorious since the 1970s/);
  });

  test('shows the rest where some of the records are not there', async () => {
    const page = await visit('/?of=group/cjng&of=group/nobody&grow=group/nobody~Place~10&rel=C');
    assert.match(await page.locator('main').innerText(), /1 record of this address is not there, or hidden by the lens/);
    await page.waitForFunction(() => Number(document.querySelector('.canvas')?.dataset.nodes) > 1);
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    await page.waitForURL(/of=group\/cjng&of=group\/nobody&view=map/);
    // The server refuses what asks for a record that is not there; the browser notes that.
    opened[0].faults.splice(0, Infinity, ...opened[0].faults.filter((fault) => !/status of 400/.test(fault)));
  });

  test('has an answer for what is not there', async () => {
    const page = await visit('/?of=group/nobody');
    assert.match(await page.locator('main').innerText(), /There is no record group\/nobody/);
    await page.goto(`${server.address}/?q=zzzzqqqq`);
    await settled(page);
    assert.match(await page.locator('main').innerText(), /No name and no alias begins with these words/);
  });
});

describe('every view is a URL', () => {
  for (const [name, path] of Object.entries({
    graph: '/?of=place/kh&grow=place/kh~Estimate~5&pin=place/kh@10,20&sel=place/kh', map: `/?of=${BALKAN}&view=map`, timeline: `/?of=${BALKAN}&view=timeline`,
    cargo: '/?of=group/cjng&view=cargo&rel=B', table: '/?of=group/cjng&view=table', two: '/?of=group/cjng&view=map&beside=timeline', result: '/?result=diversified',
  })) {
    test(`the same picture after a reload: ${name}`, async () => {
      const page = await visit(path);
      await page.waitForTimeout(100);
      const first = await page.screenshot();
      await page.reload();
      await settled(page);
      await page.waitForTimeout(100);
      assert.ok(await different(page, first, await page.screenshot()) < 20, 'the reload looks different');
    });
  }

  test('the question behind a view runs as GraphQL, as curl and as Python', async () => {
    const page = await visit(`/?of=${BALKAN}&view=cargo`);
    for (const way of ['GraphQL', 'curl', 'Python']) {
      await page.getByRole('button', { name: `as ${way}` }).click();
      const text = await page.locator('dialog pre').innerText();
      assert.match(text, /carries\(first: 100\)/);
      const run = { curl: ['sh', '-c', text], Python: ['python3', '-c', text] }[way];
      if (run) {
        const { execFileSync } = await import('node:child_process');
        const answer = JSON.parse(execFileSync(run[0], run.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
        assert.ok(JSON.stringify(answer).includes('commodity/heroin'));
      }
      await page.getByRole('button', { name: 'Close' }).click();
    }
    await page.locator('.as a').click();
    await page.waitForURL(/\/graphiql\?/);
    await page.locator('.graphiql-query-editor').waitFor();
    assert.match(await page.locator('.graphiql-query-editor').innerText(), /query Cargo/);
  });
});

describe('downloads', () => {
  const press = (page, name) => () => page.locator('.downloads').getByRole('button', { name, exact: true }).click();

  test('the graph as SVG, PNG, CSV, GEXF and GeoJSON', async () => {
    const page = await visit(`/?of=${BALKAN}`);
    const drawn = await nodesDrawn(page);
    const svg = await download(page, press(page, 'SVG'));
    const shapes = await parsed(page, svg.content.toString(), ['path', 'text', 'line', 'script']);
    assert.deepEqual([shapes.root, shapes.path, shapes.script], ['svg', drawn, 0]);
    assert.match(svg.content.toString(), /Heroin/);
    const png = await download(page, press(page, 'PNG'));
    assert.deepEqual([...png.content.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    assert.ok(png.content.readUInt32BE(16) > 300);
    const csv = rowsOf((await download(page, press(page, 'CSV'))).content.toString());
    const edges = Number(/(\d+) relations/.exec(await page.locator('.tools').innerText())[1]);
    assert.equal(csv.length, edges + 1);
    assert.ok(csv.some((row) => row.includes('Heroin') && row.includes('1970')));
    const gexf = await download(page, press(page, 'GEXF'));
    const read = await parsed(page, gexf.content.toString(), ['node', 'edge']);
    assert.deepEqual([read.root, read.node], ['gexf', drawn]);
    const geo = JSON.parse((await download(page, press(page, 'GeoJSON'))).content.toString());
    assert.equal(geo.type, 'FeatureCollection');
    assert.ok(geo.features.some(({ geometry }) => geometry?.type === 'LineString'));
  });

  test('map, timeline and goods as SVG and PNG, the map as GeoJSON', async () => {
    const page = await visit(`/?of=${BALKAN}&view=map`);
    for (const view of ['map', 'timeline', 'cargo']) {
      await page.goto(`${server.address}/?of=${BALKAN}&view=${view}`);
      await settled(page);
      const svg = await download(page, press(page, 'SVG'));
      const shapes = await parsed(page, svg.content.toString(), ['path', 'text']);
      assert.equal(shapes.root, 'svg');
      assert.ok(shapes.path > 5 && shapes.text > 5);
      assert.ok(!svg.content.toString().includes('var(--'), 'colours stand for themselves');
      const png = await download(page, press(page, 'PNG'));
      assert.deepEqual([...png.content.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    }
    await page.goto(`${server.address}/?of=${BALKAN}&view=map`);
    await settled(page);
    const geo = JSON.parse((await download(page, press(page, 'GeoJSON'))).content.toString());
    assert.equal(geo.features.filter(({ properties }) => properties.kind === 'Leg').length, 11);
  });
});

describe('accessibility', () => {
  test('by keys alone: search, open, choose in the graph, read the evidence, change the view', async () => {
    const page = await visit('/');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('/');
    await page.keyboard.type('balkan route');
    await page.locator('#search-list [role="option"]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/of=route\/balkan-route/);
    await settled(page);
    await reach(page, '.canvas');
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/sel=/);
    const first = page.url();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((url) => window.location.href !== url, first);
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'evidence');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches(':focus-visible') && getComputedStyle(document.activeElement).outlineStyle !== 'none'));
    await page.goto(`${server.address}/?of=${BALKAN}`);
    await settled(page);
    await reach(page, 'button[aria-pressed="false"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/view=map/);
    await settled(page);
    await reach(page, '.map g[role="button"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sel=leg/);
  });

  // Goes on by Tab until an element is reached, as a reader without a mouse does.
  async function reach(page, selector) {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    }
    assert.fail(`Tab does not lead to ${selector}`);
  }

  const PAGES = {
    home: '/', search: '/?q=cartel', kind: '/?kind=Route', result: '/?result=diversified', contradictions: '/?story=contradictions', graph: `/?of=${BALKAN}&sel=CARRIES|${BALKAN}|commodity/migrants`, map: `/?of=${BALKAN}&view=map`,
    timeline: `/?of=${BALKAN}&view=timeline&asOf=2016`, cargo: '/?of=group/cjng&view=cargo', table: `/?of=${BALKAN}&view=table`, two: '/?of=place/kh&beside=map', missing: '/?of=group/nobody&rel=A',
  };
  async function looked(theme, width) {
    const page = await visit('/', { theme, width, height: 844 });
    const found = [];
    const look = async (name) => {
      const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
      violations.forEach(({ id, nodes }) => found.push(`${name}: ${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')}`));
    };
    // Lists of one kind of table look alike at both widths.
    const pages = Object.entries(PAGES).filter(([name]) => width === 1280 || !['search', 'kind', 'contradictions'].includes(name));
    for (const [name, path] of pages) {
      await page.goto(server.address + path);
      await settled(page);
      if (width === 390 && name === 'home') await page.locator('.lens .fold').click();
      for (const twin of await page.locator('.twin > summary').all()) await twin.click();
      // The tests' script and not the page's: the page's own policy would refuse it as an inline one.
      await page.evaluate(axe);
      await look(name);
      if (name === 'graph' && width === 1280) {
        await page.goto(`${server.address}/?of=${BALKAN}`);
        await settled(page);
        await page.getByRole('button', { name: 'Expand …' }).click();
        await page.getByRole('button', { name: 'Path to …' }).click();
        await page.locator('.expand li').first().waitFor();
        await page.locator('.drop summary', { hasText: 'Sources' }).click();
        await page.evaluate(axe);
        await look('what opens on demand');
        await page.getByRole('button', { name: 'as curl' }).click();
        await look('the dialog');
        await page.getByRole('button', { name: 'Close' }).click();
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) found.push(`${name} is ${wide} pixels wide`);
    }
    return found;
  }
  for (const theme of ['light', 'dark']) {
    test(`axe finds nothing and nothing overflows, at 1280 and 390 pixels: ${theme}`, async () => {
      assert.deepEqual((await Promise.all([looked(theme, 1280), looked(theme, 390)])).flat(), []);
    });
  }
});
