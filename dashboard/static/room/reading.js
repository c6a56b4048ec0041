// What the lecturer shows that is text: a chapter of the course, or a mistake. The server writes it, escaped.

import { fetched } from "./fetched.js";
import { fetchOutcomes } from "./outcomes.js";

/** By page, what a state calls the place in it and where the text is. */
const PLACES = { course: ["chapter", "chapter"], mistakes: ["mistake", "mistake"] };

const NOTHING = "<p>The lecturer is choosing what comes next.</p>";

const AGAIN_MS = 2000;

export class Reading {
  /** @param {HTMLElement} root @param {string} address the room's, without a slash at its end */
  constructor(root, address) {
    Object.assign(this, { root, address });
    /** @type {string | null} */
    this.shown = null;
    fetchOutcomes(root, () => `${address}/${this.shown}`);
  }

  /** @param {object | null} state what the room says; null where no text is shown */
  async show(state) {
    this.root.hidden = !state;
    const [name, folder] = PLACES[state?.page] ?? [];
    if (!state) return;
    const wanted = state[name] ? `${folder}/${encodeURIComponent(state[name])}` : "";
    if (wanted === this.shown) return;
    this.shown = wanted;
    clearTimeout(this.timer);
    const answer = wanted && (await fetched(`${this.address}/${wanted}`));
    const text = wanted ? answer && (await answer.text()) : NOTHING;
    if (wanted !== this.shown) return; // the lecturer has gone on meanwhile
    if (text === null) {
      this.shown = null;
      this.timer = setTimeout(() => this.show(state), AGAIN_MS);
      return;
    }
    this.root.innerHTML = text;
    scrollTo(0, 0);
  }
}
