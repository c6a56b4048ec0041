// The keys of a video player, anywhere on the page where they mean nothing else. The one table says of each what it
// does: in words, for the list of keys, and as what is done.

import { isCommand, singleKeysAct } from "../shared/single_keys.js";

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys as `event.key` has them: what a key writes, wherever it lies on a layout
 * @property {string} [shown] how they are written in the list, where it is not one after the other
 * @property {string} words what they do
 * @property {(deck: Deck, key: string, shift: boolean) => void} act what is done
 *
 * @typedef {object} Deck what keys act on
 * @property {import("./player.js").Player} player the playhead's
 * @property {number[]} speeds from slow to fast
 * @property {() => void} save asks how to take along what is looked at
 * @property {() => void} project has the chosen panels fill the window, or ends that
 * @property {() => void} showKeys opens the list
 */

/** Epochs in one stride, alone and with Shift. */
const stride = (shift) => (shift ? 10 : 1);

const tenth = ({ player }) => Math.max(1, Math.round(player.epochs / 10));

const accelerate = ({ player, speeds }, by) => {
  const at = speeds.indexOf(player.speed) + by;
  player.setSpeed(speeds[Math.min(Math.max(at, 0), speeds.length - 1)]);
};

/** @type {Shortcut[]} */
export const SHORTCUTS = [
  { keys: [" ", "k"], words: "Play, pause", act: ({ player }) => player.toggle() },
  { keys: ["ArrowRight"], words: "Next epoch; with Shift, ten on", act: ({ player }, _, shift) => player.step(stride(shift)) },
  { keys: ["ArrowLeft"], words: "Previous epoch; with Shift, ten back", act: ({ player }, _, shift) => player.step(-stride(shift)) },
  { keys: ["l"], words: "Ten epochs on", act: ({ player }) => player.step(10) },
  { keys: ["j"], words: "Ten epochs back", act: ({ player }) => player.step(-10) },
  { keys: ["PageUp"], words: "A tenth of all epochs on", act: (deck) => deck.player.step(tenth(deck)) },
  { keys: ["PageDown"], words: "A tenth of all epochs back", act: (deck) => deck.player.step(-tenth(deck)) },
  { keys: ["Home"], words: "The start", act: ({ player }) => player.seek(0) },
  { keys: ["End"], words: "The last epoch that is trained", act: ({ player }) => player.seek(Infinity) },
  {
    keys: [..."0123456789"],
    shown: "0 to 9",
    words: "So many tenths of the way",
    act: ({ player }, key) => player.seek((player.epochs * Number(key)) / 10),
  },
  { keys: ["."], words: "Next beat of the epoch", act: ({ player }) => player.stepBeat(1) },
  { keys: [","], words: "Previous beat", act: ({ player }) => player.stepBeat(-1) },
  { keys: [">"], words: "Faster", act: (deck) => accelerate(deck, 1) },
  { keys: ["<"], words: "Slower", act: (deck) => accelerate(deck, -1) },
  { keys: ["s"], words: "Save a picture: of the chart in use, else of the stage", act: ({ save }) => save() },
  { keys: ["p"], words: "Projector: some panels fill the window. Escape leaves it", act: ({ project }) => project() },
  { keys: ["?"], words: "This list", act: ({ showKeys }) => showKeys() },
];

/** What is done before there is a run. */
const ALWAYS = new Set(["?", "p"]);

/**
 * @param {Deck & {mayAct: () => boolean, done: () => void}} deck `mayAct` says whether the keys are the stage's at all;
 *   `done` is called after every key that was
 * @returns {() => void} takes the keys away again
 */
export function listen(deck) {
  const onKey = (event) => {
    if (event.defaultPrevented || isCommand(event) || !singleKeysAct() || !deck.mayAct()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key; // with caps lock too
    const shortcut = SHORTCUTS.find(({ keys }) => keys.includes(key));
    if (!shortcut || isTakenBy(event.target, key)) return;
    if (!ALWAYS.has(key) && (deck.player.state === "idle" || deck.player.held)) return;
    event.preventDefault();
    shortcut.act(deck, key, event.shiftKey);
    deck.done();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** Whether the focused element has a use of its own for the key. */
function isTakenBy(target, key) {
  if (!(target instanceof Element)) return false;
  // One that was closed in this frame has the focus until the next.
  if (target.closest("dialog[open]")) return true;
  // A button needs space alone: after a click on Train the arrows are the player's.
  if (target.closest("button, a, summary")) return key === " ";
  if (target.closest("[data-testid='stage']")) {
    // The bar's slider is the playhead, so its keys are ours; what scrolls keeps the keys that scroll it, a list all, and
    // so does the slider of a sweep.
    if (target.closest("select, input:not([aria-label='Epoch'])")) return true;
    return Boolean(target.closest(".code, .agreement, .rows, .graph, .popover")) && [" ", "Home", "End", "PageUp", "PageDown"].includes(key);
  }
  return Boolean(
    target.closest(
      "input, textarea, select, [contenteditable], [role='slider'], [role='combobox'], [role='listbox'], " +
        "[role='dialog'], [role='menu'], [role='radio'], [role='tab']",
    ),
  );
}
