// A small panel over everything else that a button opens, and Escape or a press elsewhere closes.

import { element } from "./dom.js";

const APART = 6; // px between the button and its panel

/** At least so many px from the window's edges. */
const MARGIN = 8;

/**
 * @param {HTMLButtonElement} opener
 * @param {HTMLElement} parent within the stage, so that its styles hold
 * @param {string} label what it is for
 * @returns {HTMLElement} the panel, to be filled
 */
export function popover(opener, parent, label) {
  const panel = element("div", "popover", parent);
  panel.popover = "auto";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", label);
  opener.popoverTargetElement = panel;
  opener.setAttribute("aria-haspopup", "dialog");
  panel.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") place(panel, opener);
  });
  return panel;
}

/** Below its button or above it, wherever there is more room, and within the window. */
function place(panel, opener) {
  const { left, right, top, bottom } = opener.getBoundingClientRect();
  const { offsetWidth: width } = panel;
  const below = innerHeight - bottom;
  const above = top > below;
  const room = Math.max(top, below) - APART - MARGIN;
  // Its right edge under that of the button, as far as the window lets it.
  const start = Math.max(Math.min(Math.max(right - width, MARGIN), innerWidth - width - MARGIN), Math.min(left, MARGIN));
  Object.assign(panel.style, {
    left: `${start}px`,
    top: above ? "auto" : `${bottom + APART}px`,
    bottom: above ? `${innerHeight - top + APART}px` : "auto",
    maxHeight: `${room}px`,
  });
}
