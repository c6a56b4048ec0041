// Epochs under the magnifying glass: what the server says of the four beats and the graph, kept as long as it holds.

import { BEATS } from "../player/player.js";

const LOST_MS = 3000; // after which a question may be asked again

/** Between two questions that are asked in passing there is this many times what the last answer took. */
const PATIENCE = 5;

export class Moments {
  /**
   * @param {() => void} ask sends the question that `wanted` then holds
   * @param {() => void} again called when `at` is worth another try
   */
  constructor(ask, again) {
    this.ask = ask;
    this.again = again;
    /** Whose epochs they are. */
    this.scene = "";
    this.root = "loss";
    this.requires = "both";
    /** Whether the gradient is to come in four ways. */
    this.agreement = false;
    this.askedAt = -Infinity;
    /** How long the last answer took, in milliseconds: with very many points it is much work. */
    this.took = 0;
    this.clear();
  }

  /** Another run, or another way to look back. */
  clear() {
    /** @type {Map<number, object>} */
    this.known = new Map();
    /** The one that was heard of last. @type {{k: number, moment: object} | null} */
    this.last = null;
    this.layouts = {};
    this.wanted = null;
  }

  /** At the run of this scene from now on. */
  look(scene) {
    if (scene === this.scene) return;
    this.scene = scene;
    this.clear();
  }

  choose(root, requires) {
    this.root = root;
    this.requires = requires;
    this.clear();
  }

  /** @param {boolean} agreement whether the gradient is to come in four ways */
  compare(agreement) {
    if (agreement === this.agreement) return;
    this.agreement = agreement;
    this.clear();
  }

  /**
   * What is known of epoch k; asks for it if that is nothing.
   * @param {number} pause milliseconds since the last question before which there is no other
   * @returns {object | undefined}
   */
  at(k, pause = 0) {
    const found = this.known.get(k);
    const now = performance.now();
    if (found) return found;
    const rest = pause && Math.max(pause, PATIENCE * this.took);
    const wait = this.askedAt + (this.wanted ? LOST_MS : rest) - now;
    clearTimeout(this.timer);
    if (wait > 0) this.timer = setTimeout(this.again, wait);
    else {
      this.wanted = { scene: this.scene, epoch: k, root: this.root, requires: this.requires, agreement: this.agreement };
      this.askedAt = now;
      this.ask();
    }
    return undefined;
  }

  end() {
    clearTimeout(this.timer);
  }

  /** The answer. @param {object} answer what was `wanted`, with what is known of that epoch and perhaps a few more */
  receive({ scene, root, requires, agreement, layouts, epochs }) {
    if (scene !== this.scene || root !== this.root || requires !== this.requires || agreement !== this.agreement) return;
    this.took = performance.now() - this.askedAt;
    Object.assign(this.layouts, layouts);
    for (const [k, moment] of Object.entries(epochs)) this.known.set(Number(k), moment);
    const [first] = Object.entries(epochs);
    if (first) this.last = { k: Number(first[0]), moment: first[1] };
    this.wanted = null;
  }
}

/** A moment of which only this sentence is known. */
export function without(sentence) {
  const line = { role: "muted", parts: [sentence] };
  return { beats: Object.fromEntries(BEATS.map((step) => [step, [line]])), graph: { message: sentence }, message: sentence };
}
