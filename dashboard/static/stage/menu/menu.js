// What is seldom needed, behind one button at the end of the player's bar: a section for each kind of it.

import { element, namedButton } from "../shared/dom.js";
import { popover } from "../shared/popover.js";

const DOTS = "M5 10.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zm7 0a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zm7 0a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z";

export class Menu {
  /** @param {HTMLElement} parent the bar, whose buttons look alike @param {HTMLElement} root the stage */
  constructor(parent, root) {
    this.button = namedButton(parent, "tools", "", () => {}, "Tools");
    this.button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${DOTS}"/></svg>`;
    this.panel = popover(this.button, root, "Tools");
    this.panel.classList.add("menu");
  }

  /**
   * Sections stand in the order in which they are asked for.
   * @param {string} heading
   * @returns {HTMLElement} where what belongs to it goes
   */
  section(heading) {
    const section = element("section", "", this.panel);
    element("h3", "", section).textContent = heading;
    return element("div", "items", section);
  }

  close() {
    this.panel.hidePopover();
  }
}
