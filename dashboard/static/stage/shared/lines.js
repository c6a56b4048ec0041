// Lines with numbers in them, written out. `dashboard/stage/lines.py` makes them.

import { number, operand, setting, square } from "./format.js";

/**
 * A tensor's shape, empty for a scalar, and the first few of its numbers.
 * @typedef {{shape: string, first: number[], more: boolean}} Tensor
 *
 * Text as it is, or one thing under a key that says how it stands in the line.
 * @typedef {string | {number: number} | {operand: number} | {square: number} | {setting: number} | {tensor: Tensor}} Part
 *
 * A line in the colour of a role.
 * @typedef {{role: string, parts: Part[]}} Line
 */

/** Of a tensor there is less room for each number. */
const DIGITS = { alone: 5, among: 4 };

const WRITERS = {
  number: (value) => number(value, DIGITS.alone),
  operand: (value) => operand(value, DIGITS.alone),
  square: (value) => square(value, DIGITS.alone),
  setting,
  tensor,
};

/** @param {Part[]} parts */
export function write(parts) {
  return parts.map((part) => (typeof part === "string" ? part : writeThing(part))).join("");
}

function writeThing(part) {
  const [[stands, thing]] = Object.entries(part);
  return WRITERS[stands](thing);
}

/** The tensor's shape with its first few numbers. @param {Tensor | null} shown null is Python's None */
export function tensor(shown) {
  if (!shown) return "None";
  const { shape, first, more } = shown;
  if (!shape) return number(first[0], DIGITS.alone);
  return `${shape}  [${first.map((value) => number(value, DIGITS.among)).join(", ")}${more ? ", …" : ""}]`;
}

/** As much of the tensor as there is room for in a box. @param {Tensor | null} shown */
export function short(shown) {
  if (!shown) return "None";
  const { first } = shown;
  return first.length === 1 ? number(first[0], DIGITS.alone) : `${number(first[0], DIGITS.among)}, …`;
}

/** What JSON has no word for stands in it by its name. */
const NAMED = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);

/** What the server wrote as JSON. */
export function parse(text) {
  return JSON.parse(text, (_, value) => NAMED.get(value) ?? value);
}
