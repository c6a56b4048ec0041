// The drawing of an autograd graph: boxes in fixed places and edges between them, whose texts change.

import { svgElement as make } from "../shared/svg.js";

/** Sizes in the drawing's own units: small beside the charts, large where the graph has the stage to itself, and for a
    projector as narrow as its words, which are to be large in the window. */
const SIZES = {
  projected: { pitch: { x: 130, y: 58 }, box: { width: 106, height: 50 } },
  small: { pitch: { x: 164, y: 44 }, box: { width: 140, height: 34 } },
  large: { pitch: { x: 214, y: 112 }, box: { width: 142, height: 84 } },
};

export class Drawing {
  /**
   * @param {{columns: number, rows: number, nodes: object[], edges: [string, string, string][], words: string}} layout
   * @param {"small" | "large" | "projected"} size
   * @param {(name: string | null) => void} point called with the box that is pointed at
   */
  constructor(layout, size, point) {
    const large = size === "large";
    Object.assign(this, { kind: size, large, size: SIZES[size] });
    const { pitch, box } = this.size;
    this.home = [-3, -3, (layout.columns - 1) * pitch.x + box.width + 6, (layout.rows - 1) * pitch.y + box.height + 6];
    // Where its boxes can be pointed at one by one, it is more than a picture.
    this.svg = make("svg", { role: large ? "group" : "img", "aria-label": layout.words });
    this.view(this.home);
    ["width", "height"].forEach((side, i) => this.svg.style.setProperty(`--${side}`, String(this.home[2 + i])));
    const marker = make("marker", {
      id: "lab-arrow", viewBox: "0 0 8 8", refX: "7", refY: "4", markerWidth: "10", markerHeight: "10", markerUnits: "userSpaceOnUse", orient: "auto-start-reverse",
    });
    marker.append(make("path", { d: "M0 0 8 4 0 8z", fill: "context-stroke" }));
    const definitions = make("defs", {});
    definitions.append(marker);
    this.svg.append(definitions);
    const byName = new Map(layout.nodes.map((node) => [node.name, node]));
    const predicted = ancestors("yhat", layout.edges);
    const last = layout.columns - 1;
    /** @type {Map<string, {group: Element, letters?: Element, value?: Element}>} by the graph's own edge */
    this.edges = new Map();
    for (const [from, to, key] of layout.edges) {
      this.edges.set(key, this.edge(byName.get(from), byName.get(to), key, predicted.has(to), last));
    }
    /** @type {Map<string, {node: object, group: Element, value?: Element, gradient?: Element}>} */
    this.nodes = new Map();
    for (const node of layout.nodes) this.nodes.set(node.name, this.node(node, predicted.has(node.name), point));
    // Texts on edges lie over boxes and lines.
    for (const { labels } of this.edges.values()) if (labels) this.svg.append(labels);
  }

  view(box) {
    this.box = box;
    this.svg.setAttribute("viewBox", box.join(" "));
  }

  edge(from, to, key, forward, last) {
    const { pitch, box } = this.size;
    const [x0, y0] = [from.column * pitch.x + box.width, from.row * pitch.y + box.height / 2];
    const [x1, y1] = [to.column * pitch.x, to.row * pitch.y + box.height / 2];
    const bend = (x1 - x0) / 2;
    const line = make("path", {
      class: `edge ${from.kind}${forward ? " predicts" : ""}`,
      "data-edge": key,
      d: `M${x0} ${y0} C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`,
      "marker-end": "url(#lab-arrow)",
      // Backward they light up one after the other, from the result on.
      style: `--order: ${last - to.column}`,
    });
    this.svg.append(line);
    if (!this.large) return { line };
    const labels = make("g", { class: `labels ${from.kind}` });
    const middle = [(x0 + x1) / 2, (y0 + y1) / 2];
    const letters = text("", middle[0], middle[1] - 8, "letters");
    const value = text("", middle[0], middle[1] + 18, "factor");
    labels.append(letters, value);
    return { line, labels, letters, value };
  }

  node(node, forward, point) {
    const { pitch, box } = this.size;
    const { name, kind, label, functionLabel, detail, column, row } = node;
    const group = make("g", {
      class: `node ${kind}${forward ? " predicts" : ""}`,
      "data-node": name,
      transform: `translate(${column * pitch.x} ${row * pitch.y})`,
    });
    group.append(make("rect", { ...box, rx: kind === "operation" ? 17 : 6 }));
    const middle = box.width / 2;
    const made = { node, group };
    if (this.large) {
      made.value = text("", middle, 55, "value");
      made.gradient = text("", middle, 75, "gradient");
      const heading = text(label, middle, 19, "label");
      if (detail) {
        const shape = make("tspan", { class: "shape", dx: "6" });
        shape.textContent = detail;
        heading.append(shape);
      }
      group.append(heading, text(functionLabel, middle, 36, "function"), made.value, made.gradient);
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "img");
      group.setAttribute("aria-label", functionLabel ? `${label}, made by ${functionLabel}` : label);
      for (const event of ["pointerenter", "focus"]) group.addEventListener(event, () => point(name));
      for (const event of ["pointerleave", "blur"]) group.addEventListener(event, () => point(null));
    } else if (kind === "operation") group.append(text(label, middle, box.height / 2 + 4, "label"));
    else if (this.kind === "projected") {
      const lines = [text(label, middle, 16, "label"), ...(functionLabel ? [text(functionLabel, middle, 30, "function")] : [])];
      made.value = text(detail, middle, functionLabel ? 44 : 36, "detail");
      group.append(...lines, made.value);
    } else {
      const heading = text(label, middle, 14, "label");
      if (functionLabel) {
        const maker = make("tspan", { class: "function", dx: "5" });
        maker.textContent = functionLabel;
        heading.append(maker);
      }
      made.value = text(detail, middle, 28, "detail");
      group.append(heading, made.value);
    }
    this.svg.append(group);
    return made;
  }
}

/** What flows into `name`, and itself. */
function ancestors(name, edges) {
  const found = new Set([name]);
  let size;
  do {
    size = found.size;
    for (const [from, to] of edges) if (found.has(to)) found.add(from);
  } while (found.size > size);
  return found;
}

function text(content, x, y, className) {
  const element = make("text", { x, y, class: className, "text-anchor": "middle" });
  element.textContent = content;
  return element;
}
