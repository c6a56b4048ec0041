// What Streamlit calls for *Lecture* in the sidebar. One lecture for the whole page: it goes on from page to page.

import { Lecture } from "./lecturing.js";

const link = document.createElement("link");
link.rel = "stylesheet";
link.href = new URL("lecture.css", import.meta.url).href;
document.head.append(link);

const lecture = new Lecture();

export default function mount({ parentElement, data }) {
  const root = parentElement.querySelector("[data-testid='lecture']");
  if (root) lecture.show(root, data ?? {});
}
