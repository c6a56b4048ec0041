// A follower's answers: kept in this tab, and sent until the room has them.

import { newName } from "../names.js";
import { recall, remember } from "../tab_memory.js";
import { hearTime } from "./server_clock.js";

/** After an answer that did not get through. Hundreds may have been cut off together. */
const AGAIN_MS = 1000;

const LOST = "Not sent yet: the line is cut. It is sent once the line is back.";

export class Answering {
  /**
   * @param {string} address the room's, without a slash at its end
   * @param {() => void} changed there is something else to say of an answer
   * @param {string} [what] is answered: of each kind this tab keeps its own
   */
  constructor(address, changed, what = "lecture") {
    Object.assign(this, { address, changed });
    this.name = `${what} ${address.split("/").at(-1)}`;
    const { follower, answers } = recall(this.name) ?? {};
    this.follower = follower ?? newName(16);
    /** By the question's id. @type {Record<string, string | number | number[]>} */
    this.answers = answers ?? {};
    /** The question that takes answers now. */
    this.open = "";
    this.delivered = "";
    /** Why the last answer was not taken. */
    this.problem = "";
    /** Why the last answer is not there yet. */
    this.waiting = "";
  }

  /** @param {string} question its id @returns {string | number | number[] | undefined} what was answered */
  own(question) {
    return this.answers[question];
  }

  /** Whether the room has what was answered last. @param {string} question */
  isDelivered(question) {
    return this.delivered === question;
  }

  /** @param {string} question the id of the one that takes answers now, empty for none */
  ask(question) {
    if (question === this.open) return;
    this.open = question;
    Object.assign(this, { problem: "", waiting: "" });
    this.deliver();
  }

  /** @param {string | number | number[]} answer to the question that takes answers now */
  give(answer) {
    this.answers[this.open] = answer;
    remember(this.name, { follower: this.follower, answers: this.answers });
    Object.assign(this, { delivered: "", problem: "", waiting: "" });
    this.deliver();
  }

  /** The line is there, perhaps to a server that has forgotten everything. */
  connected() {
    this.delivered = "";
    this.deliver();
  }

  async deliver() {
    clearTimeout(this.timer);
    const { open, follower } = this;
    if (this.delivering || !open || !(open in this.answers) || this.delivered === open || this.problem) return;
    const answer = this.answers[open];
    this.delivering = true;
    const { taken, refused = "", words = "" } = await this.send({ follower, question: open, answer });
    this.delivering = false;
    if (this.open !== open || this.answers[open] !== answer) this.deliver();
    else {
      this.delivered = taken ? open : "";
      this.problem = refused;
      this.waiting = words;
      if (!taken && !refused) this.timer = setTimeout(() => this.deliver(), AGAIN_MS * (1 + Math.random()));
    }
    this.changed();
  }

  /** @returns {Promise<{taken?: boolean, refused?: string, words?: string}>} refused for good, or with what to say until it is taken */
  async send(body) {
    let answer;
    try {
      answer = await fetch(`${this.address}/answers`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    } catch {
      return { words: LOST };
    }
    hearTime(answer);
    if (answer.ok) return { taken: true };
    const sentence = (await answer.json().catch(() => null))?.error ?? LOST;
    // A server that was started again is told by the lecturer's page what is asked.
    if ([404, 409].includes(answer.status)) return {};
    return answer.status === 422 ? { refused: sentence } : { words: sentence };
  }

  /** What there is to say of the answer to the question that takes answers now. */
  get words() {
    return this.problem || this.waiting;
  }
}
