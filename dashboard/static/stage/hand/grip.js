// The surface over a chart that a hand takes hold of: presses and keys, told in units of the chart's axes.

import { toAxes, toPixels } from "../charts/places.js";
import { element } from "../shared/dom.js";
import { isCommand } from "../shared/single_keys.js";

/** The second tap of a double-tap comes within this time, and this near to the first, in pixels. */
const DOUBLE_MS = 350;
const STILL = 12;

/**
 * A place in the picture, in units of its axes; `near(x, y)` says how many pixels another one is away.
 * @typedef {{x: number, y: number, finger: boolean, near: (x: number, y: number) => number}} Place
 *
 * @typedef {object} Holder what takes hold
 * @property {(place: Place) => boolean} press whether there is something to hold
 * @property {(place: Place) => void} drag what is held goes there
 * @property {() => void} drop it stays where it is
 * @property {boolean} stays whether it can stay in hand when another run comes to the front
 * @property {() => void} show that run is there
 * @property {() => void} giveUp it goes back to where it was
 * @property {(key: string, stride: number) => boolean} key whether the key was its own; the stride is a part of the picture
 * @property {(place: Place) => void} [twice] a double press where there was nothing to hold
 */

/** Parts of the picture that an arrow key moves by, alone and with Shift. */
const STRIDES = [1 / 50, 1 / 10];

export class Grip {
  /**
   * @param {import("../charts/chart.js").Chart} chart
   * @param {Holder} holder
   * @param {string} name @param {string} keys what the keys do, in words
   */
  constructor(chart, holder, name, keys) {
    this.chart = chart;
    this.holder = holder;
    this.keys = keys;
    /** The pointer that holds something. */
    this.pointer = null;
    this.lastTap = { time: -Infinity, x: 0, y: 0 };
    this.layer = element("div", "grip", chart.area);
    this.layer.tabIndex = 0;
    this.layer.hidden = true;
    this.layer.setAttribute("role", "application");
    this.layer.setAttribute("aria-label", name);
    this.layer.setAttribute("aria-description", keys);
    /** Marks a place for those who see where keys lead. */
    this.ring = element("div", "ring", this.layer);
    this.ring.hidden = true;
    const events = { pointerdown: "down", pointermove: "move", pointerup: "up", pointercancel: "cancel", keydown: "key" };
    for (const [type, act] of Object.entries(events)) this.layer.addEventListener(type, (event) => this[act](event));
  }

  /** @param {boolean} on whether the chart can be taken hold of */
  show(on) {
    this.layer.hidden = !on;
  }

  /** The ends of what the two axes show. */
  get ranges() {
    const { x, y } = this.chart.shown;
    return { x, y };
  }

  /** The place under a pointer, within what the axes show. @returns {Place} */
  placeOf({ clientX, clientY, pointerType }) {
    const [across, up] = toAxes(this.chart, clientX, clientY);
    const { ranges } = this;
    const [x, y] = [within(ranges.x, across), within(ranges.y, up)];
    return { x, y, finger: pointerType === "touch", near: this.distancesFrom(x, y) };
  }

  /** How many pixels places are away from one. @returns {(x: number, y: number) => number} */
  distancesFrom(fromX, fromY) {
    const [left, top] = toPixels(this.chart, fromX, fromY);
    return (x, y) => {
      const [across, down] = toPixels(this.chart, x, y);
      return Math.hypot(across - left, down - top);
    };
  }

  /** Marks a place, in units of the axes; none without. @param {number | null} x @param {number} [y] */
  mark(x, y) {
    this.ring.hidden = x === null;
    if (x === null) return;
    const { offsetLeft, offsetTop } = this.chart.canvas;
    const [left, top] = toPixels(this.chart, x, y);
    this.ring.style.left = `${offsetLeft + left}px`;
    this.ring.style.top = `${offsetTop + top}px`;
  }

  down(event) {
    if (event.button !== 0 || !event.isPrimary || !this.chart.shown) return;
    const place = this.placeOf(event);
    if (this.holder.press(place)) {
      this.pointer = event.pointerId;
      this.layer.setPointerCapture(event.pointerId);
      this.layer.classList.add("holding");
    } else this.tap(event, place);
  }

  tap({ timeStamp: time, clientX: x, clientY: y }, place) {
    const { lastTap } = this;
    this.lastTap = { time, x, y };
    if (time - lastTap.time > DOUBLE_MS || Math.hypot(x - lastTap.x, y - lastTap.y) > STILL) return;
    this.lastTap = { time: -Infinity, x, y };
    this.holder.twice?.(place);
  }

  move(event) {
    if (event.pointerId === this.pointer) this.holder.drag(this.placeOf(event));
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    this.letGo();
    this.holder.drop();
  }

  cancel(event) {
    if (event.pointerId !== this.pointer) return;
    this.letGo();
    this.holder.giveUp();
  }

  letGo() {
    this.pointer = null;
    this.layer.classList.remove("holding");
  }

  /** The player must not take the keys that are ours: what is prevented it leaves alone. */
  key(event) {
    if (isCommand(event) || !this.chart.shown) return;
    if (event.key === "Escape") this.letGo();
    if (this.holder.key(event.key, STRIDES[Number(event.shiftKey)])) event.preventDefault();
  }
}

/** By arrow key the direction across and up. */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * A number as exactly as the picture can tell it: four digits of what its axis shows, so that links stay short.
 * @param {number} value @param {[number, number]} range
 */
export function rounded(value, [low, high]) {
  const power = Math.floor(Math.log10(high - low)) - 3;
  return Number(`${Math.round(value / 10 ** power)}e${power}`) || 0;
}

/** A value of a range, or its nearer end. @param {[number, number]} range */
export function within([low, high], value) {
  return Math.min(Math.max(value, low), high);
}
