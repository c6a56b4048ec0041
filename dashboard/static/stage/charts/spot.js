// One point of a chart lit up; and which one is pointed at, by a mouse or a finger.

import { toPixels } from "./places.js";
import { unpacked } from "../shared/arrays.js";
import { element } from "../shared/dom.js";

/** How far from a point may be pointed at it, in pixels. */
const REACH = { mouse: 10, touch: 24 };

export class Spot {
  /** @param {import("./chart.js").Chart} chart @param {(point: number | null) => void} told which is pointed at */
  constructor(chart, told) {
    this.chart = chart;
    this.told = told;
    this.listenTo(null);
    /** The one that is lit up. @type {{x: number, y: number} | null} */
    this.lit = null;
    this.ring = element("div", "spot", chart.area);
    this.ring.hidden = true;
    // What is dragged points at nothing.
    chart.area.addEventListener("pointermove", (event) => event.pointerType === "mouse" && !event.buttons && this.point(event));
    chart.area.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.tell(null));
    chart.area.addEventListener("pointerdown", (event) => event.pointerType !== "mouse" && this.point(event));
  }

  /** @param {{data: object[]} | null} figure of the data, of whose training points one can be pointed at; null for none */
  listenTo(figure) {
    const training = figure?.data.find(({ name }) => name === "training");
    this.points = training ? { x: unpacked(training.x), y: unpacked(training.y) } : { x: [], y: [] };
    this.pointed = null;
  }

  light(point) {
    this.lit = point;
    this.place();
  }

  /** Where the chart has its axes now. */
  place() {
    const { chart, ring, lit } = this;
    const [left, top] = lit && chart.shown ? toPixels(chart, lit.x, lit.y) : [NaN, NaN];
    const { width, height } = chart.inner ?? {};
    ring.hidden = !(left >= 0 && top >= 0 && left <= width && top <= height);
    if (ring.hidden) return;
    const { offsetLeft, offsetTop } = chart.canvas;
    ring.style.transform = `translate(${left + offsetLeft}px, ${top + offsetTop}px)`;
  }

  point({ clientX, clientY, pointerType }) {
    if (!this.chart.shown) return;
    const { left, top } = this.chart.canvas.getBoundingClientRect();
    let [nearest, distance] = [null, REACH[pointerType] ?? REACH.touch];
    for (let i = 0; i < this.points.x.length; i += 1) {
      const [x, y] = toPixels(this.chart, this.points.x[i], this.points.y[i]);
      const away = Math.hypot(x + left - clientX, y + top - clientY);
      if (away < distance) [nearest, distance] = [i, away];
    }
    this.tell(nearest);
  }

  tell(point) {
    if (point === this.pointed) return;
    this.pointed = point;
    this.told(point);
  }
}
