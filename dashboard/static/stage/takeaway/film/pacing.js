// When which epoch is seen in a film: early epochs, where most happens, get most of the time, as in the player.

/**
 * @param {number} part of the film's way, from 0 to 1
 * @param {number} last the last epoch
 */
export function epochAt(part, last) {
  return Math.min(Math.floor(Math.expm1(part * Math.log1p(last)) + 1e-9), last);
}

/** All epochs that a film of so many frames shows, rising. @returns {number[]} */
export function epochsOf(frames, last) {
  return [...new Set(Array.from({ length: frames + 1 }, (_, i) => epochAt(i / frames, last)))];
}
