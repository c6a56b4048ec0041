// From where a landscape is seen: a camera that goes around it, so far away that nothing becomes smaller behind.
//
// Places in the scene are x and y from -1 to 1 and a height z from 0 to `HEIGHT`. Seen from above, and with b to the
// right, they are where the contours have them.

/** How high the scene is, of which either side is 2 long. */
export const HEIGHT = 1.1;

/** By how much the scene may be wider than it would be, at most, where the area is: panels are wide, and low. */
const STRETCH = 1.5;

/** The steepest view is the one from above; from flatter ones the wall in front hides the valley. */
const ELEVATIONS = [8, 90];

/**
 * Degrees: by how much the camera has gone around the scene to the right, from where b grows to the right, and how far it
 * stands above the ground.
 * @typedef {{azimuth: number, elevation: number}} Camera
 *
 * @typedef {object} Projection
 * @property {(x: number, y: number, z: number) => [number, number]} place in pixels, to the right and downwards
 * @property {(x: number, y: number) => number} right how far to the right of the middle a place on the ground is
 * @property {(x: number, y: number) => number} depth how far behind the middle a place on the ground is
 * @property {(dx: number, dy: number) => boolean} facing whether a slope that rises so is seen from above; the other
 *   side is the outside of a wall
 */

/** Down the valley that a line's loss has for an x whose mean is above 0. @type {Readonly<Camera>} */
export const FIRST_CAMERA = Object.freeze({ azimuth: 35, elevation: 28 });

/** The camera after it was turned by so many degrees. @returns {Camera} */
export function turned({ azimuth, elevation }, around, up) {
  const angle = (azimuth + around + 180) % 360;
  return {
    azimuth: (angle < 0 ? angle + 360 : angle) - 180,
    elevation: Math.min(Math.max(elevation + up, ELEVATIONS[0]), ELEVATIONS[1]),
  };
}

/** In whole degrees, as it stands in a link. @returns {Camera} */
export function rounded({ azimuth, elevation }) {
  return turned({ azimuth: Math.round(azimuth), elevation: Math.round(elevation) }, 0, 0);
}

export function sameCamera(one, other) {
  return one.azimuth === other.azimuth && one.elevation === other.elevation;
}

/**
 * What is to be seen in the middle of an area, as large as fits.
 * @param {Camera} camera
 * @param {[number, number, number][]} held places that have to be within it
 * @param {{width: number, height: number, left: number, right: number, top: number, bottom: number}} area in pixels, with
 *   the margins for what is written around the scene
 * @returns {Projection}
 */
export function projection({ azimuth, elevation }, held, area) {
  const [around, up] = [azimuth, elevation].map((degrees) => (degrees * Math.PI) / 180);
  const [cosA, sinA, cosE, sinE] = [Math.cos(around), Math.sin(around), Math.cos(up), Math.sin(up)];
  const right = (x, y) => x * cosA + y * sinA;
  const depth = (x, y) => y * cosA - x * sinA;
  const rise = (x, y, z) => depth(x, y) * sinE + z * cosE;
  const [west, east] = extremes(held.map(([x, y]) => right(x, y)));
  const [low, high] = extremes(held.map((place) => rise(...place)));
  const across = Math.max(area.width - area.left - area.right, 0);
  const down = Math.max(area.height - area.top - area.bottom, 0);
  const unit = Math.min(across / (east - west), down / (high - low));
  const wide = Math.min(across / (east - west), STRETCH * unit);
  const [middleX, middleY] = [area.left + across / 2, area.top + down / 2];
  return {
    place: (x, y, z) => [middleX + wide * (right(x, y) - (west + east) / 2), middleY - unit * (rise(x, y, z) - (low + high) / 2)],
    right,
    depth,
    facing: (dx, dy) => sinE + depth(dx, dy) * cosE > 0,
  };
}

function extremes(values) {
  return [Math.min(...values), Math.max(...values)];
}
