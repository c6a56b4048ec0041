// The mode in which a hand moves what a run begins with: its start on the loss surface, and its points.
//
// What is under the hand is computed here, within the frame; the source hears of it once it is let go, and until it has
// answered the charts show what the hand has left.

import { element } from "../shared/dom.js";
import { OF_THE_DATA } from "../charts/units.js";
import { PointsInHand } from "./points.js";
import { Readout } from "./readout.js";
import { StartInHand } from "./start.js";

const HAND =
  "M8.2 13V5.8a1.4 1.4 0 0 1 2.8 0v5m0-.4V4.4a1.4 1.4 0 0 1 2.8 0v6m0 .2V5.6a1.4 1.4 0 0 1 2.8 0v5.6m0 .2V8a1.4 1.4 0 0 1 " +
  "2.8 0v6.2c0 4-2.6 6.6-6.2 6.6-2.9 0-4.6-1.2-6-3.4L3.6 12.6a1.5 1.5 0 0 1 2.4-1.8L8.2 13";

const BACK = "M4.5 4.5v5h5M5 9.5a7.6 7.6 0 1 1-.6 5";

/** What takes hold of which chart. */
const HOLDERS = { data: PointsInHand, surface: StartInHand };

/**
 * @typedef {object} Trial what is under the hand
 * @property {import("../charts/columns.js").Columns} columns the run's first records there
 * @property {Record<string, number>} where what is held is: two numbers by name
 * @property {string} more what there is to say beside that and the loss
 * @property {boolean} right whether that is said at the right, away from the hand
 * @property {boolean} low whether it is said below, away from the hand
 * @property {import("../panels/rows.js").InHand | null} points where one of them is held
 * @property {(chart: import("../charts/chart.js").Chart, name: string) => object[] | null} traces all that a chart shows, where
 *   what stands still has moved as well; null for a chart in which nothing but the record has
 */

export class ByHand {
  /**
   * @param {import("../player/player.js").Player} player
   * @param {{wish: (wish: object) => number, isCut: () => boolean, invalidate: () => void}} act `wish` gives the number
   *   under which it is heard, unless the line to who hears it `isCut`
   */
  constructor(player, { wish, isCut, invalidate }) {
    Object.assign(this, { player, wish, isCut, invalidate });
    this.on = false;
    /** What has taken hold, and what it shows. */
    this.holder = null;
    /** @type {Trial | null} */
    this.trial = null;
    /** The wish whose answer the trial waits for; 0 for none. */
    this.waiting = 0;
    /** @type {{toggle: HTMLButtonElement, reset: HTMLButtonElement}[]} */
    this.buttons = [];
    /** What takes hold, by the name of its chart. @type {Map<string, object>} */
    this.holders = new Map();
    this.readouts = new Map();
  }

  /** Gives a chart its buttons and what takes hold of it. @param {import("../charts/chart.js").Chart} chart */
  add(chart, name) {
    const toggle = iconButton(chart.buttons, "By hand", HAND);
    toggle.addEventListener("click", () => this.wish({ hand: this.on ? "off" : "on" }));
    const reset = iconButton(chart.buttons, "Reset", BACK);
    Object.assign(reset, { hidden: true, title: "Reset: back to the start and the points that are drawn" });
    reset.addEventListener("click", () => this.wish({ drawn: true }));
    this.buttons.push({ toggle, reset });
    const holder = new HOLDERS[name](this, chart);
    toggle.title = `Move the start and the points by hand. ${holder.grip.keys}`;
    this.holders.set(name, holder);
    // What keys hold nobody sees who has gone elsewhere.
    const { layer } = holder.grip;
    layer.addEventListener("blur", () => this.holder === holder && holder.grip.pointer === null && !this.waiting && holder.giveUp());
    this.readouts.set(holder, new Readout(chart.area));
  }

