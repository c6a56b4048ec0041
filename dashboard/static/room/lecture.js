// What Streamlit calls for *Lecture* in the sidebar: a button, and once it is pressed, or where this browser has a lecture
// already, the lecture itself. It is one for the whole page, and goes on from page to page; whoever has none loads none.

import { button, element } from "../stage/shared/dom.js";
import { kept } from "../stage/shared/kept.js";

/** The name under which this browser keeps code and secret of a lecture. */
export const KEPT = "lecture";

loadStyle(new URL("lecture.css", import.meta.url));

/** @type {import("./lecturing.js").Lecture | null} */
let lecture = null;

/** The one of this page, once there is one. */
export const lectureOnPage = () => lecture;

/** Where it stands, and what is told of the page. @type {{root?: HTMLElement, data?: object, setStateValue?: Function}} */
let here = {};

export default function mount({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector("[data-testid='lecture']");
  if (!root) return;
  here = { root, data: data ?? {}, setStateValue };
  if (lecture || kept(KEPT)) begin();
  else if (!root.childElementCount) offer(root);
}

/** The button alone. */
function offer(root) {
  const panel = element("section", "lecture", root);
  panel.setAttribute("aria-label", "Lecture");
  const opener = button(panel, "opener", "Lecture", async () => {
    opener.disabled = true;
    await begin();
    lecture.open();
  }, "Open a room in which a hall follows this page");
}

async function begin() {
  if (!lecture) {
    const { Lecture } = await import("./lecturing.js");
    lecture ??= new Lecture();
  }
  lecture.setStateValue = here.setStateValue;
  lecture.show(here.root, here.data);
}

// Another tab has opened one.
addEventListener("storage", ({ key }) => key === KEPT && kept(KEPT) && here.root && begin());

/** @param {URL} address of a file with styles for the page */
export function loadStyle({ href }) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
