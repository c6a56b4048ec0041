// The run's numbers in the browser: columns that grow, with what is needed to draw any stretch of them fast.

/** A column of numbers with, for every block of 2, 4, 8, … of them, the least and the greatest. */
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
    let below = { least: this.values, greatest: this.values, length: this.length };
    for (let j = 0; below.length >= 2; j += 1) {
      const level = (this.levels[j] ??= { least: new Float64Array(512), greatest: new Float64Array(512), length: 0 });
      const length = below.length >> 1;
      level.least = grown(level.least, length);
      level.greatest = grown(level.greatest, length);
      for (let i = level.length; i < length; i += 1) {
        level.least[i] = Math.min(below.least[2 * i], below.least[2 * i + 1]);
        level.greatest[i] = Math.max(below.greatest[2 * i], below.greatest[2 * i + 1]);
      }
      level.length = length;
      below = level;
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

  /** The value of a column in row k; the column `epoch` is where k stands on the axis of epochs. @returns {number} */
  at(name, k) {
    if (name === "epoch") return k * this.epochLength;
    if (this.aside?.row === k && name in this.aside.values) return this.aside.values[name];
    const column = this.columns.get(name);
    return column && k >= 0 && k < column.length ? column.values[k] : NaN;
  }

  /**
   * A column over rows `from` to `to` (both included) for a line by epoch, as at most about 3 × `most` points:
   * where many rows fall on one place of the screen, the least and the greatest of them, so no peak is lost.
   * @param {(epoch: number, value: number) => void} visit
   */
  outline(name, from, to, most, visit) {
    const column = this.columns.get(name);
    if (!column) return;
    to = Math.min(to, column.length - 1);
    let j = -1;
    while ((to - from) / 2 ** (j + 1) > most && j + 1 < column.levels.length) j += 1;
    if (j < 0) {
      for (let k = from; k <= to; k += 1) visit(k, column.values[k]);
      return;
    }
    const size = 2 ** (j + 1);
    const level = column.levels[j];
    const first = Math.ceil(from / size);
    const last = Math.floor((to + 1) / size);
    for (let k = from; k < Math.min(first * size, to); k += 1) visit(k, column.values[k]);
    for (let i = first; i < last; i += 1) {
      visit(i * size, level.least[i]);
      visit(i * size, level.greatest[i]);
    }
    for (let k = Math.max(last * size, from); k <= to; k += 1) visit(k, column.values[k]);
  }
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
