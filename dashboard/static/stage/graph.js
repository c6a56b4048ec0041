// The autograd graph's panel: small beside the charts, large with everything that PyTorch knows of it.

import { saveText, savePng, saveSvg } from "./download.js";
import { Drawing, put } from "./drawing.js";
import { number } from "./format.js";

const REQUIRES = { both: "b and w", b: "b only", w: "w only", none: "none" };
const COLUMNS = ["tensor", "requires_grad", "is_leaf", "grad_fn", "device", "dtype", "shape"];

export class Graph {
  /**
   * @param {HTMLElement} parent
   * @param {import("./moments.js").Moments} moments
   * @param {() => void} changed called when something else is to be looked at
   */
  constructor(parent, moments, changed) {
    this.moments = moments;
    this.changed = changed;
    this.large = false;
    this.panel = element("section", "panel graph", parent);
    this.panel.tabIndex = 0;
    this.panel.setAttribute("role", "group");
    this.panel.setAttribute("aria-label", "Autograd graph");
    this.tools = element("div", "tools", this.panel);
    this.drawingArea = element("div", "drawing", this.panel);
    this.reading = element("div", "reading", this.panel);
    this.note = element("p", "note", this.reading);
    this.chains = element("div", "chains", this.reading);
    this.table = element("table", "tensors", this.reading);
    this.table.setAttribute("aria-label", "The tensors of the step");
    this.enlarge = button("Enlarge graph", "⤢", this.panel, () => this.setLarge(!this.large));
    this.enlarge.classList.add("enlarge");
    this.letPan();
  }

  /** Gives the graph the stage to itself, or takes it back. @param {boolean} [kept] no way back */
  setLarge(large, kept = false) {
    this.large = large;
    this.enlarge.hidden = kept;
    this.enlarge.setAttribute("aria-label", large ? "Shrink graph" : "Enlarge graph");
    this.enlarge.title = this.enlarge.getAttribute("aria-label");
    this.enlarge.textContent = large ? "⤡" : "⤢";
    this.panel.parentElement.classList.toggle("graph-large", large);
    if (!large && (this.moments.root !== "loss" || this.moments.requires !== "both")) this.choose("loss", "both");
    this.draw();
    this.changed();
  }

  /**
   * @param {{graph: object | null, graphMessage: string, graphValues: object, graphGradients: object,
   *   graphChoices: object}} scene
   */
  show(scene) {
    this.scene = scene;
    const { roots } = scene.graphChoices ?? { roots: [] };
    if (roots.length && !roots.includes(this.moments.root)) this.moments.choose("loss", this.moments.requires);
    this.fillTools();
    this.draw();
  }

  choose(root, requires) {
    this.moments.choose(root, requires);
    this.fillTools();
    this.changed();
  }

  fillTools() {
    const { graphChoices: choices } = this.scene ?? {};
    if (!choices) {
      this.tools.replaceChildren();
      return;
    }
    const { root, requires } = this.moments;
    this.tools.replaceChildren(
      options("Look back from", choices.roots, (name) => name, root, (chosen) => this.choose(chosen, this.moments.requires)),
      options("Require gradients", choices.requires, (name) => REQUIRES[name], requires, (chosen) => this.choose(this.moments.root, chosen)),
    );
    const buttons = element("div", "buttons", this.tools);
    button("Zoom in", "+", buttons, () => this.zoom(1 / 1.25));
    button("Zoom out", "−", buttons, () => this.zoom(1.25));
    button("Fit", "Fit", buttons, () => this.drawing?.view(this.drawing.home));
    button("Download SVG", "SVG", buttons, () => saveSvg("autograd.svg", this.drawing.svg));
    button("Download PNG", "PNG", buttons, () => savePng("autograd.png", this.drawing.svg));
    button("Download DOT", "DOT", buttons, () => saveText("autograd.dot", this.layout.dot, "text/vnd.graphviz"));
  }

  /** Another drawing only where the graph is another one. */
  draw(layout = this.scene?.graph) {
    if (!layout) {
      this.layout = this.drawing = undefined;
      const text = document.createElement("p");
      text.textContent = this.scene?.graphMessage ?? "";
      this.drawingArea.replaceChildren(text);
      return;
    }
    this.layout = layout;
    this.moment = undefined;
    this.drawing = new Drawing(layout, this.large, (name) => this.point(name));
    this.drawingArea.replaceChildren(this.drawing.svg);
  }

  /** Whether the epoch's own numbers are needed. */
  get curious() {
    return this.large && Boolean(this.scene?.graph);
  }

  /**
   * The playhead is at row k.
   * @param {string} beat empty for the epoch as a whole
   * @param {object | undefined} moment what is known of this epoch
   */
  follow(columns, k, beat, moment) {
    if (!this.scene?.graph) return;
    const view = moment?.graph;
    const layout = view?.layout && this.large ? this.moments.layouts[view.layout] : null;
    if (layout && layout.words !== this.layout?.words) this.draw(layout);
    const { nodes, svg } = this.drawing;
    if (svg.dataset.beat !== beat) svg.dataset.beat = beat;
    const backward = beat === "backward" || beat === "update";
    for (const [name, made] of nodes) {
      const known = view?.nodes?.[name];
      const column = this.scene.graphValues[name];
      const followed = column && this.moments.root !== "changing loss" ? number(columns.at(column, k), 5) : undefined;
      const slope = this.scene.graphGradients[name];
      const gradient = known?.gradient ?? (slope ? number(columns.at(slope, k), 5) : undefined);
      if (this.large) {
        put(made.value, known?.value ?? followed ?? "…");
        put(made.gradient, gradient === undefined ? "" : `grad ${gradient}`);
      } else if (made.value) {
        put(made.value, backward && gradient !== undefined ? `grad ${gradient}` : (followed ?? made.node.detail));
        made.value.classList.toggle("gradient", backward && gradient !== undefined);
      }
    }
    if (view !== this.moment) this.tell(view);
  }

