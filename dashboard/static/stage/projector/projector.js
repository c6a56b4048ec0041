// The projector: a few panels fill the window below one line of words, in type that the back row reads.
//
// Which panels these are is part of the arrangement, and so of the link. How large the type is says `projector.css`; the
// charts, which write and draw by themselves, are told here.

import { LEAST_LETTERS } from "../charts/chart.js";
import { shareOut } from "../panels/room.js";
import { element, namedButton, put } from "../shared/dom.js";
import { Chooser } from "./chooser.js";

/** What fills the window as long as nothing else was chosen. */
const FIRST = ["data", "surface", "loss", "code"];

/** A question of at most so many letters has room beside the epoch. */
const SHORT_QUESTION = 44;

const ICONS = {
  whole: "M4 9V4h5v2H6v3zm11-5h5v5h-2V6h-3zM4 15h2v3h3v2H4zm14 0h2v5h-5v-2h3z",
  leave: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
};

/** What the room is told: it stays when the page makes a stage anew. */
const said = { question: "" };

/** The panels that were chosen last, for the next time. */
let last = FIRST;

export class Projector {
  /** @param {import("../stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    const { root, status, menu } = stage;
    /** Those that fill the window; none while it is the page as ever. @type {string[]} */
    this.panels = [];
    /** How many times as large as described the charts draw. */
    this.times = 1;
    this.question = element("p", "projector-question", status.root);
    this.question.setAttribute("role", "status");
    const tools = element("div", "projector-tools");
    menu.button.before(tools);
    this.chooser = new Chooser(tools, root, (panels) => this.choose(panels));
    if (document.fullscreenEnabled) icon(namedButton(tools, "", "", () => this.fillScreen(), "Full screen"), "whole");
    icon(namedButton(tools, "", "", () => this.leave(), "Leave the projector"), "leave");
    const items = menu.section("Projector");
    this.opener = namedButton(items, "", "Fill the window", () => (menu.close(), this.toggle()), "Projector: fill the window with some panels");
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.tell();
  }

  get on() {
    return this.panels.length > 0;
  }

  /**
   * Says something in the line above the panels, until something else is said.
   * @param {{question: string}} words the question that the room is asked; empty for none. It is shown in the projector
   *   alone.
   */
  say(words) {
    Object.assign(said, words);
    this.tell();
  }

  tell() {
    put(this.question, said.question);
    this.question.classList.toggle("long", said.question.length > SHORT_QUESTION);
    this.stage.root.classList.toggle("with-question", Boolean(said.question));
  }

  toggle() {
    this.choose(this.on ? [] : last);
  }

  leave() {
    if (document.fullscreenElement) document.exitFullscreen();
    this.choose([]);
  }

  /** @param {string[]} panels those that are to fill the window; none to leave */
  choose(panels) {
    this.stage.wish({ projector: panels });
  }

  /** As the arrangement says. @param {string[]} panels */
  show(panels) {
    const { root } = this.stage;
    const turned = this.on !== panels.length > 0;
    this.panels = panels;
    if (turned) this.stage.graph.setProjected(this.on);
    if (this.on) last = panels;
    this.chooser.show(panels);
    root.classList.toggle("projector", this.on);
    if (turned) {
      if (this.on) document.documentElement.dataset.projecting = "";
      else delete document.documentElement.dataset.projecting;
    }
    this.fit();
  }

  /** The room may be another: how the panels share it, and how large what the charts draw is. */
  fit() {
    const { root, charts } = this.stage;
    this.times = this.on ? Math.max(parseFloat(getComputedStyle(root).fontSize) / LEAST_LETTERS, 1) : 1;
    for (const chart of charts?.values() ?? []) chart.magnify(this.times);
    if (!this.on) return;
    const { columns, first } = this.shared();
    root.style.setProperty("--columns", String(columns));
    root.dataset.first = first;
  }

  /** The graph is as wide as it is low: it lies below the others, which share what is left. */
  shared() {
    const graph = this.panels.includes("graph");
    const others = this.panels.length - Number(graph);
    if (!others || (graph && innerWidth > innerHeight)) return { columns: Math.max(others, 1), first: "" };
    return shareOut(others, innerWidth, innerHeight);
  }

  async fillScreen() {
    if (document.fullscreenElement) await document.exitFullscreen();
    // Whoever forbids it leaves the window as it is.
    else await document.documentElement.requestFullscreen().catch(() => {});
  }

  key(event) {
    if (event.key !== "Escape" || !this.on || event.defaultPrevented) return;
    // What is open over the stage closes first.
    if (document.querySelector(":popover-open, dialog[open]") || event.target.closest?.("[role='dialog'], [role='listbox']")) return;
    event.preventDefault();
    this.leave();
  }

  dispose() {
    document.removeEventListener("keydown", this.onKey);
  }
}

function icon(made, name) {
  made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}
