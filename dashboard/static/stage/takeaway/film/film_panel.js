// What is chosen of a film, how far it is while it is recorded, and the way to stop it.

import { button, element, put } from "../../shared/dom.js";
import { save } from "../files.js";
import { filmKinds } from "./kinds.js";
import { RATE, record, REST_SECONDS } from "./recording.js";

const LENGTHS = [5, 10, 20, 30, 60];
const ALL = "all";

const WORDS = {
  idle: "From epoch 0 to the last one that is trained. The page can be used meanwhile; the charts stay as they are now.",
  none: "This browser cannot record films. A recent Chromium, Firefox or Safari can.",
  nothing: "There is nothing to film yet: press Train first.",
  gone: "That chart is not on the stage now: choose another one.",
  failed: "The film has failed, and nothing is saved. Record it again, or try another kind of file or a shorter film.",
};

export class FilmPanel {
  /**
   * @param {HTMLElement} parent
   * @param {() => {charts: [string, import("../../charts/chart.js").Chart][], make: (charts: object[], dark: boolean) => import("./film.js").Film,
   *   nameOf: (chart: string) => string, dark: boolean, ready: boolean}} look at the stage as it stands
   */
  constructor(parent, look) {
    this.look = look;
    this.kinds = filmKinds();
    /** How the last film has ended: whoever looks only later is told so too. */
    this.ended = "idle";
    this.form = element("div", "film", parent);
    this.charts = this.choice("Charts", []);
    this.seconds = this.choice("Length", LENGTHS.map((length) => [length, `${length} s`]));
    this.seconds.value = "10";
    this.ground = this.choice("Ground", [["light", "Light"], ["dark", "Dark"]]);
    this.kind = this.choice("File", Object.keys(this.kinds).map((ending) => [ending, ending === "mp4" ? "MP4" : "WebM"]));
    const items = element("div", "items", parent);
    this.start = button(items, "", "Record", () => this.record());
    this.stop = button(items, "", "Stop and save", () => this.aborting?.abort(), "Ends the film here, and saves it as far as it is");
    this.discard = button(items, "", "Discard", () => this.throwAway(), "Ends the film, and saves nothing");
    this.progress = element("progress", "", parent);
    this.progress.max = 1;
    this.progress.setAttribute("aria-label", "Film");
    this.said = element("p", "said", parent);
    this.said.setAttribute("role", "status");
    this.show(false);
  }

  choice(words, options) {
    const label = element("label", "", this.form);
    label.append(words);
    const select = element("select", "", label);
    select.append(...options.map(([value, text]) => new Option(text, value)));
    return select;
  }

  /** The charts that are on the stage by now. @param {string} [words] what is said */
  open(words = this.ended) {
    if (this.recording) return;
    const { charts, dark, ready } = this.look();
    this.charts.replaceChildren(new Option("All charts", ALL), ...charts.map(([name, chart]) => new Option(chart.heading.textContent, name)));
    this.ground.value = dark ? "dark" : "light";
    this.show(false, Object.keys(this.kinds).length ? (ready ? words : "nothing") : "none");
  }

  /** @param {boolean} recording @param {string} [words] what is said */
  show(recording, words = "idle") {
    this.recording = recording;
    for (const one of [this.charts, this.seconds, this.ground, this.kind]) one.disabled = recording;
    this.start.hidden = recording;
    this.start.disabled = ["none", "nothing"].includes(words);
    for (const one of [this.discard, this.progress]) one.hidden = !recording;
    // Before the first picture there is nothing to be saved.
    this.stop.hidden = true;
    put(this.said, recording ? "" : WORDS[words]);
  }

  async record() {
    const { charts, make, nameOf } = this.look();
    const [chosen, seconds, ending] = [this.charts.value, Number(this.seconds.value), this.kind.value];
    const filmed = charts.filter(([name]) => chosen === ALL || name === chosen);
    if (!filmed.length) {
      this.open("gone");
      return;
    }
    this.aborting = new AbortController();
    const { signal } = this.aborting;
    this.discarded = false;
    this.ended = "idle";
    this.show(true);
    this.discard.focus(); // the button that was pressed is gone
    try {
      const film = make(filmed.map(([, chart]) => chart), this.ground.value === "dark");
      put(this.said, "Drawing what stands still…");
      await film.prepare((seconds - REST_SECONDS) * RATE, (part) => this.tell(part), signal);
      if (!signal.aborted) {
        this.stop.hidden = false;
        const told = (recorded) => this.tell(recorded / seconds, `${Math.floor(recorded)} of ${seconds} s. Stopping saves the film as far as it is.`);
        const blob = await record(film.canvas, (part) => film.draw(part), seconds, this.kinds[ending], told, signal);
        if (!this.discarded) save(`${nameOf(chosen === ALL ? "" : chosen)}.${ending}`, blob);
      }
      this.show(false);
    } catch (error) {
      console.error(error);
      this.ended = "failed";
      this.show(false, "failed");
    }
  }

  tell(part, words) {
    this.progress.value = part;
    if (words) put(this.said, words);
  }

  throwAway() {
    this.discarded = true;
    this.aborting?.abort();
  }

  /** The stage is there no more. */
  dispose() {
    this.throwAway();
  }
}
