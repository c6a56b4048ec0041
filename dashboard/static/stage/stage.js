// The stage: charts, numbers, code and player, all following one playhead.

import { Agreement } from "./panels/agreement.js";
import { Bar } from "./player/bar.js";
import { ByHand } from "./hand/by_hand.js";
import { Chart } from "./charts/chart.js";
import { Chips } from "./panels/chips.js";
import { Code } from "./panels/code.js";
import { compose } from "./charts/company.js";
import { withGhost } from "./charts/ghost.js";
import { copyPlainly } from "./shared/copy.js";
import { button, element, namedButton } from "./shared/dom.js";
import { ownKeys } from "./shared/embedded.js";
import { Graph } from "./graph/graph.js";
import { hallPaths, hallPlaces } from "./charts/hall.js";
import { Landscape } from "./charts/landscape.js";
import { KeyList } from "./player/key_list.js";
import { listen } from "./player/keyboard.js";
import { Menu } from "./menu/menu.js";
import { AT_ONCE } from "./sources/source.js";
import { MethodSwitch } from "./panels/method.js";
import { Moments } from "./sources/moments.js";
import { Numbers } from "./panels/numbers.js";
import { Pointing } from "./projector/pointing.js";
import { Projector } from "./projector/projector.js";
import { BEATS, Player, SPEEDS } from "./player/player.js";
import { RateChange } from "./panels/rate.js";
import { Clock } from "./player/clock.js";
import { Rows } from "./panels/rows.js";
import { ALL, Shown } from "./panels/shown.js";
import { Runs } from "./runs.js";
import { Spot } from "./charts/spot.js";
import { Status } from "./player/status.js";
import { Sweep } from "./panels/sweep.js";
import { Tabs } from "./panels/tabs.js";
import { TakeAlong } from "./takeaway/take_along.js";
import { watchSharpness } from "./shared/sharpness.js";
import { isDark, setVariables } from "./shared/theme.js";
import { defineUnits, OF_THE_DATA, sameUnits } from "./charts/units.js";

/** While epochs rush by, the time between two questions for what is in them. */
const RUSH_MS = 300;

/** How long good news of the line is shown, at most. */
const NEWS_SECONDS = 10;

/** Of the runs in their order: so a link has the same colours wherever it is opened. */
const colourOf = (number) => `var(--lab-run-${number})`;

/** What an arrangement calls the scales of the charts. */
const AXES = { epochs: "epoch_axis", vertical: "loss_axis" };

/** Two charts in one place: what leads from the one to the other. */
const VIEWS = {
  data: { words: "Residuals", wish: { data_view: "residuals" }, title: "Show what the line misses, over x" },
  residuals: { words: "Points", wish: { data_view: "points" }, title: "Back to the points" },
  surface: { words: "3-D", wish: { surface_view: "3d" }, title: "Show the loss as a landscape" },
  landscape: { words: "Contours", wish: { surface_view: "contours" }, title: "Back to the contours" },
};

/** The charts over b and w, which can have arrows. */
const OVER_PARAMETERS = ["surface", "landscape"];

/** All of an arrangement that is seen. */
const seen = (arrangement) => JSON.stringify({ ...arrangement, heard: 0 });

