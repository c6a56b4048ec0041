// The question on a follower's page: to be answered, changed until the reveal, and then looked at with all others'.

import { button, element, put } from "../../stage/shared/dom.js";
import { numberField } from "../number_field.js";
import { Answering } from "./answering.js";
import { Histogram } from "./histogram.js";
import { answered, inWords } from "./results.js";
import { hearTime, secondsLeft } from "./server_clock.js";

const TICK_MS = 250;

const WORDS = {
  change: "You can change it until the reveal.",
  late: "Time is up, but answers count until the reveal.",
  lateChange: "Time is up, but you can change it until the reveal.",
  number: "Type a number, such as 0.5.",
};

export class QuestionCard {
  /**
   * @param {HTMLElement} foot above which it stands
   * @param {string} address the room's, without a slash at its end
   */
  constructor(foot, address) {
    this.foot = foot;
    this.address = address;
    this.answering = new Answering(address, () => this.update());
    this.root = element("section", "asking card");
    foot.before(this.root);
    this.root.setAttribute("aria-label", "Question");
    this.root.hidden = true;
    const head = element("div", "line", this.root);
    this.text = element("h2", "text", head);
    this.text.setAttribute("aria-live", "polite");
    this.countdown = element("span", "countdown", head);
    this.answers = element("div", "answers", this.root);
    this.histogram = new Histogram(this.root);
    this.said = element("p", "said", this.root);
    this.said.setAttribute("role", "status");
    const watching = new ResizeObserver(() => this.fit());
    for (const one of [this.root, foot]) watching.observe(one);
  }

  /** The line is there again. */
  connected() {
    this.answering.connected();
  }

  /** @param {object | null} question what the room is asked now */
  show(question) {
    if (JSON.stringify(question) === this.shown) return;
    this.shown = JSON.stringify(question);
    const another = question?.id !== this.question?.id;
    this.question = question;
    this.root.hidden = !question;
    clearInterval(this.timer);
    this.isLate = false;
    put(this.countdown, "");
    this.answering.ask(question && !question.revealed ? question.id : "");
    if (question) {
      if (another) this.begin();
      if (question.until && !question.revealed) this.count();
      this.update();
    }
    this.fit();
  }

  begin() {
    const { kind, unit, text } = this.question;
    put(this.text, text);
    this.answers.replaceChildren(kind === "number" ? this.makeField(unit) : this.makeButtons());
  }

  makeButtons() {
    const group = element("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Your answer");
    this.buttons = this.question.choices.map((choice) => button(group, "", choice, () => this.give(choice)));
    return group;
  }

  makeField(unit) {
    const form = element("form", "number");
    form.noValidate = true; // what is missing is said here
    this.buttons = [];
    this.field = numberField(form, unit ? `Your answer (${unit})` : "Your answer", { enterKeyHint: "send" });
    const own = this.answering.own(this.question.id);
    if (own !== undefined) this.field.value = String(own);
    this.field.addEventListener("input", () => this.complain(false));
    this.submit = element("button", "main", form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = this.field.valueAsNumber;
      if (Number.isFinite(value)) this.give(value);
      this.complain(!Number.isFinite(value));
    });
    return form;
  }

  complain(wrong) {
    this.wrong = wrong;
    this.field.toggleAttribute("aria-invalid", wrong);
    this.update();
  }

  give(answer) {
    this.answering.give(answer);
    this.update();
  }

  update() {
    const { question, answering } = this;
    if (!question) return;
    const own = answering.own(question.id);
    const { revealed = false, counts } = question;
    this.answers.hidden = revealed;
    this.histogram.root.hidden = !revealed;
    if (revealed) this.histogram.show(question, counts, own);
    this.buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(own === question.choices[i])));
    if (question.kind === "number") put(this.submit, own === undefined ? "Answer" : "Change");
    put(this.said, revealed ? inWords(question) : this.standing(own));
  }

  /** How it stands with one's own answer. */
  standing(own) {
    const { answering, question, isLate, wrong } = this;
    if (wrong) return WORDS.number;
    if (own === undefined) return isLate ? WORDS.late : "";
    const said = `Your answer: ${typeof own === "number" ? answered(own) : own}.`;
    if (answering.words) return `${said} ${answering.words}`;
    return answering.isDelivered(question.id) ? `${said} ${isLate ? WORDS.lateChange : WORDS.change}` : `${said} Sending…`;
  }

  /** Until time is up. */
  async count() {
    const { until } = this.question;
    const tick = () => {
      const left = secondsLeft(until);
      this.isLate = left === 0;
      put(this.countdown, left ? `${left} s` : "");
      if (left) return;
      clearInterval(this.timer);
      this.update();
    };
    this.timer = setInterval(tick, TICK_MS);
    tick();
    try {
      hearTime(await fetch(this.address, { method: "HEAD" }));
    } catch {
      // Then it is one's own clock that counts.
    }
  }

  /** What is above it keeps clear of it. */
  fit() {
    const { style } = document.documentElement;
    style.setProperty("--foot", `${this.foot.offsetHeight}px`);
    style.setProperty("--asked", this.root.hidden ? "0px" : `${this.root.offsetHeight}px`);
  }
}
