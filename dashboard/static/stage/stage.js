// The stage: charts, numbers, code and player, all following one playhead.

import { Bar } from "./player/bar.js";
import { Chart } from "./charts/chart.js";
import { Code } from "./panels/code.js";
import { Columns } from "./charts/columns.js";
import { copyPlainly } from "./shared/copy.js";
import { element } from "./shared/dom.js";
import { Graph } from "./graph/graph.js";
import { listen } from "./player/keyboard.js";
import { Moments } from "./sources/moments.js";
import { Numbers } from "./panels/numbers.js";
import { BEATS, Player, SPEEDS } from "./player/player.js";
import { Status } from "./player/status.js";
import { isDark, setVariables } from "./shared/theme.js";

/** While epochs rush by, the time between two questions for what is in them. */
const RUSH_MS = 300;

/** How long good news of the line is shown, at most. */
const NEWS_SECONDS = 10;

/**
 * Where the stage has its run from: a server, or whatever else can answer "what comes after what I have?". It feeds
 * the stage by calling `setScene`, `begin`, `receive` and, after a loss, `resume`; `moments.receive` with single
 * epochs; and `setLine` where there is a line that can be cut.
 * @typedef {object} Source
 * @property {() => void} stop ends the training
 * @property {() => void} look gets the epochs that `moments.wanted` names
 */

export class Stage {
  /**
   * @param {HTMLElement} root
   * @param {Source} source
   */
  constructor(root, source) {
    this.root = root;
    this.columns = new Columns();
    this.run = { message: "", stop: null };
    /** How the line to the source is: "" while there is nothing to say of it. */
    this.line = "";
    /** For how many seconds that is still said before anything else. */
    this.news = 0;
    this.player = new Player(() => this.invalidate());
    this.moments = new Moments(() => source.look(), () => this.invalidate());
    root.classList.add("lab-stage");
    this.status = new Status(root, (beat) => this.player.showBeat(beat));
    const body = element("div", "body", root);
    this.chartArea = element("div", "charts", body);
    const side = element("div", "side", body);
    this.numbers = new Numbers(side);
    this.code = new Code(side);
    this.graph = new Graph(root, this.moments, () => this.invalidate());
    this.bar = new Bar(root, this.player, () => source.stop());
    /** @type {Map<string, Chart>} */
    this.charts = new Map();
    // What a person does shows at once, not at the next frame.
    this.flush = () => {
      if (this.news > 0) this.endNews();
      if (this.stale) this.drawFrame();
    };
    root.addEventListener("click", this.flush);
    root.addEventListener("input", this.flush);
    root.addEventListener("copy", copyPlainly);
    this.unlisten = listen(this.player, SPEEDS, this.flush);
    this.quiet = matchMedia("(prefers-reduced-motion: reduce)");
    this.fit = () => this.fitHeight();
    window.addEventListener("resize", this.fit);
    this.watching = new ResizeObserver(this.fit);
    this.watching.observe(document.body);
    // What comes and goes above the stage changes the height of the block around both.
    this.scroller = root.closest('[data-testid="stMain"]');
    const block = root.closest('[data-testid="stMainBlockContainer"]');
    if (block) this.watching.observe(block);
    this.frames = 0;
    this.alive = true;
    this.lastTick = performance.now();
    this.loop = this.loop.bind(this);
    requestAnimationFrame(this.loop);
  }

  /** A new scene: other data, another method, another start. The charts stay, their contents change. */
  setScene(id, scene) {
    this.sceneId = id;
    this.palette = scene.palette;
    this.dark = isDark(this.root);
    setVariables(this.dark ? scene.palette.dark : scene.palette.light);
    this.numbers.show(scene.numbers, scene.reference);
    this.code.show(scene.code, scene.summary);
    this.graph.show(scene);
    this.moments.clear();
    for (const [name, figure] of Object.entries(scene.figures)) {
      if (!this.charts.has(name)) this.charts.set(name, new Chart(this.chartArea, name));
      this.charts.get(name).show(figure, this.palette, this.dark, id);
    }
  }

  /** The page's theme may have changed. */
  setTheme() {
    if (!this.palette || isDark(this.root) === this.dark) return;
    this.dark = !this.dark;
    setVariables(this.dark ? this.palette.dark : this.palette.light);
    for (const chart of this.charts.values()) chart.setTheme(this.dark);
    this.invalidate();
  }

