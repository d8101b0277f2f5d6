// Search over names and aliases.

import { useEffect, useRef, useState } from 'preact/hooks';
import { useAnswer } from './ask.js';
import { elsewhere, go, lensOf, Link } from './place.jsx';
import { KindSign } from './kinds.jsx';
import { counted, kindName, nameOf } from './words.js';
import { Answer, Empty } from './state.jsx';
import { Request } from './request.jsx';

const QUERY = `query Search($text: String!, $first: Int!, $lens: Lens) {
  search(text: $text, first: $first, lens: $lens) {
    totalCount
    truncated
    matches { text alias typos node { id __typename name description } }
  }
}`;

const LONGEST = 200;
const PROPOSED = 8;
const PAUSE_MS = 120;

function question(text, first, at) {
  return { query: QUERY, variables: { text: [...text].slice(0, LONGEST).join(''), first, lens: lensOf(at) } };
}

/** The box in the header: proposes as one types; Enter shows all. */
export function SearchBox({ at, id = 'search', autofocus = false }) {
  const [text, setText] = useState(at.q);
  const [asked, setAsked] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const box = useRef(null);
  useEffect(() => setText(at.q), [at.q]);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const key = (event) => {
      if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName) && id === 'search') {
        event.preventDefault();
        box.current.focus();
      }
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, []);
  const state = useAnswer(open && asked !== '' ? question(asked, PROPOSED, at) : null);
  const matches = open && asked !== '' ? state.data?.search.matches ?? [] : [];
  const total = state.data?.search.totalCount ?? 0;

  const choose = (match) => {
    setOpen(false);
    setText('');
    box.current.blur();
    go(elsewhere(at, { of: [match.node.id] }));
  };
  const all = () => {
    if (text.trim() === '') return;
    setOpen(false);
    go(elsewhere(at, { q: text.trim() }));
  };
  const keys = (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setOpen(true);
      setActive((n) => Math.max(-1, Math.min(matches.length - 1, n + step)));
    } else if (event.key === 'Escape') {
      setOpen(false);
    }
  };
  const submit = (event) => {
    event.preventDefault();
    if (active >= 0 && matches[active]) choose(matches[active]);
    else all();
  };
  const shown = open && asked !== '' && state.data !== undefined;
  return (
    <form class="search" role="search" aria-label={id === 'search' ? 'Search' : 'Search from the first screen'} onSubmit={submit} onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <input
        ref={box} id={id} type="text" inputMode="search" value={text} maxLength={LONGEST} autocomplete="off" spellcheck={false} autofocus={autofocus}
        placeholder="Search groups, routes, places, goods …" aria-label="Search names and aliases"
        role="combobox" aria-expanded={shown} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={active >= 0 && shown ? `${id}-${active}` : undefined}
        onInput={(event) => { setText(event.currentTarget.value); setOpen(true); setActive(-1); }}
        onFocus={() => setOpen(true)} onKeyDown={keys}
      />
      <button type="submit">Search</button>
      <ul id={`${id}-list`} role="listbox" aria-label="Proposals" hidden={!shown}>
        {shown && matches.map((match, i) => (
          <li key={match.node.id} id={`${id}-${i}`} role="option" aria-selected={i === active}
            onMouseDown={(event) => event.preventDefault()} onClick={() => choose(match)} onMouseEnter={() => setActive(i)}>
            <KindSign kind={match.node.__typename} />
            <span class="name"><bdi>{nameOf(match.node)}</bdi></span>
            <span class="faint">{kindName(match.node.__typename)}{match.alias ? <> · also <bdi>{match.text}</bdi></> : ''}</span>
          </li>
        ))}
        {shown && total > matches.length && matches.length > 0 && (
          <li role="option" aria-selected="false" class="faint" onMouseDown={(event) => event.preventDefault()} onClick={all}>All {total}: press Enter</li>
        )}
        {shown && matches.length === 0 && <li role="option" aria-selected="false" aria-disabled="true" class="faint">No name begins like this</li>}
      </ul>
    </form>
  );
}

export function SearchResults({ at }) {
  const request = question(at.q, 100, at);
  const state = useAnswer(request);
  return (
    <section class="page">
      <h1>Names like “<bdi>{at.q}</bdi>”</h1>
      <Answer state={state} what="names">
        {({ search }) => search.matches.length === 0
          ? <Empty at={at}>No name and no alias begins with these words.</Empty>
          : (
            <>
              <p class="faint">{counted(search.totalCount, 'entity').replace('entitys', 'entities')}{search.truncated ? `, the first ${search.matches.length} of them` : ''}.</p>
              <ul class="cards">
                {search.matches.map(({ node, text, alias }) => (
                  <li key={node.id}>
                    <KindSign kind={node.__typename} size={18} />
                    <div>
                      <Link to={elsewhere(at, { of: [node.id] })}><bdi>{nameOf(node)}</bdi></Link>{' '}
                      <span class="faint">{kindName(node.__typename)}{alias ? <> · also <bdi>{text}</bdi></> : ''}</span>
                      {node.description && <p><bdi>{node.description}</bdi></p>}
                    </div>
                  </li>
                ))}
              </ul>
            </>
          )}
      </Answer>
      <Request requests={[{ title: 'This search', ...request }]} />
    </section>
  );
}
