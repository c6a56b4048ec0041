// What a lecturer can ask: what fits the page, their own question, and all that was asked as a file.

import { button, element } from "../../stage/shared/dom.js";
import { popover } from "../../stage/shared/popover.js";
import { NO, YES } from "./truth.js";

/** Seconds to answer; 0 for as long as it takes. */
const TIMES = [0, 15, 30, 60];

const KINDS = { yes: "Yes or no", choice: "Choices of my own", number: "A number" };

const MOST_CHOICES = 8;
const LENGTHS = { text: 300, choice: 80, unit: 20 };

export class AskPanel {
  /**
   * @param {HTMLElement} tools where its button stands
   * @param {object} on
   * @param {() => {heading: string, asked: import("./prepared.js").Prepared[]}[]} on.prepared what fits the page now
   * @param {(question: import("./prepared.js").Prepared, seconds: number) => void} on.ask
   * @param {() => boolean} on.any whether anything was asked
   * @param {() => void} on.save
   */
  constructor(tools, on) {
    this.on = on;
    this.opener = button(tools, "", "Ask…", null, "Ask the room a question");
    this.root = popover(this.opener, tools, "Ask the room");
    this.root.classList.add("ask");
    this.time = choice("Time to answer", TIMES.map((seconds) => [String(seconds), seconds ? `${seconds} s` : "as long as it takes"]));
    this.prepared = element("div", "prepared");
    this.save = button(null, "csv", "Questions as CSV", () => on.save(), "Save all questions with what was answered");
    this.root.append(this.time.label, this.prepared, this.makeOwn(), this.save);
    this.root.addEventListener("beforetoggle", ({ newState }) => newState === "open" && this.fill());
  }

  /** With what fits the page now. */
  fill() {
    this.prepared.replaceChildren(
      ...this.on.prepared().map(({ heading, asked }) => {
        const group = element("section");
        element("h3", "", group).textContent = heading;
        for (const question of asked) button(group, "question", question.text, () => this.ask(question));
        return group;
      }),
    );
    this.save.disabled = !this.on.any();
  }

  makeOwn() {
    const form = element("form", "own");
    element("h3", "", form).textContent = "A question of your own";
    this.text = field(form, "Question", "text", { maxLength: LENGTHS.text, required: true });
    this.kind = choice("Answer", Object.entries(KINDS));
    form.append(this.kind.label);
    this.choices = field(form, "Choices, one a line", "choices", { rows: 3 }, "textarea");
    this.unit = field(form, "Unit (may stay empty)", "unit", { maxLength: LENGTHS.unit });
    this.problem = element("p", "problem", form);
    this.problem.setAttribute("role", "alert");
    element("button", "main", form).textContent = "Ask";
    const show = () => {
      this.choices.parentElement.hidden = this.kind.select.value !== "choice";
      this.unit.parentElement.hidden = this.kind.select.value !== "number";
    };
    this.kind.select.addEventListener("input", show);
    show();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { question, problem = "" } = ownQuestion(this.text.value, this.kind.select.value, this.choices.value, this.unit.value);
      this.problem.textContent = problem;
      if (question) this.ask(question);
    });
    return form;
  }

  ask(question) {
    this.on.ask(question, Number(this.time.select.value));
    this.text.value = "";
  }
}

/**
 * A question in a lecturer's own words.
 * @param {string} text @param {string} kind one of `KINDS` @param {string} choices one a line @param {string} unit
 * @returns {{question?: import("./prepared.js").Prepared, problem?: string}} the question, or what to do
 */
export function ownQuestion(text, kind, choices, unit) {
  const asked = { text: text.trim(), about: { what: "own" } };
  if (!asked.text) return { problem: "Write a question." };
  if (kind === "number") return { question: { ...asked, kind, ...(unit.trim() && { unit: unit.trim() }) } };
  if (kind === "yes") return { question: { ...asked, kind: "choice", choices: [YES, NO] } };
  const found = choices.split("\n").map((line) => line.trim()).filter(Boolean);
  if (found.length < 2 || found.length > MOST_CHOICES) return { problem: `Write 2 to ${MOST_CHOICES} choices, one a line.` };
  if (new Set(found).size < found.length) return { problem: "Two of these choices are the same: write different ones." };
  const long = found.find((line) => line.length > LENGTHS.choice);
  if (long) return { problem: `“${long.slice(0, 20)}…” is too long: a choice has at most ${LENGTHS.choice} letters.` };
  return { question: { ...asked, kind, choices: found } };
}

/** A labelled list to choose from. @param {[string, string][]} options values and their words */
function choice(words, options) {
  const label = element("label", "field");
  element("span", "", label).textContent = words;
  const select = element("select", "", label);
  for (const [value, shown] of options) select.append(new Option(shown, value));
  return { label, select };
}

function field(form, words, name, properties, tag = "input") {
  const label = element("label", "field", form);
  element("span", "", label).textContent = words;
  return Object.assign(element(tag, "", label), { name, autocomplete: "off", ...properties });
}
