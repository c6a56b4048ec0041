// Where things are in a landscape: from b, w and the loss to places in the scene, see `camera.js`.

import { distanceAt, FLOOR, heightAt, scaleOf } from "./bowl.js";
import { HEIGHT } from "./camera.js";

/** Places farther out than this, in the scene's own units, nobody sees. */
const FAR = 1e4;

/**
 * @typedef {object} Scene
 * @property {import("./bowl.js").Landscape} landscape whose loss it is
 * @property {[number, number]} b what is in view of the one parameter
 * @property {[number, number]} w and of the other
 * @property {number} top the height of the scene: how far from the minimum the loss is as high, see `distanceAt`
 * @property {[number, number]} heightAxis the corner where its axis stands
 */

/** How far from the minimum the highest corner of a rectangle is. @returns {number} */
export function farthestCorner(landscape, bRange, wRange) {
  return Math.max(...bRange.flatMap((b) => wRange.map((w) => distanceAt(landscape, b, w))));
}

/** The place of the loss at (b, w); what is no number has none. @param {Scene} scene */
export function placeIn({ landscape, b: bRange, w: wRange, top }, b, w) {
  const [x, y] = [along(b, bRange), along(w, wRange)];
  // The distance is squared last, so that a loss beyond all numbers has a place too.
  const z = HEIGHT * (distanceAt(landscape, b, w) / top) ** 2;
  return [x, y, z].map((value) => Math.min(Math.max(value, -FAR), FAR));
}

function along(value, [low, high]) {
  return (2 * (value - low)) / (high - low) - 1;
}

/** The corners of the ground, and of the surface above them as far as it is within the scene. @param {Scene} scene */
export function cornersOf(scene) {
  return scene.b.flatMap((b) =>
    scene.w.flatMap((w) => {
      const [x, y, z] = placeIn(scene, b, w);
      return [[x, y, 0], [x, y, Math.min(z, HEIGHT)]];
    }),
  );
}

/** Where the axis of the height stands: at the corner that is seen at the left. @returns {[number, number]} */
export function heightAxis({ azimuth }) {
  const around = (azimuth * Math.PI) / 180;
  const left = ([x, y]) => x * Math.cos(around) + y * Math.sin(around);
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].toSorted((one, other) => left(one) - left(other))[0];
}

/**
 * The surface as it is within the scene: a grid of places, with how far up the colours each is, by the logarithm of the
 * height as in the contours.
 * @param {Scene} scene @param {number} cells in each direction
 * @returns {{x: number, y: number, z: number, tint: number}[][]} by w, then by b; z may be above the top
 */
export function surfaceOf(scene, cells) {
  const { landscape, b: bRange, w: wRange } = scene;
  const high = Math.log10(farthestCorner(landscape, bRange, wRange)) * 2 + Math.log10(scaleOf(landscape));
  const depth = Math.log10(FLOOR);
  const values = ([from, to]) => Array.from({ length: cells + 1 }, (_, i) => from + ((to - from) * i) / cells);
  return values(wRange).map((w) =>
    values(bRange).map((b) => {
      const [x, y, z] = placeIn(scene, b, w);
      const tint = 1 - (heightAt(landscape, b, w) - high) / depth;
      return { x, y, z, tint: Math.min(Math.max(tint, 0), 1) };
    }),
  );
}

/** The part of a polygon that is not above the top. @param {{x: number, y: number, z: number}[]} corners */
export function belowTop(corners) {
  if (corners.every(({ z }) => z <= HEIGHT)) return corners;
  return corners.flatMap((corner, i) => {
    const next = corners[(i + 1) % corners.length];
    const kept = corner.z <= HEIGHT ? [corner] : [];
    if (corner.z <= HEIGHT === next.z <= HEIGHT) return kept;
    const part = (HEIGHT - corner.z) / (next.z - corner.z);
    const between = (name) => corner[name] + part * (next[name] - corner[name]);
    return [...kept, { x: between("x"), y: between("y"), z: HEIGHT }];
  });
}

/** Round numbers from low to high, about as many as wanted. @returns {number[]} */
export function roundNumbers(low, high, wanted) {
  const rough = (high - low) / wanted;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * What is written along the height: the loss, and where it is in the scene.
 * @param {Scene} scene @returns {{loss: number, z: number}[]}
 */
export function heightTicks({ landscape, top }, wanted) {
  const factor = scaleOf(landscape);
  const lowest = factor * landscape.lowest_mean;
  return roundNumbers(lowest, lowest + factor * top * top, wanted).map((loss) => ({
    loss,
    z: HEIGHT * (Math.sqrt((loss - lowest) / factor) / top) ** 2,
  }));
}
