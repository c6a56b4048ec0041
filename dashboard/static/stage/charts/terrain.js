// Paints what stands still in a landscape: the surface, the ground below it, and its axes. It is painted anew only when
// the camera, an axis or the theme has changed.

import { HEIGHT } from "./camera.js";
import { belowTop, heightTicks, placeIn, roundNumbers, surfaceOf } from "./scene.js";
import { mixed } from "../shared/colour.js";
import { setting } from "../shared/format.js";

/** Of the surface in each direction, and how many of them lie between two of its lines. */
const CELLS = 40;
const PER_LINE = 4;

/** Into how many pieces a side of the first frame is cut, which is bent as the surface is. */
const PER_SIDE = 24;

/** The outside of a wall is glass: what happens in the bowl is seen through it. */
const GLASS = 0.3;

/** How much darker the slopes are that turn away from the light, which comes from the left and from the front. */
const SHADE = 0.16;

/**
 * @typedef {object} Look
 * @property {number[][]} stops the colours of the surface from the valley up, as red, green and blue
 * @property {string} line of its lines
 * @property {string} ground @property {string} ticks @property {string} b @property {string} w @property {string} loss
 * @property {string} outline of the first frame
 * @property {string} family @property {number} size of letters, in pixels
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./scene.js").Scene} scene
 * @param {import("./camera.js").Projection} view
 * @param {Look} look
 * @param {{x: [number, number], y: [number, number]} | null} first the first frame's ranges, where these are others
 */
export function paintTerrain(context, scene, view, look, first) {
  const axes = axesOf(scene, view, look);
  paintGround(context, view, look, axes);
  const surface = surfaceOf(scene, CELLS);
  const { inside, outside } = facesOf(surface, view);
  // A line of sight meets a bowl at most twice, first from the outside and then inside: nothing needs to be sorted.
  for (const face of inside) paintFace(context, face, view, look, 1);
  paintLines(context, surface, view, look);
  if (first) paintFirstFrame(context, scene, view, look, first);
  for (const face of outside) paintFace(context, face, view, look, GLASS);
  paintHeight(context, view, look, axes);
  paintWords(context, view, look, axes);
}

/** What is seen of the surface from above, and what from the outside. */
function facesOf(surface, { facing }) {
  const [inside, outside] = [[], []];
  for (let i = 0; i + 1 < surface.length; i += 1) {
    for (let j = 0; j + 1 < surface.length; j += 1) {
      const corners = [surface[i][j], surface[i][j + 1], surface[i + 1][j + 1], surface[i + 1][j]];
      const polygon = belowTop(corners);
      if (polygon.length < 3) continue;
      const [one, two, three, four] = corners;
      const dx = (two.z + three.z - one.z - four.z) / (two.x + three.x - one.x - four.x);
      const dy = (three.z + four.z - one.z - two.z) / (three.y + four.y - one.y - two.y);
      const tint = (one.tint + two.tint + three.tint + four.tint) / 4;
      (facing(dx, dy) ? inside : outside).push({ polygon, tint, dx, dy });
    }
  }
  return { inside, outside };
}

function paintFace(context, { polygon, tint, dx, dy }, { place, right, depth }, { stops }, opacity) {
  trace(context, polygon, place);
  context.closePath();
  // The part of the light that a slope loses by which way it looks.
  const steep = Math.hypot(dx, dy, 1);
  const turnedAway = (right(dx, dy) - depth(dx, dy)) / (2 * steep);
  context.fillStyle = colourOf(stops, tint, 1 - SHADE * Math.max(0, -turnedAway) * 2);
  context.globalAlpha = opacity;
  context.fill();
  if (opacity === 1) {
    // Faces that only touch would let the ground shine through between them.
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 0.7;
    context.stroke();
  }
  context.globalAlpha = 1;
}

function colourOf(stops, tint, light) {
  return `rgb(${mixed(stops, tint).map((value) => Math.round(light * value)).join()})`;
}

/** Every few of the lines along which b, or w, is the same. */
function paintLines(context, surface, { place }, { line }) {
  context.strokeStyle = line;
  context.beginPath();
  for (let i = 0; i <= CELLS; i += PER_LINE) {
    paintAlong(context, surface[i], place);
    paintAlong(context, surface.map((row) => row[i]), place);
  }
  context.lineWidth = 0.8;
  context.stroke();
}

/** A line of the surface as far as it is below the top. */
function paintAlong(context, line, place) {
  for (let i = 0; i + 1 < line.length; i += 1) {
    const [from, to] = [line[i], line[i + 1]];
    const [start, end] = from.z > HEIGHT ? [to, from] : [from, to];
    if (start.z > HEIGHT) continue;
    const part = end.z > HEIGHT ? (HEIGHT - start.z) / (end.z - start.z) : 1;
    context.moveTo(...place(start.x, start.y, start.z));
    context.lineTo(...place(...["x", "y", "z"].map((name) => start[name] + part * (end[name] - start[name]))));
  }
}

