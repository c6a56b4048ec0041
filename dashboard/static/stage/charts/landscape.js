// The loss surface as a landscape: the chart of the contours, seen in space.
//
// It shows the same figure: a trace of places over b and w is lifted onto the surface. What stands still lies on one
// canvas, what moves on another over it, so that playing costs the strokes of the paths and nothing else. Plotly takes
// no part: its scenes need WebGL, which not every browser has, and draw all of it again for every frame.

import { alike, sameRange } from "./axes.js";
import { distanceAt } from "./bowl.js";
import { FIRST_CAMERA, HEIGHT, projection, rounded, sameCamera, turned } from "./camera.js";
import { Chart } from "./chart.js";
import { fieldOver } from "./field.js";
import { widened } from "./frames.js";
import { drawArrows, drawLongArrow, drawPath, drawPoints, faded } from "./painter.js";
import { pathOf } from "./path.js";
import { dataAt, fills, isChosen, moves, rowShown } from "./rules.js";
import { cornersOf, farthestCorner, heightAxis, placeIn } from "./scene.js";
import { paintTerrain } from "./terrain.js";
import { onTurn } from "./turning.js";
import { channels } from "../shared/colour.js";
import { fitted } from "../shared/sharpness.js";

/** How far from the minimum the scene reaches, at first, in distances of the start: there it is twice as high. */
const HEADROOM = Math.SQRT2;

/** How much of the distance to the farthest corner is seen at least: of a start near the minimum the bowl is a bowl too. */
const LEAST = 0.4;

/** The column of distances from the minimum of the surface that is shown. */
const DISTANCE = "landscape_distance";

/** From one arrow of the field to the next, as a part of either side. */
const FIELD_SPACING = 1 / 8;

/** Its keys, in words. */
export const HOW = "Arrow keys or dragging turn it, Enter or a double-click turns it back.";

export class Landscape extends Chart {
  /** @param {HTMLElement} parent @param {string} name */
  constructor(parent, name) {
    super(parent, name);
    this.camera = FIRST_CAMERA;
    this.told = FIRST_CAMERA;
    /** Told of the camera when it has been turned by hand. @type {((angles: [number, number] | null) => void) | null} */
    this.onTurned = null;
    this.still = document.createElement("canvas");
    this.still.setAttribute("aria-hidden", "true");
    this.plot.append(this.still);
    this.area.classList.add("turning");
    this.area.tabIndex = 0;
    let start = this.camera;
    this.unturn = onTurn(this.area, {
      grab: () => {
        start = this.camera;
      },
      turn: (around, up) => this.turn(turned(start, around, up)),
      rest: () => this.rest(this.camera),
      reset: () => this.rest(FIRST_CAMERA),
    });
  }

  show(figure, palette, dark, revision) {
    // Other runs, or the same on another's surface: their distances are to be measured anew.
    this.measured = new WeakSet();
    super.show(figure, palette, dark, revision);
  }

  setTheme(dark) {
    super.setTheme(dark);
    if (!this.source) return;
    this.bowl = this.figure.data.find(fills).meta;
    /** What is shown as long as no hand holds something. */
    this.own = { bowl: this.bowl, marks: this.marks, moving: this.moving };
    this.area.setAttribute("role", "application");
    this.area.setAttribute("aria-label", `${this.heading.textContent} in 3-D. ${HOW}`);
  }

  dressed(dark) {
    const dress = super.dressed(dark);
    const { data, layout } = dress.figure;
    const ground = data.find(fills);
    const { grid, loss } = dark ? this.palette.dark : this.palette.light;
    const look = {
      stops: ground.colorscale.map(([, colour]) => channels(colour)),
      line: ground.line.color,
      outline: dress.colours.outline,
      ground: grid,
      ticks: layout.xaxis.tickfont.color,
      b: layout.xaxis.title.font.color,
      w: layout.yaxis.title.font.color,
      loss,
    };
    return { ...dress, marks: marksOf(data), look };
  }

  /**
   * The camera as it is chosen elsewhere: by a link, say. What was turned by hand since it was last told stays.
   * @param {[number, number] | null} angles around and up; null as at first
   */
  lookFrom(angles) {
    const told = angles ? { azimuth: angles[0], elevation: angles[1] } : FIRST_CAMERA;
    if (sameCamera(told, this.told)) return;
    this.told = told;
    this.turn(told);
  }

  turn(camera) {
    if (sameCamera(camera, this.camera)) return;
    this.camera = camera;
    // A mouse may move oftener than the browser draws.
    this.turning ??= requestAnimationFrame(() => {
      this.turning = undefined;
      if (this.drawn && !this.outdated) this.redraw();
    });
  }

