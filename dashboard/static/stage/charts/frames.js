// How far an axis reaches: as its first frame as long as that holds what must be seen, else widened in steps.
//
// The steps are few and far apart, and depend on nothing but what must be seen: the picture stands still for as long
// as it can, and one epoch always looks the same, whichever way the playhead came there.

/** How much longer a linear axis becomes at first: what hardly leaves it hardly moves it. */
const FIRST_STEP = 1.3;

/** After that it is as long as a power of this times its first length. */
const FACTOR = 2;

/** Decades by which the first step lengthens a logarithmic axis; every further one lengthens it twice as far. */
const DECADES = 1;

/** The share of a widened axis that stays free at an end. */
const MARGIN = 0.04;

/** The farthest that plotly draws ticks well: its numbers end at 1e308. */
const FARTHEST = 1e300;

/** The least that a logarithmic axis reaches down to, as a part of its upper end; losses can be 0. */
const DEEPEST = 36;

/** @typedef {[number, number]} Range the ends of an axis; of a logarithmic one as powers of 10, as plotly has them */

/** Nothing has to be seen. @type {Range} */
export const NOTHING = [Infinity, -Infinity];

/** The extremes of both. @param {Range} one @param {Range} other @returns {Range} */
export function joined(one, other) {
  return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
}

/**
 * The range to show.
 * @param {Range} first the first frame's
 * @param {Range} seen the least and the greatest finite value that must be seen, in the axis's own units
 * @param {"linear" | "log"} type
 * @param {boolean} upwards whether the lower end stands still, as for what is never negative
 * @returns {Range}
 */
export function widened(first, seen, type = "linear", upwards = false) {
  if (!(seen[0] <= seen[1])) return first;
  return type === "log" ? widenedByDecades(first, seen) : widenedByFactors(first, seen, upwards);
}

function widenedByFactors([low, high], [least, greatest], upwards) {
  const still = upwards ? low : (low + high) / 2;
  const reach = high - still;
  const needed = upwards ? greatest - still : Math.max(greatest - still, still - least);
  if (needed <= reach) return [low, high];
  const wide = Math.min(reach * stepTo(needed / (1 - MARGIN) / reach), FARTHEST);
  return [upwards ? low : still - wide, still + wide];
}

/** The first step that multiplies with no less. */
function stepTo(factor) {
  return factor <= FIRST_STEP ? FIRST_STEP : FACTOR ** Math.ceil(Math.log(factor) / Math.log(FACTOR));
}

function widenedByDecades([low, high], [least, greatest]) {
  const [below, above] = [low - Math.max(power(least), high - DEEPEST), power(greatest) - high];
  return [low - decades(below), high + decades(above)];
}

/** By how many decades an end moves so that what lies `beyond` it is seen. */
function decades(beyond) {
  if (!(beyond > 0)) return 0;
  return DECADES * 2 ** Math.max(0, Math.ceil(Math.log2((beyond * (1 + MARGIN)) / DECADES)));
}

function power(value) {
  return value > 0 ? Math.log10(Math.min(value, FARTHEST)) : -Infinity;
}
