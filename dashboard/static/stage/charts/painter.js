// Draws what moves: the traces that follow the playhead, on a canvas over the chart's plotting area.
//
// Plotly takes about 15 ms to move a trace, whatever its size; a canvas takes a fraction of one. So Plotly keeps
// the axes, the traces that stand still and (while the playhead rests) the hover labels, and this does the rest.

import { drawArrowhead, drawDots, drawLine, drawMarks, fillBetween, setFont } from "./brush.js";
import { fieldOver } from "./field.js";
import { paintBowl } from "./ground.js";
import { placesOf } from "./labels.js";
import { pathOf, piecesOf } from "./path.js";
import { dataAt, fills, isChosen, lineAt, moves, rowShown } from "./rules.js";
import { stretchesOf } from "./series.js";

const SHORTEST_ARROW = 34; // pixels

/** From one arrow of a field to the next, and the size of its head, in pixels. */
const FIELD_SPACING = 36;
const FIELD_HEAD = 8;

/** What is thin: the outline of a band, the joints of points, a path that goes to and fro. In parts of a line's width. */
const THIN = 0.45;
const BAND_OPACITY = 0.16;
const FAINT = 0.2;

/**
 * @typedef {{range: [number, number], type: string, floor?: number}} Axis
 * @typedef {{width: number, height: number, x: Axis, y: Axis, first?: {x: [number, number], y: [number, number]},
 *   colours: {outline: string, background: string}, family: string, layers?: string[]}} Frame the plotting area in CSS
 *   pixels; `first` are the ranges of the first frame where these are others, `layers` the chosen ones
 * @typedef {{columns: import("./columns.js").Columns, k: number}} Head a run, and its row at the playhead
 */

/** The rules that are painted in a way of their own; of all others the points, as lines and markers. */
const PAINTERS = { history: drawHistory, squares: drawSquares, arrow: drawArrow, field: drawField };

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Head[]} heads by run: a trace names the one it follows as `run`; the first if it names none
 * @param {string} beat the beat on the way to the next epoch; empty for the epoch as a whole
 */
export function paint(context, frame, traces, heads, beat) {
  context.clearRect(0, 0, frame.width, frame.height);
  const toX = scale(frame.x, frame.width, false);
  const toY = scale(frame.y, frame.height, true);
  if (frame.first) outlineFirst(context, frame, toX, toY);
  const ends = [];
  for (const trace of traces) {
    if (!isChosen(trace, frame.layers)) continue;
    if (!moves(trace)) {
      drawStill(context, trace, frame, toX, toY);
      continue;
    }
    const { columns, k } = heads[trace.run ?? 0];
    const row = rowShown(trace.meta, beat, k, columns.count);
    if (row < 0) continue;
    const drawTrace = PAINTERS[trace.meta.follow] ?? drawData;
    drawTrace(context, faded(trace, columns, frame), columns, row, frame, toX, toY);
    if (trace.label && trace.meta.label) ends.push(endOf(trace, columns, row, toX, toY));
  }
  drawLabels(context, ends, frame);
}

/** What plotly draws otherwise, while it changes with every frame. */
function drawStill(context, trace, frame, toX, toY) {
  if (fills(trace)) paintBowl(context, frame, trace);
  else drawPoints(context, trace, pixels(trace, toX, toY));
}

/** A run behind the front one that has got lost leaves the picture, and must not cover the others on its way. */
export function faded(trace, columns, frame) {
  const lost = trace.guest && columns.lost && frame.y.type !== "log";
  return lost ? { ...trace, paintOpacity: FAINT * trace.paintOpacity } : trace;
}

/** The part of the horizontal axis in view, in its own units. */
export function viewOf({ range, type }) {
  return type === "log" ? range.map((power) => 10 ** power) : range;
}

/** Where the picture began, once the axes have had to reach farther. */
function outlineFirst(context, frame, toX, toY) {
  const [left, right] = frame.first.x.map((end) => Math.min(Math.max(toX.place(end), -9), frame.width + 9));
  const [bottom, top] = frame.first.y.map((end) => toY.place(end));
  context.strokeStyle = frame.colours.outline;
  context.lineWidth = 1;
  // Never too small to be found.
  const [width, height] = [Math.max(right - left, 4), Math.max(bottom - top, 4)];
  context.strokeRect((left + right - width) / 2, (top + bottom - height) / 2, width, height);
}

