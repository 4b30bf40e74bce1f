/** Draws µs per event against the number of campaigns, both axes logarithmic, as a stand-alone SVG. */

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly n: number; readonly cost: number }[];
}

export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  /** The one drawn boldly. */
  readonly ours: string;
  readonly series: readonly Series[];
}

const WIDTH = 880;
const HEIGHT = 520;
const PLOT = { left: 72, right: 690, top: 84, bottom: 456 };
const LABEL_HEIGHT = 17;
const CHARACTER_WIDTH = 7.5; // about

/** Told apart without colour too: each line carries its name. Chosen to be seen on white and on dark grey. */
const COLOURS = ["#8a8f98", "#b07d1a", "#2f8f6b", "#9a6bd6", "#cc5f8c", "#4f8fb8", "#7d8b2a"];

const STYLE = `
  svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d8dde3; --ours: #0b5fcc; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #f0f6fc; --faint: #9198a1; --line: #30363d; --ours: #58a6ff; }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink); }
  .title { font-size: 17px; font-weight: 600; }
  .faint { fill: var(--faint); }
  .grid { stroke: var(--line); stroke-width: 1; }
  .series { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
  .ours { stroke-width: 3.25; }
  .label { font-weight: 500; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }`;

export function drawChart({ title, subtitle, ours, series }: Chart): string {
  const points = series.flatMap(({ points }) => points);
  const x = logScale(
    points.map(({ n }) => n),
    PLOT.left,
    PLOT.right,
  );
  const y = logScale(
    points.map(({ cost }) => cost),
    PLOT.bottom,
    PLOT.top,
  );
  // Ours last, so that it lies on top.
  const ordered = series.toSorted((a, b) => Number(a.name === ours) - Number(b.name === ours));
  const colours = new Map(
    ordered.map(({ name }, i) => [name, name === ours ? "var(--ours)" : COLOURS[i % COLOURS.length]]),
  );

  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="var(--paper)"/>`,
    text(PLOT.left - 48, 34, title, "title"),
    text(PLOT.left - 48, 56, subtitle, "faint"),
    ...x.decades.map((n) => line(x.at(n), PLOT.top, x.at(n), PLOT.bottom)),
    ...x.decades.map((n) => text(x.at(n), PLOT.bottom + 22, count(n), "faint", "middle")),
    ...y.decades.map((cost) => line(PLOT.left, y.at(cost), PLOT.right, y.at(cost))),
    ...y.decades.map((cost) => text(PLOT.left - 10, y.at(cost) + 4, duration(cost), "faint", "end")),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 18, "active campaigns", "faint", "middle"),
  ];
  for (const { name, points } of ordered) {
    const path = points.map(({ n, cost }) => `${round(x.at(n))},${round(y.at(cost))}`);
    const weight = name === ours ? "series ours" : "series";
    parts.push(`<polyline class="${weight}" stroke="${colours.get(name)}" points="${path.join(" ")}"/>`);
    for (const point of path) {
      const [cx, cy] = point.split(",");
      parts.push(
        `<circle cx="${cx}" cy="${cy}" r="${name === ours ? 4 : 2.75}" fill="${colours.get(name)}"/>`,
      );
    }
  }
  for (const { name, anchor, left, top } of labels(ordered, x.at, y.at)) {
    parts.push(
      `<text x="${round(left)}" y="${round(top)}" class="label" text-anchor="${anchor}" style="fill:${colours.get(name)}">${escaped(name)}</text>`,
    );
  }
  return `${[...parts, "</svg>"].join("\n")}\n`;
}

interface Scale {
  at(value: number): number;
  /** The powers of ten within the axis. */
  readonly decades: readonly number[];
}

/** From the power of ten below the least value to the one above the greatest. */
function logScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

/** Where each line's name stands: beside its end, or above it when the line ends before the last size. */
function labels(series: readonly Series[], x: (n: number) => number, y: (cost: number) => number) {
  const ends = series.flatMap(({ name, points }) => {
    const end = points.at(-1);
    return end === undefined ? [] : [{ name, n: end.n, left: x(end.n), top: y(end.cost) }];
  });
  const last = Math.max(...ends.map(({ n }) => n));
  const beside = ends
    .filter(({ n }) => n === last)
    .map(({ name, left, top }) => ({ name, anchor: "start", left: left + 10, top: top + 4 }));
  const above = ends
    .filter(({ n }) => n < last)
    .map(({ name, left, top }) => ({ name, anchor: "middle", left, top: top - 10 }));
  return [...apart(beside, 1), ...apart(above, -1)];
}

interface Label {
  readonly name: string;
  readonly anchor: string;
  readonly left: number;
  readonly top: number;
}

/** Moves labels down (`direction` 1) or up (−1) until none covers another. */
function apart(labels: readonly Label[], direction: 1 | -1): Label[] {
  const done: Label[] = [];
  for (const label of labels.toSorted((a, b) => direction * (a.top - b.top))) {
    let { top } = label;
    for (const other of done) {
      const reach = ((label.name.length + other.name.length) / 2) * CHARACTER_WIDTH;
      const isNear = label.anchor === "start" || Math.abs(other.left - label.left) < reach;
      const free = other.top + direction * LABEL_HEIGHT;
      if (isNear && direction * (top - free) < 0) top = free;
    }
    done.push({ ...label, top });
  }
  return done;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

function text(x: number, y: number, content: string, className: string, anchor = "start"): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${className}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function count(n: number): string {
  return n.toLocaleString("en");
}

function duration(microseconds: number): string {
  if (microseconds >= 1e6) return `${microseconds / 1e6} s`;
  if (microseconds >= 1e3) return `${microseconds / 1e3} ms`;
  if (microseconds >= 1) return `${microseconds} µs`;
  return `${Math.round(microseconds * 1e3)} ns`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
