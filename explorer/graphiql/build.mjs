// Writes the GraphiQL page to ../dist/graphiql, or to the folder named as the only argument.
//
// There is nothing to compile: graphiql and React publish files that a browser can run. The build copies them, with
// the page's own three files, and collects the licences of everything inside.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const target = resolve(process.argv[2] ?? join(here, '..', 'dist', 'graphiql'));

const own = ['index.html', 'boot.js', 'page.css'];
const published = [
  'react/umd/react.production.min.js',
  'react-dom/umd/react-dom.production.min.js',
  'graphiql/graphiql.min.js',
  'graphiql/graphiql.min.css',
];

// A file left from an earlier build would be embedded and served for ever.
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

for (const name of own) {
  copyFileSync(join(here, 'src', name), join(target, name));
}
for (const path of published) {
  const text = readFileSync(join(modules, path), 'utf8');
  writeFileSync(join(target, path.split('/').at(-1)), withoutSourceMap(text));
}
writeFileSync(join(target, 'NOTICES.txt'), notices());

// The source maps are not served (5 MB), so the pointer to them would only make browsers ask in vain.
function withoutSourceMap(text) {
  return text.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n');
}

// ---- Licences ------------------------------------------------------------------------------------------------

function notices() {
  const byText = new Map();
  for (const name of bundledPackages()) {
    const { label, text } = licence(name);
    byText.set(text, [...(byText.get(text) ?? []), label]);
  }
  const sections = [...byText].map(([text, labels]) => [...labels, '', text].join('\n'));
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return [
    'CrimeGraph\'s GraphiQL page contains the software and the fonts listed here, each under its own licence.\n' +
      'A version is that of the package the licence text was taken from. What is inside graphiql.min.js was chosen\n' +
      'by GraphiQL\'s authors and may be an older version of the same package.',
    ...sections,
    'Roboto, the font inside graphiql.min.css\nCopyright 2011 Google Inc. All Rights Reserved.\n\n' +
      'Licensed under the Apache License, Version 2.0, whose text stands above.',
  ].join(rule) + '\n';
}

// The packages inside the published files, sorted by name. GraphiQL's bundle does not name them, its source map does.
function bundledPackages() {
  const { sources } = JSON.parse(readFileSync(join(modules, 'graphiql', 'graphiql.min.js.map'), 'utf8'));
  const names = new Set(['react', 'react-dom', 'graphiql', '@fontsource/fira-code']);
  for (const source of sources) {
    names.add(packageOf(source));
  }
  return [...names].sort();
}

// GraphiQL's own packages appear in the source map by their folders in its repository.
function packageOf(source) {
  const marker = 'node_modules/';
  const at = source.lastIndexOf(marker);
  if (at >= 0) {
    const parts = source.slice(at + marker.length).split('/');
    return parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/');
  }
  const folder = source.replace(/^(\.\.\/)+/, '').split('/')[0];
  return folder === 'src' ? 'graphiql' : folder.replace(/^graphiql-/, '@graphiql/');
}

function licence(name) {
  const folder = join(modules, name);
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const label = `${about.name} ${about.version} (${about.license})`;
  const file = readdirSync(folder).filter((entry) => /^licen[cs]e([.-]|$)/i.test(entry)).sort()[0];
  if (file !== undefined) {
    const text = readFileSync(join(folder, file), 'utf8').replace(/\r\n/g, '\n').replace(/[ \t]+$/gm, '').trim();
    return { label, text };
  }
  // A few packages state MIT in package.json and ship no text. Anything else without a text needs a decision.
  if (about.license !== 'MIT') {
    throw new Error(`${name}: no licence file, and ${about.license} is not MIT`);
  }
  return { label: `${label}, by ${authorOf(about)}`, text: mitText() };
}

function authorOf(about) {
  const author = about.author?.name ?? about.author;
  const repository = about.repository?.url ?? about.repository;
  return [author, repository].filter(Boolean).join(', ');
}

// The MIT licence without a copyright line: the packages that need it name their authors in the label.
function mitText() {
  const text = readFileSync(join(modules, 'react', 'LICENSE'), 'utf8');
  return text.slice(text.indexOf('Permission is hereby granted')).trim();
}
