// The numbers at the playhead beside those of the least-squares line.

import { put } from "../shared/dom.js";
import { number } from "../shared/format.js";

/** Significant digits by the number of runs, for which there is the less room the more they are. */
const DIGITS = [6, 5, 4, 3, 3, 3];
const SHORT_REFERENCE = "sklearn";
const SHORT = { "validation loss": "val.", "∂loss/∂b": "∂b", "∂loss/∂w": "∂w" };
/** How the labels end of what is told in the units of the data. */
const IN_DATA = " (data)";

export class Numbers {
  constructor(parent) {
    this.panel = document.createElement("section");
    this.panel.className = "panel numbers";
    this.table = document.createElement("table");
    this.table.setAttribute("aria-label", "Numbers at the playhead");
    this.panel.append(this.table);
    parent.append(this.panel);
  }

  /**
   * @param {{label: string, column: string, role: string, reference: number}[]} rows
   * @param {string} reference what the numbers are compared with
   * @param {{name: string, colour: string}[]} runs their names and colours where there are several
   */
  show(rows, reference, runs = []) {
    const count = Math.max(runs.length, 1);
    this.digits = DIGITS[count - 1];
    this.table.classList.toggle("several", count > 1);
    this.heads = Array.from({ length: count }, (_, i) => {
      const head = cell("th", runs[i]?.name ?? "");
      head.scope = "col";
      if (runs[i]) head.style.color = runs[i].colour;
      return head;
    });
    this.named = runs.length > 0;
    const other = cell("th", count > 1 ? SHORT_REFERENCE : reference);
    other.title = reference;
    other.scope = "col";
    const top = document.createElement("tr");
    top.append(cell("td", ""), ...this.heads, other);
    this.cells = rows.map(({ column }) => ({ column, cells: this.heads.map(() => cell("td", "")) }));
    const body = rows.map(({ label, role, reference: value }, index) => {
      const row = document.createElement("tr");
      const name = cell("th", count > 1 ? (SHORT[label] ?? label.replace(IN_DATA, "")) : label);
      name.title = label.replace(IN_DATA, " in units of the data");
      name.scope = "row";
      name.style.color = `var(--lab-${role})`;
      row.append(name, ...this.cells[index].cells, cell("td", value === null ? "" : number(value, this.digits)));
      return row;
    });
    this.table.replaceChildren(top, ...body);
  }

  /**
   * @param {import("../charts/painter.js").Head[]} heads by run
   * @param {string} place where the playhead is, in words
   */
  follow(heads, front, place) {
    if (!this.cells) return;
    if (!this.named) put(this.heads[0], place);
    this.heads.forEach((head, i) => head.classList.toggle("front", i === front));
    for (const { column, cells } of this.cells) {
      heads.forEach(({ columns, k }, i) => {
        put(cells[i], number(columns.at(column, k), this.digits));
        cells[i].classList.toggle("front", i === front);
      });
    }
  }
}

function cell(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
