// What turns out to be true of a question about runs, read off their records.

import { number, whole } from "../../stage/shared/format.js";

/**
 * A run as far as it is here.
 * @typedef {object} SeenRun
 * @property {string} scene names experiment and data
 * @property {string} name what the page calls it
 * @property {number} epochs how many it is to have
 * @property {number} epochLength how long one is, in what the playhead counts
 * @property {number | null} learningRate null where it changes
 * @property {number | null} arrivalLoss the loss from which on down it has arrived; null where that is not known
 * @property {import("../../stage/charts/columns.js").Columns} columns its records, row k being that after k epochs
 * @property {{reason: string, epoch: number} | null} stop how it has ended, once all its records are here
 *
 * @typedef {{what: "diverges" | "first" | "b" | "w" | "loss", scenes: string[]}} AboutRuns
 *
 * What is true: null where there is no such choice or number. `words` go on a sentence, or say why it is not known.
 * @typedef {{known: boolean, truth: string | number | null, words: string}} Truth
 */

export const YES = "Yes";
export const NO = "No";

/** The epochs after which the loss is asked for. */
export const LOSS_AFTER = 10;

const GONE = "What was asked about is not on the stage now: show it again, and press Reveal.";
const NOT_YET = "Not known yet: the run is not over. Press Reveal again once it is.";
const STOPPED = "Nobody knows: the run was stopped before its end.";
const NEVER = "it never gets there: the run diverges";

const known = (truth, words) => ({ known: true, truth, words });
const unknown = (words) => ({ known: false, truth: null, words });

/** @type {Record<string, (runs: SeenRun[]) => Truth>} */
const TRUTHS = {
  diverges: ([run]) => ended([run]) ?? (run.stop.reason === "diverged" ? known(YES, "it diverges") : known(NO, "it does not diverge")),
  b: ([run]) => end(run, "b"),
  w: ([run]) => end(run, "w"),
  loss: ([run]) => lossAfter(run, LOSS_AFTER),
  first: (runs) => ended(runs) ?? first(runs),
};

/**
 * @param {AboutRuns} about
 * @param {SeenRun[]} runs those on the stage now
 * @returns {Truth}
 */
export function truthOf({ what, scenes }, runs) {
  const asked = scenes.map((scene) => runs.find((run) => run.scene === scene));
  return asked.includes(undefined) ? unknown(GONE) : TRUTHS[what](asked);
}

/** Why it is not known how all of them end; null where it is. @param {SeenRun[]} runs */
function ended(runs) {
  if (runs.some(({ stop }) => !stop)) return unknown(NOT_YET);
  return runs.some(({ stop }) => ["cancelled", "failed"].includes(stop.reason)) ? unknown(STOPPED) : null;
}

/** @param {SeenRun} run @param {string} name the column's */
function end(run, name) {
  const open = ended([run]);
  if (open) return open;
  if (run.stop.reason === "diverged") return known(null, NEVER);
  const value = run.columns.at(name, run.columns.count - 1);
  return known(value, `${name} ends at ${number(value)}`);
}

/** @param {SeenRun} run */
function lossAfter(run, epochs) {
  const { columns, stop } = run;
  const diverged = stop?.reason === "diverged" && columns.count <= epochs + 1;
  if (diverged) return known(null, NEVER);
  // One that has converged before moves no further.
  const row = stop?.reason === "converged" ? Math.min(epochs, columns.count - 1) : epochs;
  if (row >= columns.count) return ended([run]) ?? unknown(STOPPED);
  const value = columns.at("loss", row);
  return known(value, `the loss is ${number(value)} then`);
}

/** Whichever has arrived after the fewest epochs, or updates, or after the shortest time: as they are compared. */
function first(runs) {
  const rows = runs.map(arrival);
  const at = runs.map(({ epochLength }, i) => (rows[i] === null ? Infinity : rows[i] * epochLength));
  const earliest = Math.min(...at);
  if (earliest === Infinity) return known(null, "none of them arrives");
  const ahead = runs.filter((_, i) => at[i] === earliest);
  const names = ahead.map(({ name }) => name).join(" and ");
  if (ahead.length > 1) return known(null, `${names} arrive together`);
  return known(names, `${names} arrives first, at epoch ${whole(rows[at.indexOf(earliest)])}`);
}

/** The first row at which the run has arrived; null for none. @param {SeenRun} run */
function arrival({ columns, arrivalLoss }) {
  for (let row = 0; row < columns.count; row += 1) if (columns.at("loss", row) <= arrivalLoss) return row;
  return null;
}
