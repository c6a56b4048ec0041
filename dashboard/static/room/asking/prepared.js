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
  const after = run.epochs === 1 ? "one epoch" : `${whole(run.epochs)} epochs`;
  const rate = several || run.learningRate === null ? "" : ` at a learning rate of ${setting(run.learningRate)}`;
  const ask = (text, what) => ({ text: several ? named(run.name, text) : text, about: { what, scenes: [run.scene] } });
  const ofLine = { kind: "number", ...(run.scaled && { unit: SCALED }) };
  const asked = [{ ...ask(`Will it diverge${rate}?`, "diverges"), kind: "choice", choices: [YES, NO] }];
  if (several && canArrive(runs)) {
    const scenes = runs.map(({ scene }) => scene);
    asked.push({ text: "Which of these arrives first?", kind: "choice", choices: runs.map(({ name }) => name), about: { what: "first", scenes } });
  }
  for (const name of ["b", "w"]) asked.push({ ...ask(`Where does ${name} end after ${after}?`, name), ...ofLine });
  if (run.epochs >= LOSS_AFTER) asked.push({ ...ask(`What is the loss after ten epochs${rate}?`, "loss"), kind: "number" });
  return asked;
}

/** Whether it can be asked and told which of them arrives first. @param {import("./truth.js").SeenRun[]} runs */
function canArrive(runs) {
  const names = runs.map(({ name }) => name);
  const differ = new Set(names).size === names.length;
  return differ && names.every((name) => name && name.length <= CHOICE_LENGTH) && runs.every(({ arrivalLoss }) => arrivalLoss !== null);
}

/** About one of several. @param {string} name @param {string} text */
function named(name, text) {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}: ${text[0].toLowerCase()}${text.slice(1)}`;
}

/** Of the course's cells. @param {string} chapter @param {CellQuestion[]} cells @returns {(Prepared & {title: string})[]} */
export function ofCells(chapter, cells) {
  return cells.map(({ cell, title, text, options }) => ({ title, text, kind: "choice", choices: options, about: { what: "cell", chapter, cell } }));
}

/** Whether a truth is one that a person says, and not one that something shows. */
export const isOwn = ({ what }) => what === "own";