  /**
   * @param {boolean} on whether the mode is on
   * @param {object} scene that of the run in front @param {import("../charts/columns.js").Columns} columns its records
   */
  show(on, scene, columns) {
    Object.assign(this, { on, columns });
    if (scene !== this.scene) {
      // What is in hand is of a run that is no longer there; what was let go is shown until its answer is here.
      if (!this.waiting && !this.holder?.stays) this.giveUp();
      Object.assign(this, { scene, held: scene.hand, units: scene.units ?? OF_THE_DATA });
      for (const holder of this.holders.values()) {
        if (holder !== this.holder) holder.grip.letGo();
        holder.show();
      }
    }
    const { start, moved } = scene.hand;
    const drawn = start.every((value) => value === null) && !moved.length;
    for (const { toggle, reset } of this.buttons) {
      toggle.setAttribute("aria-pressed", String(on));
      reset.hidden = drawn;
    }
    for (const { grip } of this.holders.values()) grip.show(on);
    if (on || !this.holder) return;
    this.holder.grip.letGo();
    this.holder.giveUp();
  }

  /** b and w before the first epoch. */
  get start() {
    return ["b", "w"].map((name) => this.columns.at(name, 0));
  }

  /** Something is taken hold of: nothing else moves meanwhile. */
  begin(holder) {
    if (this.holder && this.holder !== holder) this.holder.giveUp();
    if (!this.holder) Object.assign(this, { wasPlaying: this.player.playing, wasAt: this.player.epoch });
    this.holder = holder;
    this.waiting = 0;
    this.player.pause();
    // A start is where a run begins. A beat is one of the run that is left now.
    this.player.seek(holder.atStart ? 0 : this.player.epoch);
    this.player.held = true;
  }

  /** @param {Trial} trial */
  try(trial) {
    this.trial = trial;
    this.readouts.get(this.holder).show(trial.columns.at("loss", 0), trial);
    this.invalidate();
  }

  /** Let go: so it shall be. */
  settle(holder, wish) {
    this.waiting = this.wish(wish);
    if (this.isCut()) this.say(holder, "The line to the server is cut: the run starts from here once it is back.");
  }

  /** A sentence beside what somebody holds, or tries to. */
  say(holder, sentence) {
    this.readouts.get(holder).say(sentence);
  }

  /** The source has heard all wishes up to this number, and what they led to is shown from now on. */
  heard(number) {
    if (!this.waiting || number < this.waiting) return;
    this.waiting = 0;
    this.giveUp();
    for (const readout of this.readouts.values()) readout.hide();
  }

  /** As if nothing had been touched. */
  giveUp() {
    if (!this.holder) return;
    this.readouts.get(this.holder).hide();
    Object.assign(this, { trial: null, holder: null, waiting: 0 });
    this.player.held = false;
    this.player.seek(this.wasAt);
    if (this.wasPlaying) this.player.play();
    this.invalidate();
  }

  /** The runs at the playhead, with that in front as it is under the hand. */
  heads(heads, front) {
    /** b and w of the run in front at the playhead. */
    if (heads[front]) this.now = ["b", "w"].map((name) => heads[front].columns.at(name, heads[front].k));
    if (!this.trial) return heads;
    return heads.map((head, run) => (run === front ? { columns: this.trial.columns, k: 0 } : head));
  }

  /** Whether a chart shows what is in hand: along the epochs a point of the data has no place. */
  isSeenIn(chart) {
    return this.trial !== null && (this.holder.atStart || chart.rules?.along !== "epochs");
  }

  /** What is in hand, for the page's own account of itself; empty for nothing. */
  get standing() {
    return this.trial ? ["b", "w", "loss"].map((name) => this.trial.columns.at(name, 0)).join(" ") : "";
  }

  /** What a chart paints while something is in hand; null while nothing is. */
  tracesOf(chart, name) {
    return this.trial && (this.trial.traces(chart, name) ?? chart.moving);
  }
}

function iconButton(parent, name, path) {
  const made = element("button", "scale icon", parent);
  made.type = "button";
  made.setAttribute("aria-label", name);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  made.append(svg);
  return made;
}