  /** What stands around the drawing, and what is dashed in it. */
  tell(view) {
    this.moment = view;
    if (!this.large) return;
    const { nodes, edges } = this.drawing;
    for (const [name, { group }] of nodes) group.classList.toggle("unrecorded", view?.nodes?.[name]?.recorded === false);
    for (const [key, { line, letters, value }] of edges) {
      const known = view?.edges?.[key];
      put(letters, known?.letters ? `× ${known.letters}` : "");
      put(value, known ? known.value : "");
      const [source, operation] = key.split(">");
      const part = view?.nodes ? view.nodes[source]?.recorded && view.nodes[operation]?.recorded : true;
      line.classList.toggle("unrecorded", !part);
    }
    this.point(null);
    this.chains.replaceChildren(...(view?.chains ?? []).map((chain) => chainOf(chain, view.edges, this.moments.root)));
    this.table.replaceChildren(...rowsOf(view?.table));
  }

  /** Says what there is to say of a box, or of the whole. */
  point(name) {
    const view = this.moment;
    const node = name && this.drawing?.nodes.get(name)?.node;
    const lines = [];
    if (node) {
      lines.push(node.functionLabel ? `${node.label}, made by ${node.functionLabel}` : node.label);
      lines.push(...(view?.nodes?.[name]?.details ?? []));
      if (node.function && node.function !== name) {
        lines.push(...(view?.nodes?.[node.function]?.details ?? []).filter((line) => /^(saved|not recorded|adds|nothing)/.test(line)));
      }
    } else {
      if (view?.message) lines.push(view.message);
      if (view?.error) lines.push(`backward() says: ${view.error}`);
      if (view?.error && this.moments.requires === "none") {
        lines.push("There is no graph: nothing requires a gradient, so PyTorch kept nothing to look back on.");
      } else if (view?.error) lines.push(`The gradients shown are those of ${this.moments.root}.backward(torch.ones_like(${this.moments.root})).`);
      if (view?.branch) lines.push(view.branch, this.scene.graphChoices.source);
      if (!lines.length) lines.push("Point at a box for its shape, its values and what it saved. On each edge stands its local derivative.");
    }
    put(this.note, lines.join("\n"));
  }

  zoom(factor) {
    const [x, y, width, height] = this.drawing?.box ?? [];
    if (!width || width * factor > 4 * this.drawing.home[2] || width * factor < this.drawing.home[2] / 12) return;
    this.drawing.view([x + (width * (1 - factor)) / 2, y + (height * (1 - factor)) / 2, width * factor, height * factor]);
  }

  letPan() {
    const area = this.drawingArea;
    area.addEventListener("wheel", (event) => {
      if (!this.large || !(event.ctrlKey || event.metaKey || event.altKey || !this.panel.matches(":has(.drawing:hover)"))) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.1 : 1 / 1.1);
    });
    area.addEventListener("pointerdown", (start) => {
      if (!this.large || !this.drawing || start.button !== 0) return;
      const [x, y, width, height] = this.drawing.box;
      // The drawing is fitted into its area, so one scale holds both ways.
      const unit = Math.max(width / area.clientWidth, height / area.clientHeight);
      const move = (event) => {
        this.drawing.view([x - (event.clientX - start.clientX) * unit, y - (event.clientY - start.clientY) * unit, width, height]);
      };
      const end = () => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", end);
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", end);
    });
  }
}

function chainOf({ parameter, edges: way, first, total, gradient }, edges, root) {
  const part = element("p", "chain");
  part.style.color = `var(--lab-${parameter})`;
  const letters = way.map((key) => edges[key]?.letters || "1").map((factor) => (/[ ·]/.test(factor) ? `(${factor})` : factor));
  for (const line of [`∂${root === "changing loss" ? "loss" : root}/∂${parameter}: ${letters.join(" × ")}`, first, `${total}; ${gradient}`]) {
    element("span", "", part).textContent = line;
  }
  return part;
}

function rowsOf(rows) {
  if (!rows) return [];
  const row = (cells, tag) => {
    const made = document.createElement("tr");
    cells.forEach((content, i) => {
      const cell = document.createElement(i ? tag : "th");
      cell.textContent = content;
      if (cell.tagName === "TH") cell.scope = tag === "th" ? "col" : "row";
      made.append(cell);
    });
    return made;
  };
  return [row(COLUMNS, "th"), ...rows.map((cells) => row(cells, "td"))];
}

/** A row of which one is chosen. */
function options(legend, names, label, chosen, choose) {
  const group = document.createElement("fieldset");
  const title = document.createElement("legend");
  title.textContent = legend;
  group.append(title);
  for (const name of names) {
    const option = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: legend, value: name, checked: name === chosen });
    input.addEventListener("change", () => choose(name));
    option.append(input, label(name));
    group.append(option);
  }
  return group;
}

function button(label, content, parent, act) {
  const made = element("button", "", parent);
  made.type = "button";
  made.textContent = content;
  made.setAttribute("aria-label", label);
  made.title = label;
  made.addEventListener("click", act);
  return made;
}

function element(tag, className, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  parent?.append(made);
  return made;
}
