// A chart in a film: it follows the film's playhead, whatever the one on the page does meanwhile.

import { moves } from "../../charts/rules.js";
import { svgElement } from "../../shared/svg.js";
import { plotlyPicture } from "../chart_picture.js";
import { laidOut, MARGIN } from "../picture.js";
import { raster } from "../raster.js";

export class FilmedChart {
  /**
   * @param {import("../../charts/chart.js").Chart} chart as it stands now
   * @param {boolean} dark the ground @param {number} times pixels for every one on the screen
   */
  constructor(chart, dark, times) {
    const size = chart.size();
    // A chart of the same kind with the same contents, of which nothing is on the page. What changes on the page is put
    // in the place of what was there, so that the double keeps it; only the scales are changed where they are.
    const own = { scales: { ...chart.scales }, beat: "", inHand: null, size: () => size };
    this.double = Object.assign(Object.create(Object.getPrototypeOf(chart)), chart, own);
    Object.assign(this, { dark, times, size, dress: chart.dressed(dark) });
    this.place = chart.panel.getBoundingClientRect();
    const { left, top } = chart.area.getBoundingClientRect();
    this.area = { left: left - this.place.left, top: top - this.place.top };
    const header = chart.header.getBoundingClientRect();
    this.headingAt = { left: header.left - this.place.left - MARGIN, top: header.top - this.place.top - MARGIN };
    this.canvasAt = { left: parseFloat(chart.canvas.style.left), top: parseFloat(chart.canvas.style.top) };
    /** Heading and legend. */
    this.frame = laidOut(chart.panel, new Map([[chart.area, svgElement("g")]]), chart.palette, chart.dark, dark, ".picked");
    /** What stands still, by where the axes are. @type {Map<string, HTMLCanvasElement>} */
    this.stills = new Map();
    this.layer = this.canvas(chart.inner);
  }

  /** Where its axes are at a place of the playhead, as a key. @param {import("../../charts/painter.js").Head[]} heads */
  follow(heads) {
    const { double } = this;
    double.heads = heads;
    double.aim();
    return JSON.stringify([double.axes, double.shown, double.top ?? null]);
  }

  /** Draws what stands still where the axes are now: it takes a while, and so is done before. @param {string} key */
  async prepare(key) {
    this.heading ??= await raster(this.frame, this.times);
    if (!this.stills.has(key)) this.stills.set(key, await this.drawStill());
  }

  async drawStill() {
    const { double, dress } = this;
    const axes = Object.fromEntries(["x", "y"].map((name) => [name, { ...double.axes[name], range: double.shown[name] }]));
    const figure = double.plotted(dress.figure, axes);
    if (figure) return raster(await plotlyPicture({ ...figure, data: figure.data.filter((trace) => !moves(trace)) }), this.times);
    const canvas = this.canvas(double.inner);
    double.paintStill(canvas.getContext("2d"), dress);
    return canvas;
  }

  /**
   * Draws the chart as it stands where it was last told to follow.
   * @param {CanvasRenderingContext2D} context in pixels of the film @param {number} left @param {number} top
   */
  draw(context, left, top, key) {
    const { double, dress, place, headingAt, area, canvasAt, layer, times } = this;
    const put = (canvas, x, y) => context.drawImage(canvas, Math.round(times * (left + x)), Math.round(times * (top + y)));
    context.save();
    context.beginPath();
    context.rect(times * left, times * top, times * place.width, times * place.height);
    context.clip();
    put(this.heading, headingAt.left, headingAt.top);
    put(this.stills.get(key), area.left, area.top);
    const painting = layer.getContext("2d");
    painting.clearRect(0, 0, double.inner.width, double.inner.height);
    double.paintMoving(painting, dress);
    put(layer, area.left + canvasAt.left, area.top + canvasAt.top);
    context.restore();
  }

  /** A canvas on which a pixel of the screen is one, however many it has. */
  canvas({ width, height }) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height].map((length) => Math.round(length * this.times));
    canvas.getContext("2d").setTransform(this.times, 0, 0, this.times, 0, 0);
    return canvas;
  }
}
