// Which panels are on the stage: they are chosen in the menu or by a link, and share its room.

import { button, element } from "../shared/dom.js";
import { shareOut } from "./room.js";

/** All panels by the names that a link has for them, as `dashboard/stage/panels.py` has them, and what they are called. */
export const PANELS = {
  data: "Data",
  surface: "Loss surface",
  loss: "Loss",
  parameters: "Parameters",
  numbers: "Numbers",
  code: "Code",
  graph: "Graph",
  runs: "Runs",
  player: "Player",
  status: "Status",
};

export const ALL = Object.keys(PANELS);

/** What takes the place of a chart goes by its name. */
export const IN_PLACE_OF = { residuals: "data", landscape: "surface", sweep: "surface", "loss-b": "loss", "loss-w": "parameters" };

const CHARTS = ["data", "surface", "loss", "parameters"];

/** What stands around the panels that fill the window. */
const AROUND = ["runs", "player", "status"];

/** From so many px on there is room beside the charts; below that, under them. */
const BESIDE = 600;

export class Shown {
  /**
   * @param {HTMLElement} root the stage @param {HTMLElement} charts where they stand
   * @param {import("../menu/menu.js").Menu} menu @param {(wish: object) => void} wish
   */
  constructor(root, charts, menu, wish) {
    Object.assign(this, { root, charts, wish });
    /** @type {Set<string>} */
    this.names = new Set(ALL);
    this.offer(menu.section("Show"));
    this.resizing = new ResizeObserver(() => this.share());
    this.resizing.observe(charts);
  }

  offer(items) {
    items.classList.add("panels");
    /** @type {Map<string, HTMLInputElement>} */
    this.boxes = new Map();
    for (const [name, words] of Object.entries(PANELS)) {
      const label = element("label", "", items);
      const box = element("input", "", label);
      box.type = "checkbox";
      label.append(words);
      box.addEventListener("input", () => this.choose());
      this.boxes.set(name, box);
    }
    this.all = button(items, "", "All", () => this.wish({ show: ALL }), "Show all panels");
  }

  choose() {
    this.wish({ show: ALL.filter((name) => this.boxes.get(name).checked) });
  }

  /** @param {string[]} names @param {string[]} [projected] those that fill the window instead, if there are any */
  show(names, projected = []) {
    const projecting = projected.length > 0;
    this.names = new Set(projecting ? [...projected, ...AROUND] : names);
    const all = projecting || this.names.size === ALL.length;
    for (const [name, box] of this.boxes) {
      box.checked = this.has(name);
      box.disabled = box.checked && this.names.size === 1; // something there has to be
      this.root.classList.toggle(`without-${name}`, !this.has(name));
    }
    this.all.disabled = all;
    this.root.classList.toggle("chosen", !all);
    // What the page around the stage has of its own goes where a line of the stage has room for it.
    const line = ["status", "player"].find((name) => this.has(name)) ?? "corners";
    if (all) delete document.documentElement.dataset.controlsIn;
    else document.documentElement.dataset.controlsIn = line;
    this.root.classList.toggle("without-charts", !CHARTS.some((name) => this.has(name)));
    this.root.classList.toggle("without-side", !this.has("numbers") && !this.has("code"));
    this.share();
  }

  has(name) {
    return this.names.has(name);
  }

  /** Whether a chart is, or the one whose place it takes. @param {string} name the chart's */
  hasChart(name) {
    return this.has(IN_PLACE_OF[name] ?? name);
  }

  /** Gives the charts that are chosen all the room there is. */
  share() {
    const { root, charts } = this;
    root.classList.toggle("below", root.clientWidth < BESIDE);
    const count = CHARTS.filter((name) => this.has(name)).length;
    const { clientWidth: width, clientHeight: height } = charts;
    if (!count || !width || !height) return;
    const { columns, first } = shareOut(count, width, height);
    charts.style.setProperty("--columns", String(columns));
    charts.dataset.first = first;
  }

  dispose() {
    this.resizing.disconnect();
  }
}
