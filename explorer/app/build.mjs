// Writes the explorer to ../dist/explorer, or to the folder named as the first argument: index.html, one script, one style
// sheet, the outlines of countries, and the licences of everything inside.

import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const target = resolve(process.argv[2] ?? join(here, '..', 'dist', 'explorer'));

// A file left from an earlier build would be embedded and served for ever.
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/main.jsx', style: 'src/style.css' },
  outdir: target,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  logLevel: 'warning',
});

copyFileSync(join(here, 'src', 'index.html'), join(target, 'index.html'));
copyFileSync(join(here, 'src', 'icon.svg'), join(target, 'icon.svg'));
copyFileSync(join(modules, 'world-atlas', 'countries-110m.json'), join(target, 'countries-110m.json'));
writeFileSync(join(target, 'NOTICES.txt'), notices(Object.keys(result.metafile.inputs)));

function notices(inputs) {
  const names = new Set(['world-atlas']);
  for (const input of inputs) {
    const parts = input.split('node_modules/').at(-1).split('/');
    if (input.includes('node_modules/')) {
      names.add(parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/'));
    }
  }
  const sections = [...names].sort().map((name) => {
    const folder = join(modules, name);
    const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e([.-]|$)/i.test(entry));
    if (file === undefined) {
      throw new Error(`${name}: no licence file`);
    }
    const text = readFileSync(join(folder, file), 'utf8').replace(/\r\n/g, '\n').replace(/[ \t]+$/gm, '').trim();
    return `${about.name} ${about.version} (${about.license})\n\n${text}`;
  });
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return [
    'CrimeGraph\'s explorer contains the software listed here, each under its own licence. The outlines of countries are those of\n' +
      'Natural Earth (public domain), in the package world-atlas.',
    ...sections,
  ].join(rule) + '\n';
}
