// Dates of the API: a day, a month or a year, each an interval of days. Here they are fractions of years.

const DAYS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/** When a partial date begins, as a year with its fraction; null for none. */
export function begin(date) {
  if (!date) return null;
  const [year, month = 1, day = 1] = date.split('-').map(Number);
  return year + (DAYS[month - 1] + day - 1) / 365;
}

/** When it ends: where the next day, month or year begins. */
export function end(date) {
  if (!date) return null;
  const [year, month, day] = date.split('-').map(Number);
  if (month === undefined) return year + 1;
  if (day === undefined) return year + DAYS[month] / 365;
  return year + (DAYS[month - 1] + day) / 365;
}

export function yearOf(date) {
  return date ? Number(date.slice(0, 4)) : null;
}

/**
 * The years between two partial dates: [least, most]. 1970 to 2015 lie between 44 and 46 years apart, whatever the days were.
 */
export function lag(first, later) {
  return [begin(later) - end(first), end(later) - begin(first)];
}

/** A lag in words: "about 45 years", with both bounds where they differ by more than a rounding. */
export function lagText(first, later) {
  const [least, most] = lag(first, later);
  const low = Math.max(0, Math.round(least));
  const high = Math.round(most);
  return low === high ? `${low} years` : `${low}–${high} years`;
}

/** Round values on an axis of years, some six of them. */
export function ticks(from, to) {
  const span = Math.max(1, to - from);
  const step = [1, 2, 5, 10, 20, 50, 100].find((s) => span / s <= 8) ?? 200;
  const found = [];
  for (let year = Math.ceil(from / step) * step; year <= to; year += step) found.push(year);
  return found;
}
