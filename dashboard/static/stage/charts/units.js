// Runs on data that were scaled see other units than those of the data: columns of b, w and the losses in others.

/**
 * Mean and standard deviation of x and of y, as the data were scaled; 0 and 1 where they were not.
 * @typedef {{x: [number, number], y: [number, number]}} Units
 */

/** @type {Units} Those of the data themselves. */
export const OF_THE_DATA = { x: [0, 1], y: [0, 1] };

export function sameUnits(one, other) {
  return ["x", "y"].every((name) => one[name].every((value, i) => value === other[name][i]));
}

/** The line b + w·x of units `from`, in units `to`. @param {Units} from @param {Units} to @returns {[number, number]} */
export function converted(from, to, b, w) {
  const slope = w * (from.y[1] / from.x[1]);
  const intercept = from.y[0] + from.y[1] * b - slope * from.x[0];
  return [(intercept + slope * to.x[0] - to.y[0]) / to.y[1], (slope * to.x[1]) / to.y[1]];
}

/**
 * Gives a run's columns those that charts of several runs need: `original_…` in the units of the data, `front_…` in
 * those of the run in front.
 * @param {import("./columns.js").Columns} columns @param {Units} own @param {Units} front
 */
export function defineUnits(columns, own, front) {
  for (const [prefix, to] of Object.entries({ original: OF_THE_DATA, front })) {
    const alike = sameUnits(own, to);
    const at = (row) => converted(own, to, columns.at("b", row), columns.at("w", row));
    columns.define(`${prefix}_b`, alike ? "b" : (row) => at(row)[0]);
    columns.define(`${prefix}_w`, alike ? "w" : (row) => at(row)[1]);
  }
  for (const loss of ["loss", "val_loss"]) {
    const stretch = own.y[1] ** 2;
    columns.define(`original_${loss}`, stretch === 1 ? loss : (row) => stretch * columns.at(loss, row));
  }
}
