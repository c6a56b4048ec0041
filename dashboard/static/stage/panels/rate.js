// From where a learning rate holds that was chosen while the run was paused: from the start, or from there on.
//
// The page asks once; what is answered then holds for every later change, until something else is answered.

import { button, element, put } from "../shared/dom.js";
import { setting, whole } from "../shared/format.js";
import { keep, kept } from "../shared/kept.js";

const KEY = "gradient-descent-lab-rate-holds";

/** @typedef {{number: number, rate: number, since: number}} Change as `dashboard/stage/arrangement.py` tells it */

export class RateChange {
  /**
   * @param {Element} parent
   * @param {(wish: object) => void} wish
   */
  constructor(parent, wish) {
    this.wish = wish;
    this.group = element("div", "rate-change", parent);
    this.group.setAttribute("role", "group");
    this.group.hidden = true;
    this.words = element("span", "words", this.group);
    this.fromStart = button(this.group, "", "the start", () => this.choose("start"));
    this.fromHere = button(this.group, "", "", () => this.choose("here"));
    /** The change that there is to ask about, with what is chosen by now, and where the run was paused. */
    this.asked = null;
    /** The number of the last change that was heard of, and of the last with which there were runs on the stage. */
    this.seen = 0;
    this.shown = 0;
    this.resumeFrom = 0;
  }

  /**
   * @param {Change | null} change the last one that the source knows of
   * @param {number} epoch where the run in front is paused; 0 where it is not
   */
  note(change, epoch) {
    if (!change || change.number === this.seen) return;
    this.seen = change.number;
    this.asked = epoch ? { ...change, epoch, after: this.shown } : null;
    if (epoch && kept(KEY) === "here") this.holdFrom(epoch);
  }

  /** How things stand, for another stage that takes its place. */
  get standing() {
    const { asked, seen, shown, resumeFrom } = this;
    return { asked, seen, shown, resumeFrom };
  }

  /** Whether the source has not yet done what is wished. @param {Change | null} change what it knows */
  awaits(change) {
    return Boolean(this.asked) && change?.number === this.asked.number && change.since !== this.asked.since;
  }

  /** The epoch from which the runs that have come are to be played on: told once. @param {Change | null} change */
  resume(change) {
    const epoch = change && change.number === this.asked?.number ? this.resumeFrom : 0;
    this.resumeFrom = 0;
    return epoch;
  }

  choose(answer) {
    keep(KEY, answer);
    this.holdFrom(answer === "here" ? this.asked.epoch : 0);
  }

  holdFrom(epoch) {
    const { asked } = this;
    if (epoch === asked.since) return;
    asked.since = epoch;
    this.resumeFrom = epoch;
    this.wish({ rate_from: [asked.number, epoch, asked.after] });
    this.tell();
  }

  /** @param {Change | null} change the last one that the source knows of */
  show(change) {
    if (change) this.shown = change.number;
    this.group.hidden = !this.asked || change?.number !== this.asked.number;
    if (!this.group.hidden) this.tell();
  }

  tell() {
    const { asked } = this;
    const rate = setting(asked.rate);
    this.group.setAttribute("aria-label", `From where the learning rate ${rate} holds`);
    put(this.words, `Learning rate ${rate} from`);
    put(this.fromHere, `epoch ${whole(asked.epoch)} on`);
    this.fromStart.setAttribute("aria-pressed", String(asked.since === 0));
    this.fromHere.setAttribute("aria-pressed", String(asked.since !== 0));
  }
}
