// One chart: a panel with a heading and legend, a Plotly chart that is made once, and the canvas over it.

import { paint } from "./painter.js";
import { chartRules, dataAt, moves } from "./rules.js";
import { recolour } from "../shared/theme.js";

/** How long the playhead must rest before the chart's own data, and so its hover labels, catch up. */
const REST_MS = 160;

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
    this.header.append(this.heading, this.legend);
    this.area = document.createElement("div");
    this.area.className = "plot";
    this.plot = document.createElement("div");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.area.append(this.plot, this.canvas);
    this.panel.append(this.header, this.area);
    parent.append(this.panel);
    this.scaleType = null;
    this.ready = Promise.resolve();
    this.drawn = false;
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.area);
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
    this.figure = dark ? recolour(this.source, this.palette.light, this.palette.dark) : this.source;
    const { data, layout } = this.figure;
    this.moving = data.flatMap((trace, index) => (moves(trace) ? [{ ...trace, index, paintOpacity: trace.opacity ?? 1 }] : []));
    const { during, scales } = chartRules(layout);
    this.during = during;
    this.scales = scales;
    this.heading.textContent = layout.title.text;
    this.area.setAttribute("role", "figure");
    this.area.setAttribute("aria-label", layout.title.text);
    this.fillLegend(data);
    this.offerScales(layout);
    this.enqueue(() => this.draw());
  }

  fillLegend(data) {
    const items = data.filter((trace) => trace.name && trace.showlegend !== false);
    this.legend.replaceChildren(
      ...items.map((trace) => {
        const item = document.createElement("li");
        const key = document.createElement("span");
        key.className = `key ${trace.mode?.startsWith("lines") ? (trace.line?.dash ?? "solid") : "marker"}`;
        if (trace.marker?.symbol) key.classList.add(trace.marker.symbol);
        key.style.color = trace.line?.color ?? trace.marker?.color ?? "inherit";
        item.append(key, trace.name);
        return item;
      }),
    );
  }

  /** A figure that names ranges for both scales gets a button that changes between them. */
  offerScales(layout) {
    if (!this.scales) return;
    this.scaleType ??= layout.yaxis.type;
    if (!this.scaleButton) {
      this.scaleButton = document.createElement("button");
      this.scaleButton.type = "button";
      this.scaleButton.className = "scale";
      this.scaleButton.addEventListener("click", () => {
        this.scaleType = this.scaleType === "log" ? "linear" : "log";
        this.labelScale();
        const ranges = this.scales;
        this.enqueue(async () => {
          this.home.y = [...ranges[this.scaleType]];
          await Plotly.relayout(this.plot, {
            "yaxis.type": this.scaleType,
            "yaxis.range": ranges[this.scaleType],
            "yaxis.dtick": this.scaleType === "log" ? (this.figure.layout.yaxis.dtick ?? null) : null,
          });
          this.repaint();
        });
      });
      this.header.append(this.scaleButton);
    }
    this.labelScale();
  }

  labelScale() {
    const other = this.scaleType === "log" ? "linear" : "logarithmic";
    this.scaleButton.textContent = this.scaleType === "log" ? "log" : "linear";
    this.scaleButton.setAttribute("aria-label", `Vertical axis: change to ${other}`);
    this.scaleButton.title = `Change to ${other}`;
  }

  /** Plotly's calls one after the other: it cannot draw one chart twice at once. */
  enqueue(task) {
    this.ready = this.ready.then(task).catch((error) => console.error(error));
  }

  async draw() {
    const { width, height } = this.size();
    // A chart that is hidden is drawn when it is seen again.
    this.outdated = !width || !height;
    if (this.outdated) return;
    const { data, layout } = this.figure;
    const { scales } = this;
    const still = data.map((trace) => (moves(trace) ? { ...trace, opacity: 0 } : trace));
    const fontSize = this.fontSize();
    const shown = {
      ...layout,
      title: undefined,
      width,
      height,
      uirevision: this.revision,
      // A finger on the chart scrolls the page; a mouse zooms.
      dragmode: matchMedia("(pointer: coarse)").matches ? false : layout.dragmode,
      font: { ...layout.font, family: getComputedStyle(this.panel).fontFamily, size: fontSize },
      margin: { ...layout.margin, ...margins(fontSize) },
      xaxis: { ...layout.xaxis, range: [...layout.xaxis.range] },
      yaxis: { ...layout.yaxis, range: [...layout.yaxis.range] },
    };
    if (scales) {
      Object.assign(shown.yaxis, { type: this.scaleType, range: [...scales[this.scaleType]] });
      if (this.scaleType !== "log") delete shown.yaxis.dtick;
    }
    const config = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
    // Where a double-click leads back to. Plotly's own memory of it is of the first figure it ever drew.
    this.home = { x: [...shown.xaxis.range], y: [...shown.yaxis.range] };
    await Plotly.react(this.plot, still, shown, config);
    if (!this.drawn) {
      this.drawn = true;
      this.plot.on("plotly_relayout", () => {
        this.repaint();
        this.catchUpLater();
      });
      this.plot.on("plotly_doubleclick", () =>
        this.enqueue(() => Plotly.relayout(this.plot, { "xaxis.range": [...this.home.x], "yaxis.range": [...this.home.y] })),
      );
      this.plot.on("plotly_relayouting", () => this.repaint());
    }
    this.fitCanvas();
    this.repaint();
    this.catchUpLater();
  }

  /** Big enough for the back row, in proportion to the chart. */
  fontSize() {
    const { width, height } = this.size();
    return Math.round(Math.min(Math.max(Math.min(width / 32, height / 17), 11), 18));
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
    const { width, height } = this.plot.layout;
    const ratio = window.devicePixelRatio || 1;
    this.inner = { width: width - l - r, height: height - t - b };
    Object.assign(this.canvas.style, {
      left: `${l}px`,
      top: `${t}px`,
      width: `${this.inner.width}px`,
      height: `${this.inner.height}px`,
    });
    this.canvas.width = Math.round(this.inner.width * ratio);
    this.canvas.height = Math.round(this.inner.height * ratio);
    this.context = this.canvas.getContext("2d");
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /** The playhead has moved. @param {import("./painter.js").Head[]} heads by run */
  follow(heads, beat = "") {
    this.heads = heads;
    this.beat = beat;
    this.repaint();
    this.catchUpLater();
  }

  repaint() {
    if (!this.drawn || !this.context) return;
    if (!this.following) {
      this.context.clearRect(0, 0, this.inner.width, this.inner.height);
      return;
    }
    const { xaxis, yaxis } = this.plot.layout;
    const frame = { ...this.inner, x: axisOf(xaxis), y: axisOf(yaxis) };
    paint(this.context, frame, this.moving, this.heads, this.beat);
  }

  /** Whether there is something to follow. */
  get following() {
    return Boolean(this.heads?.length) && this.heads.every(({ columns }) => columns.count);
  }

  catchUpLater() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.enqueue(() => this.catchUp()), REST_MS);
  }

  async catchUp() {
    if (!this.drawn || !this.following || !this.moving.length) return;
    const view = this.plot.layout.xaxis.range.map(Number);
    const data = this.moving.map((trace) => {
      const { columns, k } = this.heads[trace.run ?? 0];
      return dataAt(trace, columns, k, view);
    });
    const indices = this.moving.map((trace) => trace.index);
    await Plotly.restyle(this.plot, { x: data.map(({ x }) => x), y: data.map(({ y }) => y) }, indices);
  }

  dispose() {
    clearTimeout(this.resting);
    this.resizing.disconnect();
    if (this.drawn) Plotly.purge(this.plot);
  }
}

/** As much of an axis as the painter needs. */
function axisOf({ range, type }) {
  return { range: range.map(Number), type: type ?? "linear" };
}

/** Room for the axes' labels. */
function margins(fontSize) {
  return { l: Math.round(fontSize * 3.9), b: Math.round(fontSize * 3.3) };
}
