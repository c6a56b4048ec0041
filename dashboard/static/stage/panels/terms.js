// What an epoch computes point by point: the columns of a table whose rows are points.

/** @typedef {"index" | "x" | "y" | "yhat" | "error" | "square" | "b_term" | "w_term"} Name */

/** The names of the columns, in their order. @type {Name[]} */
export const NAMES = ["index", "x", "y", "yhat", "error", "square", "b_term", "w_term"];

/** Those that stand still while the line moves. */
const STILL = new Set(["index", "x", "y"]);

export class Terms {
  /** @param {{x: number[], y: number[], index: number[]}} points in the units of the run; `index` is a point's number */
  constructor({ x, y, index }) {
    this.length = x.length;
    /** @type {Record<Name, Float64Array>} */
    this.columns = Object.fromEntries(NAMES.map((name) => [name, new Float64Array(this.length)]));
    this.columns.index.set(index);
    this.place(x, y);
    /** The rows in their order. */
    this.order = Uint32Array.from(x, (_, i) => i);
    this.sort("index", false);
  }

  /** Puts the points there: their rows say so once the line follows. @param {number[]} x @param {number[]} y */
  place(x, y) {
    this.columns.x.set(x);
    this.columns.y.set(y);
    if (STILL.has(this.by)) this.sort(this.by, this.descending);
  }

  /** With the line at b and w. */
  follow(b, w) {
    const { x, y, yhat, error, square, b_term: ofB, w_term: ofW } = this.columns;
    for (let i = 0; i < this.length; i += 1) {
      yhat[i] = b + w * x[i];
      error[i] = yhat[i] - y[i];
      square[i] = error[i] * error[i];
      ofB[i] = 2 * error[i];
      ofW[i] = 2 * x[i] * error[i];
    }
    if (!STILL.has(this.by)) this.sort(this.by, this.descending);
  }

  /** @param {Name} by the column to sort by */
  sort(by, descending) {
    Object.assign(this, { by, descending });
    const values = this.columns[by];
    const sign = descending ? -1 : 1;
    // Equal ones, and those that are no numbers, by their place: a table must not shuffle by itself.
    this.order.sort((i, j) => sign * (values[i] - values[j]) || i - j);
  }

  /** The largest size of a column's finite values. @param {Name} name */
  largest(name) {
    let largest = 0;
    for (const value of this.columns[name]) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    return largest;
  }
}
