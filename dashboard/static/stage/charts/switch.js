// The buttons in a chart's header that change an axis between linear and logarithmic.

const OTHER = { linear: "log", log: "linear" };
const WORDS = { linear: "linear", log: "logarithmic" };

export class Switch {
  /**
   * @param {HTMLElement} parent
   * @param {"Vertical" | "Horizontal"} axis
   * @param {(scale: "linear" | "log") => void} chosen
   */
  constructor(parent, axis, chosen) {
    this.axis = axis;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "scale";
    this.button.addEventListener("click", () => chosen(OTHER[this.scale]));
    parent.append(this.button);
  }

  /** @param {"linear" | "log"} scale the present one */
  show(scale) {
    if (scale === this.scale) return;
    this.scale = scale;
    const other = WORDS[OTHER[scale]];
    this.button.textContent = `${this.axis === "Vertical" ? "↕" : "↔"} ${scale}`;
    this.button.setAttribute("aria-label", `${this.axis} axis: change to ${other}`);
    this.button.title = `Change to ${other}`;
  }
}
