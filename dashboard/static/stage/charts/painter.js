// Draws what moves: the traces that follow the playhead, on a canvas over the chart's plotting area.
//
// Plotly takes about 15 ms to move a trace, whatever its size; a canvas takes a fraction of one. So Plotly keeps
// the axes, the traces that stand still and (while the playhead rests) the hover labels, and this does the rest.

import { pathRows } from "./columns.js";

const SHORTEST_ARROW = 34; // pixels
const DASHES = { dot: [2, 4], dash: [7, 5] };

/**
 * @typedef {{range: [number, number], type: string}} Axis
 * @typedef {{width: number, height: number, x: Axis, y: Axis}} Frame the plotting area in CSS pixels
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} beat the beat on the way to the next epoch; empty for the epoch as a whole
 */
export function paint(context, frame, traces, columns, k, beat) {
  context.clearRect(0, 0, frame.width, frame.height);
  for (const trace of traces) {
    const { beats, only, ahead } = trace.meta;
    if (beat ? beats && !beats.includes(beat) : only) continue;
    const row = beat && ahead?.includes(beat) && k + 1 < columns.count ? k + 1 : k;
    if (trace.meta.follow === "squares") {
      drawSquares(context, trace, columns, row, frame);
      continue;
    }
    const points = pointsOf(trace, columns, row, frame);
    if (trace.mode?.includes("lines")) drawLine(context, points, trace);
    if (trace.mode?.includes("markers")) drawMarkers(context, points, trace);
    if (trace.meta.follow === "arrow") label(context, points, trace, frame);
  }
}

/**
 * The trace's data at the playhead as plotly takes them, for its hover labels: exact rows, of a line by epoch
 * those in view, thinned to a number that plotly copes with.
 * @param {[number, number]} view the horizontal axis's range
 */
export function dataAt(trace, columns, k, view) {
  const rule = trace.meta;
  let rows = rowsOf(rule, columns, k);
  if (rule.follow === "history") rows = rule.x === "epoch" ? rowsInView(k, view) : [...pathRows(k)];
  if (rule.follow === "affine") return { x: trace.x, y: affine(trace, columns, k) };
  if (rule.follow === "taylor") return { x: trace.x, y: Array.from(trace.x, taylor(rule, columns, k)) };
  if (rule.follow === "squares" || rule.follow === "arrow") return { x: trace.x, y: trace.y };
  return { x: rows.map((row) => columns.at(rule.x, row)), y: rows.map((row) => columns.at(rule.y, row)) };
}

const MOST_HOVERED = 3000;

function rowsInView(k, view) {
  const from = Math.max(Math.ceil(Math.min(...view)), 0);
  const to = Math.min(Math.floor(Math.max(...view)), k);
  const stride = Math.max(1, Math.ceil((to - from) / MOST_HOVERED));
  const rows = [];
  for (let row = from; row < to; row += stride) rows.push(row);
  if (to >= from) rows.push(to);
  return rows;
}

function rowsOf(rule, columns, k) {
  if (rule.follow === "step") return k + 1 < columns.count ? [k, k + 1] : [];
  return [k];
}

function affine(trace, columns, k) {
  const { intercept, slope, fixed } = trace.meta;
  const [b, w] = [columns.at(intercept, k), columns.at(slope, k)];
  return trace.x.map((x, i) => (x === null ? null : (fixed[i] ?? b + w * x)));
}

function taylor({ at, value, slope, curvature }, columns, k) {
  const [middle, height, rise] = [at, value, slope].map((name) => columns.at(name, k));
  return (x) => height + rise * (x - middle) + (curvature / 2) * (x - middle) ** 2;
}

/** The ends of the arrow, in the chart's own units: x0, y0, x1, y1. */
function arrow({ x, y, dx, dy, scale }, columns, k) {
  const [x0, y0, along, up] = [x, y, dx, dy].map((name) => columns.at(name, k));
  return [x0, y0, x0 + scale * along, y0 + scale * up];
}

/** The same arrow, long enough to be seen: how long it is says less than where it points. */
function seen(x0, y0, x1, y1) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const factor = length > 0 ? Math.max(1, SHORTEST_ARROW / length) : 1;
  return [x0, y0, x0 + (x1 - x0) * factor, y0 + (y1 - y0) * factor];
}