export class Stage {
  /**
   * @param {HTMLElement} root
   * @param {import("./sources/source.js").Source} source
   */
  constructor(root, source) {
    this.root = root;
    this.runs = new Runs();
    /** By the name that runs have for them. @type {Map<string, object>} */
    this.scenes = new Map();
    this.source = source;
    this.message = "";
    this.arrangement = { front: 0, numbers: [0], names: [""], short_names: [""], keep: false, align: "epoch", epoch_axis: "linear", loss_axis: "log", data_view: "points", panel: "code", surface_view: "contours", arrows: "off", camera: null, hand: "off", show: ALL, projector: [] };
    /** Runs of others. @type {import("./charts/hall.js").Hall | null} */
    this.hall = null;
    /** How the line to the source is: "" while there is nothing to say of it. */
    this.line = "";
    /** For how many seconds that is still said before anything else. */
    this.news = 0;
    this.player = new Player(() => this.invalidate());
    this.hand = new ByHand(this.player, {
      wish: (wish) => this.wish(wish),
      isCut: () => this.line === "cut",
      invalidate: () => this.invalidate(),
    });
    this.moments = new Moments(() => source.ask(), () => this.invalidate());
    root.classList.add("lab-stage");
    this.status = new Status(root, (beat) => this.player.showBeat(beat));
    this.rate = new RateChange(this.status.root, (wish) => this.wish(wish));
    this.status.facts.before(this.rate.group);
    this.chips = new Chips(root, (wish) => this.wish(wish), source);
    const body = element("div", "body", root);
    this.chartArea = element("div", "charts", body);
    const side = element("div", "side", body);
    this.numbers = new Numbers(side);
    this.method = new MethodSwitch(side, (method) => this.wish({ method }));
    this.method.group.hidden = !source.fulfils("method");
    this.tabs = new Tabs(side, (panel) => this.wish({ panel }));
    this.code = new Code(side);
    this.rows = new Rows(side, (point) => this.charts.get("data").spot.light(point));
    this.agreement = new Agreement(side, source);
    this.tabs.furnish({ code: this.code.panel, rows: this.rows.panel, agreement: this.agreement.panel });
    this.graph = new Graph(root, this.moments, () => this.showPanels());
    this.bar = new Bar(root, this.player, () => source.stop());
    this.menu = new Menu(this.bar.root, root);
    this.takeAlong = new TakeAlong(this);
    this.shown = new Shown(root, this.chartArea, this.menu, (wish) => this.wish(wish));
    this.projector = new Projector(this);
    /** Whether it is told where the pointer is; on the projector it always is. */
    this.pointing = false;
    /** Told where that is, see `pointing.js`. @type {((pointer: import("./projector/pointing.js").Pointer | null) => void) | null} */
    this.onPointer = null;
    this.pointers = new Pointing(this);
    this.keys = new KeyList(root, this.menu);
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
    this.unlisten = listen({
      player: this.player,
      speeds: SPEEDS,
      save: () => this.takeAlong.ask(),
      project: () => this.projector.toggle(),
      showKeys: () => this.keys.open(),
      mayAct: ownKeys(root, "Stage"),
      done: this.flush,
    });
    this.unwatch = watchSharpness(() => {
      for (const chart of this.charts.values()) chart.sharpen();
    });
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

  /** What stays the same while a run plays: its charts, its code, its graph. */
  addScene(name, scene) {
    this.scenes.set(name, scene);
  }

  /**
   * These are the runs on the stage now, and how they are arranged. The scenes of all of them are here. Records that
   * are here already stay, and so does the playhead.
   * @param {import("./runs.js").Told[]} told
   * @param {boolean} haunted whether the last of them is the ghost of the run in front
   */
  setRuns(told, arrangement, haunted = false) {
    const { runs } = this;
    const before = [this.dressedFor, this.haunted, seen(this.arrangement)].join();
    const at = this.baseRow;
    const { unit, aligned } = runs.list.length ? runs : { unit: 1, aligned: false };
    runs.set(told, haunted);
    runs.front = Math.min(arrangement.front, runs.list.length - 1);
    this.rate.show(arrangement.change);
    Object.assign(this, { arrangement, haunted });
    for (const name of this.scenes.keys()) if (!told.some(({ scene }) => scene === name)) this.scenes.delete(name);
    this.dressedFor = told.map(({ scene, epochLength }) => `${scene}*${epochLength}`).join();
    if ([this.dressedFor, haunted, seen(arrangement)].join() !== before) {
      this.player.epochs = runs.total;
      // Counted in other steps, the playhead stays where the base is.
      if (unit !== runs.unit || aligned !== runs.aligned) this.player.move(runs.placeOf(runs.list[0], at));
      this.dress();
    }
    this.hand.heard(arrangement.heard);
  }

  /**
   * A source knows of another learning rate for the run in front than the one with which it is here. Said before its
   * `setRuns`: what matters is where the run is paused by now.
   * @param {import("./panels/rate.js").Change | null} change
   */
  noteChange(change) {
    const { player, runs } = this;
    // Counted otherwise than in epochs, runs stand at different ones.
    const row = player.state === "paused" && !runs.aligned ? runs.rowOf(runs.inFront, player.epoch) : 0;
    const ended = runs.inFront?.stop && row >= runs.inFront.columns.count - 1;
    this.rate.note(change, ended ? 0 : row);
  }

  /** Shows where somebody else points. @param {import("./projector/pointing.js").Pointer | null} pointer */
  showPointer(pointer) {
    this.pointers.show(pointer);
  }

  /** The row of the base under the playhead. */
  get baseRow() {
    const [base] = this.runs.list;
    return base ? this.runs.rowOf(base, this.player.epoch) : 0;
  }

  /** What is wished for by hand: at once where it takes no server, and then for good. */
  wish(wish) {
    const { runs } = this;
    const chosen = Object.fromEntries(Object.entries(wish).filter(([name]) => AT_ONCE.has(name)));
    if ("front" in wish) chosen.front = Math.max(this.arrangement.numbers.indexOf(wish.front), 0);
    this.arrangement = { ...this.arrangement, ...chosen };
    if ("front" in wish) {
      runs.front = this.arrangement.front;
      runs.ghost = null; // it was that of another
      this.haunted = false;
      this.dress();
    }
    if ("arrows" in wish) this.showArrows();
    if ("panel" in wish) this.showPanel();
    if ("panel" in wish || "show" in wish || "projector" in wish) this.showPanels();
    if ("hand" in wish) this.showHand();
    for (const [name, axis] of Object.entries(AXES)) {
      if (!(axis in wish)) continue;
      for (const chart of this.charts.values()) chart.setScale(name, wish[axis]);
    }
    this.invalidate();
    return this.source.wish(wish);
  }

  showHand() {
    const { scene, columns } = this.runs.inFront;
    this.hand.show(this.arrangement.hand === "on", this.scenes.get(scene), columns);
  }

  /** Shows the run in front, and the others beside it. */
  dress() {
    const { runs, arrangement } = this;
    const scenes = runs.list.map(({ scene }) => this.scenes.get(scene));
    const scene = scenes[runs.front];
    this.palette = scene.palette;
    this.dark = isDark(this.root);
    setVariables(this.dark ? scene.palette.dark : scene.palette.light);
    this.clock = new Clock(arrangement.align, runs.unit, runs.total);
    this.bar.clock = this.clock;
    this.root.classList.toggle("many", runs.list.length > 4);
    this.showPanels();
    this.chips.show(runs, arrangement, colourOf);
    const units = scenes.map((one) => one.units ?? OF_THE_DATA);
    runs.list.forEach(({ columns }, i) => defineUnits(columns, units[i], units[runs.front]));
    if (runs.ghost) defineUnits(runs.ghost.columns, units[runs.front], units[runs.front]);
    const mixed = units.some((one) => !sameUnits(one, units[0]));
    const heads = runs.list.map((_, i) => ({ name: arrangement.short_names[i] ?? "", colour: colourOf(i) }));
    this.numbers.show(mixed ? scene.compared : scene.numbers, scene.reference, runs.several ? heads : []);
    this.method.show(scene.methods, scene.method);
    this.code.show(scene.code);
    this.agreement.show(runs.inFront.scene, scene);
    this.graph.show(scene);
    this.moments.look(runs.inFront.scene);
    const along = { title: this.clock.axis, end: this.clock.end };
    for (const [name, figure] of Object.entries(scene.figures)) {
      const members = runs.list.map(({ place }, i) => ({
        figure: scenes[i].figures[name],
        colour: scene.palette.light[`run-${i}`],
        label: arrangement.short_names[i] ?? "",
        alike: place === runs.inFront.place,
        units: units[i],
      }));
      const together = runs.several ? compose(members, runs.front, along) : figure;
      const shown = runs.ghost ? withGhost(together, runs.front, runs.list.length) : together;
      const chart = this.chart(name);
      for (const [scale, axis] of Object.entries(AXES)) chart.setScale(scale, arrangement[axis]);
      // Drawn before the next frame, they must know of these runs and not of those before.
      for (const one of name === "surface" ? [chart, this.chart("landscape")] : [chart]) {
        one.heads = runs.heads(this.player.epoch);
        one.show(shown, this.palette, this.dark, this.dressedFor);
      }
    }
    this.chart("landscape").lookFrom(arrangement.camera);
    this.showArrows();
    this.showHand();
    this.dressSweep();
    this.showHall();
    this.showPanel();
  }

  /** Those that are chosen; on the graph's own page all that it has. */
  showPanels() {
    const { alone } = this.graph;
    const { show, projector } = this.arrangement;
    this.shown.show(alone ? ALL : show, alone && projector.length ? ["graph"] : projector);
    this.projector.show(projector);
    this.moments.compare(this.comparing);
    this.invalidate();
  }

  /** The panel beside the charts. */
  showPanel() {
    const { panel } = this.arrangement;
    this.tabs.show(panel);
    const scene = panel === "rows" ? this.scenes.get(this.runs.inFront.scene) : null;
    this.rows.show(scene);
    this.charts.get("data").spot.listenTo(scene?.figures.data ?? null);
    this.invalidate();
  }

  /** The field of gradients, or none. */
  showArrows() {
    const on = this.arrangement.arrows === "on";
    for (const name of OVER_PARAMETERS) {
      const chart = this.chart(name);
      chart.setLayers(on ? ["arrows"] : []);
      chart.arrows.setAttribute("aria-pressed", String(on));
    }
  }

  /** The chart of this name, made once; that of the sweep stands where the loss surface does. */
  chart(name) {
    if (!this.charts.has(name)) {
      const made = name === "landscape" ? new Landscape(this.chartArea, name) : new Chart(this.chartArea, name);
      made.onPick = (x) => {
        this.player.pause();
        this.player.seek(x / this.clock.unit);
      };
      if (name === "data") made.spot = new Spot(made, (point) => this.rows.point(point));
      made.onScale = (axis, scale) => this.wish({ [AXES[axis]]: scale });
      if (["data", "surface"].includes(name) && this.source.fulfils("hand")) this.hand.add(made, name);
      if (OVER_PARAMETERS.includes(name)) {
        const other = () => (this.arrangement.arrows === "on" ? "off" : "on");
        made.arrows = namedButton(made.buttons, "scale", "∇", () => this.wish({ arrows: other() }), "Gradients as arrows");
      }
      if (name in VIEWS) {
        const { words, wish, title } = VIEWS[name];
        button(made.buttons, "scale", words, () => this.wish(wish), title);
      }
      this.takeAlong.add(made, name);
      made.magnify(this.projector.times);
      made.onTurned = (camera) => this.wish({ camera });
      // So that nothing is drawn that does not stay.
      made.panel.hidden = this.covered(name, "");
      this.charts.set(name, made);
    }
    const chart = this.charts.get(name);
    if (name === "surface") this.sweep ??= new Sweep(chart, this.chart("sweep"), (wish) => this.wish(wish), this.source);
    return chart;
  }

  /**
   * @param {object | null} told what there is to say of the sweep beside the runs; null for none
   * @param {Float32Array | null} losses all of it, once
   */
  setSweep(told, losses) {
    this.sweep.receive(told, losses);
    this.dressSweep();
    this.invalidate();
  }

  /** @param {import("./panels/agreement.js").Told | null} told what there is to say of the other methods' runs */
  setOthers(told) {
    this.agreement.receive(told);
  }

  dressSweep() {
    const { sweep, runs } = this;
    if (!sweep?.known || sweep.known.here.length !== runs.list.length) return;
    const colours = runs.several ? runs.list.map((_, i) => this.palette.light[`run-${i}`]) : [];
    const dressed = [sweep.known.id, sweep.known.here, colours, runs.front].join();
    if (dressed === this.sweepDressed) return;
    this.sweepDressed = dressed;
    this.charts.get("sweep").show(sweep.figure(colours, runs.front), this.palette, this.dark, sweep.known.id);
    this.showHall();
  }

  /**
   * Others' runs beside those on the stage, for as long as these have the same loss surface: faint paths on that, and
   * places in the sweep over the field that they differ in. They are drawn once, and stand still.
   * @param {import("./charts/hall.js").Hall | null} hall
   */
  setHall(hall) {
    this.hall = hall;
    if (this.palette) this.showHall();
  }

  showHall() {
    const { hall, runs, sweep } = this;
    const colours = this.palette.light;
    const here = hall?.place === runs.inFront?.place ? hall : null;
    for (const name of OVER_PARAMETERS) this.chart(name).setOthers(here ? hallPaths(here, colours) : []);
    const swept = here && sweep.known?.field === here.field;
    this.chart("sweep").setOthers(swept ? hallPlaces(here, sweep.top, colours) : [], true);
    this.coverSweep(Boolean(hall?.guessing && sweep.told?.field === hall.field));
  }

  /** What the sweep knows, its axis apart. @param {boolean} covered */
  coverSweep(covered) {
    if (covered === this.sweep.covered) return;
    this.sweep.covered = covered;
    this.chart("sweep").panel.classList.toggle("covered", covered);
    this.sweepDressed = undefined;
    this.dressSweep();
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
   * The runs are to be played.
   * @param {boolean} started false before the first
   * @param {number} epoch of the run in front, from which on
   */
  begin(started, epoch = 0) {
    for (const run of this.runs.list) run.stop = null;
    this.moments.clear();
    this.player.load(this.runs.total, started && !this.quiet.matches);
    this.player.started = started;
    if (epoch) this.player.move(this.runs.placeOf(this.runs.inFront, epoch));
    for (const chart of this.charts.values()) chart.follow(this.runs.heads(this.player.epoch));
    this.invalidate();
  }

  /** How things stand, for another stage to `resume`. */
  get standing() {
    const { runs, scenes, message } = this;
    return { runs, scenes, message, playhead: this.player.standing, rate: this.rate.standing };
  }

  /** Goes on where another stage was. */
  resume({ runs, scenes, message, playhead }) {
    Object.assign(this, { runs, scenes, message });
    this.player.resume(playhead);
    this.player.receive(runs.trained, runs.stop);
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

  /**
   * Rows that continue those already here, and what else there is to say of the runs.
   * @param {(Record<string, ArrayLike<number>> | null)[]} rows by run
   * @param {import("./runs.js").Told[]} told
   */
  receive(rows, told, message) {
    const { runs } = this;
    runs.receive(rows, told);
    this.message = message;
    this.code.sayJointly(runs.inFront.status.together);
    this.player.receive(runs.trained, runs.stop);
    this.invalidate();
  }

  /** What the status says of the runs together. */
  get saying() {
    const { runs, arrangement, message } = this;
    const all = runs.list.map(({ status }) => status);
    const name = runs.several ? arrangement.names[runs.front] : "";
    return {
      message,
      name,
      reason: runs.inFront?.stop?.reason ?? "",
      place: Math.max(0, ...all.map(({ place }) => place)),
      left: all.some(({ left }) => left === null) ? null : Math.max(0, ...all.map(({ left }) => left)),
      speed: runs.inFront?.status.speed ?? 0,
      device: runs.inFront?.status.device ?? "",
      inHand: this.hand.trial !== null,
    };
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
    const { player, runs, root, shown } = this;
    const k = player.epoch;
    const beat = player.beat === null ? "" : BEATS[player.beat];
    const untouched = runs.heads(k);
    const all = this.hand.heads(untouched, runs.front);
    const heads = all.slice(0, runs.list.length);
    const ready = heads.length > 0 && heads.every(({ columns }) => columns.count);
    if (ready) {
      const { columns, k: row } = heads[runs.front];
      const moment = this.hand.trial ? undefined : this.momentAt(row, beat);
      columns.aside = moment?.columns ? { row, values: moment.columns } : null;
      for (const [name, chart] of this.charts) {
        const elsewhere = Boolean(chart.during) && chart.during !== (beat ? "beats" : "epochs");
        const hidden = elsewhere || this.covered(name, beat);
        if (chart.panel.hidden !== hidden) chart.panel.hidden = hidden;
        if (hidden) continue;
        if (this.hand.isSeenIn(chart)) chart.follow(all, beat, this.hand.tracesOf(chart, name));
        else chart.follow(untouched, beat);
      }
      if (this.sweep.on && shown.has("surface")) this.sweep.follow(row, runs.front);
      if (shown.has("numbers")) this.numbers.follow(heads, runs.front, this.clock.words(k));
      if (shown.has("code")) this.followPanel(columns, row, beat, moment);
      if (shown.has("graph") || this.graph.large) this.graph.follow(columns, row, beat, moment);
      if (shown.has("runs")) this.chips.follow((run) => runs.rowOf(run, k));
    }
    if (shown.has("status")) this.status.update(player, this.saying, this.clock, this.line, this.news > 0);
    if (shown.has("player")) this.bar.update();
    this.note(untouched.slice(0, runs.list.length), beat);
    this.frames += 1;
    root.dataset.frames = String(this.frames);
  }

  /** What stands beside the charts, at a row of the run in front. */
  followPanel(columns, row, beat, moment) {
    this.code.follow(columns, row);
    this.code.showBeat(beat, moment?.beats);
    if (this.arrangement.panel === "rows") this.rows.follow(columns, row, moment?.beats, this.hand.trial?.points);
    if (this.comparing) this.agreement.follow(moment ? { k: row, moment } : this.moments.last);
  }

  /** Whether a chart is not chosen, or leaves its place to another: in the beats none does. */
  covered(name, beat) {
    if (!this.shown.hasChart(name)) return true;
    const swept = Boolean(this.sweep?.on) && !beat;
    const residuals = this.arrangement.data_view === "residuals" && !beat;
    const inSpace = this.arrangement.surface_view === "3d";
    const covered = { sweep: !swept, surface: swept || inSpace, landscape: swept || !inSpace, residuals: !residuals, data: residuals };
    return covered[name] ?? false;
  }

  /** Where things stand, on the element itself: the base's numbers plainly, those of the others by their number. */
  note(heads, beat) {
    const { player, runs, root } = this;
    const trained = Math.max(player.trained, 0);
    const standing = {
      state: player.state,
      trained: runs.epochAt(trained),
      epoch: runs.epochAt(player.epoch),
      beat,
      line: this.line,
      runs: heads.length,
      front: runs.front,
      hand: this.hand.standing,
    };
    heads.forEach(({ columns, k }, i) => {
      for (const name of ["b", "w", "loss"]) standing[i ? `${name}-${i}` : name] = columns.count ? columns.at(name, k) : "";
    });
    for (const [name, value] of Object.entries(standing)) root.dataset[name] = String(value);
    for (let i = Math.max(heads.length, 1); `b-${i}` in root.dataset; i += 1) {
      for (const name of ["b", "w", "loss"]) delete root.dataset[`${name}-${i}`];
    }
  }

  /** What is known of a row of the run in front beyond it, where needed. While epochs rush by it is not asked for. */
  momentAt(k, beat) {
    const { player, moments } = this;
    // Whoever pauses may look closer next.
    const curious = this.graph.curious || this.comparing;
    const rushing = player.playing && !player.slow;
    const rows = this.arrangement.panel === "rows" && this.shown.has("code") && !rushing;
    if (!(beat || curious || rows || player.state === "paused")) return undefined;
    if (rushing) return curious ? moments.at(k, RUSH_MS) : undefined;
    const moment = moments.at(k);
    if (moment && player.slow && k + 1 < this.runs.inFront.columns.count) moments.at(k + 1);
    return moment;
  }

  /** Whether the agreement of ways to compute is looked at. */
  get comparing() {
    return this.arrangement.panel === "agreement" && this.shown.has("code");
  }

  /** As high as the window allows so that nothing scrolls. */
  fitHeight() {
    const top = this.root.getBoundingClientRect().top + (this.scroller?.scrollTop ?? 0);
    this.root.style.setProperty("--top", `${Math.max(0, Math.round(top))}px`);
    this.projector.fit();
  }

  dispose() {
    this.alive = false;
    this.moments.end();
    this.takeAlong.dispose();
    this.rows.dispose();
    this.unlisten();
    this.unwatch();
    this.keys.dispose();
    this.shown.dispose();
    this.projector.dispose();
    this.pointers.dispose();
    this.bar.dispose();
    this.watching.disconnect();
    window.removeEventListener("resize", this.fit);
    for (const chart of this.charts.values()) chart.dispose();
    this.root.removeEventListener("click", this.flush);
    this.root.removeEventListener("input", this.flush);
    this.root.removeEventListener("copy", copyPlainly);
    this.root.replaceChildren();
  }
}
