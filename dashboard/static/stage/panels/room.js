// How some charts share an area so that each has a good shape, whatever the shape of the area.

/** Width over height at which a chart is read best. */
const IDEAL = 1.25;

/** The least that its heading and its axes need, in px. */
const LEAST = { width: 250, height: 100 };

/** How far from that a chart of this size is, on the scale of a logarithm; what is too small is worse than what is long. */
const awry = (width, height) =>
  Math.abs(Math.log(width / height / IDEAL)) + 4 * lacking(width / LEAST.width) + 4 * lacking(height / LEAST.height);

const lacking = (part) => Math.max(0, -Math.log(part));

/**
 * @param {number} count of the charts, at least one @param {number} width of their area @param {number} height
 * @returns {{columns: number, first: "" | "tall" | "wide"}} in how many columns they stand, and whether the first of
 *   them has the room of two, one over or beside the other: so no place is left empty
 */
export function shareOut(count, width, height) {
  const ways = [];
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    if (columns * rows === count) ways.push({ columns, first: "", shapes: [[columns, rows]] });
    else if (columns * rows === count + 1) {
      ways.push({ columns, first: "tall", shapes: [[columns, rows], [columns, rows / 2]] });
      ways.push({ columns, first: "wide", shapes: [[columns, rows], [columns / 2, rows]] });
    }
  }
  const worst = ({ shapes }) => Math.max(...shapes.map(([across, down]) => awry(width / across, height / down)));
  const { columns, first } = ways.reduce((best, way) => (worst(way) < worst(best) ? way : best));
  return { columns, first };
}
