// The stage that is on the page now: Streamlit may make it anew, and other pages have none.

/** By the element that holds it. @type {WeakMap<Element, import("./stage.js").Stage>} */
const stages = new WeakMap();

/** @param {Element} root @param {import("./stage.js").Stage} stage that it holds from now on */
export function putOnPage(root, stage) {
  stages.set(root, stage);
}

/** @returns {import("./stage.js").Stage | undefined} */
export function stageOnPage() {
  return stages.get(document.querySelector("[data-testid='stage']"));
}
