// The explorer over a store made to be hard: names that are code, very long, right to left, in other scripts; a node with 10,000 neighbours; a graph
// of 2,000 nodes and 5,000 relations; a server that goes away, and one that wants a token.

import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { api, download, launch, loaded, open, parsed, rowsOf, serve, settled } from './browser.mjs';

const IMAGE = '<img src=x onerror=alert(1)>';
const SCRIPT = '"><script>alert(2)</script>';
const LONG = 'Langer Name '.repeat(834).slice(0, 10_000);
const NAMES = {
  'group/image': IMAGE, 'group/script': SCRIPT, 'group/long': LONG, 'group/arabic': 'شبكة التهريب \u202Eالكبرى', 'group/umlaut': 'Größenwahn & Söhne', 'group/cyrillic': 'Солнцевская братва',
  'group/chinese': '新義安', 'group/formula': '=HYPERLINK("http://evil.example","x")', 'group/template': '${alert(3)} {{alert(4)}}', 'group/quote': "O'Brien \"The Hub\"",
};
const NEIGHBOURS = 10_000;
const NODES = 2_000;
const RELATIONS = 5_000;

const cell = (text) => `"${String(text).replaceAll('"', '""')}"`;

function dataSet() {
  const groups = [['id', 'name', 'description']];
  const allied = [['from', 'to', 'source', 'credibility', 'validFrom', 'note']];
  const persons = [['id', 'name', 'status']];
  const members = [['from', 'to', 'source', 'credibility']];
  Object.entries(NAMES).forEach(([id, name]) => {
    groups.push([id, name, `Beschreibung ${name.slice(0, 300)}`]);
    if (id !== 'group/image') allied.push(['group/image', id, 'source/bad', 2, '2020', `Notiz ${IMAGE}`]);
  });
  groups.push(['group/hub', 'Hub', '']);
  for (let i = 0; i < NEIGHBOURS; i++) {
    persons.push([`person/p${i}`, `Person ${i}`, 'SANCTIONED']);
    members.push([`person/p${i}`, 'group/hub', 'source/bad', 3]);
  }
  // Each node is joined with the ones after it at fixed distances: connected, and no node stands out but the first.
  for (let i = 0; i < NODES; i++) groups.push([`group/net${i}`, `Netz ${i}`, '']);
  const joined = new Set();
  for (let i = 1; i < NODES; i++) joined.add(`0 ${i}`);
  for (let step = 1; joined.size < RELATIONS; step += 7) {
    for (let i = 1; i + step < NODES && joined.size < RELATIONS; i++) joined.add(`${i} ${i + step}`);
  }
  joined.forEach((pair) => {
    const [a, b] = pair.split(' ');
    allied.push([`group/net${a}`, `group/net${b}`, 'source/bad', 3, '', '']);
  });
  const csv = (rows) => rows.map((row) => row.map(cell).join(',')).join('\n') + '\n';
  return {
    'dataset.yaml': 'id: dataset/hostile\ntitle: Hostile names\nretrieved: "2026-01-01"\n',
    'Source.csv': csv([['id', 'name', 'kind', 'url', 'published', 'reliability'], ['source/bad', SCRIPT, 'WEB', 'javascript:alert(5)', '2021', 'C']]),
    'Group.csv': csv(groups), 'Person.csv': csv(persons), 'ALLIED_WITH.csv': csv(allied), 'MEMBER_OF.csv': csv(members),
  };
}

let browser;
let set;
let server;
let opened = [];
before(async () => {
  [browser, set] = await Promise.all([launch(), loaded(dataSet())]);
  server = await serve({ store: set.store });
});
after(async () => {
  await browser?.close();
  await server?.end();
  set?.remove();
});
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

