// Tables that sort, filter and leave as CSV.

import { useState } from 'preact/hooks';
import { save } from './download.js';
import { number } from './words.js';

const SHOWN_AT_ONCE = 200;

/** The text of a CSV file (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csv(columns, rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? '' : String(value);
    const safe = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns.map(({ title }) => cell(title)), ...rows.map((row) => columns.map(({ value }) => cell(value(row))))]
    .map((cells) => cells.join(',')).join('\r\n') + '\r\n';
}

/**
 * A table. Columns are { title, value, show }: `value` is what is sorted, filtered and saved, `show` what is drawn where it differs.
 * `keyOf` names a row; `selected` and `onSelect` link it with the other views.
 */
export function Table({ caption, columns, rows, keyOf, selected, onSelect, file, empty = 'No rows.' }) {
  const [order, setOrder] = useState(null);
  const [filter, setFilter] = useState('');
  const [more, setMore] = useState(1);
  const wanted = filter.trim().toLowerCase();
  let shown = wanted === '' ? rows : rows.filter((row) => columns.some(({ value }) => String(value(row) ?? '').toLowerCase().includes(wanted)));
  if (order !== null) {
    const { value } = columns[order.column];
    shown = [...shown].sort((a, b) => order.sign * compare(value(a), value(b)));
  }
  const page = shown.slice(0, more * SHOWN_AT_ONCE);
  const sort = (column) => setOrder(order?.column === column ? { column, sign: -order.sign } : { column, sign: 1 });
  const mark = (column) => (order?.column === column ? (order.sign > 0 ? 'ascending' : 'descending') : undefined);
  return (
    <div class="table">
      <div class="row tools">
        <input type="text" placeholder="Filter …" aria-label={`Filter: ${caption}`} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        <span class="faint" role="status">{wanted === '' ? number(rows.length) : `${number(shown.length)} of ${number(rows.length)}`} rows</span>
        <button type="button" onClick={() => save(`${file}.csv`, csv(columns, shown), 'text/csv')}>CSV</button>
      </div>
      <div class="scroll" tabindex={0} role="region" aria-label={caption}>
        <table>
          <caption class="unseen">{caption}</caption>
          <thead><tr>
            {columns.map(({ title, numeric }, i) => (
              <th key={title} scope="col" aria-sort={mark(i)} class={numeric ? 'number' : undefined}>
                <button type="button" onClick={() => sort(i)}>{title}<span aria-hidden="true">{order?.column === i ? (order.sign > 0 ? ' ▲' : ' ▼') : ''}</span></button>
              </th>
            ))}
          </tr></thead>
          <tbody>
            {page.map((row) => {
              const key = keyOf(row);
              return (
                <tr key={key} class={key === selected ? 'selected' : undefined} onClick={onSelect && (() => onSelect(key))}>
                  {columns.map(({ title, value, show, numeric }, i) => (
                    <td key={title} class={numeric ? 'number' : undefined}>
                      {i === 0 && onSelect
                        ? <button type="button" class="cell" aria-pressed={key === selected} onClick={(event) => { event.stopPropagation(); onSelect(key); }}>{show ? show(row) : <bdi>{value(row)}</bdi>}</button>
                        : show ? show(row) : <bdi>{value(row)}</bdi>}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
        {shown.length === 0 && <p class="note empty">{rows.length === 0 ? empty : 'No row matches the filter.'}</p>}
      </div>
      {page.length < shown.length && <button type="button" onClick={() => setMore(more + 1)}>Show {Math.min(SHOWN_AT_ONCE, shown.length - page.length)} more</button>}
    </div>
  );
}

// Nothing comes last, numbers by size, texts as a reader of English sorts them.
function compare(a, b) {
  const none = (value) => value === null || value === undefined || value === '';
  if (none(a) || none(b)) return none(a) - none(b);
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}
const collator = new Intl.Collator('en', { numeric: true });
