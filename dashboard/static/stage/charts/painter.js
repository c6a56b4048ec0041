// Draws what moves: the traces that follow the playhead, on a canvas over the chart's plotting area.
//
// Plotly takes about 15 ms to move a trace, whatever its size; a canvas takes a fraction of one. So Plotly keeps
// the axes, the traces that stand still and (while the playhead rests) the hover labels, and this does the rest.

import { pathRows } from "./columns.js";
import { dataAt, lineAt, rowShown } from "./rules.js";

const SHORTEST_ARROW = 34; // pixels
const DASHES = { dot: [2, 4], dash: [7, 5] };

/**
 * @typedef {{range: [number, number], type: string}} Axis
 * @typedef {{width: number, height: number, x: Axis, y: Axis}} Frame the plotting area in CSS pixels
 * @typedef {{columns: import("./columns.js").Columns, k: number}} Head a run, and its row at the playhead
 */

/** The rules that are painted in a way of their own; of all others the points, as lines and markers. */
const PAINTERS = { history: drawHistory, squares: drawSquares, arrow: drawArrow };

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Head[]} heads by run: a trace names the one it follows as `run`; the first if it names none
 * @param {string} beat the beat on the way to the next epoch; empty for the epoch as a whole
 */
export function paint(context, frame, traces, heads, beat) {
  context.clearRect(0, 0, frame.width, frame.height);
  const toX = scale(frame.x, frame.width, false);
  const toY = scale(frame.y, frame.height, true);
  for (const trace of traces) {
    const { columns, k } = heads[trace.run ?? 0];
    const row = rowShown(trace.meta, beat, k, columns.count);
    if (row < 0) continue;
    const drawTrace = PAINTERS[trace.meta.follow] ?? drawData;
    drawTrace(context, trace, columns, row, frame, toX, toY);
  }
}

function drawData(context, trace, columns, k, frame, toX, toY) {
  drawPoints(context, trace, pixels(dataAt(trace, columns, k, frame.x.range), toX, toY));
}

/** A line by epoch is outlined, and a path thinned, so that a frame costs the same however long the run is. */
function drawHistory(context, trace, columns, k, frame, toX, toY) {
  const { x, y } = trace.meta;
  const points = [];
  if (x === "epoch") {
    // Only the epochs in view, and one more on either side to lead the line out of the picture.
    const [low, high] = frame.x.range;
    const length = columns.epochLength;
    const from = Math.max(Math.floor(Math.min(low, high) / length) - 1, 0);
    const to = Math.min(Math.ceil(Math.max(low, high) / length) + 1, k);
    columns.outline(y, from, to, frame.width, (row, value) => points.push(toX(row * length), toY(value)));
  } else {
    for (const row of pathRows(k)) points.push(toX(columns.at(x, row)), toY(columns.at(y, row)));
  }
  drawPoints(context, trace, points);
}

/** Long enough to be seen: how long it is says less than where it points. Its name stands beyond its tip. */
function drawArrow(context, trace, columns, k, frame, toX, toY) {
  const [x0, y0, x1, y1] = pixels(dataAt(trace, columns, k, frame.x.range), toX, toY);
  const length = Math.hypot(x1 - x0, y1 - y0);
  const factor = length > 0 ? Math.max(1, SHORTEST_ARROW / length) : 1;
  const points = [x0, y0, x0 + (x1 - x0) * factor, y0 + (y1 - y0) * factor];
  drawPoints(context, trace, points);
  label(context, points, trace, frame);
}

function drawPoints(context, trace, points) {
  if (trace.mode?.includes("lines")) drawLine(context, points, trace);
  if (trace.mode?.includes("markers")) drawMarkers(context, points, trace);
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
