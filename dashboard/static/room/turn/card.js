// *Your turn* on a follower's page: one setting of their own, what became of it, and in the end of everybody's.

import { fetched } from "../fetched.js";
import { onClick } from "../../stage/charts/pick.js";
import { toAxes } from "../../stage/charts/places.js";
import { unpacked } from "../../stage/shared/arrays.js";
import { button, element, put } from "../../stage/shared/dom.js";
import { number } from "../../stage/shared/format.js";
import { Answering } from "../asking/answering.js";
import { alike, askedInWords, lossInWords, Results, triedInWords } from "./results.js";

/** Positions of the slider. */
const STEPS = 1000;

/** Between two questions for a run that is not there yet. Hundreds ask. */
const ASK_MS = 500;

const WORDS = {
  start: "Tap on the loss surface, or type where to start.",
  again: "Try again until the turn ends: the last one counts.",
  training: "Training…",
  bounds: "Type a number within the bounds.",
};

export class TurnCard {
  /**
   * @param {HTMLElement} foot above which it stands
   * @param {string} address the room's, without a slash at its end
   * @param {() => import("../../stage/stage.js").Stage} stage on the page
   */
  constructor(foot, address, stage) {
    Object.assign(this, { foot, address, stage });
    /** @type {object | null} */
    this.turn = null;
    /** What became of one's own, as `Turn.outcome` has it. @type {object | null} */
    this.outcome = null;
    this.everybody = new Results();
    this.answering = new Answering(address, () => this.answered(), "turn");
    this.root = element("section", "asking card turn");
    foot.before(this.root);
    this.root.setAttribute("aria-label", "Your turn");
    this.root.hidden = true;
    const head = element("div", "line", this.root);
    this.text = element("h2", "text", head);
    this.text.setAttribute("aria-live", "polite");
    this.form = element("form", "number", this.root);
    this.form.noValidate = true; // what is wrong is said here
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.train();
    });
    this.said = element("p", "said", this.root);
    this.said.setAttribute("role", "status");
    new ResizeObserver(() => this.fit()).observe(this.root);
  }

  /** The line is there again. */
  connected() {
    this.answering.connected();
  }

  /** @param {object | null} turn what the room has everybody try @param {boolean} covered a question comes first */
  show(turn, covered) {
    this.root.hidden = !turn || covered;
    this.fit();
    const told = JSON.stringify(turn);
    if (told === this.told) return;
    this.told = told;
    const another = turn?.id !== this.turn?.id;
    this.turn = turn;
    this.answering.ask(turn && !turn.shown ? turn.id : "");
    if (another) this.begin();
    if (turn?.shown) this.lookAtAll();
    this.update();
  }

  begin() {
    clearTimeout(this.timer);
    this.untap?.();
    this.untap = undefined;
    this.outcome = null;
    this.wrong = false;
    this.everybody.forget();
    this.form.replaceChildren();
    this.draw();
    if (!this.turn) return;
    put(this.text, `Your turn: choose ${askedInWords(this.turn)}`);
    this.inputs = this.turn.field === "start" ? this.makePlace() : this.makeRate();
    this.submit = button(this.form, "main", "Train my run");
    this.submit.type = "submit";
    const own = this.answering.own(this.turn.id);
    if (own === undefined) return;
    this.choose([own].flat()); // after a reload
    this.answered();
  }

  /** A slider over the rates, on the scale of a logarithm, and its number. */
  makeRate() {
    const { low, high } = this.turn;
    const slider = Object.assign(element("input", "rate", this.form), { type: "range", min: "0", max: String(STEPS), step: "1" });
    slider.setAttribute("aria-label", "Learning rate");
    const input = this.field("Learning rate, exactly", low, high);
    slider.addEventListener("input", () => {
      input.value = String(rounded(low * (high / low) ** (Number(slider.value) / STEPS), low, high));
      slider.setAttribute("aria-valuetext", input.value);
      this.right();
    });
    this.place = () => {
      const part = Math.log(input.valueAsNumber / low) / Math.log(high / low);
      if (Number.isFinite(part)) slider.value = String(Math.round(STEPS * part));
      slider.setAttribute("aria-valuetext", input.value);
    };
    input.addEventListener("input", this.place);
    input.value = String(rounded(Math.sqrt(low * high), low, high));
    this.place();
    return [input];
  }

  /** Two numbers, or a place on the loss surface. */
  makePlace() {
    const { low, high, low_w: lowW, high_w: highW } = this.turn;
    const inputs = [this.field("b", low, high, true), this.field("w", lowW, highW, true)];
    this.place = () => this.draw();
    for (const input of inputs) input.addEventListener("input", this.place);
    this.untap = onClick(this.stage().root, () => false, (x, y) => this.tap(x, y));
    return inputs;
  }

  field(name, low, high, named = false) {
    const label = element("label", named ? "" : "alone", this.form);
    if (named) element("span", "", label).textContent = name;
    const input = element("input", "", label);
    Object.assign(input, { type: "number", step: "any", min: String(low), max: String(high), autocomplete: "off", enterKeyHint: "go" });
    if (!named) input.setAttribute("aria-label", name);
    input.addEventListener("input", () => this.right());
    return input;
  }

  /** A start on the loss surface, if that is what was tapped on. */
  tap(clientX, clientY) {
    const chart = this.stage().charts.get("surface");
    if (this.turn?.shown || !chart?.shown || !chart.area.contains(document.elementFromPoint(clientX, clientY))) return;
    const place = toAxes(chart, clientX, clientY);
    const ends = [[this.turn.low, this.turn.high], [this.turn.low_w, this.turn.high_w]];
    this.choose(place.map((value, i) => rounded(value, ...ends[i])));
    this.outcome = null;
    this.right();
    this.draw();
  }

  /** @param {number[]} values */
  choose(values) {
    this.inputs.forEach((input, i) => {
      input.value = String(values[i]);
    });
    this.place();
  }

  right() {
    this.wrong = false;
    this.update();
  }

  train() {
    const values = this.inputs.map((input) => input.valueAsNumber);
    this.wrong = this.inputs.some(({ min, max }, i) => !(values[i] >= Number(min) && values[i] <= Number(max)));
    if (!this.wrong) {
      this.outcome = null;
      this.answering.give(values.length > 1 ? values : values[0]);
    }
    this.update();
  }

  /** The room has one's own, or there is something else to say of it. */
  answered() {
    this.update();
    if (this.turn && this.answering.isDelivered(this.turn.id)) this.ask();
  }

  /** What became of one's own: until it is there. */
  async ask() {
    clearTimeout(this.timer);
    const { id } = this.turn;
    const told = await this.fetched(`turn/${this.answering.follower}`);
    if (this.turn?.id !== id) return;
    if (told?.id === id && "loss" in told && same(told.value, this.answering.own(id))) {
      this.outcome = { ...told, path: unpacked(told.path) };
      this.draw();
      this.update();
    } else if (!this.outcome) this.timer = setTimeout(() => this.ask(), ASK_MS * (0.75 + Math.random() / 2));
  }

  /** What became of everybody's, once the lecturer shows it. */
  async lookAtAll() {
    const { id } = this.turn;
    const told = await this.fetched("turn");
    if (this.turn?.id !== id) return;
    if (told?.id !== id) {
      this.timer = setTimeout(() => this.turn?.id === id && this.lookAtAll(), ASK_MS * (1 + Math.random()));
      return;
    }
    this.everybody.receive(told);
    if (this.answering.own(id) !== undefined) this.ask(); // now among all
    this.draw();
    this.update();
  }

  /** @returns {Promise<object | null>} null where the server has nothing to say */
  async fetched(where) {
    const answer = await fetched(`${this.address}/${where}`);
    return answer && answer.json();
  }

  /** One's own on one's own stage, and everybody's once it is shown. */
  draw() {
    const { turn, outcome, everybody } = this;
    const stage = this.stage();
    if (!stage) return;
    if (!turn) return stage.setHall(null);
    if (everybody.id) return stage.setHall(everybody.hall(false, outcome));
    const at = this.inputs?.map((input) => input.valueAsNumber) ?? [];
    const chosen = turn.field === "start" && at.every(Number.isFinite) ? { value: at, loss: null, path: at } : null;
    const own = outcome ?? chosen;
    const place = outcome?.place ?? stage.runs.inFront?.place;
    const runs = own ? [{ ...own, value: own.value[0], mark: "own" }] : [];
    return stage.setHall({ place, field: turn.field, runs, guessing: true });
  }

  update() {
    const { turn } = this;
    if (!turn) return;
    this.form.hidden = Boolean(turn.shown);
    if (turn.shown) put(this.text, this.everybody.best ? `Of all, the ${this.everybody.inWords}` : "The turn is over.");
    put(this.said, this.standing);
  }

  /** How it stands with one's own. */
  get standing() {
    const { turn, answering, outcome, wrong } = this;
    const own = answering.own(turn.id);
    if (wrong && !turn.shown) return WORDS.bounds;
    if (outcome) {
      const { value, loss, epoch, rank, of, alike: others } = outcome;
      const became = loss === null ? `diverged at epoch ${number(epoch)}` : `${lossInWords(loss)} after ${number(epoch)} epochs`;
      const place = of > 1 ? ` Place ${rank} of ${of}${alike(others)}.` : "";
      return `Yours, ${triedInWords(value)}: ${became}.${place}${turn.shown ? "" : ` ${WORDS.again}`}`;
    }
    if (own === undefined) return turn.field === "start" && !turn.shown ? WORDS.start : "";
    return answering.words || (turn.shown ? "" : WORDS.training);
  }

  /** What is above it keeps clear of it. */
  fit() {
    const { style, classList } = document.documentElement;
    classList.toggle("turned", !this.root.hidden);
    style.setProperty("--turned", this.root.hidden ? "0px" : `${this.root.offsetHeight}px`);
  }
}

/** Three digits of it, and none beyond the bounds. */
function rounded(value, low, high) {
  return Math.min(Math.max(Number(value.toPrecision(3)), low), high);
}

function same(value, own) {
  return JSON.stringify(value) === JSON.stringify([own].flat());
}
