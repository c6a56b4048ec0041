// Hands that turn a scene: a mouse or a finger that drags it, and the arrow keys while it has the focus.

/** Degrees for every pixel that is dragged, and for every press of a key. */
const PER_PIXEL = 0.5;
const PER_KEY = 5;
const PER_KEY_WITH_SHIFT = 15;

const KEYS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * A finger that begins to move up or down scrolls the page, as the style of the area says; one that begins sideways
 * turns, wherever it goes then.
 * @param {HTMLElement} area
 * @param {{grab: () => void, turn: (around: number, up: number) => void, rest: () => void, reset: () => void}} hands
 *   `turn` is told by how many degrees it is since `grab`, `rest` when the hand lets go
 * @returns {() => void} ends it
 */
export function onTurn(area, { grab, turn, rest, reset }) {
  /** @type {{id: number, x: number, y: number} | null} */
  let held = null;
  const press = (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    held = { id: event.pointerId, x: event.clientX, y: event.clientY };
    grab();
    area.setPointerCapture(event.pointerId);
  };
  const move = (event) => {
    if (held?.id !== event.pointerId) return;
    turn(-PER_PIXEL * (event.clientX - held.x), PER_PIXEL * (event.clientY - held.y));
  };
  const release = (event) => {
    if (held?.id !== event.pointerId) return;
    held = null;
    rest();
  };
  const cancel = (event) => {
    if (held?.id !== event.pointerId) return;
    // It has become a scroll: what it has turned until then was not meant.
    turn(0, 0);
    release(event);
  };
  const key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") reset();
    else if (event.key in KEYS) {
      const [around, up] = KEYS[event.key];
      const degrees = event.shiftKey ? PER_KEY_WITH_SHIFT : PER_KEY;
      grab();
      turn(degrees * around, degrees * up);
      rest();
    } else return;
    // Elsewhere they are the player's.
    event.preventDefault();
  };
  const listening = new AbortController();
  const { signal } = listening;
  area.addEventListener("pointerdown", press, { signal });
  area.addEventListener("pointermove", move, { signal });
  area.addEventListener("pointerup", release, { signal });
  area.addEventListener("pointercancel", cancel, { signal });
  area.addEventListener("dblclick", reset, { signal });
  area.addEventListener("keydown", key, { signal });
  return () => listening.abort();
}
