// What the playhead counts, in words: epochs, or the updates or the time that runs have had when they are compared by it.

import { number, whole } from "../shared/format.js";

const AXES = { epoch: "epoch", update: "update", time: "milliseconds of training" };

export class Clock {
  /**
   * @param {"epoch" | "update" | "time"} align
   * @param {number} unit how much a step of the playhead is
   * @param {number} total steps
   */
  constructor(align, unit, total) {
    this.align = align;
    this.unit = align === "epoch" ? 1 : unit;
    this.total = total;
  }

  /** What the charts' axis says. */
  get axis() {
    return AXES[this.align];
  }

  /** The end of that axis. */
  get end() {
    return this.total * this.unit;
  }

  /** Where the playhead is at k, for a heading. */
  words(k) {
    if (this.align === "time") return `${number(k * this.unit, 4)} ms`;
    return `${this.align} ${whole(k * this.unit)}`;
  }

  /** How much of the whole way k is, in a sentence. */
  progress(k) {
    const time = this.align === "time";
    const [done, all] = [k * this.unit, this.end].map((count) => (time ? number(count, 4) : whole(count)));
    return `${done} of ${all} ${time ? "ms" : `${this.align}s`}`;
  }

  /** Both beside the slider, short. */
  position(k) {
    if (this.align === "time") return `${number(k * this.unit, 4)} / ${number(this.end, 4)} ms`;
    return `${whole(k * this.unit)} / ${whole(this.end)}`;
  }
}
