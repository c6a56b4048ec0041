// What stands still beside the runs of a chart: places and paths of others. It is painted once for wherever the axes
// are, so that hundreds of paths cost a frame nothing.

import { paint } from "./painter.js";
import { fitted } from "../shared/sharpness.js";
import { counterparts } from "../shared/theme.js";

export class StillLayer {
  /** @param {HTMLCanvasElement} moving the canvas of what moves */
  constructor(moving) {
    this.moving = moving;
    /** What is painted, and for which axes. */
    this.traces = [];
    this.where = "";
  }

  /**
   * @param {import("./painter.js").Frame} frame @param {object[]} traces as `dressedTraces` gives them
   * @param {boolean} above what moves, or behind it
   * @param {number} magnified how many pixels of the page one of the frame's is
   */
  paint(frame, traces, above, magnified) {
    const { left, top } = this.moving.style;
    const { x, y, width, height } = frame;
    const where = [x.type, x.range, y.type, y.range, width, height, left, top, above, magnified, devicePixelRatio].join();
    if (traces === this.traces && where === this.where) return;
    Object.assign(this, { traces, where });
    this.canvas?.remove();
    this.canvas = undefined;
    if (!traces.length) return;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "still";
    this.canvas.setAttribute("aria-hidden", "true");
    this.moving[above ? "after" : "before"](this.canvas);
    const place = { left: parseFloat(left), top: parseFloat(top), width: width * magnified, height: height * magnified };
    const context = fitted(this.canvas, place);
    context.scale(magnified, magnified);
    paint(context, { ...frame, first: undefined }, traces, [], "");
  }
}

/** Such traces in the colours of a ground. They are long: nothing but their looks is walked through. */
export function dressedTraces(traces, palette, dark) {
  const exchange = dark ? counterparts(palette.light, palette.dark) : new Map();
  const dress = (look) => look && { ...look, color: exchange.get(look.color) ?? look.color, ...(look.line && { line: dress(look.line) }) };
  return traces.map((trace) => ({
    ...trace,
    line: dress(trace.line),
    marker: dress(trace.marker),
    paintOpacity: trace.opacity ?? 1,
  }));
}
