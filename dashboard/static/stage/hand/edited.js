// The points of a run with one of them elsewhere: what follows from that for its units, its loss and its charts.

import { landscapeOf, minimumOf } from "../charts/bowl.js";
import { converted } from "../charts/units.js";
import { unpacked } from "../shared/arrays.js";

/**
 * Points in units of the data; the first `train` of them train.
 * @typedef {{x: number[], y: number[], index: number[], train: number}} Points
 *
 * @typedef {import("../charts/units.js").Units} Units
 * @typedef {import("../charts/bowl.js").Landscape} Landscape
 */

/** @param {object} packed `points` of a scene @param {Units} units of the run @returns {Points} */
export function inUnitsOfTheData({ x, y, index, train }, units) {
  return { x: unscaled(unpacked(x), units.x), y: unscaled(unpacked(y), units.y), index: unpacked(index), train };
}

/** The same with point `place` of them at (x, y). @param {Points} points @returns {Points} */
export function withPoint(points, place, x, y) {
  return { ...points, x: points.x.with(place, x), y: points.y.with(place, y) };
}

/**
 * How a run sees such points, as `core/data/scaling.py` scales them; x and y are those of the training points.
 * @param {Points} points @param {"none" | "x" | "xy"} standardize @param {"mean" | "sum"} reduction
 * @returns {{units: Units, x: number[], y: number[], training: Landscape, validation: Landscape | null}}
 */
export function seen({ x, y, train }, standardize, reduction) {
  const units = {
    x: standardize.includes("x") ? spreadOf(x.slice(0, train)) : [0, 1],
    y: standardize.includes("y") ? spreadOf(y.slice(0, train)) : [0, 1],
  };
  const [across, up] = [scaled(x, units.x), scaled(y, units.y)];
  const of = (from, to) => landscapeOf(across.slice(from, to), up.slice(from, to), reduction);
  const validation = train < x.length ? of(train) : null;
  return { units, x: across.slice(0, train), y: up.slice(0, train), training: of(0, train), validation };
}

function unscaled(values, [mean, std]) {
  return values.map((value) => mean + std * value);
}

/** Values of the data in other units. @param {number[]} values @param {[number, number]} unit */
export function scaled(values, [mean, std]) {
  return values.map((value) => (value - mean) / std);
}

/** Mean and standard deviation (population); of equal values the deviation is taken as 1. @returns {[number, number]} */
function spreadOf(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.every((value) => value === values[0]) ? [values[0], 1] : [mean, Math.sqrt(variance)];
}

/**
 * By what a trace `shows` of the data, what it is with these points. `picture` has them in the units of its charts, the
 * training points first, the numbers of those that were moved, and the least-squares line in either chart's units.
 * @type {Record<string, (trace: object, picture: object) => object>}
 */
const SHOWN = {
  training: (trace, { x, y }) => cut(trace, x, y, 0),
  validation: (trace, { x, y, train }) => cut(trace, x, y, train),
  residuals: (trace, { x, y }) => {
    const three = (values, second) => trace.x.map((_, i) => [values[Math.floor(i / 3)], second(values[Math.floor(i / 3)]), null][i % 3]);
    return { ...trace, x: three(x, (value) => value), meta: { ...trace.meta, fixed: three(y, () => null) } };
  },
  moved: (trace, { x, y, moved }) => ({ ...trace, x: moved.map((i) => x[i]), y: moved.map((i) => y[i]) }),
  line: (trace, { line: [b, w] }) => ({ ...trace, y: trace.x.map((x) => b + w * x) }),
  minimum: (trace, { minimum: [b, w] }) => ({ ...trace, x: [b], y: [w] }),
  bowl: (trace, { training }) => ({ ...trace, meta: { ...trace.meta, ...training } }),
};

/** The names under which lines of the moment stand in a chart whose units are not those of the record. */
const FRONT = { intercept: "front_b", slope: "front_w" };

/** A trace of the run in hand as it is with other points. */
export function shownWith(trace, picture) {
  const { meta } = trace;
  const made = { paintOpacity: trace.opacity ?? 1, ...trace };
  if (trace.guest || !meta) return made;
  if (meta.shows) return inFront(SHOWN[meta.shows](made, picture));
  return ["bowl", "field"].includes(meta.follow) ? SHOWN.bowl(made, picture) : inFront(made);
}

function inFront(trace) {
  return trace.meta.follow === "affine" || trace.meta.follow === "squares" ? { ...trace, meta: { ...trace.meta, ...FRONT } } : trace;
}

/** As many points from there on as the trace has. */
function cut(trace, x, y, from) {
  const to = from + countOf(trace);
  return { ...trace, x: x.slice(from, to), y: y.slice(from, to) };
}

/** How many points a trace shows. */
export function countOf({ x }) {
  return x.length ?? unpacked(x).length;
}

/** The least-squares line of units `from`, in units `to`. @returns {[number, number]} */
export function leastSquares(landscape, from, to) {
  return converted(from, to, ...minimumOf(landscape));
}
