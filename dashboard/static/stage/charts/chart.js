// One chart: a panel with a heading and legend, a Plotly chart that is made once, and the canvas over it.

import { alike, axesAt, sameRange } from "./axes.js";
import { paint, viewOf } from "./painter.js";
import { onClick } from "./pick.js";
import { toAxes } from "./places.js";
import { chartRules, dataAt, fills, groundOver, isChosen, moves } from "./rules.js";
import { dressedTraces, StillLayer } from "./still_layer.js";
import { Switch } from "./switch.js";
import { fitted } from "../shared/sharpness.js";
import { recolour } from "../shared/theme.js";

/** The height of the smallest letters of an axis, in px. */
export const LEAST_LETTERS = 11;

/** How long the playhead must rest before the chart's own data, and so its hover labels, catch up. */
const REST_MS = 160;

/** How long a zoom by hand must rest before what fills the picture is computed anew. */
const ZOOM_MS = 120;

export class Chart {
  /** @param {HTMLElement} parent @param {string} name */
  constructor(parent, name) {
    this.panel = document.createElement("section");
    this.panel.className = "panel chart";
    this.panel.dataset.chart = name;
    this.header = document.createElement("header");
    this.heading = document.createElement("h2");
    this.legend = document.createElement("ul");
    this.legend.className = "legend";
    this.buttons = document.createElement("div");
    this.buttons.className = "scales";
    this.header.append(this.heading, this.buttons, this.legend);
    this.area = document.createElement("div");
    this.area.className = "plot";
    this.plot = document.createElement("div");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.area.append(this.plot, this.canvas);
    this.panel.append(this.header, this.area);
    this.stillLayer = new StillLayer(this.canvas);
    /** What stands still beside the runs: above them, or behind. @type {object[]} */
    this.others = [];
    this.othersAbove = false;
    parent.append(this.panel);
    /** How many times as large as described lines, points and letters are. */
    this.magnified = 1;
    /** The scales that are chosen; the vertical one is the figure's own at first. */
    this.scales = { vertical: null, epochs: "linear" };
    /** @type {import("./painter.js").Head[]} */
    this.heads = [];
    this.beat = "";
    /** What else is to be seen, see `layer` in `meta.py`. @type {string[]} */
    this.layers = [];
    /** Told of a click in a chart along something, in units of its axis. @type {((x: number) => void) | null} */
    this.onPick = null;
    /** Told that one of the `scales` is to change; without it the chart changes its own. */
    this.onScale = (axis, scale) => this.setScale(axis, scale);
    /** What lights up one of its points. @type {import("./spot.js").Spot | null} */
    this.spot = null;
    this.ready = Promise.resolve();
    this.drawn = false;
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.area);
    this.unlisten = onClick(this.area, () => this.zoomed, (x, y) => this.pick(x, y), () => this.zoomOut());
  }

  /** Shows a figure: at first a new chart, later the same chart with other contents. */
  show(figure, palette, dark, revision) {
    this.source = figure;
    this.palette = palette;
    this.revision = revision;
    this.setTheme(dark);
  }

  setTheme(dark) {
    if (!this.source) return;
    Object.assign(this, this.dressed(dark));
    const { data, layout } = this.figure;
    this.grounds = data.flatMap((trace, index) => (fills(trace) ? [{ ...trace, index }] : []));
    this.rules = chartRules(layout);
    this.during = this.rules.during;
    this.heading.textContent = layout.title.text;
    this.heading.title = layout.title.text; // where it is cut
    this.area.setAttribute("role", "figure");
    this.area.setAttribute("aria-label", layout.title.text);
    this.area.classList.toggle("along", Boolean(this.rules.along));
    this.fillLegend(data);
    this.offerScales(layout);
    this.enqueue(() => this.draw());
  }

  /** Its figure on a light or a dark ground, with what of it is painted. @param {boolean} dark */
  dressed(dark) {
    const figure = dark ? recolour(this.source, this.palette.light, this.palette.dark) : this.source;
    const { muted, background } = dark ? this.palette.dark : this.palette.light;
    const moving = figure.data.flatMap((trace, index) => (moves(trace) ? [{ ...trace, index, paintOpacity: trace.opacity ?? 1 }] : []));
    const dressedOthers = dressedTraces(this.others, this.palette, dark);
    return { dark, figure, moving, dressedOthers, colours: { outline: muted, background } };
  }

  /**
   * @param {object[]} traces that stand still beside the runs, in the colours of the light palette; gaps are null
   * @param {boolean} above the runs, or behind them
   */
  setOthers(traces, above = false) {
    if (!traces.length && !this.others.length) return;
    this.others = traces;
    this.othersAbove = above;
    if (!this.source) return;
    this.dressedOthers = dressedTraces(traces, this.palette, this.dark);
    this.repaint();
  }

  /** For a room: from the back row lines, points and letters are to be seen too. @param {number} times */
  magnify(times) {
    if (times === this.magnified) return;
    this.magnified = times;
    this.setTheme(this.dark);
  }

  fillLegend(data) {
    const items = data.filter((trace) => trace.name && trace.showlegend !== false && isChosen(trace, this.layers));
    this.legend.replaceChildren(
      ...items.map((trace) => {
        const item = document.createElement("li");
        const key = document.createElement("span");
        key.className = `key ${trace.mode?.startsWith("lines") ? (trace.line?.dash ?? "solid") : "marker"}`;
        if (trace.marker?.symbol) key.classList.add(trace.marker.symbol);
        key.style.color = trace.line?.color ?? trace.marker?.color ?? "inherit";
        key.style.opacity = trace.opacity ?? 1;
        item.append(key, trace.name);
        return item;
      }),
    );
  }

  /** @param {string[]} layers */
  setLayers(layers) {
    if (layers.join() === this.layers.join()) return;
    this.layers = layers;
    if (!this.figure) return;
    this.fillLegend(this.figure.data);
    this.repaint();
  }

  /** A figure that names ranges for both scales gets a button that changes between them, and so does one of epochs. */
  offerScales(layout) {
    if (this.rules.along === "epochs") {
      this.epochSwitch ??= new Switch(this.buttons, "Horizontal", (scale) => this.onScale("epochs", scale));
      this.epochSwitch.show(this.scales.epochs);
    }
    if (this.rules.scales) {
      this.scales.vertical ??= layout.yaxis.type;
      this.verticalSwitch ??= new Switch(this.buttons, "Vertical", (scale) => this.onScale("vertical", scale));
      this.verticalSwitch.show(this.scales.vertical);
    }
  }

  /**
   * @param {"epochs" | "vertical"} name of the horizontal axis, where it counts the epochs, or of the other
   * @param {"linear" | "log"} scale
   */
  setScale(name, scale) {
    if (scale === this.scales[name]) return;
    this.scales[name] = scale;
    if (name === "epochs" ? this.rules?.along === "epochs" : this.rules?.scales) this.rescale();
  }

  rescale() {
    this.offerScales(this.figure.layout);
    this.enqueue(() => this.draw());
  }

  /** Plotly's calls one after the other: it cannot draw one chart twice at once. */
  enqueue(task) {
    this.ready = this.ready.then(task).catch((error) => console.error(error));
  }

  /** The axes as the playhead wants them. */
  axesWanted() {
    return axesAt(this.figure.layout, this.rules, this.scales, this.moving, this.following ? this.heads : [], this.beat);
  }

  /** What plotly draws of a figure with these axes: what moves is there for its hover labels, and is not seen. */
  plotted({ data, layout }, axes) {
    const { width, height } = this.size();
    const still = data.map((trace) => {
      if (moves(trace)) return { ...trace, opacity: 0 };
      const shown = magnifiedTrace(trace, this.magnified);
      if (fills(trace)) return filled(shown, groundOver(trace, axes.x.range, axes.y.range));
      // A logarithmic axis has no 0 but where the floor stands for it.
      return axes.x.floor ? { ...shown, x: trace.x.map((x) => Math.max(x, axes.x.floor)) } : shown;
    });
    const fontSize = this.fontSize();
    const shown = {
      ...layout,
      title: undefined,
      width,
      height,
      // A zoom by hand is of no use on another scale.
      uirevision: `${this.revision} ${this.scales.vertical} ${this.scales.epochs}`,
      // A finger on the chart scrolls the page; a mouse zooms.
      dragmode: matchMedia("(pointer: coarse)").matches ? false : layout.dragmode,
      font: { ...layout.font, family: getComputedStyle(this.panel).fontFamily, size: fontSize },
      margin: { ...layout.margin, ...margins(fontSize) },
      xaxis: described(layout.xaxis, axes.x),
      yaxis: described(layout.yaxis, axes.y),
    };
    return { data: still, layout: shown };
  }

  async draw() {
    const { width, height } = this.size();
    // A chart that is hidden is drawn when it is seen again.
    this.outdated = !width || !height;
    if (this.outdated) return;
    const axes = this.axesWanted();
    const { data, layout } = this.plotted(this.figure, axes);
    const config = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
    this.axes = axes;
    await Plotly.react(this.plot, data, layout, config);
    if (!this.drawn) {
      this.drawn = true;
      this.plot.on("plotly_relayout", () => this.moved());
      this.plot.on("plotly_relayouting", () => {
        this.readShown();
        this.repaint();
      });
    }
    this.fitCanvas();
    this.moved();
  }

  /** Plotly's axes have moved, by our hands or another's. */
  moved() {
    const before = this.shown;
    this.readShown();
    this.zoomed = !["x", "y"].every((name) => sameRange(this.axes[name].range, this.shown[name]));
    if (this.zoomed && !(before && sameRange(before.x, this.shown.x) && sameRange(before.y, this.shown.y))) {
      clearTimeout(this.zooming);
      this.zooming = setTimeout(() => this.enqueue(() => this.fillZoomed()), ZOOM_MS);
    }
    this.repaint();
    this.catchUpLater();
  }

  /** What plotly shows now: the canvas is painted with nothing else. */
  readShown() {
    const { xaxis, yaxis } = this.plot.layout;
    this.shown = { x: xaxis.range.map(Number), y: yaxis.range.map(Number) };
  }

  /** After a zoom by hand: ticks that are no longer at chosen places, and what fills the picture. */
  async fillZoomed() {
    if (!this.zoomed) return;
    const layout = {};
    for (const name of ["x", "y"]) {
      if (this.axes[name].ticks.tickmode !== "array") continue;
      // Kept as what the axis has by now, so that they come back.
      this.axes[name].ticks = { tickmode: "auto" };
      layout[`${name}axis.tickmode`] = "auto";
    }
    if (this.grounds.length || Object.keys(layout).length) {
      await Plotly.update(this.plot, ...this.grounded(this.shown.x, this.shown.y, layout));
    }
  }

  zoomOut() {
    this.zoomed = false;
    this.enqueue(() => this.setAxes(this.axesWanted()));
  }

  async setAxes(axes) {
    const layout = { ...changes("xaxis", this.axes.x, axes.x, this.shown.x), ...changes("yaxis", this.axes.y, axes.y, this.shown.y) };
    this.axes = axes;
    await Plotly.update(this.plot, ...this.grounded(axes.x.range, axes.y.range, layout));
    this.moved();
  }

  /** What `Plotly.update` takes so that what fills the picture does so over these ranges, with changes of the layout. */
  grounded(x, y, layout) {
    const change = {};
    for (const ground of this.grounds) {
      const data = filled({}, groundOver(ground, x, y));
      for (const [key, value] of Object.entries(data)) (change[key] ??= []).push(value);
    }
    return [change, layout, this.grounds.map(({ index }) => index)];
  }

  /** Big enough for the back row, in proportion to the chart. */
  fontSize() {
    const { magnified } = this;
    const { width, height } = this.size();
    return Math.round(Math.min(Math.max(Math.min(width / 32, height / 17), LEAST_LETTERS * magnified), 18 * magnified));
  }

  size() {
    return { width: this.area.clientWidth, height: this.area.clientHeight };
  }

  resize() {
    if (!this.figure) return;
    this.enqueue(async () => {
      const { width, height } = this.size();
      if (!width || !height) return;
      if (!this.drawn || this.outdated) return this.draw();
      if (width === this.plot._fullLayout.width && height === this.plot._fullLayout.height) return;
      const size = this.fontSize();
      const { l, b } = margins(size);
      await Plotly.relayout(this.plot, { width, height, "font.size": size, "margin.l": l, "margin.b": b });
      this.fitCanvas();
      this.repaint();
    });
  }

  fitCanvas() {
    const { l, r, t, b } = this.plot.layout.margin;
    const { width, height, font } = this.plot.layout;
    this.inner = { width: width - l - r, height: height - t - b };
    this.family = font.family;
    this.context = fitted(this.canvas, { left: l, top: t, ...this.inner });
  }

  /** The screen has other pixels than before. */
  sharpen() {
    this.enqueue(() => {
      if (!this.drawn || this.outdated) return;
      this.fitCanvas();
      this.repaint();
    });
  }

  /**
   * The playhead has moved.
   * @param {import("./painter.js").Head[]} heads by run
   * @param {object[] | null} inHand what is painted while a hand holds something: the axes then stand still, and where
   *   these are other traces than those that move, plotly's own are out of date
   */
  follow(heads, beat = "", inHand = null) {
    this.heads = heads;
    this.beat = beat;
    if (inHand) {
      this.inHand = inHand;
      this.panel.classList.toggle("outdated", inHand !== this.moving);
      clearTimeout(this.resting);
      this.repaint();
      return;
    }
    if (this.inHand) this.letGo();
    // Plotly is asked only when an axis has to change, and before the browser draws this frame.
    if (this.drawn && !this.zoomed && !alike(this.axes, this.axesWanted())) this.enqueue(() => this.keepInView());
    this.repaint();
    this.catchUpLater();
  }

  /** What was in hand is painted until plotly has drawn what came of it. */
  letGo() {
    const { inHand } = this;
    this.enqueue(() => {
      if (this.inHand !== inHand) return;
      this.inHand = null;
      this.panel.classList.remove("outdated");
      this.repaint();
    });
  }

  /** The axes reach as far as the playhead wants by now; it may have moved on since it asked. */
  async keepInView() {
    const axes = this.axesWanted();
    if (!this.outdated && !this.zoomed && !alike(this.axes, axes)) await this.setAxes(axes);
  }

  repaint() {
    this.spot?.place();
    if (!this.drawn || !this.context || !this.shown) return;
    this.stillLayer.paint(this.frame(), this.dressedOthers, this.othersAbove, this.magnified);
    if (!this.following) {
      this.context.clearRect(0, 0, this.inner.width, this.inner.height);
      return;
    }
    this.paintMagnified(this.context, () => paint(this.context, this.frame(), this.inHand ?? this.moving, this.heads, this.beat));
  }

  /** What is painted meanwhile is: `frame` has the plotting area in the painters' pixels. @param {() => void} act */
  paintMagnified(context, act) {
    if (this.magnified === 1) return act();
    context.save();
    context.scale(this.magnified, this.magnified);
    act();
    context.restore();
  }

  /** The plotting area in the painters' pixels. */
  get painted() {
    return { width: this.inner.width / this.magnified, height: this.inner.height / this.magnified };
  }

  /** The axes, and what else follows from where the playhead is, without a look at the page. */
  aim() {
    this.axes = this.axesWanted();
    if (!this.zoomed) this.shown = { x: this.axes.x.range, y: this.axes.y.range };
  }

  /**
   * Paints what stands still onto another context, in the pixels of its own canvas: nothing where plotly draws it.
   * @param {CanvasRenderingContext2D} _context @param {object} _dress for a ground, see `dressed`
   */
  paintStill(_context, _dress) {}

  /** The same of what moves. */
  paintMoving(context, { moving, dressedOthers, colours }) {
    if (!this.following) return;
    const traces = this.othersAbove ? [...moving, ...dressedOthers] : [...dressedOthers, ...moving];
    this.paintMagnified(context, () => paint(context, { ...this.frame(), colours }, traces, this.heads, this.beat));
  }

  /** The plotting area as the painter needs it. */
  frame() {
    const { x, y } = this.axes;
    const wider = !sameRange(x.first, x.range) || !sameRange(y.first, y.range);
    return {
      ...this.painted,
      x: { ...x, range: this.shown.x },
      y: { ...y, range: this.shown.y },
      first: wider ? { x: x.first, y: y.first } : undefined,
      colours: this.colours,
      family: this.family,
      layers: this.layers,
    };
  }

  /** Whether there is something to follow. */
  get following() {
    return Boolean(this.heads.length) && this.heads.every(({ columns }) => columns.count);
  }

  /** A click at a place of the window. */
  pick(clientX, clientY) {
    if (!this.rules?.along || !this.shown || !this.following) return;
    const [x, y] = toAxes(this, clientX, clientY);
    const outside = [[this.shown.x, x], [this.shown.y, y]].some(([[low, high], value]) => value < low || value > high);
    if (!outside) this.onPick?.(this.axes.x.type === "log" ? 10 ** x : x);
  }

  catchUpLater() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.enqueue(() => this.catchUp()), REST_MS);
  }

  async catchUp() {
    if (!this.drawn || !this.following || !this.moving.length) return;
    const view = viewOf({ range: this.shown.x, type: this.axes.x.type });
    const data = this.moving.map((trace) => {
      const { columns, k } = this.heads[trace.run ?? 0];
      return dataAt(trace, columns, k, view);
    });
    const indices = this.moving.map((trace) => trace.index);
    // What has more traces than are drawn is about to be drawn anew.
    if (Math.max(...indices) >= this.plot.data.length) return;
    await Plotly.restyle(this.plot, { x: data.map(({ x }) => x), y: data.map(({ y }) => y) }, indices);
  }

  dispose() {
    clearTimeout(this.resting);
    clearTimeout(this.zooming);
    this.unlisten();
    this.resizing.disconnect();
    if (this.drawn) Plotly.purge(this.plot);
  }
}

