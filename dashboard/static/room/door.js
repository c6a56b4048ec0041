// The way into the room for a whole hall: its code, its address and the picture of that, as large as the screen.

import { button, element, put } from "../stage/shared/dom.js";

const ALONE = "Only this computer can open this address. For a hall, start the lab with “make lecture”.";

const COLOURS = ["--st-background-color", "--st-secondary-background-color", "--st-text-color", "--st-border-color"];

export class Door {
  /** @param {HTMLElement} colours whose colours it has */
  constructor(colours) {
    this.colours = colours;
    // In the sidebar it would be gone with that.
    this.dialog = element("dialog", "lecture-door", document.body);
    this.dialog.setAttribute("aria-label", "Join the lecture");
    this.picture = element("div", "qr", this.dialog);
    const words = element("div", "words", this.dialog);
    element("p", "how", words).textContent = "Join the lecture at";
    this.address = element("p", "address", words);
    element("p", "how", words).textContent = "with the code";
    this.code = element("p", "code", words);
    this.here = element("p", "here", words);
    this.note = element("p", "note", words);
    button(words, "", "Close", () => this.close());
    // Wherever one clicks: what is behind it is the lecture.
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.close());
  }

  /** @param {import("./room.js").LecturersRoom} room */
  fill({ code, address, qr, reachable }) {
    put(this.code, code);
    put(this.address, address.replace(/^https?:\/\//, "").replace(new RegExp(`/${code}$`), ""));
    put(this.note, reachable ? "" : ALONE);
    this.picture.innerHTML = qr; // the server has drawn it
  }

  /** @param {number} here how many are in */
  say(here) {
    put(this.here, here ? `${here} ${here === 1 ? "is" : "are"} here` : "Nobody is here yet");
  }

  show() {
    const style = getComputedStyle(this.colours);
    for (const name of COLOURS) this.dialog.style.setProperty(name, style.getPropertyValue(name));
    if (!this.dialog.open) this.dialog.showModal();
  }

  close() {
    this.dialog.close();
  }
}
