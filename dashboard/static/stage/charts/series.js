// What of a series over the epochs is a line, and what swings: from row to row, faster than a line can show.
//
// A series that swings would fill the picture as a solid block if it were drawn as a line. So the picture is cut into
// cells a few pixels wide. Where the heights of cell after cell are the same ones, the series goes up and down within
// them: it is drawn as the band between its extremes. Where rows are farther apart than a cell is wide, every swing can
// be seen, as points joined by a thin line.

import { UNSEEN } from "./brush.js";

/** How wide a cell is at most, in pixels. */
const CELL = 8;

/** A swing is higher than this, in pixels: anything less is within the line's own width. */
const LEAST_SWING = 4;

/** The part that a cell and its neighbour have in common, of the higher one's height, if they are of the same swings. */
const COMMON = 0.35;

/** The part of its height by which a series gets on within a cell, at most, if it swings there. */
const PROGRESS = 0.5;

/** So many cells have to swing one after the other, or it was but a bend. */
const LASTING = 3;

/** So many calm ones have to follow one another between such, or it was but chance. */
const RESTING = 6;

/** Rows that are farther apart, in pixels, are marked one by one. */
const WIDE = 16;

/** The rows before the playhead that are shown as points where they cannot be told apart in a band. */
const LAST_ROWS = 6;

/**
 * A stretch of the series, in pixels. Its points are x0, y0, x1, y1, …; x is NaN where there is a gap.
 * @typedef {{kind: "line", points: number[], marks: number[]}} Line `marks` are the rows that are far apart
 * @typedef {{kind: "swings", points: number[]}} Swings every row a point
 * @typedef {{kind: "band", upper: number[], lower: number[], last: number[]}} Band between two envelopes; `last` are
 *   the last rows, where the series ends in it
 * @typedef {{row: number, rows: number, top: number, bottom: number, progress: number, single: boolean}} Cell its
 *   heights in pixels, and from its first row to its last
 */

/**
 * The series in rows `from` to `to`, in stretches.
 * @param {import("./columns.js").Columns} columns @param {string} name
 * @param {(row: number) => number} toX @param {(value: number) => number} toY in pixels, downwards
 * @returns {(Line | Swings | Band)[]}
 */
export function stretchesOf(columns, name, from, to, toX, toY) {
  const cells = cellsOf(columns, name, from, to, toX, toY);
  const swinging = swingsOf(cells);
  const stretches = [];
  for (let start = 0; start < cells.length; ) {
    let end = start + 1;
    while (end < cells.length && kindOf(cells[end], swinging[end]) === kindOf(cells[start], swinging[start])) end += 1;
    const kind = kindOf(cells[start], swinging[start]);
    const rows = [cells[start].row, end < cells.length ? cells[end].row : to];
    const own = cells.slice(start, end);
    if (kind === "band") stretches.push(bandOf(own, rows, end === cells.length, columns, name, toX, toY));
    else if (kind === "swings") stretches.push({ kind, points: pointsOf(columns, name, rows, toX, toY) });
    else stretches.push({ kind, points: lineOf(own, rows, columns, name, toX, toY), marks: marksOf(columns, name, rows, toX, toY) });
    start = end;
  }
  return stretches;
}

function kindOf(cell, swings) {
  if (!swings) return "line";
  return cell.single ? "swings" : "band";
}

/** @returns {Cell[]} */
function cellsOf(columns, name, from, to, toX, toY) {
  const wanted = (row) => Math.max(1, CELL / (toX(row + 1) - toX(row)));
  const cells = [];
  // Cells begin where they would if the whole series were in view, so that they do not wander when it is moved.
  const start = from - (from % 2 ** Math.floor(Math.log2(wanted(from))));
  columns.inBlocks(name, start, to, wanted, (row, rows, least, greatest) => {
    const progress = Math.abs(toY(columns.at(name, row)) - toY(columns.at(name, row + rows - 1)));
    const cell = { row, rows, top: toY(greatest), bottom: toY(least), progress, single: wanted(row) < 2 };
    const before = cells.at(-1);
    // What is left at the end comes in ever smaller blocks: they are one cell that is not full yet.
    if (before && !before.single && before.rows + rows <= wanted(before.row) && row + 2 * rows > to) {
      before.rows += rows;
      before.top = Math.min(before.top, cell.top);
      before.bottom = Math.max(before.bottom, cell.bottom);
    } else cells.push(cell);
  });
  return cells;
}

