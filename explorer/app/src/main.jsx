// The shell: header, lens bar, and the view that the address names.

import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { elsewhere, Link, usePlace } from './place.jsx';
import { SearchBox, SearchResults } from './search.jsx';
import { Lens } from './lens.jsx';
import { Home } from './home.jsx';
import { KindList } from './kindlist.jsx';
import { Workspace } from './workspace.jsx';
import { Investigation } from './investigation.jsx';
import { Result } from './results.jsx';
import { Guard } from './state.jsx';

const THEME_KEY = 'crimegraph:theme';

function App() {
  const at = usePlace();
  const main = useRef(null);
  const page = at.story || at.q || at.kind || at.result || at.of.join() || 'home';
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    // Another page than before: reading begins at its top.
    main.current.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [page]);
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <Link class="brand" to={elsewhere(at, {})}>
          <img src="/explorer/icon.svg" alt="" width="26" height="26" />
          <span>CrimeGraph</span>
        </Link>
        <SearchBox at={at} />
        <nav aria-label="Site">
          <a href="/graphiql">GraphiQL</a>
          <ThemeButton />
        </nav>
      </header>
      <Lens at={at} />
      <main id="main" tabindex={-1} ref={main}>
        <Guard key={page + at.step}><Page at={at} /></Guard>
      </main>
      <footer>
        <p>Every relation here is one source’s claim. Sanctions, charges and accusations are not convictions.</p>
        <p><a href="/schema.graphql">Schema</a> · <a href="/explorer/NOTICES.txt">Licences</a></p>
      </footer>
    </>
  );
}

function Page({ at }) {
  if (at.story) return <Investigation at={at} />;
  if (at.of.length > 0) return <Workspace at={at} />;
  if (at.q) return <SearchResults at={at} />;
  if (at.kind) return <KindList at={at} />;
  if (at.result) return <Result at={at} name={at.result} />;
  return <Home at={at} />;
}

function ThemeButton() {
  const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const [theme, setTheme] = useState(() => remembered() ?? system);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    window.dispatchEvent(new Event('themechange'));
  }, [theme]);
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    setTheme(other);
    try {
      window.localStorage.setItem(THEME_KEY, other);
    } catch {
      // A browser that keeps nothing shows the system's theme on the next visit.
    }
  };
  return (
    <button type="button" class="icon" onClick={change} aria-label={`Switch to ${other} colours`} title={`Switch to ${other} colours`}>
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6" /><path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
      </svg>
    </button>
  );
}

function remembered() {
  try {
    return window.localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

document.documentElement.dataset.theme = remembered() ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
const place = document.getElementById('app');
place.textContent = '';
render(<App />, place);
