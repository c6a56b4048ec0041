// Lines, dots, arrowheads and words on a canvas, in the look that a plotly trace describes.

const DASHES = { dot: [2, 4], dash: [7, 5] };

/** Less than this, in pixels, nobody sees. */
export const UNSEEN = 0.1;

/**
 * Pixel coordinates are x0, y0, x1, y1, …; x is NaN where a line has a gap.
 * @typedef {{color: string, width: number, dash?: string, opacity?: number}} Line
 */

/** @param {number[]} points @param {Line} line */
export function drawLine(context, points, { color, width, dash, opacity = 1 }) {
  if (points.length < 4) return;
  context.beginPath();
  tracePath(context, points);
  context.globalAlpha = opacity;
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = "round";
  context.setLineDash(DASHES[dash] ?? []);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Corners are what a stroke costs, and a run that has converged has none: what goes on level is one line. */
function tracePath(context, points) {
  let drawing = false;
  let [cornerX, cornerY, endX, endY] = [0, 0, 0, 0];
  const corner = (x, y) => {
    if (drawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    [cornerX, cornerY, endX, endY] = [x, y, x, y];
  };
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    const gap = Number.isNaN(x);
    const level = drawing && !gap && Math.abs(y - cornerY) < UNSEEN;
    if (level && (x - endX) * (endX - cornerX) >= 0) {
      [endX, endY] = [x, y];
      continue;
    }
    if (drawing && endX !== cornerX) corner(endX, endY);
    if (!gap) corner(x, y);
    drawing = !gap;
  }
  if (drawing && endX !== cornerX) corner(endX, endY);
}

/** What lies between two lines from left to right. */
export function fillBetween(context, upper, lower, color, opacity) {
  context.beginPath();
  context.moveTo(upper[0], upper[1]);
  for (let i = 2; i < upper.length; i += 2) context.lineTo(upper[i], upper[i + 1]);
  for (let i = lower.length - 2; i >= 0; i -= 2) context.lineTo(lower[i], lower[i + 1]);
  context.closePath();
  context.globalAlpha = opacity;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

/** Discs, with a rim where one is given. @param {number | number[]} opacity of all, or one by one */
export function drawDots(context, points, { color, radius, rim, opacity = 1 }) {
  context.fillStyle = color;
  for (let i = 0; i < points.length; i += 2) {
    if (Number.isNaN(points[i])) continue;
    context.globalAlpha = typeof opacity === "number" ? opacity : opacity[i / 2];
    context.beginPath();
    context.arc(points[i], points[i + 1], radius, 0, 2 * Math.PI);
    context.fill();
    if (rim?.width) {
      context.strokeStyle = rim.color;
      context.lineWidth = rim.width;
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

/** Corners of marks around their middle, by plotly's name, in parts of their radius. */
const CORNERS = {
  star: Array.from({ length: 10 }, (_, i) => {
    const [angle, radius] = [(i * Math.PI) / 5, i % 2 ? 0.535 : 1.4];
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  }),
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
};

/** Marks of another shape than a disc; `-open` behind its name leaves an outline. */
export function drawMarks(context, points, { symbol, color, size, line, opacity = 1 }) {
  const corners = CORNERS[symbol.replace("-open", "")];
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = line?.width ?? 1;
  context.globalAlpha = opacity;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    context.beginPath();
    if (corners) corners.forEach(([across, down]) => context.lineTo(x + (across * size) / 2, y + (down * size) / 2));
    else context.arc(x, y, size / 2, 0, 2 * Math.PI);
    context.closePath();
    if (symbol.endsWith("-open")) context.stroke();
    else context.fill();
  }
  context.globalAlpha = 1;
}

/** The head of an arrow that comes from the first point and ends in the second. */
export function drawArrowhead(context, points, color, largest) {
  if (points.length < 4) return;
  const [x0, y0, x1, y1] = points;
  // Never longer than the step itself, or it would point back over its own start.
  const size = Math.min(largest, 0.9 * Math.hypot(x1 - x0, y1 - y0));
  if (size < 1) return;
  context.fillStyle = color;
  context.save();
  context.translate(x1, y1);
  context.rotate(Math.atan2(y1 - y0, x1 - x0));
  context.beginPath();
  context.moveTo(size * 0.35, 0);
  context.lineTo(-size * 0.65, size * 0.45);
  context.lineTo(-size * 0.65, -size * 0.45);
  context.closePath();
  context.fill();
  context.restore();
}

/** Letters that can be read in a picture of this size. @returns {number} their height in pixels */
export function setFont(context, frame) {
  const size = Math.round(Math.min(Math.max(frame.height / 11, 12), 18));
  context.font = `600 ${size}px ${frame.family}`;
  return size;
}
