// Elements of SVG, which have a namespace of their own.

const SPACE = "http://www.w3.org/2000/svg";

/** Places in hundredths of a pixel: finer is nothing but length. */
export const rounded = (value) => Math.round(100 * value) / 100;

/** @param {string} tag @param {Record<string, string | number>} attributes @returns {SVGElement} */
export function svgElement(tag, attributes = {}) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** @param {[number, number, number, number]} box what is seen, in its own units @param {string} ground its colour */
export function emptyPicture([x, y, width, height], ground) {
  const svg = /** @type {SVGSVGElement} */ (svgElement("svg", { width, height, viewBox: [x, y, width, height].join(" ") }));
  svg.append(svgElement("rect", { x, y, width, height, fill: ground }));
  return svg;
}
