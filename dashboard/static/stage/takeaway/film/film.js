// A film of the run: chosen charts, from epoch 0 to the last, drawn picture by picture on one canvas.
//
// What plotly draws takes long, and is another picture only where an axis has changed: all of them are drawn before the
// film begins. Then a frame costs the strokes of what moves.

import { FilmedChart } from "./filmed_chart.js";
import { epochAt, epochsOf } from "./pacing.js";

/** Pixels for every one on the screen; but no film is wider than a projector's picture. */
const TIMES = 2;
const WIDEST = 1920;

/** Between charts and around them, and the line above them, in pixels of the screen. */
const MARGIN = 8;
const LINE = 36;

export class Film {
  /**
   * @param {import("../../charts/chart.js").Chart[]} charts one or more, as they stand on the page
   * @param {import("../../runs.js").Runs} runs
   * @param {(k: number) => string} wordsOf where the playhead is
   * @param {{name: string, colour: string}[]} names of the runs, where there are several
   * @param {Record<string, string>} colours the palette of the ground @param {boolean} dark whether that is dark
   */
  constructor(charts, runs, wordsOf, names, colours, dark) {
    // Other runs may be on the page before the film is over, and more of these.
    this.runs = runs.frozen();
    this.last = Math.max(this.runs.trained, 0);
    Object.assign(this, { wordsOf, names, colours });
    /** On a projector its words are as large as those of the page. */
    this.magnified = charts[0].magnified;
    const places = charts.map(({ panel }) => panel.getBoundingClientRect());
    this.left = Math.min(...places.map(({ left }) => left)) - MARGIN;
    this.top = Math.min(...places.map(({ top }) => top)) - MARGIN - LINE * this.magnified;
    const width = Math.max(...places.map(({ right }) => right)) + MARGIN - this.left;
    const height = Math.max(...places.map(({ bottom }) => bottom)) + MARGIN - this.top;
    this.times = Math.min(TIMES, WIDEST / width);
    this.family = getComputedStyle(charts[0].panel).fontFamily;
    this.charts = charts.map((chart) => new FilmedChart(chart, dark, this.times));
    this.canvas = document.createElement("canvas");
    // Films have an even number of pixels either way.
    [this.canvas.width, this.canvas.height] = [width, height].map((length) => 2 * Math.round((length * this.times) / 2));
    this.context = this.canvas.getContext("2d");
  }

  /**
   * Draws what stands still, for all places of the axes.
   * @param {number} frames how many the film has at most
   * @param {(part: number) => void} told how much of it is done
   * @param {AbortSignal} signal
   */
  async prepare(frames, told, signal) {
    this.frames = frames;
    /** By chart and place of the axes, where the playhead is then. */
    const wanted = new Map();
    for (const epoch of epochsOf(frames, this.last)) {
      const heads = this.runs.heads(epoch);
      this.charts.forEach((chart, i) => wanted.set(`${i} ${chart.follow(heads)}`, { chart, heads }));
    }
    let done = 0;
    for (const { chart, heads } of wanted.values()) {
      if (signal.aborted) return;
      const key = chart.follow(heads);
      // oxlint-disable-next-line no-await-in-loop -- at once they would take the page's time from whoever uses it
      await chart.prepare(key);
      done += 1;
      told(done / wanted.size);
    }
  }

  /** @param {number} part of the way, from 0 to 1 */
  draw(part) {
    const { context, canvas, colours, charts, times, frames } = this;
    // Of no other frames it is known that all is drawn.
    const epoch = epochAt(Math.round(part * frames) / frames, this.last);
    const heads = this.runs.heads(epoch);
    context.fillStyle = colours.background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    this.write(this.wordsOf(epoch));
    for (const chart of charts) {
      const { left, top, width, height } = chart.place;
      const [x, y] = [left - this.left, top - this.top];
      chart.draw(context, x, y, chart.follow(heads));
      context.strokeStyle = colours.grid;
      context.lineWidth = times;
      context.strokeRect(times * x, times * y, times * width, times * height);
    }
  }

  /** Where the playhead is, and the runs by name. */
  write(words) {
    const { context, canvas, colours, names, times, family } = this;
    const letters = times * this.magnified;
    const middle = times * MARGIN + (letters * LINE) / 2;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.font = `700 ${20 * letters}px ${family}`;
    context.fillStyle = colours.text;
    context.fillText(words[0].toUpperCase() + words.slice(1), times * (MARGIN + 4), middle);
    context.textAlign = "right";
    context.font = `600 ${14 * letters}px ${family}`;
    let end = canvas.width - times * (MARGIN + 4);
    for (const { name, colour } of names.toReversed()) {
      context.fillStyle = colour;
      context.fillText(name, end, middle);
      end -= context.measureText(name).width + 14 * letters;
    }
  }
}
