// A page within another one, as in a slide or a book: there the keys are the other's until somebody turns to ours.

/** Whether it is: in a frame, or because its address says so, as Streamlit reads it. */
export function isEmbedded() {
  return window !== window.top || new URLSearchParams(location.search).get("embed") === "true";
}

/**
 * Lets a part of the page have the focus, by the tab key or a press anywhere in it. Nothing scrolls for that, in the page
 * around neither.
 * @param {HTMLElement} part @param {string} label what it is
 * @returns {() => boolean} whether keys are the part's now
 */
export function ownKeys(part, label) {
  if (!isEmbedded()) return () => true;
  part.tabIndex = 0;
  part.setAttribute("role", "group");
  part.setAttribute("aria-label", label);
  const hasFocus = () => part.contains(document.activeElement);
  // Plotly takes what would give it the focus by itself.
  part.addEventListener("pointerdown", () => hasFocus() || part.focus({ preventScroll: true, focusVisible: false }));
  return hasFocus;
}
