// Starts GraphiQL on this server's own /graphql, with the example questions beside it.
//
// The page runs under a content security policy that forbids inline scripts and other origins, so everything it
// starts with is here. React, ReactDOM and GraphiQL are globals set by the scripts before this one.
(function () {
  'use strict';

  const h = React.createElement;

  const GRAPHQL_PATH = '/graphql';
  const EXAMPLES_PATH = '/examples.json';

  // A server that accepts the connection and then says nothing must not keep the page empty.
  const EXAMPLES_TIMEOUT_MS = 5000;

  // Tabs opened on the first visit. More would hide the editor's tab bar.
  const FIRST_TABS = 3;

  const EXAMPLES_TITLE = 'Example questions';

  // Every key of GraphiQL's begins so. Its "clear storage" then clears the page's own key, too.
  const STORAGE_PREFIX = 'graphiql:';

  // Holds the title of the panel that was open last, and is empty after all were closed.
  const OPEN_PANEL_KEY = `${STORAGE_PREFIX}openPanel`;

  const NEW_TAB_TEXT = [
    '# Write a query here, or choose one of the example questions.',
    '# Ctrl-Space proposes what may come next, Ctrl-Enter runs the query.',
    '',
    '',
  ].join('\n');

  // ---- Example questions -------------------------------------------------------------------------------------

  // Returns the questions that can be shown and, where some or all cannot, a sentence that says why. It never
  // fails: GraphiQL is useful without examples.
  async function loadExamples() {
    let entries;
    try {
      const response = await fetch(EXAMPLES_PATH, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(EXAMPLES_TIMEOUT_MS),
      });
      if (!response.ok) {
        throw new Error(`the server answered ${statusOf(response)}`);
      }
      entries = await response.json();
      if (!Array.isArray(entries)) {
        throw new Error('it does not hold a list');
      }
    } catch (error) {
      return {
        examples: [],
        problem: `The example questions could not be read from ${EXAMPLES_PATH}: ${error.message}. Queries work without them.`,
      };
    }
    const examples = entries.filter(isExample).map(({ name, question = '', query, variables = '' }) => ({
      name,
      question: question.trim(),
      query: withQuestion(question, query),
      variables,
    }));
    const leftOut = entries.length - examples.length;
    return {
      examples,
      problem: leftOut > 0
        ? `${leftOut} of ${entries.length} entries of ${EXAMPLES_PATH} are left out: they need a name and a query, and texts throughout.`
        : '',
    };
  }

  function isExample(entry) {
    const text = (value) => typeof value === 'string' && value.trim() !== '';
    const textOrAbsent = (value) => value === undefined || typeof value === 'string';
    return entry !== null && typeof entry === 'object' && text(entry.name) && text(entry.query) &&
      textOrAbsent(entry.question) && textOrAbsent(entry.variables);
  }

  // Puts the question on top of its query as a comment, unless the query's own first comment already asks it.
  function withQuestion(question, query) {
    const words = (text) => text.replace(/[#\s]+/g, ' ').trim();
    const firstComment = /^(\s*#.*(\r\n|\r|\n|$))*/.exec(query)[0];
    if (words(question) === '' || words(firstComment).includes(words(question))) {
      return query;
    }
    return `${asComment(question)}\n${query}`;
  }

  function asComment(text) {
    return text.trim().split(/\r\n|\r|\n/).map((line) => `# ${line.trim()}`.trim()).join('\n');
  }

  function ExampleQuestions({ examples, problem }) {
    const editor = GraphiQL.React.useEditorContext({ nonNull: true });
    const { tabs, activeTabIndex, queryEditor, variableEditor, headerEditor } = editor;

    // GraphiQL can only add an empty tab. What belongs in it waits here until that tab is the active one.
    const waiting = React.useRef(null);
    React.useEffect(() => {
      const values = waiting.current;
      if (values === null) {
        return;
      }
      waiting.current = null;
      queryEditor.setValue(values.query);
      variableEditor.setValue(values.variables);
      headerEditor.setValue(values.headers);
      editor.updateActiveTabValues(values);
    }, [tabs.length]);

    const isOpenIn = (tab, example) => tab.query === example.query && (tab.variables || '') === example.variables;

    function open(example) {
      const openTab = tabs.findIndex((tab) => isOpenIn(tab, example));
      if (openTab >= 0) {
        editor.changeTab(openTab);
        return;
      }
      // Whoever has typed a token need not type it again for each example.
      waiting.current = { query: example.query, variables: example.variables, headers: headerEditor.getValue() };
      editor.addTab();
    }

    return h('section', { className: 'example-questions', 'aria-labelledby': 'example-questions-title' },
      h('h2', { id: 'example-questions-title' }, EXAMPLES_TITLE),
      problem !== '' && h('p', { role: 'alert' }, problem),
      examples.length > 0 && h('p', null, 'Choose one to open it in a tab, then run it.'),
      h('ul', null, examples.map((example, index) => h('li', { key: index },
        h('button', {
          type: 'button',
          'aria-current': isOpenIn(tabs[activeTabIndex], example) ? 'true' : undefined,
          onClick: () => open(example),
        },
        h('span', { className: 'name' }, example.name),
        example.question !== '' && h('span', { className: 'question' }, example.question))))));
  }

  function ExamplesIcon() {
    return h('svg', {
      viewBox: '0 0 24 24', width: '1em', height: '1em', fill: 'none', stroke: 'currentColor', strokeWidth: 1.5,
      strokeLinecap: 'round', strokeLinejoin: 'round', 'aria-hidden': 'true',
    },
    h('path', { d: 'M4 4.5h16v12h-9l-4.5 4v-4h-2.5z' }),
    h('path', { d: 'M9.8 8.7a2.3 2.3 0 1 1 3.2 2.1c-.6.3-1 .7-1 1.4' }),
    h('path', { d: 'M12 14.2v.1' }));
  }

  // ---- Requests ----------------------------------------------------------------------------------------------

  // GraphiQL's own fetcher would show a proxy's HTML page as a JSON syntax error and could not stop a slow query.
  // An object with subscribe is what GraphiQL can stop.
  function ask(request, options) {
    return {
      subscribe(observer) {
        const abort = new AbortController();
        send(request, (options && options.headers) || {}, abort.signal).then(
          (answer) => {
            observer.next(answer);
            observer.complete();
          },
          (error) => {
            if (!abort.signal.aborted) {
              observer.error({ message: error.message });
            }
          },
        );
        return { unsubscribe: () => abort.abort() };
      },
    };
  }

  async function send(request, ownHeaders, signal) {
    const headers = new Headers({
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
    });
    for (const [name, value] of Object.entries(ownHeaders)) {
      headers.set(name, value);
    }
    let response;
    try {
      response = await fetch(GRAPHQL_PATH, { method: 'POST', headers, body: JSON.stringify(request), signal });
    } catch (error) {
      throw new Error(`No answer from ${GRAPHQL_PATH}: ${error.message}`);
    }
    const body = await response.text();
    try {
      return JSON.parse(body);
    } catch {
      const start = body.trim().slice(0, 300);
      throw new Error(`${GRAPHQL_PATH} answered ${statusOf(response)}, and not with JSON: ${start || 'the answer is empty'}`);
    }
  }

  // HTTP/2 has no reason phrase, so it may be empty.
  function statusOf(response) {
    return `${response.status} ${response.statusText}`.trim();
  }

  // ---- Panels and editors ------------------------------------------------------------------------------------

  // GraphiQL shows this in place of its own logo. It is the one part of the page that is always inside GraphiQL, so
  // it also does what GraphiQL has no option for.
  function Logo({ openPanel }) {
    const { queryEditor } = GraphiQL.React.useEditorContext({ nonNull: true });
    const { plugins } = GraphiQL.React.usePluginStore();

    // A question is one long line.
    React.useEffect(() => {
      if (queryEditor) {
        queryEditor.setOption('lineWrapping', true);
      }
    }, [queryEditor]);

    // GraphiQL 4.1.2 takes a panel named by visiblePlugin for open and leaves it out of sight. Its button does both.
    React.useEffect(() => {
      if (plugins.some(({ title }) => title === openPanel)) {
        document.querySelector(`.graphiql-sidebar button[aria-label="Show ${openPanel}"]`).click();
      }
    }, [plugins, openPanel]);

    return h('a', { className: 'graphiql-logo-link', href: '/' }, 'CrimeGraph');
  }

  // ---- What the browser keeps --------------------------------------------------------------------------------

  // GraphiQL writes the request headers of every query it remembers to localStorage, where a bearer token would
  // outlive the visit. This storage leaves them out. It is null where the browser refuses storage: GraphiQL then
  // keeps nothing.
  function browserStorage() {
    const historyKeys = [`${STORAGE_PREFIX}queries`, `${STORAGE_PREFIX}favorites`];
    let store;
    try {
      store = window.localStorage;
      store.getItem(OPEN_PANEL_KEY);
    } catch {
      return null;
    }
    const ownKeys = () => Object.keys(store).filter((key) => key.startsWith(STORAGE_PREFIX));
    return {
      getItem: (key) => store.getItem(key),
      setItem: (key, value) => store.setItem(key, historyKeys.includes(key) ? withoutHeaders(value) : value),
      removeItem: (key) => store.removeItem(key),
      clear: () => ownKeys().forEach((key) => store.removeItem(key)),
      get length() {
        return ownKeys().length;
      },
    };
  }

  function withoutHeaders(json) {
    return JSON.stringify(JSON.parse(json), (key, value) => (key === 'headers' ? undefined : value));
  }

  // ---- Start -------------------------------------------------------------------------------------------------

  // What GraphiQL opens with: ?query= (and ?variables=) of the address in front, then on a first visit the first
  // examples, otherwise the tabs of the last visit.
  function firstTabs(examples, storage) {
    const address = new URLSearchParams(window.location.search);
    const linked = address.get('query')
      ? [{ query: address.get('query'), variables: address.get('variables') || '' }]
      : [];
    const firstVisit = storage === null || storage.getItem(`${STORAGE_PREFIX}tabState`) === null;
    const defaultTabs = [
      ...linked,
      ...examples.slice(0, FIRST_TABS).map(({ query, variables }) => ({ query, variables })),
    ];
    // GraphiQL fills the editors from query and variables, not from the tabs. On a later visit without ?query=
    // both must be absent, or it would open the first example again.
    const active = firstVisit ? defaultTabs[0] : linked[0];
    return { ...(defaultTabs.length > 0 && { defaultTabs }), ...active };
  }

  async function start(place) {
    const { examples, problem } = await loadExamples();
    const storage = browserStorage();
    const examplesPlugin = {
      title: EXAMPLES_TITLE,
      icon: ExamplesIcon,
      content: () => h(ExampleQuestions, { examples, problem }),
    };
    const openPanel = (storage && storage.getItem(OPEN_PANEL_KEY)) ?? EXAMPLES_TITLE;
    const rememberPanel = (plugin) => storage && storage.setItem(OPEN_PANEL_KEY, plugin ? plugin.title : '');
    ReactDOM.createRoot(place).render(
      h(GraphiQL, {
        fetcher: ask,
        storage,
        // Headers carry tokens, so the page offers no way to keep them.
        shouldPersistHeaders: false,
        defaultQuery: NEW_TAB_TEXT,
        plugins: [examplesPlugin],
        onTogglePluginVisibility: rememberPanel,
        ...firstTabs(examples, storage),
      }, h(GraphiQL.Logo, null, h(Logo, { openPanel }))),
    );
  }

  const place = document.getElementById('graphiql');
  start(place).catch((error) => {
    place.textContent = `GraphiQL could not start: ${error.message}`;
  });
})();
