// The run's numbers in the browser: columns that grow, with what is needed to draw any stretch of them fast.

import { defineUnits, OF_THE_DATA } from "./units.js";

/**
 * A column of numbers with, for every block of 2, 4, 8, … of them, the least and the greatest that are finite. A block
 * without any has the least Infinity and the greatest -Infinity.
 */
class Column {
  constructor() {
    this.values = new Float64Array(1024);
    this.length = 0;
    /** @type {{least: Float64Array, greatest: Float64Array, length: number}[]} level j has blocks of 2^(j+1) */
    this.levels = [];
  }

  /** @param {ArrayLike<number>} more */
  append(more) {
    this.values = grown(this.values, this.length + more.length);
    this.values.set(more, this.length);
    this.length += more.length;
    let below = this.length;
    for (let j = 0; below >= 2; j += 1) {
      const level = (this.levels[j] ??= { least: new Float64Array(512), greatest: new Float64Array(512), length: 0 });
      const length = below >> 1;
      level.least = grown(level.least, length);
      level.greatest = grown(level.greatest, length);
      for (let i = level.length; i < length; i += 1) {
        const [one, other] = [this.block(j - 1, 2 * i), this.block(j - 1, 2 * i + 1)];
        level.least[i] = Math.min(one[0], other[0]);
        level.greatest[i] = Math.max(one[1], other[1]);
      }
      level.length = length;
      below = length;
    }
  }

  /** Least and greatest of block i of 2^(j+1) rows; of level -1 of row i alone. @returns {[number, number]} */
  block(j, i) {
    if (j >= 0) return [this.levels[j].least[i], this.levels[j].greatest[i]];
    const value = this.values[i];
    return Number.isFinite(value) ? [value, value] : [Infinity, -Infinity];
  }

  /**
   * Rows `from` to `to` (both included) in whole blocks, each as large as fits its place but no larger than wanted.
   * @param {(row: number) => number} most how many rows a block that begins at a row may have
   * @param {(row: number, rows: number, least: number, greatest: number) => void} visit
   */
  inBlocks(from, to, most, visit) {
    const last = Math.min(to, this.length - 1);
    for (let row = Math.max(from, 0); row <= last; ) {
      const room = Math.min(most(row), last + 1 - row);
      let [j, rows] = [-1, 1];
      for (; 2 * rows <= room && row % (2 * rows) === 0; rows *= 2) j += 1;
      const [least, greatest] = this.block(j, row / rows);
      visit(row, rows, least, greatest);
      row += rows;
    }
  }
}

/** The records of one run, row k being the state after k epochs. */
export class Columns {
  constructor() {
    /** @type {Map<string, Column>} */
    this.columns = new Map();
    this.count = 0;
    /** How long an epoch is on the axis of epochs: 1, or the updates or the time that it takes. */
    this.epochLength = 1;
    /** Values of one row that are no columns. @type {{row: number, values: Record<string, number>} | null} */
    this.aside = null;
    /** Whether no more rows will come. */
    this.complete = false;
    /** Whether the run has diverged, or failed. */
    this.lost = false;
    /** Columns that are made of others when they are asked for. @type {Map<string, {of: (row: number) => number, column: Column}>} */
    this.made = new Map();
    /** Those that are the heights of lines, made of any two others. @type {Map<string, {of: (row: number) => number, column: Column}>} */
    this.heights = new Map();
    /** Other names of columns. @type {Map<string, string>} */
    this.aliases = new Map();
    defineUnits(this, OF_THE_DATA, OF_THE_DATA);
  }

  /**
   * A column that is made of others: by its name, another's name or the value of a row. What was known of it is
   * forgotten.
   * @param {string} name @param {string | ((row: number) => number)} of
   */
  define(name, of) {
    this.made.delete(name);
    this.aliases.delete(name);
    this.heights.clear();
    if (typeof of === "string") this.aliases.set(name, of);
    else this.made.set(name, { of, column: new Column() });
  }