describe('hostile names', () => {
  test('are text in every view', async () => {
    const page = await visit('/?of=group/image');
    for (const path of [
      '/?of=group/image', '/?of=group/image&view=table', '/?of=group/image&view=timeline', '/?of=group/image&view=cargo', '/?of=group/image&view=map', '/?kind=Group', `/?q=${encodeURIComponent('img src')}`,
      '/?of=group/image&sel=ALLIED_WITH|group/arabic|group/image', '/?of=source/bad', '/?of=group/long', '/?of=group/arabic',
      `/?q=${encodeURIComponent(IMAGE)}`, `/?of=${encodeURIComponent(IMAGE)}`, `/?of=group/image&sel=${encodeURIComponent(SCRIPT)}`, `/?result=${encodeURIComponent(IMAGE)}`, `/?kind=${encodeURIComponent(SCRIPT)}`, `/?story=${encodeURIComponent(IMAGE)}`,
    ]) {
      await page.goto(server.address + path);
      await settled(page);
      const made = await page.evaluate(() => [...document.querySelectorAll('main img, main script, main iframe, main [onerror], aside img, a[href^="javascript:"]')].map((element) => element.outerHTML));
      assert.deepEqual(made, [], path);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 1280, `${path} is too wide`);
    }
    await page.goto(`${server.address}/?of=group/image&view=table&table=nodes`);
    await settled(page);
    const text = await page.locator('table').innerText();
    for (const [id, name] of Object.entries(NAMES)) assert.ok(text.includes(name.slice(0, 60).trim()), id);
    // What is refused by the server is said, and logged by the browser as a failed request.
    opened.at(-1).faults.splice(0, Infinity, ...opened.at(-1).faults.filter((fault) => !/status of 400/.test(fault)));
  });

  test('stay text in downloads', async () => {
    const page = await visit('/?of=group/image');
    const press = (name) => () => page.locator('.downloads').getByRole('button', { name, exact: true }).click();
    const svg = await download(page, press('SVG'));
    const shapes = await parsed(page, svg.content.toString(), ['img', 'script', 'text']);
    assert.deepEqual([shapes.img, shapes.script], [0, 0]);
    const csv = rowsOf((await download(page, press('CSV'))).content.toString());
    assert.ok(csv.every((row) => row.length === csv[0].length));
    assert.ok(csv.flat().includes(`'${NAMES['group/formula']}`), 'no formula for a spreadsheet');
    const gexf = await download(page, press('GEXF'));
    assert.equal((await parsed(page, gexf.content.toString(), ['img'])).img, 0);
  });

  test('are shown in their own scripts', async () => {
    const page = await visit('/?q=Größenwahn');
    for (const [query, name] of [['grossenwahn', 'Größenwahn'], ['солнцевская', 'Солнцевская'], ['新義安', '新義安'], ['شبكة', 'شبكة']]) {
      await page.goto(`${server.address}/?q=${encodeURIComponent(query)}`);
      await settled(page);
      assert.match(await page.locator('.cards').innerText(), new RegExp(name), query);
    }
  });
});

