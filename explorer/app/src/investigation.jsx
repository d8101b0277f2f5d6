// A worked investigation: a few steps, each a view like any other with some words on it.

import { elsewhere, Link, LENS_PARAMETERS } from './place.jsx';
import { INVESTIGATIONS } from './investigations.js';
import { Workspace } from './workspace.jsx';
import { Result } from './results.jsx';
import { Empty } from './state.jsx';

export function Investigation({ at }) {
  const story = INVESTIGATIONS.find(({ id }) => id === at.story);
  if (story === undefined) return <section class="page"><Empty at={at}>There is no investigation of this name.</Empty></section>;
  const n = Math.min(Math.max(Number(at.step) || 1, 1), story.steps.length);
  const step = story.steps[n - 1];
  const to = (i) => ({ ...elsewhere(bare(at, step.at), story.steps[i - 1].at), story: story.id, step: String(i) });
  const free = at.of.length > 0 || at.result ? at : { ...at, ...step.at };
  return (
    <>
      <aside class="guide" aria-label="Investigation">
        <div>
          <p class="faint">{story.title} · step {n} of {story.steps.length}</p>
          <h1>{step.title}</h1>
          <p>{step.text}</p>
        </div>
        <ol class="steps">
          {story.steps.map(({ title }, i) => (
            <li key={title}><Link to={to(i + 1)} aria-current={i + 1 === n ? 'step' : undefined} title={title} aria-label={`Step ${i + 1}: ${title}`}>{i + 1}</Link></li>
          ))}
        </ol>
        <div class="row">
          {n > 1 && <Link class="button" to={to(n - 1)}>Back</Link>}
          {n < story.steps.length ? <Link class="button main" to={to(n + 1)}>Next</Link> : <Link class="button main" to={elsewhere(bare(at, step.at), {})}>Finish</Link>}
        </div>
      </aside>
      {free.of.length > 0 ? <Workspace at={free} headed /> : <Result at={free} name={free.result} headed />}
    </>
  );
}

// A step's own lens does not follow to the next; the reader's does.
function bare(at, own) {
  const kept = { ...at };
  LENS_PARAMETERS.filter((name) => own[name] !== undefined && own[name] === at[name]).forEach((name) => { kept[name] = Array.isArray(at[name]) ? [] : ''; });
  return kept;
}
