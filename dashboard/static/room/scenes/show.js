// The one list of this page, and what plays it: the keys of a presenter, and a strip with the way on and back that stands
// wherever the page has room for it.

import { stageOnPage } from "../../stage/on_page.js";
import { button, element, namedButton, put } from "../../stage/shared/dom.js";
import { lectureOnPage } from "../lecture.js";
import { open } from "./playing.js";
import { SceneList } from "./scene_list.js";

export const scenes = new SceneList();

/** What has a use of its own for keys. */
const FIELDS = "input:not([type='checkbox'], [type='range']), textarea, select, [contenteditable], [role='combobox'], [role='listbox'], [role='textbox']";

/** Whether the scenes fill the window, as their links say, or stand in the lab with its controls. */
export const manner = { projected: true };

/** @param {number} number the place of a scene in the list */
export function play(number) {
  if (!scenes.scenes[number]) return;
  scenes.stand(number);
  open(scenes.scenes[number], manner.projected);
}

function close() {
  stageOnPage()?.projector.say({ question: "" });
  scenes.stand(null);
}

/** @param {1 | -1} by the next scene, or the one before */
function step(by) {
  play(scenes.current + by);
}

// Before the player, whose keys these are as long as no list is open.
window.addEventListener(
  "keydown",
  (event) => {
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    if (!by || scenes.current === null || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target instanceof Element && event.target.closest(FIELDS)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    step(by);
  },
  { capture: true },
);

const strip = element("div", "lab-scenes-strip");
strip.setAttribute("role", "group");
strip.setAttribute("aria-label", "Scenes");
const back = namedButton(strip, "", "‹", () => step(-1), "Previous scene");
const where = element("span", "", strip);
const on = namedButton(strip, "", "›", () => step(1), "Next scene");
const ask = button(strip, "", "Ask", () => askRoom(scenes.scenes[scenes.current].question), "Asks the scene's question to those who have joined the room");
namedButton(strip, "", "×", () => close(), "Close the list of scenes");

/** @param {import("./scene.js").Question} question of a scene: what is right of it the lecturer says */
export function askRoom(question) {
  lectureOnPage().asking.ask({ ...question, about: { what: "own" } }, 0);
}

/** @returns {boolean} whether anybody could be asked */
export const hasRoom = () => Boolean(lectureOnPage()?.room);

/** In the player's bar where there is one, else in a corner. */
function place() {
  const shown = scenes.current !== null;
  const menu = stageOnPage()?.menu.button;
  if (!shown) strip.remove();
  else if (menu && strip.nextElementSibling !== menu) menu.before(strip);
  else if (!menu && strip.parentElement !== document.body) document.body.append(strip);
  strip.classList.toggle("alone", !menu);
  ask.hidden = !hasRoom() || !scenes.scenes[scenes.current]?.question;
}

function tell() {
  const { current, scenes: all } = scenes;
  put(where, current === null ? "" : `${current + 1} / ${all.length}`);
  where.title = all[current]?.title ?? "";
  back.disabled = !current;
  on.disabled = current === null || current >= all.length - 1;
  place();
}

scenes.watch(tell);
// Streamlit makes pages, and stages on them, anew.
new MutationObserver(() => scenes.current !== null && place()).observe(document.body, { childList: true, subtree: true });