  /**
   * A run is to be played from its start.
   * @param {boolean} started false before the first
   * @param {boolean} again whether it is the one whose rows are here
   */
  begin(epochs, started, again) {
    if (!again) {
      this.columns = new Columns();
      this.moments.clear();
    }
    this.player.load(epochs, started && !this.quiet.matches);
    this.player.started = started;
    for (const chart of this.charts.values()) chart.follow([{ columns: this.columns, k: 0 }]);
    this.invalidate();
  }

  /** How things stand, for another stage to `resume`. */
  get standing() {
    return { columns: this.columns, run: this.run, playhead: this.player.standing };
  }

  /** Goes on where another stage was. */
  resume({ columns, run, playhead }) {
    this.columns = columns;
    this.player.resume(playhead);
    this.receive(null, run);
  }

  /** @param {"cut" | "back" | "recovered"} line "recovered": it is back, and so is what was lost with it */
  setLine(line) {
    this.line = line;
    this.news = line === "cut" ? Infinity : NEWS_SECONDS;
    this.invalidate();
  }

  endNews() {
    this.news = 0;
    if (this.line !== "cut") this.line = "";
    this.invalidate();
  }

  /** Rows that continue those already here, and what else there is to say of the run. */
  receive(rows, run) {
    if (rows) this.columns.append(rows);
    this.run = run;
    this.code.sayJointly(run.together);
    this.player.receive(this.columns.count - 1, run.stop);
    this.invalidate();
  }

  invalidate() {
    this.stale = true;
  }

  loop(now) {
    if (!this.alive) return;
    requestAnimationFrame(this.loop);
    // A tab that was hidden goes on where it was; and a frame may have begun before the stage was made.
    const seconds = Math.min(Math.max((now - this.lastTick) / 1000, 0), 0.25);
    this.lastTick = now;
    this.player.tick(seconds);
    if (this.news > 0 && (this.news -= seconds) <= 0) this.endNews();
    if (!this.stale) return;
    this.drawFrame();
  }

  drawFrame() {
    this.stale = false;
    const { player, columns, root } = this;
    const k = player.epoch;
    const beat = player.beat === null ? "" : BEATS[player.beat];
    const moment = this.momentAt(k, beat);
    columns.aside = moment?.columns ? { row: k, values: moment.columns } : null;
    this.status.update(player, this.run, this.line, this.news > 0);
    this.bar.update();
    if (columns.count && this.sceneId) {
      for (const chart of this.charts.values()) {
        chart.panel.hidden = Boolean(chart.during) && chart.during !== (beat ? "beats" : "epochs");
        if (!chart.panel.hidden) chart.follow([{ columns, k }], beat);
      }
      this.numbers.follow(columns, k);
      this.code.follow(columns, k);
      this.code.showBeat(beat, moment?.beats);
      this.graph.follow(columns, k, beat, moment);
    }
    const standing = { state: player.state, trained: Math.max(player.trained, 0), epoch: k, beat, line: this.line };
    for (const name of ["b", "w", "loss"]) standing[name] = columns.count ? columns.at(name, k) : "";
    for (const [name, value] of Object.entries(standing)) root.dataset[name] = String(value);
    this.frames += 1;
    root.dataset.frames = String(this.frames);
  }

  /** What is known of epoch k beyond its row, where it is needed. While epochs rush by it is not asked for. */
  momentAt(k, beat) {
    const { player, moments, columns } = this;
    // Whoever pauses may look closer next.
    if (!columns.count || !(beat || this.graph.curious || player.state === "paused")) return undefined;
    if (player.playing && !player.slow) return this.graph.curious ? moments.at(k, RUSH_MS) : undefined;
    const moment = moments.at(k);
    if (moment && player.slow && k < player.last) moments.at(k + 1);
    return moment;
  }

  /** As high as the window allows so that nothing scrolls. */
  fitHeight() {
    const top = this.root.getBoundingClientRect().top + (this.scroller?.scrollTop ?? 0);
    this.root.style.setProperty("--top", `${Math.max(0, Math.round(top))}px`);
  }

  dispose() {
    this.alive = false;
    this.moments.end();
    this.unlisten();
    this.watching.disconnect();
    window.removeEventListener("resize", this.fit);
    for (const chart of this.charts.values()) chart.dispose();
    this.root.removeEventListener("click", this.flush);
    this.root.removeEventListener("input", this.flush);
    this.root.removeEventListener("copy", copyPlainly);
    this.root.replaceChildren();
  }
}
