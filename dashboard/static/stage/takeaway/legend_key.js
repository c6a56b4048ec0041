// The small sign before a name in a chart's legend, as a shape.

import { svgElement } from "../shared/svg.js";

/** Of a star in a square, in hundredths of its side; the styles of the legend cut it out likewise. */
const STAR = "50,0 62,36 100,36 69,58 80,95 50,72 20,95 31,58 0,36 38,36";

/** In parts of the line's own width. */
const DASHES = { dash: [3, 2], dot: [1, 1] };

/**
 * @param {Element} key
 * @param {{x: number, y: number, width: number, height: number}} place
 * @param {{colour: string, opacity: number}} ink
 */
export function keyShape(key, { x, y, width, height }, { colour, opacity }) {
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const names = key.classList;
  if (names.contains("star")) {
    const points = STAR.split(" ").map((pair) => pair.split(",").map((part, i) => (i ? y : x) + (Number(part) / 100) * (i ? height : width)));
    return svgElement("polygon", { points: points.join(" "), fill: colour, "fill-opacity": opacity });
  }
  if (names.contains("diamond-open")) {
    const reach = width / 2 - 1;
    const d = `M${middleX} ${middleY - reach}l${reach} ${reach}l${-reach} ${reach}l${-reach} ${-reach}Z`;
    return svgElement("path", { d, fill: "none", stroke: colour, "stroke-width": 1.5 });
  }
  if (names.contains("marker")) return svgElement("circle", { cx: middleX, cy: middleY, r: width / 2, fill: colour, "fill-opacity": opacity });
  const dash = Object.keys(DASHES).find((name) => names.contains(name));
  return svgElement("line", {
    x1: x,
    x2: x + width,
    y1: middleY,
    y2: middleY,
    stroke: colour,
    "stroke-width": height,
    ...(dash ? { "stroke-dasharray": DASHES[dash].map((part) => part * height).join(" ") } : {}),
  });
}
