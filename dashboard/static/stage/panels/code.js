// The code that runs, step by step, with the values it has at the playhead.

import { element, put } from "../shared/dom.js";
import { number, whole } from "../shared/format.js";
import { write } from "../shared/lines.js";

/**
 * Names that have a colour of their own wherever they appear; else comments, and keywords. A comment is taken whole, so
 * nothing in it is a name, and neither is a part of another name.
 */
const COLOURED =
  /(?<comment>#.*)|(?<![\w.])(?:(?<name>(?:(?:self|model)\.)?[bw](?:\.grad|_grad)?|loss|loss_fn)|(?<keyword>def|return|with|class|super))(?!\w)/g;

/** Characters of a line that always fit; what is longer goes on in the next line where the panel is narrow. */
const WIDEST = 46;

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
  show(steps) {
    this.values = [];
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
      pre.append(...source.split("\n").map(lineOf));
      const moment = document.createElement("ul");
      moment.className = "moment";
      part.append(header, pre, moment);
      return part;
    });
    const lengths = steps.flatMap(({ source }) => source.split("\n")).map((line) => line.length);
    const columns = Math.min(Math.max(...lengths), WIDEST);
    const lines = lengths.reduce((sum, length) => sum + Math.max(Math.ceil(length / columns), 1), 0);
    for (const [name, count] of Object.entries({ columns, lines, parts: steps.length })) {
      this.panel.style.setProperty(`--${name}`, String(count));
    }
    this.parts = parts;
    this.panel.replaceChildren(...parts, this.jointly);
  }

  /** @param {number} together how many runs were trained with this one at most, itself among them */
  sayJointly(together) {
    const others = together === 2 ? "1 other run" : `${whole(together - 1)} other runs`;
    const sentence =
      `Here it shared its steps with ${others}, one tensor operation for all of them. ` +
      "Its numbers are those that it has alone, to the last bit: the server has tried both.";
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

/** One line of code, which goes on further in where it is broken. */
function lineOf(text) {
  const line = element("span", "line");
  const indentation = text.length - text.trimStart().length;
  line.style.setProperty("--indentation", String(indentation + 4));
  for (const [piece, role] of coloured(text)) {
    if (role) element("span", role, line).textContent = piece;
    else line.append(piece);
  }
  line.append("\n");
  line.classList.toggle("blank", !text);
  return line;
}

/**
 * A line in pieces, each with its role or with none.
 * @returns {Generator<[string, string]>}
 */
export function* coloured(line) {
  let end = 0;
  for (const match of line.matchAll(COLOURED)) {
    if (match.index > end) yield [line.slice(end, match.index), ""];
    yield [match[0], roleOf(match.groups)];
    end = match.index + match[0].length;
  }
  if (end < line.length) yield [line.slice(end), ""];
}

function roleOf({ comment, name }) {
  if (comment) return "comment";
  if (!name) return "keyword";
  if (name.includes("grad")) return "gradient";
  if (name.includes("loss")) return "loss";
  return name.endsWith("b") ? "b" : "w";
}