/** For every cell whether the series swings there. @param {Cell[]} cells @returns {boolean[]} */
export function swingsOf(cells) {
  const last = cells.length - 1;
  const alone = cells.map((cell, i) => {
    const [before, after] = [cells[i - 1], cells[i + 1]];
    if (cell.single) return turns(before, cell, after);
    const height = cell.bottom - cell.top;
    if (height < LEAST_SWING) return false;
    // The last one may not be full yet: nothing is said by what it has in common.
    const common = [before, i + 1 === last ? undefined : after].filter(Boolean).map((neighbour) => inCommon(cell, neighbour));
    if (common.length && common.every(Boolean)) return true;
    return cell.progress <= PROGRESS * height && (!common.length || common.some(Boolean));
  });
  // It is as the one before it; and the first row has none before it to turn from.
  if (last > 1) alone[last] = alone[last - 1];
  if (last > 1 && cells[0].single) alone[0] = alone[1];
  return lasting(lasting(alone, false, RESTING), true, LASTING);
}

function turns(before, cell, after) {
  if (!before || !after) return false;
  const [rise, fall] = [cell.top - before.top, cell.top - after.top];
  return rise * fall > 0 && Math.min(Math.abs(rise), Math.abs(fall)) >= LEAST_SWING;
}

function inCommon(cell, neighbour) {
  if (neighbour.single) return true;
  const shared = Math.min(cell.bottom, neighbour.bottom) - Math.max(cell.top, neighbour.top);
  return shared >= COMMON * Math.max(cell.bottom - cell.top, neighbour.bottom - neighbour.top);
}

/** Stretches of `value` that are too short become the other; those of false only where they lie between others. */
function lasting(values, value, least) {
  const result = [...values];
  for (let start = 0; start < values.length; ) {
    let end = start + 1;
    while (end < values.length && values[end] === values[start]) end += 1;
    const between = value || (start > 0 && end < values.length);
    if (values[start] === value && end - start < least && between) result.fill(!value, start, end);
    start = end;
  }
  return result;
}

function bandOf(cells, [first, after], atEnd, columns, name, toX, toY) {
  const [upper, lower] = [[], []];
  const add = (x, { top, bottom }) => {
    upper.push(x, top);
    lower.push(x, bottom);
  };
  add(toX(first), cells[0]);
  for (const cell of cells) add((toX(cell.row) + toX(cell.row + cell.rows - 1)) / 2, cell);
  // The last cell may hold one row by now: the band ends as wide as it was.
  const end = atEnd && cells.length > 1 ? union(cells.at(-1), cells.at(-2)) : cells.at(-1);
  if (atEnd) [upper, lower].forEach((side) => side.splice(-2));
  add(toX(after), end);
  const last = atEnd ? pointsOf(columns, name, [Math.max(first, after - LAST_ROWS + 1), after], toX, toY) : [];
  return { kind: "band", upper, lower, last };
}

function union(one, other) {
  return { top: Math.min(one.top, other.top), bottom: Math.max(one.bottom, other.bottom) };
}

function pointsOf(columns, name, [from, to], toX, toY) {
  const points = [];
  for (let row = from; row <= to; row += 1) {
    const value = columns.at(name, row);
    points.push(Number.isNaN(value) ? NaN : toX(row), toY(value));
  }
  return points;
}

/** The rows at the beginning that are far apart. On no axis does their distance grow. */
function marksOf(columns, name, [from, to], toX, toY) {
  let end = from;
  while (end <= to && toX(end + 1) - toX(end) >= WIDE) end += 1;
  return pointsOf(columns, name, [from, end - 1], toX, toY);
}

/** Where many rows fall on one pixel, their least and greatest; a cell that is level, from end to end at once. */
function lineOf(cells, [, to], columns, name, toX, toY) {
  const points = [];
  const add = (from, last) =>
    columns.inBlocks(name, from, last, (row) => 1 / (toX(row + 1) - toX(row)), (row, rows, least, greatest) => {
      if (rows === 1) points.push(...pointsOf(columns, name, [row, row], toX, toY));
      else if (least <= greatest) points.push(toX(row), toY(least), toX(row), toY(greatest));
      else points.push(NaN, NaN);
    });
  let next = to;
  for (const { row, rows, top, bottom } of cells) {
    next = row + rows;
    const height = bottom - top; // below 0 where nothing is finite
    if (rows > 1 && height >= 0 && height < UNSEEN) points.push(toX(row), top, toX(next - 1), bottom);
    else add(row, next - 1);
  }
  add(next, to); // the first row of what follows
  return points;
}
