// The training points row by row: what the run in front computes of each at the playhead, and what that comes to.
//
// Only the rows in view are in the page, and they are written anew in every frame: a thousand cost no more than ten.

import { button, element, put } from "../shared/dom.js";
import { decimalsFor, fixed, whole } from "../shared/format.js";
import { write } from "../shared/lines.js";
import { unpacked } from "../shared/arrays.js";
import { NAMES, Terms } from "./terms.js";

const HEADS = {
  index: ["#", "Point number in the data"],
  x: ["x", "x"],
  y: ["y", "y"],
  yhat: ["ŷ", "Prediction b + w·x"],
  error: ["error", "ŷ − y"],
  square: ["error²", "The point's share in the loss"],
  b_term: ["2·error", "The point's term in ∂loss/∂b"],
  w_term: ["2·x·error", "The point's term in ∂loss/∂w"],
};

/** What the columns come to over all training points, by columns of the record. */
const TOTALS = { square: "loss", b_term: "b_grad", w_term: "w_grad" };

/** Significant digits of the largest number of a column. */
const DIGITS = 5;

/** A total may be far smaller than what it is made of. */
const FEWEST = 3;

const THE_END = { update: [{ role: "muted", parts: ["The run ends here: no update follows."] }] };
const UNKNOWN = { update: [{ role: "muted", parts: ["…"] }] };

/** Of the update only what leads to b and w. */
const ROLES = new Set(["b", "w", "muted"]);

/**
 * The training points while a hand has one of the data's, in the units that the run would have then.
 * @typedef {{x: number[], y: number[], held: number | null}} InHand `held` is its place among them, if it is one of them
 */

export class Rows {
  /** @param {HTMLElement} parent @param {(point: {x: number, y: number} | null) => void} mark marks a point elsewhere */
  constructor(parent, mark) {
    this.markElsewhere = mark;
    /** The point that is marked, by its place among the points. @type {number | null} */
    this.marked = null;
    /** @type {HTMLTableRowElement[]} */
    this.pool = [];
    this.panel = element("section", "panel rows", parent);
    this.panel.setAttribute("aria-label", "The training points, row by row");
    this.note = element("p", "remark", this.panel);
    this.scroller = element("div", "scroller", this.panel);
    this.table = element("table", "", this.scroller);
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-label", "Training points at the playhead");
    this.table.tabIndex = 0;
    this.furnish();
    this.update = element("ul", "update", this.panel);
    this.update.setAttribute("aria-label", "The update that follows");
    this.scroller.addEventListener("scroll", () => this.write(), { passive: true });
    this.resizing = new ResizeObserver(() => this.write());
    this.resizing.observe(this.scroller);
    this.listen();
  }

  /** The parts of the table that stay. */
  furnish() {
    const head = element("tr", "", element("thead", "", this.table));
    this.heads = Object.fromEntries(
      NAMES.map((name) => {
        const cell = element("th", name, head);
        cell.scope = "col";
        const [words, title] = HEADS[name];
        button(cell, "", words, () => this.sortBy(name), `${title}: sort`);
        return [name, cell];
      }),
    );
    this.body = element("tbody", "", this.table);
    this.above = spacer(this.body);
    this.below = spacer(this.body);
    const foot = element("tr", "", element("tfoot", "", this.table));
    this.totals = Object.fromEntries(NAMES.map((name) => [name, element(name === "index" ? "th" : "td", name, foot)]));
    this.totals.index.scope = "row";
  }

