// The rules by which what moves in a figure follows the playhead: the browser's reading of `meta`, of traces and of
// layouts. `dashboard/stage/figures/meta.py` says what may stand there; the tests hold the two against one another,
// so a rule or a key that only one of them knows is found.

import { contoursOver } from "./bowl.js";
import { pathRows } from "./columns.js";

/**
 * @typedef {import("./columns.js").Columns} Columns
 * @typedef {{meta: object, x?: (number | null)[], y?: (number | null)[]}} Trace
 * @typedef {{x: (number | null)[], y: (number | null)[]}} Points in the chart's own units; null is a gap
 */

/** Points of a curve over the axis in view. */
const CURVE_POINTS = 65;

/** Of a line by epoch the most rows that plotly is given for its hover labels. */
const MOST_HOVERED = 3000;

/**
 * By what stands in `follow`: the trace's points at row k. `view` is the part of the horizontal axis in view, in its
 * own units.
 * @type {Record<string, (trace: Trace, columns: Columns, k: number, view: [number, number]) => Points>}
 */
export const RULES = {
  history: ({ meta }, columns, k, view) => rowsOf(meta, columns, meta.x === "epoch" ? rowsInView(k, view, columns.epochLength) : [...pathRows(k)]),
  point: ({ meta }, columns, k) => rowsOf(meta, columns, [k]),
  step: ({ meta }, columns, k) => rowsOf(meta, columns, k + 1 < columns.count ? [k, k + 1] : []),
  affine: ({ meta, x }, columns, k) => {
    const line = lineAt(meta, columns, k);
    return { x, y: x.map((value, i) => (value === null ? null : (meta.fixed[i] ?? line(value)))) };
  },
  residuals: ({ meta, x }, columns, k) => {
    const line = lineAt(meta, columns, k);
    return { x, y: x.map((value, i) => meta.of[i] - line(value)) };
  },
  squares: ({ x, y }) => ({ x, y }),
  taylor: ({ meta }, columns, k, [low, high]) => {
    const [at, value, slope] = [meta.at, meta.value, meta.slope].map((name) => columns.at(name, k));
    const x = Array.from({ length: CURVE_POINTS }, (_, i) => low + ((high - low) * i) / (CURVE_POINTS - 1));
    return { x, y: x.map((place) => value + slope * (place - at) + (meta.curvature / 2) * (place - at) ** 2) };
  },
  sweep: ({ meta, x, sweep }, columns, k) => {
    const y = sweep ? lossesOf(sweep, k) : x.map(() => NaN);
    if (meta.lost === null) return { x, y };
    return { x, y: y.map((value, i) => (sweep?.lost[i] && Number.isNaN(value) ? meta.lost : NaN)) };
  },
  field: () => ({ x: [], y: [] }), // it has to do with what is in view
  level: ({ meta, x }, columns, k) => ({ x, y: x.map(() => columns.at(meta.y, k)) }),
  arrow: ({ meta }, columns, k) => {
    const [x, y, dx, dy] = [meta.x, meta.y, meta.dx, meta.dy].map((name) => columns.at(name, k));
    const scale = meta.scale[lastUpTo(meta.scale.map(([epoch]) => epoch), k)][1];
    return { x: [x, x + scale * dx], y: [y, y + scale * dy] };
  },
};

/**
 * By what stands in `follow` where a trace has to do with what is in view, not with the playhead: its data over that.
 * @type {Record<string, (meta: object, x: [number, number], y: [number, number]) => object>}
 */
export const GROUNDS = {
  bowl: contoursOver,
};

/** The trace's data at the playhead, as plotly takes them for its hover labels, and as most traces are painted. */
export function dataAt(trace, columns, k, view) {
  return RULES[trace.meta.follow](trace, columns, k, view);
}

/** The line of row k, as a function of x. */
export function lineAt({ intercept, slope }, columns, k) {
  const [b, w] = [columns.at(intercept, k), columns.at(slope, k)];
  return (x) => b + w * x;
}

/**
 * The row that a trace shows while the playhead is at row k; -1 where it is not to be seen.
 * @param {string} beat the beat on the way to the next epoch; empty for the epoch as a whole
 */
export function rowShown({ beats, only, ahead }, beat, k, count) {
  if (beat ? beats && !beats.includes(beat) : only) return -1;
  return beat && ahead?.includes(beat) && k + 1 < count ? k + 1 : k;
}

/** Whether a trace is seen as far as that is chosen. @param {string[]} layers those that are */
export function isChosen({ meta }, layers = []) {
  return !meta?.layer || layers.includes(meta.layer);
}

/** Whether a trace follows the playhead at all. */
export function moves(trace) {
  return trace.meta?.follow in RULES;
}

/** Whether a trace fills what is in view. */
export function fills(trace) {
  return trace.meta?.follow in GROUNDS;
}

/** The data of such a trace over these parts of the axes, as plotly takes them. */
export function groundOver(trace, x, y) {
  return GROUNDS[trace.meta.follow](trace.meta, x, y);
}

/**
 * What a layout says of the whole chart: when it is there, the ranges of its two scales if it offers both, what its
 * horizontal axis counts, and which axes reach farther where that is needed.
 * @typedef {{during?: string, scales?: {linear: number[], log: number[]}, along?: string, widens?: string[]}} ChartRules
 * @returns {ChartRules}
 */
export function chartRules(layout) {
  const { during, scales, along, widens } = layout.meta ?? {};
  return { during, scales: scales && { linear: scales.linear, log: scales.log }, along, widens };
}

/**
 * The loss of every run of a sweep after k epochs: of one that has ended well its last, of one that has got lost none.
 * @param {{epochs: number[], ends: number[], lost: boolean[], loss: Float32Array}} sweep `loss` by value and kept epoch
 */
function lossesOf({ epochs, ends, lost, loss }, k) {
  return ends.map((end, i) => (lost[i] && k >= end ? NaN : loss[i * epochs.length + lastUpTo(epochs, Math.min(k, end))]));
}

/** The place of the last of the rising numbers that is not above k. */
export function lastUpTo(rising, k) {
  let [low, high] = [0, rising.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (rising[middle] <= k) low = middle;
    else high = middle;
  }
  return low;
}

function rowsOf({ x, y }, columns, rows) {
  return { x: rows.map((row) => columns.at(x, row)), y: rows.map((row) => columns.at(y, row)) };
}

function rowsInView(k, view, length) {
  const from = Math.max(Math.ceil(Math.min(...view) / length), 0);
  const to = Math.min(Math.floor(Math.max(...view) / length), k);
  const stride = Math.max(1, Math.ceil((to - from) / MOST_HOVERED));
  const rows = [];
  for (let row = from; row < to; row += stride) rows.push(row);
  if (to >= from) rows.push(to);
  return rows;
}
