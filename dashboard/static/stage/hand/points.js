// The points of a run in a hand: one of them elsewhere, or one more.

import { limitOf, minimumOf } from "../charts/bowl.js";
import { converted } from "../charts/units.js";
import { below, number, whole } from "../shared/format.js";
import { countOf, inUnitsOfTheData, leastSquares, scaled, seen, shownWith, withPoint } from "./edited.js";
import { ARROWS, Grip, rounded, within } from "./grip.js";
import { firstRecords } from "./trial.js";

export const KEYS =
  "] and [ choose a point, the nearest first (so do n and p); arrow keys move it, with Shift farther; Enter applies, " +
  "Escape gives up. Without a point the arrow keys move a cursor, and + adds a point there.";

/** Within how many pixels a point can be taken hold of. */
const REACH = { mouse: 12, finger: 26 };

/** As many as the data can have whose points are moved, and as many as can be moved of them. */
const MOST_POINTS = 1000;
const MOST_MOVED = 100;

/** The charts in which more than the record has to do with the points. */
const DRAWN_FROM_POINTS = new Set(["data", "surface", "landscape"]);

const STEPS = { "]": 1, n: 1, "[": -1, p: -1 };

export class PointsInHand {
  /**
   * @param {import("./by_hand.js").ByHand} mode
   * @param {import("../charts/chart.js").Chart} chart that of the data
   */
  constructor(mode, chart) {
    this.mode = mode;
    this.chart = chart;
    this.grip = new Grip(chart, this, "Points of the data, by hand", KEYS);
    this.show();
  }

  /** On other data a point is another one. */
  stays = false;

  /** Other points are there. */
  show() {
    /** The place of the point in hand among those of the scene. @type {number | null} */
    this.place = null;
    /** Where it has been put, in units of the data; null where it was. @type {[number, number] | null} */
    this.at = null;
    /** Where keys add a point, in units of the chart. @type {[number, number] | null} */
    this.cursor = null;
    this.added = 0;
    this.points = null;
    this.grip.mark(null);
  }

  /** All points of the scene, in units of the data, and in those of the chart. */
  know() {
    if (this.points) return;
    const { scene, units } = this.mode;
    this.points = inUnitsOfTheData(scene.points, units);
    this.shownX = scaled(this.points.x, units.x);
    this.shownY = scaled(this.points.y, units.y);
    const { x, index, train } = this.points;
    const traces = this.chart.figure.data;
    const count = (shows) => Math.max(0, ...traces.filter(({ meta }) => meta?.shows === shows).map(countOf));
    const moved = new Set(this.mode.held.moved.map(([one]) => one));
    const [training, validation] = [count("training"), count("validation")];
    const drawn = (i) => i < Math.min(training, train) || (i >= train && i < train + validation) || moved.has(index[i]);
    /** The places of those that are drawn. */
    this.drawn = x.flatMap((_, i) => (drawn(i) ? [i] : []));
  }

  /** Why the point with this number stays where it is; empty where it need not. */
  refusal(index) {
    const { scene, held } = this.mode;
    const { of } = scene.points;
    if (of > MOST_POINTS) return `Of up to ${whole(MOST_POINTS)} points each can be moved by hand, and these are ${whole(of)}: move the start.`;
    const known = held.moved.some(([other]) => other === index);
    return held.moved.length < MOST_MOVED || known ? "" : `${MOST_MOVED} points are moved by hand, and more cannot be: move one of those, or reset them.`;
  }

  press(place) {
    this.know();
    const distances = this.drawn.map((i) => place.near(this.shownX[i], this.shownY[i]));
    const least = Math.min(...distances);
    if (least > (place.finger ? REACH.finger : REACH.mouse)) return false;
    const i = this.drawn[distances.indexOf(least)];
    if (!this.take(i)) return false;
    // Held where it was pressed, so that a press alone moves nothing.
    this.offset = [this.shownX[i] - place.x, this.shownY[i] - place.y];
    return true;
  }

  /** Whether the point at this place could be taken hold of; else it is said why not. */
  take(place) {
    const refusal = this.refusal(this.points.index[place]);
    this.mode.say(this, refusal);
    if (refusal) return false;
    this.mode.begin(this);
    this.place = place;
    this.at = null;
    return true;
  }

  drag({ x, y }) {
    this.put(x + this.offset[0], y + this.offset[1]);
  }

