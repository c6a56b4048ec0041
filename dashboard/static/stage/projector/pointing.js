// Who points at the stage, and where somebody else does: a place within a panel, so that it is the same place on a
// stage of another size.

import { IN_PLACE_OF } from "../panels/shown.js";
import { element } from "../shared/dom.js";

/** So long after it has moved for the last time another's pointer is seen. */
const REST_MS = 3000;

/** Panels without axes, by what they are on the page. */
const OTHERS = { numbers: ".numbers", code: ".code, .rows, .agreement", graph: ".graph" };

/**
 * A place in a panel, named as in `PANELS`: parts of its plotting area from the left and from the top, from 0 to 1; of the
 * graph those of its drawing, of others those of all that is in them, whether it is scrolled or not.
 * @typedef {{panel: string, x: number, y: number}} Pointer
 */

export class Pointing {
  /** @param {import("../stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** The last place that was told. @type {Pointer | null} */
    this.told = null;
    this.spot = element("div", "pointer");
    this.spot.setAttribute("aria-hidden", "true");
    this.spot.hidden = true;
    const { root } = stage;
    root.addEventListener("pointermove", (event) => this.move(event));
    root.addEventListener("pointerleave", () => this.tell(null));
  }

  /** Whether it is told where the pointer is. */
  get on() {
    const { stage } = this;
    return Boolean(stage.onPointer) && (stage.pointing || stage.projector.on);
  }

  move({ target, clientX, clientY }) {
    if (!this.on) return this.tell(null);
    // A mouse moves oftener than anybody sees.
    this.at = { target, clientX, clientY };
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.tell(this.on ? this.placeOf(this.at) : null);
    });
  }

  /** @param {Pointer | null} place */
  tell(place) {
    const same = place && this.told ? ["panel", "x", "y"].every((name) => place[name] === this.told[name]) : place === this.told;
    this.told = place;
    if (!same) this.stage.onPointer?.(place);
  }

  /** @returns {Pointer | null} null beside all panels, and beside what a panel's parts are counted of */
  placeOf({ target, clientX, clientY }) {
    const shown = target.closest?.(".panel");
    const panel = shown && this.nameOf(shown);
    const area = panel && this.areaOf(panel, shown);
    if (!area?.width || !area.height) return null;
    const [x, y] = [(clientX - area.left) / area.width, (clientY - area.top) / area.height];
    return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { panel, x: rounded(x), y: rounded(y) } : null;
  }

  nameOf(shown) {
    const { chart } = shown.dataset;
    if (chart) return IN_PLACE_OF[chart] ?? chart;
    return Object.keys(OTHERS).find((name) => shown.matches(OTHERS[name]));
  }

  /** The panel of this name that is to be seen. @returns {HTMLElement | undefined} */
  shownAs(name) {
    return [...this.stage.root.querySelectorAll(".panel")].find((one) => one.offsetWidth && this.nameOf(one) === name);
  }

  /** What a panel's parts are counted of, in the window. @returns {{left: number, top: number, width: number, height: number}} */
  areaOf(name, shown) {
    const chart = shown.dataset.chart && this.stage.charts.get(shown.dataset.chart);
    if (chart) return chart.canvas.getBoundingClientRect();
    const { drawing } = this.stage.graph;
    if (name === "graph" && drawing) {
      const { a, d, e, f } = drawing.svg.getScreenCTM();
      const [left, top, width, height] = drawing.home;
      return { left: e + a * left, top: f + d * top, width: a * width, height: d * height };
    }
    const inner = shown.querySelector(":scope > .scroller") ?? shown;
    const { left, top } = inner.getBoundingClientRect();
    return { left: left - inner.scrollLeft, top: top - inner.scrollTop, width: inner.scrollWidth, height: inner.scrollHeight };
  }

  /** Shows where somebody else points, until that rests. @param {Pointer | null} pointer */
  show(pointer) {
    clearTimeout(this.resting);
    const shown = pointer && this.shownAs(pointer.panel);
    const { spot } = this;
    if (!shown) {
      spot.hidden = true;
      return;
    }
    const area = this.areaOf(pointer.panel, shown);
    const { left, top } = shown.getBoundingClientRect();
    // From afar it does not fly there.
    const stays = !spot.hidden && spot.parentElement === shown;
    if (spot.parentElement !== shown) {
      spot.parentElement?.classList.remove("pointed-at");
      shown.classList.add("pointed-at");
      shown.append(spot);
    }
    spot.classList.toggle("moving", stays);
    spot.hidden = false;
    const x = area.left + pointer.x * area.width - left - shown.clientLeft + shown.scrollLeft;
    const y = area.top + pointer.y * area.height - top - shown.clientTop + shown.scrollTop;
    spot.style.transform = `translate(${x}px, ${y}px)`;
    this.resting = setTimeout(() => {
      spot.hidden = true;
    }, REST_MS);
  }

  dispose() {
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frame);
  }
}

/** A part, as exactly as a picture can tell it. */
function rounded(part) {
  return Math.round(part * 10_000) / 10_000;
}
