// The numbers at the playhead beside those of the least-squares line.

import { number } from "../shared/format.js";

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
   */
  show(rows, reference) {
    this.epoch = cell("th", "");
    this.epoch.scope = "col";
    const head = document.createElement("tr");
    const other = cell("th", reference);
    other.scope = "col";
    const corner = cell("td", "");
    head.append(corner, this.epoch, other);
    this.cells = rows.map(({ column }) => ({ column, cell: cell("td", "") }));
    const body = rows.map(({ label, role, reference: value }, index) => {
      const row = document.createElement("tr");
      const name = cell("th", label);
      name.scope = "row";
      name.style.color = `var(--lab-${role})`;
      row.append(name, this.cells[index].cell, cell("td", value === null ? "" : number(value)));
      return row;
    });
    this.table.replaceChildren(head, ...body);
  }

  follow(columns, k) {
    if (!this.cells) return;
    this.epoch.textContent = `epoch ${k}`;
    for (const { column, cell: target } of this.cells) target.textContent = number(columns.at(column, k));
  }
}

function cell(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