  listen() {
    const { body, table } = this;
    const rowAt = (event) => {
      const index = this.pool.indexOf(event.target.closest("tr"));
      return index < 0 ? null : this.terms.order[this.first + index];
    };
    body.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.mark(rowAt(event)));
    body.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.mark(null));
    body.addEventListener("click", (event) => this.mark(rowAt(event)));
    table.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    if (event.target !== this.table || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Escape") this.mark(null);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    // The first key marks the first row that is seen.
    const at = this.marked === null ? this.first - step : this.terms.order.indexOf(this.marked);
    const next = Math.min(Math.max(at + step, 0), this.terms.length - 1);
    this.mark(this.terms.order[next]);
    this.bringIntoView(next);
  }

  /**
   * The run of this scene is in front; null: nobody looks.
   * @param {{points: {x: object, y: object, index: object, train: number, of: number},
   *   rows: {training: number, reduction: string, batches: boolean, standardized: string}} | null} scene
   */
  show(scene) {
    if (this.terms) this.mark(null);
    if (!scene) return;
    const { points, rows } = scene;
    const sorted = this.terms;
    const first = (packed) => unpacked(packed).slice(0, points.train);
    this.own = { x: first(points.x), y: first(points.y) };
    this.inHand = null;
    this.terms = new Terms({ ...this.own, index: first(points.index) });
    if (sorted) this.terms.sort(sorted.by, sorted.descending);
    this.table.setAttribute("aria-rowcount", String(points.train + 2));
    put(this.totals.index, rows.reduction);
    this.totals.index.title = `Over all ${whole(rows.training)} training points, as recorded`;
    const said = [];
    if (points.train < rows.training) {
      const some = `The first ${whole(points.train)} of ${whole(rows.training)} training points`;
      said.push(`${some}; the ${rows.reduction} is that of all.`);
    }
    if (rows.batches) said.push("All training points: an update sees a batch of them.");
    if (rows.standardized) said.push(`In the run's units: ${rows.standardized}.`);
    put(this.note, said.join(" "));
    this.decimals = { index: 0 };
    this.at = undefined;
    this.sayOrder();
  }

  sortBy(name) {
    const { terms } = this;
    terms.sort(name, terms.by === name && !terms.descending);
    this.scroller.scrollTop = 0;
    this.sayOrder();
    this.write();
  }

  sayOrder() {
    const { by, descending } = this.terms;
    for (const [name, head] of Object.entries(this.heads)) {
      if (name === by) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  /**
   * The playhead is at row k of the run in front.
   * @param {import("../charts/columns.js").Columns} columns
   * @param {Record<string, import("../shared/lines.js").Line[]> | undefined} beats where they are known
   * @param {InHand | null} [inHand] the points where these are not those of the scene
   */
  follow(columns, k, beats, inHand = null) {
    const { terms, decimals } = this;
    if (inHand !== this.inHand) this.take(inHand);
    const at = ["b", "w", "loss", "b_grad", "w_grad"].map((name) => columns.at(name, k));
    if (String(at) !== this.at) {
      this.at = String(at);
      terms.follow(at[0], at[1]);
      for (const name of ["x", "y", "yhat", "error", "square", "b_term", "w_term"]) {
        decimals[name] = decimalsFor(terms.largest(name), DIGITS);
      }
      for (const [name, column] of Object.entries(TOTALS)) {
        put(this.totals[name], fixed(columns.at(column, k), decimals[name], FEWEST));
      }
      put(this.totals.error, fixed(columns.at("b_grad", k) / 2, decimals.error, FEWEST));
      this.write();
      if (inHand) this.point(inHand.held);
    }
    const ended = columns.complete && k === columns.count - 1;
    this.tell(ended ? THE_END : beats);
  }

  /** A hand has moved a point, or has none any more. */
  take(inHand) {
    // The mark in the chart stands where the point was.
    if (!(this.inHand && inHand)) this.mark(null);
    this.inHand = inHand;
    const { x, y } = inHand ?? this.own;
    this.terms.place(x, y);
    this.at = undefined;
  }

  tell(beats) {
    if (beats === this.beats) return;
    this.beats = beats;
    const { forward = [], update } = beats ?? UNKNOWN;
    // Which batch the update is of stands before its first step.
    const shown = [...forward, ...update].filter(({ role }) => ROLES.has(role));
    this.update.replaceChildren(
      ...shown.map(({ role, parts }) => {
        const item = element("li");
        item.textContent = write(parts).replace(/^([bw]) = /, "$1 ← ");
        item.style.color = `var(--lab-${role})`;
        return item;
      }),
    );
  }

  /** Writes the rows that are in view. */
  write() {
    const { terms, scroller, pool } = this;
    if (!terms || !scroller.clientHeight) return;
    this.rowHeight ??= this.measure();
    const room = Math.ceil(scroller.clientHeight / this.rowHeight) + 1;
    const count = Math.min(room, terms.length);
    this.first = Math.min(Math.floor(scroller.scrollTop / this.rowHeight), terms.length - count);
    while (pool.length < count) pool.push(this.row());
    while (pool.length > count) pool.pop().remove();
    this.above.style.height = `${this.first * this.rowHeight}px`;
    this.below.style.height = `${(terms.length - count - this.first) * this.rowHeight}px`;
    pool.forEach((row, i) => this.fill(row, this.first + i));
  }

  /** @param {HTMLTableRowElement} row @param {number} place in the order */
  fill(row, place) {
    const { terms, decimals } = this;
    const point = terms.order[place];
    NAMES.forEach((name, j) => {
      const value = terms.columns[name][point];
      put(row.cells[j], name === "index" ? String(value) : fixed(value, decimals[name]));
    });
    row.ariaRowIndex = String(place + 2);
    const marked = point === this.marked;
    row.classList.toggle("marked", marked);
    row.id = marked ? "marked-row" : "";
  }

  row() {
    const row = element("tr");
    for (const name of NAMES) element(name === "index" ? "th" : "td", name, row);
    row.cells[0].scope = "row";
    this.below.before(row);
    return row;
  }

  measure() {
    const row = this.pool[0] ?? this.row();
    if (!this.pool.length) this.pool.push(row);
    put(row.cells[0], "0");
    return row.getBoundingClientRect().height;
  }

  /** @param {number | null} point by its place among the points; null for none */
  mark(point) {
    if (point === this.marked) return;
    this.marked = point;
    if (point === null) this.table.removeAttribute("aria-activedescendant");
    else this.table.setAttribute("aria-activedescendant", "marked-row");
    this.write();
    const { x, y } = this.own;
    // What is in a hand is marked by it.
    this.markElsewhere(point === null || this.inHand ? null : { x: x[point], y: y[point] });
  }

  /** The point is pointed at elsewhere. @param {number | null} point */
  point(point) {
    this.mark(point);
    if (point !== null) this.bringIntoView(this.terms.order.indexOf(point));
  }

  /** Scrolls the table, and nothing else. @param {number} place in the order */
  bringIntoView(place) {
    const { scroller, rowHeight, table } = this;
    const [head, foot] = [table.tHead.offsetHeight, table.tFoot.offsetHeight];
    const top = place * rowHeight;
    const least = top + rowHeight + head + foot - scroller.clientHeight;
    scroller.scrollTop = Math.min(Math.max(scroller.scrollTop, least), top);
    this.write();
  }

  dispose() {
    this.resizing.disconnect();
  }
}

/** The place of rows that are not in view. */
function spacer(parent) {
  const row = element("tr", "spacer", parent);
  row.setAttribute("aria-hidden", "true");
  element("td", "", row).colSpan = NAMES.length;
  return row;
}
