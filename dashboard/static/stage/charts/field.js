// The field of gradients: an arrow here and there in what is in view of b and w, the way that the loss falls fastest.

import { gradientAt } from "./bowl.js";

/** How long the longest arrow is, in parts of the distance from one to the next. */
const LONGEST = 0.9;

/** Steepness spans decades, lengths that can be read do not: they grow with this power of it. */
const COMPRESSION = 0.4;

/**
 * Every arrow has its middle where its gradient is. It points as a step would go in the picture, whose axes may have
 * different units, so it need not stand upright on the contours.
 * @param {import("./bowl.js").Landscape} landscape
 * @param {[number, number]} bRange what is in view @param {[number, number]} wRange
 * @param {number} width of the picture @param {number} height of it, in units of one kind
 * @param {number} spacing from one arrow to the next, in the same units
 * @returns {[number, number, number, number][]} b and w where each begins, and where it ends
 */
export function fieldOver(landscape, bRange, wRange, width, height, spacing) {
  const [perB, perW] = [width / (bRange[1] - bRange[0]), height / (wRange[1] - wRange[0])];
  const arrows = middles(wRange, height, spacing).flatMap((w) =>
    middles(bRange, width, spacing).map((b) => {
      const [bGrad, wGrad] = gradientAt(landscape, b, w);
      const [right, up] = [-bGrad * perB, -wGrad * perW];
      return { b, w, right, up, steepness: Math.hypot(right, up) };
    }),
  );
  const steepest = Math.max(...arrows.map(({ steepness }) => steepness));
  return arrows.flatMap(({ b, w, right, up, steepness }) => {
    if (!(steepness > 0)) return [];
    const half = (LONGEST * spacing * (steepness / steepest) ** COMPRESSION) / 2;
    const [db, dw] = [(half * (right / steepness)) / perB, (half * (up / steepness)) / perW];
    return [[b - db, w - dw, b + db, w + dw]];
  });
}

/** The middles of as many equal parts of a range as the spacing gives room for. */
function middles([low, high], length, spacing) {
  const parts = Math.max(Math.round(length / spacing), 1);
  return Array.from({ length: parts }, (_, i) => low + ((high - low) * (i + 0.5)) / parts);
}
