// The runs by name, each in its colour: which is in front, which leaves, which is the base. No row where there is one.

import { element, namedButton, put } from "../shared/dom.js";

const ALIGNMENTS = { epoch: "by epoch", update: "by update", time: "by time" };

const ENDS = { diverged: "diverged", failed: "failed", converged: "converged" };

export class Chips {
  /**
   * @param {(wish: object) => void} wish says what the visitor wishes
   * @param {import("../sources/source.js").Source} source knows what comes of that
   */
  constructor(parent, wish, source) {
    Object.assign(this, { wish, source });
    this.root = element("div", "chips", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Runs on the stage");
    this.list = element("ul", "runs", this.root);
    this.hint = element("p", "hint", this.root);
    const label = element("label", "align", this.root);
    this.align = element("select", "", label);
    this.align.setAttribute("aria-label", "Compare the runs");
    for (const [value, words] of Object.entries(ALIGNMENTS)) this.align.append(new Option(words, value));
    this.align.addEventListener("input", () => wish({ align: this.align.value }));
    this.root.hidden = true;
  }

  /**
   * @param {import("../runs.js").Runs} runs
   * @param {{names: string[], numbers: number[], keep: boolean, align: string}} arrangement
   * @param {(number: number) => string} colourOf
   */
  show(runs, arrangement, colourOf) {
    const { keep, align } = arrangement;
    this.root.hidden = !runs.several && !keep;
    this.align.parentElement.hidden = !runs.several;
    this.align.value = align;
    const measured = "each measured alone, on this server";
    put(this.hint, keep ? "Kept. Move a control: the new run appears beside it." : align === "time" && runs.several ? measured : "");
    this.hint.title = this.hint.textContent;
    if (this.root.hidden) return;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    this.ends = [];
    this.words = [];
    this.list.replaceChildren(
      ...runs.list.map((run, i) => this.chip(run, i, runs, arrangement, colourOf(i))),
    );
    this.fit();
    // What was made anew takes the focus over: the keyboard stays where it was.
    if (focused) this.list.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  chip(run, i, runs, { names, short_names: shorts, numbers }, colour) {
    const [name, short, number] = [names[i] ?? "", shorts[i] ?? "", numbers[i] ?? i];
    const chip = element("li", "chip");
    chip.style.setProperty("--run", colour);
    chip.classList.toggle("front", i === runs.front);
    const bring = namedButton(chip, "name", "", () => this.wish({ front: number }), `Bring ${name} to the front`);
    if (!i) bring.title = `${name}: the base that the others are compared with`;
    const words = element("span", "", bring);
    words.textContent = name;
    this.words.push({ words, name, short });
    bring.append(" "); // so that a number at the end of the name is one where it is copied
    const end = element("small", "", bring);
    bring.setAttribute("aria-pressed", String(i === runs.front));
    this.ends.push({ run, end, base: i === 0 && runs.several });
    if (i > 0 && i === runs.front && this.source.fulfils("base")) namedButton(chip, "base", "make base", () => this.wish({ base: number }), `Make ${name} the base`);
    if (i > 0 && this.source.fulfils("remove")) namedButton(chip, "away", "×", () => this.wish({ remove: number }), `Remove ${name}`);
    return chip;
  }

  /** Says of each run how it has ended, once the playhead is there. @param {(run: object) => number} rowOf */
  follow(rowOf) {
    if (this.root.hidden) return;
    let changed = false;
    for (const { run, end, base } of this.ends ?? []) {
      const { stop } = run;
      const ended = stop && rowOf(run) >= run.columns.count - 1 ? ENDS[stop.reason] : undefined;
      const words = ended ? `${ended} at ${stop.epoch}` : base ? "base" : "";
      changed ||= end.textContent !== words;
      put(end, words);
    }
    if (changed) this.fit();
  }

  /** Names in full where there is room for all of them, else in short; and the run in front in view. */
  fit() {
    for (const { words, name } of this.words) put(words, name);
    if (this.list.scrollWidth > this.list.clientWidth) for (const { words, short } of this.words) put(words, short);
    const chip = this.list.querySelector(".front");
    if (chip) this.list.scrollLeft = chip.offsetLeft - this.list.offsetLeft - chip.offsetWidth;
  }
}
