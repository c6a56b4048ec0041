// The arrow keys within a group of buttons of which one is chosen: they lead to the next, and choose it.

/** By key, the direction in which it leads. */
const DIRECTIONS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** @param {HTMLElement} group @param {() => HTMLButtonElement[]} buttonsOf its buttons in their order */
export function chooseByArrows(group, buttonsOf) {
  group.addEventListener("keydown", (event) => {
    const direction = DIRECTIONS[event.key];
    if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // here the arrows are not the player's
    if (event.repeat) return; // a choice may train a run
    const buttons = buttonsOf();
    const next = buttons[(buttons.indexOf(event.target) + direction + buttons.length) % buttons.length];
    next.focus();
    next.click();
  });
}
