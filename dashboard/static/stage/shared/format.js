// Numbers as people read them: here alone is decided how the stage writes one.

const MINUS = "\u2212";
const THIN = "\u202f"; // a narrow space at which no line breaks

/**
 * Some significant digits, of which those before the point are all there; a whole number without a point; a very large
 * or very small one with a power of ten and fewer digits.
 * @param {number} value
 */
export function number(value, digits = 6) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? `${MINUS}inf` : "inf";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return whole(value);
  // Of the number as it is rounded, which may be the next power of ten.
  const power = Number(value.toExponential(digits - 1).split("e")[1]);
  if (power < -4 || power >= 6) return typeset(value.toExponential(Math.max(digits - 3, 1)));
  return typeset(value.toFixed(Math.max(digits - 1 - power, 0)));
}

/** The number as a term behind an operator: in brackets if it has a sign. */
export function operand(value, digits) {
  const text = number(value, digits);
  return text.startsWith(MINUS) ? `(${text})` : text;
}

/** The number as a term that is squared: in brackets if it has a sign or a power of ten. */
export function square(value, digits) {
  const text = number(value, digits);
  return text.startsWith(MINUS) || text.includes("e") ? `(${text})²` : `${text}²`;
}

/** A number that somebody has set: without the zeros at its end. */
export function setting(value) {
  return trimmed(number(value));
}

/** A written number without the zeros at its end. @param {string} text */
export function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+(?=e|$)/, "") : text;
}

/**
 * How many decimals the numbers of a column have of which the largest is to have so many significant digits; null where
 * each needs a power of ten of its own.
 */
export function decimalsFor(largest, digits) {
  const power = largest > 0 ? Math.floor(Math.log10(largest)) : 0;
  if (power < -3 || power >= 5) return null;
  return Math.min(Math.max(digits - 1 - power, 0), power < -1 ? digits : digits - 1);
}

/**
 * A number in a column: with so many decimals, as `decimalsFor` says. One that would have too few digits left gets a
 * power of ten: no number is 0 that is none.
 */
export function fixed(value, decimals, leastDigits = 1) {
  if (decimals === null || !Number.isFinite(value)) return number(value, 5);
  if (value !== 0 && Math.abs(value) < 0.5 * 10 ** (leastDigits - 1 - decimals)) return typeset(value.toExponential(1));
  return typeset(value.toFixed(decimals));
}

/** A positive number in four digits, rounded down: what holds up to the number itself holds at the one that is read. */
export function below(value) {
  const exact = value * (1 + 1e-12); // what is a round number but for rounding stays one
  const power = Math.floor(Math.log10(exact)) - 3;
  const digits = Math.floor(exact / 10 ** power);
  return power < -12 ? typeset(`${digits / 1000}e${power + 3}`) : typeset(Number(`${digits}e${power}`).toFixed(Math.max(-power, 0)));
}

/** A whole number, however large, in full. */
export function whole(value) {
  return typeset(String(Math.round(value)));
}

/** A length of time, roughly. */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const POWER_OF_TEN = /(?:(\d)\s?[×·]\s?|(?<![\d.]))10(⁻?[⁰¹²³⁴-⁹]+)/g;

/** The same text with its numbers as programs read them: charts write powers of ten above the line. */
export function plain(text) {
  return text
    .replaceAll(POWER_OF_TEN, (_, factor, power) => {
      const digits = Array.from(power, (sign) => (sign === "⁻" ? "-" : SUPERSCRIPTS.indexOf(sign)));
      return `${factor ?? "1"}e${digits.join("")}`;
    })
    .replaceAll(MINUS, "-")
    .replaceAll(/(?<=\d)[\u00a0\u2009](?=\d)/g, "")
    .replaceAll(THIN, "");
}

/** A number as JavaScript writes it, with a real minus and thin spaces between the thousands before its point. */
function typeset(text) {
  const grouped = text.replace(/^-?\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, THIN));
  return grouped.replaceAll("-", MINUS).replace("e+", "e");
}