  /** The hand has let go. */
  rest(camera) {
    this.turn(rounded(camera));
    if (sameCamera(this.camera, this.told)) return;
    this.told = this.camera;
    const { azimuth, elevation } = this.camera;
    this.onTurned?.(sameCamera(this.camera, FIRST_CAMERA) ? null : [azimuth, elevation]);
  }

  setLayers(layers) {
    super.setLayers(layers);
    if (this.drawn && !this.outdated) this.redraw();
  }

  setOthers(traces) {
    super.setOthers(traces);
    if (this.drawn && !this.outdated) this.redraw();
  }

  async draw() {
    const { width, height } = this.size();
    this.outdated = !width || !height;
    if (this.outdated) return;
    this.drawn = true;
    this.family = getComputedStyle(this.panel).fontFamily;
    this.axes = this.axesWanted();
    this.top = this.topWanted(this.axes);
    this.fitCanvas();
    this.redraw();
  }

  /** Plotly takes no part. */
  plotted() {
    return null;
  }

  aim() {
    super.aim();
    this.top = this.topWanted(this.axes);
    this.setScene();
  }

  resize() {
    if (this.figure) this.enqueue(() => this.draw());
  }

  fitCanvas() {
    this.inner = this.size();
    const place = { left: 0, top: 0, ...this.inner };
    fitted(this.still, place);
    this.context = fitted(this.canvas, place);
  }

  sharpen() {
    this.resize();
  }

  /** How far from the minimum the scene has to reach: what is much higher than the paths is cut off. */
  topWanted({ x, y }) {
    const farthest = farthestCorner(this.bowl, x.range, y.range);
    if (!this.following) return farthest;
    const runs = [...new Set(this.moving.map(({ run = 0 }) => run))];
    const seen = runs.filter((run) => !this.heads[run].columns.lost || this.isFront(run)).map((run) => this.highestOf(run));
    const front = this.heads[runs.find((run) => this.isFront(run)) ?? 0].columns;
    const first = Math.max(HEADROOM * front.at(DISTANCE, 0), LEAST * farthest);
    return first > 0 ? Math.min(farthest, widened([0, first], [0, Math.max(...seen)], "linear", true)[1]) : farthest;
  }

  isFront(run) {
    return this.moving.some((trace) => (trace.run ?? 0) === run && !trace.guest);
  }

  /** How far from the minimum a run has been by now. */
  highestOf(run) {
    const { columns, k } = this.heads[run];
    if (!this.measured.has(columns)) {
      this.measured.add(columns);
      const { bowl } = this;
      columns.define(DISTANCE, (row) => distanceAt(bowl, columns.at("front_b", row), columns.at("front_w", row)));
    }
    // The beats lead to the next epoch, which is shown in the last of them.
    return columns.extremes(DISTANCE, 0, Math.min(this.beat ? k + 1 : k, columns.count - 1))[1];
  }

  follow(heads, beat = "", inHand = null) {
    Object.assign(this, { heads, beat, inHand });
    if (!this.drawn || this.outdated) return;
    const axes = inHand ? this.axes : this.axesWanted();
    const top = inHand ? this.top : this.topWanted(axes);
    const still = this.seen.bowl === this.scene.landscape && alike(axes, this.axes) && top === this.top;
    if (still) return this.repaint();
    Object.assign(this, { axes, top });
    this.redraw();
  }

  /** What is to be seen: the surface, what stands still on it, and what moves. */
  get seen() {
    const { inHand, own } = this;
    if (!inHand || inHand === this.moving) return own;
    return { bowl: inHand.find(fills).meta, marks: marksOf(inHand), moving: inHand.filter(moves) };
  }

  /** All of it: the camera, an axis, the theme or the surface is another. */
  redraw() {
    this.setScene();
    const context = this.still.getContext("2d");
    context.clearRect(0, 0, this.inner.width, this.inner.height);
    this.paintStill(context, { ...this.seen, dressedOthers: this.dressedOthers, look: this.look });
    this.repaint();
  }

  /** Where things are in the scene, and where the scene is in the picture. */
  setScene() {
    const { width, height } = this.painted;
    const { x, y } = this.axes;
    const size = this.fontSize() / this.magnified;
    const area = { width, height, left: 3.8 * size, right: 3 * size, top: 1.5 * size, bottom: 1.4 * size };
    const corner = heightAxis(this.camera);
    this.scene = { landscape: this.seen.bowl, b: x.range, w: y.range, top: this.top, heightAxis: corner };
    this.view = projection(this.camera, [...cornersOf(this.scene), [...corner, HEIGHT]], area);
  }

