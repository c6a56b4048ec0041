// The sweep: its chart in the place of the loss surface, what it is over, and a value of it to take over.

import { lastUpTo } from "../charts/rules.js";
import { button, element, put } from "../shared/dom.js";
import { number, setting } from "../shared/format.js";

/** What is offered to be swept over, and how it is called. */
const FIELDS = { learning_rate: "learning rate", batch_size: "batch size", noise: "noise", n: "N", seed: "seed" };

const MOST_RUNS = 6;

/** Ends after which a run has no loss: what has ended well stays where it is. */
const LOST = new Set(["diverged", "failed"]);

export class Sweep {
  /**
   * @param {import("../charts/chart.js").Chart} surface the chart whose place it takes
   * @param {import("../charts/chart.js").Chart} chart its own
   * @param {(wish: object) => void} wish says what the visitor wishes
   * @param {import("../sources/source.js").Source} source knows what comes of that
   */
  constructor(surface, chart, wish, source) {
    this.source = source;
    this.chart = chart;
    /** What there is to say of it; null for none. @type {object | null} */
    this.told = null;
    /** All of it, once it has ended. @type {object | null} */
    this.known = null;
    /** Whether nothing is seen of it but its axis and the runs on the stage. */
    this.covered = false;
    this.k = 0;
    this.wish = wish;
    if (source.fulfils("sweep")) {
      const title = source.fulfils("take") ? "Show the loss over many learning rates" : "Show the sweep";
      button(surface.buttons, "scale", "Sweep", () => wish({ sweep: "learning_rate" }), title);
    }
    chart.heading.textContent = "Sweep";
    chart.onPick = (x) => this.pick(this.nearest(x));
  }

  /** What stands around its chart, made when there is one for the first time. */
  furnish() {
    const { chart, wish } = this;
    this.field = element("select", "", chart.buttons);
    // Where there is but one, the axis says over what it is.
    this.field.hidden = !this.source.fulfils("take");
    this.field.setAttribute("aria-label", "Sweep over");
    for (const [value, words] of Object.entries(FIELDS)) this.offer(value, words);
    this.field.addEventListener("input", () => wish({ sweep: this.field.value }));
    button(chart.buttons, "scale", "Surface", () => wish({ sweep: "" }), "Back to the loss surface");
    this.bar = element("div", "picked");
    chart.header.after(this.bar);
    this.slider = element("input", "sweep-value", chart.panel);
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.setAttribute("aria-label", "Value of the sweep");
    this.slider.addEventListener("input", () => this.pick(Number(this.slider.value)));
    this.words = element("span", "words", this.bar);
    this.take = button(this.bar, "", "Take over", () => wish({ take: this.value }), "Train with this value");
    this.beside = button(this.bar, "", "Put beside", () => wish({ beside: this.value }), "A new run with this value");
    this.take.hidden = !this.source.fulfils("take");
    this.beside.hidden = !this.source.fulfils("beside");
  }

  offer(value, words) {
    this.field.append(new Option(words, value));
  }

  get on() {
    return this.told !== null;
  }

  /** Whether there is more of it to come. */
  get pending() {
    return this.on && !this.known && !this.told.problem;
  }

  /** @param {object | null} told what the source says of it @param {Float32Array | null} losses by value and kept epoch */
  receive(told, losses) {
    this.told = told;
    if (losses && told) {
      const lost = told.reasons.map((reason) => LOST.has(reason));
      this.known = { ...told, lost, loss: losses, figure: JSON.parse(told.figure) };
      this.index = null;
    } else if (this.known?.id !== told?.id) this.known = null;
    if (!told) return;
    if (!this.field) this.furnish();
    if (this.known) this.known.here = told.here;
    else put(this.words, told.problem || `Training at many values: ${Math.round(100 * told.share)} %`);
    this.chart.panel.classList.toggle("ready", Boolean(this.known));
    if (this.known) this.slider.max = String(this.known.values.length - 1);
    if (![...this.field.options].some(({ value }) => value === told.field)) this.offer(told.field, nameOf(told.field));
    if (this.field.value !== told.field) this.field.value = told.field;
  }

  /**
   * Its figure, with the runs on the stage in it.
   * @param {string[]} colours theirs, where there are several
   * @param {number} front the run around which it was made
   */
  figure(colours, front) {
    const { figure, here } = this.known;
    const data = figure.data.flatMap((trace) => {
      if (this.covered && trace.meta?.follow !== "level") return [];
      if (trace.meta?.follow === "sweep") return [{ ...trace, run: front, sweep: this.known }];
      if (trace.meta?.follow !== "level") return [trace];
      return here.map((value, run) => ({
        ...trace,
        run,
        x: [value],
        marker: { ...trace.marker, color: colours[run] ?? trace.marker.color },
      }));
    });
    return { ...figure, data };
  }

  /** Where the chart has those that got lost. */
  get top() {
    return this.known.figure.data.find(({ meta }) => meta?.follow === "sweep" && meta.lost !== null).meta.lost;
  }

  /** The value that is picked: at first that of the run in front. */
  get value() {
    return this.known.values[this.index];
  }

  /** The place of the value that is nearest on the axis. */
  nearest(x) {
    const { values, figure } = this.known;
    const along = figure.layout.xaxis.type === "log" ? Math.log : (value) => value;
    const distances = values.map((value) => Math.abs(along(value) - along(x)));
    return distances.indexOf(Math.min(...distances));
  }

  pick(index) {
    if (!this.known) return;
    this.index = index;
    this.follow(this.k, this.front);
  }

  /** What the picked value has come to. @param {number} k the row of the run in front @param {number} front the run in front */
  follow(k, front) {
    [this.k, this.front] = [k, front];
    if (!this.known) return;
    const { lost, ends, epochs, loss, here, field } = this.known;
    this.index ??= this.nearest(here[front]);
    const { index } = this;
    if (this.slider.value !== String(index)) this.slider.value = String(index);
    const gone = lost[index] && k >= ends[index];
    const now = loss[index * epochs.length + lastUpTo(epochs, Math.min(k, ends[index]))];
    const words = `${setting(Number(this.value.toPrecision(4)))}: ${gone ? `diverged at ${ends[index]}` : `loss ${number(now, 4)}`}`;
    put(this.words, words);
    const spoken = `${nameOf(field)} ${words}`;
    if (this.slider.getAttribute("aria-valuetext") !== spoken) this.slider.setAttribute("aria-valuetext", spoken);
    this.take.disabled = this.value === here[front];
    this.beside.disabled = here.length >= MOST_RUNS || here.includes(this.value);
  }
}

function nameOf(field) {
  return FIELDS[field] ?? field.replaceAll("_", " ");
}
