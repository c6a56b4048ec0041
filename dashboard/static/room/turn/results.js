// What a hall has tried, as far as it is known here, for the stage and in words.

import { number, setting } from "../../stage/shared/format.js";
import { unpacked } from "../../stage/shared/arrays.js";

/** How a rate or a place is read out. */
export const valueInWords = (value) => setting(Number(value.toPrecision(3)));

/** @param {number[]} value a learning rate alone, or b and w */
export function triedInWords(value) {
  return value.length > 1 ? `b ${valueInWords(value[0])}, w ${valueInWords(value[1])}` : valueInWords(value[0]);
}

/** @param {{low: number, high: number, low_w?: number, high_w?: number, field: string}} turn */
export function askedInWords({ field, low, high, low_w, high_w }) {
  const [from, to, fromW, toW] = [low, high, low_w, high_w].map((end) => end !== undefined && valueInWords(end));
  return field === "start" ? `a start with b from ${from} to ${to} and w from ${fromW} to ${toW}` : `a learning rate from ${from} to ${to}`;
}

/** @param {number | null} loss null where it got lost */
export const lossInWords = (loss) => (loss === null ? "diverged" : `loss ${number(loss, 3)}`);

/**
 * @typedef {object} Point
 * @property {number[]} value a learning rate alone, or b and w
 * @property {number | null} loss in the units of the data; null where it got lost
 * @property {number} followers how many have tried it
 * @property {number} number names the run
 */

export class Results {
  constructor() {
    this.forget();
  }

  forget() {
    Object.assign(this, { id: "", token: "", place: "", field: "", answered: 0, changes: 0 });
    /** @type {Point[]} */
    this.points = [];
    /** By the run's number. @type {Map<number, number[]>} */
    this.paths = new Map();
  }

  /** @param {object} told as `Turn.told` has it, or `Turn.shown` @returns {boolean} whether there is something else to be seen */
  receive({ id, token = "", place, field, answered = 0, changes = 0, since = 0, points, paths = [] }) {
    if (id !== this.id || !since) this.paths.clear();
    Object.assign(this, { id, token, place, field, answered, changes });
    if (!points) return false;
    const size = field === "start" ? 2 : 1;
    this.points = points.map((row) => {
      const [loss, , followers, run] = row.slice(size);
      return { value: row.slice(0, size), loss, followers, number: run };
    });
    for (const [run, path] of paths) this.paths.set(run, unpacked(path));
    const known = new Set(this.points.map((point) => point.number));
    for (const run of this.paths.keys()) if (!known.has(run)) this.paths.delete(run);
    return true;
  }

  /** How many have answered whose runs have not ended. */
  get training() {
    return this.answered - followersOf(this.points);
  }

  /** The one of the lowest loss. @returns {Point | null} */
  get best() {
    const losses = this.points.map(({ loss }) => loss ?? Infinity);
    const lowest = Math.min(...losses);
    return Number.isFinite(lowest) ? this.points[losses.indexOf(lowest)] : null;
  }

  /** "best: 0.53, loss 0.00804, tied with 11 others · 4 diverged": others whose loss reads the same are as good. */
  get inWords() {
    const { best, points } = this;
    const words = [];
    if (best) {
      const loss = lossInWords(best.loss);
      const others = followersOf(points.filter((point) => lossInWords(point.loss) === loss)) - 1;
      words.push(`best: ${triedInWords(best.value)}, ${loss}${alike(others)}`);
    }
    const lost = followersOf(points.filter((point) => point.loss === null));
    if (lost) words.push(`${lost} diverged`);
    return words.join(" · ");
  }

  /**
   * @param {boolean} guessing whether others are still to try
   * @param {{value: number[], loss: number | null, path: number[]} | null} [own] to stand out in place of the best
   * @returns {import("../../stage/charts/hall.js").Hall}
   */
  hall(guessing, own) {
    const { best } = this;
    const runs = this.points.map((point) => ({
      value: point.value[0],
      loss: point.loss,
      path: this.paths.get(point.number) ?? (this.field === "start" ? point.value : []),
      mark: point === best && own === undefined ? "best" : "",
    }));
    if (own) runs.push({ ...own, value: own.value[0], mark: "own" });
    return { place: this.place, field: this.field, runs, guessing };
  }
}

/** @param {Point[]} points */
const followersOf = (points) => points.reduce((sum, { followers }) => sum + followers, 0);

/** @param {number} others whose loss reads the same */
export function alike(others) {
  return others > 0 ? `, tied with ${others === 1 ? "one other" : `${others} others`}` : "";
}
