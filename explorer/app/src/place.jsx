// What is on screen, as the address of the page says it: every view is a URL, and nothing else decides what is shown.

import { useEffect, useState } from 'preact/hooks';

// One entry a parameter: whether it may be given several times, and the value that need not be written.
const PARAMETERS = {
  story: {}, step: { initial: '1' },
  q: {}, kind: {}, result: {}, after: {},
  of: { many: true },
  view: {}, beside: {}, sel: {}, table: { initial: 'relations' },
  max: { initial: '60' }, grow: { many: true }, hide: { many: true }, pin: { many: true }, path: { many: true },
  asOf: {}, from: {}, to: {}, knownAt: {}, dated: {}, rel: {}, cred: {}, source: { many: true }, not: { many: true }, tlp: {},
};

/** The parameters of the lens: they stay from view to view. */
export const LENS_PARAMETERS = ['asOf', 'from', 'to', 'knownAt', 'dated', 'rel', 'cred', 'source', 'not', 'tlp'];

/** Reads an address's query into one object; what is not given is empty, or its initial value. */
export function read(search) {
  const given = new URLSearchParams(search);
  const at = {};
  for (const [name, { many, initial = '' }] of Object.entries(PARAMETERS)) {
    at[name] = many ? given.getAll(name).filter(Boolean) : given.get(name) || initial;
  }
  return at;
}

/** Writes what `read` reads. */
export function address(at) {
  const written = new URLSearchParams();
  for (const [name, { many, initial = '' }] of Object.entries(PARAMETERS)) {
    if (many) {
      // Records that are not shown now, since the lens hides them, stay in the address.
      [...at[name], ...(name === 'of' ? at.unseen ?? [] : [])].forEach((value) => written.append(name, value));
    } else if (at[name] !== initial && at[name] !== '') {
      written.set(name, at[name]);
    }
  }
  // Slashes and bars of ids stay readable; both are allowed in a query.
  const text = written.toString().replace(/%2F/g, '/').replace(/%7E/g, '~').replace(/%2C/g, ',').replace(/%40/g, '@');
  return text === '' ? '/' : `/?${text}`;
}

const nothing = read('');

/** A place that keeps the lens of another and nothing else. */
export function elsewhere(at, change) {
  const kept = { ...nothing };
  LENS_PARAMETERS.forEach((name) => { kept[name] = at[name]; });
  return { ...kept, ...change };
}

/** The lens argument of the API; undefined where nothing narrows it. */
export function lensOf(at) {
  const lens = {};
  if (at.asOf) lens.asOf = at.asOf;
  if (at.from || at.to) lens.during = { ...(at.from && { from: at.from }), ...(at.to && { to: at.to }) };
  if (at.knownAt) lens.knownAt = at.knownAt;
  if (at.dated === 'only') lens.dated = 'ONLY';
  if (at.rel) lens.minReliability = at.rel;
  if (at.cred) lens.minCredibility = Number(at.cred);
  if (at.source.length > 0) lens.sources = at.source;
  if (at.not.length > 0) lens.excludeSources = at.not;
  if (at.tlp) lens.maxTlp = at.tlp;
  return Object.keys(lens).length > 0 ? lens : undefined;
}

const listeners = new Set();

/** Goes to a place. With `replace` the one before it is forgotten, as while a slider moves. */
export function go(at, { replace = false } = {}) {
  const target = address(at);
  if (target === window.location.pathname + window.location.search) {
    return;
  }
  const depth = window.history.state?.depth ?? 0;
  if (replace) {
    window.history.replaceState({ depth }, '', target);
  } else {
    window.history.pushState({ depth: depth + 1 }, '', target);
  }
  listeners.forEach((tell) => tell());
}

/** Whether there is a view of this page to go back to. */
export function canUndo() {
  return (window.history.state?.depth ?? 0) > 0;
}

/** The place, followed as it changes. */
export function usePlace() {
  const [at, setAt] = useState(() => read(window.location.search));
  useEffect(() => {
    const follow = () => setAt(read(window.location.search));
    listeners.add(follow);
    window.addEventListener('popstate', follow);
    return () => {
      listeners.delete(follow);
      window.removeEventListener('popstate', follow);
    };
  }, []);
  return at;
}

/** A link to a place, which does not load the page anew. */
export function Link({ to, children, ...rest }) {
  const follow = (event) => {
    if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      go(to);
    }
  };
  return <a href={address(to)} onClick={follow} {...rest}>{children}</a>;
}
