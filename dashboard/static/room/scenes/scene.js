// What a scene is: a state of the lab that was prepared, with what the lecturer wants to say there. What it shows is in
// its link, panels and projector included; a scene adds where the playhead stands.

import { NO, YES } from "../asking/truth.js";
import { BEATS } from "../../stage/player/player.js";

/**
 * @typedef {{text: string, kind: "choice" | "number", choices?: string[], unit?: string}} Question as the room asks it
 *
 * @typedef {object} Scene
 * @property {string} title by which it is found in the list
 * @property {string} link the query of an address, with its `?`
 * @property {"lab" | "graph" | "course" | "mistakes"} page that the link is for
 * @property {number} epoch of the base
 * @property {string} beat a step's name on the way to the next epoch; empty for the epoch as a whole
 * @property {number} speed of the player
 * @property {string} notes for the lecturer alone
 * @property {Question | null} question that belongs to it
 */

export const PAGES = ["lab", "graph", "course", "mistakes"];

/** The pages with a stage: only there is an epoch. */
export const WITH_STAGE = new Set(["lab", "graph"]);

/** Letters at most. */
export const LENGTHS = { title: 80, link: 8000, notes: 500, question: 300, choice: 80, unit: 20 };

const CHOICES = [2, 8];

/**
 * A scene of what may be anything, with nothing else in it.
 * @param {unknown} given @returns {Scene}
 * @throws {Error} with what a scene must be, where it is not
 */
export function checkedScene(given) {
  if (typeof given !== "object" || given === null) throw new Error("it must have a title and a link.");
  const { title, link, page = "lab", epoch = 0, beat = "", speed = 1, notes = "", question = null } = /** @type {any} */ (given);
  need(isText(title, LENGTHS.title) && title.trim(), `its title must be a text of at most ${LENGTHS.title} letters.`);
  need(isText(link, LENGTHS.link) && link.startsWith("?"), "its link must be what stands behind an address of the lab, from the ? on.");
  need(PAGES.includes(page), `its page must be one of ${PAGES.join(", ")}.`);
  need(Number.isSafeInteger(epoch) && epoch >= 0, "its epoch must be a whole number from 0 on.");
  need(beat === "" || BEATS.includes(beat), `its beat must be one of ${BEATS.join(", ")}, or empty.`);
  need(Number.isFinite(speed) && speed > 0, "its speed must be a number above 0.");
  need(isText(notes, LENGTHS.notes), `its notes must be a text of at most ${LENGTHS.notes} letters.`);
  return { title: title.trim(), link, page, epoch, beat, speed, notes, question: checkedQuestion(question) };
}

/** @returns {Question | null} */
function checkedQuestion(given) {
  if (given === null || given === "") return null;
  const { text, kind = "choice", choices, unit } = typeof given === "string" ? asked(given) : given;
  need(isText(text, LENGTHS.question) && text.trim(), `its question must be a text of at most ${LENGTHS.question} letters.`);
  if (kind === "number") {
    need(unit === undefined || isText(unit, LENGTHS.unit), `the unit of its question must be a text of at most ${LENGTHS.unit} letters.`);
    return unit ? { text, kind, unit } : { text, kind };
  }
  const [least, most] = CHOICES;
  const some = Array.isArray(choices) && choices.length >= least && choices.length <= most && new Set(choices).size === choices.length;
  need(kind === "choice" && some && choices.every((one) => isText(one, LENGTHS.choice) && one), `its question must have ${least} to ${most} choices.`);
  return { text, kind, choices: [...choices] };
}

/** A question in a line of text: it is answered by yes or no. @returns {Question} */
export function asked(text) {
  return { text, kind: "choice", choices: [YES, NO] };
}

function isText(value, most) {
  return typeof value === "string" && value.length <= most;
}

function need(holds, sentence) {
  if (!holds) throw new Error(sentence);
}