/** Where the picture began, once the axes have had to reach farther: on the surface. */
function paintFirstFrame(context, scene, { place }, { outline }, { x, y }) {
  const corners = [[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]];
  const line = [...corners, corners[0]].flatMap(([b, w], i) => {
    const [fromB, fromW] = corners[Math.max(i - 1, 0)];
    return Array.from({ length: PER_SIDE }, (_, j) => (j + 1) / PER_SIDE).map((part) => {
      const [px, py, pz] = placeIn(scene, fromB + part * (b - fromB), fromW + part * (w - fromW));
      return { x: px, y: py, z: pz };
    });
  });
  context.beginPath();
  paintAlong(context, line, place);
  context.strokeStyle = outline;
  context.lineWidth = 1;
  context.stroke();
}

/** Where along an axis on the ground numbers are written. */
function ticksOf([low, high]) {
  return roundNumbers(low, high, 5).map((value) => ({ value, at: (2 * (value - low)) / (high - low) - 1 }));
}

/**
 * The two axes on the ground, in front of the surface, and that of the height at its left.
 * @param {import("./scene.js").Scene} scene
 */
function axesOf(scene, { depth }, { b, w, loss }) {
  const nearY = depth(0, 1) < 0 ? 1 : -1;
  const nearX = depth(1, 0) < 0 ? 1 : -1;
  return {
    b: { name: "b", colour: b, ticks: ticksOf(scene.b), on: (at) => [at, nearY, 0], out: [0, nearY] },
    w: { name: "w", colour: w, ticks: ticksOf(scene.w), on: (at) => [nearX, at, 0], out: [nearX, 0] },
    loss: {
      name: "loss",
      colour: loss,
      ticks: heightTicks(scene, 4).map(({ loss: value, z }) => ({ value, at: z })),
      on: (at) => [...scene.heightAxis, at],
    },
  };
}

function paintGround(context, { place }, { ground }, { b, w }) {
  const line = (one, other) => {
    context.moveTo(...place(...one, 0));
    context.lineTo(...place(...other, 0));
  };
  context.beginPath();
  for (const at of [-1, ...b.ticks.map((tick) => tick.at), 1]) line([at, -1], [at, 1]);
  for (const at of [-1, ...w.ticks.map((tick) => tick.at), 1]) line([-1, at], [1, at]);
  context.strokeStyle = ground;
  context.lineWidth = 1;
  context.stroke();
}

function paintHeight(context, { place }, { ticks: colour, size }, { loss }) {
  if (!isTall(loss, place, size)) return;
  context.beginPath();
  context.moveTo(...place(...loss.on(0)));
  context.lineTo(...place(...loss.on(HEIGHT)));
  for (const { at } of loss.ticks) {
    const [x, y] = place(...loss.on(at));
    context.moveTo(x, y);
    context.lineTo(x - 4, y);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
}

/** Numbers along the axes where there is room, and the axes' names. */
function paintWords(context, { place }, { ticks: colour, family, size }, { b, w, loss }) {
  const taken = [];
  context.textBaseline = "middle";
  context.textAlign = "left";
  const write = (text, x, y, align) => {
    const width = context.measureText(text).width;
    // Never beyond the edge, where its first digits would be lost.
    const left = Math.max(x - { left: 0, center: width / 2, right: width }[align], 2);
    const box = [left - 4, y - size / 2, left + width + 4, y + size / 2];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
    taken.push(box);
    context.fillText(text, left, y);
  };
  const outwards = (axis, at, far) => {
    const [x, y, z] = axis.on(at);
    const [px, py] = place(x, y, z);
    const [qx, qy] = place(x + axis.out[0], y + axis.out[1], z);
    const length = Math.hypot(qx - px, qy - py) || 1;
    const [dx, dy] = [(qx - px) / length, (qy - py) / length];
    return [px + far * dx, py + far * dy, dx < -0.5 ? "right" : dx > 0.5 ? "left" : "center"];
  };
  const tall = isTall(loss, place, size);
  const bold = `650 ${size + 1}px ${family}`;
  context.font = bold;
  for (const axis of [b, w]) {
    context.fillStyle = axis.colour;
    write(axis.name, ...outwards(axis, 0, 0.9 * size));
  }
  const [x, top] = place(...loss.on(HEIGHT));
  if (tall) {
    context.fillStyle = loss.colour;
    write(loss.name, x, top - 0.8 * size, "center");
  }
  context.font = `${size}px ${family}`;
  context.fillStyle = colour;
  for (const axis of [b, w]) for (const { value, at } of axis.ticks) write(told(value), ...outwards(axis, at, 0.9 * size));
  if (tall) for (const { value, at } of loss.ticks) write(told(value), x - 7, place(...loss.on(at))[1], "right");
}

/** Seen from far above, the axis of the height has no room for its numbers. */
function isTall({ on }, place, size) {
  return place(...on(0))[1] - place(...on(HEIGHT))[1] > 3 * size;
}

function told(value) {
  return setting(Number(value.toPrecision(4)));
}

function trace(context, polygon, place) {
  context.beginPath();
  polygon.forEach(({ x, y, z }, i) => context[i ? "lineTo" : "moveTo"](...place(x, y, z)));
}