/** Pixel coordinates x0, y0, x1, y1, …; NaN makes a gap. */
function pointsOf(trace, columns, k, frame) {
  const toX = scale(frame.x, frame.width, false);
  const toY = scale(frame.y, frame.height, true);
  const rule = trace.meta;
  const points = [];
  if (rule.follow === "affine") {
    const y = affine(trace, columns, k);
    trace.x.forEach((x, i) => points.push(x === null ? NaN : toX(x), x === null ? NaN : toY(y[i])));
  } else if (rule.follow === "taylor") {
    const height = taylor(rule, columns, k);
    for (const x of trace.x) points.push(toX(x), toY(height(x)));
  } else if (rule.follow === "arrow") {
    const [x0, y0, x1, y1] = arrow(rule, columns, k);
    points.push(...seen(toX(x0), toY(y0), toX(x1), toY(y1)));
  } else if (rule.follow === "history" && rule.x === "epoch") {
    // Only the epochs in view, and one more on either side to lead the line out of the picture.
    const [low, high] = frame.x.range;
    const from = Math.max(Math.floor(Math.min(low, high)) - 1, 0);
    const to = Math.min(Math.ceil(Math.max(low, high)) + 1, k);
    columns.outline(rule.y, from, to, frame.width, (epoch, value) => points.push(toX(epoch), toY(value)));
  } else {
    const rows = rule.follow === "history" ? pathRows(k) : rowsOf(rule, columns, k);
    for (const row of rows) points.push(toX(columns.at(rule.x, row)), toY(columns.at(rule.y, row)));
  }
  return points;
}

/** Values to pixels. Far outside the picture pixels are cut to what a canvas can draw. */
function scale(axis, length, flipped) {
  const [low, high] = axis.range;
  const perUnit = length / (high - low);
  const log = axis.type === "log";
  return (value) => {
    const along = ((log ? Math.log10(Math.max(value, 1e-300)) : value) - low) * perUnit;
    return Math.min(Math.max(flipped ? length - along : along, -1e5), 1e5);
  };
}

function drawLine(context, points, trace) {
  if (points.length < 4) return;
  context.beginPath();
  let drawing = false;
  for (let i = 0; i < points.length; i += 2) {
    if (Number.isNaN(points[i])) drawing = false;
    else if (drawing) context.lineTo(points[i], points[i + 1]);
    else {
      context.moveTo(points[i], points[i + 1]);
      drawing = true;
    }
  }
  context.globalAlpha = trace.paintOpacity;
  context.strokeStyle = trace.line.color;
  context.lineWidth = trace.line.width;
  context.lineJoin = "round";
  context.lineCap = "round";
  context.setLineDash(DASHES[trace.line.dash] ?? []);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** On every point a square whose side is its distance from the line: its area is what the loss adds up. */
function drawSquares(context, trace, columns, k, frame) {
  const toX = scale(frame.x, frame.width, false);
  const toY = scale(frame.y, frame.height, true);
  const { intercept, slope } = trace.meta;
  const [b, w] = [columns.at(intercept, k), columns.at(slope, k)];
  context.fillStyle = trace.line.color;
  context.strokeStyle = trace.line.color;
  context.lineWidth = trace.line.width;
  trace.x.forEach((x, i) => {
    const [left, top, foot] = [toX(x), toY(trace.y[i]), toY(b + w * x)];
    // Towards the side of the line that is away from it, so that square and line do not cover one another.
    const side = foot - top;
    const width = w >= 0 ? -side : side;
    context.globalAlpha = 0.1 * trace.paintOpacity;
    context.fillRect(left, top, width, side);
    context.globalAlpha = trace.paintOpacity;
    context.strokeRect(left, top, width, side);
  });
  context.globalAlpha = 1;
}

/** The arrow's name beyond its tip: it comes and goes, so it has no place in the legend. */
function label(context, [x0, , x1, y1], trace, frame) {
  if (Number.isNaN(x1)) return;
  context.font = `600 ${Math.round(Math.min(Math.max(frame.height / 11, 12), 18))}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = x1 >= x0 ? "left" : "right";
  context.textBaseline = "middle";
  context.fillStyle = trace.line.color;
  context.fillText(trace.name, x1 + (x1 >= x0 ? 10 : -10), y1);
}

function drawMarkers(context, points, trace) {
  const { marker } = trace;
  context.fillStyle = marker.color;
  if (marker.symbol === "arrow") {
    drawArrowhead(context, points, Math.max(...[marker.size].flat()));
    return;
  }
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.arc(points[i], points[i + 1], marker.size / 2, 0, 2 * Math.PI);
    context.fill();
    if (marker.line?.width) {
      context.strokeStyle = marker.line.color;
      context.lineWidth = marker.line.width;
      context.stroke();
    }
  }
}

function drawArrowhead(context, points, largest) {
  if (points.length < 4) return;
  const [x0, y0, x1, y1] = points;
  // Never longer than the step itself, or it would point back over its own start.
  const size = Math.min(largest, 0.9 * Math.hypot(x1 - x0, y1 - y0));
  if (size < 1) return;
  const angle = Math.atan2(y1 - y0, x1 - x0);
  context.save();
  context.translate(x1, y1);
  context.rotate(angle);
  context.beginPath();
  context.moveTo(size * 0.35, 0);
  context.lineTo(-size * 0.65, size * 0.45);
  context.lineTo(-size * 0.65, -size * 0.45);
  context.closePath();
  context.fill();
  context.restore();
}
