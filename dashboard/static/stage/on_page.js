// The stage that is on the page now: Streamlit may make it anew, and other pages have none.

/** By the element that holds it. @type {WeakMap<Element, {stage: import("./stage.js").Stage, source: object}>} */
export const places = new WeakMap();

/** @returns {import("./stage.js").Stage | undefined} */
export function stageOnPage() {
  return places.get(document.querySelector("[data-testid='stage']"))?.stage;
}
