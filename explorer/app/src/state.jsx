// What stands in the place of an answer that is not there: loading, failed, empty, hidden by the lens.

import { Component } from 'preact';
import { useState } from 'preact/hooks';
import { askAgain, setToken } from './ask.js';
import { go, LENS_PARAMETERS, lensOf, read } from './place.jsx';

const TITLES = {
  gone: 'The server does not answer', busy: 'The server is busy', token: 'This server wants a token', refused: 'The server refused this question',
};

/** Says so where a view fails in itself, and leaves the rest of the page alone. */
export class Guard extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ error });
  }

  render({ children }, { error }) {
    return error
      ? <div class="note failed" role="alert"><p><strong>This view failed.</strong> {String(error.message)}</p><button type="button" onClick={() => this.setState({ error: null })}>Draw it again</button></div>
      : children;
  }
}

/** Shows `children(data)` once there is an answer; what went wrong stands above it. */
export function Answer({ state, what = 'the answer', children }) {
  const { data, failure, loading } = state;
  return (
    <>
      {failure && <Failed failure={failure} stale={data !== undefined} />}
      {data === undefined && !failure && loading && <Loading what={what} />}
      {data !== undefined && <div class={loading ? 'fresh soon' : 'fresh'} aria-busy={loading}>{children(data)}</div>}
    </>
  );
}

export function Loading({ what }) {
  return <p class="note loading" role="status"><span class="spinner" aria-hidden="true" /> Loading {what} …</p>;
}

export function Failed({ failure, stale = false }) {
  const again = failure.kind === 'gone' || failure.kind === 'busy';
  return (
    <div class="note failed" role="alert">
      <p><strong>{TITLES[failure.kind] ?? 'Something went wrong'}.</strong>{' '}
        {failure.kind === 'refused' || !TITLES[failure.kind] ? failure.message : ''}
        {again && (stale ? 'What you see is its last answer. ' : '')}
        {again && 'This page asks again by itself.'}
      </p>
      {failure.kind === 'token' ? <TokenForm /> : <button type="button" onClick={askAgain}>Ask again now</button>}
    </div>
  );
}

function TokenForm() {
  const [token, change] = useState('');
  const send = (event) => {
    event.preventDefault();
    setToken(token.trim());
  };
  return (
    <form class="row" onSubmit={send}>
      <label>Token <input type="password" autocomplete="off" value={token} onInput={(event) => change(event.currentTarget.value)} /></label>
      <button type="submit">Use it in this tab</button>
    </form>
  );
}

/** Nothing there. Where a lens is set it may be the reason, and can be taken off. */
export function Empty({ at, children }) {
  return (
    <div class="note empty">
      <p>{children}</p>
      {lensOf(at) && (
        <p>The lens may hide it. <button type="button" onClick={() => go(withoutLens(at))}>Look without the lens</button></p>
      )}
    </div>
  );
}

const nothing = read('');

export function withoutLens(at) {
  const bare = { ...at };
  LENS_PARAMETERS.forEach((name) => { bare[name] = nothing[name]; });
  return bare;
}
