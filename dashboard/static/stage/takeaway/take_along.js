// What can be taken along from the stage: pictures of its charts and of all of it, each from where it belongs.

import { namedButton } from "../shared/dom.js";
import { popover } from "../shared/popover.js";
import { fileName } from "./names.js";
import { pictureOf } from "./picture.js";
import { PictureChoices } from "./picture_choices.js";
import { savePicture } from "./save_picture.js";

const FRAME = "M4 5h16v14H4zm2 2v8.2l3.6-3.6 3 3 3-3L18 14V7z";

export class TakeAlong {
  /** @param {import("../stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** By chart, the button in its corner. @type {Map<import("../charts/chart.js").Chart, HTMLButtonElement>} */
    this.corners = new Map();
    const { menu } = stage;
    const items = menu.section("Take along");
    const choices = new PictureChoices(items, async (kind, dark) => {
      await this.save(stage.root, "stage", kind, dark);
      menu.close();
    });
    whenOpened(menu.panel, () => choices.setDark(stage.dark));
  }

  /** Gives a chart its button. @param {import("../charts/chart.js").Chart} chart @param {string} name */
  add(chart, name) {
    const opener = namedButton(chart.header, "scale save", "", () => {}, "Save as picture");
    opener.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d="${FRAME}"/></svg>`;
    const panel = popover(opener, this.stage.root, "Save as picture");
    panel.classList.add("picture");
    const items = panel.appendChild(Object.assign(document.createElement("div"), { className: "items" }));
    const choices = new PictureChoices(items, async (kind, dark) => {
      await this.save(chart.panel, name, kind, dark);
      panel.hidePopover();
    });
    whenOpened(panel, () => choices.setDark(this.stage.dark));
    this.corners.set(chart, opener);
  }

  /** Asks how to save the chart that is looked at, or else the whole stage: by key, which could be pressed by mistake. */
  ask() {
    const { stage } = this;
    const focused = document.activeElement?.closest(".chart") ?? stage.root.querySelector(".chart:hover");
    const opener = [...this.corners].find(([{ panel }]) => panel === focused)?.[1] ?? stage.menu.button;
    opener.click();
    opener.popoverTargetElement.querySelector(".svg").focus();
  }

  async save(element, what, kind, dark) {
    const { stage } = this;
    const { runs, arrangement, player, clock } = stage;
    const beat = player.beat === null ? "" : stage.root.dataset.beat;
    const name = fileName(what, `${clock.words(player.epoch)} ${beat}`, runs.several ? arrangement.short_names : []);
    const svg = await pictureOf(element, stage.charts.values(), stage.palette, stage.dark, dark);
    await savePicture(svg, name, kind);
  }
}

function whenOpened(panel, act) {
  panel.addEventListener("beforetoggle", ({ newState }) => newState === "open" && act());
}
