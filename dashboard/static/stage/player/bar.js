// The player's bar: buttons, the epoch slider with what is trained so far behind it, and the speed.

import { singleKeysAct, watchSingleKeys } from "../shared/single_keys.js";
import { Clock } from "./clock.js";
import { BEATS, SPEEDS } from "./player.js";

const ICONS = {
  replay: "M12 5V1L6.5 6.5 12 12V8a5 5 0 1 1-5 5H4a8 8 0 1 0 8-8z",
  previous: "M6 5h2.5v14H6zM20 5v14l-10-7z",
  play: "M7 4v16l13-8z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  next: "M15.5 5H18v14h-2.5zM4 5l10 7-10 7z",
  previousBeat: "M15 5v14l-8.5-7zM17 10.5h3v3h-3z",
  nextBeat: "M9 5l8.5 7L9 19zM4 10.5h3v3H4z",
  stop: "M6 6h12v12H6z",
};

export class Bar {
  /**
   * @param {HTMLElement} parent
   * @param {import("./player.js").Player} player
   * @param {() => void} stop ends the training
   */
  constructor(parent, player, stop) {
    this.player = player;
    /** What the playhead counts. */
    this.clock = new Clock("epoch", 1, 1);
    this.root = document.createElement("div");
    this.root.className = "bar";
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Player");
    /** What the buttons' tooltips say, and the keys that do the same. @type {Map<HTMLElement, [string, string]>} */
    this.hints = new Map();
    const button = (label, icon, action, title = label, key = "") => {
      const element = document.createElement("button");
      element.type = "button";
      element.addEventListener("click", action);
      this.root.append(element);
      dress(element, label, icon);
      this.hint(element, title, key);
      return element;
    };
    this.replay = button("Replay", "replay", () => player.replay(), "Replay from epoch 0");
    this.previous = button("Previous epoch", "previous", () => player.step(-1), "Previous epoch", "←");
    this.toggle = button("Play", "play", () => player.toggle(), "Play", "space");
    this.toggle.classList.add("main");
    this.next = button("Next epoch", "next", () => player.step(1), "Next epoch", "→");

    this.previousBeat = button("Previous beat", "previousBeat", () => player.stepBeat(-1), "Previous beat", ",");
    this.nextBeat = button("Next beat", "nextBeat", () => player.stepBeat(1), "Next beat: forward, loss, backward, update", ".");

    this.slider = document.createElement("input");
    Object.assign(this.slider, { type: "range", min: "0", max: "1", step: "1", value: "0" });
    this.slider.setAttribute("aria-label", "Epoch");
    this.slider.addEventListener("input", () => {
      player.seek(Number(this.slider.value));
      this.update();
    });

    this.position = document.createElement("span");
    this.position.className = "position";

    const label = document.createElement("label");
    label.className = "speed";
    label.textContent = "Speed";
    this.speed = document.createElement("select");
    this.speed.setAttribute("aria-label", "Speed");
    for (const speed of SPEEDS) this.speed.append(new Option(speedLabel(speed), speed));
    this.speed.addEventListener("input", () => player.setSpeed(Number(this.speed.value)));
    label.append(this.speed);

    this.root.append(this.slider, this.position);
    this.stop = button("Stop training", "stop", stop, "Stop training and keep what is trained");
    this.stop.classList.add("stop");
    this.root.append(label);
    parent.append(this.root);
    this.unwatch = watchSingleKeys(() => {
      for (const [element, [title, key]] of this.hints) this.hint(element, title, key);
    });
  }

  /** A tooltip names a key for as long as it acts. */
  hint(element, title, key) {
    this.hints.set(element, [title, key]);
    element.title = key && singleKeysAct() ? `${title} (${key})` : title;
  }

  /** Shows where the player stands. */
  update() {
    const { player } = this;
    const { epoch, epochs, trained, playing } = player;
    const idle = player.state === "idle";
    const act = playing ? "Pause" : "Play";
    if (dress(this.toggle, act, act.toLowerCase())) this.hint(this.toggle, act, "space");
    set(this.toggle, "disabled", idle);
    set(this.replay, "disabled", idle);
    set(this.previous, "disabled", idle || epoch <= 0);
    set(this.next, "disabled", idle || epoch >= player.last);
    set(this.previousBeat, "disabled", idle || (epoch <= 0 && player.beat === null));
    set(this.nextBeat, "disabled", idle || (epoch >= player.last && player.beat === BEATS.length - 2));
    set(this.slider, "disabled", idle);
    set(this.slider, "max", String(epochs));
    if (this.slider.value !== String(epoch)) this.slider.value = String(epoch);
    const words = this.clock.align === "epoch" ? `epoch ${epoch} of ${epochs}` : this.clock.position(epoch);
    if (this.slider.getAttribute("aria-valuetext") !== words) this.slider.setAttribute("aria-valuetext", words);
    this.slider.style.setProperty("--played", `${(100 * epoch) / epochs}%`);
    this.slider.style.setProperty("--trained", `${(100 * Math.max(trained, 0)) / epochs}%`);
    set(this.position, "textContent", this.clock.position(epoch));
    set(this.stop, "hidden", idle || Boolean(player.stop));
    if (this.speed.value !== String(player.speed)) this.speed.value = String(player.speed);
  }

  dispose() {
    this.unwatch();
  }
}

function speedLabel(speed) {
  const fraction = { 0.0625: "1/16", 0.125: "⅛", 0.25: "¼", 0.5: "½" }[speed];
  return `${fraction ?? speed}×${speed < 0.25 ? " beats" : ""}`;
}

/** Assigns only what differs: writing the same again would make the browser work every frame. */
function set(element, property, value) {
  if (element[property] !== value) element[property] = value;
}

/** Whether it was dressed otherwise. */
function dress(button, label, icon) {
  if (button.getAttribute("aria-label") === label) return false;
  button.setAttribute("aria-label", label);
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[icon]);
  svg.append(path);
  button.replaceChildren(svg);
  return true;
}
