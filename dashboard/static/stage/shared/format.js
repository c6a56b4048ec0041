// Numbers as people read them.

const MINUS = "\u2212";

/** Six significant digits, or as many as asked for; very large and very small ones with a power of ten. */
export function number(value, digits = 6) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e6 ? value.toExponential(digits - 3) : value.toPrecision(digits);
  return text.replace(/-/g, MINUS).replace("e+", "e");
}

/** A whole number with thin spaces between the thousands. */
export function whole(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A length of time, roughly. */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
