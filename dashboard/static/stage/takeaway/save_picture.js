// A picture as a file, in one of the kinds that are offered.

import { put } from "../shared/dom.js";
import { save, saveText, svgText } from "./files.js";
import { raster } from "./raster.js";

/** Pixels for every one of the drawing: sharp on a slide. */
const TIMES = 2;

/** @typedef {"svg" | "png"} Kind */

/**
 * Makes and saves a picture, and says where that has failed.
 * @param {HTMLElement} said @param {() => Promise<void>} make
 */
export async function orSaySo(said, make) {
  put(said, "");
  try {
    await make();
  } catch (error) {
    console.error(error);
    put(said, "This browser could not make the picture. Try the other kind of file.");
  }
}

/** @param {SVGSVGElement} svg @param {string} name without its ending @param {Kind} kind */
export async function savePicture(svg, name, kind) {
  if (kind === "svg") {
    saveText(`${name}.svg`, svgText(svg), "image/svg+xml");
    return;
  }
  const canvas = await raster(svg, TIMES);
  save(`${name}.png`, await new Promise((resolve) => canvas.toBlob(resolve, "image/png")));
}
