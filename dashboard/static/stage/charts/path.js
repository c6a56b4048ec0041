// A path so far, in pieces by age: the last steps are strong, older ones fade, and what goes to and fro fades most.

import { UNSEEN } from "./brush.js";
import { pathRows } from "./columns.js";

/** How many steps ago a piece ends. */
const AGES = [6, 20, 60, 180, 540, Infinity];

/** How strong each of them is; of a path that goes to and fro, and covers what it went over before, the second. */
const CALM = [1, 1, 0.95, 0.9, 0.8, 0.7];
const RESTLESS = [1, 0.7, 0.5, 0.4, 0.3, 0.25];

/** Steps longer than this, in pixels, are marked one by one; where the path is restless, up to an age only. */
const LONG_STEP = 9;
const MARKED = 20;

/** A step is restless if this share of the corners near it turn back, and it is not much longer than those around it. */
const TURNING = 0.4;
const NEAR = 5;
const LEAP = 4;

/** Shorter steps, in pixels, turn no path: it goes on as it did before them. */
const SHORT_STEP = 2;

/** @typedef {{points: number[], opacity: number, restless: boolean, marks: number[]}} Piece places in pixels */

/**
 * The path up to row k: the rows to draw, and where each is in pixels. Rows that hardly move on from the one drawn
 * before are left out, so that a run that has converged costs nothing more.
 * @param {(row: number) => [number, number]} placeOf
 */
export function pathOf(k, placeOf) {
  const [rows, points] = [[], []];
  let [lastX, lastY] = [NaN, NaN];
  for (const row of pathRows(k)) {
    const [atX, atY] = placeOf(row);
    if (row < k && Math.abs(atX - lastX) < UNSEEN && Math.abs(atY - lastY) < UNSEEN) continue;
    rows.push(row);
    points.push(atX, atY);
    [lastX, lastY] = [atX, atY];
  }
  return { rows, points };
}

/**
 * @param {number[]} rows ascending, the last being the playhead's
 * @param {number[]} points their places in pixels: x0, y0, x1, y1, …
 * @returns {Piece[]} the oldest first
 */
export function piecesOf(rows, points) {
  const restless = restlessSteps(points);
  const k = rows.at(-1);
  const ageOf = (step) => AGES.findIndex((age) => k - rows[step + 1] < age);
  const pieces = [];
  for (let start = 0; start < restless.length; ) {
    const age = ageOf(start);
    let end = start + 1;
    while (end < restless.length && restless[end] === restless[start] && ageOf(end) === age) end += 1;
    const own = points.slice(2 * start, 2 * end + 2);
    const marked = !restless[start] || AGES[age] <= MARKED;
    const opacity = (restless[start] ? RESTLESS : CALM)[age];
    pieces.push({ points: own, restless: restless[start], opacity, marks: marked ? longSteps(own) : [] });
    start = end;
  }
  return pieces;
}

/** For every step whether the path goes to and fro there. @param {number[]} points @returns {boolean[]} */
export function restlessSteps(points) {
  const steps = points.length / 2 - 1;
  // Up to every step: the way so far, how many steps that count, and how many of them have turned back.
  const [way, counted, turns] = [[0], [0], [0]];
  let [dx, dy] = [0, 0];
  for (let i = 0; i < steps; i += 1) {
    const [ex, ey] = [points[2 * i + 2] - points[2 * i], points[2 * i + 3] - points[2 * i + 1]];
    const length = Math.hypot(ex, ey);
    const counts = length > SHORT_STEP;
    way.push(way[i] + length);
    counted.push(counted[i] + counts);
    turns.push(turns[i] + (counts && dx * ex + dy * ey < 0));
    if (counts) [dx, dy] = [ex, ey];
  }
  return Array.from({ length: Math.max(steps, 0) }, (_, i) => {
    const [from, to] = [Math.max(i - NEAR, 0), Math.min(i + NEAR + 1, steps)];
    const length = way[i + 1] - way[i];
    const around = (way[to] - way[from] - length) / Math.max(to - from - 1, 1);
    return turns[to] - turns[from] > TURNING * (counted[to] - counted[from]) && length <= LEAP * around;
  });
}

/** The ends of the steps that are long enough to be told apart. */
function longSteps(points) {
  const marks = [];
  for (let i = 2; i < points.length; i += 2) {
    const length = Math.hypot(points[i] - points[i - 2], points[i + 1] - points[i - 1]);
    if (length >= LONG_STEP) marks.push(points[i], points[i + 1]);
  }
  return marks;
}
