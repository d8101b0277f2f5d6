// "As GraphQL, as curl, as Python": the questions behind what is on screen.

import { useRef, useState } from 'preact/hooks';

/** How a question is asked from elsewhere. */
export function written(as, { query, variables }, origin) {
  const body = JSON.stringify({ query, variables: clean(variables) });
  switch (as) {
    case 'curl':
      return `curl ${quoted(`${origin}/graphql`)} \\\n  -H 'content-type: application/json' \\\n  --data ${quoted(body)}`;
    case 'Python':
      return [
        'import json, urllib.request', '',
        `query = """${query}"""`,
        `variables = json.loads(${JSON.stringify(JSON.stringify(clean(variables)))})`,
        `request = urllib.request.Request(${JSON.stringify(`${origin}/graphql`)},`,
        '    json.dumps({"query": query, "variables": variables}).encode(),',
        '    {"content-type": "application/json"})',
        'answer = json.load(urllib.request.urlopen(request))',
        'print(json.dumps(answer["data"], indent=2, ensure_ascii=False))', '',
      ].join('\n');
    default:
      return `${query}\n\n# variables\n${JSON.stringify(clean(variables), null, 2).replace(/^/gm, '# ')}\n`;
  }
}

function clean(variables = {}) {
  return JSON.parse(JSON.stringify(variables));
}

// One word of a POSIX shell, whatever it holds.
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function graphiqlAddress({ query, variables }) {
  return `/graphiql?${new URLSearchParams({ query, variables: JSON.stringify(clean(variables), null, 2) })}`;
}

const WAYS = ['GraphQL', 'curl', 'Python'];

export function Request({ requests }) {
  const dialog = useRef(null);
  const [as, setAs] = useState('GraphQL');
  const [which, setWhich] = useState(0);
  const [copied, setCopied] = useState('');
  const request = requests[Math.min(which, requests.length - 1)];
  if (request === undefined) return null;
  const text = written(as, request, window.location.origin);
  const open = (way) => {
    setAs(way);
    setCopied('');
    dialog.current.showModal();
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('Copied.');
    } catch {
      setCopied('This browser does not let the page copy: select the text.');
    }
  };
  return (
    <>
      <span class="as">Ask this
        {WAYS.map((way) => <button key={way} type="button" class="quiet" onClick={() => open(way)}>as {way}</button>)}
        <a href={graphiqlAddress(request)}>in GraphiQL</a>
      </span>
      <dialog ref={dialog} class="request" aria-label="The question behind this view" onClick={(event) => event.target === dialog.current && dialog.current.close()}>
        <div class="dialog-head">
          <div class="tabs" role="group" aria-label="Written as">
            {WAYS.map((way) => <button key={way} type="button" aria-pressed={way === as} onClick={() => { setAs(way); setCopied(''); }}>{way}</button>)}
          </div>
          <button type="button" class="quiet" onClick={() => dialog.current.close()}>Close</button>
        </div>
        {requests.length > 1 && (
          <label class="field">Question <select value={which} onChange={(event) => setWhich(Number(event.currentTarget.value))}>
            {requests.map(({ title }, i) => <option key={title} value={i}>{title}</option>)}
          </select></label>
        )}
        <pre tabindex={0}><code>{text}</code></pre>
        <p class="row"><button type="button" onClick={copy}>Copy</button> <a href={graphiqlAddress(request)}>Open in GraphiQL</a> <span role="status">{copied}</span></p>
      </dialog>
    </>
  );
}
