// The ways to write the four steps, to choose from: a radio group, of which the one is chosen that is on the stage.

import { chooseByArrows } from "../shared/arrows.js";
import { button, element } from "../shared/dom.js";

export class MethodSwitch {
  /**
   * @param {Element} parent
   * @param {(method: string) => void} choose is told what the visitor wants; `show` says what came of it
   */
  constructor(parent, choose) {
    this.choose = choose;
    this.group = element("div", "method", parent);
    this.group.setAttribute("role", "radiogroup");
    this.group.setAttribute("aria-label", "Way to write the four steps");
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    chooseByArrows(this.group, () => this.buttons);
  }

  /**
   * @param {{name: string, title: string, summary: string}[]} methods always the same
   * @param {string} chosen the name of the one on the stage
   */
  show(methods, chosen) {
    // Made once: with new buttons the focus would be lost.
    if (!this.buttons.length) this.buttons = methods.map((method) => this.button(method));
    methods.forEach(({ name }, i) => {
      this.buttons[i].setAttribute("aria-checked", String(name === chosen));
      // The tab key leads to the chosen one, the arrows to the others.
      this.buttons[i].tabIndex = name === chosen ? 0 : -1;
    });
  }

  button({ name, title, summary }) {
    const made = button(this.group, "", title, () => this.choose(name), summary);
    made.setAttribute("role", "radio");
    return made;
  }
}
