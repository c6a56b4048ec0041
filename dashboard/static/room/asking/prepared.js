// The questions that fit what is on the lecturer's page.

import { setting, whole } from "../../stage/shared/format.js";
import { LOSS_AFTER, NO, YES } from "./truth.js";

/** The longest choice that a room takes. */
const CHOICE_LENGTH = 80;

const SCALED = "standardised";

/**
 * A question before it is asked.
 * @typedef {object} Prepared
 * @property {string} text a sentence
 * @property {"choice" | "number"} kind how it is answered
 * @property {string[]} [choices] those of a choice
 * @property {string} [unit] what the number is in
 * @property {object} about how its truth is found
 *
 * A question of the course.
 * @typedef {{cell: string, title: string, text: string, options: string[], answer: string}} CellQuestion
 */

/**
 * About the runs on the stage: those about a single one are about the one in front.
 * @param {import("./truth.js").SeenRun[]} runs @param {number} front
 * @returns {Prepared[]}
 */
export function aboutRuns(runs, front) {
  const run = runs[front];
  if (!run) return [];
  const several = runs.length > 1;
  const of = several ? ` of the run “${run.name}”` : "";
  const at = several || run.learningRate === null ? of : ` at a learning rate of ${setting(run.learningRate)}`;
  const after = `after ${run.epochs === 1 ? "one epoch" : `${whole(run.epochs)} epochs`}`;
  const about = (what) => ({ what, scenes: [run.scene] });
  const of_line = { kind: "number", ...(run.scaled && { unit: SCALED }) };
  const asked = [{ text: several ? `Will the run “${run.name}” diverge?` : `Will it diverge${at}?`, kind: "choice", choices: [YES, NO], about: about("diverges") }];
  const names = runs.map(({ name }) => name);
  const tellable = new Set(names).size === names.length && names.every((name) => name && name.length <= CHOICE_LENGTH);
  if (several && tellable && runs.every(({ arrivalLoss }) => arrivalLoss !== null)) {
    const scenes = runs.map(({ scene }) => scene);
    asked.push({ text: "Which of these arrives first?", kind: "choice", choices: names, about: { what: "first", scenes } });
  }
  for (const name of ["b", "w"]) asked.push({ ...of_line, text: `Where does ${name}${of} end, ${after}?`, about: about(name) });
  if (run.epochs >= LOSS_AFTER) {
    asked.push({ kind: "number", text: `What is the loss${several ? of : ""} after ten epochs${several ? "" : at}?`, about: about("loss") });
  }
  return asked;
}

/** Of the course's cells. @param {string} chapter @param {CellQuestion[]} cells @returns {(Prepared & {title: string})[]} */
export function ofCells(chapter, cells) {
  return cells.map(({ cell, title, text, options }) => ({ title, text, kind: "choice", choices: options, about: { what: "cell", chapter, cell } }));
}

/** Whether a truth is one that a person says, and not one that something shows. */
export const isOwn = ({ what }) => what === "own";
