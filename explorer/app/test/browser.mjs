// A browser, a server and a store for tests of the explorer.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);

/** The program under test, built by whoever runs the tests. */
export const program = process.env.CRIMEGRAPH;
if (!program || !existsSync(program)) {
  throw new Error('CRIMEGRAPH names no program: build one with go build -o FILE ./cmd/crimegraph and set it');
}

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** Starts a server; resolves with its address and a way to end it. */
export async function serve({ store, listen = '127.0.0.1:0', env = {} } = {}) {
  const child = spawn(program, ['serve', '--listen', listen, ...(store ? ['--store', store] : [])], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => {
      said += text;
      const found = /explorer at (http:\/\/[^\s/]+)\//.exec(said);
      if (found) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    address,
    end: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Loads a data set, given as { file name: text }, into a store of its own; returns the store's name and the folder to remove. */
export async function loaded(files) {
  const folder = mkdtempSync(join(tmpdir(), 'explorer-test-'));
  const set = join(folder, 'set');
  mkdirSync(set);
  Object.entries(files).forEach(([name, text]) => writeFileSync(join(set, name), text));
  const store = `sqlite:${join(folder, 'test.db')}`;
  await run(program, ['load', '--store', store, set], { maxBuffer: 1 << 24 });
  return { store, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Asks the API itself, so that what is on screen is compared with what it says. */
export async function api(address, query, variables = {}) {
  const response = await fetch(`${address}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/**
 * Opens a page that notes everything which must not be: requests to another origin, errors in scripts, violations of the policy, failed
 * requests. `faults` holds them.
 */
export async function open(browser, address, path = '/', { width = 1280, height = 860, theme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, acceptDownloads: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const faults = [];
  watch(page);
  await context.route('**/*', (route) => {
    const url = route.request().url();
    if (url.startsWith('data:') || url.startsWith('blob:') || new URL(url).origin === address) return route.continue();
    faults.push(`request to another origin: ${url}`);
    return route.abort();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(address + path);
  return { page, context, faults };
}

const QUIET_MS = 90;

/** Waits until nothing on the page is loading: no request under way for a moment, and no sign of one. */
export async function settled(page) {
  const started = Date.now();
  for (let quiet = 0; quiet < QUIET_MS;) {
    // The page has drawn what it knows, and asked for what it does not: however busy the machine is.
    await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))); })).catch(() => {});
    if (Date.now() - started > 15_000) throw new Error('the page does not come to rest');
    const before = underWay.get(page).count;
    await page.waitForTimeout(30);
    const { now, count } = underWay.get(page);
    const still = now === 0 && before === count && await page.evaluate(() => document.querySelector('main') !== null && document.querySelector('.loading, [aria-busy="true"]') === null).catch(() => false);
    quiet = still ? quiet + 30 : 0;
  }
}

// Requests under way, and how many there were in all, by page.
const underWay = new WeakMap();
function watch(page) {
  const state = { now: 0, count: 0 };
  underWay.set(page, state);
  page.on('request', () => { state.now++; state.count++; });
  page.on('requestfinished', () => { state.now--; });
  page.on('requestfailed', () => { state.now--; });
}

/** The text of a download that pressing a button starts. */
export async function download(page, press) {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  const stream = await file.createReadStream();
  const parts = [];
  for await (const part of stream) parts.push(part);
  return { name: file.suggestedFilename(), content: Buffer.concat(parts) };
}

/** Parses XML in the browser, which refuses what is not well-formed; answers counts of the elements named. */
export function parsed(page, text, names) {
  return page.evaluate(([xml, wanted]) => {
    const document_ = new DOMParser().parseFromString(xml, 'application/xml');
    const broken = document_.querySelector('parsererror');
    if (broken) throw new Error(broken.textContent);
    return { root: document_.documentElement.localName, ...Object.fromEntries(wanted.map((name) => [name, document_.getElementsByTagName(name).length])) };
  }, [text, names]);
}

/** The rows of a CSV text, quotes undone. */
export function rowsOf(text) {
  const rows = [[]];
  let cell = '';
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (inside) {
      if (sign === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (sign === '"') inside = false; else cell += sign;
    } else if (sign === '"') inside = true;
    else if (sign === ',') { rows.at(-1).push(cell); cell = ''; } else if (sign === '\n') { rows.at(-1).push(cell); cell = ''; rows.push([]); } else if (sign !== '\r') cell += sign;
  }
  rows.pop();
  return rows;
}

/**
 * How many pixels of two PNGs differ by more than a browser's own smoothing of edges does, which is not the same each time.
 */
export function different(page, a, b) {
  return page.evaluate(async (sources) => {
    const [one, other] = await Promise.all(sources.map(async (source) => {
      const image = new Image();
      image.src = `data:image/png;base64,${source}`;
      await image.decode();
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height).data;
    }));
    if (one.length !== other.length) return Infinity;
    let n = 0;
    for (let i = 0; i < one.length; i += 4) {
      if (Math.abs(one[i] - other[i]) + Math.abs(one[i + 1] - other[i + 1]) + Math.abs(one[i + 2] - other[i + 2]) > 48) n++;
    }
    return n;
  }, [a.toString('base64'), b.toString('base64')]);
}
