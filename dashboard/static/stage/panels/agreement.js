// How far ways to compute the same thing agree: four to find the gradient at the playhead, and the methods at the end.

import { button, element, put } from "../shared/dom.js";
import { number, setting } from "../shared/format.js";

/**
 * What `gradients_told` in `dashboard/stage/agreement.py` makes; pairs are for b and for w.
 * @typedef {{ways: {name: string, values: number[], steps: (number | null)[]}[], step: number[], largest: number[]}} Gradients
 *
 * What `told_of` makes there.
 * @typedef {{text: string, differs_from: number, steps: number | null}} Digits
 * @typedef {{scene: string, announced: string, share: number, epoch: number, shown: string, missing: string[],
 *   methods: {method: string, digits: Digits[]}[] | null, ends: Record<string, number>,
 *   elsewhere: boolean, byHand: boolean, optimizer: string}} Told
 */

/** By how many steps autograd may be off without a word. */
const FEW_STEPS = 64;

const REFERENCE = "closed form";

/** By nine digits any two numbers of float32 differ. */
const DIGITS = 9;

/** What the methods learn, by what has room beside one another: the places of the digits, which bear the colour's role. */
const LEARNED = [["b", "w"], ["loss"]];

export class Agreement {
  /**
   * @param {HTMLElement} parent
   * @param {import("../sources/source.js").Source} source is asked for what takes long: then `wanted` says for which run
   */
  constructor(parent, source) {
    this.source = source;
    this.panel = element("section", "panel agreement", parent);
    this.panel.setAttribute("aria-label", "How far ways to compute the same thing agree");
    this.panel.tabIndex = 0; // where it scrolls, keys must reach it
    this.gradients = element("table", "gradients", this.panel);
    this.gradients.setAttribute("aria-label", "The gradient in four ways");
    this.gradientNote = element("p", "remark", this.panel);
    this.methods = element("table", "methods", this.panel);
    this.methods.setAttribute("aria-label", "What the methods learn, digit by digit");
    this.methodsNote = element("p", "remark", this.panel);
    this.button = button(this.panel, "scale", "Train them", () => {
      this.wanted = this.told.scene;
      source.ask();
    });
    this.button.hidden = true;
    /** The run for which the other methods are wanted although they take long. @type {string | null} */
    this.wanted = null;
    /** @type {Told | null} */
    this.told = null;
  }

  /** Whether there is more of it to come. */
  get pending() {
    return this.told !== null && !this.told.methods && !this.told.announced;
  }

  /** @param {string} name of the run in front @param {{methods: {name: string, title: string}[]}} scene its own */
  show(name, scene) {
    this.scene = name;
    this.titles = Object.fromEntries(scene.methods.map((method) => [method.name, method.title]));
    this.written = undefined;
    this.tell();
  }

  /** @param {Told | null} told null for nothing: nobody looks, or the run goes on */
  receive(told) {
    const text = JSON.stringify(told);
    if (text === this.toldText) return;
    this.toldText = text;
    this.told = told;
    this.tell();
  }

  /**
   * The playhead is somewhere.
   * @param {{k: number, moment: {agreement?: Gradients, message?: string}} | null} last the epoch that is known of last
   */
  follow(last) {
    const key = last && `${this.scene} ${last.k}`;
    if (key === this.written) return;
    this.written = key;
    const found = last?.moment.agreement;
    this.gradients.replaceChildren(...(found ? gradientRows(found, last.k) : []));
    put(this.gradientNote, found ? gradientWords(found) : last ? (last.moment.message ?? "") : "…");
  }

  /** Writes what there is to say of the methods. */
  tell() {
    const told = this.told?.scene === this.scene ? this.told : null;
    const known = told?.methods ? told : null;
    this.methods.replaceChildren(...(known ? LEARNED.map((names, i) => this.group(known, names, 2 * i)) : []));
    put(this.methodsNote, known ? this.words(known) : waitingWords(told));
    this.button.hidden = !told?.announced || !this.source.fulfils("others");
  }

