// The runs on the stage: the records of each, how far they are, and where each stands under the one playhead.

import { Columns } from "./charts/columns.js";

/**
 * What a source tells of a run.
 * @typedef {{scene: string, epochs: number, epochLength: number, place: string, count: number, status: object}} Told
 *
 * @typedef {object} Run
 * @property {string} scene names experiment and data: equal for runs whose records are equal
 * @property {Columns} columns its records so far
 * @property {number} epochs how many it is to have
 * @property {number} epochLength how long one is, in what the playhead counts
 * @property {string} place equal for runs whose loss has one and the same surface
 * @property {{reason: string, epoch: number, message: string} | null} stop how it has ended, once all its records are here
 * @property {object} status what else there is to say of it
 */

export class Runs {
  constructor() {
    /** The base, then its variants. @type {Run[]} */
    this.list = [];
    /** Which of them is in front. */
    this.front = 0;
    /** The course that the run in front would have taken otherwise: drawn faintly, and not a run of its own. @type {Run | null} */
    this.ghost = null;
  }

  /** The runs as they are now, whatever becomes of them. */
  frozen() {
    const { list, front, ghost } = this;
    return Object.assign(new Runs(), { list: list.map(frozen), front, ghost: ghost && frozen(ghost) });
  }

  /** All that have records, the ghost last. */
  get all() {
    return this.ghost ? [...this.list, this.ghost] : this.list;
  }

  get inFront() {
    return this.list[this.front] ?? this.list[0];
  }

  get several() {
    return this.list.length > 1;
  }

  /**
   * These are the runs now. Of those that were here already the records stay.
   * @param {Told[]} told
   * @param {boolean} haunted whether the last of them is the ghost
   */
  set(told, haunted = false) {
    const known = new Map(this.all.map((run) => [run.scene, run]));
    const runs = told.map(({ scene, epochs, epochLength, place, status }) => {
      const run = known.get(scene) ?? { scene, columns: new Columns(), stop: null };
      run.columns.epochLength = epochLength;
      return Object.assign(run, { epochs, epochLength, place, status });
    });
    this.ghost = haunted ? runs.pop() : null;
    this.list = runs;
    this.front = Math.min(this.front, Math.max(this.list.length - 1, 0));
  }

  /**
   * Rows have come that continue those here; `told` says how many there are by now.
   * @param {(Record<string, ArrayLike<number>> | null)[]} rows by run
   */
  receive(rows, told) {
    this.all.forEach((run, i) => {
      if (rows[i]) run.columns.append(rows[i]);
      // A run whose last rows are still to come has not ended here; one that has ended here does not go on.
      if (run.columns.count >= told[i].count) run.stop ??= told[i].status.stop;
      run.columns.complete = Boolean(run.stop);
      run.columns.lost = ["diverged", "failed"].includes(run.stop?.reason);
    });
  }

  /** The shortest epoch: the playhead counts in steps of it. */
  get unit() {
    return Math.min(...this.list.map(({ epochLength }) => epochLength));
  }

  /** Whether the playhead counts something else than epochs, of which runs may have different numbers. */
  get aligned() {
    return this.list.some(({ epochLength }) => epochLength !== 1);
  }

  /** The last place of the playhead: by epochs where the longest run ends, else as far as all of them go. */
  get total() {
    const ends = this.list.map(({ epochs, epochLength }) => (epochs * epochLength) / this.unit);
    return Math.max(1, this.aligned ? Math.floor(Math.min(...ends) + 1e-9) : Math.max(...ends));
  }

  /** As far as the playhead can go by now; -1 while a run has no record. */
  get trained() {
    if (!this.list.length || this.list.some(({ columns }) => !columns.count)) return -1;
    const reach = ({ columns, epochLength }) => ((columns.count - 1) * epochLength) / this.unit;
    const going = this.list.filter(({ stop }) => !stop);
    const last = going.length
      ? Math.floor(Math.min(...going.map(reach)) + 1e-9)
      : Math.ceil(Math.max(...this.list.map(reach)) - 1e-9);
    return Math.min(last, this.total);
  }

  /** How it has ended, once all have: the base's end, with the words of the run in front. */
  get stop() {
    const [base] = this.list;
    if (!base || this.list.some(({ stop }) => !stop)) return null;
    return { ...base.stop, message: this.inFront.stop.message };
  }

  /** The row of a run where the playhead is at k: its last one where it has ended before. @param {Run} run */
  rowOf({ columns, epochLength }, k) {
    return Math.min(Math.floor((k * this.unit) / epochLength + 1e-9), Math.max(columns.count - 1, 0));
  }

  /** Where the playhead is for the row of a run. @param {Run} run */
  placeOf({ epochLength }, row) {
    return Math.round((row * epochLength) / this.unit);
  }

  /** The epoch that is told for a place of the playhead: that of the base, unless the playhead counts epochs anyway. */
  epochAt(k) {
    return this.aligned ? this.rowOf(this.list[0], k) : k;
  }

  /** Where the playhead is for an epoch that was told so. */
  placeOfEpoch(epoch) {
    return this.aligned ? this.placeOf(this.list[0], epoch) : epoch;
  }

  /** Every run with its row, the ghost last. @returns {import("./charts/painter.js").Head[]} */
  heads(k) {
    // Until the ghost's first records are here it is where the run in front is: that far they are the same.
    const all = this.all.map((run) => (run === this.ghost && !run.columns.count ? this.inFront : run));
    return all.map((run) => ({ columns: run.columns, k: this.rowOf(run, k) }));
  }
}

/** @param {Run} run */
function frozen(run) {
  return { ...run, columns: run.columns.frozen() };
}
