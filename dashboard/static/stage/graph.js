// The autograd graph: boxes in fixed places, with the values at the playhead in them.

import { number } from "./format.js";

const SPACE = "http://www.w3.org/2000/svg";
const PITCH = { x: 118, y: 46 };
const BOX = { width: 100, height: 34 };

export class Graph {
  constructor(parent) {
    this.panel = document.createElement("section");
    this.panel.className = "panel graph";
    this.panel.tabIndex = 0;
    this.panel.setAttribute("role", "group");
    this.panel.setAttribute("aria-label", "Autograd graph");
    parent.append(this.panel);
  }

  /**
   * @param {{columns: number, rows: number, nodes: object[], edges: [string, string][], words: string} | null} graph
   * @param {Record<string, string>} values the column whose value a node shows, by node
   * @param {string} message what to say where there is no graph
   */
  show(graph, values, message) {
    this.values = [];
    if (!graph) {
      const text = document.createElement("p");
      text.textContent = message;
      this.panel.replaceChildren(text);
      return;
    }
    const width = (graph.columns - 1) * PITCH.x + BOX.width + 4;
    const height = (graph.rows - 1) * PITCH.y + BOX.height + 4;
    const svg = make("svg", { viewBox: `-2 -2 ${width} ${height}`, role: "img", "aria-label": graph.words });
    const marker = make("marker", {
      id: "lab-arrow", viewBox: "0 0 8 8", refX: "7", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto",
    });
    marker.append(make("path", { d: "M0 0 8 4 0 8z" }));
    const definitions = make("defs", {});
    definitions.append(marker);
    svg.append(definitions);
    const byName = new Map(graph.nodes.map((node) => [node.name, node]));
    for (const [from, to] of graph.edges) svg.append(this.edge(byName.get(from), byName.get(to)));
    for (const node of graph.nodes) svg.append(this.node(node, values[node.name]));
    this.panel.replaceChildren(svg);
  }

  edge(from, to) {
    const [x0, y0] = [from.column * PITCH.x + BOX.width, from.row * PITCH.y + BOX.height / 2];
    const [x1, y1] = [to.column * PITCH.x, to.row * PITCH.y + BOX.height / 2];
    const bend = (x1 - x0) / 2;
    return make("path", {
      class: `edge ${from.kind}`,
      d: `M${x0} ${y0} C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`,
      "marker-end": "url(#lab-arrow)",
    });
  }

  node({ name, kind, label, detail, column, row }, follows) {
    const group = make("g", {
      class: `node ${kind}`,
      "data-node": name,
      transform: `translate(${column * PITCH.x} ${row * PITCH.y})`,
    });
    group.append(make("rect", { ...BOX, rx: kind === "operation" ? BOX.height / 2 : 5 }));
    const middle = BOX.width / 2;
    if (kind === "operation") group.append(text(label, middle, 21, "label"));
    else {
      group.append(text(label, middle, 14, "label"));
      const second = text(detail, middle, 28, "detail");
      group.append(second);
      if (follows) this.values.push({ element: second, column: follows });
    }
    return group;
  }

  follow(columns, k) {
    for (const { element, column } of this.values ?? []) element.textContent = number(columns.at(column, k), 5);
  }
}

function text(content, x, y, className) {
  const element = make("text", { x, y, class: className, "text-anchor": "middle" });
  element.textContent = content;
  return element;
}

function make(tag, attributes) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
