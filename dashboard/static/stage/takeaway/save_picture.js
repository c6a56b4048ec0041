// A picture as a file, in one of the kinds that are offered.

import { save, saveText, svgText } from "./files.js";
import { raster } from "./raster.js";

/** Pixels for every one of the drawing: sharp on a slide. */
const TIMES = 2;

/** @typedef {"svg" | "png"} Kind */

/** @param {SVGSVGElement} svg @param {string} name without its ending @param {Kind} kind */
export async function savePicture(svg, name, kind) {
  if (kind === "svg") {
    saveText(`${name}.svg`, svgText(svg), "image/svg+xml");
    return;
  }
  const canvas = await raster(svg, TIMES);
  save(`${name}.png`, await new Promise((resolve) => canvas.toBlob(resolve, "image/png")));
}
