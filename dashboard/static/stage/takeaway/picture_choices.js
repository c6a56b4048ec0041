// What can be chosen of a picture: its ground, and the kind of file.

import { button, element, put } from "../shared/dom.js";
import { orSaySo } from "./save_picture.js";

const KINDS = { svg: "SVG", png: "PNG" };
const TITLES = { svg: "Lines and letters that stay sharp at any size", png: "Pixels, twice as many as on the screen" };

export class PictureChoices {
  /**
   * @param {HTMLElement} parent
   * @param {(kind: "svg" | "png", dark: boolean) => Promise<void>} save
   */
  constructor(parent, save) {
    const group = element("div", "grounds", parent);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Ground of the picture");
    this.grounds = ["Light", "Dark"].map((words, i) => button(group, "", words, () => this.setDark(Boolean(i)), `On a ${words.toLowerCase()} ground`));
    for (const [kind, words] of Object.entries(KINDS)) button(parent, kind, words, () => orSaySo(this.said, () => save(kind, this.dark)), TITLES[kind]);
    this.said = element("p", "said", parent);
    this.said.setAttribute("role", "status");
  }

  /** At first it has the ground of the page. */
  setDark(dark) {
    this.dark = dark;
    put(this.said, "");
    this.grounds.forEach((choice, i) => choice.setAttribute("aria-pressed", String(Boolean(i) === dark)));
  }
}
