// The loss of a line over (b, w), from the six numbers of its landscape: the browser's half of
// `core/geometry/landscape.py`, for pictures that follow what is in view.

/** Points of the grid in each direction. */
const SIZE = 61;

/** How many contours there are between the lowest and the highest point in view. */
export const LEVELS = 14;

/** The least that is told apart from the minimum: this part of the highest loss in view. */
export const FLOOR = 1e-4;

/**
 * As `Landscape` has them: number of points, means of x and y, variance of x, slope and mean squared error of the
 * least-squares line, and "mean" or "sum".
 * @typedef {{n: number, x_mean: number, y_mean: number, x_variance: number, w_min: number, lowest_mean: number,
 *   reduction: "mean" | "sum"}} Landscape
 */

/**
 * That of the points (x, y), as `Landscape.of` has it. A constant x gets the slope 0.
 * @param {number[]} x @param {number[]} y @param {"mean" | "sum"} reduction @returns {Landscape}
 */
export function landscapeOf(x, y, reduction) {
  const n = x.length;
  const mean = (of) => x.reduce((sum, _, i) => sum + of(i), 0) / n;
  const x_mean = x.every((value) => value === x[0]) ? x[0] : mean((i) => x[i]);
  const y_mean = mean((i) => y[i]);
  const x_variance = mean((i) => (x[i] - x_mean) ** 2);
  const w_min = x_variance > 0 ? mean((i) => (x[i] - x_mean) * (y[i] - y_mean)) / x_variance : 0;
  const lowest_mean = mean((i) => (y[i] - y_mean - w_min * (x[i] - x_mean)) ** 2);
  return { n, x_mean, y_mean, x_variance, w_min, lowest_mean, reduction };
}

/** b and w of the least loss. @param {Landscape} landscape @returns {[number, number]} */
export function minimumOf({ x_mean, y_mean, w_min }) {
  return [y_mean - w_min * x_mean, w_min];
}

/** The learning rate above which plain descent diverges, 2/λmax. @param {Landscape} landscape @returns {number} */
export function limitOf(landscape) {
  const { x_mean, x_variance } = landscape;
  const square = x_variance + x_mean ** 2;
  const largest = (1 + square) / 2 + Math.hypot((1 - square) / 2, x_mean);
  return 1 / (scaleOf(landscape) * largest);
}

/** The loss at (b, w). @param {Landscape} landscape @returns {number} */
export function lossAt(landscape, b, w) {
  const { x_mean, y_mean, x_variance, w_min, lowest_mean } = landscape;
  const offset = b + w * x_mean - y_mean;
  const slope = w - w_min;
  return scaleOf(landscape) * (lowest_mean + offset * offset + x_variance * slope * slope);
}

/**
 * How much higher than its minimum the loss is at (b, w), as a power of 10. It is a number even where the loss itself
 * is none any more.
 * @param {Landscape} landscape @returns {number}
 */
export function heightAt(landscape, b, w) {
  return 2 * Math.log10(distanceAt(landscape, b, w)) + Math.log10(scaleOf(landscape));
}

/**
 * The root of how much higher than its minimum the mean squared error is at (b, w).
 * @param {Landscape} landscape @returns {number}
 */
export function distanceAt({ x_mean, y_mean, x_variance, w_min }, b, w) {
  return Math.hypot(b + w * x_mean - y_mean, Math.sqrt(x_variance) * (w - w_min));
}

/** By what the loss is a multiple of the mean squared error. @param {Landscape} landscape @returns {number} */
export function scaleOf({ n, reduction }) {
  return reduction === "sum" ? n : 1;
}

/** ∂loss/∂b and ∂loss/∂w at (b, w). @param {Landscape} landscape @returns {[number, number]} */
export function gradientAt(landscape, b, w) {
  const { x_mean, y_mean, x_variance, w_min } = landscape;
  const twice = 2 * scaleOf(landscape);
  const offset = b + w * x_mean - y_mean;
  return [twice * offset, twice * (offset * x_mean + x_variance * (w - w_min))];
}

/**
 * The contours of the loss over a rectangle, as plotly takes them; `customdata` is the loss itself.
 *
 * The bowl is steep: contours of the logarithm show the valley as well as the walls. The floor keeps them defined
 * where the loss is at its lowest.
 * @param {Landscape} landscape @param {[number, number]} bRange @param {[number, number]} wRange
 */
export function contoursOver(landscape, bRange, wRange) {
  const [x, y] = [bRange, wRange].map(spread);
  const heights = y.map((w) => x.map((b) => heightAt(landscape, b, w)));
  const high = Math.max(...heights.flat());
  const low = Math.max(Math.min(...heights.flat()), high + Math.log10(FLOOR));
  return {
    x,
    y,
    z: heights.map((row) => row.map((height) => Math.max(height, low))),
    customdata: y.map((w) => x.map((b) => lossAt(landscape, b, w))),
    contours: { start: low, end: high, size: (high - low) / LEVELS || 1 },
  };
}

/** Places at equal distances, both ends included. */
function spread([from, to]) {
  return Array.from({ length: SIZE }, (_, i) => from + ((to - from) * i) / (SIZE - 1));
}