function drawData(context, trace, columns, k, frame, toX, toY) {
  drawPoints(context, trace, pixels(dataAt(trace, columns, k, viewOf(frame.x)), toX, toY));
}

/** A line by epoch is outlined, and a path thinned, so that a frame costs the same however long the run is. */
function drawHistory(context, trace, columns, k, frame, toX, toY) {
  const { x, y } = trace.meta;
  if (x === "epoch") {
    // Only the epochs in view, and one more on either side to lead the line out of the picture.
    const view = viewOf(frame.x);
    const length = columns.epochLength;
    const from = Math.max(Math.floor(Math.min(...view) / length) - 1, 0);
    const to = Math.min(Math.ceil(Math.max(...view) / length) + 1, k);
    drawSeries(context, trace, stretchesOf(columns, y, from, to, (row) => toX(row * length), toY));
  } else {
    drawPath(context, trace, pathOf(k, (row) => [toX(columns.at(x, row)), toY(columns.at(y, row))]));
  }
}

function drawSeries(context, trace, stretches) {
  const line = lineOf(trace);
  const thin = { ...line, width: Math.max(line.width * THIN, 1) };
  const dot = { color: line.color, radius: Math.max(line.width * 0.8, 1.5), opacity: line.opacity };
  for (const stretch of stretches) {
    if (stretch.kind === "band") {
      fillBetween(context, stretch.upper, stretch.lower, line.color, BAND_OPACITY * line.opacity);
      drawLine(context, stretch.upper, thin);
      drawLine(context, stretch.lower, thin);
      drawDots(context, stretch.last, dot);
    } else if (stretch.kind === "swings") {
      drawLine(context, stretch.points, thin);
      drawDots(context, stretch.points, dot);
    } else {
      drawPoints(context, trace, stretch.points);
      if (!trace.mode.includes("markers")) drawDots(context, stretch.marks, dot);
    }
  }
}

/** @param {{rows: number[], points: number[]}} path */
export function drawPath(context, trace, { rows, points: places }) {
  const line = lineOf(trace);
  for (const { points, opacity, restless, marks } of trace.mode.includes("lines") ? piecesOf(rows, places) : []) {
    const width = restless ? Math.max(line.width * THIN, 1) : line.width;
    drawLine(context, points, { ...line, width, opacity: opacity * line.opacity });
    drawDots(context, marks, { color: line.color, radius: line.width * 0.9, opacity: opacity * line.opacity });
  }
  if (trace.mode.includes("markers")) drawMarkers(context, places, trace);
}

function drawArrow(context, trace, columns, k, frame, toX, toY) {
  drawLongArrow(context, trace, pixels(dataAt(trace, columns, k, viewOf(frame.x)), toX, toY), frame);
}

function drawField(context, trace, _columns, _k, { x, y, width, height }, toX, toY) {
  const arrows = fieldOver(trace.meta, x.range, y.range, width, height, FIELD_SPACING);
  drawArrows(context, trace, arrows.map(([b0, w0, b1, w1]) => [toX(b0), toY(w0), toX(b1), toY(w1)]));
}

/** @param {[number, number, number, number][]} arrows in pixels */
export function drawArrows(context, trace, arrows) {
  // One line with gaps: a stroke for each would cost more.
  drawLine(context, arrows.flatMap((arrow) => [...arrow, NaN, NaN]), lineOf(trace));
  context.globalAlpha = trace.paintOpacity;
  for (const arrow of arrows) drawArrowhead(context, arrow, trace.line.color, FIELD_HEAD);
  context.globalAlpha = 1;
}

/** Long enough to be seen: how long it is says less than where it points. Its name stands beyond its tip. */
export function drawLongArrow(context, trace, [x0, y0, x1, y1], frame) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const factor = length > 0 ? Math.max(1, SHORTEST_ARROW / length) : 1;
  const points = [x0, y0, x0 + (x1 - x0) * factor, y0 + (y1 - y0) * factor];
  drawPoints(context, trace, points);
  nameArrow(context, points, trace, frame);
}

export function drawPoints(context, trace, points) {
  if (trace.mode?.includes("lines")) drawLine(context, points, lineOf(trace));
  if (trace.mode?.includes("markers")) drawMarkers(context, points, trace);
}

