// What a hand does, in numbers: large over the chart, and now and then for who listens.

import { element, put } from "../shared/dom.js";
import { number } from "../shared/format.js";

/** How long a hand must rest before its numbers are spoken. */
const REST_MS = 600;

const DIGITS = 4;

export class Readout {
  /** @param {Element} parent a chart's plot */
  constructor(parent) {
    this.box = element("div", "readout", parent);
    this.box.hidden = true;
    this.box.setAttribute("aria-hidden", "true"); // it changes with every frame
    this.loss = element("p", "loss", this.box);
    this.numbers = element("p", "", this.box);
    this.more = element("p", "more", this.box);
    this.spoken = element("p", "spoken", parent);
    this.spoken.setAttribute("aria-live", "polite");
  }

  /** @param {number} loss @param {import("./by_hand.js").Trial} trial */
  show(loss, { where, more, right, low }) {
    this.box.hidden = false;
    this.box.classList.toggle("right", right);
    this.box.classList.toggle("low", low);
    put(this.loss, `loss ${number(loss, DIGITS)}`);
    Object.entries(where).forEach(([name, value], i) => {
      const part = this.numbers.children[i] ?? element("span", name, this.numbers);
      put(part, `${name} ${number(value, DIGITS)}`);
    });
    put(this.more, more);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.speak(), REST_MS);
  }

  speak() {
    const parts = [...this.numbers.children, this.loss, this.more].map(({ textContent }) => textContent);
    put(this.spoken, parts.filter(Boolean).join(", "));
  }

  /** A sentence, until the next numbers. */
  say(sentence) {
    clearTimeout(this.resting);
    this.box.hidden = !sentence;
    this.numbers.replaceChildren();
    put(this.loss, "");
    put(this.more, sentence);
    put(this.spoken, sentence);
  }

  hide() {
    clearTimeout(this.resting);
    this.box.hidden = true;
  }
}
