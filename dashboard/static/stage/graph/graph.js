// The autograd graph's panel: small beside the charts, large with everything that PyTorch knows of it.

import { element, namedButton, put } from "../shared/dom.js";
import { Drawing } from "./drawing.js";
import { number } from "../shared/format.js";
import { short } from "../shared/lines.js";
import { blockedNote } from "../takeaway/blocked.js";
import { drawingPicture } from "../takeaway/drawing_copy.js";
import { saveText } from "../takeaway/files.js";
import { orSaySo, savePicture } from "../takeaway/save_picture.js";
import { chainRule, derivative, details, kept, keptByAll } from "./words.js";

const REQUIRES = { both: "b and w", b: "b only", w: "w only", none: "none" };
const COLUMNS = ["tensor", "requires_grad", "is_leaf", "grad_fn", "device", "dtype", "shape"];

export class Graph {
  /**
   * @param {HTMLElement} parent
   * @param {import("../sources/moments.js").Moments} moments
   * @param {() => void} changed called when something else is to be looked at
   */
  constructor(parent, moments, changed) {
    this.moments = moments;
    this.changed = changed;
    this.large = false;
    /** Whether the stage is the graph's alone, as on its page. */
    this.alone = false;
    this.panel = element("section", "panel graph", parent);
    this.panel.tabIndex = 0;
    this.panel.setAttribute("role", "group");
    this.panel.setAttribute("aria-label", "Autograd graph");
    this.tools = element("div", "tools", this.panel);
    this.drawingArea = element("div", "drawing", this.panel);
    this.reading = element("div", "reading", this.panel);
    // Where it scrolls, keys must reach it.
    this.reading.tabIndex = 0;
    this.reading.setAttribute("role", "group");
    this.reading.setAttribute("aria-label", "Chain rule and tensors");
    const words = element("div", "", this.reading);
    this.note = element("p", "note", words);
    this.note.setAttribute("role", "status");
    this.source = element("pre", "", words);
    this.chains = element("div", "chains", this.reading);
    this.table = element("table", "tensors", this.reading);
    this.table.setAttribute("aria-label", "The tensors of the step");
    this.enlarge = namedButton(this.panel, "", "⤢", () => this.setLarge(!this.large), "Enlarge graph");
    this.enlarge.classList.add("enlarge");
    this.letPan();
  }

  /** Gives the graph the stage to itself, or takes it back. @param {boolean} [alone] no way back */
  setLarge(large, alone = false) {
    this.large = large;
    this.alone = alone;
    this.enlarge.hidden = alone;
    this.enlarge.setAttribute("aria-label", large ? "Shrink graph" : "Enlarge graph");
    this.enlarge.title = this.enlarge.getAttribute("aria-label");
    this.enlarge.textContent = large ? "⤡" : "⤢";
    this.panel.parentElement.classList.toggle("graph-large", large);
    if (!large && (this.moments.root !== "loss" || this.moments.requires !== "both")) this.moments.choose("loss", "both");
    this.fillTools();
    this.draw();
    this.changed();
  }

  /** Whether it is to be read from the back row. @param {boolean} projected */
  setProjected(projected) {
    this.projected = projected;
    if (!this.large) this.draw();
  }

  get size() {
    if (this.large) return "large";
    return this.projected ? "projected" : "small";
  }

  /**
   * @param {{graph: object | null, graphMessage: string, graphValues: object, graphGradients: object,
   *   graphChoices: object}} scene
   */
  show(scene) {
    this.scene = scene;
    if (this.moments.root in (scene.graphChoices?.missing ?? {})) this.moments.choose("loss", this.moments.requires);
    this.fillTools();
    this.draw();
  }

