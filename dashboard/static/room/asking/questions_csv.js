// What was asked and answered, as CSV: a row for each choice, or for each bin of a histogram of numbers.

const HEADER = ["question", "kind", "choice", "count", "share", "truth", "asked_at"];

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * @param {{question: object, at: string, counts: object | null}[]} asked in the order in which it was asked; `at` is an
 *   ISO time
 */
export function questionsCsv(asked) {
  const rows = asked.flatMap(({ question, at, counts }) =>
    parts(question, counts).map(([choice, count]) => {
      const share = counts?.answered ? Number((count / counts.answered).toFixed(4)) : "";
      return [question.text, question.kind, choice, count, share, question.truth ?? question.words ?? "", at];
    }),
  );
  return [HEADER, ...rows].map((row) => `${row.map(cell).join()}\r\n`).join("");
}

/** The choices or bins with how often each was answered. @returns {[string, number][]} */
function parts({ kind, choices }, counts) {
  if (kind === "choice") return counts?.choices ?? choices.map((choice) => [choice, 0]);
  const { bins = [], below = 0, above = 0 } = counts ?? {};
  if (!bins.length) return [["", 0]];
  return [
    ...(below ? [[`below ${bins[0][0]}`, below]] : []),
    ...bins.map(([low, high, count]) => [`from ${low} to ${high}`, count]),
    ...(above ? [[`${bins.at(-1)[1]} or above`, above]] : []),
  ];
}

/** @param {string | number} value */
function cell(value) {
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
