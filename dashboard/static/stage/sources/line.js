// Whether the line to Streamlit's server is cut, as Streamlit itself says it on the page.

const STATE = "data-test-connection-state";

function app() {
  return document.querySelector(`[data-testid="stApp"][${STATE}]`);
}

/** Whether no server hears a question now. */
export function isCut() {
  const state = app()?.getAttribute(STATE);
  return Boolean(state) && state !== "CONNECTED";
}

/** Whether the server is asked for the page, or answers. */
export function isBusy() {
  return document.querySelector("[data-testid='stApp']")?.dataset.testScriptState !== "notRunning";
}

/**
 * @param {(cut: boolean) => void} changed
 * @returns {() => void} ends the watch
 */
export function watchLine(changed) {
  let cut = isCut();
  const observer = new MutationObserver(() => {
    if (isCut()) closeDialog();
    if (isCut() === cut) return;
    cut = !cut;
    changed(cut);
  });
  const watched = app();
  if (watched) observer.observe(watched, { attributeFilter: [STATE] });
  observer.observe(document.body, { childList: true });
  return () => observer.disconnect();
}

/**
 * A few seconds after a cut Streamlit opens a dialog over the whole page. The stage says the same in a line of its own
 * and plays on, so we do what a visitor would do; Streamlit then opens it no more while the line is cut.
 */
function closeDialog() {
  const dialog = document.querySelector("body > [data-testid='stDialog']");
  if (dialog?.querySelector("h2")?.textContent === "Connection error") dialog.querySelector("[aria-label='Close']")?.click();
}

/** Has the whole page run, by the key that Streamlit has for it: a component can ask for nothing but its fragment. */
export function askForPage() {
  const key = { key: "r", code: "KeyR", keyCode: 82, which: 82, bubbles: true };
  for (const type of ["keydown", "keyup"]) document.body.dispatchEvent(new KeyboardEvent(type, key));
}