function lineOf({ line, paintOpacity }) {
  return { ...line, opacity: paintOpacity };
}

function drawMarkers(context, points, { marker }) {
  if (marker.symbol === "arrow") drawArrowhead(context, points, marker.color, Math.max(...[marker.size].flat()));
  else if (marker.symbol) drawMarks(context, points, marker);
  else drawDots(context, points, { color: marker.color, radius: marker.size / 2, rim: marker.line });
}

/** Pixel coordinates x0, y0, x1, y1, …; NaN makes a gap. */
function pixels({ x, y }, toX, toY) {
  const points = [];
  x.forEach((value, i) => {
    const gap = value === null;
    points.push(gap ? NaN : toX(value), gap ? NaN : toY(y[i]));
  });
  return points;
}

/** Values to pixels. Far outside the picture pixels are cut to what a canvas can draw. */
function scale(axis, length, flipped) {
  const [low, high] = axis.range;
  const perUnit = length / (high - low);
  const place = (end) => {
    const along = (end - low) * perUnit;
    return Math.min(Math.max(flipped ? length - along : along, -1e5), 1e5);
  };
  const least = axis.floor ?? 1e-300;
  const toPixel = axis.type === "log" ? (value) => place(Math.log10(Math.max(value, least))) : (value) => place(value);
  // `place` takes what stands in a range: of a logarithmic axis powers.
  return Object.assign(toPixel, { place });
}

/** On every point a square whose side is its distance from the line: its area is what the loss adds up. */
function drawSquares(context, trace, columns, k, frame, toX, toY) {
  const line = lineAt(trace.meta, columns, k);
  const rising = columns.at(trace.meta.slope, k) >= 0;
  context.fillStyle = trace.line.color;
  context.strokeStyle = trace.line.color;
  context.lineWidth = trace.line.width;
  trace.x.forEach((x, i) => {
    const [left, top, foot] = [toX(x), toY(trace.y[i]), toY(line(x))];
    // Towards the side of the line that is away from it, so that square and line do not cover one another.
    const side = foot - top;
    const width = rising ? -side : side;
    context.globalAlpha = 0.1 * trace.paintOpacity;
    context.fillRect(left, top, width, side);
    context.globalAlpha = trace.paintOpacity;
    context.strokeRect(left, top, width, side);
  });
  context.globalAlpha = 1;
}

/** The arrow's name beyond its tip: it comes and goes, so it has no place in the legend. */
function nameArrow(context, [x0, , x1, y1], trace, frame) {
  if (Number.isNaN(x1)) return;
  setFont(context, frame);
  const right = x1 >= x0 ? x1 + 10 + widthOf(context, trace.name) <= frame.width : x1 - 10 - widthOf(context, trace.name) < 0;
  context.textAlign = right ? "left" : "right";
  context.textBaseline = "middle";
  context.fillStyle = trace.line.color;
  // Beyond its tip where there is room, else above it.
  context.fillText(trace.name, x1 + (right ? 10 : -10), right === x1 >= x0 ? y1 : y1 - 14);
}

function endOf({ meta, label, line }, columns, row, toX, toY) {
  return { label, color: line.color, x: toX(columns.at(meta.x, row)), y: toY(columns.at(meta.y, row)) };
}

/** Names at the ends of lines, on a halo of the background, over everything else. */
function drawLabels(context, ends, frame) {
  const shown = ends.filter(({ x, y }) => x >= 0 && x <= frame.width && !Number.isNaN(y));
  if (!shown.length) return;
  const size = setFont(context, frame);
  for (const end of shown) end.width = widthOf(context, end.label);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = frame.colours.background;
  placesOf(shown, frame, size + 2).forEach(({ left, middle }, i) => {
    context.fillStyle = shown[i].color;
    context.strokeText(shown[i].label, left, middle);
    context.fillText(shown[i].label, left, middle);
  });
}

/** Letters take their time to be measured, and are the same in every frame. */
const widths = new Map();

function widthOf(context, text) {
  const key = `${context.font} ${text}`;
  if (!widths.has(key)) {
    // Labels are few; whatever wrote many is best forgotten.
    if (widths.size > 500) widths.clear();
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key);
}
