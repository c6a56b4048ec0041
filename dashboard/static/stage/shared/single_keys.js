// Whether keys act by themselves, without one that is held down beside them: whoever speaks to a computer, or hits keys
// unawares, can switch them off (WCAG 2.1.4). Stage and course follow the one choice.

import { keep, kept } from "./kept.js";

const NAME = "gradient-descent-lab-single-keys";

/** @type {Set<() => void>} */
const listeners = new Set();
const tell = () => listeners.forEach((changed) => changed());

export function singleKeysAct() {
  return kept(NAME) !== "off";
}

/** @param {boolean} act */
export function letSingleKeysAct(act) {
  keep(NAME, act ? "on" : "off");
  tell();
}

/** @param {() => void} changed told that it was chosen otherwise, here or in another tab @returns {() => void} ends it */
export function watchSingleKeys(changed) {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

window.addEventListener("storage", ({ key }) => {
  if (key === NAME || key === null) tell();
});

/**
 * Whether a key is part of a command, of the browser's or of another's. Signs are not: on many layouts `[` needs AltGr
 * or Option, which browsers report as Alt, or as Alt with Control.
 * @param {KeyboardEvent} event
 */
export function isCommand({ key, ctrlKey, metaKey, altKey }) {
  const sign = key.length === 1 && !/[\p{L}\p{N}\s]/u.test(key);
  return metaKey || (ctrlKey && !altKey) || (altKey && !sign);
}
