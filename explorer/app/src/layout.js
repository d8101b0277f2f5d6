// Where the nodes of a small drawing stand, so that names have room. The server places them first, the same for the same graph; from there
// springs and repulsion even them out. There is no chance in it.

const IDEAL = 92;
const ROUNDS = 260;
// The room of a node with its name.
const BOX = { width: 112, height: 68 };
// A screen is wider than it is high.
const FLAT = 0.62;

/** `where` maps ids to {x, y} and is changed; edges are { from, to, weight } by id. */
export function even(where, edges) {
  const points = [...where.values()];
  const index = new Map([...where.keys()].map((id, i) => [id, i]));
  const springs = edges.map(({ from, to, weight }) => [index.get(from), index.get(to), weight]);
  const n = points.length;
  const middle = { x: points.reduce((sum, { x }) => sum + x, 0) / n, y: points.reduce((sum, { y }) => sum + y, 0) / n };
  points.forEach((point) => { point.x -= middle.x; point.y -= middle.y; });
  const move = points.map(() => [0, 0]);
  for (let round = 0; round < ROUNDS; round++) {
    const heat = 34 * (1 - round / ROUNDS) + 1;
    move.forEach((m) => { m[0] = 0; m[1] = 0; });
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const dx = points[i].x - points[j].x || (i - j) * 0.01;
        const dy = points[i].y - points[j].y || (j - i) * 0.01;
        const d2 = Math.max(dx * dx + dy * dy, 1);
        const force = (IDEAL * IDEAL) / d2;
        move[i][0] += dx * force;
        move[i][1] += dy * force;
        move[j][0] -= dx * force;
        move[j][1] -= dy * force;
      }
    }
    springs.forEach(([a, b, weight]) => {
      const dx = points[a].x - points[b].x;
      const dy = points[a].y - points[b].y;
      const pull = (weight * Math.sqrt(dx * dx + dy * dy)) / IDEAL;
      move[a][0] -= dx * pull;
      move[a][1] -= dy * pull;
      move[b][0] += dx * pull;
      move[b][1] += dy * pull;
    });
    points.forEach((point, i) => {
      const dx = move[i][0] - point.x * 0.5;
      const dy = move[i][1] - (point.y * 0.5) / FLAT;
      const length = Math.sqrt(dx * dx + dy * dy) || 1;
      const step = Math.min(length, heat);
      point.x += (dx / length) * step;
      point.y += (dy / length) * step;
    });
  }
  apart(points);
}

/**
 * Places for n nodes around a point, in a spiral from near to far, such that none covers what is `taken`, a list of {x, y} that grows. With `crowded` they
 * may cover each other.
 */
export function around(centre, n, taken, crowded) {
  const found = [];
  for (let step = 0; found.length < n && step < 40_000; step++) {
    const radius = 70 + 34 * Math.sqrt(step);
    const point = { x: centre.x + 1.3 * radius * Math.cos(step * GOLDEN), y: centre.y + radius * Math.sin(step * GOLDEN) };
    if (crowded || !taken.some(({ x, y }) => Math.abs(x - point.x) < BOX.width && Math.abs(y - point.y) < BOX.height)) {
      found.push(point);
      taken.push(point);
    }
  }
  return found;
}

// The angle that spreads points of a spiral evenly, whatever their number.
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

// Pushes boxes apart along the shorter way until none covers another, or enough was done.
function apart(points) {
  for (let round = 0; round < 80; round++) {
    let touched = false;
    for (let i = 0; i < points.length; i++) {
      for (let j = i + 1; j < points.length; j++) {
        const a = points[i];
        const b = points[j];
        const dx = BOX.width - Math.abs(a.x - b.x);
        const dy = BOX.height - Math.abs(a.y - b.y);
        if (dx <= 0 || dy <= 0) continue;
        touched = true;
        const along = dx / BOX.width < dy / BOX.height ? 'x' : 'y';
        const push = ((along === 'x' ? dx : dy) / 2) * Math.sign(a[along] - b[along] || 1);
        a[along] += push;
        b[along] -= push;
      }
    }
    if (!touched) return;
  }
}