  paintStill(context, { marks, moving, dressedOthers, look }) {
    const { x, y } = this.axes;
    const wider = !sameRange(x.first, x.range) || !sameRange(y.first, y.range);
    // The arrows' joints are none of the surface that is painted next.
    context.save();
    context.scale(this.magnified, this.magnified);
    const written = { ...look, size: this.fontSize() / this.magnified, family: this.family };
    paintTerrain(context, this.scene, this.view, written, wider ? { x: x.first, y: y.first } : null);
    for (const trace of moving) if (trace.meta.follow === "field") this.drawField(context, trace);
    for (const trace of dressedOthers) drawPoints(context, trace, trace.x.flatMap((b, i) => this.liftedWithin(b, trace.y[i])));
    for (const trace of marks) drawPoints(context, trace, this.lifted(trace.x[0], trace.y[0]));
    context.restore();
  }

  /** The arrows lie on the slopes, as far as these are not cut off. */
  drawField(context, trace) {
    if (!isChosen(trace, this.layers)) return;
    const { landscape, b, w } = this.scene;
    const arrows = fieldOver(landscape, b, w, 1, 1, FIELD_SPACING).map((arrow) => onSlope(this.scene, arrow));
    const whole = arrows.filter(([, , z0, , , z1]) => Math.max(z0, z1) <= HEIGHT);
    drawArrows(context, trace, whole.map((arrow) => [...this.view.place(...arrow.slice(0, 3)), ...this.view.place(...arrow.slice(3))]));
  }

  /** Where (b, w) on the surface is seen, in pixels. */
  lifted(b, w) {
    return this.view.place(...placeIn(this.scene, b, w));
  }

  /** The same of what is seen of the surface: beyond that there is a gap. */
  liftedWithin(b, w) {
    const { x, y } = this.axes;
    const within = b !== null && [[b, x.range], [w, y.range]].every(([value, [low, high]]) => value >= low && value <= high);
    const place = within ? placeIn(this.scene, b, w) : [0, 0, Infinity];
    return place[2] <= HEIGHT ? this.view.place(...place) : [NaN, NaN];
  }

  repaint() {
    if (!this.drawn || this.outdated || !this.view) return;
    this.context.clearRect(0, 0, this.inner.width, this.inner.height);
    this.paintMoving(this.context, { moving: this.seen.moving, colours: this.colours });
  }

  paintMoving(context, { moving, colours }) {
    if (!this.following) return;
    const frame = { ...this.painted, ...this.axes, colours, family: this.family };
    this.paintMagnified(context, () => {
      for (const trace of moving) {
        if (trace.meta.follow === "field") continue;
        const { columns, k } = this.heads[trace.run ?? 0];
        const row = rowShown(trace.meta, this.beat, k, columns.count);
        if (row >= 0) this.drawTrace(context, faded(trace, columns, frame), columns, row, frame);
      }
    });
  }

  drawTrace(context, trace, columns, row, frame) {
    const { follow, x, y } = trace.meta;
    if (follow === "history") {
      drawPath(context, trace, pathOf(row, (one) => this.lifted(columns.at(x, one), columns.at(y, one))));
      return;
    }
    const data = dataAt(trace, columns, row, frame.x.range);
    const points = data.x.flatMap((b, i) => this.lifted(b, data.y[i]));
    // Its name is as large as in the contours, of whose area the axes take a part.
    if (follow === "arrow") drawLongArrow(context, trace, points, { ...frame, height: 0.7 * frame.height });
    else drawPoints(context, trace, points);
  }

  /** Nothing here has labels to be hovered. */
  catchUpLater() {}

  dispose() {
    this.unturn();
    cancelAnimationFrame(this.turning);
    // Of plotly there is nothing to clear away.
    this.drawn = false;
    super.dispose();
  }
}

/** An arrow laid on the slope, as long there as it was on the ground. @returns {number[]} x, y, z of its two ends */
function onSlope(scene, [b0, w0, b1, w1]) {
  const [from, to] = [placeIn(scene, b0, w0), placeIn(scene, b1, w1)];
  const [dx, dy, dz] = to.map((value, i) => value - from[i]);
  const left = (1 - Math.hypot(dx, dy) / Math.hypot(dx, dy, dz)) / 2;
  const at = (part) => placeIn(scene, b0 + part * (b1 - b0), w0 + part * (w1 - w0));
  return [...at(left), ...at(1 - left)];
}

/** What stands on the surface, whatever the playhead does. */
function marksOf(data) {
  return data.filter((trace) => !fills(trace) && !moves(trace));
}
