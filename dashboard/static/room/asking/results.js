// What came of a question, in words.

import { number, trimmed } from "../../stage/shared/format.js";
import { NO, YES } from "./truth.js";

/** A choice within a sentence. @param {string} choice */
const said = (choice) => ([YES, NO].includes(choice) ? choice.toLowerCase() : `“${choice}”`);

/** How a number is written that somebody answered, or half of them. */
export const answered = (value) => trimmed(number(value, 4));

/**
 * "181 of 283 said yes; it diverges."
 * @param {object} question as it is revealed: with what was answered as `counts`, and as far as they are known `truth`
 *   and `words`
 */
export function inWords({ kind, counts, truth = null, words = "" }) {
  const right = words || (truth === null ? "" : kind === "choice" ? `${said(truth)} is right` : `${number(truth)} is right`);
  return [answers(kind, counts, truth), right].filter(Boolean).join("; ") + ".";
}

function answers(kind, counts, truth) {
  const all = counts?.answered ?? 0;
  if (!all) return "Nobody has answered";
  if (kind === "number") return `${all === 1 ? "One has" : `${all} have`} answered, with a median of ${answered(counts.median)}`;
  const choice = truth ?? counts.choices.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  const [, count] = counts.choices.find(([one]) => one === choice) ?? [choice, 0];
  return `${count} of ${all} said ${said(choice)}`;
}
