// What comes out of a chapter's cells, which a reader opens after predicting: the chapter itself does not hold it.

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
  const text = await fetched(`${address()}/${encodeURIComponent(cell)}`);
  if (text === null) delete details.dataset.fetched;
  outcome.innerHTML = text ?? FAILED;
}

/** @returns {Promise<string | null>} null where the server does not answer */
async function fetched(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.text() : null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}
