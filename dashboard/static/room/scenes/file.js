// A list of scenes as a file, and back. What a file says is taken as text and numbers, and checked one by one.

import { checkedScene } from "./scene.js";

const FORMAT = "gradient-descent-lab-scenes";
const VERSION = 1;

/** Scenes in a list at most, and bytes of its file. */
export const MOST = 200;
export const MOST_BYTES = 512 * 1024;

/** @param {import("./scene.js").Scene[]} scenes */
export function written(scenes) {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, scenes }, null, 2)}\n`;
}

/**
 * @param {string} text of a file
 * @returns {import("./scene.js").Scene[]}
 * @throws {Error} with one sentence that says what is wrong with it
 */
export function read(text) {
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    throw new Error("This file is no list of scenes: it cannot be read as JSON. Choose one that the lab has saved.");
  }
  if (told?.format !== FORMAT || !Array.isArray(told.scenes)) {
    throw new Error("This file is JSON, but no list of scenes. Choose one that the lab has saved.");
  }
  if (told.version !== VERSION) throw new Error("This list of scenes was saved by another version of the lab: open it there.");
  if (!told.scenes.length) throw new Error("This list has no scenes: record one first, and save it again.");
  if (told.scenes.length > MOST) throw new Error(`This list has ${told.scenes.length} scenes, and there is room for ${MOST}: take some out.`);
  return told.scenes.map((scene, i) => {
    try {
      return checkedScene(scene);
    } catch (error) {
      throw new Error(`Scene ${i + 1} of this file cannot be read: ${error.message}`, { cause: error });
    }
  });
}

/** The scenes of a file that was chosen. @param {Blob} file @throws {Error} as `read` */
export async function readFile(file) {
  if (file.size > MOST_BYTES) {
    throw new Error(`This file is larger than ${MOST_BYTES / 1024} KB: it is no list of scenes. Choose one that the lab has saved.`);
  }
  return read(await file.text());
}
