// Numbers as Python writes them in full: `repr` of a float, with the same digits as in a file of the command line.

/** Powers of ten from which on, and below which, Python writes an exponent. */
const [SMALLEST, LARGEST] = [-4, 16];

/** @param {number} value */
export function repr(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  // Both languages write the fewest digits that mean this very number.
  const [digits, power] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value !== 0 && (exponent < SMALLEST || exponent >= LARGEST)) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
