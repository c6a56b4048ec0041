// The code that runs, step by step, with the values it has at the playhead.

import { element, put } from "../shared/dom.js";
import { number, whole } from "../shared/format.js";
import { write } from "../shared/lines.js";

/** Names that have a colour of their own wherever they appear. */
const COLOURED = /(\bself\.[bw]\.grad\b|\b[bw]_grad\b|\bself\.[bw]\b|\bself\.loss_fn\b|\bloss\b)|(#.*$)|\b(def|return|with|class|super)\b/gm;

export class Code {
  constructor(parent) {
    this.panel = document.createElement("section");
    this.panel.className = "panel code";
    this.panel.tabIndex = 0;
    this.panel.setAttribute("aria-label", "The code that runs");
    parent.append(this.panel);
    /** @type {HTMLElement[]} */
    this.parts = [];
    this.jointly = element("p", "jointly");
  }

  /** @param {{step: string, title: string, source: string, values: {label: string, column: string, role: string, ahead: number}[]}[]} steps */
  show(steps, summary) {
    this.values = [];
    this.panel.title = summary;
    this.beat = undefined;
    const parts = steps.map(({ step, title, source, values }) => {
      const part = document.createElement("div");
      part.className = "step";
      part.dataset.step = step;
      const header = document.createElement("header");
      const heading = document.createElement("h3");
      heading.textContent = title;
      header.append(heading);
      for (const { label, column, role, ahead } of values) {
        const value = document.createElement("span");
        value.className = "value";
        value.style.color = `var(--lab-${role})`;
        this.values.push({ element: value, label, column, ahead });
        header.append(value);
      }
      const pre = document.createElement("pre");
      pre.append(...highlighted(source));
      const moment = document.createElement("ul");
      moment.className = "moment";
      part.append(header, pre, moment);
      return part;
    });
    const lines = steps.flatMap(({ source }) => source.split("\n"));
    this.panel.style.setProperty("--columns", String(Math.max(...lines.map((line) => line.length))));
    this.parts = parts;
    this.panel.replaceChildren(...parts, this.jointly);
  }

  /** @param {number} together how many runs were trained with this one at most, itself among them */
  sayJointly(together) {
    const others = together === 2 ? "1 other run" : `${whole(together - 1)} other runs`;
    const sentence =
      `Trained jointly with ${others}: one tensor operation per step for all of them. ` +
      "Each has the bits that it has alone, as this server found by doing both.";
    put(this.jointly, together > 1 ? sentence : "");
  }

  follow(columns, k) {
    for (const { element: value, label, column, ahead } of this.values ?? []) {
      value.textContent = k + ahead < columns.count ? `${label} ${number(columns.at(column, k + ahead), 5)}` : "";
    }
  }

  /**
   * Lights up the lines of a beat, with its numbers below them.
   * @param {string} beat empty for none
   * @param {Record<string, import("../shared/lines.js").Line[]> | undefined} lines by beat; undefined: not yet here
   */
  showBeat(beat, lines) {
    if (beat === this.beat && lines === this.lines) return;
    const moved = beat !== this.beat;
    [this.beat, this.lines] = [beat, lines];
    this.panel.classList.toggle("in-beat", Boolean(beat));
    for (const part of this.parts) {
      const lit = part.dataset.step === beat;
      part.classList.toggle("lit", lit);
      const items = (lit && lines?.[beat]) || (lit ? [{ role: "muted", parts: ["…"] }] : []);
      part.querySelector(".moment").replaceChildren(...items.map(item));
      // Only the panel: the page must not run away from under the charts.
      if (lit && (moved || lines)) {
        const below = part.offsetTop + part.offsetHeight - this.panel.clientHeight;
        this.panel.scrollTop = Math.min(Math.max(this.panel.scrollTop, below), part.offsetTop);
      }
    }
  }
}

function item({ role, parts }) {
  const made = element("li");
  made.textContent = write(parts);
  made.style.color = `var(--lab-${role})`;
  return made;
}

function* highlighted(source) {
  let end = 0;
  for (const match of source.matchAll(COLOURED)) {
    if (match.index > end) yield source.slice(end, match.index);
    const span = document.createElement("span");
    span.textContent = match[0];
    span.className = roleOf(match);
    yield span;
    end = match.index + match[0].length;
  }
  yield source.slice(end);
}

function roleOf([text, name, comment]) {
  if (comment) return "comment";
  if (!name) return "keyword";
  if (text.includes("grad")) return "gradient";
  if (text.includes("loss")) return "loss";
  return text.endsWith("b") ? "b" : "w";
}