/** A trace as plotly takes it, with its lines and marks so many times as large. @param {number} times */
function magnifiedTrace(trace, times) {
  if (times === 1) return trace;
  const larger = (look, size) => look && { ...look, ...(size in look ? { [size]: scaled(look[size], times) } : {}) };
  const marker = larger(trace.marker, "size");
  return {
    ...trace,
    ...(trace.line ? { line: larger(trace.line, "width") } : {}),
    ...(marker ? { marker: { ...marker, ...(marker.line ? { line: larger(marker.line, "width") } : {}) } } : {}),
  };
}

function scaled(size, times) {
  return Array.isArray(size) ? size.map((one) => one * times) : size * times;
}

/** A trace with the data of what is in view, and the contours of those. */
function filled(trace, { contours, ...data }) {
  return { ...trace, ...data, contours };
}

/** An axis as the figure has it, with what it shows now. */
function described(axis, { type, range, ticks }) {
  const own = Object.entries({ ...axis, ...ticks }).filter(([, value]) => value !== null && value !== undefined);
  return { ...Object.fromEntries(own), type, range: [...range] };
}

/** What of an axis is not as it was, as `Plotly.update` takes it: every key costs time. */
function changes(name, before, { range, ticks }, shown) {
  const changed = sameRange(range, shown) ? {} : { [`${name}.range`]: [...range] };
  for (const [key, value] of Object.entries(ticks)) {
    if (String(value) !== String(before.ticks[key])) changed[`${name}.${key}`] = value ?? null;
  }
  return changed;
}

/** Room for the axes' labels. */
function margins(fontSize) {
  return { l: Math.round(fontSize * 3.9), b: Math.round(fontSize * 3.3) };
}
