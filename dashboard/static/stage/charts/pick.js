// Clicks into a picture, of a mouse, a pen or a finger, apart from what else begins with a press: dragging and
// scrolling.

/** How far a press may wander and still be a click, in pixels. */
const STILL = 5;

/** The second click of a double-click comes within this time, as the events themselves say: a busy page hears of it late. */
const DOUBLE_MS = 500;

/**
 * @param {HTMLElement} area
 * @param {() => boolean} doubled whether a double-click means something here, so that a single one has to wait for it
 * @param {(x: number, y: number) => void} clicked told where, in the coordinates of the window
 * @param {() => void} doubleClicked
 * @returns {() => void} ends it
 */
export function onClick(area, doubled, clicked, doubleClicked) {
  let pressed = null;
  let lastClick = -Infinity;
  let waiting;
  const press = (event) => {
    clearTimeout(waiting);
    pressed = event.button === 0 && event.isPrimary ? event : null;
  };
  const release = (event) => {
    const start = pressed;
    pressed = null;
    if (start?.pointerId !== event.pointerId) return;
    if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > STILL) return;
    const told = () => clicked(event.clientX, event.clientY);
    if (!doubled()) told();
    else if (event.timeStamp - lastClick > DOUBLE_MS) waiting = setTimeout(told, DOUBLE_MS);
    else doubleClicked();
    lastClick = event.timeStamp;
  };
  const cancel = () => {
    pressed = null;
  };
  // While a button is down plotly covers the whole window, so the release happens elsewhere.
  const listening = new AbortController();
  const { signal } = listening;
  area.addEventListener("pointerdown", press, { capture: true, signal });
  window.addEventListener("pointerup", release, { capture: true, signal });
  window.addEventListener("pointercancel", cancel, { capture: true, signal });
  return () => {
    clearTimeout(waiting);
    listening.abort();
  };
}
