// A drawing of the page with the page's styles written into it, so that it looks the same anywhere.

import { emptyPicture, svgElement } from "../shared/svg.js";
import { ink } from "./ink.js";

const COLOURS = ["fill", "stroke"];
const KEPT = [
  "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-family", "font-size", "font-weight",
  "font-variant-numeric", "text-anchor", "opacity",
];

/** What most elements have anyway, for the size of the file. */
const DEFAULTS = {
  "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linejoin": "miter", "paint-order": "normal", opacity: "1",
  "font-variant-numeric": "normal", "text-anchor": "start",
};

/**
 * @param {SVGSVGElement} svg
 * @param {(colour: string) => {colour: string, opacity: number}} inkOf the colour that stands for a computed one
 * @returns {SVGElement} a group in the units of its viewBox
 */
export function drawingCopy(svg, inkOf) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const originals = svg.querySelectorAll("*");
  const heads = new Map();
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    const marker = element.getAttribute("marker-end");
    for (const name of ["class", "style", "tabindex", "role", "aria-label"]) element.removeAttribute(name);
    if (style.display === "none" || style.visibility === "hidden") element.setAttribute("display", "none");
    for (const name of COLOURS) {
      const value = style.getPropertyValue(name);
      const { colour, opacity } = value.startsWith("rgb") ? inkOf(value) : { colour: "none", opacity: 1 };
      element.setAttribute(name, colour);
      if (opacity < 1) element.setAttribute(`${name}-opacity`, String(opacity));
    }
    for (const name of KEPT) {
      const value = style.getPropertyValue(name);
      if (value !== DEFAULTS[name]) element.setAttribute(name, value);
    }
    if (marker) element.setAttribute("marker-end", `url(#${headOf(copy, marker, element.getAttribute("stroke"), heads)})`);
  });
  const group = svgElement("g");
  group.append(...heads.values(), ...[...copy.childNodes].filter(({ nodeName }) => nodeName !== "defs"));
  return group;
}

/** An arrowhead of its own for every colour: few programs know that it is to have that of its line. */
function headOf(copy, marker, colour, heads) {
  const name = `${marker.slice(5, -1)}-${colour.slice(1)}`;
  if (!heads.has(name)) {
    const head = /** @type {SVGElement} */ (copy.querySelector(marker.slice(4, -1)).cloneNode(true));
    head.id = name;
    for (const shape of head.children) shape.setAttribute("fill", colour);
    heads.set(name, head);
  }
  return name;
}

/** The drawing alone, on the page's background. @param {SVGSVGElement} svg */
export function drawingPicture(svg) {
  const { x, y, width, height } = svg.viewBox.baseVal;
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--lab-background") || "white";
  const picture = emptyPicture([x, y, width, height], ground);
  picture.append(drawingCopy(svg, ink));
  return picture;
}
