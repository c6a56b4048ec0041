// What Streamlit calls: a stage and its conversation with the server for every place on the page.

import { understandCommas } from "./shared/commas.js";
import { copyPlainly } from "./shared/copy.js";
import { button } from "./shared/dom.js";
import { popover } from "./shared/popover.js";
import { putOnPage } from "./on_page.js";
import { Stage } from "./stage.js";
import { Streamlit } from "./sources/streamlit.js";

const STYLES = ["stage.css", "graph/graph.css", "menu/menu.css", "player/keys.css", "panels/shown.css", "projector/projector.css", "takeaway/takeaway.css"];
await Promise.all(STYLES.map(loadStyles));

understandCommas();
document.addEventListener("copy", copyPlainly); // what stands beside the stage has narrow spaces as well

/** @type {WeakMap<Element, {stage: Stage, source: Streamlit}>} */
const places = new WeakMap();

export default function lab(component) {
  const root = component.parentElement.querySelector("[data-testid='stage']");
  if (!root) return undefined;
  if (!places.has(root)) {
    // What is in it was made by these modules in another version: the server was upgraded under an open page.
    if (root.childElementCount) {
      location.reload();
      return undefined;
    }
    const source = new Streamlit();
    const stage = new Stage(root, source);
    source.feed(stage);
    places.set(root, { stage, source });
    putOnPage(root, stage);
    offerScenes(stage);
    markPage();
  }
  const { stage, source } = places.get(root);
  source.hear(component);
  // Streamlit also cleans up after a first call that a second one overtook: then the stage is still in its place.
  return () => setTimeout(() => {
    if (root.isConnected || places.get(root)?.source !== source) return;
    places.delete(root);
    source.close();
    stage.dispose();
    markPage();
  });
}

/** Prepared scenes, which take a server to be opened. Their modules are for those who lecture: nobody else loads them. */
function offerScenes({ menu }) {
  const items = menu.section("Scenes");
  const opener = button(items, "", "Scenes…", () => {}, "Prepared states of the lab, one after the other");
  const panel = popover(opener, menu.panel, "Scenes");
  panel.classList.add("scenes");
  panel.addEventListener("beforetoggle", async ({ newState }) => {
    if (newState !== "open" || panel.childElementCount) return;
    const { showScenes } = await import("../room/scenes/scenes.js");
    if (!panel.childElementCount) showScenes(panel);
  });
}

/**
 * Says on the page whether there is a stage on it, for the styles of what is around: they stay when the stage goes.
 * A `:has()` would say it too, but would cost every frame several times as much as the frame itself.
 */
function markPage() {
  const there = document.querySelector("[data-testid='stage']") !== null;
  document.documentElement.classList.toggle("with-stage", there);
  if (there) return;
  delete document.documentElement.dataset.controlsIn;
  delete document.documentElement.dataset.projecting;
}

function loadStyles(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(name, import.meta.url).href;
  return new Promise((resolve) => {
    for (const end of ["load", "error"]) link.addEventListener(end, resolve);
    document.head.append(link);
  });
}
