// What stands at the foot of the lecturer's page, for the whole hall to read: beside the sidebar, and below all else.

import { element } from "../stage/shared/dom.js";

/** What of the colours of Streamlit's page it takes along: it stands outside of all that has them. */
const COLOURS = ["text-color", "background-color", "secondary-background-color", "border-color", "font"];

export class Foot {
  /**
   * @param {HTMLElement} dressed something on the page that has its colours
   * @param {string} name a class of the page while it is there, and of the page's styles its height
   * @param {string} label what it is for
   */
  constructor(dressed, name, label) {
    Object.assign(this, { dressed, name });
    this.root = element("section", "asking strip", document.body);
    this.root.setAttribute("aria-label", label);
    this.root.hidden = true;
    this.watching = new ResizeObserver(() => this.fit());
    this.watching.observe(this.root);
  }

  /** @param {boolean} shown */
  show(shown) {
    const { root, dressed } = this;
    root.hidden = !shown;
    this.watchPlace();
    if (shown) for (const name of COLOURS) root.style.setProperty(`--st-${name}`, getComputedStyle(dressed).getPropertyValue(`--st-${name}`));
    this.fit();
  }

  /** Beside the sidebar, which comes and goes. */
  watchPlace() {
    const main = document.querySelector('[data-testid="stMain"]');
    if (main === this.main) return;
    if (this.main) this.watching.unobserve(this.main);
    this.main = main;
    if (main) this.watching.observe(main);
  }

  /** What is above it keeps clear of it. */
  fit() {
    const { root, name, main } = this;
    const { style, classList } = document.documentElement;
    root.style.left = `${Math.max(main?.getBoundingClientRect().left ?? 0, 0)}px`;
    classList.toggle(name, !root.hidden);
    style.setProperty(`--${name}`, root.hidden ? "0px" : `${root.offsetHeight}px`);
  }
}