  /** What all methods have for some of the numbers. @param {Told} told @param {number} first the place of the digits */
  group({ methods, shown, epoch }, names, first) {
    const body = element("tbody");
    // What stands alone has the room of two.
    const span = names.length === 1 ? 3 : 1;
    headRow(body, first ? "" : `Epoch ${number(epoch)}`, names, span);
    for (const { method, digits } of methods) {
      const row = element("tr", method === shown ? "shown" : "", body);
      cell(row, "th", this.titles[method]).scope = "row";
      for (const { text, differs_from: from, steps } of digits.slice(first, first + names.length)) {
        const value = cell(row, "td", minus(text.slice(0, from)));
        Object.assign(value, { className: "digits", colSpan: span, title: minus(text) });
        if (from < text.length) element("mark", "", value).textContent = minus(text.slice(from));
        cell(row, "td", method === shown ? "" : stepsOf(steps)).className = "steps";
      }
    }
    return body;
  }

  /** @param {Told} told */
  words({ ends, missing, elsewhere, byHand, optimizer }) {
    const said = ["Bold: the run shown. Marked: digits unlike its own."];
    const ended = Object.entries(ends).map(([method, epoch]) => `${this.titles[method]} at ${number(epoch)}`);
    if (ended.length) said.push(`They ended at different epochs (${ended.join(", ")}): this is the last that all have.`);
    if (!byHand) {
      said.push(`By hand and Autograd know no ${optimizer}: they write plain gradient descent out.`);
    }
    if (elsewhere) said.push("By hand starts elsewhere: of one seed NumPy makes other numbers.");
    return [...said, ...missing].join(" ");
  }
}

function waitingWords(told) {
  if (!told) return "Once the run has ended, what the other methods learn stands here beside it.";
  return told.announced || `Training the other methods: ${Math.round(100 * told.share)} %`;
}

/** @param {Gradients} found @param {number} k the epoch */
function gradientRows({ ways }, k) {
  const body = element("tbody");
  headRow(body, `Epoch ${number(k)}`, ["∂loss/∂b", "∂loss/∂w"]);
  for (const { name, values, steps } of ways) {
    const row = element("tr", "", body);
    cell(row, "th", name).scope = "row";
    values.forEach((value, i) => {
      cell(row, "td", number(value, DIGITS)).className = "digits";
      cell(row, "td", name === REFERENCE ? "" : stepsOf(steps[i]));
    });
  }
  return [body];
}

/** Numbers of these names, each with its distance behind it. */
function headRow(body, place, names, span = 1) {
  const row = element("tr", "", body);
  cell(row, "td", place).className = "place";
  for (const name of names) {
    const head = cell(row, "th", name);
    Object.assign(head, { scope: "col", className: "digits", colSpan: span });
    head.style.color = `var(--lab-${name.startsWith("∂") ? "gradient" : name})`;
    Object.assign(cell(row, "th", "steps"), { scope: "col", className: "steps" });
  }
}

/** @param {Gradients} found */
function gradientWords({ ways, step, largest }) {
  const [b, w] = step.map(setting);
  const said = [`Steps of float32 from the closed form; differences with h = ${b === w ? b : `${b}, ${w}`}.`];
  const of = (name) => ways.find((way) => way.name === name);
  const [torch, exact] = [of("autograd"), of(REFERENCE)];
  const worst = torch.steps[1] > torch.steps[0] ? 1 : 0;
  if (torch.steps[worst] > FEW_STEPS) {
    const one = float32Step(largest[worst]);
    const off = Math.abs(torch.values[worst] - exact.values[worst]) / one;
    said.push(
      `Terms up to ${number(largest[worst], 3)} cancel; of their step, ${number(one, 4)}, ` +
        `autograd is ${number(off, 2)} off.`,
    );
  }
  return said.join(" ");
}

/** How far from a number the next one of float32 is. */
function float32Step(value) {
  return 2 ** (Math.max(Math.floor(Math.log2(value)), -126) - 23);
}

function stepsOf(steps) {
  return steps === null ? "–" : number(steps, 4);
}

function minus(text) {
  return text.replaceAll("-", "\u2212");
}

function cell(row, tag, text) {
  const made = element(tag, "", row);
  made.textContent = text;
  return made;
}
