// A panel of the stage, or all of it, as one SVG that looks the same anywhere.

import { emptyPicture } from "../shared/svg.js";
import { chartPicture } from "./chart_picture.js";
import { exchange } from "./ink.js";
import { PanelsPicture } from "./panels_picture.js";

/** What is there to be used: of what can be chosen, all but what is. */
const LEFT_OUT = [
  ".bar", ".pointer", ".popover", ".scales", ".save", ".picked button", ".sweep-value", "select", "input", ".enlarge", ".graph :is(.buttons, .said)",
  ".rate-change", ".chips :is(.base, .away, .align, .hint)", ".beats :not([aria-pressed=true])",
  ".method :not([aria-checked=true])", ".tabs :not([aria-selected=true])", ".tools label:not(:has(:checked))",
].join();

/** Around all that is seen, in pixels. */
export const MARGIN = 8;

/**
 * @param {Element} element a chart's panel or the stage
 * @param {Iterable<import("../charts/chart.js").Chart>} charts those that are within it
 * @param {{light: Record<string, string>, dark: Record<string, string>}} palette
 * @param {boolean} shown whether the page is dark @param {boolean} dark whether the picture is to be
 * @returns {Promise<SVGSVGElement>} all as it stands at the time of the call
 */
export async function pictureOf(element, charts, palette, shown, dark) {
  const pictures = [...charts].filter(({ area }) => element.contains(area) && area.clientWidth).map((chart) => [chart.area, chartPicture(chart, dark)]);
  const svg = laidOut(element, new Map(pictures.map(([area, { group }]) => [area, group])), palette, shown, dark);
  await Promise.all(pictures.map(([, { ready }]) => ready));
  return svg;
}

/**
 * The picture as far as it is no chart.
 * @param {Map<Element, SVGElement>} instead what stands for the charts' areas
 * @param {string} [also] a selector of what is left out too
 */
export function laidOut(element, instead, palette, shown, dark, also = "") {
  const { left, top, right, bottom } = boundsOf(element);
  const [width, height] = [right - left + 2 * MARGIN, bottom - top + 2 * MARGIN].map(Math.ceil);
  const svg = emptyPicture([0, 0, width, height], (dark ? palette.dark : palette.light).background);
  const corner = { left: left - MARGIN, top: top - MARGIN };
  const leftOut = [LEFT_OUT, also].filter(Boolean).join();
  new PanelsPicture(element, corner, exchange(palette, shown, dark), leftOut, instead).draw(element, svg);
  return svg;
}

/** What those parts of an element take up that are in its picture. */
function boundsOf(element) {
  const shown = [...element.children].filter((child) => !child.matches(LEFT_OUT) && child.getClientRects().length);
  const places = shown.map((child) => child.getBoundingClientRect());
  return {
    left: Math.min(...places.map(({ left }) => left)),
    top: Math.min(...places.map(({ top }) => top)),
    right: Math.max(...places.map(({ right }) => right)),
    bottom: Math.max(...places.map(({ bottom }) => bottom)),
  };
}