  /** The point in hand goes to this place of the chart, or as near to it as the axes reach. */
  put(x, y) {
    const { mode } = this;
    const [across, up] = this.onPage(x, y);
    if (!this.at && across === this.points.x[this.place] && up === this.points.y[this.place]) return;
    this.at = [across, up];
    const points = withPoint(this.points, this.place, across, up);
    const { units, training, validation, ...own } = seen(points, mode.held.standardize, mode.held.training.reduction);
    const [b, w] = converted(mode.units, units, ...mode.now);
    const columns = firstRecords({ ...mode.held, training, validation }, b, w, { whole: mode.scene.graphWhole, own: units, front: mode.units });
    const [shownX, shownY] = [scaled(points.x, mode.units.x), scaled(points.y, mode.units.y)];
    const moved = [...mode.held.moved.map(([index]) => points.index.indexOf(index)), this.place];
    const picture = { ...points, x: shownX, y: shownY, moved, training, minimum: minimumOf(training), line: leastSquares(training, units, mode.units) };
    mode.try({
      columns,
      where: { x: across, y: up },
      more: this.limits(training),
      right: shownX[this.place] < middle(this.grip.ranges.x),
      low: shownY[this.place] > middle(this.grip.ranges.y),
      points: { ...own, held: this.place < points.train ? this.place : null },
      traces: (chart, name) => (DRAWN_FROM_POINTS.has(name) ? chart.figure.data.map((trace) => shownWith(trace, picture)) : null),
    });
    this.grip.mark(shownX[this.place], shownY[this.place]);
  }

  /** A place of the chart within its axes, in units of the data, as exactly as the picture tells it. */
  onPage(x, y) {
    const { ranges } = this.grip;
    const { units } = this.mode;
    return [inData(ranges.x, units.x, x), inData(ranges.y, units.y, y)];
  }

  /** From which learning rate on descent diverges, before and with the point where it is now. */
  limits(training) {
    const { held } = this.mode;
    const [before, now] = [held.training, training].map((landscape) => below(limitOf(landscape) * (held.stretch ?? 1)));
    return `${held.stretch === null ? "plain: diverges" : "diverges"} at ${before}${before === now ? "" : ` → ${now}`}`;
  }

  drop() {
    const { at, place, where } = this;
    if (!at) {
      this.giveUp();
      return;
    }
    Object.assign(this, { at: null, place: null, cursor: where });
    this.mode.settle(this, { points: [[this.points.index[place], ...at]] });
  }

  giveUp() {
    Object.assign(this, { at: null, place: null });
    this.grip.mark(null);
    this.mode.giveUp();
    this.mode.say(this, "");
  }

  twice({ x, y }) {
    this.know();
    this.add(x, y);
  }

  add(x, y) {
    const { of } = this.mode.scene.points;
    const next = of + this.added;
    const refusal = this.refusal(next);
    this.mode.say(this, refusal);
    if (refusal) return;
    this.added += 1;
    this.mode.settle(this, { points: [[next, ...this.onPage(x, y)]] });
  }

  key(key, stride) {
    this.know();
    const { x, y } = this.grip.ranges;
    this.cursor ??= [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
    if (key in STEPS) this.choose(STEPS[key]);
    else if (key in ARROWS) {
      const from = this.place === null ? this.cursor : this.where;
      const [across, up] = [x, y].map((range, i) => within(range, from[i] + ARROWS[key][i] * stride * (range[1] - range[0])));
      if (this.place === null) this.pointAt(across, up);
      else this.put(across, up);
    } else if (key === "+") this.add(...(this.place === null ? this.cursor : this.where));
    else if (key === "Enter" && this.at) this.drop();
    else if (key === "Escape" && this.place !== null) this.giveUp();
    else return false;
    return true;
  }

  /** Where the point in hand is, in units of the chart. */
  get where() {
    const { units } = this.mode;
    return this.at
      ? [...scaled([this.at[0]], units.x), ...scaled([this.at[1]], units.y)]
      : [this.shownX[this.place], this.shownY[this.place]];
  }

  pointAt(x, y) {
    this.cursor = [x, y];
    this.grip.mark(x, y);
    const [across, up] = this.onPage(x, y);
    this.mode.say(this, `x ${number(across, 4)}, y ${number(up, 4)}`);
  }

  /** The next point in the order of their distances from the cursor, or the one before. @param {1 | -1} by */
  choose(by) {
    const near = this.grip.distancesFrom(...this.cursor);
    const order = this.drawn.toSorted((i, j) => near(this.shownX[i], this.shownY[i]) - near(this.shownX[j], this.shownY[j]));
    const at = this.place === null ? (by > 0 ? -1 : 0) : order.indexOf(this.place);
    const place = order.at((at + by) % order.length);
    if (this.at) this.giveUp();
    if (!this.take(place)) return;
    this.grip.mark(this.shownX[place], this.shownY[place]);
    const { x, y, index } = this.points;
    this.mode.say(this, `Point ${index[place]}: x ${number(x[place], 4)}, y ${number(y[place], 4)}`);
  }
}

/** A value of an axis, or its nearer end, in units of the data. @param {[number, number]} unit mean and deviation */
function inData([low, high], [mean, std], value) {
  return rounded(mean + std * within([low, high], value), [mean + std * low, mean + std * high]);
}

/** @param {[number, number]} range */
function middle([low, high]) {
  return (low + high) / 2;
}
