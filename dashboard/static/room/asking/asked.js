// What the lecturer has asked in this room: kept in their browser, for a reload, another tab of theirs and the CSV.

import { keep, keptValue } from "../../stage/shared/kept.js";

/** Under which this browser keeps it. */
export const ASKED = "lecture-asked";

/** No lecture asks more, and a browser keeps no more than a few megabytes. */
const MOST = 200;

/**
 * @typedef {object} Entry
 * @property {object} question as the room is told it
 * @property {object} about how its truth is found
 * @property {string | number | null} [right] of an own question: what the lecturer says is right
 * @property {string} at when it was asked, as an ISO time
 * @property {object | null} counts what was answered, as far as it is known
 */

export class Asked {
  constructor() {
    this.forget();
  }

  /** Those of this room. @param {string} code */
  enter(code) {
    const known = read();
    Object.assign(this, known?.code === code ? known : { code, shown: "", list: [] });
  }

  /** The one that the room sees now. @returns {Entry | null} */
  get current() {
    return this.list.find(({ question }) => question.id === this.shown) ?? null;
  }

  /** @param {Entry} entry which the room sees from now on */
  add(entry) {
    this.list = [...this.list, entry].slice(-MOST);
    this.shown = entry.question.id;
    this.keep();
  }

  /** The room sees none any more. */
  putAway() {
    this.shown = "";
    this.keep();
  }

  /** What the room tells of the answers. Those that a new server has never heard of stay. @param {object[]} told */
  count(told) {
    let changed = false;
    for (const { id, counts } of told) {
      const entry = this.list.find(({ question }) => question.id === id);
      if (!entry || JSON.stringify(entry.counts) === JSON.stringify(counts)) continue;
      entry.counts = counts;
      changed = true;
    }
    if (changed) this.keep();
  }

  keep() {
    const { code, shown, list } = this;
    keep(ASKED, JSON.stringify({ code, shown, list }));
  }

  forget() {
    Object.assign(this, { code: "", shown: "", list: [] });
  }
}

function read() {
  const known = keptValue(ASKED);
  return Array.isArray(known?.list) ? known : null;
}
