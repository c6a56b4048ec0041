// The question at the foot of the lecturer's page, for the whole hall to read: what is answered, and what is true.

import { button, element, put } from "../../stage/shared/dom.js";
import { Foot } from "../foot.js";
import { Histogram } from "./histogram.js";
import { isOwn } from "./prepared.js";
import { inWords } from "./results.js";
import { secondsLeft } from "./server_clock.js";

const TICK_MS = 250;

/** A question of more letters has a line of its own. */
const LONG = 70;

export class Strip {
  /**
   * @param {HTMLElement} dressed something on the page that has its colours
   * @param {object} on
   * @param {(anyway: boolean) => void} on.reveal
   * @param {() => void} on.putAway
   * @param {(right: string | number | null) => void} on.mark what is right of an own question
   */
  constructor(dressed, on) {
    this.on = on;
    this.foot = new Foot(dressed, "asked", "Question to the room");
    this.root = this.foot.root;
    const line = element("div", "line", this.root);
    this.text = element("p", "text", line);
    this.people = element("span", "people", line);
    this.countdown = element("span", "countdown", line);
    const acts = element("div", "acts", line);
    this.right = element("span", "right-answer", acts);
    this.reveal = button(acts, "main", "Reveal", () => on.reveal(false));
    this.anyway = button(acts, "", "Reveal answers only", () => on.reveal(true));
    this.away = button(acts, "", "", () => on.putAway());
    this.histogram = new Histogram(this.root);
    this.said = element("p", "said", this.root);
    this.said.setAttribute("role", "status");
  }

  /**
   * @param {import("./asked.js").Entry | null} entry what the room is asked now
   * @param {number} here how many follow
   */
  show(entry, here) {
    // The button that was pressed may go, and the focus with it.
    const hadFocus = this.root.contains(document.activeElement);
    this.foot.show(Boolean(entry));
    if (!entry) {
      clearInterval(this.timer);
      this.id = this.timer = undefined;
      return;
    }
    const { question, counts } = entry;
    if (this.id !== question.id) this.begin(entry);
    const { revealed = false } = question;
    put(this.text, question.unit ? `${question.text} (${question.unit})` : question.text);
    this.text.classList.toggle("long", question.text.length > LONG);
    const answers = counts?.answered ?? 0;
    put(this.people, `${answers} of ${Math.max(here, answers)} answered`); // whose phone has gone dark is not here
    put(this.away, revealed ? "Close" : "Withdraw");
    this.reveal.hidden = revealed;
    if (revealed) this.problem = "";
    this.anyway.hidden = !this.problem;
    this.histogram.show(question, counts);
    put(this.said, revealed && counts ? inWords({ ...question, counts }) : this.problem);
    this.until = revealed ? undefined : question.until;
    if (hadFocus && this.reveal.hidden && !this.root.contains(document.activeElement)) this.away.focus();
    this.tick();
    if (this.until && !this.timer && secondsLeft(this.until)) this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Another question than before. */
  begin({ question, about, right }) {
    this.id = question.id;
    this.problem = "";
    this.right.replaceChildren();
    if (isOwn(about)) this.right.append(rightAnswer(question, right ?? null, (marked) => this.on.mark(marked)));
  }

  /** Why the truth cannot be told yet. @param {string} problem */
  say(problem) {
    this.problem = problem;
    put(this.said, problem);
    this.anyway.hidden = !problem;
  }

  tick() {
    const left = this.until ? secondsLeft(this.until) : null;
    put(this.countdown, left === null ? "" : left ? `${left} s` : "Time is up");
    this.countdown.classList.toggle("over", left === 0);
    if (left) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/** Where a lecturer says what is right of a question of their own, if they wish. */
function rightAnswer({ kind, choices }, right, mark) {
  const label = element("label");
  element("span", "", label).textContent = "Right:";
  if (kind === "number") {
    const input = element("input", "", label);
    Object.assign(input, { type: "number", step: "any", value: right ?? "" });
    input.addEventListener("change", () => mark(input.value === "" ? null : input.valueAsNumber));
    return label;
  }
  const select = element("select", "", label);
  select.append(new Option("not said", ""), ...choices.map((choice) => new Option(choice, choice)));
  select.value = right ?? "";
  select.addEventListener("change", () => mark(select.value || null));
  return label;
}