  choose(root, requires) {
    this.moments.choose(root, requires);
    this.tell(undefined);
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
      options("Look back from", choices.roots, (name) => name, root, choices.missing, (chosen) => {
        this.choose(chosen, this.moments.requires);
      }),
      options("Require gradients", choices.requires, (name) => REQUIRES[name], requires, {}, (chosen) => {
        this.choose(this.moments.root, chosen);
      }),
    );
    const buttons = element("div", "buttons", this.tools);
    namedButton(buttons, "", "+", () => this.zoom(1 / 1.25), "Zoom in");
    namedButton(buttons, "", "−", () => this.zoom(1.25), "Zoom out");
    namedButton(buttons, "", "Fit", () => this.drawing?.view(this.drawing.home), "Fit");
    const save = (kind) => orSaySo(said, () => savePicture(drawingPicture(this.drawing.svg), "autograd", kind));
    namedButton(buttons, "", "SVG", () => save("svg"), "Download SVG");
    namedButton(buttons, "", "PNG", () => save("png"), "Download PNG");
    namedButton(buttons, "", "DOT", () => saveText("autograd.dot", this.layout.dot, "text/vnd.graphviz"), "Download DOT");
    const said = element("p", "said", this.tools);
    said.setAttribute("role", "status");
    blockedNote(this.tools);
  }

  /** Another drawing only where the graph is another one. */
  draw(layout = this.scene?.graph) {
    if (!layout) {
      this.layout = this.drawing = undefined;
      const text = document.createElement("p");
      text.textContent = this.scene?.graphMessage ?? "";
      this.drawingArea.replaceChildren(text);
      put(this.note, "");
      this.chains.replaceChildren();
      this.table.replaceChildren();
      return;
    }
    this.layout = layout;
    this.moment = undefined;
    const former = this.drawing;
    this.drawing = new Drawing(layout, this.size, (name) => this.point(name));
    // Whoever has come close to something stays there.
    if (former?.kind === this.drawing.kind && String(former.home) === String(this.drawing.home)) this.drawing.view(former.box);
    this.drawingArea.replaceChildren(this.drawing.svg);
    this.table.replaceChildren();
    this.tell(undefined);
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
    if (layout && layout.dot !== this.layout.dot) this.draw(layout);
    const { nodes, svg } = this.drawing;
    if (svg.dataset.beat !== beat) svg.dataset.beat = beat;
    const backward = beat === "backward" || beat === "update";
    // The run's columns are those of the loss over all the training data; of anything else they know nothing.
    const { root, requires } = this.moments;
    const whole = root === "loss" && this.scene.graphWhole;
    for (const [name, made] of nodes) {
      const known = view?.nodes?.[name];
      const column = this.scene.graphValues[name];
      const followed = column && (whole || column !== "loss") ? number(columns.at(column, k), 5) : undefined;
      const slope = whole && (requires === "both" || requires === name) ? this.scene.graphGradients[name] : undefined;
      const gradient = known ? short(known.gradient) : (slope ? number(columns.at(slope, k), 5) : undefined);
      if (this.large) {
        put(made.value, known ? short(known.value) : (followed ?? "…"));
        put(made.gradient, `grad ${gradient ?? "…"}`);
      } else if (made.value) {
        put(made.value, backward && gradient !== undefined ? `grad ${gradient}` : (followed ?? (known && name === "loss" ? short(known.value) : made.node.detail)));
        made.value.classList.toggle("gradient", backward && gradient !== undefined);
      }
    }
    if (view !== this.moment) this.tell(view);
  }

  /** What stands around the drawing, and what is dashed in it. While an epoch is not known, its numbers are hidden. */
  tell(view) {
    this.moment = view;
    if (!this.large || !this.drawing) return;
    const { nodes, edges } = this.drawing;
    this.panel.dataset.known = String(Boolean(view?.nodes));
    this.chains.style.visibility = view ? "" : "hidden";
    if (!view?.nodes) {
      for (const { value } of edges.values()) put(value, "");
      this.point(null);
      return;
    }
    for (const [name, { group, node }] of nodes) {
      group.classList.toggle("unrecorded", node.kind !== "data" && !view.nodes[name]?.recorded);
    }
    for (const [key, { line, letters, value }] of edges) {
      const known = view.edges[key];
      put(letters, known ? `× ${known.letters}` : "");
      put(value, known ? derivative(known) : "");
      const [source, operation] = key.split(">");
      line.classList.toggle("unrecorded", !(view.nodes[source]?.recorded && view.nodes[operation]?.recorded));
    }
    this.point(null);
    this.chains.replaceChildren(...view.chains.map((chain) => chainOf(chain.parameter, chainRule(chain, view, this.moments.root))));
    this.table.replaceChildren(...rowsOf(view.table));
  }

  /** Says what there is to say of a box, or of the whole. */
  point(name) {
    const view = this.moment;
    const node = name && this.drawing?.nodes.get(name)?.node;
    const lines = [];
    if (node) {
      lines.push(node.functionLabel ? `${node.label}, made by ${node.functionLabel}` : node.label);
      if (view?.nodes) lines.push(...details(name, view.nodes[name]));
      if (view?.nodes && node.functionLabel) lines.push(...kept(view.nodes[node.function]));
    } else {
      if (view?.message) lines.push(view.message);
      if (view?.error) lines.push(`backward() says: ${view.error}`);
      if (view?.error && this.moments.requires === "none") {
        lines.push("There is no graph: nothing requires a gradient, so PyTorch kept nothing to look back on.");
      } else if (view?.error) lines.push(`The gradients shown are those of ${this.moments.root}.backward(torch.ones_like(${this.moments.root})).`);
      if (view?.branch) lines.push(view.branch);
      const saved = view?.nodes ? keptByAll(this.layout.nodes, view.nodes) : [];
      if (saved.length) lines.push("Saved for the way back:", ...saved);
      lines.push("Point at a box for all that is in it. The beat backward lights up the way back.");
    }
    put(this.note, lines.join("\n"));
    put(this.source, view?.branch && !node ? this.scene.graphChoices.source : "");
  }

  zoom(factor) {
    const [x, y, width, height] = this.drawing?.box ?? [];
    if (!width || width * factor > 4 * this.drawing.home[2] || width * factor < this.drawing.home[2] / 12) return;
    this.drawing.view([x + (width * (1 - factor)) / 2, y + (height * (1 - factor)) / 2, width * factor, height * factor]);
  }

  letPan() {
    const area = this.drawingArea;
    area.addEventListener("wheel", (event) => {
      if (!this.large || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.1 : 1 / 1.1);
    });
    area.addEventListener("pointerdown", (start) => {
      if (!this.large || !this.drawing || start.button !== 0) return;
      const [x, y, width, height] = this.drawing.box;
      // The drawing is fitted into its area, so one scale holds both ways.
      const { clientWidth, clientHeight } = this.drawing.svg;
      const unit = Math.max(width / clientWidth, height / clientHeight);
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

function chainOf(parameter, lines) {
  const part = element("p", "chain");
  part.style.color = `var(--lab-${parameter})`;
  for (const line of lines) element("span", "", part).textContent = line;
  return part;
}

function rowsOf(rows) {
  if (!rows) return [];
  return [rowOf(COLUMNS, "th"), ...rows.map((cells) => rowOf(cells, "td"))];
}

function rowOf(cells, tag) {
  const row = document.createElement("tr");
  cells.forEach((content, i) => {
    const cell = document.createElement(i ? tag : "th");
    cell.textContent = content;
    if (cell.tagName === "TH") cell.scope = tag === "th" ? "col" : "row";
    row.append(cell);
  });
  return row;
}

/** A row of which one is chosen. */
function options(legend, names, label, chosen, missing, choose) {
  const group = document.createElement("fieldset");
  const title = document.createElement("legend");
  title.textContent = legend;
  group.append(title);
  for (const name of names) {
    const option = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: legend, value: name, checked: name === chosen });
    input.addEventListener("change", () => choose(name));
    if (name in missing) {
      input.disabled = true;
      option.title = missing[name];
      option.className = "missing";
    }
    option.append(input, label(name));
    group.append(option);
  }
  return group;
}
