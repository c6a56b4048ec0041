// What can be taken along from the stage: pictures of its charts and of all of it, its numbers, and films.

import { button, element, namedButton } from "../shared/dom.js";
import { popover } from "../shared/popover.js";
import { blockedNote } from "./blocked.js";
import { recordsCsv, sweepCsv } from "./csv.js";
import { saveText } from "./files.js";
import { Film } from "./film/film.js";
import { FilmPanel } from "./film/film_panel.js";
import { fileName } from "./names.js";
import { pictureOf } from "./picture.js";
import { PictureChoices } from "./picture_choices.js";
import { savePicture } from "./save_picture.js";

const CSV = "text/csv";

const FRAME = "M4 5h16v14H4zm2 2v8.2l3.6-3.6 3 3 3-3L18 14V7z";

export class TakeAlong {
  /** @param {import("../stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** By chart, the button in its corner. @type {Map<import("../charts/chart.js").Chart, HTMLButtonElement>} */
    this.corners = new Map();
    const { menu } = stage;
    const items = menu.section("Take along");
    element("span", "", items).textContent = "Picture";
    const choices = new PictureChoices(items, async (kind, dark) => {
      await this.save(stage.root, "stage", kind, dark);
      menu.close();
    });
    const numbers = element("div", "items tables", items);
    button(numbers, "", "Records as CSV", () => this.saveRecords(), "Every epoch of every run, in full");
    const swept = button(numbers, "", "Sweep as CSV", () => this.saveSweep(), "The last epoch of every run of the sweep, in full");
    const filming = button(numbers, "", "Film…", () => {}, "The run as a film");
    const panel = popover(filming, menu.panel, "Film");
    panel.classList.add("filming");
    this.film = new FilmPanel(panel, () => this.filmed());
    whenOpened(panel, () => this.film.open());
    blockedNote(items);
    whenOpened(menu.panel, () => {
      choices.setDark(stage.dark);
      swept.hidden = !stage.sweep?.on || !stage.sweep.known;
      // Where the graph has the stage to itself, no chart is seen.
      filming.hidden = !this.chartsSeen.length;
    });
  }

  /** Gives a chart its button. @param {import("../charts/chart.js").Chart} chart @param {string} name */
  add(chart, name) {
    const opener = namedButton(chart.header, "scale save", "", () => {}, "Save as picture");
    opener.title += " (s)";
    opener.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d="${FRAME}"/></svg>`;
    const panel = popover(opener, this.stage.root, "Save as picture");
    panel.classList.add("picture");
    const items = element("div", "items", panel);
    const choices = new PictureChoices(items, async (kind, dark) => {
      await this.save(chart.panel, name, kind, dark);
      panel.hidePopover();
    });
    blockedNote(items);
    whenOpened(panel, () => choices.setDark(this.stage.dark));
    this.corners.set(chart, opener);
  }

  /** Asks how to save the chart that is looked at, or else the whole stage: by key, which could be pressed by mistake. */
  ask() {
    const { stage } = this;
    const focused = document.activeElement?.closest(".chart") ?? stage.root.querySelector(".chart:hover");
    const opener = [...this.corners].find(([{ panel }]) => panel === focused)?.[1] ?? stage.menu.button;
    const panel = opener.popoverTargetElement;
    if (!panel.matches(":popover-open")) opener.click();
    panel.querySelector(".svg").focus();
  }

  /** @param {HTMLElement} panel of a chart, or the stage */
  async save(panel, what, kind, dark) {
    const { stage } = this;
    const { player, clock } = stage;
    const beat = player.beat === null ? "" : stage.root.dataset.beat;
    const name = fileName(what, `${clock.words(player.epoch)} ${beat}`, this.names);
    const svg = await pictureOf(panel, stage.charts.values(), stage.palette, stage.dark, dark);
    await savePicture(svg, name, kind);
  }

  /** Of runs that still train what is here by now; a ghost is none. */
  saveRecords() {
    const { menu, runs } = this.stage;
    saveText(`${fileName("records", "", this.names)}.csv`, recordsCsv(runs.list.map(({ columns }) => columns)), CSV);
    menu.close();
  }

  saveSweep() {
    const { menu, sweep } = this.stage;
    saveText(`${fileName("sweep", sweep.known.field, [])}.csv`, sweepCsv(sweep.known), CSV);
    menu.close();
  }

  /** What there is to film, and how. */
  filmed() {
    const { runs, clock, palette, dark } = this.stage;
    const { names } = this;
    const make = (chosen, onDark) => {
      const colours = onDark ? palette.dark : palette.light;
      const told = names.map((name, i) => ({ name, colour: colours[`run-${i}`] }));
      return new Film(chosen, runs, (k) => clock.words(k), told, colours, onDark);
    };
    return {
      charts: this.chartsSeen,
      make,
      nameOf: (chart) => fileName(chart, "film", names),
      dark,
      ready: runs.trained > 0,
    };
  }

  /** @returns {[string, import("../charts/chart.js").Chart][]} by name */
  get chartsSeen() {
    return [...this.stage.charts].filter(([, { area, drawn }]) => drawn && area.clientWidth);
  }

  dispose() {
    this.film.dispose();
  }

  /** Of the runs, where there are several. */
  get names() {
    const { runs, arrangement } = this.stage;
    return runs.several ? arrangement.short_names : [];
  }
}

function whenOpened(panel, act) {
  panel.addEventListener("beforetoggle", ({ newState }) => newState === "open" && act());
}
