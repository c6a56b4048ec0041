// The panels beside the charts, of which one is seen at a time: a slim row of tabs.

import { chooseByArrows } from "../shared/arrows.js";
import { button, element } from "../shared/dom.js";

const TABS = {
  code: ["Code", "The code that runs, with its values at the playhead"],
  rows: ["Rows", "What the code computes, point by point"],
  agreement: ["Agreement", "How far ways to compute the same thing agree"],
};

export class Tabs {
  /**
   * @param {HTMLElement} parent
   * @param {(panel: string) => void} choose is told what the visitor wants; `show` says what came of it
   */
  constructor(parent, choose) {
    this.list = element("div", "tabs", parent);
    this.list.setAttribute("role", "tablist");
    this.list.setAttribute("aria-label", "Beside the charts");
    /** @type {Map<string, HTMLButtonElement>} */
    this.tabs = new Map();
    for (const [name, [words, title]] of Object.entries(TABS)) {
      const tab = button(this.list, "", words, () => choose(name), title);
      Object.assign(tab, { role: "tab", id: `tab-${name}` });
      tab.setAttribute("aria-controls", `panel-${name}`);
      this.tabs.set(name, tab);
    }
    chooseByArrows(this.list, () => [...this.tabs.values()]);
  }

  /** @param {Record<string, HTMLElement>} panels by the names of the tabs */
  furnish(panels) {
    this.panels = panels;
    for (const [name, panel] of Object.entries(panels)) {
      Object.assign(panel, { role: "tabpanel", id: `panel-${name}` });
    }
  }

  /** @param {string} chosen the name of the panel that is seen */
  show(chosen) {
    for (const [name, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(name === chosen));
      // The tab key leads to the chosen one, the arrows to the others.
      tab.tabIndex = name === chosen ? 0 : -1;
      this.panels[name].hidden = name !== chosen;
    }
  }
}
