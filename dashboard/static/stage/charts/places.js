// Places in a chart: from units of its axes, of logarithmic ones powers of 10, to pixels, and back.

/**
 * @param {import("./chart.js").Chart} chart
 * @returns {[number, number]} to the right and down from the corner of its plotting area
 */
export function toPixels({ shown, inner }, x, y) {
  return [partOf(shown.x, x) * inner.width, (1 - partOf(shown.y, y)) * inner.height];
}

/**
 * The place under a pointer, which may be beyond the axes.
 * @param {import("./chart.js").Chart} chart @param {number} clientX in the window @param {number} clientY
 * @returns {[number, number]}
 */
export function toAxes({ shown, canvas }, clientX, clientY) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [valueAt(shown.x, (clientX - left) / width), valueAt(shown.y, 1 - (clientY - top) / height)];
}

/** Which part of the range lies below the value. */
function partOf([low, high], value) {
  return (value - low) / (high - low);
}

function valueAt([low, high], part) {
  return low + part * (high - low);
}
