// What a stage has its runs from. A stage knows no more of it than this, and a source of its own is all that a new way
// to feed one takes: a server, a file, a room.

/**
 * It feeds the stage by calling `addScene`, `setRuns`, `begin`, `receive` and, after a loss, `resume`; `moments.receive`
 * with single epochs, `setSweep` and `setOthers` with what is compared with the runs; and `setLine` where there is a line
 * that can be cut.
 * @typedef {object} Source
 * @property {(stage: import("../stage.js").Stage) => void} feed the stage that is to be fed from now on
 * @property {() => void} ask gets what the stage lacks: the epoch that `moments.wanted` names, the runs that
 *   `agreement.wanted` does
 * @property {(wish: object) => number} wish asks for what is chosen on the stage: another run in front, another method.
 *   Once that is fulfilled, arrangements have heard the number that it gives
 * @property {(name: string) => boolean} fulfils whether anything can come of a wish of this name: what asks for others
 *   is not shown
 * @property {() => void} stop ends the training
 * @property {() => void} close the stage is there no more
 */

/** What is chosen of an arrangement that takes no other runs and no server: a stage does it at once. */
export const AT_ONCE = new Set(
  ["epoch_axis", "loss_axis", "data_view", "surface_view", "camera", "arrows", "panel", "hand", "show", "projector"],
);

/**
 * An arrangement once a source that knows no server has heard a wish.
 * @param {object} arrangement @param {object} wish
 * @param {(name: string) => boolean} fulfils whether anything can come of a wish of this name
 */
export function granted(arrangement, wish, fulfils) {
  const chosen = { ...arrangement, heard: arrangement.heard + 1 };
  for (const [name, value] of Object.entries(wish)) {
    if (name === "front") chosen.front = Math.max(chosen.numbers.indexOf(value), 0);
    else if (name in chosen && fulfils(name)) chosen[name] = value;
  }
  return chosen;
}

/** Its members, which the tests ask every source for. */
export const MEMBERS = ["feed", "ask", "wish", "fulfils", "stop", "close"];
