// What comes out of a chapter's cells, which a reader opens after predicting: the chapter itself does not hold it.

import { fetched } from "./fetched.js";

const FAILED = "<p>The server does not answer. Close this and open it again.</p>";

/**
 * Fetch the outcome of each cell when it is opened for the first time.
 * @param {HTMLElement} root what a chapter is shown in, now or later
 * @param {() => string} address that of the chapter which is shown there, without a slash at its end
 */
export function fetchOutcomes(root, address) {
  // `toggle` does not bubble.
  root.addEventListener("toggle", (event) => open(event.target, address), { capture: true });
}

/** @param {HTMLDetailsElement} details */
async function open(details, address) {
  const cell = details.dataset?.outcome;
  if (!cell || !details.open || details.dataset.fetched) return;
  details.dataset.fetched = "true";
  const outcome = details.querySelector("div") ?? details.appendChild(document.createElement("div"));
  const answer = await fetched(`${address()}/${encodeURIComponent(cell)}`);
  const text = answer && (await answer.text());
  if (text === null) delete details.dataset.fetched;
  outcome.innerHTML = text ?? FAILED;
}
