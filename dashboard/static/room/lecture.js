// What Streamlit calls for *Lecture* in the sidebar. One lecture for the whole page: it goes on from page to page.

import { understandCommas } from "../stage/shared/commas.js";
import { Lecture } from "./lecturing.js";

for (const name of ["lecture.css", "asking/asking.css", "turn/turn.css"]) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(name, import.meta.url).href;
  document.head.append(link);
}

understandCommas();

/** The one of this page. */
export const lecture = new Lecture();

export default function mount({ parentElement, data, setStateValue }) {
  lecture.setStateValue = setStateValue;
  const root = parentElement.querySelector("[data-testid='lecture']");
  if (root) lecture.show(root, data ?? {});
}