  /** The column of this name with all its rows; undefined if there is none. @returns {Column | undefined} */
  column(name) {
    const own = this.columns.get(name) ?? this.columns.get(this.aliases.get(name));
    return own ?? this.upToDate(this.made.get(name));
  }

  /** A column that is made of others, with all its rows. */
  upToDate(made) {
    if (!made) return undefined;
    const { of, column } = made;
    if (column.length < this.count) {
      const first = column.length;
      column.append(Float64Array.from({ length: this.count - first }, (_, i) => of(first + i)));
    }
    return column;
  }

  /** Adds rows. @param {Record<string, ArrayLike<number>>} rows columns of equal length */
  append(rows) {
    let added = 0;
    for (const [name, values] of Object.entries(rows)) {
      if (!this.columns.has(name)) this.columns.set(name, new Column());
      this.columns.get(name).append(values);
      added = values.length;
    }
    this.count += added;
  }

  /** The rows that are here by now, and no more of them whatever comes. */
  frozen() {
    const copy = new Columns();
    const { epochLength, complete, lost, aliases } = this;
    Object.assign(copy, { epochLength, complete, lost, aliases: new Map(aliases) });
    copy.append(Object.fromEntries([...this.columns].map(([name, { values }]) => [name, values.subarray(0, this.count)])));
    for (const [name, { of }] of this.made) copy.define(name, of);
    return copy;
  }

  /** The value of a column in row k; the column `epoch` is where k stands on the axis of epochs. @returns {number} */
  at(name, k) {
    if (name === "epoch") return k * this.epochLength;
    if (this.aside?.row === k && name in this.aside.values) return this.aside.values[name];
    const column = this.column(name);
    return column && k >= 0 && k < column.length ? column.values[k] : NaN;
  }

  /**
   * A column over rows `from` to `to` (both included), in blocks of at most so many rows as `most` allows where the
   * block begins: of each the least and the greatest, so no peak is lost. Where blocks lie does not depend on `to`.
   * @param {(row: number) => number} most
   * @param {(row: number, rows: number, least: number, greatest: number) => void} visit
   */
  inBlocks(name, from, to, most, visit) {
    this.column(name)?.inBlocks(from, to, most, visit);
  }

  /** The least and the greatest finite value of a column in rows `from` to `to`. @returns {[number, number]} */
  extremes(name, from, to) {
    if (name === "epoch") return [from * this.epochLength, to * this.epochLength];
    return extremesOf(this.column(name), from, to);
  }

  /** The same of intercept + slope·x, the line's height at x. @returns {[number, number]} */
  lineExtremes(intercept, slope, x, from, to) {
    const name = `${intercept} + ${slope}·${x}`;
    if (!this.heights.has(name)) {
      const of = (row) => this.at(intercept, row) + this.at(slope, row) * x;
      this.heights.set(name, { of, column: new Column() });
    }
    return extremesOf(this.upToDate(this.heights.get(name)), from, to);
  }
}

function extremesOf(column, from, to) {
  const extremes = [Infinity, -Infinity];
  column?.inBlocks(from, to, () => Infinity, (_row, _rows, least, greatest) => {
    extremes[0] = Math.min(extremes[0], least);
    extremes[1] = Math.max(extremes[1], greatest);
  });
  return extremes;
}

/**
 * Rows to draw of a path up to row k: the early ones all, the later ones ever sparser, and k itself. Sparse ones
 * come in pairs, so that a path that swings from side to side still does. Which rows are drawn does not depend
 * on k, so that a growing path never flickers, and their number hardly grows.
 * @returns {Generator<number>}
 */
export function* pathRows(k) {
  let next = 0;
  while (next < k) {
    yield next;
    if (next >= 400 && next + 1 < k) yield next + 1;
    next += next < 400 ? 1 : Math.max(2, Math.floor(next / 100));
  }
  yield k;
}

function grown(array, length) {
  if (length <= array.length) return array;
  const larger = new Float64Array(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
