// What followers are to try, and within which bounds: what suits what is on the stage, and one press opens it.

import { button, element, put } from "../../stage/shared/dom.js";
import { whole } from "../../stage/shared/format.js";
import { numberField } from "../number_field.js";
import { popover } from "../../stage/shared/popover.js";

/** By field, what its bounds are called, and how large they may be. */
const FIELDS = {
  learning_rate: { words: "Learning rate", bounds: { low: "from", high: "to" }, most: 1000 },
  start: { words: "Start", bounds: { low: "b from", high: "b to", low_w: "w from", high_w: "w to" }, most: 1e6 },
};

export class TurnPanel {
  /**
   * @param {HTMLElement} tools where its button stands
   * @param {object} on
   * @param {() => Promise<object>} on.offer the bounds by field, or a `problem`
   * @param {(turn: object) => void} on.begin
   */
  constructor(tools, on) {
    this.on = on;
    this.opener = button(tools, "", "Your turn…", null, "Have everybody train a run of their own");
    this.root = popover(this.opener, tools, "Your turn");
    this.root.classList.add("turn-panel");
    element("p", "how", this.root).textContent = "Everybody trains the run in front with one setting of their own.";
    this.forms = Object.entries(FIELDS).map(([field, described]) => this.makeForm(field, described));
    this.problem = element("p", "problem", this.root);
    this.problem.setAttribute("role", "alert");
    this.root.addEventListener("beforetoggle", ({ newState }) => newState === "open" && this.fill());
  }

  makeForm(field, { words, bounds }) {
    const form = element("form", "", this.root);
    form.noValidate = true; // what is wrong is said here
    form.setAttribute("aria-label", words);
    element("h3", "", form).textContent = words;
    const inputs = Object.entries(bounds).map(([name, called]) => numberField(form, called, { name }));
    const begin = element("button", "main", form);
    begin.textContent = "Open";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const turn = { field, ...Object.fromEntries(inputs.map((input) => [input.name, input.valueAsNumber])) };
      const wrong = problemOf(turn);
      put(this.problem, wrong);
      if (!wrong) this.on.begin(turn);
    });
    return { field, form, inputs, begin };
  }

  async fill() {
    put(this.problem, "");
    this.enable(false);
    try {
      const offered = await this.on.offer();
      if (offered.problem) return this.say(offered.problem);
      for (const { field, inputs } of this.forms) {
        inputs.forEach((input, i) => {
          input.value = String(offered[field][i]);
        });
      }
      this.enable(true);
    } catch (refused) {
      this.say(refused.message);
    }
    return undefined;
  }

  enable(able) {
    for (const { begin } of this.forms) begin.disabled = !able;
  }

  say(sentence) {
    put(this.problem, sentence);
  }
}

/** @returns {string} what to do; empty where the bounds are some */
function problemOf({ field, low, high, low_w: lowW, high_w: highW }) {
  const ranges = field === "start" ? [[low, high], [lowW, highW]] : [[low, high]];
  if (ranges.flat().some((end) => !Number.isFinite(end))) return "Type a number for each end.";
  if (ranges.some(([from, to]) => from >= to)) return "Each range must go from a smaller number to a larger one.";
  if (ranges.flat().some((end) => Math.abs(end) > FIELDS[field].most)) return `Numbers must be at most ${whole(FIELDS[field].most)}.`;
  return field === "learning_rate" && low <= 0 ? "Learning rates must be above 0." : "";
}
