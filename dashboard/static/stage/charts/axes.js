// What the two axes of a chart show at a playhead: type, range and ticks.

import { joined, NOTHING, widened } from "./frames.js";
import { dataAt } from "./rules.js";

/**
 * @typedef {import("./frames.js").Range} Range
 * @typedef {{type: "linear" | "log", range: Range, first: Range, ticks: object, floor?: number}} Axis `first` is the
 *   range of the first frame; below `floor` a logarithmic axis shows nothing but the place of 0
 * @typedef {{vertical: "linear" | "log", epochs: "linear" | "log"}} Scales what has been chosen
 */

/** Beyond these powers of 10 ticks are written as powers. */
const WRITTEN_OUT = 4;

/** How many ticks for powers of 10 an axis has room for. */
const MOST_POWERS = 6;

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * @param {object} layout the figure's
 * @param {import("./rules.js").ChartRules} rules what its `meta` says
 * @param {Scales} scales
 * @param {object[]} moving the traces that move; those of runs that are not in front are `guest`s
 * @param {import("./painter.js").Head[]} heads none before the first rows are there
 * @returns {{x: Axis, y: Axis}}
 */
export function axesAt(layout, rules, scales, moving, heads, beat) {
  const x = rules.along === "epochs" ? epochAxis(layout.xaxis, scales.epochs, heads) : plainAxis(layout.xaxis);
  const y = rules.scales ? scaledAxis(scales.vertical, rules.scales) : plainAxis(layout.yaxis);
  // On a linear axis one run that gets lost would leave nothing to be seen of the others: then it has to be in front.
  const held = y.type === "log" ? moving : moving.filter(({ guest, run }) => !guest || !heads[run]?.columns.lost);
  const seen = heads.length && rules.widens ? seenAt(held, heads, beat) : { x: NOTHING, y: NOTHING };
  const wide = (name, { type, first, ...axis }, { rangemode }) => {
    const range = rules.widens?.includes(name) ? widened(first, seen[name], type, rangemode === "nonnegative") : first;
    return { ...axis, type, first, range };
  };
  const axes = { x: wide("x", x, layout.xaxis), y: wide("y", y, layout.yaxis) };
  if (axes.y.type === "log") axes.y.ticks = powerTicks(layout.yaxis, axes.y.range);
  return axes;
}

/** Whether two charts' axes are drawn alike. */
export function alike(one, other) {
  return ["x", "y"].every((name) => one[name].type === other[name].type && sameRange(one[name].range, other[name].range));
}

export function sameRange(one, other) {
  return one.every((end, i) => Math.abs(end - other[i]) <= 1e-9 * Math.abs(one[1] - one[0]));
}

/**
 * The extremes of what must be seen. Of lines and paths that is all of them up to the playhead; of what is only there
 * for the moment, where it has been in the latter half of the epochs: what swings does not swing the axes along.
 */
export function seenAt(moving, heads, beat) {
  const seen = { x: NOTHING, y: NOTHING };
  for (const trace of moving) {
    const { meta, x, run = 0 } = trace;
    const { columns, k } = heads[run];
    // The beats lead to the next epoch, which is shown in the last of them.
    const row = beat ? Math.min(k + 1, columns.count - 1) : k;
    const from = meta.follow === "history" ? 0 : Math.floor(row / 2);
    const to = meta.follow === "step" ? Math.min(k + 1, columns.count - 1) : row;
    if (["history", "point", "step"].includes(meta.follow)) {
      for (const axis of ["x", "y"]) seen[axis] = joined(seen[axis], columns.extremes(meta[axis], from, to));
    } else if (meta.follow === "affine" && meta.fixed.every((value) => value === null)) {
      for (const place of [x.at(0), x.at(-1)]) {
        seen.y = joined(seen.y, columns.lineExtremes(meta.intercept, meta.slope, place, from, row));
      }
    } else if (meta.follow === "residuals") {
      const { y } = dataAt(trace, columns, row);
      seen.y = joined(seen.y, [Math.min(...y), Math.max(...y)]);
    }
  }
  return seen;
}

function plainAxis({ type = "linear", range }) {
  return { type, first: [...range], ticks: {} };
}

function scaledAxis(type, scales) {
  return { type, first: [...scales[type]], ticks: { dtick: null, tickmode: "auto" } };
}

/** Written out as long as they are short: plotly would write long ones as words, or in letters of another size. */
function powerTicks({ dtick }, [low, high]) {
  if (Math.max(-low, high) <= WRITTEN_OUT) return { dtick: dtick ?? null, tickmode: dtick ? "linear" : "auto" };
  const powers = powersWithin(low, high);
  return { dtick: null, tickmode: "array", tickvals: powers.map((power) => 10 ** power), ticktext: powers.map(powerOf10) };
}

function powerOf10(power) {
  if (power === 0) return "1";
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[digit]);
  return `10${power < 0 ? "⁻" : ""}${digits.join("")}`;
}

function powersWithin(low, high) {
  const stride = Math.ceil((high - low) / MOST_POWERS);
  const powers = [];
  for (let power = Math.ceil(low / stride) * stride; power <= high; power += stride) powers.push(power);
  return powers;
}

/**
 * The epochs that are planned; of runs that have ended long before, half as many, as often as that holds them. On a
 * logarithmic axis epoch 0 stands where half an epoch would.
 */
function epochAxis({ range }, type, heads) {
  const length = Math.min(...heads.map(({ columns }) => columns.epochLength), ...(heads.length ? [] : [1]));
  const [low, high] = shortened(range, heads);
  const plain = { tickmode: "auto", tickvals: null, ticktext: null };
  if (type === "linear") return { type, first: [low, high], ticks: plain };
  const floor = length / 2;
  const [from, to] = [Math.log10(floor), Math.log10(high)];
  const room = 0.025 * (to - from);
  const powers = powersWithin(Math.log10(length), to).map((power) => 10 ** power);
  const ticks = { tickmode: "array", tickvals: [floor, ...powers], ticktext: ["0", ...powers.map(told)] };
  return { type, first: [from - room, to + room], floor, ticks };
}

function shortened([low, high], heads) {
  if (!heads.length || !heads.every(({ columns }) => columns.complete)) return [low, high];
  const last = Math.max(...heads.map(({ columns }) => Math.max(columns.count - 1, 1) * columns.epochLength));
  let parts = 1;
  while (last <= (0.98 * high) / (2 * parts)) parts *= 2;
  return [low / parts, high / parts];
}

function told(value) {
  return value >= 1e5 ? value.toExponential(0).replace("e+", "e") : String(value);
}
