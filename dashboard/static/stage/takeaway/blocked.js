// What there is to say where nothing may be saved.

import { element } from "../shared/dom.js";

/** Says beside what saves files that they may not come, where that is so. @param {HTMLElement} parent */
export function blockedNote(parent) {
  if (!mayBeBlocked()) return;
  element("p", "said", parent).textContent = "Where this frame allows no downloads, nothing comes: open the page by itself.";
}

/** Whether the page stands in a frame with a sandbox, which may forbid downloads: then they fail without a word. */
function mayBeBlocked() {
  return window !== window.top && window.origin === "null";
}
