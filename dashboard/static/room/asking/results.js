// What came of a question, in words.

import { number, trimmed } from "../../stage/shared/format.js";

/** A choice within a sentence. @param {string} choice */
const said = (choice) => (/^(yes|no)$/i.test(choice) ? choice.toLowerCase() : `“${choice}”`);

/** How a number is written that somebody answered, or half of them. */
export const answered = (value) => trimmed(number(value, 4));

/**
 * "181 of 283 said yes; it diverges."
 * @param {object} question as it is revealed: with what was answered as `counts`, and as far as they are known `truth`
 *   and `words`
 */
export function inWords({ kind, counts, truth = null, words = "" }) {
  const all = counts?.answered ?? 0;
  const known = truth !== null;
  if (kind === "choice" && all && known && !words) return `${choices(counts, truth)}, which is right.`;
  const right = words || (known ? `${kind === "choice" ? said(truth) : number(truth)} is right` : "");
  const heard = !all ? "Nobody has answered" : kind === "number" ? numbers(counts) : choices(counts, truth);
  return `${[heard, right].filter(Boolean).join("; ")}.`;
}

function numbers({ answered: all, median }) {
  return `${all === 1 ? "One has" : `${all} have`} answered, with a median of ${answered(median)}`;
}

/** How many have said what is true; where that is not known, what most have. */
function choices({ answered: all, choices: found }, truth) {
  const most = found.reduce((one, other) => (other[1] > one[1] ? other : one));
  const [name, count] = found.find(([one]) => one === truth) ?? most;
  return `${count} of ${all} said ${said(name)}`;
}
