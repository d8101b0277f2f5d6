// Questions to the API, and what became of them.

import { useEffect, useRef, useState } from 'preact/hooks';

const TOKEN_KEY = 'crimegraph:token';
const RETRY_AFTER_MS = 2500;
const KEPT_ANSWERS = 60;

/** An answer that is none. `kind` is one of: gone, token, busy, refused. */
export class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** The token is kept for this tab alone, until it is closed. */
export function setToken(token) {
  window.sessionStorage.setItem(TOKEN_KEY, token);
  kept.clear();
  changed();
}

function authorization() {
  const token = window.sessionStorage.getItem(TOKEN_KEY);
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** Fetches from this server, with the token; throws a Failure that says what is wrong. */
export async function fetched(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...authorization() } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure('gone', 'The server does not answer.');
  }
  if (response.status === 401) throw new Failure('token', 'This server wants a token.');
  if (response.status === 503) throw new Failure('busy', 'The server is busy.');
  return response;
}

async function answerTo({ query, variables }, signal) {
  const response = await fetched('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  let body;
  try {
    body = await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure('gone', `The server's answer (${response.status}) is no JSON.`);
  }
  if (body.errors?.length > 0) {
    throw new Failure('refused', body.errors.map(({ message }) => message).join(' '));
  }
  return body.data;
}

// Answers by question. A question under way stands as its promise, so that two views that ask the same ask once.
const kept = new Map();

/** Asks once; the same question again has the same answer until the page is loaded anew. */
export function ask(request) {
  const key = JSON.stringify(request);
  let answer = kept.get(key);
  if (answer === undefined) {
    answer = answerTo(request);
    kept.set(key, answer);
    answer.catch(() => kept.delete(key));
    if (kept.size > KEPT_ANSWERS) kept.delete(kept.keys().next().value);
  }
  return answer;
}

const watchers = new Set();
function changed() {
  watchers.forEach((tell) => tell());
}

/** Asks all that failed once more. */
export const askAgain = changed;

/**
 * What became of something asynchronous: { data, of, failure, loading }, where `of` is the key that `data` answers. `data` of the last one stays while the next is loading, so that a
 * picture does not flicker. `key` says when it is another one; null asks nothing. A server that is gone or busy is asked again.
 */
export function useAsync(key, run) {
  const [state, setState] = useState({ loading: key !== null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const tell = () => setRound((n) => n + 1);
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, []);
  const settled = useRef(null);
  useEffect(() => {
    if (key === null) {
      setState({ loading: false });
      return undefined;
    }
    if (settled.current === key) {
      // Back at what is shown, before another answer came.
      setState((last) => ({ ...last, loading: false }));
      return undefined;
    }
    let live = true;
    let timer;
    setState((last) => ({ ...last, loading: true }));
    run().then(
      (data) => {
        if (!live) return;
        settled.current = key;
        setState({ data, of: key, loading: false });
      },
      (failure) => {
        if (!live) return;
        settled.current = null;
        setState((last) => ({ ...last, failure, loading: false }));
        if (failure.kind === 'gone' || failure.kind === 'busy') {
          timer = setTimeout(() => setRound((n) => n + 1), RETRY_AFTER_MS);
        }
      },
    );
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [key, round]);
  return state;
}

/** The answer to one question; null asks nothing. */
export function useAnswer(request) {
  return useAsync(request === null ? null : JSON.stringify(request), () => ask(request));
}