describe('much', () => {
  test('a node with 10,000 neighbours gives counts first, then the best, then more', async () => {
    const page = await visit('/?of=group/hub&max=20');
    assert.match(await page.locator('.of-graph').innerText(), /Left out: 9,981 persons/);
    await page.getByRole('button', { name: 'Expand …' }).click();
    await page.locator('.expand li').waitFor();
    assert.match(await page.locator('.expand li').innerText(), /10,000 persons/);
    const before_ = Number(await page.locator('.canvas').getAttribute('data-nodes'));
    const took = await page.evaluate(async () => {
      const button = document.querySelector('.expand li button');
      const start = performance.now();
      const drawn = document.querySelector('.canvas').dataset.nodes;
      button.click();
      while (!window.location.search.includes('grow=')) await new Promise(requestAnimationFrame);
      while (document.querySelector('[aria-busy="true"]') === null && document.querySelector('.canvas').dataset.nodes === drawn && performance.now() - start < 400) await new Promise(requestAnimationFrame);
      while (document.querySelector('[aria-busy="true"]') !== null) await new Promise(requestAnimationFrame);
      return performance.now() - start;
    });
    await settled(page);
    assert.match(page.url(), /grow=group\/hub~Person~10/);
    assert.ok(Number(await page.locator('.canvas').getAttribute('data-nodes')) >= before_);
    console.log(`expand: ${Math.round(took)} ms`);
    assert.ok(took < 300, `${took} ms`);
    await page.goto(`${server.address}/?of=group/hub&max=20&grow=group/hub~Person~1000`);
    await settled(page);
    assert.equal(Number(await page.locator('.canvas').getAttribute('data-nodes')), 1001);
  });

  test('2,000 nodes and 5,000 relations move smoothly', async () => {
    const page = await visit('/?of=group/net0&max=2000');
    await page.waitForFunction(() => document.querySelector('.canvas')?.dataset.nodes === '2000', null, { timeout: 30_000 });
    assert.match(await page.locator('.tools').innerText(), /2,000 nodes, 5,000 relations/);
    const box = await page.locator('.canvas').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.evaluate(() => {
      window.frames_ = [];
      const step = (time) => { window.frames_.push(time); window.stop_ || requestAnimationFrame(step); };
      requestAnimationFrame(step);
    });
    await page.mouse.move(x - 200, y + 210);
    await page.mouse.down();
    for (let i = 0; i < 40; i++) await page.mouse.move(x - 200 + i * 8, y + 210 - i * 3);
    await page.mouse.up();
    for (let i = 0; i < 20; i++) {
      await page.mouse.wheel(0, i < 10 ? -60 : 60);
      await page.waitForTimeout(16);
    }
    const frames = await page.evaluate(() => { window.stop_ = true; return window.frames_; });
    const rate = (1000 * (frames.length - 1)) / (frames.at(-1) - frames[0]);
    const slowest = Math.max(...frames.slice(1).map((time, i) => time - frames[i]));
    console.log(`pan and zoom, 2,000 nodes and 5,000 relations: ${rate.toFixed(1)} frames a second, the slowest ${Math.round(slowest)} ms`);
    assert.ok(rate >= 30, `${rate} frames a second`);
  });
});

describe('a server', () => {
  test('that goes away and comes back', async () => {
    const one = await serve({ store: set.store });
    const { page, context } = await open(browser, one.address, '/?of=group/image&view=table');
    await settled(page);
    await one.end();
    await page.getByLabel('Sources at least').selectOption('B');
    await page.locator('.failed').first().waitFor();
    assert.match(await page.locator('.failed').first().innerText(), /does not answer[^]*asks again by itself/);
    assert.ok(await page.locator('tbody tr').count() > 0, 'the last answer stays');
    const again = await serve({ store: set.store, listen: new URL(one.address).host });
    await page.locator('.failed').first().waitFor({ state: 'detached', timeout: 10_000 });
    await settled(page);
    assert.match(await page.locator('.hidden-count').innerText(), /hides/);
    await context.close();
    await again.end();
  });

  test('that wants a token', async () => {
    const token = '0123456789abcdef';
    const closed = await serve({ store: set.store, env: { CRIMEGRAPH_TOKEN: token } });
    const { page, context } = await open(browser, closed.address, '/?of=group/image&view=table');
    const form = page.locator('.failed form').first();
    await form.getByLabel('Token').fill(token);
    await form.getByRole('button').click();
    await page.locator('tbody tr').first().waitFor();
    assert.equal(await page.evaluate((secret) => Object.values(window.localStorage).some((value) => value.includes(secret)), token), false);
    await context.close();
    await closed.end();
  });
});

describe('how fast', () => {
  test('the first useful picture, and what is sent for it', async () => {
    const example = await serve();
    try {
      const one = await open(browser, example.address, '/?of=route/balkan-route');
      await one.page.waitForFunction(() => Number(document.querySelector('.canvas')?.dataset.nodes) > 20);
      const took = await one.page.evaluate(() => performance.now());
      opened.push(one);
      console.log(`cold start to the first picture: ${Math.round(took)} ms`);
      assert.ok(took <= 2000, `${took} ms`);
      const dist = new URL('../../dist/explorer/', import.meta.url);
      const bytes = ['app.js', 'style.css'].reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, dist))).length, 0);
      console.log(`script and style, compressed: ${(bytes / 1000).toFixed(1)} kB`);
      assert.ok(bytes <= 350_000, `${bytes} bytes`);
      await api(example.address, '{ __typename }');
    } finally {
      await example.end();
    }
  });
});
