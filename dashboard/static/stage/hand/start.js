// The start of a run in a hand: anywhere on its loss surface.

import { ARROWS, Grip, rounded, within } from "./grip.js";
import { firstRecords } from "./trial.js";

export const KEYS = "Arrow keys move the start, with Shift farther; Enter starts there, Escape gives up.";

export class StartInHand {
  /**
   * @param {import("./by_hand.js").ByHand} mode
   * @param {import("../charts/chart.js").Chart} chart the loss surface
   */
  constructor(mode, chart) {
    this.mode = mode;
    this.grip = new Grip(chart, this, "Start on the loss surface, by hand", KEYS);
  }

  /** Where the hand has put it. @type {[number, number] | null} */
  at = null;

  /** A start is one on any data. */
  stays = true;

  /** While it is held, the playhead is where runs begin. */
  atStart = true;

  show() {
    if (this.at) this.put(...this.at);
  }

  press(place) {
    this.mode.begin(this);
    this.drag(place);
    return true;
  }

  drag({ x, y }) {
    const { ranges } = this.grip;
    this.put(rounded(x, ranges.x), rounded(y, ranges.y));
  }

  put(b, w) {
    const { mode } = this;
    this.at = [b, w];
    const columns = firstRecords(mode.held, b, w, { whole: mode.scene.graphWhole, own: mode.units, front: mode.units });
    const { x, y } = this.grip.ranges;
    const away = { right: b < (x[0] + x[1]) / 2, low: w > (y[0] + y[1]) / 2 };
    mode.try({ columns, where: { b, w }, more: "", ...away, points: null, traces: () => null });
  }

  drop() {
    const { at } = this;
    this.at = null;
    if (at) this.mode.settle(this, { start: at });
  }

  giveUp() {
    this.at = null;
    this.mode.giveUp();
  }

  key(key, stride) {
    if (key in ARROWS) {
      const { x, y } = this.grip.ranges;
      const [b, w] = this.at ?? this.mode.start;
      if (!this.at) this.mode.begin(this);
      const moved = (value, range, by) => rounded(within(range, value + by * stride * (range[1] - range[0])), range);
      this.put(moved(b, x, ARROWS[key][0]), moved(w, y, ARROWS[key][1]));
    } else if (key === "Enter" && this.at) this.drop();
    else if (key === "Escape" && this.at) this.giveUp();
    else return false;
    return true;
  }
}
