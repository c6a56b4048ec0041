// Chooses the panels of the projector: how many, and which.

import { ALL, PANELS } from "../panels/shown.js";
import { element, namedButton } from "../shared/dom.js";
import { popover } from "../shared/popover.js";

/** Those that can fill the window, as `dashboard/stage/panels.py` has them. */
export const PROJECTED = ALL.slice(0, ALL.indexOf("graph") + 1);

/** At most so many at once. */
export const MOST = 4;

/** How many can be asked for at one press. */
const COUNTS = [1, 2, MOST];

const GRID = "M4 4h7v7H4zm9 0h7v7h-7zM4 13h7v7H4zm9 0h7v7h-7z";

export class Chooser {
  /**
   * @param {HTMLElement} parent @param {HTMLElement} root the stage
   * @param {(panels: string[]) => void} choose is told what is wanted; `show` says what came of it
   */
  constructor(parent, root, choose) {
    this.choose = choose;
    /** @type {string[]} */
    this.panels = [];
    const opener = namedButton(parent, "", "", () => {}, "Panels of the projector");
    opener.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${GRID}"/></svg>`;
    const panel = popover(opener, root, "Panels of the projector");
    panel.classList.add("chooser");
    const counts = element("div", "items counts", panel);
    this.counts = COUNTS.map((count) => namedButton(counts, "", String(count), () => this.count(count), count === 1 ? "One panel" : `${count} panels`));
    const items = element("div", "items projected", panel);
    /** @type {Map<string, HTMLInputElement>} */
    this.boxes = new Map();
    for (const name of PROJECTED) {
      const label = element("label", "", items);
      const box = element("input", "", label);
      box.type = "checkbox";
      label.append(PANELS[name]);
      box.addEventListener("input", () => choose(PROJECTED.filter((one) => this.boxes.get(one).checked)));
      this.boxes.set(name, box);
    }
  }

  /** The first of those that are there, and others behind them until there are as many. */
  count(count) {
    const others = PROJECTED.filter((name) => !this.panels.includes(name));
    const wanted = new Set([...this.panels, ...others].slice(0, count));
    this.choose(PROJECTED.filter((name) => wanted.has(name)));
  }

  /** @param {string[]} panels */
  show(panels) {
    this.panels = panels;
    COUNTS.forEach((count, i) => this.counts[i].setAttribute("aria-pressed", String(count === panels.length)));
    for (const [name, box] of this.boxes) {
      box.checked = panels.includes(name);
      // Something there has to be, and no more than can be read.
      box.disabled = box.checked ? panels.length === 1 : panels.length === MOST;
    }
  }
}
